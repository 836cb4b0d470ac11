"""Pack a student's exercise to be handed in, and say what is missing in it.

Whatever is missing, the zip is made: half an exercise gives half of the points. Nothing is run here, so only what the
file shows can be said; what is still unsaved in the browser cannot.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..base.resources import data_path
from ..base.version import version
from ..grading.release import is_numbered, marks_of, name_of
from ..roster.found_files import UnreadableFileError, read_file
from ..roster.hand_in_zip import Manifest, packed_zip
from ..roster.notebook_text import UnusableNotebookError, read_notebook
from ..roster.platform_names import exercise_in, is_notebook_name
from ..roster.student_ids import folder_id
from . import sentences
from .copies import EXERCISES, CourseError
from .notebook_files import fingerprint

COURSE_FILE = "course.toml"
_ID = re.compile(
    r"""\bstudent_id\(\s*(['"])(?P<call>[^'"\n]*)\1|^[ \t]*%student\b[ \t]*(?P<line>[^\n]*)""", re.MULTILINE
)
_COURSE = re.compile(r"""\bcourse\s*=\s*(['"]?)(?P<course>[^'"\s)]*)\1""")
_HEADING = re.compile(r"^#+[ \t]+(?:\d+\.[ \t]*)?(?P<title>[^\n]*?)(?:[ \t]*\([^()\n]*\))?[ \t]*$", re.MULTILINE)

NotebookCell = Mapping[str, Any]


class UnknownExerciseError(CourseError):
    """No exercise, or more than one, is meant; the sentence lists those that can be named."""


@dataclass(frozen=True, slots=True)
class HandIn:
    """A zip to be handed in.

    Args:
        exercise: the name of the exercise.
        student: the id in the notebook; empty if there is none.
        data: the zip.
        saved: when the notebook was last saved.
        missing: a sentence for each thing that the notebook lacks, in the order of its cells.
        is_untouched: True if nothing was written into the notebook.
        checks: what the checks in the saved notebook said last, a line for each part; empty if none was run.
    """

    exercise: str
    student: str
    data: bytes
    saved: datetime
    missing: tuple[str, ...]
    is_untouched: bool = False
    checks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the zip: the id and the exercise, as learning platforms and nbgrader sort it."""
        return f"{self.student}_{self.exercise}.zip" if self.student else f"{self.exercise}.zip"


def exercises_of(folder: Path, files: Mapping[str, bytes]) -> dict[str, Path]:
    """Return the path of each exercise that a course folder holds, by its name.

    Args:
        folder: the course's folder, the folder of its exercises, or any folder in one of them.
        files: the files as delivered, as `course_files` returns them.
    """
    names = [Path(name).stem for name in files if name.startswith(f"{EXERCISES}/")]
    # A folder above counts only if it holds the exercises, so that a stray notebook there is never handed in.
    for each in (folder / EXERCISES, folder, folder.resolve().parent / EXERCISES, folder.resolve().parent):
        there = {name: each / f"{name}.ipynb" for name in names if (each / f"{name}.ipynb").is_file()}
        if there:
            return there
    return {}


def choose_exercise(wanted: str, there: Mapping[str, Path], files: Mapping[str, bytes]) -> str:
    """Return the exercise that is meant.

    Args:
        wanted: its name or number. If two share the number, the one that was changed is meant; if it is empty, the only
            one that was changed.
        there: the exercises of the folder.
        files: the files as delivered.

    Raises:
        UnknownExerciseError: if none is meant, or more than one.
    """
    if not there:
        raise UnknownExerciseError(sentences.NO_EXERCISES_HERE)
    name = wanted.removesuffix(".ipynb")
    fitting = [each for each in there if not wanted or each == name or is_numbered(each, name)]
    if not fitting:
        raise UnknownExerciseError(sentences.NO_SUCH_EXERCISE.format(wanted=wanted, names=", ".join(there)))
    if len(fitting) == 1 and wanted:
        return fitting[0]
    changed = [each for each in fitting if _is_changed(there[each], files[f"{EXERCISES}/{each}.ipynb"])]
    if not changed:
        raise UnknownExerciseError(sentences.NOTHING_BEGUN.format(names=", ".join(fitting)))
    if len(changed) > 1:
        raise UnknownExerciseError(sentences.SEVERAL_BEGUN.format(names=", ".join(changed), first=changed[0]))
    return changed[0]


def _is_changed(path: Path, delivered: bytes) -> bool:
    return fingerprint(_content(path)) != fingerprint(delivered)


def _content(path: Path) -> bytes:
    """Return the content of a notebook of the student; the folder is the student's own, so a link may be followed."""
    try:
        return read_file(path.resolve())
    except UnreadableFileError as error:
        raise CourseError(sentences.NOT_PACKED.format(path=path, reason=error)) from None


def pack(exercise: str, path: Path, delivered: bytes, now: datetime, *, desk_id: str = "") -> HandIn:
    """Pack an exercise.

    Args:
        exercise: its name.
        path: the student's notebook.
        delivered: the notebook as delivered.
        now: the time, with its zone.
        desk_id: the id of the JupyterHub's user, which counts where the notebook has none.

    Raises:
        CourseError: if the file is not a notebook; the sentence says why.
    """
    data = _content(path)
    try:
        read_notebook(data)
    except UnusableNotebookError as error:
        raise CourseError(sentences.NOT_PACKED.format(path=path, reason=error)) from None
    cells = _cells(data)
    written = _id_in(cells)
    student = folder_id(written or desk_id)
    missing = [] if student else [sentences.NO_ID.format(where=_where_the_id_goes(cells))]
    missing += _missing(cells, _cells(delivered))
    missing += _newer_copies(exercise, path)
    manifest = Manifest(_course_in(cells), version(), student, exercise, {}, now.isoformat(timespec="seconds"))
    zipped = packed_zip({f"{exercise}.ipynb": data}, manifest, now)
    saved = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    untouched = not _is_changed(path, delivered)
    return HandIn(exercise, student, zipped, saved, tuple(missing), untouched, tuple(_checks(exercise, cells)))


def where_to_hand_in(folder: Path) -> str:
    """Return where the course takes what is handed in; empty if it does not say.

    It is the line ``hand_in = "..."`` of ``course.toml`` in the student's folder, or else of the file that comes with
    smtplab, which an instructor changes before making the wheel.

    Raises:
        CourseError: if the file is not TOML.
    """
    for path in (folder / COURSE_FILE, folder.resolve().parent / COURSE_FILE, data_path(COURSE_FILE)):
        if path.is_file():
            try:
                return " ".join(str(tomllib.loads(path.read_text("utf-8")).get("hand_in", "")).split())
            except (ValueError, OSError):  # no TOML, or no UTF-8
                raise CourseError(sentences.DAMAGED_COURSE_FILE.format(path=path)) from None
    return ""


def _cells(data: bytes) -> list[NotebookCell]:
    """Return the cells of a notebook, the source of each as one text."""
    try:
        cells = json.loads(data)["cells"]
    except UnicodeDecodeError:
        cells = json.loads(data.decode("cp1252", "replace"))["cells"]
    return [cell | {"source": "".join(cell.get("source") or "")} for cell in cells]


def _code(cells: list[NotebookCell]) -> list[str]:
    return [cell["source"] for cell in cells if cell.get("cell_type") == "code"]


def _id_in(cells: list[NotebookCell]) -> str:
    """Return the id that the notebook gives; empty if it gives none, or not as a text."""
    found = [match for source in _code(cells) for match in _ID.finditer(source)]
    return (found[-1]["call"] or found[-1]["line"] or "").strip() if found else ""


def _where_the_id_goes(cells: list[NotebookCell]) -> str:
    is_smtp = any(re.search(r"^[ \t]*%student\b", source, re.MULTILINE) for source in _code(cells))
    return "behind %student" if is_smtp else 'between the quotes of student_id("")'


def _course_in(cells: list[NotebookCell]) -> str:
    found = [match["course"] for source in _code(cells) for match in _COURSE.finditer(source) if "exercise" in source]
    return found[-1] if found else ""


def _missing(cells: list[NotebookCell], delivered: list[NotebookCell]) -> Iterator[str]:
    """Yield what each answer cell lacks, in the order of the notebook as delivered."""
    own = {name_of(cell): cell for cell in cells}
    title = ""
    for cell in delivered:
        if cell.get("cell_type") == "markdown" and (found := _HEADING.findall(cell["source"])):
            title = found[-1]
        if not marks_of(cell).get("solution"):
            continue
        answer = own.get(name_of(cell))
        if answer is None:
            yield sentences.ANSWER_CELL_GONE.format(part=title)
        elif answer["source"].strip() == cell["source"].strip():
            yield sentences.NOT_ANSWERED.format(part=title)
        elif answer.get("cell_type") == "code" and not answer.get("execution_count"):
            yield sentences.NEVER_RUN.format(part=title)
        elif _has_error(answer):
            yield sentences.ENDED_IN_ERROR.format(part=title)


def _checks(exercise: str, cells: list[NotebookCell]) -> Iterator[str]:
    """Yield what the last check of each part said of its points, as it stands in the saved outputs."""
    said = re.compile(rf"^{re.escape(exercise)}, (?P<part>[^:\n]*): (?P<points>[^\n]*\bpoints\b[^\n]*)$", re.MULTILINE)
    found: dict[str, str] = {}
    for cell in cells:
        for text in _texts(cell):
            found |= {match["part"].partition(",")[0]: match["points"].strip() for match in said.finditer(text)}
    yield from (f"{part}: {points}" for part, points in found.items())


def _texts(cell: NotebookCell) -> Iterator[str]:
    """Yield what a cell shows as plain text; the outputs are the student's, and may have any shape."""
    outputs = cell.get("outputs")
    for each in outputs if isinstance(outputs, list) else []:
        if isinstance(each, dict):
            data = each.get("data")
            shown = [each.get("text"), data.get("text/plain") if isinstance(data, dict) else None]
            yield from map(_as_text, shown)


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def _has_error(cell: NotebookCell) -> bool:
    outputs = cell.get("outputs")
    found = outputs if isinstance(outputs, list) else []
    return any(isinstance(each, dict) and each.get("output_type") == "error" for each in found)


def _newer_copies(exercise: str, path: Path) -> Iterator[str]:
    """Yield a sentence for each copy of the notebook that was saved later."""
    saved = path.stat().st_mtime
    for other in sorted(path.parent.glob("[!.]*")):
        if other == path or not is_notebook_name(other.name) or exercise_in(other.name, [exercise]) is None:
            continue
        if other.is_file() and other.stat().st_mtime > saved:
            yield sentences.NEWER_COPY.format(name=other.name, packed=path.name)
