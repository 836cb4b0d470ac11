"""The queue tries what is due, within its limits, and never loses or doubles a recipient."""

import copy
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from smtplab.base.duration import DAY, HOUR, MINUTE
from smtplab.base.seed import Seed
from smtplab.mta.attempt import Action, AttemptResult, answered
from smtplab.mta.queue import Queue, QueueError
from smtplab.mta.queue_entry import Attempt, QueueEntry, Settlement, entries_of
from smtplab.mta.retry_schedule import HopLimits, RetrySchedule
from smtplab.protocol.grammar import NULL_PATH, Path
from smtplab.protocol.replies import Reply
from support.python import printed_by

ALICE, BOB, CAROL = Path("alice", "far.example"), Path("bob", "far.example"), Path("carol", "other.example")
SENDER = Path("someone", "near.example")
OK, LATER, NEVER = Reply(250, "2.0.0 Ok"), Reply(451, "4.3.0 Later"), Reply(550, "5.1.1 Never")
SCHEDULE = RetrySchedule((30 * MINUTE, HOUR, 2 * HOUR), jitter=0, expires_after=DAY, warns_after=2 * HOUR)


def queue_of(*entries: QueueEntry, schedule: RetrySchedule = SCHEDULE, limits: HopLimits | None = None) -> Queue:
    queue = Queue(schedule, Seed(1), limits)
    for entry in entries:
        queue.add(entry)
    return queue


def entry(name: str = "A1", due: int = 0, hop: str = "far.example", **more: object) -> QueueEntry:
    """Return an entry for alice and bob that arrived at 0."""
    values: dict[str, object] = {"sender": SENDER, "recipients": (ALICE, BOB), "arrived": 0} | more
    return QueueEntry(name, name, next_hop=hop, due=due, **values)  # type: ignore[arg-type]


def all_answered(attempt: Attempt, reply: Reply) -> AttemptResult:
    return answered(attempt.entry.recipients, "far.example", reply)


def settled(queue: Queue, reply: Reply, now: int) -> Settlement:
    """Make the one attempt that is due, and settle it with one reply for everybody."""
    (attempt,) = queue.due(now)
    return queue.settle(attempt, all_answered(attempt, reply), now)


def test_a_message_that_has_arrived_is_due_at_once() -> None:
    queue = queue_of(entry(due=7))
    assert queue.next_due() == 7
    assert queue.due(6) == ()
    (attempt,) = queue.due(7)
    assert (attempt.entry.id, attempt.number, attempt.started) == ("A1", 1, 7)
    assert queue.active == (attempt,)
    assert queue.due(7) == ()
    assert queue.next_due() is None


def test_2yz_ends_it() -> None:
    queue = queue_of(entry())
    settlement = settled(queue, OK, 0)
    assert settlement.entry is None
    assert [each.path for each in settlement.done] == [ALICE, BOB]
    assert (len(queue), list(queue), "A1" in queue) == (0, [], False)


def test_5yz_is_bounced() -> None:
    settlement = settled(queue_of(entry()), NEVER, 0)
    assert settlement.entry is None
    assert [each.path for each in settlement.failed] == [ALICE, BOB]
    assert not settlement.expired


def test_4yz_is_tried_again_by_the_table() -> None:
    queue, now, times = queue_of(entry()), 0, []
    for _ in range(5):
        left = settled(queue, LATER, now).entry
        assert left is not None
        assert left.due == queue.next_due()
        times.append(left.due - now)
        now = left.due
    assert times == [30 * MINUTE, HOUR, 2 * HOUR, 2 * HOUR, 2 * HOUR]


def test_only_those_who_were_delayed_are_tried_again() -> None:
    queue = queue_of(entry(recipients=(ALICE, BOB, CAROL)))
    (attempt,) = queue.due(0)
    results = [
        answered([path], "x", reply).recipients[0] for path, reply in ((ALICE, OK), (BOB, LATER), (CAROL, NEVER))
    ]
    settlement = queue.settle(attempt, AttemptResult(tuple(results)), 0)
    assert (settlement.done, settlement.delayed, settlement.failed) == tuple((each,) for each in results)
    assert settlement.entry == queue.get("A1")
    assert queue.get("A1").recipients == (BOB,)
    assert queue.get("A1").last == (results[1],)
    assert queue.get("A1").attempts == 1


