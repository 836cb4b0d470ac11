"""Write text into tables so that no spreadsheet takes it for a formula, because students write some of it."""

from __future__ import annotations

import re

# Characters that begin a formula in a spreadsheet, also in full width, and those that may end a cell.
_FORMULA, _END = "'* *[=+\\-@＝＋－＠]", ";\t\r\n"
_BEFORE_FORMULA = re.compile(f"^(?='*[\t\r\n])|(?:^|(?<=[{_END}]))(?={_FORMULA})")
_APOSTROPHE = re.compile(f"^'(?='*[\t\r\n])|(?:^|(?<=[{_END}]))'(?={_FORMULA})")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def harmless(text: str) -> str:
    """Return a text with an apostrophe where a formula would begin; numbers stay as they are."""
    return text if _NUMBER.fullmatch(text) else _BEFORE_FORMULA.sub("'", text)


def given(cell: str) -> str:
    """Return the text of a cell without the apostrophes of `harmless`."""
    return _APOSTROPHE.sub("", cell)
