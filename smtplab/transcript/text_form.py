"""Read the text form of a transcript, in which a mark before each line says whose it is.

What `str(transcript)` has written is read to the letter. It is recognized by its banners, which stand where the lines
lead to a new phase. Marks that somebody else has set, as in a book or an RFC, only tell the sides apart: such a session
may lack lines, have blanks for its layout, and is read as any pasted session is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..protocol.states import Phase
from . import sentences
from .dialogue import Dialogue
from .lines import BLANKS, PastedLine
from .rows import CRLF, Row, Side, banner, from_printable, mark_of

# The mark at the beginning of a line of the text form -> whose row it is, and True for a literal.
_MARKS = {side.mark: (side, False) for side in Side} | {
    mark_of(side, literal=True): (side, True) for side in (Side.CLIENT, Side.SERVER)
}
_LITERAL_MARKS = {mark for mark, (_, literal) in _MARKS.items() if literal}
BANNERS = frozenset(banner(phase) for phase in Phase)


def exact_rows(lines: Sequence[str]) -> list[tuple[Side, bytes, bool]] | None:
    """Return the rows of a text that `str(transcript)` has written; None for any other text.

    A text that has a literal is read so, too, because nothing else writes their marks.

    Args:
        lines: the lines of the text, without line ends.

    Raises:
        ValueError: if the text has a literal, and a line without a mark; the sentence names the line.
    """
    shown = [line for line in lines if line.strip()]
    if not _has_marks(shown):
        return None
    unmarked = [line for line in shown if line.strip() not in BANNERS and _mark(line) not in _MARKS]
    has_literals = any(_mark(line) in _LITERAL_MARKS for line in shown)
    if unmarked and has_literals:
        number = lines.index(unmarked[0]) + 1
        raise ValueError(sentences.NO_MARK.format(number=number, line=unmarked[0]))
    if unmarked:
        return None
    rows = [_row(line) for line in shown if line.strip() not in BANNERS]
    return rows if has_literals or list(_written(rows)) == shown else None


def marked_lines(lines: Sequence[PastedLine]) -> list[PastedLine] | None:
    """Return the lines behind their marks, with the sides that these name; None if there is a line without a mark.

    Args:
        lines: the lines of the text, without line ends.
    """
    shown = [line for line in lines if line.words and line.words not in BANNERS]
    if not _has_marks([line.words for line in shown]) or any(_mark(line.words) not in _MARKS for line in shown):
        return None
    room = _room(shown)
    return [_behind_mark(line, room) for line in shown]


def _has_marks(lines: Sequence[str]) -> bool:
    """Return True for the text form: its first line that is not a banner or a note has the mark of a side."""
    said = (_mark(line) for line in lines if not line.translate(BLANKS).strip().startswith("="))
    return next(said, Side.CLIENT.mark) in _MARKS


def _mark(line: str) -> str:
    return next(iter(line.translate(BLANKS).split(maxsplit=1)), "")


def _row(line: str) -> tuple[Side, bytes, bool]:
    mark, _, text = line.lstrip().partition(" ")
    side, literal = _MARKS[_mark(mark)]
    return side, from_printable(text) + (b"" if literal or side is Side.NOTE else CRLF), literal


def _written(rows: Sequence[tuple[Side, bytes, bool]]) -> Iterator[str]:
    """Yield the lines, and the banners between them, that a transcript with these rows writes."""
    dialogue, phase = Dialogue(), None
    for side, data, literal in rows:
        row = Row(None, side, data, *dialogue.take(side, data, literal=literal), literal)
        if side is not Side.NOTE and row.phase is not phase:
            phase = row.phase
            yield banner(phase)
        yield str(row)


def _room(lines: Sequence[PastedLine]) -> int:
    """Return how many blanks stand behind the mark of the client: those before its first command, as in a book."""
    texts = [line.text.translate(BLANKS).strip() for line in lines if _mark(line.words) == Side.CLIENT.mark]
    behind = [text.removeprefix(Side.CLIENT.mark) for text in texts]
    first = next((text for text in behind if PastedLine(0, text).is_command), "")
    return max(1, len(first) - len(first.lstrip()))


def _behind_mark(line: PastedLine, room: int) -> PastedLine:
    mark = _mark(line.text)
    side, _ = _MARKS[mark]
    blanks = rf"\s{{0,{room}}}" if side is Side.CLIENT else r"\s*"
    begin = re.match(rf"\s*{re.escape(mark)}{blanks}", line.text.translate(BLANKS))
    text = line.text[begin.end() :] if begin else line.text
    return replace(line, text=from_printable(text).decode("utf-8", "surrogateescape"), side=side)
