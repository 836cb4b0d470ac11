"""The task of exercise 00: who writes to whom, and which words the message has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ....worlds.virtual import Host
from ...evidence import Evidence
from ...rules import RuleFailure
from ...variants import PEOPLE, Draw
from ..hosts import mail_host
from ..session_rules import DIRECTIONS


@dataclass(frozen=True, slots=True)
class OneMessageTask:
    """The task of one student.

    Args:
        domain: the domain whose mail the host takes; the host is ``mail`` in it.
        sender, recipient: the addresses of the envelope.
        neighbours: two more addresses of the domain.
        subject: the text of the Subject field.
        token: a word that only this student's message contains.
        client: the name of the student's own machine; that of the tutorials.
    """

    domain: str
    sender: str
    recipient: str
    neighbours: tuple[str, str]
    subject: str
    token: str
    client: str = "laptop.example"

    @property
    def host(self) -> str:
        """The name of the mail host."""
        return f"mail.{self.domain}"

    @property
    def names(self) -> tuple[str, ...]:
        """What only this student's session has."""
        return (self.sender, self.recipient, self.token)

    @property
    def not_senders(self) -> Mapping[str, RuleFailure]:
        """What is wrong if MAIL names another address of the task."""
        return {self.recipient: RuleFailure("You named the recipient as the sender.", hint=DIRECTIONS)}

    @property
    def not_recipients(self) -> Mapping[str, RuleFailure]:
        """What is wrong if RCPT names another address of the task."""
        return {self.sender: RuleFailure("You named the sender as the recipient.", hint=DIRECTIONS)}

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses with a mailbox on the host."""
        return (self.sender, self.recipient, *self.neighbours)


OneMessageEvidence = Evidence[OneMessageTask]


def draw(lots: Draw) -> OneMessageTask:
    """Draw a student's task."""
    domain = f"{lots.word('domain 1')}-{lots.word('domain 2')}.example"
    sender, recipient, *neighbours = (f"{name}@{domain}" for name in lots.picks("people", PEOPLE, 4))
    first, second = lots.picks("subject", ("News", "A question", "A plan", "A wish"), 2)
    return OneMessageTask(
        domain,
        sender,
        recipient,
        (neighbours[0], neighbours[1]),
        f"{first} and {second.lower()}",
        lots.token("token"),
    )


def sheet(task: OneMessageTask) -> str:
    """Return the task sheet."""
    mailboxes = "\n".join(f"  {address}" for address in sorted(task.addresses))
    return (
        f"Your own machine is called  {task.client}\n"
        f"The mail host is            {task.host}, port 25\n"
        f"The message is from         {task.sender}\n"
        f"            and goes to     {task.recipient}, and to nobody else\n"
        f"Its subject is              {task.subject}\n"
        f"Your word of the day is     {task.token}\n"
        f"\nThese four have a mailbox there:\n\n{mailboxes}\n"
        "\nThe message has a field Subject with this subject, then an empty line, then a text of your\n"
        "own, in which your word of the day stands. It may have more fields, and more lines of text."
    )


def hosts(task: OneMessageTask) -> tuple[Host, ...]:
    """Return the host of the task."""
    return (mail_host(task.host, task.addresses),)
