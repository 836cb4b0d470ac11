"""The arguments of verbs: their form comes from `VERBS`, and useful values come from the hosts.

Verbs with the same kind of argument share a slot: MAIL, SEND, SOML and SAML share the reverse-path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..lab.tables import EXAMPLES
from ..mta.directory import Directory
from ..mta.host import MailHost
from ..protocol.commands import VERBS
from ..protocol.grammar import NULL_PATH, POSTMASTER
from ..worlds.virtual import Host

# The command line in RFC 5321's form: verb, a word and a colon, what stands there; parameters are for the raw line.
_SYNTAX = re.compile(r"(?P<verb>[A-Z]+)(?: (?P<word>[A-Z]+:)?[<\[](?P<what>[^>\]]+)[>\]])?(?: \[parameters\])?")


@dataclass(frozen=True, slots=True)
class Slot:
    """A kind of argument.

    Args:
        verbs: the verbs that take it.
        word: the word before it, ``FROM:`` or ``TO:``; empty for most.
        what: its name in the RFC; empty for verbs without an argument.
    """

    verbs: tuple[str, ...]
    word: str
    what: str

    def line(self, verb: str, argument: str) -> str:
        """Return the command line; an argument that already has the word keeps it."""
        word = "" if argument.upper().startswith(self.word) else self.word
        return f"{verb} {word}{argument}".rstrip(" ")


def _slots() -> tuple[Slot, ...]:
    verbs: dict[tuple[str, str], list[str]] = {}
    for verb in VERBS.values():
        found = _SYNTAX.fullmatch(verb.syntax)
        assert found is not None, verb.syntax
        verbs.setdefault((found["word"] or "", found["what"] or ""), []).append(verb.name)
    return tuple(Slot(tuple(names), *key) for key, names in verbs.items())


SLOTS = _slots()
SLOT_OF = {verb: slot for slot in SLOTS for verb in slot.verbs}


def choices(slot: Slot, hosts: Sequence[Host], name: str = "") -> tuple[str, ...]:
    """Return useful values for a slot; the first one is the default.

    Args:
        slot: the kind of argument.
        hosts: the hosts in memory; none over a socket, where only examples are offered.
        name: the name of the session's host.
    """
    example = EXAMPLES[slot.verbs[0]].argument.removeprefix(slot.word)
    nearest = [host.handler.directory for host in nearest_first(hosts, name) if isinstance(host.handler, MailHost)]
    if not nearest:
        return tuple(dict.fromkeys([example, *_FIXED.get(slot.what, ())]))
    known: dict[str, Iterable[str]] = {
        "domain": (host.name for host in hosts),
        "reverse-path": (path for directory in nearest for path in _paths(directory, directory.mailboxes)),
        "forward-path": (path for directory in nearest for path in _paths(directory, directory.names)),
        "user or mailbox": _people(nearest[0], nearest[0].names),
        "list": (name for directory in nearest for name in directory.lists),
    }
    return tuple(dict.fromkeys([*known.get(slot.what, ()), *_FIXED.get(slot.what, (example,))]))


def nearest_first(hosts: Sequence[Host], name: str) -> list[Host]:
    """Return the hosts; the one with this name or address comes first."""
    return sorted(hosts, key=lambda host: name.lower() not in names_of(host))


def names_of(host: Host) -> tuple[str, ...]:
    """Return the names of a host: its name, its address, and its own name in greetings."""
    return (host.name, host.address, *([host.handler.hostname] if isinstance(host.handler, MailHost) else []))


# What is of use on any host: the reverse-path of a bounce (RFC 5321 4.5.5), the one mailbox that is everywhere
# (RFC 5321 4.5.1), a verb to ask help about, and nothing, which is an argument too.
_FIXED: dict[str, tuple[str, ...]] = {
    "reverse-path": (str(NULL_PATH),),
    "forward-path": (str(POSTMASTER),),
    "string": ("",),
    "verb": ("", *VERBS),
    "list": (),
    "user or mailbox": (),
}


def _people(directory: Directory, names: Iterable[str]) -> list[str]:
    return [name for name in names if name != "postmaster"]


def _paths(directory: Directory, names: Iterable[str]) -> list[str]:
    return [f"<{name}@{directory.domains[0]}>" for name in _people(directory, names)]
