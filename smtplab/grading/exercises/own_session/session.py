"""Part ``session`` of exercise 01: the student's own session, judged on the wire and in the mailbox.

The functions at the end read the wire for the rules, and for the hidden rules in the instructor's notebook. The module
is long because it is one list of rules, all on the same session.
"""

from __future__ import annotations

import re
from itertools import zip_longest

from ....base.printed import in_a_row, plural
from ....protocol.states import MESSAGE, State
from ....transcript import Exchange
from ....transcript.rows import BULLETS, FOREIGN_DOTS
from ...evidence import Evidence
from ...hint_wording import belief_hint
from ...rules import ExercisePart, Rule, RuleFailure, visible
from ..exchanges import (
    accepted,
    address_of,
    all_of,
    argument_of,
    badly_ended,
    code_of,
    line_of,
    reply_of,
)
from .task import OwnSessionEvidence, OwnSessionTask

_SHOWN = 3  # refusals
_HELLO, _TRANSACTION = ("HELO", "EHLO"), ("MAIL", "RCPT", "DATA")
_BELIEF = "header-names-the-sender"
_DIRECTIONS = "MAIL FROM names the sender, RCPT TO the recipient"
# A line of a message that looks as if it began another session.
_SESSION_LINE = re.compile(
    r"(?i)(?:(?:telnet|connect)\s+\S+(?:\s+\d+)?|(?:HELO|EHLO)\s+\S+|(?:MAIL FROM|RCPT TO):.*)\s*"
)
_QUIT_LINE = re.compile(rb"\nQUIT\r?\n", re.IGNORECASE)


def _speaks_of_the_task(evidence: OwnSessionEvidence) -> RuleFailure | None:
    """The session contains something that only this student has; for a call without answer, the host's name."""
    task, wire = evidence.task, evidence.wire
    said = wire.sent.decode("utf-8", "replace").casefold()
    called = wire.host.casefold()
    if any(name in said for name in (task.sender, task.recipient, task.author, task.audience, task.token)):
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
        got=_last_line(evidence),
        hint=f"everybody's names are different; {evidence.wording.sheet} shows your own",
    )


def _says_who_it_is(evidence: OwnSessionEvidence) -> RuleFailure | None:
    task, said = evidence.task, evidence.wire.transcript.commands()
    hellos = [exchange for exchange in said if exchange.verb in _HELLO]
    first = next((exchange for exchange in said if exchange.verb in _TRANSACTION), None)
    if not hellos:
        hint = "the host has told you its name; now tell it yours"
        never = RuleFailure("You never said HELO or EHLO.", got=_last_line(evidence), hint=hint)
        return badly_ended(evidence.wire, evidence.wording) or never
    if first is not None and said.index(first) < said.index(hellos[0]):
        return RuleFailure(
            f"You gave {first.verb} before you had said HELO or EHLO.",
            got=f"{line_of(first)}, answered {reply_of(first)}",
            hint="a session begins with who you are",
        )
    if any(accepted(hello) and argument_of(hello).casefold() == task.client for hello in hellos):
        return None
    return _wrong_hello(task, hellos[-1])


def _wrong_hello(task: OwnSessionTask, hello: Exchange) -> RuleFailure:
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


def _names_the_sender(evidence: OwnSessionEvidence) -> RuleFailure | None:
    task = evidence.task
    transaction = _transaction(evidence)
    if not transaction:
        none = RuleFailure("No MAIL command of yours was accepted.", got=_replies_to(evidence, "MAIL"))
        return badly_ended(evidence.wire, evidence.wording) or none
    sender = address_of(transaction[0])
    if sender == task.sender:
        return None
    expected, got = f"the sender {task.sender}", line_of(transaction[0])
    if sender == task.recipient:
        return RuleFailure("You named the recipient as the sender.", expected, got, _DIRECTIONS)
    if sender == task.author:
        return RuleFailure("You took the sender from the message's From line.", expected, got, belief=_BELIEF)
    return RuleFailure("Your MAIL command names somebody else as the sender.", expected, got)


