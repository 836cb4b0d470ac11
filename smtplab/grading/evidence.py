"""Collect the evidence: octets on the wire, messages in mailboxes, and answers.

The wire is recorded at the exercise's hosts, not in the student's session. Names of variables, prints and an edited
transcript therefore change nothing. During grading the `referee` records it again, in a separate process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, Self, TypeVar

from ..transcript import Side, Transcript
from ..worlds.blocking import NeverWaiting, Stream
from . import sentences
from .hint_wording import PYTHON, HintWording

TaskT = TypeVar("TaskT")


@dataclass(frozen=True, slots=True)
class Wire:
    """One connection with a host, or a call that no host answered.

    Args:
        host: the name or address that was dialled.
        transcript: the conversation; empty if no host answered.
        sent: all octets that the client sent, also an unfinished line.
        closed: True once either side has closed the connection.
    """

    host: str
    transcript: Transcript
    sent: bytes
    closed: bool


_NO_WIRE = Wire("", Transcript(), b"", True)


@dataclass(frozen=True, slots=True)
class Evidence(Generic[TaskT]):
    """All that an exercise has from a student.

    Args:
        task: this student's task, as the exercise draws it.
        wires: first the calls that no host answered, then the connections, each group in order.
        mail: for each address of the exercise's hosts, the messages in its mailbox, oldest first.
        answers: for each question, the value that was handed in last. It is the student's: read text with
            `rules.text_of`, and expect anything else.
        wording: how hints name an action.
    """

    task: TaskT
    wires: tuple[Wire, ...]
    mail: Mapping[str, tuple[bytes, ...]]
    answers: Mapping[str, object]
    wording: HintWording = PYTHON

    @property
    def wire(self) -> Wire:
        """The last connection; an empty one if there is none."""
        return self.wires[-1] if self.wires else _NO_WIRE

    def each_wire(self) -> tuple[Self, ...]:
        """Return this evidence once for each single connection; for `rules.ExercisePart.attempts`."""
        return tuple(replace(self, wires=(wire,)) for wire in self.wires) or (self,)


class Tap(NeverWaiting):
    """Record everything that passes on a stream; a `blocking.Stream`.

    The server's octets are recorded when it sends them, even if the client never reads them. For streams in memory,
    where reading never waits.

    Args:
        host: the name or address that was dialled.
        stream: the connection.
        write: called with each action of the client: ``send`` with the octets, or ``close``.
    """

    def __init__(self, host: str, stream: Stream, write: Callable[[str, bytes], None] | None = None) -> None:
        super().__init__()
        self._host = host
        self._stream = stream
        self._write = write
        self._transcript = Transcript()
        self._sent = bytearray()
        self._unread = bytearray()
        self._closed = False
        self._listen()

    @property
    def wire(self) -> Wire:
        """A snapshot of what has passed until now."""
        self._listen()
        return Wire(self._host, Transcript(self._transcript), bytes(self._sent), self._closed)

    def send(self, data: bytes, seconds: float = 0.0) -> None:
        """Send octets; `BrokenPipeError` if the server has closed."""
        self._listen()
        self._stream.send(data, seconds)
        self._transcript.feed(Side.CLIENT, data)
        self._sent += data
        if self._write is not None:
            self._write("send", data)
        self._listen()

    def receive(self, seconds: float = 0.0) -> bytes:
        """Return the unread octets, empty if the server has closed; raise `TimeoutError` if there are none."""
        self._listen()
        if not self._unread and not self._closed:
            raise TimeoutError(sentences.SERVER_IS_SILENT)
        data = bytes(self._unread)
        self._unread.clear()
        return data

    def close(self) -> None:
        """Close the connection."""
        self._listen()
        self._stream.close()
        if self._write is not None and not self._closed:
            self._write("close", b"")
        self._end()

    def _listen(self) -> None:
        while not self._closed:
            try:
                data = self._stream.receive(0.0)
            except TimeoutError:
                return
            if not data:
                self._end()
            names = self._stream.take_names()
            self._names += names
            self._transcript.feed(Side.SERVER, data, names=names)
            self._unread += data

    def _end(self) -> None:
        self._closed = True
        self._transcript.flush()
