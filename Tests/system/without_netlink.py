# SPDX-License-Identifier: MIT
"""Becomes the command behind it, without netlink sockets, as RestrictAddressFamilies= of the service's unit has it."""

import ctypes
import os
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
AF_NETLINK, EAFNOSUPPORT = 16, 97
SOCKET_CALL = {"x86_64": 41, "aarch64": 198}[platform.machine()]

# linux/filter.h and linux/seccomp.h: code, jumps if true and if false, constant.
LOAD, EQUALS, ANSWER = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | EAFNOSUPPORT
RULES = [
    (LOAD, 0, 0, 0),  # the call's number
    (EQUALS, 0, 3, SOCKET_CALL),
    (LOAD, 0, 0, 16),  # its first argument
    (EQUALS, 0, 1, AF_NETLINK),
    (ANSWER, 0, 0, REFUSE),
    (ANSWER, 0, 0, ALLOW),
]


def main():
    filters = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *rule) for rule in RULES))
    program = struct.pack("@HP", len(RULES), ctypes.addressof(filters))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0)):
        if libc.prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
