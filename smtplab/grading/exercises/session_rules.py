"""Rules about one message in one session, for every exercise that has a student send one.

The task says who writes to whom; what an exercise wants beyond that is in its own part. The functions at the end read
the session for further rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from ...base.printed import in_a_row, plural
from ...protocol.commands import HELLOS
from ...protocol.states import MESSAGE
from ...transcript import Exchange
from ...transcript.rows import BULLETS, FOREIGN_DOTS
from ..hint_wording import HintWording, belief_hint
from ..rules import Rule, RuleFailure, RuleList, visible
from .exchanges import (
    WireEvidence,
    accepted,
    address_of,
    all_of,
    argument_of,
    badly_ended,
    line_and_reply,
    line_of,
    meant_as,
)

_LINES_SHOWN = 3
TRANSACTION = ("MAIL", "RCPT", "DATA")
DIRECTIONS = "MAIL FROM names the sender, RCPT TO the recipient"
# A line of a message that looks as if it began another session.
SESSION_LINE = re.compile(
    r"(?i)(?:(?:telnet|connect)\s+\S+(?:\s+\d+)?|(?:HELO|EHLO)\s+\S+|(?:MAIL FROM|RCPT TO):.*)\s*"
)
_QUIT_LINE = re.compile(rb"\nQUIT\r?\n", re.IGNORECASE)


class MailTask(Protocol):
    """The task of a student who sends a message.

    Attributes:
        client: the name of the student's own machine.
        domain, host: the domain whose mail the host takes, and the host.
        sender, recipient: the addresses of the envelope.
        token: a word that only this student's message contains.
        names: everything in a session that only this student has, in lower case.
        not_senders: for other addresses of the task, what is wrong if MAIL names them, with its hint or belief.
        not_recipients: the same for RCPT.
    """

    @property
    def client(self) -> str: ...
    @property
    def domain(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def sender(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def token(self) -> str: ...
    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def not_senders(self) -> Mapping[str, RuleFailure]: ...
    @property
    def not_recipients(self) -> Mapping[str, RuleFailure]: ...


class MailEvidence(WireEvidence, Protocol):
    """Evidence of one session for such a task."""

    @property
    def task(self) -> MailTask: ...
    @property
    def mail(self) -> Mapping[str, tuple[bytes, ...]]: ...
    @property
    def wording(self) -> HintWording: ...


RULES = RuleList[MailEvidence]("message")


def speaks_of_the_task(evidence: MailEvidence) -> RuleFailure | None:
    """The session contains something that only this student has; for a call without answer, the host's name."""
    task, wire = evidence.task, evidence.wire
    said = wire.sent.decode("utf-8", "replace").casefold()
    called = wire.host.casefold()
    if any(name in said for name in task.names):
        return None
    if not called:
        hint = f"begin with {evidence.wording.call.format(host=task.host)}"
        return RuleFailure("No session has been opened yet.", hint=hint, undone=True)
    if not wire.transcript:
        elsewhere = RuleFailure("The host that you called is not that of your task.", task.host, visible(wire.host))
        return None if called == task.host else elsewhere
    return badly_ended(wire, evidence.wording) or RuleFailure(
        "None of the names of your task was said in this session.",
        expected=f"a session that speaks of {task.sender}, {task.recipient} or {task.token}",
        got=last_line(evidence),
        hint=f"everybody's names are different; {evidence.wording.sheet} shows your own",
    )


