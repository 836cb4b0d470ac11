"""The client: what it says to a good server, and one plain sentence, in bounded time and memory, about any other."""

import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import EmailMessage
from itertools import pairwise
from typing import Any

import pytest

from smtplab.client import sentences
from smtplab.client.outcomes import (
    ClientError,
    ConnectionLost,
    Delivery,
    OutcomeUnknown,
    ServiceRefused,
    Timeouts,
    Unsupported,
)
from smtplab.mta.handler import Handler
from smtplab.mta.host import MailHost
from smtplab.mta.policy import Policy
from smtplab.protocol import replies
from smtplab.protocol.body import check_line_ends
from smtplab.protocol.replies import LocalProtocolError, Reply
from smtplab.protocol.states import State
from smtplab.transcript import Transcript
from smtplab.worlds.blocking import MailClient
from smtplab.worlds.sentences import CANNOT_CONNECT
from smtplab.worlds.tcp_client import Client
from support.hosts import in_memory, mail_host
from support.odd_server import (
    STAGES,
    OddServer,
    Peer,
    Step,
    before,
    for_ever,
    in_pieces,
    line,
    message,
    raw,
    reset,
    say,
    silence,
)
from support.raw_client import behind_the_trace
from support.templates import is_made_of

CONTENT = b"Subject: x\r\n\r\n.x\r\n"
LONG = (b"x" * 78 + b"\r\n") * 200_000  # more than the buffers of a socket hold
SENDER, ALICE, BOB = "someone@client.example", "alice@lab.example", "bob@lab.example"
# How many seconds the client waits in these tests, and how many everything may take on a busy machine.
PATIENCE, BOUND = 0.5, 30.0


def client_of(handler: Handler, policy: Policy | None = None, **options: object) -> MailClient:
    """Open a session with a handler in memory."""
    raw = in_memory(handler, policy)
    return MailClient(raw.stream, "client.example", name="the host", **options)


# With a server that does as it should


@pytest.fixture
def host() -> MailHost:
    """A mail host for alice and bob."""
    return mail_host()


@pytest.fixture(params=[True, False], ids=["pipelined", "one by one"])
def client(request: pytest.FixtureRequest, host: MailHost) -> MailClient:
    """A session with the host, which offers PIPELINING or nothing but what a message needs."""
    policy = Policy() if request.param else Policy(offer={"8BITMIME": "", "SMTPUTF8": ""})
    return client_of(host, policy)


def _kept(host: MailHost, mailbox: str = "alice") -> list[bytes]:
    return [behind_the_trace(stored) for stored in host.store.messages(mailbox)]


def test_message_is_delivered_to_every_recipient(client: MailClient, host: MailHost) -> None:
    delivery = client.deliver(SENDER, [ALICE, BOB], CONTENT)
    assert delivery.complete
    assert [path.address for path in delivery.accepted] == [ALICE, BOB]
    assert delivery.refused == ()
    assert str(delivery) == "accepted for 2 of 2 recipients"
    assert _kept(host, "alice") == _kept(host, "bob") == [CONTENT]


def test_refused_recipient_is_told_and_the_others_get_the_message(client: MailClient, host: MailHost) -> None:
    delivery = client.deliver(SENDER, [ALICE, "nobody@lab.example", BOB], CONTENT)
    assert not delivery.complete
    assert [path.address for path in delivery.accepted] == [ALICE, BOB]
    ((path, reply),) = delivery.refused
    assert (path.address, reply.code) == ("nobody@lab.example", 550)
    assert str(delivery).startswith("accepted for 2 of 3 recipients\nnobody@lab.example: 550 ")
    assert _kept(host, "bob") == [CONTENT]


def test_session_goes_on_after_all_recipients_were_refused(client: MailClient, host: MailHost) -> None:
    delivery = client.deliver(SENDER, ["one@lab.example", "two@lab.example"], CONTENT)
    assert (len(delivery.refused), delivery.accepted, delivery.complete) == (2, (), False)
    assert client.deliver(SENDER, [ALICE], CONTENT).complete


def test_refused_sender_is_told_and_the_session_goes_on(client: MailClient, host: MailHost) -> None:
    host.mail = lambda session, opening: Reply(550, "not you")
    delivery = client.deliver(SENDER, [ALICE], CONTENT)
    assert (delivery.sender_reply.code, delivery.recipient_replies, delivery.reply) == (550, (), None)
    assert str(delivery).splitlines()[0] == "the sender was refused: 550 not you"
    del host.mail
    assert client.deliver(SENDER, [ALICE], CONTENT).complete


@pytest.mark.parametrize("stage", ["data", "deliver"])
def test_refused_message_is_refused_for_every_recipient(client: MailClient, host: MailHost, stage: str) -> None:
    setattr(host, stage, lambda session, envelope: replies.INSUFFICIENT_STORAGE)
    delivery = client.deliver(SENDER, [ALICE, BOB, "nobody@lab.example"], CONTENT)
    assert delivery.accepted == ()
    assert [reply.code for _, reply in delivery.refused] == [452, 452, 550]
    delattr(host, stage)
    assert client.deliver(SENDER, [ALICE], CONTENT).complete