def _names_the_recipient(evidence: OwnSessionEvidence) -> RuleFailure | None:
    task = evidence.task
    taken = [exchange for exchange in _transaction(evidence) if exchange.verb == "RCPT" and accepted(exchange)]
    if not taken:
        none = RuleFailure("No RCPT command of yours was accepted.", got=_replies_to(evidence, "RCPT"))
        return badly_ended(evidence.wire, evidence.wording) or none
    wrong = next((exchange for exchange in taken if address_of(exchange) != task.recipient), None)
    if wrong is None:
        return None
    expected, got = f"the recipient {task.recipient} alone", line_of(wrong)
    if address_of(wrong) == task.sender:
        return RuleFailure("You named the sender as the recipient.", expected, got, _DIRECTIONS)
    if address_of(wrong) == task.audience:
        return RuleFailure("You took the recipient from the message's To line.", expected, got, belief=_BELIEF)
    return RuleFailure("Your RCPT commands name somebody else as a recipient.", expected, got)


def _before_the_hello(evidence: OwnSessionEvidence) -> list[Exchange]:
    """Return the commands of a transaction before the first HELO or EHLO; the rule about HELO fails by them."""
    said = evidence.wire.transcript.commands()
    hello = next((number for number, each in enumerate(said) if each.verb in _HELLO), 0)
    return [each for each in said[:hello] if each.verb in _TRANSACTION]


def _out_of_order(evidence: OwnSessionEvidence) -> list[Exchange]:
    said = evidence.wire.transcript.commands()
    return [each for each in said if each.verb in _TRANSACTION and code_of(each) == "503"]


def refusals(evidence: OwnSessionEvidence) -> list[Exchange]:
    """Return the refused commands that cost the point for a faultless session.

    A command that came too early costs a point already, that of the rule about HELO or about the order.
    """
    said = evidence.wire.transcript.commands()
    charged = [*_out_of_order(evidence), *_before_the_hello(evidence)]
    return [each for each in said if each.reply is not None and not accepted(each) and each not in charged]


def _keeps_the_order(evidence: OwnSessionEvidence) -> RuleFailure | None:
    early = _before_the_hello(evidence)
    exchange = next((each for each in _out_of_order(evidence) if each not in early), None)
    if exchange is not None:
        return RuleFailure(
            _what_came_too_early(exchange),
            got=f"{line_of(exchange)}, answered {reply_of(exchange)}",
            hint=f"the state was then: {exchange.before.value}",
        )
    missing = next((verb for verb in _TRANSACTION if not any(map(accepted, all_of(evidence, verb)))), None)
    if missing is not None:
        return RuleFailure(f"The session never got past {missing}.", got=_replies_to(evidence, missing))
    return None


def _what_came_too_early(exchange: Exchange) -> str:
    if exchange.verb == "RCPT":
        return "RCPT came before the host had accepted a sender."
    if exchange.verb == "DATA":
        return "DATA came before the host had accepted a recipient."
    if exchange.before is State.GREETED:
        return "MAIL came before the host had accepted your HELO or EHLO."
    return "MAIL came while a transaction was under way."


def _ends_the_message(evidence: OwnSessionEvidence) -> RuleFailure | None:
    messages = all_of(evidence, MESSAGE)
    if any(map(accepted, messages)):
        return None
    if not any(map(accepted, all_of(evidence, "DATA"))):
        none = RuleFailure(
            "There is no message to end: no DATA command was accepted.", got=_replies_to(evidence, "DATA")
        )
        return _first_fault(evidence) or none
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
    if typed := [line for line in lines if _SESSION_LINE.fullmatch(line)]:
        return _a_second_session(typed)
    if _QUIT_LINE.search(message):
        return RuleFailure(
            "No lone dot ended the message, and so QUIT became a line of it.", expected, visible(message[-40:])
        )
    if b"." in last and not last.strip(b". \t"):
        return RuleFailure("The dot that should end the message is not alone on its line.", expected, visible(last))
    return RuleFailure(
        "The message was never ended.", expected, visible(message[-40:]), "what tells the host that it is complete?"
    )


def _is_the_one_asked_for(evidence: OwnSessionEvidence) -> RuleFailure | None:
    """A host takes any message; what was asked for is the one on the task sheet, line by line."""
    taken = [exchange.data for exchange in all_of(evidence, MESSAGE) if accepted(exchange)]
    if not taken:
        return _first_fault(evidence) or RuleFailure("The host has taken no message yet.", got=_last_line(evidence))
    asked = evidence.task.message
    sent = [_lines_of(data) for data in taken]
    if any(lines == list(asked) for lines in sent):
        return None
    lines = next((each for each, data in zip(sent, taken, strict=True) if _carries(evidence, data)), sent[-1])
    if typed := [line for line in lines if _SESSION_LINE.fullmatch(line)]:
        return _a_second_session(typed)
    pairs = enumerate(zip_longest(asked, lines), 1)
    number, expected, got = next((number, *pair) for number, pair in pairs if pair[0] != pair[1])
    return RuleFailure(
        f"Line {number} of your message is not that of the task sheet.",
        _shown(expected),
        _shown(got),
        "an empty line ends the header section"
        if expected == ""
        else f"{evidence.wording.sheet} shows the message; send it as it stands",
    )


