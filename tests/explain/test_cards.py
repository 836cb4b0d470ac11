"""How much a card says: at first in words, full where it is new or a refusal, and more as a notebook raises it."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from smtplab import Lab, Session, Transcript, cards, diagrams
from smtplab.explain.cards import LEVELS
from smtplab.explain.explainer import explain
from smtplab.jupyter.pages import page_of
from smtplab.protocol.commands import VERBS


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    cards.reset()
    yield
    cards.reset()


@pytest.fixture
def session() -> Session:
    return Lab().telnet("mail.lab.example")


def card(session: Session, line: str) -> list[str]:
    """Send a line, and return the pieces of text on the card of its reply."""
    reply = session.send(line)
    assert reply is not None
    pieces = re.sub(r"<[^>]*>", "\n", reply._repr_html_() or "").split("\n")
    return [unescape(piece).strip() for piece in pieces if piece.strip()]


def test_the_first_reply_of_the_course_has_its_lines_its_class_in_words_and_why_it_came(session: Session) -> None:
    assert card(session, "HELO x.example") == [
        "250 mail.lab.example greets x.example",
        "done",
        "The server has noted the name you gave; it has not verified it.",
    ]


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        (["HELO x.example"], "done"),
        (["HELO x.example", "MAIL FROM:<a@x.example>", "RCPT TO:<bob@lab.example>", "DATA"], "go on"),
        (["DATA"], "never"),
    ],
)
def test_a_class_is_a_word(session: Session, lines: list[str], word: str) -> None:
    *before, last = lines
    for line in before:
        session.send(line)
    assert word in card(session, last)


def test_not_now_is_the_word_of_a_4yz() -> None:
    html = explain(Transcript.parse("S: 220 x\nC: HELO x\nS: 451 later")).reply_html()
    assert ">not now</span>" in html


@pytest.mark.parametrize(
    ("level", "facts"),
    [
        ("words", ["done"]),
        ("states", ["done", "| greeted, the client has not said who it is -> ready for a mail transaction"]),
        (
            "digits",
            [
                "done",
                "2yz Positive Completion; x5z Mail system",
                "| greeted, the client has not said who it is -> ready for a mail transaction",
            ],
        ),
    ],
)
def test_a_level_has_all_of_the_one_before(session: Session, level: str, facts: list[str]) -> None:
    cards.level = level
    assert card(session, "HELO x.example")[1:-1] == facts


def test_the_level_is_one_of_three() -> None:
    assert (LEVELS, cards.level) == (("words", "states", "digits"), "words")
    with pytest.raises(ValueError, match="level"):
        cards.level = "all"


def test_the_same_answer_to_the_same_verb_is_one_line(session: Session) -> None:
    assert len(card(session, "NOOP")) == 3
    for line in ("NOOP again", "NOOP", "noop"):
        text, word = card(session, line)
        assert text.startswith("250 ")
        assert word == "done"


@pytest.mark.parametrize("between", ["HELO x.example", "RSET", "VRFY bob"])
def test_another_verb_between_them_changes_nothing(session: Session, between: str) -> None:
    session.send("NOOP")
    assert len(card(session, between)) == 3
    assert len(card(session, "NOOP")) == 2


def test_another_answer_to_the_same_verb_is_new(session: Session) -> None:
    for line in ("HELO x.example", "MAIL FROM:<a@x.example>", "RCPT TO:<bob@lab.example>"):
        session.send(line)
    assert len(card(session, "RCPT TO:<alice@lab.example>")) == 2
    assert len(card(session, "RCPT TO:<nobody@lab.example>")) > 2


def test_a_refusal_is_always_full(session: Session) -> None:
    cards.level = "states"
    for setting in (None, True, False):
        cards.brief = setting
        assert card(session, "DATA")[1:] == [
            "never",
            "| unchanged: greeted, the client has not said who it is",
            "First say HELO <domain>, then MAIL FROM:<reverse-path>, then RCPT TO:<forward-path>; then DATA may come.",
        ]


def test_another_session_begins_anew(session: Session) -> None:
    session.send("NOOP")
    again = Lab().telnet("mail.lab.example")
    assert len(card(again, "NOOP")) == 3


def test_what_was_undone_was_not_said(session: Session) -> None:
    session.send("NOOP")
    session.undo()
    assert len(card(session, "NOOP")) == 3
    session.send("HELO x.example")
    session.undo()
    assert len(card(session, "NOOP")) == 2


def test_brief_cards_are_one_line_and_the_others_are_full(session: Session) -> None:
    cards.brief = True
    assert len(card(session, "NOOP")) == 2
    cards.brief = False
    assert len(card(session, "NOOP")) == 3
    cards.brief = None
    assert len(card(session, "NOOP")) == 2


def test_every_line_of_a_long_reply_is_on_a_brief_card(session: Session) -> None:
    full = card(session, "EHLO x.example")
    assert card(session, "EHLO x.example") == full[:-1]


def test_the_text_of_a_reply_and_why_do_not_depend_on_it(session: Session) -> None:
    reply = session.send("HELO x.example")
    texts = {level: (str(reply), str(session.why())) for level in LEVELS if not setattr(cards, "level", level)}
    assert len(set(texts.values())) == 1
    assert "2yz Positive Completion" in str(session.why())


# In a notebook, `why()`, help pages and figures follow the level


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cards are those of a notebook, where IPython's shell runs."""
    monkeypatch.setattr("smtplab.explain.cards.running_shell", object)


