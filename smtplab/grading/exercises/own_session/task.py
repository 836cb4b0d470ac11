"""The task of exercise 01: who writes what to whom, and through which host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ....worlds.virtual import Host
from ...evidence import Evidence
from ...rules import RuleFailure
from ...variants import PEOPLE, Draw
from ..hosts import mail_host
from ..session_rules import DIRECTIONS
from .shown_session import ShownSession, draw_shown

_BELIEF = "header-names-the-sender"


@dataclass(frozen=True, slots=True)
class OwnSessionTask:
    """The task of one student.

    Args:
        client: the name of the student's own machine.
        domain: the domain whose mail the host takes; the host is ``mail`` in it.
        sender, recipient: the addresses of the envelope.
        author, audience: the addresses in the header section; they differ from those of the envelope.
        token: a word that only this student's message contains.
        shown: the session whose phases are to be marked.
    """

    client: str
    domain: str
    sender: str
    recipient: str
    author: str
    audience: str
    token: str
    shown: ShownSession

    @property
    def host(self) -> str:
        """The name of the mail host."""
        return f"mail.{self.domain}"

    @property
    def names(self) -> tuple[str, ...]:
        """What only this student's session has."""
        return (self.sender, self.recipient, self.author, self.audience, self.token)

    @property
    def not_senders(self) -> Mapping[str, RuleFailure]:
        """What is wrong if MAIL names another address of the task."""
        return {
            self.recipient: RuleFailure("You named the recipient as the sender.", hint=DIRECTIONS),
            self.author: RuleFailure("You took the sender from the message's From line.", belief=_BELIEF),
        }

    @property
    def not_recipients(self) -> Mapping[str, RuleFailure]:
        """What is wrong if RCPT names another address of the task."""
        return {
            self.sender: RuleFailure("You named the sender as the recipient.", hint=DIRECTIONS),
            self.audience: RuleFailure("You took the recipient from the message's To line.", belief=_BELIEF),
        }

    @property
    def header(self) -> tuple[str, ...]:
        """The lines of the header section."""
        return (f"From: {self.author}", f"To: {self.audience}", "Subject: The word of the day")

    @property
    def message(self) -> tuple[str, ...]:
        """The lines of the message."""
        return (*self.header, "", f"The word of the day is {self.token}.", "Keep it to yourself.")


OwnSessionEvidence = Evidence[OwnSessionTask]


def draw(lots: Draw) -> OwnSessionTask:
    """Draw a student's task."""
    domain = f"{lots.word('domain 1')}-{lots.word('domain 2')}.example"
    sender, recipient = lots.picks("people", PEOPLE, 2)
    return OwnSessionTask(
        client=f"{lots.word('client')}.students.example",
        domain=domain,
        sender=f"{sender}@{domain}",
        recipient=f"{recipient}@{domain}",
        author=f"calendar@{domain}",
        audience=f"everybody@{domain}",
        token=lots.token("token"),
        shown=draw_shown(lots),
    )


def sheet(task: OwnSessionTask) -> str:
    """Return the task sheet."""
    message = "\n".join(task.message)  # not indented: it is copied as it stands, and a blank would fold a header field
    return (
        f"Your own machine is called  {task.client}\n"
        f"The mail host is            {task.host}, port 25\n"
        f"Envelope: the mail is from  {task.sender}\n"
        f"          and goes to       {task.recipient}, and to nobody else\n"
        f"\nThe message, header section and body:\n\n{message}"
    )


def hosts(task: OwnSessionTask) -> tuple[Host, ...]:
    """Return the host of the task. The addresses of the header section have mailboxes there, too."""
    return (mail_host(task.host, (task.sender, task.recipient, task.author, task.audience)),)
