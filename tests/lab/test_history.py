"""Undo, fork and replay: both ends and the hosts go back, and nothing else does."""

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtplab import ConnectionLost, Lab, Session, SessionClosed, Silence, State, Transcript, serve
from smtplab.explain.causes import CAUSES, HOST, Cause
from smtplab.lab.internet import LabSession
from smtplab.lab.lab_host import LabHost
from smtplab.lab.session import Irrevocable, connect
from smtplab.mta.directory import Directory
from smtplab.mta.host import MailHost
from smtplab.mta.maildir import MaildirStore
from smtplab.mta.policy import Policy
from smtplab.mta.store import MemoryStore
from smtplab.protocol.replies import Reply
from smtplab.transcript import Row, Side

BOXES = [
    "bob@lab.example",
    "alice@lab.example",
    "dora@campus.example",
    "frank@campus.example",
    "forouzanb@adelphia.net",
]
TO_BOB = "MAIL FROM:<x@laptop.example>\nRCPT TO:<bob@lab.example>\nDATA\nSubject: hello\n."


def mail(lab: Lab) -> list[list[bytes]]:
    """Return all that lies in the lab's mailboxes and on Alice's terminal."""
    terminal = lab.host(HOST).mailboxes["alice"].terminal
    assert terminal is not None
    return [[*map(bytes, lab.mailbox(box))] for box in BOXES] + [[line.encode() for line in terminal.lines]]


def code_of(reply: Reply | None) -> int:
    assert reply is not None
    return reply.code


# Undo


def test_what_is_sent_within_a_step_is_taken_back_as_one(lab: Lab, ready: Session) -> None:
    before, empty = Transcript(ready.transcript), mail(lab)
    with ready.step():
        ready.send(TO_BOB)
        with ready.step():
            ready.send("NOOP")
    assert mail(lab) != empty
    assert ready.undo().transcript == before
    assert mail(lab) == empty


def test_a_step_that_fails_is_a_step_all_the_same(ready: Session) -> None:
    before = Transcript(ready.transcript)
    with suppress(SessionClosed), ready.step():
        ready.send("QUIT")
        ready.send("NOOP")
    assert ready.undo().transcript == before
    with suppress(ValueError), ready.step():
        ready.send("NOOP")
        raise ValueError
    ready.send("RSET")
    assert ready.undo(2).transcript == before


def test_within_a_step_nothing_is_taken_back_and_no_fork_made(ready: Session) -> None:
    with ready.step():
        ready.send("NOOP")
        for act in (ready.undo, ready.fork):
            with pytest.raises(ValueError, match=f"^{act.__name__} .*inside a step"):
                act()
    assert ready.undo().fork().state is State.READY


def test_undo_takes_back_one_step_and_returns_the_session(ready: Session) -> None:
    before = Transcript(ready.transcript)
    ready.send("MAIL FROM:<x@laptop.example>")
    assert ready.undo() is ready
    assert ready.state is State.READY
    assert ready.transcript == before
    assert before.last_exchange is not None
    assert ready.reply == before.last_exchange.reply


def test_a_step_is_one_send_however_many_lines_it_has(ready: Session) -> None:
    ready.send("MAIL FROM:<x@laptop.example>\nRCPT TO:<bob@lab.example>\nDATA")
    assert ready.undo().state is State.READY


def test_several_steps_are_taken_back_at_once(ready: Session) -> None:
    before = Transcript(ready.transcript)
    for line in TO_BOB.split("\n"):
        ready.send(line)
    assert ready.undo(5).transcript == before


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (2, "2 steps .* has made 1"),
        (0, "1 step or more, not 0"),
        (-1, "1 step or more, not -1"),
    ],
)
def test_steps_that_were_not_made_cannot_be_taken_back(ready: Session, steps: int, sentence: str) -> None:
    before = Transcript(ready.transcript)
    with pytest.raises(ValueError, match=f"{sentence}$"):
        ready.undo(steps)
    assert ready.transcript == before


def test_the_greeting_is_no_step(lab: Lab) -> None:
    with pytest.raises(ValueError, match=r"has made 0$"):
        lab.telnet(HOST).undo()


def test_the_same_line_gets_the_same_reply_again(lab: Lab, ready: Session) -> None:
    ready.send(TO_BOB)
    first, delivered = ready.transcript, mail(lab)
    ready.undo().send(TO_BOB)
    assert ready.transcript == first
    assert mail(lab) == delivered