@RULES.rule("hello", 1, "RFC 5321 4.1.1.1 and 4.1.4", "You say who you are before anything else.")
@RULES.asks("Whose name does HELO give, and where on the sheet is it?")
def says_who_it_is(evidence: MailEvidence) -> RuleFailure | None:
    task, said = evidence.task, evidence.wire.transcript.commands()
    hellos = [exchange for exchange in said if exchange.verb in HELLOS]
    first = next((exchange for exchange in said if exchange.verb in TRANSACTION), None)
    if not hellos:
        hint = "the host has told you its name; now tell it yours"
        meant = meant_as(evidence.wire, *HELLOS)
        got = last_line(evidence) if meant is None else line_and_reply(meant)
        never = RuleFailure("You never said HELO or EHLO.", got=got, hint=hint)
        return badly_ended(evidence.wire, evidence.wording) or never
    if first is not None and said.index(first) < said.index(hellos[0]):
        return RuleFailure(
            f"You gave {first.verb} before you had said HELO or EHLO.",
            got=line_and_reply(first),
            hint="a session begins with who you are",
        )
    if any(accepted(hello) and argument_of(hello).casefold() == task.client for hello in hellos):
        return None
    return _wrong_hello(task, hellos[-1])


def _wrong_hello(task: MailTask, hello: Exchange) -> RuleFailure:
    name = argument_of(hello).casefold()
    expected = f"the name of your machine, {task.client}"
    if name in (task.host, task.domain):
        return RuleFailure(
            "You greeted the host with its own name.",
            expected,
            line_of(hello),
            "the argument of HELO is the client's name; the lecture's session has it wrong as well",
        )
    return RuleFailure(f"Your {hello.verb} does not name your machine.", expected, line_of(hello))


@RULES.rule("sender", 1, "RFC 5321 4.1.1.2", "MAIL names the sender of your task.")
@RULES.asks("Who is the sender of the envelope on your sheet, and whom did MAIL name?")
def names_the_sender(evidence: MailEvidence) -> RuleFailure | None:
    task = evidence.task
    transaction = _transaction(evidence)
    if not transaction:
        none = RuleFailure("No MAIL command of yours was accepted.", got=replies_to(evidence, "MAIL"))
        return badly_ended(evidence.wire, evidence.wording) or none
    sender = address_of(transaction[0])
    if sender == task.sender:
        return None
    expected, got = f"the sender {task.sender}", line_of(transaction[0])
    if (known := task.not_senders.get(sender)) is not None:
        return replace(known, expected=expected, got=got)
    return RuleFailure("Your MAIL command names somebody else as the sender.", expected, got)


@RULES.rule("recipient", 1, "RFC 5321 4.1.1.3", "RCPT names the recipient of your task.")
@RULES.asks("Who is the recipient of the envelope on your sheet, and whom did RCPT name?")
def names_the_recipient(evidence: MailEvidence) -> RuleFailure | None:
    task = evidence.task
    taken = [exchange for exchange in _transaction(evidence) if exchange.verb == "RCPT" and accepted(exchange)]
    if not taken:
        none = RuleFailure("No RCPT command of yours was accepted.", got=replies_to(evidence, "RCPT"))
        return badly_ended(evidence.wire, evidence.wording) or none
    wrong = next((exchange for exchange in taken if address_of(exchange) != task.recipient), None)
    if wrong is None:
        return None
    expected, got = f"the recipient {task.recipient} alone", line_of(wrong)
    if (known := task.not_recipients.get(address_of(wrong))) is not None:
        return replace(known, expected=expected, got=got)
    return RuleFailure("Your RCPT commands name somebody else as a recipient.", expected, got)


@RULES.rule("dot", 1, "RFC 5321 4.1.1.4", "A line with a dot alone ends the message.")
@RULES.asks("What was the last line that the host read as text of the message?")
def ends_the_message(evidence: MailEvidence) -> RuleFailure | None:
    messages = all_of(evidence, MESSAGE)
    if any(map(accepted, messages)):
        return None
    if not any(map(accepted, all_of(evidence, "DATA"))):
        none = RuleFailure(
            "There is no message to end: no DATA command was accepted.", got=replies_to(evidence, "DATA")
        )
        return first_fault(evidence) or none
    if messages and messages[-1].reply is not None:
        return RuleFailure("The host did not take your message.", got=visible(str(messages[-1].reply)))
    return _never_ended(_behind_data(evidence))


