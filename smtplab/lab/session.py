"""A session held by hand, line by line, as with telnet: legal or not, every line is sent, and the server answers.

Nothing is decided here. What state the session is in, which reply answers what and whose turn it is, the transcript
knows from the kernel's table. The octets travel over any `client.Stream`, in memory or over TCP.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from ..client import SMTP_PORT, Stream
from ..delivery import ClientError, ConnectionLost
from ..protocol.codes import Category
from ..protocol.errors import plural
from ..protocol.states import MESSAGE, PHASES, Phase, State, legal_verbs
from ..transcript import Side, Transcript
from .conversations import Call, Conversation
from .reply import SessionReply, reply_in
from .telnet import CLOSED_BY_SERVER, CLOSED_BY_US, notes_of
from .waiting import overdue, wanted, why_closed, why_lost

if TYPE_CHECKING:
    from .explain import Explanation
    from .history import History
    from .internet import Lab
    from .octets import Octets
    from .predict import Question

_CRLF = b"\r\n"
# How long to look whether the server has said something unasked, in seconds.
_GLANCE_SECONDS = 0.001
# How long to listen where no answer is due: to half a line, an odd server may answer all the same.
_GRACE_SECONDS = 1.0
# How long the server may take to close after its 221 or 421, in seconds.
_CLOSING_SECONDS = 2.0
# What a server may say between two lines of ours. A kernel reply has at most 64 KiB; groups of commands have several.
_MAX_HEARD_OCTETS = 1024 * 1024


class Silence(ClientError):
    """The server says nothing; the session is as open as before. The sentence says what it waits for."""


class SessionClosed(ClientError):
    """The session is over, so nothing was sent."""


class Irrevocable(ClientError):
    """What was asked for needs a lab in memory: nothing that was said elsewhere can be taken back."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where the client's end stands before a step."""

    transcript: Transcript
    rows: int
    calls: int
    unfinished: bytes
    sent_end: bytes
    heard_octets: int

    def restore(self) -> Transcript:
        """Return the transcript as it was."""
        transcript = Transcript(self.transcript[: self.rows])
        transcript.feed(Side.CLIENT, self.unfinished)
        return transcript


