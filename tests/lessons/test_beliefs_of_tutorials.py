"""Who works through a tutorial as its authors did has no wrong belief, although some cells go wrong on purpose."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from smtplab import Session
from smtplab.explain.belief_evidence import named_in, slips_in
from smtplab.explain.misconceptions import beliefs
from smtplab.jupyter.engine import Engine
from support.bank import in_python
from support.paths import ROOT

PATHS = sorted((ROOT / "notebooks" / "tutorials").glob("*.ipynb"))
PYTHON = "%%py"


def sessions_of(path: Path) -> list[Session]:
    """Run a tutorial in this process, and return the sessions it has at its end."""
    engine, variables = Engine(seconds=0.5), dict[str, Any]()
    execute = engine.run if "-type-" in path.name else in_python(variables)
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and not source.startswith(PYTHON):
            with contextlib.redirect_stdout(io.StringIO()):
                execute(source)
    held = [each.session for each in engine.sessions.values()]
    return [each for each in [*held, *variables.values()] if isinstance(each, Session)]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_tutorial_names_no_belief(path: Path) -> None:
    sessions = sessions_of(path)
    assert sessions
    assert named_in(*(session.transcript for session in sessions)) == ()


@pytest.mark.parametrize(
    "name", ["mail-again-starts-anew", "lf-ends-a-line", "second-ehlo-resets-nothing", "bcc-is-a-command"]
)
def test_what_a_cell_does_wrong_on_purpose_is_seen_in_its_tutorial(name: str) -> None:
    (path,) = (each for each in PATHS if each.stem == beliefs()[name].notebook)
    assert name in {slip.belief for session in sessions_of(path) for slip in slips_in(session.transcript)}
