# SPDX-License-Identifier: MIT
"""Holds one thread of a process still, as a loop that hangs, by ptrace(2)."""

import contextlib
import ctypes
import os
import pathlib

_SEIZE, _INTERRUPT, _DETACH = 0x4206, 0x4207, 17
# waitpid's __WALL: also for a thread that is no child.
_ANY_THREAD = 0x40000000
_c = ctypes.CDLL(None, use_errno=True)
_c.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_c.ptrace.restype = ctypes.c_long


def thread_named(pid: int, name: str) -> int:
    """The number of a process's only thread of this name."""
    (thread,) = [folder for folder in pathlib.Path(f"/proc/{pid}/task").iterdir()
                 if (folder / "comm").read_text().strip() == name]
    return int(thread.name)


def _trace(request: int, thread: int):
    if _c.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x} of thread {thread}")


@contextlib.contextmanager
def held_still(thread: int):
    """The thread does nothing inside this block, which must be entered and left on the same thread."""
    _trace(_SEIZE, thread)
    _trace(_INTERRUPT, thread)
    os.waitpid(thread, _ANY_THREAD)
    try:
        yield
    finally:
        _trace(_DETACH, thread)
