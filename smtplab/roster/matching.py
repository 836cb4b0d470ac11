"""Decide whose a file is, from the names of its folders and its own, and from the roster if there is one.

The outermost name that is about a student counts: what lies below it, the student has named. With a roster only its
students are found. Without one a folder's name is an id, and so is what stands before an exercise in a file's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..base.printed import in_a_row
from . import sentences
from .platform_names import PlatformName, exercise_in, platform_name, without_ending
from .roster import Roster, RosterEntry
from .student_ids import folder_id
from .student_names import letters_of


@dataclass(frozen=True, slots=True)
class FileOwner:
    """Whose a file is.

    Args:
        student: the id.
        label: the text that says so; files with one label were handed in together.
        inner: the folders and the name that the student gave, below that.
        outer: the folders above.
        is_late: True if the platform marked it as late.
        has_key: True if the platform's key says so, and not the name alone.
        canvas_prefix: as in `PlatformName`.
    """

    student: str
    label: str
    inner: tuple[str, ...]
    outer: tuple[str, ...] = ()
    is_late: bool = False
    has_key: bool = False
    canvas_prefix: str = ""


@dataclass(frozen=True, slots=True)
class NoOwner:
    """A file that belongs to no known student.

    Args:
        label: the outermost name that may be about a student; one sentence for it is enough.
        reason: why it fits nobody.
    """

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class OwnerFinder:
    """Finds the owner of a file.

    Args:
        exercises: the names of the exercises that are collected.
        roster: the class; None if it is not known.
        level: how many folders lie above those of students; None if that may differ. A folder of this level that has no
            student's name belongs to nobody, because a name below it may have been chosen to look like another's.
    """

    exercises: Sequence[str]
    roster: Roster | None = None
    level: int | None = None

    def at_level_of(self, names: Iterable[tuple[str, ...]]) -> OwnerFinder:
        """Return a finder that has learnt from the names of files at which level the students' folders lie."""
        owners = [(parts, self.owner(parts)) for parts in names]
        levels = [
            len(owner.outer)
            for parts, owner in owners
            if isinstance(owner, FileOwner) and len(owner.outer) < len(parts) - 1
        ]
        return replace(self, level=min(levels, default=None))

    def owner(self, parts: tuple[str, ...]) -> FileOwner | NoOwner:
        """Return whose a file is.

        Args:
            parts: its folders and its name.
        """
        for place in range(len(parts)):
            for found in self._looked_at(parts, place):
                return found if isinstance(found, NoOwner) else self._at_level(found)
        reason = sentences.NOT_IN_CLASS if self.roster else sentences.NO_STUDENT.format(exercise=self.exercises[0])
        platform = next(filter(None, map(platform_name, parts)), None)
        return NoOwner(platform.label if platform else parts[0], reason)

    def _at_level(self, found: FileOwner) -> FileOwner | NoOwner:
        if self.roster is None or self.level is None or len(found.outer) <= self.level:
            return found
        above = found.outer[self.level]
        return found if above in self.exercises else NoOwner(above, sentences.NOT_IN_CLASS)

    def _looked_at(self, parts: tuple[str, ...], place: int) -> Iterator[FileOwner | NoOwner]:
        """Yield the owner by the name at a place, if that is about a student."""
        name, outer = parts[place], parts[:place]
        is_file = place == len(parts) - 1
        platform = platform_name(name)
        if platform is not None:
            yield from self._on_platform(platform, parts, place)
        if is_file:
            yield from self._in_file_name(name, outer)
        elif self._is_student_folder(parts, place):
            yield from self._named(name, name, parts[place + 1 :], outer)

    def _on_platform(self, named: PlatformName, parts: tuple[str, ...], place: int) -> Iterator[FileOwner | NoOwner]:
        if self.roster is None:
            if named.is_certain or exercise_in(named.file, self.exercises):
                yield NoOwner("", sentences.NEEDS_ROSTER)  # once for the whole class
            return
        entry = self.roster.by_key.get(named.key)
        namesakes = self.roster.by_name.get(letters_of(named.name), ())
        if entry is None and len(namesakes) > 1:
            students = in_a_row(each.student for each in namesakes)
            yield NoOwner(named.label, sentences.NAME_OF_SEVERAL.format(name=named.name, students=students))
        elif entry is not None and namesakes and entry not in namesakes:
            facts = {"key": named.key, "student": entry.student, "name": named.name, "other": namesakes[0].student}
            yield NoOwner(named.label, sentences.KEY_OF_ANOTHER.format(**facts))
        elif entry is not None or namesakes:
            student = (entry or namesakes[0]).student
            inner = (*filter(None, [named.file]), *parts[place + 1 :])
            told = {"is_late": named.is_late, "has_key": entry is not None}
            yield FileOwner(student, named.label, inner, parts[:place], canvas_prefix=named.canvas_prefix, **told)
        elif named.is_certain:  # what lies below has names that the student chose
            yield NoOwner(named.label, sentences.NOT_IN_CLASS)

    def _in_file_name(self, name: str, outer: tuple[str, ...]) -> Iterator[FileOwner | NoOwner]:
        found = exercise_in(name, self.exercises)
        stem = without_ending(name)
        if found and found.before:
            yield from self._named(found.before, found.before, (found.rest,), outer)
        elif self.roster is not None and found is None:
            yield from self._named(stem, stem, (name,), outer)

    def _is_student_folder(self, parts: tuple[str, ...], place: int) -> bool:
        """Return True if a folder may have the name of a student; an exercise's folder may not."""
        if parts[place] in self.exercises:
            return False
        if self.roster is not None:
            return True
        return place == 0 or parts[place - 1] in self.exercises or parts[place + 1] in self.exercises

    def _named(
        self, name: str, label: str, inner: tuple[str, ...], outer: tuple[str, ...]
    ) -> Iterator[FileOwner | NoOwner]:
        """Yield the owner by a text that should be an id, or else a full name."""
        student = folder_id(name)
        if self.roster is None:
            if student:
                yield FileOwner(student, label, inner, outer)
            return
        entries: tuple[RosterEntry, ...] = self.roster.by_name.get(letters_of(name), ())
        if student in self.roster.by_id:
            yield FileOwner(student, label, inner, outer)
        elif len(entries) == 1:
            yield FileOwner(entries[0].student, label, inner, outer)
        elif entries:
            students = in_a_row(each.student for each in entries)
            yield NoOwner(label, sentences.NAME_OF_SEVERAL.format(name=name, students=students))
