"""Stand-ins for `os` in tests of files that must survive: one notes calls and lets some fail, one dies at a call."""

from __future__ import annotations

import os
import textwrap
from typing import Any

STEPS = ("open", "read", "write", "fsync", "close", "link", "rename", "unlink", "mkdir")


class WatchedOs:
    """Stands in for `os`: notes the calls that touch files, and lets some fail.

    Attributes:
        calls: the names of the calls so far.
        fails: for the name of a call its number among the calls of that name, None for all of them, and the errno.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.fails: dict[str, tuple[int | None, int]] = {}

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in STEPS:
            return real

        def watched(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(name)
            which, code = self.fails.get(name, (0, 0))
            if which is None or which == self.calls.count(name):
                raise OSError(code, os.strerror(code))
            return real(*args, **kwargs)

        return watched


# For a script of another process: stands in for `os`, and kills the process without a word before a call that changes
# files, the one of this number. Several threads may use it.
MORTAL_OS = textwrap.dedent(
    """
    import os, signal, threading

    class MortalOs:
        def __init__(self, left):
            self.left, self.lock = left, threading.Lock()

        def __getattr__(self, name):
            if name in ("open", "write", "fsync", "close", "link", "rename", "unlink"):
                with self.lock:
                    self.left -= 1
                    if not self.left:
                        os.kill(os.getpid(), signal.SIGKILL)
            return getattr(os, name)
    """
)
