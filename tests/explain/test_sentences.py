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

_HELO = "S: 220 x\nC: HELO x\nS: 250 x\n"
_DATA = f"{_HELO}C: MAIL FROM:<>\nS: 250 x\nC: RCPT TO:<a@b.example>\nS: 250 x\nC: DATA\nS: 354 x\n"
# The constant -> the conversation, and the sentence in the explanation of its last reply.
NOTES: dict[str, tuple[str, str]] = {
    "LONG_TEXT_LINE": (
        f"{_DATA}C: Subject: x\nC:\nC: {'a' * 999}\nC: .\nS: 250 x",
        "Line 3 of the message has 999 octets, and a server need not take more than 998 (RFC 5321 4.5.3.1.6).",
    ),
    "FOLLOWS": (
        f"{_HELO}C: MAIL FROM:<>\nS: 550 x\nC: DATA\nS: 503 x",
        "It follows from the refusal of MAIL FROM:<>, which got 550.",
    ),
    "ACCEPTED_RECIPIENTS": (
        f"{_HELO}C: MAIL FROM:<>\nS: 550 x\nC: RCPT TO:<a@b.example>\nS: 503 x",
        "It follows from the refusal of MAIL FROM:<>, which got 550; 0 of 1 recipients accepted.",
    ),
    "DID_YOU_MEAN": (f"{_HELO}C: VERIFY a\nS: 500 x", "Did you mean VRFY?"),
    "LECTURE_HAS": (f"{_HELO}C: SMAL FROM:<>\nS: 500 x", "The lecture's page has SMAL; the verb is SAML."),
    "STRICT_SERVER_REFUSES": (
        f"{_HELO}C: NOOP {'a' * 506}\nS: 250 x",
        "A strict server refuses the line: the line has 513 octets, and 512 are allowed, CRLF included.",
    ),
}


def test_every_sentence_has_a_row() -> None:
    assert set(ROWS) | set(NOTES) == set(names_of(sentences))


@pytest.mark.parametrize("name", NOTES)
def test_the_note_is_given_word_by_word(name: str) -> None:
    conversation, text = NOTES[name]
    explanation = explain(Transcript.parse(conversation))
    assert text in (explanation.note, explanation.follows, explanation.question)


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_raised_word_by_word(name: str) -> None:
    trigger, kind, text = ROWS[name]
    with pytest.raises(kind) as caught:
        trigger()
    assert str(caught.value) == text
