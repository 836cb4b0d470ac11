"""Read what is handed in for exercise 06: records, as in a zone file, and aliases, as in a file of aliases.

A line that cannot be read is left out and reported. So a slip costs the points of its own line.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from textwrap import dedent

from ....base.domains import host_key
from ....base.printed import in_a_row
from ....mta.directory import Directory
from ....mta.zone import NULL_MX, Zone, ZoneError
from ....protocol.grammar import Path
from ....protocol.replies import ProtocolError
from ...rules import RuleFailure, shown, visible
from ..answer_evidence import with_what_goes_on
from .task import MailRoutesTask

_EXPLAINED = 20  # aliases that lead nowhere; to follow all of a long text would take too long

RECORD = "name MX preference host, or name A address"
ALIAS = "name: member, member"

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?")
_NUMBERS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){1,9}\.?")  # what is meant for an IP address
_BEFORE_TYPE = re.compile(r"\d+[smhdw]?|IN", re.IGNORECASE)  # a time to live, and the class
_ASIDE = re.compile(r"[;#].*")  # a comment
_ALIAS_NAME = re.compile(r"[^:]*(?=:)|[^\s=]*")  # of a line without a colon its first word


@dataclass(frozen=True)
class _Lines:
    """The lines that were handed in, and what is wrong with those that were left out.

    Args:
        lines: for each name the lines about it, as they were written.
        left_out: for each name what is wrong with a line about it that was left out.
        faults: what is wrong with the lines that were left out, in their order.
        unreadable: the names whose lines could not be read; the other lines that were left out contradict something.
    """

    lines: dict[str, list[str]] = field(default_factory=dict, kw_only=True)
    left_out: dict[str, RuleFailure] = field(default_factory=dict, kw_only=True)
    faults: list[RuleFailure] = field(default_factory=list, kw_only=True)
    unreadable: set[str] = field(default_factory=set, kw_only=True)

    @property
    def fault(self) -> RuleFailure | None:
        """What is wrong with the first line that was left out; None if none was."""
        return self.faults[0] if self.faults else None

    def written(self, name: str, kind: str = "") -> str:
        """Return the lines about a name, as they were written; of one kind of record, or all."""
        lines = self.lines.get(name, [])
        return shown("\n".join(line for line in lines if not kind or kind in line.upper().split()))

    def leave_out(self, name: str, failure: RuleFailure, *, unreadable: bool = False) -> None:
        """Note that a line was left out; an empty name if nobody can tell what it is about."""
        self.faults.append(failure)
        if name and name not in self.left_out:
            self.left_out[name] = failure
            if unreadable:
                self.unreadable.add(name)


@dataclass(frozen=True)
class Records(_Lines):
    """The records that were handed in.

    Args:
        mx: for each domain its preferences and hosts.
        addresses: for each name its IP addresses.
        aliases: for each alias the name it stands for.
    """

    mx: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    addresses: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """True if there is no record."""
        return not (self.mx or self.addresses or self.aliases)

    def zone(self) -> Zone:
        """Return the zone; it is sound, because `read_records` leaves out what is not."""
        return Zone(mx=self.mx, hosts=self.addresses, aliases=self.aliases)


@lru_cache(maxsize=256)
def read_records(text: str) -> Records:
    """Return the records in a text, each on a line of its own.

    Any mixture of capitals, a time to live, the class IN, and a dot after a name are allowed, as in a zone file.
    """
    records = Records()
    for line in _lines(text):
        first = line.split()[0]
        name = host_key(first) if _NAME.fullmatch(first) else ""
        failure = _take_record(records, line, name)
        if failure is not None:
            records.leave_out(name, failure, unreadable=True)
        records.lines.setdefault(name, []).append(line)
    _remove_contradictions(records)
    return records


def _lines(text: str) -> Iterator[str]:
    lines = (_ASIDE.sub("", line).strip() for line in text.splitlines())
    return (line for line in lines if line)


def _take_record(records: Records, line: str, name: str) -> RuleFailure | None:
    """Add the record of a line; return what is wrong with the line."""
    words = line.split()
    rest = words[1:]
    while rest and _BEFORE_TYPE.fullmatch(rest[0]):
        del rest[0]
    kind, data = (rest[0].upper(), rest[1:]) if rest else ("", [])
    if not name:
        return RuleFailure("A record begins with the name of a domain or machine.", RECORD, visible(line))
    if (short := _short_name(kind, name, data)) is not None:
        return RuleFailure(
            f"Write each name in full: {short} is not a whole name.", "such as mail.lab.example", visible(line)
        )
    if kind == "MX":
        return _take_mx(records, name, data, line)
    if kind in ("A", "AAAA"):
        return _take_address(records, name, data, line)
    if kind == "CNAME" and len(data) == 1 and _NAME.fullmatch(data[0]):
        records.aliases[name] = host_key(data[0])
        return None
    return RuleFailure("A line of your zone is not a record that this exercise has.", RECORD, visible(line))


def _short_name(kind: str, name: str, data: list[str]) -> str | None:
    """Return a name in a record that has no domain, as zone files allow it for names of their own domain."""
    hosts = {"MX": data[1:2], "CNAME": data[:1]}.get(kind, [])
    return next((each for each in (name, *hosts) if _NAME.fullmatch(each) and "." not in each.rstrip(".")), None)


def _take_mx(records: Records, name: str, data: list[str], line: str) -> RuleFailure | None:
    if len(data) != 2 or not data[0].isdecimal() or int(data[0]) >= 2**16:
        return RuleFailure("An MX record has a preference, a number, and then a host.", RECORD, visible(line))
    if _is_address(data[1]) or _NUMBERS.fullmatch(data[1]):
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
        why = _why_no_address(data[0]) if len(data) == 1 else ""
        return RuleFailure(why or "An A record has one IP address and nothing more.", RECORD, visible(line))
    records.addresses.setdefault(name, []).append(data[0])
    return None


def _why_no_address(text: str) -> str:
    """Return what is wrong with numbers and dots that are no IP address; empty for any other text."""
    if not _NUMBERS.fullmatch(text):
        return ""
    numbers = text.strip(".").split(".")
    if large := next((number for number in numbers if int(number) > 255), None):
        return f"{large} is more than 255, the most that a number of an IP address can be."
    if len(numbers) != 4:
        return f"{text} has {len(numbers)} numbers; an IP address has four, with dots between."
    return f"{text} is not an IP address; write its four numbers without zeros in front."


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _remove_contradictions(records: Records) -> None:
    """Remove what contradicts other records, and note why."""
    while True:
        try:
            records.zone()
            return
        except ZoneError as error:
            table, name = error.place
            got = records.written(name)
            records.leave_out(
                name, RuleFailure("Two records of your zone contradict each other.", got=got, hint=str(error))
            )
            if table == "mx":
                del records.mx[name]
            else:
                del records.aliases[name]


@dataclass(frozen=True)
class Aliases(_Lines):
    """The aliases that were handed in.

    Args:
        members: for each name its members: local names, or addresses elsewhere.
    """

    members: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def directory(self, task: MailRoutesTask) -> Directory:
        """Return the directory of the student's domain; it is sound, because `read_aliases` leaves out what is not."""
        return Directory([task.home], [task.reader, task.deputy], aliases=self.members)


