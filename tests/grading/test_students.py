"""Students: how ids are compared, for whom an exercise is graded, and who is in the class."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtplab.grading.students import graded_student, id_of, local_student, normal, roster, spellings


@pytest.fixture(autouse=True)
def at_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMTPLAB_STUDENT", "SMTPLAB_ROSTER", "NBGRADER_EXECUTION", "JUPYTERHUB_USER"):
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


def test_the_class_are_those_who_handed_something_in(tmp_path: Path) -> None:
    for student in ("Mia", "noah", ".hidden"):
        (tmp_path / student).mkdir()
    (tmp_path / "notes.txt").touch()
    assert roster(tmp_path) == ("mia", "noah")
    assert roster(tmp_path / "nothing") == ()


def test_the_environment_says_for_whom_it_is_graded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ids").write_text("noah\n\nMia\n")
    monkeypatch.setenv("SMTPLAB_STUDENT", "Mia")
    monkeypatch.setenv("SMTPLAB_ROSTER", str(tmp_path / "ids"))
    assert graded_student() == "mia"
    assert roster(tmp_path) == ("mia", "noah")


def test_a_class_list_that_cannot_be_read_costs_nobody_anything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SMTPLAB_ROSTER", str(tmp_path / "nothing"))
    assert roster(tmp_path) == ()
    (tmp_path / "ids").write_bytes(b"\xff")
    monkeypatch.setenv("SMTPLAB_ROSTER", str(tmp_path / "ids"))
    assert roster(tmp_path) == ()


@pytest.mark.parametrize("between", [",", ";"])
def test_an_id_that_was_written_otherwise_belongs_to_its_student(tmp_path: Path, between: str) -> None:
    (tmp_path / "submitted" / "Sam").mkdir(parents=True)
    lines = ["student,id", f"Sam{between} Sam@uni.example", "", "noah", "uma,"]
    (tmp_path / "ids.csv").write_text("\n".join(lines).replace(",", between), "utf-8-sig")
    assert spellings(tmp_path) == {"sam": "sam@uni.example"}
    assert roster(tmp_path / "submitted") == ("sam", "sam@uni.example")


def test_without_a_table_everybody_has_the_id_of_the_folder(tmp_path: Path) -> None:
    assert spellings(tmp_path) == {}
    (tmp_path / "ids.csv").write_bytes(b"\xff")
    assert spellings(tmp_path) == {}
