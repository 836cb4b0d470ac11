"""How a student's `send_mail` is tried: against each play, on a socket in memory, in virtual time.

The record of a trial has what the function did with its socket, call by call. The replies are not in it. `played`
repeats the calls on a new socket with a new server, so it sees the same octets at the same times.

While a notebook is graded, that socket, its server and its clock are in a process of ours. The function has a
`DistantSocket`, which passes on each call and holds nothing of the play.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ....base.line_limit import TooManyLines
from ....conformance.clients.hangs import HangKind
from ....conformance.clients.played import PlayedClient
from ....conformance.clients.played_server import PlayedServer
from ....conformance.clients.plays import PLAIN, PLAYS, RECIPIENT, SENDER, Play
from ....protocol.states import GREETING, MESSAGE
from ....worlds.memory_socket import EndlessWait, MemorySocket, SocketFiles
from ....worlds.program_end import ProgramEnd
from ... import sentences
from ...recording import RecordedData, Unasked, said_by
from ...rules import RuleFailure, text_of
from ...trial_line import Abandoned, BrokenOff, ProgramStopped, Served, TrialLine
from ...trials import TriedProgram, never_ended
from .task import ClientEvidence, ClientTask

_LATE = {GREETING: 290.0, "EHLO": 290.0, "HELO": 290.0, "MAIL": 290.0, "RCPT": 290.0, "DATA": 110.0, MESSAGE: 590.0}
TWO, TWO_LATER = "two", "two-later"  # the plays with two recipients
_OWN = (
    Play("patience", "The server takes almost as long for each reply as the standard lets it.", delays=_LATE),
    Play(TWO, "The server takes one of two recipients, and refuses the other.", refused="stranger"),
    Play(
        TWO_LATER,
        "The server takes one of two recipients, and answers 450 to the other.",
        refused="stranger",
        refusal=b"450 mailbox busy\r\n",
    ),
)
# The plays by their names. The plain one is first, because it shows if LF ends the lines of this client. Our own come
# next: if a client hangs in a play, those behind it are lost, and in these none should.
ALL_PLAYS: Mapping[str, Play] = {play.name: play for play in (PLAIN, *_OWN, *PLAYS.values())}
# What a function returns for a recipient.
SENT, LATER, NEVER, UNKNOWN = "sent", "later", "never", "unknown"
FAILURES = (LATER, NEVER, UNKNOWN)
MOST_CALLS = 200_000  # of the socket's methods in one play
_MOST_RETURNED = 100  # items of a dictionary
_ENDS = ("returned", "raised", *ProgramStopped().record)  # what the record of a trial has of the function's end


def play_for(task: ClientTask, name: str) -> Play:
    """Return a play with the names and the message of a student."""
    play = ALL_PLAYS[name]
    sender, recipients = envelope_for(task, name)
    message = play.message
    for old, new in (
        (SENDER, sender),
        (RECIPIENT, recipients[0]),
        ("Carol", _name(sender)),
        ("Alice", _name(recipients[0])),
        ("Subject: lunch", f"Subject: {task.subject}"),
    ):
        message = message.replace(old.encode(), new.encode())
    return replace(play, message=message, refused=task.stranger if play.refused else "")


def _name(address: str) -> str:
    """Return the name by which a message calls the owner of an address."""
    return address.partition("@")[0].title()


def envelope_for(task: ClientTask, name: str) -> tuple[str, list[str]]:
    """Return the sender and the recipients of a play.

    Sender and recipient change places where there are two recipients, so that a client cannot have them as constants.
    """
    if name in (TWO, TWO_LATER):
        return task.recipient, [task.sender, task.stranger]
    return task.sender, [task.recipient, *([task.stranger] if ALL_PLAYS[name].refused else [])]


class RecordingSocket(MemorySocket):
    """A socket in memory that keeps what is done with it.

    Attributes:
        calls: the calls in order, as JSON can hold them; equal reads in a row are one, with their number.
        waits: why the function had to be abandoned, in a sentence; empty if it came to its end.
    """

    def __init__(self, peer: PlayedServer, takes: int | None) -> None:
        super().__init__(peer, takes=takes)
        self.calls: list[list[Any]] = []
        self.waits = ""
        self._count = 0

    def settimeout(self, seconds: float | None) -> None:
        super().settimeout(seconds)
        self._keep("timeout", seconds)

    def sendall(self, data: bytes) -> None:
        self._keep("sendall", bytes(memoryview(data)).decode("latin-1"))
        super().sendall(data)

    def send(self, data: bytes) -> int:
        self._keep("send", bytes(memoryview(data)).decode("latin-1"))
        return super().send(data)

    def recv(self, size: int) -> bytes:
        self._keep("recv", size)
        try:
            return super().recv(size)
        except EndlessWait as error:
            self.waits = str(error)
            raise Abandoned from None

    def shutdown(self, how: int) -> None:
        self._keep("shutdown", 0)
        super().shutdown(how)

    def close(self) -> None:
        self._keep("close", 0)
        super().close()

    def _keep(self, call: str, value: object) -> None:
        self._count += 1
        if self._count > MOST_CALLS:
            self.waits = sentences.TOO_MANY_CALLS.format(count=MOST_CALLS)
            raise Abandoned
        if call == "recv" and self.calls and self.calls[-1][:2] == [call, value]:
            self.calls[-1][2] += 1
        else:
            self.calls.append([call, value, 1])


class DistantSocket(SocketFiles):
    """A socket in the student's process for a `RecordingSocket` in ours.

    Args:
        line: to the process of ours.
    """

    def __init__(self, line: TrialLine) -> None:
        self._line = line

    def settimeout(self, seconds: float | None) -> None:
        """Set how long `recv` waits; None to wait for ever."""
        self._line.call("settimeout", seconds)

    def gettimeout(self) -> float | None:
        """Return how long `recv` waits."""
        seconds: float | None = self._line.call("gettimeout")
        return seconds

    def sendall(self, data: bytes) -> None:
        """Send all octets."""
        self._line.call("sendall", bytes(memoryview(data)).decode("latin-1"))

    def send(self, data: bytes) -> int:
        """Send octets, perhaps only the first of them, and return how many."""
        sent: int = self._line.call("send", bytes(memoryview(data)).decode("latin-1"))
        return sent

    def recv(self, size: int) -> bytes:
        """Return at least one octet and at most `size`, or none if the other end has closed."""
        text: str = self._line.call("recv", size)
        return text.encode("latin-1")

    def shutdown(self, how: int) -> None:
        """End the client's octets."""
        self._line.call("shutdown", 0)

    def close(self) -> None:
        """Close the connection."""
        self._line.call("close")


