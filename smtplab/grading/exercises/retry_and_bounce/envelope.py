"""What goes with the bounce of exercise 07: its envelope, and the choice of messages that get one."""

from __future__ import annotations

import re

from ...rules import RuleFailure, text_of, visible
from ..answer_evidence import handed_text, kind_of, not_handed_in
from .bounce import no_bounce
from .task import RetryEvidence


def is_yours(evidence: RetryEvidence) -> RuleFailure | None:
    """The bounce, or its envelope, is about this student's message."""
    task, answers = evidence.task, evidence.answers
    paths = [(text_of(answers.get(question)) or "").casefold() for question in ("MAIL FROM", "RCPT TO")]
    missing = no_bounce(evidence)
    if missing is None or any(name in path for path in paths for name in (task.domain, task.recipient)):
        return None
    return _foreign_envelope(evidence) if answers.get("bounce") is None and any(paths) else missing


def _foreign_envelope(evidence: RetryEvidence) -> RuleFailure:
    return RuleFailure(
        "No bounce has been handed in yet, and its envelope names nobody of your task.",
        hint=f"{evidence.wording.sheet} shows the envelope of your message",
    )


def _path(evidence: RetryEvidence, question: str) -> str | RuleFailure:
    """Return the path that was handed in, without brackets, or what is wrong with it."""
    text = handed_text(evidence, question, "a path with its brackets")
    if isinstance(text, RuleFailure):
        return text
    words = re.sub(rf"^\s*{question}\s*:?", "", text.strip(), flags=re.IGNORECASE).strip()
    if not (words.startswith("<") and words.endswith(">")):
        return RuleFailure(
            f'Your answer to "{question}" must be in brackets.', "< in front and > behind", visible(text) or "nothing"
        )
    return words[1:-1].strip()


def has_the_null_reverse_path(evidence: RetryEvidence) -> RuleFailure | None:
    path, task = _path(evidence, "MAIL FROM"), evidence.task
    if isinstance(path, RuleFailure) or not path:
        return path or None
    if path.casefold() == task.sender:
        sentence = "If this bounce cannot be delivered, a bounce about it goes to the one who could not be reached."
    elif path.casefold().endswith((f"@{task.host}", f"@{task.domain}")):
        sentence = "A bounce about this bounce would come to your own host, and could fail again, without an end."
    else:
        sentence = "The bounce has a reverse-path, so it can be answered by another bounce."
    expected, got = "a reverse-path to which nothing comes back", visible(f"<{path}>")
    # The sentence of the belief is the answer, so the hint is another one.
    return RuleFailure(sentence, expected, got, "notebook 07 has a bounce of a bounce", belief="bounce-has-a-sender")


def goes_to_the_sender(evidence: RetryEvidence) -> RuleFailure | None:
    path, task = _path(evidence, "RCPT TO"), evidence.task
    if isinstance(path, RuleFailure):
        return path
    if path.casefold() == task.sender:
        return None
    got = visible(f"<{path}>")
    if path.casefold() == task.author:
        return RuleFailure(
            "You took the address from the From field; a bounce goes to the reverse-path.", "the envelope's sender", got
        )
    if path.casefold() == task.recipient:
        return RuleFailure("You sent the bounce to the one who could not be reached.", "the envelope's sender", got)
    return RuleFailure("The bounce goes to somebody else.", "the sender of the envelope", got)


# Which messages get a bounce. The check looks at the form alone, because fifteen answers are soon tried.


def numbers_of(evidence: RetryEvidence) -> frozenset[int] | RuleFailure:
    """Return the numbers of the messages that the student chose, or what is wrong with the answer."""
    answer, task = evidence.answers.get("bounces"), evidence.task
    expected = 'a text of numbers with commas between, such as "1, 2, 3"'
    if answer is None:
        return not_handed_in(evidence, "bounces", '"bounces" has not been handed in yet.')
    text = str(answer) if type(answer) is int else text_of(answer)
    if text is None:
        got = kind_of(answer)
        return RuleFailure('Your answer to "bounces" is not text.', expected, got)
    got, count = visible(text.strip()) or "nothing", len(task.undelivered)
    if re.search(r"\d\s*(-|–|to\b|\.\.)\s*\d", text):
        return RuleFailure('Your answer to "bounces" has a range; write each number.', expected, got)
    words = [word for word in re.split(r"[\s,;&()\[\]{}]+|\band\b", text) if word]
    if not words or not all(re.fullmatch(r"-?[0-9]{1,9}", word) for word in words):
        return RuleFailure("That does not name any of the four by its number.", expected, got)
    strange = next((word for word in words if not 1 <= int(word) <= count), None)
    if strange is not None:
        return RuleFailure(f"There is no message {strange} on your sheet.", f"numbers from 1 to {count}", got)
    return frozenset(map(int, words))


def chooses(evidence: RetryEvidence) -> RuleFailure | None:
    numbers = numbers_of(evidence)
    return numbers if isinstance(numbers, RuleFailure) else None
