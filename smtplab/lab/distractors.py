"""Make the wrong lines of a puzzle from the beliefs that are wrong: what somebody who has one would send instead.

The lines come from ``data/misconceptions.toml``, and so does the sentence for who chooses one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..explain.misconceptions import Belief, Distractor, beliefs
from .rehearsal import SentPiece

_DOT = "."


def resembling(piece: SentPiece) -> Iterator[tuple[SentPiece, Belief]]:
    """Yield what a beginner might take for a piece, with the belief that is behind it.

    Args:
        piece: a piece of a session.
    """
    for belief in beliefs().values():
        if belief.distractor is None or piece.in_message != belief.distractor.of.startswith(_DOT):
            continue
        wrong = _changed(piece.data, belief.distractor)
        if wrong not in (b"", piece.data):
            yield SentPiece(wrong), belief


def believed_in(pieces: Sequence[SentPiece]) -> Mapping[SentPiece, Belief]:
    """Return the wrong lines that resemble those of a session, each with its belief."""
    return {wrong: belief for piece in pieces for wrong, belief in resembling(piece) if wrong not in pieces}


def is_shown_by(belief: Belief, *, into_message: bool) -> bool:
    """Return True if sending its wrong line shows a belief.

    Args:
        belief: one that `believed_in` has found.
        into_message: True if the line was read as text of a message, in which a wrong command is nothing but text.
    """
    return belief.distractor is not None and (not into_message or belief.distractor.of.startswith(_DOT))


def _changed(data: bytes, distractor: Distractor) -> bytes:
    """Return the lines of a piece, and in place of each that is meant the wrong one."""
    of, line = distractor.of.encode(), distractor.line.encode()
    lines = data.splitlines(keepends=True)
    return b"".join(line + each[len(of) :] if each.upper().startswith(of) else each for each in lines)
