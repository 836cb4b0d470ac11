"""Variants: names and tasks of each student, drawn from the student's id and a salt of the course.

They are the same every year and on every machine: each one is drawn by SHA-256 over the version of the scheme, the
course, the exercise, the student and the name of the draw. A draw that is added to an exercise later leaves the others
as they were. A list to draw from never changes, because the students' tasks would change with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from ..base.seed import Seed
from .students import normal

_SCHEME = "smtplab variants 1"
ItemT = TypeVar("ItemT")


class Draw:
    """The draws of one student in one exercise.

    Args:
        student: the student's id, in upper or lower case.
        exercise: the exercise's name, ``NN-title``.
        course: the course's salt. Change it each year, so that last year's answers fit nobody.
    """

    __slots__ = ("_seed",)

    def __init__(self, student: str, exercise: str, course: str = "") -> None:
        self._seed = Seed("\0".join((_SCHEME, course, exercise, normal(student))))

    def number(self, name: str, below: int) -> int:
        """Draw a whole number from 0 to ``below - 1`` under a name; the same name gives the same number."""
        return self._seed.number(name, below)

    def pick(self, name: str, items: Sequence[ItemT]) -> ItemT:
        """Draw one of several items under a name."""
        return self._seed.choice(name, items)

    def picks(self, name: str, items: Sequence[ItemT], count: int) -> tuple[ItemT, ...]:
        """Draw several different items under a name, in a drawn order."""
        return self._seed.sample(name, items, count)

    def person(self, name: str) -> str:
        """Draw a local part of an address."""
        return self.pick(name, PEOPLE)

    def word(self, name: str) -> str:
        """Draw an English word of letters only."""
        return self.pick(name, WORDS)

    def token(self, name: str) -> str:
        """Draw a mark for a message that no other student has: two words and a number, ``amber-canyon-4711``."""
        return f"{self.word(f'{name} 1')}-{self.word(f'{name} 2')}-{1000 + self.number(name, 9000)}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Never changed: see above. 32 names and 128 words.
PEOPLE = _words(
    """
    aisha bruno chen dora emeka farid greta hana igor julia kofi lena mateo nadia omar priya
    quinn rosa samir tove uma viktor wanda xenia yusuf zoe anders bela carmen dario elif fumi
    """
)
WORDS = _words(
    """
    acorn amber anchor apple arrow autumn badger bamboo banjo barley basil beacon birch blossom bramble breeze
    bridge bronze cactus camel candle canyon carbon castle cedar cello cherry cinder clover cobalt comet copper
    coral cotton cricket crystal daisy dolphin dragon eagle ember fable falcon feather fern fiddle flint forest
    fossil fountain garden garlic ginger glacier granite harbor harvest hazel heather heron hickory honey indigo island
    ivory jasmine jasper juniper kettle lagoon lantern laurel lemon lilac linen lobster lotus magnet maple marble
    meadow melon mirror morning mustard nectar nickel nutmeg oasis olive onyx opal orchard orchid otter oyster
    paper parsley pebble pepper pewter pigeon pilot planet plum pollen poplar prairie quartz quiver rabbit raven
    ribbon river rocket saddle saffron sailor salmon silver sparrow spruce sunset teapot thistle tulip velvet willow
    """
)
