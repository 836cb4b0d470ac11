"""Puzzles about a session on the page and in a cell of SMTP: the buttons, the fields, the directives, what is saved."""

from __future__ import annotations

import pytest

from smtplab import Faded, Lab, Parsons, Transcript
from smtplab.jupyter.engine import Engine
from smtplab.jupyter.widgets.faded import CHECK
from smtplab.jupyter.widgets.frontend import LineInput
from smtplab.jupyter.widgets.parsons import SEND
from smtplab.lab.parsons import ParsonsPuzzle
from support.cells import LAB, done, failure
from support.views import labels, page, parts, press

SAID = "HELO a.example\nMAIL FROM:<alice@lab.example>\nRCPT TO:<bob@lab.example>\nDATA\nSubject: x\n.\nQUIT"


def transcript() -> Transcript:
    session = Lab().telnet(LAB)
    session.send(SAID)
    return Transcript(session.transcript)


@pytest.fixture
def parsons() -> Parsons:
    return Parsons(transcript(), ["BCC TO:<bob@lab.example>"])


@pytest.fixture
def faded() -> Faded:
    return Faded(transcript())


def right_order(puzzle: ParsonsPuzzle) -> list[int]:
    """Return the numbers of the lines of the session in its order."""
    names = SAID.split("\n")
    there = (number for number, piece in enumerate(puzzle.pieces, 1) if piece.name in names)
    return sorted(there, key=lambda number: names.index(puzzle.pieces[number - 1].name))


# Parsons


def test_a_line_is_moved_by_its_buttons_and_keeps_its_number(parsons: Parsons) -> None:
    assert parsons.order_now == tuple(range(1, 9))
    press(parsons.view, "3 up")
    assert parsons.order_now == (1, 3, 2, 4, 5, 6, 7, 8)
    press(parsons.view, "3 down")
    press(parsons.view, "3 down")
    assert parsons.order_now == (1, 2, 4, 3, 5, 6, 7, 8)


def test_a_line_is_left_out_and_put_in_again_behind_the_others(parsons: Parsons) -> None:
    press(parsons.view, "2 out")
    assert parsons.order_now == (1, 3, 4, 5, 6, 7, 8)
    assert "left out" in page(parsons.view)
    assert {"2 up", "2 down"}.isdisjoint(labels(parsons.view))
    press(parsons.view, "2 in")
    assert parsons.order_now == (1, 3, 4, 5, 6, 7, 8, 2)


def test_each_button_has_a_name_of_its_own_and_ends_are_off(parsons: Parsons) -> None:
    assert len(set(labels(parsons.view))) == len(labels(parsons.view)) == 3 * 8 + 1
    off = [part.description for part in parts(parsons.view) if getattr(part, "disabled", False)]
    assert off == ["1 up", "8 down"]


def test_the_button_sends_the_order_on_the_page(parsons: Parsons) -> None:
    wanted = right_order(parsons.puzzle)
    for number in set(parsons.order_now) - set(wanted):
        parsons.take(number)
    for place, number in enumerate(wanted):
        parsons.move(number, place - parsons.order_now.index(number))
    press(parsons.view, SEND)
    assert parsons.outcome is not None
    assert parsons.outcome.right
    assert parsons.outcome.verdict in page(parsons.view)


def test_an_order_from_a_cell_is_shown_on_the_page(parsons: Parsons) -> None:
    outcome = parsons.order(3, 1, 2)
    assert parsons.order_now == (3, 1, 2)
    assert outcome is parsons.outcome
    assert str(parsons) == str(outcome)
    with pytest.raises(ValueError, match="twice"):
        parsons.order(1, 1)


def test_nothing_is_sent_with_all_lines_left_out(parsons: Parsons) -> None:
    for number in parsons.order_now:
        parsons.take(number)
    press(parsons.view, SEND)
    assert parsons.outcome is None
    assert "numbers" in parsons.problem


def test_the_picture_of_the_order_keeps_the_lines_and_has_the_outcome(parsons: Parsons) -> None:
    before = parsons.picture
    outcome = parsons.order(1, 2)
    assert before in parsons.picture
    assert outcome._repr_html_() in parsons.picture


# Faded


def test_what_is_typed_is_sent_by_the_button(faded: Faded) -> None:
    fields = [part for part in parts(faded.view) if isinstance(part, LineInput)]
    for field, verb in zip(fields, ("HELO", "MAIL", "RCTP", "DATA"), strict=False):
        field.value = verb
    press(faded.view, CHECK)
    assert [filling.right for filling in faded.outcome.fillings] == [True, True, False, True]
    assert faded.outcome.verdict in page(faded.view)


def test_enter_sends_one_blank(faded: Faded) -> None:
    next(part for part in parts(faded.view) if isinstance(part, LineInput)).enter("EHLO")
    assert faded.outcome.right_ones == 1


def test_a_filling_from_a_cell_is_shown_on_the_page(faded: Faded) -> None:
    faded.fill({2: "HELO", 4: "MAIL"})
    values = [part.value for part in parts(faded.view) if isinstance(part, LineInput)]
    assert values == ["HELO", "MAIL", "", "", ""]
    assert "2 of 5 blanks right" in faded.picture
    assert "2 of 5 blanks right" in str(faded)


def test_the_button_without_anything_filled_in_says_what_to_do(faded: Faded) -> None:
    press(faded.view, CHECK)
    assert "number of a line" in faded.problem
    assert faded.outcome.fillings == ()


def test_what_is_done_on_the_page_is_said_and_the_focus_goes_along(
    faded: Faded, parsons: Parsons, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtplab.jupyter.widgets.widget.on_the_page", lambda: True)
    focused: list[str] = []
    monkeypatch.setattr(parsons._frontend, "focus_on", focused.append)
    press(parsons.view, "2 up")
    assert parsons._frontend.said.startswith("Line 2 is now 1 of 8: ")
    press(parsons.view, "2 down")
    press(parsons.view, "2 out")
    assert parsons._frontend.said.startswith("Line 2 is left out: ")
    assert focused == [f".smtplab-place-{n} .smtplab-{what}" for n, what in ((0, "down"), (1, "down"), (7, "take"))]
    press(parsons.view, SEND)
    assert parsons.outcome is not None
    assert parsons._frontend.said == parsons.outcome.verdict
    faded.send()
    assert faded._frontend.said == faded.problem
    faded._enter(2, "HELO")
    assert "1 of 5" in faded._frontend.said


# In the SMTP kernel


@pytest.fixture
def ready(engine: Engine) -> Engine:
    done(engine, f"telnet {LAB}\n{SAID}")
    return engine


def test_order_shuffles_the_session_and_then_sends_the_numbers(ready: Engine) -> None:
    assert "HELO a.example" in done(ready, "%order").text
    assert ready.parsons is not None
    numbers = " ".join(map(str, right_order(ready.parsons)))
    assert "Right" in done(ready, f"%order {numbers}").text
    assert "twice" in failure(ready, "%order 1 1")


def test_fill_hides_the_verbs_and_then_takes_a_line(ready: Engine) -> None:
    assert "____ TO:<bob@lab.example>" in done(ready, "%fill").text
    assert "1 of 5 blanks right" in done(ready, "%fill 6 RCPT").text
    assert "no blank" in failure(ready, "%fill 1 RCPT")
    assert "C: MAIL FROM:____" in done(ready, "%fill arguments").text
    assert "leaves no blank" in failure(ready, "%fill words")


def test_a_puzzle_needs_a_session(engine: Engine) -> None:
    assert "telnet" in failure(engine, "%order")
    assert "telnet" in failure(engine, "%fill codes")
