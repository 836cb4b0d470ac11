"""The driver between kernel and handler: what reaches the handler, what is answered, what happens when it breaks."""

import logging
from functools import partial
from typing import Any

import pytest

from smtplab.mta.handler import Envelope, Handler
from smtplab.mta.policy import Policy
from smtplab.mta.session import ServerSession
from smtplab.mta.task import DiskTask, Job, Task, TaskFailed, on_disk
from smtplab.protocol import replies
from smtplab.protocol.commands import Rcpt
from smtplab.protocol.replies import Reply
from smtplab.protocol.states import State
from support.hosts import ForgettingStore, in_memory, mail_host
from support.raw_client import RawClient, behind_the_trace

ENVELOPE = ("MAIL FROM:<someone@client.example>", "RCPT TO:<alice@lab.example>")
ALL = b"".join(
    line.encode() + b"\r\n"
    for line in (
        "EHLO c.example",
        *ENVELOPE,
        "RCPT TO:<nobody@lab.example>",
        "DATA",
        "Subject: x",
        "",
        "..x",
        ".",
        "QUIT",
    )
)


class Recorder(Handler):
    """A handler that writes down what it is told about messages."""

    def __init__(self) -> None:
        super().__init__("lab.example")
        self.said: list[str] = []

    def content(self, session: ServerSession, envelope: Envelope, content: bytes) -> None:
        self.said.append("content")

    def deliver(self, session: ServerSession, envelope: Envelope) -> Reply:
        self.said.append(f"deliver {envelope.octets} octets to {len(envelope.recipients)}")
        return self.accepted(session, envelope)

    def forget(self, session: ServerSession, envelope: Envelope) -> None:
        self.said.append("forget")


@pytest.fixture
def recorder() -> Recorder:
    """A handler that takes everything."""
    return Recorder()


@pytest.fixture
def connected(recorder: Recorder) -> RawClient:
    """A session of the recorder, greeted."""
    client = in_memory(recorder)
    client.reply()
    return client


@pytest.fixture
def ready(connected: RawClient) -> RawClient:
    """The same after EHLO."""
    connected.say("EHLO client.example")
    return connected


@pytest.fixture
def with_recipient(ready: RawClient) -> RawClient:
    """The same after MAIL and RCPT."""
    ready.say(*ENVELOPE)
    return ready


@pytest.fixture
def in_data(with_recipient: RawClient) -> RawClient:
    """The same after DATA and the first line of the message."""
    with_recipient.say("DATA")
    with_recipient.send(b"Subject: x\r\n")
    return with_recipient


def _codes(client: RawClient) -> list[str]:
    return [reply[:3] for reply in client.replies()]


# In order


def test_greeting_comes_before_the_client_has_said_a_word(recorder: Recorder) -> None:
    assert in_memory(recorder).reply().startswith("220 lab.example")


def test_ehlo_names_the_extensions_of_the_policy(connected: RawClient) -> None:
    first, *keywords = connected.say("EHLO client.example").split("\n")
    assert first.startswith("250-lab.example")
    assert [line[4:] for line in keywords] == [
        "PIPELINING",
        "SIZE 33554432",
        "8BITMIME",
        "SMTPUTF8",
        "ENHANCEDSTATUSCODES",
    ]


def test_helo_names_none(connected: RawClient) -> None:
    assert "\n" not in connected.say("HELO client.example")


def test_session_knows_that_the_client_has_said_quit(ready: RawClient) -> None:
    session = ready.stream.session
    ready.say("NOOP")
    assert not session.said_quit
    ready.say("QUIT")
    assert session.said_quit


def test_session_that_ends_without_quit_says_so(ready: RawClient) -> None:
    session = ready.stream.session
    session.hang_up(replies.SHUTTING_DOWN)
    assert (session.closed, session.said_quit) == (True, False)


def test_session_knows_how_the_client_calls_itself(connected: RawClient) -> None:
    session = connected.stream.session
    assert (session.helo, session.esmtp, session.peer) == ("", False, "192.0.2.7")
    connected.say("EHLO one.example")
    assert (session.helo, session.esmtp) == ("one.example", True)
    connected.say("HELO two.example")
    assert (session.helo, session.esmtp) == ("two.example", False)


def test_refused_ehlo_changes_nothing(with_recipient: RawClient, recorder: Recorder) -> None:
    recorder.helo = lambda session, domain: replies.LOCAL_ERROR
    assert with_recipient.say("EHLO other.example").startswith("451")
    session = with_recipient.stream.session
    assert (session.helo, session.state) == ("client.example", State.RECIPIENT)
    assert recorder.said == []
    assert with_recipient.say("DATA").startswith("354")


@pytest.mark.parametrize("size", [len(ALL), 1, 2, 3, 7, 64])
def test_session_cut_anywhere_is_answered_as_the_whole(size: int) -> None:
    handler = mail_host()
    client = in_memory(handler)
    for start in range(0, len(ALL), size):
        client.send(ALL[start : start + size])
    assert _codes(client) == ["220", "250", "250", "250", "550", "354", "250", "221"]
    assert [behind_the_trace(stored) for stored in handler.store.messages("alice")] == [b"Subject: x\r\n\r\n.x\r\n"]


def test_group_whose_recipients_are_all_refused_stays_in_step() -> None:
    client = in_memory(mail_host())
    lines = (
        "EHLO c.example",
        ENVELOPE[0],
        "RCPT TO:<no@lab.example>",
        "RCPT TO:<one@lab.example>",
        "DATA",
        "NOOP",
        "QUIT",
    )
    client.send("".join(f"{line}\r\n" for line in lines).encode())
    assert _codes(client) == ["220", "250", "250", "550", "550", "503", "250", "221"]