def test_the_time_to_the_next_attempt_is_the_same_after_a_restart() -> None:
    jittery = RetrySchedule((HOUR,), jitter=50)
    one = queue_of(entry(), schedule=jittery)
    left = settled(one, LATER, 0).entry
    assert left is not None
    after_restart = queue_of(left, schedule=jittery)
    assert settled(one, LATER, left.due).entry == settled(after_restart, LATER, left.due).entry


def test_one_more_message_moves_no_attempt_of_another() -> None:
    jittery = RetrySchedule((HOUR,), jitter=50)
    alone = queue_of(entry(), schedule=jittery)
    among = queue_of(entry("B2"), entry(), schedule=jittery)
    for queue in (alone, among):
        for attempt in queue.due(0):
            queue.settle(attempt, all_answered(attempt, LATER), 0)
    assert alone.get("A1") == among.get("A1")


def test_a_message_is_given_up_when_its_time_has_run_out() -> None:
    queue = queue_of(entry(due=DAY))
    settlement = settled(queue, LATER, DAY)
    assert settlement.expired
    assert settlement.entry is None
    assert {(each.action, str(each.status)) for each in settlement.failed} == {(Action.FAILED, "4.3.0")}
    assert all("1 d" in each.words and "Later" in each.words for each in settlement.failed)
    assert len(queue) == 0


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(450), "4.4.7"),
        (Reply(450, "4.0.0 later"), "4.4.7"),
        (Reply(450, "4.2.0 later"), "4.2.0"),
        (Reply(451, "4.7.1 later"), "4.7.1"),
    ],
)
def test_the_status_of_mail_whose_time_has_run_out_says_so_if_the_last_answer_says_no_more(
    reply: Reply, status: str
) -> None:
    settlement = settled(queue_of(entry(due=DAY)), reply, DAY)
    assert settlement.expired
    assert {str(each.status) for each in settlement.failed} == {status}
    refused = settled(queue_of(entry(due=DAY)), Reply(550), DAY)
    assert {str(each.status) for each in refused.failed} == {"5.0.0"}


def test_the_last_attempt_is_made_at_the_end_of_the_time() -> None:
    queue = queue_of(entry(due=DAY - MINUTE))
    left = settled(queue, LATER, DAY - MINUTE).entry
    assert left is not None
    assert left.due == DAY


def test_a_last_attempt_may_succeed() -> None:
    assert not settled(queue_of(entry(due=DAY)), OK, DAY).failed


def test_the_sender_is_warned_of_a_delay_once() -> None:
    queue, now, warned_at = queue_of(entry()), 0, []
    while now < DAY:
        settlement = settled(queue, LATER, now)
        if settlement.warns:
            warned_at.append(now)
            assert settlement.delayed
        if settlement.entry is not None:
            now = settlement.entry.due
    assert warned_at == [3 * HOUR + 30 * MINUTE]


def test_nobody_is_warned_of_a_bounce_or_where_warnings_are_off() -> None:
    assert not settled(queue_of(entry(sender=NULL_PATH, due=4 * HOUR)), LATER, 4 * HOUR).warns
    silent = RetrySchedule((HOUR,), warns_after=None)
    assert not settled(queue_of(entry(due=4 * HOUR), schedule=silent), LATER, 4 * HOUR).warns


def test_a_next_hop_gets_no_more_sessions_than_its_limit() -> None:
    limits = HopLimits(sessions=2, hops={"slow.example": 1})
    queue = queue_of(
        *(entry(f"A{number}") for number in range(3)),
        *(entry(f"S{number}", hop="slow.example") for number in range(3)),
        limits=limits,
    )
    started = queue.due(0)
    assert Counter(each.entry.next_hop for each in started) == {"far.example": 2, "slow.example": 1}
    assert queue.next_due() is None
    slow = next(each for each in started if each.entry.next_hop == "slow.example")
    queue.settle(slow, all_answered(slow, OK), 5)
    assert queue.next_due() == 0
    assert [each.entry.next_hop for each in queue.due(5)] == ["slow.example"]