def _never_ended(message: bytes) -> RuleFailure:
    """Return why the message has no end."""
    expected = visible(b"\r\n.\r\n")
    last = message.removesuffix(b"\r\n").rpartition(b"\r\n")[2]
    if re.search(rb"[^\r]\n\.\r?\n", message):
        return RuleFailure(
            "Your lone dot stands behind a bare LF, so it is text of the message.",
            expected,
            visible(message[-40:]),
            belief_hint("lf-ends-a-line"),
        )
    if any(line.strip() in BULLETS for line in message.decode("utf-8", "replace").split("\r\n")):
        return RuleFailure("A bullet is not the lone dot, so the message was never ended.", expected, visible(last))
    if any(line.strip() in FOREIGN_DOTS for line in message.decode("utf-8", "replace").split("\r\n")):
        told = "A character that only looks like the lone dot does not end the message."
        return RuleFailure(told, expected, visible(last))
    lines = message.decode("utf-8", "replace").split("\r\n")
    if typed := [line for line in lines if SESSION_LINE.fullmatch(line)]:
        return a_second_session(typed)
    if _QUIT_LINE.search(message):
        return RuleFailure(
            "No lone dot ended the message, and so QUIT became a line of it.", expected, visible(message[-40:])
        )
    if b"." in last and not last.strip(b". \t"):
        return RuleFailure("The dot that should end the message is not alone on its line.", expected, visible(last))
    return RuleFailure(
        "The message was never ended.", expected, visible(message[-40:]), "what tells the host that it is complete?"
    )


def a_second_session(typed: list[str]) -> RuleFailure:
    """Say that lines which were meant for a host went into an open message."""
    return RuleFailure(
        "A second session went into your message, which was still open.",
        got="\n".join(map(visible, typed[:_LINES_SHOWN])),
        hint="end a message with a lone dot before you open another session; then hold the whole session anew",
    )


def shown(line: str | None) -> str:
    return "no such line" if line is None else visible(line) or "an empty line"


def lines_of(data: bytes) -> list[str]:
    """Return the lines of a message on the wire, without its lone dot; a blank at the end of a line does not count."""
    lines = data.decode("utf-8", "replace").removesuffix("\r\n").split("\r\n")
    return [line.rstrip() for line in (lines[:-1] if lines[-1] == "." else lines)]


@RULES.rule("delivered", 2, "RFC 5321 3.3", "Your word of the day is in the recipient's mailbox.")
@RULES.asks("Which mailbox should your word of the day be in, and what was delivered there?")
def is_delivered(evidence: MailEvidence) -> RuleFailure | None:
    task, token = evidence.task, evidence.task.token.encode()
    taken = [exchange for exchange in all_of(evidence, MESSAGE) if accepted(exchange)]
    if not taken:
        hint = "it says 250 when it has"
        none = RuleFailure("The host has taken no message of this session.", got=last_line(evidence), hint=hint)
        return first_fault(evidence) or none
    if not any(token in exchange.data for exchange in taken):
        lines = lines_of(taken[-1].data)
        return RuleFailure(
            "A message was sent, but not the one that was asked for.",
            f"the word {task.token} in it",
            f"a message of {plural(len(lines), 'line')}; the last one is {shown(lines[-1] if lines else None)}",
        )
    if any(token in message for message in evidence.mail.get(task.recipient, ())):
        return None
    found = [address for address, mail in evidence.mail.items() if any(token in message for message in mail)]
    return RuleFailure(
        "The message is in the wrong mailbox.",
        f"in the mailbox of {task.recipient}",
        f"in that of {in_a_row(found)}" if found else "in none",
        "the envelope decides where it goes",
    )


