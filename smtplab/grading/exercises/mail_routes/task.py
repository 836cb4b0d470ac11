"""The task of exercise 06: the domains, machines and people, the six addresses, and a header section to read."""

from __future__ import annotations

from dataclasses import dataclass

from ...evidence import Evidence
from ...variants import PEOPLE, WORDS, Draw
from .journey import Journey, draw_journey

# Never changed: a student's task would change with them.
_ROLES = ("sales", "office", "info", "orders", "service", "tickets")
_LISTS = ("everybody", "staff", "team", "friends", "club", "readers")
_SIDES = ("north", "south", "east", "west", "upper", "lower")
_NETWORK = "192.0.2."  # RFC 5737 sets it aside for examples


@dataclass(frozen=True, slots=True)
class MailRoutesTask:
    """The task of one student.

    Args:
        home: the student's own domain. It has a mail host, and one that keeps its mail while that is down.
        branch: a domain with two mail hosts, the first of which is down.
        small: a domain that is one machine, without an MX record.
        web: a domain that takes no mail.
        origin: the domain of the sender.
        first_side, second_side: how the two hosts of `branch` are called, in the order to try them.
        addresses: the IP addresses of the six machines, in the order of `machines`.
        reader, deputy: local parts of the mailboxes at `home`.
        partner: that of the mailbox at `branch`.
        friend, moved: those of the mailboxes at `small`. Mail for `moved` still goes to `home`.
        role: the local part at `home` that the deputy reads.
        group: the local part at `home` that reaches the reader, the partner and the friend.
        author: the local part of the sender.
        journey: the header section of part ``trace``.
    """

    home: str
    branch: str
    small: str
    web: str
    origin: str
    first_side: str
    second_side: str
    addresses: tuple[str, ...]
    reader: str
    deputy: str
    partner: str
    friend: str
    moved: str
    role: str
    group: str
    author: str
    journey: Journey

    @property
    def main(self) -> str:
        """The mail host of `home`."""
        return f"mail.{self.home}"

    @property
    def backup(self) -> str:
        """The host that keeps the mail of `home` while its mail host is down."""
        return f"backup.{self.home}"

    @property
    def first(self) -> str:
        """The mail host of `branch` that is to be tried first; it is down."""
        return f"{self.first_side}.{self.branch}"

    @property
    def second(self) -> str:
        """The other mail host of `branch`."""
        return f"{self.second_side}.{self.branch}"

    @property
    def machines(self) -> dict[str, str]:
        """The machines of the sheet with their IP addresses; two of them have the name of their domain."""
        names = (self.main, self.backup, self.first, self.second, self.small, self.web)
        return dict(zip(names, self.addresses, strict=True))

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains of the sheet."""
        return (self.home, self.branch, self.small, self.web)

    @property
    def members(self) -> tuple[str, ...]:
        """The addresses that `group` reaches."""
        return (f"{self.reader}@{self.home}", f"{self.partner}@{self.branch}", f"{self.friend}@{self.small}")

    @property
    def new_address(self) -> str:
        """The new address of `moved`."""
        return f"{self.moved}@{self.small}"

    @property
    def wanted(self) -> tuple[str, ...]:
        """The six addresses at which mail must arrive."""
        at_home = (f"{name}@{self.home}" for name in (self.role, self.moved, self.group))
        return (*self.members, *at_home)


MailRoutesEvidence = Evidence[MailRoutesTask]


def draw(lots: Draw) -> MailRoutesTask:
    """Draw a student's task."""
    words = lots.picks("domains", WORDS, 10)
    home, branch, small, web, origin = (f"{words[each]}-{words[each + 1]}.example" for each in range(0, 10, 2))
    first_side, second_side = lots.picks("sides", _SIDES, 2)
    addresses = tuple(f"{_NETWORK}{number}" for number in lots.picks("addresses", range(20, 240), 6))
    reader, deputy, partner, friend, moved, author = lots.picks("people", PEOPLE, 6)
    return MailRoutesTask(
        home, branch, small, web, origin, first_side, second_side, addresses,
        reader, deputy, partner, friend, moved,
        lots.pick("role", _ROLES), lots.pick("group", _LISTS), author,
        draw_journey(lots),
    )  # fmt: skip
