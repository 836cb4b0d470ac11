"""Grade a whole class: several submissions at a time, with a run file that lets a run go on where it was ended.

No result depends on the order, or on how many are graded at a time.
"""

from __future__ import annotations

import queue
import threading
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from ...base.version import version
from ...roster.notebook_text import UnusableNotebookError
from ..results.outcome import Incident, IncidentKind, Report, StudentResult, StudentStatus
from . import sentences
from .class_work import ClassWork
from .graded_exercise import GradedExercise
from .grader import JudgedNotebook
from .prepared import hash_of, prepare
from .run_file import RunFile, RunKey, class_hash
from .student_notebook import StudentCell
from .student_result import graded_result
from .warm_process import EngineError


@dataclass(frozen=True, slots=True)
class GradedStep:
    """A submission that is done.

    Args:
        result: what became of it.
        is_new: False if an earlier run had graded it.
        done, count: how many are done, and how many there are.
    """

    result: StudentResult
    is_new: bool
    done: int
    count: int


class Stopped(Exception):
    """A run was ended before all were graded; what is done is in the run file."""


class NotebookGrader(Protocol):
    """What grades one notebook after the other; see `grader.Grader`."""

    @property
    def border(self) -> str: ...

    def grade(
        self, exercise: GradedExercise, cells: Iterable[StudentCell], student: str, classmates: Iterable[str] = ()
    ) -> JudgedNotebook: ...


# Gives as many graders as are asked for.
Graders = Callable[[int], AbstractContextManager[Sequence[NotebookGrader]]]


class ClassRun:
    """Grades a class in one exercise.

    Args:
        exercise: the exercise.
        classmates: the ids of the class.
        run_file: where results are written, and where those of earlier runs are.
        workers: how many submissions are graded at a time.
        graders: gives what grades them.
    """

    def __init__(
        self,
        exercise: GradedExercise,
        classmates: Sequence[str],
        run_file: RunFile,
        workers: int,
        graders: Graders,
    ) -> None:
        self._exercise = exercise
        self._classmates = tuple(classmates)
        self._hash = class_hash(exercise.hash, classmates)
        self._file = run_file
        self._workers = workers
        self._graders = graders
        self._stop = threading.Event()
        self.border = ""

    def stop(self) -> None:
        """Begin no other submission; those that run are finished."""
        self._stop.set()

    def grade(
        self,
        handed_in: Iterable[ClassWork],
        step: Callable[[GradedStep], None] = lambda step: None,
        say: Callable[[str], None] = lambda line: None,
    ) -> Report:
        """Grade all submissions, and return the report of the class.

        Args:
            handed_in: what the students handed in.
            step: called with each submission that is done, in this thread.
            say: called first with what the submissions are kept from.

        Raises:
            Stopped: if `stop` was called before all were graded.
            EngineError: if grading cannot go on.
        """
        begun, handed = _now(), sorted(handed_in, key=lambda each: each.student)
        done: dict[str, StudentResult] = {}
        open_ones: list[ClassWork] = []
        for each in handed:
            known = self._known(each)
            if known is None:
                open_ones.append(each)
            else:
                done[each.student] = known
                step(GradedStep(known, False, len(done), len(handed)))
        for result in self._results(open_ones, say):
            done[result.student] = result
            step(GradedStep(result, True, len(done), len(handed)))
        if any(each.student not in done for each in handed):
            raise Stopped
        return Report(
            exercise=self._exercise.name,
            title=self._exercise.title,
            possible=self._exercise.possible,
            parts=self._exercise.parts,
            students=tuple(done[each.student] for each in handed),
            smtplab=version(),
            border=self.border,
            begun=begun,
            ended=_now(),
        )

    def _known(self, handed: ClassWork) -> StudentResult | None:
        """Return the result of who handed in no notebook, and that of an earlier run; None if there is none."""
        if not handed.data:
            return handed.result
        before = self._file.result(self._key(handed))
        if before is None and handed.is_left_out:
            return replace(handed.result, status=StudentStatus.NOT_GRADED, reason=sentences.LEFT_OUT)
        return None if before is None else _joined(handed, before)

    def _key(self, handed: ClassWork) -> RunKey:
        return RunKey(f"{handed.student} {handed.task_of}", hash_of(handed.data), self._hash)

    def _results(self, handed: Sequence[ClassWork], say: Callable[[str], None]) -> Iterable[StudentResult]:
        """Yield the results as they come, each written down before; several threads grade, this one writes.

        Whose notebook took long in an earlier run comes late, so that nobody waits for it. In a first run nobody knows
        who that is. A notebook that turns out to be slow is not put back: paused, it would keep its memory and its
        processes; begun again, it would cost more than its budget, which is short, and honest ones would, too.
        """
        waiting: queue.SimpleQueue[ClassWork] = queue.SimpleQueue()
        for each in sorted(handed, key=lambda each: self._file.seconds(self._key(each).student)):
            waiting.put(each)
        came: queue.SimpleQueue[tuple[ClassWork, StudentResult] | BaseException | None] = queue.SimpleQueue()
        with self._graders(max(1, min(self._workers, len(handed)))) as graders:
            self.border = graders[0].border
            say(self.border)
            for grader in graders:
                threading.Thread(target=self._work, args=(grader, waiting, came), daemon=True).start()
            working = len(graders)
            while working:
                match came.get():
                    case None:
                        working -= 1
                    case (ClassWork() as done, StudentResult() as result):
                        if not any(each.kind is IncidentKind.NOT_JUDGED for each in result.incidents):
                            self._file.add(self._key(done), result)
                        yield _joined(done, result)
                    case BaseException() as error:
                        self.stop()
                        raise error

    def _work(
        self, grader: NotebookGrader, waiting: queue.SimpleQueue[ClassWork], came: queue.SimpleQueue[object]
    ) -> None:
        try:
            while not self._stop.is_set():
                try:
                    handed = waiting.get_nowait()
                except queue.Empty:
                    break
                came.put((handed, self._graded(handed, grader)))
        except BaseException as error:
            came.put(error)
        else:
            came.put(None)

    def _graded(self, handed: ClassWork, grader: NotebookGrader) -> StudentResult:
        """Return the result of one student; whatever goes wrong with it stops nobody else."""
        try:
            prepared = prepare(handed.data, self._exercise)
            judged = grader.grade(self._exercise, prepared.cells, handed.task_of, self._classmates)
            result = graded_result(handed.student, handed.task_of, self._exercise, prepared, judged)
            return replace(result, graded_at=_now())
        except EngineError:
            raise
        except UnusableNotebookError as error:
            return _not_graded(handed, IncidentKind.UNREADABLE, str(error))
        except Exception as error:
            traceback.print_exc()
            reason = sentences.GRADER_FAILED.format(reason=f"{type(error).__name__}: {error}")
            return _not_graded(handed, IncidentKind.NOT_JUDGED, reason)


def _not_graded(handed: ClassWork, kind: IncidentKind, reason: str) -> StudentResult:
    incident, number = Incident(kind, reason), hash_of(handed.data)
    status = StudentStatus.NOT_GRADED
    return StudentResult(handed.student, status=status, reason=reason, incidents=(incident,), notebook_hash=number)


def _joined(handed: ClassWork, result: StudentResult) -> StudentResult:
    """Return a result with what was known about the student before."""
    known = handed.result
    return replace(
        result,
        name=known.name,
        platform_key=known.platform_key,
        incidents=(*known.incidents, *result.incidents),
        submitted=known.submitted,
        late_seconds=known.late_seconds,
        extension=known.extension,
        canvas_prefix=known.canvas_prefix,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
