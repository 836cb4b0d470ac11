"""Tell lines of a message that look like the lone dot, and do not end the message."""

from ..transcript.rows import BULLETS, FOREIGN_DOTS
from . import sentences

_DOT = "."


def not_the_dot(line: str) -> str:
    """Say why a line that somebody may have meant as the end of a message does not end it; empty for any other line.

    Args:
        line: a line of a message, as it was typed (RFC 5321 4.1.1.4).
    """
    text = line.strip()
    if text in BULLETS:
        return sentences.BULLET
    if text in FOREIGN_DOTS:
        return sentences.FOREIGN_DOT
    return sentences.DOT_WITH_BLANKS if text == _DOT != line else ""
