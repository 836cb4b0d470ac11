"""Deliver queued messages to the hosts of a route, one after the other, until one takes them (RFC 5321 5.1).

Each step is a `HostTask` that a world runs, so the same code works on sockets and on a virtual clock. `queue` decides
when a message is delivered, `zone` which hosts there are.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import chain

from ..client.outcomes import DEFAULT_TIMEOUTS, Timeouts
from ..protocol.grammar import Path
from .attempt import Action, AttemptResult, RecipientResult, answered
from .next_hop import NextHop
from .relay import RelayedMessage
from .task import HostTask, Task
from .zone import MailRoute, NoRoute

# Takes the result of a message, and returns the next message for the same next hop; None to end the session. It may
# have tasks of its own, such as to write the result to a disk.
NextMessage = Callable[[AttemptResult], Generator[Task, object, RelayedMessage | None]]


def transmit(
    message: RelayedMessage, route: MailRoute, next_message: NextMessage, timeouts: Timeouts | None = None
) -> Generator[Task, object, None]:
    """Deliver messages by one route, all in one session if the host allows it, and say QUIT at the end.

    If a host takes no mail now, the next one is tried: it cannot be reached, refuses its service, ends the session with
    421, or is lost before the end of the message. It is also tried for the recipients whose sender, address or message
    a host has refused with 4yz (RFC 5321 5.1). A refusal with 5yz is final, because other hosts of the same domain
    would only repeat it or hand the message back. These wait for the next attempt: who is delayed by a policy such as
    greylisting, and who may have the message already, because only the reply to it was lost.

    Args:
        message: the first message; its recipients all have this route.
        route: the hosts to try, in their order.
        next_message: a generator that takes the result of a message, and returns the next message; None for the last.
        timeouts: for each reply; the minimum of RFC 5321 4.5.3.2 by default.
    """
    timeouts = timeouts or DEFAULT_TIMEOUTS
    result, hop = yield from _deliver(message, route, None, timeouts)
    while (following := (yield from next_message(result))) is not None:
        result, hop = yield from _deliver(following, route, hop, timeouts)
    yield from hop.leave()


def without_route(paths: Iterable[Path], no_route: NoRoute, host: str) -> AttemptResult:
    """Return the result of an attempt for which there is no host to try.

    Args:
        paths: the recipients.
        no_route: why.
        host: the name of this host, which decides so.
    """
    return answered(paths, host, no_route.reply, no_route.reason)


def _deliver(
    message: RelayedMessage, route: MailRoute, last_hop: NextHop | None, timeouts: Timeouts
) -> Generator[HostTask, object, tuple[AttemptResult, NextHop]]:
    """Try the session of the last message, if any, then each host of the route; return the result and the session.

    An old session may have ended although its host is well, so its end decides for no recipient. A session that has
    ended already costs no task. A host that has answered is not called at its other addresses, and its session is the
    one that the next message gets.
    """
    settled: dict[Path, RecipientResult] = {}
    paths: Sequence[Path] = message.recipients
    hops = chain((last_hop,) if last_hop else (), _hops(message, route, timeouts))
    hop = next(hops)
    answering: dict[str, NextHop] = {}
    while True:
        result = yield from _try(message, paths, hop)
        _merge(settled, result)
        paths = result.elsewhere
        if not hop.closed:
            answering[hop.name] = hop
        elif hop is last_hop:
            for path in paths:
                del settled[path]
        following = next((each for each in hops if each.name not in answering), None) if paths else None
        if following is None:
            break
        hop = following
    hop, *others = answering.values() or (hop,)
    for each in others:
        yield from each.leave()
    recipients = tuple(settled[path] for path in message.recipients)
    return AttemptResult(recipients, elsewhere=tuple(paths)), hop


def _hops(message: RelayedMessage, route: MailRoute, timeouts: Timeouts) -> Iterator[NextHop]:
    """Yield a session with each host of a route, which is not open yet."""
    for each in route.exchangers:
        yield NextHop(each.address, each.port, message.helo, message.queue_id, timeouts, each.name)


def _try(message: RelayedMessage, paths: Sequence[Path], hop: NextHop) -> Generator[HostTask, object, AttemptResult]:
    """Deliver a message to one host, with which a session is open or is opened now."""
    if not hop.opened:
        refused = yield from hop.open(paths)
        if refused is not None:
            return refused
    hop.queue_id = message.queue_id
    return (yield from hop.deliver(message.sender, paths, message.content))


def _merge(settled: dict[Path, RecipientResult], result: AttemptResult) -> None:
    """Note the results of one more host.

    If a nearer host was only delayed, a later host that refuses all service does not make a failure of it. What a host
    said outweighs that another could not be reached.
    """
    for each in result.recipients:
        before = settled.get(each.path)
        if (
            before is None
            or before.action is not Action.DELAYED
            or each.path not in result.elsewhere
            or (before.reply is None and each.reply is not None and each.action is Action.DELAYED)
        ):
            settled[each.path] = each
