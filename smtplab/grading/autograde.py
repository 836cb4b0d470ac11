"""Run and grade the exercises under ``nbgrader autograde``: nbgrader's `Execute`, with a referee for the test cells.

The notebook runs in a kernel as usual, and everything done with an exercise is written into a journal. A test cell that
calls `check` does not run there, so that its hidden rules never come near the student's code. After the notebook has
run, the `referee` scores the journal in a separate process, and its report becomes the output of the test cell. The
folder of the submission says whose work it is.

A cell that cannot be interrupted, or that ends its kernel, is skipped: the kernel is restarted, the earlier cells run
again without it, and the notebook continues after it. So it costs only its own points.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade

from . import sentences
from .classroom import enter
from .journal import VARIABLE
from .referee import subject_of
from .students import graded_student, normal, read_spellings, roster
from .submissions import name_of
from .tables import Table

# The table beside the gradebook that names the probable owner of a part's work.
WHOSE_WORK = Table("whose-work.csv", ("exercise", "student", "part", "owner", "evidence"))
_NO_TURN = (0, None)
# How often a kernel is started that dies before it has begun, as one may on a machine that has much to do.
_STARTS = 3
# The faults of the table of ids that this run has logged; it reads the table for each submission.
_FAULTS_TOLD: set[str] = set()
# How long the referee may take, in seconds; it needs less than one.
_REFEREE_SECONDS = 60


class RefereedExecute(Execute):
    """Run a notebook, and let the referee judge its test cells; the settings are those of `Execute`."""

    def preprocess(self, nb: Any, resources: Any, km: Any = None) -> tuple[Any, Any]:
        """Run the notebook, and fill in the results of the referee."""
        self._skipped: set[int] = set()
        self._sources = _locked_cells(resources["nbgrader"])
        self._turns: dict[str, tuple[int, int]] = {}  # of a test cell: its index, and how long the journal was then
        folder = normal(resources["nbgrader"]["student"])
        self._student = graded_student() or self._ids(resources).get(folder, folder)
        with tempfile.TemporaryDirectory() as folder:
            self._journal = Path(folder) / "journal"
            self._journal.touch()
            nb, resources = super().preprocess(nb, resources, km)
            if self._turns:
                self._take(nb, self._referee_results(nb, resources), resources)
        return nb, resources

    @contextmanager
    def setup_kernel(self, **kwargs: Any) -> Iterator[None]:
        """Start the kernel, with the student and the journal in its environment, and stop it afterwards."""
        self._start()
        with super().setup_kernel(**kwargs):
            yield

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """Run a cell; in place of a test cell that the referee judges, save the journal."""
        test = subject_of(self._sources.get(name_of(cell), ""))
        self._run(cell if test is None else _save_journal_cell(test[0], self.nb), index)
        if test is not None:
            self._turns[name_of(cell)] = index, self._journal.stat().st_size
        return cell, resources

    def on_cell_executed(self, **kwargs: Any) -> None:
        """Remember a cell that took too long, so that it does not run again."""
        if kwargs["execute_reply"]["content"].get("ename") == self.error_on_timeout["ename"]:
            self._skipped.add(kwargs["cell_index"])
        super().on_cell_executed(**kwargs)

    def _ids(self, resources: Any) -> Mapping[str, str]:
        """Return the ids under which students have worked, and log each fault of their table once."""
        found = read_spellings(_course(resources))
        for fault in found.faults:
            if fault not in _FAULTS_TOLD:
                _FAULTS_TOLD.add(fault)
                self.log.warning("%s", fault)
        return found.ids

    # Running

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "SMTPLAB_STUDENT": self._student, VARIABLE: str(self._journal)}

    def _run(self, cell: Any, index: int) -> None:
        try:
            self._execute(cell, index)
        except (CellTimeoutError, DeadKernelError) as error:
            self.log.error("Cell %s ended its kernel, or could not be interrupted; going on without it", index)
            kind = type(error).__name__
            cell.outputs.append(
                new_output("error", ename=kind, evalue="", traceback=[f"{kind}: {_why_skipped(error)}"])
            )
            self._skipped.add(index)
            self._begin_again(index)

    def _execute(self, cell: Any, index: int) -> None:
        """Run a cell, perhaps another one than the notebook has at this index, and keep the notebook as it is."""
        there = self.nb.cells[index]
        try:
            self.execute_cell(cell, index, store_history=True)
        finally:
            self.nb.cells[index] = there

    def _begin_again(self, end: int) -> None:
        """Restart the kernel, and run the cells before `end` again, without those that are skipped."""
        while True:
            self._restart()
            try:
                for index, cell in enumerate(self.nb.cells[:end]):
                    if index not in self._skipped and not is_grade(cell):
                        self._execute(deepcopy(cell), index)
                return
            except (CellTimeoutError, DeadKernelError):
                self._skipped.add(index)

    def _restart(self) -> None:
        with suppress(RuntimeError):
            self._cleanup_kernel()
        self._start()

    def _start(self) -> None:
        for _ in range(_STARTS - 1):
            with suppress(RuntimeError):
                return self._start_once()
        return self._start_once()

    def _start_once(self) -> None:
        self.kc = None
        self.km = self.create_kernel_manager()
        self.start_new_kernel(env=self._environment())
        self.start_new_kernel_client()

    # Judging

    def _referee_results(self, nb: Any, resources: Any) -> dict[str, Any]:
        """Return the results of the test cells from the referee; empty if it failed."""
        order = [name_of(cell) for cell in nb.cells]
        names = sorted(self._sources, key=lambda name: order.index(name) if name in order else -1)
        submission = {
            "student": self._student,
            "classmates": roster(_course(resources) / "submitted"),
            "journal": str(self._journal),
            "cells": [{"source": self._sources[name], "octets": self._turns.get(name, _NO_TURN)[1]} for name in names],
        }
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-m", "smtplab.grading.referee"],
                input=json.dumps(submission),
                capture_output=True,
                text=True,
                timeout=_REFEREE_SECONDS,
                check=True,
            )
            said: dict[str, Any] = json.loads(done.stdout)
            return {
                "results": dict(zip(names, said["results"], strict=True)),
                "findings": said["findings"],
            }
        except (subprocess.SubprocessError, ValueError, KeyError) as error:
            self.log.error("The referee could not judge: %s\n%s", error, getattr(error, "stderr", "") or "")
            return {"results": {}, "findings": []}

    def _take(self, nb: Any, said: dict[str, Any], resources: Any) -> None:
        for name, (index, _) in self._turns.items():
            nb.cells[index].outputs = _outputs(said["results"].get(name))
        course, about = _course(resources), resources["nbgrader"]
        exercise, student = about["assignment"], about["student"]
        WHOSE_WORK.replace_rows(course, {"exercise": exercise, "student": student}, said["findings"])
        rules = [rule for result in said["results"].values() if result for rule in result["rules"]]
        beliefs = [name for result in said["results"].values() if result for name in result["beliefs"]]
        enter(course, exercise, student, rules, beliefs)
        for finding in said["findings"]:
            self.log.info(
                "%s, part %s, may be the work of %s: %s",
                student,
                finding["part"],
                finding["owner"],
                finding["evidence"],
            )


def _locked_cells(about: dict[str, str]) -> dict[str, str]:
    """Return the sources of the locked code cells by their ids, as the gradebook has them.

    A cell that a notebook marks as locked may be the student's, and the referee must not run it.
    """
    with Gradebook(about["db_url"]) as book:
        cells = book.find_notebook(about["notebook"], about["assignment"]).source_cells
        return {cell.name: cell.source for cell in cells if cell.locked and cell.cell_type == "code"}


def _save_journal_cell(name: str, nb: Any) -> Any:
    """Return the cell that runs in place of a test cell."""
    magic = "%%py\n" if nb.metadata.get("kernelspec", {}).get("language") == "smtp" else ""
    return new_code_cell(f"{magic}__import__('smtplab.grading.check').grading.check.save_journal({name!r})")


def _why_skipped(error: Exception) -> str:
    return sentences.KERNEL_ENDED if isinstance(error, DeadKernelError) else sentences.NOT_INTERRUPTED


def _outputs(result: dict[str, Any] | None) -> list[Any]:
    if result is None:
        said = sentences.NOT_JUDGED
        return [new_output("error", ename="NotJudged", evalue=said, traceback=[said])]
    number = new_output("execute_result", data={"text/plain": str(result["points"])}, execution_count=None)
    return [new_output("stream", name="stdout", text=result["report"]), number]


def _course(resources: Any) -> Path:
    """Return the course folder: nbgrader runs a notebook in ``autograded/STUDENT/ASSIGNMENT``."""
    return Path(resources["metadata"]["path"]).resolve().parents[2]
