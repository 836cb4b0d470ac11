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

If a next hop does not take the message, the hops after it do not get it. So 4yz stays true as long as the one that
failed was the first: nobody has the message, and a retry puts no second copy anywhere.

There is one exception. If the reply to the message is lost, that next hop may have it. The host answers as if it had
not: 451 if nobody is known to have it, 554 if another next hop has. After 451 the client repeats the message, and that
one hop may get it twice. After 554 it would not, and the message might be lost. SMTP prefers a duplicate to a loss
(RFC 5321 4.5.3.2.6, RFC 1047).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..base.domains import domain_key
from ..client.outcomes import Timeouts
from ..protocol.grammar import Path
from . import sentences
from .attempt import Action, AttemptResult
from .next_hop import NextHop
from .task import HostTask

# How long a next hop may take for each reply. It is shorter than RFC 5321 4.5.3.2 has it, because the client waits as
# long, and gives up on a reply to its message after ten minutes; if it gets 451 before that, it tries again.
NEXT_HOP_TIMEOUTS = Timeouts.all(30.0)


@dataclass(frozen=True, slots=True)
class NotRelayed:
    """A recipient for whom the next hop did not take the message.

    Args:
        permanent: True if a retry cannot help, as when the next hop answered 5yz.
        reason: what the next hop said, in one line.
        unknown: True if the next hop may have taken it, because only its reply to the message was lost.
    """

    path: Path
    permanent: bool
    reason: str
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class RelayResult:
    """What became of a message for other hosts.

    Args:
        failures: the recipients who decide why it was not taken for all; empty if everybody gets it. If `taken` is
            False, nobody does, except perhaps those whose failure is `NotRelayed.unknown`.
        taken: True if a next hop has taken it for somebody.
    """

    failures: tuple[NotRelayed, ...] = ()
    taken: bool = False


class RelayedMessage(NamedTuple):
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
        message only if all do. So an unknown recipient is found before anybody has the message. It sends nothing more
        once a next hop has not taken the message, unless one before has.
        """
        hops: dict[tuple[str, int] | None, list[Path]] = {}
        for path in message.recipients:
            hops.setdefault(self.next_hop(path.domain), []).append(path)
        failures = [NotRelayed(path, True, sentences.NO_ROUTE) for path in hops.pop(None, ())]
        handovers = [(self._open(hop, message), paths) for hop, paths in hops.items() if hop]
        for next_hop, paths in handovers:
            failures += _failures((yield from _prepare(next_hop, message, paths)))
        taken = False
        for next_hop, paths in handovers:
            if failures and not taken:
                break
            lacking = _failures((yield from next_hop.deliver(message.sender, paths, message.content, leaving=True)))
            failures += lacking
            taken = taken or len(lacking) < len(paths)
        for next_hop, _ in reversed(handovers):
            yield from next_hop.leave()
        return RelayResult(tuple(failures), taken)

    def _open(self, hop: tuple[str, int], message: RelayedMessage) -> NextHop:
        host, port = hop
        return NextHop(host, port, message.helo, message.queue_id, self._timeouts)


def _checked(domain: str, hop: object) -> tuple[str, int]:
    """Return the next hop of a domain if it is a host and a port."""
    match hop:
        case (str() as host, int() as port):
            return host, port
    raise TypeError(sentences.NOT_A_HOP.format(domain=domain, hop=hop))


def _prepare(
    next_hop: NextHop, message: RelayedMessage, paths: list[Path]
) -> Generator[HostTask, object, AttemptResult | None]:
    """Open a session and, if there are several recipients, test if each of these is accepted.

    After a refusal nothing but QUIT follows, so the client of this host does not wait for the reply to a RSET.
    """
    result = yield from next_hop.open(paths)
    if result is None and len(message.recipients) > 1:
        return (yield from next_hop.ask(message.sender, paths, message.content, leaving=True))
    return result


def _failures(result: AttemptResult | None) -> list[NotRelayed]:
    """Return those who do not get the message, for whatever reason."""
    return [
        NotRelayed(each.path, each.action is Action.FAILED, each.words, each.possible_duplicate)
        for each in (result.recipients if result is not None else ())
        if each.action is not Action.RELAYED
    ]
