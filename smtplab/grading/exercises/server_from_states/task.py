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
    """

    domain: str
    mailboxes: tuple[str, ...]
    stranger: str

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
    return ServerTask(domain, tuple(mailboxes), stranger)
