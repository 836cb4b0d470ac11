"""The task of exercise 05: the name of the student's server, and for whom it takes mail."""

from __future__ import annotations

from dataclasses import dataclass

from ...evidence import Evidence
from ...variants import PEOPLE, Draw


@dataclass(frozen=True, slots=True)
class ServerTask:
    """The task of one student.

    Args:
        domain: the domain whose mail the server takes; the server is ``mail`` in it.
        mailboxes: the addresses with a mailbox.
        stranger: an address of the domain without one.
        most_recipients: of a message; more than the hundred that RFC 5321 4.5.3.1.8 demands.
        most_octets: of a message as it is stored; more than the 64,000 of RFC 5321 4.5.3.1.7.
    """

    domain: str
    mailboxes: tuple[str, ...]
    stranger: str
    most_recipients: int
    most_octets: int

    @property
    def host(self) -> str:
        """The name of the server."""
        return f"mail.{self.domain}"

    @property
    def mailbox(self) -> str:
        """The first mailbox, to which most of the mail goes."""
        return self.mailboxes[0]


ServerEvidence = Evidence[ServerTask]


def draw(lots: Draw) -> ServerTask:
    """Draw a student's task."""
    domain = f"{lots.word('domain 1')}-{lots.word('domain 2')}.example"
    *mailboxes, stranger = (f"{name}@{domain}" for name in lots.picks("people", PEOPLE, 4))
    most_recipients, most_octets = 101 + lots.number("recipients", 19), 1000 * (70 + lots.number("octets", 20))
    return ServerTask(domain, tuple(mailboxes), stranger, most_recipients, most_octets)
