"""The client's driver alone: what it says, what it makes of the answers, and what it waits for. No socket, no clock."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from smtplab.client.operations import SOME
from smtplab.client.outcomes import (
    ConnectionLost,
    Delivery,
    OutcomeUnknown,
    ServiceRefused,
    Timeouts,
    Unsupported,
)
from smtplab.client.session import DeliverySession
from smtplab.protocol.commands import Noop
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import LocalProtocolError, RemoteProtocolError, Reply
from smtplab.protocol.states import State
from support.octets import byte_by_byte
from support.scripted_server import ScriptedServer, assert_same_however_cut, at, play, whole

CONTENT = b"Subject: x\r\n\r\n.x\r\n"
SENDER, ALICE, BOB = "someone@client.example", "alice@lab.example", "bob@lab.example"
GREETING, OK, GO_ON, BYE = b"220 odd.example\r\n", b"250 ok\r\n", b"354 go on\r\n", b"221 bye\r\n"
NO, LATER, GOING_DOWN = b"550 no\r\n", b"450 later\r\n", b"421 going down\r\n"
# The answer to EHLO, one for each way in which the client then sends.
ONE_BY_ONE, PIPELINED = b"250 odd.example\r\n", b"250-odd.example\r\n250 PIPELINING\r\n"
EVERYTHING = b"250-odd.example\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
TAKEN = (OK, OK, GO_ON, OK)  # MAIL, RCPT, DATA and the message

HELLOS = pytest.mark.parametrize("hello", [ONE_BY_ONE, PIPELINED], ids=["one by one", "pipelined"])


def deliver(*recipients: str, sender: str = SENDER, content: bytes = CONTENT) -> Any:
    """Return the step that delivers a message."""
    return lambda session: session.deliver(sender, recipients or (ALICE,), content)


def ask(*recipients: str) -> Any:
    """Return the step that asks whether a message would be taken."""
    return lambda session: session.ask(SENDER, recipients or (ALICE,), CONTENT)


def command(line: Any) -> Any:
    """Return the step that sends one command."""
    return lambda session: session.command(line)


def mail(*recipients: str, content: bytes = CONTENT) -> tuple[str, tuple[str, ...], bytes]:
    """Return a message as a batch takes it."""
    return SENDER, recipients or (ALICE,), content


def deliver_all(*mails: Any) -> list[Any]:
    """Return the steps that deliver messages one after the other, and find out that there is no other."""
    batches: dict[DeliverySession, Any] = {}

    def step(session: DeliverySession) -> None:
        if session not in batches:
            batches[session] = session.batch(mails)
        session.deliver_next(batches[session])

    return [step] * (len(mails) + 1)


quit_, leave = DeliverySession.quit, DeliverySession.leave


def accepted(delivery: Delivery) -> list[str]:
    """Return the addresses that get the message."""
    return [path.address for path in delivery.accepted]


def refused(delivery: Delivery) -> list[tuple[str, int]]:
    """Return the addresses that do not, each with its code."""
    return [(path.address, reply.code) for path, reply in delivery.refused]


def verbs(said: list[bytes]) -> list[bytes]:
    """Return the verbs of the lines outside messages."""
    return [line.split()[0] for line in said if line[:4].isupper()]


# The ladder: a session that has said something and waits for the answer; its name says what was answered last


def ready(hello: bytes = ONE_BY_ONE, **options: Any) -> DeliverySession:
    """A session that has been greeted and has said EHLO."""
    session: DeliverySession = play((GREETING, hello), server="the host", **options).session
    return session


def hear(session: DeliverySession, *answers: bytes) -> None:
    """Give the server's answers, each once the session has sent what it has to say."""
    for answer in answers:
        session.data_to_send()
        session.receive(answer)


def session_at(stage: str, hello: bytes = ONE_BY_ONE, **options: Any) -> DeliverySession:
    """A session that delivers a message and waits for the answer at a stage."""
    if stage in ("greeting", "EHLO"):
        session = DeliverySession("client.example", server="the host", **options)
        session.open()
        if stage == "EHLO":
            session.receive(GREETING)
        session.data_to_send()
        return session
    session = ready(hello, **options)
    if stage == "QUIT":
        session.quit()
    else:
        session.deliver(SENDER, [ALICE], CONTENT)
    session.data_to_send()
    for answer in TAKEN[: ("MAIL", "RCPT", "DATA", "message", "QUIT").index(stage) % 4]:
        session.receive(answer)
        session.data_to_send()
    assert session.busy
    return session


STAGES = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "message")


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> str:
    """What the client waits for when something goes wrong; it sends one by one."""
    name: str = request.param
    return name


def lost(session: DeliverySession) -> str:
    """Return the sentence with which an operation failed: unknown after the end of the message, else lost."""
    with pytest.raises((ConnectionLost, OutcomeUnknown)) as error:
        session.outcome()
    assert session.closed
    assert not session.busy
    assert session.state is State.CLOSED
    return str(error.value)


# A session from the greeting on


def test_new_session_says_nothing_and_waits_for_nothing() -> None:
    session = DeliverySession("client.example")
    assert (session.data_to_send(), session.awaits, session.busy, session.closed) == (b"", None, False, False)
    assert (session.state, session.wait_number, session.server) == (State.CONNECTED, 0, "the server")


@pytest.mark.parametrize("helo", ["", "a b", "x\r\nQUIT", "xn--ü.example", "a..ü"])
def test_wrong_name_of_the_client_makes_no_session(helo: str) -> None:
    with pytest.raises(LocalProtocolError):
        DeliverySession(helo)


def test_client_says_nothing_before_it_is_greeted() -> None:
    session = session_at("greeting")
    assert session.busy
    session.receive(b"220-odd.example\r\n")
    assert session.data_to_send() == b""
    session.receive(b"220 greets\r\n")
    assert session.data_to_send() == b"EHLO client.example\r\n"


def test_session_is_open_once_ehlo_was_answered() -> None:
    ending = assert_same_however_cut((b"220-odd\r\n220 greets\r\n", EVERYTHING))
    assert ending.results == [None]
    assert dict(ending.session.extensions) == {"PIPELINING": "", "SIZE": "1000", "8BITMIME": "", "SMTPUTF8": ""}
    assert ending.session.state is State.READY
    assert not ending.session.closed


@pytest.mark.parametrize("code", [500, 502, 550])
def test_server_that_refuses_ehlo_is_told_helo(code: int) -> None:
    ending = assert_same_however_cut((GREETING, b"%d what?\r\n" % code, OK, *TAKEN), deliver())
    assert ending.lines[:3] == [
        b"EHLO client.example\r\n",
        b"HELO client.example\r\n",
        b"MAIL FROM:<someone@client.example>\r\n",
    ]
    assert ending.result.complete


def test_a_session_that_is_closed_between_two_operations_keeps_the_last_outcome() -> None:
    session = DeliverySession("client.example")
    session.open()
    for answer in (b"220 x\r\n", b"250 x\r\n"):
        session.data_to_send()
        session.receive(answer)
    session.close()
    assert (session.outcome(), session.closed, session.data_to_send()) == (None, True, b"")