def test_all_next_hops_together_get_no_more_sessions_than_the_total() -> None:
    queue = queue_of(*(entry(f"A{number}", hop=f"{number}.example") for number in range(5)), limits=HopLimits(total=3))
    first = queue.due(0)
    assert len(first) == 3
    assert queue.next_due() is None
    assert queue.due(1) == ()
    queue.settle(first[0], all_answered(first[0], OK), 1)
    assert len(queue.due(1)) == 1


def test_an_open_session_takes_the_next_entry_of_its_next_hop() -> None:
    queue = queue_of(entry("A1"), entry("A2", due=9), entry("B1", hop="b.example"), limits=HopLimits(sessions=1))
    attempts = {each.entry.id: each for each in queue.due(0)}
    assert queue.another("far.example", 0) is None  # its one session is in use
    queue.settle(attempts["A1"], all_answered(attempts["A1"], OK), 8)
    assert queue.another("far.example", 8) is None  # nothing is due
    more = queue.another("far.example", 9)
    assert more is not None
    assert more.entry.id == "A2"
    assert queue.due(9) == ()
    assert queue.another("b.example", 9) is None
    assert queue.another("c.example", 9) is None


def test_what_is_due_earlier_starts_earlier() -> None:
    queue = queue_of(entry("A", due=3), entry("B", due=1, hop="b.example"), entry("C", due=2))
    assert [each.entry.id for each in queue.due(3)] == ["B", "C", "A"]


def test_the_seed_picks_the_order_of_what_is_due_at_the_same_time() -> None:
    def order(seed: int, names: str) -> list[str]:
        queue = Queue(SCHEDULE, Seed(seed))
        for name in names:
            queue.add(entry(name, hop=name))
        return [each.entry.id for each in queue.due(0)]

    assert order(1, "abcdef") == order(1, "fedcba")
    assert len({tuple(order(seed, "abc")) for seed in range(60)}) == 6


def test_two_processes_with_different_hash_seeds_run_the_same_queue() -> None:
    script = (
        "from smtplab.base.seed import Seed\n"
        "from smtplab.mta.queue import Queue\nfrom smtplab.mta.queue_entry import entries_of\n"
        "from smtplab.mta.retry_schedule import RetrySchedule\nfrom smtplab.mta.attempt import answered\n"
        "from smtplab.protocol.grammar import NULL_PATH, Path\nfrom smtplab.protocol.replies import Reply\n"
        "queue, now = Queue(RetrySchedule(), Seed(1)), 0\n"
        "paths = [Path('a', f'{letter}.example') for letter in 'abcdefgh']\n"
        "for entry in entries_of('A1', {Path('', ''): paths}, 0, str): queue.add(entry)\n"
        "for _ in range(20):\n"
        "    now = queue.next_due()\n"
        "    for attempt in queue.due(now):\n"
        "        print(now, attempt.entry.id)\n"
        "        result = answered(attempt.entry.recipients, 'x', Reply(450))\n"
        "        queue.settle(attempt, result, now)\n"
    )
    assert printed_by(script, PYTHONHASHSEED="1") == printed_by(script, PYTHONHASHSEED="2") != ""


def test_entries_stay_in_the_order_in_which_they_were_added() -> None:
    queue = queue_of(entry("B1"), entry("A1"), entry("C1", due=HOUR), entry("D1"))
    for attempt in queue.due(0):
        queue.settle(attempt, all_answered(attempt, OK if attempt.entry.id == "D1" else LATER), 0)
    queue.retry("C1", 5)
    assert [each.id for each in queue] == ["B1", "A1", "C1"]


