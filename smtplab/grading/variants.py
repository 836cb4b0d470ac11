"""Variants: every student has names and tasks of their own, drawn from the student's id and a salt of the course.

They are the same in every year and on every machine: each is drawn by SHA-256 over the scheme's version, the course,
the exercise, the student and the name of the draw. A draw that is added to an exercise later therefore leaves the
others as they were; a list that is drawn from is never changed, because that would change what students were given.

It also says for whom an exercise is graded, which is not for the notebook alone to say.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

_SCHEME = "smtplab variants 1"
# The file in the course folder that says who has worked under another id than that of the folder; see `spellings`.
SPELLINGS = "ids.csv"
_T = TypeVar("_T")


def normal(student: str) -> str:
    """Return a student id as ids are compared: without spaces around it, in lower case, in Unicode's form NFC."""
    return unicodedata.normalize("NFC", student).strip().casefold()


class Draw:
    """The lots of one student in one exercise.

    Args:
        student: the student's id; written in another case it is the same.
        exercise: the exercise's name, ``NN-title``.
        course: the course's salt. Give it anew each year, and last year's answers fit nobody.
    """

    __slots__ = ("_seed",)

    def __init__(self, student: str, exercise: str, course: str = "") -> None:
        self._seed = "\0".join((_SCHEME, course, exercise, normal(student)))

    def number(self, name: str, below: int) -> int:
        """Draw a whole number from 0 to ``below - 1`` under a name; the same name gives the same number."""
        digest = hashlib.sha256(f"{self._seed}\0{name}".encode()).digest()
        return int.from_bytes(digest, "big") % below

    def pick(self, name: str, items: Sequence[_T]) -> _T:
        """Draw one of several items under a name."""
        return items[self.number(name, len(items))]

    def picks(self, name: str, items: Sequence[_T], count: int) -> tuple[_T, ...]:
        """Draw several different items under a name, in an order that is drawn, too."""
        left = list(items)
        return tuple(left.pop(self.number(f"{name} {turn}", len(left))) for turn in range(count))

    def person(self, name: str) -> str:
        """Draw a local part of an address."""
        return self.pick(name, PEOPLE)

    def word(self, name: str) -> str:
        """Draw an English word of letters only."""
        return self.pick(name, WORDS)

    def token(self, name: str) -> str:
        """Draw a mark for a message that nobody else has: two words and a number, ``amber-canyon-4711``."""
        return f"{self.word(f'{name} 1')}-{self.word(f'{name} 2')}-{1000 + self.number(name, 9000)}"


def graded_student() -> str | None:
    """Return for whom an exercise is being graded; None where nobody grades and the notebook's word counts.

    It is the environment's ``SMTPLAB_STUDENT``. The referee has it from the folder in which the notebook was handed in;
    what a notebook makes of its own environment changes nothing there.
    """
    named = os.environ.get("SMTPLAB_STUDENT", "")
    return normal(named) if named else None


def local_student() -> str:
    """Return the id that a JupyterHub gives to who sits there; empty elsewhere."""
    return normal(os.environ.get("JUPYTERHUB_USER", ""))


def roster(submitted: Path) -> tuple[str, ...]:
    """Return the ids of the class, in order, as far as they are known to who grades.

    They are the lines of the file that the environment's ``SMTPLAB_ROSTER`` names, else all those who have a folder in
    `submitted`; and the ids of `spellings`. A file that cannot be read costs no student a point: then nobody is known.
    """
    file = os.environ.get("SMTPLAB_ROSTER", "")
    if file:
        try:
            ids = Path(file).read_text("utf-8").splitlines()
        except (OSError, ValueError):
            ids = []
    else:
        ids = [path.name for path in submitted.glob("[!.]*") if path.is_dir()]
    ids += spellings(submitted.parent).values()
    return tuple(sorted({normal(student) for student in ids} - {""}))


def spellings(course: Path) -> Mapping[str, str]:
    """Return under which other ids students have worked, by the ids of their folders.

    Who writes an id otherwise than the instructor has been given another task, and is graded by that one.

    Args:
        course: the course folder. Its file ``ids.csv`` has the title ``student,id`` and a line for each of them, the
            name of the folder and the id, with a comma or semicolon between. A file that is not there or cannot be read
            says nothing.
    """
    try:
        lines = (course / SPELLINGS).read_text("utf-8-sig").splitlines()
    except (OSError, ValueError):
        return {}
    pairs = (tuple(map(normal, re.split("[,;]", line))) for line in lines)
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and all(pair) and pair != ("student", "id")}


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
