"""Read the names that learning platforms give to folders and files of students, and the names of exercises in them.

Moodle: ``Ada Lovelace_4711_assignsubmission_file_`` for a folder, and the file's own name behind it for a file.
Canvas: ``lovelaceada_LATE_12345_678910_NAME-1.ipynb``; the numbers are the student's and the file's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_MOODLE = re.compile(r"(?P<name>.+?)_(?P<key>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?", re.DOTALL)
_CANVAS = re.compile(
    r"(?P<name>.+?)_(?P<late>LATE_)?(?P<key>\d+)_(?:\d+_(?P<file>.+)|(?P<entry>(?:text|link|url)\.html?))", re.DOTALL
)
_CANVAS_COUNT = re.compile(r"-\d{1,3}(?=\.\w+$)")  # of the student's attempts with a file of this name
_ENDINGS = re.compile(r"(?:\.(?:ipynb|json|txt|zip|download))+$", re.IGNORECASE)
_ENDS_AS_NOTEBOOK = re.compile(r"\.ipynb(?:\.(?:ipynb|json|txt|download))*$", re.IGNORECASE)
_MAY_BE_NOTEBOOK = re.compile(r"(?:\.(?:json|txt|download)|^[^.]*)$", re.IGNORECASE)

# What operating systems and editors leave beside the files of students.
_LEFT_BEHIND = {"__macosx", "__pycache__", "thumbs.db", "desktop.ini"}
_OF_PROGRAMS = (".ipynb_checkpoints", ".git", ".trash", ".trashes", "._")  # how their hidden files and folders begin


@dataclass(frozen=True, slots=True)
class PlatformName:
    """What a platform's name of a folder or file holds.

    Args:
        name: the student's name, as the platform wrote it.
        key: the student's number on the platform.
        file: the name that the student gave the file; empty for a folder.
        is_late: True if Canvas marked it as late.
        is_certain: True if no student or instructor gives such a name.
        canvas_prefix: what Canvas writes before the student's name of the file; Canvas takes files back under it.
    """

    name: str
    key: str
    file: str
    is_late: bool = False
    is_certain: bool = False
    canvas_prefix: str = ""

    @property
    def label(self) -> str:
        """The part of the name that is about the student."""
        return f"{self.name}_{self.key}"


def platform_name(part: str) -> PlatformName | None:
    """Return what a platform's name holds; None if no platform gives such a name."""
    if found := _MOODLE.fullmatch(part):
        return PlatformName(found["name"], found["key"], found["file"] or "", is_certain=True)
    if found := _CANVAS.fullmatch(part):
        file = _CANVAS_COUNT.sub("", found["file"] or found["entry"])
        prefix = part[: found.start("file")] if found["file"] else ""
        return PlatformName(found["name"], found["key"], file, is_late=bool(found["late"]), canvas_prefix=prefix)
    return None


def is_left_behind(parts: Iterable[str]) -> bool:
    """Return True for a file that no student wrote: hidden, or of an operating system."""
    return any(part.startswith(".") or part.casefold() in _LEFT_BEHIND for part in parts)


def is_hidden_work(parts: Sequence[str]) -> bool:
    """Return True for a notebook or zip that is hidden, by its name or its folder's, and that no program has made."""
    names = [part.casefold() for part in parts]
    is_made = any(name.startswith(_OF_PROGRAMS) or name in _LEFT_BEHIND for name in names)
    is_work = bool(names) and (is_notebook_name(names[-1]) or is_zip_name(names[-1]))
    return is_work and not is_made and any(name.startswith(".") for name in names)


def is_notebook_name(name: str) -> bool:
    """Return True for the name of a notebook, also with an ending that a browser or mail program added."""
    return _ENDS_AS_NOTEBOOK.search(name) is not None


def may_be_a_notebook(name: str) -> bool:
    """Return True if only the content of a file with this name can tell."""
    return _MAY_BE_NOTEBOOK.search(name) is not None


def is_zip_name(name: str) -> bool:
    """Return True for the name of a zip."""
    return name.casefold().endswith(".zip")


def without_ending(name: str) -> str:
    """Return the name of a file without its ending, or without all that a notebook may have; an id may hold dots."""
    stem = _ENDINGS.sub("", name)
    return stem if stem != name else name.rpartition(".")[0] or name


@dataclass(frozen=True, slots=True)
class NamedExercise:
    """An exercise in the name of a file.

    Args:
        exercise: the exercise.
        before: what stands before it, without the signs that part the two.
        rest: the exercise and what follows it.
        is_exact: True if the file's name is that of the exercise, apart from `before` and a zip's or notebook's ending.
    """

    exercise: str
    before: str
    rest: str
    is_exact: bool


def exercise_in(name: str, exercises: Iterable[str]) -> NamedExercise | None:
    """Return the exercise that a file's name holds; None if it holds none.

    Capital letters do not count, and blanks and low lines count as hyphens. The longest exercise counts.
    """
    composed = unicodedata.normalize("NFC", name)
    stem = _ENDINGS.sub("", composed)
    for exercise in sorted(exercises, key=len, reverse=True):
        pattern = re.escape(exercise).replace(r"\-", r"[-_\s]")
        found = re.search(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])", stem, re.IGNORECASE)
        if found:
            before, rest = stem[: found.start()].rstrip(" _-"), composed[found.start() :]
            return NamedExercise(exercise, before, rest, rest in (f"{exercise}.ipynb", f"{exercise}.zip"))
    return None
