"""Cells of the SMTP kernel without Jupyter: do one that must succeed, or one that must fail."""

from __future__ import annotations

from smtplab.base.printed import sentence
from smtplab.jupyter.cell_result import CellError, CellResult
from smtplab.jupyter.engine import Engine
from smtplab.transcript import Side

LECTURE = "mail.adelphia.net"
LAB = "mail.lab.example"
TO_THE_MESSAGE = "MAIL FROM:<a@b.example>\nRCPT TO:<bob@lab.example>\nDATA"


def done(engine: Engine, cell: str, name: str = "") -> CellResult:
    """Do a cell that must not fail."""
    step = engine.run(cell, name)
    assert step.failure is None, step.failure
    return step


def failure(engine: Engine, cell: str) -> str:
    """Do a cell that must fail; return what it says, which is a sentence on one line."""
    error = engine.run(cell).failure
    assert isinstance(error, CellError)
    said = str(error)
    assert said == sentence(said)
    assert len(said.splitlines()) == 1
    return said


def sent(engine: Engine) -> list[str]:
    """Return the lines that the client has sent."""
    return [row.text for row in engine.open_session().transcript if row.side is Side.CLIENT]