@lru_cache(maxsize=256)
def read_aliases(text: str, task: MailRoutesTask) -> Aliases:
    """Return the aliases in a text for the student's domain; the members of one may stand in several lines."""
    aliases = Aliases()
    for line in _joined(text):
        name = _ALIAS_NAME.match(line)
        local = _at_home(name[0].strip() if name else "", task)
        found = _members(line, local, task)
        if isinstance(found, tuple) and local in aliases.lines:
            found = RuleFailure(
                f"{local} stands at the beginning of more than one line.",
                "one line with all of its members",
                shown(f"{aliases.lines[local][0]}\n{line}"),
            )
        if isinstance(found, RuleFailure):
            aliases.leave_out(local, found, unreadable=True)
        else:
            aliases.members[local] = found
        aliases.lines.setdefault(local, []).append(line)
    _remove_dead_ends(aliases, task)
    return aliases


def _joined(text: str) -> Iterator[str]:
    """Return the lines of aliases, each with the lines in which it goes on.

    A line without a colon goes on with the one above it if that one ends in a comma, or if it begins with a space.
    """
    lines = (_ASIDE.sub("", each).rstrip() for each in dedent(text).splitlines())
    return with_what_goes_on(lines, lambda whole, line: ":" not in line and (line[0] in " \t" or whole.endswith(",")))


