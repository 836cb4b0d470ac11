"""The beliefs about SMTP that are wrong, read from ``data/misconceptions.toml``: what shows each, and what to ask.

The names of the beliefs stay the same for ever, because class tables and the students' records of review count by them.
`belief_evidence` finds beliefs in conversations, and `choice_question` asks about them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..base.resources import data_path
from ..protocol.codes import Severity
from ..show.style import SEVERITY_WORDS
from . import sentences

NO_REPLY = "no reply"
REPLIES = (
    *(word for severity, word in SEVERITY_WORDS.items() if severity is not Severity.POSITIVE_PRELIMINARY),
    NO_REPLY,
)
"""What may be predicted: the class of a reply in a word, or that none comes."""
LETTERS = "abcdefgh"


@dataclass(frozen=True, slots=True)
class BeliefQuestion:
    """A question about a belief, with its answer.

    Args:
        ask: the question.
        choices: the possible answers; those of a prediction are `REPLIES`.
        right: which one is right, counted from 0.
        held: which one somebody chooses who has the belief.
        why: why the answer is right, in one sentence.
    """

    ask: str
    choices: tuple[str, ...]
    right: int
    held: int
    why: str

    @property
    def is_prediction(self) -> bool:
        """True if the answer is the class of a reply."""
        return self.choices == REPLIES


@dataclass(frozen=True, slots=True)
class Distractor:
    """A wrong line that somebody who has a belief takes for a line of a session.

    Args:
        of: how the line of the session begins.
        line: what stands there in place of it; nothing leaves the line out if `of` is all of it.
    """

    of: str
    line: str


@dataclass(frozen=True, slots=True)
class Belief:
    """A belief that is wrong.

    Args:
        id: its name.
        belief: the belief in a student's words.
        session: a cell of the SMTP kernel, whose last output shows that the belief is wrong.
        shows: what stands in this output.
        evidence: what gives the belief away.
        tell: one sentence to the student.
        notebook: the tutorial that teaches it.
        cell: the id of the cell there that shows it.
        questions: two or more; the first one is asked before the belief is named.
        asked_after: the number of the tutorial after which a review may ask about it.
        distractor: the wrong line that it brings into a puzzle; None if it shows in no single line.
    """

    id: str
    belief: str
    session: str
    shows: str
    evidence: str
    tell: str
    notebook: str
    cell: str
    questions: tuple[BeliefQuestion, ...]
    asked_after: str
    distractor: Distractor | None = None

    @property
    def told(self) -> str:
        """The belief, and the sentence to the student."""
        return sentences.BELIEF.format(belief=self.belief, tell=self.tell)


@cache
def beliefs() -> Mapping[str, Belief]:
    """Return all beliefs by their names, in the order of the file."""
    content = tomllib.loads(data_path("misconceptions.toml").read_text("utf-8"))
    return {row["id"]: _belief(row) for row in content["belief"]}


def _belief(row: Mapping[str, Any]) -> Belief:
    questions = tuple(_question(each) for each in row["questions"])
    texts = {key: value for key, value in row.items() if key not in ("questions", "distractor")}
    session, after = row["session"].strip("\n"), row.get("asked_after", row["notebook"][:2])
    distractor = Distractor(**row["distractor"]) if "distractor" in row else None
    return Belief(**texts | {"session": session, "asked_after": after}, questions=questions, distractor=distractor)


def _question(row: Mapping[str, Any]) -> BeliefQuestion:
    choices = tuple(row.get("choices", REPLIES))
    places = {
        key: LETTERS.index(row[key]) if "choices" in row else choices.index(row[key]) for key in ("right", "held")
    }
    return BeliefQuestion(row["ask"], choices, **places, why=row["why"])
