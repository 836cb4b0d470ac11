"""Part ``phases`` of exercise 01: mark every line of a session with its phase."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from itertools import pairwise

from ....base.printed import plural
from ....protocol.states import Phase
from ....transcript import Transcript
from ...rules import ExercisePart, Judge, Rule, RuleFailure, RuleList, text_of, visible
from ..answer_evidence import kind_of, not_handed_in
from .line_groups import TWIST, groups_of
from .task import OwnSessionEvidence, OwnSessionTask

RULES = RuleList[OwnSessionEvidence]("phases")
QUESTIONS = ("phases",)

MARKS: Mapping[str, Phase] = {
    "E": Phase.CONNECTION_ESTABLISHMENT,
    "M": Phase.MAIL_TRANSFER,
    "T": Phase.CONNECTION_TERMINATION,
}
_OPEN = ("", "?")  # no mark yet
_SHOWN, _NAMED = 3, 6  # lines without a mark: how many are shown, and named by their numbers
_ENOUGH = 0.75  # of the lines; two sessions share fewer, and who has left out a line or two has more

# A line as it may be handed in: the mark, perhaps with something around it, and the line with its side.
_AROUND = r"[^A-Za-z0-9?]*"
_MARKED = re.compile(rf"(?:{_AROUND}(?:[0-9]+{_AROUND})?([A-Za-z]+|\?){_AROUND})?([CS]:.*)")


def to_mark(task: OwnSessionTask) -> str:
    """Return the session with a question mark before each line."""
    return "\n".join(f"? {line}" for line in task.shown.lines)


def marks(evidence: OwnSessionEvidence) -> list[tuple[str, str]]:
    """Return the marks and the lines that were handed in; the mark is empty for a line without one."""
    text = text_of(evidence.answers.get("phases")) or ""
    found = (_MARKED.fullmatch(line.strip()) for line in text.splitlines())
    return [((match[1] or "").upper(), _squeezed(match[2])) for match in found if match]


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _own_lines(evidence: OwnSessionEvidence) -> list[str]:
    return [_squeezed(line) for line in evidence.task.shown.lines]


def _places(lines: Sequence[str], given: Sequence[str]) -> dict[int, int]:
    """Return for the place of each line of the session the place at which it was handed in.

    The two are compared by alignment. So a line that is left out, changed or added moves none of the others.
    """
    blocks = SequenceMatcher(None, lines, given, autojunk=False).get_matching_blocks()
    return {block.a + at: block.b + at for block in blocks for at in range(block.size)}


def aligned_marks(evidence: OwnSessionEvidence) -> list[str | None]:
    """Return the mark of each line of the session: empty for a line without one, None for a line that is not there."""
    given = marks(evidence)
    places = _places(_own_lines(evidence), [line for _, line in given])
    return [given[places[at]][0] if at in places else None for at in range(len(evidence.task.shown.lines))]


def _are_yours(evidence: OwnSessionEvidence) -> RuleFailure | None:
    """The lines handed in are those of this student's session, except a few."""
    answer = evidence.answers.get("phases")
    if answer is None:
        return not_handed_in(evidence, "phases", "No phases have been handed in yet.")
    if text_of(answer) is None:
        return RuleFailure("What you handed in is not text.", got=kind_of(answer))
    lines = _own_lines(evidence)
    given = [line for _, line in marks(evidence)]
    if not given:
        found = [line for line in lines if line in _squeezed(text_of(answer) or "")]
        return RuleFailure(
            "The letters do not stand in front of the lines, so no line can be read."
            if found
            else "None of the lines that are to be marked is in it.",
            f"{_count(len(lines))}, each with its letter in front",
            visible(text_of(answer) or "") or "an empty text",
            _copy(evidence),
        )
    if len(_places(lines, given)) >= _ENOUGH * max(len(lines), len(given)):
        return None
    return _other_lines(evidence)


def _copy(evidence: OwnSessionEvidence) -> str:
    text = evidence.wording.text.format(name="session")
    return f"copy what {text} shows, and change nothing but the question marks"


