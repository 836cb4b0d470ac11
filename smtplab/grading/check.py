"""`exercise` hands out an exercise, and `check` judges it and tells a student what holds, what does not, and why.

A notebook has them like this::

    from smtplab import check, exercise

    mine = exercise("01-hold-your-own-session", student="mia")
    session = mine.telnet("mail.acorn-birch.example")      # what is said there is the evidence
    ...
    check("01-hold-your-own-session", "session")           # prints the rules, returns the points

`check` looks at what was handed out last under the exercise's name; no name of a variable is known to it. What it
returns is a number, the last value of a test cell, which nbgrader reads as the points of the cell. It writes nothing to
stderr, for which nbgrader would give none, and whatever a student's value does, it does not raise.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ..base.printed import plural, sentence
from .evidence import Evidence
from .exercises import design_of
from .handout import Exercise, ExerciseError
from .journal import journal_of_this_process
from .muting import muted_output
from .rules import ExercisePart, Rule, RuleFailure, RuleResult, Score, judge
from .students import graded_student, id_of, local_student, normal

_WIDTH = 100
_INDENT = " " * 14
_EXPLAINED = "It fails for a reason that is told above."

_handed_out: dict[str, Exercise] = {}
# What the rules said last of each part of each exercise.
_scores: dict[tuple[str, str], Score] = {}


def exercise(name: str, student: object = "", *, course: str = "") -> Exercise:
    """Hand out an exercise: with a task that is this student's own, and a fresh set of hosts.

    Args:
        name: the exercise's name, such as ``01-hold-your-own-session``.
        student: your student id, as your instructor has it, a text or a number. On a JupyterHub it may be left empty.
        course: the course's salt; see `variants.Draw`.

    Returns:
        The exercise. When it is graded it is that of the student who handed the notebook in, whatever `student` says.

    Raises:
        ExerciseError: if there is no such exercise, or nobody knows whose it is; the sentence says what to do.
    """
    design, graded = design_of(name), graded_student()
    said = id_of(student) or local_student()
    owner = graded or said
    if not owner:
        raise ExerciseError(f"whose exercise is it? {design.wording.identity}")
    handed = Exercise(design, owner, course, said=said, journal=journal_of_this_process() if graded else None)
    hand_out(handed)
    return handed


def hand_out(handed: Exercise) -> None:
    """Let `check` look at this exercise from now on."""
    _handed_out[handed.design.name] = handed


def handed_out(name: str) -> Exercise | None:
    """Return what was handed out last under an exercise's name."""
    return _handed_out.get(name)


def testify(name: str) -> None:
    """While a notebook is graded: write into the journal what was done with an exercise, and answered, by now.

    The kernel that is graded says this in the place of `check`, whose word would be the student's own.
    """
    handed = handed_out(name)
    if handed is not None:
        with muted_output():
            handed.testify()


def check(name: str, part: str = "", *, hidden: Iterable[Rule[Any]] = ()) -> int:
    """Judge an exercise that was handed out, print a line for each rule and what is wrong where it fails.

    Args:
        name: the exercise's name.
        part: one part of it; empty for all of them.
        hidden: the hidden rules of that part, in the instructor's test cell. Then the lines are those of the hidden
            rules, and the points those of public and hidden rules together.

    Returns:
        The points.
    """
    report, points = judged(name, part, hidden=hidden)
    print(report)
    return points


def hidden_in(source: str) -> tuple[Rule[Any], ...]:
    """Return the hidden rules of a test cell of the SMTP kernel: Python that gives them the name HIDDEN."""
    names: dict[str, Any] = {}
    exec(compile(source, "<hidden tests>", "exec"), names)
    return tuple(names["HIDDEN"])


def judged(name: str, part: str = "", *, hidden: Iterable[Rule[Any]] = ()) -> tuple[str, int]:
    """Judge an exercise as `check` does; return what `check` prints, and the points."""
    points = 0
    report: list[str] = []
    try:
        design = design_of(name)
        parts = (design.part(part),) if part else design.parts
        handed = handed_out(design.name)
        if handed is None:
            raise ExerciseError(f"{design.name} has not been handed out; run the cell that hands it out first")
    except ExerciseError as error:
        return sentence(error), 0
    rules = tuple(hidden)
    for each in parts:
        score = score_of(handed, each.name, rules)
        points += score.points
        _scores[design.name, each.name] = score
        report += _report(handed, each, score, rules)
    return "\n".join(report), points


