"""The causes that exercise 03 asks for: how the task sheet puts each, and how the wire shows it.

Which reply follows from a cause is the canonical reply of the kernel. The exercise adds what is its own: a sentence
that does not give the commands away, and a proof of the cause. A code alone proves none: 550 is the answer for somebody
who does not live here, and for a domain to which the host has no route.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ....mta.policy import Policy
from ....mta.trace import HOP_LIMIT, count_received
from ....protocol import replies
from ....protocol.commands import VERBS
from ....protocol.extensions import COMMAND_OCTETS
from ....protocol.replies import Reply
from ....protocol.states import MESSAGE, State
from ....transcript import Exchange
from ...evidence import Wire
from ..exchanges import accepted, address_of, argument_of, is_mail_command
from .hosts import LIST, RESERVED, domain_taken
from .task import ReplyCausesTask, local_part

_BARE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_BEFORE_A_CONTROL = re.compile(rb"([A-Za-z]+)[\x00-\x1f]")
_MISTAKES = range(500, 510)  # the codes that a host counts as mistakes


@dataclass(frozen=True, slots=True)
class TaskCause:
    """One cause that a student may be asked to bring about.

    Args:
        reply: the canonical reply that follows from it.
        told: the cause as the task sheet has it.
        verbs: the verbs, or `MESSAGE`, that show the cause if the answer has the reply's code; empty for any.
        proves: returns True if an exchange with one of these verbs shows the cause; None if the verb alone shows it.
        advice: for a code that such a verb may get, what to do next; its own code stands for a reply by another cause.
    """

    reply: Reply
    told: str
    verbs: tuple[str, ...]
    proves: Callable[[ReplyCausesTask, Wire, Exchange], bool] | None = None
    advice: Mapping[int, str] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """The code of the reply."""
        return self.reply.code

    def shows(self, task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
        """Return True if an exchange that was answered with the code shows this cause.

        Args:
            task: the student's task.
            wire: the session of the exchange.
            exchange: a command or a message with its reply.
        """
        if self.verbs and exchange.verb not in self.verbs:
            return False
        return self.proves is None or self.proves(task, wire, exchange)


def _is_to(*names: str) -> Callable[[ReplyCausesTask, Wire, Exchange], bool]:
    """Return a function that recognizes a RCPT to one of some of the task's people."""
    return lambda task, wire, exchange: address_of(exchange) in {getattr(task, name) for name in names}


