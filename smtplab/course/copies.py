"""Copy the course into a student's folder and never overwrite the student's work.

Each folder has a manifest, `MANIFEST`, with the fingerprint of every file as delivered, which is that of its cells'
sources. A file that the student changed or deleted is left alone; a file that is only old, or was only run, is updated.
This module only handles files; it prints and starts nothing.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from itertools import count
from pathlib import Path
from typing import NamedTuple

from ..base.resources import MANIFEST, course_root
from ..grading.release import is_numbered, student_version, write_whole
from ..lessons.cells import delivered as delivered_tutorial
from . import sentences
from .notebook_files import fingerprint, sha256, trust, with_language

DEFAULT_FOLDER = Path("smtplab-course")
EXERCISES = "exercises"


class CourseError(Exception):
    """The course cannot be copied; ``str(error)`` is a sentence for the student."""


class UnknownNotebookError(CourseError):
    """No notebook, or more than one, has the given name or number."""


class CopyOutcome(Enum):
    """The result for one file of the course in a student's folder."""

    COPIED = "copied"
    UPDATED = "updated"
    CURRENT = "current"
    CHANGED = "changed by the student"
    IN_THE_WAY = "a folder has its name"
    DELETED = "deleted by the student"


class Fresh(NamedTuple):
    """A restored notebook: its path, and the path of the old version if one was kept."""

    path: Path
    kept: Path | None


def course_files(root: Path | None = None) -> dict[str, bytes]:
    """Return the contents of the files that a student gets, by their names in the student's folder, in order.

    Tutorials go into the folder itself, without the answers to their tasks, and exercises into a subfolder. They need
    no other file, because their data comes with smtplab. `root` is the folder of `notebooks`, by default the one that
    came with smtplab.
    """
    notebooks = (course_root() if root is None else root) / "notebooks"
    sources = sorted((notebooks / "tutorials").glob("[!.]*.ipynb"))
    tutorials = {path.name: delivered_tutorial(path.read_bytes()) for path in sources}
    exercises = {f"{EXERCISES}/{name}": content for name, content in _exercises(notebooks / "exercises")}
    return {name: with_language(content) for name, content in (tutorials | exercises).items()}


