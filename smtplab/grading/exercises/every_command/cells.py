"""Part ``cells`` of exercise 02: the codes of ten cells of the matrix, predicted.

A code is compared with the kernel's table of states. No list of right codes is written or made here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ....protocol import replies
from ....protocol.states import State, is_legal
from ...rules import ExercisePart, Judge, Rule, RuleFailure, text_of, visible
from ..answer_evidence import kind_of, not_handed_in
from .task import KINDS, EveryCommandEvidence, EveryCommandTask, MatrixCell

QUESTIONS = ("cells",)

# A line that is handed in has a cell and one code, in either order; what else stands in it does not count.
_CELL = re.compile(r"\b([A-Z]{4})\s+IN\s+([A-Z]+)\b")
_CODE = re.compile(r"\b[0-9]{3}\b")
_LARGEST_POSITIVE = 399
# How a host says yes to a command with a right argument, where that is not 250.
_YES = {"DATA": replies.START_MAIL, "QUIT": replies.CLOSING, "HELP": replies.SYSTEM_STATUS}


def given(task: EveryCommandTask) -> Mapping[str, str]:
    """Return the cells with a question mark in front of each."""
    return {"cells": "\n".join(f"? {cell}" for cell in task.cells)}


def predicted(evidence: EveryCommandEvidence) -> list[tuple[str, str, str]]:
    """Return the lines that were handed in: the verb, the state, and the code; empty if there is none, or several."""
    lines = (text_of(evidence.answers.get("cells")) or "").upper().splitlines()
    found = ((_CELL.search(line), {*_CODE.findall(line)}) for line in lines)
    return [(cell[1], cell[2], codes.pop() if len(codes) == 1 else "") for cell, codes in found if cell]


def _are_yours(evidence: EveryCommandEvidence) -> RuleFailure | None:
    """The lines that were handed in are the cells of this student."""
    answer = evidence.answers.get("cells")
    if answer is None:
        return not_handed_in(evidence, "cells", "No codes have been handed in yet.")
    text = text_of(answer)
    if text is None:
        return RuleFailure("What you handed in is not text.", got=kind_of(answer))
    named = [(verb, state) for verb, state, _ in predicted(evidence)]
    yours = [(cell.verb, cell.state) for cell in evidence.task.cells]
    copy = f"copy what {evidence.wording.text.format(name='cells')} shows, and change nothing but the question marks"
    strange = next((cell for cell in named if cell not in yours), None)
    if strange is not None:
        return RuleFailure("One of the lines is not a cell of your list.", got=visible(" in ".join(strange)), hint=copy)
    if not named:
        return RuleFailure("None of your ten cells is in it.", "503 MAIL in ...", visible(text) or "no text", copy)
    twice = next((cell for number, cell in enumerate(named) if cell in named[:number]), None)
    if twice is not None:
        return RuleFailure("A cell stands there twice.", got=visible(" in ".join(twice)), hint=copy)
    return None


def _have_codes(evidence: EveryCommandEvidence) -> RuleFailure | None:
    codes = {(verb, state): code for verb, state, code in predicted(evidence)}
    open_cells = [str(cell) for cell in evidence.task.cells if not codes.get((cell.verb, cell.state))]
    if not open_cells:
        return None
    return RuleFailure("Some cells have no code yet.", "one code in each line", "\n".join(open_cells), undone=True)


def _are_right(kind: str) -> Judge[EveryCommandEvidence]:
    """Return a judge for the two cells of a kind."""

    def judge(evidence: EveryCommandEvidence) -> RuleFailure | None:
        codes = {(verb, state): code for verb, state, code in predicted(evidence)}
        asked = (cell for cell in evidence.task.cells if cell.kind == kind)
        failures = (_mistake(cell, codes.get((cell.verb, cell.state), "")) for cell in asked)
        return next((failure for failure in failures if failure is not None), None)

    return judge


def _mistake(cell: MatrixCell, code: str) -> RuleFailure | None:
    """Return what is wrong with the code for a cell, without the right one; None if it is right."""
    if not code:
        return RuleFailure(f"{cell} has no code yet.", undone=True)
    got, number = f"{code} for {cell}", int(code)
    yes = number <= _LARGEST_POSITIVE
    if not is_legal(State[cell.state], cell.verb):
        if number == replies.BAD_SEQUENCE.code:
            return None
        if yes:
            return RuleFailure("You let a command through that cannot come in this state.", got=got)
        return RuleFailure("It is refused, but with another code: which one says that the order is wrong?", got=got)
    if cell.verb == "TURN":
        if number == replies.NOT_IMPLEMENTED.code:
            return None
        return RuleFailure(
            "The order is right here, and yet the host refuses the command.",
            got=got,
            hint="which code is for a command that the host knows and does not offer?",
        )
    if not yes:
        return RuleFailure("You let the host refuse a command that may come in this state.", got=got)
    if number != _YES.get(cell.verb, replies.OK).code:
        return RuleFailure("The host says yes, but with another code.", got=got)
    return None


def _rule(kind: str, rfc: str, demand: str) -> Rule[EveryCommandEvidence]:
    return Rule(f"cells.{kind}", 1, rfc, demand, _are_right(kind))


PART = ExercisePart(
    "cells",
    (
        Rule("cells.codes", 0, "RFC 5321 4.2", "Each cell has a code. What the codes say has the points.", _have_codes),
        _rule("too-early", "RFC 5321 4.1.4", "Your codes for two commands that come too early are right."),
        _rule("inside", "RFC 5321 4.1.4", "Your codes for two commands inside a transaction are right."),
        _rule("onward", "RFC 5321 3.3", "Your codes for two commands that lead on are right."),
        _rule("any-time", "RFC 5321 4.1.4", "Your codes for two commands that may come at any time are right."),
        _rule("again", "RFC 5321 4.1.1.1 and 4.2.4", "Your codes for HELO said again, and for TURN, are right."),
    ),
    question="What must the host know before this command, and does it know it in this state?",
    needs=Rule("cells.yours", 0, "your task sheet", "The cells are those of your list.", _are_yours),
    questions=QUESTIONS,
)
assert {rule.id for rule in PART.rules[1:]} == {f"cells.{kind}" for kind in KINDS}
