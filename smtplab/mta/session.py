"""One client's session with a mail host: events go from the kernel to the handler, replies from there to the kernel.

It moves no octets itself. A world does, in memory or over TCP, and both use this one driver::

    session.start()
    session.receive(octets)                  # b"" once the client has closed
    while session.task is not None:          # a message is to be kept or handed on, which takes its time
        session.finish(outcome)              # once the world has done the task
    send(session.data_to_send())
    session.go_on()                          # if many commands have come at once, the next of them
    session.timed_out()                      # if the client has been silent for `session.awaits` seconds

Its twin is `client.session.DeliverySession`.

The class is long because it is one thing: all its methods share one connection, one envelope and one task under way,
and each event of the kernel has its method.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from ..protocol import replies
from ..protocol.client import ClientConnection
from ..protocol.commands import (
    Data,
    Ehlo,
    Expn,
    Helo,
    Help,
    Mail,
    Noop,
    Opening,
    Quit,
    Rcpt,
    Rset,
    Saml,
    Send,
    Soml,
    Turn,
    Vrfy,
)
from ..protocol.events import NEED_DATA, ConnectionClosed, EndOfMessage, MessageData, ServerEvent
from ..protocol.replies import RemoteProtocolError, Reply
from ..protocol.server import ServerConnection
from ..protocol.states import State
from .handler import Envelope, Handler
from .policy import Policy
from .task import Job, Task, advance

_log = logging.getLogger("smtplab")

_CLOSED, _DATA = State.CLOSED, State.DATA  # constants for speed, see protocol.connection

# No more commands are answered while so many octets of replies wait to be sent: a short command may have a long reply.
_REPLY_OCTETS = 64 * 1024

# So many commands behind a refused one are taken for its group: RCPTs and a DATA, which nothing but a limit tells from
# a client that has lost its way. It is ten times the recipients that every server must take (RFC 5321 4.5.3.1.8).
_GROUP = 1000


@dataclass(frozen=True, slots=True)
class _RunningJob:
    """A job that has not ended.

    Args:
        job: yields the tasks.
        answer: takes the reply, if the job returns one.
        message: the message to give up if the job breaks; None if it is not about a whole message.
    """

    job: Job
    answer: Callable[[Reply], None]
    message: Envelope | None


class ServerSession:
    """A session from the greeting to the end.

    Args:
        handler: decides the replies.
        policy: the server's limits and extensions.
        peer: the client's address as text, for traces; empty if there is none.

    Attributes:
        helo: what the client calls itself; empty before HELO or EHLO.
        esmtp: True if it said EHLO.
        envelope: the transaction under way, or None.
        names: a list that takes the canonical name of each reply in `data_to_send`, in order, for a world that hands
            names over beside the octets (see `Transcript.feed`); None takes none.
        task: what must be done, and its outcome given to `finish`, before the session can go on; or None.
        refusal: called when the end of a message has come; returns the reply that refuses it, or None if the handler is
            to deliver it. None, the default, refuses nothing.
        wait_number: how many waits have begun. When it grows, the time of `awaits` starts anew.
        halted: True if commands wait because many replies do; send these, then `go_on`.
        said_quit: True once the client has said QUIT and got its reply; it says nothing more.
        closed: True once everything has been said; send what is left, then close.
    """

    __slots__ = (
        "_as_client", "_connection", "_errors", "_excused", "_farewell", "_handler", "_job", "_policy",
        "closed", "envelope", "esmtp", "halted", "helo", "names", "peer", "refusal",
        "said_quit", "task", "wait_number",
    )  # fmt: skip

    # A session with scripted faults has values here; see `faults.session`. This one works as soon as it can.
    pause: ClassVar[float | None] = None
    was_reset: ClassVar[bool] = False
    half_closed: ClassVar[bool] = False
    stalled: ClassVar[bool] = False
    deaf: ClassVar[bool] = False

    def __init__(self, handler: Handler, policy: Policy, peer: str = "") -> None:
        self._handler = handler
        self._policy = policy
        self._connection = ServerConnection(policy.offer, strict=policy.strict)
        self._as_client: ClientConnection | None = None  # after TURN
        self._errors = 0
        self._excused = 0  # how many commands out of sequence may follow a refused one
        self._farewell: tuple[Reply, str] | None = None  # the 421 that waits for a delivery to end
        self.names: list[str] | None = None
        self.refusal: Callable[[], Reply | None] | None = None
        self.peer = peer
        self.helo = ""
        self.esmtp = False
        self.envelope: Envelope | None = None
        self.task: Task | None = None
        self.wait_number = 0
        self._job: _RunningJob | None = None
        self.halted = False
        self.said_quit = self.closed = False

    @property
    def state(self) -> State:
        """The state of the session."""
        return (self._connection if self._as_client is None else self._as_client).state

    @property
    def utf8(self) -> bool:
        """True if the reply that is due may hold more than ASCII (RFC 6531 3.7.4.2)."""
        return self._connection.may_answer_in_utf8

    def start(self, others: int = 0) -> None:
        """Greet the client, or send it away with 421 if there are too many `others` already."""
        if others >= self._policy.max_sessions:
            self.hang_up(replies.TOO_BUSY, str(self._policy.max_sessions))
            return
        try:
            self._answer(self._handler.connect(self))
        except Exception:
            self._fail(answerable=False)

    def refuse_connection(self) -> None:
        """Send 554 in place of the greeting, and wait for QUIT (RFC 5321 3.1)."""
        self._answer(replies.NO_SERVICE)

    @property
    def is_turned(self) -> bool:
        """True after TURN, when the client is the one that answers."""
        return self._as_client is not None

    def receive(self, data: bytes | memoryview) -> None:
        """Take octets from the client and answer all that is complete, in order (RFC 2920 3.2)."""
        # Octets of a command that has not ended begin no new wait: otherwise an octet now and then would hold a session
        # for ever. Each piece of a message begins one, because no time could be named for all of a message.
        if self._as_client is not None:
            self._as_client.receive_data(data)
            self.wait_number += self._run_as_client(self._as_client)
            return
        is_message = self._connection.state is _DATA
        self._connection.receive_data(data)
        if self._job is None and not self.halted and (self._run() or is_message):
            self.wait_number += 1

    def go_on(self) -> None:
        """Answer the commands that waited until replies were sent."""
        if self.halted:
            self.halted = False
            self.wait_number += self._run()

    @property
    def awaits(self) -> float | None:
        """How many seconds the client may take for a whole command or reply, or for the next piece of a message.

        RFC 5321 4.5.3.2.7. None while it is the server that works. The octets of a command that has not ended, or of a
        reply after TURN, do not begin the time anew, so a client that never ends one is sent away. The time counts from
        the moment when `wait_number` last grew.
        """
        return None if self.closed or self._job is not None else self._policy.idle_seconds

    def timed_out(self) -> None:
        """End the session, because the client has been silent for too long."""
        if self.awaits is not None:
            self.hang_up(replies.IDLE_TIMEOUT, f"{self._policy.idle_seconds:g}")

    def finish(self, outcome: object) -> None:
        """Take the outcome of `task`, and go on; a job may have a next task.

        Args:
            outcome: what `DiskTask.outcome` returned; None for a `HostTask`.
        """
        self.wait_number += 1  # the client could say nothing while it waited for us
        self._advance(outcome)
        self._after_job()

    def abandon_task(self) -> None:
        """Stop waiting for `task`, and reply 451. The task may still run to its end."""
        if self._job is not None:
            self.wait_number += 1
            self._job.job.close()
            self._end_job(self._job, replies.LOCAL_ERROR)
            self._after_job()

    def data_to_send(self) -> bytes:
        """Return the octets that wait to be sent to the client, and forget them."""
        data = self._connection.data_to_send()
        return data if self._as_client is None else data + self._as_client.data_to_send()

    def hang_up(self, reply: Reply, limit: str = "") -> None:
        """Say 421 and close (RFC 5321 3.8); a message that is being delivered gets its reply first.

        Args:
            reply: one of the canonical 421 replies.
            limit: the number that was exceeded, for its wording.
        """
        if self._job is not None:
            self._farewell = reply, limit
        elif self._as_client is not None:
            self._close()  # a client sends no replies
        elif not self.closed:
            worded = self._handler.word(self, reply, limit=limit)
            if reply is not replies.SHUTTING_DOWN:
                self._note_refusal("the session", worded)
            self._answer(worded)

    def abandon(self) -> None:
        """Abort the transaction under way, because the client has gone."""
        self._close()

    def _run(self) -> bool:
        """Answer what has come and is complete; True if it was anything."""
        connection, answers, heard = self._connection, self._ANSWERS, False
        while not self.closed and self._job is None and self._as_client is None:
            if connection.octets_to_send > _REPLY_OCTETS:
                self.halted = True
                return heard
            try:
                event = connection.next_event()
            except RemoteProtocolError as error:
                heard = True
                self._refuse(error)
                continue
            if event is NEED_DATA:
                return heard
            heard = True
            try:
                answers[type(event)](self, event)
            except Exception:
                self._fail(answerable=not isinstance(event, MessageData))
        return heard

    def _fail(self, *, answerable: bool) -> None:
        """Reply 451 because the handler raised, or 421 where 451 is not possible, and log the exception."""
        _log.exception("the handler failed; the client was told of a local error")
        if answerable:
            self._answer(replies.LOCAL_ERROR)
        else:
            self.hang_up(replies.SHUTTING_DOWN)
        if self._connection.state is State.READY:  # it broke at the end of a message
            self._forget()

    def _answer(self, reply: Reply) -> None:
        connection = self._connection
        connection.send(reply)
        if self.names is not None:
            self.names.append(reply.name)
        if connection.state is _CLOSED:
            self._close()

    def _close(self) -> None:
        self.closed, self.halted = True, False
        if self.envelope is not None and self.envelope.recipients and self._job is None:
            self._note_left(self.envelope)
        self._forget()

    def _forget(self) -> None:
        if self.envelope is not None and self._job is None:
            envelope, self.envelope = self.envelope, None
            self._give_up(envelope)

    def _give_up(self, envelope: Envelope) -> None:
        try:
            self._handler.forget(self, envelope)
        except Exception:
            _log.exception("the handler failed to give up a message")

    def _refuse(self, error: RemoteProtocolError) -> None:
        """Answer a line that is not a legal command, or a message that cannot be taken."""
        if is_message := self._connection.state is State.DATA:
            self._forget()
        if error.reply is replies.BAD_SEQUENCE and self._excused:
            self._excused -= 1
        else:
            self._errors += 1
            if error.reply is not replies.BAD_SEQUENCE:
                self._excuse()
        if self._errors > self._policy.max_errors:
            self.hang_up(replies.TOO_MANY_ERRORS, str(self._policy.max_errors))
        else:
            detail = str(error)
            if error.reply is replies.UNRECOGNIZED:  # it quotes any word, and nothing has allowed UTF-8 here
                detail = detail.encode("ascii", "backslashreplace").decode()
            facts = {"detail": detail}
            if error.reply is replies.NOT_IMPLEMENTED:  # its sentence begins with the verb
                facts["verb"] = detail.split(" ", 1)[0]
            reply = self._handler.word(self, error.reply or replies.BAD_ARGUMENT, **facts)
            if error.reply is not replies.BAD_SEQUENCE:  # it follows from another mistake, or from a refusal
                self._note_refusal("a message" if is_message else "a command", reply)
            self._answer(reply)

    def _note_refusal(self, what: str, reply: Reply) -> None:
        """Tell who watches the host of a refusal. A mistake there is logged, and the client gets its reply."""
        try:
            self._handler.observe_refused(self, what, reply)
        except Exception:
            _log.exception("who watches the refusals broke")

    def _note_left(self, envelope: Envelope) -> None:
        """Tell who watches the host that the client has left without its message. A mistake there is logged."""
        try:
            self._handler.observe_left(self, envelope)
        except Exception:
            _log.exception("who watches the clients broke")

    def _excuse(self) -> None:
        """Do not count errors of commands that the same group may hold after a refused one (RFC 2920 3.1)."""
        if "PIPELINING" in self._connection.extensions:
            self._excused = _GROUP

    def _helo(self, command: Helo | Ehlo) -> None:
        reply = self._handler.helo(self, command.domain)
        if reply.is_positive:
            self._forget()
            self.helo, self.esmtp = command.domain, isinstance(command, Ehlo)
        self._answer(reply)

    def _mail(self, command: Opening) -> None:
        reply = self._handler.mail(self, command)
        if reply.is_positive:
            self.envelope, self._excused = Envelope(command), 0
        else:
            self._note_refusal(f"{command.verb} {command.path}", reply)
            self._excuse()
        self._answer(reply)

    def _rcpt(self, command: Rcpt) -> None:
        envelope = self.envelope
        assert envelope is not None  # the table lets nothing that needs one come without one
        if len(envelope.recipients) >= self._policy.max_recipients:
            reply = self._handler.word(self, replies.TOO_MANY_RECIPIENTS, limit=str(self._policy.max_recipients))
        else:
            outcome = self._handler.rcpt(self, envelope, command)
            if not isinstance(outcome, Reply):
                self._start_job(outcome, partial(self._answer_rcpt, envelope, command))
                return
            reply = outcome
        self._answer_rcpt(envelope, command, reply)

    def _answer_rcpt(self, envelope: Envelope, command: Rcpt, reply: Reply) -> None:
        if reply.is_positive:
            envelope.recipients.append(command)
        else:
            self._note_refusal(f"RCPT {command.path}", reply)
            self._excuse()
        self._answer(reply)

    def _data(self, command: Data) -> None:
        assert self.envelope is not None
        self._answer(self._handler.data(self, self.envelope))

    def _content(self, event: MessageData) -> None:
        assert self.envelope is not None
        job = self._handler.content(self, self.envelope, event.content)
        if job is not None:
            self._start_job(job, self._cannot_keep)

    def _cannot_keep(self, reply: Reply) -> None:
        """Note that a piece of the message was lost; the reply waits for the end of the message."""
        self.hang_up(replies.SHUTTING_DOWN)

    def _end_of_message(self, event: EndOfMessage) -> None:
        envelope = self.envelope
        assert envelope is not None
        if self.refusal is not None and (refused := self.refusal()) is not None:
            self._forget()
            self._answer(refused)
            return
        envelope.octets = event.octets
        outcome = self._handler.deliver(self, envelope)
        if isinstance(outcome, Reply):
            self._answer_message(outcome)
        else:
            self._start_job(outcome, self._answer_message, envelope)

    def _answer_message(self, reply: Reply) -> None:
        assert self.envelope is not None
        if not reply.is_positive:
            self._note_refusal(f"the message from {self.envelope.reverse_path}", reply)
        self.envelope = None
        self._answer(reply)

    def _start_job(self, job: Job, answer: Callable[[Reply], None], message: Envelope | None = None) -> None:
        self._job = _RunningJob(job, answer, message)
        self._advance(None)

    def _advance(self, outcome: object) -> None:
        """Let the job go on to its next task, or to its end.

        If the job raises, the reply is 451. A message is dropped then, because it may not have been stored.
        """
        running = self._job
        assert running is not None
        try:
            self.task = advance(running.job, outcome)
        except StopIteration as done:
            self._end_job(running, done.value)
        except (Exception, SystemExit):  # SystemExit would stop the server's loop, or be lost in a thread
            _log.exception("a delivery failed; the client was told of a local error")
            if running.message is not None:
                self._give_up(running.message)
            self._end_job(running, replies.LOCAL_ERROR)

    def _end_job(self, running: _RunningJob, reply: Reply | None) -> None:
        self._job = self.task = None
        if reply is not None:
            try:
                running.answer(reply)
            except Exception:  # the reply is impossible, such as 354 for a recipient
                self._fail(answerable=True)

    def _after_job(self) -> None:
        """Go on with the session, once its job has ended."""
        if self._job is not None:
            return
        if self.closed:  # the client has gone meanwhile
            self._forget()
        if self._farewell is not None:
            self.hang_up(*self._farewell)
        self._run()

    def _reset(self, command: Rset) -> None:
        self._forget()
        self._answer(self._handler.word(self, replies.RESET_OK))

    def _noop(self, command: Noop) -> None:
        self._answer(self._handler.word(self, replies.NOOP_OK))

    def _verify(self, command: Vrfy) -> None:
        self._answer(self._handler.verify(self, command.string))

    def _expand(self, command: Expn) -> None:
        self._answer(self._handler.expand(self, command.string))

    def _help(self, command: Help) -> None:
        self._answer(self._handler.help(self, command.string))

    def _quit(self, command: Quit) -> None:
        self._answer(self._handler.word(self, replies.CLOSING))
        self.said_quit = self.closed

    def _turn(self, command: Turn) -> None:
        self._answer(self._handler.turn(self))
        if self._connection.state is State.CONNECTED:
            self._as_client = ClientConnection(self._connection.hand_over())
            self._run_as_client(self._as_client)

    def _run_as_client(self, client: ClientConnection) -> bool:
        """Play the client after TURN (RFC 821 3.8): answer the greeting, then QUIT, because no mail is queued here.

        Returns:
            True if a whole reply had come.
        """
        heard = False
        try:
            asked = client.awaited
            while isinstance(event := client.next_event(), Reply):
                heard = True
                if asked == "QUIT":  # whatever the answer is
                    client.close()
                elif client.state is State.GREETED and asked != "HELO":
                    client.send(Helo(self._handler.hostname))
                elif client.state is not State.CLOSED:
                    client.send(Quit())
                asked = client.awaited
        except RemoteProtocolError:
            self._close()
        if client.state is State.CLOSED or isinstance(event, ConnectionClosed):
            self._close()
        return heard

    def _gone(self, event: ConnectionClosed) -> None:
        self._close()

    _ANSWERS: ClassVar[dict[type[ServerEvent], Callable[..., None]]] = {
        Helo: _helo,
        Ehlo: _helo,
        Mail: _mail,
        Send: _mail,
        Soml: _mail,
        Saml: _mail,
        Rcpt: _rcpt,
        Data: _data,
        MessageData: _content,
        EndOfMessage: _end_of_message,
        Rset: _reset,
        Noop: _noop,
        Vrfy: _verify,
        Expn: _expand,
        Help: _help,
        Turn: _turn,
        Quit: _quit,
        ConnectionClosed: _gone,
    }  # fmt: skip