def _is_local(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    """The domain is that of the host which was called; both hosts answer 550 for a domain that is not theirs."""
    return address_of(exchange).endswith(f"@{domain_taken(task, wire.host)}")


def _is_elsewhere(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    return not _is_local(task, wire, exchange)


def _is_long(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    return len(exchange.data) > COMMAND_OCTETS


def _is_unknown_verb(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    """An empty line is no command, and a known verb stays known behind a blank, and before a tab."""
    verb = _BEFORE_A_CONTROL.match(exchange.data)
    known = verb is not None and verb[1].decode().upper() in VERBS
    return not (known or _is_long(task, wire, exchange) or exchange.data[:1].isspace())


def _follows_many_mistakes(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    """A host says 421 also to a client that was silent for too long."""
    before = (each.reply for each in wire.transcript.commands() if each.first < exchange.first)
    mistakes = sum(reply is not None and reply.code in _MISTAKES for reply in before)
    return mistakes >= Policy().max_errors


def _is_passed_on(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    """The host relays to the domain; about a list of its own it does not tell either, with the same code."""
    domain = argument_of(exchange).rstrip(">").rpartition("@")[2].casefold()
    return domain in {task.domain, task.next_domain, task.lost_domain} - {domain_taken(task, wire.host)}


def _is_reserved(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    """A name that is not ASCII gets the same code."""
    return local_part(address_of(exchange)) in RESERVED


def _is_nameless(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    return not argument_of(exchange)


def _has_no_domain(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    """The missing domain is the only fault: with one, as in ``<carmen@a.example>``, the line is a command.

    So ``<carmen>``, ``<carmen@>`` and a bare ``carmen`` count, and ``<>``, ``<@x>`` or a missing ``TO:`` do not.
    """
    line = exchange.data.rstrip()
    path = line.removesuffix(b">")
    return is_mail_command(path.removesuffix(b"@") + b"@a.example" + line[len(path) :])


def _is_about_the_list(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    return argument_of(exchange).strip("<>").partition("@")[0].casefold() == LIST


def _is_in_transaction(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    return exchange.before in (State.SENDER, State.RECIPIENT)


def _recipients(wire: Wire, message: Exchange) -> list[str]:
    """Return the recipients that were accepted for a message."""
    found: list[str] = []
    for exchange in wire.transcript.commands():
        if exchange.first >= message.first:
            break
        if exchange.verb in ("MAIL", MESSAGE):
            found.clear()
        elif exchange.verb == "RCPT" and accepted(exchange):
            found.append(address_of(exchange))
    return found


def _is_for_a_host_that_is_down(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    """A host that answers, but whose disk is full, brings about the same code."""
    return any(
        address == task.stranded or address.endswith(f"@{task.lost_domain}") for address in _recipients(wire, exchange)
    )


def _loops(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    return count_received(exchange.data) >= HOP_LIMIT


def _is_fit_to_relay(task: ReplyCausesTask, wire: Wire, exchange: Exchange) -> bool:
    """The first host refuses a message that loops, or has a bare CR or LF, before it calls the next one."""
    return not _loops(task, wire, exchange) and not _BARE_LINE_END.search(exchange.data)


_HELP, _HELLO, _MAIL, _RCPT, _DATA = ("HELP",), ("HELO", "EHLO"), ("MAIL",), ("RCPT",), ("DATA",)
_VRFY, _EXPN, _TURN, _MESSAGE, _ANY = ("VRFY",), ("EXPN",), ("TURN",), (MESSAGE,), ()

# Names and order are part of the draw, so they never change: a student's task would change with them.
# fmt: off
CAUSES: Mapping[str, TaskCause] = {
    "help": TaskCause(
        replies.SYSTEM_STATUS, "You ask for help, and not with anything in particular.", _HELP,
        advice={214: "ask without a word after it", 504: "ask without a word after it"}),
    "help with a command": TaskCause(
        replies.HELP_MESSAGE, "You ask what one of the commands is for.", _HELP,
        advice={211: "ask about one command", 504: "ask about a command that SMTP has"}),
    "forwarded": TaskCause(
        replies.WILL_FORWARD,
        "Somebody has moved, and the host says so when you name the recipient; the mail is sent on.",
        _RCPT, _is_to("forwarded", "stranded", "refused")),
    "cannot verify": TaskCause(
        replies.CANNOT_VERIFY,
        "You ask whether somebody lives in a domain that is not this host's, but to which it passes mail on.", _VRFY,
        _is_passed_on, advice={252: "ask about an address in another domain, as in VRFY name@domain"}),
    "too many errors": TaskCause(
        replies.TOO_MANY_ERRORS, "You make more mistakes than the host allows.", _ANY,
        _follows_many_mistakes),
    "mailbox in use": TaskCause(
        replies.MAILBOX_BUSY, "Another program has the recipient's mailbox in use.", _RCPT, _is_to("busy")),
    "next host is down": TaskCause(
        replies.LOCAL_ERROR, "The host to which your message should be handed on does not answer.", _MESSAGE,
        _is_for_a_host_that_is_down),
    "disk full": TaskCause(
        replies.INSUFFICIENT_STORAGE, "There is no room for your message on the host's disk.", _MESSAGE),
    "too many recipients": TaskCause(
        replies.TOO_MANY_RECIPIENTS,
        "You name too many recipients for one message; refused ones do not count, and one may be repeated.", _RCPT,
        advice={452: f"too many means more than {Policy().max_recipients} recipients that were accepted"}),
    "no such verb": TaskCause(
        replies.UNRECOGNIZED, "You give a command that SMTP does not have.", _ANY, _is_unknown_verb),
    "line too long": TaskCause(
        replies.LINE_TOO_LONG, "You give a command whose line is too long.", _ANY, _is_long),
    "nameless greeting": TaskCause(
        replies.BAD_ARGUMENT, "You say who you are, but without the name of your machine.", _HELLO,
        _is_nameless),
    "recipient without domain": TaskCause(
        replies.BAD_ARGUMENT, "You name a recipient whose address has no domain.", _RCPT, _has_no_domain),
    "roles are not swapped": TaskCause(
        replies.NOT_IMPLEMENTED, "You want the host to be the client, and it does that for nobody.", _TURN),
    "lists are not told": TaskCause(
        replies.NOT_IMPLEMENTED, "You ask who is on a mailing list, and the host tells nobody.", _EXPN,
        _is_about_the_list),
    "nobody to write to": TaskCause(
        replies.BAD_SEQUENCE, "You want to send a message before you have named a recipient.", _DATA),
    "no sender yet": TaskCause(
        replies.BAD_SEQUENCE, "You name a recipient before you have named the sender.", _RCPT),
    "sender twice": TaskCause(
        replies.BAD_SEQUENCE, "You name a sender when you have named one already.", _MAIL, _is_in_transaction),
    "no help for this": TaskCause(
        replies.PARAMETER_NOT_IMPLEMENTED, "You ask for help with what is not a command.", _HELP,
        advice={211: "name what you want help with", 214: "that is a command"}),
    "nobody of that name": TaskCause(
        replies.NO_SUCH_MAILBOX, "You name a recipient in the host's own domain, and nobody of that name lives there.",
        _RCPT, _is_local),
    "no way to the domain": TaskCause(
        replies.RELAY_DENIED, "You name a recipient in a domain to which the host has no way; being down is no reason.",
        _RCPT, _is_elsewhere,
        advice=dict.fromkeys((250, 251), "the host has a way to this domain; name one that is not on your sheet")),
    "moved": TaskCause(
        replies.TRY_FORWARD_PATH,
        "You name a recipient who has moved; the host tells you the new address, and sends no mail on.",
        _RCPT, _is_to("moved")),
    "mailbox full": TaskCause(
        replies.MAILBOX_FULL, "No room is left in the recipient's mailbox.", _RCPT, _is_to("full")),
    "message too large": TaskCause(
        replies.MESSAGE_TOO_BIG, "You say beforehand that your message is larger than the host takes.", _MAIL,
        advice={555: "say EHLO: only then may MAIL say how large the message is"}),
    "name reserved": TaskCause(
        replies.MAILBOX_NAME_NOT_ALLOWED, "You name a recipient whose name is reserved for the system.", _RCPT,
        _is_reserved),
    "next host refuses": TaskCause(
        replies.TRANSACTION_FAILED, "The host to which your message should be handed on refuses the recipient.",
        _MESSAGE, _is_fit_to_relay),
    "message goes round": TaskCause(
        replies.MAIL_LOOP,
        "Your message has passed through a hundred hosts already, and each has put a Received field on top.",
        _MESSAGE, _loops),
}
# fmt: on
