"""Directives that check: a reply against the expected one, and an exercise against its rules."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from ...lab.predict import WORDS
from .. import sentences
from ..cell_result import CellError, ExpectationFailed, Judged
from ..notebook_state import NotebookState
from ..sentences import no_such

if TYPE_CHECKING:
    from ...grading.handout import Exercise

# In front of what nbgrader takes out of a test cell for the students, and brings back when it grades.
HIDDEN_TESTS = "### BEGIN HIDDEN TESTS"
_COURSE = "course="
UNANSWERED = "?"
PREDICTIONS = tuple(word.replace(" ", "-") for word in WORDS)
_CODE = re.compile(r"[2-5][0-9y][0-9z]")


def expect(notebook: NotebookState, argument: str) -> object:
    """Fail the cell if the last reply has another code."""
    wanted = argument.split()
    if not wanted or not all(_CODE.fullmatch(code) for code in wanted):
        raise CellError(sentences.EXPECT_SYNTAX)
    reply = notebook.open_session().reply
    if reply is not None and any(_fits(str(reply.code), code) for code in wanted):
        return f"= {reply.code}, as expected"
    expected = " or ".join(wanted)
    if reply is None:
        raise ExpectationFailed(sentences.NO_REPLY.format(expected=expected))
    text = " / ".join(reply.lines)
    raise ExpectationFailed(sentences.OTHER_REPLY.format(expected=expected, code=reply.code, text=text))


def _fits(code: str, wanted: str) -> bool:
    return all(digit == want or want in "yz" for digit, want in zip(code, wanted, strict=True))


def predict(notebook: NotebookState, argument: str) -> object:
    """Send a line, and compare its reply with the code or the word that was predicted; with ``?``, only ask."""
    prediction, line = _prediction_and_line(argument)
    if not line.strip():
        raise CellError(sentences.PREDICT_SYNTAX)
    if prediction == UNANSWERED:
        notebook.question = notebook.open_session().predict(line)
        return sentences.PREDICT_FIRST.format(line=line)
    if not (prediction.isdigit() and _CODE.fullmatch(prediction)) and prediction.lower() not in PREDICTIONS:
        raise CellError(sentences.PREDICT_SYNTAX)
    return replace(notebook.open_session().predict(line).answer(prediction), remarked=True)


def _prediction_and_line(argument: str) -> tuple[str, str]:
    """Return what is predicted and the line; a prediction of two words may be written with a blank or a hyphen."""
    word = next((word for word in WORDS if argument.lower().startswith(f"{word} ")), "")
    if word:
        return word.replace(" ", "-"), argument[len(word) + 1 :]
    prediction, _, line = argument.partition(" ")
    return prediction, line


def student(notebook: NotebookState, argument: str) -> object:
    """Set the student id for exercises."""
    from ...grading.students import bare_id, graded_student, local_student

    given = _unquoted(argument)
    if given is None or given != bare_id(given):
        raise CellError(sentences.STUDENT_SYNTAX)
    notebook.student = given
    if not notebook.student:
        if graded_student() or local_student():
            return "= the exercises that are handed out from now on are for the user who is logged in"
        raise CellError(sentences.NO_STUDENT_GIVEN)
    return f"= the exercises that are handed out from now on are for {notebook.student}"


# Quotation marks as people and word processors write them; no student id begins with one.
_QUOTES = tuple("\"'“”„‟«»‘’‚‛‹›")


def _unquoted(argument: str) -> str | None:
    """Return a student id without its quotes; None for several words without quotes, and for an assignment."""
    text = argument.strip()
    if (inner := _inner(text)) != text:
        return inner
    return None if len(text.split()) > 1 or "=" in text or text.startswith(_QUOTES) else text


def _inner(text: str) -> str:
    """Return a text without the quotation marks around it."""
    quoted = len(text) > 1 and text.startswith(_QUOTES) and text.endswith(_QUOTES)
    return text[1:-1].strip() if quoted else text


def exercise(notebook: NotebookState, argument: str) -> object:
    """Hand out an exercise, whose hosts telnet then calls."""
    from ...grading.check import exercise as hand_out
    from ...grading.design import ExerciseError

    words = _words(argument)
    if words == ["off"]:
        notebook.exercise = None
        return "= telnet calls the lab's hosts again"
    courses = [word.removeprefix(_COURSE) for word in words if word.startswith(_COURSE)]
    said = [word for word in words if not word.startswith(_COURSE)]
    if not 1 <= len(said) <= 2 or len(courses) > 1 or any("=" in word for word in said):
        raise CellError(sentences.EXERCISE_SYNTAX)
    name, student = [*said, notebook.student][:2]
    try:
        notebook.exercise = hand_out(_for_this_kernel(name), _inner(student), course="".join(courses))
    except ExerciseError as error:
        raise CellError(error) from None
    return notebook.exercise


def _for_this_kernel(name: str) -> str:
    """Return the whole name of an exercise; if two share the number, that of the one for the SMTP kernel."""
    from ...grading.design import ExerciseError
    from ...grading.exercises import design_of
    from ...grading.hint_wording import SMTP

    try:
        return design_of(name, SMTP).name
    except ExerciseError:  # the caller's next step says so
        return name


def given(notebook: NotebookState, argument: str) -> object:
    """Show a text of the exercise, or the task sheet."""
    handed = _handed_out(notebook)
    if not argument:
        return handed
    if argument not in handed.given:
        raise CellError(no_such("text", argument, handed.given) if handed.given else sentences.NO_TEXTS)
    return handed.given[argument]


def _handed_out(notebook: NotebookState) -> Exercise:
    if notebook.exercise is None:
        raise CellError(sentences.NO_EXERCISE)
    return notebook.exercise


def check(notebook: NotebookState, argument: str) -> object:
    """Judge an exercise; the points are the value of the cell.

    In an instructor's test cell, Python below it defines hidden rules. They are judged after the public ones.
    """
    from ...grading.check import hidden_in, judged, note_beliefs, points_shown, with_what_follows

    first, _, tests = argument.partition("\n")
    words = _words(first)
    if not 1 <= len(words) <= 2:
        raise CellError(sentences.CHECK_SYNTAX)
    public = judged(_for_this_kernel(words[0]), *words[1:])
    note_beliefs(public)
    if not tests:
        shown = with_what_follows(_for_this_kernel(words[0]), "".join(words[1:]), public)
        return Judged(shown.report, points_shown(public), shown.html)
    with_hidden = judged(_for_this_kernel(words[0]), *words[1:], hidden=hidden_in(tests))
    report = f"{public.report}\n{with_hidden.report}"
    return Judged(report, with_hidden.points, f"{public.html}{with_hidden.html}")


def _words(argument: str) -> list[str]:
    try:
        return shlex.split(argument)
    except ValueError:
        raise CellError(sentences.ODD_QUOTES) from None
