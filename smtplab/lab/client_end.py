"""The client's end of a session: send octets, read the server's until a deadline, and keep the transcript.

The transcript decides which reply is due and when the conversation is over. Any line may be sent, legal or not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ..client.outcomes import ClientError, ConnectionLost
from ..protocol.states import State
from ..transcript import Side, Transcript
from ..transcript.rows import CRLF
from ..worlds.blocking import Deadline, Stream
from . import sentences
from .conversations import Call, Interruptions
from .reply import SessionReply, reply_in
from .telnet import CLOSED_BY_SERVER, CLOSED_BY_US
from .waiting import overdue, wanted, why_closed, why_lost

# How many seconds to wait for something that the server sends unasked.
_GLANCE_SECONDS = 0.001
# How many seconds to listen where no answer is due: an odd server may answer half a line.
_GRACE_SECONDS = 1.0
# How long the server may take to close after its 221 or 421, in seconds.
_CLOSING_SECONDS = 2.0
# The most octets that a server may send between two lines of ours. A reply has at most 64 KiB; groups have several.
_MAX_HEARD_OCTETS = 1024 * 1024


class Silence(ClientError):
    """The server sent nothing in time. The session stays open; the sentence says what the server waits for, or owes."""


class SessionClosed(ClientError):
    """The session is over, so nothing was sent.

    Args:
        why: why it is over.
        again: the line that opens a new one.

    Attributes:
        why: as above, for a front end in which another line opens a session.
    """

    def __init__(self, why: str, again: str) -> None:
        super().__init__(sentences.OPEN_AGAIN.format(why=why, again=again))
        self.why = why


@dataclass(frozen=True, slots=True)
class ClientSnapshot:
    """A snapshot of the client's end before a step. Its transcript does not grow."""

    transcript: Transcript
    calls: int
    sent_end: bytes
    heard_octets: int


