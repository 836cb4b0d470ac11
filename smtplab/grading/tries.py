"""Count the different answers that a student has checked, part by part.

A check tells right or wrong, because feedback teaches; so a loop over it finds answers without a thought. The number is
kept with the exercise while the kernel lives, also if the exercise begins anew; in what `check` shows below a part with
many answers, which stays in the saved notebook; and in the journal, for what the notebook's own cells check while it is
graded. It costs no points. A student can remove it from the notebook, but not what the notebook does when it is graded.

An answer is what was handed in for the questions of a part. For a part about sessions it is a session.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

from . import sentences
from .evidence import Evidence
from .recording import portable
from .rules import ExercisePart
from .trials import TriedProgram

# More different answers to one part than somebody checks who thinks about each.
MANY = 20
_SHOWN_FROM = MANY // 2
_MOST = 1000  # that are told apart, for each part
_SHOWN = re.compile(
    re.escape(sentences.ANSWERS_TRIED).replace(r"\{count\}", r"(\d{1,6})").replace(r"\{part\}", r"(\S+)")
)


class CheckedAnswers:
    """The different answers that were checked, for each part."""

    def __init__(self) -> None:
        self._answers: dict[str, dict[str, None]] = {}

    @property
    def counts(self) -> dict[str, int]:
        """How many there are, for each part that was checked."""
        return {part: len(answers) for part, answers in self._answers.items()}

    def note(self, part: str, answer: str) -> bool:
        """Note that an answer was checked; return True if it is a new one.

        Args:
            part: the name of the part.
            answer: its fingerprint.
        """
        answers = self._answers.setdefault(part, {})
        if answer in answers or len(answers) >= _MOST:
            return False
        answers[answer] = None
        return True

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield each part and answer."""
        for part, answers in self._answers.items():
            yield from ((part, answer) for answer in answers)


def fingerprint(part: ExercisePart[Any], questions: tuple[str, ...], evidence: Evidence[Any]) -> str:
    """Return what tells an answer from another one.

    Args:
        part: the part that is checked.
        questions: those of the exercise, for a part that names none and is not about sessions.
        evidence: what was done and handed in until now.
    """
    asked = part.questions or (() if evidence.wires else questions)
    if asked:
        said = json.dumps([_told(evidence.answers.get(question)) for question in asked])
    else:  # the session under way is one answer, however often it is checked
        said = json.dumps([wire.sent.decode("latin-1") for wire in evidence.wires[:-1]])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _told(answer: object) -> Any:
    """Return an answer as data; of a program its code. Nothing of the student's runs."""
    code = answer.code if type(answer) is TriedProgram else answer
    functions = list(vars(code).values()) if type(code) is type else [code]
    found = [_octets(each.__code__) for each in functions if type(each) is FunctionType]
    return found or portable(answer)


def _octets(code: CodeType) -> list[Any]:
    """Return what a function does; the same function written again is the same answer."""
    consts = [_octets(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    return [code.co_code.hex(), list(code.co_names), consts]


def told_of(part: str, count: int) -> str:
    """Return what a check says of the number; empty while it is small."""
    return sentences.ANSWERS_TRIED.format(count=count, part=part) if count > _SHOWN_FROM else ""


def in_notebook(book: Mapping[str, Any]) -> dict[str, int]:
    """Return the largest number that a saved notebook shows for each part. Its outputs are the student's.

    Args:
        book: the notebook as JSON has it, of any shape.
    """
    found = dict[str, int]()
    for text in _texts(book.get("cells")):
        for count, part in _SHOWN.findall(" ".join(text.split())):
            found[part] = max(found.get(part, 0), int(count))
    return found


def _texts(cells: object) -> Iterator[str]:
    """Yield the texts of all outputs."""
    for cell in _dicts(cells):
        for output in _dicts(cell.get("outputs")):
            data = output.get("data")
            for text in (output.get("text"), data.get("text/plain") if isinstance(data, dict) else None):
                if isinstance(text, list):
                    text = "".join(line for line in text if isinstance(line, str))
                if isinstance(text, str):
                    yield text


def _dicts(values: object) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def largest(*counts: Mapping[str, int]) -> dict[str, int]:
    """Return the largest of several numbers for each part."""
    parts = dict.fromkeys(part for each in counts for part in each)
    return {part: max(each.get(part, 0) for each in counts) for part in parts}