def test_what_comes_behind_quit_is_not_heard(ready: RawClient, recorder: Recorder) -> None:
    ready.send(b"QUIT\r\nMAIL FROM:<>\r\nRCPT TO:<a@lab.example>\r\nDATA\r\n")
    assert _codes(ready) == ["221"]
    assert ready.stream.session.envelope is None


def test_host_without_service_waits_for_quit() -> None:
    handler = mail_host()
    handler.open = False
    client = in_memory(handler)
    assert client.reply() == "554 lab.example has no SMTP service for you"
    assert client.say("HELO client.example").startswith("503")
    assert client.say("QUIT").startswith("221")
    assert client.reply() == ""


# Messages


def test_connection_refused_from_outside_waits_for_quit(recorder: Recorder) -> None:
    session = ServerSession(recorder, Policy())
    session.refuse_connection()
    session.receive(b"NOOP\r\nQUIT\r\n")
    assert [line[:3] for line in session.data_to_send().splitlines()] == [b"554", b"503", b"221"]
    assert (session.closed, session.is_turned) == (True, False)


@pytest.mark.parametrize(("refused", "code"), [(replies.LOCAL_ERROR, b"451"), (None, b"250")])
def test_message_may_be_refused_from_outside_before_the_handler_gets_its_end(recorder, refused, code: bytes) -> None:
    session = ServerSession(recorder, Policy())
    session.refusal = lambda: refused
    session.start()
    session.receive(ALL)
    assert code in [line[:3] for line in session.data_to_send().splitlines()[-2:]]
    assert ("forget" in recorder.said) == (refused is not None)


def test_message_goes_to_the_handler_with_its_size_and_is_not_forgotten(in_data: RawClient, recorder: Recorder) -> None:
    assert in_data.say("\r\n..x\r\n.").startswith("250")
    assert recorder.said[-1] == "deliver 18 octets to 1"
    assert "forget" not in recorder.said
    assert in_data.stream.session.envelope is None


@pytest.mark.parametrize("line", ["RSET", "HELO client.example", "EHLO client.example", "QUIT"])
def test_transaction_is_forgotten_once_when_the_client_gives_it_up(with_recipient, recorder, line: str) -> None:
    assert with_recipient.say(line)[0] == "2"
    assert recorder.said == ["forget"]
    with_recipient.close()
    assert recorder.said == ["forget"]


def test_transaction_is_forgotten_when_the_client_goes(in_data: RawClient, recorder: Recorder) -> None:
    in_data.close()
    assert recorder.said == ["content", "forget"]
    assert in_data.stream.session.closed


def test_transaction_is_forgotten_when_the_server_hangs_up(in_data: RawClient, recorder: Recorder) -> None:
    in_data.stream.session.hang_up(replies.SHUTTING_DOWN)
    assert recorder.said == ["content", "forget"]
    assert in_data.replies() == ["421 4.3.2 lab.example is shutting down; try again later"]


def test_session_that_is_closed_is_not_hung_up_on_again(ready: RawClient) -> None:
    ready.send(b"QUIT\r\n")
    ready.stream.session.hang_up(replies.SHUTTING_DOWN)
    assert _codes(ready) == ["221"]


def test_what_comes_during_a_delivery_is_answered_after_it() -> None:
    session = ServerSession(mail_host(), Policy(), "192.0.2.7")
    session.start()
    session.receive(ALL)
    assert session.task is not None
    session.receive(b"NOOP\r\n")
    assert session.data_to_send().endswith(b"<CRLF>.<CRLF>\r\n")
    session.finish(session.task.outcome())
    assert [line[:3] for line in session.data_to_send().splitlines()] == [b"250", b"221"]


class Thinker(Recorder):
    """A recorder that takes its time for everything, and breaks where it is told to."""

    def __init__(self, breaks_at: str = "") -> None:
        super().__init__()
        self._breaks_at = breaks_at

    def rcpt(self, session: ServerSession, envelope: Envelope, rcpt: Rcpt) -> Job:
        return on_disk(lambda: self._think("rcpt", super(Thinker, self).rcpt(session, envelope, rcpt)))

    def content(self, session: ServerSession, envelope: Envelope, content: bytes) -> Job:
        return on_disk(lambda: self._think("content"))

    def _think(self, what: str, reply: Reply | None = None) -> Any:
        self.said.append(what)
        if what == self._breaks_at:
            raise OSError("the disk is gone")
        return reply


def test_recipients_and_contents_may_take_their_time_each_before_the_next_is_heard() -> None:
    thinker = Thinker()
    session = ServerSession(thinker, Policy())
    session.start()
    session.receive(ALL)
    told = []
    while session.task is not None:
        told.append(len(thinker.said))  # nothing goes on while there is work to do
        session.finish(session.task.outcome())
    assert told == [0, 1, 2]
    assert [word.split()[0] for word in thinker.said] == ["rcpt", "rcpt", "content", "deliver"]
    assert thinker.said[-1].endswith("to 2")
    codes = [line[:4] for line in session.data_to_send().splitlines()]
    assert [code for code in codes if code[3:] == b" "] == [b"220 ", *[b"250 "] * 4, b"354 ", b"250 ", b"221 "]


