"""How a program that was tried has ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProgramEnd:
    """The end of a program, or of a function that stands for one.

    Args:
        code: its exit code; below 0 for a signal, as ``subprocess`` has it. None if it had to be stopped.
        connected: True if it connected to the server.
        crash: the error that ended it, as it wrote it; empty if it did not crash.
        waits: why it had to be stopped, in a sentence; empty if it ended by itself.
        said: the last line that it wrote when it ended without a connection; empty if it wrote nothing, or crashed.
    """

    code: int | None
    connected: bool = True
    crash: str = ""
    waits: str = ""
    said: str = ""

    @property
    def stopped(self) -> bool:
        """True if it did not end by itself."""
        return self.code is None

    @property
    def succeeded(self) -> bool:
        """True if it says that all went well."""
        return self.code == 0
