"""Queued mail goes to the hosts of its route, one after the other, and in one session where that is possible."""

from collections.abc import Generator, Sequence

import pytest

from smtplab.base.seed import Seed
from smtplab.mta.attempt import Action, AttemptResult
from smtplab.mta.handler import ClientIdentity, Envelope, Handler
from smtplab.mta.relay import RelayedMessage
from smtplab.mta.task import DiskTask, HostTask, Task
from smtplab.mta.transmission import transmit, without_route
from smtplab.mta.zone import Exchanger, MailRoute, NoRoute, Zone
from smtplab.protocol import replies
from smtplab.protocol.commands import Opening, Rcpt
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import Reply
from support.hosts import MemoryWorld, carry_out

ALICE, BOB, CAROL = (Path(name, "far.example") for name in ("alice", "bob", "carol"))
SENDER = Path("someone", "near.example")
CONTENT = b"Subject: x\r\n\r\n.x\r\n"
LATER, NEVER = replies.MAILBOX_BUSY, replies.NO_SUCH_MAILBOX
GREYLISTED = Reply(451, "4.7.1 Greylisted")


class FarHost(Handler):
    """A host that writes down what it is asked, and gives the replies of a test.

    Args:
        name: its name.
        greeting: the reply to the connection.
        recipients: the replies to RCPT by local part; others are accepted.
        message: the replies to the messages, in their order; then 250.
    """

    def __init__(
        self,
        name: str,
        greeting: Reply = replies.SERVICE_READY,
        recipients: dict[str, Reply] | None = None,
        message: Sequence[Reply] = (),
        sender: Reply = replies.SENDER_OK,
    ) -> None:
        super().__init__(name)
        self.asked: list[str] = []
        self._greeting, self._recipients, self._sender = greeting, recipients or {}, sender
        self._message = list(message)

    def connect(self, session: ClientIdentity) -> Reply:
        self.asked.append("connect")
        return self._greeting

    def mail(self, session: ClientIdentity, opening: Opening) -> Reply:
        return self._sender

    def rcpt(self, session: ClientIdentity, envelope: Envelope, rcpt: Rcpt) -> Reply:
        self.asked.append(rcpt.path.local_part)
        return self._recipients.get(rcpt.path.local_part, replies.RECIPIENT_OK)

    def deliver(self, session: ClientIdentity, envelope: Envelope) -> Reply:
        self.asked.append("message")
        return self._message.pop(0) if self._message else replies.MESSAGE_ACCEPTED


def route_to(*names: str) -> MailRoute:
    return MailRoute("far.example", tuple(Exchanger(name, name) for name in names))


def message(*recipients: Path, queue_id: str = "A000001") -> RelayedMessage:
    return RelayedMessage(SENDER, recipients or (ALICE,), CONTENT, "near.example", queue_id)


def transmitted(hosts: Sequence[FarHost | str], *messages: RelayedMessage) -> list[AttemptResult]:
    """Transmit messages by a route over these hosts, where a name stands for a host that is down."""
    world = MemoryWorld()
    for host in hosts:
        if isinstance(host, FarHost):
            world.start(host)
    world.nobody()
    names = [host.hostname if isinstance(host, FarHost) else host for host in hosts]
    results: list[AttemptResult] = []
    upcoming = iter(messages[1:])

    def next_message(result: AttemptResult) -> Generator[Task, object, RelayedMessage | None]:
        results.append(result)
        yield DiskTask(lambda: None)  # as a queue writes the result to its spool
        return next(upcoming, None)

    carry_out(transmit(messages[0], route_to(*names), next_message), world)
    return results


def actions(result: AttemptResult) -> str:
    return "".join(each.action.value[0] for each in result.recipients)


def test_the_first_host_that_takes_the_message_gets_it() -> None:
    first, second = FarHost("one.example"), FarHost("two.example")
    (result,) = transmitted([first, second], message(ALICE, BOB))
    assert actions(result) == "rr"
    assert {each.host for each in result.recipients} == {"one.example"}
    assert (first.asked, second.asked) == (["connect", "alice", "bob", "message"], [])


