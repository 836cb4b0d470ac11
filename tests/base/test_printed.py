"""Values show themselves in IPython as their text, facts stand line by line, and errors read as sentences."""

from dataclasses import dataclass

import pytest
from IPython.lib.pretty import pretty

from smtplab.base.printed import Printed, few_in_a_row, in_a_row, listed, plural, sentence
from smtplab.protocol.replies import BAD_ARGUMENT, LocalProtocolError


@dataclass(frozen=True, slots=True)
class Answer(Printed):
    """A value with a text of two lines."""

    code: int

    def __str__(self) -> str:
        return f"{self.code}\nand so on"


def test_ipython_shows_the_text_of_a_value_that_has_a_repr_and_of_values_in_a_list() -> None:
    assert pretty(Answer(250)) == "250\nand so on"
    assert pretty([Answer(250)]) == "[250\nand so on]"


def test_a_value_with_slots_keeps_them() -> None:
    assert not hasattr(Answer(250), "__dict__")


def test_each_fact_has_its_name_before_it_and_goes_on_below_its_beginning() -> None:
    assert listed({"state": "ready", "defined in": "one\ntwo"}) == (
        "  state      ready\n  defined in one\n             two"
    )
    assert listed({}) == ""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("the line goes on", "The line goes on."),
        ("'VERFY' is no verb", "'VERFY' is no verb."),
        ("Done.", "Done."),
        ("done.", "Done."),
        ("mail.lab.example does not answer", "mail.lab.example does not answer."),
        ("no, it said: a.example", "No, it said: a.example."),
        ("", "."),
        ("did you mean VRFY?", "Did you mean VRFY?"),
    ],
)
def test_a_sentence_begins_with_a_capital_and_ends_in_a_stop(said: str, expected: str) -> None:
    assert sentence(said) == expected
    assert sentence(LocalProtocolError(said, BAD_ARGUMENT)) == expected


def test_one_is_not_counted_as_several_are() -> None:
    assert [plural(count, "step") for count in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]
    assert [plural(count, "reply", "replies") for count in (0, 1, 2)] == ["0 replies", "1 reply", "2 replies"]


@pytest.mark.parametrize(("names", "told"), [("", ""), ("a", "a"), ("ab", "a and b"), ("abc", "a, b and c")])
def test_names_stand_in_a_row(names: str, told: str) -> None:
    assert in_a_row(iter(names)) == told


def test_a_long_row_of_names_is_cut() -> None:
    assert few_in_a_row("abcde") == "a, b, c, d and e"
    assert few_in_a_row("abcdefg") == "a, b, c, d, e and 2 more"
