"""Read a conversation that somebody has written down or copied from a window, line by line.

`Transcript.parse` describes the forms. `cleaning` takes away what does not belong to the lines; `text_form`,
`tool_logs` and `prefixes` find out whose they are where something says so; `pasted_reader` finds out the rest.
"""

from collections.abc import Iterator

from .cleaning import cleaned, lines_of
from .pasted_reader import PastedReader
from .prefixes import without_prefixes
from .rows import CRLF, Side, encode
from .text_form import exact_rows, marked_lines
from .tool_logs import read_log


def rows_in(text: str) -> Iterator[tuple[Side, bytes, bool]]:
    """Yield the rows of a conversation: the side, the octets as on the wire, and True for a literal.

    Args:
        text: the text form with its marks, what a telnet window shows, or what a program or a person has noted.

    Raises:
        ValueError: if a line has two readings, or a line is missing; the sentence names the line.
    """
    lines = lines_of(text)
    exact = exact_rows(lines)
    if exact is not None:
        yield from exact
        return
    shown = cleaned(lines)
    told = marked_lines(shown) or read_log(shown) or without_prefixes(shown)
    for side, said in PastedReader(told).read():
        yield side, encode(said) + (b"" if side is Side.NOTE else CRLF), False