def _served(sock: RecordingSocket) -> Served:
    """Return the calls of a `DistantSocket`."""
    return {
        "settimeout": sock.settimeout,
        "gettimeout": sock.gettimeout,
        "sendall": lambda text: sock.sendall(text.encode("latin-1")),
        "send": lambda text: sock.send(text.encode("latin-1")),
        "recv": lambda size: sock.recv(size).decode("latin-1"),
        "shutdown": sock.shutdown,
        "close": sock.close,
    }


class ClientTrials:
    """The plays with which the function of one student is tried.

    Args:
        task: the student's task.
    """

    names = tuple(ALL_PLAYS)

    def __init__(self, task: ClientTask) -> None:
        self._task = task

    def perform(self, name: str, program: TriedProgram) -> dict[str, Any]:
        """Let the function send the message of a play, and return its calls and its end."""
        play = play_for(self._task, name)
        sock = RecordingSocket(_server(play, program, self._task), play.takes)
        sender, recipients = envelope_for(self._task, name)
        if program.line is None:
            end = _end_of_call(program, sock, sender, recipients, play.message)
        else:
            mail = (sender, recipients, play.message.decode("latin-1"))
            said = program.line.call("send_mail", *mail, served=_served(sock))
            end = {key: value for key, value in said.items() if key in _ENDS}
        return {"calls": sock.calls, **({"waits": sock.waits} if sock.waits else end)}

    def served(self, program: TriedProgram, line: TrialLine) -> Served:
        """Return the function, which gets a socket of our process."""

        def send_mail(sender: str, recipients: list[str], message: str) -> dict[str, Any]:
            return _end_of_call(program, DistantSocket(line), sender, recipients, message.encode("latin-1"))

        return {"send_mail": send_mail}


