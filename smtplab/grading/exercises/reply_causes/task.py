"""The task of exercise 03: whose mail the three hosts take, who lives there, and the eight causes to bring about."""

from __future__ import annotations

from dataclasses import dataclass

from ...evidence import Evidence


@dataclass(frozen=True, slots=True)
class ReplyCausesTask:
    """What one student is asked for.

    Args:
        client: the name of the student's own machine.
        domain, next_domain, lost_domain: whose mail the three hosts take; the third one is down.
        causes: for each of `slots.SLOTS` the name of one of `causes.CAUSES`.
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

    def address_at(self, domain: str, old: str) -> str:
        """Return the address at another domain of somebody who has moved there, and had the address `old`."""
        return f"{local_part(old)}@{domain}"


def local_part(address: str) -> str:
    """Return what stands before the ``@``."""
    return address.partition("@")[0]


ReplyCausesEvidence = Evidence[ReplyCausesTask]