def test_the_transcript_that_was_held_stays_as_it_was(ready: Session) -> None:
    ready.send("NOOP")
    held = ready.transcript
    ready.undo().send("RSET")
    assert [row.text for row in held][-2] == "NOOP"
    assert [row.text for row in ready.transcript][-2] == "RSET"


@pytest.mark.parametrize("recipient", ["bob@lab.example", "sales@lab.example", "dora@lab.example", "staff@lab.example"])
@pytest.mark.parametrize("verb", ["MAIL", "SOML", "SAML"])
def test_a_delivered_message_is_gone_from_every_mailbox_terminal_and_next_hop(
    lab: Lab, ready: Session, verb: str, recipient: str
) -> None:
    nothing = mail(lab)
    ready.send(f"{verb} FROM:<x@laptop.example>\nRCPT TO:<{recipient}>\nDATA\nSubject: hello\n.")
    assert code_of(ready.reply) == 250
    assert mail(lab) != nothing
    ready.undo()
    assert mail(lab) == nothing
    assert {host.store.octets_in(box.partition("@")[0]) for host in lab.hosts for box in BOXES} == {0}


def test_the_next_message_gets_the_name_that_the_undone_one_had(lab: Lab, ready: Session) -> None:
    first = ready.send(TO_BOB)
    assert ready.undo().send(TO_BOB) == first


def test_a_quota_has_room_again(lab: Lab, ready: Session) -> None:
    ready.send(TO_BOB)
    lab.host(HOST).mailboxes["bob"].quota_octets = lab.host(HOST).store.octets_in("bob") + 10
    assert code_of(ready.send(TO_BOB)) == 552
    assert code_of(ready.undo(2).send(TO_BOB)) == 250


def test_amid_a_message_the_lines_are_taken_back_one_by_one(lab: Lab, ready: Session) -> None:
    ready.send("MAIL FROM:<x@laptop.example>\nRCPT TO:<bob@lab.example>\nDATA")
    ready.send("Subject: one")
    ready.send("")
    ready.send("no, not this")
    ready.undo().send("but this")
    ready.send(".")
    assert bytes(lab.mailbox("bob@lab.example")[0]).endswith(b"Subject: one\r\n\r\nbut this\r\n")


def test_quit_can_be_taken_back(ready: Session) -> None:
    before = Transcript(ready.transcript)
    ready.send("QUIT")
    assert ready.closed
    assert not ready.undo().closed
    assert ready.transcript == before
    assert code_of(ready.send("NOOP")) == 250


def test_hanging_up_and_what_came_unasked_are_taken_back_with_the_step_before(lab: Lab, ready: Session) -> None:
    before = Transcript(ready.transcript)
    ready.send("NOOP")
    ready.close()
    assert ready.undo().transcript == before
    ready.send("NOOP")
    lab.host(HOST).stop()
    assert code_of(ready.poll()) == 421
    assert ready.undo().transcript == before
    assert code_of(ready.send("NOOP")) == 250


def test_the_errors_that_a_server_counts_are_taken_back(ready: Session) -> None:
    for _ in range(30):
        ready.send("VERFY alice")
        ready.undo()
    assert not ready.closed


def test_half_a_line_is_taken_back_and_half_a_line_is_found_again(ready: Session) -> None:
    with pytest.raises(Silence):
        ready.send_bytes(b"NO")
    ready.send_bytes(b"OP\r\n")
    whole = ready.transcript
    ready.undo()
    assert code_of(ready.send_bytes(b"OP\r\n")) == 250
    assert ready.transcript == whole
    assert code_of(ready.undo(2).send("NOOP")) == 250


def test_to_listen_only_is_no_step(ready: Session) -> None:
    with pytest.raises(Silence):
        ready.send_bytes(b"")
    assert ready.undo().state is State.GREETED


def test_what_is_said_to_a_closed_session_is_no_step(ready: Session) -> None:
    ready.send("QUIT")
    with pytest.raises(SessionClosed):
        ready.send("NOOP")
    with pytest.raises(SessionClosed):
        ready.send_bytes(b"NOOP\r\n")
    assert ready.undo().state is State.READY


def test_a_step_that_broke_off_amid_its_lines_is_one_all_the_same(ready: Session) -> None:
    with pytest.raises(SessionClosed):
        ready.send("NOOP\nQUIT\nNOOP")
    assert ready.undo().state is State.READY