@pytest.mark.parametrize("code", [421, 450, 554])
def test_greeting_that_refuses_is_told_and_answered_with_quit(code: int) -> None:
    ending = assert_same_however_cut((b"%d no mail today\r\n" % code, BYE))
    assert ending.result[0] is ServiceRefused
    assert "now" in ending.result[1]
    assert ending.lines == ([] if code == 421 else [b"QUIT\r\n"])
    assert ending.session.closed


def test_service_that_is_refused_carries_its_reply() -> None:
    session = session_at("greeting")
    session.receive(b"554 no mail today\r\n")
    session.receive(b"")
    with pytest.raises(ServiceRefused) as error:
        session.outcome()
    assert error.value.reply == Reply(554, "no mail today")
    assert error.value.permanent


def test_server_that_refuses_both_is_left_with_quit() -> None:
    ending = assert_same_however_cut((GREETING, b"502 no\r\n", b"550 never\r\n", BYE))
    assert ending.result[0] is ServiceRefused
    assert "550 never" in ending.result[1]
    assert verbs(ending.lines) == [b"EHLO", b"HELO", b"QUIT"]


@pytest.mark.parametrize("answers", [(GOING_DOWN,), (b"502 no\r\n", GOING_DOWN)], ids=["EHLO", "HELO"])
def test_server_that_ends_the_session_at_ehlo_or_helo_is_told(answers: tuple[bytes, ...]) -> None:
    ending = assert_same_however_cut((GREETING, *answers))
    assert ending.result[0] is ServiceRefused
    assert "EHLO: 421" in ending.result[1]
    assert b"QUIT" not in verbs(ending.lines)


@pytest.mark.parametrize("again", ["while it waits", "once it is open", "once it has ended"])
def test_session_is_opened_once(again: str) -> None:
    session = session_at("greeting") if again == "while it waits" else ready()
    if again == "once it has ended":
        session.close()
    with pytest.raises(LocalProtocolError):
        _open_again(session)
    assert session.data_to_send() == b""
    assert session.busy is (again == "while it waits")


def _open_again(session: DeliverySession) -> None:
    session.open()
    session.outcome()


# One message


@HELLOS
def test_message_is_delivered_to_every_recipient(hello: bytes) -> None:
    ending = assert_same_however_cut(
        (GREETING, hello, OK, OK, OK, GO_ON, b"250-kept\r\n250 ok\r\n"), deliver(ALICE, BOB)
    )
    delivery = ending.result
    assert delivery.complete
    assert accepted(delivery) == [ALICE, BOB]
    assert delivery.reply == Reply(250, ("kept", "ok"))
    assert b"".join(ending.lines[1:]) == (
        b"MAIL FROM:<someone@client.example>\r\nRCPT TO:<alice@lab.example>\r\nRCPT TO:<bob@lab.example>\r\n"
        b"DATA\r\nSubject: x\r\n\r\n..x\r\n.\r\n"
    )
    assert ending.session.state is State.READY


def test_commands_go_out_one_by_one_unless_the_server_pipelines() -> None:
    for hello, expected in ((ONE_BY_ONE, [1, 1, 1, 1, 4]), (PIPELINED, [1, 3, 4])):
        ending = play((GREETING, hello, *TAKEN), deliver())
        assert [len(piece.splitlines()) for piece in ending.said] == expected


@pytest.mark.parametrize(
    ("recipients", "groups"),
    [(1, [3]), (198, [200]), (199, [200, 1]), (200, [200, 2]), (398, [200, 200]), (399, [200, 200, 1])],
)
def test_group_has_so_many_commands_that_their_replies_fit_into_the_buffers(recipients: int, groups: list[int]) -> None:
    ending = play((GREETING, PIPELINED, OK, *[OK] * recipients, GO_ON, OK), deliver(*[ALICE] * recipients))
    assert [len(piece.splitlines()) for piece in ending.said[1:-1]] == groups
    assert len(ending.result.accepted) == recipients


@HELLOS
def test_refused_recipient_is_told_and_the_others_get_the_message(hello: bytes) -> None:
    answers = (GREETING, hello, OK, OK, b"550-no\r\n550-no\r\n550 no\r\n", LATER, GO_ON, OK)
    ending = assert_same_however_cut(answers, deliver(ALICE, BOB, "carol@lab.example"))
    assert accepted(ending.result) == [ALICE]
    assert refused(ending.result) == [(BOB, 550), ("carol@lab.example", 450)]
    assert ending.result.refused[0][1] == Reply(550, ("no", "no", "no"))
    assert not ending.result.complete
    assert ending.session.state is State.READY


@pytest.mark.parametrize(
    ("hello", "answers"),
    [(ONE_BY_ONE, (NO, NO, OK)), (PIPELINED, (NO, NO, b"503 no\r\n", OK))],
    ids=["one by one", "pipelined"],
)
def test_all_recipients_refused_take_the_message_back_with_rset(hello: bytes, answers: tuple[bytes, ...]) -> None:
    ending = assert_same_however_cut((GREETING, hello, OK, *answers, *TAKEN), deliver(ALICE, BOB), deliver())
    first, second = ending.results[1:]
    assert (refused(first), accepted(first)) == ([(ALICE, 550), (BOB, 550)], [])
    assert b"RSET" in verbs(ending.lines)
    assert second.complete


@HELLOS
def test_who_leaves_after_the_message_does_not_wait_for_rset_after_a_refusal(hello: bytes) -> None:
    answers = (NO, b"503 no\r\n") if hello is PIPELINED else (NO,)
    leave = lambda session: session.deliver(SENDER, (ALICE,), CONTENT, leaving=True)  # noqa: E731
    ending = assert_same_however_cut((GREETING, hello, OK, *answers), leave)
    assert refused(ending.results[1]) == [(ALICE, 550)]
    assert b"RSET" not in verbs(ending.lines)


@HELLOS
def test_refused_sender_is_told_and_the_session_goes_on_without_rset(hello: bytes) -> None:
    behind = (b"503 no\r\n",) * 2 if hello is PIPELINED else ()
    ending = assert_same_however_cut((GREETING, hello, NO, *behind, *TAKEN), deliver(), deliver())
    assert ending.results[1] == Delivery(Reply(550, "no"), consequences=(Reply(503, "no"),) * len(behind))
    assert b"RSET" not in verbs(ending.lines)
    assert ending.result.complete


@HELLOS
@pytest.mark.parametrize("code", [450, 554])
def test_refused_data_is_refused_for_every_recipient(hello: bytes, code: int) -> None:
    answers = (OK, OK, NO, b"%d no\r\n" % code, OK)
    ending = assert_same_however_cut((GREETING, hello, *answers, *TAKEN), deliver(ALICE, BOB), deliver())
    assert refused(ending.results[1]) == [(ALICE, code), (BOB, 550)]
    assert b"RSET" in verbs(ending.lines)
    assert ending.result.complete


