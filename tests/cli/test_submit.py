"""``smtplab submit``: what is packed, and what is said to be missing."""

import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from smtplab.course.copies import course_files, hand_out
from smtplab.course.hand_in import where_to_hand_in
from smtplab.roster.collect import collect
from smtplab.roster.hand_in_zip import MANIFEST, read_manifest
from support.command_line import Done, Run, run_here

FIRST, TYPED, THIRD = "01-hold-your-own-session", "01-type-your-own-session", "03-every-reply-has-a-cause"
FILES = {name: data for name, data in course_files().items() if name.startswith("exercises/0")}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's folder with the exercises."""
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    hand_out(tmp_path, FILES)
    return tmp_path


def edit(course: Path, name: str = FIRST, *, id: str = "Mia", answers: int = 9, **marks: Any) -> Path:
    """Write an id and answers into a notebook, as a student does who runs and saves it."""
    path = course / "exercises" / f"{name}.ipynb"
    book = json.loads(path.read_bytes())
    for cell in book["cells"]:
        source = "".join(cell["source"])
        if id and ('student_id("")' in source or source.strip() == "%student"):
            cell["source"] = source.replace('("")', f'("{id}")').replace("%student", f"%student {id}")
        if cell["metadata"].get("nbgrader", {}).get("solution") and answers > 0:
            answers -= 1
            cell |= {"source": "print(1)", "execution_count": 3} | marks
    path.write_text(json.dumps(book))
    return path


def missing(done: Done) -> list[str]:
    return re.findall(r"^MISSING  (.*)$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", [FIRST, TYPED])
def test_a_whole_exercise_is_packed_with_its_manifest_and_collected_again(
    smtplab: Run, course: Path, name: str
) -> None:
    path = edit(course, name)
    done = smtplab("submit")
    assert (done.returncode, done.stderr, missing(done)) == (0, "", [])
    packed = course / f"mia_{name}.zip"
    with zipfile.ZipFile(packed) as archive:
        assert sorted(archive.namelist()) == sorted([f"{name}.ipynb", MANIFEST])
        assert archive.read(f"{name}.ipynb") == path.read_bytes()
        manifest = read_manifest(archive.read(MANIFEST))
    assert manifest is not None
    assert (manifest.student, manifest.exercise, manifest.course) == ("mia", name, "smtplab")
    assert manifest.has(f"{name}.ipynb", path.read_bytes())
    found = collect([packed], [name])
    assert [(each.student, each.problems) for each in found.submissions] == [("mia", ())]


def test_what_is_missing_is_named_part_by_part_and_the_zip_is_made_all_the_same(smtplab: Run, course: Path) -> None:
    edit(course, id="", answers=1)
    done = smtplab("submit", "--anyway")
    assert done.returncode == 1
    told = missing(done)
    assert len(told) == 3
    assert 'student_id("")' in told[0]
    assert [each.split('"')[1] for each in told[1:]] == ["The phases of a session", "The lecture's banners"]
    assert (course / f"{FIRST}.zip").is_file()


@pytest.mark.parametrize(
    ("marks", "word"),
    [
        ({"execution_count": None}, "never run"),
        ({"outputs": [{"output_type": "error", "ename": "E", "evalue": "", "traceback": []}]}, "error"),
        ({"metadata": {}}, "deleted"),
    ],
)
def test_an_answer_cell_that_was_not_run_or_failed_or_is_gone_is_told(
    smtplab: Run, course: Path, marks: dict[str, Any], word: str
) -> None:
    edit(course, answers=1, **marks)
    told = missing(smtplab("submit"))
    assert '"Your own session"' in told[0]
    assert word in told[0]


def test_on_a_hub_the_user_is_the_student(smtplab: Run, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "Noah")
    edit(course, id="")
    assert smtplab("submit").returncode == 0
    assert (course / f"noah_{FIRST}.zip").is_file()


def test_without_a_change_nothing_is_packed_unless_it_is_wanted_anyway(smtplab: Run, course: Path) -> None:
    done = smtplab("submit")
    assert (done.returncode, done.stdout) == (2, "")
    assert smtplab("submit", "--exercise", "3").returncode == 1
    assert [*course.glob("*.zip")] == []
    assert smtplab("submit", "--exercise", "3", "--anyway").returncode == 1
    assert [path.name for path in course.glob("*.zip")] == [f"{THIRD}.zip"]


def test_of_several_that_were_begun_one_must_be_named(smtplab: Run, course: Path) -> None:
    edit(course)
    edit(course, THIRD)
    done = smtplab("submit")
    assert done.returncode == 2
    assert f"--exercise {FIRST}" in done.stderr
    assert smtplab("submit", "--exercise", "1").returncode == 0  # of two with this number, the one that was changed