class Session:
    """A conversation with a server, from its greeting on; `Lab.telnet` and `connect` open one.

    Whenever it is used, it looks first whether the server has said something unasked, such as a 421.

    Args:
        stream: the open connection.
        seconds: how long to wait for a reply; 0 for a server in this process, which needs no time.
        clock: tells seconds, for the times in the transcript; None leaves them out.
        notes: the lines with which the transcript begins.
        caller: the name of the machine that called.
        called: the host and the port that it called.
        lab: the lab in which it is held.
        history: what can be taken back in that lab.
        final: why nothing can be taken back where there is no history.

    Attributes:
        greeting: the server's first reply (RFC 5321 3.1).
        host: the name of the host that was called; over a socket its address, if that is what was dialled.
        port: the port there.
        lab: the lab in which the session is held; None over a socket, and with a host of an exercise.

    Raises:
        ConnectionLost: if the server closes without a greeting.
        Silence: if it sends none in time; the connection is closed then.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        seconds: float = 0.0,
        clock: Callable[[], float] | None = None,
        notes: Iterable[str] = (),
        caller: str = "client",
        called: tuple[str, int] = ("server", SMTP_PORT),
        lab: Lab | None = None,
        history: History[_Standing] | None = None,
        final: str = "what a real server has heard cannot be taken back",
    ) -> None:
        self.lab = lab
        self._history = history
        self._final = final
        self._caller = caller
        self.host, self.port = called
        self._calls: list[Call] = []
        self._stream = stream
        self._seconds = seconds
        self._clock = clock
        self._began = 0.0 if clock is None else clock()
        self._transcript = Transcript()
        self._sent_end = _CRLF  # the last two octets that were sent
        self._heard_octets = 0  # since something was sent
        self._end = ""  # how the connection ended; empty while it is open
        self._in_step = False
        for note in notes:
            self._transcript.note(note, self._time())
        try:
            self._await_server()
        except BaseException:
            self.close()
            raise
        self.greeting = self.reply

    # What there is to see

    @property
    def transcript(self) -> Transcript:
        """The conversation so far. It grows; ``Transcript(session.transcript)`` is a copy that does not."""
        self._look()
        return self._transcript

    @property
    def conversation(self) -> Conversation:
        """Who talks with whom here, what was said so far, and what hosts of the lab said to each other meanwhile."""
        return Conversation(self._caller, self.host, self.transcript, list(self._calls))

    @property
    def in_memory(self) -> bool:
        """True if the server is in this process, and needs no time to answer."""
        return not self._seconds

    @property
    def closed(self) -> bool:
        """True once either side has closed the connection."""
        self._look()
        return bool(self._end)

    @property
    def state(self) -> State:
        """Where the session stands in the table of states; closed as well if the connection is gone without a farewell.

        The state of the transcript is where the replies have led to, and stays that.
        """
        return State.CLOSED if self.closed else self._transcript.state

    @property
    def phase(self) -> Phase:
        """Which of the three phases the next line belongs to; that of the end if none can come any more."""
        return PHASES[State.CLOSED] if self.closed else self._transcript.phase

    @property
    def in_message(self) -> bool:
        """True while what you send next belongs to a message, until its lone dot is sent."""
        return not self.closed and self._transcript.in_message

    @property
    def legal(self) -> tuple[str, ...]:
        """The verbs that the table lets come next (RFC 5321 4.1.4); none inside a message, and none at the end."""
        return legal_verbs(self.state)

    @property
    def reply(self) -> SessionReply | None:
        """The server's last reply, asked for or not; None if it now gives the commands, after TURN."""
        return reply_in(self.transcript)

    @property
    def note(self) -> str | None:
        """Why a strict server would have refused the last command, where this one read it leniently; None otherwise.

        RFC 5321 4.1.1 and 4.1.2 say how a command is written; RFC 1123 1.2.2 asks servers to be liberal.
        """
        from .explain import strict_objection  # here, because it asks a lab, which asks for sessions

        said = self.transcript.commands()
        if not said or self._mid_line:
            return None
        last = said[-1]
        refused = last.reply is not None and last.reply.category is Category.SYNTAX
        if last.side is Side.SERVER or last.verb == MESSAGE or refused:
            return None
        return strict_objection(last.data.removesuffix(_CRLF))

    def why(self) -> Explanation:
        """Explain the last reply: why it came, where that is written, what may come now, and how to mend it.

        Raises:
            LookupError: if there is no reply yet, which can be after TURN alone.
        """
        from .explain import explain  # here, because it asks a lab, which asks for sessions

        return replace(explain(self.transcript), over=self.closed)

    def octets(self, rows: int | None = None) -> Octets:
        """Show the octets of the conversation, hexadecimal and as text, with everything named that text would hide.

        Args:
            rows: how many of the last rows of the transcript; all by default. A line that is not complete yet is shown
                below them.
        """
        from .octets import octets

        transcript = self.transcript
        return octets(transcript, rows)

    # What there is to do

    def send(self, text: str, *, note: str = "") -> SessionReply | None:
        """Send one line, or several one after the other, each when the line before has its reply.

        Args:
            text: any text, legal or not, without the CRLF at its end, which is added. It goes out as UTF-8.
            note: a sentence for the transcript, before the lines; it is not on the wire.

        Returns:
            The last reply that came; None if none did, because the lines belong to a message that has not ended yet,
            or because the roles were swapped by TURN and what you send are the replies.

        Raises:
            SessionClosed: if the connection is closed, before this line or one of several.
            ConnectionLost: if the server goes away without an answer.
            Silence: if an answer is due and does not come in time.
            TypeError, ValueError: if it is no text, or holds half a character; nothing was sent.
        """
        lines = _lines_of(text)
        reply = None
        with self.step():
            if note:
                self._transcript.note(note, self._time())
            for line in lines:
                reply = self._say(line + _CRLF) or reply
        return reply

    def send_bytes(self, data: bytes) -> SessionReply | None:
        """Send octets as they are, to break a line end on purpose, or to send commands in a group (RFC 2920).

        Args:
            data: any octets; none to listen only.

        Returns:
            The last reply that came; None if none did.

        Raises:
            Silence: also if the octets end amid a line, and the server therefore waits for the rest (RFC 5321 2.3.8).
            SessionClosed, ConnectionLost: as `send`.
            TypeError: if they are no octets; nothing was sent.
        """
        if not isinstance(data, bytes | bytearray):
            raise TypeError(f'send_bytes takes octets, such as b"NOOP\\r\\n", and not {_described(data)}')
        if not data:
            self._look()
            return self._say(data)
        with self.step():
            return self._say(data)

    def replay(self, transcript: Transcript) -> SessionReply | None:
        """Say again what the client says in a transcript: each command, each message, when the one before is answered.

        It ends early if the session closes, and where the roles were swapped by TURN. Lay the new transcript beside the
        old one with `Transcript.diff`.

        Args:
            transcript: a conversation of any origin; its replies are not looked at.

        Returns:
            The last reply that came; None if none did.

        Raises:
            ConnectionLost, Silence: as `send`.
        """
        reply = None
        for data, _ in transcript.replay():
            if data and not self.closed:
                reply = self.send_bytes(data) or reply
        return reply

    def predict(self, line: str) -> Question:
        """Ask which code the reply to a line will have; the line is sent when the question is answered, not before.

        Args:
            line: as `send` takes it.
        """
        from .predict import Question  # here, because it asks for explanations, and those for a lab

        _lines_of(line)
        return Question(self, line)

    # Going back

    @property
    def irrevocable(self) -> str:
        """Why nothing that was said here can be taken back; empty if it can."""
        if self._history is None:
            return self._final
        obstacle = self._history.obstacle
        return obstacle and f"{obstacle} keeps its mail outside the memory"

    def undo(self, steps: int = 1) -> Self:
        """Take back the last steps; a step is one `send` or `send_bytes` of any number of lines, or what `step` joins.

        The session stands where it stood before them, open, and so does the server's end. What the lines have left on
        the hosts is gone: messages in mailboxes, here and where they were relayed to, what a terminal showed, and what
        the hosts said to each other. The same line, said again, gets the same reply. Three things stay: what other
        sessions have done, the switches that you have set on hosts, and the transcript that you may hold of the
        conversation as it was.

        Args:
            steps: how many, 1 or more.

        Returns:
            The session itself.

        Raises:
            Irrevocable: over a socket, and if a host keeps its mail on a disk.
            ValueError: if there are fewer steps, or within a `step`.
            TypeError: if it is no number.
        """
        history = self._past("undo")
        if not isinstance(steps, int):
            raise TypeError(f"undo takes a number of steps, and not {_described(steps)}")
        if steps < 1:
            raise ValueError(f"undo takes back 1 step or more, and not {steps}")
        if steps > len(history):
            raise ValueError(f"{plural(steps, 'step')} cannot be taken back: this session has made {len(history)}")
        standing = history.back(steps)
        self._transcript = standing.restore()
        del self._calls[standing.calls :]
        self._sent_end, self._heard_octets, self._end = standing.sent_end, standing.heard_octets, ""
        return self

    def fork(self) -> Session:
        """Return a session that stands where this one stands, in a lab of its own, to try what would come.

        ``other.lab`` is a copy of this lab, with the same mail, people and switches; nothing that is done in one shows
        in the other. This session alone goes along: whatever other sessions are open here, none is open there. The fork
        can be undone as far as this one.

        Raises:
            Irrevocable: over a socket, and if a host keeps its mail on a disk.
            ValueError: within a `step`.
        """
        self._past("fork")
        self._look()
        memo: dict[int, Any] = {}
        deepcopy(self._stream, memo)  # before the hosts, so that their copies know of it
        return deepcopy(self, memo)

    @contextmanager
    def step(self) -> Iterator[None]:
        """Let all that is sent meanwhile be one step, which `undo` takes back as a whole.

        Raises:
            SessionClosed: if the connection is closed already.
        """
        self._look()
        if self._end:
            raise SessionClosed(why_closed(self._transcript))
        if self._history is None or self._in_step:
            yield
            return
        self._history.begin(self._standing())
        self._in_step = True
        try:
            yield
        finally:
            self._in_step = False
            self._history.end()

    def close(self) -> None:
        """Hang up without a word; say QUIT to end a session as RFC 5321 4.1.1.10 asks. To do it twice is no error."""
        self._hang_up(CLOSED_BY_US)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Session, {self.state.value}>"

    # Steps

    def _past(self, what: str) -> History[_Standing]:
        """Return what can be taken back."""
        if self._history is None:
            raise Irrevocable(f"{what} works in a Lab alone: {self.irrevocable}")
        if self.irrevocable:
            raise Irrevocable(f"{what} does not work here: {self.irrevocable}")
        if self._in_step:
            raise ValueError(f"{what} does not work within a step, which has to end first")
        return self._history

    def _standing(self) -> _Standing:
        transcript = self._transcript
        unfinished = transcript.unfinished(Side.CLIENT)
        return _Standing(transcript, len(transcript), len(self._calls), unfinished, self._sent_end, self._heard_octets)

    # Sending and hearing

    @property
    def _mid_line(self) -> bool:
        return self._sent_end != _CRLF

    def _say(self, data: bytes) -> SessionReply | None:
        if self._end:
            raise SessionClosed(why_closed(self._transcript))
        before = self._transcript.last_exchange
        self._transmit(data)
        due = self._transcript.turn is Side.SERVER
        if not due and (self._mid_line or not data) and not self._hear(min(self._seconds, _GRACE_SECONDS)):
            raise Silence(f"the server says nothing: it waits for {wanted(self._transcript, mid_line=self._mid_line)}")
        self._await_server()
        last = self._transcript.last_exchange
        return None if last is before else reply_in(self._transcript)

    def _transmit(self, data: bytes) -> None:
        self._heard_octets = 0
        if not data:
            return
        with self._overhearing():
            try:
                self._stream.send(data, self._seconds)
            except OSError as error:
                while not self._end and self._hear(_GLANCE_SECONDS):  # it may have said why
                    pass
                self._hang_up(CLOSED_BY_SERVER)
                raise ConnectionLost(f"the connection to the server broke: {error.strerror or error}") from None
            self._transcript.feed(Side.CLIENT, data, self._time())
        self._sent_end = (self._sent_end + data)[-2:]

    def _await_server(self) -> None:
        """Hear the server until it is not its turn any more."""
        deadline = time.monotonic() + self._seconds
        while not self._end and self._transcript.turn is Side.SERVER:
            if not self._hear(deadline - time.monotonic()):
                raise Silence(overdue(self._transcript, self._seconds))
        self._see_off()
        if self._end and self._transcript.state is not State.CLOSED:
            exceeded = 0 if self._end == CLOSED_BY_SERVER else _MAX_HEARD_OCTETS
            raise ConnectionLost(why_lost(self._transcript, exceeded))

    def _look(self) -> None:
        """See what the server has said unasked."""
        if not self._end:
            self._hear(_GLANCE_SECONDS)
            self._see_off()

    def _see_off(self) -> None:
        """After 221 or 421, wait for the server to close (RFC 5321 4.1.1.10)."""
        if self._transcript.state is State.CLOSED:
            while not self._end and self._hear(_CLOSING_SECONDS):
                pass
            self.close()

    def _hear(self, seconds: float) -> bool:
        """Take what the server says within the time, its closing too; False if it says nothing."""
        try:
            with self._overhearing():
                data = self._stream.receive(max(seconds, _GLANCE_SECONDS))
        except TimeoutError:
            return False
        except OSError:  # a connection that is reset has ended, too
            data = b""
        self._heard_octets += len(data)
        if not data:
            self._hang_up(CLOSED_BY_SERVER)
        elif self._heard_octets > _MAX_HEARD_OCTETS:
            self._hang_up(CLOSED_BY_US)
        else:
            self._transcript.feed(Side.SERVER, data, self._time())
        return True

    def _hang_up(self, note: str) -> None:
        if not self._end:
            self._end = note
            with self._overhearing():
                self._stream.close()
            self._transcript.flush(self._time())
            self._transcript.note(note, self._time())

    @contextmanager
    def _overhearing(self) -> Iterator[None]:
        """Let what the lab's hosts say to each other meanwhile stand behind the last row of then."""
        if self._history is None:
            yield
            return
        with self._history.overhear() as heard:
            yield
        self._calls += [Call(len(self._transcript), conversation) for conversation in heard]

    def _time(self) -> float | None:
        return None if self._clock is None else self._clock() - self._began


