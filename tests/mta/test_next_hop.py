"""A session with a next hop: each step is a task for the world, and its outcome a result for each recipient."""

from collections.abc import Callable, Generator

import pytest

from smtplab.client.outcomes import Timeouts
from smtplab.mta.attempt import Action, AttemptResult
from smtplab.mta.next_hop import NextHop
from smtplab.mta.task import HostTask
from smtplab.protocol.grammar import Path

ALICE, BOB, SENDER = Path("alice", "far.example"), Path("bob", "far.example"), Path("someone", "near.example")
CONTENT = b"Subject: x\r\n\r\nx\r\n"

Steps = Generator[HostTask, object, AttemptResult | None]


def hop_to(port: int = 25) -> NextHop:
    return NextHop("192.0.2.1", port, "near.example", "A000001", Timeouts(), "mx.far.example")


def run(steps: Steps, *answers: bytes) -> AttemptResult | None:
    """Run steps of one task against a server that gives these answers, and return their result."""
    session = next(steps).session
    for answer in answers:
        session.data_to_send()
        session.receive(answer + b"\r\n" if answer else b"")
    try:
        steps.send(None)
    except StopIteration as done:
        result: AttemptResult | None = done.value
        return result
    raise AssertionError("one task was expected")


def opened() -> NextHop:
    hop = hop_to()
    assert run(hop.open([ALICE]), b"220 x", b"250 x") is None
    return hop


def test_a_session_that_opens_has_decided_nothing_yet() -> None:
    hop = hop_to()
    assert not hop.opened
    steps = hop.open([ALICE])
    task = next(steps)
    assert (task.host, task.port, task.opens, task.queue_id) == ("192.0.2.1", 25, True, "A000001")
    assert opened().opened


def test_a_host_is_called_by_its_name_and_an_unusual_port() -> None:
    for port, name in ((25, "mx.far.example"), (2525, "mx.far.example port 2525")):
        assert next(hop_to(port).open([ALICE])).session.server == name


def test_a_host_that_cannot_be_reached_delays_everybody() -> None:
    result = run(hop_to().open([ALICE, BOB]), b"")
    assert result is not None
    assert [each.action for each in result.recipients] == [Action.DELAYED] * 2
    assert {str(each.status) for each in result.recipients} == {"4.4.1"}
    assert {each.host for each in result.recipients} == {"mx.far.example"}


def test_a_question_says_who_would_be_accepted() -> None:
    result = run(opened().ask(SENDER, [ALICE, BOB], CONTENT), b"250 x", b"250 x", b"550 x", b"250 x")
    assert result is not None
    assert [each.action for each in result.recipients] == [Action.RELAYED, Action.FAILED]


def test_a_delivery_ends_with_a_result_and_the_session_goes_on() -> None:
    hop = opened()
    for code, action in ((b"250 x", Action.RELAYED), (b"451 x", Action.DELAYED), (b"554 x", Action.FAILED)):
        result = run(hop.deliver(SENDER, [ALICE], CONTENT), b"250 x", b"250 x", b"354 x", code)
        assert result is not None
        assert [each.action for each in result.recipients] == [action]
    assert not hop.closed


def test_only_recipients_whose_addresses_need_smtputf8_fail_at_a_host_without_it() -> None:
    zoe = Path("zoë", "far.example")
    steps = opened().deliver(SENDER, [ALICE, zoe, BOB], CONTENT)
    assert not next(steps).session.busy  # nothing was sent for all three
    session = steps.send(None).session
    for answer in (b"250 x", b"250 x", b"550 x", b"354 x", b"250 x"):
        session.data_to_send()
        session.receive(answer + b"\r\n")
    with pytest.raises(StopIteration) as ended:
        steps.send(None)
    rows = ended.value.value.recipients
    assert [each.path for each in rows] == [ALICE, zoe, BOB]
    assert [each.action for each in rows] == [Action.RELAYED, Action.FAILED, Action.FAILED]
    assert [str(each.status) for each in rows] == ["2.0.0", "5.6.7", "5.0.0"]


@pytest.mark.parametrize(
    ("sender", "content", "status"),
    [(SENDER, CONTENT, "5.6.7"), (Path("zoë", "a.example"), CONTENT, "5.6.7"), (SENDER, b"A: \xc3\xab\r\n", "5.6.9")],
)
def test_all_fail_at_once_if_nobody_could_get_the_message(sender: Path, content: bytes, status: str) -> None:
    result = run(opened().deliver(sender, [Path("zoë", "far.example"), Path("zoé", "far.example")], content))
    assert result is not None
    assert [str(each.status) for each in result.recipients] == [status] * 2


def test_a_session_that_has_ended_delays_the_message_without_a_task() -> None:
    hop = opened()
    run(hop.ask(SENDER, [ALICE], CONTENT), b"421 x")
    assert hop.closed
    with pytest.raises(StopIteration) as ended:
        next(hop.deliver(SENDER, [ALICE], CONTENT))
    (row,) = ended.value.value.recipients
    assert (row.action, str(row.status)) == (Action.DELAYED, "4.4.2")
    assert "ended the session" in row.words


@pytest.mark.parametrize("step", [NextHop.ask, NextHop.deliver])
@pytest.mark.parametrize(("leaving", "next_said"), [(True, b""), (False, b"RSET\r\n")])
def test_who_leaves_after_a_refusal_says_no_rset(step: Callable[..., Steps], leaving: bool, next_said: bytes) -> None:
    steps = step(opened(), SENDER, [ALICE], CONTENT, leaving=leaving)
    session = next(steps).session
    for answer in (b"250 x\r\n", b"550 x\r\n"):
        session.data_to_send()
        session.receive(answer)
    assert session.data_to_send() == next_said
    assert session.busy == bool(next_said)


def test_quit_is_said_unless_the_session_has_ended() -> None:
    hop = opened()
    (task,) = list(hop.leave())
    assert task.farewell  # so a world need not wait for the reply
    assert task.session.data_to_send() == b"QUIT\r\n"
    hop = opened()
    run(hop.ask(SENDER, [ALICE], CONTENT), b"421 x")
    assert list(hop.leave()) == []
