"""What Sphinx loads of smtplab: the colours of SMTP, a search that finds reply codes, and JupyterLab's anchors."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

from .highlighting import SMTPLexer


class CodeSearch(SearchEnglish):
    """English, and numbers of three digits, which Sphinx leaves out: here they are what people look for.

    The index and the query have them with a word in front, so that both sides of Sphinx's search let them pass.
    """

    lang = "smtp"
    js_splitter_code = r"""
var splitQuery = (query) => query
  .split(/[^\p{Letter}\p{Number}_\p{Emoji_Presentation}]+/gu)
  .filter((term) => term)
  .map((term) => /^\d{3}$/.test(term) ? `code${term}` : term);
"""

    def stem(self, word: str) -> str:
        """Return the stem of a word, and a reply code as the query has it."""
        return f"code{word}" if len(word) == 3 and word.isdecimal() else super().stem(word)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the language of the SMTP kernel, and the search; Sphinx calls this."""
    app.add_lexer("smtp", SMTPLexer)
    app.add_search_language(CodeSearch)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def anchor_of(heading: str) -> str:
    """Return the anchor of a heading in JupyterLab, so that links inside a notebook work on its page."""
    return heading.replace(" ", "-")
