"""The task of exercise 02: three hosts, the people there, and ten cells of the matrix of commands and states."""

from __future__ import annotations

from dataclasses import dataclass

from ....mta.directory import Directory, Mailbox, Terminal
from ....mta.host import MailHost
from ....worlds.virtual import Host
from ...evidence import Evidence
from ...variants import PEOPLE, WORDS, Draw
from ..hosts import host_of

_ADDRESSES = ("192.0.2.25", "198.51.100.25", "198.51.100.26")  # RFC 5737 sets them aside for examples

# Never changed: a student's task would change with it. The cells, two of each kind, so that every student is asked for
# the same. Each is drawn from one of these tuples.
_OPENINGS = ("MAIL", "SEND", "SOML", "SAML")
_ANYWHERE = ("GREETED", "READY", "SENDER", "RECIPIENT")
_LISTS = ("crew", "team", "staff", "choir", "board", "class")


def _cells(verbs: tuple[str, ...], states: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((verb, state) for verb in verbs for state in states)


KINDS: dict[str, tuple[tuple[tuple[str, str], ...], ...]] = {
    "too-early": (
        _cells((*_OPENINGS, "TURN"), ("GREETED",)),
        (*_cells(("RCPT", "DATA"), ("GREETED", "READY")), ("DATA", "SENDER")),
    ),
    "inside": (_cells(_OPENINGS, ("SENDER", "RECIPIENT")), _cells(("TURN",), ("SENDER", "RECIPIENT"))),
    "onward": (
        (*_cells(_OPENINGS, ("READY",)), ("RCPT", "SENDER"), ("RCPT", "RECIPIENT")),
        (("DATA", "RECIPIENT"),),
    ),
    "any-time": (_cells(("QUIT", "HELP"), _ANYWHERE), _cells(("NOOP", "VRFY", "EXPN", "RSET"), _ANYWHERE)),
    "again": (_cells(("HELO",), ("READY", "SENDER", "RECIPIENT")), (("TURN", "READY"),)),
}


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A cell of the matrix: a command, the state in which it comes, and one of `KINDS`."""

    verb: str
    state: str
    kind: str

    def __str__(self) -> str:
        return f"{self.verb} in {self.state}"


@dataclass(frozen=True, slots=True)
class EveryCommandTask:
    """The task of one student.

    Args:
        client: the name of the student's own machine.
        traveller: the name of the student's other machine, for the tour. So no part counts sessions of another.
        domain, second_domain, closed_domain: the domains of the three hosts; the third takes no mail at all.
        sender, recipient: two addresses at the first host; the recipient is logged in there.
        other: an address at the second host, where nobody is logged in.
        group: the mailing list at the first host.
        cells: the ten cells, in a drawn order.
    """

    client: str
    traveller: str
    domain: str
    second_domain: str
    closed_domain: str
    sender: str
    recipient: str
    other: str
    group: str
    cells: tuple[MatrixCell, ...]

    @property
    def host(self) -> str:
        """The name of the first host."""
        return f"mail.{self.domain}"

    @property
    def second_host(self) -> str:
        """The name of the second host, which agrees to TURN."""
        return f"mail.{self.second_domain}"

    @property
    def closed_host(self) -> str:
        """The name of the third host, which greets with a refusal."""
        return f"mail.{self.closed_domain}"

    @property
    def hosts_called(self) -> tuple[str, ...]:
        """The names of the hosts with which a session can be held."""
        return (self.host, self.second_host)


EveryCommandEvidence = Evidence[EveryCommandTask]


def draw(lots: Draw) -> EveryCommandTask:
    """Draw a student's task."""
    words = lots.picks("domains", WORDS, 6)
    domain, second, closed = (f"{words[each]}-{words[each + 1]}.example" for each in (0, 2, 4))
    sender, recipient, other = lots.picks("people", PEOPLE, 3)
    cells = [
        MatrixCell(*lots.pick(f"cell {kind} {number}", choices), kind)
        for kind, both in KINDS.items()
        for number, choices in enumerate(both)
    ]
    return EveryCommandTask(
        f"{lots.word('client 1')}-{lots.word('client 2')}.students.example",
        f"{lots.word('traveller 1')}-{lots.word('traveller 2')}.travels.example",
        domain,
        second,
        closed,
        f"{sender}@{domain}",
        f"{recipient}@{domain}",
        f"{other}@{second}",
        lots.pick("list", _LISTS),
        lots.picks("order", cells, len(cells)),
    )


def local_part(address: str) -> str:
    """Return the part before the ``@``."""
    return address.partition("@")[0]


def sheet(task: EveryCommandTask) -> str:
    """Return the task sheet."""
    sender, recipient, other = map(local_part, (task.sender, task.recipient, task.other))
    return (
        f"Your own machine is called {task.client}\n"
        f"The one for the tour (part 3) is called {task.traveller}\n"
        f"You write as {task.sender}\n"
        f"\n{task.host}, port 25, takes mail for {task.domain}\n"
        f"  {sender:<10}has a mailbox\n"
        f"  {recipient:<10}has a mailbox, and is logged in at a terminal\n"
        f"  {task.group:<10}is a mailing list, and the host tells who is on it\n"
        "  the host does not offer TURN\n"
        f"{task.second_host}, port 25, takes mail for {task.second_domain}\n"
        f"  {other:<10}has a mailbox, and is not logged in\n"
        "  the host agrees to TURN, and tells nobody who is on a list\n"
        f"{task.closed_host}, port 25, takes no mail at all: it greets every client with 554"
    )


def hosts(task: EveryCommandTask) -> tuple[Host, ...]:
    """Return the three hosts of the task."""
    sender, recipient = local_part(task.sender), local_part(task.recipient)
    first = host_of(
        task.host,
        Directory(
            [task.domain],
            [sender, Mailbox(recipient, terminal=Terminal())],
            lists={task.group: [sender, recipient]},
        ),
        address=_ADDRESSES[0],
    )
    second = host_of(task.second_host, Directory([task.second_domain], [local_part(task.other)]), address=_ADDRESSES[1])
    third = host_of(task.closed_host, Directory([task.closed_domain]), address=_ADDRESSES[2])
    assert isinstance(second.handler, MailHost)
    assert isinstance(third.handler, MailHost)
    second.handler.turns, second.handler.answers_expn = True, False
    third.handler.open = False
    return first, second, third
