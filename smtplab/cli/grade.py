"""The command ``grade``: run and judge what a class handed in, inside a border, and write the report.

What is done is in a run file. So an interrupted run goes on where it stopped, and only changed notebooks are graded
again.
"""

from __future__ import annotations

import atexit
import gc
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

import click

from ..base.failure import Failure
from ..base.printed import plural, sentence
from ..grading import release as releasing
from . import sentences
from .frame import ExitCode, fail, one_line, require_posix
from .grading_progress import GradingProgress
from .instructor import fitting
from .output import complain, echo
from .own_answers import grade_as, ids_of, notebook_of

if TYPE_CHECKING:
    from ..grading.engine.class_work import Chosen, ClassWork
    from ..grading.engine.graded_exercise import GradedExercise
    from ..grading.engine.run import ClassRun, Graders
    from ..grading.results.changed_points import PointChange
    from ..grading.results.outcome import Report
    from ..roster.collected import Collected
    from ..roster.roster import Roster

_FOLDER = click.Path(path_type=Path, file_okay=False)
_PATH = click.Path(path_type=Path, exists=True)
# What lies beside submissions in a course folder.
_SOURCE, _ROSTER, _GRADEBOOK, _POINTS = "source", "roster.csv", "gradebook.db", "points.csv"


def _time(context: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    """Read a date and a time of an option; without a time zone it is this machine's."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone()
    except (ValueError, OverflowError):
        raise click.BadParameter(sentences.NOT_A_TIME.format(value=value)) from None


@click.command()
@click.argument("submitted", nargs=-1, required=True, type=_PATH)
@click.option("--exercise", metavar="NAME", help="The exercise, or its number; without it, all that were handed in.")
@click.option(
    "--source", type=_FOLDER, metavar="DIR", help="Your notebooks; by default source, beside the submissions or here."
)
@click.option("--roster", type=_PATH, metavar="FILE", help="The class; by default roster.csv beside the submissions.")
@click.option(
    "--out", type=_FOLDER, default=Path("graded"), show_default=True, metavar="DIR", help="Where the results go."
)
@click.option("--workers", type=click.IntRange(1, 64), metavar="N", help="How many to grade at a time.")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on the cluster of this Dask scheduler.")
@click.option("--as", "ids", metavar="IDS", help="Grade one notebook, your own, as the work of each of these.")
@click.option("--only", multiple=True, metavar="ID", help="Grade this student, and leave the others as they are.")
@click.option("--since", callback=_time, metavar="TIME", help="Grade what came since then, as 2026-11-30T18:00.")
@click.option(
    "--due",
    callback=_time,
    metavar="TIME",
    help="Name what came later, also in later runs; no points go.",
)
def grade(
    submitted: tuple[Path, ...],
    exercise: str | None,
    source: Path | None,
    roster: Path | None,
    out: Path,
    workers: int | None,
    scheduler: str | None,
    ids: str | None,
    only: tuple[str, ...],
    since: datetime | None,
    due: datetime | None,
) -> int:
    """Grade what a class handed in: run each notebook inside a border, and judge it outside.

    SUBMITTED is an nbgrader course folder, a folder of notebooks, or the zip of a learning platform; several
    are one class. For each exercise, DIR has a folder with report.json and all that is made from it. Run the
    same command again to go on with a run that was interrupted, and to grade notebooks that have changed. If a
    course folder has nbgrader's gradebook, the scores are written there, too.

    With --as, SUBMITTED is one notebook, such as yours in source. What it earns under each id is printed, and
    nothing is written.
    """
    require_posix("grade")
    source = source or _beside(submitted, _SOURCE)
    if ids is not None:
        return _grade_as(notebook_of(submitted), ids_of(ids), source, exercise, scheduler)
    _check_paths(submitted)
    source = source or Path(_SOURCE)
    try:
        exercises = _exercises(source, exercise)
        with _place(tuple(exercises), scheduler, workers) as place:
            from ..grading.engine.class_work import Chosen  # the graders load meanwhile
            from ..grading.engine.graded_exercise import GradedExercise
            from ..grading.students import read_spellings
            from ..roster.collect import collect

            known = _roster(roster or _beside(submitted, _ROSTER))
            collected = collect(submitted, tuple(exercises), known)
            for problem in collected.problems:
                complain(one_line(problem.sentence))
            for fault in (each for folder in _places(submitted) for each in read_spellings(folder).faults):
                complain(one_line(sentence(fault)))
            _check_named(only, collected)
            names = [name for name in exercises if any(each.exercise == name for each in collected.submissions)]
            if not names:
                fail(sentences.NOTHING_HANDED_IN.format(names=", ".join(exercises)))
            changes = _changes(_beside(submitted, _POINTS), releasing.assignments(source))
            graded = {name: GradedExercise.from_notebook(name, exercises[name].read_bytes()) for name in names}
            for name, each in graded.items():
                task = _ClassTask(each, collected, known, submitted, out / name, Chosen(only, since), due, changes)
                _grade(task, place)
    except Failure as error:
        fail(sentence(error))
    atexit.register(gc.freeze)  # all is written; Python need not look for cycles before it ends
    return ExitCode.DONE


class _Place(NamedTuple):
    """Where an exercise is graded, and how many submissions at a time."""

    workers: int
    graders: Graders


@dataclass(frozen=True)
class _ClassTask:
    """One exercise of a class."""

    exercise: GradedExercise
    collected: Collected
    roster: Roster | None
    paths: Sequence[Path]
    out: Path
    chosen: Chosen
    due: datetime | None
    changes: Sequence[PointChange] = ()


def _grade_as(notebook: Path, ids: list[str], source: Path | None, wanted: str | None, scheduler: str | None) -> int:
    """Grade one notebook under several ids; its name says which exercise it is, if nobody does."""
    from ..grading.engine.graded_exercise import GradedExercise

    source = source or _beside([notebook.absolute().parents[1]], _SOURCE) or Path(_SOURCE)
    found = _exercises(source, wanted or notebook.stem)
    if not found:
        fail(sentences.NO_EXERCISES.format(folder=source))
    name, path = next(iter(found.items()))
    try:
        exercise = GradedExercise.from_notebook(name, path.read_bytes())
        with _place((name,), scheduler, 1) as place:
            return grade_as(notebook, exercise, ids, place.graders)
    except Failure as error:
        fail(sentence(error))


@contextmanager
def _place(exercises: Sequence[str], scheduler: str | None, workers: int | None) -> Iterator[_Place]:
    """Give what grades: this machine, or the cluster of a scheduler."""
    if scheduler is None:
        from ..grading.engine.starting import StartedGraders

        with StartedGraders(exercises, workers) as started:
            yield _Place(started.size, started.graders)
        return
    from ..grading.engine.cluster import connect

    with connect(scheduler) as cluster:
        yield _Place(workers or cluster.size, cluster.graders)


def _grade(task: _ClassTask, place: _Place) -> None:
    """Grade an exercise, and write its results."""
    from ..grading.engine.class_work import class_work
    from ..grading.engine.run import ClassRun, Stopped
    from ..grading.engine.run_file import RUN_FILE, RunFile
    from ..grading.results.changed_points import changes_for, with_changes
    from ..grading.results.resemblance import read_course
    from ..grading.results.result_files import write_results

    due = task.due or _due_before(task.out)
    handed = class_work(task.exercise.name, task.collected, task.roster, _places(task.paths), task.chosen, due)
    students = {each.student for each in handed}
    changes = changes_for(task.changes, task.exercise.name, task.exercise.parts, students)
    handed_in = [each for each in handed if each.data]
    if due is not None and handed_in and not any(each.result.submitted for each in handed_in):
        complain(sentences.NO_TIMES)
    run = ClassRun(task.exercise, [each.task_of for each in handed], RunFile(task.out / RUN_FILE), *place)
    progress = GradingProgress(task.exercise.name, len(handed))
    read_course()  # while the graders load
    try:
        with _interruptible(run), progress:
            report = run.grade(handed, progress.show, progress.say)
    except Stopped:
        stopped = sentences.GRADING_STOPPED.format(done=progress.done, count=progress.count)
        fail(stopped, ExitCode.INTERRUPTED)
    judged = {each.student for each in report.students if each.is_graded}
    report = with_changes(replace(report, due="" if due is None else due.isoformat()), changes)
    write_results(report, task.out)
    for line in _summary(report, task.out, is_new=progress.new > 0):
        echo(line)
    for course in task.paths:
        if (course / _GRADEBOOK).is_file():
            _write_gradebook(course, task.exercise, [each for each in handed if each.student in judged], report)


def _check_paths(submitted: Sequence[Path]) -> None:
    """Refuse a course folder to which a zip was downloaded, and in which nothing else was handed in."""
    for folder in submitted:
        archive = next(iter(sorted(folder.glob("*.zip"))), None) if (folder / _SOURCE).is_dir() else None
        if archive is not None and not (folder / "submitted").exists():
            fail(sentences.NAME_THE_ZIP.format(folder=folder, archive=archive), ExitCode.USAGE)


def _check_named(only: Sequence[str], collected: Collected) -> None:
    """Refuse the id of a student who is not in the class."""
    from ..roster.student_ids import normal

    ids = {each.student for each in collected.submissions} | {each.student for each in collected.absent}
    for student in only:
        if normal(student) not in ids:
            fail(sentences.NO_SUCH_STUDENT.format(student=student, count=plural(len(ids), "student")), ExitCode.USAGE)


def _due_before(out: Path) -> datetime | None:
    """Return until when the work was due in the last run; None if that is unknown, or nothing was graded yet."""
    from ..grading.results.outcome import Report, ReportError
    from ..grading.results.result_files import REPORT

    try:
        due = Report.from_json((out / REPORT).read_bytes()).due
    except (OSError, ReportError):
        return None
    return datetime.fromisoformat(due) if due else None


@contextmanager
def _interruptible(run: ClassRun) -> Iterator[None]:
    """Let Ctrl-C finish the submissions that run; pressed again, it ends the command at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        run.stop()
        signal.signal(signal.SIGINT, before)
        complain(sentences.GRADING_STOPS)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _summary(report: Report, out: Path, *, is_new: bool) -> Iterator[str]:
    """Yield what came of it: how many are graded, how they did, and what the instructor should look at."""
    from ..grading.results.incidents import incidents_of

    graded = [each for each in report.students if each.is_graded]
    told = [f"{plural(len(graded), 'submission')} graded"]
    for status, words in (("not graded", "not graded"), ("absent", "absent")):
        count = sum(each.status == status for each in report.students)
        told += [f"{count} {words}"] * bool(count)
    yield f"{report.exercise}: {', '.join(told)}"
    if not is_new:
        yield "  notebooks  none has changed since the last run"
    if graded:
        mean = sum(each.points for each in graded) / len(graded)
        yield f"  points     {mean:.1f} of {report.possible} on average"
    if named := sum(bool(incidents_of(each)) for each in report.students):
        yield f"  look at    {plural(named, 'student')} in {out / 'incidents.csv'}"
    yield f"  results    {out}"


def _write_gradebook(course: Path, exercise: GradedExercise, handed: Sequence[ClassWork], report: Report) -> None:
    """Write the scores into nbgrader's gradebook of a course folder, if nbgrader is installed."""
    try:
        from ..grading.engine.gradebook import GradedWork, write_scores
    except ModuleNotFoundError:
        complain(sentences.NO_NBGRADER.format(file=course / _GRADEBOOK))
        return
    from ..grading.engine.prepared import prepare

    results = {each.student: each for each in report.students if each.is_graded}
    works = [
        GradedWork(prepare(each.data, exercise), results[each.student]) for each in handed if each.student in results
    ]
    written = write_scores(course, exercise, works)
    echo(f"  gradebook  {plural(len(works), 'score')} in {course / _GRADEBOOK}; before, it was {written.backup.name}")
    for edited in written.edited:
        complain(edited)


def _beside(submitted: Sequence[Path], name: str) -> Path | None:
    """Return the file or folder of this name in the course folder that a path names, or lies in."""
    return next((place / name for place in _places(submitted) if (place / name).exists()), None)


def _places(submitted: Sequence[Path]) -> tuple[Path, ...]:
    """Return the folders that may be course folders: those of the submissions, and those in which they lie."""
    return tuple(dict.fromkeys(place for path in submitted for place in (path, path.parent) if place.is_dir()))


def _exercises(source: Path, wanted: str | None) -> Mapping[str, Path]:
    """Return the instructor's notebooks, by the names of the exercises."""
    known = releasing.assignments(source)
    if not known:
        fail(sentences.NO_EXERCISES.format(folder=source))
    names = known if wanted is None else fitting(wanted, known)
    return {name: path for name in names if (path := source / name / f"{name}.ipynb").is_file()}


def _changes(path: Path | None, exercises: Sequence[str]) -> Sequence[PointChange]:
    """Return the points that the instructor gives by hand."""
    from ..grading.results.changed_points import check_exercises, read_changes

    changes = () if path is None else read_changes(path.read_bytes())
    check_exercises(changes, exercises)
    return changes


def _roster(path: Path | None) -> Roster | None:
    from ..roster.roster import read_roster

    return None if path is None else read_roster(path.read_bytes(), path.name)
