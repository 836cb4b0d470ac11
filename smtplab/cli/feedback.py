"""The command ``feedback``: give the pages of a graded class out to its students."""

from __future__ import annotations

from pathlib import Path

import click

from ..base.failure import Failure
from ..base.printed import in_a_row, plural
from ..grading.release import write_whole
from ..grading.results.outcome import StudentStatus
from ..grading.results.releasing import platform_zip, read_results, release_feedback
from . import sentences
from .frame import ExitCode, fail
from .output import echo

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option(
    "--out",
    type=_FOLDER,
    default=Path("feedback"),
    show_default=True,
    metavar="DIR",
    help="Where the students' folders are: a page becomes STUDENT/EXERCISE/EXERCISE.html there, as nbgrader has it.",
)
@click.option(
    "--zip",
    "archive",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a zip for Moodle's feedback files, or for Canvas's Re-Upload Submissions, instead.",
)
def feedback(folder: Path, out: Path, archive: Path | None) -> None:
    """Release the students' feedback pages, after you have looked at the results.

    DIR is the folder with the results of an exercise, which `smtplab grade` has written. Until this command runs, no
    student gets anything.
    """
    try:
        if archive is None:
            pages = release_feedback(folder, out)
            echo(f"copied    {plural(len(pages), 'page')} to {out}, for you to hand out{_without_page(folder)}")
            return
        zipped = platform_zip(folder)
    except Failure as error:
        fail(sentences.NOT_RELEASED.format(reason=error), ExitCode.REFUSED)
    write_whole(archive, zipped.data, private=True)
    platform = "Canvas" if zipped.is_of_canvas else "Moodle"
    echo(f"written   {archive} for {platform}, with {plural(zipped.pages, 'page')}{_without_page(folder)}")
    if zipped.left_out:
        template = sentences.NOT_IN_CANVAS_ZIP if zipped.is_of_canvas else sentences.NOT_IN_THE_ZIP
        fail(template.format(students=in_a_row(zipped.left_out)), ExitCode.REFUSED)


def _without_page(folder: Path) -> str:
    """Return in words how many get no page."""
    absent = sum(each.status is StudentStatus.ABSENT for each in read_results(folder).students)
    return f"; none for {plural(absent, 'student')} without work" if absent else ""
