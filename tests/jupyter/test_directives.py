"""Each directive: what it shows, what it does, and the sentence for a wrong argument."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from smtplab.explain.cards import Cards, cards
from smtplab.jupyter import language
from smtplab.jupyter.cell_result import ExpectationFailed
from smtplab.jupyter.directives import DIRECTIVES, directive_in, views
from smtplab.jupyter.engine import Engine
from smtplab.lab.internet import Lab
from smtplab.protocol.codes import CODES
from smtplab.protocol.commands import VERBS
from smtplab.protocol.states import State
from support.cells import LAB, LECTURE, TO_THE_MESSAGE, done, failure, sent
from support.odd_server import OddServer, line, say, silence

# Of the issue, and more.
ASKED_FOR = {"state", "legal", "why", "bytes", "undo", "fork", "switch", "transcript", "table", "ladder", "hosts"} | {
    "mailbox",
    "strict",
    "expect",
    "help",
    "check",
}


def test_every_directive_that_is_asked_for_is_there() -> None:
    assert set(DIRECTIVES) >= ASKED_FOR


@pytest.mark.parametrize("name", DIRECTIVES)
def test_a_directive_is_known_by_its_name_and_told_in_one_line(name: str) -> None:
    directive = DIRECTIVES[name]
    assert directive_in(f"%{name.upper()} some thing ") == (directive, "some thing")
    assert re.fullmatch(r"[A-Z][^\n]{9,99}\.", directive.summary)


@pytest.mark.parametrize("text", ["% state", " %state", "%%state", "%states", "%state!", "%"])
def test_what_only_looks_like_a_directive_is_none(text: str) -> None:
    assert directive_in(text) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("%stat", "%state"),
        ("%mailbx", "%mailbox"),
        ("%expct 250", "%expect"),
        ("%%python", "%%py"),
        ("%xyzzy", "%help lists"),
        ("%run", "%help lists"),
        ("%load_ext smtplab", "%%py"),
        ("%smtp NOOP", "%%py"),
    ],
)
def test_an_unknown_one_is_answered_with_the_nearest(engine: Engine, typed: str, meant: str) -> None:
    assert meant in failure(engine, typed)


LOOKING = ("state", "legal", "why", "bytes", "transcript", "ladder", "chart")
ACTING = ("expect", "fork", "send", "raw", "predict", "undo")


@pytest.mark.parametrize("name", LOOKING + ACTING)
def test_what_needs_a_session_says_how_to_open_one(engine: Engine, name: str) -> None:
    argument = {"expect": "250", "predict": "250 NOOP", "fork": "other"}.get(
        name, "1" if DIRECTIVES[name].argument else ""
    )
    assert f"telnet {LECTURE} 25" in failure(engine, f"%{name} {argument}")


# Looking


def test_state_says_first_where_the_session_is_then_draws_it(ready: Engine) -> None:
    step = done(ready, "%state")
    assert step.text.startswith("= the session main is open, ready for a mail transaction\n")
    assert "READY" in step.text
    assert "<svg" in step.html


def test_legal_lists_what_the_table_lets_come(ready: Engine) -> None:
    assert ready.session is not None
    listed = {row.split()[0] for row in done(ready, "%legal").text.splitlines()[1:]}
    assert listed == set(ready.session.legal)


def test_legal_amid_a_message_says_that_all_is_message(in_data: Engine) -> None:
    assert "Every line belongs to the message" in done(in_data, "%legal").text


@pytest.mark.parametrize("blank", ["", "\n", "\n\n  \n"])
def test_a_task_without_an_answer_sends_nothing_also_inside_a_message(in_data: Engine, blank: str) -> None:
    assert in_data.session is not None
    before = len(in_data.session.transcript)
    in_data.run(f"%now you: end the header section{blank}")
    assert len(in_data.session.transcript) == before
    in_data.run("%now you: end the header section\n\nHello")
    assert [row.text for row in in_data.session.transcript[before:]] == ["Hello"]


def test_why_explains_the_last_reply(ready: Engine) -> None:
    assert "First say" in (text := done(ready, "DATA\n%why").text) or "503" in text
    assert "fix" in text


def test_bytes_shows_the_last_step_or_as_many_rows(ready: Engine) -> None:
    assert done(ready, "NOOP\n%bytes").text.count("<CRLF>") == 2
    assert done(ready, "%bytes 1").text.count("<CRLF>") == 1
    assert done(ready, "%bytes 99").text.count("<CRLF>") == 5


def test_transcript_is_the_whole_conversation(ready: Engine) -> None:
    assert done(ready, "%transcript").text == str(ready.open_session().transcript)


def test_ladder_is_a_drawing_with_words(ready: Engine) -> None:
    step = done(ready, "%ladder")
    assert "C: HELO client.example" in step.text
    assert "<svg" in step.html


def test_topology_is_a_drawing_of_the_hosts_before_and_after_a_message(engine: Engine) -> None:
    assert LAB in done(engine, "%topology").text
    done(engine, f"telnet {LAB}\nHELO c.example\nMAIL FROM:<a@b.example>\nRCPT TO:<dora@lab.example>\nDATA\nHi\n.")
    step = done(engine, "%topology")
    assert "mail.campus.example" in step.text
    assert "<svg" in step.html


def test_ladder_has_what_the_hosts_said_to_each_other(engine: Engine) -> None:
    done(engine, f"telnet {LAB}\nHELO c.example\nMAIL FROM:<a@b.example>\nRCPT TO:<dora@lab.example>\nDATA\nHi\n.")
    assert f"2. laptop.example waits. {LAB} calls mail.campus.example." in done(engine, "%ladder").text


def test_chart_counts_the_replies_of_the_session(ready: Engine) -> None:
    step = done(ready, "NOOP\n%chart")
    assert "  250 Requested mail action okay, completed: 2" in step.text
    assert "<svg" in step.html


@pytest.mark.parametrize("name", ["", "commands", "codes", "categories", "transitions", "transcript", "exchanges"])
def test_table_is_a_data_frame(ready: Engine, name: str) -> None:
    step = done(ready, f"%table {name}")
    assert "<table" in step.html
    assert len(step.result) > 1  # type: ignore[arg-type]


def test_a_table_that_is_not_there_is_answered_with_the_nearest(engine: Engine) -> None:
    assert "did you mean codes?" in failure(engine, "%table code")


def test_hosts_lists_every_host_and_who_lives_there(engine: Engine) -> None:
    text = done(engine, "%hosts").text
    for host in engine.lab.hosts:
        assert host.name in text
        assert ", ".join(host.handler.directory.mailboxes) in text
    assert "alice, bob, carol, postmaster; groups sales, staff; forwards for dora, erin\n" in text


def test_mailbox_shows_messages_or_counts_them(in_data: Engine) -> None:
    done(in_data, "Subject: Hi\n\nHello\n.")
    assert re.search(r"^  bob@lab\.example +1$", done(in_data, "%mailbox").text, re.MULTILINE)
    text = done(in_data, "%mailbox bob@lab.example").text
    assert text.startswith("= message 1 of 1\nReturn-Path: <a@b.example>")
    assert text.endswith("\nHello")
    assert done(in_data, "%mailbox alice@lab.example").text == "= the mailbox alice@lab.example is empty"
    assert "has no mailbox 'nobody'" in failure(in_data, "%mailbox nobody@lab.example")
    assert "did you mean bob@lab.example?" in failure(in_data, "%mailbox bob")


# Acting


@pytest.mark.parametrize(("line", "what"), [("%mailbox", "mailboxes"), ("%topology", "neighbours")])
def test_in_a_session_with_a_real_server_the_lab_is_not_taken_for_its_own(engine: Engine, line: str, what: str) -> None:
    with OddServer(say("220 Hi"), silence) as server:
        done(engine, "telnet {} {}".format(*server.address))
        said = failure(engine, line)
        assert said.startswith(f"The {what} of a real server, such as 127.0.0.1, cannot be seen from here")
        assert LAB in done(engine, "%hosts").text
    done(engine, f"%switch other\n{line}")


@pytest.mark.parametrize("name", [name for name, directive in DIRECTIVES.items() if not directive.argument])
def test_a_directive_that_takes_nothing_says_so(ready: Engine, name: str) -> None:
    assert f"%{name} takes no argument" in failure(ready, f"%{name} 3")


def test_undo_takes_back_what_a_cell_said_mail_included(in_data: Engine) -> None:
    done(in_data, "Hi\n.\nNOOP")
    assert "the last step is taken back" in done(in_data, "%undo").text
    assert in_data.state is State.DATA
    assert in_data.lab.mailbox("bob@lab.example") == []
    done(in_data, "%undo 2")
    assert in_data.state is State.GREETED
    assert sent(in_data) == []


@pytest.mark.parametrize("steps", ["0", "-1", "x", "99"])
def test_undo_of_steps_that_are_not_there_is_one_sentence(ready: Engine, steps: str) -> None:
    assert "steps" in failure(ready, f"%undo {steps}")
    assert sent(ready) == ["HELO client.example"]


def test_after_an_undo_the_same_line_shows_the_same(ready: Engine) -> None:
    first = done(ready, "MAIL FROM:<a@b.example>")
    done(ready, "%undo")
    assert done(ready, "%bytes").text == "= nothing was said yet"
    assert done(ready, "MAIL FROM:<a@b.example>").text == first.text


def test_lines_between_two_directives_are_one_step(ready: Engine) -> None:
    done(ready, "NOOP\nNOOP\n%expect 250\nRSET\n%undo")
    assert sent(ready) == ["HELO client.example", "NOOP", "NOOP"]


def test_a_fork_goes_its_own_way_and_switch_goes_back(in_data: Engine) -> None:
    assert "`%switch main` goes back" in done(in_data, "%fork other").text
    assert done(in_data, "Hi\n.").text.startswith("C: Hi")
    assert len(in_data.lab.mailbox("bob@lab.example")) == 1
    assert "taking the message" in done(in_data, "%switch main").text
    assert in_data.lab.mailbox("bob@lab.example") == []
    assert done(in_data, "%switch").text.splitlines()[1:] == [
        "  main   taking the message, until a lone dot (in use)",
        "  other  ready for a mail transaction",
    ]


def test_a_fork_needs_a_name_of_its_own(ready: Engine) -> None:
    assert "name" in failure(ready, "%fork")
    assert "already" in failure(ready, "%fork main")
    assert "one word" in failure(ready, "%fork two words")
    assert list(ready.sessions) == ["main"]


def test_a_fork_looks_at_its_name_before_it_copies_anything(engine: Engine) -> None:
    done(engine, "%exercise 01 mia")
    done(engine, f"telnet {engine.internet.host_names[0]}")
    assert "name" in failure(engine, "%fork")
    assert "already" in failure(engine, "%fork main")
    assert "only in a Lab" in failure(engine, "%fork other")
    assert list(engine.sessions) == ["main"]


def test_switch_to_a_new_name_makes_room_for_a_session(ready: Engine) -> None:
    assert "telnet" in done(ready, "%switch second").text
    assert ready.session is None
    done(ready, f"telnet {LECTURE}")
    done(ready, "%switch main")
    assert ready.state is State.READY


@pytest.mark.parametrize("text", ["", "# no remark", "%state", "  NOOP"])
def test_send_sends_a_line_as_it_is(ready: Engine, text: str) -> None:
    done(ready, f"%send {text}")
    assert sent(ready)[-1] == text.strip()


def test_raw_sends_octets_and_says_what_the_server_waits_for(ready: Engine) -> None:
    assert (
        done(ready, r"%raw NOOP\n").text
        == "= the server says nothing: it waits for the rest of the line; lines end in CRLF"
    )
    assert done(ready, r"%raw \x0d\r\n").text.startswith("S: 5")


def test_strict_switches_every_lab_host_from_the_next_session_on(ready: Engine) -> None:
    lenient = "MAIL FROM: a@b.example"
    assert "sessions that are open stay as they are" in done(ready, "%strict on").text
    done(ready, f"{lenient}\n%expect 250")
    done(ready, f"telnet {LAB}\nHELO c.example\n{lenient}\n%expect 501")
    assert done(ready, "%strict").text == "= strict is on"
    done(ready, f"%strict off\ntelnet {LAB}\nHELO c.example\n{lenient}\n%expect 250")
    assert "on or off" in failure(ready, "%strict maybe")


def test_timeout_says_how_long_a_server_has(engine: Engine) -> None:
    done(engine, "%timeout 0.2")
    with OddServer(say("220 Hi"), line, silence) as server:
        done(engine, "telnet {} {}".format(*server.address))
        assert "within 0.2 s" in failure(engine, "NOOP")
    for wrong in ("0", "-1", "nan", "inf", "soon", "301"):
        assert "number of seconds" in failure(engine, f"%timeout {wrong}")


# Judging


@pytest.mark.parametrize("wanted", ["250", "2yz", "25z", "354 250"])
def test_expect_passes_where_the_code_fits(ready: Engine, wanted: str) -> None:
    assert done(ready, f"NOOP\n%expect {wanted}").text.endswith("= 250, as expected")


@pytest.mark.parametrize("wanted", ["251", "3yz", "354 550"])
def test_expect_fails_the_cell_where_it_does_not_and_stops_there(ready: Engine, wanted: str) -> None:
    step = ready.run(f"NOOP\n%expect {wanted}\nRSET")
    assert isinstance(step.failure, ExpectationFailed)
    assert str(step.failure) == f"Expected {wanted.replace(' ', ' or ')}, got 250: Nothing done, as you asked."
    assert sent(ready)[-1] == "NOOP"


@pytest.mark.parametrize("wanted", ["", "25", "2500", "ok", "650", "250x"])
def test_expect_wants_a_code(ready: Engine, wanted: str) -> None:
    assert "code" in failure(ready, f"%expect {wanted}")


@pytest.mark.parametrize("wanted", ["2yz NOOP", "NOOP", "250", "25x NOOP"])
def test_predict_wants_a_code_or_a_word_and_a_line(ready: Engine, wanted: str) -> None:
    assert "three digits" in failure(ready, f"%predict {wanted}")


def test_predict_sends_the_line_and_compares(ready: Engine) -> None:
    assert "Right" in done(ready, "%predict 250 NOOP").text
    assert "503 (never) came" in done(ready, "%predict 250 DATA").text
    assert "Right" in done(ready, "%predict DONE NOOP").text
    assert "you predicted go on" in done(ready, "%predict go on NOOP").text
    assert "you predicted no reply" in done(ready, "%predict No reply NOOP").text
    assert "you predicted go on" in done(ready, "%predict go-on NOOP").text
    assert "what will come" in failure(ready, "%predict NOOP")


def test_room_for_an_answer_below_a_task_is_no_part_of_a_message(ready: Engine) -> None:
    assert ready.session is not None
    done(ready, "MAIL FROM:<alice@lab.example>\nRCPT TO:<bob@lab.example>\nDATA")
    before = len(ready.session.transcript)
    done(ready, "%now you: write a line\n\n")
    assert len(ready.session.transcript) == before
    done(ready, "%now you: write a line\nSubject: one\n\ntwo\n\n")
    assert [row.text for row in ready.session.transcript[before:]] == ["Subject: one", "", "two"]


def test_the_card_of_a_predicted_reply_is_shown_once(ready: Engine) -> None:
    html = done(ready, "%predict 250 DATA").html
    assert "Not so: you predicted 250, but 503 (never) came." in html
    assert html.count("503 Bad sequence of commands") == 1
    assert html.count("DATA cannot come here") == 1


def test_predict_with_a_question_mark_asks_and_sends_nothing(ready: Engine) -> None:
    session = ready.session
    assert session is not None
    before = len(session.transcript)
    assert "`%predict not-now DATA`" in done(ready, "%predict ? DATA").text
    assert len(session.transcript) == before
    assert ready.question is not None
    assert ready.question.line == "DATA"
    done(ready, "NOOP")
    assert ready.question is None


def test_an_exercise_is_held_and_checked_in_cells(engine: Engine) -> None:
    name = "01-hold-your-own-session"
    sheet = done(engine, f"%exercise {name} mia course=smtplab").text
    host = re.findall(r"mail\.[a-z-]+\.example", sheet)[0]
    step = done(engine, f"%check {name} session")
    assert step.value == 0
    task = engine.exercise.evidence().task  # type: ignore[union-attr]
    message = "\n".join(task.message)
    envelope = f"MAIL FROM:<{task.sender}>\nRCPT TO:<{task.recipient}>\nDATA\n{message}\n."
    done(engine, f"telnet {host} 25\nHELO {task.client}\n{envelope}\nQUIT")
    step = done(engine, f"%check {name} session")
    assert step.value is not None
    assert step.value > 5
    assert f"{step.value} of" in step.text
    assert len(engine.internet.mailbox(task.recipient)) == 1
    assert "there is no host" in failure(engine, f"telnet {LAB}").lower()
    done(engine, f"%exercise off\ntelnet {LAB}")


def test_an_exercise_tells_its_hosts_and_nobody_who_lives_there(engine: Engine) -> None:
    done(engine, "%exercise 03 mia")
    assert engine.exercise is not None
    assert engine.hosts == ()
    told = [row.split(maxsplit=1) for row in done(engine, "%hosts").text.splitlines()[1:]]
    assert told == [[name, "a host of the exercise"] for name in engine.exercise.host_names]
    done(engine, f"telnet {engine.exercise.host_names[0]}")
    for typed in ("MAIL FROM:<", "VRFY ", "EXPN "):
        assert language.complete(typed, len(typed), engine).matches == ()


def test_a_misspelt_host_of_an_exercise_is_named_as_one_of_the_lab_is(engine: Engine) -> None:
    done(engine, "%exercise 01 mia")
    (host,) = engine.internet.host_names
    assert failure(engine, f"telnet {host}e") == f"There is no host '{host}e'; did you mean {host}?"
    assert "machine" in failure(engine, "telnet gmail.com")
    assert failure(engine, f"telnet {host} 26").startswith("Nobody listens")


def test_the_mailboxes_of_the_host_that_was_called_come_first(engine: Engine) -> None:
    assert views.mailboxes(engine) == list(engine.lab.mailboxes)
    done(engine, "telnet mail.campus.example")
    first = views.mailboxes(engine)
    assert first[0].endswith("@campus.example")
    assert first != list(engine.lab.mailboxes)
    assert set(first) == set(engine.lab.mailboxes)


def test_no_topology_is_drawn_of_the_hosts_of_an_exercise(engine: Engine) -> None:
    done(engine, "%exercise 01 mia")
    assert engine.exercise is not None
    assert failure(engine, "%topology").startswith("A topology")
    assert "outside" in failure(engine, f"telnet {engine.exercise.host_names[0]}\n%topology")
    assert "The lab: your machine" in done(engine, f"%exercise off\ntelnet {LAB}\n%topology").text


def test_the_points_of_a_check_have_words_in_a_notebook(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    done(engine, "%exercise 01 mia")
    assert type(done(engine, "%check 01 session").value) is int
    monkeypatch.setattr("smtplab.grading.check.running_shell", lambda: SimpleNamespace(kernel=1))
    points = done(engine, "%check 01 session").value
    assert points == 0
    assert "0 of 10 points that can be seen" in points._repr_html_()


def test_an_answer_may_have_several_lines(engine: Engine) -> None:
    done(engine, "%exercise 01 mia")
    assert done(engine, "%answer phases\nE S: 220 Hi\nM C: MAIL").text == "= the answer to 'phases' is handed in"
    done(engine, "%answer printed above 250 Message received")
    assert engine.exercise is not None
    answers = engine.exercise.evidence().answers
    assert answers == {"phases": "E S: 220 Hi\nM C: MAIL", "printed above": "250 Message received"}
    assert "`%answer printed above ...`" in failure(engine, "%answer colour red")


def test_an_answer_without_words_is_said_to_be_empty(engine: Engine) -> None:
    done(engine, "%exercise 01-type-your-own-session ada")
    empty = "= the answer to 'phases' is empty; write it as in `%answer phases ...`, or in the lines below"
    assert done(engine, "%answer phases").text == empty
    assert done(engine, "%answer phases\n# E S: 220 Hi").text == empty


def test_several_answers_fit_into_a_cell_with_remarks_between_them(engine: Engine) -> None:
    done(engine, "%exercise 01 mia")
    done(engine, "# three of them\n%answer phases\n\nE S: 220\n# to be continued\n%answer banner QUIT\n# done\n%given")
    assert engine.exercise is not None
    assert engine.exercise.evidence().answers == {"phases": "E S: 220", "banner": "QUIT"}


@pytest.mark.parametrize(
    "line",
    [
        '%student = "s42"',
        "%student =s42",
        "%student s42 b",
        "%student id=s42",
        '%student student = "s42"',
        '%student "s42',
        "%exercise 01 student=s42",
        '%exercise 01 = "s42"',
        "%student s42,",
        "%student <s42>",
        "%student [s42]",
        "%student (s42)",
        "%student s42;",
        "%student s42.",
        '%student "“s42”"',
        "%exercise 01 s42,",
        "%exercise 01 <s42>",
        "%exercise 01 [s42]",
        "%exercise 01 „s42",
    ],
)
def test_an_id_in_another_form_is_refused_and_changes_nothing(engine: Engine, line: str) -> None:
    done(engine, "%student mia")
    assert "student id" in failure(engine, line)
    assert (engine.student, engine.exercise) == ("mia", None)


@pytest.mark.parametrize(
    ("argument", "student"),
    [
        ("s42", "s42"),
        ('"s42"', "s42"),
        ("' s42 '", "s42"),
        ('"anna b"', "anna b"),
        ("“s42”", "s42"),
        ("„s42“", "s42"),
        ("‘anna b’", "anna b"),
        ("d'arc", "d'arc"),
        ("d’arc", "d’arc"),
        ("42", "42"),
        ("s.42_b-c+d@uni.example", "s.42_b-c+d@uni.example"),
        ('"Müller, Jürgen (2)"', "Müller, Jürgen (2)"),
    ],
)
def test_an_id_may_stand_in_quotes(engine: Engine, argument: str, student: str) -> None:
    done(engine, f"%student {argument}")
    assert engine.student == student


@pytest.mark.parametrize(
    ("argument", "student"), [("“s42”", "s42"), ('"anna b"', "anna b"), ("d’arc", "d’arc"), ("«s42»", "s42")]
)
def test_an_id_behind_the_name_of_an_exercise_may_stand_in_quotes(engine: Engine, argument: str, student: str) -> None:
    done(engine, f"%exercise 03 {argument}")
    assert engine.exercise is not None
    assert engine.exercise.student == student


@pytest.mark.parametrize("number", ["1", "01"])
def test_number_that_two_exercises_share_means_the_one_for_this_kernel(engine: Engine, number: str) -> None:
    done(engine, f"%exercise {number} s42")
    assert engine.exercise is not None
    assert engine.exercise.design.name == "01-type-your-own-session"
    assert "handed out" not in done(engine, f"%check {number}").text


def test_a_student_is_named_once_for_all_exercises(engine: Engine) -> None:
    assert "%student" in failure(engine, "%student")
    assert "as in %student s4711" in failure(engine, "%exercise 01-type-your-own-session")
    assert "are for o'brien" in done(engine, "%student o'brien").text
    assert "are for mia" in done(engine, '%student "mia"').text
    for name, student in (("01-type-your-own-session", "mia"), ("03 noah course=2026", "noah")):
        done(engine, f"%exercise {name}")
        assert engine.exercise is not None
        assert engine.exercise.student == student
    assert engine.exercise.course == "2026"


@pytest.mark.parametrize("variable", ["JUPYTERHUB_USER", "SMTPLAB_STUDENT"])
def test_a_student_who_is_known_may_leave_the_id_empty(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "mia")
    assert done(engine, "%student").text.startswith("= the exercises")
    done(engine, "%exercise 01-type-your-own-session")
    assert engine.exercise is not None
    assert engine.exercise.student == "mia"


def test_the_texts_of_an_exercise_are_shown_as_they_are(engine: Engine) -> None:
    assert "no exercise is handed out" in failure(engine, "%given").lower()
    sheet = done(engine, "%exercise 01 mia").text
    assert engine.exercise is not None
    assert done(engine, "%given").text == sheet == str(engine.exercise)
    assert done(engine, "%given session").text == engine.exercise.given["session"]
    assert "did you mean lecture?" in failure(engine, "%given lectures")
    assert language.complete("%given l", 8, engine).matches == ("lecture",)
    done(engine, "%exercise 03 mia")
    assert "has no texts" in failure(engine, "%given session")


HIDDEN = """### BEGIN HIDDEN TESTS
from smtplab.grading.rules import Rule
HIDDEN = (Rule("session.secret", 2, "RFC 5321 1", "A secret is kept.", lambda evidence: None),)
### END HIDDEN TESTS"""


