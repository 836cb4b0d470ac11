from __future__ import annotations

from itertools import count, islice

from smtplab.mta.queue_ids import QueueIds, TimedIds, microseconds_now

NOW = 1_795_000_000_000_000


def test_an_id_is_the_time_in_ten_letters_and_digits() -> None:
    assert next(TimedIds(clock=lambda: NOW)) == "HO9VM6H1J4"
    assert next(TimedIds(clock=lambda: 36)) == "0000000010"
    assert len(next(TimedIds())) == 10


def test_ids_differ_within_a_microsecond_and_sort_by_time() -> None:
    ids = list(islice(TimedIds(clock=lambda: NOW), 100))
    assert len(set(ids)) == 100
    assert ids == sorted(ids)


def test_a_restart_repeats_no_id() -> None:
    clock = count(NOW)
    before = list(islice(TimedIds(clock=lambda: next(clock)), 100))
    after = list(islice(TimedIds(clock=lambda: next(clock)), 100))
    assert not set(before) & set(after)


def test_a_clock_that_was_set_back_repeats_no_id_of_the_spool() -> None:
    kept = list(islice(TimedIds(clock=lambda: NOW), 3))
    after = TimedIds([*kept, "A000001", "note.txt10"], clock=lambda: NOW - 1000)
    assert not set(kept) & set(islice(after, 100))


def test_the_clock_is_that_of_this_machine() -> None:
    assert microseconds_now() > NOW - 3600 * 24 * 365 * 10**6


def test_names_of_messages_are_given_once() -> None:
    names = QueueIds()
    assert list(islice(names, 3)) == ["A000001", "A000002", "A000003"]