def _members(line: str, local: str, task: MailRoutesTask) -> tuple[str, ...] | RuleFailure:
    """Return the members in a line, or what is wrong with it."""
    _, colon, rest = line.partition(":")
    if not colon:
        return RuleFailure("A line of your aliases has no colon after its name.", ALIAS, shown(line))
    if "@" in local or not _is_address_or_name(local):
        return RuleFailure("An alias begins with a name of your own domain.", ALIAS, shown(line))
    members = tuple(_at_home(member.strip().strip("<>"), task) for member in rest.split(",") if member.strip())
    if not members:
        return RuleFailure("An alias of yours has no members.", ALIAS, shown(line))
    wrong = [member for member in members if not _is_address_or_name(member)]
    if wrong:
        are = "is neither a name nor an address" if len(wrong) == 1 else "are neither names nor addresses"
        sentence = "The members of an alias are names or addresses, with commas between."
        return RuleFailure(sentence, ALIAS, shown(line), f"{in_a_row(map(visible, wrong))} {are}")
    return members


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


def _remove_dead_ends(aliases: Aliases, task: MailRoutesTask) -> None:
    """Remove aliases that have the name of a mailbox, or lead nowhere, or back to themselves, and note why."""
    members, mailboxes = aliases.members, (task.reader, task.deputy)
    for name in mailboxes:
        if name in members:
            del members[name]
            sentence = f"{name} has a mailbox, so it needs no alias, and mail would leave its mailbox."
            aliases.leave_out(name, RuleFailure(sentence, got=aliases.written(name)))
    sound = {*mailboxes, *({"postmaster"} - members.keys())}  # a host has that mailbox unless the name is declared
    while more := {
        name for name in members if name not in sound and all("@" in m or m in sound for m in members[name])
    }:
        sound |= more
    unsound = [name for name in members if name not in sound]
    ends = {name: _dead_end(name, members, sound, task) for name in unsound[:_EXPLAINED]}
    for name in unsound:
        del members[name]
        sentence = ends.get(name, f"{name} leads to no mailbox.")
        aliases.leave_out(name, RuleFailure(sentence, got=aliases.written(name)))


def _dead_end(name: str, members: dict[str, tuple[str, ...]], sound: set[str], task: MailRoutesTask) -> str:
    """Return where an alias leads that does not end in a mailbox or at an address, as a sentence."""
    unsound = [member for member in members[name] if "@" not in member and member not in sound]
    nobody = [member for member in unsound if member not in members]
    if len(nobody) == 1:
        return f"{name} leads to {nobody[0]}, which is neither a mailbox nor an alias of {task.home}."
    if nobody:
        return f"{name} leads to {in_a_row(nobody)}, which are neither mailboxes nor aliases of {task.home}."
    if name in unsound and len(members[name]) > 1:
        return f"{name} is a member of itself; leave it out, because {name} has no mailbox."
    ahead, reached = set(unsound), set(unsound)
    while ahead:
        ahead = {m for each in ahead for m in members[each] if m in members and m not in sound} - reached
        reached |= ahead
    if name in reached:
        return f"{name} leads back to itself."
    return f"{name} leads to {unsound[0]}, an alias that leads to no mailbox."
