"""What a cell does, without Jupyter: the lines it sends, what it shows, and how it fails."""

from __future__ import annotations

import pytest

from smtplab.jupyter.engine import Engine
from smtplab.jupyter.step import CellError, ExpectationFailed, Step
from smtplab.protocol.states import State

LECTURE = "mail.adelphia.net"
LAB = "mail.lab.example"
NOOP_DONE = "S: 250 Nothing done, as you asked"
TO_THE_MESSAGE = "MAIL FROM:<a@b.example>\nRCPT TO:<bob@lab.example>\nDATA"


@pytest.fixture
def engine() -> Engine:
    """No session is open."""
    return Engine()


@pytest.fixture
def greeted(engine: Engine) -> Engine:
    """The server has greeted."""
    done(engine, f"telnet {LAB} 25")
    return engine


@pytest.fixture
def ready(greeted: Engine) -> Engine:
    """HELO was said."""
    done(greeted, "HELO client.example")
    return greeted


@pytest.fixture
def in_data(ready: Engine) -> Engine:
    """The message may come."""
    done(ready, TO_THE_MESSAGE)
    return ready


def done(engine: Engine, cell: str, name: str = "") -> Step:
    """Do a cell that must not fail."""
    step = engine.run(cell, name)
    assert step.failure is None
    return step


def failure(engine: Engine, cell: str) -> str:
    """Do a cell that must fail; return the sentence."""
    step = engine.run(cell)
    assert isinstance(step.failure, CellError)
    sentence = str(step.failure)
    assert sentence[0] == sentence[0].upper()
    assert sentence[-1] in ".!?"
    assert "\n" not in sentence
    return sentence


def sent(engine: Engine) -> list[str]:
    """Return the lines that the client has sent."""
    return [str(row)[3:] for row in engine.open_session().transcript if str(row).startswith("C:")]


# Opening


def test_before_the_first_telnet_the_hosts_are_listed(engine: Engine) -> None:
    sentence = failure(engine, "HELO client.example")
    assert f"`telnet {LECTURE} 25` opens one" in sentence
    assert all(host.name in sentence for host in engine.lab.hosts)


@pytest.mark.parametrize("line", [f"telnet {LECTURE} 25", f"connect {LECTURE}", f"Telnet  {LECTURE.upper()}  25"])
def test_telnet_opens_a_session_with_a_host_of_the_lab(engine: Engine, line: str) -> None:
    assert done(engine, line).text.splitlines()[-1].startswith("S: 220 mta13.adelphia.net")
    assert engine.state is State.GREETED


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("telnet", "followed by a host and a port"),
        ("telnet a b c", "followed by a host and a port"),
        (f"telnet {LECTURE} smtp", "'smtp' is no port"),
        (f"telnet {LECTURE} 99999999", "is no port"),
        (f"telnet {LECTURE} 26", "Nobody listens on"),
        ("telnet mail.adelphia.nte", "did you mean mail.adelphia.net?"),
        ("telnet gmail.com 25", "only servers on this machine"),
        ("telnet 198.51.100.99 25", "is another machine"),
        ("connect 2001:db8::1 25", "is another machine"),
        ("telnet 127.0.0.1 0", "no port 0"),
    ],
)
def test_a_call_that_nobody_takes_is_one_sentence(engine: Engine, line: str, words: str) -> None:
    assert words in failure(engine, line)
    assert engine.session is None


def test_a_new_telnet_takes_the_place_of_an_open_session_and_says_so(ready: Engine) -> None:
    before = ready.open_session()
    assert "is given up without QUIT" in done(ready, f"telnet {LECTURE}").text
    assert before.closed
    assert ready.state is State.GREETED


def test_a_session_that_is_over_is_replaced_in_silence(ready: Engine) -> None:
    done(ready, "QUIT")
    assert "given up" not in done(ready, f"telnet {LECTURE}").text


# Sending


def test_one_line_shows_what_came_back(ready: Engine) -> None:
    assert done(ready, "NOOP").text == NOOP_DONE


def test_several_lines_show_both_sides(ready: Engine) -> None:
    text = done(ready, "MAIL FROM:<a@b.example>\n\n# a remark\nRSET").text
    assert [line[:7] for line in text.splitlines()] == ["C: MAIL", "S: 250 ", "C: RSET", "S: 250 "]


