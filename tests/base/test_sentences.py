"""Every error sentence of the shared values is raised somewhere, in exactly these words."""

from collections.abc import Callable

import pytest

from smtplab.base import sentences
from smtplab.base.duration import parse_duration
from support.templates import names_of

# The constant -> what raises it, the type, the exact text.
ROWS: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "NOT_A_DURATION": (
        lambda: parse_duration("soon"),
        ValueError,
        "'soon' is not a valid duration; write whole numbers with units, such as 30 min (d, h, min, s, ms, us)",
    ),
}


def test_every_sentence_has_a_row() -> None:
    assert ROWS.keys() == set(names_of(sentences))


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_raised_word_by_word(name: str) -> None:
    trigger, kind, text = ROWS[name]
    with pytest.raises(kind) as caught:
        trigger()
    assert str(caught.value) == text
