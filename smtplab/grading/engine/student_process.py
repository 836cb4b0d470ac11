"""Run a student's notebook, in the process that is made for it, and write its journal down a pipe.

This runs inside the border. It holds nothing that a student must not have: of a test cell only the name of its
exercise. Test cells do not run here. When it is the turn of one, the answers are noted; the `referee` judges them
elsewhere.

Nothing in the pipe is trusted, because any code of the student's can write to it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, BinaryIO

from .. import check
from ..journal import TURN, journal_line, keep_journal
from ..trial_line import TrialLine
from ..trial_peer import DistantPeer
from ..trials import keep_trials
from . import sentences
from .student_notebook import INTERRUPTED, StudentNotebook
from .student_shell import CellOutput, StudentShell, redirect

# The extension of IPython that runs cells of a notebook's language, if it is not Python.
EXTENSIONS = {"smtp": "smtplab.jupyter.smtp_cells"}
# A cell is interrupted once it has used this share of what is left of the notebook's budget, so that an endless loop
# leaves time for the cells below.
_SHARE = 0.5


class CellTimeout(KeyboardInterrupt):
    """The cell has used its share of the notebook's time."""


def run_notebook(notebook: StudentNotebook, shell: StudentShell, pipe: BinaryIO, line: int | None = None) -> None:
    """Run the cells of a notebook one after the other, whatever becomes of each.

    Args:
        notebook: what to run.
        shell: a shell that has run nothing.
        pipe: where the journal and the outputs go.
        line: the descriptor to the process that tries programs; None if there is none.
    """
    write = _writer(pipe)
    output = CellOutput(write)
    redirect(shell, output)
    os.environ["SMTPLAB_STUDENT"] = notebook.student
    keep_journal(write)
    keep_trials(None if line is None else DistantPeer(TrialLine(line)))
    if (extension := EXTENSIONS.get(notebook.language)) is not None:
        shell.load(extension)
    clock = CellClock(notebook.cpu_seconds, notebook.wall_seconds)
    for cell in notebook.cells:
        output.begin(cell.cell)
        with suppress(BaseException), clock.share():
            if cell.test:
                check.note_answers(cell.exercise)
            else:
                shell.run(cell.source)
        if clock.has_interrupted:
            write(journal_line(INTERRUPTED, cell=cell.cell))
        if cell.test:
            write(journal_line(TURN, cell=cell.test))
        with suppress(BaseException):
            output.end()


def _writer(pipe: BinaryIO) -> Any:
    """Return what writes whole lines to the pipe; a process that was forked writes none."""
    descriptor, process = pipe.fileno(), os.getpid()

    def write(line: bytes) -> None:
        if os.getpid() != process:
            return
        unsent = memoryview(line)
        try:
            while unsent:
                unsent = unsent[os.write(descriptor, unsent) :]
        except BaseException:  # a cell was interrupted in the middle of a line; the next line is one of its own
            os.write(descriptor, b"\n")
            raise

    return write


class CellClock:
    """Interrupts a cell that takes too large a share of what is left of the budget, in seconds."""

    def __init__(self, cpu_seconds: float, wall_seconds: float) -> None:
        self._cpu = time.process_time() + cpu_seconds
        self._wall = time.monotonic() + wall_seconds
        self._runs = self.has_interrupted = False
        for number in (signal.SIGALRM, signal.SIGPROF):
            signal.signal(number, self._interrupt)

    @contextmanager
    def share(self) -> Iterator[None]:
        self._runs, self.has_interrupted = True, False
        self._set((self._wall - time.monotonic()) * _SHARE, (self._cpu - time.process_time()) * _SHARE)
        try:
            yield
        finally:
            self._runs = False
            self._set(0, 0)

    def _set(self, wall: float, cpu: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, max(wall, 0))
        signal.setitimer(signal.ITIMER_PROF, max(cpu, 0))

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._runs:
            self.has_interrupted = True
            raise CellTimeout(sentences.CELL_TIMEOUT)