def test_turn_can_be_taken_back(lab: Lab, ready: Session) -> None:
    lab.host(HOST).handler.turns = True
    ready.send("TURN")
    ready.send("220 laptop.example")
    after = Transcript(ready.transcript)
    ready.send("250 laptop.example")
    ready.undo()
    assert ready.transcript == after
    assert code_of(ready.undo(2).send("NOOP")) == 250


# Others in the same lab


def test_what_another_session_has_delivered_since_stays(lab: Lab, ready: Session) -> None:
    other = lab.telnet(HOST)
    ready.send(TO_BOB)
    other.send("HELO other.example\n" + TO_BOB.replace("hello", "other"))
    ready.undo()
    (left,) = lab.mailbox("bob@lab.example")
    assert "other" in str(left)
    assert "A000002" in str(left)
    assert "A000003" in str(ready.send(TO_BOB))  # a name that somebody bears is not given away again
    assert len(lab.mailbox("bob@lab.example")) == 2


def test_two_sessions_take_back_their_own_in_any_order(lab: Lab) -> None:
    for order in ([0, 1], [1, 0]):
        sessions = [lab.telnet(HOST), lab.telnet(HOST)]
        for number, session in enumerate(sessions):
            session.send(f"HELO laptop.example\n{TO_BOB.replace('hello', f'from {number}')}")
        for number in order:
            sessions[number].undo()
            assert not any(f"from {number}" in str(message) for message in lab.mailbox("bob@lab.example"))
        assert lab.mailbox("bob@lab.example") == []


def test_lines_that_others_wrote_on_a_terminal_stay(lab: Lab, ready: Session) -> None:
    to_alice = "SEND FROM:<x@laptop.example>\nRCPT TO:<alice@lab.example>\nDATA\n{}\n."
    other = lab.telnet(HOST)
    ready.send(to_alice.format("mine"))
    other.send("HELO other.example\n" + to_alice.format("theirs"))
    ready.undo()
    assert [line for line in mail(lab)[-1] if line in (b"mine", b"theirs")] == [b"theirs"]


def test_another_session_goes_on_amid_its_message(lab: Lab, ready: Session) -> None:
    other = lab.telnet(HOST)
    other.send("HELO other.example\nMAIL FROM:<y@other.example>\nRCPT TO:<bob@lab.example>\nDATA\none")
    ready.send(TO_BOB)
    ready.undo()
    other.send("two\n.")
    (message,) = lab.mailbox("bob@lab.example")
    assert "one\ntwo" in str(message)


def test_switches_stay_as_somebody_has_set_them(lab: Lab, ready: Session) -> None:
    ready.send("NOOP")
    lab.host(HOST).mailboxes["bob"].busy = True
    lab.host("mail.campus.example").up = False
    ready.undo()
    assert lab.host(HOST).mailboxes["bob"].busy
    assert not lab.host("mail.campus.example").up
    ready.send("MAIL FROM:<x@laptop.example>")
    assert code_of(ready.send("RCPT TO:<bob@lab.example>")) == 450


def test_a_session_that_is_undone_is_still_one_of_its_hosts(lab: Lab, ready: Session) -> None:
    ready.send("QUIT")
    assert lab.host(HOST).sessions == ()
    ready.undo()
    assert len(lab.host(HOST).sessions) == 1
    lab.host(HOST).stop()
    ready.poll()
    assert ready.closed


# Fork


def test_a_fork_says_the_same_and_goes_its_own_way(ready: Session) -> None:
    other = ready.fork()
    assert other.transcript == ready.transcript
    assert other.greeting == ready.greeting
    other.send("MAIL FROM:<x@laptop.example>")
    assert ready.state is State.READY
    assert other.state is State.SENDER


def test_a_fork_delivers_into_its_own_lab_alone(lab: Lab, ready: Session) -> None:
    ready.send(TO_BOB)
    delivered = mail(lab)
    other = ready.fork()
    assert mail(other.lab) == delivered
    other.send(TO_BOB.replace("bob@lab", "frank@campus") + "\n" + TO_BOB)
    assert mail(lab) == delivered
    assert len(other.lab.mailbox("frank@campus.example")) == 1
    assert len(other.lab.mailbox("bob@lab.example")) == 2
    ready.send(TO_BOB)
    assert len(other.lab.mailbox("bob@lab.example")) == 2


def test_a_fork_amid_a_message_ends_it_in_its_own_lab(lab: Lab, ready: Session) -> None:
    ready.send("MAIL FROM:<x@laptop.example>\nRCPT TO:<staff@lab.example>\nDATA\none")
    other = ready.fork()
    other.send("two\n.")
    assert lab.mailbox("bob@lab.example") == []
    ready.send("three\n.")
    assert "one\ntwo" in str(other.lab.mailbox("dora@campus.example")[0])
    assert "one\nthree" in str(lab.mailbox("dora@campus.example")[0])


def test_a_fork_can_be_undone_further_than_where_it_began(lab: Lab, ready: Session) -> None:
    ready.send(TO_BOB)
    other = ready.fork()
    other.send("NOOP")
    other.undo(3)
    assert other.state is State.GREETED
    assert other.lab.mailbox("bob@lab.example") == []
    assert len(lab.mailbox("bob@lab.example")) == 1
    assert ready.state is State.READY
    assert ready.undo(2).state is State.GREETED
    assert lab.mailbox("bob@lab.example") == []


def test_a_fork_of_a_fork_is_a_third(ready: Session) -> None:
    first = ready.fork()
    second = first.fork()
    first.send("QUIT")
    assert not second.closed
    assert second.lab is not first.lab


def test_a_fork_has_the_switches_and_sets_its_own(lab: Lab, ready: Session) -> None:
    lab.host(HOST).mailboxes["bob"].busy = True
    lab.host(HOST).policy = Policy(max_sessions=7)
    other = ready.fork()
    host = other.lab.host(HOST)
    assert host.mailboxes["bob"].busy
    assert host.policy.max_sessions == 7
    host.mailboxes["bob"].busy = False
    host.handler.open = False
    host.up = False
    assert lab.host(HOST).mailboxes["bob"].busy
    assert lab.host(HOST).handler.open
    assert lab.host(HOST).up


def test_no_other_session_goes_along_with_a_fork(lab: Lab, ready: Session) -> None:
    other = lab.telnet(HOST)
    fork = ready.fork()
    assert len(fork.lab.host(HOST).sessions) == 1
    assert len(lab.host(HOST).sessions) == 2
    fork.lab.host(HOST).stop()
    for session in (fork, ready, other):
        session.poll()
    assert fork.closed
    assert not ready.closed
    assert not other.closed


def test_a_fork_after_turn_has_swapped_roles_too(lab: Lab, ready: Session) -> None:
    lab.host(HOST).handler.turns = True
    ready.send("TURN")
    other = ready.fork()
    other.send("220 laptop.example")
    assert other.transcript[-1].text.startswith("HELO")
    assert ready.transcript[-1].text.startswith("250")


def test_a_session_counts_its_steps_and_says_if_they_can_be_undone(ready: Session) -> None:
    made = ready.steps
    ready.send("NOOP\nNOOP")
    assert ready.steps == made + 1
    assert ready.can_undo()
    assert ready.can_undo(made + 1)
    assert not ready.can_undo(made + 2)
    assert not ready.can_undo(0)
    with ready.step():
        assert not ready.can_undo()


def test_a_closed_session_can_be_forked_and_undone(ready: Session) -> None:
    ready.send("QUIT")
    other = ready.fork()
    assert other.closed
    assert not other.undo().closed
    assert ready.closed


# Where it cannot be done


def test_over_a_socket_undo_and_fork_say_why_they_cannot() -> None:
    with serve(domain="lab.example", mailboxes=["bob"]) as server, connect(*server.address) as session:
        session.send("HELO laptop.example")
        assert not isinstance(session, LabSession)
        for word, go in (("undo", session.undo), ("fork", session.fork)):
            with pytest.raises(Irrevocable, match=f"^{word} .* Lab"):
                go()
        assert (session.steps, session.can_undo()) == (0, False)
        assert session.send("NOOP").code == 250  # type: ignore[union-attr]


def test_a_host_with_a_disk_takes_nothing_back(lab: Lab, ready: Session, tmp_path: Path) -> None:
    host, in_memory = lab.host(HOST), lab.host(HOST).store
    host.handler.store = MaildirStore(tmp_path)
    for go in (ready.undo, ready.fork):
        with pytest.raises(Irrevocable, match=r"mail\.lab\.example"):
            go()
    ready.send("NOOP")
    host.handler.store = in_memory
    with pytest.raises(ValueError, match=r"has made 0$"):  # what was said meanwhile is final, and what came before it
        ready.undo()