def _a_second_session(typed: list[str]) -> RuleFailure:
    """Say that lines which were meant for a host went into an open message."""
    return RuleFailure(
        "A second session went into your message, which was still open.",
        got="\n".join(map(visible, typed[:_SHOWN])),
        hint="end a message with a lone dot before you open another session; then hold the whole session anew",
    )


def _shown(line: str | None) -> str:
    return "no such line" if line is None else visible(line) or "an empty line"


def _carries(evidence: OwnSessionEvidence, data: bytes) -> bool:
    return evidence.task.token.encode() in data


def _lines_of(data: bytes) -> list[str]:
    """Return the lines of a message on the wire, without its lone dot; a blank at the end of a line does not count."""
    lines = data.decode("utf-8", "replace").removesuffix("\r\n").split("\r\n")
    return [line.rstrip() for line in (lines[:-1] if lines[-1] == "." else lines)]


def _is_delivered(evidence: OwnSessionEvidence) -> RuleFailure | None:
    task, token = evidence.task, evidence.task.token.encode()
    taken = [exchange for exchange in all_of(evidence, MESSAGE) if accepted(exchange)]
    if not taken:
        hint = "it says 250 when it has"
        none = RuleFailure("The host has taken no message of this session.", got=_last_line(evidence), hint=hint)
        return _first_fault(evidence) or none
    if not any(token in exchange.data for exchange in taken):
        lines = _lines_of(taken[-1].data)
        return RuleFailure(
            "A message was sent, but not the one that was asked for.",
            f"the word {task.token} in it",
            f"a message of {len(lines)} lines; the last one is {_shown(lines[-1] if lines else None)}",
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


def _has_no_refusal(evidence: OwnSessionEvidence) -> RuleFailure | None:
    """No command was refused, and a message was taken; a refusal costs a point at grading, and is told here."""
    said = evidence.wire.transcript.commands()
    refused = [each for each in said if each.reply is not None and not accepted(each)]
    costly = refusals(evidence)
    if refused:
        count = len(costly or refused)
        price = (
            "This costs the point for a faultless session."
            if costly
            else "This has cost a point above already, and costs no other one."
        )
        return RuleFailure(
            f"{plural(count, 'command was', 'commands were')} refused. {price}",
            got="\n".join([f"{line_of(each)}, answered {reply_of(each)}" for each in (costly or refused)[:_SHOWN]])
            + "\n..." * (count > _SHOWN),
            hint="a new session without a refusal earns it" if costly else "",
        )
    if not any(map(accepted, all_of(evidence, MESSAGE))):
        sentence = "No command was refused, but the host has taken no message yet."
        none = RuleFailure(sentence, got=_last_line(evidence), undone=True)
        return badly_ended(evidence.wire, evidence.wording) or none
    unanswered = next((each for each in said if each.reply is None), None)
    return None if unanswered is None else RuleFailure("A command was never answered.", got=line_of(unanswered))


def _ends_with_quit(evidence: OwnSessionEvidence) -> RuleFailure | None:
    quits = all_of(evidence, "QUIT")
    if any(map(accepted, quits)):
        return None
    if _QUIT_LINE.search(_behind_data(evidence)):
        got = visible(_behind_data(evidence)[-40:])
        return RuleFailure("Your QUIT was read as a line of the message.", got=got, hint="end the message first")
    got = _last_line(evidence)
    if evidence.wire.closed:
        hint = "tell the host that you are done, and wait for 221"
        return RuleFailure("The connection was closed without QUIT.", got=got, hint=hint)
    return RuleFailure("The session is still open.", got=got, hint="which command ends it?")


def _ends_lines_with_crlf(evidence: OwnSessionEvidence) -> RuleFailure | None:
    if not evidence.wire.sent:
        return RuleFailure("You have sent no line yet.", visible(b"\r\n"))
    return badly_ended(evidence.wire, evidence.wording)


def _first_fault(evidence: OwnSessionEvidence) -> RuleFailure | None:
    """Return why nothing could come of the session: a line without CRLF, or the first refusal; None if neither was.

    Several rules fail by it, and the report explains the same failure once.
    """
    if fault := badly_ended(evidence.wire, evidence.wording):
        return fault
    said = evidence.wire.transcript.commands()
    first = next((each for each in said if each.reply is not None and not accepted(each)), None)
    if first is None:
        return None
    got = f"{line_of(first)}, answered {reply_of(first)}"
    return RuleFailure("The first refusal of the session came here; begin with it.", got=got)


def _last_line(evidence: OwnSessionEvidence) -> str:
    """Return the last line that was said, and its reply."""
    said = evidence.wire.transcript.commands()
    return f"{line_of(said[-1])}, answered {reply_of(said[-1])}" if said else "no line at all"


def _transaction(evidence: OwnSessionEvidence) -> list[Exchange]:
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


def _behind_data(evidence: OwnSessionEvidence) -> bytes:
    """Return the octets after the first accepted DATA if the message has no end; else nothing."""
    messages = all_of(evidence, MESSAGE)
    if not any(map(accepted, all_of(evidence, "DATA"))) or any(message.reply is not None for message in messages):
        return b""
    return re.split(rb"(?i)(?:^|\n)DATA\s*?\r\n", evidence.wire.sent)[-1]


def _replies_to(evidence: OwnSessionEvidence, verb: str) -> str:
    tried = all_of(evidence, verb)
    if tried:
        return f"{line_of(tried[-1])}, answered {reply_of(tried[-1])}"
    unread = re.search(rf"(?im)^{verb}\b[^\r\n]*\r?\n?".encode(), evidence.wire.sent)
    return f"{visible(unread[0])}, which the host has not read as a command" if unread else f"no {verb} at all"


PART = ExercisePart(
    "session",
    (
        Rule(
            "session.hello",
            1,
            "RFC 5321 4.1.1.1 and 4.1.4",
            "You say who you are before anything else.",
            _says_who_it_is,
            "Whose name does HELO give, and where on the sheet is it?",
        ),
        Rule(
            "session.sender",
            1,
            "RFC 5321 4.1.1.2",
            "MAIL names the sender of your task.",
            _names_the_sender,
            "Who is the sender of the envelope on your sheet, and whom did MAIL name?",
        ),
        Rule(
            "session.recipient",
            1,
            "RFC 5321 4.1.1.3",
            "RCPT names the recipient of your task.",
            _names_the_recipient,
            "Who is the recipient of the envelope on your sheet, and whom did RCPT name?",
        ),
        Rule(
            "session.order",
            1,
            "RFC 5321 4.1.4",
            "MAIL, RCPT and DATA come in this order.",
            _keeps_the_order,
            "Which of MAIL, RCPT and DATA did the host refuse, and in which state?",
        ),
        Rule(
            "session.dot",
            1,
            "RFC 5321 4.1.1.4",
            "A line with a dot alone ends the message.",
            _ends_the_message,
            "What was the last line that the host read as text of the message?",
        ),
        Rule(
            "session.crlf",
            1,
            "RFC 5321 2.3.8",
            "Every line that you send ends in CRLF.",
            _ends_lines_with_crlf,
            "Which two octets end a line, and which did you send?",
        ),
        Rule(
            "session.message",
            1,
            "your task sheet",
            "The message is the one asked for, line by line: header section, empty line, body.",
            _is_the_one_asked_for,
            "Lay the sheet beside the transcript of your session: which line between DATA and the dot differs?",
        ),
        Rule(
            "session.refused",
            0,
            "RFC 5321 4.2.1",
            "The host refuses no command. 1 point for this comes at grading.",
            _has_no_refusal,
            "Which command of this session was refused, and what would you send in its place?",
            label="no refusal",
        ),
        Rule(
            "session.delivered",
            2,
            "RFC 5321 3.3",
            "Your word of the day is in the recipient's mailbox.",
            _is_delivered,
            "Which mailbox should your word of the day be in, and what was delivered there?",
        ),
        Rule(
            "session.quit",
            1,
            "RFC 5321 4.1.1.10",
            "You end the session with QUIT.",
            _ends_with_quit,
            "What was the last reply of the host, and to which line?",
        ),
    ),
    hidden=1,
    hidden_points=1,
    needs=Rule("session.yours", 0, "your task sheet", "The session is about your task.", _speaks_of_the_task),
    attempts=Evidence.each_wire,
    has_sessions=True,
)
