"""What a process of tests holds of memory, and how it lets go of what the tests no longer need.

A process runs thousands of tests. Some send messages of many megabytes, which stay in circles of exceptions, frames and
tasks until the garbage collector looks; a few of them do not make it look, because it counts objects, not octets.
"""

import contextlib
import ctypes
import gc
import os
import sys
from pathlib import Path

MUCH = 16 << 20  # octets: so much more than after the last look, and the garbage collector looks again
_LARGE = 1 << 20  # octets: from here on a block of memory goes back to the system when it is free
_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
_STATM = Path("/proc/self/statm")


def resident() -> int:
    """Return how many octets of memory this process holds; 0 where the system does not say it."""
    try:
        return int(_STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def return_large_blocks() -> None:
    """Give large blocks of memory back to the system; the C library would begin to keep them after the first ones."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)


def forget_widgets() -> None:
    """Close all widgets; until then ipywidgets keeps every one, and with it the session that it shows."""
    if (widget := sys.modules.get("ipywidgets.widgets.widget")) is not None:
        for each in list(widget._instances.values()):
            with contextlib.suppress(KeyError):  # a test has replaced what keeps the channels
                each.close()
        widget._instances.clear()


class Watch:
    """Look for garbage as soon as the process has grown by `MUCH` since the last look."""

    def __init__(self) -> None:
        self._level = resident()

    def look(self) -> None:
        """Look for garbage if the process has grown so much."""
        if resident() > self._level + MUCH:
            gc.collect()
            self._level = resident()
        self._level = min(self._level, resident())
