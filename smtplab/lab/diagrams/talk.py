"""What a ladder shows: conversations with their numbers, and the text of each arrow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from ...protocol.states import GREETING, MESSAGE, Phase, State, is_legal
from ...transcript import Row, Side, Transcript
from ..conversations import Conversation

_MORE_OF_IT = re.compile(r"[0-9]{3}-")


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation with its number and the conversations inside it, each with the number of rows before it.

    Args:
        conversation, number, inner: as above.
        later: how much later than the conversation around it a queue held this one; empty if it interrupted it.
        attempts: how many calls like this one there were, because nobody answered.
    """

    conversation: Conversation
    number: int
    inner: tuple[tuple[int, Talk], ...]
    later: str = ""
    attempts: int = 1

    @property
    def count(self) -> int:
        """The number of conversations, this one included."""
        return 1 + sum(talk.count for _, talk in self.inner)

    @property
    def heading(self) -> str:
        """The client and the server, as a heading."""
        times = f", {self.attempts} times" if self.attempts > 1 else ""
        return f"{self.conversation.client} calls {self.conversation.server}{times}"

    def all(self) -> Iterator[Talk]:
        """Yield this one and those inside it, in the order of their numbers."""
        yield self
        for _, talk in self.inner:
            yield from talk.all()


@dataclass(frozen=True, slots=True)
class Word:
    """The text above one arrow: a command, a reply, a message, or a note.

    Args:
        row: the number of rows of the transcript before it.
        answers: True if it is a reply, which begins with a code.
        becomes: the state that it led to; None if the state did not change.
    """

    row: int
    side: Side
    phase: Phase
    lines: tuple[str, ...]
    answers: bool
    becomes: State | None


def words(transcript: Transcript) -> Iterator[Word]:
    """Join the rows that share one arrow: those of a message, and those of a reply with several lines."""
    state, answering, row = State.CONNECTED, Side.SERVER, 0
    for _, group in groupby(_numbered_by_arrow(transcript), key=lambda pair: pair[0]):
        rows = [row for _, row in group]
        last = rows[-1]
        answers = last.side is answering
        becomes = None if last.state is state or last.side is Side.NOTE else last.state
        yield Word(row, last.side, last.phase, tuple(row.text for row in rows), answers, becomes)
        row += len(rows)
        if becomes is not None and is_legal(becomes, GREETING):  # TURN: from now on, the other side answers
            answering = Side.CLIENT if answering is Side.SERVER else Side.SERVER
        state = state if becomes is None else becomes


def _numbered_by_arrow(transcript: Transcript) -> Iterator[tuple[int, Row]]:
    """Number the rows; rows that share an arrow have the same number."""
    number, before = 0, None
    for row in transcript:
        goes_on = (
            before is not None
            and row.side is before.side is not Side.NOTE
            and (_MORE_OF_IT.match(before.text) or is_legal(before.state, MESSAGE))
        )
        number += not goes_on
        yield number, row
        before = row
