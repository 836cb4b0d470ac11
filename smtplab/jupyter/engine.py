"""What a cell of SMTP does. The kernel and the magics share it, and a test calls it without Jupyter::

    engine = Engine()
    engine.run("telnet mail.adelphia.net 25").text
    engine.run("HELO mail.adelphia.net").text        # 'S: 250 ...'

A cell is read line by line. ``telnet HOST PORT`` opens a session; a line that begins with ``%`` and the name of a
directive is done here; outside a message, empty lines and those that begin with ``#`` are the notebook's own.
Everything else is sent as it stands, and inside a message that is every other line, to the lone dot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol

from ..client.mail_client import SMTP_PORT
from ..client.outcomes import ClientError, ConnectionLost
from ..lab.client_end import Silence
from ..lab.internet import Lab, LabHost, Message
from ..lab.reply import SessionReply
from ..lab.session import Session
from ..protocol.errors import ProtocolError
from ..protocol.states import State
from ..transcript import Side, polled
from .arguments import names_of
from .directives import Directive, directive_in, nearest_directive
from .directives.reading import no_such
from .patience import undisturbed
from .place import Place
from .step import CellError, Interrupted, Judged, Said, Shown, Step

if TYPE_CHECKING:
    from ..grading.handout import Exercise

# No verbs of SMTP, but what one types to the program that opens the session.
OPENERS = ("telnet", "connect")
FIRST_SESSION = "main"
_LONE_DOT = "."
_PART_LINES = 2000  # of a message; they are sent within a tenth of a second
_NAME_LENGTH = 40  # of a session
_OTHER_MACHINES = "; beside the hosts in memory, only servers on this machine are called, as in `telnet 127.0.0.1 2525`"
_IN_MESSAGE = "= no reply: the message goes on, until a line that holds one dot and nothing else"


class Internet(Protocol):
    """Hosts in memory: those of a `Lab`, or of an `Exercise`."""

    @property
    def host_names(self) -> tuple[str, ...]:
        """The names of the hosts."""

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """The addresses of the mailboxes there."""

    def mailbox(self, address: str) -> list[Message]:
        """Return the messages in a mailbox, oldest first; raise `LookupError` if there is none."""

    def telnet(self, host: str, port: int) -> Session:
        """Open a session with a host; raise `ConnectionLost` if nobody takes the call."""


@dataclass(slots=True)
class _Work:
    """A cell while it is done; its lines between two directives are one step, which ``%undo`` takes back."""

    parts: list[Said | Shown] = field(default_factory=list)
    lines: int = 0
    result: object = None
    value: int | None = None
    step: ExitStack = field(default_factory=ExitStack)
    stepping: Session | None = None

    def begin_step(self, session: Session) -> None:
        if self.stepping is not session:
            self.end_step()
            self.step.enter_context(session.step())
            self.stepping = session

    def end_step(self) -> None:
        self.stepping = None
        self.step.close()


class Engine:
    """The sessions of a notebook, and what its cells do with them.

    Args:
        seconds: how long to wait for a real server, for the connection and for each reply.

    Attributes:
        places: the sessions by their names.
        name: the name of the one in use.
        student: the id of who does the exercises, as the notebook says it; empty if it does not.
        exercise: the exercise whose hosts ``telnet`` calls; None for those of the lab.
    """

    def __init__(self, *, seconds: float = 10.0) -> None:
        self.seconds = seconds
        self.places: dict[str, Place] = {FIRST_SESSION: Place()}
        self.name = FIRST_SESSION
        self.student = ""
        self.exercise: Exercise | None = None
        self._lab: Lab | None = None
        self._work = _Work()

    # What there is

    @property
    def lab(self) -> Lab:
        """The lab: that of the session in use, for a fork has its own; else the notebook's."""
        session = self.session
        if session is not None and session.lab is not None:
            return session.lab
        if self._lab is None:
            self._lab = Lab()
        return self._lab

    @property
    def place(self) -> Place:
        """The session in use, or the room for it."""
        return self.places[self.name]

    @property
    def session(self) -> Session | None:
        """The session in use; None before the first ``telnet``."""
        return self.place.session

    @property
    def internet(self) -> Internet:
        """The hosts in memory that ``telnet`` calls: those of the exercise, if it has any, else those of the lab."""
        return self.exercise if self.exercise is not None and self.exercise.host_names else self.lab

    @property
    def hosts(self) -> tuple[LabHost, ...]:
        """The hosts that ``telnet`` calls, if they are the lab's; those of an exercise are known by name alone."""
        return () if self.internet is self.exercise else self.lab.hosts

    @property
    def in_memory(self) -> bool:
        """True if the session in use is with a host in memory, which needs no time to answer."""
        return self.session is not None and self.session.in_memory

    @property
    def in_field(self) -> bool:
        """True if the session in use is with a real server, whose mail and neighbours nobody here can see."""
        return self.session is not None and not self.session.in_memory

    @property
    def host(self) -> str:
        """The name of the host that the session in use is with; empty if there is none."""
        return "" if self.session is None else self.session.host

    @property
    def lab_hosts(self) -> tuple[LabHost, ...]:
        """The hosts of all labs in use, those of forks too."""
        labs = [place.session.lab for place in self.places.values() if place.session and place.session.lab]
        each = {id(lab): lab for lab in (self.lab, *labs, *([self._lab] if self._lab else []))}
        return tuple(host for lab in each.values() for host in lab.hosts)

    @property
    def state(self) -> State | None:
        """The state of the session in use, which is polled; None before the first ``telnet``."""
        return None if self.session is None else polled(self.session).state

    @property
    def in_message(self) -> bool:
        """True while what is typed belongs to a message; the session in use is polled."""
        return self.session is not None and polled(self.session).in_message

    def open_session(self) -> Session:
        """Return the session in use.

        Raises:
            CellError: if there is none yet; the sentence lists the hosts there are.
        """
        if self.session is None:
            raise CellError(f"no session is open yet: {self.invitation()}")
        return polled(self.session)

    def invitation(self) -> str:
        """Say how a session is opened, and with whom."""
        names = self.internet.host_names
        return f"`telnet {names[0]} {SMTP_PORT}` opens a session; the hosts here are {', '.join(names)}"

    def standing(self) -> str:
        """Say how the session in use stands."""
        session = polled(self.session)
        if session is None:
            return "no session is open"
        if session.closed:
            return f"the session {self.name} is closed"
        transcript = session.transcript
        owes = transcript.turn is Side.SERVER
        owed = "; the server still owes a reply, which is shown with the next cell if it comes" if owes else ""
        return f"the session {self.name} is open, {transcript.state.value}{owed}"

    # What there is to do

    def run(self, cell: str, name: str = "") -> Step:
        """Do what a cell says.

        Args:
            cell: its lines, any text.
            name: the session to use from now on; empty for the one in use.

        Returns:
            What was said and shown. Nothing is raised: why the cell could not go on is the step's `failure`.
        """
        work = self._work = _Work()
        failure = None
        try:
            if name:
                self.use(name)
            with work.step:
                self._do(cell.split("\n"))
        except CellError as error:
            failure = error
        except Silence as error:
            failure = CellError(f"{error}; {self.standing()}")
        except (ClientError, ProtocolError, LookupError, ValueError) as error:
            failure = CellError(error)
        except KeyboardInterrupt:
            failure = Interrupted(f"interrupted; {self.standing()}")
        self._report()
        if work.lines and failure is None and self.in_message:
            work.parts.append(Shown(_IN_MESSAGE))
        return Step(tuple(work.parts), work.lines, work.result, work.value, failure)

    def use(self, name: str) -> None:
        """Use the session with this name from now on; a new name is room for a new one.

        Raises:
            CellError: if this can be no name.
        """
        if len(name.split()) != 1 or not name.isprintable() or len(name) > _NAME_LENGTH:
            raise CellError(f"the name of a session is one word of at most {_NAME_LENGTH} characters")
        self.places.setdefault(name, Place())
        self.name = name

    def say(self, text: str) -> None:
        """Send one line, or several each when the one before has its reply; see `Session.send`.

        Raises:
            CellError: if no session is open.
            ClientError, ValueError: as `Session.send`.
        """
        self._speak(lambda session: session.send(text), text.removesuffix("\n").count("\n") + 1)

    def say_octets(self, data: bytes) -> None:
        """Send octets as they are; see `Session.send_bytes`."""
        self._speak(lambda session: session.send_bytes(data), 1)

    def telnet(self, host: str, port: int = SMTP_PORT) -> Session:
        """Open a session: with a host in memory, or with a server on this machine.

        Raises:
            CellError: if there is no such host, or it is another machine.
            ClientError: as `Lab.telnet` and `connect`.
        """
        if _is_address(host) and all(host != each.address for each in self.hosts):
            return self._connect(host, port)
        try:
            return self.internet.telnet(host, port)
        except ConnectionLost:
            if self._knows(host):
                raise
        said = no_such("host", host, self.internet.host_names)
        raise CellError(said if said.endswith("?") else f"{said}{_OTHER_MACHINES}")

    def _connect(self, host: str, port: int) -> Session:
        from ..lab.session import connect
        from ..worlds.tcp_client import RemoteAddressRefused  # here, because in a browser there are no sockets

        try:
            return connect(host, port, timeout=self.seconds)
        except Silence as error:
            raise CellError(f"{error}; the call is ended, for in SMTP the server speaks first") from None
        except RemoteAddressRefused:
            raise CellError(f"{host} is another machine{_OTHER_MACHINES}") from None

    def dials(self, line: str) -> bool:
        """Say whether a line surely opens a session: a notebook that is run again may stand amid a message."""
        words = line.lower().split()
        if not 2 <= len(words) <= 3 or words[0] not in OPENERS or not all(map(str.isdigit, words[2:])):
            return False
        return self._knows(words[1]) or _is_address(words[1])

    def _knows(self, host: str) -> bool:
        """Say whether a host in memory is called so."""
        names = {*self.internet.host_names, *(name for each in self.hosts for name in names_of(each))}
        return host.lower().rstrip(".") in map(str.lower, names)

    # Line by line

    def _do(self, lines: Sequence[str]) -> None:
        at = 0
        while at < len(lines):
            at += self._take(lines, at)

    def _take(self, lines: Sequence[str], at: int) -> int:
        """Do the line `at`, and return how many lines that has used up."""
        line = lines[at].removesuffix("\r")
        if (found := directive_in(line)) is not None:
            return self._direct(lines, at, *found)
        if self.in_message and not (at == 0 and self.dials(line)):
            message = list(_rest_of_message(lines, at))
            self.say("\n".join(message) + "\n")  # where the last line is empty, it is a line all the same
            return len(message)
        if line.startswith("%"):
            raise CellError(nearest_directive(line))
        if line.strip() and not line.startswith("#"):
            words = line.split()
            if words[0].lower() in OPENERS:
                self._open(words)
            else:
                self.say(line)
        return 1

    def _direct(self, lines: Sequence[str], at: int, directive: Directive, argument: str) -> int:
        """Do a directive, to which lines below it may belong."""
        if argument and not directive.argument:
            raise CellError(f"{directive.syntax} takes nothing behind it; write it alone, without {argument[:40]!r}")
        used = 1 + directive.below(lines[at + 1 :])
        self._work.end_step()
        self._report()
        shown = directive.run(self, "\n".join([argument, *lines[at + 1 : at + used]]))
        self._report()
        if shown is not None:
            self._work.result = shown
            self._work.parts.append(Shown.of(shown))
        if isinstance(shown, Judged):
            self._work.value = shown.points
        return used

    def _open(self, words: Sequence[str]) -> None:
        """Do ``telnet HOST PORT``."""
        opener, *arguments = words
        if not 1 <= len(arguments) <= 2:
            raise CellError(f"{opener} is followed by a host and a port; {self.invitation()}")
        port = _port(arguments[1]) if len(arguments) == 2 else SMTP_PORT
        before = polled(self.session)
        self._work.end_step()
        try:
            session = self.telnet(arguments[0], port)
        except Exception:
            if before is not None and not before.closed:
                self._work.parts.append(Shown(f"= {self.standing()}; it is still the one in use"))
            raise
        if before is not None and not before.closed:
            self._report()
            before.close()
            note = f"= the session {self.name} was still open, and is given up without QUIT"
            self._work.parts.append(Shown(note))
        self.place.hold(session)
        self._work.lines += 1
        self._work.result = session.greeting

    def _speak(self, send: Callable[[Session], SessionReply | None], lines: int) -> None:
        session = self.open_session()
        self._work.lines += lines
        with undisturbed() if self.in_memory else nullcontext():
            self._work.begin_step(session)
            reply = send(session)
        if reply is not None:
            self._work.result = reply

    def _report(self) -> None:
        """Let what was said since the last time be shown."""
        if (news := self.place.news()) is not None:
            self._work.parts.append(news)


def _rest_of_message(lines: Sequence[str], at: int) -> Iterator[str]:
    """Yield the lines from `at` on that belong to the message, the lone dot included; a directive is none of them.

    Of a very long message there is a part, so that an interrupt does not wait for all of it.
    """
    for number in range(at, min(at + _PART_LINES, len(lines))):
        line = lines[number].removesuffix("\r")
        if directive_in(line) is not None:
            return
        yield line
        if line == _LONE_DOT:
            return


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise CellError(f"{text!r} is no port; a port is a number from 1 to 65535, and that of SMTP is {SMTP_PORT}")
    return int(text)


def _is_address(host: str) -> bool:
    """Say whether it is the name of this machine, or an address as numbers."""
    if host.lower() == "localhost":
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
