"""What hosts say to each other is kept, with the place where their client waited; undo and fork know of it."""

from collections.abc import Iterator

import pytest

from smtplab import ConnectionLost, Directory, Lab, Session, Side, Transcript
from smtplab.lab import conversations
from smtplab.lab.conversations import Call, Conversation
from smtplab.mta.trace import HOP_LIMIT
from smtplab.transcript import Row

HOST, CAMPUS, ADELPHIA, LAPTOP = "mail.lab.example", "mail.campus.example", "mail.adelphia.net", "laptop.example"
TO_DORA = "MAIL FROM:<alice@lab.example>\nRCPT TO:<dora@campus.example>\nDATA\nSubject: two hops\n."


def forwarding(lab: Lab, host: str, domain: str, name: str, to: str) -> None:
    """Let a host of the lab forward one of its names elsewhere."""
    lab.host(host).handler.directory = Directory([domain], forwards={name: to})


def test_nothing_is_said_between_hosts_before_a_message_goes_elsewhere(lab: Lab, ready: Session) -> None:
    ready.send("MAIL FROM:<alice@lab.example>\nRCPT TO:<dora@campus.example>\nDATA\nSubject: two hops")
    assert lab.conversations == ()
    assert ready.conversation == Conversation(LAPTOP, HOST, ready.transcript)
    ready.send(".")
    assert len(lab.conversations) == 1


def test_a_relayed_message_leaves_the_conversation_of_the_two_hosts(lab: Lab, ready: Session) -> None:
    ready.send(TO_DORA)
    [conversation] = lab.conversations
    assert (conversation.client, conversation.server) == (HOST, CAMPUS)
    verbs = [exchange.verb for exchange in conversation.transcript.exchanges()]
    assert verbs == ["(connection)", "EHLO", "MAIL", "RCPT", "DATA", "(message)", "QUIT"]
    assert lab.mailbox("dora@campus.example")[0].endswith(b"Subject: two hops\r\n")
    assert "C: Subject: two hops" in str(conversation.transcript)


def test_it_stands_between_the_lone_dot_and_the_reply_to_it(ready: Session) -> None:
    ready.send(TO_DORA)
    [call] = ready.conversation.calls
    before, after = ready.transcript[call.row - 1], ready.transcript[call.row]
    assert (before.side, before.data) == (Side.CLIENT, b".\r\n")
    assert (after.side, after.data[:3]) == (Side.SERVER, b"250")


def test_lines_sent_in_a_group_have_the_relay_before_their_replies(lab: Lab, ready: Session) -> None:
    ready.send_bytes(TO_DORA.replace("\n", "\r\n").encode() + b"\r\n" + b"NOOP\r\n" * 3)
    [call] = ready.conversation.calls
    assert ready.transcript[call.row - 1].data == b"NOOP\r\n"
    assert ready.transcript[call.row].data.startswith(b"250")


def test_a_client_knows_what_was_held_because_of_it(lab: Lab) -> None:
    with lab.client(HOST) as client:
        client.deliver("alice@lab.example", ["dora@campus.example"], b"Subject: hello\r\n")
    [call] = client.conversation.calls
    assert client.conversation.transcript is client.transcript
    assert client.transcript is not None
    assert client.transcript[call.row - 1].data == b".\r\n"
    assert (call.conversation,) == lab.conversations


def test_each_next_hop_has_its_own(lab: Lab, ready: Session) -> None:
    both = TO_DORA.replace("\nDATA", "\nRCPT TO:<forouzanb@adelphia.net>\nDATA")
    ready.send(both)
    assert [each.server for each in lab.conversations] == [CAMPUS, ADELPHIA]
    assert [call.conversation for call in ready.conversation.calls] == list(lab.conversations)


def test_what_the_next_hop_hands_on_in_turn_stands_within_its_own_conversation(lab: Lab, ready: Session) -> None:
    forwarding(lab, CAMPUS, "campus.example", "dora", "forouzanb@adelphia.net")
    ready.send(TO_DORA)
    outer, inner = lab.conversations
    [call] = ready.conversation.calls
    assert call.conversation is outer
    [deeper] = outer.calls
    assert deeper.conversation is inner
    assert (inner.client, inner.server) == (CAMPUS, ADELPHIA)
    assert outer.transcript[deeper.row - 1].data == b".\r\n"
    assert len(lab.mailbox("forouzanb@adelphia.net")) == 1


def test_a_host_that_is_down_leaves_a_note(lab: Lab, ready: Session) -> None:
    lab.host(CAMPUS).up = False
    ready.send(TO_DORA)
    [conversation] = lab.conversations
    assert str(conversation.transcript) == f"= {CAMPUS} does not answer; the host is down"


def test_a_next_hop_that_refuses_is_heard(lab: Lab, ready: Session) -> None:
    ready.send(TO_DORA.replace("dora", "nobody"))
    [conversation] = lab.conversations
    assert "S: 550" in str(conversation.transcript)
    lab.host(CAMPUS).handler.open = False
    ready.send(TO_DORA)
    assert str(lab.conversations[-1].transcript).startswith("===== Connection Establishment =====\nS: 554")