def test_an_entry_on_hold_is_not_started_nor_retried_nor_dropped_twice_until_it_is_released() -> None:
    queue = queue_of(entry("A1"), entry("A2", due=HOUR))
    assert queue.hold("A1").id == "A1"
    assert queue.next_due() == HOUR
    assert queue.due(0) == ()
    assert "A1" in queue
    for refused in (queue.hold, lambda name: queue.retry(name, 5)):
        with pytest.raises(QueueError, match="dropped"):
            refused("A1")
    queue.release("A1")
    assert [attempt.entry.id for attempt in queue.due(0)] == ["A1"]
    with pytest.raises(QueueError, match="delivered"):
        queue.hold("A1")
    queue.hold("A2")
    assert queue.drop("A2").id == "A2"
    assert (len(queue), queue.next_due()) == (1, None)


def test_while_the_first_of_a_next_hop_is_on_hold_the_second_starts_and_then_the_first() -> None:
    queue = queue_of(*(entry(name) for name in ("A1", "A2")), limits=HopLimits(sessions=1))
    (running,) = queue.due(0)
    queue.add(entry("A3"))
    assert queue.due(0) == ()
    waiting = [each.id for each in queue if each.id != running.entry.id]
    queue.hold(waiting[0])
    queue.settle(running, all_answered(running, OK), 0)
    (second,) = queue.due(0)
    assert second.entry.id == waiting[1]
    queue.release(waiting[0])
    queue.settle(second, all_answered(second, OK), 0)
    assert [each.entry.id for each in queue.due(0)] == [waiting[0]]


def test_an_attempt_whose_failures_cannot_be_told_is_made_again_for_all_who_lack_the_message() -> None:
    queue = queue_of(entry())
    (attempt,) = queue.due(2 * DAY)
    rows = zip(attempt.entry.recipients, (OK, NEVER), strict=True)
    result = AttemptResult(tuple(answered([path], "x", reply).recipients[0] for path, reply in rows))
    settlement = queue.postpone(attempt, result, 2 * DAY)
    assert queue.active == (attempt,)
    queue.settle(attempt, settlement)
    (left,) = queue
    assert (left.recipients, left.attempts, left.due) == ((BOB,), 1, 2 * DAY + 30 * MINUTE)
    assert [each.path for each in settlement.done] == [ALICE]
    with pytest.raises(QueueError):
        queue.settle(attempt, settlement)


def test_retry_makes_an_entry_due_now() -> None:
    queue = queue_of(entry(due=HOUR))
    assert queue.retry("A1", 5).due == 5
    assert queue.next_due() == 5
    (attempt,) = queue.due(5)
    assert queue.retry("A1", 6) == attempt.entry
    settlement = queue.settle(attempt, all_answered(attempt, LATER), 6)
    assert settlement.entry is not None
    assert queue.due(HOUR) != ()  # once, and not at its first time as well
    assert queue.due(HOUR) == ()


def test_what_is_due_already_stays_where_it_is() -> None:
    queue = queue_of(entry(due=5))
    assert queue.retry("A1", 9).due == 5


def test_dropped_entries_are_gone() -> None:
    queue = queue_of(entry("A1"), entry("A2"), entry("A3", due=9), limits=HopLimits(sessions=1))
    (attempt,) = queue.due(0)
    waiting = next(each.id for each in queue if each.id in ("A1", "A2") and each.id != attempt.entry.id)
    assert queue.drop(waiting).id == waiting
    assert queue.drop("A3").id == "A3"
    queue.settle(attempt, all_answered(attempt, OK), 0)
    assert (queue.next_due(), queue.due(100), len(queue)) == (None, (), 0)


def test_when_the_first_of_a_next_hop_is_dropped_the_second_starts() -> None:
    queue = queue_of(*(entry(f"A{number}") for number in range(3)), limits=HopLimits(sessions=1))
    (attempt,) = queue.due(0)
    queue.settle(attempt, all_answered(attempt, OK), 0)
    first = copy.deepcopy(queue).due(0)[0].entry.id
    queue.drop(first)
    assert queue.next_due() == 0
    (second,) = queue.due(0)
    assert second.entry.id not in (first, attempt.entry.id)


def test_an_attempt_under_way_cannot_be_dropped() -> None:
    queue = queue_of(entry())
    queue.due(0)
    with pytest.raises(QueueError, match="A1"):
        queue.drop("A1")