@pytest.mark.parametrize(
    "first",
    [
        "down.example",
        "nowhere.example",
        FarHost("one.example", greeting=replies.NO_SERVICE),
        FarHost("one.example", greeting=replies.SHUTTING_DOWN),
        FarHost("one.example", sender=replies.SHUTTING_DOWN),
        FarHost("one.example", recipients={"alice": replies.SHUTTING_DOWN}),
        FarHost("one.example", message=[replies.SHUTTING_DOWN]),
    ],
)
def test_the_second_host_is_tried_where_the_first_takes_no_mail(first: FarHost | str) -> None:
    second = FarHost("two.example")
    (result,) = transmitted([first, second], message())
    assert actions(result) == "r"
    assert second.asked == ["connect", "alice", "message"]
    assert result.elsewhere == ()


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (FarHost("one.example", recipients={"alice": GREYLISTED}), "dr"),
        (FarHost("one.example", recipients={"alice": NEVER, "bob": GREYLISTED}), "fd"),
        (FarHost("one.example", sender=NEVER), "ff"),
        (FarHost("one.example", message=[replies.TRANSACTION_FAILED]), "ff"),
    ],
)
def test_a_refusal_for_good_or_by_a_policy_is_not_taken_to_the_second_host(first: FarHost, expected: str) -> None:
    second = FarHost("two.example")
    (result,) = transmitted([first, second], message(ALICE, BOB))
    assert actions(result) == expected
    assert second.asked == []


@pytest.mark.parametrize(
    ("first", "asked", "expected"),
    [
        (FarHost("one.example", recipients={"alice": LATER}), ["alice"], "rr"),
        (FarHost("one.example", recipients={"alice": NEVER, "bob": LATER}), ["bob"], "fr"),
        (FarHost("one.example", sender=replies.LOCAL_ERROR), ["alice", "bob"], "rr"),
        (FarHost("one.example", message=[replies.INSUFFICIENT_STORAGE]), ["alice", "bob"], "rr"),
    ],
)
def test_who_is_refused_for_now_is_taken_to_the_second_host(first: FarHost, asked: list[str], expected: str) -> None:
    second = FarHost("two.example")
    (result,) = transmitted([first, second], message(ALICE, BOB))
    assert actions(result) == expected
    assert second.asked == ["connect", *asked, "message"]


def test_the_next_message_goes_to_the_first_host_that_answers() -> None:
    first, second = FarHost("one.example", recipients={"alice": LATER}), FarHost("two.example")
    results = transmitted([first, second], message(ALICE), message(BOB, queue_id="A2"), message(ALICE, queue_id="A3"))
    assert [actions(each) for each in results] == ["r", "r", "r"]
    assert first.asked == ["connect", "alice", "bob", "message", "alice"]
    assert second.asked == ["connect", "alice", "message"] * 2


def test_a_host_that_has_answered_is_not_called_at_its_other_address() -> None:
    host = FarHost("one.example", recipients={"alice": LATER})
    (result,) = transmitted([host, host], message())
    assert actions(result) == "d"
    assert host.asked == ["connect", "alice"]


def test_if_all_hosts_refuse_for_now_the_nearest_one_is_named_that_said_why() -> None:
    hosts = [FarHost(f"{name}.example", recipients={"alice": LATER}) for name in ("one", "two")]
    (result,) = transmitted(["down.example", *hosts, "nowhere.example"], message())
    (row,) = result.recipients
    assert (row.action, row.host, row.reply) == (Action.DELAYED, "one.example", LATER)
    (result,) = transmitted(hosts, message())
    assert result.recipients[0].host == "one.example"


def test_a_second_host_that_refuses_for_good_decides() -> None:
    hosts = [FarHost("one.example", recipients={"alice": LATER}), FarHost("two.example", recipients={"alice": NEVER})]
    (result,) = transmitted(hosts, message())
    assert [(each.action, each.host) for each in result.recipients] == [(Action.FAILED, "two.example")]


def test_only_those_who_were_not_refused_are_taken_to_the_second_host() -> None:
    first = FarHost("one.example", recipients={"alice": NEVER, "bob": replies.SHUTTING_DOWN})
    second = FarHost("two.example")
    (result,) = transmitted([first, second], message(ALICE, BOB, CAROL))
    assert actions(result) == "frr"
    assert [each.host for each in result.recipients] == ["one.example", "two.example", "two.example"]
    assert second.asked == ["connect", "bob", "carol", "message"]


