"""The scheduler: events in order of time, tie-break and addition, on a virtual clock."""

from weakref import ref

import pytest

from smtplab.base.seed import Seed
from smtplab.worlds.scheduler import Scheduler, TieBreaks


def collected(scheduler: Scheduler, *delays: int, ties: TieBreaks | None = None) -> list[tuple[int, int]]:
    """Add an event for each delay, let all happen, and return the time and the place in the row of each."""
    happened: list[tuple[int, int]] = []
    for place, delay in enumerate(delays):
        scheduler.after(delay, lambda place=place: happened.append((scheduler.now, place)), ties or TieBreaks())
    while scheduler.step():
        pass
    return happened


def test_events_happen_in_order_of_time_and_then_as_they_were_added() -> None:
    assert collected(Scheduler(), 7, 0, 7, 3, 0) == [(0, 1), (0, 4), (3, 3), (7, 0), (7, 2)]


def test_tie_breaks_order_what_is_due_at_the_same_instant_and_nothing_else() -> None:
    delays = [5] * 20 + [4]
    one, again, other = (collected(Scheduler(), *delays, ties=TieBreaks(Seed(seed))) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert [time for time, _ in one] == [time for time, _ in other] == sorted(delays)
    assert one[1:] != sorted(one[1:])


def test_one_more_event_of_a_source_changes_no_tie_break_of_another() -> None:
    one, other = TieBreaks(Seed(1).fork("one")), TieBreaks(Seed(1).fork("other"))
    drawn = [one.draw(), one.draw()]
    again = TieBreaks(Seed(1).fork("one"))
    assert [again.draw(), other.draw() * 0 + again.draw()] == drawn
    assert TieBreaks(Seed(1).fork("other")).draw() not in drawn
    assert TieBreaks().draw() == 0


def test_an_event_that_an_event_adds_for_the_same_instant_happens_behind_those_there_are() -> None:
    scheduler, happened = Scheduler(), []
    scheduler.after(1, lambda: scheduler.after(0, lambda: happened.append("added")))
    scheduler.after(1, lambda: happened.append("there"))
    while scheduler.step():
        pass
    assert happened == ["there", "added"]
    assert scheduler.now == 1


def test_a_cancelled_event_does_not_happen_and_the_clock_does_not_stop_at_it() -> None:
    scheduler, happened = Scheduler(), []
    event = scheduler.timer(1, lambda: happened.append("cancelled"))
    scheduler.after(2, lambda: happened.append("there"))
    scheduler.cancel(event)
    scheduler.cancel(event)
    assert scheduler.next_time == 2
    assert scheduler.step()
    assert (scheduler.now, happened) == (2, ["there"])
    assert not scheduler.step()
    assert (scheduler.now, scheduler.next_time) == (2, None)


def test_to_cancel_what_has_happened_changes_nothing() -> None:
    scheduler, happened = Scheduler(), []
    event = scheduler.timer(1, lambda: happened.append(1))
    scheduler.step()
    scheduler.after(1, lambda: happened.append(2))
    heap = scheduler._heap
    for _ in range(200):
        scheduler.cancel(event)
    assert scheduler._heap is heap
    scheduler.step()
    assert happened == [1, 2]


class _Thing:
    def do(self) -> None:
        """Nothing."""


def test_cancelled_events_are_forgotten_long_before_their_time() -> None:
    scheduler = Scheduler()
    scheduler.after(1, _Thing().do)
    for number in range(1000):
        thing = _Thing()
        gone = ref(thing)
        scheduler.cancel(scheduler.timer(10 + number, thing.do))
        del thing
        assert gone() is None
    assert len(scheduler._heap) < 100
    assert scheduler.next_time == 1


def test_what_has_happened_is_forgotten() -> None:
    scheduler, thing = Scheduler(), _Thing()
    gone = ref(thing)
    event = scheduler.timer(1, thing.do)
    del thing
    assert gone() is not None
    scheduler.step()
    assert gone() is None
    scheduler.cancel(event)


def test_few_cancelled_events_among_many_stay_where_they_are() -> None:
    scheduler = Scheduler()
    events = [scheduler.timer(number, _Thing().do) for number in range(300)]
    heap = scheduler._heap
    for event in events[100:250]:
        scheduler.cancel(event)
    assert scheduler._heap is heap
    scheduler.cancel(events[250])
    assert len(scheduler._heap) == 149
    heap = scheduler._heap
    for event in events[:74]:
        scheduler.cancel(event)
    assert scheduler._heap is heap  # the count has begun anew
    scheduler.cancel(events[74])
    assert len(scheduler._heap) == 74
    assert [scheduler.step() for _ in range(75)] == [True] * 74 + [False]
    assert scheduler.now == 299


def test_what_is_left_when_cancelled_events_are_forgotten_happens_in_its_order() -> None:
    scheduler, happened = Scheduler(), []
    gone = [scheduler.timer(time, _Thing().do) for time in range(200)]
    times = [time for turn in range(20) for time in (turn, 1000 - turn, 500 + turn, 300 - turn)]
    for time in times:
        event = scheduler.timer(time, lambda time=time: happened.append((scheduler.now, time)))
        gone += [event] if time % 3 else []
    for event in gone:
        scheduler.cancel(event)
    while scheduler.step():
        pass
    assert happened == [(time, time) for time in sorted(times) if time % 3 == 0]


def test_cancelled_events_whose_time_has_come_are_counted_no_more() -> None:
    scheduler = Scheduler()
    early, late = ([scheduler.timer(time, _Thing().do) for _ in range(60)] for time in (1, 3))
    scheduler.after(2, _Thing().do)
    heap = scheduler._heap
    for event in early:
        scheduler.cancel(event)
    assert scheduler.next_time == 2
    for event in late[:10]:
        scheduler.cancel(event)
    assert scheduler._heap is heap
    assert len(heap) == 61
    for event in late:
        scheduler.cancel(event)
    assert scheduler.step()
    assert not scheduler.step()


def test_no_event_after_the_last_instant_happens_and_the_clock_stays() -> None:
    scheduler, happened = Scheduler(), []
    for time in (5, 7):
        scheduler.after(time, lambda time=time: happened.append(time))
    scheduler.cancel(scheduler.timer(4, print))
    assert [scheduler.step(until) for until in (4, 5, 6)] == [False, True, False]
    assert (scheduler.now, happened, scheduler.next_time) == (5, [5], 7)
    assert scheduler.step()
    assert not scheduler.step(100)


def test_an_event_in_the_past_is_refused() -> None:
    scheduler = Scheduler()
    with pytest.raises(ValueError, match="in the past"):
        scheduler.after(-1, print)
    assert scheduler.next_time is None


def test_whoever_takes_a_clock_reads_the_present_instant() -> None:
    scheduler = Scheduler()
    scheduler.after(7, _Thing().do)
    assert scheduler.read() == 0
    scheduler.step()
    assert scheduler.read() == scheduler.now == 7