def connect(host: str, port: int, *, timeout: float = 30.0, allow_remote: bool = False) -> Session:
    """Open a session with a server over TCP, as telnet does.

    Args:
        host: a name or an address.
        port: the server's port, 1 to 65535.
        timeout: how many seconds to wait for the connection, and then for each reply. RFC 5321 4.5.3.2 lets a server
            take minutes; a person at a keyboard waits less.
        allow_remote: without it only this machine's own addresses are dialled.

    Raises:
        RemoteAddressRefused: if the host is another machine and `allow_remote` is not set; nothing was sent.
        ConnectionLost: if nobody answers, or the server closes without a greeting.
        Silence: if no greeting comes in time.
    """
    from ..worlds.tcp_client import dial  # here, because in a browser there are no sockets

    stream = dial(host, port, seconds=timeout, allow_remote=allow_remote)
    return Session(stream, seconds=timeout, clock=time.monotonic, notes=notes_of(host), called=(host, port))


def _lines_of(text: str) -> list[bytes]:
    """Return the octets of each line, without line ends."""
    if not isinstance(text, str):
        raise TypeError(f'a line is text, such as "NOOP", and not {_described(text)}')
    lines = text.removesuffix("\n").split("\n")
    try:
        return [line.removesuffix("\r").encode("utf-8", "surrogateescape") for line in lines]
    except UnicodeEncodeError as error:
        half = f"U+{ord(text[error.start]):04X}"
        raise ValueError(f"the line holds half a character ({half}), which no octets stand for") from None


def _described(value: object) -> str:
    return "None" if value is None else f"{type(value).__name__} {value!r}"[:60]
