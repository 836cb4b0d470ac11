"""What a server with faults says: replies in place of its own, what it sends unasked, and how it ends the connection.

`session` reads what the client sends, and calls this. Time and the client's octets are not looked at here.
"""

from __future__ import annotations

from ..mta.policy import Policy
from ..mta.session import ServerSession
from ..protocol import replies
from ..protocol.replies import Reply
from ..protocol.states import State
from .actions import (
    HALF_CLOSE,
    HANG,
    RESET,
    STALL,
    BreakAt,
    BreakOff,
    FaultAction,
    PauseReading,
    Swallow,
)
from .host_view import HostView
from .incoming import IncomingMessage
from .judge import AmidAction, FaultJudge, Replacement
from .message_actions import DiscardMessage
from .outbox import Break, DelayedOctets, Outbox, Pause
from .reply_actions import Interject, SayCode, SendOctets
from .reply_draft import reply_octets

_NO_RECIPIENTS = reply_octets("554", (b"No valid recipients",))
_DISCARDED = reply_octets("250", (b"Message accepted",))


class FaultyReplies(HostView):
    """The replies of a session with faults.

    Args:
        inner: the host's own session.
        judge: decides which faults happen.
        policy: the host's limits.

    Attributes:
        halted: True if a piece waits that is to be sent by itself.
        was_reset: True if the connection is to end by RST.
        half_closed: True if the sending side is to be shut down, and all that comes is read.
    """

    def __init__(self, inner: ServerSession, judge: FaultJudge, policy: Policy) -> None:
        super().__init__(inner)
        self._judge = judge
        self._inner.refusal = self._refusal
        self._inner.names = []
        self._message = IncomingMessage((), collects=False)
        self._most_octets = policy.max_message_octets
        self._out = Outbox()
        self._own_waits = 0
        self._replacement: Replacement | None = None  # what refuses the message that has ended
        self._in_message = False  # the host reads a message
        self._sinking = False  # a message is read that the host itself does not expect
        self._reply_lost = False  # the last reply, and the client has said nothing since
        self._hanging = self._over = False
        self._stopped_reading = False
        self.halted = self.was_reset = self.half_closed = False

    def _act_amid(self, action: AmidAction, ending: str) -> None:
        """Do what a fault does amid the message, and then end the connection if it says so."""
        if isinstance(action, PauseReading):
            self._out.push(Pause(action.duration))
        elif isinstance(action, BreakOff):
            ending = action.how
        elif isinstance(action, SendOctets):
            self._out.push(DelayedOctets(action.octets))
        else:
            self._say_unasked(action)
        if ending:
            self._out.push(Break(ending))

    def _act_at_a_time(self, action: FaultAction | None) -> None:
        """Do what a fault does at a time, if anything: break off, or send a reply."""
        ending = self._judge.take_ending()
        if isinstance(action, BreakAt):
            ending = action.how
        elif isinstance(action, SayCode):
            self._say_unasked(action)
        if ending:
            self._out.push(Break(ending))

    def _say_unasked(self, action: SayCode | Interject) -> None:
        """Send a reply that nothing asked for."""
        self._out.push(DelayedOctets(reply_octets(action.code, action.texts)))

    def _end_as_told(self) -> None:
        """End the connection as the fault that happens says; go on if it does not say how."""
        if how := self._judge.take_ending():
            self._out.push(Break(how))

    def _after_piece(self) -> None:
        """Take the reply to the message, if the host has come to its end."""
        if self.task is not None or not self._message.end:
            return
        self._in_message = False
        if self._replacement is not None:
            action, self._replacement = self._replacement, None
            self._taken()
            self._answer_instead(action)
        else:
            self._collect()

    def _refusal(self) -> Reply | None:
        """Return the reply with which the host itself ends the transaction, if a fault refuses the message."""
        return None if self._replacement is None else replies.LOCAL_ERROR

    def _end_sinking(self) -> None:
        self._sinking = False
        action, self._replacement = self._replacement, None
        if action is None:
            self._reply(_NO_RECIPIENTS, ("",))
        else:
            self._answer_instead(action)

    def _answer_instead(self, action: Replacement) -> None:
        """Do what a fault does in place of the host."""
        if isinstance(action, Swallow):
            self._end_as_told()
        elif isinstance(action, BreakAt):
            self._out.push(Break(action.how))
        elif isinstance(action, DiscardMessage):
            self._reply(_DISCARDED, ("",))
        else:
            self._reply(reply_octets(action.code, action.texts, action.lines), ("",))

    def _taken(self) -> tuple[bytes, tuple[str, ...]]:
        """Return the octets that the host has to send, and the names of the replies in them."""
        names, self._inner.names = tuple(self._inner.names or ()), []
        return self._inner.data_to_send(), names

    def _collect(self) -> None:
        """Take the host's reply, once it is there, and send it through the faults."""
        if self.task is None:
            self._reply(*self._taken())

    def _collect_unasked(self) -> None:
        """Take what the host says by itself; no fault changes it."""
        data, names = self._taken()
        if data:
            self._out.push(DelayedOctets(data, names))

    def _reply(self, data: bytes, names: tuple[str, ...]) -> None:
        """Send a reply, as the faults leave it."""
        draft = self._judge.reply(data)
        self._reply_lost = not (draft.data or draft.how or draft.held)
        if self._judge.verb == "DATA" and (draft.code == "354" or self._inner.state is State.DATA):
            self._begin_message()
        self._out.push_reply(draft, names if draft.data else ())

    def _begin_message(self) -> None:
        self._message = self._judge.message_begins(self._most_octets)
        self._in_message = self._inner.state is State.DATA
        self._sinking = not self._in_message

    def _break(self, how: str) -> None:
        """End the connection, or hang, now that all before it has been sent."""
        self._out.clear()
        self._own_waits += 1
        if how in (HANG, STALL, HALF_CLOSE):
            self._hanging, self._stopped_reading, self.half_closed = True, how == STALL, how == HALF_CLOSE
        else:
            self.was_reset = how == RESET
            self._end()

    def _end(self) -> None:
        self._over, self.halted = True, False
        self._out.clear()
        self._inner.abandon()
