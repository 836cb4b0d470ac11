r"""Text of a student's as a page may show it: nothing in it moves a cursor, colours a terminal or turns a line around.

Colours of tracebacks are dropped, and what moves a cursor. Any other character that does not print is shown by its
number, as ``\x07``, so that no word is hidden. HTML is not made here, and nothing is escaped for it.
"""

from __future__ import annotations

import re

from . import wording
from .outcome import LONGEST_OUTPUT

# What tracebacks and progress bars send to a terminal: CSI, its parameters and a letter. It holds no text.
_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")

_FREE = str.maketrans("", "", "\n\t")


def plain(text: str, most: int = LONGEST_OUTPUT) -> str:
    """Return a text in which everything can be seen, and where it is cut.

    Args:
        text: whatever a student wrote or printed.
        most: how many octets it may have in UTF-8; behind them stands how much is left out.
    """
    shown = _LINE_END.sub("\n", _TERMINAL.sub("", text[: most + 1]))
    if not shown.translate(_FREE).isprintable():
        shown = "".join(map(_visible, shown))
    octets = shown.encode()
    if len(octets) <= most and len(text) <= most:
        return shown
    return octets[:most].decode("utf-8", "ignore") + wording.CUT.format(kibibytes=max(most // 1024, 1))


def one_line(text: str, most: int = 200) -> str:
    """Return a text in one line, for a cell of a table; a long one is cut."""
    words = " ".join(plain(text, 4 * most).split())
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _visible(character: str) -> str:
    if character.isprintable() or character in "\n\t":
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