@pytest.mark.parametrize("number", [1, 198, 199, 200, 201, 399, 400, 500])
def test_any_number_of_recipients_can_be_asked_about(number: int) -> None:
    host = mail_host([f"user{index}" for index in range(number)])
    client = client_of(host, Policy(offer={"PIPELINING": ""}, max_recipients=1000))
    delivery = client.deliver(SENDER, [f"user{index}@lab.example" for index in range(number)], CONTENT)
    assert (len(delivery.accepted), delivery.complete) == (number, True)


@pytest.mark.parametrize("number", [1, 198, 199, 200, 500])
@pytest.mark.parametrize("refuses", ["mail", "rcpt"])
def test_refusals_of_a_group_leave_the_session_in_step(host: MailHost, number: int, refuses: str) -> None:
    client = client_of(host)
    setattr(host, refuses, lambda *_: Reply(550, "not here"))
    delivery = client.deliver(SENDER, [f"user{index}@lab.example" for index in range(number)], CONTENT)
    assert delivery.accepted == ()
    assert len(delivery.recipient_replies) == (0 if refuses == "mail" else number)
    delattr(host, refuses)
    assert client.deliver(SENDER, [ALICE], CONTENT).complete


def test_null_reverse_path_is_for_bounces(client: MailClient, host: MailHost) -> None:
    client.deliver("", [ALICE], CONTENT)
    assert host.store.messages("alice")[0].startswith(b"Return-Path: <>\r\n")


def test_message_is_declared_with_what_it_needs(host: MailHost) -> None:
    transcript = Transcript()
    client = client_of(host, transcript=transcript)
    client.deliver("zoë@client.example", [ALICE], "ö\r\n".encode())
    assert "MAIL FROM:<zoë@client.example> SIZE=4 BODY=8BITMIME SMTPUTF8" in str(transcript)


@pytest.mark.parametrize(
    ("sender", "content", "keyword"),
    [(SENDER, b"\r\n\xe9\r\n", "8BITMIME"), ("zoë@client.example", b"", "SMTPUTF8")],
)
def test_message_that_needs_what_is_not_offered_is_not_sent(host, sender: str, content: bytes, keyword: str) -> None:
    client = client_of(host, Policy(offer={}))
    with pytest.raises(Unsupported, match=keyword):
        client.deliver(sender, [ALICE], content)
    assert client.state is State.READY
    assert client.deliver(SENDER, [ALICE], CONTENT).complete


@pytest.mark.parametrize("content", [b"a\nb\r\n", b"a\rb\r\n", b"\n", b"\r", b"a\r\n\r", b"\r\r\n"])
def test_bare_line_end_is_not_sent(client: MailClient, content: bytes) -> None:
    with pytest.raises(LocalProtocolError, match="bare CR or LF"):
        client.deliver(SENDER, [ALICE], content)
    with pytest.raises(LocalProtocolError, match="bare CR or LF"):
        check_line_ends(content)
    assert client.state is State.READY


@pytest.mark.parametrize("address", ["a b@x", "a@b@c", "x\r\nDATA", "a@", "x" * 300 + "@b", "<a@b", "a\0@b"])
def test_wrong_address_is_not_sent(client: MailClient, address: str) -> None:
    with pytest.raises(LocalProtocolError):
        client.deliver(SENDER, [ALICE, address], CONTENT)
    with pytest.raises(LocalProtocolError):
        client.deliver(address, [ALICE], CONTENT)
    assert client.state is State.READY


def test_message_without_recipients_is_not_sent(client: MailClient) -> None:
    with pytest.raises(LocalProtocolError, match="needs at least one recipient"):
        client.deliver(SENDER, [], CONTENT)


@pytest.mark.parametrize("helo", ["", "a b", "x\r\nQUIT"])
def test_wrong_name_of_the_client_is_not_sent(host: MailHost, helo: str) -> None:
    raw = in_memory(host)
    with pytest.raises(LocalProtocolError):
        MailClient(raw.stream, helo)


def test_message_of_the_email_package_is_delivered_without_its_bcc(client: MailClient, host: MailHost) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Bcc"], message["Subject"] = SENDER, f"Alice <{ALICE}>", BOB, "grüße"
    message.set_content("größer\n")
    assert client.send_message(message).complete
    assert len(_kept(host, "alice")) == len(_kept(host, "bob")) == 1
    assert BOB.encode() not in _kept(host, "alice")[0]
    assert message["Bcc"] == BOB
    assert host.store.messages("bob")[0].startswith(f"Return-Path: <{SENDER}>".encode())


