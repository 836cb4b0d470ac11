"""The state of a notebook: its SMTP sessions, the hosts that they reach, and the exercise in hand.

Directives act on it, and the `engine` drives it line by line. It displays nothing: what was said, and what a directive
shows, is collected for the cell that runs.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Protocol

from ..client.outcomes import ConnectionLost
from ..client.session import SMTP_PORT
from ..explain.question_sheet import QuestionSheet
from ..lab.client_end import Silence
from ..lab.faded import FadedPuzzle
from ..lab.internet import Lab, LabSession
from ..lab.lab_host import LabHost, Message
from ..lab.parsons import ParsonsPuzzle
from ..lab.predict import Question
from ..lab.recorded import polled
from ..lab.reply import SessionReply
from ..lab.session import Session
from ..protocol.extensions import NO_EXTENSIONS, Offer
from ..protocol.states import State
from ..transcript import Side
from . import sentences
from .arguments import names_of
from .cell_result import CellError, Said, Shown
from .interrupts import interrupts_delayed
from .named_session import NamedSession
from .sentences import no_such

if TYPE_CHECKING:
    from ..grading.handout import Exercise

# What one types to the program that opens a session; these are not verbs of SMTP.
OPENERS = ("telnet", "connect")
FIRST_SESSION = "main"
_NAME_LENGTH = 40  # of a session


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
        """Open a session with a host; raise `ConnectionLost` if no host answers."""


@dataclass(slots=True)
class RunningCell:
    """A cell while it runs. Its lines between two directives are one step, which ``%undo`` takes back.

    Args:
        key: what makes it the same cell as in an earlier run; None for a line that is not a cell.
    """

    key: object = None
    opened: bool = False  # a session
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


class NotebookState:
    """The sessions of a notebook, the hosts that they reach, and the exercise in hand.

    Args:
        seconds: how long to wait for a real server, for the connection and for each reply.

    Attributes:
        sessions: the sessions by their names.
        name: the name of the current session.
        student: the student id that the notebook gives; empty without one.
        exercise: the exercise whose hosts ``telnet`` calls; None for those of the lab.
        question: the question that the last cell asked with ``%predict ?``; None if it asked none.
        asked: the last review, the last defence and the last explanation that asked a question, the latest first.
        parsons, faded: the puzzles of ``%order`` and ``%fill``; None if there was none.
    """

    def __init__(self, *, seconds: float = 10.0) -> None:
        self._seconds_at_first = seconds
        self._work = RunningCell()
        self.student = ""
        self.exercise: Exercise | None = None
        self.question: Question | None = None
        self.parsons: ParsonsPuzzle | None = None
        self.faded: FadedPuzzle | None = None
        self.asked: tuple[QuestionSheet[Any], ...] = ()
        self._begin()

    def _begin(self, queues: bool = False) -> None:
        """Set what `start_over` sets again: the sessions, the lab, the timeout."""
        self._queues = queues
        self.seconds = self._seconds_at_first
        self.sessions: dict[str, NamedSession] = {FIRST_SESSION: NamedSession()}
        self.name = FIRST_SESSION
        self._lab: Lab | None = None
        self._opened_by: object = None  # the cell that opened the first session
        self._forks: dict[str, tuple[object, str]] = {}  # by name: the cell that made it, and what it is a copy of

    # What there is

    @property
    def lab(self) -> Lab:
        """The lab of the current session, because a fork has its own; else the notebook's."""
        if isinstance(self.session, LabSession):
            return self.session.lab
        if self._lab is None:
            self._lab = Lab(queues=self._queues)
        return self._lab

    @property
    def current(self) -> NamedSession:
        """The current session, by its name."""
        return self.sessions[self.name]

    @property
    def session(self) -> Session | None:
        """The current session; None before the first ``telnet``."""
        return self.current.session

    @property
    def internet(self) -> Internet:
        """The hosts in memory that ``telnet`` calls: those of the exercise, if it has any, else those of the lab."""
        return self.exercise if self.exercise is not None and self.exercise.host_names else self.lab

    @property
    def hosts(self) -> tuple[LabHost, ...]:
        """The hosts that ``telnet`` calls; none for an exercise, which shows only their names."""
        return () if self.internet is self.exercise else self.lab.hosts

    @property
    def in_memory(self) -> bool:
        """True if the current session is with a host in memory, which answers at once."""
        return self.session is not None and self.session.in_memory

    @property
    def in_field(self) -> bool:
        """True if the current session is with a real server, whose mail and neighbours cannot be seen here."""
        return self.session is not None and not self.session.in_memory

    @property
    def host(self) -> str:
        """The name of the current session's host; empty if there is none."""
        return "" if self.session is None else self.session.host

    @property
    def lab_hosts(self) -> tuple[LabHost, ...]:
        """The hosts of all labs in use, forks included."""
        labs = [each.session.lab for each in self.sessions.values() if isinstance(each.session, LabSession)]
        each = {id(lab): lab for lab in (self.lab, *labs, *([self._lab] if self._lab else []))}
        return tuple(host for lab in each.values() for host in lab.hosts)

    @property
    def state(self) -> State | None:
        """The state of the current session, which is polled; None before the first ``telnet``."""
        return None if self.session is None else polled(self.session).state

    @property
    def extensions(self) -> Offer:
        """The extensions in force in the current session, which may bring verbs; none before the first ``telnet``."""
        return NO_EXTENSIONS if self.session is None else self.session.transcript.extensions

    @property
    def in_message(self) -> bool:
        """True while lines belong to a message; the current session is polled."""
        return self.session is not None and polled(self.session).in_message

    def open_session(self) -> Session:
        """Return the current session.

        Raises:
            CellError: if there is none; the sentence lists the hosts.
        """
        if self.session is None:
            raise CellError(sentences.NO_SESSION.format(invitation=self.invitation()))
        return polled(self.session)

    def invitation(self) -> str:
        """Return how to open a session, and with which hosts."""
        names = self.internet.host_names
        return sentences.INVITATION.format(host=names[0], port=SMTP_PORT, hosts=", ".join(names))

    def standing(self) -> str:
        """Return a description of the current session."""
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

    def ask(self, sheet: QuestionSheet[Any]) -> None:
        """Let ``%answer`` answer these questions; earlier ones of the same kind cannot be answered any more."""
        self.asked = (sheet, *(each for each in self.asked if type(each) is not type(sheet)))

    def use(self, name: str) -> None:
        """Use the session with this name from now on; a new name has no session yet.

        Raises:
            CellError: if the name is not valid.
        """
        if len(name.split()) != 1 or not name.isprintable() or len(name) > _NAME_LENGTH:
            raise CellError(sentences.BAD_SESSION_NAME.format(most=_NAME_LENGTH))
        self.sessions.setdefault(name, NamedSession())
        self.name = name

    def note_fork(self, name: str, origin: str) -> None:
        """Note that the cell that runs has made a copy of the session `origin`."""
        self._forks[name] = (self._work.key, origin)

    def origin_of_fork(self, name: str) -> str | None:
        """Return of which session an earlier run of this cell made the copy of that name; None if it made none."""
        cell, origin = self._forks.get(name, (None, ""))
        return origin if cell is not None and cell == self._work.key else None

    def start_over(self, *, queues: bool | None = None) -> None:
        """Close all sessions and use a new lab, so that cells give the same outputs as when they first ran.

        The student id and the exercise in hand stay, because their sessions count for the grade.

        Args:
            queues: True if the hosts of the new lab queue mail for each other; None for a lab like the one in use.
        """
        self._work.end_step()
        for each in self.sessions.values():
            if each.session is not None and not each.session.closed:
                each.session.close()
        self._begin(self._queues if queues is None else queues)

    def say(self, text: str) -> None:
        """Send one line, or several, each after the reply to the one before; see `Session.send`.

        Raises:
            CellError: if no session is open.
            ClientError, ValueError: as `Session.send`.
        """
        self._speak(lambda session: session.send(text, remarks=False), text.removesuffix("\n").count("\n") + 1)

    def say_octets(self, data: bytes) -> None:
        """Send octets as they are; see `Session.send_bytes`."""
        self._speak(lambda session: session.send_bytes(data), 1)

    def telnet(self, host: str, port: int = SMTP_PORT) -> Session:
        """Open a session with a host in memory, or with a server on this machine.

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
        guessed = said.endswith("?")
        raise CellError(
            said if guessed else sentences.NO_HOST.format(no_such=said, only_here=sentences.ONLY_THIS_MACHINE)
        )

    def _connect(self, host: str, port: int) -> Session:
        from ..lab.session import connect
        from ..worlds.addresses import RemoteAddressRefused  # here, because in a browser there are no sockets

        try:
            return connect(host, port, timeout=self.seconds)
        except Silence as error:
            raise CellError(sentences.NO_GREETING.format(error=error)) from None
        except RemoteAddressRefused:
            only_here = sentences.ONLY_THIS_MACHINE
            raise CellError(sentences.OTHER_MACHINE.format(host=host, only_here=only_here)) from None

    def dials(self, line: str) -> bool:
        """Return True if a line surely opens a session, even inside a message of an earlier run of the notebook."""
        words = line.lower().split()
        if not 2 <= len(words) <= 3 or words[0] not in OPENERS or not all(map(str.isdigit, words[2:])):
            return False
        return self._knows(words[1]) or _is_address(words[1])

    def _knows(self, host: str) -> bool:
        """Return True if a host in memory has this name."""
        names = {*self.internet.host_names, *(name for each in self.hosts for name in names_of(each))}
        names |= {each.name for each in self.lab.own_hosts}
        return host.lower().rstrip(".") in map(str.lower, names)

    def _speak(self, send: Callable[[Session], SessionReply | None], lines: int) -> None:
        session = self.open_session()
        self._work.lines += lines
        with interrupts_delayed() if self.in_memory else nullcontext():
            self._work.begin_step(session)
            reply = send(session)
        if reply is not None:
            self._work.result = reply

    def _report(self) -> None:
        """Add what was said since the last report to the running cell."""
        if (news := self.current.news()) is not None:
            self._work.parts.append(news)


def _is_address(host: str) -> bool:
    """Return True for the name of this machine, and for a numeric address."""
    if host.lower() == "localhost":
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