def test_each_round_of_a_loop_of_mail_stands_within_the_one_before(lab: Lab, ready: Session) -> None:
    for host in lab.hosts:
        host.handler.hop_limit = 6
    forwarding(lab, CAMPUS, "campus.example", "dora", "alice@lab.example")
    forwarding(lab, HOST, "lab.example", "alice", "dora@campus.example")
    reply = ready.send(TO_DORA)
    assert reply is not None
    assert reply.code == 554
    conversation, depth = ready.conversation, 0
    while conversation.calls:
        conversation, depth = conversation.calls[0].conversation, depth + 1
    assert depth == len(lab.conversations) == 6


# Undo and fork


def test_undo_takes_them_back_and_the_same_line_brings_the_same_again(lab: Lab, ready: Session) -> None:
    ready.send(TO_DORA)
    before = ready.conversation
    ready.undo()
    assert (lab.conversations, ready.conversation.calls) == ((), [])
    ready.send(TO_DORA)
    assert ready.conversation == before


def test_undo_leaves_what_another_session_has_made_hosts_say(lab: Lab, ready: Session) -> None:
    ready.send(TO_DORA)
    other = lab.telnet(HOST)
    other.send("HELO other.example")
    other.send(TO_DORA)
    ready.undo()
    assert lab.conversations == (other.conversation.calls[0].conversation,)


def test_a_fork_has_those_so_far_and_goes_its_own_way(lab: Lab, ready: Session) -> None:
    ready.send(TO_DORA)
    fork = ready.fork()
    fork.send(TO_DORA)
    assert (len(fork.lab.conversations), len(fork.conversation.calls)) == (2, 2)
    assert (len(lab.conversations), len(ready.conversation.calls)) == (1, 1)
    fork.undo(2)
    assert fork.lab.conversations == ()
    assert len(lab.conversations) == 1


# What is kept


def test_the_oldest_go_when_there_are_too_many(lab: Lab, ready: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "_MAX_KEPT", 2)
    for number in range(4):
        ready.send(TO_DORA.replace("two", f"{number}"))
    assert [f"Subject: {number} hops" in str(each) for number, each in enumerate(lab.conversations, 2)] == [True, True]
    assert len(ready.conversation.calls) == 4


def test_the_oldest_go_when_they_are_too_long_and_the_last_stays(
    lab: Lab, ready: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations, "_MAX_KEPT_OCTETS", 1500)
    for subject in ("one", "two", "x" * 3000):
        ready.send(TO_DORA.replace("two hops", subject))
    assert "x" * 100 in str(lab.conversations[-1])
    ready.send(TO_DORA)
    assert len(lab.conversations) == 1
    ready.send(TO_DORA)
    assert len(lab.conversations) == 2


def test_what_is_kept_is_not_read_again_to_weigh_it(lab: Lab, ready: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    ready.send(TO_DORA)
    (kept,) = lab.conversations
    assert kept.transcript.size == sum(len(row.data) for row in kept.transcript)

    read: list[Transcript] = []
    rows_of = Transcript.__iter__

    def reading(transcript: Transcript) -> Iterator[Row]:
        read.append(transcript)
        return rows_of(transcript)

    monkeypatch.setattr(Transcript, "__iter__", reading)
    ready.send(TO_DORA)
    assert all(each is not kept.transcript for each in read)
    assert len(lab.conversations) == 2


def test_two_labs_that_are_told_the_same_keep_the_same() -> None:
    def held() -> tuple[Conversation, ...]:
        lab = Lab()
        with lab.client(HOST) as client:
            client.deliver("alice@lab.example", ["dora@campus.example"], b"Subject: hello\r\n")
        return lab.conversations

    assert held() == held()
    assert str(held()) == str(held())


def test_a_conversation_says_who_calls_whom() -> None:
    conversation = Conversation(
        LAPTOP, HOST, Transcript.parse("S: 220 ready"), [Call(1, Conversation("a", "b", Transcript()))]
    )
    assert str(conversation) == (
        "laptop.example calls mail.lab.example:\n===== Connection Establishment =====\nS: 220 ready"
    )
    assert repr(conversation) == "<Conversation, laptop.example calls mail.lab.example, 1 line>"


def test_a_call_that_nobody_takes_is_no_session(lab: Lab) -> None:
    lab.host(HOST).up = False
    with pytest.raises(ConnectionLost, match="is down"):
        lab.client(HOST)
    assert lab.conversations == ()


def test_two_hosts_that_forward_to_each_other_end_in_554_and_write_nothing_on_stderr(
    lab: Lab, ready: Session, capfd: pytest.CaptureFixture[str]
) -> None:
    forwarding(lab, CAMPUS, "campus.example", "dora", "alice@lab.example")
    forwarding(lab, HOST, "lab.example", "alice", "dora@campus.example")
    reply = ready.send(TO_DORA)
    assert reply is not None
    assert reply.code == 554
    assert len(lab.conversations) == HOP_LIMIT
    assert capfd.readouterr() == ("", "")
    assert lab._network.time == 0.0
    ready.undo()
    assert lab.conversations == ()


def test_a_conversation_is_known_by_the_message_for_which_it_was_held(lab: Lab, ready: Session) -> None:
    forwarding(lab, CAMPUS, "campus.example", "dora", "forouzanb@adelphia.net")
    ready.send(TO_DORA)
    ready.send(TO_DORA)
    held = [(each.client, each.queue_id, each.began) for each in lab.conversations]
    assert held == [
        (HOST, "A000001", 0.0),
        (CAMPUS, "A000001", 0.0),
        (HOST, "A000002", 0.0),
        (CAMPUS, "A000002", 0.0),
    ]
    assert (ready.conversation.queue_id, ready.conversation.began) == ("", 0.0)
