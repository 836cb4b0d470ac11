"""Turn an instructor's notebook into the student's: remove solutions, hidden tests and outputs, and lock cells.

nbgrader's format is the interface. The result is, byte for byte, what ``nbgrader generate_assignment`` makes with the
configuration in ``notebooks/exercises``. The gradebook, from which nbgrader restores the hidden tests when it grades,
is nbgrader's own, and not made here.

This module imports only the standard library, and nothing of smtplab. The build of the wheel runs it where neither
nbgrader nor smtplab may be installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# The stub that replaces a solution, by the language of the notebook's kernel, and in a text cell.
CODE_STUBS = {"python": "# YOUR CODE HERE", "smtp": "# YOUR COMMANDS HERE"}
TEXT_STUB = "YOUR ANSWER HERE"

# Whoever runs a notebook in its folder leaves these behind.
_LEFT_BEHIND = {"__pycache__", ".ipynb_checkpoints"}

Cell = dict[str, Any]


# Why a notebook cannot be released; the file and the cell come before the sentence.
NOT_FORMAT_4 = "it is not a notebook of format 4"
DAMAGED = "it is damaged, or not a notebook"
NO_STUB = "its kernel's language is {language!r}; there are stubs for {languages}"
OLD_METADATA = "its nbgrader metadata are not of schema version 3; run `nbgrader update`"
NO_GRADE_ID = "it has no grade_id"
SAME_GRADE_ID = "its grade_id {name!r} is that of another cell"
NO_POINTS = "it is graded and has no points"
AUTOTEST = "AUTOTEST is not supported here; write these tests as hidden tests"
TWO_BEGINS = "BEGIN {region} stands twice before END {region}"
NO_END = "BEGIN {region} has no END {region}"
WRONG_MARK = "it has BEGIN {region}, but nbgrader's metadata do not mark it as {where}"


class ReleaseError(Exception):
    """A notebook cannot be released as it is. ``str(error)`` is a sentence for the instructor, with the cell's id."""


def assignments(source: Path) -> tuple[str, ...]:
    """Return the names of the assignments in an nbgrader source folder: its folders that hold a notebook."""
    return tuple(sorted({path.parent.name for path in source.glob("[!.]*/[!.]*.ipynb")}))


def is_numbered(name: str, number: str) -> bool:
    """Return True if a notebook's name, such as ``01-title``, begins with a number: ``1`` or ``01``."""
    return bool(number) and name.partition("-")[0] == number.zfill(2)


def release(name: str, source: Path, out: Path) -> list[Path]:
    """Write the student's version of an assignment: its notebooks released, its other files copied.

    Args:
        name: the assignment, a folder in `source`.
        source: nbgrader's source folder.
        out: nbgrader's release folder; files with the same names are replaced.

    Returns:
        The files written, in order.

    Raises:
        ReleaseError: if a notebook cannot be released; then nothing is written.
    """
    paths = list(_files(source / name))
    notebooks = {path: student_version(path) for path in paths if path.suffix == ".ipynb"}
    written = []
    for path in paths:
        target = out / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path in notebooks:
            write_whole(target, notebooks[path])
        else:
            shutil.copyfile(path, target)
        written.append(target)
    return written


def student_version(path: Path) -> bytes:
    """Return the student's version of the instructor's notebook in a file.

    Raises:
        ReleaseError: as `release`.
    """
    try:
        notebook = json.loads(path.read_bytes())
        if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
            raise ReleaseError(NOT_FORMAT_4)
        text = json.dumps(_released(notebook), ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": "))
        return text.encode() + b"\n"
    except (ValueError, LookupError, TypeError, AttributeError):  # no UTF-8, no JSON, or not the keys of a notebook
        raise ReleaseError(f"{path}: {DAMAGED}") from None
    except ReleaseError as error:
        raise ReleaseError(f"{path}: {error}") from None


def graded_version(content: bytes) -> dict[str, Any]:
    """Return the instructor's notebook as it is restored when it is graded: without solutions, with hidden tests.

    Raises:
        ReleaseError: as `release`.
    """
    try:
        notebook = json.loads(content)
        if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
            raise ReleaseError(NOT_FORMAT_4)
        return _released(notebook, with_hidden=True)
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ReleaseError(DAMAGED) from None