def score_told(name: str, part: str) -> Score:
    """Return what the rules said when `check` last judged a part of an exercise; nothing if it never did."""
    return _scores.get((name, part), Score())


def score_of(handed: Exercise, part: str, hidden: Iterable[Rule[Any]] = ()) -> Score:
    """Judge one part of an exercise in silence: what a student's values print while they are looked at is dropped."""
    with muted_output():
        return judge(handed.design.part(part), handed.evidence(), hidden)


def owners(handed: Exercise, part: str, students: Iterable[str]) -> tuple[str, ...]:
    """Return those of the students whose task the evidence for a part fits, where it does not fit the task at hand.

    It fits if the part's own `rules.ExercisePart.needs` holds; for a part without one nobody is returned.
    """
    evidence, judged = handed.evidence(), handed.design.part(part)
    if judged.needs is None or _fits(judged, evidence):
        return ()
    theirs = ((student, replace(evidence, task=task)) for student, task in _tasks(handed, students))
    return tuple(student for student, evidence in theirs if _fits(judged, evidence))


def called(handed: Exercise, students: Iterable[str]) -> tuple[str, ...]:
    """Return those of the students of whose task a host was dialled that the task at hand does not have."""
    evidence, hosts = handed.evidence(), handed.design.hosts
    dialled = {wire.host.casefold() for wire in evidence.wires} - {host.name for host in hosts(evidence.task)}
    if not dialled:
        return ()
    return tuple(
        student for student, task in _tasks(handed, students) if any(host.name in dialled for host in hosts(task))
    )


def _tasks(handed: Exercise, students: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield the other students, each with their task."""
    for student in dict.fromkeys(map(normal, students)):
        if student != handed.student:
            yield student, handed.design.task(student, handed.course)


def _fits(part: ExercisePart[Any], theirs: Evidence[Any]) -> bool:
    needs = part.needs
    return needs is not None and any(needs.apply(attempt).failure is None for attempt in part.attempts(theirs))


def _report(handed: Exercise, part: ExercisePart[Any], score: Score, hidden: tuple[Rule[Any], ...]) -> Iterator[str]:
    """Yield the lines that tell a score."""
    told = [result for result in score.results if not hidden or result.rule in {rule.id for rule in hidden}]
    earned = f"{score.points} of {plural(part.points, 'point')}"
    if part.hidden:
        earned += " with the hidden rules" if hidden else " so far"
    yield f"{handed.design.name}, {part.name}, for {handed.student}: {earned}"
    if handed.said != handed.student:
        yield f"The notebook says that it is the work of {handed.said}; it was handed in by {handed.student}."
    explained: set[RuleFailure] = set()
    for result in told:
        yield from _lines(result, explained)
    if not hidden:
        yield _outlook(part, score)


def _lines(result: RuleResult, explained: set[RuleFailure]) -> Iterator[str]:
    """Yield a rule's line, and below it what is wrong; a mistake that fails several rules is explained once."""
    mark = "not yet" if result.failure else "ok"
    points = f"{result.points}/{result.possible}" if result.possible else ""
    yield from _wrapped(f"  {mark:<7} {points:<3} ", f"{result.demand} ({result.rfc})")
    if result.failure and result.failure.sentence and result.failure in explained:
        yield from _wrapped(_INDENT, _EXPLAINED)
    elif result.failure and result.failure.sentence:
        explained.add(result.failure)
        yield from _explanation(result.failure)


def _explanation(failure: RuleFailure) -> Iterator[str]:
    yield from _wrapped(_INDENT, failure.sentence)
    for label in ("expected", "got", "hint"):
        text = getattr(failure, label)
        if text:
            yield from _wrapped(f"{_INDENT}{label + ':':<10}", text)


def _wrapped(first: str, text: str) -> list[str]:
    """Return the text in lines; the lines after the first are indented as far as its text."""
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _outlook(part: ExercisePart[Any], score: Score) -> str:
    """Say what is still to come."""
    holds = all(result.failure is None for result in score.results)
    if not part.hidden:
        return "Every rule of this part holds." if holds else "Mend what is not yet right, and run this cell again."
    start = "Every rule that can be seen here holds; " if holds else ""
    if graded_student():
        rules = plural(part.hidden, "more rule follows", "more rules follow")
    else:
        rules = f"{plural(part.hidden, 'more rule runs', 'more rules run')} when your notebook is graded"
    return f"{start}{rules}, worth {plural(part.hidden_points, 'point')}."
