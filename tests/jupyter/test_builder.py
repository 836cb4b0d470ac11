"""The session builder: buttons, fields and keys hold a session, and the tables say which of them are on."""

from collections.abc import Iterator

import pytest

from smtplab import Lab, SessionBuilder, SessionPlayer, State, Transcript, connect, exercise, serve
from smtplab.base.printed import sentence
from smtplab.base.resources import data_path
from smtplab.explain.cards import cards
from smtplab.grading.sentences import IRREVOCABLE
from smtplab.jupyter.widgets import widget
from smtplab.jupyter.widgets.message_area import lecture_message
from smtplab.lab.client_end import ClientEnd
from smtplab.lab.sentences import A_REAL_SERVER_DOES_NOT_FORGET
from smtplab.protocol.commands import VERBS
from smtplab.protocol.states import MESSAGE, legal_verbs
from smtplab.transcript import Side
from support.views import is_hidden, part

LECTURE = Transcript.parse(data_path("transcripts", "ok-lecture-adelphia.txt").read_text(encoding="utf-8"))


@pytest.fixture
def builder() -> SessionBuilder:
    return SessionBuilder()


@pytest.fixture
def in_data(builder: SessionBuilder) -> SessionBuilder:
    for verb in ("HELO", "MAIL", "RCPT", "DATA"):
        builder.click(verb)
    return builder


@pytest.fixture
def over_a_socket() -> Iterator[SessionBuilder]:
    with serve(domain="lab.example", mailboxes=["alice"]) as server:
        host, port = server.address
        yield SessionBuilder(connect(host, port, timeout=5))


@pytest.fixture
def in_an_exercise() -> SessionBuilder:
    mine = exercise("01-hold-your-own-session", "mia")
    return SessionBuilder(mine.telnet(mine.host_names[0]))


def codes(transcript: Transcript) -> list[int | None]:
    return [exchange.reply.code if exchange.reply else None for exchange in transcript.exchanges()]


# Holding a session


def test_it_begins_with_a_session_with_the_lectures_host(builder: SessionBuilder) -> None:
    assert (builder.host, builder.state, builder.problem) == ("mail.adelphia.net", State.GREETED, "")
    assert builder.lab is not None


def test_clicks_alone_hold_the_lectures_session(builder: SessionBuilder) -> None:
    for verb in ("HELO", "MAIL", "RCPT", "DATA"):
        builder.buttons[verb].click()
    for _ in lecture_message().split("\n"):
        part(builder.view, "smtplab-next").click()
    part(builder.view, "smtplab-dot").click()
    builder.buttons["QUIT"].click()
    assert codes(builder.transcript) == codes(LECTURE)
    assert builder.lab is not None
    (message,) = builder.lab.mailbox("forouzanb@adelphia.net")
    assert "to show SMTP in action.\n" in str(message)
    lectures = [exchange.data for exchange in LECTURE.commands() if exchange.verb == MESSAGE]
    assert [exchange.data for exchange in builder.transcript.commands() if exchange.verb == MESSAGE] == lectures


def test_say_takes_an_argument_or_what_its_field_holds(builder: SessionBuilder) -> None:
    assert str(builder.say("HELO", "x.example")) == "250 mta13.adelphia.net"
    builder.fields[next(slot for slot in builder.fields if "MAIL" in slot.verbs)].value = "<me@x.example>"
    builder.say("mail")
    builder.say("RCPT", "TO: nobody@adelphia.net")
    assert [line.decode().strip() for line in builder.transcript.lines(Side.CLIENT)] == [
        "HELO x.example",
        "mail FROM:<me@x.example>",
        "RCPT TO: nobody@adelphia.net",
    ]


def test_say_takes_a_verb_that_smtp_lacks_too_and_the_server_refuses_it(builder: SessionBuilder) -> None:
    for verb, argument, code in (("STARTTLS", None, 502), ("XFOO", "bar", 500)):
        reply = builder.say(verb, argument)
        assert (reply is not None and reply.code, builder.problem) == (code, "")
    assert builder.transcript.lines(Side.CLIENT) == (b"STARTTLS\r\n", b"XFOO bar\r\n")


def test_a_raw_line_is_sent_right_or_wrong(builder: SessionBuilder) -> None:
    builder.raw.enter("VERFY forouzanb")
    assert codes(builder.transcript)[-1] == 500
    assert "the verb is VRFY." in part(builder.view, "smtplab-reply").value