def _end_of_call(
    program: TriedProgram, sock: SocketFiles, sender: str, recipients: list[str], message: bytes
) -> dict[str, Any]:
    """Call the function, and return how it ended."""
    limit = program.limit()
    try:
        with limit:
            returned = program.code(sock, sender, recipients, message)
        return {"returned": _portable(returned)}
    except (KeyboardInterrupt, BrokenOff):
        raise
    except TooManyLines:
        return program.stopped(limit).record
    except BaseException as error:  # also SystemExit: a student's function may do anything
        return {"raised": f"{type(error).__name__}: {said_by(error)}"}


def _portable(value: object) -> dict[str, str] | str:
    """Return a dictionary of texts as it is, and the type of anything else."""
    if isinstance(value, dict):  # perhaps of a class that the student has derived from it
        items = list(dict.items(value))[:_MOST_RETURNED]
        return {str(text_of(key)): str(text_of(word)) for key, word in items}
    return "False" if value is False else type(value).__name__


def _server(play: Play, program: TriedProgram, task: ClientTask) -> PlayedServer:
    """Return the server of a play; if the client ended its lines in LF before, it takes that from the beginning."""
    lenient = play.name != "plain" and played(program, task, "plain").hang(HangKind.LF, HangKind.TEXT_LF) is not None
    return PlayedServer(play, lenient=lenient)


class PlayedFunction(PlayedClient):
    """What came of a play, with what the function returned.

    Attributes:
        returned: the dictionary of texts, or the name of the type of another value; None if it did not return.
    """

    returned: dict[str, str] | str | None = None


def played(program: TriedProgram, task: ClientTask, name: str) -> PlayedFunction:
    """Return how a function did in a play, by repeating its calls.

    Raises:
        Unasked: if the play was not performed.
    """
    return program.once((task, name), lambda: _repeated(program, task, name))  # type: ignore[no-any-return]


def try_of(evidence: ClientEvidence, play: str) -> PlayedFunction | RuleFailure:
    """Return how the function did in a play; or that it never came to its end."""
    program = evidence.answers["send_mail"]
    assert isinstance(program, TriedProgram)
    try:
        return never_ended(program.record(play), "Your function") or played(program, evidence.task, play)
    except Unasked:
        return RuleFailure("Your function never came back.", hint="look for a loop without an end")


def _repeated(program: TriedProgram, task: ClientTask, name: str) -> PlayedFunction:
    record = program.record(name)
    play = play_for(task, name)
    server = _server(play, program, task)
    sock = MemorySocket(server, takes=play.takes)
    for call, value, times in record["calls"]:
        for _ in range(min(times, MOST_CALLS)):
            with suppress(OSError, EndlessWait, ValueError, TypeError):
                _do(sock, call, value)
    sock.close()
    client = PlayedFunction(play, server, sock.log, _end(record))
    client.returned = record.get("returned")
    return client


def _do(sock: MemorySocket, call: str, value: Any) -> None:
    match call:
        case "timeout":
            sock.settimeout(value)
        case "sendall":
            sock.sendall(value.encode("latin-1"))
        case "send":
            sock.send(value.encode("latin-1"))
        case "recv":
            sock.recv(value)
        case "shutdown":
            sock.shutdown(value)
        case "close":
            sock.close()


def _end(record: RecordedData) -> ProgramEnd:
    if "waits" in record:
        return ProgramEnd(None, waits=str(record["waits"]))
    if "raised" in record:
        return ProgramEnd(1, crash=str(record["raised"]))
    returned = record.get("returned")
    words = list(returned.values()) if isinstance(returned, dict) else []
    tells_failure = returned == "False" or bool(words and all(word in FAILURES for word in words))
    return ProgramEnd(1 if tells_failure else 0)
