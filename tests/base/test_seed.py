"""All randomness comes from one seed: each draw has a name, and one more draw moves no other."""

import copy
import pickle
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from smtplab.base.seed import Seed
from support.python import printed_by

DRAW = (
    "from smtplab.base.seed import Seed\n"
    "link = Seed(7).fork('link', 'campus.example', 3)\n"
    "print(link.number('delay', 10**9), link.shuffled('order', 'abcdef'), link.stream().random())\n"
)


def test_what_was_drawn_once_is_drawn_for_ever() -> None:
    """If this fails, no run that somebody has reported can be replayed. Mend the code, not the test."""
    link = Seed(7).fork("link", "campus.example", 3)
    drawn = (link.number("delay", 10**9), "".join(link.shuffled("order", "abcdef")), link.stream().random())
    assert drawn == (795474788, "ebdacf", 0.22395734519468347)


def test_two_processes_with_different_hash_seeds_draw_the_same() -> None:
    assert printed_by(DRAW, PYTHONHASHSEED="1") == printed_by(DRAW, PYTHONHASHSEED="2")


def test_a_draw_moves_no_other() -> None:
    seed = Seed("a")
    alone = [seed.number(name, 1000) for name in "xyz"]
    among_others = [(seed.number(f"{name}2", 1000), seed.number(name, 1000))[1] for name in "zyx"]
    assert alone == among_others[::-1]


def test_a_draw_of_one_stream_moves_no_other_stream() -> None:
    one, other = Seed(1).fork("one").stream(), Seed(1).fork("other").stream()
    one.random()
    assert other.random() == Seed(1).fork("other").stream().random()
    assert isinstance(other, Random)


def test_the_same_number_as_text_is_the_same_seed() -> None:
    assert Seed(7) == Seed("7")
    assert hash(Seed(7)) == hash(Seed("7"))
    assert Seed(7).fork(1) == Seed(7).fork("1")
    assert Seed(7) != Seed(8)
    assert Seed(7) != "7"
    assert repr(Seed(7)) == "Seed('7')"


def test_a_fork_of_a_fork_is_a_fork_by_both_labels() -> None:
    assert Seed(7).fork("host").fork("a") == Seed(7).fork("host", "a")


@given(st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3))
def test_other_labels_are_another_seed_whatever_characters_they_hold(one: list[str], other: list[str]) -> None:
    assert (Seed(7).fork(*one) == Seed(7).fork(*other)) == (one == other)


def test_a_label_that_holds_the_separator_is_no_two_labels() -> None:
    assert Seed(7).fork("a\0b") != Seed(7).fork("a", "b")
    assert Seed(7).fork("a\\0b") != Seed(7).fork("a\0b")
    assert Seed(7).number("a\0b", 10**9) != Seed(7).fork("a").number("b", 10**9)


def test_a_fork_and_its_draws_have_nothing_in_common_with_those_of_the_seed() -> None:
    seed = Seed(7)
    assert len({seed.number("x", 10**9), seed.fork("x").number("x", 10**9), seed.fork("y").number("x", 10**9)}) == 3


def test_every_item_is_drawn_sometimes_and_a_sample_has_each_once() -> None:
    assert {Seed(number).choice("item", "abc") for number in range(50)} == set("abc")
    assert {Seed(number).shuffled("order", "abc") for number in range(100)} == set(map(tuple, ORDERS))
    assert all(sorted(Seed(number).sample("some", range(5), 5)) == [0, 1, 2, 3, 4] for number in range(20))
    assert len(Seed(7).sample("some", range(5), 2)) == 2


ORDERS = ("abc", "acb", "bac", "bca", "cab", "cba")


def test_a_seed_can_be_copied_and_sent_to_another_process() -> None:
    seed = Seed(7).fork("host")
    assert copy.deepcopy(seed) == seed
    assert pickle.loads(pickle.dumps(seed)).number("x", 10**9) == seed.number("x", 10**9)


def test_half_a_character_is_a_label_as_well() -> None:
    assert Seed("\udcff").fork("\udcff").number("\udcff", 10) in range(10)
