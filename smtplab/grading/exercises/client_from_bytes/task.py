"""The task of exercise 04: the name of the student's machine, and the mail that the client is tried with."""

from __future__ import annotations

from dataclasses import dataclass

from ...evidence import Evidence
from ...variants import PEOPLE, Draw


@dataclass(frozen=True, slots=True)
class ClientTask:
    """The task of one student.

    Args:
        client: the name with which the client introduces itself; nobody else has it.
        sender, recipient, stranger: addresses; a server that refuses one recipient of several refuses the last one.
        subject: the subject of each message.
    """

    client: str
    sender: str
    recipient: str
    stranger: str
    subject: str


ClientEvidence = Evidence[ClientTask]


def draw(lots: Draw) -> ClientTask:
    """Draw a student's task."""
    client = f"{lots.word('client 1')}-{lots.word('client 2')}.students.example"
    home, away = lots.picks("domains", ("lab", "post", "office", "school", "library", "museum"), 2)
    sender, recipient, stranger = lots.picks("people", PEOPLE, 3)
    return ClientTask(
        client,
        f"{sender}@{home}.example",
        f"{recipient}@{away}.example",
        f"{stranger}@{away}.example",
        lots.token("subject"),
    )
