"""A switch for the crash tests: die, as by a power cut, after the n-th write."""

from __future__ import annotations

import os
import signal

SWITCH = "C360_CRASH_AFTER_WRITES"

_writes = 0


def writes() -> int:
    """How many there were so far."""
    return _writes


def wrote() -> None:
    """Called after every write of a file or commit; ends the process if the switch names this one."""
    global _writes
    _writes += 1
    if os.environ.get(SWITCH) == str(_writes):
        os.kill(os.getpid(), signal.SIGKILL)
