"""Refuse lines of a cell that are surely not for a host: a call in Python, and a line of an answer.

Only for exercises, where a refused command costs points. Elsewhere a host may answer whatever is typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from . import sentences
from .cell_result import CellError

_CALL = re.compile(r"\s*(?:\w+\s*=\s*)?((?:\w+\.)+\w+|print)\s*\((.*)")
_TEXT = re.compile(r"\s*[rbf]*([\"'])([^\"']*)\1\s*\)?\s*$")
_SEND = re.compile(r".*\.send$")
_MARKED = re.compile(r"\W?(?:[A-Za-z]|\?)\W{1,3}[CS]: ?")  # a line of a session with its mark, as an answer has it


def refuse_what_no_host_reads(line: str, questions: Iterable[str]) -> None:
    """Raise an error for a line that is Python, or part of an answer.

    Args:
        line: a line of a cell, outside a message.
        questions: the names of the answers that can be handed in.

    Raises:
        CellError: if no host can make anything of the line; the sentence says what to write.
    """
    if found := _CALL.match(line):
        text = _TEXT.match(found[2]) if _SEND.match(found[1]) else None
        instead = sentences.THE_LINE_ALONE.format(line=text[2]) if text else sentences.NO_CALLS
        raise CellError(sentences.PYTHON_LINE.format(call=found[1], instead=instead))
    if _MARKED.match(line):
        raise CellError(sentences.LINE_OF_AN_ANSWER.format(line=line[:20].rstrip(), questions=", ".join(questions)))
