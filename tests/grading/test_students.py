"""Students: how ids are compared, for whom an exercise is graded, and who is in the class."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtplab.grading.students import (
    classmates,
    graded_student,
    id_of,
    local_student,
    normal,
    read_spellings,
    spellings,
)


@pytest.fixture(autouse=True)
def at_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMTPLAB_STUDENT", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)


def test_an_id_is_the_same_however_its_letters_are_composed() -> None:
    assert normal("Ren\u00e9") == normal("Rene\u0301")


def test_an_id_is_no_longer_than_the_name_of_a_folder() -> None:
    assert id_of("x" * 255) == "x" * 255
    assert id_of("x" * 256) == ""


def test_at_a_desk_nobody_grades() -> None:
    assert graded_student() is None
    assert local_student() == ""


def test_a_hub_knows_who_sits_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "Mia")
    assert local_student() == "mia"
    assert graded_student() is None


# The table of ids, and the class


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course folder with three submissions."""
    for student in ("Müller", "mia", "Müller, Jürgen"):
        (tmp_path / "submitted" / student).mkdir(parents=True)
    return tmp_path


def test_the_class_are_those_who_handed_something_in_and_those_of_the_roster(tmp_path: Path) -> None:
    assert classmates(tmp_path) == ()
    for student in ("Mia", "noah", ".hidden"):
        (tmp_path / "submitted" / student).mkdir(parents=True)
    (tmp_path / "submitted" / "notes.txt").touch()
    assert classmates(tmp_path) == ("mia", "noah")
    (tmp_path / "roster.csv").write_text("id,name\nmia,Mia\numa,Uma\n")
    assert classmates(tmp_path) == ("mia", "noah", "uma")


def test_the_environment_says_for_whom_it_is_graded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", "Mia")
    assert graded_student() == "mia"


@pytest.mark.parametrize("content", [b"\xff", b"id\nmia\nmia\n", b""])
def test_a_roster_that_cannot_be_read_costs_nobody_anything(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "submitted" / "noah").mkdir(parents=True)
    (tmp_path / "roster.csv").write_bytes(content)
    assert classmates(tmp_path) == ("noah",)


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_an_id_that_was_written_otherwise_belongs_to_its_student(tmp_path: Path, between: str) -> None:
    (tmp_path / "submitted" / "Sam").mkdir(parents=True)
    lines = ["student,id", f"Sam{between} Sam@uni.example", ""]
    (tmp_path / "ids.csv").write_text("\n".join(lines).replace(",", between), "utf-8-sig")
    found = read_spellings(tmp_path)
    assert (found.ids, found.faults) == ({"sam": "sam@uni.example"}, [])
    assert classmates(tmp_path) == ("sam", "sam@uni.example")


def test_without_a_table_everybody_has_the_id_of_the_folder(tmp_path: Path) -> None:
    found = read_spellings(tmp_path)
    assert (found.ids, found.faults) == ({}, [])


# As spreadsheets save it


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        ("student,id\nMüller,mueller1\nmia,mia2\n".encode(), {"müller": "mueller1", "mia": "mia2"}),
        (b'student,id\n"mia","mia2"\n', {"mia": "mia2"}),
        ('student,id\n"Müller, Jürgen",mj01\nmia,mia2\n'.encode(), {"müller, jürgen": "mj01", "mia": "mia2"}),
        ('student;id\n"Müller, Jürgen";mj01\n'.encode("utf-8-sig"), {"müller, jürgen": "mj01"}),
        (b"student;id;\nmia;mia2;\n", {"mia": "mia2"}),
        (b"student,id,remark\nmia,mia2,late\n", {"mia": "mia2"}),
        (b"ID , Student\r\nmia2,mia\r\n", {"mia": "mia2"}),
        (b"student\tid\rmia\tmia2\r", {"mia": "mia2"}),
        ("student\tid\nMüller\tmueller1\n".encode("utf-16"), {"müller": "mueller1"}),
        (b"\n\nstudent,id\n,\n\nmia,mia2\n", {"mia": "mia2"}),
    ],
)
def test_a_table_is_read_as_a_spreadsheet_saves_it(course: Path, content: bytes, ids: dict[str, str]) -> None:
    (course / "ids.csv").write_bytes(content)
    found = read_spellings(course)
    assert (found.ids, found.faults) == (ids, [])


# Faults, of which each has a sentence


@pytest.mark.parametrize(
    ("content", "ids", "fault"),
    [
        ("student;id\r\nMüller;mueller1\r\n".encode("cp1252"), {"müller": "mueller1"}, "Windows-1252"),
        ("student,id\nMüller,m1\n".encode("cp1252"), {"müller": "m1"}, "Windows-1252"),
        (b"mia,mia2\n", {"mia": "mia2"}, "no title"),
        (b'"mia";"mia2"\n', {"mia": "mia2"}, "no title"),
        (b"", {}, "no title"),
        (b"student,name\nmia,mia2\n", {}, "needs the columns student and id"),
        (b"folder,id\nmia,mia2\n", {}, "needs the columns student and id"),
        (b"student\nmia\n", {}, "needs the columns student and id"),
        (b"student,id\nmia,mia2,mia3\n", {}, "line 2 was not read: it has 3 cells"),
        ("student;id\nMüller, Jürgen;mj01;x\n".encode(), {}, "line 2 was not read"),
        ("student,id\nMüller, Jürgen,mj01\n".encode(), {}, "line 2 was not read"),
        (b"student,id\n\nmia\n", {}, "line 3 was not read: it has no id"),
        (b"student,id\nmia,\n", {}, "line 2 was not read: it has no id"),
        (b"student,id\n,mia2\n", {}, "line 2 was not read: it has no student"),
        (b"student,id\nmia,a\nMia,b\n", {"mia": "b"}, "line 3 has 'mia' again, as line 2 has"),
        (b"student,id\nmia,a\nmia,a\n", {"mia": "a"}, "line 3 has 'mia' again"),
        (
            "student,id\nmia,X\nMüller,x\n".encode(),
            {"mia": "x", "müller": "x"},
            "line 3 gives the id 'x', which line 2 gives to another student",
        ),
        (b"student,id\nmai,mia2\n", {"mai": "mia2"}, "line 2 names 'mai', who has no folder in submitted"),
        (b"student,id\nmia2,mia\n", {"mia2": "mia"}, "line 2 names 'mia2', who has no folder in submitted"),
    ],
)
def test_each_fault_of_a_table_has_a_sentence(course: Path, content: bytes, ids: dict[str, str], fault: str) -> None:
    (course / "ids.csv").write_bytes(content)
    found = read_spellings(course)
    assert found.ids == ids
    assert len(found.faults) == 1
    assert fault in found.faults[0]


def test_a_table_that_cannot_be_opened_has_a_sentence(course: Path) -> None:
    (course / "ids.csv").mkdir()
    found = read_spellings(course)
    assert found.ids == spellings(course) == {}
    assert found.faults == ["ids.csv cannot be read, so nobody has another id: Is a directory"]
