"""Take the client's lines from a cell that holds a pasted page: a whole telnet session, as the lecture prints it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..base.printed import plural
from ..transcript import Side, Transcript
from ..transcript.lines import BLANKS
from ..transcript.rows import CRLF
from .directives import directive_in

_PROMPT = "$ "
_BEGINNING = re.compile(r"\s*(\$ +(?:telnet|connect) |Trying |220(?:[ -]|$))", re.IGNORECASE)
_REMARK = "= this is a pasted page: only the client's lines are sent; {skipped} left out"


def lines_to_send(cell: Sequence[str]) -> tuple[Sequence[str], str]:
    """Return the lines of a cell that are to be sent, and a remark if others are left out.

    A cell is a page if it begins with ``$ telnet``, ``Trying`` or a 220 and holds more of the conversation than that.
    Of a page, the prompt ``$``, what telnet prints, banners and replies are left out, a bullet alone is the lone
    dot, and the blanks of a PDF or a web page are spaces. Any other cell is returned as it is.

    Raises:
        ValueError: if a line of the page has two readings; the sentence names the line.
    """
    page, directives = _without_directives(cell)
    page = [line.translate(BLANKS) for line in page]
    if not _is_page(page):
        return cell, ""
    typed = list(_typed(Transcript.parse("\n".join(page))))
    skipped = sum(1 for line in page if line.strip()) - sum(1 for line in typed if line)
    remark = _REMARK.format(skipped=plural(skipped, "line is", "lines are")) if skipped > 0 else ""
    return [*typed, *directives], remark


def _without_directives(cell: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Split a cell before the directives at its end."""
    end = len(cell)
    while end and (not cell[end - 1].strip() or directive_in(cell[end - 1])):
        end -= 1
    return cell[:end], cell[end:]


def _is_page(lines: Sequence[str]) -> bool:
    first = next((line for line in lines if line.strip()), "")
    found = _BEGINNING.match(first)
    if found is None:
        return False
    # After TURN the client itself says 220; a cell that holds nothing but replies is its own.
    return not found[1].startswith("220") or not all(line.strip()[:3].isdigit() for line in lines if line.strip())


def _typed(transcript: Transcript) -> Iterator[str]:
    """Yield what the client typed, and the call of telnet."""
    for row in transcript:
        text = row.data.removesuffix(CRLF).decode("utf-8", "surrogateescape")
        if row.side is Side.CLIENT:
            yield text
        elif row.side is Side.NOTE and text.startswith(_PROMPT):
            yield text.removeprefix(_PROMPT).strip()
