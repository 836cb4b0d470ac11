"""How a student's `Server` is tried: visited by clients of ours, each of which may open several connections.

The record of a visit has what the server gave, step by step, and what it stored. What our client sent is not in it but
for a checksum: the client follows from its name and from the answers. So a visit can be held again with the record in
place of the server, and a record that does not fit ends the connection.

While a notebook is graded, our client and the record are in a process of ours; the server is a `DistantServer` to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from zlib import crc32

from ....base.line_limit import TooManyLines
from ....conformance.rule import ConformanceFinding, ConformanceRule
from ....conformance.servers.memory_peer import MemoryPeer
from ....conformance.servers.server_peer import PeerConnection, ServerPeer
from ....conformance.servers.server_rule import ServerRule
from ....conformance.servers.server_rules import SERVER_RULES, ServerCheck
from ...recording import RecordedData
from ...trial_line import BrokenOff, ProgramStopped, Served, TrialLine
from ...trials import TriedProgram
from .clients import OWN_IDS, own_rules
from .sessions import SESSIONS, hold_session
from .task import ServerTask

_HANG_UP = b"the client hangs up"
# What the server does about octets: the octets that it gives, True if it has closed, and the last line of its error.
_Gives = Callable[[bytes], tuple[bytes, bool, str]]
_SHARED: dict[str, ServerRule] = {each.rule.id: each for each in SERVER_RULES}
# Visits of several clients, some of which vanish: what they leave in a server that keeps the state of a session outside
# of its object would be found by every visit behind them.
_SEVERAL = tuple(name for name, each in _SHARED.items() if each.rule.stage == "clients")
_SINGLE = tuple(name for name in _SHARED if name not in _SEVERAL)


class StepConnection(PeerConnection):
    """A connection to a server that answers at once, whether it is there or only its record.

    Args:
        gives: what the server does about octets; empty ones when the client has connected.
    """

    def __init__(self, gives: _Gives) -> None:
        self._gives = gives
        self._arrived = b""
        self._closed = False
        self._step(b"")

    def send(self, octets: bytes) -> None:
        """Send octets, unless the server has closed."""
        if octets and not self._closed:
            self._step(octets)

    def receive(self, seconds: float) -> bytes | None:
        """Return what the server gave; it never waits."""
        arrived, self._arrived = self._arrived, b""
        return arrived or (b"" if self._closed else None)

    def close(self) -> None:
        """Let the client go."""
        if not self._closed:
            self._step(_HANG_UP)

    def _step(self, octets: bytes) -> None:
        given, self._closed, self.crash = self._gives(octets)
        self._arrived += given


class VisitedServer(Protocol):
    """The student's server, which is here or in the student's process."""

    def visit(self) -> None:
        """Begin a visit: what was stored before does not count."""

    def connect(self) -> bool:
        """Make a new object of the server; return True if it says when it has closed."""

    def step(self, connection: int, octets: str) -> tuple[str, bool, str]:
        """Feed octets to an object, by its number; return what it gives, if it has closed, and its error's last line.

        Octets are text here, one character for each.
        """

    def hang_up(self, connection: int) -> tuple[str, bool, str]:
        """Let the client of an object go; return as `step`."""

    def stored(self, count: int) -> list[str] | None:
        """Return what is in the ``messages`` of all objects of the visit."""


class NearServer:
    """The student's server in its own process, where each call must come to its end.

    Args:
        program: the server's class.

    Raises:
        ProgramStopped: in each method, if the server does not come to an end.
    """

    def __init__(self, program: TriedProgram) -> None:
        self._program = program
        self.visit()

    def visit(self) -> None:
        """Begin a visit."""
        self._limit = self._program.limit()
        self._peer = MemoryPeer(self._program.code)
        self._connections: list[PeerConnection] = []

    def connect(self) -> bool:
        """Make a new object."""
        with self._within():
            self._connections.append(self._peer.connect())
        return self._peer.tells_of_closing

    def step(self, connection: int, octets: str) -> tuple[str, bool, str]:
        """Feed octets to an object."""
        return self._done(connection, lambda inner: inner.send(octets.encode("latin-1")))

    def hang_up(self, connection: int) -> tuple[str, bool, str]:
        """Let the client of an object go."""
        return self._done(connection, lambda inner: inner.close())

    def stored(self, count: int) -> list[str] | None:
        """Return what is stored."""
        with self._within():
            found = self._peer.stored(count)
        return found if found is None else [each.decode("latin-1") for each in found]

    def _done(self, connection: int, action: Callable[[Any], None]) -> tuple[str, bool, str]:
        inner: Any = self._connections[connection]
        with self._within():
            action(inner)
            return (inner.receive(0.0) or b"").decode("latin-1"), inner.closed, inner.crash

    @contextmanager
    def _within(self) -> Iterator[None]:
        try:
            with self._limit:
                yield
        except TooManyLines:
            raise self._program.stopped(self._limit) from None


class DistantServer:
    """The student's server in the student's process; see `VisitedServer`.

    Args:
        line: to that process.
    """

    def __init__(self, line: TrialLine) -> None:
        self._line = line
        self.visit()

    def visit(self) -> None:
        """Begin a visit."""
        self._line.call("visit")

    def connect(self) -> bool:
        """Make a new object."""
        return bool(self._line.call("connect"))

    def step(self, connection: int, octets: str) -> tuple[str, bool, str]:
        """Feed octets to an object."""
        return _step_of(self._line.call("step", connection, octets))

    def hang_up(self, connection: int) -> tuple[str, bool, str]:
        """Let the client of an object go."""
        return _step_of(self._line.call("hang_up", connection))

    def stored(self, count: int) -> list[str] | None:
        """Return what is stored."""
        found = self._line.call("stored", count)
        return found if found is None else list(map(str, found))


def _step_of(said: Any) -> tuple[str, bool, str]:
    given, is_closed, crash = said
    return str(given), bool(is_closed), str(crash)


class RecordingPeer(ServerPeer):
    """The student's server, with a record of what it does.

    Args:
        server: the server.

    Attributes:
        record: as JSON can hold it: the steps of each connection, what was stored whenever that was looked at, and if
            the server says that it has closed.
    """

    subject = "Server"

    def __init__(self, server: VisitedServer) -> None:
        self._server = server
        self.record: dict[str, Any] = {"connections": [], "stored": [], "tells": True}

    def connect(self) -> StepConnection:
        """Make a new object of the server."""
        self.record["tells"] = self._server.connect()
        steps: list[list[Any]] = []
        self.record["connections"].append(steps)
        number = len(self.record["connections"]) - 1

        def gives(octets: bytes) -> tuple[bytes, bool, str]:
            if octets == _HANG_UP:
                step = self._server.hang_up(number)
            else:
                step = self._server.step(number, octets.decode("latin-1"))
            steps.append([crc32(octets), *step])
            return step[0].encode("latin-1", "replace"), *step[1:]

        return StepConnection(gives)

    def begin(self, rule: str) -> None:
        """Do nothing: a peer is for one visit."""

    def stored(self, count: int) -> list[bytes] | None:
        """Return what is in the server's ``messages``."""
        found = self._server.stored(count)
        self.record["stored"].append(found)
        return found if found is None else [each.encode("latin-1", "replace") for each in found]

    @property
    def tells_of_closing(self) -> bool:
        """True if the server has an attribute ``closed``."""
        return bool(self.record["tells"])