def test_one_recipient_needs_no_list_and_a_message_needs_a_sender(client: MailClient, host: MailHost) -> None:
    message = EmailMessage()
    message["To"] = ALICE
    with pytest.raises(LocalProtocolError, match="sender"):
        client.send_message(message)
    with pytest.raises(TypeError, match="bytes"):
        client.deliver(SENDER, BOB.encode(), CONTENT)
    assert client.send_message(message, SENDER, BOB).complete
    assert client.deliver(SENDER, BOB, CONTENT).complete
    assert client.ask(SENDER, BOB, CONTENT).recipient_replies[0][1].is_positive
    assert (len(_kept(host, "alice")), len(_kept(host, "bob"))) == (0, 2)


def test_envelope_need_not_be_that_of_the_header_section(client: MailClient, host: MailHost) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "list@x.example", "list@x.example"
    client.send_message(message, "", [BOB])
    assert host.store.messages("bob")[0].startswith(b"Return-Path: <>\r\n")
    assert host.store.messages("alice") == []


def test_single_commands_are_checked_before_they_are_sent(client: MailClient) -> None:
    assert client.command("VRFY alice").code == 250
    assert client.command("HELP NOOP").code == 214
    with pytest.raises(LocalProtocolError, match="DATA cannot come here"):
        client.command("DATA")
    assert client.command("RSET").code == 250


@pytest.mark.parametrize("header", ["Subject: Grüße", "From: jürgen@b.example"])
def test_header_section_that_is_not_ascii_needs_smtputf8(host: MailHost, header: str) -> None:
    transcript = Transcript()
    content = f"{header}\r\n\r\nx\r\n".encode()
    client_of(host, transcript=transcript).deliver(SENDER, [ALICE], content)
    assert " BODY=8BITMIME SMTPUTF8\n" in str(transcript)
    with pytest.raises(Unsupported, match="the header section is not ASCII, and the host does not offer SMTPUTF8"):
        client_of(host, Policy(offer={"8BITMIME": ""})).deliver(SENDER, [ALICE], content)


def test_header_section_that_is_neither_ascii_nor_utf_8_is_not_sent(client: MailClient) -> None:
    with pytest.raises(LocalProtocolError, match=r"^the header section is neither ASCII nor UTF-8 \(RFC 6532 3\.1\)"):
        client.deliver(SENDER, [ALICE], b"Subject: Gr\xfc\xdfe\r\n\r\nx\r\n")
    assert client.state is State.READY
    assert client.deliver(SENDER, [ALICE], CONTENT).complete


@pytest.mark.parametrize("content", ["\r\nü\r\n\r\n", "Subject: x\r\n\r\nü\r\n\r\nü\r\n"])
def test_body_that_is_not_ascii_needs_only_8bitmime(host: MailHost, content: str) -> None:
    transcript = Transcript()
    client_of(host, transcript=transcript).deliver(SENDER, [ALICE], content.encode())
    assert " BODY=8BITMIME\n" in str(transcript)


@pytest.mark.parametrize("field", ["From", "Reply-To", "To"])
def test_address_that_is_not_ascii_is_not_encoded_in_the_header_section(host: MailHost, field: str) -> None:
    message, transcript = EmailMessage(), Transcript()
    message[field] = "Jürgen <jürgen@b.example>"
    message.set_content("x\n")
    client_of(host, transcript=transcript).send_message(message, SENDER, [ALICE])
    assert f"C: {field}: Jürgen <jürgen@b.example>\n" in str(transcript)
    assert " SMTPUTF8\n" in str(transcript)


def test_name_that_is_not_ascii_is_encoded_in_the_header_section(host: MailHost) -> None:
    message, transcript = EmailMessage(), Transcript()
    message["From"] = "Jürgen <j@b.example>"
    message.set_content("x\n")
    client_of(host, transcript=transcript).send_message(message, SENDER, [ALICE])
    assert "C: From: =?utf-8?q?J=C3=BCrgen?= <j@b.example>\n" in str(transcript)
    assert " SMTPUTF8\n" not in str(transcript)


def test_with_says_quit_and_a_failure_does_not(host: MailHost) -> None:
    transcript = Transcript()
    with client_of(host, transcript=transcript) as client:
        pass
    assert client.state is State.CLOSED
    assert "QUIT" in str(transcript)
    assert client.quit() is None
    failing = Transcript()
    with pytest.raises(LocalProtocolError), client_of(host, transcript=failing) as client:
        client.deliver(SENDER, [], CONTENT)
    assert "QUIT" not in str(failing)


# With odd servers


def _deliver(address: tuple[str, int], *recipients: str, seconds: float = PATIENCE) -> Delivery:
    with Client(*address, helo="client.example", timeouts=Timeouts.all(seconds)) as client:
        return client.deliver(SENDER, recipients or [ALICE], CONTENT)


def _failure(*steps: Step, kind: type[ClientError] = ConnectionLost, recipients: tuple[str, ...] = (ALICE,)) -> str:
    """Return the sentence with which a delivery fails, and see that it is one, of that kind, and in time."""
    begin = time.monotonic()
    with OddServer(*steps) as server:
        address = server.address
        with pytest.raises(ClientError) as error:
            _deliver(address, *recipients)
    sentence = str(error.value)
    assert type(error.value) is kind, sentence
    assert time.monotonic() - begin < BOUND
    assert sentence.isprintable()
    assert len(sentence) < 300
    return sentence.replace(f"127.0.0.1 port {address[1]}", "HOST")


