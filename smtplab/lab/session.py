"""A session held by hand, line by line, as with telnet: legal or not, every line is sent, and the server answers.

No rule of SMTP is here. The transcript follows the kernel's table: it has the state of the session, and which reply
answers which line. The octets travel over any `blocking.Stream`, in memory or over TCP.

The module is long because `Session` is all that a student holds, and each of its methods is documented for students.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from typing import Any, Self

from ..base.printed import plural, running_shell, sentence
from ..client.outcomes import ClientError
from ..client.session import SMTP_PORT
from ..explain.explainer import explain, strict_objection
from ..explain.explanation import Explanation
from ..explain.inquiry import Inquiry
from ..protocol.codes import Category
from ..protocol.states import MESSAGE, PHASES, Phase, State, legal_verbs
from ..show.octets import Octets, octets
from ..transcript import Side, Transcript
from ..transcript.rows import CRLF
from ..worlds.blocking import Stream
from . import sentences
from .client_end import ClientEnd, ClientSnapshot
from .conversations import Conversation, Interruptions
from .false_dots import not_the_dot
from .history import History
from .predict import Question
from .reply import SessionReply, reply_in
from .telnet import CLOSED_BY_US, notes_of


class Irrevocable(ClientError):
    """Undo or fork outside a lab in memory: no other server can go back to an earlier state."""


class Session:
    """A conversation with a server, from its greeting on; `Lab.telnet` and `connect` open one.

    `state`, `transcript` and the other properties return what has been heard. A server may speak unasked, such as
    with a 421; `poll` reads it, and so do the methods that send, go back or show the session.

    Args:
        stream: the open connection.
        seconds: how long to wait for a reply; 0 for a server in this process, which needs no time.
        clock: returns seconds, for the times in the transcript; None leaves them out.
        notes: the lines with which the transcript begins.
        caller: the name of the machine that called.
        called: the host and the port that it called.
        interruptions: where the hosts of a lab note their conversations meanwhile.
        history: the steps that can be undone, in a lab.
        final: why no step can be undone where there is no history.
        opener: the call that opens such a session, for the sentence of a session that is over.

    Attributes:
        greeting: the server's first reply (RFC 5321 3.1).
        host: the name of the host that was called; over a socket its address, if that was dialled.
        port: the port there.

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
        interruptions: Interruptions | None = None,
        history: History[ClientSnapshot] | None = None,
        final: str = sentences.A_REAL_SERVER_DOES_NOT_FORGET,
        opener: str = "smtplab.connect",
    ) -> None:
        self._history = history
        self._final = final
        self._caller = caller
        self.host, self.port = called
        again = f'session = {opener}("{self.host}", {self.port})'
        self._client = ClientEnd(stream, seconds, clock, interruptions, again)
        self._in_step = False
        self._inquiry = Inquiry()
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
        return self._client.transcript

    @property
    def conversation(self) -> Conversation:
        """The conversation with the names of both machines, and the relayed conversations that interrupted it."""
        return Conversation(self._caller, self.host, self.transcript, list(self._client.calls))

    @property
    def in_memory(self) -> bool:
        """True if the server is in this process, where a reply takes no time."""
        return not self._client.seconds

    @property
    def closed(self) -> bool:
        """True once either side has closed the connection."""
        return bool(self._client.closed)

    @property
    def state(self) -> State:
        """The state of the session in the table of states; CLOSED also if the connection ended without a farewell.

        ``session.transcript.state`` is where the replies have led to, and stays there.
        """
        return State.CLOSED if self.closed else self._client.transcript.state

    @property
    def phase(self) -> Phase:
        """The phase, one of three, that the next line belongs to; that of the end once the connection is closed."""
        return PHASES[State.CLOSED] if self.closed else self._client.transcript.phase

    @property
    def in_message(self) -> bool:
        """True while what you send next belongs to a message, until its lone dot is sent."""
        return not self.closed and self._client.transcript.in_message

    @property
    def legal(self) -> tuple[str, ...]:
        """The verbs that may come next by the table (RFC 5321 4.1.4); none inside a message, and none at the end."""
        return legal_verbs(self.state, self.transcript.extensions)

    @property
    def reply(self) -> SessionReply | None:
        """The server's last reply that was heard; None if the server now gives the commands, after TURN."""
        return reply_in(self.transcript)

    @property
    def note(self) -> str | None:
        """Why a strict server would have refused the last command that this one took; None if it would not.

        RFC 5321 4.1.1 and 4.1.2 say how a command is written; RFC 1123 1.2.2 asks servers to be liberal.
        """
        transcript = self.transcript
        if transcript.in_message or self._client.mid_line or (last := transcript.last_command) is None:
            return None
        refused = last.reply is not None and last.reply.category is Category.SYNTAX
        if last.side is Side.SERVER or last.verb == MESSAGE or refused:
            return None
        return strict_objection(last.data.removesuffix(CRLF))

    def poll(self) -> SessionReply | None:
        """Read what the server has sent unasked, such as a 421 when it shuts down (RFC 5321 3.8).

        Returns:
            The last reply that came; None if none did.
        """
        return self._client.look()

    def why(self) -> Explanation:
        """Explain the last reply: why it came, where the rule is written, what may come now, and how to fix it.

        If the lines fit a wrong belief, the explanation names it, or first asks one question; answer that one with
        ``session.why().answer("a")``.

        Raises:
            LookupError: if there is no reply yet, which happens only after TURN.
        """
        self.poll()
        explained = replace(explain(self.transcript), over=self.closed)
        return self._inquiry.add_to(explained, self.transcript)

    def octets(self, rows: int | None = None) -> Octets:
        """Show the octets of the conversation, hexadecimal and as text, and name what text would hide.

        Args:
            rows: how many of the last rows of the transcript; all by default. A line that is not complete yet is shown
                below them.
        """
        self.poll()
        return octets(self.transcript, rows)

    # What there is to do

    def send(self, text: str, *, note: str = "", remarks: bool = True) -> SessionReply | None:
        """Send one line, or several, each when the line before has its reply.

        A bullet alone in a line of a message, or what else looks like the dot, gets a note in the transcript: it is
        not the dot that ends the message. In
        a notebook the note is printed, too, because such a line has no reply that would be shown.

        Args:
            text: any text, legal or not, without the CRLF at its end, which is added. It is sent as UTF-8.
            note: a sentence for the transcript, before the lines; it is not on the wire.
            remarks: False prints nothing, for a front end that shows the transcript.

        Returns:
            The last reply that came, including a 421 inside a message. None if none came: the lines belong to a message
            that has not ended yet, or TURN has swapped the roles and you send the replies. If a real server takes
            longer for its 421, the next line raises `SessionClosed`.

        Raises:
            SessionClosed: if the connection is closed, before this line or one of several.
            ConnectionLost: if the server closes the connection without an answer.
            Silence: if an answer is due and does not come in time.
            TypeError: if it is not text; nothing was sent.
            ValueError: if the text holds half a character; nothing was sent.
        """
        lines = _lines_of(text)
        reply = None
        with self.step():
            if note:
                self._client.note(note)
            for line in lines:
                reply = self._client.say(line + CRLF) or reply
                told = not_the_dot(line.decode("utf-8", "replace"))
                if told and self._client.transcript.in_message:
                    self._client.note(told)
                    if remarks and running_shell() is not None:
                        print(sentence(told))
            return self._client.interruption() or reply

    def send_bytes(self, data: bytes) -> SessionReply | None:
        """Send octets as they are, to break a line end on purpose, or to send commands in a group (RFC 2920).

        Args:
            data: any octets; empty to listen only.

        Returns:
            The last reply that came; None if none did.

        Raises:
            Silence: as `send`, and if the octets end inside a line, because the server then waits for the rest
                (RFC 5321 2.3.8).
            SessionClosed, ConnectionLost: as `send`.
            TypeError: if `data` is not octets; nothing was sent.
        """
        if not isinstance(data, bytes | bytearray):
            raise TypeError(sentences.SEND_BYTES_TAKES_OCTETS.format(value=_described(data)))
        if not data:
            self._client.look()
            return self._client.say(data)
        with self.step():
            reply = self._client.say(data)
            return self._client.interruption() or reply

    def replay(self, transcript: Transcript) -> SessionReply | None:
        """Send what the client sent in a transcript: each command and each message, when the one before is answered.

        It ends early if the session closes, and where TURN swapped the roles. Compare the new transcript with the old
        one by `Transcript.diff`.

        Args:
            transcript: a conversation of any origin; its replies are ignored.

        Returns:
            The last reply that came; None if none did.

        Raises:
            ConnectionLost, Silence: as `send`.
        """
        reply = None
        for data, _ in transcript.replay():
            self.poll()
            if data and not self.closed:
                reply = self.send_bytes(data) or reply
        return reply

    def predict(self, line: str) -> Question:
        """Return the question which code the reply to a line will have; answering the question sends the line.

        Args:
            line: as `send` takes it.
        """
        _lines_of(line)
        self.poll()
        return Question(self, line)

    # Going back

    @property
    def irrevocable(self) -> str:
        """Why no step of this session can be undone; empty if steps can."""
        if self._history is None:
            return self._final
        return self._obstacle or (sentences.TIME_HAS_PASSED if self._history.is_final(1) else "")

    @property
    def _obstacle(self) -> str:
        """Why neither undo nor fork is possible in this lab; empty if they are."""
        host = "" if self._history is None else self._history.obstacle
        return host and sentences.MAIL_IS_NOT_IN_MEMORY.format(host=host)

    @property
    def steps(self) -> int:
        """How many steps this session has made; `undo` takes back as many at most. 0 outside a lab."""
        return 0 if self._history is None else len(self._history)

    def can_undo(self, steps: int = 1) -> bool:
        """Return True if `undo` takes back so many steps."""
        if self._history is None or self._obstacle or self._in_step:
            return False
        return 1 <= steps <= len(self._history) and not self._history.is_final(steps)

    def rows_before(self, steps: int) -> int:
        """Return how many rows the transcript had before the last steps, to see where `undo` leads.

        Args:
            steps: how many, 0 or as many as `can_undo` takes.
        """
        if self._history is None or steps == 0:
            return len(self.transcript)
        return len(self._history.ours(steps).transcript)

    def undo(self, steps: int = 1) -> Self:
        """Undo the last steps; a step is one `send` or `send_bytes` of any number of lines, or what `step` joins.

        Both ends of the session return to their state before those steps, with the connection open. The effects of the
        lines on the hosts are removed: messages in mailboxes, also on hosts that got them by relay, lines on terminals,
        and conversations of hosts. If you send the same line again, you get the same reply. Three things stay: the
        effects of other sessions, the switches that you have set on hosts, and a transcript that you have stored.

        Args:
            steps: how many, 1 or more.

        Returns:
            The session itself.

        Raises:
            Irrevocable: over a socket, if a host keeps its mail on a disk, and if the lab's time has passed since.
            ValueError: if the session has made fewer steps, or inside a `step`.
            TypeError: if `steps` is not a number.
        """
        history = self._past("undo")
        if not isinstance(steps, int):
            raise TypeError(sentences.UNDO_TAKES_A_NUMBER.format(value=_described(steps)))
        if steps < 1:
            raise ValueError(sentences.UNDO_TAKES_ONE_OR_MORE.format(steps=steps))
        if steps > len(history):
            raise ValueError(sentences.TOO_FEW_STEPS.format(steps=plural(steps, "step"), made=len(history)))
        if history.is_final(steps):
            raise Irrevocable(_why_final(history, steps))
        self.poll()
        self._client.restore(history.back(steps))
        return self

    def fork(self) -> Self:
        """Return a copy of this session in a lab of its own, to try what would come next.

        The lab of the fork, `LabSession.lab`, is a copy of this lab, with the same mail, people and switches; changes
        in one do not show in the other. No other session of this lab is open in the copy. The fork can undo as many
        steps as this session.

        Raises:
            Irrevocable: over a socket, and if a host keeps its mail on a disk.
            ValueError: inside a `step`.
        """
        self._past("fork")
        self.poll()
        memo: dict[int, Any] = {}
        deepcopy(self._client.stream, memo)  # before the hosts, whose copies keep only sessions in `memo`
        return deepcopy(self, memo)

    @contextmanager
    def step(self) -> Iterator[None]:
        """Join all that is sent inside the ``with`` block to one step, which `undo` takes back as a whole.

        Raises:
            SessionClosed: if the connection is closed already.
        """
        self.poll()
        self._client.require_open()
        if self._history is None or self._in_step:
            yield
            return
        self._history.begin(self._client.snapshot())
        self._in_step = True
        try:
            yield
        finally:
            self._in_step = False
            self._history.end()

    def close(self) -> None:
        """Close the connection without QUIT. To end the session as RFC 5321 4.1.1.10 requires, send QUIT."""
        self._client.hang_up(CLOSED_BY_US)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        self.poll()
        return f"<Session, {self.state.value}>"

    def _past(self, method: str) -> History[ClientSnapshot]:
        """Return the steps that can be undone."""
        if self._history is None:
            raise Irrevocable(sentences.UNDO_AND_FORK_NEED_A_LAB.format(method=method, reason=self.irrevocable))
        if obstacle := self._obstacle:
            raise Irrevocable(sentences.HOST_CANNOT_GO_BACK.format(method=method, obstacle=obstacle))
        if self._in_step:
            raise ValueError(sentences.STEP_HAS_NOT_ENDED.format(method=method))
        return self._history


