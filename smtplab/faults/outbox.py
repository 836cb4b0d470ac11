"""What a faulty server has to send: octets in pieces, pauses, lines without an end, and the connection's end."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from .reply_draft import ReplyDraft

# An endless reply comes in chunks of so many lines, with a pause between, so that other sessions have their turn.
_ENDLESS_LINES = 200
_ENDLESS_PAUSE = 10_000  # microseconds


@dataclass(frozen=True, slots=True)
class DelayedOctets:
    """Octets to be sent at once.

    Args:
        data: the octets.
        names: the canonical names of the replies that end in them.
        alone: True if no other octets may go with them.
    """

    data: bytes
    names: tuple[str, ...] = ()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is sent, and nothing of the client is answered, for some microseconds.

    Args:
        duration: how many.
        hears: True if a reply is what waits: what the client sends meanwhile is read, and is early.
    """

    duration: int
    hears: bool = False


@dataclass(frozen=True, slots=True)
class Endless:
    """A line that is sent again and again."""

    line: bytes


@dataclass(frozen=True, slots=True)
class Break:
    """The connection ends here, or hangs."""

    how: str


class Outbox:
    """A queue of what is to be sent, in order.

    Attributes:
        barriers: how many items are not octets; while there is one, nothing more of the client is answered.
        pauses: how many pauses have begun or ended.
    """

    def __init__(self) -> None:
        self._items: deque[DelayedOctets | Pause | Endless | Break] = deque()
        self._began = False  # the pause at the head
        self._held: tuple[bytes, tuple[str, ...]] = (b"", ())  # octets that go with the next reply, and their names
        self._behind = False  # these go behind it
        self.barriers = 0
        self.pauses = 0

    def __bool__(self) -> bool:
        return bool(self._items)

    @property
    def has_piece(self) -> bool:
        """True if octets can be sent now."""
        return bool(self._items) and isinstance(self._items[0], DelayedOctets)

    @property
    def pause(self) -> int | None:
        """How long the pause at the head is, in microseconds; None if there is none."""
        head = self._items[0] if self._items else None
        return head.duration if isinstance(head, Pause) else None

    @property
    def hears(self) -> bool:
        """True if the pause at the head is one in which the client is heard."""
        head = self._items[0] if self._items else None
        return isinstance(head, Pause) and head.hears

    @property
    def is_endless(self) -> bool:
        """True if it will never be empty."""
        return any(isinstance(item, Endless) for item in self._items)

    def push(self, item: DelayedOctets | Pause | Endless | Break) -> None:
        """Add an item at the end."""
        self._items.append(item)
        self.barriers += not isinstance(item, DelayedOctets)

    def push_reply(self, draft: ReplyDraft, names: tuple[str, ...]) -> None:
        """Add a reply, with all that its faults put around it.

        Args:
            draft: the reply.
            names: the canonical names of the replies in its octets.
        """
        if draft.delay:
            self.push(Pause(draft.delay, hears=True))
        data, names = self._with_held(draft.before + draft.data, names)
        if draft.held:
            self._held, self._behind = (data, names), draft.swapped
            if draft.how:
                self.push(Break(draft.how))
        elif draft.endless:
            self.push(Endless(data))
        else:
            self._push_pieces(data + draft.after, names, draft)
            if draft.rest:
                self.push(Pause(draft.rest))
            if draft.how:
                self.push(Break(draft.how))

    def clear(self) -> None:
        """Drop everything."""
        self._items.clear()
        self.barriers = 0
        self._began = False

    def end_pause(self) -> None:
        """Remove the pause at the head."""
        self._items.popleft()
        self.barriers -= 1
        self.pauses += 1
        self._began = False

    def take(self) -> tuple[bytes, list[str], Break | None]:
        """Remove what can be sent at once; return its octets, the names of the replies, and the break behind it."""
        data = b""
        names: list[str] = []
        while self._items:
            head = self._items[0]
            if isinstance(head, DelayedOctets):
                if data and head.alone:
                    break
                data += head.data
                names += head.names
                self._items.popleft()
                if head.alone:
                    break
            elif isinstance(head, Endless):
                data += head.line * _ENDLESS_LINES
                self._items.appendleft(Pause(_ENDLESS_PAUSE))
                self.barriers += 1
            elif isinstance(head, Break):
                self.clear()
                return data, names, head
            else:
                self._begin_pause()
                break
        return data, names, None

    def _with_held(self, data: bytes, names: tuple[str, ...]) -> tuple[bytes, tuple[str, ...]]:
        """Return a reply, and its names, with what was held for it; hold nothing any more."""
        (held, held_names), self._held = self._held, (b"", ())
        return (data + held, names + held_names) if self._behind else (held + data, held_names + names)

    def _push_pieces(self, data: bytes, names: tuple[str, ...], draft: ReplyDraft) -> None:
        if not draft.size:
            if data:
                self.push(DelayedOctets(data, names))
            return
        atoms = data.splitlines(keepends=True) if draft.lines else [data[at : at + 1] for at in range(len(data))]
        for start in range(0, len(atoms), draft.size):
            if start and draft.pause:
                self.push(Pause(draft.pause, hears=True))
            last = start + draft.size >= len(atoms)
            piece = b"".join(atoms[start : start + draft.size])
            self.push(DelayedOctets(piece, names if last else (), alone=True))

    def _begin_pause(self) -> None:
        if not self._began:
            self._began = True
            self.pauses += 1
