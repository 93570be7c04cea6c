# SPDX-License-Identifier: MIT
"""Becomes the command given, with descriptors from 3 on and LISTEN_PID, as a service manager starts a service.

Usage: pass_on.py DESCRIPTOR[,DESCRIPTOR…] COMMAND…
"""

import fcntl
import os
import sys

_FIRST = 3
numbers = [int(number) for number in sys.argv[1].split(",") if number]
# Out of the way first: a descriptor may stand where another one has to go.
aside = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, _FIRST + len(numbers)) for number in numbers]
for number in numbers:
    os.close(number)
for place, number in enumerate(aside):
    os.dup2(number, _FIRST + place, inheritable=True)
environment = {"LISTEN_PID": str(os.getpid())} | dict(os.environ)
os.execvpe(sys.argv[2], sys.argv[2:], environment)
