"""Variants: the same for ever, different for everybody."""

from __future__ import annotations

import pytest

from smtplab.grading.variants import PEOPLE, WORDS, Draw


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
