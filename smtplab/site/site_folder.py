"""The folder of the site: what an earlier run wrote is replaced, and nothing else is touched.

A list of our own files lies in the folder. So a site may be built into the root of a web server, beside the course in
the browser and what the teacher put there.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

from . import sentences
from .site_error import SiteError

OWN_FILES = ".smtplab-site.json"


def check_place(folder: Path) -> None:
    """Raise `SiteError` if `folder` is a file, or its list of our own files is damaged; no build can help that."""
    if folder.exists() and not folder.is_dir():
        raise SiteError(sentences.NOT_A_FOLDER.format(path=folder))
    _own_files(folder)


def put(built: Path, folder: Path) -> int:
    """Move the built files into `folder`, and return how many there are.

    Args:
        built: the folder of the built files; it is on any file system.
        folder: where they go. Files of an earlier site that are no longer made are removed.

    Raises:
        SiteError: if a file is in the way that no earlier run wrote; then nothing is changed.
    """
    before = _own_files(folder)
    names = sorted(path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file())
    for name in names:
        if name not in before and _is_in_the_way(folder, name):
            raise SiteError(sentences.NOT_OURS.format(file=folder / name))
    folder.mkdir(parents=True, exist_ok=True)
    _write_list(folder, sorted({*before, *names}))  # first, so that an interrupted run can be repeated
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(built / name, folder / name)
    for name in before - set(names):
        _remove(folder, name)
    _write_list(folder, names)
    return len(names)


def _is_in_the_way(folder: Path, name: str) -> bool:
    """Return True if a file or link has the name, or a file stands where a folder of it must be."""
    path = folder / name
    parents = (each for each in path.parents if each.is_relative_to(folder))
    return path.exists() or path.is_symlink() or any(each.is_file() or each.is_symlink() for each in parents)


def _own_files(folder: Path) -> set[str]:
    path = folder / OWN_FILES
    try:
        names = json.loads(path.read_bytes())["files"]
    except FileNotFoundError:
        return set()
    except (ValueError, LookupError, TypeError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) and _is_inside(name) for name in names):
        raise SiteError(sentences.DAMAGED_LIST.format(path=path))
    return set(names)


def _is_inside(name: str) -> bool:
    return not Path(name).is_absolute() and ".." not in Path(name).parts


def _write_list(folder: Path, names: list[str]) -> None:
    (folder / OWN_FILES).write_text(json.dumps({"files": names}, indent=1) + "\n", "utf-8")


def _remove(folder: Path, name: str) -> None:
    """Remove a file and the folders that it leaves empty."""
    path = folder / name
    path.unlink(missing_ok=True)
    with suppress(OSError):  # not empty
        for each in path.parents:
            if each == folder:
                break
            each.rmdir()