def test_the_button_beside_the_raw_line_sends_it_and_leaves_it_empty(builder: SessionBuilder) -> None:
    builder.raw.value = "NOOP"
    part(builder.view, "smtplab-send").click()
    assert builder.transcript.lines(Side.CLIENT) == (b"NOOP\r\n",)
    assert builder.raw.value == ""


def test_enter_in_an_argument_says_the_first_verb_of_its_field_that_may_come(builder: SessionBuilder) -> None:
    builder.say("HELO")
    slot = next(slot for slot in builder.fields if "MAIL" in slot.verbs)
    builder.fields[slot].value = "<odd"
    builder.fields[slot].view.children[1].enter("<typed@x.example>")
    assert builder.transcript.lines(Side.CLIENT)[-1] == b"MAIL FROM:<typed@x.example>\r\n"


def test_a_session_that_is_open_goes_on() -> None:
    session = Lab().telnet("mail.lab.example")
    session.send("HELO laptop.example")
    builder = SessionBuilder(session)
    assert (builder.session, builder.lab, builder.host) == (session, session.lab, "mail.lab.example")
    builder.click("MAIL")
    assert session.state is State.SENDER


def test_another_host_is_another_session_with_its_own_people(builder: SessionBuilder) -> None:
    part(builder.view, "smtplab-hosts").value = "mail.lab.example"
    part(builder.view, "smtplab-connect").click()
    assert str(builder.session.greeting).startswith("220 mail.lab.example")  # type: ignore[union-attr]
    builder.say("HELO")
    builder.click("MAIL")
    assert str(builder.click("RCPT")).startswith("250 Recipient <alice@lab.example>")


def test_the_session_that_is_left_for_another_is_closed(builder: SessionBuilder) -> None:
    left = builder.session
    builder.connect("mail.lab.example")
    assert left is not None
    assert left.closed


# What is on and what is off


def test_the_buttons_that_are_on_are_the_verbs_that_may_come(in_data: SessionBuilder) -> None:
    in_data.undo()
    seen = {}
    while True:
        on = tuple(verb for verb, button in in_data.buttons.items() if not button.disabled)
        seen[in_data.state] = on
        assert set(on) == set(legal_verbs(in_data.state))
        if not in_data.transcript.lines(Side.CLIENT):
            break
        in_data.undo()
    assert set(seen) == {State.GREETED, State.READY, State.SENDER, State.RECIPIENT}


def test_a_button_that_is_off_says_what_comes_first_on_it_and_in_text(builder: SessionBuilder) -> None:
    reason = "First say HELO <domain>, then MAIL FROM:<reverse-path>."
    assert builder.why_not("RCPT") == reason
    assert builder.buttons["RCPT"].tooltip == f"Not here. {reason}"
    assert (
        "RCPT</span>: First say HELO &lt;domain&gt;, then MAIL FROM:&lt;reverse-path&gt;."
        in part(builder.view, "smtplab-off").value
    )
    assert builder.why_not("HELO") == ""
    assert builder.buttons["HELO"].tooltip == "HELO <domain>: Say who you are."


def test_a_button_that_is_off_does_nothing_and_the_widget_says_why(builder: SessionBuilder) -> None:
    rows = len(builder.transcript)
    assert builder.click("DATA") is None
    assert len(builder.transcript) == rows
    assert builder.problem == (
        "The button DATA is off: first say HELO <domain>, then MAIL FROM:<reverse-path>, then RCPT TO:<forward-path>."
    )
    assert "The button DATA is off" in part(builder.view, "smtplab-problem").value
    assert not is_hidden(builder.view, "smtplab-problem")
    builder.click("HELO")
    assert builder.problem == ""
    assert is_hidden(builder.view, "smtplab-problem")


def test_a_button_and_a_view_that_are_not_there_are_sentences_in_the_widget(builder: SessionBuilder) -> None:
    assert builder.why_not("FOO") == "SMTP has no such verb."
    assert builder.click("FOO") is None
    assert builder.problem.startswith("There is no button FOO; there are HELO, EHLO, ")
    builder.look_at("pie")
    assert builder.problem == ("There is no view 'pie'; there are ladder, state machine, octets, SMTP cell, Python.")
    builder.look_at("ladder")
    assert builder.problem == ""
    assert str(builder.click("helo")).startswith("250 ")


