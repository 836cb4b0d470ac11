"""The ladder: who said what to whom, from the top to the bottom, phase by phase.

Where a host of the lab handed the message on while its client waited, what the two hosts said stands within that wait,
on lifelines of its own. How it is drawn, `lanes` knows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ...base.printed import plural
from ...protocol.states import State
from ...transcript import Recorded, Side, banner, polled, transcript_of
from ..conversations import Conversation
from ..figure import Canvas, Figure
from .lanes import Ladder, Talk
from .paper import WIDTH

# How far to the right stands what was held within another conversation, and how deep that goes on: a loop of mail is
# told by its numbers from there on.
_INDENT, _DEEPEST = "    ", 5


def ladder(source: Recorded, *, fold: int = 8, relayed: bool = True) -> Figure:
    """Draw a conversation as a ladder: an arrow for each word of the client and of the server, phase by phase.

    At the right stands the state that a reply led to. If hosts of the lab handed a message on meanwhile, there is a
    lifeline for each machine instead, and what the hosts said to each other stands where the client waited.

    Args:
        source: a session, a client or a conversation of the lab, or a transcript.
        fold: the most lines of a message or a long reply that are drawn; of longer ones, the first and the last.
            The text alternative has all.
        relayed: False leaves out what hosts said to each other.
    """
    conversation = conversation_of(source)
    talk = _numbered(conversation if relayed else Conversation("", "", conversation.transcript))
    canvas = Canvas(WIDTH)
    bottom = Ladder(canvas, fold, talk).draw()
    return canvas.finish(bottom, _title(talk), "\n".join(_words(talk)))


def conversation_of(source: Recorded) -> Conversation:
    """Return who talks with whom in `source`; a transcript alone does not know it.

    Raises:
        TypeError: if it is neither a session nor a transcript.
    """
    found = source if isinstance(source, Conversation) else getattr(polled(source), "conversation", None)
    return found if isinstance(found, Conversation) else Conversation("", "", transcript_of(source))


def _numbered(conversation: Conversation, number: int = 1) -> Talk:
    """Number a conversation and those within it, in the order in which they began."""
    inner: list[tuple[int, Talk]] = []
    for call in conversation.calls:
        inner.append((call.row, _numbered(call.conversation, number + 1 + sum(talk.count for _, talk in inner))))
    return Talk(conversation, number, tuple(inner))


def _title(talk: Talk) -> str:
    title = f"Ladder of a conversation, {plural(len(talk.conversation.transcript), 'line')}"
    return f"{title}, and of {talk.count - 1} more between hosts" if talk.inner else title


def _words(talk: Talk) -> Iterator[str]:
    if talk.inner:
        yield f"Ladder of {talk.count} conversations. C calls, S is called; = is not on the wire."
        yield f"1. {talk.heading}."
    else:
        yield "Ladder of a conversation between a client (C) and a server (S); = is not on the wire."
    yield from _rows(talk)


def _rows(talk: Talk, depth: int = 0) -> Iterator[str]:
    """Tell every row, with a banner before each phase and the state that a reply led to, and what was held within."""
    phase, state, calls = None, State.CONNECTED, deque(talk.inner)
    for number, row in enumerate(talk.conversation.transcript):
        while calls and calls[0][0] <= number:
            yield from _within(talk, calls.popleft()[1], depth + 1)
        if row.side is not Side.NOTE and row.phase is not phase:
            phase = row.phase
            yield banner(phase)
        arrives = "" if row.state is state or row.side is Side.NOTE else f"  [now {row.state.name}]"
        state = state if row.side is Side.NOTE else row.state
        yield f"{row}{arrives}"
    for _, inner in calls:
        yield from _within(talk, inner, depth + 1)


def _within(outer: Talk, talk: Talk, depth: int) -> Iterator[str]:
    """Tell what was held within another conversation, further to the right."""
    indent = _INDENT if depth <= _DEEPEST else ""
    yield f"{indent}{talk.number}. {outer.conversation.client} waits. {talk.heading}."
    yield from (f"{indent}{line}" for line in _rows(talk, depth))
    yield f"{indent}End of {talk.number}; {outer.number} goes on."