@pytest.fixture(params=[stage for stage in STAGES if stage != "QUIT"])
def stage(request: pytest.FixtureRequest) -> str:
    """What the client waits for when the oddity comes; it sends one by one."""
    name: str = request.param
    return name


def _at(stage: str, *steps: Step) -> str:
    """Return the failure at a stage, without the words that the lost end of a message puts before it."""
    if stage != "message":
        return _failure(*before(stage), *steps)
    sentence = _failure(*before(stage), *steps, kind=OutcomeUnknown)
    lost = sentences.NOT_KNOWN.format(reason="")
    assert sentence.startswith(lost)
    return sentence.removeprefix(lost)


def _what(stage: str) -> str:
    return {"greeting": "the connection with a greeting", "message": "the end of the message"}.get(stage, stage)


def _lacking(stage: str) -> str:
    return "a greeting" if stage == "greeting" else f"an answer to {_what(stage)}"


def test_silence_is_waited_for_no_longer_than_the_time_out(stage: str) -> None:
    assert is_made_of(_at(stage, silence), sentences.NO_ANSWER)


def test_drop_is_told(stage: str) -> None:
    sentence = _at(stage)
    assert is_made_of(sentence, sentences.CLOSED)
    assert sentence.endswith(_lacking(stage))


def test_reset_is_told(stage: str) -> None:
    sentence = _at(stage, reset)
    assert "reset" in sentence
    # The reset may be faster than the end of the handshake.
    too_fast = stage == "greeting" and is_made_of(sentence.replace("HOST", "127.0.0.1 port 25"), CANNOT_CONNECT)
    assert too_fast or is_made_of(sentence, sentences.BROKEN)


def test_half_a_reply_is_not_taken_for_a_whole(stage: str) -> None:
    assert _at(stage, raw(b"250-half\r\n250 o")).endswith(_lacking(stage))


def test_endless_line_is_left_off(stage: str) -> None:
    sentence = _at(stage, for_ever(b"2" * 65536))
    assert is_made_of(sentence, sentences.NOT_SMTP)
    assert "8192" in sentence


def test_endless_continuation_is_left_off(stage: str) -> None:
    sentence = _at(stage, for_ever(b"250-and so on\r\n" * 1000))
    assert is_made_of(sentence, sentences.NOT_SMTP)
    assert "65536" in sentence


def test_slow_endless_reply_is_left_off_at_the_deadline(stage: str) -> None:
    def drip(peer: Peer) -> None:
        while True:
            peer.socket.sendall(b"250-and so on\r\n")
            time.sleep(0.02)

    assert is_made_of(_at(stage, drip), sentences.NO_ANSWER)


def test_lines_that_end_in_lf_alone_are_no_lines(stage: str) -> None:
    assert is_made_of(_at(stage, raw(b"250 ok\n"), silence), sentences.LF_ALONE)


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        (b"250-one\r\n550 two\r\n", "550"),
        (b"hello\r\n", "b'hello'"),
        (b"\r\n", "b''"),
        (b"99 bottles\r\n", "b'99 bottles'"),
        (b"2500 ok\r\n", "b'2500 ok'"),
        (b"HTTP/1.1 400 Bad Request\r\n", "HTTP"),
        (b"\xff\xfb\x01\r\n", r"\xff"),
    ],
)
def test_what_is_no_reply_is_told(stage: str, reply: bytes, complaint: str) -> None:
    sentence = _at(stage, raw(reply))
    assert is_made_of(sentence, sentences.NOT_SMTP)
    assert complaint in sentence


# The server's words after EHLO, one for each way in which the client then sends.
ONE_BY_ONE, PIPELINED = b"250 odd.example\r\n", b"250-odd.example\r\n250 PIPELINING\r\n"
GREETING, OK, GO_ON, GOING_DOWN = b"220 odd.example\r\n", b"250 ok\r\n", b"354 go on\r\n", b"421 going down\r\n"


def answering(*answers: bytes, by: Callable[[bytes], Step] = raw) -> list[Step]:
    """Return the steps that greet with the first answer, and give each other one to the next line, or message."""
    steps = [by(answers[0])]
    for last, answer in pairwise(answers):
        steps += [message if last.startswith(b"354") else line, by(answer)]
    return steps


@pytest.mark.parametrize("hello", [ONE_BY_ONE, PIPELINED], ids=["one by one", "pipelined"])
def test_replies_in_one_byte_pieces_are_whole_all_the_same(hello: bytes) -> None:
    to_rcpt = b"250-yes\r\n250 ok\r\n", b"550-no\r\n550-no\r\n550 no\r\n"
    to_message = b"250-kept\r\n250 ok\r\n"
    steps = answering(
        b"220-odd\r\n220 greets\r\n", hello, OK, *to_rcpt, GO_ON, to_message, b"221 bye\r\n", by=in_pieces
    )
    with OddServer(*steps) as server:
        delivery = _deliver(server.address, ALICE, BOB, seconds=10)
    assert [path.address for path in delivery.accepted] == [ALICE]
    assert delivery.refused[0][1] == Reply(550, ("no", "no", "no"))
    assert delivery.reply == Reply(250, ("kept", "ok"))


