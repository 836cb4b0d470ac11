"""The run file: what has been graded, a line of JSON for each submission, appended as soon as it is done.

A run that is killed leaves whole lines, and at most one that is cut. Whoever starts it again takes the lines as done:
for the same notebook, exercise, smtplab and class nothing is graded twice, and what has changed is graded again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..results.outcome import ReportError, StudentResult, value_from_json
from . import sentences
from .warm_process import EngineError

# Its name in the folder of the results.
RUN_FILE = "run.jsonl"


@dataclass(frozen=True, slots=True)
class RunKey:
    """What the result of a submission depends on.

    Args:
        student: the id.
        notebook: the hash of the notebook.
        exercise: the hash of the exercise, of smtplab and of the class.
    """

    student: str
    notebook: str
    exercise: str


class RunFile:
    """Results in a file, by their keys.

    Args:
        path: the file; it is made if it does not exist.

    Raises:
        EngineError: if it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._done: dict[RunKey, StudentResult] = {}
        try:
            path.parent.mkdir(0o700, parents=True, exist_ok=True)  # nobody else may read it
            content = path.read_bytes() if path.exists() else b""
            if content and not content.endswith(b"\n"):  # the line at which a run was killed
                self._append(b"\n")
        except OSError as error:
            raise EngineError(sentences.RUN_FILE_UNUSABLE.format(file=path, reason=error.strerror)) from None
        for line in content.split(b"\n"):
            self._take(line)

    def result(self, key: RunKey) -> StudentResult | None:
        """Return the result that an earlier run has for this key; None if there is none."""
        return self._done.get(key)

    def add(self, key: RunKey, result: StudentResult) -> None:
        """Write a result down; it is on the disk when this returns.

        Raises:
            EngineError: if it cannot be written.
        """
        line = json.dumps({"key": asdict(key), "result": asdict(result)}, allow_nan=False).encode() + b"\n"
        try:
            self._append(line)
        except OSError as error:
            raise EngineError(sentences.RUN_FILE_UNUSABLE.format(file=self._path, reason=error.strerror)) from None
        self._done[key] = result

    def _append(self, data: bytes) -> None:
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, data)
            os.fsync(file)
        finally:
            os.close(file)

    def _take(self, line: bytes) -> None:
        """Take a line as done; skip one that is cut, or that another version wrote."""
        try:
            entry: Mapping[str, Any] = json.loads(line)
            self._done[RunKey(**entry["key"])] = value_from_json(StudentResult, entry["result"])
        except (ValueError, LookupError, TypeError, ReportError):
            return


def class_hash(exercise: str, classmates: Sequence[str]) -> str:
    """Return the hash of an exercise with that of a class, because a result names whose work it may be."""
    return hashlib.sha256(json.dumps([exercise, sorted(classmates)]).encode()).hexdigest()