def test_remarks_and_empty_lines_are_not_sent_outside_a_message(ready: Engine) -> None:
    step = done(ready, "### BEGIN SOLUTION\n\n   \nNOOP\n### END SOLUTION")
    assert step.text == NOOP_DONE
    assert sent(ready) == ["HELO client.example", "NOOP"]


def test_a_message_may_come_over_several_cells(in_data: Engine) -> None:
    done(in_data, "Subject: Hi")
    done(in_data, "\n# no remark\n   indented\n%no directive")
    assert done(in_data, ".").text.startswith("S: 250")
    (message,) = in_data.lab.mailbox("bob@lab.example")
    assert message.endswith(b"Subject: Hi\r\n\r\n# no remark\r\n   indented\r\n%no directive\r\n")


def test_the_empty_line_that_ends_a_cell_amid_a_message_belongs_to_the_message(in_data: Engine) -> None:
    assert done(in_data, "Subject: Hi\n").text.startswith("C: Subject: Hi\nC:\n")
    done(in_data, "Hello Bob\n.")
    (message,) = in_data.lab.mailbox("bob@lab.example")
    assert message.endswith(b"Subject: Hi\r\n\r\nHello Bob\r\n")


def test_amid_a_message_the_notebook_says_why_nothing_comes(in_data: Engine) -> None:
    assert done(in_data, "Subject: Hi").text.startswith("= no reply: the message goes on")


def test_a_message_that_looks_like_an_opening_is_a_message(in_data: Engine) -> None:
    done(in_data, f"Hi\ntelnet {LECTURE} 25\n.")
    assert f"telnet {LECTURE} 25" in str(in_data.lab.mailbox("bob@lab.example")[0])


def test_a_notebook_can_be_run_again_that_stopped_amid_a_message(in_data: Engine) -> None:
    assert done(in_data, f"telnet {LAB} 25\nHELO again.example").text.endswith(
        "S: 250 mail.lab.example greets again.example"
    )


@pytest.mark.parametrize("line", ["MALE", "EHLO", "RCPT TO:<bob@lab.example>", "MAIL FROM:<x"])
def test_a_refusal_is_content_and_no_failure(ready: Engine, line: str) -> None:
    assert done(ready, line).text.startswith("S: 5")


def test_a_line_for_a_session_that_is_over_is_a_failure(ready: Engine) -> None:
    assert done(ready, "QUIT").text.startswith("S: 221")
    assert "the session is closed".capitalize() in failure(ready, "NOOP")


def test_what_was_said_before_a_failure_is_shown(ready: Engine) -> None:
    step = ready.run("QUIT\nNOOP")
    assert step.failure is not None
    assert "S: 221" in step.text


def test_half_a_character_is_refused_and_nothing_is_sent(ready: Engine) -> None:
    assert "half a character (U+D800)" in failure(ready, "NOOP \ud800")
    assert sent(ready) == ["HELO client.example"]


def test_what_a_host_says_unasked_is_shown_with_the_next_cell(ready: Engine) -> None:
    ready.lab.host(LAB).stop()
    assert done(ready, "%expect 421").text.startswith("S: 421")


def test_the_html_of_a_step_has_the_class_the_state_and_the_reason(ready: Engine) -> None:
    html = done(ready, "RCPT TO:<bob@lab.example>").html
    assert "Permanent Negative Completion" in html
    assert "unchanged: ready for a mail transaction" in html
    assert "<bob@" not in html


def test_the_result_is_the_last_reply(ready: Engine) -> None:
    assert done(ready, "NOOP\nMALE").result.code == 500  # type: ignore[attr-defined]


# Testing


@pytest.mark.parametrize("wanted", ["250", "2yz", "25z", "354 250"])
def test_expect_passes_where_the_code_fits(ready: Engine, wanted: str) -> None:
    assert done(ready, f"NOOP\n%expect {wanted}").text.endswith("= 250, as expected")


@pytest.mark.parametrize("wanted", ["251", "3yz", "354 550"])
def test_expect_fails_the_cell_where_it_does_not_and_stops_there(ready: Engine, wanted: str) -> None:
    step = ready.run(f"NOOP\n%expect {wanted}\nRSET")
    assert isinstance(step.failure, ExpectationFailed)
    assert str(step.failure) == f"Expected {wanted.replace(' ', ' or ')}, got 250: Nothing done, as you asked."
    assert "RSET" not in sent(ready)
