"""Part ``provoke`` of exercise 03: eight replies, each brought about by its cause, judged on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....protocol.states import MESSAGE
from ....transcript import Exchange
from ...evidence import Wire
from ...rules import ExercisePart, Judge, Rule, RuleFailure, visible
from ..exchanges import line_of, reply_of
from ..introduction import hellos_in, is_introduced, needs_your_name
from .causes import CAUSES, TaskCause
from .slots import MASKS
from .task import ReplyCausesEvidence


def answered(evidence: ReplyCausesEvidence, cause: TaskCause) -> Iterator[tuple[Wire, Exchange]]:
    """Yield the exchanges that a host answered with the code of a cause, in order, each with its session."""
    for wire in evidence.wires:
        for exchange in wire.transcript.commands():
            if exchange.reply is not None and exchange.reply.code == cause.code:
                yield wire, exchange


def counting(evidence: ReplyCausesEvidence, slot: int) -> list[tuple[Wire, Exchange]]:
    """Return the exchanges that count for a place of the list of eight."""
    cause = CAUSES[evidence.task.causes[slot]]
    return [
        (wire, exchange)
        for wire, exchange in answered(evidence, cause)
        if cause.shows(evidence.task, wire, exchange) and is_introduced(evidence.task.client, wire)
    ]


def _comes(slot: int) -> Judge[ReplyCausesEvidence]:
    """Return a judge for one place of the list of eight."""

    def judge(evidence: ReplyCausesEvidence) -> RuleFailure | None:
        if counting(evidence, slot):
            return None
        cause = CAUSES[evidence.task.causes[slot]]
        seen = list(answered(evidence, cause))
        fitting = [(wire, exchange) for wire, exchange in seen if cause.shows(evidence.task, wire, exchange)]
        if fitting and not _tried_since(evidence, cause, fitting[-1][0]):
            return _without_your_name(evidence, cause, *fitting[-1])
        if (tried := _at_this_cause(evidence, cause)) is not None:
            return _attempt(evidence, cause, *tried)
        if seen:
            return _another_cause(evidence, cause, *seen[-1])
        if any(_says(cause.code, wire) for wire in evidence.wires):
            return RuleFailure(
                f"You sent {cause.code} yourself; it counts only when a host answers with it.", cause.told
            )
        if (near := _nearest(evidence, cause)) is not None:
            return _attempt(evidence, cause, *near)
        is_first = not any(_has_nothing_to_show(evidence, each) for each in range(slot))
        return RuleFailure(_not_yet(cause), cause.told, _last_said(evidence) if is_first else "")

    return judge


def _says(code: int, wire: Wire) -> bool:
    """Return True if the client has sent a code as a word of its own, and not as a part of SIZE=4520 or of a name."""
    return re.search(rb"(?<![\w=.@<-])%d(?![\w.@>])" % code, wire.sent) is not None


def _not_yet(cause: TaskCause) -> str:
    return f"No host has answered {cause.code} yet."


def _has_nothing_to_show(evidence: ReplyCausesEvidence, slot: int) -> bool:
    """Return True if no line was said that has to do with a place of the list."""
    cause = CAUSES[evidence.task.causes[slot]]
    return next(answered(evidence, cause), None) is None and _nearest(evidence, cause) is None


def _attempt(evidence: ReplyCausesEvidence, cause: TaskCause, wire: Wire, exchange: Exchange) -> RuleFailure:
    """Show a line that looks like an attempt, although it got another code."""
    assert exchange.reply is not None
    said = "" if exchange.reply.is_positive else f' "{visible(exchange.reply.lines[0])}"'
    got = f"{_which(evidence, wire)}: {_line_of(exchange)}, answered {reply_of(exchange)}{said}"
    came = next(answered(evidence, cause), None) is not None
    sentence = f"{cause.code} has not come from this cause yet." if came else _not_yet(cause)
    return RuleFailure(sentence, cause.told, got, cause.advice.get(exchange.reply.code, ""))


def _another_cause(evidence: ReplyCausesEvidence, cause: TaskCause, wire: Wire, exchange: Exchange) -> RuleFailure:
    """Say that the code came, but from another cause."""
    not_named = "name the recipient with RCPT" if cause.verbs == ("RCPT",) != (exchange.verb,) else ""
    return RuleFailure(
        f"{cause.code} came from another cause.",
        cause.told,
        f"{_which(evidence, wire)}: {_line_of(exchange)}, answered {cause.code}{_since(evidence, wire)}",
        cause.advice.get(cause.code, not_named),
    )


def _at_this_cause(evidence: ReplyCausesEvidence, cause: TaskCause) -> tuple[Wire, Exchange] | None:
    """Return the latest line that is all that a cause asks for, but got another code; None where any line would be."""
    if not cause.verbs or cause.proves is None:
        return None
    tried = [
        (wire, exchange)
        for wire, exchange in _open_answers(evidence)
        if exchange.reply is not None
        and exchange.reply.code != cause.code
        and cause.shows(evidence.task, wire, exchange)
    ]
    return tried[-1] if tried else None


def _tried_since(evidence: ReplyCausesEvidence, cause: TaskCause, last: Wire) -> bool:
    """Return True if a session after `last`, with the right name in it, has a mistake to show at a cause."""
    shown = [*answered(evidence, cause), *filter(None, [_at_this_cause(evidence, cause)])]
    later = [id(wire) for wire in evidence.wires]
    later = later[later.index(id(last)) + 1 :]
    return any(id(wire) in later and is_introduced(evidence.task.client, wire) for wire, _ in shown)


def _open_answers(evidence: ReplyCausesEvidence) -> list[tuple[Wire, Exchange]]:
    """Return what was answered, without what counts for a number of the list."""
    done = {(id(wire), exchange.first) for slot in range(len(MASKS)) for wire, exchange in counting(evidence, slot)}
    return [
        (wire, exchange)
        for wire in evidence.wires
        for exchange in wire.transcript.commands()
        if exchange.reply is not None and (id(wire), exchange.first) not in done
    ]


def _nearest(evidence: ReplyCausesEvidence, cause: TaskCause) -> tuple[Wire, Exchange] | None:
    """Return the latest exchange with a verb that shows the cause; without such, the latest reply of the same kind.

    Replies are of the same kind if their first two digits are equal. What counts for another number is no attempt.
    """
    answers = _open_answers(evidence)
    tried = [each for each in answers if each[1].verb in cause.verbs]
    alike = [each for each in answers if not _differ(each[1], cause)]
    return next((found[-1] for found in (tried, alike) if found), None)


def _differ(exchange: Exchange, cause: TaskCause) -> bool:
    """Return True if the code of a reply differs from that of a cause before the third digit, or is positive."""
    assert exchange.reply is not None
    return exchange.reply.is_positive or exchange.reply.code // 10 != cause.code // 10


def _line_of(exchange: Exchange) -> str:
    """Return what was sent; of a message only that it is one."""
    return "your message" if exchange.verb == MESSAGE else line_of(exchange)


def _without_your_name(evidence: ReplyCausesEvidence, cause: TaskCause, wire: Wire, exchange: Exchange) -> RuleFailure:
    """Say that a session has the cause, but not the name of the student's machine."""
    hellos = hellos_in(wire)
    did = "gave another name than that of your machine" if hellos else "did not say who you are"
    which = _which(evidence, wire)
    return RuleFailure(
        f"{cause.code} came in {which}, in which you {did}.",
        f"HELO or EHLO with {evidence.task.client} in the same session",
        f"{which}: {line_of(hellos[-1] if hellos else exchange)}{_since(evidence, wire)}",
    )


