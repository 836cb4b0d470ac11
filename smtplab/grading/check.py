"""Hand out exercises with `exercise`, and judge them with `check`: list the rules that hold or fail, and why.

In a notebook::

    from smtplab import check, exercise, student_id

    student = student_id("mia")
    ...
    mine = exercise("01-hold-your-own-session", student)
    session = mine.telnet("mail.acorn-birch.example")      # what is said there is the evidence
    ...
    check("01-hold-your-own-session", "session")           # prints the rules, returns the points

`check` judges the exercise that was handed out last under this name, whatever the notebook's variables are called. It
returns a number, the last value of a test cell, which nbgrader reads as the points of the cell. It never raises what a
student's value raises.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from ..base.printed import running_shell, sentence
from ..recall.review import note_slips
from ..show.style import escape
from . import sentences
from .defence import Defence, defence_of
from .defence_part import has_defence, is_defended
from .design import ExerciseError, NotHere
from .exercises import design_of
from .handout import Exercise
from .hint_wording import PYTHON, HintWording
from .journal import journal_of_this_process
from .muting import muted_output
from .report import ReportLine
from .rules import Rule
from .scoring import Assessment, assess
from .students import bare_id, graded_student, id_of, local_student, normal
from .tries import told_of

_handed_out: dict[str, Exercise] = {}


def exercise(name: str, student: object = "", *, course: str = "") -> Exercise:
    """Hand out an exercise, with the student's own task and a new set of hosts.

    Args:
        name: the exercise's name, such as ``01-hold-your-own-session``.
        student: your student id as your instructor has it, text or a number. It may stay empty on a JupyterHub.
        course: the course's salt; see `variants.Draw`.

    Returns:
        The exercise. During grading it belongs to the student who handed the notebook in, whatever `student` says.

    Raises:
        ExerciseError: if there is no such exercise, or no valid student id; the sentence says what to do.
    """
    design, graded = design_of(name), graded_student()
    said = _said(student, design.wording)
    owner = graded or said
    before = _handed_out.get(design.name)
    handed = Exercise(
        design,
        owner,
        course,
        said=said,
        anew=graded is None and before is not None and before.is_begun,
        tries=before.tries if before is not None and before.student == normal(owner) else None,
        journal=journal_of_this_process() if graded else None,
    )
    hand_out(handed)
    _say_where_the_hosts_are(handed)
    return handed


def student_id(student: object = "") -> str:
    """Check a student id in the cell that gives it, so that a slip is told there and not below.

    Args:
        student: your student id as your instructor has it, text or a number. It may stay empty on a JupyterHub.

    Returns:
        The id, in the form in which ids are compared.

    Raises:
        ExerciseError: if there is no valid student id; the sentence says what to do.
    """
    return _said(student, PYTHON)


def _said(student: object, wording: HintWording) -> str:
    """Return the id that a notebook gives; during grading any will do, because the submission's folder decides."""
    said, graded = id_of(student) or local_student(), graded_student()
    if graded is None and student and (bare := bare_id(said)) != said:
        _leave_word()
        raise ExerciseError(sentences.NOT_A_STUDENT_ID.format(student=student, bare=bare or "s42"))
    if not (graded or said):
        _leave_word()
        raise ExerciseError(sentences.NO_STUDENT_ID.format(remedy=wording.identity))
    return said


def _leave_word() -> None:
    """Let later cells that use `student` or `mine` say what to do, where Python would say that it has no such name."""
    shell = running_shell()
    if shell is not None:
        shell.user_ns |= {"student": "", "mine": NotHere(sentences.NOT_YOURS_YET)}


def _say_where_the_hosts_are(handed: Exercise) -> None:
    """Let a cell that uses `lab`, as tutorials do, say how a host of the exercise is called, unless it has a `lab`."""
    shell = running_shell()
    if shell is not None and handed.host_names:
        shell.user_ns.setdefault("lab", NotHere(sentences.NO_LAB_HERE.format(host=handed.host_names[0])))


def hand_out(handed: Exercise) -> None:
    """Make `check` judge this exercise from now on."""
    _handed_out[handed.design.name] = handed


def forget() -> None:
    """Forget all exercises that were handed out, as in a new process."""
    _handed_out.clear()


def handed_out(name: str) -> Exercise | None:
    """Return the exercise that was handed out last under a name; None if there is none."""
    return _handed_out.get(name)


def note_answers(name: str) -> None:
    """Note in the journal what has been answered so far in an exercise, while a notebook is graded.

    The process that is graded runs this in place of `check`, because the student could have changed `check` there.
    """
    handed = handed_out(name)
    if handed is not None:
        with muted_output():
            handed.note_answers()


class Points(int):
    """The points of a test cell at a student's desk: a number for nbgrader, and words where a notebook shows HTML."""

    words: str

    @classmethod
    def of(cls, assessment: Assessment) -> Points:
        """Return the points of an assessment, with its words."""
        points = cls(assessment.points)
        points.words = sentences.POINTS_IN_WORDS.format(earned=assessment.earned or assessment.points)
        return points

    def _repr_html_(self) -> str:
        return escape(self.words)


