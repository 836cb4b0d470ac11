"""The one mistake that a task asks for: MAIL or RCPT without its colon, and with no other mistake.

Whoever also forgets a bracket gets the same 501, and does not see which of the two the server means.
"""

from __future__ import annotations

import re

from ..protocol.commands import parse_command
from ..protocol.replies import RemoteProtocolError
from . import sentences

_HEAD = re.compile(r"(?P<verb>MAIL|RCPT)\b *(?P<word>FROM\b|TO\b)?\s*(?P<colon>:?)\s*(?P<rest>.*)", re.IGNORECASE)
_WORDS = {"MAIL": "FROM", "RCPT": "TO"}


def second_mistake(line: str) -> str:
    """Return what is wrong with a MAIL or RCPT besides its missing colon, as a sentence; empty if nothing is.

    Args:
        line: the command, without CRLF.
    """
    found = _HEAD.fullmatch(line.strip())
    if found is None:
        return ""
    told = f"`{line}`"
    if found["colon"]:
        return sentences.COLON_IS_THERE.format(line=told)
    other = _also_missing(found) or _fault(f"{found['verb']} {found['word']}:{found['rest']}")
    return sentences.TWO_MISTAKES.format(line=told, other=other) if other else ""


def _also_missing(found: re.Match[str]) -> str:
    """Return which piece of the command is missing, too, as the end of a sentence; empty if none is."""
    rest = found["rest"].rstrip()
    missing = [
        (not found["word"], f"`{_WORDS[found['verb'].upper()]}`"),
        (not rest, "the address"),
        (rest.startswith("<") and ">" not in rest, "`>`"),
        (rest.endswith(">") and "<" not in rest, "`<`"),
    ]
    return next((f"so is {piece}" for is_missing, piece in missing if is_missing), "")


def _fault(mended: str) -> str:
    """Return why a server refuses the command also with its colon; empty if it does not."""
    try:
        parse_command(mended.encode())
    except RemoteProtocolError as error:
        return f"the rest is wrong, too ({error})"
    return ""
