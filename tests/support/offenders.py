"""One test for many things that obey one rule: it fails with all that do not, each with what is wrong with it.

A parametrized test costs more than such a rule itself, in each process that collects it.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

ThingT = TypeVar("ThingT")


def no_offender(things: Iterable[ThingT], wrong: Callable[[ThingT], object]) -> None:
    """Fail unless there are such things, and nothing is wrong with any of them.

    Args:
        things: what the rule is about.
        wrong: what is wrong with one of them; anything false, such as an empty set, if it is as it should be.
    """
    looked_at = list(things)
    assert looked_at, "the rule is about nothing"
    found = [f"{thing}: {what}" for thing in looked_at if (what := wrong(thing))]
    assert not found, "\n".join(found)
