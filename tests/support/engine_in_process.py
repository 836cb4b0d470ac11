"""What the engine makes of a notebook, without its processes: the cells run here, and the referee judges the journal.

The border, the forking and the pipe are left out; tests/grading/engine has them.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from typing import Any

import pytest

from smtplab.grading import check
from smtplab.grading.engine.prepared import prepare
from smtplab.grading.journal import TURN, journal_line, keep_journal
from smtplab.grading.referee import judge_journal
from smtplab.grading.trial_peer import PeerOfPrograms
from smtplab.grading.trials import keep_trials
from support.bank import in_python, in_smtp
from support.handed_in import answered, exercise


def judged_in_process(name: str, student: str, answers: Mapping[str, str], *classmates: str) -> dict[str, Any]:
    """Return what the referee says of the notebook that a student hands in with these answers."""
    graded = exercise(name)
    lines: list[bytes] = []
    trials: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMTPLAB_STUDENT", student)
        check.forget()
        keep_journal(lines.append)
        keep_trials(PeerOfPrograms(student, trials.append))
        execute = {"python": in_python, "smtp": in_smtp}[graded.language]({})
        for cell in prepare(answered(student, dict(answers), name), graded).cells:
            with _silence(), contextlib.suppress(BaseException):
                if cell.test:
                    check.note_answers(cell.exercise)
                else:
                    execute(cell.source)
            if cell.test:
                lines.append(journal_line(TURN, cell=cell.test))
        keep_journal(None)
        keep_trials(None)
        check.forget()
        journal, classroom = b"".join(lines), (student, *classmates)
        said = judge_journal(student, classroom, graded.locked, journal, trials=b"".join(trials))
        check.forget()
    return said


@contextlib.contextmanager
def _silence() -> Any:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield
