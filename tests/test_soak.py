"""Short runs of what `soak` does for hours: hostile octets, and a crowd. The figures of long runs are got by hand."""

import asyncio

from soak import Attacks, crowd, hostile, server_process


def test_hostile_octets_get_replies_or_a_clean_close_and_others_are_served() -> None:
    with server_process() as peer:
        asyncio.run(hostile(peer, 300, seed=1))
        before = peer.resident_kib
        good = asyncio.run(hostile(peer, 500, seed=2))
        assert peer.resident_kib - before < 128 * 1024
    assert good.slowest < 60


def test_attacks_are_the_same_for_the_same_seed() -> None:
    one, two, other = Attacks(1), Attacks(1), Attacks(2)
    first = [one.next() for _ in range(50)]
    assert first == [two.next() for _ in range(50)] != [other.next() for _ in range(50)]


def test_every_acknowledged_message_of_a_crowd_is_stored_once() -> None:
    with server_process() as peer:
        asyncio.run(crowd(peer, idle=500, busy=200, messages=2))
