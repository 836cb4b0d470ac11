"""The task of exercise 03: the domains of three hosts, the people there, and the eight causes to bring about."""

from __future__ import annotations

from dataclasses import dataclass

from ...evidence import Evidence


@dataclass(frozen=True, slots=True)
class ReplyCausesTask:
    """The task of one student.

    Args:
        client: the name of the student's own machine.
        domain, next_domain, lost_domain: the domains whose mail the three hosts take; the third host is down.
        causes: for each of `slots.SLOTS`, the name of one of `causes.CAUSES`.
        plain, busy, full, forwarded, moved, stranded, refused: addresses at the first host. `plain` has a mailbox; that
            of `busy` is in use, and that of `full` is full. The others have moved: the mail of `forwarded` is sent on,
            `moved` must be written to at the new address, `stranded` has moved to the host that is down, and `refused`
            to a host that has no such mailbox.
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

    @property
    def hosts_called(self) -> tuple[str, ...]:
        """The names of the two hosts that answer."""
        return (self.host, self.next_host)


def address_at(domain: str, old: str) -> str:
    """Return the new address of somebody who has moved from the address `old` to another domain."""
    return f"{local_part(old)}@{domain}"


def local_part(address: str) -> str:
    """Return the part before the ``@``."""
    return address.partition("@")[0]


ReplyCausesEvidence = Evidence[ReplyCausesTask]