CONTROLS = [
    (b"\x1b[0m", r"\x1b[0m"),
    (b"a\x07", r"a\x07"),
    (b"a\0b", r"a\x00b"),
    (b"a\nb", r"a\x0ab"),
    (b"a\r", r"a\x0d"),
]


@pytest.mark.parametrize(("text", "shown"), CONTROLS)
def test_control_character_in_a_reply_costs_nothing(text: bytes, shown: str) -> None:
    for code in (b"250 ", b"550 "):
        to_message = code + text + b"\r\n"
        with OddServer(*answering(GREETING, ONE_BY_ONE, OK, OK, GO_ON, to_message, b"221 bye\r\n")) as server:
            delivery = _deliver(server.address)
        assert delivery.complete is (code == b"250 ")
        assert (delivery.reply.code, delivery.reply.text) == (int(code), shown)


def test_memory_is_bounded_whatever_the_server_says() -> None:
    tracemalloc.start()
    try:
        _failure(for_ever((b"250-" + b"x" * 60 + b"\r\n") * 1000))
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("code", [421, 554])
def test_greeting_that_refuses_is_told_with_its_words(code: int) -> None:
    assert f"{code} no mail today" in _failure(say(f"{code} no mail today"), kind=ServiceRefused)


@pytest.mark.parametrize("code", [500, 502, 550])
def test_server_that_refuses_ehlo_is_told_helo(code: int) -> None:
    with OddServer(*answering(GREETING, b"%d what?\r\n" % code, OK, OK, OK, GO_ON, OK, OK)) as server:
        assert _deliver(server.address).complete
    said = [b"EHLO client.example\r\n", b"HELO client.example\r\n", b"MAIL FROM:<someone@client.example>\r\n"]
    assert server.heard[:3] == said


def test_server_that_refuses_both_is_told() -> None:
    sentence = _failure(*answering(GREETING, b"502 no\r\n", b"550 no\r\n"), kind=ServiceRefused)
    assert is_made_of(sentence, sentences.NEITHER_HELLO)


def test_server_that_ends_the_session_at_ehlo_is_told() -> None:
    sentence = _failure(*answering(GREETING, b"421 not now\r\n"), kind=ServiceRefused)
    assert is_made_of(sentence, sentences.CLOSED_AT_EHLO)


@pytest.mark.parametrize("hello", [ONE_BY_ONE, PIPELINED], ids=["one by one", "pipelined"])
@pytest.mark.parametrize("position", range(5), ids=["MAIL", "first RCPT", "second RCPT", "DATA", "message"])
def test_421_in_mid_session_is_a_refusal_for_every_recipient_who_was_answered(hello: bytes, position: int) -> None:
    answers = [OK, OK, OK, GO_ON, OK][:position]
    with OddServer(*answering(GREETING, hello, *answers, GOING_DOWN)) as server:
        delivery = _deliver(server.address, ALICE, BOB)
    assert delivery.accepted == ()
    if position == 0:
        assert delivery.sender_reply.code == 421
        return
    answered = [ALICE, BOB][:position]
    assert [(path.address, reply.code) for path, reply in delivery.refused] == [(name, 421) for name in answered]
    assert [path.address for path in delivery.unanswered] == [ALICE, BOB][position:]
    assert delivery.reply == Reply(421, "going down")
    assert not delivery.complete


def test_closed_session_says_so_when_it_is_used_again() -> None:
    with (
        OddServer(*answering(GREETING, ONE_BY_ONE, GOING_DOWN)) as server,
        Client(*server.address, timeouts=Timeouts.all(PATIENCE)) as client,
    ):
        client.deliver(SENDER, [ALICE], CONTENT)
        with pytest.raises(LocalProtocolError, match="the session is closed"):
            client.deliver(SENDER, [ALICE], CONTENT)


@pytest.mark.parametrize("hello", [ONE_BY_ONE, PIPELINED], ids=["one by one", "pipelined"])
@pytest.mark.parametrize("position", range(5), ids=["MAIL", "first RCPT", "second RCPT", "DATA", "message"])
def test_reply_that_is_none_to_its_command_does_not_pass_for_a_delivery(hello: bytes, position: int) -> None:
    """354 answers DATA and nothing else; DATA is answered with 354 or a refusal."""
    answers = [OK, OK, OK, GO_ON, OK][: position + 1]
    answers[position] = OK if position == 3 else GO_ON
    kind = OutcomeUnknown if position == 4 else ConnectionLost
    sentence = _failure(*answering(GREETING, hello, *answers), silence, kind=kind, recipients=(ALICE, BOB))
    verb = ["MAIL", "RCPT", "RCPT", "DATA", "the end of the message"][position]
    code = 250 if position == 3 else 354
    assert sentence.endswith(sentences.WRONG_KIND.format(code=code, question=verb))


