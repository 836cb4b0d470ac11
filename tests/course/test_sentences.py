"""Every error sentence about the copy of the course is raised somewhere, in exactly these words."""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from smtplab.course import sentences
from smtplab.course.copies import MANIFEST, CourseError, UnknownNotebookError, find_notebook, read_manifest, reset
from smtplab.course.hand_in import choose_exercise, exercises_of, pack, where_to_hand_in
from support.templates import names_of

FILES = {"01-session.ipynb": b"", "01-type-session.ipynb": b"", "02-commands.ipynb": b""}


def with_a_damaged_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text("{")
    read_manifest(folder)


def onto_a_folder(folder: Path) -> None:
    (folder / MANIFEST).write_text('{"version": "1", "files": {"01-session.ipynb": "0"}}')
    (folder / "01-session.ipynb").mkdir()
    reset(folder, "01-session.ipynb", b"")


def exercise(**changes: Any) -> bytes:
    """An exercise with one answer cell, as delivered but for the changes of that cell."""
    answer = {"cell_type": "code", "metadata": {"nbgrader": {"solution": True, "grade_id": "a"}}, "source": "# YOURS"}
    heading = {
        "cell_type": "markdown",
        "metadata": {},
        "source": ["# Session\n", "\n", "## 1. What to do (3 points)\n"],
    }
    who = {"cell_type": "code", "metadata": {}, "source": 'student = student_id("")'}
    return json.dumps(
        {"cells": [who, heading, answer | changes], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    ).encode()


DELIVERED = {f"exercises/{name}": exercise() for name in ("01-session.ipynb", "01-type-session.ipynb")}


def choose(folder: Path, wanted: str, *begun: str, handed_out: bool = True) -> None:
    for name in DELIVERED if handed_out else ():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(exercise(source="1") if Path(name).stem in begun else exercise())
    choose_exercise(wanted, exercises_of(folder, DELIVERED), DELIVERED)


def pack_half_a_notebook(folder: Path) -> None:
    (folder / "x.ipynb").write_bytes(b"{")
    pack("x", folder / "x.ipynb", exercise(), datetime.now().astimezone())


def read_a_damaged_course_file(folder: Path) -> None:
    (folder / "course.toml").write_text("hand_in =")
    where_to_hand_in(folder)


# The constant -> what raises it, the type, the exact text; FOLDER stands for the folder of the test.
ROWS: dict[str, tuple[Callable[[Path], object], type[Exception], str]] = {
    "DAMAGED_MANIFEST": (
        with_a_damaged_manifest,
        CourseError,
        f"The manifest FOLDER/{MANIFEST} is damaged; `smtplab start --no-lab` renews it.",
    ),
    "NO_COURSE": (
        lambda folder: reset(folder, "01-session.ipynb", b""),
        CourseError,
        "There is no course in FOLDER; `smtplab start` makes one.",
    ),
    "FOLDER_IN_THE_WAY": (
        onto_a_folder,
        CourseError,
        "FOLDER/01-session.ipynb is a folder; rename it, then `smtplab reset` puts the notebook there.",
    ),
    "SEVERAL_NOTEBOOKS": (
        lambda folder: find_notebook("1", FILES),
        UnknownNotebookError,
        "'1' fits 2 notebooks; say `smtplab reset 01-session` or `smtplab reset 01-type-session`.",
    ),
    "NO_EXERCISES_HERE": (
        lambda folder: choose(folder, "", handed_out=False),
        CourseError,
        "There are no exercises here; name the folder of the course, such as smtplab-course.",
    ),
    "NO_SUCH_EXERCISE": (
        lambda folder: choose(folder, "7"),
        CourseError,
        "There is no exercise '7' here; there are 01-session, 01-type-session.",
    ),
    "NOTHING_BEGUN": (
        lambda folder: choose(folder, ""),
        CourseError,
        "None of these was changed yet: 01-session, 01-type-session. Answer one, save it, and run this again.",
    ),
    "SEVERAL_BEGUN": (
        lambda folder: choose(folder, "1", "01-session", "01-type-session"),
        CourseError,
        "You have begun 01-session, 01-type-session; name the one to hand in, as in --exercise 01-session.",
    ),
    "NOT_PACKED": (
        pack_half_a_notebook,
        CourseError,
        "FOLDER/x.ipynb cannot be handed in: the file is not a notebook, or not the whole of one.",
    ),
    "DAMAGED_COURSE_FILE": (
        read_a_damaged_course_file,
        CourseError,
        'The file FOLDER/course.toml is not TOML; write a line such as hand_in = "Moodle, week 3".',
    ),
    "NO_NOTEBOOK": (
        lambda folder: find_notebook("77", FILES),
        UnknownNotebookError,
        "There is no notebook '77'; there are 01-session.ipynb, 01-type-session.ipynb, 02-commands.ipynb.",
    ),
}


# What a notebook lacks is not raised: the constant -> how a student left the notebook, and the sentence.
MISSING: dict[str, tuple[dict[str, Any], str]] = {
    "NO_ID": ({}, 'your student id: write it between the quotes of student_id(""), run the notebook, and save it'),
    "ANSWER_CELL_GONE": (
        {"metadata": {}},
        '"What to do": the answer cell was deleted; write the answer into a new cell, or it gives no points',
    ),
    "NOT_ANSWERED": ({}, '"What to do": the answer cell is still as it was delivered'),
    "NEVER_RUN": (
        {"source": "1"},
        '"What to do": the answer cell was never run; run it to see if it works, and save the notebook',
    ),
    "ENDED_IN_ERROR": (
        {"source": "1", "execution_count": 1, "outputs": [{"output_type": "error"}]},
        '"What to do": the answer cell ended in an error',
    ),
    "NEWER_COPY": (
        {},
        "01-session-Copy1.ipynb was saved later than 01-session.ipynb, and only 01-session.ipynb is packed",
    ),
}


def test_every_sentence_has_a_row() -> None:
    assert {*ROWS, *MISSING} == set(names_of(sentences))


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_raised_word_by_word(name: str, tmp_path: Path) -> None:
    trigger, kind, text = ROWS[name]
    with pytest.raises(kind) as caught:
        trigger(tmp_path)
    assert str(caught.value).replace(str(tmp_path.resolve()), "FOLDER").replace(str(tmp_path), "FOLDER") == text


@pytest.mark.parametrize("name", MISSING)
def test_what_is_missing_is_said_word_by_word(name: str, tmp_path: Path) -> None:
    changes, text = MISSING[name]
    path = tmp_path / "01-session.ipynb"
    path.write_bytes(exercise(**changes))
    os.utime(path, (1, 1))
    (tmp_path / "01-session-Copy1.ipynb").write_bytes(exercise())
    assert text in pack("01-session", path, exercise(), datetime.now().astimezone()).missing
