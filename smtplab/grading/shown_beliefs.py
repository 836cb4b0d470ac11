"""Find the wrong beliefs that a student's work shows: by rules that fail, and by what was said on the wire.

A rule names a belief in its `RuleFailure` if its mistake has no other reading. The wire is searched in the parts of an
exercise that are about sessions; see `explain.belief_evidence`. A part about programs says what a program proves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..explain.belief_evidence import named_in
from ..transcript import Side, Transcript
from ..transcript.rows import CRLF
from .evidence import Evidence, Wire
from .rules import ExercisePart, Score


def beliefs_in(part: ExercisePart[Any], evidence: Evidence[Any], score: Score) -> tuple[str, ...]:
    """Return the ids of the wrong beliefs that a part shows, each once; those of all attempts count.

    Args:
        part: the part.
        evidence: all that the exercise has from the student.
        score: the score of the part.
    """
    failures = [result.failure for each in (score, score.latest) for result in each.results]
    told = [failure.belief for failure in failures if failure is not None and failure.belief]
    proven = () if score.is_blocked else part.shows(evidence)
    return tuple(dict.fromkeys([*told, *proven, *(named_on(evidence.wires) if part.has_sessions else ())]))


def named_on(wires: Iterable[Wire]) -> tuple[str, ...]:
    """Return the ids of the wrong beliefs that connections prove."""
    return named_in(*map(_conversation, wires))


def _conversation(wire: Wire) -> Transcript:
    """Return the conversation with the line at its end that has no CRLF yet."""
    transcript = Transcript(wire.transcript)
    if not wire.closed:
        transcript.feed(Side.CLIENT, wire.sent.rpartition(CRLF)[2])
    return transcript
