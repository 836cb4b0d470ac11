"""Put a built site into the user's folder: replace an older site, and touch nothing that is not ours."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..base.printed import few_in_a_row
from ..grading.release import write_whole
from . import sentences
from .build import MARKER
from .failure import LiteError


def marker_of(folder: Path) -> dict[str, Any] | None:
    """Return what the site in a folder says about itself; None if no site is there."""
    try:
        found = json.loads((folder / MARKER).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("files"), list) else None


def check_folder(folder: Path) -> None:
    """Check that a site may be written into a folder: a new one, an empty one, or one with an older site.

    Raises:
        LiteError: if it is a file, or holds something else.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise LiteError(sentences.FILE_IN_THE_WAY.format(folder=folder))
    names = sorted(path.name for path in folder.iterdir())
    if names and marker_of(folder) is None:
        raise LiteError(sentences.NOT_A_SITE.format(folder=folder, names=few_in_a_row(names)))


def check_zip(file: Path) -> None:
    """Check that a zip may be written: there is none, or it holds an older site.

    Raises:
        LiteError: if something else has its name.
    """
    if not file.exists():
        return
    try:
        with zipfile.ZipFile(file) as archive:
            archive.getinfo(MARKER)
    except (OSError, zipfile.BadZipFile, KeyError):
        raise LiteError(sentences.NOT_OUR_ZIP.format(file=file)) from None


def place(site: Path, folder: Path) -> None:
    """Put a site into a folder; other files there stay, such as the CNAME of a host or the folder of git.

    The marker comes last, and names what is ours. So a run that was interrupted is put right by the next one.

    Raises:
        LiteError: if a file has the name of one of the site's, and is not from an older site.
    """
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    new = sorted(path.name for path in site.iterdir() if path.name != MARKER)
    found = marker_of(folder)
    old = set() if found is None else {*found["files"]} - {MARKER}
    if foreign := [name for name in new if name not in old and (folder / name).exists()]:
        raise LiteError(sentences.IN_THE_WAY.format(folder=folder, names=few_in_a_row(foreign)))
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.resolve().name}.") as beside:
        # With the time of now: by it a plain web server tells a browser that what it has is old.
        shutil.copytree(site, Path(beside, "new"), copy_function=shutil.copyfile)
        Path(beside, "old").mkdir()
        _mark_both(folder, old, new)
        for name in sorted(old):
            if (folder / name).exists():
                (folder / name).rename(Path(beside, "old", name))
        for name in new:
            Path(beside, "new", name).rename(folder / name)
        write_whole(folder / MARKER, (site / MARKER).read_bytes())


def _mark_both(folder: Path, old: Iterable[str], new: Iterable[str]) -> None:
    """Name as ours what was and what will be, for the time in between."""
    text = json.dumps({"files": sorted({*old, *new, MARKER})})
    write_whole(folder / MARKER, text.encode())
