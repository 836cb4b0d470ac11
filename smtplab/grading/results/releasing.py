"""Release feedback: give the students' pages out, in the folders of nbgrader or as a zip for Moodle or Canvas.

This is a step of its own, so that an instructor can look at the results first. Each page goes to its student alone; the
page of the class and the tables stay where they are. Whoever handed in nothing gets nothing.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ...base.failure import Failure
from .. import sentences
from ..release import write_whole
from .outcome import Report, StudentResult, StudentStatus
from .result_files import PAGES, REPORT, page_name
from .sheets import moodle_participant

# All entries of a zip have this time, so that the same pages make the same zip.
_TIME = (1980, 1, 1, 0, 0, 0)
_NO_NAME = re.compile(r'[\s\x00-\x1f/\\:*?"<>|_]+')  # Moodle divides the name of a folder at low lines


class FeedbackError(Failure):
    """Feedback cannot be released."""


@dataclass(frozen=True, slots=True)
class PlatformZip:
    """A zip that a learning platform takes.

    Args:
        data: the zip.
        pages: how many pages it has.
        left_out: the ids of the students who are not in it.
        is_of_canvas: True if it is for Canvas, else it is for Moodle.
    """

    data: bytes
    pages: int
    left_out: tuple[str, ...]
    is_of_canvas: bool


def read_results(folder: Path) -> Report:
    """Return the report of a folder with results.

    Raises:
        FeedbackError: if there is none.
        ReportError: if it is none.
    """
    try:
        return Report.from_json((folder / REPORT).read_bytes())
    except OSError as error:
        raise FeedbackError(sentences.NO_RESULTS.format(folder=folder, reason=error.strerror)) from None


def release_feedback(folder: Path, course: Path) -> list[Path]:
    """Copy each student's page into ``STUDENT/EXERCISE/EXERCISE.html``, where nbgrader has feedback, too.

    Args:
        folder: the results of an exercise.
        course: where the students' folders are.

    Returns:
        the pages that were written, in the order of the students.

    Raises:
        FeedbackError: if a page is missing, or a student's folder would lie elsewhere. Then nothing is written.
        OSError: if a page cannot be written.
    """
    report = read_results(folder)
    pages = [(_place(course, report, each), _page(folder, each)) for each in _handed_in(report)]
    for path, content in pages:
        write_whole(path, content)
    return [path for path, _ in pages]


def platform_zip(folder: Path) -> PlatformZip:
    """Return the pages as a zip that the class's platform takes.

    Moodle finds the student by the number in a folder's name. Canvas finds the student and what was handed in by the
    numbers in a file's name, as in the zip that was downloaded.

    Raises:
        FeedbackError: if a page is missing.
    """
    report = read_results(folder)
    results = _handed_in(report)
    is_of_canvas = any(each.canvas_prefix for each in results)
    name_of = _canvas_name if is_of_canvas else _moodle_place
    names = {each.student: name_of(report, each) for each in results}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for result in results:
            if name := names[result.student]:
                archive.writestr(zipfile.ZipInfo(name, _TIME), _page(folder, result), zipfile.ZIP_DEFLATED)
    left_out = tuple(student for student, name in names.items() if not name)
    return PlatformZip(content.getvalue(), len(names) - len(left_out), left_out, is_of_canvas=is_of_canvas)


def _moodle_place(report: Report, result: StudentResult) -> str:
    """Return the name of a page in a zip for Moodle; empty if the roster has no key of the student's."""
    number = "".join(re.findall(r"\d+$", moodle_participant(result.platform_key)))
    return f"{_moodle_name(result)}_{number}_assignfeedback_file_/{report.exercise}.html" if number else ""


def _canvas_name(report: Report, result: StudentResult) -> str:
    """Return the name of a page in a zip for Canvas; empty if what was handed in came from no zip of Canvas."""
    return f"{result.canvas_prefix}{report.exercise}.html" if result.canvas_prefix else ""


def _handed_in(report: Report) -> list[StudentResult]:
    """Return the students with something to give feedback on."""
    return [result for result in report.by_id if result.status is not StudentStatus.ABSENT]


def _moodle_name(result: StudentResult) -> str:
    return _NO_NAME.sub(" ", result.name or result.student).strip(" .") or "student"


def _page(folder: Path, result: StudentResult) -> bytes:
    path = folder / PAGES / page_name(result.student)
    try:
        return path.read_bytes()
    except OSError as error:
        raise FeedbackError(sentences.NO_PAGE.format(file=path, reason=error.strerror)) from None


def _place(course: Path, report: Report, result: StudentResult) -> Path:
    """Return where a student's page goes: a place below the course folder, whatever the id is."""
    parts = (result.student, report.exercise)
    if any(part in ("", ".", "..") or re.search(r"[/\\\0]", part) for part in parts):
        raise FeedbackError(sentences.NO_FOLDER_OF_THEIRS.format(student=result.student, exercise=report.exercise))
    return course.joinpath(*parts, f"{report.exercise}.html")