@RULES.rule("quit", 1, "RFC 5321 4.1.1.10", "You end the session with QUIT.")
@RULES.asks("What was the last reply of the host, and to which line?")
def ends_with_quit(evidence: MailEvidence) -> RuleFailure | None:
    quits = all_of(evidence, "QUIT")
    if any(map(accepted, quits)):
        return None
    if _QUIT_LINE.search(_behind_data(evidence)):
        got = visible(_behind_data(evidence)[-40:])
        return RuleFailure("Your QUIT was read as a line of the message.", got=got, hint="end the message first")
    got = last_line(evidence)
    if evidence.wire.closed:
        hint = "tell the host that you are done, and wait for 221"
        return RuleFailure("The connection was closed without QUIT.", got=got, hint=hint)
    return RuleFailure("The session is still open.", got=got, hint="which command ends it?")


@RULES.rule("crlf", 1, "RFC 5321 2.3.8", "Every line that you send ends in CRLF.")
@RULES.asks("Which two octets end a line, and which did you send?")
def ends_lines_with_crlf(evidence: MailEvidence) -> RuleFailure | None:
    """A session of which the host has taken no line earns nothing, however its lines end."""
    if not evidence.wire.sent:
        return RuleFailure("You have sent no line yet.", visible(b"\r\n"))
    fault = badly_ended(evidence.wire, evidence.wording)
    if fault is None and not any(map(accepted, evidence.wire.transcript.commands())):
        return first_fault(evidence)
    return fault


def first_fault(evidence: MailEvidence) -> RuleFailure | None:
    """Return why nothing could come of the session: a line without CRLF, or the first refusal; None if neither was.

    Several rules fail by it, and the report explains the same failure once.
    """
    if fault := badly_ended(evidence.wire, evidence.wording):
        return fault
    said = evidence.wire.transcript.commands()
    first = next((each for each in said if each.reply is not None and not accepted(each)), None)
    if first is None:
        return None
    got = line_and_reply(first)
    return RuleFailure("The first refusal of the session came here; begin with it.", got=got)


def last_line(evidence: MailEvidence) -> str:
    """Return the last line that was said, and its reply."""
    said = evidence.wire.transcript.commands()
    if not said:
        return "no line at all"
    if said[-1].verb == MESSAGE and said[-1].reply is None:  # all its lines would be shown as one long text
        return f"a message that goes on, with {plural(len(lines_of(said[-1].data)), 'line')} so far"
    return line_and_reply(said[-1])


def _transaction(evidence: MailEvidence) -> list[Exchange]:
    """Return the transaction that carries the token, or else the last one, from its MAIL on."""
    transactions: list[list[Exchange]] = []
    for exchange in evidence.wire.transcript.commands():
        if exchange.verb == "MAIL" and accepted(exchange):
            transactions.append([])
        if transactions:
            transactions[-1].append(exchange)
    token = evidence.task.token.encode()
    carrying = (each for each in reversed(transactions) if any(token in exchange.data for exchange in each))
    return next(carrying, transactions[-1] if transactions else [])


def _behind_data(evidence: MailEvidence) -> bytes:
    """Return the octets after the first accepted DATA if the message has no end; else nothing."""
    messages = all_of(evidence, MESSAGE)
    if not any(map(accepted, all_of(evidence, "DATA"))) or any(message.reply is not None for message in messages):
        return b""
    return re.split(rb"(?i)(?:^|\n)DATA\s*?\r\n", evidence.wire.sent)[-1]


def replies_to(evidence: MailEvidence, verb: str) -> str:
    tried = [*filter(None, [meant_as(evidence.wire, verb)]), *all_of(evidence, verb)]
    if tried:
        return line_and_reply(tried[-1])
    unread = re.search(rf"(?im)^{verb}\b[^\r\n]*\r?\n?".encode(), evidence.wire.sent)
    return f"{visible(unread[0])}, which the host has not read as a command" if unread else f"no {verb} at all"


def usual(name: str, part: str) -> Rule[Any]:
    """Return one of the rules above, for a part of an exercise."""
    return RULES.named(name, part)


def is_yours(part: str) -> Rule[Any]:
    """Return the rule that a part about one message needs: the session is about the student's task."""
    return Rule(f"{part}.yours", 0, "your task sheet", "The session is about your task.", speaks_of_the_task)