def points_shown(assessment: Assessment) -> int:
    """Return the points of an assessment as the value of a cell; at a student's desk they have words."""
    return Points.of(assessment) if _is_at_the_desk() else assessment.points


def check(name: str, part: str = "", *, hidden: Iterable[Rule[Any]] = ()) -> int:
    """Judge an exercise, and print a line for each rule and an explanation where one fails.

    Args:
        name: the exercise's name.
        part: one part of it; empty for all of them.
        hidden: the hidden rules of that part, in the instructor's test cell. Then the lines are about the hidden rules,
            and the points are those of public and hidden rules together.

    Returns:
        The points.
    """
    assessment = judged(name, part, hidden=hidden)
    note_beliefs(assessment)
    _show(assessment if hidden else with_what_follows(name, part, assessment))
    return points_shown(assessment)


def with_what_follows(name: str, part: str, assessment: Assessment) -> Assessment:
    """Count what was checked, and add what a student's notebook has below a report.

    Args:
        name: the exercise's name.
        part: one part of it; empty for all of them.
        assessment: the result of the check.
    """
    if not assessment.scores:
        return assessment
    handed = _handed_out[design_of(name).name]
    with muted_output():
        handed.note_check(part)
    told = (told_of(each, handed.tries.counts.get(each, 0)) for each in assessment.scores)
    return _with_lines(with_offer_of_defence(name, assessment), [each for each in told if each and _is_at_the_desk()])


def _with_lines(assessment: Assessment, texts: Iterable[str]) -> Assessment:
    for text in texts:
        lines = assessment.lines and (*assessment.lines, ReportLine(text))
        assessment = replace(assessment, report=f"{assessment.report}\n{text}", lines=lines)
    return assessment


def defend(name: str) -> Defence:
    """Ask three questions about your session, once all that can be seen of it is right.

    Args:
        name: the exercise's name.

    Returns:
        The questions. Press a code, or write ``defence.answer(1, 250)``; the first answer counts.

    Raises:
        ExerciseError: if the exercise is not handed out or has no sessions, or no session has all points yet.
    """
    design = design_of(name)
    handed = handed_out(design.name)
    if handed is None:
        raise ExerciseError(sentences.NOT_HANDED_OUT.format(exercise=design.name))
    if not has_defence(design.parts):
        raise ExerciseError(sentences.NO_DEFENCE.format(exercise=design.name))
    with muted_output():
        asked = defence_of(handed)
    if asked is None:
        raise ExerciseError(sentences.NOTHING_TO_DEFEND)
    return asked


def with_offer_of_defence(name: str, assessment: Assessment) -> Assessment:
    """Add to the report of a session that is right how to defend it; not while a notebook is graded."""
    if not (_is_at_the_desk() and assessment.scores):
        return assessment
    design = design_of(name)
    right = any(
        is_defended(part) and part.name in assessment.scores and assessment.scores[part.name].holds
        for part in design.parts
    )
    if not right:
        return assessment
    return _with_lines(
        assessment, [sentences.DEFENCE_OFFERED.format(call=design.wording.defend.format(exercise=design.name))]
    )


def _is_at_the_desk() -> bool:
    """Return True in a notebook that a student has open, and not while one is graded."""
    return getattr(running_shell(), "kernel", None) is not None and not graded_student()


def _show(assessment: Assessment) -> None:
    """Print a report; in a notebook, show it in colour as well."""
    shell, report = running_shell(), assessment.report
    if getattr(shell, "kernel", None) is None:
        print(report)
    else:
        plain = f"{report}\n{sentences.NUMBER_BELOW}" if _is_at_the_desk() else report
        shell.display_pub.publish(data={"text/plain": plain, "text/html": assessment.html})


def note_beliefs(assessment: Assessment) -> None:
    """Note the wrong beliefs that the work shows in the student's own record of review; not while it is graded."""
    if assessment.beliefs and _is_at_the_desk():
        note_slips(assessment.beliefs, Path.cwd(), date.today())


def hidden_in(source: str) -> tuple[Rule[Any], ...]:
    """Return the hidden rules of a test cell of the SMTP kernel, where Python assigns them to HIDDEN."""
    names: dict[str, Any] = {}
    exec(compile(source, "<hidden tests>", "exec"), names)
    return tuple(names["HIDDEN"])


def judged(name: str, part: str = "", *, hidden: Iterable[Rule[Any]] = ()) -> Assessment:
    """Judge an exercise as `check` does, and print nothing."""
    try:
        design = design_of(name)
        if part:
            design.part(part)  # a wrong name is reported first
        handed = handed_out(design.name)
        if handed is None:
            raise ExerciseError(sentences.NOT_HANDED_OUT.format(exercise=design.name))
        return assess(handed, part, hidden)
    except ExerciseError as error:
        return Assessment(sentence(error))
