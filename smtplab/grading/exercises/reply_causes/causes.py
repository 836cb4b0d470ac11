"""The causes that exercise 03 asks for: the code of each, how the task sheet tells it, and how the wire shows it.

A code alone is no proof of a cause: 550 is said of somebody who does not live here, and of a domain that is not ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....mta.trace import HOP_LIMIT, count_received
from ....protocol.extensions import COMMAND_OCTETS
from ....protocol.states import MESSAGE, State
from ....transcript import Exchange
from ..exchanges import address_of

if TYPE_CHECKING:
    from .task import Task


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of one code.

    Args:
        code: the code of the reply.
        told: the cause as the task sheet has it.
        shows: says whether an exchange that was answered with the code shows this cause.
    """

    code: int
    told: str
    shows: Callable[[Task, Exchange], bool]


def _verb(*verbs: str) -> Callable[[Task, Exchange], bool]:
    return lambda task, exchange: exchange.verb in verbs


def _rcpt(name: str) -> Callable[[Task, Exchange], bool]:
    """Return what sees a RCPT to one of the task's people."""
    return lambda task, exchange: exchange.verb == "RCPT" and address_of(exchange) == getattr(task, name)


def _is_local(task: Task, exchange: Exchange) -> bool:
    return address_of(exchange).endswith(f"@{task.domain}")


def _goes_round(exchange: Exchange) -> bool:
    return count_received(exchange.data) >= HOP_LIMIT


# fmt: off
CAUSES: Mapping[str, Cause] = {
    "help": Cause(211, "You ask for help, and not with anything in particular.", _verb("HELP")),
    "help with a command": Cause(214, "You ask what one of the commands is for.", _verb("HELP")),
    "forwarded": Cause(251, "Somebody has moved, and you hear so when you name the recipient; the mail is sent on.",
                       _rcpt("forwarded")),
    "cannot verify": Cause(252, "You ask whether somebody lives in a domain that is not this host's, but to which it"
                           " knows the way.", _verb("VRFY")),
    "too many errors": Cause(421, "You make more mistakes than the host puts up with.", lambda task, exchange: True),
    "mailbox in use": Cause(450, "Another program has the recipient's mailbox in use.", _rcpt("busy")),
    "next host is down": Cause(451, "The host to which your message should be handed on does not answer.",
                               _verb(MESSAGE)),
    "disk full": Cause(452, "There is no room for your message on the host's disk.", _verb(MESSAGE)),
    "too many recipients": Cause(452, "You name more recipients than one message may have.", _verb("RCPT")),
    "no such verb": Cause(500, "You give a command that SMTP does not have.",
                          lambda task, exchange: len(exchange.data) <= COMMAND_OCTETS),
    "line too long": Cause(500, "You give a command whose line is too long.",
                           lambda task, exchange: len(exchange.data) > COMMAND_OCTETS),
    "nameless greeting": Cause(501, "You greet the host, and do not say who you are.", _verb("HELO", "EHLO")),
    "recipient without domain": Cause(501, "You name a recipient whose address has no domain.", _verb("RCPT")),
    "roles are not swapped": Cause(502, "You want the host to be the client, and it does that for nobody.",
                                   _verb("TURN")),
    "lists are not told": Cause(502, "You ask who is on a mailing list, and the host tells nobody.", _verb("EXPN")),
    "nobody to write to": Cause(503, "You want to send a message before you have named a recipient.", _verb("DATA")),
    "no sender yet": Cause(503, "You name a recipient before you have named the sender.", _verb("RCPT")),
    "sender twice": Cause(503, "You name a sender when you have named one already.",
                          lambda task, exchange: exchange.verb == "MAIL"
                          and exchange.before in (State.SENDER, State.RECIPIENT)),
    "no help for this": Cause(504, "You ask for help with what is not a command.", _verb("HELP")),
    "nobody of that name": Cause(550, "You name a recipient in the host's own domain, and nobody of that name lives"
                                 " there.",
                                 lambda task, exchange: exchange.verb == "RCPT" and _is_local(task, exchange)),
    "no way to the domain": Cause(550, "You name a recipient in a domain to which the host knows no way.",
                                  lambda task, exchange: exchange.verb == "RCPT" and not _is_local(task, exchange)),
    "moved": Cause(551, "Somebody has moved, and you hear so when you name the recipient; you are to write there"
                   " yourself.", _rcpt("moved")),
    "mailbox full": Cause(552, "No room is left in the recipient's mailbox.", _rcpt("full")),
    "message too large": Cause(552, "You say beforehand that your message is larger than the host takes.",
                               _verb("MAIL")),
    "name reserved": Cause(553, "You name a recipient whose name is kept for the system.", _verb("RCPT")),
    "next host refuses": Cause(554, "The host to which your message should be handed on refuses the recipient.",
                               lambda task, exchange: exchange.verb == MESSAGE and not _goes_round(exchange)),
    "message goes round": Cause(554, "Your message has passed through a hundred hosts already, as its trace tells.",
                                lambda task, exchange: exchange.verb == MESSAGE and _goes_round(exchange)),
}
# fmt: on
