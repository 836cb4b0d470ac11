"""What a table or a figure is made from: a session, which is polled first, or its transcript."""

from __future__ import annotations

from typing import Protocol, TypeVar

from ..transcript import Transcript
from . import sentences


class _Keeper(Protocol):
    """A value that has a transcript, as a session does."""

    @property
    def transcript(self) -> Transcript: ...


Recorded = Transcript | _Keeper
SourceT = TypeVar("SourceT")


def polled(source: SourceT) -> SourceT:
    """Return `source`; if it is a session, let it hear what its server said unasked, so that all of it is shown."""
    poll = getattr(source, "poll", None)
    if callable(poll):
        poll()
    return source


def transcript_of(source: Recorded) -> Transcript:
    """Return the transcript of a session, after polling it, or the transcript itself.

    Raises:
        TypeError: if it is neither.
    """
    found = source if isinstance(source, Transcript) else getattr(polled(source), "transcript", None)
    if not isinstance(found, Transcript):
        raise TypeError(sentences.NEITHER_SESSION_NOR_TRANSCRIPT.format(kind=type(source).__name__))
    return found
