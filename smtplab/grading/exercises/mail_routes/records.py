"""Read what is handed in for exercise 06: records, as in a zone file, and aliases, as in a file of aliases.

A line that cannot be read is left out and reported. So a slip costs the points of its own line.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from ....base.domains import host_key
from ....mta.directory import Directory
from ....mta.zone import NULL_MX, Zone, ZoneError
from ....protocol.grammar import Path
from ....protocol.replies import ProtocolError
from ...rules import RuleFailure, visible
from .task import MailRoutesTask

RECORD = "name MX preference host, or name A address"
ALIAS = "name: member, member"

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?")
_BEFORE_TYPE = re.compile(r"\d+[smhdw]?|IN", re.IGNORECASE)  # a time to live, and the class
_ASIDE = re.compile(r"[;#].*")  # a comment


@dataclass(frozen=True)
class Records:
    """The records that were handed in.

    Args:
        mx: for each domain its preferences and hosts.
        addresses: for each name its IP addresses.
        aliases: for each alias the name it stands for.
        fault: what is wrong with the first line that was left out; None if none was.
    """

    mx: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    addresses: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    fault: RuleFailure | None = None

    def zone(self) -> Zone:
        """Return the zone; it is sound, because `read_records` leaves out what is not."""
        return Zone(mx=self.mx, hosts=self.addresses, aliases=self.aliases)


@lru_cache(maxsize=256)
def read_records(text: str) -> Records:
    """Return the records in a text, each on a line of its own.

    Any mixture of capitals, a time to live, the class IN, and a dot after a name are allowed, as in a zone file.
    """
    records, faults = Records(), []
    for line in _lines(text):
        failure = _take_record(records, line)
        faults += [failure] if failure is not None else []
    faults += _without_contradictions(records)
    return Records(records.mx, records.addresses, records.aliases, faults[0] if faults else None)


def _lines(text: str) -> Iterator[str]:
    lines = (_ASIDE.sub("", line).strip() for line in text.splitlines())
    return (line for line in lines if line)


def _take_record(records: Records, line: str) -> RuleFailure | None:
    """Add the record of a line; return what is wrong with the line."""
    words = line.split()
    rest = words[1:]
    while rest and _BEFORE_TYPE.fullmatch(rest[0]):
        del rest[0]
    kind, data = (rest[0].upper(), rest[1:]) if rest else ("", [])
    if not _NAME.fullmatch(words[0]):
        return RuleFailure("A record begins with the name of a domain or machine.", RECORD, visible(line))
    name = host_key(words[0])
    if kind == "MX":
        return _take_mx(records, name, data, line)
    if kind in ("A", "AAAA"):
        return _take_address(records, name, data, line)
    if kind == "CNAME" and len(data) == 1 and _NAME.fullmatch(data[0]):
        records.aliases[name] = host_key(data[0])
        return None
    return RuleFailure("A line of your zone is not a record that this exercise has.", RECORD, visible(line))


def _take_mx(records: Records, name: str, data: list[str], line: str) -> RuleFailure | None:
    if len(data) != 2 or not data[0].isdecimal() or int(data[0]) >= 2**16:
        return RuleFailure("An MX record has a preference, a number, and then a host.", RECORD, visible(line))
    if _is_address(data[1]):
        return RuleFailure(
            "An MX record names a host and not an address.",
            "the name of the host, and an A record for it on a line of its own",
            visible(line),
        )
    if data[1] != NULL_MX and not _NAME.fullmatch(data[1]):
        return RuleFailure("An MX record has a preference, a number, and then a host.", RECORD, visible(line))
    records.mx.setdefault(name, []).append((int(data[0]), data[1] if data[1] == NULL_MX else host_key(data[1])))
    return None


def _take_address(records: Records, name: str, data: list[str], line: str) -> RuleFailure | None:
    if len(data) != 1 or not _is_address(data[0]):
        return RuleFailure("An A record has one IP address behind it.", RECORD, visible(line))
    records.addresses.setdefault(name, []).append(data[0])
    return None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _without_contradictions(records: Records) -> Iterator[RuleFailure]:
    """Remove what contradicts other records; yield why."""
    while True:
        try:
            records.zone()
            return
        except ZoneError as error:
            table, key = error.place
            yield RuleFailure("Two records of your zone contradict each other.", got=visible(str(error)))
            if table == "mx":
                del records.mx[key]
            else:
                del records.aliases[key]


@dataclass(frozen=True)
class Aliases:
    """The aliases that were handed in.

    Args:
        members: for each name its members: local names, or addresses elsewhere.
        fault: what is wrong with the first line that was left out; None if none was.
    """

    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fault: RuleFailure | None = None

    def directory(self, task: MailRoutesTask) -> Directory:
        """Return the directory of the student's domain; it is sound, because `read_aliases` leaves out what is not."""
        return Directory([task.home], [task.reader, task.deputy], aliases=self.members)


@lru_cache(maxsize=256)
def read_aliases(text: str, task: MailRoutesTask) -> Aliases:
    """Return the aliases in a text, each on a line of its own, for the student's domain."""
    members: dict[str, tuple[str, ...]] = {}
    faults: list[RuleFailure] = []
    for line in _lines(text):
        found = _alias(line, task)
        if isinstance(found, RuleFailure):
            faults.append(found)
        else:
            members[found[0]] = (*members.get(found[0], ()), *found[1])
    faults += _without_dead_ends(members, task)
    return Aliases(members, faults[0] if faults else None)


def _alias(line: str, task: MailRoutesTask) -> tuple[str, tuple[str, ...]] | RuleFailure:
    name, colon, rest = line.partition(":")
    if not colon:
        return RuleFailure("A line of your aliases has no colon behind its name.", ALIAS, visible(line))
    local = _at_home(name.strip(), task)
    if "@" in local or not _is_address_or_name(local):
        return RuleFailure("An alias begins with a name of your own domain.", ALIAS, visible(line))
    members = tuple(_at_home(member.strip().strip("<>"), task) for member in rest.split(",") if member.strip())
    if not members:
        return RuleFailure("An alias of yours has no members.", ALIAS, visible(line))
    if not all(map(_is_address_or_name, members)):
        return RuleFailure("The members of an alias are names or addresses, with commas between.", ALIAS, visible(line))
    return local, members


def _at_home(name: str, task: MailRoutesTask) -> str:
    """Return a name in lower case, and without the student's domain."""
    return name.casefold().removesuffix(f"@{task.home}")


def _is_address_or_name(text: str) -> bool:
    """Return True if a text is an address, or a name that can stand in one."""
    try:
        Path.parse(f"<{text}>" if "@" in text else f"<{text}@localhost>")
    except ProtocolError:
        return False
    return True


def _without_dead_ends(members: dict[str, tuple[str, ...]], task: MailRoutesTask) -> Iterator[RuleFailure]:
    """Remove aliases that have the name of a mailbox, or lead nowhere, or back to themselves; yield why."""
    mailboxes = (task.reader, task.deputy)
    for name in mailboxes:
        if name in members:
            line = f"{name}: {', '.join(members.pop(name))}"
            yield RuleFailure("An alias has the name of a mailbox; a mailbox needs none.", got=visible(line))
    sound = {*mailboxes, *({"postmaster"} - members.keys())}  # a host has that mailbox unless the name is declared
    while more := {
        name for name in members if name not in sound and all("@" in m or m in sound for m in members[name])
    }:
        sound |= more
    for name in [name for name in members if name not in sound]:
        line = f"{name}: {', '.join(members.pop(name))}"
        yield RuleFailure("An alias of yours leads nowhere, or back to itself.", got=visible(line))
