"""Collect a class: find each student's notebook in folders and zips, and say what could not be used, and why.

It takes an nbgrader course folder, a folder of students' folders or files, the zip of a learning platform, and zips of
`smtplab submit`. It never stops at one student, follows no link, unpacks nothing to the disk, and bounds what it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from ..base.printed import few_in_a_row
from . import sentences
from .candidates import Candidate, Fit, HandedIn, chosen
from .collected import Absent, Collected, HandInProblem, ProblemKind, Submission
from .found_files import FoundFile, UnreadableFileError, check_members, files_in_zip, shown
from .hand_in_zip import MANIFEST, Manifest, read_manifest
from .inputs import files_of, files_written
from .matching import FileOwner, NoOwner, OwnerFinder
from .notebook_text import UnusableNotebookError, looks_like_a_notebook, read_notebook
from .platform_names import exercise_in, is_notebook_name, is_zip_name, may_be_a_notebook, platform_name
from .roster import Roster

_MOST_OF_A_STUDENT = 64 * 2**20  # octets that are read of one student in all
_TIMESTAMP = "timestamp.txt"  # what nbgrader writes beside a notebook when it is handed in
_OF_THE_COURSE = (".csv", ".db", ".html", ".json", ".jsonl", ".md", ".py", ".toml", ".txt", ".xlsx")
_AT_ONE_TIME = timedelta(minutes=2)  # files of a whole class do not come within it; then the time is that of unpacking


def collect(paths: Iterable[Path], exercises: Sequence[str], roster: Roster | None = None) -> Collected:
    """Find what a class handed in.

    Args:
        paths: folders, zips and notebooks.
        exercises: the names of the exercises that are graded, at least one.
        roster: the class; without it, ids are the names of folders, and who handed in nothing is known only by a
            folder.

    Returns:
        One submission or one absence for each student and each exercise that somebody handed in; of a single exercise
        in any case. Nothing depends on the order in which the system lists files.
    """
    found = _Collector(OwnerFinder(tuple(exercises), roster))
    for path in paths:
        found.take(path)
    found.take_claims()
    return found.result()


@dataclass(slots=True)
class _Collector:
    """What has been found so far."""

    finder: OwnerFinder
    students: dict[str, HandedIn] = field(default_factory=dict)
    problems: list[HandInProblem] = field(default_factory=list)
    _told: set[tuple[str, str]] = field(default_factory=set)
    _claims: list[tuple[str, FoundFile, bytes]] = field(default_factory=list)
    _begun: list[tuple[str, int]] = field(default_factory=list)  # of one path: whose candidates, and which

    # Files

    def take(self, path: Path) -> None:
        """Add what lies in a path."""
        self._begun = []
        try:
            finder, files = files_of(path, self.finder)
            keys: set[str] = set()
            for file in files:
                keys |= {named.key for named in map(platform_name, file.parts) if named is not None}
                self._take_file(file, finder.owner(file.parts))
            self._compare_keys(path, keys)
        except UnreadableFileError as error:
            where = shown(str(path))
            text = str(error) if where in str(error) else sentences.IN_PLACE.format(where=where, reason=error)
            self.problems.append(HandInProblem(error.kind, text))
        self._forget_times_of_unpacking()

    def _compare_keys(self, path: Path, keys: set[str]) -> None:
        """Say so if none of several keys in a platform's names is in the roster: that is of another assignment."""
        known = set() if self.finder.roster is None else set(self.finder.roster.by_key)
        if known and len(keys) > 1 and not known & keys:
            text = sentences.OTHER_KEYS.format(where=shown(str(path)))
            self.problems.append(HandInProblem(ProblemKind.ID_MISMATCH, text))

    def _take_file(self, file: FoundFile, owner: FileOwner | NoOwner) -> None:
        if isinstance(owner, FileOwner):
            self._take_owned(file, owner, None)
        elif not file.is_folder and not self._is_claim(file) and not _is_of_the_course(file):
            self._tell_ownerless(file, owner)

    def _tell_ownerless(self, file: FoundFile, owner: NoOwner) -> None:
        if (owner.label, owner.reason) not in self._told:
            self._told.add((owner.label, owner.reason))
            text = sentences.WHOSE.format(where=file.where, reason=owner.reason)
            self.problems.append(HandInProblem(ProblemKind.ID_MISMATCH, text))

    def _is_claim(self, file: FoundFile) -> bool:
        """Keep a zip of `smtplab submit` whose name tells no student, because the id in it may; see `take_claims`."""
        if not is_zip_name(file.name) or len(file.parts) > 1 or platform_name(file.name):
            return False
        try:
            data = file.read()
            check_members(data)
            manifest = _manifest_in(data, file.where)
        except UnreadableFileError:
            return False
        if manifest is None or not manifest.student:
            return False
        if self.finder.roster is not None and manifest.student not in self.finder.roster.by_id:
            return False
        self._claims.append((manifest.student, file, data))
        return True

    def take_claims(self) -> None:
        """Take the zips that only say themselves whose they are, for students of whom there is nothing else."""
        known = {student for student, handed in self.students.items() if handed.candidates}
        for student, file, data in self._claims:
            if student in known:
                self._tell_ownerless(file, NoOwner(file.name, sentences.CLAIMED.format(student=student)))
            else:
                self._unpack(data, file, FileOwner(student, student, (file.name,)))

    def _take_owned(self, file: FoundFile, owner: FileOwner, manifest: Manifest | None) -> None:
        """Take a file of a known student."""
        handed = self.students.setdefault(owner.student, HandedIn())
        place = self._exercise_of_place(owner)
        if place:
            handed.exercises.add(place)
        self._note_platform(owner)
        name = owner.inner[-1] if owner.inner else file.name
        if file.is_folder or (name == MANIFEST and manifest is not None):
            return
        is_needed = is_notebook_name(name) or is_zip_name(name) or may_be_a_notebook(name)
        if not is_needed and file.refusal is None:
            handed.other_files.append((name, place))
            return
        try:
            data = self._read(file, handed)
        except UnreadableFileError as error:
            handed.note(error, file.where, place)
            return
        if name == _TIMESTAMP and (time := _time_in(data)):
            handed.times[owner.label, place] = time
        elif is_zip_name(name):
            self._unpack(data, file, owner)
        elif is_notebook_name(name) or looks_like_a_notebook(data):
            self._take_notebook(data, file, owner, manifest)
        else:
            handed.other_files.append((name, place))

    def _note_platform(self, owner: FileOwner) -> None:
        """Note Canvas's name, and when the platform got the work, if the key says the table is of this assignment."""
        roster = self.finder.roster
        self.students[owner.student].canvas_prefix = owner.canvas_prefix
        if owner.has_key and roster is not None and (time := roster.by_id[owner.student].handed_in()):
            self.students[owner.student].platform_times[owner.label] = time

    def _read(self, file: FoundFile, handed: HandedIn) -> bytes:
        if handed.octets > _MOST_OF_A_STUDENT:
            raise UnreadableFileError(sentences.TOO_MUCH.format(most=_MOST_OF_A_STUDENT // 2**20))
        data = file.read()
        handed.octets += len(data)
        return data

    def _unpack(self, data: bytes, file: FoundFile, owner: FileOwner) -> None:
        """Take the files of a zip that a student handed in; a zip inside it stays packed."""
        handed = self.students.setdefault(owner.student, HandedIn())
        place = self._exercise_of_place(owner)
        try:
            check_members(data)
            manifest = _manifest_in(data, file.where)
            for member in files_written(files_in_zip(BytesIO(data), file.where)):
                inner = replace(owner, inner=(*owner.inner[:-1], *member.parts))
                if is_zip_name(member.name):
                    handed.other_files.append((member.name, place))
                else:
                    self._take_owned(replace(member, modified=file.modified), inner, manifest)
        except UnreadableFileError as error:
            handed.note(error, file.where, place)

    def _take_notebook(self, data: bytes, file: FoundFile, owner: FileOwner, manifest: Manifest | None) -> None:
        name = owner.inner[-1]
        text, handed_out, problems = b"", "", []
        if owner.is_late:
            problems.append(HandInProblem(ProblemKind.LATE, sentences.MARKED_LATE))
        if manifest is not None:
            problems += _against(manifest, name, data, owner.student)
        try:
            read = read_notebook(data)
            text, handed_out = read.data, read.exercise
        except UnusableNotebookError as error:
            reason = sentences.IN_PLACE.format(where=file.where, reason=error)
            problems.append(HandInProblem(ProblemKind.UNREADABLE, reason))
        fitting = self._fit(name, handed_out, self._exercise_of_place(owner))
        handed = self.students[owner.student]
        if fitting is None:
            handed.other_files.append((name, ""))
            return
        exercise, fit = fitting
        if fit in (Fit.EXACT, Fit.NEAR) and handed_out in self.finder.exercises and handed_out != exercise:
            sentence = sentences.HOLDS_ANOTHER.format(name=name, exercise=handed_out)
            problems.insert(0, HandInProblem(ProblemKind.RENAMED, sentence))
        self._begun.append((owner.student, len(handed.candidates)))
        handed.candidates.append(
            Candidate(
                name,
                file.where,
                owner.label,
                exercise,
                fit,
                text,
                tuple(problems),
                submitted=file.modified,
                canvas_prefix=owner.canvas_prefix,
            )
        )

    def _fit(self, name: str, handed_out: str, place: str) -> tuple[str, Fit] | None:
        """Return the exercise that a notebook is for, and how that is seen; None if it is for none of them."""
        exercises = self.finder.exercises
        named = exercise_in(name, exercises)
        if named is not None:
            return named.exercise, Fit.EXACT if named.is_exact and not named.before else Fit.NEAR
        if handed_out in exercises:
            return handed_out, Fit.CONTENT
        if place:
            return place, Fit.PLACE
        return (exercises[0], Fit.PLACE) if len(exercises) == 1 and not handed_out else None

    def _exercise_of_place(self, owner: FileOwner) -> str:
        """Return the exercise whose folder a file lies in; empty if it is in none."""
        folders = (*owner.outer, *owner.inner[:-1])
        return next((part for part in folders if part in self.finder.exercises), "")

    def _forget_times_of_unpacking(self) -> None:
        """Forget the times of files that all have nearly the same; then they were written by who packed or copied."""
        begun = [(student, number, self.students[student].candidates[number]) for student, number in self._begun]
        times = [each.submitted for _, _, each in begun if each.submitted]
        is_real = len(times) > 1 and max(times) - min(times) > _AT_ONE_TIME
        for student, number, each in begun:
            if not is_real:
                self.students[student].candidates[number] = replace(each, submitted=None)

    # The result

    def result(self) -> Collected:
        """Return what counts for each student, and who is absent."""
        roster = self.finder.roster
        students = sorted({*self.students, *(entry.student for entry in roster or ())})
        exercises = self._exercises_handed_in()
        submissions: list[Submission] = []
        absent: list[Absent] = []
        for student in students:
            handed = self.students.get(student, HandedIn())
            for exercise in exercises:
                one = self._one(student, exercise, handed)
                if isinstance(one, Submission):
                    submissions.append(one)
                else:
                    absent.append(one)
        return Collected(tuple(submissions), tuple(absent), tuple(self.problems))

    def _exercises_handed_in(self) -> list[str]:
        exercises = self.finder.exercises
        there = {each.exercise for handed in self.students.values() for each in handed.candidates}
        there |= {name for handed in self.students.values() for name in handed.exercises}
        return [name for name in exercises if name in there or len(exercises) == 1]

    def _one(self, student: str, exercise: str, handed: HandedIn) -> Submission | Absent:
        """Return what became of one student's work for one exercise."""
        candidates = [
            replace(each, submitted=handed.time_of(each)) for each in handed.candidates if each.exercise == exercise
        ]
        here = ("", exercise)
        problems = tuple(dict.fromkeys(each for each, place in handed.problems if place in here))
        if candidates:
            found = chosen(student, exercise, candidates)
            last = found.problems[-1:] if found.reason else ()
            others = tuple(each for each in found.problems if each not in last)
            files = () if found.data else tuple(sorted({each.name for each in candidates}))
            return replace(found, problems=(*problems, *others, *last), files=files)
        names = sorted({name for name, place in handed.other_files if place in here})
        if names:
            text = sentences.ONLY_OTHER_FILES.format(names=few_in_a_row(names))
            problems = (HandInProblem(ProblemKind.UNREADABLE, text), *problems)
        if problems:
            return Submission(
                student, exercise, "", b"", problems, files=tuple(names), canvas_prefix=handed.canvas_prefix
            )
        return Absent(student, exercise, sentences.NOTHING)


def _manifest_in(data: bytes, where: str) -> Manifest | None:
    """Return the manifest in a student's zip; None if `smtplab submit` did not pack it."""
    for member in files_in_zip(BytesIO(data), where):
        if member.parts == (MANIFEST,):
            return read_manifest(member.read())
    return None


def _against(manifest: Manifest, name: str, data: bytes, student: str) -> list[HandInProblem]:
    """Return what speaks against a notebook of a zip with a manifest."""
    problems = []
    if not manifest.has(name, data):
        problems.append(HandInProblem(ProblemKind.UNREADABLE, sentences.WRONG_CHECKSUM.format(name=name)))
    if manifest.student and manifest.student != student:
        text = sentences.OTHER_ID_PACKED.format(packed=manifest.student)
        problems.append(HandInProblem(ProblemKind.ID_MISMATCH, text))
    return problems


def _time_in(data: bytes) -> datetime | None:
    """Return the time in nbgrader's time stamp, ``2026-11-30 12:00:00.000000 UTC``; None if it is not one."""
    text = data[:100].decode("utf-8", "replace").strip()
    moment, _, zone = text.rpartition(" ")
    try:
        from zoneinfo import ZoneInfo

        return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))
    except (ValueError, LookupError, OSError):
        return None


def _is_of_the_course(file: FoundFile) -> bool:
    """Return True for a file that an instructor keeps beside the submissions, such as a table."""
    return len(file.parts) == 1 and file.name.casefold().endswith(_OF_THE_COURSE)