def test_hidden_tests_below_a_check_are_judged_behind_the_public_rules(engine: Engine) -> None:
    done(engine, "%exercise 01 mia")
    part = "%check 01-hold-your-own-session banner"
    public = done(engine, part)
    step = done(engine, f"{part}\n{HIDDEN}")
    assert (public.value, step.value) == (0, 2)
    assert step.text.startswith(public.text)
    assert "2/2 secret" in step.text.removeprefix(public.text)


def test_what_else_stands_below_a_check_is_sent(greeted: Engine) -> None:
    done(greeted, "%exercise 01 mia\n%check 01 banner\nHELO client.example\n%expect 250")


@pytest.mark.parametrize(
    "cell",
    [
        "%exercise",
        "%exercise 98 mia",
        "%exercise 01 mia smtplab",
        "%exercise 01 mia course=a course=b",
        '%exercise "01',
        "%check",
        "%answer x",
    ],
)
def test_a_wrong_call_of_an_exercise_is_one_sentence(engine: Engine, cell: str) -> None:
    failure(engine, cell)


# Help


def test_help_lists_every_directive(engine: Engine) -> None:
    text = done(engine, "%help").text
    assert [name for name in DIRECTIVES if f"%{name}" not in text] == []


@pytest.mark.parametrize("topic", [*VERBS, *map(str, CODES), *DIRECTIVES, "%state", "SIZE", "299"])
def test_help_has_a_page_for_every_verb_code_and_directive(engine: Engine, topic: str) -> None:
    step = done(engine, f"%help {topic}")
    assert topic.lstrip("%").upper() in step.text.upper()
    assert "<table" in step.html


