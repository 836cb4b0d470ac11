"""Show what went over the wire in a report: a line of octets as text with names such as ``<CRLF>``, briefly.

The first line that text alone does not tell, because of a bare LF or a control character, has its octets below in
hexadecimal.
`show.octets` has the long form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..base.printed import plural
from ..show.octets import OctetLine

_LINES = 8  # shown of what was sent or came
_OCTETS = 72  # of a line
_DIGITS = 24  # octets of a line that are shown in hexadecimal too, its last ones
_PIECE = re.compile(rb"[^\n]*\n|[^\n]+")  # also a bare LF begins a new line here, to be read more easily


def wire_lines(data: bytes) -> list[str]:
    """Return octets as lines of a report; of many or long lines, the middle is left out."""
    return list(_shown(_PIECE.findall(data)))


def _shown(lines: list[bytes]) -> Iterator[str]:
    left = lines[_LINES - 2 : -1] if len(lines) > _LINES else []
    was_odd = False
    for number, line in enumerate(lines):
        if left and number == _LINES - 2:
            yield f"... {plural(len(left), 'more line')}, {plural(sum(map(len, left)), 'octet')} ..."
        if left and _LINES - 2 <= number < len(lines) - 1:
            continue
        yield _shortened(line)
        if _is_odd(line) and not was_odd:
            was_odd = True
            yield f"({'... ' if len(line) > _DIGITS else ''}{line[-_DIGITS:].hex(' ')})"


def _shortened(line: bytes) -> str:
    if len(line) <= _OCTETS + 2:
        return _text(line)
    half = _OCTETS // 2
    return f"{_text(line[:half])} ... {_text(line[-half:])} ({len(line)} octets)"


def _text(line: bytes) -> str:
    return "".join(token.text for token in OctetLine(line).tokens)


def _is_odd(line: bytes) -> bool:
    names = {token.name for token in OctetLine(line).tokens}
    return bool(names - {"", "CRLF", "TAB"})
