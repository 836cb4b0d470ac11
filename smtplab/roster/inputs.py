"""The files that an instructor names for collecting: a course folder, a folder, a zip, or one notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from . import sentences
from .found_files import FoundFile, UnreadableFileError, files_in_folder, files_in_zip, found_file, refused, shown
from .hand_in_zip import MANIFEST
from .matching import FileOwner, OwnerFinder
from .platform_names import exercise_in, is_hidden_work, is_left_behind, is_zip_name, platform_name

_SUBMITTED = "submitted"  # nbgrader's folder of submissions


def files_of(path: Path, finder: OwnerFinder) -> tuple[OwnerFinder, Iterator[FoundFile]]:
    """Return the files of one path that students wrote, without a folder that only wraps the class.

    Args:
        path: a folder, a zip or a notebook. It may be a link, as the instructor wants it.
        finder: finds whose files are, which decides what a wrapper is.

    Returns:
        The finder for these files, and the files.

    Raises:
        UnreadableFileError: if the path cannot be read.
    """
    if path.is_dir():
        inside = path / _SUBMITTED
        files = list(files_written(files_in_folder(inside if inside.is_dir() else path)))
        wrapper = _wrapper([file.parts for file in files], finder)
        files = [_inside(file, wrapper) for file in files]
        return finder.at_level_of(file.parts for file in files), iter(files)
    if is_zip_name(path.name) and path.is_file():
        return _files_of_zip(path, finder)
    if not path.exists():
        raise UnreadableFileError(sentences.NO_SUCH_PATH)
    return finder, iter([_one_file(path.resolve(), finder)])


def files_written(files: Iterable[FoundFile]) -> Iterator[FoundFile]:
    """Yield the files that students wrote, not those that systems leave behind; hidden work is named, and not read."""
    for file in files:
        if not is_left_behind(file.parts):
            yield file
        elif is_hidden_work(file.parts):
            yield refused(file.parts, file.where, UnreadableFileError(sentences.HIDDEN))


def _files_of_zip(path: Path, finder: OwnerFinder) -> tuple[OwnerFinder, Iterator[FoundFile]]:
    """Return the files of a platform's zip; a zip of `smtplab submit` is one file."""
    where = shown(str(path))
    with path.open("rb") as file:
        names = [each.parts for each in files_written(files_in_zip(file, where))]
    if (MANIFEST,) in names:
        return finder, iter([found_file(path.resolve(), (shown(path.name),))])
    wrapper = _wrapper(names, finder)

    def files() -> Iterator[FoundFile]:
        with path.open("rb") as file:
            yield from (_inside(each, wrapper) for each in files_written(files_in_zip(file, where)))

    return finder.at_level_of(parts[wrapper:] or parts for parts in names), files()


def _one_file(path: Path, finder: OwnerFinder) -> FoundFile:
    """Return one notebook; if its name tells no student, the name of its folder does."""
    name, folders = shown(path.name), [shown(part) for part in path.parts[:-1]]
    if isinstance(finder.owner((name,)), FileOwner):
        return found_file(path, (name,))
    depth = 2 if folders[-1:] and folders[-1] in finder.exercises else 1
    return found_file(path, (*folders[-depth:], name))


def _inside(file: FoundFile, wrapper: int) -> FoundFile:
    return replace(file, parts=file.parts[wrapper:] or file.parts)


def _wrapper(names: list[tuple[str, ...]], finder: OwnerFinder) -> int:
    """Return 1 if all files lie in one folder that holds a class, as some programs pack it; else 0.

    It holds a class if it has several folders and none of an exercise, or if each name in it is about a student.
    """
    files = [parts for parts in names if parts[-1]]
    if not files or len({parts[0] for parts in files}) > 1 or min(map(len, files)) < 2:
        return 0
    folders = {parts[1] for parts in files if len(parts) > 2}
    flat = [parts[1] for parts in files if len(parts) == 2]
    named = [exercise_in(name, finder.exercises) for name in flat]
    are_students = all(platform_name(name) or (found and found.before) for name, found in zip(flat, named, strict=True))
    is_class = len(folders) > 1 and not folders & set(finder.exercises) if folders else bool(flat)
    return int(is_class and are_students)
