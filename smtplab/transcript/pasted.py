"""Read a conversation that somebody has written down or copied from a window, line by line.

`Transcript.parse` describes both forms.
"""

import re
import textwrap
from collections.abc import Iterator

from ..protocol.commands import VERBS
from ..protocol.states import GREETING, Phase, State, is_legal
from . import sentences
from .dialogue import Dialogue
from .rows import CRLF, Side, banner, encode, from_printable, mark_of, verb_of

# The mark at the beginning of a line of the text form -> whose row it is, and True for a literal.
_MARKS = {side.mark: (side, False) for side in Side} | {
    mark_of(side, literal=True): (side, True) for side in (Side.CLIENT, Side.SERVER)
}
_BANNERS = frozenset(banner(phase) for phase in Phase)
_BULLETS = frozenset("•●·")
_REPLY = re.compile(r"\s*[0-9]{3}(?:[ -]|$)")
# What telnet prints on Unix and on Windows, its own prompt, a shell's, and the lecture's comment lines.
_TELNET = re.compile(
    r"=|\$ |telnet> |Trying |Connect(?:ed|ing) to |Escape character is |Connection (?:closed|to .* lost)",
    re.IGNORECASE,
)


def rows_in(text: str) -> Iterator[tuple[Side, bytes, bool]]:
    """Yield the rows of a conversation: the side, the octets as on the wire, and True for a literal.

    Args:
        text: the text form with its marks, or what a telnet window shows.

    Raises:
        ValueError: if a line of the text form has no mark, or a telnet session begins after its greeting.
    """
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    if _has_marks(lines):
        return _marked(lines)
    typed = _typed(textwrap.dedent("\n".join(lines)).split("\n"))
    return ((side, line, False) for side, line in typed)


def _has_marks(lines: list[str]) -> bool:
    """Return True for the text form: its first line that is not a banner or a note has the mark of a side."""
    said = (line.split(" ", 1)[0] for line in map(str.strip, lines) if line and not line.startswith("="))
    return next(said, Side.CLIENT.mark) in _MARKS


def _marked(lines: list[str]) -> Iterator[tuple[Side, bytes, bool]]:
    for number, line in enumerate(lines, 1):
        line = line.lstrip(" \t")
        if not line.strip() or line.rstrip() in _BANNERS:
            continue
        mark, _, text = line.partition(" ")
        if mark not in _MARKS:
            raise ValueError(sentences.NO_MARK.format(number=number, line=line))
        side, literal = _MARKS[mark]
        yield side, from_printable(text) + (b"" if literal or side is Side.NOTE else CRLF), literal


def _typed(lines: list[str]) -> Iterator[tuple[Side, bytes]]:
    dialogue = Dialogue()
    for number, line in enumerate(map(str.rstrip, lines), 1):
        found = _typed_line(line, number, dialogue)
        if found is not None:
            dialogue.take(*found)
            yield found


def _typed_line(line: str, number: int, dialogue: Dialogue) -> tuple[Side, bytes] | None:
    """Return whose line of a telnet window this is, by what was said before; None for a line of neither side."""
    if dialogue.in_message:
        return dialogue.client, _wire("." if line in _BULLETS else line)
    if not line or line.strip() in _BANNERS:
        return None
    if _REPLY.match(line):
        return dialogue.server, _wire(line.lstrip())
    if _TELNET.match(line) or dialogue.state is State.CLOSED:
        return Side.NOTE, encode(line.strip("= "))
    if not is_legal(dialogue.state, GREETING):
        return dialogue.client, _wire(line)
    if verb_of(_wire(line)) in VERBS:
        raise ValueError(sentences.BEFORE_THE_GREETING.format(number=number, line=line))
    return Side.NOTE, encode(line.strip())


def _wire(line: str) -> bytes:
    return encode(line) + CRLF
