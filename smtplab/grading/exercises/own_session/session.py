"""Part ``session`` of exercise 01: the student's own session, judged on the wire and in the mailbox.

The usual rules about a message are in `session_rules`; here are those about its order, its lines and its refusals.
"""

from __future__ import annotations

from itertools import zip_longest

from ....base.printed import in_a_row, plural
from ....protocol.commands import HELLOS
from ....protocol.states import MESSAGE, State
from ....transcript import Exchange
from ...evidence import Evidence
from ...rules import ExercisePart, RuleFailure, RuleList
from ..exchanges import accepted, all_of, badly_ended, code_of, line_and_reply, line_of
from ..session_rules import (
    SESSION_LINE,
    TRANSACTION,
    a_second_session,
    first_fault,
    is_yours,
    last_line,
    lines_of,
    replies_to,
    shown,
    usual,
)
from .task import OwnSessionEvidence

RULES = RuleList[OwnSessionEvidence]("session")
_SHOWN = 3  # refusals
# What leads to a message, from each state in which one of these verbs may come too early.
_FIRST: dict[State, tuple[str, ...]] = {
    State.GREETED: ("HELO", *TRANSACTION),
    State.READY: TRANSACTION,
    State.SENDER: TRANSACTION[1:],
}


def _before_the_hello(evidence: OwnSessionEvidence) -> list[Exchange]:
    """Return the commands of a transaction before the first HELO or EHLO; the rule about HELO fails by them."""
    said = evidence.wire.transcript.commands()
    hello = next((number for number, each in enumerate(said) if each.verb in HELLOS), 0)
    return [each for each in said[:hello] if each.verb in TRANSACTION]


def _out_of_order(evidence: OwnSessionEvidence) -> list[Exchange]:
    said = evidence.wire.transcript.commands()
    return [each for each in said if each.verb in TRANSACTION and code_of(each) == "503"]


def refusals(evidence: OwnSessionEvidence) -> list[Exchange]:
    """Return the refused commands that cost the point for a faultless session.

    A command that came too early costs a point already, that of the rule about HELO or about the order.
    """
    said = evidence.wire.transcript.commands()
    charged = [*_out_of_order(evidence), *_before_the_hello(evidence)]
    return [each for each in said if each.reply is not None and not accepted(each) and each not in charged]


@RULES.rule("order", 1, "RFC 5321 4.1.4", "MAIL, RCPT and DATA come in this order.")
@RULES.asks("Which of MAIL, RCPT and DATA did the host refuse, and in which state?")
def _keeps_the_order(evidence: OwnSessionEvidence) -> RuleFailure | None:
    early = _before_the_hello(evidence)
    exchange = next((each for each in _out_of_order(evidence) if each not in early), None)
    if exchange is not None:
        return RuleFailure(
            _what_came_too_early(exchange),
            got=line_and_reply(exchange),
            hint=_what_comes_first(exchange),
        )
    missing = next((verb for verb in TRANSACTION if not any(map(accepted, all_of(evidence, verb)))), None)
    if missing is not None:
        return RuleFailure(f"The session never got past {missing}.", got=replies_to(evidence, missing))
    return None


def _what_comes_first(exchange: Exchange) -> str:
    """Return which commands lead to a command that came too early."""
    verbs = _FIRST.get(exchange.before, ())
    if exchange.verb not in verbs:
        return "a transaction ends with its message or with RSET; then MAIL may come again"
    return f"say {in_a_row(verbs[: verbs.index(exchange.verb)])} first"


def _what_came_too_early(exchange: Exchange) -> str:
    if exchange.verb == "RCPT":
        return "RCPT came before the host had accepted a sender."
    if exchange.verb == "DATA":
        return "DATA came before the host had accepted a recipient."
    if exchange.before is State.GREETED:
        return "MAIL came before the host had accepted your HELO or EHLO."
    return "MAIL came while a transaction was under way."


@RULES.rule(
    "message", 1, "your task sheet", "The message is the one asked for, line by line: header section, empty line, body."
)
@RULES.asks("Lay the sheet beside the transcript of your session: which line between DATA and the dot differs?")
def _is_the_one_asked_for(evidence: OwnSessionEvidence) -> RuleFailure | None:
    """A host takes any message; what was asked for is the one on the task sheet, line by line."""
    taken = [exchange.data for exchange in all_of(evidence, MESSAGE) if accepted(exchange)]
    if not taken:
        return first_fault(evidence) or RuleFailure("The host has taken no message yet.", got=last_line(evidence))
    asked = evidence.task.message
    sent = [lines_of(data) for data in taken]
    if any(lines == list(asked) for lines in sent):
        return None
    lines = next(
        (each for each, data in zip(sent, taken, strict=True) if evidence.task.token.encode() in data), sent[-1]
    )
    if typed := [line for line in lines if SESSION_LINE.fullmatch(line)]:
        return a_second_session(typed)
    pairs = enumerate(zip_longest(asked, lines), 1)
    number, expected, got = next((number, *pair) for number, pair in pairs if pair[0] != pair[1])
    return RuleFailure(
        f"Line {number} of your message is not that of the task sheet.",
        shown(expected),
        shown(got),
        "an empty line ends the header section"
        if expected == ""
        else f"{evidence.wording.sheet} shows the message; send it as it stands",
    )


@RULES.rule(
    "refused",
    0,
    "RFC 5321 4.2.1",
    "The host refuses no command. 1 point for this comes at grading.",
    label="no refusal",
)
@RULES.asks("Which command of this session was refused, and what would you send in its place?")
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
            got="\n".join([line_and_reply(each) for each in (costly or refused)[:_SHOWN]]) + "\n..." * (count > _SHOWN),
            hint="a new session without a refusal earns it" if costly else "",
        )
    if not any(map(accepted, all_of(evidence, MESSAGE))):
        sentence = "No command was refused, but the host has taken no message yet."
        none = RuleFailure(sentence, got=last_line(evidence), undone=True)
        return badly_ended(evidence.wire, evidence.wording) or none
    unanswered = next((each for each in said if each.reply is None), None)
    return None if unanswered is None else RuleFailure("A command was never answered.", got=line_of(unanswered))


PART = ExercisePart(
    "session",
    (
        usual("hello", "session"),
        usual("sender", "session"),
        usual("recipient", "session"),
        RULES.named("order"),
        usual("dot", "session"),
        usual("crlf", "session"),
        RULES.named("message"),
        RULES.named("refused"),
        usual("delivered", "session"),
        usual("quit", "session"),
    ),
    hidden=1,
    hidden_points=1,
    needs=is_yours("session"),
    attempts=Evidence.each_wire,
    has_sessions=True,
)
