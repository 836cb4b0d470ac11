"""The names that Moodle and Canvas give, and the exercises in names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.roster.platform_names import (
    exercise_in,
    is_left_behind,
    is_notebook_name,
    may_be_a_notebook,
    platform_name,
)
from support.handed_in_class import CLASS, EXERCISE, Classmate

NAME = f"{EXERCISE}.ipynb"
WORDS = st.text(st.characters(blacklist_categories=("C",), blacklist_characters="/"), min_size=1, max_size=15)


@given(WORDS, st.integers(0, 10**9), st.booleans())
def test_moodles_folder_and_file_names_give_name_and_key(name: str, key: int, is_folder: bool) -> None:
    found = platform_name(f"{name}_{key}_assignsubmission_file{'_' if is_folder else f'_{NAME}'}")
    assert found is not None
    assert (found.name, found.key, found.file) == (name, str(key), "" if is_folder else NAME)


@given(WORDS.filter(lambda name: not any(each.isdigit() for each in name)), st.integers(0, 10**9), st.booleans())
def test_canvas_names_give_name_key_and_late(name: str, key: int, is_late: bool) -> None:
    found = platform_name(f"{name}{'_LATE' if is_late else ''}_{key}_77_{NAME}")
    assert found is not None
    assert (found.name, found.key, found.file, found.is_late) == (name, str(key), NAME, is_late)


@pytest.mark.parametrize("student", CLASS, ids=lambda each: each.id)
def test_the_names_of_a_class_are_read(student: Classmate) -> None:
    found = platform_name(student.canvas(f"{EXERCISE}-12.ipynb", late=True))
    assert found is not None
    assert (found.key, found.file, found.is_late) == (str(student.key), NAME, True)


def test_what_was_typed_into_canvas_is_a_file_of_the_student() -> None:
    found = platform_name("lovelaceada_LATE_4700_text.html")
    assert found is not None
    assert (found.key, found.file, found.is_late) == ("4700", "text.html", True)


@pytest.mark.parametrize("name", [NAME, f"mia_{NAME}", "mia", "", "_1_2_", "a_1_b"])
def test_other_names_are_of_no_platform(name: str) -> None:
    assert platform_name(name) is None


@pytest.mark.parametrize(
    ("name", "before", "is_exact"),
    [
        (NAME, "", True),
        (f"{EXERCISE}.zip", "", True),
        (f"mia_{NAME}", "mia", True),
        (f"mia k - {NAME}", "mia k", True),
        (f"{EXERCISE}-Copy1.ipynb", "", False),
        (f"{EXERCISE} (1).ipynb", "", False),
        (f"{NAME}.txt", "", False),
        (f"{EXERCISE}.IPYNB", "", False),
        (EXERCISE.upper(), "", False),
        (EXERCISE.replace("-", " "), "", False),
    ],
)
def test_an_exercise_is_found_in_a_name(name: str, before: str, is_exact: bool) -> None:
    found = exercise_in(name, ["01-hold", EXERCISE])
    assert found is not None
    assert (found.exercise, found.before, found.is_exact) == (EXERCISE, before, is_exact)


@pytest.mark.parametrize("name", ["", "x.ipynb", f"1{NAME}", f"{EXERCISE}s.ipynb", "01"])
def test_a_name_without_an_exercise_has_none(name: str) -> None:
    assert exercise_in(name, [EXERCISE]) is None


@pytest.mark.parametrize(
    ("name", "is_one", "may_be_one"),
    [
        ("a.ipynb", True, False),
        ("a.IPYNB", True, False),
        ("a.ipynb.txt", True, True),
        ("a.ipynb.json", True, True),
        ("a.ipynb.zip", False, False),
        ("a.txt", False, True),
        ("a", False, True),
        ("a.pdf", False, False),
        ("a.ipynb.pdf", False, False),
    ],
)
def test_names_of_notebooks_are_told_from_others(name: str, is_one: bool, may_be_one: bool) -> None:
    assert (is_notebook_name(name), may_be_a_notebook(name)) == (is_one, may_be_one)


@pytest.mark.parametrize("name", ["__MACOSX/x", "a/.DS_Store", "a/._x.ipynb", ".ipynb_checkpoints/x", "a/Thumbs.db"])
def test_what_systems_leave_behind_is_no_submission(name: str) -> None:
    assert is_left_behind(name.split("/"))
    assert not is_left_behind(["a", "x.ipynb"])