@pytest.mark.parametrize(
    ("breaks_at", "codes"),
    [
        ("rcpt", ["220", "250", "250", "451", "451", "503"]),
        ("content", ["220", "250", "250", "250", "250", "354", "421"]),
    ],
)
def test_work_that_breaks_is_told_as_a_local_error_and_no_message_is_taken(
    breaks_at: str, codes: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    thinker = Thinker(breaks_at)
    client = in_memory(thinker)
    client.send(ALL)
    assert _codes(client)[: len(codes)] == codes
    assert not any(word.startswith("deliver") for word in thinker.said)
    assert "the disk is gone" in caplog.text


def test_leaving_while_a_piece_of_the_message_is_kept_gives_it_up_afterwards() -> None:
    thinker = Thinker()
    session = ServerSession(thinker, Policy())
    session.start()
    session.receive(ALL)
    while thinker.said != ["rcpt", "rcpt"]:
        session.finish(session.task.outcome())
    assert session.task is not None  # to keep the content
    session.abandon()
    assert "forget" not in thinker.said
    session.finish(session.task.outcome())
    assert thinker.said[-1] == "forget"
    assert session.task is None


def test_session_hung_up_on_during_a_delivery_gives_its_reply_first_and_hears_no_more() -> None:
    session = ServerSession(mail_host(), Policy(), "192.0.2.7")
    session.start()
    session.receive(ALL)
    session.hang_up(replies.SHUTTING_DOWN)
    assert not session.closed
    session.data_to_send()
    session.finish(session.task.outcome())
    assert session.closed
    assert [line[:3] for line in session.data_to_send().splitlines()] == [b"250", b"421"]


# Jobs


def _job(*tasks: Task, returns: Reply | None = replies.OK, outcomes: list[Any] | None = None) -> Job:
    """Return a job of these tasks; it notes their outcomes, and that it was ended."""
    found = [] if outcomes is None else outcomes
    try:
        for task in tasks:
            try:
                found.append((yield task))
            except OSError as error:
                found.append(error)
    finally:
        found.append("ended")
    return returns


TASKS = tuple(DiskTask(partial(str, name)) for name in ("first", "second", "third"))


@pytest.fixture
def at_work(recorder: Recorder) -> ServerSession:
    """A session whose delivery is a job of three tasks; NOOP has come behind the message."""
    recorder.deliver = lambda session, envelope: _job(*TASKS, outcomes=recorder.said)
    session = ServerSession(recorder, Policy())
    session.start()
    session.receive(b"EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@lab.example>\r\nDATA\r\n")
    session.receive(b".\r\nNOOP\r\n")
    session.data_to_send()
    return session


def _said(session: ServerSession) -> list[str]:
    """Return the codes that the session says now."""
    return [line[:3].decode() for line in session.data_to_send().splitlines() if line[3:4] == b" "]


def test_tasks_of_a_job_come_one_after_the_other_and_nothing_is_answered_before_the_last(at_work, recorder) -> None:
    for task in TASKS:
        assert at_work.task is task
        assert (_said(at_work), at_work.awaits) == ([], None)
        at_work.finish(task.outcome())
    assert at_work.task is None
    assert recorder.said == ["first", "second", "third", "ended"]
    assert _said(at_work) == ["250", "250"]
    assert at_work.awaits == 300.0


def test_job_without_a_task_is_answered_at_once(recorder: Recorder) -> None:
    recorder.rcpt = lambda session, envelope, rcpt: _job(returns=replies.OK)
    recorder.content = lambda session, envelope, content: _job(returns=None)
    recorder.deliver = lambda session, envelope: _job(returns=replies.INSUFFICIENT_STORAGE)
    client = in_memory(recorder)
    client.send(ALL)
    assert _codes(client) == ["220", "250", "250", "250", "250", "354", "452", "221"]


def test_job_may_mend_what_a_task_raised(at_work: ServerSession, recorder: Recorder) -> None:
    error = OSError("the disk is gone")
    at_work.finish(TaskFailed(error))
    for task in TASKS[1:]:
        at_work.finish(task.outcome())
    assert recorder.said == [error, "second", "third", "ended"]
    assert _said(at_work) == ["250", "250"]


@pytest.mark.parametrize("error", [RuntimeError("broken on purpose"), SystemExit("broken on purpose")])
@pytest.mark.parametrize("place", range(3))
def test_job_that_breaks_after_a_task_is_a_local_error_and_the_message_is_given_up(
    at_work: ServerSession, recorder: Recorder, caplog: pytest.LogCaptureFixture, place: int, error: BaseException
) -> None:
    for task in TASKS[:place]:
        at_work.finish(task.outcome())
    at_work.finish(TaskFailed(error))
    assert recorder.said[place:] == ["ended", "forget"]
    assert _said(at_work) == ["451", "250"]
    assert (at_work.task, at_work.envelope) == (None, None)
    assert [record.exc_info[1] for record in caplog.records] == [error]


@pytest.mark.parametrize("outcome", [None, TaskFailed(RuntimeError())], ids=["ends", "breaks"])
def test_job_of_a_recipient_does_not_give_up_the_message(recorder: Recorder, outcome: Any) -> None:
    recorder.rcpt = lambda session, envelope, rcpt: _job(TASKS[0])
    session = ServerSession(recorder, Policy())
    session.start()
    session.receive(b"HELO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@lab.example>\r\n")
    session.finish(outcome)
    assert session.envelope is not None
    assert recorder.said == []
    assert len(session.envelope.recipients) == (outcome is None)
    assert _said(session)[-1] == ("250" if outcome is None else "451")


def test_job_that_returns_an_impossible_answer_is_a_local_error(recorder: Recorder, caplog) -> None:
    recorder.rcpt = lambda session, envelope, rcpt: _job(TASKS[0], returns=replies.START_MAIL)
    session = ServerSession(recorder, Policy())
    session.start()
    session.receive(b"HELO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@lab.example>\r\nNOOP\r\n")
    session.data_to_send()
    session.finish(None)
    assert _said(session) == ["451", "250"]
    assert len(caplog.records) == 1


def test_client_that_closes_its_half_during_a_job_gets_all_replies(at_work: ServerSession, recorder: Recorder) -> None:
    at_work.receive(b"")
    assert not at_work.closed
    for task in TASKS:
        at_work.finish(task.outcome())
    assert _said(at_work) == ["250", "250"]
    assert at_work.closed
    assert "forget" not in recorder.said


def test_client_that_goes_during_a_job_ends_the_session_and_the_job_goes_on(at_work, recorder: Recorder) -> None:
    at_work.abandon()
    assert at_work.closed
    for task in TASKS:
        assert at_work.task is task
        at_work.finish(task.outcome())
    assert recorder.said == ["first", "second", "third", "ended"]
    assert at_work.envelope is None


def test_client_that_goes_during_the_job_of_a_recipient_gives_the_message_up(recorder: Recorder) -> None:
    recorder.rcpt = lambda session, envelope, rcpt: _job(TASKS[0])
    session = ServerSession(recorder, Policy())
    session.start()
    session.receive(b"HELO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@lab.example>\r\n")
    session.abandon()
    assert recorder.said == []
    session.finish(None)
    assert recorder.said == ["forget"]


def test_a_message_is_not_given_up_while_a_task_of_its_recipient_is_left(recorder: Recorder) -> None:
    recorder.rcpt = lambda session, envelope, rcpt: _job(*TASKS[:2])
    session = ServerSession(recorder, Policy())
    session.start()
    session.receive(b"HELO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@lab.example>\r\n")
    session.abandon()
    session.finish(None)
    assert recorder.said == []
    session.finish(None)
    assert recorder.said == ["forget"]


def test_a_server_that_stops_says_421_after_the_last_task(at_work: ServerSession) -> None:
    at_work.hang_up(replies.SHUTTING_DOWN)
    for task in TASKS:
        assert (_said(at_work), at_work.closed) == ([], False)
        at_work.finish(task.outcome())
    assert _said(at_work) == ["250", "421"]


def test_job_that_is_abandoned_is_ended_and_a_local_error_and_the_session_goes_on(at_work, recorder) -> None:
    waits = at_work.wait_number
    at_work.finish(None)
    at_work.abandon_task()
    assert recorder.said == [None, "ended"]
    assert at_work.task is None
    assert _said(at_work) == ["451", "250"]
    assert at_work.wait_number == waits + 2
    at_work.abandon_task()
    assert (_said(at_work), at_work.wait_number) == ([], waits + 2)


def test_job_that_is_abandoned_when_the_server_stops_is_told_before_the_421(at_work: ServerSession) -> None:
    at_work.hang_up(replies.SHUTTING_DOWN)
    at_work.abandon_task()
    assert _said(at_work) == ["451", "421"]
    assert at_work.closed


def test_piece_of_a_message_that_is_abandoned_ends_the_session(recorder: Recorder) -> None:
    recorder.content = lambda session, envelope, content: _job(*TASKS, returns=None)
    session = ServerSession(recorder, Policy())
    session.start()
    session.receive(b"HELO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@lab.example>\r\nDATA\r\nx\r\n")
    session.data_to_send()
    session.abandon_task()
    assert _said(session) == ["421"]
    assert (session.closed, recorder.said) == (True, ["forget"])


# Waiting for the client


def test_client_is_awaited_from_the_greeting_on_as_long_as_the_policy_says(recorder: Recorder) -> None:
    session = ServerSession(recorder, Policy(idle_seconds=7.0))
    assert (session.awaits, session.wait_number, session.peer) == (7.0, 0, "")
    session.start()
    assert (session.awaits, session.wait_number) == (7.0, 0)


def test_a_whole_command_begins_a_wait_and_a_piece_of_one_does_not(recorder: Recorder) -> None:
    session = ServerSession(recorder, Policy())
    session.start()
    pieces = [(b"N", 0), (b"O", 0), (b"OP\r", 0), (b"\n", 1), (b"NOOP\r\nNO", 2), (b"OP\r\nFOO\r\n", 3), (b"\r", 3)]
    for piece, number in pieces:
        session.receive(piece)
        assert session.wait_number == number


def test_each_piece_of_a_message_begins_a_wait(recorder: Recorder) -> None:
    session = ServerSession(recorder, Policy())
    session.start()
    session.receive(b"HELO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n")
    for number, piece in enumerate([b"H", b"i\r", b"\n", b".", b"\r", b"\n"], start=2):
        session.receive(piece)
        assert session.wait_number == number
    session.receive(b"QUI")
    assert session.wait_number == 7


def test_client_is_awaited_anew_when_a_task_has_ended(at_work: ServerSession) -> None:
    waits = at_work.wait_number
    for number, task in enumerate(TASKS, start=1):
        at_work.finish(task.outcome())
        assert at_work.wait_number == waits + number


def test_client_that_is_silent_too_long_is_told_421(with_recipient: RawClient, recorder: Recorder) -> None:
    session = with_recipient.stream.session
    session.timed_out()
    assert with_recipient.replies() == [
        "421 4.4.2 lab.example waited 300 seconds for a whole line; closing the connection"
    ]
    assert (session.closed, session.awaits) == (True, None)
    assert recorder.said == ["forget"]
    session.timed_out()
    assert session.data_to_send() == b""


def test_client_that_waits_for_a_job_is_not_silent(at_work: ServerSession) -> None:
    at_work.timed_out()
    assert not at_work.closed
    for task in TASKS:
        at_work.finish(task.outcome())
    assert _said(at_work) == ["250", "250"]


def test_session_beyond_the_limit_is_greeted_with_421(recorder: Recorder) -> None:
    for others, code in ((1, "220"), (2, "421")):
        session = ServerSession(recorder, Policy(max_sessions=2))
        session.start(others)
        assert _said(session) == [code]
        assert session.closed is (code == "421")


def test_going_on_when_nothing_waits_does_nothing(ready: RawClient) -> None:
    session = ready.stream.session
    session.go_on()
    assert (session.data_to_send(), session.halted) == (b"", False)


# The roles swapped


@pytest.fixture
def turned(ready: RawClient, recorder: Recorder) -> ServerSession:
    """A session that has taken TURN, and is the client now."""
    recorder.turn = lambda session: replies.OK
    assert ready.say("TURN").startswith("250")
    session: ServerSession = ready.stream.session
    return session


def test_refused_turn_swaps_nothing(ready: RawClient) -> None:
    assert ready.say("TURN").startswith("502")
    assert ready.stream.session.state is State.READY
    assert ready.say("NOOP").startswith("250")


def test_turned_server_says_helo_and_leaves_for_it_has_no_mail(turned: ServerSession) -> None:
    assert turned.state is State.CONNECTED
    for answer, said in ((b"220 x\r\n", b"HELO lab.example\r\n"), (b"250 x\r\n", b"QUIT\r\n"), (b"221 x\r\n", b"")):
        assert not turned.closed
        turned.receive(answer)
        assert turned.data_to_send() == said
    assert turned.closed
    assert turned.state is State.CLOSED


def test_turned_server_hears_the_greeting_that_came_with_turn(ready: RawClient, recorder: Recorder) -> None:
    recorder.turn = lambda session: replies.OK
    ready.send(b"TURN\r\n220 x\r\n")
    assert ready.stream.session.data_to_send() == b"250 2.0.0 Ok\r\nHELO lab.example\r\n"


@pytest.mark.parametrize(
    "answers",
    [[b"554 no\r\n", b"221 x\r\n"], [b"220 x\r\n", b"502 no\r\n", b"550 no\r\n"], [b"220 x\r\n", b"421 x\r\n"]],
)
def test_turned_server_leaves_after_any_refusal(turned: ServerSession, answers: list[bytes]) -> None:
    for answer in answers:
        assert not turned.closed
        turned.receive(answer)
    assert turned.closed
    expected = [b"HELO lab.example\r\n"] if answers[0].startswith(b"220") else []
    expected += [] if answers[-1].startswith(b"421") else [b"QUIT\r\n"]
    assert turned.data_to_send() == b"".join(expected)


@pytest.mark.parametrize(
    ("octets", "waits"),
    [(b"220", 0), (b"220 a greeting that never ends", 0), (b"220-one\r\n220-two\r\n", 0), (b"220 x\r\n250", 1)],
)
def test_octets_of_an_unfinished_reply_after_turn_begin_no_new_wait(
    turned: ServerSession, octets: bytes, waits: int
) -> None:
    before = turned.wait_number
    for place in range(len(octets)):
        turned.receive(octets[place : place + 1])
    assert turned.wait_number - before == waits


@pytest.mark.parametrize("octets", [b"hello\r\n", b""], ids=["no reply", "the end"])
def test_turned_server_leaves_what_does_not_speak_smtp_or_is_gone(turned: ServerSession, octets: bytes) -> None:
    turned.receive(octets)
    assert (turned.closed, turned.data_to_send()) == (True, b"")


@pytest.mark.parametrize("end", [ServerSession.timed_out, lambda session: session.hang_up(replies.SHUTTING_DOWN)])
def test_turned_server_ends_without_a_word_because_clients_send_no_replies(turned: ServerSession, end: Any) -> None:
    end(turned)
    assert (turned.closed, turned.data_to_send()) == (True, b"")


# Ends of a message that are none


@pytest.mark.parametrize(
    "false_end",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r.\r",
        b"\r\n.\r",
        b"\r.\r\n",
        b"\n.\r",
        b"\r\n\0.\r\n",
        b"\r\n.\0\r\n",
        b"\n\n.\r\n",
    ],
)
def test_nothing_is_smuggled_in_behind_a_false_end(false_end: bytes) -> None:
    second = b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<bob@lab.example>\r\nDATA\r\nSubject: evil\r\n\r\n"
    content = b"Subject: x\r\n\r\nx" + false_end + second
    for strict, code in ((False, "250"), (True, "554")):
        handler = mail_host()
        client = in_memory(handler, Policy(strict=strict))
        client.open_data()
        client.send(content + b".\r\n")
        reply = client.reply()
        kept = [behind_the_trace(stored) for stored in handler.store.messages("alice")]
        assert reply[:3] == code
        assert kept == ([content.replace(b"\r\n.", b"\r\n")] if reply.startswith("250") else [])
        assert handler.store.messages("bob") == []
        assert client.say("NOOP").startswith("250")


