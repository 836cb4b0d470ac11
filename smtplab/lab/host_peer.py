"""A socket in memory whose other end is a host of the lab, for clients that a student writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..show.octets import Octets, octets
from ..worlds.memory import MemoryStream
from ..worlds.memory_socket import MemorySocket
from ..worlds.peer_script import BETWEEN_PIECES, HangUp, Say, Step

_PATIENCE = 86_400.0  # seconds that a faulty host may take for an answer
_MOST_OCTETS = 1024 * 1024  # of one answer; an endless reply ends here


class HostPeer:
    """A host of the lab, as a `ScriptedPeer`.

    Args:
        dial: opens the connection.
        clock: returns the seconds of the lab's clock, which faults let pass.
    """

    def __init__(self, dial: Callable[[], MemoryStream], clock: Callable[[], float]) -> None:
        self._dial = dial
        self._clock = clock
        self._stream: MemoryStream | None = None

    def connected(self) -> list[Step]:
        """Open the connection, and return what the host says first."""
        self._stream = self._dial()
        return list(self._heard(self._stream))

    def receive(self, octets: bytes) -> list[Step]:
        """Give octets to the host, and return what it answers; empty ones close the connection."""
        if self._stream is None:
            return []
        if not octets:
            self._stream.close()
            return []
        try:
            self._stream.send(octets)
        except OSError:
            return [HangUp()]
        return list(self._heard(self._stream))

    def silence(self) -> list[Step]:
        """Return nothing: a host of the lab waits for its client."""
        return []

    def _heard(self, stream: MemoryStream) -> Iterator[Step]:
        """Yield what the host says until it waits for the client, with the time that each piece takes."""
        octets = 0
        while octets < _MOST_OCTETS:
            began = self._clock()
            try:
                data = stream.receive(_PATIENCE)
            except TimeoutError:
                return
            except OSError:
                data = b""
            waited = self._clock() - began
            if not data:
                yield HangUp(waited)
                return
            yield Say(data, max(waited, BETWEEN_PIECES if octets else 0.0))
            octets += len(data)


class LabSocket(MemorySocket):
    """The client's socket of a connection to a host of the lab; `Lab.socket` opens one."""

    def octets(self, rows: int | None = None) -> Octets:
        """Show the octets of the conversation, hexadecimal and as text, and name what text would hide.

        Args:
            rows: how many of the last rows of the transcript; all by default. A line that is not complete yet is shown
                below them.
        """
        return octets(self.transcript, rows)