@HELLOS
@pytest.mark.parametrize("code", [452, 554])
def test_refused_message_is_refused_for_every_recipient(hello: bytes, code: int) -> None:
    answers = (OK, OK, NO, GO_ON, b"%d no\r\n" % code)
    ending = assert_same_however_cut((GREETING, hello, *answers, *TAKEN), deliver(ALICE, BOB), deliver())
    assert refused(ending.results[1]) == [(ALICE, code), (BOB, 550)]
    assert b"RSET" not in verbs(ending.lines)
    assert ending.result.complete


@pytest.mark.parametrize("answers", [(NO, OK), (OK, NO)], ids=["the sender refused", "the recipient refused"])
def test_message_that_no_recipient_gets_is_a_lone_dot_after_354(answers: tuple[bytes, ...]) -> None:
    ending = assert_same_however_cut((GREETING, PIPELINED, *answers, GO_ON, b"554 no recipients\r\n"), deliver())
    assert ending.said[-1] == b".\r\n"
    assert not ending.result.complete
    assert accepted(ending.result) == []


@HELLOS
@pytest.mark.parametrize("position", range(5), ids=["MAIL", "first RCPT", "second RCPT", "DATA", "message"])
def test_421_is_a_refusal_for_every_recipient_who_was_answered(hello: bytes, position: int) -> None:
    answers = (OK, OK, OK, GO_ON, OK)[:position]
    ending = assert_same_however_cut((GREETING, hello, *answers, GOING_DOWN), deliver(ALICE, BOB))
    delivery = ending.result
    assert accepted(delivery) == []
    assert ending.session.closed
    assert b"RSET" not in verbs(ending.lines)
    if position == 0:
        assert delivery == Delivery(Reply(421, "going down"))
        return
    assert refused(delivery) == [(name, 421) for name in [ALICE, BOB][:position]]
    assert [path.address for path in delivery.unanswered] == [ALICE, BOB][position:]
    assert delivery.reply == Reply(421, "going down")
    assert not delivery.complete


@pytest.mark.parametrize("end", [(), (GOING_DOWN,), (b"what?\r\n",), (GO_ON,)])
@pytest.mark.parametrize("refusal", [(NO,), (OK, NO)], ids=["RCPT", "DATA"])
def test_refusal_is_told_whatever_comes_of_the_rset_behind_it(refusal: tuple[bytes, ...], end: Any) -> None:
    ending = assert_same_however_cut((GREETING, ONE_BY_ONE, OK, *refusal, *end), deliver())
    assert refused(ending.result) == [(ALICE, 550)]
    assert verbs(ending.lines)[-1] == b"RSET"
    assert ending.session.closed


def test_message_is_declared_with_what_it_needs() -> None:
    ending = play((GREETING, EVERYTHING, *TAKEN), deliver(sender="zoë@client.example", content="ö\r\n".encode()))
    assert "MAIL FROM:<zoë@client.example> SIZE=4 BODY=8BITMIME SMTPUTF8\r\n".encode() in ending.lines


def test_null_reverse_path_is_for_bounces() -> None:
    assert b"MAIL FROM:<>\r\n" in play((GREETING, ONE_BY_ONE, *TAKEN), deliver(sender="")).lines


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (mail(content=b"\r\n\xe9\r\n"), Unsupported),
        (("zoë@client.example", [ALICE], b""), Unsupported),
        (mail(content=b"a\nb\r\n"), LocalProtocolError),
        (mail(content=b"Subject: Gr\xfc\xdfe\r\n\r\nx\r\n"), LocalProtocolError),
        ((SENDER, [], b""), LocalProtocolError),
        (mail("a b@x"), LocalProtocolError),
        (mail("x\r\nDATA"), LocalProtocolError),
        (("a@b@c", [ALICE], b""), LocalProtocolError),
    ],
)
def test_message_that_cannot_be_sent_is_not_begun(wrong: Any, kind: type[Exception]) -> None:
    session = ready()
    for begin in (session.deliver, session.ask):
        begin(*wrong)
        with pytest.raises(kind):
            session.outcome()
        assert (session.data_to_send(), session.state, session.busy) == (b"", State.READY, False)


def test_message_beyond_the_size_limit_is_not_begun() -> None:
    session = ready(EVERYTHING)
    session.deliver(*mail(content=b"x" * 999 + b"\r\n"))
    with pytest.raises(LocalProtocolError, match="1000"):
        session.outcome()
    assert session.data_to_send() == b""


# To ask, and single commands


@HELLOS
def test_asking_takes_the_transaction_back_and_sends_no_message(hello: bytes) -> None:
    ending = assert_same_however_cut((GREETING, hello, OK, OK, NO, OK, *TAKEN), ask(ALICE, BOB), deliver())
    assert refused(ending.results[1]) == [(BOB, 550)]
    assert ending.results[1].reply is None
    assert verbs(ending.lines)[1:5] == [b"MAIL", b"RCPT", b"RCPT", b"RSET"]
    assert ending.result.complete


def test_asking_about_a_refused_sender_needs_no_rset() -> None:
    ending = assert_same_however_cut((GREETING, ONE_BY_ONE, NO, *TAKEN), ask(), deliver())
    assert not ending.results[1].sender_reply.is_positive
    assert ending.result.complete


@pytest.mark.parametrize("answer", [b"250 alice\r\n", b"252 perhaps\r\n", b"550-no\r\n550 no\r\n"])
@pytest.mark.parametrize("line", ["VRFY alice", Noop()])
def test_command_returns_its_reply_positive_or_not(line: Any, answer: bytes) -> None:
    ending = assert_same_however_cut((GREETING, ONE_BY_ONE, answer, OK), command(line), command("RSET"))
    assert ending.results[1].serialize() == answer
    assert ending.result == Reply(250, "ok")


def test_illegal_command_is_not_sent() -> None:
    session = ready()
    session.command("DATA")
    with pytest.raises(LocalProtocolError, match="DATA"):
        session.outcome()
    session.command("MAIL TO:<x>")
    with pytest.raises(RemoteProtocolError):
        session.outcome()
    assert session.data_to_send() == b""
    assert not session.closed


def test_outcome_is_told_once() -> None:
    session = ready()
    session.command("NOOP")
    session.receive(OK)
    assert session.outcome() == Reply(250, "ok")
    assert session.outcome() is None
    session.command("DATA")
    with pytest.raises(LocalProtocolError):
        session.outcome()
    assert session.outcome() is None


def test_a_caller_may_take_an_error_as_a_value_once() -> None:
    session = ready()
    session.command(Noop())
    session.receive(b"")
    assert isinstance(session.outcome_or_error(), ConnectionLost)
    assert session.outcome_or_error() is None


def test_new_operation_forgets_the_outcome_of_the_one_before() -> None:
    session = ready()
    session.command("DATA")  # fails, and nobody asks
    session.command("NOOP")
    session.receive(OK)
    assert session.outcome() == Reply(250, "ok")


