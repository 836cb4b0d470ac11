"""Check that messages were stored as they were sent, and say in a sentence what differs.

Fields that a server puts into the header section, such as Received, are no difference (RFC 5321 4.4). Nor are line ends
of LF, if all of them are so: mail on disk has them.
"""

from __future__ import annotations

import re

from ...transcript.dialogue import END_OF_DATA
from .. import sentences
from ..wire_text import wire_lines
from .probe_session import ProbeFailure


def check_stored(stored: list[bytes], *texts: bytes, exact: bool = False, case: bool = False) -> None:
    """Raise a failure unless these texts, as they were on the wire, are what was stored, in any order.

    Args:
        stored: what was stored.
        texts: what was sent.
        exact: False to overlook line ends and dots at the end of a text, of which one rule tells.
        case: False to overlook small letters and capitals, of which another tells.
    """
    expected = [unstuffed(text) for text in texts]
    if len(stored) != len(expected):
        raise ProbeFailure(
            sentences.STORED_COUNT.format(count=len(expected)),
            sent=texts[0] + END_OF_DATA,
            note=sentences.FOUND_COUNT.format(count=len(stored)),
        )
    remaining = list(stored)
    for meant, text in zip(expected, texts, strict=True):
        judged = _judged(meant, exact, case)
        found = next((each for each in remaining if not difference(_judged(each, exact, case), judged)), None)
        if found is None:
            look = difference(remaining[0] if exact else _with_line_ends(remaining[0]), meant)
            look = "" if look == sentences.TEXT_DIFFERS else look  # the rule itself says more
            came = without_trace(remaining[0], meant)
            raise ProbeFailure(as_expected(meant, remaining[0]), sent=text + END_OF_DATA, came=came, look=look)
        remaining.remove(found)


def _judged(text: bytes, exact: bool, case: bool) -> bytes:
    """Return what is judged of a text."""
    text = text if exact else _with_line_ends(text).rstrip(b"\r\n.") + b"\r\n"
    return text if case else text.lower()


def unstuffed(text: bytes) -> bytes:
    """Return a text as it must be stored: without the dot that the client put before lines that begin with one."""
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in text.split(b"\r\n"))


def difference(stored: bytes, meant: bytes) -> str:
    """Return what is different about a stored message; empty if nothing is.

    Args:
        stored: what was found, with LF or CRLF at the end of each line.
        meant: what should have been stored, with CRLF.
    """
    stored = _with_crlf(stored)
    if b"\n" in stored.replace(b"\r\n", b""):
        return sentences.MIXED_LINE_ENDS
    head, body = _parts(stored)
    meant_head, meant_body = _parts(meant)
    if body == meant_body and _in_order(meant_head, head):
        return ""
    return _explained(without_trace(stored, meant), meant)


def as_expected(meant: bytes, stored: bytes) -> str:
    """Return the text that should have been stored, as a report shows it, with the line ends of what was stored."""
    only_lf = b"\n" in stored and b"\r" not in stored
    return "\n".join(wire_lines(meant.replace(b"\r\n", b"\n") if only_lf else meant))


def without_trace(stored: bytes, meant: bytes) -> bytes:
    """Return a stored message, octet for octet, without the server's lines that stand before the first one sent."""
    first = meant.partition(b"\r\n")[0]
    lines = stored.splitlines(keepends=True)
    before = next((number for number, line in enumerate(lines) if line.rstrip(b"\r\n") == first), 0)
    return b"".join(lines[before:])


def _with_line_ends(stored: bytes) -> bytes:
    """Return a message with CRLF in place of each LF, also if only some lines have LF."""
    return re.sub(rb"\r?\n", b"\r\n", stored)


def _with_crlf(stored: bytes) -> bytes:
    """Return a message that has only LF with CRLF in its place."""
    return stored if b"\r\n" in stored else stored.replace(b"\n", b"\r\n")


def _parts(message: bytes) -> tuple[list[bytes], bytes]:
    """Return the lines of the header section, and the rest."""
    head, _, body = message.partition(b"\r\n\r\n")
    return head.split(b"\r\n"), body


def _in_order(some: list[bytes], all_lines: list[bytes]) -> bool:
    """Return True if some lines are among all lines, in their order."""
    remaining = iter(all_lines)
    return all(line in remaining for line in some)


def _explained(stored: bytes, meant: bytes) -> str:
    candidates = {
        meant + b"\r\n": sentences.EMPTY_LINE_ADDED,
        meant + END_OF_DATA: sentences.DOT_STORED,
        meant + b".": sentences.DOT_STORED,
        meant.strip(): sentences.TEXT_STRIPPED,
        meant.removesuffix(b"\r\n"): sentences.LAST_LINE_END_LOST,  # says more, if both are the same
        meant.replace(b"\r\n", b""): sentences.LINE_ENDS_LOST,
        meant.upper(): sentences.TEXT_IN_CAPITALS,
    }
    for form, sentence in candidates.items():
        if stored.endswith(form) and form:
            return sentence
    if stored.replace(b".", b"") == meant.replace(b".", b""):
        return sentences.DOTS_DIFFER
    if stored.split() == meant.split():
        return sentences.BLANKS_DIFFER
    return sentences.TEXT_DIFFERS
