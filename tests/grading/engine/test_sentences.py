"""Each sentence of the engine, as an instructor or a student reads it."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pytest

from smtplab.border import Budget, How
from smtplab.grading.engine import cluster, grader, sentences, warm_process
from smtplab.grading.engine.class_work import Chosen, ClassWork, class_work
from smtplab.grading.engine.graded_exercise import GradedExercise, unjudged
from smtplab.grading.engine.grader import Grader, JudgedNotebook, ShownText
from smtplab.grading.engine.peer_process import PeerEnd
from smtplab.grading.engine.prepared import prepare
from smtplab.grading.engine.restoring import CellChange, ChangeKind
from smtplab.grading.engine.run import ClassRun
from smtplab.grading.engine.run_file import RunFile
from smtplab.grading.engine.student_process import CellClock
from smtplab.grading.engine.student_result import graded_result
from smtplab.grading.engine.student_shell import _refuse_input
from smtplab.grading.engine.warm_process import ProcessAnswer, WarmProcess, fingerprint
from smtplab.grading.results.outcome import StudentResult
from smtplab.roster.collected import Collected, Submission
from support.fake_grader import FakeGraders
from support.handed_in import NAME, answered, exercise


def changed(kind: ChangeKind) -> Callable[[], object]:
    return lambda: CellChange(kind, "phases")


def ended(*signs: str, how: How = How.FINISHED) -> Callable[[], object]:
    return lambda: next(iter(grader._ending({"how": how, "signs": signs}))).sentence


def peer_ended(how: PeerEnd) -> Callable[[], object]:
    return lambda: next(iter(grader._ending({"how": How.FINISHED, "peer": how}))).sentence


def told(**entry: Any) -> Callable[[], object]:
    return lambda: next(iter(grader._told([entry]))).sentence


def interrupted() -> object:
    with mock.patch("signal.signal"), mock.patch("signal.setitimer"):
        clock = CellClock(1, 1)
        with clock.share():
            clock._interrupt(0, None)
    return None


def without_processes() -> Grader:
    return Grader(WarmProcess("worker"), WarmProcess("judge"))


def with_answer(said: dict[str, Any]) -> object:
    """Grade with a process that answers this."""
    with mock.patch.object(WarmProcess, "ask", return_value=ProcessAnswer(said, b"")):
        judged = without_processes().grade(exercise(), (), "mia", (), Budget())
    return judged.incidents[-1].sentence


def stopped_referee() -> object:
    said = b'{"results": {}, "slow": ["check-session", "check-phases"]}'
    with mock.patch.object(WarmProcess, "ask", return_value=ProcessAnswer({"how": "finished"}, said)):
        return without_processes().grade(exercise(), (), "mia", (), Budget()).incidents[-1].sentence


def started_with(first_line: bytes) -> object:
    process = WarmProcess("smtplab.grading.engine.worker")
    process._files = (io.BytesIO(), io.BytesIO(first_line))
    return process.start()


def on_windows() -> object:
    with mock.patch.object(warm_process, "os", mock.Mock(name="os")) as system:
        system.name = "nt"
        return warm_process.launch([])


def connected(modules: dict[str, Any]) -> object:
    modules = {"distributed.comm.core": mock.Mock(CommClosedError=ConnectionError)} | modules
    with mock.patch.dict("sys.modules", modules), cluster.connect("tcp://x:1"):
        return None


def scheduler_lost() -> object:
    lost = mock.Mock(submit=mock.Mock(side_effect=CancelledError))
    with mock.patch.dict("sys.modules", {"distributed.comm.core": mock.Mock(CommClosedError=ConnectionError)}):
        return cluster.Cluster(lost, "tcp://x:1").grade(exercise(), (), "mia")


def grader_failed() -> object:
    run = ClassRun(exercise(), ("mia",), mock.Mock(spec=RunFile), 1, FakeGraders.graders)
    broken = mock.Mock(grade=mock.Mock(side_effect=ValueError("why")))
    return run._graded(ClassWork(answered("mia", {}), StudentResult("mia"), "mia"), broken).reason


def left_out() -> object:
    run = ClassRun(exercise(), ("mia",), mock.Mock(spec=RunFile, result=lambda key: None), 1, FakeGraders.graders)
    return run.grade([ClassWork(answered("mia", {}), StudentResult("mia"), "mia", True)]).students[0].reason


def incident_of(judged: JudgedNotebook) -> object:
    found = graded_result("mia", "mia", exercise(), prepare(answered("mia", {}), exercise()), judged)
    return found.incidents[0].sentence


def work_of_another() -> object:
    return incident_of(JudgedNotebook(results={}, findings=({"part": "all", "owner": "noah", "evidence": "it fits"},)))


def shared_id() -> object:
    with TemporaryDirectory() as folder:
        (Path(folder) / "ids.csv").write_text("student,id\nmia,x\nnoah,x\n")
        handed = tuple(Submission(student, NAME, "", b"{}") for student in ("mia", "noah"))
        works = class_work(NAME, Collected(handed), None, [Path(folder)], Chosen(), None)
    return works[1].result.incidents[0].sentence


def not_in_the_gradebook() -> object:
    from nbgrader.api import MissingEntry

    return written(MissingEntry)


def written(error: type[Exception]) -> object:
    from smtplab.grading.engine import gradebook

    with (
        mock.patch.object(gradebook.sqlite3, "connect"),
        mock.patch.object(gradebook, "Gradebook", side_effect=error("why")),
    ):
        return gradebook.write_scores(Path(), exercise(), ())


def edited() -> object:
    from smtplab.grading.engine import gradebook

    grade = mock.Mock(manual_score=5.0)
    grade.name = "check-phases"
    book = mock.Mock(find_submission_notebook=lambda *names: mock.Mock(grades=[grade], comments=[]))
    work = gradebook.GradedWork(prepare(answered("mia", {}), exercise()), StudentResult("mia"))
    with mock.patch.object(gradebook, "_points", return_value={}):
        return next(iter(gradebook._write(book, exercise(), work)))


UNJUDGED = {"cell_type": "code", "source": "1", "metadata": {"nbgrader": {"grade": True, "grade_id": "x"}}}
REFEREE_FAILED = "the referee could not judge the work; grade it again, and look at what was printed"
NO_REFEREE = (
    'no referee judges the cell x; write smtplab.check("NAME", "PART"), or %check NAME PART in an SMTP notebook, with '
    "the exercise and the part in quotes and not in variables"
)
ROWS: dict[str, tuple[str, Callable[[], object]]] = {
    "CELL_TIMEOUT": ("this cell took too long, and was interrupted; the later cells ran", interrupted),
    "NO_INPUT": (
        "input() waits for somebody to type, and nobody does while a notebook is graded",
        lambda: _refuse_input(),
    ),
    "NEEDS_FORK": (
        "submissions cannot be graded on Windows, which cannot fork a process; grade on Linux, macOS or in WSL",
        on_windows,
    ),
    "ENGINE_DID_NOT_START": (
        "the process smtplab.grading.engine.worker did not start; what it printed says why",
        lambda: started_with(b""),
    ),
    "OTHER_SMTPLAB": (
        f"the submissions would be graded by another smtplab (9.9) than this one ({fingerprint()} in "
        f"{warm_process._ROOT}); uninstall the other one, or start again if you have just changed a file",
        lambda: started_with(b'{"smtplab": "9.9", "octets": 0}\n'),
    ),
    "NO_DISTRIBUTED": (
        "a cluster needs the package distributed; to install it: pip install 'smtplab[cluster]'",
        lambda: connected({"distributed": None}),
    ),
    "NO_SCHEDULER": (
        "no scheduler of Dask answers at tcp://x:1: why",
        lambda: connected({"distributed": mock.Mock(Client=mock.Mock(side_effect=OSError("why\nand where")))}),
    ),
    "SCHEDULER_LOST": (
        "the scheduler at tcp://x:1 ended, or cannot be reached any more; start it again, and run the same command: "
        "what is graded stays",
        scheduler_lost,
    ),
    "NO_DASK_WORKERS": (
        "the scheduler at tcp://x:1 has no workers; start some with: dask worker tcp://x:1",
        lambda: connected(
            {"distributed": mock.Mock(Client=mock.Mock(return_value=mock.Mock(nthreads=dict[str, int])))}
        ),
    ),
    "OTHER_SMTPLAB_THERE": (
        f"the cluster has another smtplab ({fingerprint()}) than this program (9.9); install the same one there",
        lambda: cluster._grade("9.9"),
    ),
    "SOURCE_UNUSABLE": (
        f"the exercise {NAME} cannot be graded: it is not a notebook of format 4",
        lambda: GradedExercise.from_notebook(NAME, b"{}"),
    ),
    "IN_EXERCISE": (
        f"the exercise {NAME} cannot be graded: {NO_REFEREE}",
        lambda: GradedExercise.checked(NAME, "python", {"x": UNJUDGED}),
    ),
    "UNJUDGED_CELL": (NO_REFEREE, lambda: next(iter(unjudged([UNJUDGED])))),
    "NO_BORDER": ("a submission could not be closed off, and was not run: why", lambda: with_answer({"failed": "why"})),
    "REFEREE_FAILED": (REFEREE_FAILED, lambda: with_answer({"how": "finished"})),
    "CPU_LIMIT": (
        "the notebook used all its processor time and was ended; what was done before counts",
        ended(how=How.CPU_LIMIT),
    ),
    "WALL_LIMIT": (
        "the notebook took all its time and was ended; what was done before counts",
        ended(how=How.WALL_LIMIT),
    ),
    "PROCESS_KILLED": (
        "a cell killed the process of the notebook; what was done before counts",
        ended(how=How.KILLED),
    ),
    "PROCESS_EXITED": (
        "a cell ended the process of the notebook; what was done before counts",
        ended(how=How.EXITED),
    ),
    "WROTE_TOO_MUCH": (
        "the notebook wrote more than is read and was ended; what was done before counts",
        ended(how=How.OUTPUT_CUT),
    ),
    "PEER_WAS_LATE": (
        "to try the notebook's program took all its processor time; the trials until then count",
        peer_ended(PeerEnd.LATE),
    ),
    "PROGRAM_SAID_TOO_MUCH": (
        "the notebook's program sent more than is read; the trials until then count",
        peer_ended(PeerEnd.SAID_TOO_MUCH),
    ),
    "PEER_DIED": (
        "the process that tries the notebook's program ended too early; grade it again, and look at what was printed",
        peer_ended(PeerEnd.DIED),
    ),
    "CELL_INTERRUPTED": (
        "a cell took too large a share of the notebook's time and was interrupted; the later cells ran",
        told(did="interrupt"),
    ),
    "CELL_CUT": ("a cell printed more than is kept", told(did="cut")),
    "FORK_LIMIT": ("a cell started more processes than it may", ended("fork limit")),
    "MEMORY_LIMIT": ("a cell used more memory than it may", told(stream="error", name="MemoryError")),
    "FILE_LIMIT": ("a cell wrote a larger file than it may", ended("file limit")),
    "OPEN_FILES_LIMIT": ("a cell opened more files than it may", told(text="OSError: [Errno 24] Too many open files")),
    "FOLDER_LIMIT": ("a cell wrote more files than its folder may hold", told(text="OSError: [Errno 28] No space")),
    "REFEREE_INTERRUPTED": (
        "the referee took too long over check-session, check-phases, and stopped there; look at what was sent and "
        "handed in",
        stopped_referee,
    ),
    "RUN_FILE_UNUSABLE": (
        "the run file / cannot be used: Is a directory; name a folder that you may write",
        lambda: RunFile(Path("/")),
    ),
    "GRADER_FAILED": (
        "the grader failed at this notebook, and nobody else is harmed: ValueError: why; grade it again",
        grader_failed,
    ),
    "LEFT_OUT": ("it was left out of this run, and no earlier run has graded it", left_out),
    "WORK_OF_ANOTHER": ("it may be the work of noah: it fits", work_of_another),
    "CELL_RAISED": (
        "cell 1 ended with NameError; what was done before counts",
        lambda: incident_of(JudgedNotebook(results={}, shown={0: (ShownText("error", "", "NameError"),)})),
    ),
    "ID_OF_SEVERAL": (
        "the work of mia and noah is graded by the task of 'x'; give each the own id in ids.csv",
        shared_id,
    ),
    "ID_NOBODY_HAS": (
        "the notebook gives the id 'lena.f', which nobody in the class has; if it is this student's own, write the "
        "line mia,lena.f into ids.csv, below the title student,id, and grade again",
        lambda: incident_of(JudgedNotebook(results={}, other_id="lena.f")),
    ),
    "NOT_IN_GRADEBOOK": (
        f"gradebook.db has no {NAME}, and no scores were written; run `nbgrader generate_assignment {NAME}`",
        not_in_the_gradebook,
    ),
    "GRADEBOOK_UNUSABLE": ("gradebook.db was not changed: why", lambda: written(__import__("sqlite3").Error)),
    "SCORE_WAS_EDITED": ("mia: the score 5.0 of check-phases was edited, and stays", edited),
    "CELL_COPIED": ("the cell phases was copied; the last one counts", changed(ChangeKind.COPIED)),
    "CELL_UNKNOWN": (
        "the cell phases is marked as a cell of the exercise and is none",
        changed(ChangeKind.UNKNOWN),
    ),
    "CELL_CHANGED": ("the cell phases was changed, and has its own text again", changed(ChangeKind.CHANGED)),
    "CELL_MARKED": (
        "the points or the kind of the cell phases were changed, and are those of the exercise again",
        changed(ChangeKind.MARKED),
    ),
    "CELL_MISSING": ("the cell phases was missing, and is put back", changed(ChangeKind.MISSING)),
    "CELL_MOVED": (
        "the cell phases stood above its answer, and is put behind it",
        changed(ChangeKind.MOVED),
    ),
}


def test_every_sentence_has_a_row() -> None:
    assert set(ROWS) == {name for name in vars(sentences) if name.isupper()}


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_told_word_by_word(name: str) -> None:
    text, make = ROWS[name]
    try:
        said = make()
    except BaseException as error:
        said = error
    assert str(said) == text
