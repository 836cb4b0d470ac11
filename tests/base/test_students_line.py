"""An error in a student's code in words."""

import pytest

from smtplab.base.students_line import error_in_words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyError("NOOP"), "KeyError: 'NOOP'"),
        (ValueError("no such verb."), "ValueError: no such verb"),
        (ZeroDivisionError(), "ZeroDivisionError"),
    ],
)
def test_an_error_is_its_class_and_its_text_without_a_full_stop(error: Exception, words: str) -> None:
    assert error_in_words(error) == words
