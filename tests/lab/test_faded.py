"""Fill in the blanks of a session: what is filled in is sent, and judged by what the server does with it."""

from __future__ import annotations

import pytest

from smtplab import Lab, Transcript
from smtplab.lab.blank_lines import BLANK
from smtplab.lab.faded import FadedPuzzle

HOST = "mail.lab.example"
SAID = "EHLO a.example\nMAIL FROM:<alice@lab.example>\nRCPT TO:<bob@lab.example>\nDATA\nSubject: x\n\nhello\n.\nQUIT"
EHLO, MAIL, RCPT, DATA, DOT, QUIT = 2, 9, 11, 13, 18, 20
GREETING, FIRST, INNER, STORED = 1, 3, 5, 19


def transcript() -> Transcript:
    session = Lab().telnet(HOST)
    session.send(SAID)
    return Transcript(session.transcript)


def blanks(hide: object) -> FadedPuzzle:
    return FadedPuzzle.of(transcript(), hide)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hide", "numbers"),
    [
        ("verbs", [EHLO, MAIL, RCPT, DATA, QUIT]),
        ("arguments", [EHLO, MAIL, RCPT]),
        ("codes", [GREETING, FIRST, 10, 12, 14, STORED, 21]),
        ([DOT, MAIL, INNER], [FIRST, MAIL, DOT]),
    ],
)
def test_each_blank_is_right_with_what_was_there(hide: object, numbers: list[int]) -> None:
    puzzle = blanks(hide)
    assert [line.number for line in puzzle.blanks] == numbers
    assert str(puzzle).count(BLANK) >= len(numbers)
    outcome = puzzle.fill({line.number: line.parts[1] for line in puzzle.blanks})
    assert (outcome.right, outcome.credit, outcome.points(3)) == (True, 1.0, 3)


def test_the_code_of_a_reply_of_several_lines_is_hidden_in_all_of_them() -> None:
    shown = [line.shown for line in blanks("codes").lines if line.step == 0 and line.row.text.startswith("250")]
    assert len(shown) == 6
    assert all(line.startswith(f"S: {BLANK}") for line in shown)


def test_no_reply_gives_away_what_is_hidden() -> None:
    shown = blanks("arguments").text
    assert "250 2.1.0 Sender <...> ok" in shown
    assert "alice" not in shown
    assert "bob" not in shown
    assert "Sender <alice@lab.example> ok" in blanks("verbs").text


@pytest.mark.parametrize(
    ("hide", "line", "filling", "right", "word"),
    [
        ("verbs", EHLO, "HELO", True, "right"),
        ("verbs", EHLO, "ehlo", True, "right"),
        ("verbs", MAIL, "RCPT", False, "in the session it answered 250"),
        ("verbs", RCPT, "RCTP", False, "answered RCTP TO:<bob@lab.example> with 500"),
        ("verbs", QUIT, "NOOP", False, "with 250"),
        ("arguments", MAIL, "<alice@lab.example", False, "with 501"),
        ("arguments", MAIL, "alice@lab.example", True, "right"),
        ("arguments", MAIL, "<carol@lab.example>", False, "other mail arrives"),
        ("arguments", EHLO, "b.example", True, "right"),
        ("codes", GREETING, 220, True, "220 came"),
        ("codes", GREETING, 250, False, "you wrote 250, and 220 came"),
        ("codes", 14, "250", False, "250 would mean"),
        ([DOT], DOT, "..", False, "with nothing"),
        ([15], 15, "Subject: x", True, "the message arrives as in the session"),
        ([15], 15, "Subject: y", False, "other mail arrives"),
    ],
)
def test_what_is_filled_in_is_judged_by_what_the_server_does(
    hide: object, line: int, filling: object, right: bool, word: str
) -> None:
    outcome = blanks(hide).fill(line, filling)
    (only,) = outcome.fillings
    assert (only.right, outcome.right_ones) == (right, int(right))
    assert word in only.verdict


def test_a_blank_is_judged_alone_and_the_last_filling_counts() -> None:
    puzzle = blanks("verbs")
    puzzle.fill(EHLO, "QUIT")
    outcome = puzzle.fill(str(RCPT), "RCPT")
    assert [filling.right for filling in outcome.fillings] == [False, True]
    assert outcome.verdict == "1 of 5 blanks right; 3 still to fill."
    assert puzzle.fill(EHLO, "EHLO").right_ones == 2
    assert outcome.points(5) == 1


def test_nothing_is_left_behind_in_the_lab_of_the_student() -> None:
    session = Lab().telnet(HOST)
    session.send(SAID)
    FadedPuzzle.of(session).fill({MAIL: "MAIL", DATA: "DATA"})
    assert len(session.lab.mailbox("bob@lab.example")) == 1


@pytest.mark.parametrize(("line", "filling"), [(3, "RCPT"), ("x", "RCPT"), (MAIL, ""), (MAIL, None), ({}, None)])
def test_what_cannot_be_filled_in_changes_nothing(line: object, filling: object) -> None:
    puzzle = blanks("verbs")
    with pytest.raises(ValueError, match="line"):
        puzzle.fill(line, filling)  # type: ignore[arg-type]
    assert not puzzle.fillings


def test_an_empty_line_is_no_blank_and_neither_is_what_the_server_says_after_turn() -> None:
    assert 16 not in [line.number for line in blanks(range(1, 40)).blanks]
    lab = Lab()
    lab.host(HOST).handler.turns = True
    session = lab.telnet(HOST)
    session.send("HELO a.example\nTURN\n220 a.example\n250 a.example")
    assert [line.row.text for line in FadedPuzzle.of(session).blanks] == ["HELO a.example", "TURN"]


def test_a_code_has_three_digits() -> None:
    puzzle = blanks("codes")
    with pytest.raises(ValueError, match="code"):
        puzzle.fill(GREETING, "ok")
    assert not puzzle.fillings


@pytest.mark.parametrize("hide", ["words", "line", "", [99], []])
def test_a_puzzle_without_blanks_is_refused(hide: object) -> None:
    with pytest.raises(ValueError, match="blank"):
        blanks(hide)


def test_text_and_page_have_the_lines_with_blanks_and_then_the_verdicts() -> None:
    puzzle = blanks("verbs")
    assert f"  11  C: {BLANK} TO:<bob@lab.example>" in str(puzzle)
    assert ".fill(2, '...')" in str(puzzle)
    assert ".fill(1, 451)" in str(blanks("codes"))
    assert "right" not in puzzle._repr_html_()
    puzzle.fill(RCPT, "RCPT")
    for shown in (str(puzzle), puzzle._repr_html_()):
        assert "1 of 5 blanks right" in shown
    assert "5 blanks" in repr(puzzle)
