"""Read a conversation that somebody has written down or copied from a window, line by line.

`Transcript.parse` describes the forms. Here is the text form of a transcript; `prefixes` and `reading` read the others.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence

from ..protocol.states import Phase
from . import sentences
from .prefixes import without_prefixes
from .reading import PastedReader
from .rows import CRLF, Side, banner, encode, from_printable, mark_of

# The mark at the beginning of a line of the text form -> whose row it is, and True for a literal.
_MARKS = {side.mark: (side, False) for side in Side} | {
    mark_of(side, literal=True): (side, True) for side in (Side.CLIENT, Side.SERVER)
}
_LITERAL_MARKS = {mark for mark, (_, literal) in _MARKS.items() if literal}
_BANNERS = frozenset(banner(phase) for phase in Phase)
# Unix, Windows, old Macs, a Windows line end that was translated twice, a word processor's line break, and Unicode's.
_LINE_END = re.compile(r"\r*\n|\r|\v|\u2028|\u2029")
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u2060"))


def rows_in(text: str) -> Iterator[tuple[Side, bytes, bool]]:
    """Yield the rows of a conversation: the side, the octets as on the wire, and True for a literal.

    Args:
        text: the text form with its marks, what a telnet window shows, or what a program or a person has noted.

    Raises:
        ValueError: if a line has two readings, or a line is missing; the sentence names the line.
    """
    lines = _LINE_END.split(text.removeprefix("\ufeff"))
    if _has_marks(lines):
        unmarked = next(_unmarked(lines), None)
        if unmarked is None:
            return _marked(lines)
        if any(_mark(line) in _LITERAL_MARKS for line in lines):
            number, line = unmarked
            raise ValueError(sentences.NO_MARK.format(number=number, line=line))
    return _pasted(textwrap.dedent("\n".join(line.translate(_INVISIBLE) for line in lines)).split("\n"))


def _has_marks(lines: Sequence[str]) -> bool:
    """Return True for the text form: its first line that is not a banner or a note has the mark of a side."""
    said = (_mark(line) for line in lines if line.strip() and not line.strip().startswith("="))
    return next(said, Side.CLIENT.mark) in _MARKS


def _mark(line: str) -> str:
    return line.strip().partition(" ")[0]


def _unmarked(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that have no mark and need one, with their numbers."""
    for number, line in enumerate(lines, 1):
        if line.strip() and line.strip() not in _BANNERS and _mark(line) not in _MARKS:
            yield number, line


def _marked(lines: Sequence[str]) -> Iterator[tuple[Side, bytes, bool]]:
    for line in lines:
        if line.strip() and line.strip() not in _BANNERS:
            mark, _, text = line.lstrip(" \t").partition(" ")
            side, literal = _MARKS[mark.rstrip()]
            yield side, from_printable(text) + (b"" if literal or side is Side.NOTE else CRLF), literal


def _pasted(lines: Sequence[str]) -> Iterator[tuple[Side, bytes, bool]]:
    for side, text in PastedReader(without_prefixes(lines)).read():
        yield side, encode(text) + (b"" if side is Side.NOTE else CRLF), False