@pytest.mark.parametrize("hello", [ONE_BY_ONE, PIPELINED], ids=["one by one", "pipelined"])
def test_replies_that_nobody_asked_for_do_not_pass_for_a_delivery(hello: bytes) -> None:
    sentence = _failure(*answering(GREETING + hello, hello, OK, OK, GO_ON, OK), silence)
    assert "250" in sentence


def test_server_that_takes_no_data_is_left_off() -> None:
    release = threading.Event()
    with OddServer(*answering(GREETING, ONE_BY_ONE, OK, OK, GO_ON), lambda peer: release.wait(BOUND)) as server:
        client = Client(*server.address, timeouts=Timeouts.all(PATIENCE))
        with pytest.raises(ConnectionLost, match=r"0\.5 s"):
            client.deliver(SENDER, [ALICE], LONG)
        release.set()


def test_server_that_goes_amid_the_message_has_not_taken_it() -> None:
    with OddServer(*answering(GREETING, PIPELINED, OK, OK, GO_ON), lambda peer: reset(peer)) as server:
        client = Client(*server.address, timeouts=Timeouts.all(PATIENCE))
        with pytest.raises(ConnectionLost, match="broke"):
            client.deliver(SENDER, [ALICE], LONG)


def test_where_the_next_message_was_announced_the_end_of_this_one_may_have_gone_out() -> None:
    reads = answering(GREETING, PIPELINED, OK, OK, GO_ON)
    with OddServer(*reads, lambda peer: peer.socket.recv(1000), reset) as server:
        found = Client(*server.address, timeouts=Timeouts.all(PATIENCE)).deliver_all([mail(content=LONG), mail()])
        with pytest.raises(OutcomeUnknown, match="not known to be delivered"):
            next(found)