@pytest.mark.parametrize(
    "second", [deliver(), ask(), command("NOOP"), quit_, leave, DeliverySession.open, *deliver_all(mail())[:1]]
)
def test_second_operation_waits_for_the_end_of_the_first(second: Any) -> None:
    session = session_at("MAIL")
    with pytest.raises(LocalProtocolError, match="busy"):
        second(session)
    assert session.data_to_send() == b""
    hear(session, *TAKEN)
    assert session.outcome().complete


# The end


def test_quit_returns_its_reply_and_ends_the_session() -> None:
    ending = assert_same_however_cut((GREETING, ONE_BY_ONE, BYE), quit_)
    assert ending.result == Reply(221, "bye")
    assert ending.lines[-1] == b"QUIT\r\n"
    assert (ending.session.state, ending.session.closed) == (State.CLOSED, True)


def test_quit_ends_the_session_whatever_the_answer() -> None:
    ending = assert_same_however_cut((GREETING, ONE_BY_ONE, NO), quit_)
    assert ending.result == Reply(550, "no")
    assert (ending.session.state, ending.session.closed) == (State.CLOSED, True)


def test_quit_that_is_not_answered_says_so_and_ends_the_session() -> None:
    ending = assert_same_however_cut((GREETING, ONE_BY_ONE), quit_)
    assert ending.result[0] is ConnectionLost
    assert ending.session.closed


def test_session_that_has_ended_needs_no_quit() -> None:
    for step in (quit_, leave):
        ending = play((GREETING, ONE_BY_ONE, GOING_DOWN), deliver(), step)
        assert ending.result is None
        assert b"QUIT" not in verbs(ending.lines)


def test_session_that_has_ended_delivers_nothing_more() -> None:
    ending = assert_same_however_cut((GREETING, ONE_BY_ONE, GOING_DOWN), deliver(), deliver(), command("NOOP"))
    assert [result[0] for result in ending.results[2:]] == [LocalProtocolError] * 2
    assert "closed" in ending.result[1]


@pytest.mark.parametrize("answers", [(BYE,), (NO,), (b"what?\r\n",), ()])
def test_leaving_says_quit_and_tells_of_no_failure(answers: tuple[bytes, ...]) -> None:
    ending = assert_same_however_cut((GREETING, ONE_BY_ONE, *answers), leave)
    assert ending.result is None
    assert ending.lines[-1] == b"QUIT\r\n"
    assert ending.session.closed


@pytest.mark.parametrize(("command_seconds", "seconds"), [(300.0, 5.0), (5.0, 5.0), (1.0, 1.0)])
def test_silence_after_the_last_quit_is_not_awaited_as_long_as_other_replies(
    command_seconds: float, seconds: float
) -> None:
    session = ready(timeouts=Timeouts.all(command_seconds))
    session.leave()
    assert session.awaits == seconds
    session.timed_out()
    assert session.outcome() is None
    assert session.closed


def test_quit_waits_as_long_as_other_commands() -> None:
    assert session_at("QUIT", timeouts=Timeouts(command=7.0)).awaits == 7.0


def test_closing_says_nothing_and_an_operation_under_way_is_lost(stage: str) -> None:
    session = session_at(stage)
    session.close()
    assert session.data_to_send() == b""
    sentence = lost(session)
    assert "closed" in sentence
    assert ("not known" in sentence) is (stage == "message")


def test_closing_an_idle_session_ends_it() -> None:
    session = ready()
    session.close()
    session.close()
    assert (session.state, session.closed, session.busy) == (State.CLOSED, True, False)
    assert session.outcome() is None


def test_closing_while_the_rset_waits_keeps_the_refusal() -> None:
    session = session_at("RCPT")
    session.receive(NO)
    assert session.data_to_send() == b"RSET\r\n"
    session.close()
    assert refused(session.outcome()) == [(ALICE, 550)]
    assert session.closed


# What it waits for


def test_each_reply_has_its_own_time(stage: str) -> None:
    timeouts = Timeouts(greeting=1.0, command=2.0, data=3.0, block=4.0, end_of_message=5.0)
    expected = {"greeting": 1.0, "EHLO": 2.0, "MAIL": 2.0, "RCPT": 2.0, "DATA": 3.0, "message": 5.0}
    assert session_at(stage, timeouts=timeouts).awaits == expected[stage]


def test_times_are_those_of_the_rfc_unless_others_are_given() -> None:
    assert session_at("message").awaits == 600.0
    assert session_at("DATA").timeouts == Timeouts()


def test_idle_session_waits_for_nothing() -> None:
    session = ready()
    waits = session.wait_number
    assert session.awaits is None
    session.timed_out()
    assert (session.state, session.closed, session.wait_number) == (State.READY, False, waits)


def test_each_wait_is_counted_and_the_octets_of_half_a_reply_begin_none(stage: str) -> None:
    session = session_at(stage)
    waits, awaits = session.wait_number, session.awaits
    *most, last = byte_by_byte({"greeting": GREETING, "DATA": GO_ON}.get(stage, OK))
    for octet in most:
        session.receive(octet)
        assert (session.wait_number, session.awaits) == (waits, awaits)
    session.receive(last)
    assert session.wait_number == waits + 1


@pytest.mark.parametrize("cut", [whole, byte_by_byte, at(3)])
def test_each_reply_of_a_group_begins_a_wait_of_its_own(cut: Any) -> None:
    session = session_at("MAIL", PIPELINED)
    waits = session.wait_number
    for piece in cut(OK + OK):
        session.receive(piece)
    assert (session.wait_number, session.awaits) == (waits + 2, Timeouts().data)


@pytest.mark.parametrize("drip", [b"", b"2", b"250-and so on\r\n" * 3], ids=["nothing", "half a line", "half a reply"])
def test_deadline_is_one_for_the_whole_reply(stage: str, drip: bytes) -> None:
    session = session_at(stage, timeouts=Timeouts.all(0.5))
    session.receive(drip) if drip else None
    session.timed_out()
    sentence = lost(session)
    assert {"message": "end"}.get(stage, stage) in sentence
    assert sentence.endswith(" 0.5 s")
    assert session.awaits is None


def test_lines_that_end_in_lf_alone_are_no_lines(stage: str) -> None:
    session = session_at(stage)
    session.receive(b"250 ok\n")
    assert session.busy
    session.timed_out()
    assert "LF alone" in lost(session)


# What breaks


def test_server_that_closes_before_it_answers_is_told(stage: str) -> None:
    session = session_at(stage)
    session.receive(b"250-half\r\n250 o")
    session.receive(b"")
    sentence = lost(session)
    assert "closed" in sentence
    assert ("a greeting" in sentence) is (stage == "greeting")


def test_server_that_closes_while_nothing_was_asked_is_told_at_the_next_question() -> None:
    session = ready()
    session.receive(b"")
    assert not session.closed
    session.command("NOOP")
    assert "NOOP" in lost(session)