def marks_of(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return nbgrader's metadata of a cell; empty if it has none. A student may have written anything there."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return marks if isinstance(marks, dict) else {}


def name_of(cell: Mapping[str, Any]) -> str:
    """Return nbgrader's name of a cell; empty if it has none."""
    name = marks_of(cell).get("grade_id")
    return name if isinstance(name, str) else ""


def without_hidden(source: str) -> str:
    """Return the source of a test cell as students have it."""
    return _without(source, "HIDDEN TESTS", None, True, "")


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of an assignment in order, without hidden files and leftovers."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") or part in _LEFT_BEHIND for part in parts):
            yield path


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write all of `content` or nothing: write a temporary file, then rename it to `path`.

    Args:
        path: the file; its folder is created if necessary.
        content: all of it.
        private: True if no other user of the machine may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        if private:
            temporary.touch(0o600)
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _released(notebook: dict[str, Any], *, with_hidden: bool = False) -> dict[str, Any]:
    metadata = notebook.get("metadata", {})
    metadata.pop("celltoolbar", None)
    language = metadata.get("kernelspec", {}).get("language", "python")
    if language not in CODE_STUBS:
        raise ReleaseError(NO_STUB.format(language=language, languages=", ".join(CODE_STUBS)))
    ids: set[str] = set()
    for cell in notebook["cells"]:
        try:
            _check_marks(cell, ids)
            _release_cell(cell, CODE_STUBS[language], with_hidden=with_hidden)
        except ReleaseError as error:
            raise ReleaseError(f"cell {cell.get('id', '?')}: {error}") from None
    return notebook


def _check_marks(cell: Cell, ids: set[str]) -> None:
    """Check that nbgrader's metadata are complete, and that no other cell has the same ``grade_id``."""
    if not isinstance(cell["metadata"].get("nbgrader", {}), dict):
        raise ReleaseError(DAMAGED)
    if not any(_role(cell, role) for role in ("solution", "grade", "locked", "task")):
        return
    marks = marks_of(cell)
    if marks.get("schema_version") != 3:
        raise ReleaseError(OLD_METADATA)
    name = marks.get("grade_id")
    if not name:
        raise ReleaseError(NO_GRADE_ID)
    if name in ids:
        raise ReleaseError(SAME_GRADE_ID.format(name=name))
    if marks.get("grade") and "points" not in marks:
        raise ReleaseError(NO_POINTS)
    ids.add(name)


def _release_cell(cell: Cell, code_stub: str, *, with_hidden: bool) -> None:
    """Turn an instructor's cell into a student's, or into that which is graded."""
    source = "".join(cell["source"])
    is_code = cell["cell_type"] == "code"
    if is_code and "AUTOTEST" in source:
        raise ReleaseError(AUTOTEST)
    stub = code_stub if is_code else TEXT_STUB
    answered = _without(source, "SOLUTION", stub, _role(cell, "solution"), "a solution cell")
    if answered == source and _role(cell, "solution"):
        answered = stub
    visible = _without(answered, "HIDDEN TESTS", None, _role(cell, "grade"), "a cell with tests")
    visible = _without(visible, "MARK SCHEME", None, _role(cell, "task"), "a task cell")
    if with_hidden:
        visible = answered
    cell["source"] = visible.splitlines(keepends=True)
    if is_code:
        _clear(cell)
    _lock(cell)
    _sign(cell, visible)


def _without(source: str, region: str, stub: str | None, allowed: bool, where: str) -> str:
    """Return the source with each region from ``BEGIN ...`` to ``END ...`` removed, or replaced by the stub."""
    lines: list[str] = []
    inside = found = False
    for line in source.split("\n"):
        if f"BEGIN {region}" in line:
            if inside:
                raise ReleaseError(TWO_BEGINS.format(region=region))
            inside = found = True
            if stub is not None:
                indent = line[: len(line) - len(line.lstrip())]
                lines += [indent + each for each in stub.split("\n")]
        elif f"END {region}" in line:
            inside = False
        elif not inside:
            lines.append(line)
    if inside:
        raise ReleaseError(NO_END.format(region=region))
    if found and not allowed:
        raise ReleaseError(WRONG_MARK.format(region=region, where=where))
    return "\n".join(lines)


def _role(cell: Cell, role: str) -> bool:
    """Return True if a cell has a role for nbgrader: solution, grade, task or locked. An answer is never locked."""
    marks = marks_of(cell)
    if role == "locked":
        return not marks.get("solution") and bool(marks.get("grade") or marks.get("locked"))
    return bool(marks.get(role))


def _clear(cell: Cell) -> None:
    """Remove the outputs."""
    cell["outputs"], cell["execution_count"] = [], None
    for key in ("collapsed", "scrolled"):
        cell["metadata"].pop(key, None)


def _lock(cell: Cell) -> None:
    """Make the cells that nbgrader needs undeletable, and all of them but answers read-only."""
    if _role(cell, "solution") or _role(cell, "locked"):
        cell["metadata"]["deletable"] = False
    if _role(cell, "locked"):
        cell["metadata"]["editable"] = False


def _sign(cell: Cell, source: str) -> None:
    """Write the checksum by which nbgrader notices that a cell was changed."""
    solution, grade, locked = (_role(cell, role) for role in ("solution", "grade", "locked"))
    if not (solution or grade or locked):
        return
    marks = cell["metadata"]["nbgrader"]
    signed = [source, cell["cell_type"], str(grade), str(solution), str(locked), marks["grade_id"]]
    if grade:
        signed.append(str(float(marks["points"])))
    marks["checksum"] = hashlib.md5("".join(signed).encode(), usedforsecurity=False).hexdigest()
    marks["cell_type"] = cell["cell_type"]
