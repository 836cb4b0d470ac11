"""Read a directory in TOML: check its keys and the kinds of their values, and make the arguments of `Directory`.

How the declared names fit together is checked by `declarations`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .accounts import Forward, Mailbox, MailingList, Terminal
from .toml_file import check_names, check_table

# The keys that each table of a file may have, and the kinds of their values.
KEYS = {
    "domains": (list,),
    "reserved": (list,),
    "mailboxes": (dict, list),
    "aliases": (dict,),
    "lists": (dict,),
    "forwards": (dict,),
}
_MAILBOX = {
    "full_name": (str,),
    "quota_octets": (int,),
    "quota_is_soft": (bool,),
    "busy": (bool,),
    "terminal": (bool,),
}
_LIST = {"members": (list,), "owner": (str,)}
_FORWARD = {"to": (str,), "accepted": (bool,)}


def arguments_of(table: object, where: str = "the file") -> dict[str, Any]:
    """Return the arguments of `Directory` that a table of TOML has; raise `TableError` if it is wrong.

    Args:
        table: the table.
        where: what a sentence calls it.
    """
    arguments = {"domains": [], **check_table(where, table, KEYS)}
    for key, keys in (("mailboxes", _MAILBOX), ("aliases", ()), ("lists", _LIST), ("forwards", _FORWARD)):
        check_names(key, arguments.get(key), keys, key)
    readers = {"mailboxes": _read_mailbox, "aliases": _read_alias, "lists": _read_own_list, "forwards": _read_forward}
    for key, reader in readers.items():
        entries = arguments.get(key)
        if isinstance(entries, dict):
            arguments[key] = {name: reader(name, value) for name, value in entries.items()}
    if isinstance(arguments.get("mailboxes"), dict):
        arguments["mailboxes"] = arguments["mailboxes"].values()
    return arguments


def _read_mailbox(name: str, value: object) -> Mailbox:
    table = check_table(f"mailbox {name!r}", value, _MAILBOX, "mailboxes", name)
    terminal = Terminal() if table.pop("terminal", False) else None
    return Mailbox(name, terminal=terminal, **table)


def _read_alias(name: str, value: object) -> str | Sequence[str]:
    members: str | Sequence[str] = check_table("aliases", {name: value}, {name: (str, list)}, "aliases")[name]
    return members


def _read_own_list(name: str, value: object) -> MailingList:
    return read_list(name, value, "lists", name)


def read_list(name: str, value: object, *place: str) -> MailingList:
    """Return a mailing list: its members in a list, or a table with ``members`` and ``owner``.

    Args:
        name: the name of the mailing list.
        value: what a TOML file has for it.
        place: the keys that lead to it in its file.

    Raises:
        TableError: if it is neither.
    """
    value = {"members": value} if isinstance(value, list) else value
    table = check_table(f"list {name!r}", value, _LIST, *place)
    return MailingList(**{**table, "members": tuple(table.get("members", ()))})


def _read_forward(name: str, value: object) -> Forward:
    value = {"to": value} if isinstance(value, str) else value
    return Forward(**{"to": "", **check_table(f"forward {name!r}", value, _FORWARD, "forwards", name)})
