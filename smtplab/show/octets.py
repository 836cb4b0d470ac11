"""Show octets as hexadecimal digits and text side by side, with names for characters that text would hide.

Only CRLF ends a line (RFC 5321 2.3.8). The view marks a bare CR or LF, a dot at the beginning of a line and each
control character, and a remark below the line says what they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..base.printed import Printed, plural
from ..protocol.states import State
from ..transcript import Row, Side, Transcript
from ..transcript.dialogue import END_OF_DATA
from ..transcript.rows import CRLF
from . import style

_SIDES = (Side.CLIENT, Side.SERVER)  # notes are not on the wire
_WIDTH = 16  # octets in a row of the view
_GAP = "  "  # after eight of them
# The control characters of ASCII, from 0 on.
_NAMES = (
    "NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI "
    "DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US"
)
_CONTROLS = {**dict(enumerate(_NAMES.split())), 127: "DEL"}
_BARE = {"CR": "a bare CR", "LF": "a bare LF"}

# The remark on a control character other than CR, LF and TAB: in message data (True), or in a command or reply.
_REMARKS_ON_CONTROLS = {
    True: "the control character {name} is legal in message data, but should be avoided (RFC 5321 4.1.1.4)",
    False: "the control character {name} is not legal in commands and replies (RFC 5321 4.1.2, 4.2)",
}


@dataclass(frozen=True, slots=True)
class Token:
    """The text for one or more octets: a character, or a name such as ``<CRLF>``."""

    octets: bytes
    text: str
    name: str = ""  # empty for a character that shows itself


@dataclass(frozen=True, slots=True)
class OctetLine:
    """One line of octets.

    Args:
        data: its octets, with the CRLF if it has one.
        mark: the side that sent it, ``C`` or ``S``; empty if that is not known.
        in_message: True if it belongs to message data, where a dot at the beginning of a line matters.
    """

    data: bytes
    mark: str = ""
    in_message: bool = True

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The text beside the octets."""
        return tuple(_tokens(self.data))

    @property
    def remarks(self) -> tuple[str, ...]:
        """The remarks on the line, one sentence each; none for a plain line."""
        return tuple(_remarks(self))

    @property
    def rows(self) -> tuple[tuple[str, tuple[Token, ...]], ...]:
        """The line in rows of 16 octets: their hexadecimal digits, and the tokens that begin in the row."""
        rows: list[tuple[str, tuple[Token, ...]]] = []
        starts: dict[int, list[Token]] = {}
        position = 0
        for token in self.tokens:
            starts.setdefault(position // _WIDTH, []).append(token)
            position += len(token.octets)
        for number, at in enumerate(range(0, len(self.data), _WIDTH)):
            part = self.data[at : at + _WIDTH]
            rows.append((f"{part[:8].hex(' ')}{_GAP}{part[8:].hex(' ')}".rstrip(), tuple(starts.get(number, ()))))
        return tuple(rows)


class Octets(Printed):
    """A view of octets, line by line; ``str`` gives its text, a notebook shows a table.

    Args:
        lines: the lines.
    """

    def __init__(self, lines: Iterable[OctetLine]) -> None:
        self.lines = tuple(lines)

    def __str__(self) -> str:
        return "\n".join(text for line in self.lines for text in _text_of(line))

    def __repr__(self) -> str:
        return f"<Octets, {sum(len(line.data) for line in self.lines)} in {plural(len(self.lines), 'line')}>"

    def _repr_html_(self) -> str:
        """Show a table in a notebook, with a frame around names such as CRLF."""
        heads = "".join(f'<th scope="col" style="{_CELL}">{head}</th>' for head in ("", "octets", "text"))
        rows = "".join(_html_of(line) for line in self.lines)
        return (
            '<div style="overflow-x: auto">'
            '<table style="border-collapse: collapse; margin: 0 0 2px; font-family: monospace">'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        )


def octets(data: bytes | Row | Transcript | Iterable[Row], last: int | None = None) -> Octets:
    """Return a view of octets on the wire.

    Args:
        data: octets, which are cut after each CRLF and read as message data; or rows of a transcript, whose notes are
            left out. For a whole transcript, the view includes a line that has no CRLF yet.
        last: the number of rows to show, counted from the end; all by default.
    """
    if isinstance(data, bytes):
        return Octets(map(OctetLine, _cut(data)))
    rows = [data] if isinstance(data, Row) else list(data)
    shown = rows if last is None else rows[max(len(rows) - last, 0) :]
    lines = [OctetLine(row.data, row.side.value, _in_message(row)) for row in shown if row.side in _SIDES]
    return Octets([*lines, *(_unfinished(data) if isinstance(data, Transcript) else ())])


def _unfinished(transcript: Transcript) -> Iterator[OctetLine]:
    """Yield the line that each side has begun and not ended."""
    for side in _SIDES:
        if begun := transcript.unfinished(side):
            yield OctetLine(begun, side.value, side is Side.CLIENT and transcript.state is State.DATA)


def _in_message(row: Row) -> bool:
    return row.side is Side.CLIENT and row.state is State.DATA


def _cut(data: bytes) -> Iterator[bytes]:
    *lines, rest = data.split(CRLF)
    yield from (line + CRLF for line in lines)
    if rest:
        yield rest


def _tokens(data: bytes) -> Iterator[Token]:
    body = data.removesuffix(CRLF)
    for character in body.decode("utf-8", "surrogateescape"):
        raw = character.encode("utf-8", "surrogateescape")
        name = "" if character.isprintable() else _CONTROLS.get(ord(character)) or _name_of(raw, character)
        yield Token(raw, f"<{name}>" if name else character, name)
    if len(body) < len(data):
        yield Token(CRLF, "<CRLF>", "CRLF")


def _name_of(raw: bytes, character: str) -> str:
    """Name an octet that is not UTF-8, or a character outside ASCII that does not print."""
    return f"0x{raw.hex().upper()}" if len(raw) == 1 else f"U+{ord(character):04X}"


def _remarks(line: OctetLine) -> Iterator[str]:
    if line.in_message:
        yield from _remarks_on_dots(line.data)
    names = dict.fromkeys(token.name for token in line.tokens if token.name)
    for name in names:
        if name in _BARE:
            yield f"{_BARE[name]} does not end a line (RFC 5321 2.3.8)"
        elif name in _CONTROLS.values() and name != "TAB":
            yield _REMARKS_ON_CONTROLS[line.in_message].format(name=name)
    if not line.data.isascii():
        yield "octets above 127 are not ASCII; they need 8BITMIME or SMTPUTF8 (RFC 6152, RFC 6531)"
    if not line.data.endswith(CRLF):
        yield "no CRLF at the end; the line goes on"


def _remarks_on_dots(data: bytes) -> Iterator[str]:
    """Say what a dot at the beginning of a line of message data does."""
    if data == END_OF_DATA:
        yield "a lone dot ends the message (RFC 5321 4.1.1.4)"
    elif data.startswith(b".."):
        yield "the first dot was added by the sender; the receiver removes it (RFC 5321 4.5.2)"
    elif data.startswith(b"."):
        yield "the receiver removes the first dot, which was not doubled (RFC 5321 4.5.2)"


_HEX_COLUMNS = 3 * _WIDTH  # with the gap after eight octets


def _text_of(line: OctetLine) -> Iterator[str]:
    mark = line.mark
    for digits, tokens in line.rows:
        yield f"{mark:<2} {digits:<{_HEX_COLUMNS}}  {''.join(token.text for token in tokens)}".rstrip()
        mark = ""
    yield from (f"   ^ {remark}" for remark in line.remarks)


_CELL = "text-align: left; vertical-align: top; padding: 0 12px 0 0; white-space: pre-wrap"
_UNBROKEN = "white-space: pre"


def _html_of(line: OctetLine) -> str:
    """Return the rows of a table. In a narrow page the digits are broken after eight octets, the text never."""
    mark, rows = line.mark, ""
    for digits, tokens in line.rows:
        text = "".join(map(_html_token, tokens))
        eights = _GAP.join(f'<span style="{_UNBROKEN}">{eight}</span>' for eight in digits.split(_GAP))
        rows += (
            f'<tr><td style="{_CELL}">{mark}</td><td style="{_CELL}">{eights}</td>'
            f'<td style="{_CELL}"><span style="{_UNBROKEN}">{text}</span></td></tr>'
        )
        mark = ""
    for remark in line.remarks:
        rows += f'<tr><td></td><td colspan="2" style="{_CELL}">{style.quiet("^ " + remark)}</td></tr>'
    return rows


def _html_token(token: Token) -> str:
    if not token.name:
        return style.escape(token.text)
    return f'<span style="border: 1px solid; border-radius: 3px; padding: 0 2px">{token.name}</span>'
