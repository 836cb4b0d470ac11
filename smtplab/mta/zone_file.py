"""Read a zone from a TOML file, or from a standard zone file (RFC 1035 5) through dnspython."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ..client.session import SMTP_PORT
from . import sentences
from .host_names import zone_name
from .toml_file import TableError, check_names, check_table, in_place, located, parse_toml, read_text
from .zone import NULL_MX, Zone, ZoneError

# The tables that a file may have, and the kinds of the values in each. A host is an address, several, or a table.
KEYS = {"mx": (dict,), "hosts": (dict,), "aliases": (dict,)}
_HOST = {"address": (str, list), "port": (int,)}
_MX = re.compile(r"(\d+)\s+(\S+)")


def read_zone(path: Path | str) -> Zone:
    """Read a zone from a TOML file::

        [mx]                                  # preference and host, as in a zone file
        "lab.example" = ["10 mail.lab.example", "20 backup.lab.example"]
        "nomail.example" = "0 ."              # takes no mail (RFC 7505)

        [hosts]
        "mail.lab.example" = "192.0.2.1"      # or ["192.0.2.1", "2001:db8::1"]
        "backup.lab.example" = { address = "127.0.0.1", port = 2526 }

        [aliases]
        "smtp.lab.example" = "mail.lab.example"

    Raises:
        ZoneError: if the file cannot be read or is not TOML, a key or value is wrong, or an MX names a host that has no
            address in the file. The sentence names the file, the key and, where it can be found, the line.
    """
    try:
        text = read_text(Path(path))
        return zone_of(parse_toml(text), "the file")
    except OSError as error:
        raise ZoneError(sentences.ZONE_UNREADABLE.format(path=path, reason=error.strerror)) from None
    except ValueError as error:  # not UTF-8, or not TOML
        raise ZoneError(sentences.ZONE_NOT_TOML.format(path=path, reason=error)) from None
    except (TableError, ZoneError) as error:
        sentence = sentences.ZONE_WRONG.format(path=path, reason=located(error, text, error.place))
        raise ZoneError(sentence, *error.place) from None


def read_zone_file(path: Path | str, origin: str | None = None, *, port: int = SMTP_PORT) -> Zone:
    """Read a standard zone file: its MX, A, AAAA and CNAME records. Others are skipped.

    Args:
        path: the file.
        origin: the name that completes relative names; None if the file has ``$ORIGIN``.
        port: where the hosts listen; a zone file has no ports.

    Raises:
        ZoneError: if dnspython is not installed, the file cannot be read, or it is not a zone file.
    """
    try:
        import dns.exception
        import dns.zone
    except ImportError:
        raise ZoneError(sentences.NO_DNSPYTHON) from None
    try:
        text = read_text(Path(path))
        found = dns.zone.from_text(text, origin, relativize=False, check_origin=False, filename=str(path))
        return _zone_of_records(found.iterate_rdatas(), port)
    except OSError as error:
        raise ZoneError(sentences.ZONE_UNREADABLE.format(path=path, reason=error.strerror)) from None
    except (dns.exception.DNSException, ValueError) as error:
        raise ZoneError(sentences.NOT_A_ZONE_FILE.format(path=path, reason=error)) from None
    except ZoneError as error:
        raise ZoneError(sentences.ZONE_WRONG.format(path=path, reason=error)) from None


def _zone_of_records(records: Any, port: int) -> Zone:
    mx: dict[str, list[tuple[int, str]]] = {}
    hosts: dict[str, list[str]] = {}
    aliases: dict[str, str] = {}
    for name, _, data in records:
        owner, kind = name.to_text(), data.rdtype.name
        if kind == "MX":
            mx.setdefault(owner, []).append((data.preference, data.exchange.to_text()))
        elif kind in ("A", "AAAA"):
            hosts.setdefault(owner, []).append(data.address)
        elif kind == "CNAME":
            aliases[owner] = data.target.to_text()
    return Zone(mx=mx, hosts=hosts, aliases=aliases, port=port)


def zone_of(value: object, where: str = "the zone") -> Zone:
    """Return the zone that a table of TOML has; raise `TableError` or `ZoneError` if it is wrong.

    Args:
        value: the table.
        where: what a sentence calls it.
    """
    table = check_table(where, value, KEYS)
    for key, keys in (("mx", ()), ("hosts", _HOST), ("aliases", ())):
        check_names(key, table.get(key), keys, key)
    mx = {domain: _exchanges(domain, value) for domain, value in table.get("mx", {}).items()}
    hosts = {name: _host(name, value) for name, value in table.get("hosts", {}).items()}
    aliases = table.get("aliases", {})
    for name in aliases:
        check_table("aliases", {name: aliases[name]}, {name: (str,)}, "aliases")
    for key, names in (("mx", mx), ("hosts", hosts), ("aliases", aliases)):
        for name in names:
            in_place(partial(zone_name, name), key, name)
    zone = Zone(
        mx=mx,
        hosts={name: addresses for name, (addresses, _) in hosts.items()},
        aliases=aliases,
        ports={name: port for name, (_, port) in hosts.items()},
    )
    _check_exchangers(zone, mx)
    return zone


def _exchanges(domain: str, value: object) -> list[tuple[int, str]]:
    texts = check_table("mx", {domain: value}, {domain: (str, list)}, "mx")[domain]
    return [read_exchange(domain, text) for text in ([texts] if isinstance(texts, str) else texts)]


def read_exchange(domain: str, text: str) -> tuple[int, str]:
    """Return preference and host of an MX record such as ``10 mail.lab.example``.

    Args:
        domain: the domain of the record, for the error.
        text: the record's data, as in a zone file.

    Raises:
        ZoneError: if it is not a number and a host.
    """
    found = _MX.fullmatch(text.strip())
    if found is None:
        raise ZoneError(sentences.BAD_MX.format(domain=domain, text=text), "mx", domain)
    return int(found[1]), found[2]


def _host(name: str, value: object) -> tuple[Sequence[str], int]:
    """Return the addresses of a host, and its port."""
    value = value if isinstance(value, dict) else {"address": value}
    host = check_table(f"host {name!r}", value, _HOST, "hosts", name)
    addresses = host.get("address", [])
    return [addresses] if isinstance(addresses, str) else addresses, host.get("port", SMTP_PORT)


def _check_exchangers(zone: Zone, mx: Mapping[str, Iterable[tuple[int, str]]]) -> None:
    """Raise if an MX names a host without an address. In a file that somebody wrote by hand it is a slip."""
    for domain, records in mx.items():
        for _, host in records:
            if host != NULL_MX and not zone.addresses(host):
                raise ZoneError(sentences.MX_TO_NOWHERE.format(domain=domain, host=host), "mx", domain)
