"""Mail for other hosts: the second of SMTP's two uses, from the sender's server to the receiver's.

A static table says which host is the next hop for a domain. The message is handed over while the client waits for its
reply, so this host answers 250 only when the next one has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..client import ClientError, MailClient
from ..protocol.errors import ProtocolError
from ..protocol.grammar import Path

# Opens a session with a host, by name and port; raises ClientError where it cannot.
Dial = Callable[[str, int], MailClient]


@dataclass(frozen=True, slots=True)
class Failure:
    """A recipient for whom the next hop did not take the message.

    Args:
        permanent: whether trying again is of no use, as when the next hop answered 5yz.
        reason: what it said, in one line.
    """

    path: Path
    permanent: bool
    reason: str


class Relay:
    """Hands messages to their next hops.

    Args:
        routes: domain to host and port; ``"*"`` stands for every other domain.
        dial: opens a session; a world supplies it.
    """

    def __init__(self, routes: Mapping[str, tuple[str, int]], dial: Dial) -> None:
        self._routes = {domain.lower(): hop for domain, hop in routes.items()}
        self._dial = dial

    def next_hop(self, domain: str) -> tuple[str, int] | None:
        """Return host and port of the next hop for mail to `domain`; None if there is no way."""
        return self._routes.get(domain.lower()) or self._routes.get("*")

    def deliver(self, sender: Path, recipients: Sequence[Path], content: bytes) -> list[Failure]:
        """Hand the message to the next hop of each recipient; return those who do not get it."""
        hops: dict[tuple[str, int] | None, list[Path]] = {}
        for path in recipients:
            hops.setdefault(self.next_hop(path.domain), []).append(path)
        failures = [Failure(path, True, "no route to its domain") for path in hops.pop(None, ())]
        for hop, paths in hops.items():
            if hop is not None:
                failures += self._hand_over(hop, sender, paths, content)
        return failures

    def _hand_over(self, hop: tuple[str, int], sender: Path, recipients: list[Path], content: bytes) -> list[Failure]:
        try:
            with self._dial(*hop) as client:
                delivery = client.deliver(sender, recipients, content)
        except ClientError as error:
            return [Failure(path, error.permanent, str(error)) for path in recipients]
        except ProtocolError as error:  # the message cannot be sent on, such as one with a bare LF
            return [Failure(path, True, str(error)) for path in recipients]
        if not delivery.sender_reply.is_positive:
            reply = delivery.sender_reply
            return [Failure(path, reply.code >= 500, f"{hop[0]} said {reply.code}") for path in recipients]
        return [
            Failure(path, reply.code >= 500, f"{hop[0]} said {reply.code} {reply.lines[0]}".rstrip())
            for path, reply in delivery.refused
        ]
