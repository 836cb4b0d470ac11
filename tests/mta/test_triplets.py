"""What greylisting keeps: triplets are told apart, counted, and forgotten when there are too many."""

import pytest

from smtplab.mta.triplets import MOST_TRIPLETS, Seen, Triplets

ONE = ("192.0.2.1", "a@x.example", "b@y.example")


def test_a_triplet_is_counted_from_its_first_attempt() -> None:
    triplets = Triplets()
    assert [triplets.note(*ONE, now) for now in (5, 7, 7)] == [Seen(1, 5), Seen(2, 5), Seen(3, 5)]


@pytest.mark.parametrize("other", [("192.0.2.2", *ONE[1:]), (ONE[0], "", ONE[2]), (*ONE[:2], "c@y.example")])
def test_each_of_its_parts_makes_another_triplet(other: tuple[str, str, str]) -> None:
    triplets = Triplets()
    triplets.note(*ONE, 1)
    assert triplets.note(*other, 2) == Seen(1, 2)


def test_case_makes_no_other_triplet() -> None:
    triplets = Triplets()
    triplets.note(*ONE, 1)
    assert triplets.note(ONE[0], "A@X.Example", "B@y.EXAMPLE", 2) == Seen(2, 1)


def test_of_too_many_the_one_seen_least_recently_is_new_again() -> None:
    triplets = Triplets(most=2)
    for time, client in enumerate(["first", "second", "first", "third"]):
        triplets.note(client, "", "b@y.example", time)
    assert triplets.note("first", "", "b@y.example", 9) == Seen(3, 0)
    assert triplets.note("second", "", "b@y.example", 9) == Seen(1, 9)


def test_a_flood_of_triplets_takes_no_more_room_than_most_of_them() -> None:
    triplets = Triplets()
    for number in range(MOST_TRIPLETS + 1000):
        triplets.note(str(number), "", "b@y.example", number)
    assert len(triplets._seen) == MOST_TRIPLETS


def test_a_memory_that_was_cleared_has_met_nobody() -> None:
    triplets = Triplets()
    triplets.note(*ONE, 1)
    triplets.clear()
    assert triplets.note(*ONE, 2) == Seen(1, 2)