class RecordPeer(ServerPeer):
    """The record of a visit in place of the server.

    Args:
        record: the record.
    """

    subject = "Server"

    def __init__(self, record: RecordedData) -> None:
        self._connections = iter(record["connections"])
        self._stored = iter(record["stored"])
        self._tells = bool(record["tells"])

    def connect(self) -> StepConnection:
        """Return the next connection of the record."""
        steps: Iterator[list[Any]] = iter(next(self._connections, []))

        def gives(octets: bytes) -> tuple[bytes, bool, str]:
            checksum, given, closed, crash = next(steps, (None, "", True, ""))
            if checksum != crc32(octets):
                return b"", True, ""
            return str(given).encode("latin-1", "replace"), bool(closed), str(crash)

        return StepConnection(gives)

    def begin(self, rule: str) -> None:
        """Do nothing; the record is of this visit alone."""

    def stored(self, count: int) -> list[bytes] | None:
        """Return what was stored when this was asked."""
        found = next(self._stored, None)
        return found if found is None else [str(each).encode("latin-1", "replace") for each in found]

    @property
    def tells_of_closing(self) -> bool:
        """True if the server had an attribute ``closed``."""
        return self._tells


class ServerTrials:
    """The visits to the server of one student: one for each rule of `conformance`, and sessions drawn at random.

    Those of several clients come last.

    Args:
        task: the student's task.
    """

    names = (*OWN_IDS, *_SINGLE, *SESSIONS, *_SEVERAL)

    def __init__(self, task: ServerTask) -> None:
        self._task = task

    def perform(self, name: str, program: TriedProgram) -> dict[str, Any]:
        """Visit the server, and return the record."""
        peer = RecordingPeer(NearServer(program) if program.line is None else DistantServer(program.line))
        try:
            _visit(peer, self._task, name)
        except (KeyboardInterrupt, BrokenOff):
            raise
        except ProgramStopped as stopped:
            return peer.record | stopped.record
        except BaseException:  # an attribute of the server may do anything; the record ends here
            return peer.record
        return peer.record

    def served(self, program: TriedProgram, line: TrialLine) -> Served:
        """Return the methods of the server."""
        near = NearServer(program)
        return {each.__name__: each for each in (near.visit, near.connect, near.step, near.hang_up, near.stored)}


def rule_named(id: str) -> ConformanceRule:
    """Return a rule of `conformance`."""
    return _SHARED[id].rule


def found_in(program: TriedProgram, task: ServerTask, name: str) -> ConformanceFinding:
    """Return what a visit to the server found.

    Raises:
        Unasked: if the visit did not come to its end.
    """
    return program.once((task, name), lambda: _visit(RecordPeer(program.record(name)), task, name))  # type: ignore[no-any-return]


def _visit(peer: ServerPeer, task: ServerTask, name: str) -> ConformanceFinding:
    if name in SESSIONS:
        return hold_session(peer, task, SESSIONS[name])
    rule = _SHARED[name] if name in _SHARED else own_rules(task)[OWN_IDS.index(name)]
    return next(ServerCheck(peer, task.mailbox, (rule,)).run(all=True))
