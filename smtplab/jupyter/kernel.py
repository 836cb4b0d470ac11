"""The SMTP kernel for Jupyter: a cell is a piece of a live session, and its output is the transcript.

It is IPython's kernel with another language in front; `front` has what it answers.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ipykernel.ipkernel import IPythonKernel

from .engine import Engine
from .front import KernelFront
from .language_info import SMTP_LANGUAGE

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
        with suppress(PackageNotFoundError):
            self.implementation_version = version("smtplab")
        self._front = KernelFront(self.shell)

    @property
    def engine(self) -> Engine:
        """The sessions of the notebook."""
        return self._front.engine

    @property
    def banner(self) -> str:  # type: ignore[override]  # as in the base, which has a property where its own base has none
        """The text of a console before its first prompt."""
        return self._front.banner

    async def do_execute(self, code: str, silent: bool, *arguments: Any, **options: Any) -> Any:
        """Execute a cell; that of the user, and not what it executes in turn, is SMTP."""
        with self._front.running(code):
            return await super().do_execute(code, silent, *arguments, **options)

    async def do_complete(self, code: str, cursor_pos: int | None) -> Any:
        """Complete SMTP, or Python in a Python cell."""
        return self._front.complete(code, cursor_pos, super().do_complete)

    async def do_inspect(self, code: str, cursor_pos: int, detail_level: int = 0, omit_sections: Any = ()) -> Any:
        """Show the page of a verb, a code or a directive, or Python's help in a Python cell."""
        python = super().do_inspect
        return self._front.inspect(
            code, cursor_pos, lambda code, cursor: python(code, cursor, detail_level, omit_sections)
        )

    async def do_is_complete(self, code: str) -> Any:
        """Say whether a console should wait for more lines."""
        return self._front.is_complete(code, super().do_is_complete)
