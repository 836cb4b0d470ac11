"""The files in a folder or a zip, each read at most once and never through a link.

Students make some of these files: a file may be a link, a pipe or a device, and a member of a zip may unpack to
gigabytes or carry the path of another file. Nothing is unpacked to the disk; what may be read is counted in octets.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO

from ..base.failure import Failure
from . import sentences
from .collected import ProblemKind
from .notebook_text import LARGEST_FILE
from .platform_names import is_notebook_name, is_zip_name

_DEEPEST = 12  # folders in each other
_MOST_FILES = {1: 20_000, 2: 5_000}  # in a folder at this depth; one student's must not hide those of the others
_MOST_MEMBERS = 1_000  # of a student's zip
_MEMBER = b"PK\x01\x02"  # what begins each entry of a zip's table
_IN_UTF_8 = 0x800  # the flag of a member whose name is in UTF-8
_ENCRYPTED = 0x1
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile unpacks the others without a limit

# What `zipfile` raises for a zip that is broken, encrypted, or of a kind that it does not have.
ZIP_ERRORS = (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError, ValueError, LookupError)


class UnreadableFileError(Failure):
    """A file cannot be read, or must not be. It has a kind of problem, and ``str(error)`` is the sentence."""

    def __init__(self, sentence: str, kind: ProblemKind = ProblemKind.UNREADABLE) -> None:
        super().__init__(sentence)
        self.kind = kind


def shown(name: str) -> str:
    """Return the name of a file as text that can be printed; other octets and control characters are escaped."""
    text = unicodedata.normalize("NFC", name).encode("utf-8", "backslashreplace").decode()
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that was found.

    Args:
        parts: its folders and its name, below the folder or zip that was searched.
        where: how an instructor finds it.
        read: reads it, or raises `UnreadableFileError`.
        modified: the time that is written beside it; None if there is none.
        refusal: why it must not be read; None if it may be tried.
        is_folder: True for a folder, whose last part is empty.
    """

    parts: tuple[str, ...]
    where: str
    read: Callable[[], bytes]
    modified: datetime | None = None
    refusal: UnreadableFileError | None = None
    is_folder: bool = False

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.parts[-1]


def files_in_folder(root: Path) -> Iterator[FoundFile]:
    """Yield the files and folders of a folder in the order of their names.

    The folder itself may be a link; nothing in it is followed.
    """
    waiting: list[tuple[str, ...]] = [()]
    counts: Counter[tuple[str, ...]] = Counter()
    while waiting:
        parts = waiting.pop()
        below: list[tuple[str, ...]] = []
        for file, name in _files_below(root, parts):
            full = next((key for key in _shares(file.parts) if counts[key] >= _MOST_FILES[len(key)]), None)
            counts.update(_shares(file.parts) if full is None else [full])
            if full is None:
                yield file
                if file.is_folder:
                    below.append((*parts, name))
            elif counts[full] == _MOST_FILES[len(full)] + 1:  # once
                refusal = UnreadableFileError(sentences.TOO_MANY_FILES.format(most=_MOST_FILES[len(full)]))
                yield refused((*full, ""), shown(str(root.joinpath(*full))), refusal)
        waiting += reversed(below)


