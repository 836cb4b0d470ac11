"""Colour the cells of the SMTP kernel on a page: verbs, arguments, directives and remarks.

The verbs are those of the kernel's table. JupyterLab has the same language from its extension.
"""

from __future__ import annotations

from typing import Any

from pygments.lexer import RegexLexer, bygroups, using, words
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Punctuation, String, Text

from ..jupyter.directives import PYTHON
from ..jupyter.notebook_state import OPENERS
from ..protocol.commands import VERBS


class SMTPLexer(RegexLexer):
    """Split a cell of the SMTP kernel into tokens for Pygments."""

    name = "SMTP"
    aliases = ["smtp"]  # noqa: RUF012
    tokens: dict[str, Any] = {  # noqa: RUF012
        "root": [
            (rf"(?s)\A({PYTHON})(\n.*)", bygroups(Keyword, using(PythonLexer))),
            (r"^(%now)( .*)$", bygroups(Name.Decorator, Comment)),
            (r"^%[A-Za-z-]+", Name.Decorator),
            (r"^#.*$", Comment),
            (words(sorted(OPENERS), prefix="^(?i:", suffix=r")\b"), Keyword),
            (words(sorted(VERBS), prefix="^(?i:", suffix=r")\b"), Keyword),
            (r"(?i)\b(FROM|TO)(:)", bygroups(Keyword, Punctuation)),
            (r"<[^>\n]*>", String),
            (r"^ *[2-5][0-9][0-9]\b", Number),
            (r"[A-Za-z]+|\s+|.", Text),
        ]
    }