# Replay


@pytest.mark.parametrize("cause", [cause for cause in CAUSES if not cause.conditions], ids=lambda cause: cause.sentence)
def test_a_conversation_is_held_again_and_is_the_same(cause: Cause) -> None:
    lab = Lab()
    with lab.telnet(HOST) as session:
        for line in cause.lines:
            session.send_bytes(line.encode() + b"\r\n")
        assert Lab().replay(session.transcript).transcript == session.transcript


def test_the_host_is_the_one_that_the_notes_name_or_the_one_given() -> None:
    lab = Lab()
    held = lab.telnet("mail.campus.example").transcript
    assert Lab().replay(held).greeting == lab.telnet("mail.campus.example").greeting
    assert Lab().replay(held, "mail.adelphia.net").greeting == lab.telnet("mail.adelphia.net").greeting
    assert code_of(Lab().replay(Transcript.parse("= Connected to mail.lab.example.\nS: 220 x")).greeting) == 220


def test_a_transcript_without_a_host_needs_one() -> None:
    with pytest.raises(ValueError, match="transcript"):
        Lab().replay(Transcript.parse("S: 220 x"))
    with pytest.raises(ConnectionLost):
        Lab().replay(Transcript.parse("= Connected to mail.nowhere.example.\nS: 220 x"))


def test_replay_ends_early_where_the_session_closes(ready: Session) -> None:
    said = Transcript.parse("S: 220 x\nC: NOOP\nS: 250\nC: QUIT\nS: 221\n")
    more = Transcript([*said, *Transcript.parse("S: 220 x\nC: NOOP\nS: 250")])
    assert code_of(ready.replay(more)) == 221


def test_each_command_of_a_replay_is_a_step(ready: Session) -> None:
    ready.replay(Transcript.parse("S: 220 x\nC: NOOP\nS: 250\nC: RSET\nS: 250"))
    assert [row.text for row in ready.undo().transcript][-2] == "NOOP"


def test_nothing_to_say_is_no_reply(ready: Session) -> None:
    assert ready.replay(Transcript()) is None


# What a step costs


def mebibytes_of(steps: int, act: Callable[[], object]) -> float:
    """Return how much memory `steps` calls of `act` keep."""
    tracemalloc.start()
    try:
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(steps):
            act()
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) / 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "opening", ["", "MAIL FROM:<x@laptop.example>\nRCPT TO:<bob@lab.example>\nRCPT TO:<dora@campus.example>\nDATA"]
)
def test_a_step_keeps_as_much_late_as_early(ready: Session, opening: str) -> None:
    for line in opening.split("\n") if opening else []:
        ready.send(line)
    line = "X-Line: in a header section that does not end" if opening else "NOOP"
    early = mebibytes_of(100, lambda: ready.send(line))
    for _ in range(600):
        ready.send(line)
    late = mebibytes_of(100, lambda: ready.send(line))
    assert 0 < late < 1.5 * early


def test_a_step_after_an_undo_keeps_hardly_more_late_than_early(ready: Session) -> None:
    ready.send("MAIL FROM:<x@laptop.example>\nRCPT TO:<bob@lab.example>\nDATA")

    def change_of_mind() -> None:
        ready.send("one")
        ready.undo().send("two")

    early = mebibytes_of(100, change_of_mind)
    for _ in range(800):
        ready.send("more")
    assert mebibytes_of(100, change_of_mind) < 1.5 * early


def test_half_a_line_that_grows_keeps_no_more_for_each_piece(ready: Session) -> None:
    ready.send("MAIL FROM:<x@laptop.example>\nRCPT TO:<bob@lab.example>\nDATA")

    def piece() -> None:
        with suppress(Silence):
            ready.send_bytes(b"x" * 100)

    early = mebibytes_of(50, piece)
    for _ in range(300):
        piece()
    assert mebibytes_of(50, piece) < 1.5 * early


