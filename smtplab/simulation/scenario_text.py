"""Write a scenario as a TOML file, so that a run can be repeated. `scenario_file` reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..base.duration import format_exactly
from ..mta.queue_table import queue_pairs
from .plans import FullDisk, HostPlan, PlannedOutage
from .scenario import Scenario


def scenario_text(scenario: Scenario) -> str:
    """Return the TOML file of a scenario; `parse_scenario` reads the same scenario from it, but for its name."""
    return "".join(f"{line}\n" for line in _lines(scenario))


def _lines(scenario: Scenario) -> Iterator[str]:
    yield from _pairs(
        description=scenario.description,
        duration=_written(scenario.duration),
        latency=_written(scenario.latency) if scenario.latency else None,
        octets_per_second=scenario.octets_per_second or None,
    )
    for host in scenario.hosts:
        yield from _host_lines(host)
    yield from _table("mx", scenario.mx)
    for link in scenario.links:
        yield from _row(
            "links",
            between=link.between,
            latency=_written(link.latency),
            octets_per_second=link.octets_per_second or None,
        )
    for outage in scenario.outages:
        yield from _row("outages", **_window_pairs(outage))
    for disk in scenario.full_disks:
        yield from _row("full_disks", **_window_pairs(disk), spool=disk.spool)
    yield from _drawn_lines(scenario)
    for message in scenario.messages:
        pairs = {"from": message.sender, "to": message.recipients, "at": _written(message.at)}
        yield from _row("messages", **pairs, through=message.through or None, octets=message.octets)


def _drawn_lines(scenario: Scenario) -> Iterator[str]:
    drawn, traffic = scenario.drawn_outages, scenario.traffic
    if drawn is not None:
        yield from ("", "[drawn_outages]")
        yield from _pairs(count=drawn.count, at_least=_written(drawn.at_least), at_most=_written(drawn.at_most))
    if traffic is not None:
        yield from ("", "[traffic]")
        yield from _pairs(
            messages=traffic.messages,
            over=_written(traffic.over),
            most_recipients=traffic.most_recipients,
            unknown=traffic.unknown,
            octets=traffic.octets,
            on_hosts=traffic.on_hosts,
            to=list(traffic.to) or None,
        )


def _window_pairs(window: PlannedOutage | FullDisk) -> dict[str, Any]:
    return {"host": window.host, "from": _written(window.begins), "for": _written(window.lasts)}


def _host_lines(host: HostPlan) -> Iterator[str]:
    default = HostPlan(host.name)
    where = f"hosts.{_quoted(host.name)}"
    yield from ("", f"[{where}]")
    names = ("domains", "address", "mailboxes", "faults", "hop_limit", "personality", "max_recipients")
    yield from _pairs(**{name: _unless(getattr(host, name), getattr(default, name)) for name in names})
    yield from _pairs(mailbox_octets=host.mailbox_octets, spool_octets=host.spool_octets)
    yield from _pairs(
        greylisting=_written(host.greylisting) if host.greylisting else None,
        reply_delay=_written(host.reply_delay) if host.reply_delay else None,
    )
    queue = queue_pairs(host.schedule, host.hop_limits)
    yield from _pairs(**{f"queue.{key}": value for key, value in queue.items() if key != "hops"})
    yield from _table(f"{where}.queue.hops", queue.get("hops", {}))
    for key in ("aliases", "forwards", "mx"):
        yield from _table(f"{where}.{key}", getattr(host, key))
    for name, each in host.lists.items():
        yield from ("", f"[{where}.lists.{_quoted(name)}]")
        members = [each.members] if isinstance(each.members, str) else each.members
        yield from _pairs(members=members, owner=each.owner)


def _unless(value: Any, default: Any) -> Any:
    return None if value == default else value


def _written(time: int) -> str:
    return format_exactly(time)


def _table(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    if table:
        yield from ("", f"[{name}]")
        yield from (f"{_quoted(key)} = {_value(value)}" for key, value in table.items())


def _row(table: str, **pairs: Any) -> Iterator[str]:
    yield from ("", f"[[{table}]]")
    yield from _pairs(**pairs)


def _pairs(**pairs: Any) -> Iterator[str]:
    """Yield a line for each pair that has a value."""
    yield from (f"{key} = {_value(value)}" for key, value in pairs.items() if value is not None)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    return f"[{', '.join(map(_value, value))}]"


def _quoted(text: str) -> str:
    """Return a basic string of TOML."""
    return '"' + "".join(_escape(character) for character in text) + '"'


def _escape(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return f"\\u{ord(character):04X}" if ord(character) < 2**16 else f"\\U{ord(character):08X}"
