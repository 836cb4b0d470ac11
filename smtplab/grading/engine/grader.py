"""Grade one notebook: run it in a process of its own, and let the referee judge the journal that comes out.

A `Grader` has two processes that stay, one that forks students and one that judges; `starting` starts them. What a
student's process writes goes from the one to the other through here, as octets.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ...border import Budget, How
from ..journal import lines_of, objects
from ..results.outcome import LONGEST_OUTPUT, Incident, IncidentKind, Refusal
from . import sentences
from .graded_exercise import GradedExercise
from .peer_process import PeerEnd
from .student_notebook import CUT, ERROR, INTERRUPTED, SHOWN, StudentCell, StudentNotebook
from .warm_process import FAILED, EngineError, ProcessAnswer, ProcessEnded, WarmProcess

# How long the referee may take, in seconds; it needs less than one.
_REFEREE_SECONDS = 60.0
_MORE_SECONDS = 30.0  # than a notebook's budget, until the process that forks is taken for dead
_TRIES = 2
_CUT_MARK = "\n[...]"

_WHY = {
    How.CPU_LIMIT: (IncidentKind.TIMED_OUT, sentences.CPU_LIMIT),
    How.WALL_LIMIT: (IncidentKind.TIMED_OUT, sentences.WALL_LIMIT),
    How.KILLED: (IncidentKind.KILLED, sentences.PROCESS_KILLED),
    How.EXITED: (IncidentKind.KILLED, sentences.PROCESS_EXITED),
    How.OUTPUT_CUT: (IncidentKind.OUTPUT_CUT, sentences.WROTE_TOO_MUCH),
}
_WHY_OF_PEER = {
    PeerEnd.LATE: (IncidentKind.TIMED_OUT, sentences.PEER_WAS_LATE),
    PeerEnd.SAID_TOO_MUCH: (IncidentKind.OUTPUT_CUT, sentences.PROGRAM_SAID_TOO_MUCH),
    PeerEnd.DIED: (IncidentKind.NOT_JUDGED, sentences.PEER_DIED),
}
_SIGNS = {
    IncidentKind.FORK_LIMIT: sentences.FORK_LIMIT,
    IncidentKind.MEMORY_LIMIT: sentences.MEMORY_LIMIT,
    IncidentKind.FILE_LIMIT: sentences.FILE_LIMIT,
}

# What a cell's error says if the process may have no more of it.
_FULL = {errno.EMFILE: sentences.OPEN_FILES_LIMIT, errno.ENOSPC: sentences.FOLDER_LIMIT}


@dataclass(frozen=True, slots=True)
class ShownText:
    """A piece of what a cell showed.

    Args:
        stream: ``stdout``, ``stderr``, ``display``, ``result`` or ``error``.
        text: plain text; of an error its traceback.
        name, value: of an error.
    """

    stream: str
    text: str
    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedNotebook:
    """What became of a notebook.

    Args:
        results: of each test cell, by its name, what the referee said; empty if it could not judge.
        findings: whose work it may be, if it is not the student's.
        tried: how many answers were checked, by the name of the part.
        refusals: what hosts refused.
        shown: what the cells showed, by their places.
        incidents: what the instructor should hear.
        cpu_seconds, wall_seconds: what it took.
        is_judged: False if the referee failed.
        other_id: the id that the notebook gives, if nobody in the class has it.
    """

    results: Mapping[str, Mapping[str, Any]]
    findings: tuple[Mapping[str, str], ...] = ()
    shown: Mapping[int, tuple[ShownText, ...]] = field(default_factory=dict)
    incidents: tuple[Incident, ...] = ()
    tried: Mapping[str, int] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    is_judged: bool = True
    other_id: str = ""


class Grader:
    """Grades notebooks, one after the other.

    Args:
        worker: the process that forks students.
        judge: the process of the referee.
    """

    def __init__(self, worker: WarmProcess, judge: WarmProcess) -> None:
        self._worker = worker
        self._judge = judge

    @property
    def border(self) -> str:
        """What keeps a student's process from everything else, in a sentence.

        Raises:
            EngineError: as `grade`.
        """
        self._worker.start()
        return str(self._worker.hello["border"])

    def grade(
        self,
        exercise: GradedExercise,
        cells: Iterable[StudentCell],
        student: str,
        classmates: Iterable[str] = (),
        budget: Budget | None = None,
    ) -> JudgedNotebook:
        """Run a notebook, and judge it.

        Args:
            exercise: the exercise.
            cells: the code cells of the notebook.
            student: whose work it is.
            classmates: the ids of the class; empty if it is unknown.
            budget: what it may use; that of the exercise by default.

        Raises:
            EngineError: if the processes cannot start or have loaded another smtplab, or there is no border.
        """
        budget = budget or exercise.budget
        notebook = StudentNotebook(
            student, exercise.language, tuple(cells), budget.cpu_seconds, budget.wall_seconds
        ).to_json()
        ran = _ask(
            self._worker,
            {"notebook": notebook, "budget": asdict(budget)},
            seconds=budget.wall_seconds + _MORE_SECONDS,
        )
        if FAILED in ran.said:  # nothing of the student's may run outside the border
            raise EngineError(sentences.NO_BORDER.format(reason=ran.said[FAILED]))
        trials: int = ran.said.get("trials", 0)
        said = self._judged(exercise, student, tuple(classmates), ran.data, trials)
        lines = tuple(objects(lines_of(ran.data[trials:])))
        incidents = tuple(dict.fromkeys((*_ending(ran.said), *_told(lines))))
        if slow := ", ".join(map(str, said.get("slow", ()))):
            too_long = sentences.REFEREE_INTERRUPTED.format(cells=slow)
            incidents = (*incidents, Incident(IncidentKind.NOT_JUDGED, too_long))
        if not said:
            incidents = (*incidents, Incident(IncidentKind.NOT_JUDGED, sentences.REFEREE_FAILED))
        return JudgedNotebook(
            results=said.get("results", {}),
            findings=tuple(said.get("findings", ())),
            shown=_shown(lines),
            incidents=incidents,
            tried=said.get("tried", {}),
            refusals=tuple(Refusal(**each) for each in said.get("refusals", ())),
            cpu_seconds=ran.said.get("cpu_seconds", 0.0),
            wall_seconds=ran.said.get("wall_seconds", 0.0),
            is_judged=bool(said),
            other_id=said.get("other id", ""),
        )

    def _judged(
        self, exercise: GradedExercise, student: str, classmates: tuple[str, ...], data: bytes, trials: int
    ) -> Mapping[str, Any]:
        """Return what the referee says; the octets are the records of trials, by their number, and the journal."""
        cells = [asdict(cell) for cell in exercise.locked]
        request = {"student": student, "classmates": classmates, "cells": cells, "trials": trials}
        judged = _ask(self._judge, request, data, seconds=_REFEREE_SECONDS).data
        try:
            said: Mapping[str, Any] = json.loads(judged)
        except ValueError:
            return {}
        return said


def _ask(process: WarmProcess, request: Mapping[str, Any], data: bytes = b"", *, seconds: float) -> ProcessAnswer:
    """Ask a process, and one more if it ends meanwhile; an empty answer if that ends, too."""
    for _ in range(_TRIES):
        try:
            return process.ask(request, data, seconds=seconds)
        except ProcessEnded:
            continue
    return ProcessAnswer({}, b"")


def _ending(said: Mapping[str, Any]) -> Iterator[Incident]:
    if (why := _WHY.get(How(said.get("how", How.KILLED)))) is not None:
        yield Incident(*why)
    if (why := _WHY_OF_PEER.get(PeerEnd(said.get("peer", PeerEnd.FINISHED)))) is not None:
        yield Incident(*why)
    for kind in map(IncidentKind, dict.fromkeys(said.get("signs", ()))):
        yield Incident(kind, _SIGNS[kind])


def _told(lines: Sequence[Mapping[str, Any]]) -> Iterator[Incident]:
    """Yield what the student's process says about itself."""
    told = [entry.get("did") for entry in lines]
    if INTERRUPTED in told:
        yield Incident(IncidentKind.TIMED_OUT, sentences.CELL_INTERRUPTED)
    if CUT in told:
        yield Incident(IncidentKind.OUTPUT_CUT, sentences.CELL_CUT)
    if any(entry.get("stream") == ERROR and entry.get("name") == MemoryError.__name__ for entry in lines):
        yield Incident(IncidentKind.MEMORY_LIMIT, sentences.MEMORY_LIMIT)
    for number, sentence in _FULL.items():
        if any(f"[Errno {number}]" in str(entry.get("text", "")) for entry in lines):
            yield Incident(IncidentKind.FILE_LIMIT, sentence)


def _shown(lines: Iterable[Mapping[str, Any]]) -> dict[int, tuple[ShownText, ...]]:
    """Return what the cells showed; a student may have written these lines, so their sum is bounded again."""
    found: dict[int, list[ShownText]] = {}
    room: dict[int, int] = {}
    for entry in lines:
        match entry:
            case {"did": did, "cell": int(cell), "stream": str(stream), "text": str(text)} if did == SHOWN:
                left = room.get(cell, LONGEST_OUTPUT)
                room[cell] = left - len(text.encode("utf-8", "replace"))
                if left > 0:
                    names = [str(entry.get(key, ""))[:LONGEST_OUTPUT] for key in ("name", "value")]
                    kept = text if room[cell] >= 0 else text.encode("utf-8", "replace")[:left].decode("utf-8", "ignore")
                    more = names if stream == ERROR else ("", "")
                    found.setdefault(cell, []).append(ShownText(stream, kept, *more))
            case {"did": did, "cell": int(cell)} if did == CUT:
                found.setdefault(cell, []).append(ShownText("stdout", _CUT_MARK))
    return {cell: tuple(texts) for cell, texts in found.items()}