def test_if_no_host_takes_mail_everybody_is_delayed() -> None:
    (result,) = transmitted(["down.example", "nowhere.example"], message(ALICE, BOB))
    assert actions(result) == "dd"
    assert {str(each.status) for each in result.recipients} == {"4.4.1"}
    assert result.elsewhere == (ALICE, BOB)


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (["down.example", FarHost("two.example", greeting=replies.NO_SERVICE)], "d"),
        ([FarHost("one.example", greeting=replies.NO_SERVICE), "down.example"], "d"),
        (
            [FarHost("one.example", greeting=replies.NO_SERVICE), FarHost("two.example", greeting=replies.NO_SERVICE)],
            "f",
        ),
    ],
)
def test_a_delay_at_one_host_outweighs_no_service_at_another(hosts: list[FarHost | str], expected: str) -> None:
    (result,) = transmitted(hosts, message())
    assert actions(result) == expected


def test_messages_for_one_next_hop_share_a_session() -> None:
    host = FarHost("one.example", message=[replies.MESSAGE_ACCEPTED, replies.LOCAL_ERROR])
    results = transmitted([host], message(ALICE), message(BOB, queue_id="A2"), message(CAROL, queue_id="A3"))
    assert [actions(each) for each in results] == ["r", "d", "r"]
    assert host.asked == ["connect", "alice", "message", "bob", "message", "carol", "message"]


def test_a_session_that_has_ended_is_opened_again_for_the_next_message() -> None:
    host = FarHost("one.example", recipients={"alice": replies.SHUTTING_DOWN})
    results = transmitted([host], message(ALICE), message(BOB, queue_id="A2"))
    assert [actions(each) for each in results] == ["d", "r"]
    assert host.asked == ["connect", "alice", "connect", "bob", "message"]


def test_a_session_that_ends_between_two_messages_is_opened_again_at_once() -> None:
    host = FarHost("one.example", recipients={"bob": replies.SHUTTING_DOWN, "carol": replies.RECIPIENT_OK})
    results = transmitted([host, FarHost("two.example")], message(ALICE), message(BOB, queue_id="A2"))
    assert [actions(each) for each in results] == ["r", "r"]
    assert host.asked == ["connect", "alice", "message", "bob", "connect", "bob"]
    assert results[1].recipients[0].host == "two.example"


def test_the_end_of_a_session_does_not_outweigh_what_the_host_says_next() -> None:
    class ClosingHost(FarHost):
        def connect(self, session: ClientIdentity) -> Reply:
            first = not self.asked
            return super().connect(session) if first else replies.NO_SERVICE

    host = ClosingHost("one.example", recipients={"bob": replies.SHUTTING_DOWN})
    results = transmitted([host], message(ALICE), message(BOB, queue_id="A2"), message(BOB, queue_id="A3"))
    assert [actions(each) for each in results] == ["r", "f", "f"]


def test_each_task_names_its_message_and_the_address_to_call() -> None:
    route = MailRoute("far.example", (Exchanger("mail.far.example", "192.0.2.1", 2525),))
    job = transmit(message(), route, lambda result: None)
    task = next(job)
    assert isinstance(task, HostTask)
    assert (task.host, task.port, task.queue_id, task.opens) == ("192.0.2.1", 2525, "A000001", True)
    assert task.session.server == "mail.far.example port 2525"
    job.close()


def test_a_lost_answer_to_the_message_is_not_taken_to_the_second_host() -> None:
    route = route_to("one.example", "two.example")
    results: list[AttemptResult] = []

    def last_message(result: AttemptResult) -> Generator[Task, object, None]:
        yield from ()
        results.append(result)

    job = transmit(message(), route, last_message)
    session = next(job).session
    for answer in (b"220 x\r\n", b"250 x\r\n"):
        session.receive(answer)
    assert job.send(None).session is session
    for answer in (b"250 x\r\n", b"250 x\r\n", b"354 x\r\n"):
        session.data_to_send()
        session.receive(answer)
    session.data_to_send()
    session.receive(b"")
    with pytest.raises(StopIteration):
        job.send(None)
    (row,) = results[0].recipients
    assert (row.action, row.possible_duplicate, row.host) == (Action.DELAYED, True, "one.example")


def test_without_a_route_its_reply_decides() -> None:
    no_route = Zone(mx={"far.example": [(0, ".")]}).route("far.example", Seed(1))
    assert isinstance(no_route, NoRoute)
    result = without_route([ALICE, BOB], no_route, "near.example")
    assert actions(result) == "ff"
    assert {(str(each.status), each.host, each.words) for each in result.recipients} == {
        ("5.1.10", "near.example", no_route.reason)
    }
