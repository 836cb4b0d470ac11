"""Relay mail to other hosts: the second use of SMTP, from the sender's server to the receiver's.

A static table names the next hop of each domain. The message is relayed while the client waits for its reply, so this
host answers 250 only after the next one has. Nothing is sent here: each step of a conversation is a `HostTask` that a
world runs.

One reply answers for all recipients (RFC 5321 4.2.5). If one next hop has taken the message and another has not, no
reply is true of all of them. The host then answers 554, also if the other next hop only said "later": 4yz would have
the client repeat the message in the same form, and each try would put one more copy where it is already. 5yz says not
to repeat it in this form (RFC 5321 4.2.1), and its text says who lacks the message. To take one next hop a transaction
and answer 452 to the other recipients (RFC 5321 4.5.3.1.10) would avoid the case, but many clients do not send the
message again for those, and every message to two domains would need that.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from ..base.domains import domain_key
from ..client.outcomes import ClientError, Delivery, Timeouts
from ..client.session import SMTP_PORT, DeliverySession
from ..protocol.grammar import Path
from ..protocol.replies import ProtocolError, Reply
from . import sentences
from .task import HostTask

# How long a next hop may take for each reply. It is shorter than RFC 5321 4.5.3.2 has it, because the client waits as
# long, and gives up on a reply to its message after ten minutes; if it gets 451 before that, it tries again.
NEXT_HOP_TIMEOUTS = Timeouts.all(30.0)


# How many characters of a next hop's reply are told to the client.
_WORDS = 240


@dataclass(frozen=True, slots=True)
class NotRelayed:
    """A recipient for whom the next hop did not take the message.

    Args:
        permanent: True if a retry cannot help, as when the next hop answered 5yz.
        reason: what the next hop said, in one line.
    """

    path: Path
    permanent: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RelayResult:
    """What became of a message for other hosts.

    Args:
        failures: the recipients who do not get it; empty if everybody does.
        taken: True if a next hop has taken it for somebody.
    """

    failures: tuple[NotRelayed, ...] = ()
    taken: bool = False


@dataclass(frozen=True, slots=True)
class RelayedMessage:
    """One message for other hosts.

    Args:
        sender: the reverse-path.
        recipients: those who live elsewhere.
        content: the message.
        helo: the name of this host.
        queue_id: this host's name for the message.
    """

    sender: Path
    recipients: Sequence[Path]
    content: bytes
    helo: str
    queue_id: str


Handovers = Generator[HostTask, object, RelayResult]
_Failures = Generator[HostTask, object, list[NotRelayed]]


class Relay:
    """Hands messages to their next hops.

    Args:
        routes: domain to host and port; ``"*"`` stands for every other domain.
        timeouts: how many seconds a next hop may take for each reply.

    Raises:
        TypeError: if a next hop is not a host and a port.
    """

    def __init__(self, routes: Mapping[str, tuple[str, int]], timeouts: Timeouts = NEXT_HOP_TIMEOUTS) -> None:
        self._routes = {domain_key(domain): _checked(domain, hop) for domain, hop in routes.items()}
        self._timeouts = timeouts

    def next_hop(self, domain: str) -> tuple[str, int] | None:
        """Return host and port of the next hop for mail to `domain`; None if there is no route."""
        return self._routes.get(domain_key(domain)) or self._routes.get("*")

    def deliver(self, message: RelayedMessage) -> Handovers:
        """Hand the message to the next hop of each recipient, step by step.

        If there are several recipients, this first tests at each next hop if it accepts all of its own, and sends the
        message only if all do. So an unknown recipient is found before anybody has the message.
        """
        hops: dict[tuple[str, int] | None, list[Path]] = {}
        for path in message.recipients:
            hops.setdefault(self.next_hop(path.domain), []).append(path)
        failures = [NotRelayed(path, True, sentences.NO_ROUTE) for path in hops.pop(None, ())]
        handovers = [_NextHop(hop, paths, message, self._timeouts) for hop, paths in hops.items() if hop]
        for handover in handovers:
            failures += yield from handover.prepare(ask=len(message.recipients) > 1)
        taken = not failures
        if taken:
            for handover in handovers:
                failures += yield from handover.deliver()
            taken = len(failures) < len(message.recipients)
        for handover in reversed(handovers):
            yield from handover.leave()
        return RelayResult(tuple(failures), taken)


def _checked(domain: str, hop: object) -> tuple[str, int]:
    """Return the next hop of a domain if it is a host and a port."""
    match hop:
        case (str() as host, int() as port):
            return host, port
    raise TypeError(sentences.NOT_A_HOP.format(domain=domain, hop=hop))


class _NextHop:
    """One message on its way to one next hop.

    Args:
        hop: its host and port.
        paths: the recipients whose next hop it is.
        message: the message.
        timeouts: for the replies.
    """

    def __init__(self, hop: tuple[str, int], paths: list[Path], message: RelayedMessage, timeouts: Timeouts) -> None:
        self._host, self._port = hop
        self._mail = message.sender, paths, message.content
        self._queue_id = message.queue_id
        name = self._host if self._port == SMTP_PORT else f"{self._host} port {self._port}"
        self._session = DeliverySession(message.helo, timeouts=timeouts, server=name)

    def prepare(self, *, ask: bool) -> _Failures:
        """Open a session and, if `ask`, test if every recipient is accepted; return those who are not.

        After a refusal nothing but QUIT follows, so the client of this host does not wait for the reply to a RSET.
        """
        self._session.open()
        yield self._task(opens=True)
        failures = self._failures()
        if ask and not failures:
            self._session.ask(*self._mail, leaving=True)
            yield self._task()
            failures = self._failures()
        return failures

    def deliver(self) -> _Failures:
        """Deliver the message; return who does not get it."""
        if self._session.closed:  # between the question and the message, which RFC 5321 3.8 allows with 421
            return self._none(sentences.HOP_ENDED.format(host=self._host), permanent=False)
        self._session.deliver(*self._mail, leaving=True)
        yield self._task()
        return self._failures()

    def leave(self) -> Generator[HostTask, object, None]:
        """Say QUIT, unless the session has ended (RFC 5321 4.1.1.10)."""
        if not self._session.closed:
            self._session.leave()
            yield self._task(farewell=True)

    def _task(self, *, opens: bool = False, farewell: bool = False) -> HostTask:
        return HostTask(self._host, self._port, self._session, self._queue_id, opens, farewell)

    def _failures(self) -> list[NotRelayed]:
        """Return who does not get the message for what the last step came to."""
        try:
            delivery: Delivery | None = self._session.outcome()
        except ClientError as error:
            return self._none(str(error), permanent=error.permanent)
        except ProtocolError as error:  # the message cannot be sent on, such as one with a bare LF
            return self._none(str(error), permanent=True)
        if delivery is None:
            return []
        if not delivery.sender_reply.is_positive:
            return self._none(self._words(delivery.sender_reply), permanent=delivery.sender_reply.code >= 500)
        not_taken = list(delivery.refused)
        if delivery.reply is not None:
            not_taken += [(path, delivery.reply) for path in delivery.unanswered]
        return [NotRelayed(path, reply.code >= 500, self._words(reply)) for path, reply in not_taken]

    def _words(self, reply: Reply) -> str:
        """Return what the next hop said, in one line.

        Each host of a chain puts its own words before those of the next. So the middle of a long chain is left out, and
        the reason, which stands at its end, fits into a reply line.
        """
        said = f"{self._host} said {reply.code} {reply.lines[0]}".rstrip()
        return said if len(said) <= _WORDS else f"{said[: _WORDS // 2]} ... {said[-_WORDS // 2 :]}"

    def _none(self, reason: str, *, permanent: bool) -> list[NotRelayed]:
        _, paths, _ = self._mail
        return [NotRelayed(path, permanent, reason) for path in paths]