def test_421_that_nobody_asked_for_answers_the_next_question() -> None:
    session = ready()
    session.receive(GOING_DOWN)
    session.receive(b"")
    session.deliver(*mail())
    assert session.outcome() == Delivery(Reply(421, "going down"))
    assert session.closed


def test_broken_connection_is_told(stage: str) -> None:
    session = session_at(stage)
    session.broken("Connection reset by peer")
    sentence = lost(session)
    assert sentence.endswith("broke: Connection reset by peer")
    assert ("not known" in sentence) is (stage == "message")


def test_kind_of_the_error_tells_if_the_message_may_have_been_taken(stage: str) -> None:
    session = session_at(stage)
    session.broken("gone")
    with pytest.raises((ConnectionLost, OutcomeUnknown)) as error:
        session.outcome()
    assert type(error.value) is (OutcomeUnknown if stage == "message" else ConnectionLost)


@pytest.mark.parametrize("end", ["timed_out", "close"])
def test_message_that_is_given_up_in_silence_may_have_been_taken(end: str) -> None:
    session = session_at("message")
    getattr(session, end)()
    with pytest.raises(OutcomeUnknown):
        session.outcome()


def test_message_whose_end_was_not_sent_has_not_been_taken() -> None:
    session = session_at("message")
    session.broken("gone", unsent=1)
    with pytest.raises(ConnectionLost, match="broke"):
        session.outcome()


def test_server_that_takes_no_octets_has_not_taken_the_message() -> None:
    session = session_at("message", timeouts=Timeouts.all(0.5))
    session.took_nothing()
    with pytest.raises(ConnectionLost, match=r"0\.5 s"):
        session.outcome()
    assert session.closed


def test_who_was_refused_is_known_although_the_reply_to_the_message_is_lost() -> None:
    session = ready(PIPELINED)
    session.deliver("", ["a@b.example", "c@d.example"], b"x\r\n")
    session.data_to_send()
    session.receive(OK + OK + b"550 no\r\n" + GO_ON)
    session.data_to_send()
    session.receive(b"")
    with pytest.raises(OutcomeUnknown) as caught:
        session.outcome()
    assert [(path.address, reply.code) for path, reply in caught.value.refused] == [("c@d.example", 550)]


@pytest.mark.parametrize(
    "end",
    [
        DeliverySession.took_nothing,
        partial(DeliverySession.broken, reason="x", unsent=SOME),
        partial(DeliverySession.receive, data=b"", unsent=SOME),
        partial(DeliverySession.broken, reason="x", unsent=1),
        partial(DeliverySession.receive, data=b"", unsent=1),
    ],
)
def test_where_the_next_message_was_announced_the_end_of_this_one_may_have_gone_out(end: Any) -> None:
    session = ready(PIPELINED)
    session.deliver_next(session.batch([mail(), mail()]))
    session.receive(OK + OK + GO_ON)
    session.data_to_send()
    end(session)
    with pytest.raises(OutcomeUnknown):
        session.outcome()


def test_connection_that_was_never_there_is_the_error_of_the_operation() -> None:
    session, error = session_at("greeting"), ConnectionLost("nobody listens")
    session.connection_failed(error)
    with pytest.raises(ConnectionLost) as caught:
        session.outcome()
    assert caught.value is error
    assert session.closed


def test_broken_connection_of_an_idle_session_ends_it() -> None:
    session = ready()
    session.broken("gone")
    assert (session.closed, session.outcome()) == (True, None)


NO_REPLIES = [
    (b"250-one\r\n550 two\r\n", "two codes"),
    (b"hello\r\n", "b'hello'"),
    (b"\r\n", "b''"),
    (b"99 bottles\r\n", "99 bottles"),
    (b"2500 ok\r\n", "2500 ok"),
    (b"HTTP/1.1 400 Bad Request\r\n", "is not a reply"),
    (b"\xff\xfb\x01\r\n", "is not a reply"),
]


@pytest.mark.parametrize("cut", [whole, byte_by_byte, at(1)])
@pytest.mark.parametrize(("octets", "complaint"), NO_REPLIES)
def test_what_is_no_reply_ends_the_session(stage: str, octets: bytes, complaint: str, cut: Any) -> None:
    session = session_at(stage)
    for piece in cut(octets):
        session.receive(piece)
    sentence = lost(session)
    assert "speak" in sentence
    assert complaint in sentence


@pytest.mark.parametrize("octets", [b"2" * 65536, b"250-and so on\r\n" * 10_000], ids=["line", "reply"])
def test_what_is_endless_ends_the_session_and_is_not_kept(stage: str, octets: bytes) -> None:
    session = session_at(stage)
    session.receive(octets)
    assert "longer" in (sentence := lost(session)) or "beyond" in sentence


@HELLOS
@pytest.mark.parametrize("position", range(5), ids=["MAIL", "first RCPT", "second RCPT", "DATA", "message"])
def test_3yz_answers_data_and_2yz_does_not(hello: bytes, position: int) -> None:
    answers = [OK, OK, OK, GO_ON, OK][: position + 1]
    answers[position] = OK if position == 3 else GO_ON
    ending = assert_same_however_cut((GREETING, hello, *answers), deliver(ALICE, BOB))
    kind, sentence = ending.result
    assert kind is (OutcomeUnknown if position == 4 else ConnectionLost)
    verb = ["MAIL", "RCPT", "RCPT", "DATA", "the end of the message"][position]
    assert sentence.endswith(f"{250 if position == 3 else 354} answers {verb}")


@pytest.mark.parametrize(("answer", "verb"), [(GO_ON, "EHLO"), (b"350 x\r\n", "EHLO"), (b"300 x\r\n", "EHLO")])
def test_3yz_answers_no_other_command_either(answer: bytes, verb: str) -> None:
    ending = assert_same_however_cut((GREETING, answer))
    assert ending.result[0] is ConnectionLost
    assert ending.result[1].endswith(f"{answer[:3].decode()} answers {verb}")


# What came before the question


@HELLOS
@pytest.mark.parametrize("pieces", [[GO_ON + OK], [GO_ON + OK[:1], OK[1:]], [GO_ON + b"250-\r\n", OK]])
def test_reply_that_came_before_the_message_was_sent_does_not_answer_it(hello: bytes, pieces: list[bytes]) -> None:
    session = session_at("MAIL", hello)
    session.receive(OK)
    session.receive(OK)
    for piece in pieces:
        session.receive(piece)
    session.data_to_send()
    if session.busy:
        session.receive(b"552 too big\r\n")
    with pytest.raises((ConnectionLost, OutcomeUnknown)):
        session.outcome()


@pytest.mark.parametrize("greeting", [GREETING + ONE_BY_ONE, GREETING + PIPELINED])
def test_reply_that_came_with_the_greeting_does_not_answer_ehlo(greeting: bytes) -> None:
    session = session_at("greeting")
    session.receive(greeting)
    if session.busy:
        session.receive(b"550 no\r\n")
    with pytest.raises(ConnectionLost, match="speak"):
        session.outcome()