# Limits


def test_declared_size_beyond_the_limit_is_refused_at_once(recorder: Recorder) -> None:
    client = in_memory(recorder, Policy(offer={"SIZE": "1000"}))
    client.reply()
    assert client.say("EHLO c.example", "MAIL FROM:<> SIZE=1001").startswith("552")
    assert client.say("MAIL FROM:<> SIZE=1000").startswith("250")


def test_message_beyond_the_limit_is_refused_after_its_end_and_forgotten() -> None:
    store = ForgettingStore()
    client = in_memory(mail_host(store=store), Policy(offer={"SIZE": "1000"}))
    client.open_data()
    client.send(b"x" * 999 + b"\r\n")
    assert store.open_drafts == 1
    assert client.say(".").startswith("552")
    assert store.open_drafts == 0
    assert client.say(*ENVELOPE, "DATA").startswith("354")
    client.send(b"x" * 998 + b"\r\n")
    assert client.say(".").startswith("250")
    assert len(store.messages("alice")) == 1


def test_hundred_recipients_are_taken_and_the_next_is_asked_to_wait(ready: RawClient, recorder: Recorder) -> None:
    ready.say("MAIL FROM:<>")
    codes = [ready.say(f"RCPT TO:<user{number}@lab.example>")[:3] for number in range(102)]
    assert codes == ["250"] * 100 + ["452"] * 2
    ready.say("DATA", ".")
    assert recorder.said == ["deliver 0 octets to 100"]


