"""The SMTP kernel: a cell is a piece of a live session, and its output is the transcript.

It is IPython's kernel with another language in front. A cell is passed to ``%%smtp``, so widgets, interrupts and
displays work as usual. A cell that begins with ``%%py``, or with another cell magic, belongs to IPython.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ipykernel.ipkernel import IPythonKernel

from . import language, magics, widgets
from .engine import Engine
from .language_info import SMTP_LANGUAGE
from .smtp_cells import as_python, python_head

_TYPES = "_jupyter_types_experimental"  # where JupyterLab looks for what to say beside a completion


_HELP_LINKS = [
    {"text": "RFC 5321: Simple Mail Transfer Protocol", "url": "https://www.rfc-editor.org/rfc/rfc5321"},
]


class SMTPKernel(IPythonKernel):
    """A kernel for SMTP, with the sessions of one notebook; a restart begins without sessions."""

    implementation = "smtplab"
    language_info = SMTP_LANGUAGE
    help_links = _HELP_LINKS

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.engine = Engine()
        with suppress(PackageNotFoundError):
            self.implementation_version = version("smtplab")
        self._cell: str | None = None  # while it is executed
        assert self.shell is not None  # the base has made it
        magics.register(self.shell, self.engine)
        widgets.register(self.shell)
        # First of all: IPython's own would take prompts and indents off the lines.
        self.shell.input_transformers_cleanup.insert(0, self._as_magic)

    @property
    def banner(self) -> str:  # type: ignore[override]  # as in the base, which has a property where its own base has none
        """The text of a console before its first prompt."""
        return f"SMTP, as in RFC 5321. No session is open yet: {self.engine.invitation()}. %help says more."

    async def do_execute(self, code: str, silent: bool, *arguments: Any, **options: Any) -> Any:
        """Execute a cell; that of the user, and not what it executes in turn, is SMTP."""
        self._cell = code
        try:
            return await super().do_execute(code, silent, *arguments, **options)
        finally:
            self._cell = None

    async def do_complete(self, code: str, cursor_pos: int | None) -> Any:
        """Complete SMTP, or Python in a Python cell."""
        cursor = len(code) if cursor_pos is None else cursor_pos
        if (head := self._python_head(code)) is not None:
            found = dict(super().do_complete(code[head:], max(cursor - head, 0)))
            return found | {end: found[end] + head for end in ("cursor_start", "cursor_end")}
        completion = language.complete(code, cursor, self.engine)
        offered = zip(completion.matches, completion.kinds, strict=True)
        return {
            "status": "ok",
            "matches": list(completion.matches),
            "cursor_start": completion.start,
            "cursor_end": completion.end,
            "metadata": {_TYPES: [{"text": text, "type": kind} for text, kind in offered]}
            if any(completion.kinds)
            else {},
        }

    async def do_inspect(self, code: str, cursor_pos: int, detail_level: int = 0, omit_sections: Any = ()) -> Any:
        """Show the page of a verb, a code or a directive, or Python's help in a Python cell."""
        if (head := self._python_head(code)) is not None:
            return super().do_inspect(code[head:], max(cursor_pos - head, 0), detail_level, omit_sections)
        page = language.inspect(code, cursor_pos, self.engine)
        data = {} if page is None else {"text/plain": str(page), "text/html": page._repr_html_()}
        return {"status": "ok", "found": page is not None, "data": data, "metadata": {}}

    async def do_is_complete(self, code: str) -> Any:
        """Say whether a console should wait for more lines."""
        if (head := self._python_head(code)) is not None:
            return super().do_is_complete(code[head:])
        return {"status": language.is_complete(code, self.engine), "indent": ""}

    def _as_magic(self, lines: list[str]) -> list[str]:
        """Translate the cell that is executed; all other code is left alone."""
        cell = self._cell
        if cell is None or "".join(lines).removesuffix("\n") != cell.removesuffix("\n"):
            return lines
        return as_python(self.shell, cell).splitlines(keepends=True)

    def _python_head(self, code: str) -> int | None:
        return python_head(self.shell, code)
