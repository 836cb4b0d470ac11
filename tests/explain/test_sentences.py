"""Every error sentence of explain/ is raised somewhere, in exactly these words."""

from collections.abc import Callable

import pytest

from smtplab import Transcript
from smtplab.explain import sentences
from smtplab.explain.cards import cards
from smtplab.explain.explainer import explain
from support.templates import names_of

# The constant -> what raises it, the type, the exact text.
ROWS: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "NO_REPLY_YET": (
        lambda: explain(Transcript()),
        LookupError,
        "there is no reply to explain yet; in SMTP the server speaks first (RFC 5321 3.1)",
    ),
    "NO_SUCH_LEVEL": (
        lambda: setattr(cards, "level", "all"),
        ValueError,
        "there is no level 'all' of cards; there are words, states, digits",
    ),
}


def test_every_sentence_has_a_row() -> None:
    assert set(ROWS) == set(names_of(sentences))


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_raised_word_by_word(name: str) -> None:
    trigger, kind, text = ROWS[name]
    with pytest.raises(kind) as caught:
        trigger()
    assert str(caught.value) == text