def _shares(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the folders whose files are counted together; one is that of a student, and may hold only so many."""
    return (parts[:depth] for depth in _MOST_FILES if len(parts) > depth)


def _files_below(root: Path, parts: tuple[str, ...]) -> Iterator[tuple[FoundFile, str]]:
    """Yield what lies in a folder, each with its name as the system has it."""
    folder = root.joinpath(*parts)
    names = tuple(map(shown, parts))
    try:
        with os.scandir(folder) as listing:
            entries = sorted(islice(listing, _MOST_FILES[1] + 1), key=lambda entry: entry.name)
    except OSError as error:
        refusal = UnreadableFileError(sentences.FILE_UNREADABLE.format(reason=error.strerror))
        yield refused((*names, ""), shown(str(folder)), refusal), ""
        return
    for entry in entries:
        inner = (*names, shown(entry.name))
        if not entry.is_dir(follow_symlinks=False):
            yield found_file(Path(entry.path), inner), entry.name
        elif len(inner) > _DEEPEST:
            refusal = UnreadableFileError(sentences.TOO_DEEP.format(most=_DEEPEST))
            yield refused(inner, shown(entry.path), refusal), entry.name
        else:
            yield FoundFile((*inner, ""), shown(entry.path), _nothing, is_folder=True), entry.name


def found_file(path: Path, parts: tuple[str, ...]) -> FoundFile:
    """Return a file of the disk, without opening it; a link in a student's place counts as the student's folder."""
    try:
        facts = path.lstat()
        time = datetime.fromtimestamp(facts.st_mtime).astimezone()
    except OSError as error:
        refusal = UnreadableFileError(sentences.FILE_UNREADABLE.format(reason=error.strerror))
        return refused(parts, shown(str(path)), refusal)
    except (OverflowError, ValueError):
        time = None
    if stat.S_ISLNK(facts.st_mode):
        is_file = is_notebook_name(path.name) or is_zip_name(path.name)
        inner = parts if is_file else (*parts, "")
        return refused(inner, shown(str(path)), UnreadableFileError(sentences.LINK, ProblemKind.LINK_REFUSED))
    if not stat.S_ISREG(facts.st_mode):
        return refused(parts, shown(str(path)), UnreadableFileError(sentences.NOT_A_FILE))
    return FoundFile(parts, shown(str(path)), lambda: read_file(path), time)


def refused(parts: tuple[str, ...], where: str, refusal: UnreadableFileError) -> FoundFile:
    """Return a file that must not be read."""

    def read() -> bytes:
        raise refusal

    return FoundFile(parts, where, read, refusal=refusal)


def _nothing() -> bytes:
    return b""


def read_file(path: Path, most: int = LARGEST_FILE) -> bytes:
    """Read a regular file of at most `most` octets; never follow a link, and never wait for a pipe.

    Raises:
        UnreadableFileError: if it is not a regular file, is too large, or cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        # Opening a device may already do something. What is there by now may differ from what was listed.
        if not stat.S_ISREG(path.lstat().st_mode):
            raise UnreadableFileError(sentences.NOT_A_FILE)
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UnreadableFileError(sentences.NOT_A_FILE)
            return _bounded(file, most)
    except OSError as error:
        raise UnreadableFileError(sentences.FILE_UNREADABLE.format(reason=error.strerror)) from None


def _bounded(file: IO[bytes], most: int) -> bytes:
    data = file.read(most + 1)
    if len(data) > most:
        raise UnreadableFileError(sentences.FILE_TOO_LARGE.format(most=most // 2**20))
    return data


def files_in_zip(file: Path | IO[bytes], where: str) -> Iterator[FoundFile]:
    """Yield the files of a zip, in the order of its table. Read each before the next one is taken.

    Args:
        file: the zip, a platform's on the disk or a student's in memory.
        where: how an instructor finds it.

    Raises:
        UnreadableFileError: if it is not a zip, or not the whole of one.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                yield _member(archive, member, where)
    except OSError as error:
        raise UnreadableFileError(sentences.FILE_UNREADABLE.format(reason=error.strerror or error)) from None
    except ZIP_ERRORS:
        raise UnreadableFileError(sentences.BROKEN_ZIP) from None


def check_members(data: bytes) -> None:
    """Check how many members a student's zip may have, before its table is read.

    Raises:
        UnreadableFileError: if there are too many.
    """
    if data.count(_MEMBER) > _MOST_MEMBERS:
        raise UnreadableFileError(sentences.TOO_MANY_MEMBERS.format(most=_MOST_MEMBERS))


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str) -> FoundFile:
    name = shown(_name_of(member))
    parts = tuple(part for part in re.split(r"[/\\]", name) if part not in ("", "."))
    try:
        time = datetime(*member.date_time).astimezone()
    except (OverflowError, ValueError, OSError):
        time = None
    place = f"{where}: {name}"
    if ".." in parts or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or not parts:
        inside = tuple(part for part in parts if part != "..") or ("?",)
        return refused(inside, place, UnreadableFileError(sentences.PATH_REFUSED, ProblemKind.LINK_REFUSED))
    if member.is_dir():
        return FoundFile((*parts, ""), place, _nothing, time, is_folder=True)
    refusal = _refusal_of(member)
    if refusal is not None:
        return refused(parts, place, refusal)
    return FoundFile(parts, place, lambda: _read_member(archive, member), time)


def _refusal_of(member: zipfile.ZipInfo) -> UnreadableFileError | None:
    """Return why a member must not be read; None if it may be tried."""
    kind = member.external_attr >> 16
    if stat.S_ISLNK(kind):
        return UnreadableFileError(sentences.LINK, ProblemKind.LINK_REFUSED)
    if stat.S_IFMT(kind) not in (0, stat.S_IFREG):
        return UnreadableFileError(sentences.NOT_A_FILE)
    if member.flag_bits & _ENCRYPTED:
        return UnreadableFileError(sentences.ENCRYPTED)
    if member.compress_type not in _READABLE:
        return UnreadableFileError(sentences.ODD_COMPRESSION)
    return None


def _name_of(member: zipfile.ZipInfo) -> str:
    """Return a member's name. Without a flag it is in cp437, says the standard; many programs write UTF-8."""
    name = member.filename
    if not member.flag_bits & _IN_UTF_8:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = member.filename
    return name


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(member) as file:
            return _bounded(file, LARGEST_FILE)
    except OSError as error:
        raise UnreadableFileError(sentences.FILE_UNREADABLE.format(reason=error.strerror or error)) from None
    except ZIP_ERRORS:
        raise UnreadableFileError(sentences.BROKEN_MEMBER) from None
