"""Values show themselves in IPython as their text, and facts stand line by line."""

from dataclasses import dataclass

from IPython.lib.pretty import pretty

from smtplab.printed import Printed, listed


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
