"""Remove a class from a course folder: what students handed in, what was made of it, and who they are.

The exercises, their released versions and the settings stay. A link is removed, and what it leads to stays.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from ..grading import classroom
from ..grading.engine.run_file import RUN_FILE
from ..grading.results.changed_points import FILE as POINTS
from ..grading.results.result_files import CLASS_PAGE, REPORT
from ..grading.results.sheets import SHEETS
from ..grading.students import SPELLINGS
from ..grading.tables import LOCK
from ..roster.roster import FILE as ROSTER

# nbgrader's folders with work of students, and its gradebook with its own files and its copies.
FOLDERS = ("submitted", "autograded", "feedback", "downloaded")
_GRADEBOOK = ("gradebook.db", "gradebook.db-*", "gradebook.db.*", ".nbgrader.log")
# Tables and reports of a class, in the course folder.
TABLES = (ROSTER, SPELLINGS, POINTS, *(table.name for table in classroom.TABLES), *SHEETS, CLASS_PAGE, LOCK)
# What marks a folder as results of `smtplab grade`.
RESULTS = (REPORT, RUN_FILE)
# What marks a folder as that of a course.
_COURSE = ("source", "nbgrader_config.py", "gradebook.db", ROSTER, *FOLDERS[:2])
_KEPT = ("source", "release")
_MAY_HOLD_A_CLASS = ("*.zip", "*.csv", "*.xlsx", "*.db", "*.bak")


@dataclass(frozen=True, slots=True)
class Removable:
    """A file or folder of a class.

    Args:
        path: where it is.
        files: how many files it holds; 1 for a file.
        octets: how large they are together.
        is_link: True for a link, which is removed without what it leads to.
    """

    path: Path
    files: int
    octets: int
    is_link: bool = False


def is_course(folder: Path) -> bool:
    """Return True if a folder looks like that of a course; nothing is removed from another one."""
    return any((folder / name).exists() for name in _COURSE)


def things_of_the_class(course: Path) -> list[Removable]:
    """Return what `remove` would remove from a course folder, in the order of the names."""
    return [_measured(path) for path in sorted(_paths(course))]


def things_that_stay(course: Path) -> list[str]:
    """Return the names of files in a course folder that stay and may hold a class as well, such as a download."""
    removed = set(_paths(course))
    paths = [path for path in sorted(course.iterdir()) if path not in removed and not path.is_dir()]
    return [path.name for path in paths if any(fnmatch(path.name, each) for each in _MAY_HOLD_A_CLASS)]


def remove(thing: Removable) -> None:
    """Remove a file or a folder, and follow no link in it.

    Raises:
        OSError: if it cannot be removed, or not all of it.
    """
    if stat.S_ISDIR(thing.path.lstat().st_mode):
        shutil.rmtree(thing.path)
    else:
        thing.path.unlink()


def _paths(course: Path) -> Iterator[Path]:
    for path in course.iterdir():
        name = path.name
        if name in FOLDERS or name in TABLES or name in RESULTS or any(fnmatch(name, each) for each in _GRADEBOOK):
            yield path
        elif name not in _KEPT and _is_folder(path):
            yield from _results_in(path)


def _results_in(folder: Path) -> Iterator[Path]:
    """Yield the folders with results: this one, or those in it."""
    if _has_results(folder):
        yield folder
        return
    below = [path for path in folder.iterdir() if _is_folder(path)]
    found = [path for path in below if _has_results(path)]
    if found and len(found) == len(list(folder.iterdir())):
        yield folder
    else:
        yield from found


def _has_results(folder: Path) -> bool:
    return any((folder / name).is_file() for name in RESULTS)


def _is_folder(path: Path) -> bool:
    """Return True for a folder that is not a link and can be listed."""
    return path.is_dir() and not path.is_symlink() and os.access(path, os.R_OK | os.X_OK)


def _measured(path: Path) -> Removable:
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode):
        return Removable(path, 1, facts.st_size, stat.S_ISLNK(facts.st_mode))
    sizes = [Path(folder, name).lstat().st_size for folder, _, names in os.walk(path) for name in names]
    return Removable(path, len(sizes), sum(sizes))
