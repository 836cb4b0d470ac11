"""Feedback goes out in a step of its own, to each student the own page, and nobody's folder lies elsewhere."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from smtplab.grading.results.outcome import StudentResult
from smtplab.grading.results.releasing import FeedbackError, platform_zip, release_feedback
from smtplab.grading.results.result_files import PAGES, write_results
from support.graded_class import MIA, NOAH, REPORT, UMA


def written(folder: Path, *students: StudentResult) -> Path:
    """Write the results of these students, or of the class, and return their folder."""
    write_results(replace(REPORT, students=students) if students else REPORT, folder / "results")
    return folder / "results"


def test_each_student_gets_the_own_page_where_nbgrader_has_it(tmp_path: Path) -> None:
    results = written(tmp_path)
    pages = release_feedback(results, tmp_path / "feedback")
    assert pages == [tmp_path / "feedback" / name / "01-session" / "01-session.html" for name in ("mia", "noah", "zoe")]
    assert [page.read_bytes() for page in pages] == [
        (results / PAGES / f"{name}.html").read_bytes() for name in ("mia", "noah", "zoe")
    ]


def test_writing_results_releases_nothing(tmp_path: Path) -> None:
    written(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


@pytest.mark.parametrize("student", ["..", ".", "", "a/b", "../x", "a\\b", "a\0b", "/etc"])
def test_an_id_that_is_no_name_of_a_folder_stops_the_release_before_anything_is_written(
    student: str, tmp_path: Path
) -> None:
    results = written(tmp_path, MIA, replace(NOAH, student=student))
    with pytest.raises(FeedbackError, match="nothing was released"):
        release_feedback(results, tmp_path / "feedback")
    assert not (tmp_path / "feedback").exists()


def test_a_page_that_is_missing_stops_the_release_before_anything_is_written(tmp_path: Path) -> None:
    results = written(tmp_path)
    (results / PAGES / "noah.html").unlink()
    with pytest.raises(FeedbackError, match=r"noah\.html"):
        release_feedback(results, tmp_path / "feedback")
    assert not (tmp_path / "feedback").exists()
    with pytest.raises(FeedbackError, match=r"noah\.html"):
        platform_zip(results)


def test_without_results_nothing_can_be_released(tmp_path: Path) -> None:
    with pytest.raises(FeedbackError):
        release_feedback(tmp_path, tmp_path / "feedback")


def test_moodle_gets_a_folder_for_each_participant_with_the_number_behind_the_name(tmp_path: Path) -> None:
    results = written(
        tmp_path,
        MIA,
        replace(NOAH, name="A_B/C: D."),
        replace(NOAH, student="olga", name="_", platform_key="Participant 7"),
    )
    zipped = platform_zip(results)
    archive = zipfile.ZipFile(io.BytesIO(zipped.data))
    assert archive.namelist() == [
        "Mia Groß_4711_assignfeedback_file_/01-session.html",
        "A B C D_4712_assignfeedback_file_/01-session.html",
        "student_7_assignfeedback_file_/01-session.html",
    ]
    assert archive.read(archive.namelist()[0]) == (results / PAGES / "mia.html").read_bytes()
    assert (zipped.pages, zipped.left_out, zipped.is_of_canvas) == (3, (), False)


def test_whoever_handed_in_nothing_gets_nothing_and_one_without_a_key_is_named(tmp_path: Path) -> None:
    zipped = platform_zip(written(tmp_path, MIA, UMA, replace(NOAH, platform_key="")))
    assert (zipped.pages, zipped.left_out) == (1, ("noah",))


def test_canvas_gets_each_page_under_the_numbers_of_what_was_handed_in(tmp_path: Path) -> None:
    """Canvas takes the first number in a name as the student's, and the second as that of the file."""
    results = written(
        tmp_path,
        replace(MIA, canvas_prefix="großmia_LATE_4711_900711_", platform_key="4711"),
        replace(NOAH, platform_key="4712"),
    )
    zipped = platform_zip(results)
    archive = zipfile.ZipFile(io.BytesIO(zipped.data))
    (name,) = archive.namelist()
    assert name == "großmia_LATE_4711_900711_01-session.html"
    assert [part for part in name.split("_") if part.isdecimal()] == ["4711", "900711"]
    assert archive.read(name) == (results / PAGES / "mia.html").read_bytes()
    assert (zipped.left_out, zipped.is_of_canvas) == (("noah",), True)


def test_the_same_pages_make_the_same_zip(tmp_path: Path) -> None:
    results = written(tmp_path)
    assert platform_zip(results) == platform_zip(results)
