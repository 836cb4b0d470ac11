"""Students: how ids are compared, for whom an exercise is graded, and which one sits here."""

from __future__ import annotations

import pytest

from smtplab.grading.students import graded_student, id_of, local_student, normal


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
