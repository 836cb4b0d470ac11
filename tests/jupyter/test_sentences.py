"""Each error sentence of the notebook, as a user reads it. Other tests ask for one key word, so it changes here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from smtplab import Lab, ReplyExplorer, SessionBuilder, SessionPlayer
from smtplab.base.printed import sentence
from smtplab.jupyter import sentences
from smtplab.jupyter.directives import views
from smtplab.jupyter.engine import Engine
from smtplab.jupyter.widgets.prediction import Prediction
from smtplab.lab.session import Session
from support.cells import LAB, done, failure
from support.odd_server import OddServer, say, silence

CONSTANTS = {name: text for name, text in vars(sentences).items() if name.isupper()}
HOSTS = ", ".join(Lab().host_names)
INVITATION = f"`telnet {Lab().host_names[0]} 25` opens a session; the hosts here are {HOSTS}"
HERE = "besides the hosts in memory, only servers on this machine can be called, as in `telnet 127.0.0.1 2525`"
NOTHING_DONE = " / ".join(Lab().telnet(LAB).send("NOOP").lines).removesuffix(".")
TABLES = ", ".join([*views.TABLES, *views.TABLES_OF_SESSION])
EXERCISE = "%exercise 03-every-reply-has-a-cause mia"

# What is typed: the constants that the sentence is made of, the sentence, and the cell.
TYPED: list[tuple[str, str, str]] = [
    ("NO_SUCH DID_YOU_MEAN", "There is no page 'MAI'; did you mean MAIL?", "%help MAI"),
    (
        "NO_SUCH THERE_ARE",
        f"There is no table 'xyzzy'; there are {TABLES}.",
        "%table xyzzy",
    ),
    ("NOT_A_NUMBER", "'x' is not a valid number of steps; use 1, 2, 3 ...", "%undo x"),
    ("NO_SESSION INVITATION", f"No session is open yet: {INVITATION}.", "NOOP"),
    (
        "BAD_SESSION_NAME",
        "The name of a session is one word of at most 40 characters.",
        "%switch two words",
    ),
    ("OPENER_SYNTAX INVITATION", f"Telnet is followed by a host and a port; {INVITATION}.", "telnet"),
    (
        "BAD_PORT",
        "'smtp' is not a valid port; use a number from 1 to 65535, which is 25 for SMTP.",
        f"telnet {LAB} smtp",
    ),
    (
        "NO_HOST ONLY_THIS_MACHINE",
        f"There is no host 'gmail.com'; there are {HOSTS}; {HERE}.",
        "telnet gmail.com",
    ),
    ("OTHER_MACHINE ONLY_THIS_MACHINE", f"198.51.100.99 is another machine; {HERE}.", "telnet 198.51.100.99"),
    ("NO_DIRECTIVE HELP_LISTS", "'%xyzzy' is not a directive; %help lists the directives.", "%xyzzy"),
    (
        "PYTHON_MARK",
        "%%py turns a cell of the SMTP kernel into Python, and stands alone on its first line.",
        "%%python",
    ),
    (
        "FOR_PYTHON",
        "%timeit is for Python; in the SMTP kernel, a cell whose first line is %%py is Python.",
        "%timeit 1",
    ),
    ("TAKES_NO_ARGUMENT", "%why takes no argument; write it alone, without '3'.", "%why 3"),
    (
        "PAGES_ELSEWHERE",
        "There is no page 'xyzzy'; `%help` lists the directives, `%table commands` the commands and `%table codes` "
        "the codes.",
        "%help xyzzy",
    ),
    (
        "NO_TOPOLOGY",
        "A topology shows the lab; of the hosts of an exercise only the names are known.",
        f"{EXERCISE}\n%topology",
    ),
    (
        "EXPECT_SYNTAX",
        "%expect is followed by a code such as 250, a class such as 2yz, or several to choose from.",
        "%expect",
    ),
    (
        "REVIEW_SYNTAX",
        "%review is followed by the name of a tutorial, such as 02-type-the-fourteen-commands.",
        "%review",
    ),
    (
        "NO_SUCH_ANSWER",
        "`%answer b` answers no question; open to answer: `%answer classify ...`, `%answer 2 a` and `%answer 3 a`.",
        f"{EXERCISE}\n%review 02-type-the-fourteen-commands\n%answer 1 a\n%answer b",
    ),
    (
        "NOTHING_TO_ANSWER",
        "No question is open to answer; an exercise asks questions, and so do `%review NAME` and `%defend`.",
        "%answer b",
    ),
    ("ORDER_FIRST", "There is no puzzle yet; `%order` alone shuffles the lines of the session.", "%order 1 2"),
    ("FILL_FIRST", "There are no blanks yet; `%fill verbs` hides the verbs of the session.", "%fill 3 RCPT"),
    ("OTHER_REPLY", f"Expected 500, got 250: {NOTHING_DONE}.", f"telnet {LAB}\nNOOP\n%expect 500"),
    (
        "PREDICT_SYNTAX",
        "%predict is followed by what will come and by the line to send; what will come is one of done, go-on, "
        "not-now, never, no-reply, or a code of three digits.",
        "%predict 2yz NOOP",
    ),
    (
        "LESSON_SYNTAX",
        "%lesson is followed by the name of a tutorial, such as 01-type-the-lectures-session.",
        "%lesson",
    ),
    ("FORK_SYNTAX", "%fork is followed by a name for the new session.", f"telnet {LAB}\n%fork"),
    ("SESSION_EXISTS", "There is a session main already; choose another name.", f"telnet {LAB}\n%fork main"),
    (
        "NO_STUDENT_GIVEN",
        "Write your student id behind %student, as in `%student s42`, and run this cell again.",
        "%student",
    ),
    (
        "STUDENT_SYNTAX",
        "%student is followed by your student id alone, as in `%student s42`, without brackets or punctuation around "
        "it; an id with blanks stands in quotes.",
        "%student = s42",
    ),
    (
        "LAB_SYNTAX",
        "%lab is followed by new, as in `%lab new`, or by new queues for hosts that hand mail on later.",
        "%lab",
    ),
    (
        "NO_QUEUES",
        "In this lab a host relays while its client waits, and no time passes; `%lab new queues` makes a lab whose "
        "hosts queue.",
        "%advance 3 days",
    ),
    (
        "DOWN_SYNTAX",
        "%down is followed by a host, and by a time if it comes up again, as in `%down mail.lab.example 3 days`.",
        "%down",
    ),
    ("UP_SYNTAX", "%up is followed by a host, as in `%up mail.lab.example`.", "%up"),
    (
        "FAULT_SYNTAX",
        "%fault is followed by a fault, with a host in front if it is at one host alone, as in `%fault "
        "mail.adelphia.net lose the 250 after the dot once`; `%fault off` removes all.",
        "%fault",
    ),
    ("BRIEF_SYNTAX", "%brief is on, off or new, not 'maybe'.", "%brief maybe"),
    ("CARDS_SYNTAX", "%cards is words, states or digits, not 'maybe'.", "%cards maybe"),
    ("STRICT_SYNTAX", "%strict is on or off, not 'maybe'.", "%strict maybe"),
    ("TIMEOUT_SYNTAX", "%timeout is a number of seconds above 0 and up to 300.", "%timeout 0"),
    (
        "EXERCISE_SYNTAX",
        "%exercise is followed by its name, your student id, and course=COURSE if there is one.",
        "%exercise",
    ),
    ("NO_EXERCISE", "No exercise is handed out yet; `%exercise NAME STUDENT` hands one out.", "%given"),
    (
        "NO_TEXTS",
        "This exercise has no texts besides its task sheet; `%given` alone shows it.",
        f"{EXERCISE}\n%given session",
    ),
    (
        "CHECK_SYNTAX",
        "%check is followed by the name of an exercise, and by the name of one part if you like.",
        "%check",
    ),
    ("ODD_QUOTES", "A quotation mark has no partner.", '%check "banner'),
    ("NO_HINT", "There is no %hint in an exercise; `%check` says what is missing.", f"{EXERCISE}\n%hint"),
    (
        "PYTHON_LINE THE_LINE_ALONE",
        "This is an SMTP cell, and session.send(...) is Python; write `HELO x` alone. This line is not sent, nor are "
        "those below.",
        f'{EXERCISE}\nsession.send("HELO x")',
    ),
    (
        "PYTHON_LINE NO_CALLS",
        "This is an SMTP cell, and mine.telnet(...) is Python; write `telnet HOST` or the command itself; `%help` "
        "lists what a cell can do besides. This line is not sent, nor are those below.",
        f'{EXERCISE}\nsession = mine.telnet("mail.x.example", 25)',
    ),
    (
        "LINE_OF_AN_ANSWER",
        "`E S: 220 mail` ... is a line of an answer and not sent; begin the cell with `%answer` and the question, one "
        "of phases, banner, printed above, should be above.",
        "%exercise 01-type-your-own-session mia\nE S: 220 mail",
    ),
]


@pytest.mark.parametrize(("names", "text", "cell"), TYPED, ids=[names for names, *_ in TYPED])
def test_what_is_typed_is_answered_with_this_sentence(engine: Engine, names: str, text: str, cell: str) -> None:
    _is_made_of(names, failure(engine, cell), text)


# What a server does: the end of the sentence, which begins with that of another package

SERVED: list[tuple[str, str, tuple[Any, ...], str]] = [
    (
        "NO_GREETING",
        "; the call is ended, because in SMTP the server speaks first.",
        (silence,),
        "",
    ),
    (
        "STANDING_AFTER",
        "; the server still owes a reply, which is shown with the next cell if it comes.",
        (say("220 Hi"), silence),
        "\nNOOP",
    ),
    (
        "NOT_VISIBLE",
        "The mailboxes of a real server, such as 127.0.0.1, cannot be seen from here; use another session with "
        "%switch, or call a host of the lab with telnet.",
        (say("220 Hi"), silence),
        "\n%mailbox",
    ),
]


@pytest.mark.parametrize(("names", "text", "steps", "cell"), SERVED, ids=[names for names, *_ in SERVED])
def test_what_a_server_does_is_told_in_this_sentence(
    engine: Engine, names: str, text: str, steps: tuple[Any, ...], cell: str
) -> None:
    with OddServer(*steps) as server:
        said = failure(engine, "telnet {} {}".format(*server.address) + cell)
    _is_made_of(names, said[-len(text) :], text, whole=said)


def test_a_reply_that_did_not_come_was_expected(engine: Engine) -> None:
    done(engine, f"telnet {LAB}")
    with mock.patch.object(Session, "reply", None):
        _is_made_of("NO_REPLY", failure(engine, "%expect 250"), "Expected 250, got no reply.")


def test_an_interrupt_says_how_the_session_stands(engine: Engine) -> None:
    with mock.patch.object(Engine, "telnet", side_effect=KeyboardInterrupt):
        _is_made_of("INTERRUPTED", failure(engine, f"telnet {LAB}"), "Interrupted; no session is open.")


def test_a_cell_that_runs_again_later_in_the_session_is_told_so(engine: Engine) -> None:
    done(engine, f"telnet {LAB}")
    done(engine, "HELO client.example")
    _is_made_of(
        "RUN_AGAIN",
        done(engine, "HELO client.example").text.splitlines()[0],
        "= this cell ran before. The state of the session was: greeted, the client has not said who it is. It is now: "
        "ready for a mail transaction. `telnet HOST` begins a new session",
    )


# What is done with a widget


def builder(action: Callable[[SessionBuilder], object]) -> str:
    made = SessionBuilder()
    action(made)
    return made.problem


def unsent_lines(made: SessionBuilder) -> None:
    for verb in ("HELO", "MAIL", "RCPT", "DATA"):
        made.click(verb)
    made.end_message()


def without_a_session(made: SessionBuilder) -> None:
    made.session = None
    made.type("NOOP")


def outside_a_lab(made: SessionBuilder) -> None:
    made.lab = None
    with pytest.raises(ValueError, match="outside a lab") as raised:
        made.connect()
    made._refuse(str(raised.value))


def explorer(code: int, number: int) -> str:
    made = ReplyExplorer(code)
    made.choose(number)
    return made.problem


def speed_of_three() -> str:
    with pytest.raises(ValueError, match="speed") as raised:
        SessionPlayer(Lab().telnet(LAB)).speed = 3
    return sentence(raised.value)


def unanswered() -> str:
    prediction = Prediction(Lab().telnet(LAB).predict("NOOP"))
    prediction.submit()
    return prediction.problem


CLICKED: list[tuple[str, str, Callable[[], str]]] = [
    ("NO_BUTTON", "There is no button XYZZY; there are ", lambda: builder(lambda made: made.click("xyzzy"))),
    ("BUTTON_IS_OFF", "The button DATA is off: ", lambda: builder(lambda made: made.click("DATA"))),
    (
        "NO_VIEW",
        "There is no view 'x'; there are ladder, state machine, octets, SMTP cell, Python.",
        lambda: builder(lambda made: made.look_at("x")),
    ),
    (
        "UNSENT_LINES",
        "The message area has lines that are not sent yet; send them, or delete them, before the lone dot.",
        lambda: builder(unsent_lines),
    ),
    ("CONNECT_FIRST", "There is no session yet; connect with a host first.", lambda: builder(without_a_session)),
    (
        "OUTSIDE_A_LAB",
        "Outside a lab, open a new session as you opened this one: with smtplab.connect, or telnet of the exercise.",
        lambda: builder(outside_a_lab),
    ),
    ("NO_CAUSE_OF", "The lab's server never answers 599.", lambda: explorer(599, 1)),
    ("NO_SUCH_SPEED", "There is no speed 3; there are 0.5, 1, 2, 4.", speed_of_three),
    ("NO_SUCH_CAUSE", "There is no cause 99; there are 2.", lambda: explorer(450, 99)),
    ("CHOOSE_FIRST", "Choose a code first, or type its three digits; nothing was sent.", unanswered),
]


@pytest.mark.parametrize(("names", "text", "make"), CLICKED, ids=[names for names, *_ in CLICKED])
def test_what_is_done_with_a_widget_is_answered_with_this_sentence(
    names: str, text: str, make: Callable[[], str]
) -> None:
    said = make()
    _is_made_of(names, said if text.endswith(".") else said[: len(text)], text)


def test_every_sentence_has_a_row() -> None:
    rows = " ".join(names for table in (TYPED, SERVED, CLICKED) for names, *_ in table)
    # Not errors; tests of the directives, the review, the engine and the lessons hold them.
    shown = {"NO_REPLY", "INTERRUPTED", "RUN_AGAIN", "PREDICT_FIRST", "NO_LESSON"}
    assert {*rows.split(), *shown} == set(CONSTANTS)


def _is_made_of(names: str, said: str, text: str, *, whole: str = "") -> None:
    """Hold the exact text, and that it, or the whole that it ends, is made of the constants with these names."""
    assert said == text
    for name in names.split():
        pattern = re.sub(r"\\\{.*?\}", ".*", re.escape(CONSTANTS[name]))
        assert re.search(pattern, whole or said, re.IGNORECASE), name
