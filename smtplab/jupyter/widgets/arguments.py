"""What can stand behind a verb, and the fields in which it is chosen or typed. All of it is read off `VERBS`.

Verbs with the same kind of argument share a field: MAIL, SEND, SOML and SAML share the reverse-path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import ipywidgets

from ...lab.internet import Lab
from ...lab.tables import EXAMPLES
from ...mta.directory import Directory
from ...protocol.commands import VERBS
from ...protocol.grammar import NULL_PATH, POSTMASTER
from .shown import show

# The command line in RFC 5321's form: verb, a word and a colon, what stands there; parameters are for the raw line.
_SYNTAX = re.compile(r"(?P<verb>[A-Z]+)(?: (?P<word>[A-Z]+:)?[<\[](?P<what>[^>\]]+)[>\]])?(?: \[parameters\])?")
_OTHER = "\0"  # stands for what is typed; no argument can hold it


@dataclass(frozen=True, slots=True)
class Slot:
    """A kind of argument.

    Args:
        verbs: the verbs that take it.
        word: what stands before it, ``FROM:`` or ``TO:``; empty for most.
        what: what it is in the words of the RFC; empty for verbs that take nothing.
    """

    verbs: tuple[str, ...]
    word: str
    what: str

    def line(self, verb: str, argument: str) -> str:
        """Return the command line; an argument that brings the word along is taken as it is."""
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


def choices(slot: Slot, lab: Lab | None, host: str) -> tuple[str, ...]:
    """Return what is known to be of use in a slot; the first is the one to begin with.

    Args:
        slot: the kind of argument.
        lab: where the session is held; None over a socket, where nobody is known and the examples must do.
        host: the host it is held with.
    """
    example = EXAMPLES[slot.verbs[0]].argument.removeprefix(slot.word)
    if lab is None:
        return tuple(dict.fromkeys([example, *_FIXED.get(slot.what, ())]))
    here = lab.host(host).handler.directory
    everywhere = [other.handler.directory for other in lab.hosts]
    nearest = [here, *(directory for directory in everywhere if directory is not here)]
    known: dict[str, Iterable[str]] = {
        "domain": (other.name for other in lab.hosts),
        "reverse-path": (path for directory in everywhere for path in _paths(directory, directory.mailboxes)),
        "forward-path": (path for directory in nearest for path in _paths(directory, directory.names)),
        "user or mailbox": _people(here, here.names),
        "list": (name for directory in nearest for name in directory.lists),
    }
    return tuple(dict.fromkeys([*known.get(slot.what, ()), *_FIXED.get(slot.what, (example,))]))


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


class Field:
    """A list of known arguments, and a line for one that is not in it.

    Args:
        slot: the kind of argument.
        entered: called when somebody types one and ends it with Enter.
    """

    def __init__(self, slot: Slot, entered: Callable[[], object]) -> None:
        label = slot.word or slot.what
        self.slot = slot
        self._list = ipywidgets.Dropdown(description=label, layout={"width": "max-content", "min_width": "150px"})
        self._line = ipywidgets.Text(description=f"your own {slot.what}", placeholder="type it, then Enter")
        self._list.observe(self._switch, "value")
        self._line.on_msg(lambda _, content, __: content.get("event") == "submit" and entered())
        self.view = ipywidgets.HBox([self._list, self._line], layout={"flex_flow": "row wrap"})
        show(self.view, bool(slot.what))
        show(self._line, False)

    def offer(self, known: Iterable[str]) -> None:
        """Put what is known into the list, and choose the first."""
        named = [(argument or "(nothing)", argument) for argument in known]
        self._list.options = [*named, ("something else ...", _OTHER)]
        self._list.value = self._list.options[0][1]

    @property
    def value(self) -> str:
        """The argument that is chosen or typed."""
        chosen: str = self._line.value if self._list.value == _OTHER else self._list.value
        return chosen

    @value.setter
    def value(self, argument: str) -> None:
        if argument in [value for _, value in self._list.options[:-1]]:
            self._list.value = argument
        else:
            self._list.value, self._line.value = _OTHER, argument

    def _switch(self, change: Any) -> None:
        show(self._line, change["new"] == _OTHER)