def test_an_unknown_exercise_and_a_folder_without_any_are_refused(smtplab: Run, course: Path) -> None:
    assert smtplab("submit", "--exercise", "77").returncode == 2
    (course / "empty").mkdir()
    assert smtplab("submit", "empty").returncode == 2


def test_the_folder_of_the_exercises_will_do_and_the_zip_goes_where_it_is_wanted(smtplab: Run, course: Path) -> None:
    edit(course)
    assert smtplab("submit", "exercises", "--out", "to/hand.zip").returncode == 0
    assert zipfile.is_zipfile(course / "to" / "hand.zip")


def test_a_notebook_is_never_overwritten_by_the_zip(smtplab: Run, course: Path) -> None:
    path = edit(course)
    before = path.read_bytes()
    assert smtplab("submit", "--out", f"exercises/{FIRST}.ipynb").returncode == 2
    assert path.read_bytes() == before


def test_a_copy_that_was_saved_later_is_told(smtplab: Run, course: Path) -> None:
    path = edit(course)
    copy = path.with_name(f"{FIRST}-Copy1.ipynb")
    copy.write_bytes(path.read_bytes())
    os.utime(path, (1, 1))
    assert "Copy1" in missing(smtplab("submit"))[0]
    os.utime(copy, (0, 0))
    assert smtplab("submit").returncode == 0


def test_a_notebook_in_windows_1252_is_packed(smtplab: Run, course: Path) -> None:
    path = edit(course)
    path.write_bytes(path.read_text("utf-8").replace("print(1)", "print('é')").encode("cp1252"))
    assert smtplab("submit").returncode == 0


@pytest.mark.parametrize("data", [b"", b"{", b"{}"])
def test_a_damaged_notebook_is_not_packed(smtplab: Run, course: Path, data: bytes) -> None:
    edit(course).write_bytes(data)
    done = smtplab("submit", "--exercise", FIRST)
    assert (done.returncode, done.stdout) == (3, "")
    assert FIRST in done.stderr


def test_the_course_says_where_to_hand_in(smtplab: Run, course: Path) -> None:
    edit(course)
    assert where_to_hand_in(course) == ""
    (course / "course.toml").write_text('hand_in = "Moodle, week 3"\n')
    assert "hand in  Moodle, week 3\n" in smtplab("submit").stdout
    (course / "course.toml").write_text("hand_in = ")
    assert smtplab("submit").returncode == 3


def test_without_an_id_nothing_is_packed_unless_it_is_wanted_anyway(smtplab: Run, course: Path) -> None:
    edit(course, id="")
    done = smtplab("submit")
    assert (done.returncode, done.stdout, [*course.glob("*.zip")]) == (1, "", [])
    assert "--anyway" in done.stderr
    assert smtplab("submit", "--anyway").returncode == 1
    assert (course / f"{FIRST}.zip").is_file()


@pytest.mark.parametrize("folder", ["exercises", "tutorials", "empty"])
def test_inside_a_folder_of_the_course_the_course_is_found(
    course: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    edit(course)
    (course / folder).mkdir(exist_ok=True)
    done = run_here(course / folder, "submit")
    assert (done.returncode, done.stderr) == (0, "")
    assert (course / folder / f"mia_{FIRST}.zip").is_file()


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "stream", "name": "stdout", "text": ["{line}\n", "  ok 4/4 all\n"]},
        {"output_type": "display_data", "data": {"text/plain": "{line}\n  ok 4/4 all", "text/html": "<p>"}},
    ],
)
def test_the_last_check_of_each_part_is_told(smtplab: Run, course: Path, output: dict[str, Any]) -> None:
    path = edit(course)
    book = json.loads(path.read_bytes())
    tests = [cell for cell in book["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]
    for number, cell in enumerate(tests[:2]):
        line = f"{FIRST}, part{number}, for mia: {number + 3} of 9 points that can be seen; 6 more at grading"
        cell["outputs"] = [json.loads(json.dumps(output).replace("{line}", line))]
    path.write_text(json.dumps(book))
    told = re.findall(r"^checked  (.*)$", smtplab("submit").stdout, re.MULTILINE)
    assert told == [f"part{n}: {n + 3} of 9 points that can be seen; 6 more at grading" for n in (0, 1)]


@pytest.mark.parametrize(
    "outputs", [None, 7, [7], [{"text": 7, "data": 7}], [{"text": [7], "data": {"text/plain": 7}}]]
)
def test_outputs_of_any_shape_are_no_check(smtplab: Run, course: Path, outputs: Any) -> None:
    path = edit(course)
    book = json.loads(path.read_bytes())
    book["cells"][-1]["outputs"] = outputs
    path.write_text(json.dumps(book))
    done = smtplab("submit")
    assert done.returncode == 0
    assert "checked  never" in done.stdout
