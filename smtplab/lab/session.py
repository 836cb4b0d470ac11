"""A session held by hand, line by line, as with telnet: legal or not, every line is sent, and the server answers.

Nothing is decided here. What state the session is in, which reply answers what and whose turn it is, the transcript
knows from the kernel's table. The octets travel over any `client.Stream`, in memory or over TCP.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from ..base.printed import plural
from ..client.mail_client import SMTP_PORT, Stream
from ..client.outcomes import ClientError
from ..protocol.codes import Category
from ..protocol.states import MESSAGE, PHASES, Phase, State, legal_verbs
from ..transcript import Side, Transcript
from ..transcript.rows import CRLF
from .client_end import ClientEnd, Standing
from .conversations import Conversation
from .reply import SessionReply, reply_in
from .telnet import CLOSED_BY_US, notes_of

if TYPE_CHECKING:
    from .explain import Explanation
    from .history import History
    from .internet import Lab
    from .octets import Octets
    from .predict import Question


class Irrevocable(ClientError):
    """What was asked for needs a lab in memory: nothing that was said elsewhere can be taken back."""


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
        history: History[Standing] | None = None,
        final: str = "what a real server has heard cannot be taken back",
    ) -> None:
        self.lab = lab
        self._history = history
        self._final = final
        self._client = ClientEnd(stream, seconds, clock, history)
        self._caller = caller
        self.host, self.port = called
        self._in_step = False
        for note in notes:
            self._client.note(note)
        try:
            self._client.await_server()
        except BaseException:
            self.close()
            raise
        self.greeting = self.reply

    # What there is to see

    @property
    def transcript(self) -> Transcript:
        """The conversation so far. It grows; ``Transcript(session.transcript)`` is a copy that does not."""
        self._client.look()
        return self._client.transcript

    @property
    def conversation(self) -> Conversation:
        """Who talks with whom here, what was said so far, and what hosts of the lab said to each other meanwhile."""
        return Conversation(self._caller, self.host, self.transcript, list(self._client.calls))

    @property
    def in_memory(self) -> bool:
        """True if the server is in this process, and needs no time to answer."""
        return not self._client.seconds

    @property
    def closed(self) -> bool:
        """True once either side has closed the connection."""
        self._client.look()
        return bool(self._client.closed)

    @property
    def state(self) -> State:
        """Where the session stands in the table of states; closed as well if the connection is gone without a farewell.

        The state of the transcript is where the replies have led to, and stays that.
        """
        return State.CLOSED if self.closed else self._client.transcript.state

    @property
    def phase(self) -> Phase:
        """Which of the three phases the next line belongs to; that of the end if none can come any more."""
        return PHASES[State.CLOSED] if self.closed else self._client.transcript.phase

    @property
    def in_message(self) -> bool:
        """True while what you send next belongs to a message, until its lone dot is sent."""
        return not self.closed and self._client.transcript.in_message

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

        transcript = self.transcript
        if transcript.in_message or self._client.mid_line or (last := transcript.last_command) is None:
            return None
        refused = last.reply is not None and last.reply.category is Category.SYNTAX
        if last.side is Side.SERVER or last.verb == MESSAGE or refused:
            return None
        return strict_objection(last.data.removesuffix(CRLF))

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
            The last reply that came, also a 421 that the server says amid a message; None if none did, because the
            lines belong to a message that has not ended yet, or because the roles were swapped by TURN and what you
            send are the replies. A real server may need longer for a 421 than is waited here; then it is told at the
            next line, by `SessionClosed`.

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
                self._client.note(note)
            for line in lines:
                reply = self._client.say(line + CRLF) or reply
            return self._client.interruption() or reply

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
            self._client.look()
            return self._client.say(data)
        with self.step():
            reply = self._client.say(data)
            return self._client.interruption() or reply

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
        self._client.go_back(history.back(steps))
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
        self._client.look()
        memo: dict[int, Any] = {}
        deepcopy(self._client.stream, memo)  # before the hosts, so that their copies know of it
        return deepcopy(self, memo)

    @contextmanager
    def step(self) -> Iterator[None]:
        """Let all that is sent meanwhile be one step, which `undo` takes back as a whole.

        Raises:
            SessionClosed: if the connection is closed already.
        """
        self._client.look()
        self._client.require_open()
        if self._history is None or self._in_step:
            yield
            return
        self._history.begin(self._client.standing())
        self._in_step = True
        try:
            yield
        finally:
            self._in_step = False
            self._history.end()

    def close(self) -> None:
        """Hang up without a word; say QUIT to end a session as RFC 5321 4.1.1.10 asks. To do it twice is no error."""
        self._client.hang_up(CLOSED_BY_US)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Session, {self.state.value}>"

    # Steps

    def _past(self, what: str) -> History[Standing]:
        """Return what can be taken back."""
        if self._history is None:
            raise Irrevocable(f"{what} works in a Lab alone: {self.irrevocable}")
        if self.irrevocable:
            raise Irrevocable(f"{what} does not work here: {self.irrevocable}")
        if self._in_step:
            raise ValueError(f"{what} does not work within a step, which has to end first")
        return self._history


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