def test_wrong_commands_are_counted_and_too_many_end_the_session(recorder: Recorder) -> None:
    client = in_memory(recorder, Policy(max_errors=3))
    client.reply()
    assert client.say("DATA").startswith("503")
    assert client.say("VERFY").startswith("500")
    assert client.say("HELO").startswith("501")
    assert client.say("NOOP").startswith("250")
    assert client.say("VERFY") == "421 lab.example counted 3 errors; closing the connection"
    assert client.reply() == ""


def test_what_follows_a_refused_command_in_a_group_is_no_error_of_the_client(recorder: Recorder) -> None:
    recorder.mail = lambda session, opening: Reply(550, "not you")
    client = in_memory(recorder, Policy(max_errors=3))
    client.reply()
    client.say("EHLO c.example")
    for _ in range(5):
        client.send(b"MAIL FROM:<>\r\nRCPT TO:<alice@lab.example>\r\nDATA\r\n")
        assert [client.reply()[:3] for _ in range(3)] == ["550", "503", "503"]


@pytest.mark.parametrize("opening", ["MAIL FROM:<> SIZE=9999", "MAIL FROM:<>x"])
def test_what_follows_a_wrong_command_in_a_group_is_no_error_either(recorder: Recorder, opening: str) -> None:
    client = in_memory(recorder, Policy(offer={"PIPELINING": "", "SIZE": "1000"}, max_errors=3))
    client.reply()
    client.say("EHLO c.example")
    for _ in range(3):
        client.send(f"{opening}\r\nRCPT TO:<alice@lab.example>\r\nDATA\r\n".encode())
        assert [client.reply()[0] for _ in range(3)] == ["5", "5", "5"]
    assert client.say("NOOP").startswith("250")