def _which(evidence: ReplyCausesEvidence, wire: Wire) -> str:
    """Return which session it is that a student is told of."""
    return "an earlier session" if _since(evidence, wire) else "your latest session"


def _since(evidence: ReplyCausesEvidence, wire: Wire) -> str:
    """Say how the latest session ended, if a session is not the latest; empty if it is."""
    held = [each for each in evidence.wires if each.transcript]
    if not held or held[-1] is wire:
        return ""
    return f"\n{_last_said(evidence)}"


def _last_said(evidence: ReplyCausesEvidence) -> str:
    """Return the last line of the latest session, and its reply; QUIT only if nothing else was said."""
    held = [wire.transcript.commands() for wire in evidence.wires]
    said = next((each for each in reversed(held) if each), ())
    last = next((each for each in reversed(said) if each.verb != "QUIT"), said[-1] if said else None)
    if last is None:
        return "no line in any session"
    return f"your latest session: {_line_of(last)}, answered {reply_of(last)}"


PART = ExercisePart(
    "provoke",
    tuple(
        Rule(
            f"provoke.{slot}",
            2,
            "RFC 5321 4.2.3",
            f"Number {number} of your list comes from its cause.",
            _comes(number - 1),
            label=f"number {number}",
        )
        for number, slot in enumerate(MASKS, start=1)
    ),
    hidden=2,
    hidden_points=4,
    beyond="They look at QUIT, and at what is left in the mailboxes.",
    needs=needs_your_name("provoke"),
    has_sessions=True,
)
