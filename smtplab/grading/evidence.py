"""Evidence: what is judged. What went over the wire, what lies in the mailboxes, and what was handed in.

The wire is written down where an exercise's hosts are reached, not where a student looks: names of variables, prints
and a transcript that was edited change nothing. While a notebook is graded the `referee` writes it down anew, in a
process of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, Self, TypeVar

from ..transcript import Side, Transcript
from ..worlds.blocking import Stream
from .idiom import PYTHON, Idiom

TaskT = TypeVar("TaskT")


@dataclass(frozen=True, slots=True)
class Wire:
    """One connection with a host, or a call that nobody took.

    Args:
        host: the name or address that was dialled.
        transcript: the conversation; empty if nobody took the call.
        sent: all octets that the client sent, also those that make no whole line.
        closed: True once either side has closed it.
    """

    host: str
    transcript: Transcript
    sent: bytes
    closed: bool


_NO_WIRE = Wire("", Transcript(), b"", True)


@dataclass(frozen=True, slots=True)
class Evidence(Generic[TaskT]):
    """All that an exercise has of a student.

    Args:
        task: what this student was asked for, as the exercise draws it.
        wires: first the calls that nobody took, then the connections; either in their order.
        mail: for each address of the exercise's hosts the messages in its mailbox, oldest first.
        answers: for each question the value that was handed in last. It is the student's: read text with
            `rules.text_of`, and expect anything of the rest.
        idiom: the words in which hints say what to do.
    """

    task: TaskT
    wires: tuple[Wire, ...]
    mail: Mapping[str, tuple[bytes, ...]]
    answers: Mapping[str, object]
    idiom: Idiom = PYTHON

    @property
    def wire(self) -> Wire:
        """The last connection; an empty one if there was none."""
        return self.wires[-1] if self.wires else _NO_WIRE

    def each_wire(self) -> tuple[Self, ...]:
        """Return this evidence once for each connection alone, as `rules.Part.attempts` wants it."""
        return tuple(replace(self, wires=(wire,)) for wire in self.wires) or (self,)


class Tap:
    """A stream that writes down what passes; a `client.Stream`.

    What the server says is written down when it says it, whether the client reads it or not. For a stream in memory,
    on which nobody waits.

    Args:
        host: the name or address that was dialled.
        stream: the connection.
        write: is told what the client does: ``send`` with the octets, or ``close``.
    """

    def __init__(self, host: str, stream: Stream, write: Callable[[str, bytes], None] | None = None) -> None:
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
        """What has passed until now; it does not change any more."""
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
        """Return what the server has said, empty octets if it has closed; `TimeoutError` if it says nothing."""
        self._listen()
        if not self._unread and not self._closed:
            raise TimeoutError("the server says nothing")
        data = bytes(self._unread)
        self._unread.clear()
        return data

    def close(self) -> None:
        """Hang up."""
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
            self._transcript.feed(Side.SERVER, data)
            self._unread += data

    def _end(self) -> None:
        self._closed = True
        self._transcript.flush()