def test_what_follows_a_refused_recipient_in_a_group_is_no_error_of_the_client() -> None:
    client = in_memory(mail_host(), Policy(max_errors=3))
    client.reply()
    client.say("EHLO c.example", "MAIL FROM:<>")
    for _ in range(5):
        client.send(b"RCPT TO:<nobody@lab.example>\r\nDATA\r\n")
        assert [client.reply()[:3] for _ in range(2)] == ["550", "503"]


def test_sender_who_is_accepted_ends_what_was_excused_before(recorder: Recorder) -> None:
    client = in_memory(recorder, Policy(max_errors=3))
    client.send(b"EHLO c.example\r\nMAIL FROM:<>x\r\nMAIL FROM:<>\r\n" + b"DATA\r\n" * 10)
    assert _codes(client) == ["220", "250", "501", "250", "503", "503", "421"]


def test_refusal_says_what_is_wrong(ready: RawClient) -> None:
    assert "VERFY" in ready.say("VERFY alice")
    ready.say("MAIL FROM:<>", *["RCPT TO:<alice@lab.example>"] * 100)
    assert "100" in ready.say("RCPT TO:<alice@lab.example>")


def test_client_that_does_not_pipeline_is_excused_nothing(recorder: Recorder) -> None:
    recorder.mail = lambda session, opening: Reply(550, "not you")
    for hello in ("HELO c.example", "EHLO c.example"):
        client = in_memory(recorder, Policy(offer={}, max_errors=3))
        client.send(f"{hello}\r\nMAIL FROM:<>\r\n".encode() + b"DATA\r\n" * 10)
        assert _codes(client) == ["220", "250", "550", "503", "503", "503", "421"]


def test_word_that_is_no_verb_is_quoted_in_ascii(ready: RawClient) -> None:
    reply = ready.say("V\u00d6RFY alice")
    assert reply.startswith("500")
    assert "\\xd6" in reply


def test_wrong_sequence_without_a_refused_command_before_is_an_error(recorder: Recorder) -> None:
    client = in_memory(recorder, Policy(max_errors=3))
    client.send(b"EHLO c.example\r\n" + b"DATA\r\n" * 10)
    assert _codes(client) == ["220", "250", "503", "503", "503", "421"]


def test_only_as_much_as_a_group_can_hold_is_excused(recorder: Recorder) -> None:
    recorder.mail = lambda session, opening: Reply(550, "not you")
    client = in_memory(recorder, Policy(max_errors=3))
    client.send(b"EHLO c.example\r\nMAIL FROM:<>\r\n" + b"DATA\r\n" * 1100)
    assert _codes(client) == ["220", "250", "550", *["503"] * 1000, *["503"] * 3, "421"]


def test_recipients_that_are_unknown_are_no_errors_of_the_client() -> None:
    client = in_memory(mail_host(), Policy(max_errors=3))
    client.reply()
    client.say("HELO c.example", "MAIL FROM:<>")
    assert {client.say("RCPT TO:<nobody@lab.example>")[:3] for _ in range(20)} == {"550"}


@pytest.mark.parametrize("rest", [b"QUIT\r\n", b""], ids=["QUIT", "the end"])
def test_many_commands_at_once_are_answered_in_portions(recorder: Recorder, rest: bytes) -> None:
    session = ServerSession(recorder, Policy())
    session.start()
    session.receive(b"HELP\r\n" * 20_000 + rest)
    session.receive(b"")
    said = b""
    while portion := session.data_to_send():
        assert len(portion) < 66 * 1024
        assert session.closed or len(portion) > 64 * 1024
        assert session.halted or session.closed
        said += portion
        session.go_on()
    assert (session.closed, session.halted) == (True, False)
    assert said.count(b"\r\n211 ") == 20_000
    assert said.count(b"\r\n221 ") == bool(rest)


