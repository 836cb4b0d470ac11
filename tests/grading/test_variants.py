"""Variants: the same for ever, different for everybody; and for whom an exercise is graded."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtplab.grading.variants import (
    PEOPLE,
    WORDS,
    Draw,
    graded_student,
    local_student,
    normal,
    roster,
    spellings,
)


@pytest.fixture(autouse=True)
def at_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMTPLAB_STUDENT", "SMTPLAB_ROSTER", "NBGRADER_EXECUTION", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)


def test_what_was_drawn_once_is_drawn_for_ever() -> None:
    """If this fails, every student of every running course gets another task. Mend the code, not the test."""
    lots = Draw("mia", "01-hold-your-own-session", "smtplab")
    drawn = (lots.number("n", 1000), lots.person("p"), lots.word("w"), lots.token("t"), lots.picks("k", "abcdef", 3))
    assert drawn == (559, "aisha", "heather", "coral-sparrow-8331", ("a", "f", "d"))
    assert (len(PEOPLE), len(WORDS), PEOPLE[7], WORDS[100]) == (32, 128, "hana", "pewter")


def test_the_lists_hold_each_word_once_and_words_fit_into_a_domain_name() -> None:
    assert len(set(PEOPLE)) == len(PEOPLE)
    assert len(set(WORDS)) == len(WORDS)
    assert all(word.isascii() and word.isalpha() and word.islower() for word in PEOPLE + WORDS)


@pytest.mark.parametrize("other", ["Mia", " MIA ", "mia\n"])
def test_an_id_is_the_same_in_any_case_and_with_spaces_around_it(other: str) -> None:
    assert Draw(other, "01").token("t") == Draw("mia", "01").token("t")


def test_an_id_is_the_same_however_its_letters_are_composed() -> None:
    assert normal("Ren\u00e9") == normal("Rene\u0301")


def test_another_student_exercise_course_or_name_gives_another_draw() -> None:
    tokens = {
        Draw(student, exercise, course).token(name)
        for student in ("mia", "noah")
        for exercise in ("01", "03")
        for course in ("", "2027")
        for name in ("a", "b")
    }
    assert len(tokens) == 16


def test_a_separator_cannot_be_typed_into_an_id() -> None:
    assert Draw("b", "x", "a").number("n", 10**9) != Draw("x\0b", "a", "").number("n", 10**9)


def test_three_hundred_students_have_tokens_of_their_own() -> None:
    assert len({Draw(f"s{number}", "01").token("t") for number in range(300)}) == 300


def test_every_item_is_drawn_by_somebody() -> None:
    assert {Draw(f"s{number}", "01").pick("p", "abcd") for number in range(60)} == set("abcd")


def test_picks_are_different_items() -> None:
    for number in range(50):
        picked = Draw(f"s{number}", "01").picks("k", range(5), 5)
        assert sorted(picked) == [0, 1, 2, 3, 4]


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