@pytest.mark.parametrize("step", [deliver(), ask(), command("NOOP"), quit_])
def test_reply_that_came_while_nothing_was_asked_answers_nothing(step: Any) -> None:
    session = ready()
    session.receive(OK)
    step(session)
    with pytest.raises(ConnectionLost, match="speak"):
        session.outcome()


def test_421_that_came_before_the_message_was_sent_ends_the_session() -> None:
    session = session_at("DATA")
    session.receive(GO_ON + GOING_DOWN)
    assert refused(session.outcome()) == [(ALICE, 421)]
    assert session.closed


# Many messages


@HELLOS
def test_each_of_many_messages_is_told_of_in_order(hello: bytes) -> None:
    mails = [mail(), mail(BOB), mail(BOB, ALICE), mail(BOB, ALICE)]
    refusal = (OK, NO, *([b"503 no\r\n"] if hello is PIPELINED else []), OK)
    answers = (GREETING, hello, *TAKEN, *refusal, OK, NO, OK, GO_ON, OK, OK, OK, OK, GO_ON, NO, BYE)
    ending = assert_same_however_cut(answers, *deliver_all(*mails), quit_)
    *deliveries, nothing = ending.results[1:-1]
    assert [accepted(delivery) for delivery in deliveries] == [[ALICE], [], [ALICE], []]
    assert nothing is None
    assert ending.result == Reply(221, "bye")


def test_batch_in_a_session_that_has_ended_is_not_begun() -> None:
    session = ready()
    session.close()
    session.deliver_next(session.batch([mail()]))
    with pytest.raises(LocalProtocolError, match="closed"):
        session.outcome()


def test_no_message_takes_no_word() -> None:
    ending = play((GREETING, PIPELINED), *deliver_all())
    assert ending.results == [None, None]
    assert verbs(ending.lines) == [b"EHLO"]


def test_next_message_is_announced_behind_the_end_of_the_one_before() -> None:
    ending = play((GREETING, PIPELINED, *TAKEN * 3), *deliver_all(mail(), mail(), mail()))
    assert [verbs(piece.splitlines()) for piece in ending.said] == [
        [b"EHLO"],
        [b"MAIL", b"RCPT", b"DATA"],
        [b"MAIL", b"RCPT", b"DATA"],
        [b"MAIL", b"RCPT", b"DATA"],
        [],
    ]
    assert all(delivery.complete for delivery in ending.results[1:-1])


def test_next_message_is_not_announced_behind_one_that_no_recipient_gets() -> None:
    ending = play((GREETING, PIPELINED, OK, NO, b"503 no\r\n", OK, *TAKEN), *deliver_all(mail(), mail()))
    assert verbs(ending.said[2].splitlines()) == [b"RSET"]
    assert [len(delivery.accepted) for delivery in ending.results[1:-1]] == [0, 1]


@pytest.mark.parametrize(("hello", "counts"), [(ONE_BY_ONE, [2, 2, 3]), (PIPELINED, [2, 2, 3])])
def test_one_message_is_read_ahead_before_the_end_of_another_and_one_more_while_it_is_taken(
    hello: bytes, counts: list[int]
) -> None:
    read: list[int] = []

    def mails() -> Iterator[Any]:
        for number in range(4):
            read.append(number)
            yield mail()

    session = ready(hello)
    session.deliver_next(session.batch(mails()))
    assert len(read) == 1
    for answer in (OK, OK, GO_ON):
        session.receive(answer)
    found = [len(read)]
    session.data_to_send()
    found.append(len(read))
    session.prepare()
    found.append(len(read))
    assert found == counts
    session.prepare()
    assert len(read) == 3
    session.receive(OK)
    assert session.outcome().complete


@HELLOS
@pytest.mark.parametrize("wrong", [("not an address", [ALICE], CONTENT), (SENDER, [], CONTENT), mail(content=b"\n")])
def test_wrong_message_stops_no_other(hello: bytes, wrong: Any) -> None:
    ending = assert_same_however_cut((GREETING, hello, *TAKEN, *TAKEN), *deliver_all(mail(), wrong, mail()), deliver())
    first, second, third, _, after = ending.results[1:]
    assert first.complete
    assert second[0] is third[0] is LocalProtocolError  # the batch ends with what is wrong in it
    assert after.complete
    assert verbs(ending.lines).count(b"MAIL") == 2


def test_wrong_first_message_is_told_at_once() -> None:
    ending = play((GREETING, PIPELINED, *TAKEN), *deliver_all(mail(content=b"\n"), mail())[:1], deliver())
    assert ending.results[1][0] is LocalProtocolError
    assert ending.result.complete


@HELLOS
@pytest.mark.parametrize("last", [OK, GOING_DOWN], ids=["silent", "with 421"])
def test_message_that_was_answered_is_told_of_though_the_session_ends(hello: bytes, last: bytes) -> None:
    ending = assert_same_however_cut((GREETING, hello, OK, OK, GO_ON, last), *deliver_all(mail(), mail()))
    first, second, _ = ending.results[1:]
    assert first.complete is (last == OK)
    assert second[0] is ConnectionLost


@HELLOS
def test_lost_reply_leaves_the_outcome_of_one_message_unknown(hello: bytes) -> None:
    ending = assert_same_however_cut((GREETING, hello, *TAKEN, OK, OK, GO_ON), *deliver_all(mail(), mail(), mail())[:3])
    assert ending.results[1].complete
    assert ending.results[2][0] is OutcomeUnknown
    assert ending.results[3][0] is ConnectionLost


def announced() -> tuple[DeliverySession, Any]:
    """A session that has announced the second message of three, and the batch."""
    session = ready(PIPELINED)
    batch = session.batch([mail(), mail(BOB), mail()])
    session.deliver_next(batch)
    session.receive(OK + OK + GO_ON)
    session.data_to_send()
    session.receive(OK)
    assert session.outcome().complete
    assert session.announced
    return session, batch


@pytest.mark.parametrize("other", [deliver(), ask(), command("RSET"), command("QUIT"), *deliver_all(mail())[:1]])
def test_nothing_takes_the_place_of_the_message_that_was_announced(other: Any) -> None:
    session, batch = announced()
    other(session)
    with pytest.raises(LocalProtocolError):
        session.outcome()
    assert session.data_to_send() == b""
    session.deliver_next(batch)
    session.receive(OK + OK + GO_ON)
    session.data_to_send()
    session.receive(OK)
    assert accepted(session.outcome()) == [BOB]