def test_many_commands_at_once_are_all_answered_in_memory_too(recorder: Recorder) -> None:
    client = in_memory(recorder)
    client.send(b"HELP\r\n" * 20_000 + b"MAIL FROM:<>\r\nHELO c.example\r\n")
    client.send(b"MAIL FROM:<>\r\nRCPT TO:<alice@lab.example>\r\nDATA\r\n.\r\n" * 2)
    client.send(b"QUIT\r\n")
    assert _codes(client) == [*("220", *["211"] * 20_000, "503", "250", *("250", "250", "354", "250") * 2, "221")]


def test_what_comes_while_commands_wait_is_answered_behind_them(recorder: Recorder) -> None:
    session = ServerSession(recorder, Policy())
    session.start()
    session.receive(b"HELP\r\n" * 2_000)
    said = session.data_to_send()
    session.receive(b"QUIT\r\n")
    assert (session.data_to_send(), session.halted) == (b"", True)
    while session.halted:
        session.go_on()
        said += session.data_to_send()
    assert said.count(b"\r\n211 ") == 2_000
    assert said.splitlines()[-1].startswith(b"221")


def test_session_that_ends_while_commands_wait_waits_for_nothing_more(recorder: Recorder) -> None:
    session = ServerSession(recorder, Policy())
    session.start()
    session.receive(b"HELP\r\n" * 20_000)
    assert session.halted
    session.timed_out()
    assert (session.closed, session.halted) == (True, False)
    session.data_to_send()
    session.go_on()
    assert session.data_to_send() == b""


def test_client_that_leaves_without_reading_ends_the_session(recorder: Recorder) -> None:
    client = in_memory(recorder)
    client.send(b"HELP\r\n" * 20_000)
    client.close()
    assert client.stream.session.closed


# Handlers that break


def _break(*_: object) -> Reply:
    raise RuntimeError("broken on purpose")


@pytest.mark.parametrize(
    ("method", "before", "line"),
    [
        ("helo", [], "HELO c.example"),
        ("mail", ["HELO c.example"], ENVELOPE[0]),
        ("rcpt", ["HELO c.example", ENVELOPE[0]], ENVELOPE[1]),
        ("data", ["HELO c.example", *ENVELOPE], "DATA"),
        ("deliver", ["HELO c.example", *ENVELOPE, "DATA"], "."),
        ("verify", [], "VRFY alice"),
        ("expand", [], "EXPN staff"),
        ("help", [], "HELP"),
        ("turn", ["HELO c.example"], "TURN"),
    ],
)
def test_broken_handler_is_a_local_error_and_the_session_goes_on(
    recorder: Recorder, caplog: pytest.LogCaptureFixture, method: str, before: list[str], line: str
) -> None:
    client = in_memory(recorder)
    client.reply()
    client.say(*before)
    setattr(recorder, method, _break)
    assert client.say(line).startswith("451")
    delattr(recorder, method)
    assert [record.exc_info[1].args for record in caplog.records] == [("broken on purpose",)]
    assert client.say("RSET", "HELO c.example", *ENVELOPE, "DATA", ".").startswith("250")


def test_broken_handler_at_the_greeting_ends_the_session_with_421(recorder: Recorder, caplog) -> None:
    recorder.connect = _break
    assert in_memory(recorder).replies() == ["421 lab.example is shutting down; try again later"]
    assert len(caplog.records) == 1


def test_broken_handler_amid_the_message_ends_the_session_with_421(
    in_data: RawClient, recorder: Recorder, caplog
) -> None:
    recorder.content = _break
    in_data.send(b"more\r\n")
    assert in_data.replies() == ["421 4.3.2 lab.example is shutting down; try again later"]
    assert recorder.said == ["content", "forget"]
    assert len(caplog.records) == 1


@pytest.mark.parametrize("method", ["deliver", "_deliver"], ids=["before its work", "in its work"])
def test_message_whose_delivery_breaks_is_forgotten(method: str, caplog: pytest.LogCaptureFixture) -> None:
    store = ForgettingStore()
    handler = mail_host(store=store)
    setattr(handler, method, _break)
    client = in_memory(handler)
    client.open_data()
    assert client.say("Subject: x\r\n\r\nx\r\n.").startswith("451")
    assert store.open_drafts == 0
    assert store.messages("alice") == []
    assert client.say("MAIL FROM:<>").startswith("250")
    assert len(caplog.records) == 1


def test_handler_that_cannot_even_forget_does_not_break_the_session(with_recipient, recorder, caplog) -> None:
    recorder.forget = _break
    assert with_recipient.say("RSET").startswith("250")
    assert with_recipient.say(*ENVELOPE).startswith("250")
    with_recipient.close()
    assert len(caplog.records) == 2


@pytest.mark.parametrize("reply", [replies.OK, Reply(450, "x"), replies.START_MAIL])
def test_answer_that_is_impossible_is_a_local_error(with_recipient, recorder, caplog, reply: Reply) -> None:
    """DATA cannot be answered with 250, nor MAIL or NOOP with 354."""
    recorder.data = recorder.verify = lambda *_: reply
    for line, impossible in (("VRFY alice", {354}), ("DATA", {250})):
        expected = 451 if reply.code in impossible else reply.code
        assert with_recipient.say(line)[:3] == str(expected)
    assert len(caplog.records) == (0 if reply.code == 450 else 1)