def test_a_closed_session_is_a_sentence_in_the_widget(builder: SessionBuilder) -> None:
    builder.click("QUIT")
    assert builder.type("NOOP") is None
    assert "session is closed" in builder.problem
    assert builder.problem in str(builder)
    assert builder.legal == ()
    assert builder.why_not("NOOP") == "Open a new session."
    builder.connect()
    assert (builder.state, builder.problem) == (State.GREETED, "")


def test_a_server_that_goes_away_is_a_sentence_in_the_widget() -> None:
    lab = Lab()
    builder = SessionBuilder(lab)
    lab.host("mail.adelphia.net").stop()
    builder.type("NOOP")
    assert builder.problem.startswith("The session is closed, after the server said 421")
    lab.host("mail.adelphia.net").up = False
    assert builder.connect() is None
    assert builder.problem == "mail.adelphia.net does not answer; the host is down."


def test_a_host_that_is_down_from_the_start_leaves_a_widget_that_says_so() -> None:
    lab = Lab()
    lab.host("mail.adelphia.net").up = False
    builder = SessionBuilder(lab)
    assert builder.session is None
    assert builder.problem
    assert builder.type("NOOP") is None
    assert builder.problem == "There is no session yet; connect with a host first."
    assert all(button.disabled for button in builder.buttons.values())
    assert "No session is open." in part(builder.view, "smtplab-status").value
    assert str(builder).startswith("Session builder\n  host       mail.adelphia.net\n")


def test_what_is_shown_at_once_fits_together_whenever_the_server_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    look, moment = ClientEnd.look, iter(())

    def look_when_the_server_may_go(client: ClientEnd) -> None:
        if next(moment, None) == "go":
            lab.host("mail.adelphia.net").stop()
        look(client)

    monkeypatch.setattr(ClientEnd, "look", look_when_the_server_may_go)
    left = set()
    for earlier in range(40):
        lab = Lab()
        builder = SessionBuilder(lab)
        moment = iter(["stay"] * earlier + ["go"])
        builder.type("HELO laptop.example")
        moment = iter(())
        on = {verb for verb, button in builder.buttons.items() if not button.disabled}
        gone = State.CLOSED.value in part(builder.view, "smtplab-status").value
        assert on == (set() if gone else set(legal_verbs(State.READY)))
        assert ("421" in part(builder.view, "smtplab-reply").value) is gone
        left.add(gone)
    assert left == {True, False}