@pytest.mark.parametrize("line", ["NOOP", "RSET", "VRFY x"])
def test_no_command_comes_between_the_groups_of_a_message_that_was_announced(line: str) -> None:
    session = ready(PIPELINED)
    recipients = [f"user{number}@lab.example" for number in range(250)]
    batch = session.batch([mail(), mail(*recipients)])
    session.deliver_next(batch)
    session.receive(OK + OK + GO_ON)
    session.data_to_send()
    session.receive(OK)
    session.outcome()
    session.command(line)
    with pytest.raises(LocalProtocolError, match="announced"):
        session.outcome()
    server = ScriptedServer(session, (OK, *[OK] * 250, GO_ON, OK))
    server._asked = 200
    session.deliver_next(batch)
    assert len(server.finish().accepted) == 250


def test_message_is_announced_until_its_turn_comes() -> None:
    session, batch = announced()
    session.deliver_next(batch)
    assert not session.announced
    assert not ready().announced


def test_message_announced_is_waited_for_once_its_turn_comes() -> None:
    session, batch = announced()
    assert (session.awaits, session.busy) == (None, False)
    session.deliver_next(batch)
    assert session.data_to_send() == b""
    assert session.awaits == Timeouts().command


def test_replies_to_a_message_that_was_announced_may_come_before_its_turn() -> None:
    session, batch = announced()
    session.receive(OK + NO + b"503 no\r\n")
    assert not session.busy
    session.deliver_next(batch)
    assert session.data_to_send() == b"RSET\r\n"
    session.receive(OK)
    assert refused(session.outcome()) == [(BOB, 550)]


def test_left_batch_ends_the_session_only_if_a_message_was_announced() -> None:
    session, _ = announced()
    session.leave_batch()
    assert (session.closed, session.data_to_send()) == (True, b"")
    other = ready()
    other.deliver_next(other.batch([mail(), mail()]))
    hear(other, *TAKEN)
    other.outcome()
    other.leave_batch()
    assert (other.closed, other.state) == (False, State.READY)


def test_leaving_with_a_message_announced_ends_the_session_without_a_word() -> None:
    session, _ = announced()
    session.leave()
    assert session.outcome() is None
    assert (session.closed, session.data_to_send()) == (True, b"")


def test_quit_with_a_message_announced_is_not_sent_and_ends_the_session() -> None:
    session, _ = announced()
    session.quit()
    with pytest.raises(LocalProtocolError, match="announced"):
        session.outcome()
    assert (session.closed, session.data_to_send()) == (True, b"")


def test_messages_that_break_while_they_are_read_break_the_batch_only() -> None:
    def mails() -> Iterator[Any]:
        yield mail()
        raise OSError("the file is gone")

    session = ready()
    batch = session.batch(mails())
    session.deliver_next(batch)
    hear(session, *TAKEN)
    assert session.outcome().complete
    for _ in range(2):
        session.deliver_next(batch)
        with pytest.raises(OSError, match="the file is gone"):
            session.outcome()
    assert (session.state, session.busy) == (State.READY, False)


def test_what_interrupts_an_operation_leaves_the_session_ended_and_not_busy() -> None:
    def mails() -> Iterator[Any]:
        raise KeyboardInterrupt
        yield mail()

    session = ready()
    with pytest.raises(KeyboardInterrupt):
        session.deliver_next(session.batch(mails()))
    assert (session.busy, session.closed) == (False, True)


# A session that cannot go on as before


@pytest.mark.parametrize("answer", [b"451 not now\r\n", GOING_DOWN, b""], ids=["refused", "421", "closed"])
def test_session_whose_rset_is_not_answered_with_250_is_left_and_the_question_has_its_answer(answer: bytes) -> None:
    session = ready()
    session.ask(SENDER, [ALICE], CONTENT)
    for said in (OK, OK, answer):
        session.receive(said)
    if session.busy:
        assert session.data_to_send().endswith(b"RSET\r\nQUIT\r\n")
        session.receive(BYE)
    assert session.outcome().recipient_replies[0][1].code == 250
    assert session.closed


@pytest.mark.parametrize("stage", ["greeting", "DATA"])
def test_leaving_where_quit_may_not_come_ends_the_session_without_a_word(stage: str) -> None:
    if stage == "greeting":
        session = DeliverySession("client.example")
    else:
        session = ready()
        for line, answer in (("MAIL FROM:<a@b>", OK), ("RCPT TO:<c@d>", OK), ("DATA", GO_ON)):
            session.command(line)
            session.receive(answer)
            session.outcome()
        session.data_to_send()
    session.leave()
    assert session.outcome() is None
    assert session.closed
    assert session.data_to_send() == b""


def test_after_a_batch_was_left_the_session_says_that_it_is_closed() -> None:
    session = ready(PIPELINED)
    batch = session.batch([mail(), mail()])
    session.deliver_next(batch)
    hear(session, OK + OK + GO_ON, OK)
    assert session.outcome().complete
    session.leave_batch()
    session.command("NOOP")
    with pytest.raises(LocalProtocolError, match="closed"):
        session.outcome()


def test_lone_dot_for_nobody_leaves_nothing_unknown_when_its_reply_is_lost() -> None:
    session = ready(PIPELINED)
    session.deliver(SENDER, [ALICE], CONTENT)
    session.receive(OK + NO + GO_ON)
    assert session.data_to_send().endswith(b"DATA\r\n.\r\n")
    session.receive(b"")
    assert refused(session.outcome()) == [(ALICE, 550)]
    assert session.closed


@pytest.mark.parametrize("one", [ALICE, Path.parse(ALICE)])
def test_one_address_in_place_of_a_list_is_not_read_letter_by_letter(one: Any) -> None:
    session = ready()
    session.deliver(SENDER, one, CONTENT)
    assert session.data_to_send() == f"MAIL FROM:<{SENDER}>\r\n".encode()
    session.receive(OK)
    assert session.data_to_send() == f"RCPT TO:<{ALICE}>\r\n".encode()


def test_address_in_bytes_is_named_and_nothing_is_sent() -> None:
    session = ready()
    session.deliver(SENDER, ALICE.encode(), CONTENT)
    with pytest.raises(TypeError, match="bytes"):
        session.outcome()
    assert session.data_to_send() == b""


def test_a_command_in_bytes_is_named_and_nothing_is_sent() -> None:
    session = ready()
    session.command(b"NOOP")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="bytes"):
        session.outcome()
    assert session.data_to_send() == b""


# RSET that is not answered


@pytest.mark.parametrize("hello", [ONE_BY_ONE, PIPELINED], ids=["one by one", "pipelined"])
@pytest.mark.parametrize("begun", [b"", b"25", b"250-half\r\n", b"250 ok\n"])
def test_server_that_does_not_answer_rset_is_left_with_quit(hello: bytes, begun: bytes) -> None:
    session = ready(hello)
    session.ask(SENDER, [ALICE], CONTENT)
    while b"RSET" not in session.data_to_send():
        session.receive(OK)
    if begun:
        session.receive(begun)
    session.timed_out()
    assert session.data_to_send() == b"QUIT\r\n"
    assert session.closed
    assert not session.busy
    assert session.outcome().recipient_replies[0][1].code == 250


