"""Every error sentence about the copy of the course is raised somewhere, in exactly these words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from smtplab.course import sentences
from smtplab.course.copies import MANIFEST, CourseError, UnknownNotebookError, find_notebook, read_manifest, reset
from support.templates import names_of

FILES = {"01-session.ipynb": b"", "01-type-session.ipynb": b"", "02-commands.ipynb": b""}


def with_a_damaged_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text("{")
    read_manifest(folder)


def onto_a_folder(folder: Path) -> None:
    (folder / MANIFEST).write_text('{"version": "1", "files": {"01-session.ipynb": "0"}}')
    (folder / "01-session.ipynb").mkdir()
    reset(folder, "01-session.ipynb", b"")


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
    "NO_NOTEBOOK": (
        lambda folder: find_notebook("77", FILES),
        UnknownNotebookError,
        "There is no notebook '77'; there are 01-session.ipynb, 01-type-session.ipynb, 02-commands.ipynb.",
    ),
}


def test_every_sentence_has_a_row() -> None:
    assert set(ROWS) == set(names_of(sentences))


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_raised_word_by_word(name: str, tmp_path: Path) -> None:
    trigger, kind, text = ROWS[name]
    with pytest.raises(kind) as caught:
        trigger(tmp_path)
    assert str(caught.value).replace(str(tmp_path.resolve()), "FOLDER").replace(str(tmp_path), "FOLDER") == text
