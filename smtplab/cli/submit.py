"""``smtplab submit``: pack an exercise, and say what is missing and where to hand it in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from ..base.printed import plural
from ..course import copies as course
from ..course import hand_in
from ..grading.release import write_whole
from ..grading.students import local_student
from . import sentences
from .frame import ExitCode, fail, one_line, reason_of
from .output import echo


@click.command()
@click.argument(
    "folder", metavar="[DIR]", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False
)
@click.option("--exercise", metavar="NAME", default="", help="The exercise, by name or number.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="ZIP",
    help="The zip; by default its name is your id and the exercise.",
)
@click.option("--anyway", is_flag=True, help="Pack it even if it has no student id, or nothing was changed in it.")
def submit(folder: Path | None, exercise: str, out: Path | None, anyway: bool) -> None:
    """Pack an exercise into a zip to hand in, and say what is missing in it.

    DIR is the course's folder: this one, or the one around it, if it holds a course, else "smtplab-course". Without
    NAME it packs the exercise that you have changed. The zip is made even if an answer is missing; then the exit code
    is 1.
    """
    place = _folder() if folder is None else folder
    if out is not None and out.suffix.lower() != ".zip":
        fail(sentences.NOT_A_ZIP.format(file=out), ExitCode.USAGE)
    files = course.course_files()
    try:
        there = hand_in.exercises_of(place, files)
        name = hand_in.choose_exercise(exercise, there, files)
        delivered = files[f"{course.EXERCISES}/{name}.ipynb"]
        packed = hand_in.pack(name, there[name], delivered, _now(), desk_id=local_student())
        where = hand_in.where_to_hand_in(place)
    except hand_in.UnknownExerciseError as error:
        fail(str(error), ExitCode.USAGE)
    except course.CourseError as error:
        fail(str(error))
    if not anyway and (packed.is_untouched or not packed.student):
        problem = sentences.UNTOUCHED if packed.is_untouched else sentences.FOR_NOBODY
        fail(problem.format(exercise=name), ExitCode.REFUSED)
    target = out or Path(packed.name)
    try:
        write_whole(target, packed.data)
    except OSError as error:
        fail(sentences.ZIP_UNUSABLE.format(file=target, reason=reason_of(error)))
    for sentence in packed.missing:
        echo(f"MISSING  {one_line(sentence)}")
    for sentence in packed.checks:
        echo(f"checked  {one_line(sentence)}")
    if not packed.checks:
        echo("checked  never; run the check at the end of each part, and save the notebook")
    echo(f"written  {target}, for {packed.student or 'nobody'}")
    echo(f"saved    {packed.saved:%Y-%m-%d %H:%M:%S}; if you changed the notebook later, save it and run this again")
    echo(f"hand in  {one_line(where) or 'where your instructor wants it'}")
    if packed.missing:
        fail(sentences.MISSING_IN_ZIP.format(things=plural(len(packed.missing), "thing")), ExitCode.REFUSED)


def _folder() -> Path:
    """Return the student's folder; this one also if it is the folder of the exercises."""
    here = Path()
    return here if hand_in.exercises_of(here, course.course_files()) else course.student_folder()


def _now() -> datetime:
    return datetime.now().astimezone()