class ClientEnd:
    """The client's end of a connection.

    Args:
        stream: the open connection.
        seconds: how long to wait for a reply; 0 for a server in this process, which needs no time.
        clock: returns seconds, for the times in the transcript; None leaves them out.
        interruptions: the conversations that hosts of the lab begin while this end waits; None outside a lab.
        again: the line that opens such a session, for whoever goes on after its end.

    Attributes:
        transcript: what was said.
        calls: the conversations that hosts of the lab held meanwhile.
        closed: the note that says who closed the connection; empty while it is open.
    """

    def __init__(
        self,
        stream: Stream,
        seconds: float,
        clock: Callable[[], float] | None,
        interruptions: Interruptions | None,
        again: str,
    ) -> None:
        self.stream = stream
        self.seconds = seconds
        self._clock = clock
        self._interruptions = interruptions
        self._again = again
        self._began = 0.0 if clock is None else clock()
        self.transcript = Transcript()
        self.calls: list[Call] = []
        self.closed = ""
        self._sent_end = CRLF  # the last two octets that were sent
        self._heard_octets = 0  # since something was sent

    # Going back

    def snapshot(self) -> ClientSnapshot:
        """Return a snapshot of this end; the cost does not grow with the transcript."""
        return ClientSnapshot(self.transcript.snapshot(), len(self.calls), self._sent_end, self._heard_octets)

    def restore(self, snapshot: ClientSnapshot) -> None:
        """Restore this end from a snapshot. A transcript that was handed out before does not change."""
        self.transcript = snapshot.transcript.snapshot()
        del self.calls[snapshot.calls :]
        self._sent_end, self._heard_octets, self.closed = snapshot.sent_end, snapshot.heard_octets, ""

    # Sending and hearing

    @property
    def mid_line(self) -> bool:
        """True if the last octets that were sent end inside a line."""
        return self._sent_end != CRLF

    def note(self, text: str) -> None:
        """Add a sentence to the transcript that is not on the wire."""
        self.transcript.note(text, self._time())

    def require_open(self) -> None:
        """Raise `SessionClosed`, with a sentence that says why, if the connection is closed."""
        if self.closed:
            raise SessionClosed(why_closed(self.transcript), self._again)

    def say(self, data: bytes) -> SessionReply | None:
        """Send octets, or none to listen only, and hear the server while it is its turn.

        Returns:
            The last reply that came; None if none did.

        Raises:
            SessionClosed: if the connection is closed; nothing was sent.
            ConnectionLost: if the server closes the connection without an answer.
            Silence: if an answer is due and does not come in time, or the octets end inside a line.
        """
        self.require_open()
        before = self.transcript.last_exchange
        self._transmit(data)
        due = self.transcript.turn is Side.SERVER
        if not due and (self.mid_line or not data) and not self._hear(Deadline(min(self._patience, _GRACE_SECONDS))):
            due_from_us = wanted(self.transcript, mid_line=self.mid_line)
            raise Silence(sentences.SERVER_WAITS.format(wanted=due_from_us))
        self.await_server()
        last = self.transcript.last_exchange
        return None if last is before else reply_in(self.transcript)

    def interruption(self) -> SessionReply | None:
        """Return what the server sends inside a message, such as a 421 when its disk fails; None if nothing."""
        return self.look() if self.transcript.in_message else None

    def _transmit(self, data: bytes) -> None:
        self._heard_octets = 0
        if not data:
            return
        try:
            self.stream.send(data, self.seconds)
        except OSError as error:
            while not self.closed and self._hear(Deadline(_GLANCE_SECONDS)):  # the server may have sent the reason
                pass
            self.hang_up(CLOSED_BY_SERVER)
            if self.transcript.state is State.CLOSED:
                raise SessionClosed(why_closed(self.transcript), self._again) from None
            reason = error.strerror or error
            raise ConnectionLost(sentences.CONNECTION_BROKE.format(reason=reason)) from None
        except BaseException:  # interrupted: the octets may have gone out, and then the reply to them will come
            self._note_sent(data)
            raise
        self._note_sent(data)

    def _note_sent(self, data: bytes) -> None:
        self.transcript.feed(Side.CLIENT, data, self._time())
        self._note_calls()
        self._sent_end = (self._sent_end + data)[-2:]

    def await_server(self) -> None:
        """Hear the server until its turn ends.

        Raises:
            ConnectionLost: if it closes the connection before.
            Silence: if it does not say all in time.
        """
        deadline = Deadline(self._patience)
        while not self.closed and self.transcript.turn is Side.SERVER:
            if not self._hear(deadline):
                raise Silence(overdue(self.transcript, self.seconds))
        self._see_off()
        if self.closed and self.transcript.state is not State.CLOSED:
            exceeded = 0 if self.closed == CLOSED_BY_SERVER else _MAX_HEARD_OCTETS
            raise ConnectionLost(why_lost(self.transcript, exceeded))

    def look(self) -> SessionReply | None:
        """Read what the server has sent unasked; return the last reply that came, None if none did."""
        if self.closed:
            return None
        before = self.transcript.last_exchange
        self._hear(Deadline(_GLANCE_SECONDS))
        self._see_off()
        return None if self.transcript.last_exchange is before else reply_in(self.transcript)

    def _see_off(self) -> None:
        """After 221 or 421, wait for the server to close (RFC 5321 4.1.1.10)."""
        if self.transcript.state is State.CLOSED:
            deadline = Deadline(_CLOSING_SECONDS)
            while not self.closed and self._hear(deadline):
                pass
            self.hang_up(CLOSED_BY_US)

    @property
    def _patience(self) -> float:
        """How many seconds a reply may take. A stream in this process raises at once if there is no reply."""
        return self.seconds or math.inf

    def _hear(self, deadline: Deadline) -> bool:
        """Read what the server sends before the deadline, or its close; return False if neither comes."""
        try:
            data = deadline.receive(self.stream)
        except TimeoutError:
            return False
        except OSError:  # a reset ends the connection, too
            data = b""
        self._heard_octets += len(data)
        if not data:
            self.hang_up(CLOSED_BY_SERVER)
        elif self._heard_octets > _MAX_HEARD_OCTETS:
            self.hang_up(CLOSED_BY_US)
        else:
            self.transcript.feed(Side.SERVER, data, self._time(), self.stream.take_names())
        return True

    def hang_up(self, note: str) -> None:
        """Close the connection, if it is open, and add a note to the transcript that says who did."""
        if not self.closed:
            self.closed = note
            self.stream.close()
            self._note_calls()
            self.transcript.flush(self._time())
            self.note(note)

    def _note_calls(self) -> None:
        """Note the conversations that hosts of the lab have held meanwhile, after the last row."""
        if self._interruptions is not None:
            self.calls += [Call(len(self.transcript), each) for each in self._interruptions.take()]

    def _time(self) -> float | None:
        return None if self._clock is None else self._clock() - self._began
