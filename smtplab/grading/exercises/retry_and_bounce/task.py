"""The task of exercise 07: a host whose retry schedule is designed, and a message that it could not deliver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ....mta.trace import format_date
from ...evidence import Evidence
from ...variants import PEOPLE, WORDS, Draw
from ..hosts import NOON

# Never changed: a student's task would change with them. Replies to RCPT that are final.
_REFUSALS = (
    "550 5.1.1 No such mailbox",
    "552 5.2.2 Mailbox full",
    "550 5.7.1 Mail from you is not wanted here",
    "550 5.2.1 Mailbox disabled",
    "554 5.7.4 Security features not supported",
    "553 5.1.3 Bad mailbox syntax",
)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """One of four messages that could not be delivered.

    Args:
        reverse_path: its reverse-path, with brackets.
        forward_path: its recipient, with brackets.
        told: what became of it.
    """

    reverse_path: str
    forward_path: str
    told: str


@dataclass(frozen=True, slots=True)
class RetryTask:
    """The task of one student.

    Args:
        domain: the student's domain; the host is ``mail`` in it.
        far: the domain to which the message was to go; its host is ``mx`` in it.
        sender, recipient: the envelope of the message that was refused.
        author: the address in its From field, which is not the sender of the envelope.
        token: a mark in the message.
        refusal: the reply to RCPT.
        arrived: when the message had arrived, as a date in mail.
        undelivered: four messages of another day.
        long_hours: how long an outage of some days takes at least.
        greylist_minutes: how long a host that greylists wants to be waited for.
    """

    domain: str
    far: str
    sender: str
    recipient: str
    author: str
    token: str
    refusal: str
    arrived: str
    undelivered: tuple[Undelivered, ...]
    long_hours: int
    greylist_minutes: int

    @property
    def host(self) -> str:
        """The name of the student's mail host."""
        return f"mail.{self.domain}"

    @property
    def far_host(self) -> str:
        """The name of the host that refused the message."""
        return f"mx.{self.far}"

    @property
    def status(self) -> str:
        """The enhanced status code of the refusal."""
        return self.refusal.split()[1]

    @property
    def message_id(self) -> str:
        """The Message-ID of the message that was refused."""
        return f"<{self.token}@{self.domain}>"

    @property
    def original(self) -> str:
        """The message that was refused."""
        return "\n".join(
            (
                f"From: {self.author}",
                f"To: {self.recipient}",
                "Subject: The plan for Monday",
                f"Date: {self.arrived}",
                f"Message-ID: {self.message_id}",
                "",
                "Here is the plan. Please tell me what you think of it.",
            )
        )


RetryEvidence = Evidence[RetryTask]


def draw(lots: Draw) -> RetryTask:
    """Draw a student's task."""
    words = lots.picks("domains", WORDS, 4)
    domain, far = f"{words[0]}-{words[1]}.example", f"{words[2]}-{words[3]}.example"
    names = lots.picks("people", PEOPLE, 9)
    return RetryTask(
        domain,
        far,
        f"{names[0]}@{domain}",
        f"{names[1]}@{far}",
        f"{names[2]}@{domain}",
        lots.token("token"),
        lots.pick("refusal", _REFUSALS),
        format_date(NOON + timedelta(minutes=lots.number("arrived", 600))),
        _draw_undelivered(lots, domain, far, names[3:]),
        72 + lots.number("long", 20),
        8 + lots.number("greylist", 18),
    )


def _draw_undelivered(lots: Draw, domain: str, far: str, names: tuple[str, ...]) -> tuple[Undelivered, ...]:
    """Return the four messages in a drawn order: two of them get a bounce in every variant."""
    senders = [f"<{name}@{domain}>" for name in names[:3]]
    recipients = [f"<{name}@{far}>" for name in (*names[3:], names[0])]
    found = (
        Undelivered(senders[0], recipients[0], f"refused with {lots.pick('first', _REFUSALS)}"),
        Undelivered("<>", recipients[1], f"refused with {lots.pick('second', _REFUSALS)}"),
        Undelivered(senders[1], recipients[2], "answered 451 4.3.0 at its second attempt, an hour after it came"),
        Undelivered(senders[2], recipients[3], "answered 421 4.3.2 at each attempt, and its time has run out"),
    )
    return lots.picks("order", found, 4)