@pytest.mark.parametrize("call", ["get", "drop", "retry"])
def test_an_unknown_entry_is_refused(call: str) -> None:
    with pytest.raises(QueueError, match="A9"):
        getattr(queue_of(entry()), call)("A9", *([0] if call == "retry" else []))


def test_an_id_is_taken_once() -> None:
    with pytest.raises(QueueError, match="already"):
        queue_of(entry(), entry())


def test_only_an_attempt_under_way_can_be_settled_and_for_its_own_recipients() -> None:
    queue = queue_of(entry())
    (attempt,) = queue.due(0)
    with pytest.raises(QueueError, match="recipients"):
        queue.settle(attempt, answered([ALICE], "x", OK), 0)
    with pytest.raises(QueueError, match="recipients"):
        queue.settle(attempt, answered([ALICE, ALICE], "x", OK), 0)
    queue.settle(attempt, answered([BOB, ALICE], "x", OK), 0)
    with pytest.raises(QueueError, match="under"):
        queue.settle(attempt, all_answered(attempt, OK), 0)


def test_a_copy_goes_its_own_way() -> None:
    queue = queue_of(entry())
    (attempt,) = queue.due(0)
    other = copy.deepcopy(queue)
    queue.settle(attempt, all_answered(attempt, OK), 0)
    assert len(other) == 1
    (copied,) = other.active
    other.settle(copied, all_answered(copied, LATER), 0)
    assert (len(queue), len(other)) == (0, 1)


def test_a_hundred_thousand_entries_cost_little_more_each_than_a_thousand() -> None:
    def seconds_for_each(count: int) -> float:
        entries = [entry(f"A{number}", due=number, hop=f"{number % 200}.example") for number in range(count)]
        taken = answered((ALICE, BOB), "far.example", OK)
        begin = time.process_time()
        queue = queue_of(*entries)
        now, left = 0, count
        while left:
            now = queue.next_due() or now
            for attempt in queue.due(now):
                queue.settle(attempt, taken, now)
                left -= 1
        assert len(queue) == 0
        return (time.process_time() - begin) / count

    small = min(seconds_for_each(1_000) for _ in range(3))
    assert seconds_for_each(100_000) < 3 * small  # a scan of all entries would cost a hundred times as much


def test_nothing_is_left_of_next_hops_whose_mail_is_gone() -> None:
    queue = queue_of(*(entry(f"A{number}", hop=f"{number}.example") for number in range(50)))
    for attempt in queue.due(0):
        queue.settle(attempt, all_answered(attempt, OK), 0)
    queue.next_due()
    held = [value for value in vars(queue).values() if isinstance(value, dict | list)]
    assert [len(value) for value in held] == [0] * len(held)


# The queue never loses or doubles a recipient.

PATHS = [Path(letter, f"{digit}.example") for letter in "ab" for digit in "123"]


