"""The three mail hosts of exercise 03: one with much to bring about, one whose disk is full, and one that is down."""

from __future__ import annotations

from collections.abc import Iterable

from ....client.session import SMTP_PORT
from ....mta.directory import Directory, Forward, Mailbox
from ....mta.host import MailHost
from ....mta.policy import Policy
from ....mta.relay import Relay
from ....mta.store import MemoryStore
from ....worlds.virtual import Host
from ..hosts import host_of
from .task import ReplyCausesTask, address_at, local_part

# What the first host takes at most, in octets.
LARGEST_MESSAGE = 20000
LIST = "everybody"  # the mailing list of the second host
RESERVED = ("root", "daemon")
_ADDRESSES = ("192.0.2.25", "198.51.100.25", "198.51.100.26")  # RFC 5737 sets them aside for examples


def domain_taken(task: ReplyCausesTask, called: str) -> str:
    """Return the domain whose mail a host takes, by the name or the address with which it was called."""
    domains = {task.next_host: task.next_domain, _ADDRESSES[1]: task.next_domain}
    return domains.get(called.casefold().rstrip("."), task.domain)


def hosts(task: ReplyCausesTask) -> tuple[Host, ...]:
    """Return the three hosts of the task."""
    second = host_of(
        task.next_host,
        Directory([task.next_domain], [local_part(task.forwarded)], lists={LIST: [local_part(task.forwarded)]}),
        store=MemoryStore(capacity_octets=0),
        address=_ADDRESSES[1],
    )
    assert isinstance(second.handler, MailHost)
    second.handler.answers_expn = False
    third = host_of(f"mail.{task.lost_domain}", Directory([task.lost_domain]), address=_ADDRESSES[2])
    third.up = False
    return _first(task, (second, third)), second, third


def _first(task: ReplyCausesTask, others: Iterable[Host]) -> Host:
    """Return the host for most of the causes."""
    directory = Directory(
        [task.domain],
        [
            local_part(task.plain),
            Mailbox(local_part(task.busy), busy=True),
            Mailbox(local_part(task.full), quota_octets=0),
        ],
        forwards={
            local_part(task.forwarded): address_at(task.next_domain, task.forwarded),
            local_part(task.moved): Forward(address_at(task.next_domain, task.moved), accepted=False),
            local_part(task.stranded): address_at(task.lost_domain, task.stranded),
            local_part(task.refused): address_at(task.next_domain, task.refused),
        },
        reserved=RESERVED,
    )
    routes = {host.name.partition(".")[2]: (host.name, SMTP_PORT) for host in others}
    policy = Policy(offer={**Policy().offer, "SIZE": str(LARGEST_MESSAGE)})
    return host_of(task.host, directory, relay=Relay(routes), policy=policy, address=_ADDRESSES[0])