def _other_lines(evidence: OwnSessionEvidence) -> RuleFailure | None:
    """Return what is said if lines of the session are not there, or others are; None if all are there alone."""
    lines, given = _own_lines(evidence), [line for _, line in marks(evidence)]
    places = _places(lines, given)
    lost = [at for at in range(len(lines)) if at not in places]
    added = sorted(set(range(len(given))) - set(places.values()))
    if lost:
        told = f"Line {lost[0] + 1} of your session is not there as it was shown."
        told += f" It is so with {plural(len(lost) - 1, 'other line')}, too." if lost[1:] else ""
        got = visible(given[added[0]]) if added else "no such line"
        return RuleFailure(told, visible(lines[lost[0]]), got, _copy(evidence))
    if added:
        return RuleFailure("There are too many lines.", _count(len(lines)), visible(given[added[0]]), _copy(evidence))
    return None


def _count(lines: int) -> str:
    return f"{lines} lines (also one that shows nothing behind C: is a line)"


def _are_all_marked(evidence: OwnSessionEvidence) -> RuleFailure | None:
    """Each line is there with one of the three letters, also a line at which a hidden rule looks."""
    if (other := _other_lines(evidence)) is not None:
        return other
    for number, (mark, line) in enumerate(marks(evidence), 1):
        if mark not in _OPEN and mark not in MARKS:
            return _no_such_mark(number, mark, line)
    unmarked = [(number, line) for number, (mark, line) in enumerate(marks(evidence), 1) if mark in _OPEN]
    if not unmarked:
        return None
    lines = [visible(line) for _, line in unmarked]
    return RuleFailure(
        _told_of_unmarked([number for number, _ in unmarked]),
        "E, M or T in front of each line",
        "\n".join(lines if len(lines) <= _SHOWN else [*lines[:_SHOWN], "..."]),
        undone=True,
    )


def _no_such_mark(number: int, mark: str, line: str) -> RuleFailure:
    return RuleFailure(f"{mark} is none of E, M, T.", "E, M or T", f"line {number}, {visible(line)}, marked {mark}")