def test_only_the_log_hears_of_a_broken_handler(recorder: Recorder, capfd: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("smtplab")
    logger.addHandler(silent := logging.NullHandler())
    try:
        recorder.verify = _break
        client = in_memory(recorder)
        client.reply()
        client.say("VRFY alice")
    finally:
        logger.removeHandler(silent)
    assert capfd.readouterr() == ("", "")


def test_a_verb_of_an_extension_that_is_not_offered_gets_502_and_its_name() -> None:
    client = in_memory(mail_host(), Policy())
    client.reply()  # the greeting
    client.say("EHLO client.example")
    for verb in ("STARTTLS", "AUTH PLAIN", "BDAT 1 LAST", "ETRN lab.example"):
        reply = client.say(verb)
        assert reply.startswith("502 ")
        assert verb.split()[0] in reply


@pytest.mark.parametrize(("line", "facts"), [("STARTTLS", {"detail", "verb"}), ("HELO", {"detail"})])
def test_whoever_words_a_502_learns_the_verb(recorder: Recorder, line: str, facts: set[str]) -> None:
    told: dict[str, str] = {}
    recorder.word = lambda session, reply, **facts: told.update(facts) or reply
    client = in_memory(recorder)
    client.reply()
    told.clear()
    client.say(line)
    assert set(told) == facts
    assert told.get("verb", line) == line


# Who watches the refusals


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        (["RCPT TO:<y@lab.example>", "RCPT TO:<z@lab.example>", "QUIT"], [["y", "z"]]),
        (["RCPT TO:<y@lab.example>"], [["y"]]),
        (["RCPT TO:<y@lab.example>", "DATA"], [["y"]]),
        (["RCPT TO:<y@lab.example>", "DATA", "Subject: x\r\n\r\n.", "QUIT"], []),
        (["RCPT TO:<y@lab.example>", "RSET", "QUIT"], []),
        (["QUIT"], []),
        ([], []),
    ],
)
def test_a_client_that_leaves_between_rcpt_and_the_end_of_a_message_is_told_once(
    recorder: Recorder, lines: list[str], left: list[list[str]]
) -> None:
    seen: list[list[str]] = []
    recorder.observe_left = lambda session, envelope: seen.append(
        [each.path.local_part for each in envelope.recipients]
    )
    client = in_memory(recorder)
    client.reply()
    client.say("EHLO c.example", "MAIL FROM:<a@c.example>")
    for line in lines:
        client.say(line)
    client.stream.session.abandon()
    assert seen == left


def test_who_watches_the_clients_and_breaks_changes_no_reply(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(session: ServerSession, envelope: Envelope) -> None:
        raise RuntimeError("out of paper")

    recorder.observe_left = broken
    client = in_memory(recorder)
    client.reply()
    client.say("EHLO c.example", "MAIL FROM:<a@c.example>", "RCPT TO:<y@lab.example>")
    assert client.say("QUIT").startswith("221")
    client.stream.session.abandon()
    assert "out of paper" in caplog.text


def test_each_refusal_is_told_with_what_was_refused_and_the_reply(recorder: Recorder) -> None:
    seen: list[tuple[str, str, int]] = []
    recorder.observe_refused = lambda session, what, reply: seen.append((session.peer, what, reply.code))
    recorder.rcpt = lambda session, envelope, rcpt: replies.NO_SUCH_MAILBOX if rcpt.path.local_part == "x" else ok  # type: ignore[method-assign]
    recorder.deliver = lambda session, envelope: replies.LOCAL_ERROR  # type: ignore[method-assign]
    ok = replies.RECIPIENT_OK
    client = in_memory(recorder)
    client.reply()
    client.say("EHLO c.example", "MAIL FROM:<a@c.example>", "RCPT TO:<x@lab.example>", "RCPT TO:<y@lab.example>")
    client.say("DATA")
    client.say("Subject: x\r\n.")
    recorder.mail = lambda session, opening: replies.LOCAL_ERROR  # type: ignore[method-assign]
    client.say("MAIL FROM:<b@c.example>")
    client.say("MAIL FROM:<b@c.example> SIZE=99999999999")
    client.say("QUIT")
    assert seen == [
        ("192.0.2.7", "RCPT <x@lab.example>", 550),
        ("192.0.2.7", "the message from <a@c.example>", 451),
        ("192.0.2.7", "MAIL <b@c.example>", 451),
        ("192.0.2.7", "a command", 552),
    ]


def test_commands_out_of_sequence_and_the_end_of_the_host_are_not_told() -> None:
    handler, seen = mail_host(), []
    handler.observe_refused = lambda session, what, reply: seen.append((what, reply.code))
    client = in_memory(handler)
    client.reply()
    client.say("EHLO c.example")
    client.send(b"MAIL FROM:<a@@c>\r\nRCPT TO:<alice@lab.example>\r\nDATA\r\n")
    assert [client.reply()[:3] for _ in range(3)] == ["501", "503", "503"]
    assert seen == [("a command", 501)]
    client.stream.session.hang_up(replies.SHUTTING_DOWN)
    assert seen == [("a command", 501)]


def test_a_session_that_is_sent_away_is_told() -> None:
    handler, seen = mail_host(), []
    handler.observe_refused = lambda session, what, reply: seen.append((what, reply.code))
    ServerSession(handler, Policy(max_sessions=1)).start(others=1)
    assert seen == [("the session", 421)]


def test_who_watches_the_refusals_and_breaks_changes_no_reply(
    recorder: Recorder, ready: RawClient, caplog: pytest.LogCaptureFixture
) -> None:
    recorder.observe_refused = lambda session, what, reply: 1 / 0  # type: ignore[assignment, return-value]
    assert ready.say("XYZZY").startswith("500")
    assert "refusals" in caplog.text