class ScriptedStream:
    """A stream to a server that answers each command, and of which something has arrived before the message is sent.

    Args:
        looks: what each look finds once the 354 has come: octets, None for nothing, an exception.
    """

    def __init__(self, *looks: bytes | OSError | None) -> None:
        self.sent = b""
        self._answers = [GREETING, ONE_BY_ONE, OK, OK, GO_ON, OK, b"221 bye\r\n"]
        self._looks = list(looks)

    def send(self, data: bytes, seconds: float) -> None:
        self.sent += data

    def receive(self, seconds: float) -> bytes:
        return self._answers.pop(0)

    def arrived(self) -> bytes | None:
        found = self._looks.pop(0) if self._looks and b"DATA" in self.sent else None
        if isinstance(found, OSError):
            raise found
        return found

    def take_names(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        pass


EARLY = [OK, b"450 later\r\n", b"", OSError(104, "Connection reset by peer")]


@pytest.mark.parametrize("found", EARLY)
def test_what_has_arrived_before_the_message_is_sent_is_not_about_it(found: bytes | OSError) -> None:
    stream = ScriptedStream(found)
    with pytest.raises(ConnectionLost):
        MailClient(stream, "client.example").deliver(SENDER, [ALICE], CONTENT)
    assert stream.sent.endswith(b"DATA\r\n")


@pytest.mark.parametrize("found", EARLY)
def test_what_arrives_while_a_long_message_is_sent_is_not_about_it(found: bytes | OSError) -> None:
    stream, content = ScriptedStream(None, found), b"Subject: x\r\n\r\n" + b"\r\n" * 16 * 1024
    with pytest.raises(ConnectionLost):
        MailClient(stream, "client.example").deliver(SENDER, [ALICE], content)
    assert stream.sent.endswith(content)


def test_a_long_message_arrives_whole_and_once() -> None:
    stream, content, transcript = ScriptedStream(), b"\r\n" * 16 * 1024, Transcript()
    assert MailClient(stream, "client.example", transcript=transcript).deliver(SENDER, [ALICE], content).complete
    assert stream.sent.partition(b"DATA\r\n")[2] == content + b".\r\n"


def test_a_server_that_accepts_before_it_has_the_message_gets_no_end_of_it() -> None:
    heard: list[bytes] = []

    def accept_early(peer: Peer) -> None:
        heard.append(peer.socket.recv(1000))
        peer.socket.sendall(b"250 taken\r\n")
        while data := peer.socket.recv(1 << 20):
            heard[0] = data[-5:]

    with OddServer(*before("DATA"), say("354 go on"), accept_early) as server:
        client = Client(*server.address, timeouts=Timeouts.all(BOUND))
        with pytest.raises(ConnectionLost, match="250 taken before it had the message"):
            client.deliver(SENDER, [ALICE], LONG)
    assert heard[0][-5:] != b"\r\n.\r\n"


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
@pytest.mark.parametrize("end", [(), (reset,), (silence,), (say("what?"),)])
def test_a_refusal_is_told_whatever_comes_of_the_rset_behind_it(stage: str, end: tuple[Step, ...]) -> None:
    begin = time.monotonic()
    with OddServer(*before(stage), say("554 no"), line, *end) as server:
        client = Client(*server.address, timeouts=Timeouts.all(PATIENCE))
        with client:
            delivery = client.deliver(SENDER, [ALICE], CONTENT)
            assert client.state is State.CLOSED
    heard = [said for said in server.heard if said]
    assert heard[-2 if silence in end else -1] == b"RSET\r\n"
    assert (heard[-1] == b"QUIT\r\n") is (silence in end)
    assert [(path.address, reply.code) for path, reply in delivery.refused] == [(ALICE, 554)]
    assert time.monotonic() - begin < BOUND


def test_421_amid_the_message_is_told_or_at_least_in_the_transcript() -> None:
    transcript = Transcript()
    with OddServer(*answering(GREETING, ONE_BY_ONE, OK, OK, GO_ON + GOING_DOWN)) as server:
        client = Client(*server.address, timeouts=Timeouts.all(BOUND), transcript=transcript)
        with suppress(OutcomeUnknown):
            assert client.deliver(SENDER, [ALICE], CONTENT).refused[0][1].code == 421
    assert "421 going down" in str(transcript)


def test_silence_after_the_last_quit_is_not_waited_for_as_long_as_other_replies(monkeypatch) -> None:
    monkeypatch.setattr("smtplab.client.operations.FAREWELL_SECONDS", PATIENCE)
    begin = time.monotonic()
    with OddServer(*before("QUIT"), silence) as server, Client(*server.address) as client:
        assert client.deliver(SENDER, [ALICE], CONTENT).complete
    assert time.monotonic() - begin < BOUND


def test_drop_in_answer_to_quit_loses_nothing() -> None:
    with OddServer(*before("QUIT")) as server:
        assert _deliver(server.address).complete


# Many messages in one session


def mail(*recipients: str, content: bytes = CONTENT) -> tuple[str, tuple[str, ...], bytes]:
    """Return a message as `deliver_all` takes it."""
    return SENDER, recipients or (ALICE,), content


def test_each_of_many_messages_is_told_of_in_order(client: MailClient, host: MailHost) -> None:
    contents = [b"Subject: %d\r\n\r\n.\r\n" % number for number in range(4)]
    found = client.deliver_all(
        [
            mail(content=contents[0]),
            mail("nobody@lab.example", content=contents[1]),
            mail("nobody@lab.example", ALICE, content=contents[2]),
            mail(BOB, ALICE, content=contents[3]),
        ]
    )
    assert [len(delivery.accepted) for delivery in found] == [1, 0, 1, 2]
    assert _kept(host) == [contents[0], contents[2], contents[3]]
    assert client.deliver(*mail()).complete


def test_no_message_takes_no_word(host: MailHost) -> None:
    client = client_of(host, transcript=Transcript())
    before = str(client.transcript)
    assert list(client.deliver_all([])) == []
    assert str(client.transcript) == before


def test_next_message_is_announced_behind_the_end_of_the_one_before() -> None:
    """A server that answers nothing before it has heard all that may come is waited for by nobody else."""
    group = [line, line, line]
    steps = [raw(GREETING), line, raw(PIPELINED), *group, raw(OK + OK + GO_ON)]
    steps += [message, *group, raw(OK + OK + OK + GO_ON)] * 2
    with OddServer(*steps, message, raw(OK), line, raw(b"221 bye\r\n")) as server:
        with Client(*server.address, timeouts=Timeouts.all(BOUND)) as client:
            assert [delivery.complete for delivery in client.deliver_all([mail()] * 3)] == [True] * 3
        assert server.heard.count(b"DATA\r\n") == 3


def test_nobody_looks_for_unasked_words_where_answers_are_due(
    client: MailClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look costs a system call, and what arrives after the next message was announced answers that."""
    looks: list[bool] = []
    arrived = client._stream.arrived
    monkeypatch.setattr(client._stream, "arrived", lambda: looks.append(client._session.announced) or arrived())
    assert [delivery.complete for delivery in client.deliver_all([mail()] * 3)] == [True] * 3
    # Before the first command, or each first command of a message, and before each message.
    assert looks == ([False, True, True, False, False] if "PIPELINING" in client.extensions else [False] * 7)


def test_message_after_the_next_is_asked_for_while_the_server_takes_one() -> None:
    """A server that answers the first message only when the third has been asked for waits for nobody else."""
    asked = threading.Event()

    def mails() -> Iterator[tuple[str, tuple[str, ...], bytes]]:
        yield mail()
        yield mail()
        asked.set()
        yield mail()

    def third_asked_for(_: Peer) -> None:
        assert asked.wait(BOUND)

    steps = [*answering(GREETING, ONE_BY_ONE, OK, OK, GO_ON), message, third_asked_for, raw(OK)]
    steps += [line, *answering(OK, OK, GO_ON), message, raw(OK)] * 2
    with OddServer(*steps) as server:
        found = Client(*server.address, timeouts=Timeouts.all(PATIENCE)).deliver_all(mails())
        assert [delivery.complete for delivery in found] == [True] * 3


def test_transcript_of_many_messages_keeps_replies_and_commands_together(host: MailHost) -> None:
    client = client_of(host, transcript=Transcript())
    list(client.deliver_all([mail(), mail("nobody@lab.example"), mail()]))
    told = [(exchange.verb, exchange.reply.code) for exchange in client.transcript.exchanges()][2:]
    first = [("MAIL", 250), ("RCPT", 250), ("DATA", 354), ("(message)", 250)]
    assert told == [*first, ("MAIL", 250), ("RCPT", 550), ("DATA", 503), ("RSET", 250), *first]


@pytest.mark.parametrize(
    "wrong", [("not an address", [ALICE], CONTENT), (SENDER, [], CONTENT), (SENDER, [ALICE], b"\n")]
)
def test_wrong_message_stops_no_other(client: MailClient, host: MailHost, wrong: tuple[str, list[str], bytes]) -> None:
    found = client.deliver_all([mail(), wrong, mail()])
    assert next(found).complete
    with pytest.raises(LocalProtocolError):
        next(found)
    assert len(_kept(host)) == 1
    assert client.deliver(*mail()).complete


def test_message_beyond_the_size_limit_is_not_sent(host: MailHost) -> None:
    client = client_of(host, Policy(offer={"SIZE": "20", "PIPELINING": ""}))
    found = client.deliver_all([mail(), mail(content=b"x" * 30 + b"\r\n")])
    assert next(found).complete
    with pytest.raises(LocalProtocolError, match="32 octets exceeds the limit of 20"):
        next(found)


def test_lost_reply_leaves_the_outcome_of_one_message_unknown() -> None:
    with OddServer(*answering(GREETING, ONE_BY_ONE, OK, OK, GO_ON, OK, OK, OK, GO_ON), message) as server:
        found = Client(*server.address, timeouts=Timeouts.all(PATIENCE)).deliver_all([mail()] * 3)
        assert next(found).complete
        with pytest.raises(OutcomeUnknown):
            next(found)


@pytest.mark.parametrize("last", [OK, GOING_DOWN], ids=["silent", "with 421"])
@pytest.mark.parametrize("hello", [ONE_BY_ONE, PIPELINED], ids=["one by one", "pipelined"])
def test_message_that_was_answered_is_told_of_though_the_session_ends(hello: bytes, last: bytes) -> None:
    with OddServer(*answering(GREETING, hello, OK, OK, GO_ON, last)) as server:
        found = Client(*server.address, timeouts=Timeouts.all(PATIENCE)).deliver_all([mail()] * 2)
        assert next(found).complete is (last == OK)
        with pytest.raises(ConnectionLost):
            next(found)


@pytest.mark.parametrize(
    "other",
    [
        lambda client: client.deliver(*mail()),
        lambda client: client.ask(*mail()),
        lambda client: next(client.deliver_all([mail()])),
    ],
    ids=["deliver", "ask", "deliver_all"],
)
def test_within_the_loop_no_other_message_takes_the_place_of_the_one_announced(host: MailHost, other: Any) -> None:
    client = client_of(host)
    loop = client.deliver_all([mail(), (SENDER, [BOB], CONTENT)])
    assert next(loop).complete
    with pytest.raises(LocalProtocolError, match=r"^the next message of deliver_all has been announced; end that loop"):
        other(client)
    assert next(loop).complete
    assert (len(_kept(host)), len(_kept(host, "bob"))) == (1, 1)
    assert next(loop, None) is None
    assert client.deliver(*mail()).complete


@pytest.mark.parametrize("method", ["send", "receive"])
def test_what_is_interrupted_ends_the_session(client: MailClient, host: MailHost, method: str) -> None:
    stream = client._stream

    def interrupt(*_: object) -> bytes:
        raise KeyboardInterrupt

    setattr(stream, method, interrupt)
    with pytest.raises(KeyboardInterrupt):
        client.deliver(*mail())
    delattr(stream, method)
    assert client.state is State.CLOSED
    with pytest.raises(LocalProtocolError, match="cannot come here"):
        client.deliver(*mail())
    assert _kept(host) == []


def test_message_whose_sender_was_refused_is_not_sent_though_a_recipient_was_taken() -> None:
    replies = (GREETING, PIPELINED, b"550 no\r\n", OK, GO_ON, b"554 no recipients\r\n")
    with OddServer(*answering(*replies)) as server:
        client = Client(*server.address, timeouts=Timeouts.all(PATIENCE))
        assert str(client.deliver(*mail())).startswith("the sender was refused: 550")
        assert server.heard[-1] == b".\r\n"


def test_left_loop_ends_the_session_if_a_message_was_announced(client: MailClient, host: MailHost) -> None:
    for delivery in client.deliver_all([mail(), mail()]):
        assert delivery.complete
        break
    pipelines = "PIPELINING" in client.extensions
    assert (client.state is State.CLOSED) is pipelines
    assert len(_kept(host)) == 1
    assert pipelines or client.deliver(*mail()).complete