def test_a_step_back_reads_no_row_again(ready: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(20):
        ready.send("NOOP")
    added: list[bytes] = []
    whole = Transcript.add

    def add(self: Transcript, side: Side, data: bytes, *rest: Any, **more: Any) -> Row:
        added.append(data)
        return whole(self, side, data, *rest, **more)

    monkeypatch.setattr(Transcript, "add", add)
    ready.undo().undo(5)
    assert added == []
    ready.send("NOOP")
    assert len(added) == 2


def test_a_step_back_looks_at_no_message_that_was_kept_before(lab: Lab, ready: Session) -> None:
    for _ in range(20):
        ready.send(TO_BOB)
    looked: list[int] = []

    class Counted(dict[int, bytes]):
        def pop(self, number: int, *rest: Any) -> Any:
            looked.append(number)
            return super().pop(number, *rest)

        def __iter__(self) -> Iterator[int]:
            pytest.fail("every message is looked at")

    store = lab.host(HOST).store
    store._messages["bob"] = Counted(store._messages["bob"])
    ready.undo()
    assert looked == [19]


def test_a_fork_shares_the_steps_and_what_was_said(ready: Session) -> None:
    for line in TO_BOB.split("\n"):
        ready.send(line)
    other = ready.fork()
    assert ready._history is not None
    assert other._history is not None
    assert all(ours is theirs for ours, theirs in zip(ready._history._steps, other._history._steps, strict=True))
    assert all(ours is theirs for ours, theirs in zip(ready.transcript, other.transcript, strict=True))


def test_a_step_holds_no_host(lab: Lab, ready: Session) -> None:
    for line in TO_BOB.split("\n"):
        ready.send(line)
    assert ready._history is not None
    reached = reachable(list(ready._history._steps))
    assert Transcript in reached  # it looks deep enough
    assert {MailHost, LabHost, MemoryStore, Directory, Lab}.isdisjoint(reached)


def reachable(thing: object) -> set[type]:
    """Return the types of all that `thing` holds, however deep; classes, functions and modules are not entered."""
    seen, types, todo = set[int](), set[type](), [thing]
    while todo:
        each = todo.pop()
        if id(each) in seen or isinstance(each, type | FunctionType | ModuleType):
            continue
        seen.add(id(each))
        types.add(type(each))
        todo += gc.get_referents(each)
    return types


# Hard


LINES = [
    "HELO laptop.example",
    "EHLO laptop.example",
    "MAIL FROM:<x@laptop.example>",
    "SAML FROM:<x@laptop.example>",
    "RCPT TO:<bob@lab.example>",
    "RCPT TO:<staff@lab.example>",
    "RCPT TO:<nobody@lab.example>",
    "DATA",
    "Subject: hello",
    ".",
    "RSET",
    "VERFY alice",
    "MAIL FROM:<x@laptop.example>\nRCPT TO:<alice@lab.example>\nDATA\nhello\n.",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.sampled_from(LINES), st.integers(1, 4), st.just("fork")), max_size=25))
def test_after_any_steps_back_and_forth_it_is_as_if_only_what_is_left_had_been_said(moves: list[str | int]) -> None:
    session, left = Lab().telnet(HOST), list[str]()
    for move in moves:
        if isinstance(move, int):
            if move <= len(left):
                session.undo(move)
                del left[-move:]
        elif move == "fork":
            session = session.fork()
        elif not session.closed:
            with suppress(SessionClosed):  # the tenth error, amid the lines of a step
                session.send(move)
            left.append(move)
    straight = Lab()
    same = straight.telnet(HOST)
    for line in left:
        with suppress(SessionClosed):
            same.send(line)
    assert same.transcript == session.transcript
    assert mail(straight) == mail(session.lab)
    assert same.conversation == session.conversation
    assert straight.conversations == session.lab.conversations


def test_a_thousand_steps_cost_little_to_make_and_to_take_back(ready: Session) -> None:
    before = Transcript(ready.transcript)
    begin = time.perf_counter()
    ready.send("MAIL FROM:<x@laptop.example>\nRCPT TO:<bob@lab.example>\nDATA")
    for number in range(1000):
        ready.send(f"line {number}")
    ready.send(".")
    ready.fork()
    ready.undo(1002)
    assert time.perf_counter() - begin < 60
    assert ready.transcript == before


def test_where_an_undo_leads_is_known_before_it(ready: Session) -> None:
    rows = [len(ready.transcript)]
    for line in ("NOOP", "RSET"):
        ready.send(line)
        rows.append(len(ready.transcript))
    assert [ready.rows_before(steps) for steps in (2, 1, 0)] == rows
    assert len(ready.undo(2).transcript) == rows[0]
