"""A socket in memory. A script plays the other end, and time is virtual.

For code that a student writes against ``socket``: ``send_mail(sock, ...)`` works the same with this object and with a
real one. Nothing waits, no thread runs, and it works in a browser. `recv` moves the clock to the next arrival, or to
the timeout. Where a real program would hang for ever, `recv` raises `EndlessWait` with the reason.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

from ..transcript import Side
from . import sentences
from .peer_script import SILENT_SECONDS, Say, Timeline, WireLog

if TYPE_CHECKING:
    from ..transcript import Transcript
    from .peer_script import ScriptedPeer

_FRUITLESS_READS = 100  # a client that reads in vain so often has a loop without an exit
_SILENCES = 4  # how often the script hears of one silence
_DAY = 86400.0


class EndlessWait(RuntimeError):
    """A program would hang for ever here. It is not an `OSError`, because code that handles timeouts would hide it."""


class SocketFiles(ABC):
    """What a socket has beside its octets: files, and an end behind ``with``."""

    @abstractmethod
    def recv(self, size: int) -> bytes:
        """Return some octets."""

    @abstractmethod
    def send(self, data: bytes) -> int:
        """Send some octets, and return how many."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""

    def makefile(self, mode: str = "r", buffering: int = -1, **text: Any) -> Any:
        """Return a file that reads from the socket or writes to it, as of ``socket.makefile``.

        Args:
            mode: ``r``, ``w`` or both, with ``b`` for octets.
            buffering: 0 for a file of octets without a buffer.
            text: the encoding and so on of a file of text.
        """
        raw = _SocketFile(self)
        if buffering == 0:
            return raw
        file: Any = raw
        if "r" in mode and "w" in mode:
            file = io.BufferedRWPair(raw, raw)
        else:
            file = io.BufferedWriter(raw) if "w" in mode else io.BufferedReader(raw)
        return file if "b" in mode else io.TextIOWrapper(file, **text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class MemorySocket(SocketFiles):
    """The client's socket of a connection to a script.

    Args:
        peer: the other end.
        at_most: the most octets that one `recv` returns, however many have arrived and are asked for.
        takes: the most octets that one `send` takes; None for all. `sendall` always sends all.
        silent_seconds: how long the client may wait in vain before the script hears of it, and then again.

    Attributes:
        log: every octet with its time.
    """

    def __init__(
        self,
        peer: ScriptedPeer,
        *,
        at_most: int | None = None,
        takes: int | None = None,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self._peer = peer
        self._at_most, self._takes, self._silent_seconds = at_most, takes, silent_seconds
        self._now = 0.0
        self._timeout: float | None = None
        self._steps = Timeline()
        self._inbox = bytearray()
        self._ended = False  # the end of the peer's octets has arrived
        self._fruitless = 0  # how often the client has read in vain
        self._closed = False
        self._silences = 0  # how often the script has heard of the present silence
        self.log = WireLog()
        self._steps.add(peer.connected(), self._now)
        self._arrive()

    @property
    def now(self) -> float:
        """Seconds of virtual time since the connection opened."""
        return self._now

    @property
    def transcript(self) -> Transcript:
        """The conversation so far."""
        return self.log.transcript

    def settimeout(self, seconds: float | None) -> None:
        """Set how long `recv` waits; None to wait for ever.

        Raises:
            ValueError: if the number is below 0.
        """
        if seconds is not None and seconds < 0:
            raise ValueError(sentences.NEGATIVE_TIMEOUT.format(seconds=seconds))
        self._timeout = seconds

    def gettimeout(self) -> float | None:
        """Return how long `recv` waits."""
        return self._timeout

    def sendall(self, data: bytes) -> None:
        """Send all octets.

        Raises:
            OSError: if this socket is closed; `BrokenPipeError` if the other end has closed.
        """
        self._send(bytes(data))

    def send(self, data: bytes) -> int:
        """Send octets, perhaps only the first of them, and return how many; `sendall` sends all.

        Raises:
            OSError: as for `sendall`.
        """
        part = bytes(data)[: self._takes]
        self._send(part)
        return len(part)

    def recv(self, size: int) -> bytes:
        """Return at least one octet and at most `size`, or none if the other end has closed.

        Raises:
            TimeoutError: if nothing comes before the timeout.
            EndlessWait: if nothing will ever come and no timeout is set, or it is called in vain again and again.
            OSError: if this socket is closed.
        """
        self._check_open()
        self._arrive()
        if not self._inbox and not self._ended:
            self._wait()
        size = size if self._at_most is None else min(size, self._at_most)
        data = bytes(self._inbox[:size])
        del self._inbox[:size]
        if data or not size:
            self._fruitless = 0
        else:
            self._count_fruitless(sentences.END_READ_AGAIN)
        return data

    def shutdown(self, how: int) -> None:
        """End the client's octets; a real socket takes the same call. `how` is not looked at."""
        self._check_open()
        self._hang_up()

    def close(self) -> None:
        """Close the connection; again does no harm."""
        if not self._closed:
            self._hang_up()
            self._closed = True
            self._steps.clear()

    def _send(self, data: bytes) -> None:
        self._check_open()
        self._arrive()
        if self._ended:
            raise BrokenPipeError(sentences.CLOSED_BY_SERVER)
        if data:
            self._silences = 0
            self.log.add(Side.CLIENT, data, self._now)
            self._steps.add(self._peer.receive(data), self._now)

    def _hang_up(self) -> None:
        self._arrive()
        self.log.add(Side.CLIENT, b"", self._now)
        if not self._ended:
            self._steps.add(self._peer.receive(b""), self._now)

    def _check_open(self) -> None:
        if self._closed:
            raise OSError(sentences.SOCKET_CLOSED)

    def _arrive(self) -> None:
        """Take what has arrived by now."""
        while not self._ended and (due := self._steps.take(self._now)) is not None:
            time, step = due
            data = step.data if isinstance(step, Say) else b""
            self._ended = not isinstance(step, Say)
            self._inbox += data
            self.log.add(Side.SERVER, data, time)

    def _wait(self) -> None:
        """Let time pass until something arrives."""
        deadline = _DAY + self._now if self._timeout is None else self._now + self._timeout
        while not self._inbox and not self._ended:
            due = self._steps.next_time
            if due is None and self._script_speaks(deadline):
                continue
            if due is None or due > deadline:
                self._give_up(deadline)
            else:
                self._now = due
                self._arrive()

    def _script_speaks(self, deadline: float) -> bool:
        """Tell the script that the client waits in vain; return True if it then does something."""
        while self._silences < _SILENCES and self._now + self._silent_seconds <= deadline:
            self._now += self._silent_seconds
            self._silences += 1
            if self._steps.add(self._peer.silence(), self._now):
                return True
        return False

    def _give_up(self, deadline: float) -> None:
        if self._timeout is None:
            raise EndlessWait(sentences.BOTH_WAIT)
        self._count_fruitless(sentences.TIMED_OUT_AGAIN)
        self._now = deadline
        raise TimeoutError(sentences.TIMED_OUT.format(seconds=self._timeout))

    def _count_fruitless(self, sentence: str) -> None:
        self._fruitless += 1
        if self._fruitless > _FRUITLESS_READS:
            raise EndlessWait(sentence)


class _SocketFile(io.RawIOBase):
    """A socket as a raw file."""

    def __init__(self, sock: SocketFiles) -> None:
        super().__init__()
        self._sock = sock

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._sock.recv(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        return self._sock.send(bytes(data))