def _told_of_unmarked(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"Line {numbers[0]} has no mark."
    if len(numbers) <= _NAMED:
        return f"Lines {', '.join(map(str, numbers))} have no mark."
    return f"{len(numbers)} lines have no mark; the first is line {numbers[0]}."


def group_is_marked(group: str, sentences: Mapping[str, str]) -> Judge[OwnSessionEvidence]:
    """Return a judge for the marks of one group of lines.

    Args:
        group: see `line_groups.LineGroup`.
        sentences: for each wrong mark, the sentence that explains it.
    """

    def judge(evidence: OwnSessionEvidence) -> RuleFailure | None:
        if all(mark in _OPEN for mark, _ in marks(evidence)):
            return _are_all_marked(evidence)
        wrong = list(_wrongly_marked(group, evidence))
        if not wrong:
            return None
        number, line, mark = wrong[0]
        if mark is None:
            return _other_lines(evidence)
        if mark in _OPEN:
            return RuleFailure(f"Line {number} is not marked.", "E, M or T", visible(line))
        if mark not in MARKS:
            return _no_such_mark(number, mark, line)
        got = f"line {number}, {visible(line)}, marked as {MARKS[mark].value.lower()}"
        alike = sum(each[2] == mark for each in wrong)
        return RuleFailure(sentences[mark], got=f"{got}; so in {alike} lines" if alike > 1 else got)

    return judge


@cache
def _read(lines: tuple[str, ...]) -> Transcript:
    return Transcript.parse("\n".join(lines))


def _wrongly_marked(group: str, evidence: OwnSessionEvidence) -> Iterator[tuple[int, str, str | None]]:
    """Yield the lines of a group whose mark is not their phase, each with its number and `aligned_marks` of it.

    A mistake costs once: what is marked in a second message as in the first belongs to the rule about the first.
    """
    lines = evidence.task.shown.lines
    transcript = _read(lines)
    rows = list(zip(lines, transcript, groups_of(transcript), aligned_marks(evidence), strict=True))
    wrong = [MARKS.get(mark or "") is not row.phase for _, row, _, mark in rows]
    before = {(of.name, mark) for (_, _, of, mark), is_wrong in zip(rows, wrong, strict=True) if is_wrong}
    for number, ((line, _, of, mark), is_wrong) in enumerate(zip(rows, wrong, strict=True), 1):
        again = of.name == TWIST != of.like and (of.like, mark) in before
        if is_wrong and of.name == group and not again:
            yield number, line, mark


def _keep_their_order(evidence: OwnSessionEvidence) -> RuleFailure | None:
    """Establishment, transfer and termination follow each other once. Either of two marks that clash may be wrong."""
    phases = "".join(MARKS)
    rows = enumerate(zip(aligned_marks(evidence), _own_lines(evidence), strict=True), 1)
    marked = [(number, mark, line) for number, (mark, line) in rows if mark is not None and mark in MARKS]
    for above, below in pairwise(marked):
        if phases.index(below[1]) < phases.index(above[1]):
            clash = f"Line {above[0]} is marked {above[1]}, and line {below[0]} below it {below[1]}"
            return RuleFailure(
                f"{clash}; one of the two is wrong.",
                "all E, then all M, then all T",
                "\n".join(f"line {number}, {visible(line)}, marked {mark}" for number, mark, line in (above, below)),
            )
    return None


_ESTABLISHMENT = {
    "M": "You let mail transfer begin before the two hosts know each other; a reply of several lines is one reply.",
    "T": "You marked the beginning of the session as its end.",
}
_IN_TRANSACTION = {
    "E": "You count a command of the mail transaction as establishment; both hosts know each other by then.",
    "T": "You count a command of the mail transaction as termination; nobody has said yet that the session ends.",
}
_THE_MESSAGE = {
    "E": "You marked the message itself as establishment.",
    "T": "You marked the message itself as termination.",
}
_END_OF_MESSAGE = {
    "E": "You marked the end of the message as establishment.",
    "T": "You let termination begin with the end of the message. "
    "Which command does this 250 answer? It belongs to the same phase.",
}
_TERMINATION = {
    "E": "You marked the end of the session as its beginning.",
    "M": "You count QUIT or its reply as mail transfer, but the mail has been transferred by then.",
}

RULES.rule("establishment", 1, "RFC 5321 3.1 and 3.2", "The greeting, EHLO and its reply are marked right.")(
    group_is_marked("establishment", _ESTABLISHMENT)
)
RULES.rule("envelope", 1, "RFC 5321 3.3", "MAIL, RCPT, DATA and their replies are marked right.")(
    group_is_marked("envelope", _IN_TRANSACTION)
)
RULES.rule("message", 1, "RFC 5321 3.3", "The lines of the message are marked right.")(
    group_is_marked("message", _THE_MESSAGE)
)
RULES.rule("end-of-message", 1, "RFC 5321 3.3", "The lone dot of each message and the reply to it are marked right.")(
    group_is_marked("end", _END_OF_MESSAGE)
)
RULES.rule("termination", 1, "RFC 5321 3.8", "QUIT and its reply are marked right.")(
    group_is_marked("termination", _TERMINATION)
)
RULES.rule(
    "marked",
    0,
    "your task sheet",
    "Every line has a mark. 1 point for the marks of what a plain session does not have comes at grading.",
    label="a mark in every line",
)(_are_all_marked)
RULES.rule(
    "sequence",
    0,
    "RFC 5321 3.1 and 3.3 and 3.8",
    "The phases follow each other, and none comes back. The points are those of the marks.",
)(RULES.asks("In which phase is the session at each of these two lines?")(_keep_their_order))

PART = ExercisePart(
    "phases",
    RULES.in_order(),
    hidden=1,
    hidden_points=1,
    question="Which line comes before this one, and does it still belong to the step that is done here?",
    needs=Rule("phases.yours", 0, "your task sheet", "The lines are those of your session.", _are_yours),
    questions=QUESTIONS,
)
