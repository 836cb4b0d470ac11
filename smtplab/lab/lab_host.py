"""A mail host of the lab with its switches, and a message in one of its mailboxes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..base.printed import Printed, plural
from ..mta.directory import Mailbox
from ..mta.host import MailHost
from ..mta.store import MemoryStore
from ..worlds.virtual import Host
from . import sentences

if TYPE_CHECKING:
    from ..mta.queue_manager import QueueManager

_FOLD = re.compile(r"\n[ \t]+")  # a field that goes on in the next line


class Message(Printed, bytes):
    """A message in a mailbox: its octets, shown as text by ``print`` and in a notebook."""

    __slots__ = ()

    def __str__(self) -> str:
        return self.decode("utf-8", "replace").replace("\r\n", "\n")

    @property
    def subject(self) -> str:
        """The value of its first Subject field, unfolded; empty if it has none."""
        header = _FOLD.sub(" ", str(self).partition("\n\n")[0])
        fields = (line.partition(":") for line in header.split("\n"))
        return next((value.strip() for name, _, value in fields if name.strip().lower() == "subject"), "")


class MailboxContents(list[Message]):
    """The messages of a mailbox, oldest first: a list that says in a sentence that it is empty.

    Its ``repr`` is that of a list; ``print`` and a notebook show the sentence. The error for an index that is not there
    says how many messages there are.

    Args:
        address: the address of the mailbox.
        messages: the messages.
    """

    def __init__(self, address: str, messages: Iterable[Message]) -> None:
        super().__init__(messages)
        self._address = address

    def __getitem__(self, index: Any) -> Any:
        try:
            return super().__getitem__(index)
        except IndexError:
            count = plural(len(self), "message") if self else "no message"
            raise IndexError(sentences.NO_MESSAGE_THERE.format(address=self._address, count=count)) from None

    def __str__(self) -> str:
        return repr(self) if self else sentences.EMPTY_MAILBOX.format(address=self._address)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show the messages in IPython as any list, and an empty mailbox as a sentence."""
        if self:
            printer.pretty(list(self))
        else:
            printer.text(str(self))


class LabHost(Host):
    """A mail host of the lab.

    A change to `handler`, `mailboxes` or `store` takes effect at once, a change to ``up`` or ``policy`` with the next
    session: ``host.handler.turns = True``, ``host.mailboxes["bob"].busy = True``, ``host.store.capacity_octets = 0``,
    ``host.up = False``.
    """

    __slots__ = ()

    handler: MailHost

    @property
    def mailboxes(self) -> Mapping[str, Mailbox]:
        """The mailboxes by name. Set a quota in one, or make it busy."""
        return self.handler.directory.mailboxes

    @property
    def store(self) -> MemoryStore:
        """The mail of this host. Give it little room, or make it read-only like a broken disk."""
        store = self.handler.store
        assert isinstance(store, MemoryStore)
        return store

    @property
    def queue(self) -> QueueManager | None:
        """The queue of this host; None if it relays while its client waits."""
        return self.handler.queue

    def __repr__(self) -> str:
        down = "" if self.up else ", down"
        return f"<{self.name} [{self.address}], mail for {', '.join(self.handler.directory.domains)}{down}>"