def test_rset_of_the_caller_that_is_not_answered_is_told_and_followed_by_quit() -> None:
    session = ready()
    session.command("RSET")
    session.data_to_send()
    session.timed_out()
    assert session.data_to_send() == b"QUIT\r\n"
    with pytest.raises(ConnectionLost, match="RSET"):
        session.outcome()


@pytest.mark.parametrize("line", ["NOOP", "VRFY x", "MAIL FROM:<>"])
def test_server_that_does_not_answer_another_command_hears_nothing_more(line: str) -> None:
    session = ready()
    session.command(line)
    session.data_to_send()
    session.timed_out()
    assert session.data_to_send() == b""
    assert session.closed


# A reply that comes before the message has gone out


def in_data(hello: bytes = ONE_BY_ONE, *mails: Any) -> DeliverySession:
    """A session that has begun to send a message, and has announced the next one if there is any."""
    session = ready(hello)
    session.deliver_next(session.batch(mails or (mail(),)))
    hear(session, OK, OK, GO_ON)
    return session


# All that is left is the LF of the lone dot, or the world cannot say how much it is.
@pytest.mark.parametrize("unsent", [1, 3, SOME])
@pytest.mark.parametrize("answer", [OK, NO, LATER, b"450-not\r\n450 now\r\n"])
def test_reply_amid_the_message_is_not_about_it_and_nobody_has_it(answer: bytes, unsent: int) -> None:
    session = in_data()
    session.data_to_send()
    session.receive(answer, unsent=unsent)
    with pytest.raises(ConnectionLost, match=f"sent {answer[:3].decode()} .* had"):
        session.outcome()
    assert session.closed


@pytest.mark.parametrize("answer", [OK, NO, LATER, b""])
def test_what_comes_before_the_world_has_taken_the_message_ends_the_session_and_nothing_is_sent(answer: bytes) -> None:
    session = in_data()
    assert session.sends_message
    session.receive(answer)
    with pytest.raises(ConnectionLost):
        session.outcome()
    assert (session.closed, session.data_to_send()) == (True, b"")


@pytest.mark.parametrize("begun", [b"2", b"250", b"250-half\r\n", b"250 ok\r"])
def test_reply_that_begins_amid_the_message_and_ends_behind_it_leaves_the_outcome_unknown(begun: bytes) -> None:
    session = in_data()
    session.data_to_send()
    session.receive(begun, unsent=1)
    assert not session.closed
    session.receive(b"250-half\r\n250 ok\r\n"[len(begun) :] if b"-" in begun else OK[len(begun) :])
    with pytest.raises(OutcomeUnknown, match="had"):
        session.outcome()


@pytest.mark.parametrize("end", [DeliverySession.timed_out, DeliverySession.close])
def test_silence_after_half_a_reply_amid_the_message_leaves_the_outcome_unknown(end: Any) -> None:
    session = in_data()
    session.data_to_send()
    session.receive(b"250", unsent=1)
    end(session)
    with pytest.raises(OutcomeUnknown):
        session.outcome()


def test_421_amid_the_message_is_a_refusal_and_ends_the_session() -> None:
    session = in_data()
    session.data_to_send()
    session.receive(GOING_DOWN, unsent=1)
    assert refused(session.outcome()) == [(ALICE, 421)]
    assert session.closed


@pytest.mark.parametrize("first", [OK, NO, LATER])
@pytest.mark.parametrize("second", [OK, NO, LATER])
def test_two_replies_to_one_message_leave_its_outcome_unknown(first: bytes, second: bytes) -> None:
    session = in_data()
    session.data_to_send()
    session.receive(first + second)
    with pytest.raises(OutcomeUnknown, match="asked"):
        session.outcome()
    assert session.closed


@pytest.mark.parametrize("first", [OK, NO, LATER])
@pytest.mark.parametrize("second", [GOING_DOWN, b"421", b"\r\n", b"what?\r\n"])
def test_what_is_no_second_reply_leaves_the_first_to_a_message_as_it_is(first: bytes, second: bytes) -> None:
    session = in_data()
    session.data_to_send()
    session.receive(first + second)
    assert session.outcome().reply == Reply.parse(first)
    assert session.closed is (second not in (b"421",))


def test_end_of_a_message_is_its_last_line_and_what_was_queued_behind() -> None:
    alone, followed = in_data(), in_data(PIPELINED, mail(), mail())
    for session in (alone, followed):
        assert session.data_to_send()[-session.octets_at_end :].startswith(b".\r\n")
        assert not session.sends_message
    assert alone.octets_at_end == 3 < followed.octets_at_end


def test_octets_of_the_next_message_that_wait_to_be_sent_do_not_make_the_reply_early() -> None:
    session = in_data(PIPELINED, mail(), mail())
    behind = len(session.data_to_send().partition(b"\r\n.\r\n")[2])
    assert behind > 0
    session.receive(OK, unsent=behind)
    assert session.outcome().complete


def test_one_octet_of_the_message_before_those_of_the_next_makes_it_early() -> None:
    session = in_data(PIPELINED, mail(), mail())
    behind = len(session.data_to_send().partition(b"\r\n.\r\n")[2])
    session.receive(OK, unsent=behind + 1)
    with pytest.raises(ConnectionLost, match="had"):
        session.outcome()


def test_message_is_not_sent_to_a_server_that_answered_it_before() -> None:
    session = ready()
    session.deliver(SENDER, [ALICE], CONTENT)
    for answer in (OK, OK, GO_ON + OK):
        session.receive(answer)
    with pytest.raises(ConnectionLost, match="asked"):
        session.outcome()
    assert CONTENT not in session.data_to_send()


def test_421_that_comes_with_the_354_refuses_the_message_before_it_is_sent() -> None:
    session = ready()
    session.deliver(SENDER, [ALICE], CONTENT)
    for answer in (OK, OK, GO_ON + GOING_DOWN):
        session.receive(answer)
    assert refused(session.outcome()) == [(ALICE, 421)]
    assert CONTENT not in session.data_to_send()


def test_size_counts_the_line_end_that_is_added() -> None:
    session = ready(EVERYTHING)
    session.deliver(SENDER, [ALICE], b"x" * 999)
    with pytest.raises(LocalProtocolError, match="1001"):
        session.outcome()


@pytest.mark.parametrize("item", [5, None, (), ("a@b.example",), ("a@b.example", [], b"", 1), "a@b.example", b"x"])
def test_item_of_deliver_all_in_another_shape_is_a_type_error_with_a_sentence(item: object) -> None:
    session = DeliverySession("client.example")
    session.open()
    session.receive(b"220 x\r\n")
    session.receive(b"250 x\r\n")
    session.outcome()
    session.deliver_next(session.batch([item]))
    with pytest.raises(TypeError, match="deliver_all"):
        session.outcome()


@pytest.mark.parametrize("mail", [5, None])
def test_what_holds_no_messages_is_a_type_error_with_a_sentence(mail: Any) -> None:
    with pytest.raises(TypeError, match="deliver_all"):
        DeliverySession("client.example").batch(mail)