@pytest.mark.usefixtures("notebook")
@pytest.mark.parametrize(
    ("level", "explained"),
    [
        ("words", {"class": "never"}),
        ("states", {"class": "never", "state": "unchanged: greeted, the client has not said who it is"}),
        (
            "digits",
            {
                "class": "never",
                "digits": "5yz Permanent Negative Completion; x0z Syntax",
                "state": "unchanged: greeted, the client has not said who it is",
            },
        ),
    ],
)
def test_in_a_notebook_why_says_what_the_cards_say(session: Session, level: str, explained: dict[str, str]) -> None:
    session.send("DATA")
    cards.level = level
    lines = session.why().lines
    assert {name: lines[name] for name in ("class", "digits", "state") if name in lines} == explained
    for name in ("class", "digits", "state"):
        assert (f"  {name:<11}" in str(session.why())) is (name in explained)


def test_in_a_script_why_has_everything_whatever_the_level(session: Session) -> None:
    session.send("DATA")
    assert {"digits", "state"} <= set(session.why().lines)


@pytest.mark.usefixtures("notebook")
@pytest.mark.parametrize("level", ["words", "states"])
def test_in_a_notebook_no_figure_and_no_page_has_a_mask_before_the_digits_are_taught(
    session: Session, level: str
) -> None:
    cards.level = level
    drawn = [diagrams.commands_and_responses(), diagrams.state_machine(), diagrams.reply_chart(session)]
    pages = [page for verb in VERBS if (page := page_of(verb)) is not None]
    assert len(pages) == len(VERBS)
    for shown in (*drawn, *pages):
        assert not re.search(r"\b\dyz\b|\bx\dz\b", f"{shown}{shown._repr_html_()}")
    cards.level = "digits"
    assert "2yz" in diagrams.commands_and_responses().text


@pytest.mark.usefixtures("notebook")
def test_in_words_a_figure_says_done_go_on_not_now_never(session: Session) -> None:
    text = diagrams.state_machine().text
    assert "to REFUSED with greeting not now, never" in text
    assert "to READY with message any reply" in text
    assert "to DATA with DATA go on" in text
    assert 'An arrow that names no reply needs the reply "done"' in text
    assert "Responses, done Positive Completion: 211, 214" in diagrams.commands_and_responses().text
    assert "By class:\n  done Positive Completion: 1\n" in diagrams.reply_chart(session).text
    assert "second digit" not in diagrams.reply_chart(session).text
