"""The lecture's page in a cell: only the client's lines are sent; in any other cell, every line is."""

import pytest

from smtplab.jupyter.engine import Engine
from smtplab.jupyter.pasted_cell import lines_to_send
from smtplab.protocol.states import State
from support.cells import LECTURE, done, failure, sent
from support.paths import DATA

PAGE = (DATA / "transcripts" / "ok-lecture-adelphia.txt").read_text(encoding="utf-8")
SAID = [
    "HELO mail.adelphia.net",
    "MAIL FROM: forouzanb@adelphia.net",
    "RCPT TO: forouzanb@adelphia.net",
    "DATA",
    "From: Forouzan",
    "TO: Forouzan",
    "",
    "This is a test message",
    "to show SMTP in action.",
    ".",
    "QUIT",
]


def test_the_lectures_page_holds_the_lectures_session(engine: Engine) -> None:
    step = done(engine, PAGE)
    assert sent(engine) == SAID
    assert engine.state is State.CLOSED
    assert step.text.count("pasted page") == 1


@pytest.mark.parametrize("begin", ["Trying", "220"])
def test_a_page_without_the_call_goes_on_in_the_open_session(engine: Engine, begin: str) -> None:
    done(engine, f"telnet {LECTURE}")
    done(engine, PAGE[PAGE.index(begin) :])
    assert sent(engine) == SAID


def test_directives_below_the_page_are_run(engine: Engine) -> None:
    assert "QUIT" in done(engine, f"{PAGE}\n%why\n").text
    assert sent(engine) == SAID


@pytest.mark.parametrize("blank", ["\xa0", "\u2009", "\u202f"])
def test_a_page_may_have_the_blanks_of_a_pdf(engine: Engine, blank: str) -> None:
    done(engine, PAGE.replace(" ", blank))
    assert sent(engine) == SAID


def test_a_prompt_before_telnet_is_left_out(engine: Engine) -> None:
    done(engine, f"$ telnet {LECTURE} 25")
    assert engine.state is State.GREETED


def test_in_a_message_the_page_is_text(engine: Engine) -> None:
    done(engine, f"telnet {LECTURE}\nHELO x\nMAIL FROM:<a@b.example>\nRCPT TO:<forouzanb@adelphia.net>\nDATA")
    done(engine, "220 ready\nTrying hard\n===== x =====\nQUIT\n.")
    assert sent(engine)[-5:] == ["220 ready", "Trying hard", "===== x =====", "QUIT", "."]


@pytest.mark.parametrize(
    "lines",
    [
        ["HELO x", "250 ok"],
        ["220 client.example"],
        ["220 client.example", "250 hello"],
        ["", "NOOP", "220 x"],
        ["telnet mail.lab.example 25", "HELO x"],
        ["From: x", "Trying"],
    ],
)
def test_another_cell_is_sent_as_it_is(lines: list[str]) -> None:
    assert lines_to_send(lines) == (lines, "")


def test_a_page_with_two_readings_is_refused_and_nothing_is_sent(engine: Engine) -> None:
    done(engine, f"telnet {LECTURE}")
    assert "line 2" in failure(engine, "220 m\nthis\nthat\n500 x\nQUIT\n221 x").casefold()
    assert sent(engine) == []
