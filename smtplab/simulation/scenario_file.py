"""Read a scenario from a TOML file. `scenario_text` writes one.

::

    description = "Two hosts, and the second is away for three days."
    duration = "6 d"                          # the run ends earlier if nothing is left to do
    latency = "20 ms"                         # of every link without a [[links]] table

    [hosts."mail.campus.example"]
    domains = ["campus.example"]
    mailboxes = ["alice"]
    queue.delays = ["30 min", "2 h"]          # the table `queue` of `smtplab mta`: expires_after, sessions, others
    faults = ["reply 451 to the second RCPT"]

    [hosts."mail.lab.example"]
    domains = ["lab.example"]
    mailboxes = ["bob"]
    greylisting = "5 min"
    [hosts."mail.lab.example".aliases]        # and: forwards, mx, and lists with members and owner
    sales = ["bob"]

    [mx]                                      # only where a domain has others than the hosts that deliver its mail
    "lab.example" = ["10 mail.lab.example", "20 mail.campus.example"]

    [[outages]]
    host = "mail.lab.example"
    from = "0 s"
    for = "3 d"

    [[messages]]
    from = "alice@campus.example"
    to = ["bob@lab.example"]
    at = "1 h"

    [[full_disks]]                            # new mail gets 452, whether it stays here or goes on
    host = "mail.lab.example"
    from = "4 d"
    for = "1 h"
    spool = false                             # only the mailboxes; true: only the queue; without this key both

A file may also have [[links]], [[families]] of equal hosts, [traffic] and [drawn_outages].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..base.duration import parse_duration
from ..base.resources import data_path
from ..mta.directory_file import read_list
from ..mta.queue_table import read_queue
from ..mta.toml_file import TableError, check_table, in_place, located, parse_toml, read_text
from . import sentences
from .plans import (
    BODY_OCTETS,
    TRAFFIC_OVER,
    DrawnOutages,
    FullDisk,
    HostPlan,
    LinkPlan,
    PlannedMessage,
    PlannedOutage,
    Traffic,
)
from .scenario import DURATION, Scenario, ScenarioError

_Kinds = Mapping[str, tuple[type, ...]]

_FILE: _Kinds = {
    "description": (str,),
    "duration": (str,),
    "latency": (str,),
    "octets_per_second": (int,),
    "hosts": (dict,),
    "mx": (dict,),
    "traffic": (dict,),
    "drawn_outages": (dict,),
}
_HOST: _Kinds = {
    "domains": (list, str),
    "address": (str,),
    "mailboxes": (list, str),
    "aliases": (dict,),
    "lists": (dict,),
    "forwards": (dict,),
    "mx": (dict,),
    "queue": (dict,),
    "greylisting": (str,),
    "reply_delay": (str,),
    "faults": (list, str),
    "hop_limit": (int,),
    "personality": (str,),
    "mailbox_octets": (int,),
    "spool_octets": (int,),
    "max_recipients": (int,),
}
_FAMILY: _Kinds = {"name": (str,), "count": (int,), **_HOST}
# The tables of which a file may have several.
_ROWS: Mapping[str, _Kinds] = {
    "families": _FAMILY,
    "links": {"between": (list,), "latency": (str,), "octets_per_second": (int,)},
    "outages": {"host": (str,), "from": (str,), "for": (str,)},
    "full_disks": {"host": (str,), "from": (str,), "for": (str,), "spool": (bool,)},
    "messages": {"from": (str,), "to": (list, str), "at": (str,), "through": (str,), "octets": (int,)},
}
_TRAFFIC: _Kinds = {
    "messages": (int,),
    "over": (str,),
    "most_recipients": (int,),
    "unknown": (int,),
    "octets": (int,),
    "on_hosts": (bool,),
    "to": (list, str),
}
_DRAWN: _Kinds = {"count": (int,), "at_least": (str,), "at_most": (str,)}
_MOST = 2000
_NUMBER = "{n}"


def supplied() -> tuple[str, ...]:
    """Return the names of the scenarios that come with smtplab."""
    return tuple(sorted(path.stem for path in data_path("scenarios").glob("*.toml")))


def find_scenario(name: str | Path) -> Path:
    """Return the file of a scenario that comes with smtplab, or of any other by its path.

    Raises:
        ScenarioError: if there is neither.
    """
    if isinstance(name, str) and name in supplied():
        return data_path("scenarios", f"{name}.toml")
    if str(name) and (Path(name).suffix == ".toml" or Path(name).exists()):
        return Path(name)
    raise ScenarioError(sentences.NO_SUCH_SCENARIO.format(name=str(name), names=", ".join(supplied())))


def read_scenario(path: Path | str) -> Scenario:
    """Read a scenario from its file.

    Raises:
        ScenarioError: if the file cannot be read or is not TOML, or a key or value is wrong. The sentence names the
            file, the key and, where it can be found, the line.
    """
    path = Path(path)
    try:
        return parse_scenario(read_text(path), path.stem)
    except OSError as error:
        raise ScenarioError(sentences.UNREADABLE.format(path=path, reason=error.strerror)) from None
    except ScenarioError as error:
        raise ScenarioError(sentences.WRONG.format(path=path, reason=error), *error.place) from None
    except ValueError as error:  # not UTF-8, or not TOML
        raise ScenarioError(sentences.NOT_TOML.format(path=path, reason=error)) from None


def parse_scenario(text: str, name: str) -> Scenario:
    """Return the scenario of a TOML text.

    Args:
        text: what the file holds.
        name: how the scenario is called.

    Raises:
        ScenarioError: if a key or value is wrong; the sentence has the line.
        ValueError: if it is not TOML.
    """
    table = parse_toml(text)
    try:
        return _scenario(table, name)
    except (TableError, ScenarioError) as error:
        raise ScenarioError(located(error, text, error.place), *error.place) from None


def _scenario(table: dict[str, Any], name: str) -> Scenario:
    rows = {key: _rows(key, table.pop(key, [])) for key in _ROWS}
    known = check_table("the file", table, {**_FILE, **dict.fromkeys(_ROWS, (list,))})
    hosts = [_host(host, value, "hosts", host) for host, value in known.get("hosts", {}).items()]
    for number, family in enumerate(rows["families"], 1):
        hosts += _family(family, number)
    return Scenario(
        name,
        tuple(hosts),
        description=known.get("description", ""),
        mx=_texts("mx", known.get("mx", {}), "mx"),
        latency=_time(known, "latency", 0),
        octets_per_second=known.get("octets_per_second", 0),
        links=tuple(_link(row, number) for number, row in enumerate(rows["links"], 1)),
        outages=tuple(_outage(row, number) for number, row in enumerate(rows["outages"], 1)),
        full_disks=tuple(_disk(row, number) for number, row in enumerate(rows["full_disks"], 1)),
        drawn_outages=_drawn_outages(known["drawn_outages"]) if "drawn_outages" in known else None,
        messages=tuple(_message(row, number) for number, row in enumerate(rows["messages"], 1)),
        traffic=_traffic(known["traffic"]) if "traffic" in known else None,
        duration=_time(known, "duration", DURATION),
    )


def _rows(key: str, value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise TableError(sentences.NOT_TABLES.format(key=key), key)
    return [check_table(f"[[{key}]]", row, _ROWS[key], key, str(number)) for number, row in enumerate(value, 1)]


def _time(table: Mapping[str, Any], key: str, default: int, *place: str) -> int:
    if key not in table:
        return default
    text: str = table[key]
    return in_place(lambda: parse_duration(text), *place, key)


def _texts(where: str, table: Mapping[str, Any], *place: str) -> dict[str, tuple[str, ...]]:
    """Return a table of texts, each key with one or several."""
    kinds = dict.fromkeys(table, (list, str))
    return {key: _several(value) for key, value in check_table(where, dict(table), kinds, *place).items()}


def _several(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _family(family: dict[str, Any], number: int) -> Iterator[HostPlan]:
    """Yield equal hosts, each with its number in its name and in its domains."""
    name, count = family.pop("name", ""), family.pop("count", 1)
    if not 0 < count <= _MOST or _NUMBER not in name:
        raise TableError(sentences.NOT_SO_MANY.format(most=_MOST), "families", str(number), "count")
    for turn in range(1, count + 1):
        domains = [domain.replace(_NUMBER, str(turn)) for domain in _several(family.get("domains", []))]
        yield _host(name.replace(_NUMBER, str(turn)), {**family, "domains": domains}, "families", str(number))


def _host(name: str, value: object, *place: str) -> HostPlan:
    table = check_table(f"host {name!r}", value, _HOST, *place)
    plain = ("address", "hop_limit", "personality", "mailbox_octets", "spool_octets", "max_recipients")
    schedule, hop_limits = read_queue(table.get("queue", {}), *place, "queue")
    return HostPlan(
        name,
        _several(table.get("domains", [])),
        mailboxes=_several(table.get("mailboxes", [])),
        aliases=_texts("aliases", table.get("aliases", {}), *place, "aliases"),
        lists={key: read_list(key, row, *place, "lists", key) for key, row in table.get("lists", {}).items()},
        forwards=check_table(
            "forwards", table.get("forwards", {}), dict.fromkeys(table.get("forwards", {}), (str,)), *place, "forwards"
        ),
        mx=_texts("mx", table.get("mx", {}), *place, "mx"),
        schedule=schedule,
        hop_limits=hop_limits,
        greylisting=_time(table, "greylisting", 0, *place),
        reply_delay=_time(table, "reply_delay", 0, *place),
        faults=_several(table.get("faults", [])),
        **{key: table[key] for key in plain if key in table},
    )


def _link(row: Mapping[str, Any], number: int) -> LinkPlan:
    ends = row.get("between", [])
    if len(ends) != 2 or ends[0] == ends[1]:
        raise TableError(sentences.TWO_ENDS, "links", str(number), "between")
    place = ("links", str(number))
    return LinkPlan((ends[0], ends[1]), _time(row, "latency", 0, *place), row.get("octets_per_second", 0))


def _window(row: Mapping[str, Any], key: str, number: int) -> tuple[str, int, int]:
    place = (key, str(number))
    if "for" not in row:
        raise TableError(sentences.NO_LENGTH, *place)
    return row.get("host", ""), _time(row, "from", 0, *place), _time(row, "for", 0, *place)


def _outage(row: Mapping[str, Any], number: int) -> PlannedOutage:
    return PlannedOutage(*_window(row, "outages", number))


def _disk(row: Mapping[str, Any], number: int) -> FullDisk:
    return FullDisk(*_window(row, "full_disks", number), row.get("spool"))


def _message(row: Mapping[str, Any], number: int) -> PlannedMessage:
    return PlannedMessage(
        row.get("from", ""),
        _several(row.get("to", [])),
        _time(row, "at", 0, "messages", str(number)),
        row.get("through", ""),
        row.get("octets", BODY_OCTETS),
    )


def _traffic(value: object) -> Traffic:
    table = check_table("traffic", value, _TRAFFIC, "traffic")
    over = _time(table, "over", TRAFFIC_OVER, "traffic")
    return Traffic(**{"messages": 0, **table, "over": over, "to": _several(table.get("to", ()))})


def _drawn_outages(value: object) -> DrawnOutages:
    table = check_table("drawn_outages", value, _DRAWN, "drawn_outages")
    lengths = {key: _time(table, key, 0, "drawn_outages") for key in ("at_least", "at_most") if key in table}
    return DrawnOutages(table.get("count", 0), **lengths)
