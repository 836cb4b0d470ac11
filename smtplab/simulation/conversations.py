"""The sessions of a run, written down as they are held, so that a capture can be made of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping

from ..capture import CapturedSession
from ..client.outcomes import ConnectionLost
from ..transcript import Side, Transcript
from ..worlds.virtual import Record, Recorder
from .senders import WRITER, WRITER_ADDRESS
from .traffic import BEGIN


class Conversations:
    """Write down every session of a run. They take memory for every octet that is said.

    Attributes:
        sessions: the sessions, in the order in which they began.
    """

    def __init__(self) -> None:
        self.sessions: list[CapturedSession] = []

    def call(self, client: str, server: str, queue_id: str, seconds: float) -> _Written:
        """Begin to write down a session; see `worlds.virtual.Recorder`."""
        session = CapturedSession(Transcript(), client, server, began=BEGIN.timestamp() + seconds)
        self.sessions.append(session)
        return _Written(session.transcript)

    def flush(self) -> None:
        """Write down the lines that have not ended, when the run has."""
        for session in self.sessions:
            session.transcript.flush()


class _Written:
    """Writes down one session; see `worlds.virtual.Record`."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript

    def feed(self, side: Side, data: bytes, seconds: float, names: Iterable[str] = ()) -> None:
        """Write down octets of one side."""
        self._transcript.feed(side, data, seconds, names)

    def fail(self, error: ConnectionLost) -> None:
        """Write down that nobody answered."""
        self._transcript.note(str(error))

    def interrupt(self, inner: Record) -> None:
        """Do nothing: the other session is written down by itself."""


class Both:
    """Two recorders as one.

    Args:
        one, other: the recorders.
    """

    def __init__(self, one: Recorder, other: Recorder) -> None:
        self._recorders = one, other

    def call(self, client: str, server: str, queue_id: str, seconds: float) -> _BothRecords:
        """Begin a record at each."""
        return _BothRecords([each.call(client, server, queue_id, seconds) for each in self._recorders])


class _BothRecords:
    def __init__(self, records: list[Record]) -> None:
        self._records = records

    def feed(self, side: Side, data: bytes, seconds: float, names: Iterable[str] = ()) -> None:
        """Take octets of one side."""
        names = tuple(names)
        for record in self._records:
            record.feed(side, data, seconds, names)

    def fail(self, error: ConnectionLost) -> None:
        """Note that the connection could not be made."""
        for record in self._records:
            record.fail(error)

    def interrupt(self, inner: Record) -> None:
        """Do nothing; the hosts of a run never call while a client waits."""


def capture_addresses(addresses: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses for a capture, by the names of hosts; none if not all are of one family."""
    found = {**addresses, WRITER: WRITER_ADDRESS}
    families = {ipaddress.ip_address(address).version for address in found.values()}
    return found if len(families) == 1 else {}
