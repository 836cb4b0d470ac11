"""Defend a session: predict what would have come if a line of it had stood elsewhere, twice, or not at all.

    defence = defend("01-hold-your-own-session")
    defence.answer(1, 503)

The questions are made from the student's own transcript, after full marks, and drawn with the student's seed. Each is
judged by replaying the changed session against new hosts of the student's task. So another student's answers are
worth no more than guesses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..base.printed import Printed
from ..explain.question_sheet import QuestionSheet
from ..lab.rehearsal import SentPiece, pieces_of, rehearse
from ..protocol.codes import classify
from ..show import style
from . import sentences
from .defence_part import PART, QUESTIONS, is_defended, key_of
from .evidence import Evidence, Wire
from .handout import Exercise
from .rules import RuleFailure, Score, judge, visible
from .variants import Draw

HEADING = "Defend your session: three questions about what would have come."
ASKED = "{changed}, which code would {line} have got?"
MOVED = "Had {line} come right before {other}"
LEFT_OUT = "Had you left out {line}"
TWICE = "Had you sent {line} twice"
HOW = "Press a code, or write {call} in a cell; the first answer counts, and grading sees only what is written."
ALL_ANSWERED = "All three are answered."
RIGHT, WRONG = "Right: {code}.", "Not so: you said {given}, and the host answers {code}."
MISSPELT = "Had you typed {wrong} in place of {line}"
ASKED_ALONE = "{changed}, which code would have come?"
_COLON = b":"


@dataclass(frozen=True, slots=True)
class DefenceCase:
    """A changed session. The code that comes is not kept: it is found by sending the lines, once there is an answer.

    Args:
        ask: the question.
        host: the host of the session.
        pieces: what is sent to it, up to the line that is asked about.
    """

    ask: str
    host: str
    pieces: tuple[SentPiece, ...]


@dataclass(frozen=True, slots=True)
class DefenceOutcome(Printed):
    """An answer beside the code that comes.

    Args:
        case: what was asked.
        given: the code that was predicted.
        code: the code that comes.
    """

    case: DefenceCase
    given: int
    code: int

    @property
    def right(self) -> bool:
        """True if the predicted code is the one that comes."""
        return self.given == self.code

    def __str__(self) -> str:
        return (RIGHT if self.right else WRONG).format(code=self.code, given=self.given)

    def _repr_html_(self) -> str:
        """Show the outcome in a notebook."""
        return style.panel(style.escape(str(self)))


class DefenceQuestion(Printed):
    """One of the questions; what was answered is kept by the exercise.

    Args:
        handed: the exercise.
        number: which question, from 1.
        case: what is asked.
        buttons: the codes to choose from, a button each.
    """

    def __init__(self, handed: Exercise, number: int, case: DefenceCase, buttons: tuple[str, ...]) -> None:
        self.case, self.buttons = case, buttons
        self._handed, self._key = handed, key_of(number)

    @property
    def outcome(self) -> DefenceOutcome | None:
        """The answer that counts beside the code that comes; None before the answer."""
        given = self._handed.evidence().answers.get(self._key)
        return None if type(given) is not str or not given.isdigit() else self._beside(int(given))

    def answer(self, prediction: object) -> DefenceOutcome:
        """Predict the code.

        Raises:
            ValueError: if it is not a code, or the question is answered already.
        """
        code = classify(str(prediction).strip()).number
        if self.outcome is not None:
            raise ValueError(sentences.DEFENCE_IS_ANSWERED.format(code=self.outcome.given))
        self._handed.keep(self._key, f"{code:03d}")
        return self._beside(code)

    def _beside(self, given: int) -> DefenceOutcome:
        code = _code_of(self._handed, self.case)
        assert code is not None
        return DefenceOutcome(self.case, given, code)

    @property
    def shown(self) -> str:
        """The question, after the answer also the outcome."""
        return self.case.ask if self.outcome is None else f"{self.case.ask}\n   {self.outcome}"

    def __str__(self) -> str:
        return self.shown

    def to_html(self, how: str, number: str = "") -> str:
        """Return the question as HTML; after the answer, also the outcome.

        Args:
            how: how to answer it, as HTML; empty for nothing.
            number: what stands in front of it.
        """
        told = how if self.outcome is None else style.escape(str(self.outcome))
        return style.panel("<br>".join(filter(None, [f"<b>{style.escape(number + self.case.ask)}</b>", told])))


class Defence(QuestionSheet[DefenceQuestion]):
    """The three questions about a session.

    Args:
        handed: the exercise.
        cases: what is asked.
        codes: the codes to choose from.
    """

    all_answered = ALL_ANSWERED

    def __init__(self, handed: Exercise, cases: Sequence[DefenceCase], codes: Sequence[int]) -> None:
        buttons = tuple(f"{code:03d}" for code in codes)
        how = HOW.format(call=handed.design.wording.defence)
        super().__init__((DefenceQuestion(handed, n, case, buttons) for n, case in enumerate(cases, start=1)), how)
        self.how_by_buttons = how

    @property
    def heading(self) -> str:
        """What stands above the questions."""
        return HEADING


def defence_of(handed: Exercise) -> Defence | None:
    """Return the questions about the first session of an exercise that has full marks; None if there is none.

    Later sessions change nothing, so an answer stays with its question.
    """
    wire = _defended(handed)
    if wire is None:
        return None
    cases = dict(_cases(handed, wire))
    codes = sorted({*cases.values()})
    lots = Draw(handed.student, f"{handed.design.name} defence", handed.course)
    chosen = _drawn(lots, cases, codes)
    return Defence(handed, chosen, codes) if len(chosen) == QUESTIONS else None


def score(handed: Exercise) -> Score:
    """Score the answers, each by replaying what it is about."""
    defence = defence_of(handed)
    if defence is None:
        failure = RuleFailure(sentences.NOTHING_TO_DEFEND, undone=True)
        return Score(tuple(rule.result(failure) for rule in PART.rules))
    call = handed.design.wording.defend.format(exercise=handed.design.name)
    asked = zip(PART.rules, defence.questions, strict=True)
    return Score(tuple(replace(rule, demand=each.case.ask).result(_failure(each, call)) for rule, each in asked))


def _failure(question: DefenceQuestion, call: str) -> RuleFailure | None:
    outcome = question.outcome
    if outcome is None:
        return RuleFailure(sentences.DEFENCE_IS_OPEN.format(call=call), undone=True)
    if outcome.right:
        return None
    return RuleFailure(sentences.DEFENCE_IS_WRONG, got=f"{outcome.given:03d}")


def _defended(handed: Exercise) -> Wire | None:
    """Return the first session for which no public rule of its part fails."""
    evidence = handed.evidence()
    for part in filter(is_defended, handed.design.parts):
        for attempt in part.attempts(evidence):
            alone: Evidence[Any] = attempt
            if alone.wire.transcript and judge(part, alone).holds:
                return alone.wire
    return None


def _drawn(lots: Draw, cases: Mapping[DefenceCase, int], codes: Sequence[int]) -> list[DefenceCase]:
    """Return three cases, with different codes as far as there are any; the codes are drawn before the cases."""
    wanted = list(lots.picks("codes", codes, min(QUESTIONS, len(codes))))
    left, chosen = list(cases), list[DefenceCase]()
    for number in range(QUESTIONS):
        code = wanted[number] if number < len(wanted) else None
        fitting = [case for case in left if code is None or cases[case] == code]
        if not fitting:
            break
        chosen.append(lots.pick(f"case {number}", fitting))
        left.remove(chosen[-1])
    return chosen


def _cases(handed: Exercise, wire: Wire) -> Iterator[tuple[DefenceCase, int]]:
    """Yield the changed sessions with one right answer each, and that; each question once."""
    seen = set[str]()
    pieces = pieces_of(wire.transcript)
    for ask, changed, at in (*_changes(pieces), *_misspelt(pieces)):
        if ask in seen:
            continue
        seen.add(ask)
        case = DefenceCase(ask, wire.host, tuple(changed[: at + 1]))
        code = _code_of(handed, case)
        if code is not None:
            yield case, code


def _code_of(handed: Exercise, case: DefenceCase) -> int | None:
    """Send the lines to new hosts, and return the code that the last one gets; None if it gets none of its own."""
    played = rehearse(Exercise(handed.design, handed.student, handed.course), case.host, case.pieces)
    step = played.steps[-1] if len(played.steps) == len(case.pieces) else None
    return None if step is None or step.reply is None or step.into_message else step.reply.code


def _changes(pieces: Sequence[SentPiece]) -> Iterator[tuple[str, list[SentPiece], int]]:
    """Yield questions, the pieces with the change, and the place of the command that is asked about.

    QUIT is never asked about, because its code is the same wherever it stands.
    """
    for changed, order, at in _moves(pieces):
        if not order[at].data.upper().startswith(b"QUIT"):
            yield ASKED.format(changed=changed, line=_name(order[at])), order, at


def _misspelt(pieces: Sequence[SentPiece]) -> Iterator[tuple[str, list[SentPiece], int]]:
    """Yield the same for a command without its first letter, and one without its colon."""
    for place, piece in enumerate(pieces):
        wrongs = [] if piece.in_message else [piece.data[1:], piece.data.replace(_COLON, b" ", 1)]
        for wrong in map(SentPiece, wrongs):
            if wrong != piece:
                changed = MISSPELT.format(wrong=_name(wrong), line=_name(piece))
                yield ASKED_ALONE.format(changed=changed), [*pieces[:place], wrong, *pieces[place + 1 :]], place


def _moves(pieces: Sequence[SentPiece]) -> Iterator[tuple[str, list[SentPiece], int]]:
    """Yield changes of the order in words, the pieces with the change, and the place of a command behind it."""
    commands = [place for place, piece in enumerate(pieces) if not piece.in_message]
    for first in commands:
        line = _name(pieces[first])
        later = [place for place in commands if place > first]
        for place in later:
            without = [*pieces[:place], *pieces[place + 1 :]]
            moved = [*without[:first], pieces[place], *without[first:]]
            yield MOVED.format(line=_name(pieces[place]), other=line), moved, first
        for place in later[:2]:
            yield LEFT_OUT.format(line=line), [*pieces[:first], *pieces[first + 1 :]], place - 1
            yield TWICE.format(line=line), [*pieces[: first + 1], *pieces[first:]], place + 1


def _name(piece: SentPiece) -> str:
    return visible(piece.name)