@pytest.mark.parametrize("name", ["help", "send"])
def test_a_bare_word_is_a_verb_before_it_is_a_directive(engine: Engine, name: str) -> None:
    assert done(engine, f"%help {name}").text.startswith(f"{name.upper()}\n")
    assert done(engine, f"%help %{name}").text.startswith(f"%{name} [")


def test_help_says_how_an_empty_line_of_a_message_is_sent(engine: Engine) -> None:
    assert "Sends an empty line" in done(engine, "%help").text


def test_help_for_what_is_like_nothing_does_not_list_all_there_is(engine: Engine) -> None:
    assert len(failure(engine, "%help xyzzy")) < 160


def test_help_for_what_is_nothing_is_answered_with_the_nearest(engine: Engine) -> None:
    assert "did you mean MAIL?" in failure(engine, "%help MAI")


def test_the_lab_is_made_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr("smtplab.jupyter.notebook_state.Lab", lambda **kind: made.append(1) or Lab(**kind))
    engine = Engine()
    assert made == []
    done(engine, f"%hosts\ntelnet {LAB}\n{TO_THE_MESSAGE.splitlines()[0]}")
    assert made == [1]


# Cards


@pytest.fixture
def card_settings() -> Iterator[Cards]:
    cards.reset()
    yield cards
    cards.reset()


def test_brief_and_cards_say_and_set_how_much_a_card_tells(card_settings: Cards) -> None:
    said = [done(Engine(), line).text for line in ("%brief", "%brief on", "%brief off", "%brief new", "%cards states")]
    assert said == [
        "= a card is full for what is new in its session and for a refusal, else one line",
        "= each reply but a refusal is one line",
        "= each card is full",
        "= a card is full for what is new in its session and for a refusal, else one line",
        "= cards say: words, states",
    ]
    assert (card_settings.brief, card_settings.level) == (None, "states")
    assert done(Engine(), "%cards").text == "= cards say: words, states"


@pytest.mark.parametrize(("setting", "lines"), [("on", [1, 1, 1]), ("new", [2, 2, 1]), ("off", [2, 2, 2])])
def test_brief_decides_how_many_replies_have_a_reason(card_settings: Cards, setting: str, lines: list[int]) -> None:
    engine = Engine()
    done(engine, f"telnet {LAB}\n%brief {setting}")
    cells = [done(engine, line).html for line in ("NOOP", "HELO x.example", "NOOP")]
    assert [html.count("<br>") + 1 - html.count("<br>") // 2 for html in cells] == lines
