"""Hand out the course: copy the notebooks into a student's folder and never overwrite the student's work.

Each folder keeps a manifest, `MANIFEST`: the sha256 of every file as it was delivered. It tells a file that
the student changed or deleted, which is left alone, from one that only grew old, which is updated. This
module touches files and nothing else; it prints nothing and starts nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from itertools import count
from pathlib import Path
from typing import NamedTuple

from ..base.resources import course_root
from ..grading.release import is_numbered, student_version, write_whole

MANIFEST = ".smtplab-course.json"
DEFAULT_FOLDER = Path("smtplab-course")
EXERCISES = "exercises"


class CourseError(Exception):
    """The course cannot be handed out; `str(error)` is a sentence for the student."""


class UnknownNotebookError(CourseError):
    """No notebook, or more than one, goes by the name that was asked for."""


class CopyOutcome(Enum):
    """What became of one file of the course in a student's folder."""

    COPIED = "copied"
    UPDATED = "updated"
    CURRENT = "current"
    CHANGED = "changed by the student"
    DELETED = "deleted by the student"


class Fresh(NamedTuple):
    """A notebook as delivered again: where it lies, and where the old one was kept, if it was."""

    path: Path
    kept: Path | None


def course_files(root: Path | None = None) -> dict[str, bytes]:
    """Return the files that a student gets, in order: the name in the student's folder, and what the file holds.

    The tutorials land in the folder itself, the exercises in a folder of their own. They need no file beside them:
    their data comes with smtplab. `root` is the folder that holds `notebooks`; without it, the one that came with
    smtplab.
    """
    notebooks = (course_root() if root is None else root) / "notebooks"
    tutorials = {path.name: path.read_bytes() for path in sorted((notebooks / "tutorials").glob("[!.]*.ipynb"))}
    return tutorials | {f"{EXERCISES}/{name}": content for name, content in _exercises(notebooks / "exercises")}


def _exercises(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the exercises as students receive them: a wheel brings them so, a checkout has the instructor's."""
    source = folder / "source"
    for path in sorted((source if source.is_dir() else folder / "release").glob("[!.]*/[!.]*.ipynb")):
        yield path.name, student_version(path) if path.is_relative_to(source) else path.read_bytes()


def student_folder() -> Path:
    """Return the folder meant when none is named: this one if it holds a course, else `DEFAULT_FOLDER`."""
    return Path() if (Path() / MANIFEST).is_file() else DEFAULT_FOLDER


def read_manifest(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file as delivered into `folder`; nothing if no course was delivered there.

    Raises `CourseError` if the manifest is damaged.
    """
    try:
        files = json.loads((folder / MANIFEST).read_bytes())["files"]
    except FileNotFoundError:
        return {}
    except (ValueError, LookupError, TypeError):
        files = None
    if not isinstance(files, dict) or not all(isinstance(value, str) for value in files.values()):
        raise CourseError(f"The manifest {folder / MANIFEST} is damaged; `smtplab start --no-lab` renews it.")
    return files


def survey(folder: Path, files: Mapping[str, bytes], delivered: Mapping[str, str]) -> dict[str, CopyOutcome]:
    """Say what handing out `files` into `folder` would do to each of them; change nothing."""
    return {
        name: _judge(offered=_hash(content), found=folder / name, delivered=delivered.get(name))
        for name, content in files.items()
    }


def hand_out(folder: Path, files: Mapping[str, bytes]) -> dict[str, CopyOutcome]:
    """Write `files` into `folder`, made if need be, and return what became of each.

    A damaged manifest counts as none: then every file that differs is taken for the student's. A run that is
    cut short does no harm: the next one finds current what it copied.
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
        if outcome not in (CopyOutcome.CHANGED, CopyOutcome.DELETED):
            delivered[name] = _hash(files[name])
    _write_manifest(folder, delivered)
    return outcomes


def find_notebook(wanted: str, files: Mapping[str, bytes]) -> str:
    """Return the notebook that `wanted` means: its number ("0" or "00") or its name, with or without .ipynb.

    A number alone is that of a tutorial; "exercises/3" is an exercise. A name that a tutorial and an exercise have is
    the tutorial's. Raises `UnknownNotebookError` if no notebook fits, or a number fits more than one.
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
        raise UnknownNotebookError(f"{wanted!r} fits {len(fitting)} notebooks; say {commands}.")
    raise UnknownNotebookError(f"No notebook goes by {wanted!r}; there are {', '.join(files)}.")


def shortest_name(name: str, files: Iterable[str]) -> str:
    """Return the shortest of what `find_notebook` takes for a notebook: its number, or its name if others have that."""
    number = name.partition("-")[0]
    alone = sum(other.startswith(f"{number}-") for other in files) == 1
    return number if alone else name.removesuffix(".ipynb")


def reset(folder: Path, name: str, content: bytes) -> Fresh:
    """Write `content` as the notebook `name` into `folder`; keep a changed one beside it, under its date.

    Raises `CourseError` if no course was delivered into `folder`, or its manifest is damaged.
    """
    delivered = read_manifest(folder)
    if not delivered:
        raise CourseError(f"There is no course in {folder.resolve()}; `smtplab start` makes one.")
    path = folder / name
    kept = _keep(path) if path.is_file() and path.read_bytes() != content else None
    write_whole(path, content)
    _write_manifest(folder, delivered | {name: _hash(content)})
    return Fresh(path, kept)


def _judge(*, offered: str, found: Path, delivered: str | None) -> CopyOutcome:
    """The rule that keeps a student's work: only what is new, or still as delivered, is written."""
    if not os.path.lexists(found):
        return CopyOutcome.COPIED if delivered is None else CopyOutcome.DELETED
    present = _hash(found.read_bytes()) if found.is_file() else None
    if present == offered:
        return CopyOutcome.CURRENT
    return CopyOutcome.UPDATED if present is not None and present == delivered else CopyOutcome.CHANGED


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _keep(path: Path) -> Path:
    """Copy `path` beside itself, with the date of its last change in the name, over no other file."""
    date = datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%d")
    endings = (f".{date}{'' if number == 1 else f'-{number}'}{path.suffix}" for number in count(1))
    names = (path.with_name(path.stem + ending) for ending in endings)
    kept = next(name for name in names if not os.path.lexists(name))
    shutil.copy2(path, kept)
    return kept


def _write_manifest(folder: Path, delivered: Mapping[str, str]) -> None:
    text = json.dumps({"files": dict(sorted(delivered.items()))}, indent=1)
    write_whole(folder / MANIFEST, text.encode() + b"\n")
