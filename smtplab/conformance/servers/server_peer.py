"""The server under test as the probes see it: connections to it, and what it has stored.

A peer is reached over TCP (`tcp_peer`) or lives in memory (`memory_peer`). The same probes run on both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from .. import sentences

# After so many silences, how many seconds are enough.
_SILENCES, _LITTLE_PATIENCE = 3, 1.0


def look_of_crash(crash: str) -> str:
    """Return what to look at when the server ended in an error, or gave something else than octets.

    Args:
        crash: the last line of the error, as `PeerConnection.crash` has it; empty if there is none.
    """
    no_octets = tuple(each.partition("{")[0] for each in (sentences.FEED_GAVE, sentences.GREETING_IS))
    if crash.startswith(no_octets):
        return sentences.LOOK_AT_OCTETS
    return sentences.CRASHED if crash else ""


class PeerConnection(ABC):
    """One connection to the server under test.

    Attributes:
        crash: the last line of the program's error, if it is known that the program crashed; else empty.
    """

    crash: str = ""

    @abstractmethod
    def send(self, octets: bytes) -> None:
        """Send octets in one piece; do nothing if the server has closed."""

    @abstractmethod
    def receive(self, seconds: float) -> bytes | None:
        """Return the octets that came, empty octets once the server has closed; None if nothing comes in time."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection, without a word."""


class ServerPeer(ABC):
    """The server under test.

    Attributes:
        subject: what a report calls it.
        patience: how many seconds it may take for a reply; 0 in memory, where no time passes.
        quiet: how many seconds without octets show that it says nothing; 0 in memory.
        partial: how many seconds half a line waits for its end before it counts as a reply.
        silences: how often the server has said nothing for `patience` seconds.
        subject_of_texts: the line for the subject of all texts of the trial; empty for the usual one.
    """

    subject: str
    patience: float = 0.0
    quiet: float = 0.0
    partial: float = 0.3
    silences: int = 0
    subject_of_texts: bytes = b""

    def clock(self) -> float:
        """Return the time in seconds; it stands still in memory."""
        return 0.0

    def note_silence(self) -> None:
        """Wait less in future, if the server has been silent several times: it will be silent again."""
        self.silences += 1
        if self.silences > _SILENCES:
            self.patience = min(self.patience, _LITTLE_PATIENCE)

    @abstractmethod
    def connect(self) -> PeerConnection:
        """Open a connection.

        Raises:
            ConnectionLost: if the server does not take it.
        """

    @abstractmethod
    def begin(self, rule: str) -> None:
        """Begin the trial of a rule: what is stored by now does not count."""

    @abstractmethod
    def stored(self, count: int) -> list[bytes] | None:
        """Return the messages that were stored since the trial began; None if that cannot be seen.

        Args:
            count: how many there should be, so that a server which stores after it has answered gets its time.
        """

    @property
    def tells_of_closing(self) -> bool:
        """True if it can be seen that the server closes a connection."""
        return True