def _exercises(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the students' version of the exercises: a wheel has it, from a checkout it is made."""
    source = folder / "source"
    for path in sorted((source if source.is_dir() else folder / "release").glob("[!.]*/[!.]*.ipynb")):
        yield path.name, student_version(path) if path.is_relative_to(source) else path.read_bytes()


def student_folder() -> Path:
    """Return the default folder: the current one if it holds a course, else `DEFAULT_FOLDER`."""
    return Path() if (Path() / MANIFEST).is_file() else DEFAULT_FOLDER


def read_manifest(folder: Path) -> dict[str, str]:
    """Return the fingerprint of each file as delivered into `folder`; empty if no course was delivered there.

    Raises `CourseError` if the manifest is damaged.
    """
    try:
        files = json.loads((folder / MANIFEST).read_bytes())["files"]
    except FileNotFoundError:
        return {}
    except (ValueError, LookupError, TypeError):
        files = None
    if not isinstance(files, dict) or not all(isinstance(value, str) for value in files.values()):
        raise CourseError(sentences.DAMAGED_MANIFEST.format(path=folder / MANIFEST))
    return files


def survey(folder: Path, files: Mapping[str, bytes], delivered: Mapping[str, str]) -> dict[str, CopyOutcome]:
    """Return what `hand_out` would do with each of `files` in `folder`; change nothing."""
    return {
        name: _judge(offered=fingerprint(content), found=folder / name, delivered=delivered.get(name))
        for name, content in files.items()
    }


def hand_out(folder: Path, files: Mapping[str, bytes]) -> dict[str, CopyOutcome]:
    """Write `files` into `folder`, which is made if missing, and return the outcome for each.

    A damaged manifest counts as none; then every file that differs counts as changed by the student. An interrupted
    run does no harm: for the next one, the copied files are current.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        delivered = read_manifest(folder)
    except CourseError:
        delivered = {}
    outcomes = survey(folder, files, delivered)
    for name, outcome in outcomes.items():
        if outcome in (CopyOutcome.COPIED, CopyOutcome.UPDATED):
            write_whole(folder / name, files[name])
        if outcome not in (CopyOutcome.CHANGED, CopyOutcome.DELETED, CopyOutcome.IN_THE_WAY):
            delivered[name] = fingerprint(files[name])
    _write_manifest(folder, delivered)
    return outcomes


def trust_copies(folder: Path, files: Mapping[str, bytes]) -> None:
    """Sign the notebooks in `folder` that are as delivered, so that JupyterLab shows their figures at once."""
    for name, content in files.items():
        path = folder / name
        if path.is_file() and path.read_bytes() == content:
            trust(path)


def find_notebook(wanted: str, files: Mapping[str, bytes]) -> str:
    """Return the notebook with the number `wanted` ("0" or "00") or that name, with or without .ipynb.

    A number alone means a tutorial; "exercises/3" is an exercise. If a tutorial and an exercise have the same name, it
    means the tutorial. Raises `UnknownNotebookError` if no notebook fits, or a number fits more than one.
    """
    place, _, stem = wanted.replace("\\", "/").removesuffix(".ipynb").rpartition("/")
    fitting = []
    for name in files:
        folder, _, own = name.rpartition("/")
        if own == f"{stem}.ipynb" and place in ("", folder):
            return name
        if folder == place and is_numbered(own, stem):
            fitting.append(name)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        commands = " or ".join(f"`smtplab reset {name.removesuffix('.ipynb')}`" for name in fitting)
        text = sentences.SEVERAL_NOTEBOOKS.format(wanted=wanted, count=len(fitting), commands=commands)
        raise UnknownNotebookError(text)
    raise UnknownNotebookError(sentences.NO_NOTEBOOK.format(wanted=wanted, names=", ".join(files)))


def shortest_name(name: str, files: Iterable[str]) -> str:
    """Return the shortest text by which `find_notebook` finds a notebook: its number if unique, else its name."""
    number = name.partition("-")[0]
    alone = sum(other.startswith(f"{number}-") for other in files) == 1
    return number if alone else name.removesuffix(".ipynb")


def reset(folder: Path, name: str, content: bytes) -> Fresh:
    """Restore the notebook `name` in `folder` to `content`; keep a changed version beside it, with its date.

    Raises `CourseError` if no course was delivered into `folder`, its manifest is damaged, or a folder has the name of
    the notebook.
    """
    delivered = read_manifest(folder)
    if not delivered:
        raise CourseError(sentences.NO_COURSE.format(folder=folder.resolve()))
    path = folder / name
    if path.is_dir():
        raise CourseError(sentences.FOLDER_IN_THE_WAY.format(path=path.resolve()))
    kept = _keep(path) if path.is_file() and path.read_bytes() != content else None
    write_whole(path, content)
    _write_manifest(folder, delivered | {name: fingerprint(content)})
    return Fresh(path, kept)


def _judge(*, offered: str, found: Path, delivered: str | None) -> CopyOutcome:
    """Decide about one file so that a student's work is kept: write only a new file, or one still as delivered."""
    if not os.path.lexists(found):
        return CopyOutcome.COPIED if delivered is None else CopyOutcome.DELETED
    if found.is_dir():
        return CopyOutcome.IN_THE_WAY
    content = found.read_bytes() if found.is_file() else None
    present = None if content is None else fingerprint(content)
    if present == offered:
        return CopyOutcome.CURRENT
    # An older manifest has the hash of all bytes.
    is_delivered = content is not None and delivered in (present, sha256(content))
    return CopyOutcome.UPDATED if is_delivered else CopyOutcome.CHANGED


def _keep(path: Path) -> Path:
    """Copy `path` beside itself under a new name with the date of its last change."""
    date = datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%d")
    endings = (f".{date}{'' if number == 1 else f'-{number}'}{path.suffix}" for number in count(1))
    names = (path.with_name(path.stem + ending) for ending in endings)
    kept = next(name for name in names if not os.path.lexists(name))
    shutil.copy2(path, kept)
    return kept


def _write_manifest(folder: Path, delivered: Mapping[str, str]) -> None:
    text = json.dumps({"files": dict(sorted(delivered.items()))}, indent=1)
    write_whole(folder / MANIFEST, text.encode() + b"\n")