def test_a_click_listens_to_a_real_server_a_few_times(
    over_a_socket: SessionBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, looks = ClientEnd.look, []
    monkeypatch.setattr(ClientEnd, "look", lambda client: looks.append(look(client)))
    over_a_socket.buttons["NOOP"].click()
    assert 0 < len(looks) < 10


# The message


def test_the_message_area_is_there_only_while_a_message_is_taken(builder: SessionBuilder) -> None:
    assert is_hidden(builder.view, "smtplab-area")
    for verb in ("HELO", "MAIL", "RCPT", "DATA"):
        builder.click(verb)
    assert not is_hidden(builder.view, "smtplab-area")
    builder.message = ""
    builder.end_message()
    assert is_hidden(builder.view, "smtplab-area")


def test_a_line_goes_out_of_the_area_onto_the_wire(in_data: SessionBuilder) -> None:
    in_data.message = "one\n\n.two"
    assert in_data.send_line() is None
    assert in_data.message == "\n.two"
    in_data.send_lines()
    assert in_data.message == ""
    assert part(in_data.view, "smtplab-next").disabled
    assert in_data.transcript.lines(Side.CLIENT)[-3:] == (b"one\r\n", b"\r\n", b".two\r\n")
    assert in_data.end_message() is not None


def test_the_lone_dot_waits_until_the_area_is_empty(in_data: SessionBuilder) -> None:
    in_data.message = "Subject: Clicked"
    assert in_data.end_message() is None
    assert "not sent yet" in in_data.problem
    in_data.send_lines()
    assert str(in_data.end_message()).startswith("250 ")


def test_the_senders_of_the_host_come_first() -> None:
    made = SessionBuilder(Lab(), "mail.lab.example")
    made.click("HELO")
    made.click("MAIL")
    assert "C: MAIL FROM:<alice@lab.example>" in str(made.transcript)


def test_a_line_that_was_not_sent_stays_in_the_area(in_data: SessionBuilder) -> None:
    assert in_data.session is not None
    in_data.session.close()
    in_data.message = "one\ntwo"
    in_data.send_line()
    in_data.send_lines()
    assert in_data.message == "one\ntwo"


# The keyboard


@pytest.fixture
def focused(builder: SessionBuilder, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where the focus was led, as on a page."""
    led: list[str] = []
    monkeypatch.setattr(widget, "on_the_page", lambda: True)
    monkeypatch.setattr(builder._frontend, "focus_on", led.append)
    return led


def test_the_focus_goes_to_what_may_come_next_and_stays_where_nothing_moved(
    builder: SessionBuilder, focused: list[str]
) -> None:
    for verb in ("HELO", "NOOP", "MAIL", "RCPT", "RCPT", "DATA"):
        builder.click(verb)
    builder.send_line()
    builder.send_lines()
    builder.end_message()
    builder.raw.enter("NOOP")
    builder.click("QUIT")
    dot = ".smtplab-dot"
    assert focused == [
        *(".smtplab-say-MAIL", ".smtplab-say-RCPT", ".smtplab-say-DATA"),
        *(".smtplab-next", ".smtplab-next", dot, ".smtplab-say-MAIL", ".smtplab-raw", ".smtplab-connect"),
    ]


def test_the_focus_stays_on_undo_while_there_is_something_to_take_back(
    builder: SessionBuilder, focused: list[str]
) -> None:
    builder.say("HELO")
    builder.say("MAIL")
    builder.undo()
    builder.undo()
    assert focused[2:] == [".smtplab-undo", ".smtplab-say-HELO"]


# Undo


def test_undo_takes_the_last_step_back(builder: SessionBuilder) -> None:
    assert part(builder.view, "smtplab-undo").disabled
    builder.click("HELO")
    assert not part(builder.view, "smtplab-undo").disabled
    builder.undo()
    assert (builder.state, builder.transcript.lines(Side.CLIENT)) == (State.GREETED, ())
    builder.undo()
    assert "has made 0" in builder.problem


def test_what_a_real_server_heard_is_final(over_a_socket: SessionBuilder) -> None:
    over_a_socket.say("HELO", "laptop.example")
    assert part(over_a_socket.view, "smtplab-undo").disabled
    assert part(over_a_socket.view, "smtplab-undo").tooltip == sentence(A_REAL_SERVER_DOES_NOT_FORGET)
    over_a_socket.undo()
    assert over_a_socket.problem.startswith("Undo works only in a Lab")
    with pytest.raises(ValueError, match="outside a lab"):
        over_a_socket.connect()


def test_a_session_over_a_socket_is_held_and_copied_with_its_port(over_a_socket: SessionBuilder) -> None:
    for verb in ("HELO", "MAIL", "RCPT", "DATA"):
        over_a_socket.click(verb)
    over_a_socket.send_lines()
    assert str(over_a_socket.end_message()).startswith("250")
    assert over_a_socket.session is not None
    port = over_a_socket.session.port
    assert port != 25
    assert over_a_socket.smtp_cell.startswith(f"telnet 127.0.0.1 {port}\nHELO client.example\n")
    assert f'session = smtplab.connect("127.0.0.1", {port})' in over_a_socket.python


def test_a_session_of_an_exercise_is_held_and_copied_as_one(in_an_exercise: SessionBuilder) -> None:
    in_an_exercise.say("HELO", "laptop.example")
    said = sentence(IRREVOCABLE)
    assert part(in_an_exercise.view, "smtplab-undo").disabled
    assert part(in_an_exercise.view, "smtplab-undo").tooltip == said
    assert in_an_exercise.smtp_cell == f"telnet {in_an_exercise.host} 25\nHELO laptop.example"
    assert f'session = mine.telnet("{in_an_exercise.host}", 25)  # mine is the exercise' in in_an_exercise.python


# What is shown


def test_both_copies_hold_the_session_and_stand_on_the_page(in_data: SessionBuilder) -> None:
    assert in_data.smtp_cell == (
        "telnet mail.adelphia.net 25\nHELO mail.adelphia.net\nMAIL FROM:<forouzanb@adelphia.net>\n"
        "RCPT TO:<forouzanb@adelphia.net>\nDATA"
    )
    assert in_data._frontend.texts == {"copy as SMTP cell": in_data.smtp_cell, "copy as Python": in_data.python}
    names: dict[str, SessionBuilder] = {}
    exec(in_data.python, names)
    assert names["session"].transcript == in_data.transcript


@pytest.mark.parametrize(("level", "named"), [("words", False), ("states", True)])
def test_the_ladder_names_states_once_the_cards_do(
    in_data: SessionBuilder, monkeypatch: pytest.MonkeyPatch, level: str, named: bool
) -> None:
    monkeypatch.setattr(cards, "_level", level)
    in_data.type("Subject: hi")
    shown = part(in_data.view, "smtplab-figure").value
    assert (">SENDER</text>" in shown, ">SENDER</text>" in in_data.picture) == (named, named)


def test_each_view_shows_what_it_says(in_data: SessionBuilder) -> None:
    expected = {
        "ladder": "<svg",
        "state machine": "<svg",
        "octets": "CRLF",
        "SMTP cell": "telnet mail.adelphia.net 25",
        "Python": "import smtplab",
    }
    assert in_data.views == tuple(expected)
    figures = {}
    for view, said in expected.items():
        in_data.look_at(view)
        figures[view] = part(in_data.view, "smtplab-figure").value
        assert said in figures[view]
    assert len(set(figures.values())) == len(expected)


def test_the_last_reply_stands_there_with_its_reason_and_what_comes_next(builder: SessionBuilder) -> None:
    builder.click("HELO")
    assert "verified" in part(builder.view, "smtplab-reply").value
    assert "MAIL FROM:&lt;reverse-path&gt;" in part(builder.view, "smtplab-reply").value


def test_its_text_is_exact(builder: SessionBuilder) -> None:
    builder.click("HELO")
    assert str(builder) == (
        "Session builder\n"
        "  host       mail.adelphia.net\n"
        "  state      ready for a mail transaction\n"
        "  phase      Mail Transfer\n"
        "  may come   MAIL, NOOP, HELP, VRFY, EXPN, QUIT, HELO, EHLO, RSET, SEND, SOML, SAML, TURN\n"
        "  not here   RCPT: First say MAIL FROM:<reverse-path>.\n"
        "             DATA: First say MAIL FROM:<reverse-path>, then RCPT TO:<forward-path>.\n"
        f"{builder.transcript}"
    )
    assert repr(builder) == "<SessionBuilder>"


def test_its_picture_says_what_its_text_says_and_is_the_same_on_every_run(in_data: SessionBuilder) -> None:
    again = SessionBuilder()
    for verb in ("HELO", "MAIL", "RCPT", "DATA"):
        again.click(verb)
    assert (again.picture, str(again)) == (in_data.picture, str(in_data))
    for said in ("taking the message, until a lone dot", "lines of the message", "RCPT: First send", "<svg"):
        assert said in in_data.picture


def test_a_builder_can_be_played(in_data: SessionBuilder) -> None:
    assert len(SessionPlayer(in_data)) == len(in_data.transcript)


# The first use, while cards explain in words alone


@pytest.fixture
def first_use(monkeypatch: pytest.MonkeyPatch) -> SessionBuilder:
    monkeypatch.setattr("smtplab.explain.cards.running_shell", object)
    monkeypatch.setattr(cards, "_level", "words")
    return SessionBuilder(Lab(), "mail.lab.example")


def buttons_of(builder: SessionBuilder) -> list[str]:
    return [verb for verb, made in builder.buttons.items() if made.layout.display != "none"]


def test_the_first_use_shows_the_verbs_of_the_lectures_session_alone(first_use: SessionBuilder) -> None:
    assert buttons_of(first_use) == ["HELO", "MAIL", "RCPT", "DATA", "QUIT"]
    assert "may come   HELO, QUIT\n" in str(first_use)
    assert "TURN" not in first_use.picture
    first_use.show_all_verbs()
    assert len(buttons_of(first_use)) == len(VERBS)
    assert "EHLO" in str(first_use)


def test_the_first_use_begins_with_an_empty_subject(first_use: SessionBuilder) -> None:
    assert first_use.message == "Subject: "


def test_the_clients_own_name_comes_first_but_to_the_lectures_host(first_use: SessionBuilder) -> None:
    assert str(first_use.click("HELO")) == "250 mail.lab.example greets laptop.example"
    first_use.connect("mail.adelphia.net")
    first_use.click("HELO")
    assert "C: HELO mail.adelphia.net" in str(first_use.transcript)


def test_all_verbs_are_shown_once_states_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtplab.explain.cards.running_shell", object)
    monkeypatch.setattr(cards, "_level", "states")
    assert len(buttons_of(SessionBuilder())) == len(VERBS)
