"""Part ``message`` of exercise 00: one message, judged on the wire and in the mailbox."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ....protocol.states import MESSAGE
from ...evidence import Evidence
from ...rules import ExercisePart, RuleFailure, RuleList, visible
from ..exchanges import accepted, all_of
from ..session_rules import first_fault, is_yours, last_line, lines_of, usual
from .task import OneMessageEvidence

RULES = RuleList[OneMessageEvidence]("message")
_SUBJECT = re.compile(r"subject\s*:(.*)", re.IGNORECASE)


def message_of(evidence: OneMessageEvidence) -> list[str] | RuleFailure:
    """Return the lines of the message that was taken, the one with the word of the day if there are several."""
    taken = [lines_of(exchange.data) for exchange in all_of(evidence, MESSAGE) if accepted(exchange)]
    if not taken:
        none = RuleFailure("The host has taken no message yet.", got=last_line(evidence))
        return first_fault(evidence) or none
    return next((each for each in reversed(taken) if says(each, evidence.task.token)), taken[-1])


def says(lines: Iterable[str], words: str) -> bool:
    """Return True if some words are in a line, in capital or small letters."""
    return any(words.casefold() in line.casefold() for line in lines)


def header_and_text(lines: list[str]) -> tuple[list[str], list[str]]:
    """Return the fields above the first empty line, each in one line (RFC 5322 2.2.3), and the lines below it."""
    end = lines.index("") if "" in lines else len(lines)
    return re.sub(r"\n(?=[ \t])", "", "\n".join(lines[:end])).splitlines(), lines[end + 1 :]


@RULES.rule("subject", 1, "RFC 5322 3.6.5", "The message has the subject of your task.")
@RULES.asks("What does a field look like, and above which line of the message does it stand?")
def _has_the_subject(evidence: OneMessageEvidence) -> RuleFailure | None:
    lines = message_of(evidence)
    if isinstance(lines, RuleFailure):
        return lines
    wanted = evidence.task.subject
    expected = f"Subject: {wanted}"
    header, text = header_and_text(lines)
    found = [field[1] for line in header if (field := _SUBJECT.fullmatch(line))]
    if any(" ".join(subject.split()).casefold() == wanted.casefold() for subject in found):
        return None
    if found:
        return RuleFailure("The message has another subject.", expected, visible(f"Subject:{found[0]}"))
    if any(map(_SUBJECT.fullmatch, text)):
        return RuleFailure(
            "Your Subject stands below an empty line, so it is text and no field.",
            expected,
            hint="the fields begin in the first line of the message, and an empty line ends them",
        )
    return RuleFailure("The message has no field Subject.", expected, visible(lines[0] if lines else "no line"))


PART = ExercisePart(
    "message",
    (
        usual("hello", "message"),
        usual("sender", "message"),
        usual("recipient", "message"),
        usual("dot", "message"),
        RULES.named("subject"),
        usual("delivered", "message"),
        usual("quit", "message"),
    ),
    hidden=1,
    hidden_points=2,
    beyond="It looks at the message as a mail program does: fields stand above the first empty line, text below it.",
    needs=is_yours("message"),
    attempts=Evidence.each_wire,
    has_sessions=True,
)
