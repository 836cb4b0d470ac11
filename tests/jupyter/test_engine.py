"""What a cell does, without Jupyter: the lines it sends, what it shows, and how it fails."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import smtplab
from smtplab.explain.cards import cards
from smtplab.jupyter import language
from smtplab.jupyter.cell_result import Interrupted
from smtplab.jupyter.directives import DIRECTIVES
from smtplab.jupyter.engine import Engine
from smtplab.lab.session import Session
from smtplab.protocol.states import State
from smtplab.worlds.memory import MemoryStream
from support.cells import LAB, LECTURE, TO_THE_MESSAGE, done, failure, sent
from support.odd_server import OddServer, line, say, silence

NOOP_DONE = "S: 250 Nothing done, as you asked"

# Opening


def test_before_the_first_telnet_the_hosts_are_listed(engine: Engine) -> None:
    sentence = failure(engine, "HELO client.example")
    assert f"`telnet {LECTURE} 25` opens a session" in sentence
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
        (f"telnet {LECTURE} smtp", "not a valid port"),
        (f"telnet {LECTURE} 99999999", "not a valid port"),
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


@pytest.mark.parametrize("host", ["127.0.0.1 1", "nowhere.example", "192.0.2.1"])
def test_a_call_that_fails_leaves_the_open_session_in_use_and_says_so(ready: Engine, host: str) -> None:
    step = ready.run(f"telnet {host}")
    assert step.failure is not None
    assert step.text == "= the session main is open, ready for a mail transaction; it is still the one in use"
    assert done(ready, "NOOP").text == NOOP_DONE


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


def test_both_sides_are_named_in_the_html_too_also_after_turn(ready: Engine) -> None:
    assert re.findall("[CS]: [A-Z0-9]+", done(ready, "NOOP\nVRFY bob").html) == [
        "C: NOOP",
        "S: 250",
        "C: VRFY",
        "S: 250",
    ]
    ready.lab.host(LAB).handler.turns = True
    assert "S: HELO" in done(ready, "TURN\n220 client.example").html


def test_the_empty_line_that_ends_a_cell_amid_a_message_belongs_to_the_message(in_data: Engine) -> None:
    assert done(in_data, "Subject: Hi\n").text.startswith("C: Subject: Hi\nC:\n")
    done(in_data, "Hello Bob\n.")
    (message,) = in_data.lab.mailbox("bob@lab.example")
    assert message.endswith(b"Subject: Hi\r\n\r\nHello Bob\r\n")


# Each directive of which a cell amid a message may consist, with an argument where one is needed.
ARGUMENTS = {"predict": " no-reply Subject: A", "expect": " 354", "send": " Subject: A", "raw": r" Subject: A\r\n"}
ARGUMENTS |= {"now": " you: go on", "table": " codes", "down": " mail.campus.example", "up": " mail.campus.example"}
ARGUMENTS |= {"fault": " off", "fork": " copy", "timeout": " 1", "brief": " off", "cards": " words", "strict": " off"}
ARGUMENTS |= {"student": " s1", "exercise": " off", "help": " DATA", "hosts": "", "mailbox": "", "bytes": ""}
LOOKS = ("state", "legal", "why", "transcript", "ladder", "topology", "chart", "switch", "hint")


@pytest.mark.parametrize("name", [*ARGUMENTS, *LOOKS])
@pytest.mark.parametrize("blanks", ["\n", "\n \n\r"])
def test_empty_lines_directly_below_a_directive_are_not_sent(in_data: Engine, name: str, blanks: str) -> None:
    done(in_data, f"%{name}{ARGUMENTS.get(name, '')}{blanks}")
    said = sent(in_data)
    assert [line for line in said[said.index("DATA") + 1 :] if not line.strip()] == []


def test_an_empty_line_below_a_line_of_the_message_is_sent_though_a_directive_stands_above(in_data: Engine) -> None:
    done(in_data, "%why\n\nSubject: A\n\nbody\n%state\n\n\nmore\n")
    said = sent(in_data)
    assert said[said.index("DATA") + 1 :] == ["Subject: A", "", "body", "more", ""]


def test_help_says_which_empty_lines_are_sent(engine: Engine) -> None:
    assert "right below it are not sent" in done(engine, "%help").text


def test_amid_a_message_the_notebook_says_why_nothing_comes(in_data: Engine) -> None:
    assert done(in_data, "Subject: Hi").text.startswith("= no reply: the message goes on")


def test_a_message_that_looks_like_an_opening_is_a_message(in_data: Engine) -> None:
    done(in_data, f"Hi\ntelnet {LECTURE} 25\n.")
    assert f"telnet {LECTURE} 25" in str(in_data.lab.mailbox("bob@lab.example")[0])


@pytest.mark.parametrize("line", [f"telnet {LAB} 25", f"telnet {LAB}", f"Connect {LAB.upper()}", "telnet 192.0.2.25"])
def test_a_notebook_can_be_run_again_that_stopped_amid_a_message(in_data: Engine, line: str) -> None:
    assert done(in_data, f"{line}\nHELO again.example").text.endswith("S: 250 mail.lab.example greets again.example")


ABOVE = ["# YOUR COMMANDS HERE\n", "\n", "# one\n\n  \n# two\n", "%legal\n", "# a\n%expect 354\n\n# b\n"]


@pytest.mark.parametrize("above", ABOVE)
def test_what_is_not_sent_above_a_telnet_makes_it_no_line_of_an_open_message(in_data: Engine, above: str) -> None:
    step = done(in_data, f"{above}telnet {LAB} 25\nHELO again.example\nQUIT")
    assert "S: 250 mail.lab.example greets again.example" in step.text
    assert "C: #" not in step.text
    assert in_data.lab.mailbox("bob@lab.example") == []


def test_below_a_line_of_the_message_a_telnet_is_one_also_behind_a_directive(in_data: Engine) -> None:
    done(in_data, f"Hi\n%legal\n# aside\ntelnet {LAB} 25\n.")
    assert in_data.lab.mailbox("bob@lab.example")[0].splitlines()[-3:] == [
        b"Hi",
        b"# aside",
        f"telnet {LAB} 25".encode(),
    ]


@pytest.mark.parametrize("above", ABOVE)
def test_an_editor_counts_a_telnet_below_them_as_a_call(in_data: Engine, above: str) -> None:
    assert language.is_complete(f"{above}telnet {LAB} 25\nHELO again.example", in_data) == "complete"
    assert language.is_complete(f"{above}Hi\ntelnet {LAB} 25", in_data) == "incomplete"


def test_in_a_message_comments_and_empty_lines_are_sent_if_no_telnet_follows_them(in_data: Engine) -> None:
    done(in_data, "# YOUR COMMANDS HERE\n\nSubject: x\n.")
    assert in_data.lab.mailbox("bob@lab.example")[0].splitlines()[-3:] == [
        b"# YOUR COMMANDS HERE",
        b"",
        b"Subject: x",
    ]


@pytest.mark.parametrize(
    "line",
    [
        'session.send("HELO x")',
        "session.send('QUIT')",
        " reply = session.send(line)",
        "print(session.transcript)",
        'mine.hand_in("banner", "third")',
        "E S: 220 mail",
        "(E) S: 220 mail",
        "M: C: DATA",
        "? C: QUIT",
        "t | C: QUIT",
    ],
)
def test_in_an_exercise_what_is_surely_for_no_host_is_not_sent(engine: Engine, line: str) -> None:
    done(engine, "%exercise 01-type-your-own-session mia")
    done(engine, f"telnet {engine.internet.host_names[0]}")
    assert "not sent" in failure(engine, f"{line}\nQUIT")
    assert sent(engine) == []
    assert done(engine, "C: HELO x").text.startswith("S: 500")


@pytest.mark.parametrize("line", ['session.send("HELO x")', "E S: 220 mail"])
def test_in_the_lab_whatever_is_typed_is_sent(ready: Engine, line: str) -> None:
    assert done(ready, line).text.startswith("S: 500")


@pytest.mark.parametrize(
    "line",
    ["telnet", "connect the dots", f"telnet {LAB} soon", f"telnet {LAB} 25 now", "telnet mail.nowhere.example"],
)
def test_what_merely_begins_like_an_opening_is_a_line_of_the_message(in_data: Engine, line: str) -> None:
    done(in_data, f"{line}\n.")
    assert line in str(in_data.lab.mailbox("bob@lab.example")[0])


@pytest.mark.parametrize("line", ["MALE", "EHLO", "RCPT TO:<bob@lab.example>", "MAIL FROM:<x"])
def test_a_refusal_is_content_and_no_failure(ready: Engine, line: str) -> None:
    assert done(ready, line).text.startswith("S: 5")


def test_a_line_for_a_session_that_is_over_is_a_failure(ready: Engine) -> None:
    assert done(ready, "QUIT").text.startswith("S: 221")
    said = failure(ready, "NOOP")
    assert "the session is closed".capitalize() in said
    assert done(ready, said.rpartition("a new one with ")[2].rstrip(".")).text.endswith("-0400")


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


def test_the_html_of_a_step_has_the_class_and_the_reason_and_the_state_once_it_is_taught(ready: Engine) -> None:
    first = done(ready, "RCPT TO:<bob@lab.example>").html
    assert ">never</span>" in first
    assert "unchanged" not in first
    html = done(ready, "%cards digits\nRCPT TO:<bob@lab.example>").html
    cards.reset()
    assert "Permanent Negative Completion" in html
    assert "unchanged: ready for a mail transaction" in html
    assert "<bob@" not in html


def test_the_result_is_the_last_reply(ready: Engine) -> None:
    assert done(ready, "NOOP\nMALE").result.code == 500  # type: ignore[attr-defined]


def test_a_cell_may_name_the_session_it_is_for(ready: Engine) -> None:
    done(ready, f"telnet {LECTURE}", "second")
    assert done(ready, "NOOP", "main").text == NOOP_DONE
    assert set(ready.sessions) == {"main", "second"}


# Real servers


def test_a_real_server_is_called_by_its_address(engine: Engine) -> None:
    with smtplab.serve(domain="lab.example", mailboxes=["bob"]) as server:
        host, port = server.address[:2]
        assert "S: 220" in done(engine, f"telnet {host} {port}").text
        assert done(engine, f"HELO c.example\n{TO_THE_MESSAGE}\nHi\n.\nQUIT").text.count("S: 250") == 4


def test_a_server_that_says_nothing_is_given_up_in_time(engine: Engine) -> None:
    with OddServer(silence) as server:
        sentence = failure(engine, "telnet {} {}".format(*server.address))
    assert sentence.startswith("The server gave no greeting within 0.5 s")
    assert engine.session is None


def test_a_late_reply_is_shown_with_the_next_cell(engine: Engine) -> None:
    late = threading.Event()
    script = (say("220 Hi"), line, lambda _: late.wait(30), say("250 Late"), line, say("250 In time"), silence)
    with OddServer(*script) as server:
        done(engine, "telnet {} {}".format(*server.address))
        assert "NOOP within 0.5 s" in failure(engine, "NOOP")
        late.set()
        assert done(engine, "NOOP").text == "S: 250 Late\nS: 250 In time"


def test_a_connection_that_breaks_is_a_failure_and_says_so(engine: Engine) -> None:
    with OddServer(say("220 Hi"), line) as server:
        done(engine, "telnet {} {}".format(*server.address))
        step = engine.run("NOOP")
    assert "NOOP" in str(step.failure)
    assert step.text == "= Connection closed by foreign host."
    assert language.complete("", 0, engine).matches[0] == "telnet"
    assert "closed (in use)" in done(engine, "%switch").text
    legal = done(engine, "%legal").text
    assert "CLOSED" in legal
    assert "NOOP" not in legal


# Interrupts


def _interrupt_once(heard: Callable[[], bool]) -> None:
    """Interrupt this process as soon as the server has heard something."""

    def wait() -> None:
        while not heard():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=wait, daemon=True).start()


def test_an_interrupt_ends_the_waiting_and_says_how_the_session_stands() -> None:
    engine = Engine(seconds=60)
    with OddServer(say("220 Hi"), line, silence) as server:
        done(engine, "telnet {} {}".format(*server.address))
        _interrupt_once(lambda: server.heard != [])
        begin = time.monotonic()
        step = engine.run("NOOP")
        assert time.monotonic() - begin < 10
    assert isinstance(step.failure, Interrupted)
    assert "the server still owes a reply" in str(step.failure)


def test_an_interrupt_amid_undo_takes_back_both_ends(ready: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    done(ready, TO_THE_MESSAGE + "\nSubject: Hi\n.")
    undo = Session.undo

    def interrupted(session: Session, steps: int = 1) -> Session:
        os.kill(os.getpid(), signal.SIGINT)
        return undo(session, steps)

    monkeypatch.setattr(Session, "undo", interrupted)
    assert isinstance(ready.run("%undo").failure, Interrupted)
    assert ready.lab.mailbox("bob@lab.example") == []
    assert done(ready, "MAIL FROM:<a@b.example>").text.startswith("S: 250")


def test_an_interrupt_leaves_a_session_in_memory_between_two_lines(
    ready: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes while a host is at work, and waits until it has answered."""
    work, count = MemoryStream.receive, iter(range(1_000_000))

    def interrupted(stream: MemoryStream, seconds: float = 0.0) -> bytes:
        if next(count) == 100:
            os.kill(os.getpid(), signal.SIGINT)
        return work(stream, seconds)

    monkeypatch.setattr(MemoryStream, "receive", interrupted)
    step = ready.run("\n".join(["NOOP"] * 1000))
    assert isinstance(step.failure, Interrupted)
    assert 10 < step.text.count("C: NOOP") == step.text.count(NOOP_DONE) < 100
    assert done(ready, "NOOP").text == NOOP_DONE
    done(ready, "%undo 2")
    assert sent(ready) == ["HELO client.example"]


