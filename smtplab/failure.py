"""Failures that a user is told of in one sentence, and how a notebook shows them: without the insides of smtplab.

Elsewhere they are exceptions as all others, with the whole traceback.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = str(Path(__file__).parent)


class Failure(Exception):
    """What was asked for cannot be done; ``str(error)`` says why, in words that need no traceback."""

    def _render_traceback_(self) -> list[str]:
        """Show in IPython the lines of the notebook that led here, and the sentence."""
        import traceback

        lines: list[str] = []
        for frame in traceback.extract_tb(self.__traceback__):
            if frame.filename.startswith(_PACKAGE):
                break
            within = "" if frame.name == "<module>" else f" of {frame.name}"
            # IPython's own calls stand before those of the cell.
            lines = (
                []
                if "IPython" in Path(frame.filename).parts
                else [*lines, f"line {frame.lineno}{within}: {frame.line}"]
            )
        return [*lines, f"{type(self).__name__}: {self}"]
