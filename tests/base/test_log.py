"""A log grows at its end; its copies share the items and go their own ways."""

from copy import copy, deepcopy

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule

from smtplab.base.log import Log


def test_it_is_a_sequence_of_what_was_appended() -> None:
    log = Log("ab")
    log.append("c")
    assert list(log) == ["a", "b", "c"]
    assert (len(log), log[0], log[-1], log[1:], log[::-1]) == (3, "a", "c", ["b", "c"], ["c", "b", "a"])
    assert repr(log) == "Log(['a', 'b', 'c'])"
    assert log == Log("abc")
    assert log != ["a", "b", "c"]


@pytest.mark.parametrize("index", [1, -2])
def test_a_copy_ends_where_it_was_made_however_the_first_goes_on(index: int) -> None:
    log = Log("a")
    twin = log.copy()
    log.append("b")
    assert list(twin) == ["a"]
    with pytest.raises(IndexError):
        twin[index]


@pytest.mark.parametrize("make", [Log.copy, copy, deepcopy])
def test_what_either_appends_is_not_seen_in_the_other(make: type[Log[str]]) -> None:
    log = Log("a")
    twin = make(log)
    twin.append("x")
    log.append("b")
    twin.append("y")
    assert (list(log), list(twin)) == (["a", "b"], ["a", "x", "y"])


def test_a_copy_has_the_same_items_and_not_copies_of_them() -> None:
    item = ["a"]
    assert deepcopy(Log([item]))[0] is item


def test_the_first_appends_in_place_whatever_copies_there_are() -> None:
    log = Log("a")
    blocks, rest = log._blocks, log._rest
    for _ in range(300):
        log.copy()
        log.append("b")
    assert log._blocks is blocks
    assert blocks[0] is rest


def test_a_copy_that_is_appended_to_shares_the_whole_blocks() -> None:
    log = Log(range(1000))
    twin = log.copy()
    twin.append(1000)
    assert len(log._blocks) == len(twin._blocks) == 15
    assert all(ours is theirs for ours, theirs in zip(log._blocks, twin._blocks, strict=True))


class Moves(RuleBasedStateMachine):
    """Logs and their copies beside lists and their copies, through any appends and cuts."""

    logs = Bundle[tuple[Log[int], list[int]]]("logs")

    @rule(target=logs, count=st.integers(0, 200))
    def begin(self, count: int) -> tuple[Log[int], list[int]]:
        return Log(range(count)), list(range(count))

    @rule(target=logs, pair=logs)
    def copy(self, pair: tuple[Log[int], list[int]]) -> tuple[Log[int], list[int]]:
        return pair[0].copy(), pair[1].copy()

    @rule(pair=logs, count=st.integers(1, 130))
    def append(self, pair: tuple[Log[int], list[int]], count: int) -> None:
        for item in range(-count, 0):
            pair[0].append(item)
            pair[1].append(item)

    @rule(pair=logs, length=st.integers(0, 300))
    def cut(self, pair: tuple[Log[int], list[int]], length: int) -> None:
        pair[0].cut(length)
        del pair[1][length:]

    @rule(pair=logs, start=st.integers(-300, 300), step=st.sampled_from([-3, -1, 1, 2]))
    def compare(self, pair: tuple[Log[int], list[int]], start: int, step: int) -> None:
        log, plain = pair
        assert list(log) == plain
        assert len(log) == len(plain)
        assert log[start::step] == plain[start::step]
        assert [log[at] for at in range(-len(plain), len(plain))] == plain * 2


TestMoves = Moves.TestCase


def test_a_cut_leaves_copies_whole() -> None:
    log = Log("abc")
    twin = log.copy()
    log.cut(1)
    log.append("x")
    log.cut(9)
    assert (list(log), list(twin)) == (["a", "x"], ["a", "b", "c"])


def test_a_log_is_no_key() -> None:
    with pytest.raises(TypeError):
        hash(Log())
