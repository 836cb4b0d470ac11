"""The ladder diagram: who said what to whom, from top to bottom, phase by phase.

If a host of the lab relayed the message while its client waited, the conversation of the two hosts appears inside that
wait, on lifelines of its own. If the host queued the message, each of its attempts appears at its time, and attempts
that nobody answered appear once. The module `lanes` does the drawing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ...base.duration import SECOND, format_duration
from ...base.printed import plural
from ...protocol.states import State
from ...show.figure import Canvas, Figure
from ...transcript import Side, banner
from ..conversations import Conversation, in_runs
from ..recorded import Recorded, polled, transcript_of
from .lanes import Ladder
from .paper import WIDTH
from .talk import Talk

# The indentation of a conversation inside another one, and the depth at which it stops growing: in a mail loop the
# numbers of the conversations must do from there on.
_INDENT, _DEEPEST = "    ", 5


def ladder(
    source: Recorded, *, fold: int = 8, relayed: bool = True, mark_last: bool = False, states: bool = True
) -> Figure:
    """Draw a conversation as a ladder: an arrow for each command and each reply, phase by phase.

    The state that a reply led to appears on the right. If hosts of the lab relayed a message meanwhile, the ladder has
    a lifeline for each machine instead, and the conversation of the hosts appears where the client waited.

    Args:
        source: a session, a client or a conversation of the lab, or a transcript.
        fold: the maximum of lines drawn of a message or reply; a longer one is cut in the middle. The text alternative
            has all lines.
        relayed: False leaves out the conversations between hosts.
        mark_last: True marks the last line, where a player stands; not in a ladder with several conversations.
        states: False leaves out the states, for readers who have not met them yet.
    """
    conversation = conversation_of(source)
    talk = _numbered(conversation if relayed else Conversation("", "", conversation.transcript))
    canvas = Canvas(WIDTH)
    drawn = Ladder(canvas, fold, talk, states=states)
    bottom = drawn.draw()
    words = "\n".join(_words(talk, states))
    if mark_last and drawn.mark_last():
        words += "  <- now"
    return canvas.finish(bottom, _title(talk), words)


def conversation_of(source: Recorded) -> Conversation:
    """Return the conversation of `source`; that of a transcript alone has no names of machines.

    Raises:
        TypeError: if it is neither a session nor a transcript.
    """
    found = source if isinstance(source, Conversation) else getattr(polled(source), "conversation", None)
    return found if isinstance(found, Conversation) else Conversation("", "", transcript_of(source))


def _numbered(conversation: Conversation, number: int = 1, later: str = "", attempts: int = 1) -> Talk:
    """Number a conversation and those within it, in the order in which they began."""
    inner: list[tuple[int, Talk]] = []
    for call, count in in_runs(conversation.calls):
        talk, following = call.conversation, number + 1 + sum(each.count for _, each in inner)
        since = format_duration(round((talk.began - conversation.began) * SECOND)) if call.is_later else ""
        inner.append((call.row, _numbered(talk, following, since, count)))
    return Talk(conversation, number, tuple(inner), later, attempts)


def _title(talk: Talk) -> str:
    title = f"Ladder of a conversation, {plural(len(talk.conversation.transcript), 'line')}"
    return f"{title}, and of {talk.count - 1} more between hosts" if talk.inner else title


def _words(talk: Talk, states: bool) -> Iterator[str]:
    if talk.inner:
        yield f"Ladder of {talk.count} conversations. C calls, S is called; = is not on the wire."
        yield f"1. {talk.heading}."
    else:
        yield "Ladder of a conversation between a client (C) and a server (S); = is not on the wire."
    yield from _rows(talk, states)


def _rows(talk: Talk, states: bool, depth: int = 0) -> Iterator[str]:
    """Yield every row, with a banner before each phase, the state after a reply, and the conversations inside."""
    phase, state, calls = None, State.CONNECTED, deque(talk.inner)
    for number, row in enumerate(talk.conversation.transcript):
        while calls and calls[0][0] <= number:
            yield from _within(talk, calls.popleft()[1], states, depth + 1)
        if row.side is not Side.NOTE and row.phase is not phase:
            phase = row.phase
            yield banner(phase)
        arrives = f"  [now {row.state.name}]" if states and row.state is not state and row.side is not Side.NOTE else ""
        state = state if row.side is Side.NOTE else row.state
        yield f"{row}{arrives}"
    for _, inner in calls:
        yield from _within(talk, inner, states, depth + 1)


def _within(outer: Talk, talk: Talk, states: bool, depth: int) -> Iterator[str]:
    """Yield a conversation inside another one, with more indentation."""
    indent = _INDENT if depth <= _DEEPEST else ""
    why = f"After {talk.later}, from the queue:" if talk.later else f"{outer.conversation.client} waits."
    yield f"{indent}{talk.number}. {why} {talk.heading}."
    yield from (f"{indent}{line}" for line in _rows(talk, states, depth))
    yield f"{indent}End of {talk.number}." if talk.later else f"{indent}End of {talk.number}; {outer.number} goes on."
