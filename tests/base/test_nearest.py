"""The known word that a misspelt one is taken for."""

import pytest

from smtplab.base.nearest import nearest

WORDS = ("help", "hosts", "hint")


@pytest.mark.parametrize(
    ("word", "meant"), [("hekp", "help"), ("host", "hosts"), ("help", "help"), ("mailbox", ""), ("", ""), ("HELP", "")]
)
def test_the_word_that_is_most_alike_is_meant_or_none(word: str, meant: str) -> None:
    assert nearest(word, WORDS) == meant


def test_words_may_have_to_be_more_alike() -> None:
    assert nearest("host", WORDS, 0.8) == "hosts"
    assert nearest("host", WORDS, 0.95) == ""


def test_nothing_is_meant_without_known_words() -> None:
    assert nearest("help", iter(())) == ""
