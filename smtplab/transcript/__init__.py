"""A conversation as rows: who sent which line, when, in which state and phase.

Every world makes a transcript, and everything else reads one. Octets go in as they travelled (`Transcript.feed`); the
state and the phase of each row follow from the kernel's table. This package reads and writes text, JSON and pasted
sessions. A comparison of two transcripts shows itself as a table in a notebook; pictures, data frames and grades are
made elsewhere.

`C` is the host that opened the connection and `S` the host that accepted it, to the end. After a TURN that was answered
with 250 they swap roles, not letters: from then on C greets and replies, and S gives the commands (RFC 821 3.8).
"""

from .rows import Exchange, Row, Side, banner, printable, verb_of
from .transcript import Transcript

__all__ = [
    "Exchange",
    "Row",
    "Side",
    "Transcript",
    "banner",
    "printable",
    "verb_of",
]
