"""What a student has handed in as an answer to one question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from ..hint_wording import HintWording
from ..rules import RuleFailure, text_of


class AnswerEvidence(Protocol):
    """Evidence that holds answers."""

    @property
    def answers(self) -> Mapping[str, object]: ...
    @property
    def wording(self) -> HintWording: ...


def not_handed_in(evidence: AnswerEvidence, question: str, sentence: str, expected: str = "") -> RuleFailure:
    """Return that an answer is missing, with the call that hands it in.

    Args:
        evidence: the answers of a student.
        question: the name of the answer.
        sentence: what is missing.
        expected: the form of the answer.
    """
    hint = f"hand in with {evidence.wording.answer.format(question=question)}"
    return RuleFailure(sentence, expected, hint=hint, undone=True)


def kind_of(answer: object) -> str:
    """Return the type of an answer, for a student who has handed in the wrong one."""
    return f"a value of the type {type(answer).__name__}"


def handed_text(evidence: AnswerEvidence, question: str, expected: str = "") -> str | RuleFailure:
    """Return the text of an answer; if there is none, say so.

    Args:
        evidence: the answers of a student.
        question: its name.
        expected: what kind of text the answer is, for a student who has handed in something else; empty if any will do.
    """
    answer = evidence.answers.get(question)
    if answer is None:
        return not_handed_in(evidence, question, f'"{question}" has not been handed in yet.')
    text = text_of(answer)
    if text is None:
        got = kind_of(answer)
        return RuleFailure(f'Your answer to "{question}" is not text.', expected, got)
    return text


def with_what_goes_on(lines: Iterable[str], goes_on: Callable[[str, str], object]) -> Iterator[str]:
    """Yield lines, each joined by line feeds with the lines in which it goes on; empty ones are left out.

    Args:
        lines: without blanks at their ends.
        goes_on: gets what has been joined so far and the next line; true if that line belongs to it.
    """
    whole = ""
    for line in filter(None, lines):
        if whole and goes_on(whole, line):
            whole = f"{whole}\n{line}"
        else:
            yield from filter(None, (whole,))
            whole = line.strip()
    yield from filter(None, (whole,))