class QueueMachine(RuleBasedStateMachine):
    """A queue between a host that accepts messages and next hops that answer anything, at any time."""

    attempts = Bundle("attempts")

    def __init__(self) -> None:
        super().__init__()
        schedule = RetrySchedule((MINUTE, 5 * MINUTE), jitter=50, expires_after=HOUR, warns_after=10 * MINUTE)
        self.queue = Queue(schedule, Seed(1), HopLimits(sessions=2, total=3))
        self.now = 0
        self.count = 0
        self.accepted: Counter[tuple[str, Path]] = Counter()
        self.ended: Counter[tuple[str, Path]] = Counter()
        self.warned: Counter[str] = Counter()

    @rule(paths=st.lists(st.sampled_from(PATHS), min_size=1), sender=st.sampled_from([SENDER, NULL_PATH]))
    def accept(self, paths: list[Path], sender: Path) -> None:
        self.count += 1
        for each in entries_of(f"M{self.count}", {sender: paths}, self.now, lambda domain: domain):
            self.queue.add(each)
            self.accepted.update((each.queue_id, path) for path in each.recipients)

    @rule(microseconds=st.integers(0, HOUR // 2))
    def wait(self, microseconds: int) -> None:
        self.now += microseconds

    @rule()
    def wait_until_something_is_due(self) -> None:
        due = self.queue.next_due()
        self.now = max(self.now, due or 0)
        has_room = len(self.queue.active) < self.queue.limits.total
        assert due is None or self.queue.due(self.now) or not has_room

    @rule()
    def start(self) -> None:
        started = self.queue.due(self.now)
        assert all(attempt.entry.due <= self.now for attempt in started)
        assert self.queue.due(self.now) == ()
        assert (self.queue.next_due() or self.now + 1) > self.now

    @precondition(lambda self: self.queue.active)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        attempt = data.draw(st.sampled_from(self.queue.active))
        replies = [data.draw(st.sampled_from([OK, LATER, LATER, NEVER])) for _ in attempt.entry.recipients]
        rows = zip(attempt.entry.recipients, replies, strict=True)
        result = AttemptResult(tuple(answered([path], "x", reply).recipients[0] for path, reply in rows))
        settlement = self.queue.settle(attempt, result, self.now)
        parts = (*settlement.done, *settlement.failed, *settlement.delayed)
        assert Counter(each.path for each in parts) == Counter(attempt.entry.recipients)
        left = () if settlement.entry is None else settlement.entry.recipients
        assert left == tuple(each.path for each in settlement.delayed)
        assert settlement.entry is None or settlement.entry.due > self.now
        self.ended.update((attempt.entry.queue_id, each.path) for each in (*settlement.done, *settlement.failed))
        self.warned[attempt.entry.id] += settlement.warns

    @precondition(lambda self: self.queue.active)
    @rule()
    def interrupt(self) -> None:
        attempt = self.queue.active[0]
        settlement = self.queue.postpone(attempt, all_answered(attempt, NEVER), self.now)
        self.queue.settle(attempt, settlement)

    @precondition(lambda self: len(self.queue) > len(self.queue.active))
    @rule(data=st.data())
    def hold_for_a_while(self, data: st.DataObject) -> None:
        waiting = [each.id for each in self.queue if self.queue.attempt_of(each.id) is None]
        name = self.queue.hold(data.draw(st.sampled_from(waiting))).id
        self.start()
        assert self.queue.attempt_of(name) is None
        self.queue.release(name)

    @precondition(lambda self: len(self.queue))
    @rule(data=st.data())
    def drop_or_retry(self, data: st.DataObject) -> None:
        each = data.draw(st.sampled_from(list(self.queue)))
        if data.draw(st.booleans()):
            assert self.queue.retry(each.id, self.now).due <= max(self.now, each.due)
        elif self.queue.attempt_of(each.id) is None:
            dropped = self.queue.drop(each.id)
            self.ended.update((dropped.queue_id, path) for path in dropped.recipients)

    @rule()
    def restart(self) -> None:
        entries = list(self.queue)
        self.queue = Queue(self.queue.schedule, Seed(1), self.queue.limits)
        for each in entries:
            self.queue.add(each)

    @invariant()
    def every_recipient_is_in_the_queue_or_has_ended_once(self) -> None:
        queued = Counter((each.queue_id, path) for each in self.queue for path in each.recipients)
        assert queued + self.ended == self.accepted

    @invariant()
    def limits_hold(self) -> None:
        hops = Counter(attempt.entry.next_hop for attempt in self.queue.active)
        assert len(self.queue.active) <= 3
        assert max(hops.values(), default=0) <= 2

    @invariant()
    def nobody_is_warned_twice(self) -> None:
        assert max(self.warned.values(), default=0) <= 1


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(stateful_step_count=40)


@given(st.integers(0, 10**6), st.lists(st.integers(1, 10), min_size=1, max_size=4))
def test_whatever_the_table_a_message_ends(seed: int, hours: list[int]) -> None:
    schedule = RetrySchedule(tuple(each * HOUR for each in hours), jitter=30, expires_after=2 * DAY)
    queue = Queue(schedule, Seed(seed))
    queue.add(entry())
    attempts = 0
    while (now := queue.next_due()) is not None:
        last = settled(queue, LATER, now)
        attempts += 1
    assert last.expired
    assert now is None
    assert attempts <= 2 + 2 * DAY // (min(hours) * HOUR)
