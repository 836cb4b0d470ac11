"""The process that forks students: it has loaded what they need, and never what they must not have.

It answers requests of `warm_process`: a notebook to run comes in, and what its
process wrote goes out. Each notebook runs in a process of its own, inside the border, and its programs are tried by
another one outside. Nothing of a student's runs here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from ...border import Border, Budget, strongest
from ..exercises import design_of
from ..hint_wording import SMTP
from .peer_process import PeerEnd, PeerProcess
from .student_notebook import StudentNotebook
from .student_process import EXTENSIONS, run_notebook
from .student_shell import StudentShell, warm_shell
from .warm_process import ahead, serve
from .warming import load_designs, warm_up

# What the first cell of the SMTP kernel would load in each process.
_LOADED_BEFORE = ("smtplab.jupyter.magics", "smtplab.jupyter.directives", *EXTENSIONS.values())


class Forking:
    """Runs notebooks, each in a process of its own.

    Args:
        border: what each of them is kept from.
        shell: a shell that has run nothing.
    """

    def __init__(self, border: Border, shell: StudentShell) -> None:
        self._border = border
        self._shell = shell

    def handle(self, request: Mapping[str, Any], data: bytes) -> tuple[Mapping[str, Any], bytes]:
        """Run the notebook of a request, and return how it ended and what it wrote."""
        notebook = StudentNotebook.from_json(request["notebook"])
        budget = Budget(**request["budget"])
        peer = PeerProcess(notebook.student, budget) if _has_programs(notebook) else None
        line = None if peer is None else peer.descriptor
        run = partial(run_notebook, notebook, self._shell, line=line)
        ended = self._border.run(run, budget, kept=() if line is None else (line,))
        how, trials = peer.ended() if peer else (PeerEnd.FINISHED, b"")
        told = {"how": ended.how, "signs": list(ended.signs), "peer": how, "trials": len(trials)}
        seconds = {"cpu_seconds": ended.cpu_seconds, "wall_seconds": ended.wall_seconds}
        return told | seconds, trials + ended.data


def _has_programs(notebook: StudentNotebook) -> bool:
    """Return True if an exercise of the notebook asks for a program."""
    return any(design_of(cell.exercise).trials for cell in notebook.cells if cell.exercise)


def load(exercises: Sequence[str]) -> None:
    """Load what students need for some exercises, so that each process finds it done; others load it themselves."""
    border = ahead(strongest)
    designs = load_designs(exercises)
    for module in _LOADED_BEFORE if any(design.wording == SMTP for design in designs) else ():
        import_module(module)
    warm_up()
    warm_shell()
    _Loaded.border = border()


class _Loaded:
    """What `load` has found out."""

    border: Border


def main() -> None:
    """Answer requests."""
    border = _Loaded.border
    serve(Forking(border, warm_shell()).handle, {"border": border.sentence, "level": border.level})
