"""Part ``cells`` of exercise 02: the codes of ten cells of the matrix, predicted.

The right codes are not written here. They are the replies of the student's first host.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from ....lab.session import Session
from ....protocol.states import State
from ....worlds.memory import Network
from ...rules import ExercisePart, Judge, Rule, RuleFailure, text_of, visible
from ..answer_evidence import kind_of, not_handed_in
from .task import KINDS, EveryCommandEvidence, EveryCommandTask, MatrixCell, hosts

QUESTIONS = ("cells",)

_PEER = "198.51.100.7"  # RFC 5737 sets it aside for examples
# A line that is handed in has a cell and one code, in either order; what else stands in it does not count.
_CELL = re.compile(r"\b([A-Z]{4})\s+IN\s+([A-Z]+)\b")
_CODE = re.compile(r"\b[0-9]{3}\b")
_BAD_SEQUENCE, _NOT_OFFERED = 503, 502
_LARGEST_POSITIVE = 399


def given(task: EveryCommandTask) -> Mapping[str, str]:
    """Return the cells with a question mark in front of each."""
    return {"cells": "\n".join(f"? {cell}" for cell in task.cells)}


@cache
def right_codes(task: EveryCommandTask) -> Mapping[MatrixCell, int]:
    """Say each command in its state to the student's first host, and return the codes of the replies."""
    said = _examples(task)
    way = [("HELO", State.READY), ("MAIL", State.SENDER), ("RCPT", State.RECIPIENT)]
    codes = {}
    for cell in task.cells:
        network = Network()
        network.add(hosts(task)[0])
        session = Session(network.dial(task.host, peer=_PEER))
        for verb, state in way:
            if session.state is State[cell.state]:
                break
            session.send(said[verb])
            assert session.state is state
        reply = session.send(said[cell.verb])
        assert reply is not None
        codes[cell] = reply.code
    return codes


def _examples(task: EveryCommandTask) -> Mapping[str, str]:
    """Return a line for each verb that the host takes in the right state."""
    openings = {verb: f"{verb} FROM:<{task.sender}>" for verb in ("MAIL", "SEND", "SOML", "SAML")}
    bare = {verb: verb for verb in ("DATA", "QUIT", "RSET", "NOOP", "TURN", "HELP")}
    return {
        **openings,
        **bare,
        "HELO": f"HELO {task.client}",
        "RCPT": f"RCPT TO:<{task.recipient}>",
        "VRFY": f"VRFY {task.recipient}",
        "EXPN": f"EXPN {task.group}",
    }


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
        for cell, right in right_codes(evidence.task).items():
            code = codes.get((cell.verb, cell.state), "")
            if cell.kind == kind and code != str(right):
                return _mistaken(cell, code, right)
        return None

    return judge


def _mistaken(cell: MatrixCell, code: str, right: int) -> RuleFailure:
    """Return what is wrong with the code for a cell, without the right one."""
    if not code:
        return RuleFailure(f"{cell} has no code yet.", undone=True)
    got, yes = f"{code} for {cell}", int(code) <= _LARGEST_POSITIVE
    if right == _BAD_SEQUENCE:
        if yes:
            return RuleFailure("You let a command through that cannot come in this state.", got=got)
        return RuleFailure("It is refused, but with another code: which one says that the order is wrong?", got=got)
    if right == _NOT_OFFERED:
        return RuleFailure(
            "The order is right here, and yet the host refuses the command.",
            got=got,
            hint="which code is for a command that the host knows and does not offer?",
        )
    if not yes:
        return RuleFailure("You let the host refuse a command that may come in this state.", got=got)
    return RuleFailure("The host says yes, but with another code.", got=got)


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
)
assert {rule.id for rule in PART.rules[1:]} == {f"cells.{kind}" for kind in KINDS}
