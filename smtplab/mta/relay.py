"""Mail for other hosts: the second of SMTP's two uses, from the sender's server to the receiver's.

A static table says which host is the next hop for a domain. The message is handed over while the client waits for its
reply, so this host answers 250 only when the next one has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from ..client.outcomes import ClientError, Delivery
from ..protocol.errors import ProtocolError
from ..protocol.grammar import Path
from ..worlds.blocking import MailClient

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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message for other hosts.

    Args:
        failures: why it has not gone to everybody; empty if it has.
        taken: whether a next hop has taken it for somebody.
    """

    failures: tuple[Failure, ...] = ()
    taken: bool = False


class _Handover:
    """One message on its way to one next hop.

    Args:
        hop: its host and port.
        sender: the reverse-path.
        paths: the recipients whose next hop it is.
        content: the message.
    """

    def __init__(self, hop: tuple[str, int], sender: Path, paths: list[Path], content: bytes) -> None:
        self._name = hop[0]
        self._hop = hop
        self._sender = sender
        self._paths = paths
        self._content = content
        self._client: MailClient | None = None

    def prepare(self, dial: Dial, sessions: ExitStack, *, ask: bool) -> list[Failure]:
        """Open a session, which `sessions` will end, and `ask` whether the message would be taken for everybody."""

        def step(sender: Path, paths: list[Path], content: bytes) -> Delivery | None:
            self._client = sessions.enter_context(dial(*self._hop))
            return self._client.ask(sender, paths, content) if ask else None

        return self.attempt(step)

    @property
    def client(self) -> MailClient:
        """The session, once it is open."""
        assert self._client is not None
        return self._client

    def attempt(self, step: Callable[[Path, list[Path], bytes], Delivery | None]) -> list[Failure]:
        """Take a step of the session; return who does not get the message for that."""
        try:
            delivery = step(self._sender, self._paths, self._content)
        except ClientError as error:
            return self._break_off(str(error), permanent=error.permanent)
        except ProtocolError as error:  # the message cannot be sent on, such as one with a bare LF
            return self._break_off(str(error), permanent=True)
        if delivery is None:
            return []
        if not delivery.sender_reply.is_positive:
            reply = delivery.sender_reply
            return self._fail(f"{self._name} said {reply.code}", permanent=reply.code >= 500)
        not_taken = list(delivery.refused)
        if delivery.reply is not None:
            not_taken += [(path, delivery.reply) for path in delivery.unanswered]
        return [
            Failure(path, reply.code >= 500, f"{self._name} said {reply.code} {reply.lines[0]}".rstrip())
            for path, reply in not_taken
        ]

    def _break_off(self, reason: str, *, permanent: bool) -> list[Failure]:
        if self._client is not None:
            self._client.close()
        return self._fail(reason, permanent=permanent)

    def _fail(self, reason: str, *, permanent: bool) -> list[Failure]:
        return [Failure(path, permanent, reason) for path in self._paths]


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

    def deliver(self, sender: Path, recipients: Sequence[Path], content: bytes) -> Outcome:
        """Hand the message to the next hop of each recipient.

        If there are several, every next hop is asked first whether it takes the message for all of its own, and it is
        sent only if all agree: so a recipient who is unknown there is found out before anybody has it.
        """
        hops: dict[tuple[str, int] | None, list[Path]] = {}
        for path in recipients:
            hops.setdefault(self.next_hop(path.domain), []).append(path)
        failures = [Failure(path, True, "no route to its domain") for path in hops.pop(None, ())]
        handovers = [_Handover(hop, sender, paths, content) for hop, paths in hops.items() if hop is not None]
        with ExitStack() as sessions:
            for handover in handovers:
                failures += handover.prepare(self._dial, sessions, ask=len(recipients) > 1)
            if failures:
                return Outcome(tuple(failures))
            for handover in handovers:
                failures += handover.attempt(handover.client.deliver)
        return Outcome(tuple(failures), taken=len(failures) < len(recipients))
