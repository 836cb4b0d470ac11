"""What directives judge: a reply against the one that was expected, and an exercise against its rules."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from ..step import CellError, ExpectationFailed, Judged

if TYPE_CHECKING:
    from ..engine import Engine

_CODE = re.compile(r"[2-5][0-9y][0-9z]")


def expect(engine: Engine, argument: str) -> object:
    """Fail the cell if the last reply has another code."""
    wanted = argument.split()
    if not wanted or not all(_CODE.fullmatch(code) for code in wanted):
        raise CellError("%expect is followed by a code such as 250, a class such as 2yz, or several to choose from")
    reply = engine.open_session().reply
    if reply is not None and any(_fits(str(reply.code), code) for code in wanted):
        return f"= {reply.code}, as expected"
    expected = " or ".join(wanted)
    if reply is None:
        raise ExpectationFailed(f"expected {expected}, got no reply")
    raise ExpectationFailed(f"expected {expected}, got {reply.code}: {' / '.join(reply.lines)}")


def _fits(code: str, wanted: str) -> bool:
    return all(digit == want or want in "yz" for digit, want in zip(code, wanted, strict=True))


def predict(engine: Engine, argument: str) -> object:
    """Send a line, and compare its reply with the code that was predicted."""
    code, _, line = argument.partition(" ")
    if not _CODE.fullmatch(code) or not line.strip():
        raise CellError("%predict is followed by the code that will come, and the line to send")
    question = engine.open_session().predict(line)
    return question.answer(code)


def exercise(engine: Engine, argument: str) -> object:
    """Hand out an exercise, whose hosts telnet then calls."""
    from ...grading.check import exercise
    from ...grading.handout import ExerciseError

    words = _words(argument)
    if words == ["off"]:
        engine.exercise = None
        return "= telnet calls the lab's hosts again"
    if not 1 <= len(words) <= 3:
        raise CellError("%exercise is followed by its name, your student id, and the course if there is one")
    name, student, course = [*words, "", ""][:3]
    try:
        engine.exercise = exercise(name, student, course=course)
    except ExerciseError as error:
        raise CellError(error) from None
    return engine.exercise


def answer(engine: Engine, argument: str) -> object:
    """Hand in the answer to a question of the exercise."""
    from ...grading.handout import ExerciseError

    if engine.exercise is None:
        raise CellError("no exercise is handed out yet; `%exercise NAME STUDENT` does it")
    first, _, rest = argument.partition("\n")
    question = next((name for name in engine.exercise.design.questions if f"{first} ".startswith(f"{name} ")), first)
    answer = f"{first[len(question) :].strip()}\n{rest}".strip("\n")
    try:
        engine.exercise.hand_in(question, answer)
    except ExerciseError as error:
        raise CellError(error) from None
    return f"= the answer to {question!r} is handed in"


def check(engine: Engine, argument: str) -> object:
    """Judge an exercise; the points are the value of the cell."""
    from ...grading.check import judged

    words = _words(argument)
    if not 1 <= len(words) <= 2:
        raise CellError("%check is followed by the name of an exercise, and a part of it if you like")
    return Judged(*judged(*words))


def _words(argument: str) -> list[str]:
    try:
        return shlex.split(argument)
    except ValueError:
        raise CellError("a quotation mark has no partner") from None
