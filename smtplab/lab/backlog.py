"""What still waits in the queues of a lab when time stands still again, and why, in a sentence for each reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..base.duration import format_due
from ..base.printed import plural
from ..base.seed import Seed
from ..mta.queue_entry import QueueEntry
from ..mta.queue_manager import QueueManager
from ..mta.zone import MailRoute
from . import sentences
from .lab_host import LabHost


def backlog(managers: Mapping[str, QueueManager], hosts: Iterable[LabHost], now: int) -> tuple[str, ...]:
    """Return a sentence for each host and each reason for which messages wait there; none if nothing waits.

    Args:
        managers: the queue of each host, by the host's name.
        hosts: the hosts of the lab.
        now: the present time of the queues, in microseconds.
    """
    down = {host.address: host.name for host in hosts if not host.up}
    return tuple(line for name, manager in managers.items() for line in _of_host(name, manager, down, now))


def _of_host(name: str, manager: QueueManager, down: Mapping[str, str], now: int) -> Iterator[str]:
    groups: dict[str, list[QueueEntry]] = {}
    for entry in manager.queue:
        why = sentences.IS_DOWN.format(host=name) if name in down.values() else _reason(entry, manager, down)
        groups.setdefault(why, []).append(entry)
    for why, entries in groups.items():
        count = len({entry.queue_id for entry in entries})
        yield sentences.WAITS.format(
            messages=plural(count, "message"),
            wait="waits" if count == 1 else "wait",
            host=name,
            why=why,
            next=sentences.GOES_ON_WHEN_UP if name in down.values() else _next_attempt(manager, entries, now),
        )


def _reason(entry: QueueEntry, manager: QueueManager, down: Mapping[str, str]) -> str:
    """Say why an entry waits: the hosts of its next hop that are down, or else what the last attempt came to."""
    route = manager.zone.route(entry.next_hop, Seed(0), [manager.hostname])
    names = [down.get(each.address) for each in route.exchangers] if isinstance(route, MailRoute) else []
    if names and all(names):
        return "; ".join(sentences.IS_DOWN.format(host=name) for name in dict.fromkeys(names))
    words = "; ".join(dict.fromkeys(each.words.rstrip(".") for each in entry.last))
    return sentences.LAST_ATTEMPT.format(words=words) if words else sentences.NO_ATTEMPT_YET


def _next_attempt(manager: QueueManager, entries: Iterable[QueueEntry], now: int) -> str:
    if any(manager.queue.attempt_of(entry.id) for entry in entries):
        return sentences.ATTEMPT_RUNS
    return sentences.NEXT_ATTEMPT.format(when=format_due(min(entry.due for entry in entries) - now))
