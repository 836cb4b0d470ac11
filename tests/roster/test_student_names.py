"""A name is found however a platform writes it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.roster.student_names import letters_of, name_keys
from support.handed_in_class import CLASS, Classmate


@pytest.mark.parametrize("student", CLASS, ids=lambda each: each.id)
def test_both_platforms_forms_of_a_name_are_the_same_name(student: Classmate) -> None:
    forms = {student.name, student.sortable, student.canvas("x").split("_4")[0], student.moodle.split("_4")[0]}
    for form in forms:
        assert letters_of(form) in name_keys(student.name) & name_keys(student.sortable)


def test_two_people_have_two_names() -> None:
    assert not name_keys("Ada Lovelace") & name_keys("Ada Lovelacy")


@given(st.text(max_size=20))
def test_letters_do_not_depend_on_how_they_are_composed_or_on_signs(name: str) -> None:
    composed, apart = (letters_of(unicodedata.normalize(form, name)) for form in ("NFC", "NFD"))
    assert composed == apart == letters_of(f" {name}_'")
