"""What the SMTP kernel answers to a front end: `kernel` has ipykernel's, `lite` that of a browser.

A cell is SMTP. It is passed to ``%%smtp``, so widgets and displays work as usual. A cell that begins with ``%%py``, or
with another cell magic, is Python; the methods hand it to the shell's own kernel, without the line ``%%py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from . import language, magics, widgets
from .engine import Engine
from .smtp_cells import as_python, python_head

KernelReply = dict[str, Any]
_TYPES = "_jupyter_types_experimental"  # where JupyterLab looks for what to say beside a completion


class KernelFront:
    """The SMTP kernel without its wire: cells, completion, inspection, and the end of a cell in a console.

    Args:
        shell: the IPython shell. It gets the magics and the widgets.
        engine: the sessions; new ones by default.
    """

    def __init__(self, shell: Any, engine: Engine | None = None) -> None:
        self.engine = engine or Engine()
        self._shell = shell
        self._cell: str | None = None  # while it is executed
        magics.register(shell, self.engine)
        widgets.register(shell)
        # First of all: IPython's own would take prompts and indents off the lines.
        shell.input_transformers_cleanup.insert(0, self._as_magic)

    @property
    def banner(self) -> str:
        """The text of a console before its first prompt."""
        return f"SMTP, as in RFC 5321. No session is open yet: {self.engine.invitation()}. %help says more."

    @contextmanager
    def running(self, cell: str) -> Iterator[None]:
        """Let the shell take `cell` as SMTP. What the cell executes in turn is left alone."""
        self._cell = cell
        try:
            yield
        finally:
            self._cell = None

    def python_head(self, cell: str) -> int | None:
        """Return how many characters stand before the Python in a Python cell; None for a cell of SMTP."""
        return python_head(self._shell, cell)

    def complete(self, code: str, cursor: int | None, python: Callable[[str, int], KernelReply]) -> KernelReply:
        """Complete SMTP, or Python in a Python cell.

        Args:
            code: the cell.
            cursor: the place in it; None for its end.
            python: completes Python.
        """
        cursor = len(code) if cursor is None else cursor
        if (head := self.python_head(code)) is not None:
            found = dict(python(code[head:], max(cursor - head, 0)))
            return found | {end: found[end] + head for end in ("cursor_start", "cursor_end")}
        completion = language.complete(code, cursor, self.engine)
        offered = zip(completion.matches, completion.kinds, strict=True)
        types = [{"text": text, "type": kind} for text, kind in offered]
        return {
            "status": "ok",
            "matches": list(completion.matches),
            "cursor_start": completion.start,
            "cursor_end": completion.end,
            "metadata": {_TYPES: types} if any(completion.kinds) else {},
        }

    def inspect(self, code: str, cursor: int, python: Callable[[str, int], KernelReply]) -> KernelReply:
        """Show the page of a verb, a code or a directive, or Python's help in a Python cell.

        Args:
            code: the cell.
            cursor: the place in it.
            python: inspects Python.
        """
        if (head := self.python_head(code)) is not None:
            return python(code[head:], max(cursor - head, 0))
        page = language.inspect(code, cursor, self.engine)
        data = {} if page is None else {"text/plain": str(page), "text/html": page._repr_html_()}
        return {"status": "ok", "found": page is not None, "data": data, "metadata": {}}

    def is_complete(self, code: str, python: Callable[[str], KernelReply]) -> KernelReply:
        """Say if a console should wait for more lines.

        Args:
            code: the lines so far.
            python: says it of Python.
        """
        if (head := self.python_head(code)) is not None:
            return python(code[head:])
        return {"status": language.is_complete(code, self.engine), "indent": ""}

    def _as_magic(self, lines: list[str]) -> list[str]:
        """Translate the cell that is executed; all other code is left alone."""
        cell = self._cell
        if cell is None or "".join(lines).removesuffix("\n") != cell.removesuffix("\n"):
            return lines
        return as_python(self._shell, cell).splitlines(keepends=True)