def connect(host: str, port: int, *, timeout: float = 30.0, allow_remote: bool = False) -> Session:
    """Open a session with a server over TCP, as telnet does.

    Args:
        host: a name or an address.
        port: the server's port, 1 to 65535.
        timeout: how many seconds to wait for the connection, and then for each reply. RFC 5321 4.5.3.2 lets a server
            take minutes; a person at a keyboard waits less.
        allow_remote: True allows hosts other than this machine.

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
        raise TypeError(sentences.SEND_TAKES_TEXT.format(value=_described(text)))
    lines = text.removesuffix("\n").split("\n")
    try:
        return [line.removesuffix("\r").encode("utf-8", "surrogateescape") for line in lines]
    except UnicodeEncodeError as error:
        half = f"U+{ord(text[error.start]):04X}"
        raise ValueError(sentences.HALF_A_CHARACTER.format(half=half)) from None


def _why_final(history: History[ClientSnapshot], steps: int) -> str:
    """Say that time has passed since the first of some steps, and if the later ones can be undone, how many."""
    made = sum(not history.is_final(count) for count in range(1, steps))
    if made:
        return sentences.TOO_FEW_SINCE_TIME_PASSED.format(steps=plural(steps, "step"), made=made)
    return sentences.HOST_CANNOT_GO_BACK.format(method="undo", obstacle=sentences.TIME_HAS_PASSED)


def _described(value: object) -> str:
    return "None" if value is None else f"{type(value).__name__} {value!r}"[:60]
