"""An exercise as it is designed, and as it is handed out to one student.

A `Design` is the same for all: how a student's task is drawn, which hosts it is played on, how the task sheet reads,
and the public rules. An `Exercise` is what a student holds: the sheet, a ``telnet`` to the hosts, and a place to hand
in. The designs lie in `smtplab.grading.exercises`, one module each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..client import ConnectionLost
from ..lab.internet import Message
from ..lab.session import Session
from ..mta.host import MailHost
from ..transcript import Transcript
from ..worlds.memory import Host, Network
from .evidence import Evidence, Tap, Wire
from .rules import Part
from .variants import Draw, normal

TaskT = TypeVar("TaskT")

# Who sits at the keyboard. RFC 5737 sets this address aside for examples.
_DESK_ADDRESS = "203.0.113.7"


class ExerciseError(Exception):
    """An exercise cannot be handed out, or handed in; ``str(error)`` is a sentence for the student."""


def _nothing_given(task: Any) -> Mapping[str, str]:
    return {}


def _no_hosts(task: Any) -> tuple[Host, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Design(Generic[TaskT]):
    """What an exercise is made of.

    Args:
        name: ``NN-title``; the notebook and nbgrader's assignment have it, too.
        draw: makes a student's task, any frozen value, of the student's lots.
        sheet: the task as text, with everything that the student has to know and nothing that is asked for.
        parts: one for each test cell of the notebook, in order.
        hosts: makes the mail hosts of a task, new ones every time.
        given: texts to print and work on, by their names.
        questions: the names under which something may be handed in.
    """

    name: str
    draw: Callable[[Draw], TaskT]
    sheet: Callable[[TaskT], str]
    parts: tuple[Part[Evidence[TaskT]], ...]
    hosts: Callable[[TaskT], tuple[Host, ...]] = _no_hosts
    given: Callable[[TaskT], Mapping[str, str]] = _nothing_given
    questions: tuple[str, ...] = ()

    def part(self, name: str) -> Part[Evidence[TaskT]]:
        """Return the part with this name.

        Raises:
            ExerciseError: if there is none; the sentence lists those there are.
        """
        for part in self.parts:
            if part.name == name:
                return part
        raise ExerciseError(f"{self.name} has no part {name!r}; it has {', '.join(part.name for part in self.parts)}")

    def task(self, student: str, course: str = "") -> TaskT:
        """Return the task of a student."""
        return self.draw(Draw(student, self.name, course))


class Exercise:
    """An exercise in a student's hands. A notebook shows its task sheet, and so does ``print``.

    Args:
        design: what it is made of.
        student: whose task it is.
        course: the course's salt.
        said: whose work the notebook says it is; it is the student, unless somebody else's notebook was handed in.
    """

    def __init__(self, design: Design[Any], student: str, course: str = "", *, said: str = "") -> None:
        self.design = design
        self.student = normal(student)
        self.course = course
        self.said = normal(said) or self.student
        self._task = design.task(student, course)
        self._network = Network()
        for host in design.hosts(self._task):
            self._network.add(host)
        self._lost: list[Wire] = []  # calls that nobody took
        self._taps: list[Tap] = []
        self._answers: dict[str, object] = {}

    @property
    def given(self) -> Mapping[str, str]:
        """The texts that belong to the task, by their names; print one to work on it."""
        return self.design.given(self._task)

    @property
    def host_names(self) -> tuple[str, ...]:
        """The names of the hosts that `telnet` calls; none if the exercise is not about a session."""
        return tuple(host.name for host in self._network.hosts)

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """The addresses of the mailboxes on those hosts."""
        return tuple(self._mail())

    def telnet(self, host: str, port: int = 25) -> Session:
        """Open a session with a host of the exercise; open as many as you like, all of them are looked at.

        Args:
            host: the host's name, as it stands in the task sheet.
            port: 25, where mail servers listen (RFC 5321 4.5.4.2).

        Raises:
            ConnectionLost: if there is no such host, or nobody listens on the port; the sentence says so.
        """
        try:
            tap = Tap(host, self._network.dial(host, port, peer=_DESK_ADDRESS))
        except ConnectionLost:
            self._lost.append(Wire(host, Transcript(), b"", closed=True))
            raise
        self._taps.append(tap)
        address = self._network.find(host).address
        return Session(tap, notes=(f"Trying {address} . . .", f"Connected to {host} ({address})."))

    def mailbox(self, address: str) -> list[Message]:
        """Return the messages that lie in a mailbox of the exercise, oldest first.

        Raises:
            LookupError: if no host here has this mailbox; the sentence lists those there are.
        """
        mail = self._mail()
        if address.casefold() not in mail:
            raise LookupError(f"there is no mailbox {address!r} here; there are {', '.join(mail)}")
        return [Message(content) for content in mail[address.casefold()]]

    def hand_in(self, question: str, answer: object) -> None:
        """Hand in the answer to a question; handed in again, the new answer takes the place of the old one.

        Raises:
            ExerciseError: if the exercise asks no such question; the sentence lists those it asks.
        """
        if question not in self.design.questions:
            asked = ", ".join(map(repr, self.design.questions)) or "none"
            raise ExerciseError(f"{self.design.name} has no question {question!r}; its questions are {asked}")
        self._answers[question] = answer

    def evidence(self) -> Evidence[Any]:
        """Return all that there is to judge at this moment."""
        wires = (*self._lost, *(tap.wire for tap in self._taps))
        return Evidence(self._task, wires, self._mail(), dict(self._answers))

    def _mail(self) -> Mapping[str, tuple[bytes, ...]]:
        found = {}
        for host in self._network.hosts:
            if isinstance(host.handler, MailHost):
                directory, store = host.handler.directory, host.handler.store
                for name in directory.mailboxes:
                    found[f"{name}@{directory.domains[0]}".casefold()] = tuple(store.messages(name))
        return found

    def __str__(self) -> str:
        return self.design.sheet(self._task)

    def __repr__(self) -> str:
        return f"<Exercise {self.design.name} for {self.student}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show the task sheet in IPython."""
        printer.text(str(self))