# Whatever is typed

_LINES = (
    f"telnet {LAB} 25",
    "telnet 127.0.0.1 1",
    "HELO client.example",
    "EHLO client.example",
    *TO_THE_MESSAGE.split("\n"),
    *("RSET", "VRFY alice", "EXPN staff", "HELP", "NOOP", "TURN", "QUIT", "", ".", "..", "# x", "220 Hi", "%%py"),
)
# Those that take their time to load or to draw are tried with their own tests.
_QUICK = [name for name in DIRECTIVES if name not in ("table", "exercise", "check", "timeout")]
_ARGUMENTS = st.one_of(
    st.sampled_from(["", "1", "2", "on", "off", "main", "other", "250", "MAIL"]), st.text(max_size=9)
)
_DIRECTIVE_LINES = st.tuples(st.sampled_from(_QUICK), _ARGUMENTS).map(lambda pair: "%{} {}".format(*pair))
_CELLS = st.lists(st.one_of(st.sampled_from(_LINES), _DIRECTIVE_LINES, st.text(max_size=20)), max_size=6)


@settings(max_examples=150, deadline=None)
@given(st.lists(_CELLS.map("\n".join), min_size=1, max_size=6))
def test_any_text_gives_output_or_one_sentence(cells: list[str]) -> None:
    engine = Engine(seconds=0.2)
    for cell in cells:
        assert language.is_complete(cell, engine) in ("complete", "incomplete", "invalid")
        language.complete(cell, len(cell) // 2, engine)
        language.inspect(cell, len(cell) // 2, engine)
        step = engine.run(cell)
        (step.text + step.html).encode()
        if step.failure is not None:
            assert len(str(step.failure).encode().splitlines()) == 1


def test_a_message_of_a_hundred_thousand_lines_arrives(in_data: Engine) -> None:
    step = done(in_data, "\n".join(["x" * 70] * 100_000 + ["."]))
    assert step.text.splitlines()[-1].startswith("S: 250")
    assert len(step.html) < 20_000
    assert len(in_data.lab.mailbox("bob@lab.example")[0]) > 7_200_000


def test_a_line_of_ten_million_octets_is_refused(ready: Engine) -> None:
    assert done(ready, "NOOP " + "x" * 10_000_000).text.startswith("S: 500")
    assert done(ready, "NOOP").text == NOOP_DONE


def test_a_sentence_begins_with_the_name_of_a_host_as_it_is_written(engine: Engine) -> None:
    engine.lab.host(LAB).up = False
    assert str(engine.run(f"telnet {LAB}").failure).startswith(f"{LAB} ")
