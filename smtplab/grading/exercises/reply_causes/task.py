"""The task of exercise 03: three mail hosts, who lives there, and the eight causes to bring about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ....client.session import SMTP_PORT
from ....mta.directory import Directory, Forward, Mailbox
from ....mta.host import MailHost
from ....mta.relay import Relay
from ....mta.session import Policy
from ....mta.store import MemoryStore
from ....protocol.extensions import COMMAND_OCTETS
from ....worlds.memory import Host
from ...variants import PEOPLE, WORDS, Draw
from ..hosts import host_of
from .causes import CAUSES

# What the first host takes at most, in octets.
LARGEST_MESSAGE = 20000
_ADDRESSES = ("192.0.2.25", "198.51.100.25", "198.51.100.26")  # RFC 5737 sets them aside for examples
# The places of the list of eight, each with the codes from which it is drawn; two places never have the same code.
SLOTS = {
    "help": (211, 214),
    "elsewhere": (251, 252),
    "later-1": (421, 450, 451, 452),
    "later-2": (421, 450, 451, 452),
    "refused-1": (500, 501, 502, 503, 504),
    "refused-2": (500, 501, 502, 503, 504),
    "refused-3": (550, 551, 552, 553, 554),
    "refused-4": (550, 551, 552, 553, 554),
}


@dataclass(frozen=True, slots=True)
class Task:
    """What one student is asked for.

    Args:
        client: the name of the student's own machine.
        domain, next_domain, lost_domain: whose mail the three hosts take; the third one is down.
        causes: for each of `SLOTS` the name of one of `causes.CAUSES`.
        plain, busy, full, forwarded, moved, stranded, refused: addresses at the first host. Nothing is special about
            the first; the mailbox of the second is in use, that of the third full; the others have moved: the mail of
            the fourth is sent on, the fifth wants it sent to the new address, the sixth has moved to the host that is
            down, and the seventh to a host where nobody has this name.
    """

    client: str
    domain: str
    next_domain: str
    lost_domain: str
    causes: tuple[str, ...]
    plain: str
    busy: str
    full: str
    forwarded: str
    moved: str
    stranded: str
    refused: str

    @property
    def host(self) -> str:
        """The name of the first host."""
        return f"mail.{self.domain}"

    @property
    def next_host(self) -> str:
        """The name of the second host, whose disk is full."""
        return f"mail.{self.next_domain}"


def draw(lots: Draw) -> Task:
    """Draw a student's task."""
    words = lots.picks("domains", WORDS, 6)
    domain, next_domain, lost_domain = (f"{words[each]}-{words[each + 1]}.example" for each in (0, 2, 4))
    client = f"{lots.word('client 1')}-{lots.word('client 2')}.students.example"
    people = (f"{name}@{domain}" for name in lots.picks("people", PEOPLE, 7))
    return Task(client, domain, next_domain, lost_domain, tuple(_draw_causes(lots)), *people)


def _draw_causes(lots: Draw) -> Iterator[str]:
    """Yield a cause for each slot, and no code twice."""
    taken: set[int] = set()
    for slot, codes in SLOTS.items():
        code = lots.pick(f"code {slot}", [code for code in codes if code not in taken])
        taken.add(code)
        yield lots.pick(f"cause {slot}", [name for name, cause in CAUSES.items() if cause.code == code])


def hosts(task: Task) -> tuple[Host, ...]:
    """Return the three hosts of the task."""
    second = host_of(
        task.next_host,
        Directory([task.next_domain], [_name(task.forwarded)], lists={"everybody": [_name(task.forwarded)]}),
        store=MemoryStore(capacity_octets=0),
        address=_ADDRESSES[1],
    )
    assert isinstance(second.handler, MailHost)
    second.handler.answers_expn = False
    third = host_of(f"mail.{task.lost_domain}", Directory([task.lost_domain]), address=_ADDRESSES[2])
    third.up = False
    return _first(task, (second, third)), second, third


def _first(task: Task, others: Iterable[Host]) -> Host:
    """Return the host at which most is to be brought about."""
    directory = Directory(
        [task.domain],
        [_name(task.plain), Mailbox(_name(task.busy), busy=True), Mailbox(_name(task.full), quota_octets=0)],
        forwards={
            _name(task.forwarded): _address(task.forwarded, task.next_domain),
            _name(task.moved): Forward(_address(task.moved, task.next_domain), accepted=False),
            _name(task.stranded): _address(task.stranded, task.lost_domain),
            _name(task.refused): _address(task.refused, task.next_domain),
        },
        reserved=["root", "daemon"],
    )
    routes = {host.name.partition(".")[2]: (host.name, SMTP_PORT) for host in others}
    policy = Policy(offer={**Policy().offer, "SIZE": str(LARGEST_MESSAGE)})
    return host_of(task.host, directory, relay=Relay(routes), policy=policy, address=_ADDRESSES[0])


def _name(address: str) -> str:
    return address.partition("@")[0]


def _address(old: str, domain: str) -> str:
    return f"{_name(old)}@{domain}"


def sheet(task: Task) -> str:
    """Return the task sheet."""
    codes = "\n".join(f"  {CAUSES[name].code}  {CAUSES[name].told}" for name in task.causes)
    return "\n".join([*_told_of_hosts(task), "", "Bring about these eight replies, each by its cause:", "", codes])


def _told_of_hosts(task: Task) -> Iterator[str]:
    """Yield what the sheet tells of the machines and the people."""
    people = {
        task.plain: "has a mailbox",
        task.busy: "has a mailbox, which another program has in use",
        task.full: "has a mailbox, in which no room is left",
        task.forwarded: f"has moved to {_address(task.forwarded, task.next_domain)}, and the mail is sent on",
        task.moved: f"has moved to {_address(task.moved, task.next_domain)}, and the mail is not sent on",
        task.stranded: f"has moved to {_address(task.stranded, task.lost_domain)}, and the mail is sent on",
        task.refused: f"has moved to {_address(task.refused, task.next_domain)}, and the mail is sent on",
    }
    yield f"Your own machine is called {task.client}"
    yield ""
    yield f"{task.host}, port 25, takes mail for {task.domain}"
    yield f"  command lines of at most {COMMAND_OCTETS} octets, CRLF included"
    yield f"  messages of at most {LARGEST_MESSAGE} octets, to at most {Policy().max_recipients} recipients each"
    yield "  root and daemon are kept for the system"
    for address, told in people.items():
        yield f"  {_name(address):<10}{told}"
    yield f"{task.next_host}, port 25, takes mail for {task.next_domain}"
    yield "  its disk is full"
    yield f"  {_name(task.forwarded):<10}has a mailbox"
    yield "  everybody is a mailing list, and it tells nobody who is on it"
    yield f"mail.{task.lost_domain} takes mail for {task.lost_domain}"
    yield "  it is down"
