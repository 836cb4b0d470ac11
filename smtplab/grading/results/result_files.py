"""Write the results of a class into a folder: the report, the tables, the page of the class, and a page per student.

Students get nothing by this; `releasing` gives the pages out. Each file is written whole or not at all, and the pages
of all students are replaced at once. The report comes first: whatever stops the rest, they can be made from it again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from ..release import write_whole
from .class_page import class_page
from .feedback_page import feedback_page
from .outcome import Report
from .sheets import PLATFORM_FILES, sheets

REPORT, CLASS_PAGE, PAGES = "report.json", "class.html", "pages"
_LONGEST_NAME = 100  # characters; most file systems take 255 octets


def results(report: Report) -> dict[str, bytes]:
    """Return all files of a class by their names, those of students in the folder `PAGES`."""
    return {
        REPORT: report.to_json().encode(),
        **sheets(report),
        CLASS_PAGE: class_page(report),
        **{f"{PAGES}/{page_name(each.student)}": feedback_page(report, each) for each in report.by_id},
    }


def write_results(report: Report, folder: Path) -> None:
    """Write all files of a class; what else lies in the folder stays, except older results.

    Args:
        report: the class.
        folder: where the files go; it is created if necessary.

    Raises:
        OSError: if a file cannot be written. The older files stay as they were, or are replaced whole.
    """
    files = results(report)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        if "/" not in name:
            write_whole(folder / name, content)
    for name in PLATFORM_FILES:
        if name not in files:
            (folder / name).unlink(missing_ok=True)
    replace_folder(folder / PAGES, {Path(name).name: content for name, content in files.items() if "/" in name})


def page_name(student: str) -> str:
    """Return the name of a student's page, which any file system takes; no two students have the same.

    Args:
        student: the id; characters that may mean something in a path are written by their numbers, as in a URL.
    """
    safe = quote(student, safe=" @+()',", errors="surrogatepass").replace("~", "%7E")
    safe = f"%2E{safe[1:]}" if safe.startswith(".") else safe
    if len(safe) > _LONGEST_NAME:
        digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        safe = f"{safe[: _LONGEST_NAME - 20]}~{digest}"
    return f"{safe}.html"


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Replace a folder by one with these files, at once; a reader never sees half of them.

    A link in the place of the folder is replaced, and what it leads to stays as it is.
    """
    new, old = (folder.with_name(f".{folder.name}.{os.getpid()}.{word}") for word in ("new", "old"))
    try:
        new.mkdir(parents=True)
        for name, content in files.items():
            (new / name).write_bytes(content)
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        elif folder.exists():
            os.replace(folder, old)
        os.replace(new, folder)
    finally:
        if old.exists() and not folder.exists():
            os.replace(old, folder)
        for rest in (new, old):
            shutil.rmtree(rest, ignore_errors=True)
