"""A log grows at its end; its copies share the items and go their own ways."""

from copy import copy, deepcopy

import pytest

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
    shared = log._items
    for _ in range(3):
        log.copy()
        log.append("b")
    assert log._items is shared


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
