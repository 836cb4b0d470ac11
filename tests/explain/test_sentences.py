"""Every error sentence of explain/ is raised somewhere, in exactly these words."""

from collections.abc import Callable

import pytest

from smtplab import Lab, Transcript
from smtplab.explain import sentences
from smtplab.explain.cards import cards
from smtplab.explain.choice_question import ChoiceOutcome, ChoiceQuestion
from smtplab.explain.explainer import explain
from smtplab.explain.inquiry import AskingExplanation
from smtplab.explain.misconceptions import beliefs
from support.templates import names_of

QUESTION = "mail-again-starts-anew"


def answered(*choices: object) -> ChoiceOutcome:
    """Answer one question, again and again."""
    question = ChoiceQuestion(beliefs()[QUESTION])
    return [question.answer(choice) for choice in choices][-1]


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
    "NO_SUCH_CHOICE": (
        lambda: answered("d"),
        ValueError,
        "'d' is not one of the answers; write a, b or c",
    ),
    "CHOICE_IS_MADE": (
        lambda: answered("b", "a"),
        ValueError,
        "this question is answered already, with b",
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
WHY = "A second MAIL gets 503 until RSET has forgotten the open transaction."
TOLD = (
    '"After a mistake I just say MAIL again, and a new message begins." That is not so. MAIL opens a transaction only '
    "where none is open; RSET forgets the open one, and then MAIL may come."
)
# The constants -> what a question or its answer says.
SAID: dict[str, tuple[Callable[[], object], str]] = {
    "RIGHT_CHOICE": (lambda: answered("b"), f"Right. {WHY}"),
    "WRONG_CHOICE": (lambda: answered("c"), f"Not so. Right is: RSET, then MAIL. {WHY}"),
    "BELIEF": (lambda: beliefs()[QUESTION].told, TOLD),
    "COMMON_BELIEF": (
        lambda: answered("a"),
        f"Not so. Right is: RSET, then MAIL. {WHY} A common belief is: {TOLD}",
    ),
    "HOW_TO_CHOOSE": (
        lambda: str(ChoiceQuestion(beliefs()[QUESTION])).split("\n")[-1],
        'Answer with its letter, as in `.answer("a")`; in a cell of SMTP, `%answer a`.',
    ),
    "PRESS_THE_LETTER": (lambda: asked_after_a_slip().sheet.how_by_buttons, "Press the letter of your answer."),
    "NO_SUCH_QUESTION": (
        lambda: error_of(lambda: asked_after_a_slip().sheet.answer(7, "a")),
        "there is no question 7 here; use a number from 1 to 1",
    ),
    "ONE_QUESTION": (
        lambda: next(line for line in str(asked_after_a_slip()).split("\n") if line.startswith("One ")),
        "One question about what you have sent:",
    ),
}


def error_of(action: Callable[[], object]) -> str:
    with pytest.raises(ValueError, match="question") as caught:
        action()
    return str(caught.value)


def asked_after_a_slip() -> AskingExplanation:
    session = Lab().telnet("mail.lab.example")
    session.send("HELO a\nMAIL FROM:<>\nMAIL FROM:<>")
    explanation = session.why()
    assert isinstance(explanation, AskingExplanation)
    return explanation


def test_every_sentence_has_a_row() -> None:
    assert set(ROWS) | set(NOTES) | set(SAID) == set(names_of(sentences))


@pytest.mark.parametrize("name", SAID)
def test_a_question_says_it_word_by_word(name: str) -> None:
    say, text = SAID[name]
    assert str(say()) == text


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
