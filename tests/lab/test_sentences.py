"""Each error sentence of the lab, word for word; elsewhere tests hold the kind of error and a key word."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from smtplab import Lab, RetrySchedule, Session, Transcript, diagnose, diagrams, tables
from smtplab.explain.causes import CLOSED
from smtplab.lab import sentences
from smtplab.lab.faded import FadedPuzzle
from smtplab.lab.internet import LabSession
from smtplab.lab.message_route import way_of
from smtplab.lab.parsons import ParsonsPuzzle
from smtplab.lab.provoking import set_up
from smtplab.lab.recorded import transcript_of
from smtplab.mta.maildir import MaildirStore
from support.templates import is_made_of, names_of

HOST = "mail.lab.example"


LIMIT = 1024 * 1024


class Scripted:
    """A stream whose server says the words that a test gives, one each time the client listens, and then nothing."""

    def __init__(self, *words: bytes | None) -> None:
        self.words = list(words)  # None for silence

    def send(self, data: bytes, seconds: float) -> None:
        pass

    def receive(self, seconds: float) -> bytes:
        word = self.words.pop(0) if self.words else None
        if word is None:
            raise TimeoutError
        return word

    def take_names(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        pass


class Broken:
    """A stream whose server greets and then is gone."""

    def __init__(self) -> None:
        self.words = [b"220 odd.example\r\n"]

    def send(self, data: bytes, seconds: float) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    def receive(self, seconds: float) -> bytes:
        if not self.words:
            raise TimeoutError
        return self.words.pop()

    def arrived(self) -> bytes | None:
        return None

    def take_names(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        pass


class Fails:
    """A server of a student that greets, and then fails in one way or the other."""

    greeting = b"220 hi\r\n"

    def feed(self, octets: bytes) -> bytes:
        if octets.startswith(b"fail"):
            raise OSError("disk full")
        return None  # type: ignore[return-value]


def own() -> LabSession:
    lab = Lab()
    lab.add_host("own.example", Fails)
    return lab.telnet("own.example")


def session() -> LabSession:
    return Lab().telnet(HOST)


def after(*lines: str) -> Session:
    held = session()
    for line in lines:
        held.send(line)
    return held


def turned() -> Session:
    """A session in which the client has become the server, and the server has said QUIT."""
    lab = Lab()
    lab.host(HOST).handler.turns = True
    held = lab.telnet(HOST)
    held.send("HELO a.example\nTURN\n220 a.example\n250 a.example")
    return held


def on_a_disk() -> LabSession:
    held = session()
    held.lab.host(HOST).handler.store = MaildirStore(Path("nowhere"))
    return held


def inside_a_step() -> None:
    with (held := session()).step():
        held.undo()


def answered_when_skipped() -> None:
    question = session().predict("NOOP")
    question.skip()
    question.answer(250)


def answered_twice() -> None:
    question = session().predict("NOOP")
    question.answer(250)
    question.answer(250)


def overtaken() -> None:
    question = (held := session()).predict("NOOP")
    held.send("NOOP")
    question.answer(250)


class Said(NamedTuple):
    """The constants that make a sentence, what raises it, and how it reads."""

    names: str
    act: Callable[[], object]
    sentence: str


NOTES = {"BULLET", "FOREIGN_DOT", "DOT_WITH_BLANKS"}  # no errors: notes in the transcript, which test_false_dots holds


def waiting(before: Callable[[Lab], object], after: Callable[[Lab], object] = id, **ran: float) -> str:
    """Return what waits in a lab with a message for forouzanb when time has passed.

    Args:
        before: prepares the lab before the message is sent.
        after: changes it when the message is sent.
        ran: how much time passes, as `Lab.run` takes it.
    """
    lab = Lab(queues=True, schedule=RetrySchedule.of(["15 min"], jitter=0))
    before(lab)
    lines = "HELO laptop.example", "MAIL FROM:<>", "RCPT TO:<forouzanb@adelphia.net>", "DATA", "."
    lab.telnet(HOST).send("\n".join(lines))
    after(lab)
    (told,) = lab.run(**ran).waiting
    return told


FAR = "mail.adelphia.net"
WAITING = [
    Said(
        "WAITS IS_DOWN NEXT_ATTEMPT",
        lambda: waiting(lambda lab: lab.down(FAR), minutes=1),
        f"1 message waits at {HOST}: {FAR} is down; next attempt in 14 min.",
    ),
    Said(
        "LAST_ATTEMPT",
        lambda: waiting(
            lambda lab: setattr(lab.host(FAR).handler.directory.mailboxes["forouzanb"], "busy", True), minutes=2
        ),
        f"1 message waits at {HOST}: the last attempt failed: {FAR} said 450 Mailbox not available; next attempt in "
        "13 min.",
    ),
    Said(
        "NO_ATTEMPT_YET ATTEMPT_RUNS",
        lambda: waiting(lambda lab: lab.link(HOST, FAR, latency=10.0), seconds=5),
        f"1 message waits at {HOST}: no attempt has ended yet; an attempt is under way.",
    ),
    Said(
        "GOES_ON_WHEN_UP",
        lambda: waiting(id, lambda lab: lab.down(HOST), hours=1),
        f"1 message waits at {HOST}: {HOST} is down; it goes on when it is up again.",
    ),
]
ROWS = [
    Said(
        "NEITHER_SESSION_NOR_TRANSCRIPT",
        lambda: transcript_of("x"),  # type: ignore[arg-type]
        "this takes a session or a transcript, not str",
    ),
    Said(
        "OCTETS_AND_NO_TEXT",
        lambda: diagnose(b"220 m"),  # type: ignore[arg-type]
        "diagnose takes text, not bytes; decode the octets first, as in diagnose(octets.decode())",
    ),
    Said(
        "UNDO_AND_FORK_NEED_A_LAB A_REAL_SERVER_DOES_NOT_FORGET",
        lambda: Session(Broken()).undo(),
        "undo works only in a Lab: a real server does not forget what it was told",
    ),
    Said(
        "HOST_CANNOT_GO_BACK MAIL_IS_NOT_IN_MEMORY",
        lambda: on_a_disk().fork(),
        "fork does not work here: mail.lab.example keeps its mail outside the memory",
    ),
    Said(
        "STEP_HAS_NOT_ENDED",
        inside_a_step,
        "undo does not work inside a step; leave the `with session.step():` block first",
    ),
    Said(
        "UNDO_TAKES_A_NUMBER",
        lambda: session().undo("1"),  # type: ignore[arg-type]
        "undo takes a number of steps, such as undo(2), not str '1'",
    ),
    Said("UNDO_TAKES_ONE_OR_MORE", lambda: session().undo(0), "undo takes 1 step or more, not 0"),
    Said("TOO_FEW_STEPS", lambda: session().undo(2), "2 steps cannot be undone; this session has made 0"),
    Said(
        "SEND_TAKES_TEXT",
        lambda: session().send(None),  # type: ignore[arg-type]
        'a line is text, such as "NOOP", not None',
    ),
    Said(
        "SEND_BYTES_TAKES_OCTETS",
        lambda: session().send_bytes("NOOP"),  # type: ignore[arg-type]
        "send_bytes takes octets, such as b\"NOOP\\r\\n\", not str 'NOOP'",
    ),
    Said(
        "HALF_A_CHARACTER",
        lambda: session().send("\ud800"),
        "the line holds half a character (U+D800), which cannot be sent as UTF-8",
    ),
    Said(
        "SERVER_WAITS REST_OF_LINE",
        lambda: session().send_bytes(b"NOOP"),
        "the server says nothing: it waits for the rest of the line; lines end in CRLF",
    ),
    Said(
        "SERVER_WAITS YOUR_ANSWER",
        lambda: turned().send_bytes(b""),
        "the server says nothing: it waits for your reply to QUIT",
    ),
    Said(
        "SERVER_WAITS REST_OF_MESSAGE",
        lambda: after("HELO a.example", "MAIL FROM:<>", "RCPT TO:<bob@lab.example>", "DATA").send_bytes(b""),
        "the server says nothing: it waits for the rest of the message; a line with a single dot ends it",
    ),
    Said(
        "SERVER_WAITS NEXT_COMMAND",
        lambda: session().send_bytes(b""),
        "the server says nothing: it waits for a command, such as HELO or EHLO",
    ),
    Said("NOTHING_CAME", lambda: Session(Scripted()), "the server gave no greeting"),
    Said(
        "NOTHING_CAME_WITHIN",
        lambda: Session(Scripted(), seconds=0.01),
        "the server gave no greeting within 0.01 s",
    ),
    Said(
        "ENDS_IN_LF",
        lambda: Session(Scripted(b"220 x\n")),
        "the server gave no greeting; it said '220 x' with LF alone, and only CRLF ends a line (RFC 5321 2.3.8)",
    ),
    Said(
        "HAS_NO_CRLF",
        lambda: Session(Scripted(b"220 x")),
        "the server gave no greeting; it said '220 x' without CRLF, and only CRLF ends a line (RFC 5321 2.3.8)",
    ),
    Said(
        "NO_WHOLE_REPLY",
        lambda: Session(Scripted(b"hello\r\n")),
        "the server gave no greeting; it said 'hello', which does not complete a reply",
    ),
    Said(
        "NOT_A_GREETING",
        lambda: Session(Scripted(b"354 go\r\n")),
        "the server gave no greeting; it said '354 go', which is a reply, but not a greeting",
    ),
    Said(
        "SERVER_CLOSED WITHOUT_ANSWER",
        lambda: Session(Scripted(b"")),
        "the server closed the connection without a greeting",
    ),
    Said(
        "SERVER_CLOSED WITHOUT_ANSWER MAY_BE_LOST",
        lambda: Session(Scripted(b"220 x\r\n", None, *[b"250 ok\r\n"] * 3, b"354 go\r\n", b"")).send(
            "HELO a\nMAIL FROM:<>\nRCPT TO:<b@c>\nDATA\n."
        ),
        "the server closed the connection without a reply to the message; the message is not known to be delivered",
    ),
    Said(
        "SENT_TOO_MUCH",
        lambda: Session(Scripted(*[b"x" * 2**20] * 99)),
        f"the server sent more than {LIMIT} octets without a greeting; the connection is closed",
    ),
    Said(
        "SESSION_CLOSED OPEN_AGAIN",
        lambda: after("QUIT").send("NOOP"),
        'the session is closed; open a new one with session = lab.telnet("mail.lab.example", 25)',
    ),
    Said(
        "SESSION_CLOSED_AFTER OPEN_AGAIN",
        lambda: Session(Scripted(b"421 busy\r\n", b"")).send("NOOP"),
        "the session is closed, after the server said 421 busy; "
        'open a new one with session = smtplab.connect("server", 25)',
    ),
    Said(
        "CONNECTION_BROKE",
        lambda: Session(Broken()).send("NOOP"),
        "the connection to the server broke: Broken pipe",
    ),
    Said(
        "QUESTION_WAS_SKIPPED",
        answered_when_skipped,
        "the line was sent without a prediction when you ran a later cell; to predict it, run the notebook from its "
        "first cell",
    ),
    Said(
        "QUESTION_IS_ANSWERED",
        answered_twice,
        "this question has been answered, with 250; call session.predict(...) for a new one",
    ),
    Said(
        "NO_PREDICTION",
        lambda: session().predict("NOOP").answer("yes"),
        '\'yes\' is not a valid prediction; write a word in quotes: "done", "go on", "not now", "never", '
        '"no reply"; or the code that you expect: .answer(250)',
    ),
    Said(
        "SESSION_HAS_GONE_ON",
        overtaken,
        "the session has gone on since the question was asked; call session.predict(...) again",
    ),
    Said(
        "NO_SUCH_MESSAGE",
        lambda: way_of(with_one_message().conversation, Lab(), 1),
        "the session has 1 message, and none with the index 1",
    ),
    Said(
        "NO_MESSAGE_THERE",
        lambda: Lab().mailbox("bob@lab.example")[-1],
        "the mailbox of bob@lab.example has no message, so there is none at this place; "
        "send one, or run the notebook from its top",
    ),
    Said(
        "NO_HOST_FOR_DOMAIN",
        lambda: Lab().mailbox("a@x.example"),
        "no host here keeps mail for 'x.example'; there is mail for adelphia.net, lab.example, campus.example",
    ),
    Said(
        "NO_SUCH_MAILBOX",
        lambda: Lab().mailbox("x@lab.example"),
        f"{HOST} has no mailbox 'x'; it has alice, bob, carol, postmaster",
    ),
    Said(
        "ADDRESS_WITHOUT_DOMAIN",
        lambda: Lab().mailbox("bob"),
        "'bob' has no domain; did you mean bob@lab.example?",
    ),
    Said(
        "TRANSCRIPT_NAMES_NO_HOST",
        lambda: Lab().replay(Transcript.parse("S: 220 x")),
        "the transcript does not name the server's host; pass its name as `host`",
    ),
    Said(
        "NOTHING_WAS_SENT",
        lambda: ParsonsPuzzle.of(session()),
        "the client says nothing in this session; take one with commands",
    ),
    Said(
        "NO_ORDER",
        lambda: ParsonsPuzzle.of(after("NOOP"), ()).order(),
        "write the numbers of the lines, 1 to 1, in the order in which to send them",
    ),
    Said(
        "NO_SUCH_LINE",
        lambda: ParsonsPuzzle.of(after("NOOP"), ()).order("two"),
        "'two' is not the number of a line; there are the lines 1 to 1",
    ),
    Said(
        "LINE_TWICE",
        lambda: ParsonsPuzzle.of(after("NOOP"), ()).order(1, 1),
        "the line 1 stands twice in this order, and a line is sent once",
    ),
    Said(
        "NOTHING_TO_HIDE",
        lambda: FadedPuzzle.of(after("NOOP"), "arguments"),
        'hide=\'arguments\' leaves no blank in this session; write "verbs", "codes", "arguments", or the numbers of '
        "lines, as in hide=[3, 5]",
    ),
    Said(
        "NO_SUCH_BLANK",
        lambda: FadedPuzzle.of(after("NOOP", "HELP")).fill(1, "x"),
        "line 1 has no blank; there are blanks in line 2 and 4",
    ),
    Said(
        "NO_FILLING",
        lambda: FadedPuzzle.of(after("NOOP")).fill(2),
        "write the number of a line and what belongs there, as in .fill(2, '...')",
    ),
    Said(
        "STATE_OUT_OF_REACH",
        lambda: tables.matrix(closed_lab()),
        f"{HOST} does not let a client reach GREETED; it answered 554 {HOST} has no SMTP service for you",
    ),
    Said("CODE_IS_NEVER_GIVEN", lambda: tables.causes(299), "the lab's server never answers 299"),
    Said(
        "TOPOLOGY_TAKES_A_LAB",
        lambda: diagrams.topology("a.example"),  # type: ignore[arg-type]
        "topology takes a Lab, or a session or a client in one, not str",
    ),
    Said(
        "TOPOLOGY_NEEDS_A_LAB",
        lambda: diagrams.topology(Session(Broken())),
        "this session is held outside a Lab, so its machines are not known; draw topology(Lab()) instead",
    ),
    Said(
        "RANGE_HAS_THREE_MACHINES",
        lambda: diagrams.smtp_range(["a.example"]),
        "1 names were given; smtp_range takes three, one for each machine that uses SMTP",
    ),
    Said(
        "CHART_TAKES_A_LAB",
        lambda: diagrams.delay_chart(Transcript()),  # type: ignore[arg-type]
        "delay_chart takes a Lab, not Transcript",
    ),
    Said(
        "LAB_HAS_NO_QUEUES",
        lambda: Lab().run(days=1),
        "run: in this lab a host relays while its client waits, and no time passes; make a lab whose hosts queue with "
        "smtplab.Lab(queues=True)",
    ),
    Said(
        "SCHEDULE_WITHOUT_QUEUES",
        lambda: Lab(schedule=RetrySchedule()),
        "a lab without queues tries nothing again; add queues=True to use a schedule",
    ),
    Said(
        "TIME_PASSES_FORWARD",
        lambda: Lab(queues=True).run(hours=-1),
        "time passes forward; use 0 or more, such as run(hours=3), not -3600 seconds",
    ),
    Said(
        "TIME_TOO_LONG",
        lambda: Lab(queues=True).run(days=1e12),
        "use at most 36500 days at a time, such as run(days=3)",
    ),
    Said(
        "TIME_IS_NUMBER",
        lambda: Lab(queues=True).run(days="3"),  # type: ignore[arg-type]
        "a time is a number, such as run(days=3), not '3'",
    ),
    Said(
        "TIME_HAS_PASSED HOST_CANNOT_GO_BACK",
        lambda: queued(seconds=1).undo(),
        "undo does not work here: time has passed in the lab since that step, and the hosts have worked on their mail",
    ),
    Said(
        "TOO_FEW_SINCE_TIME_PASSED",
        lambda: queued(seconds=1, then="NOOP").undo(2),
        "2 steps cannot be undone; this session has made 1 since time last passed in the lab, so undo(1) works",
    ),
    Said(
        "UNDER_WAY HOST_CANNOT_GO_BACK",
        lambda: queued(seconds=0.1).fork(),
        f"fork does not work here: {HOST} is trying to deliver a message at this moment; let the lab run a few seconds "
        "more",
    ),
    Said(
        "NO_SUCH_MAIL",
        lambda: queued(seconds=1).lab.why("A00001"),
        "no host here has queued a message 'A00001'; known ids: A000001",
    ),
    Said(
        "NOT_A_ZONE",
        lambda: setattr(Lab(queues=True), "zone", {}),
        "a lab's zone is a Zone, not dict",
    ),
    Said(
        "LINK_NEEDS_TWO",
        lambda: Lab(queues=True).link(HOST, HOST),
        f"a link joins two hosts, and both names are those of {HOST}; name another one",
    ),
    Said(
        "SERVER_NOT_OBJECT",
        lambda: Lab().add_host("own.example", Fails()),  # type: ignore[arg-type]
        "each connection needs a new object, so give the class: lab.add_host('own.example', Fails), without brackets",
    ),
    Said(
        "SERVER_IS_CLASS",
        lambda: Lab().add_host("own.example", 3),  # type: ignore[arg-type]
        "the server of a host is a class with feed(octets), not 3",
    ),
    Said(
        "SERVER_HAS_NO_FEED",
        lambda: Lab().add_host("own.example", Lab),  # type: ignore[arg-type]
        "Lab has no method feed(octets), which answers the client",
    ),
    Said(
        "HOST_NAME_TAKEN",
        lambda: Lab().add_host(HOST, Fails),
        f"{HOST} is a host of the lab already; give your own host another name, such as own.example",
    ),
    Said(
        "RUNS_YOUR_SERVER",
        lambda: own().lab.host("own.example"),
        "own.example runs your own server; only the hosts that come with the lab have a directory, faults and queues",
    ),
    Said(
        "UNDO_AND_FORK_NEED_A_LAB OWN_SERVER_KEEPS",
        lambda: own().fork(),
        "fork works only in a Lab: your own server does not go back; open a new session with lab.telnet",
    ),
]


def queued(seconds: float, then: str = "") -> LabSession:
    """A session of which a message waits or is under way, after some time; with a line that is sent then."""
    held = Lab(queues=True).telnet(HOST)
    held.send("HELO a.example\nMAIL FROM:<>\nRCPT TO:<forouzanb@adelphia.net>\nDATA\n.")
    held.lab.run(seconds=seconds)
    if then:
        held.send(then)
    return held


def closed_lab() -> Lab:
    lab = Lab()
    set_up(lab, CLOSED)
    return lab


def with_one_message() -> Session:
    held = session()
    held.send("HELO c.example\nMAIL FROM:<>")
    return held


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.names)
def test_an_error_says_what_happened_and_what_to_do(row: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a Maildir makes its folder
    with pytest.raises(Exception, match=f"^{re.escape(row.sentence)}$"):
        row.act()


CHANGED = [
    Said(
        "EMPTY_MAILBOX",
        lambda: Lab().mailbox("bob@lab.example"),
        "The mailbox of bob@lab.example has no messages.",
    ),
    Said("DOWN_UNTIL_UP", lambda: Lab().down(HOST), f'{HOST} is down until lab.up("{HOST}").'),
    Said(
        "DOWN_FROM_UNTIL_UP",
        lambda: Lab(queues=True).down(HOST.upper()),
        f'{HOST} is down from 6 Aug 10:25:00 until lab.up("{HOST}").',
    ),
    Said(
        "DOWN_FROM_UNTIL",
        lambda: Lab(queues=True).down(HOST, days=3, hours=1),
        f"{HOST} is down from 6 Aug 10:25:00 until 9 Aug 11:25:00.",
    ),
    Said("DOWN_AND_UP", lambda: Lab(queues=True).down(HOST, days=0), f"{HOST} has gone down, and is up again."),
    Said(
        "SERVER_FAILED",
        lambda: own().send("fail"),
        '421 own.example: your server failed with OSError: disk full, in your line LINE: raise OSError("disk full")',
    ),
    Said(
        "FEED_GIVES_OCTETS",
        lambda: own().send("NOOP"),
        r"421 own.example: your server failed: feed must return octets, such as b'250 OK\r\n', not None",
    ),
    Said(
        "FAULT_FROM_NOW",
        lambda: Lab(queues=True).fault("close after DATA", HOST),
        f"From the next session on, at {HOST}: close after DATA.",
    ),
]


@pytest.mark.parametrize("row", CHANGED, ids=lambda row: row.names)
def test_what_a_call_has_changed_or_found_is_said_word_by_word(row: Said) -> None:
    assert re.sub(r"line \d+", "line LINE", str(row.act())) == row.sentence


def test_a_fault_without_a_host_is_one_of_every_host() -> None:
    assert "at every host: " in str(Lab(queues=True).fault("close after DATA"))


def test_every_sentence_has_a_row() -> None:
    rows = {name for row in [*ROWS, *WAITING, *CHANGED] for name in row.names.split()}
    assert rows | NOTES == set(names_of(sentences))


@pytest.mark.parametrize("row", WAITING, ids=lambda row: row.names)
def test_what_waits_is_said_word_by_word(row: Said) -> None:
    assert row.act() == row.sentence


@pytest.mark.parametrize("row", [*ROWS, *WAITING], ids=lambda row: row.names)
def test_a_row_shows_the_constants_that_it_names(row: Said) -> None:
    for name in row.names.split():
        assert is_made_of(row.sentence, getattr(sentences, name))
