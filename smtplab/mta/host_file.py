"""Read the configuration of a mail host from a TOML file; `data/hosts` has one with comments."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..base.duration import MICROSECONDS, parse_duration
from ..base.failure import Failure
from ..base.seed import Seed
from . import directory_file, sentences
from .accounts import DirectoryError
from .directory import Directory
from .host_names import own_name
from .maildir import folder_name
from .personality import Personality, PersonalityError
from .policy import DEFAULT_MESSAGE_OCTETS, Policy
from .queue_table import KEYS as QUEUE_KEYS
from .queue_table import read_queue
from .relay_policy import RelayPolicy
from .retry_schedule import HopLimits, RetrySchedule
from .spool_folder import SUBFOLDERS
from .toml_file import TableError, UnknownKeyError, check_table, in_place, located, parse_toml, read_text, with_texts
from .trace import HOP_LIMIT
from .zone import Exchanger, MailRoute, Zone, ZoneError
from .zone_file import KEYS as ZONE_KEYS
from .zone_file import read_zone, read_zone_file, zone_of

_FILE = {
    "hostname": (str,),
    "listen": (str,),
    "allow_remote": (bool,),
    "directory": (str, dict),
    "maildir": (str,),
    "spool": (str,),
    "zone": (str, dict),
    "relay_from": (list,),
    "relay_for": (list,),
    "queue": (dict,),
    "limits": (dict,),
    "free_octets": (int,),
    "hop_limit": (int,),
    "personality": (str,),
    "strict": (bool,),
    "faults": (list, str),
}
_LIMITS = {
    "message_octets": (int,),
    "recipients": (int,),
    "errors": (int,),
    "sessions": (int,),
    "idle": (str,),
}
# The tables that a file may have, and their keys.
_KEYS_OF: dict[str, Mapping[str, tuple[type, ...]]] = {
    "directory": directory_file.KEYS,
    "queue": QUEUE_KEYS,
    "limits": _LIMITS,
    "zone": ZONE_KEYS,
}
_LISTEN = re.compile(r"(?:\[([^]]+)\]|([^:\[\]]+)):([0-9]+)")
# How the name of a standard zone file ends (RFC 1035 5); other zones are in TOML.
_ZONE_FILE = ".zone"
# What ``localhost`` stands for (RFC 6761 6.3).
_LOCALHOST = ("127.0.0.1", "::1")


class HostFileError(Failure):
    """The configuration cannot be used. The message is a sentence that names the file and, where it can, the line."""


@dataclass(frozen=True, slots=True)
class HostSettings:
    """How a mail host is set up.

    Args:
        directory: its domains and users.
        hostname: how it calls itself.
        listen: address and port where it listens.
        allow_remote: True if it may listen for other machines and call them.
        maildir: the folder of its mailboxes.
        spool: the folder of its queue.
        zone: where the mail of other domains goes.
        relays: whose mail for other domains it takes.
        schedule: when mail is tried again, and when it is given up.
        hop_limits: how many sessions with next hops it has at once.
        policy: limits for clients, and extensions.
        free_octets: how much of the disk must stay free.
        hop_limit: how many hosts a message may have passed.
        personality: how it words its replies.
        faults: what goes wrong, each in one line of the language of `faults.fault`.
    """

    directory: Directory
    hostname: str
    listen: tuple[str, int] = ("127.0.0.1", 2525)
    allow_remote: bool = False
    maildir: Path = Path("maildir")
    spool: Path = Path("spool")
    zone: Zone = field(default_factory=Zone)
    relays: RelayPolicy = field(default_factory=RelayPolicy)
    schedule: RetrySchedule = field(default_factory=RetrySchedule)
    hop_limits: HopLimits = field(default_factory=HopLimits)
    policy: Policy = field(default_factory=Policy)
    free_octets: int = 0
    hop_limit: int = HOP_LIMIT
    personality: Personality = field(default_factory=lambda: Personality.load("plain"))
    faults: tuple[str, ...] = ()


def read_host_file(path: Path | str, check_fault: Callable[[str], object] = str) -> HostSettings:
    """Read the configuration of a host. Paths in it are relative to its folder.

    Args:
        path: the file.
        check_fault: raises `ValueError` if a text is not a fault. Their language is above this room, so without it
            the texts are kept as they are.

    Raises:
        HostFileError: if the file cannot be read or is not TOML, or a key or value is wrong.
    """
    path = Path(path)
    try:
        text = read_text(path)
        return _settings(parse_toml(text), path.parent, check_fault)
    except UnknownKeyError as error:
        reason: object = located(_with_home(error), text, error.place)
        raise HostFileError(sentences.HOST_FILE_WRONG.format(path=path, reason=reason)) from None
    except OSError as error:
        raise HostFileError(sentences.HOST_FILE_UNREADABLE.format(path=path, reason=error.strerror)) from None
    except (TableError, ZoneError) as error:
        reason = located(error, text, error.place)
        raise HostFileError(sentences.HOST_FILE_WRONG.format(path=path, reason=reason)) from None
    except _OtherFileWrong as error:
        raise HostFileError(str(error)) from None
    except ValueError as error:  # not UTF-8, or not TOML
        raise HostFileError(sentences.HOST_FILE_NOT_TOML.format(path=path, reason=error)) from None


def _with_home(error: UnknownKeyError) -> UnknownKeyError:
    """Return an error that says where a key belongs, if another table may have it."""
    *tables, key = error.place
    where = ".".join(tables) or "the file"
    if tables and key in _FILE:
        return UnknownKeyError(sentences.KEY_OF_FILE.format(where=where, key=key), *error.place)
    homes = [table for table, keys in _KEYS_OF.items() if key in keys and [table] != tables]
    if len(homes) != 1 or len(tables) > 1:
        return error
    return UnknownKeyError(sentences.KEY_OF_TABLE.format(where=where, key=key, table=homes[0]), *error.place)


def _check_no_key_behind(table: dict[str, Any]) -> None:
    """Raise if a key of the file stands in a table of names: it came behind the header of that table.

    Only a key with an underscore is sure not to be a name.
    """
    directory, queue = table.get("directory"), table.get("queue")
    tables: list[tuple[str, ...]] = [("queue", "hops")] if isinstance(queue, dict) else []
    if isinstance(directory, dict):
        tables += [("directory", kind) for kind in ("mailboxes", "aliases", "lists", "forwards")]
    for outer, inner in tables:
        names = table[outer].get(inner)
        for key in names if isinstance(names, dict) else ():
            if key in _FILE and "_" in key:
                text = sentences.KEY_OF_FILE.format(where=f"{outer}.{inner}", key=key)
                raise TableError(text, outer, inner, key)


class _OtherFileWrong(Failure):
    """A file that the configuration names is wrong; the sentence names it."""


def _other_file_wrong(error: Exception, key: str, value: object, folder: Path) -> _OtherFileWrong:
    """Return the error of a file that a key names; if it is not there, it says what can be done."""
    if isinstance(value, str) and not (folder / value).exists():
        return _OtherFileWrong(sentences.OTHER_FILE_MISSING.format(reason=error, key=key))
    return _OtherFileWrong(str(error))


def _settings(table: dict[str, Any], folder: Path, check_fault: Callable[[str], object]) -> HostSettings:
    """Return the settings in a file's table; see `read_host_file`."""
    check_table("the file", with_texts(table, "listen"), _FILE)
    _check_no_key_behind(table)
    if "directory" not in table:
        raise TableError(sentences.NO_DIRECTORY)
    settings = _read_settings(table, folder, check_fault)
    _check_folders(settings)
    try:
        _check_reach(settings)
        _check_zone(settings)
    except TableError as error:
        if error.place[0] != "zone" or not isinstance(table["zone"], str):
            raise
        raise _zone_wrong(error, folder / table["zone"]) from None
    return settings


def _zone_wrong(error: TableError, path: Path) -> _OtherFileWrong:
    """Return the error of a zone that does not fit to the host, with the line in the file of the zone."""
    reason = str(error) if path.suffix == _ZONE_FILE else located(error, read_text(path), error.place[1:])
    return _OtherFileWrong(sentences.ZONE_WRONG.format(path=path, reason=reason))


def _read_settings(table: dict[str, Any], folder: Path, check_fault: Callable[[str], object]) -> HostSettings:
    """Return the settings in a table, before it is checked how they fit together."""
    directory = _directory(table["directory"], folder)
    listen = in_place(lambda: _endpoint(str(table.get("listen", "127.0.0.1:2525"))), "listen")
    zone, relays = _zone(table.get("zone", {}), folder), _relays(table)
    schedule, hop_limits = read_queue(table.get("queue", {}), "queue")
    return HostSettings(
        directory,
        hostname=in_place(lambda: own_name(table.get("hostname", directory.domains[0])), "hostname"),
        listen=listen,
        allow_remote=table.get("allow_remote", False),
        maildir=folder / table.get("maildir", "maildir"),
        spool=folder / table.get("spool", "spool"),
        zone=zone,
        relays=relays,
        schedule=schedule,
        hop_limits=hop_limits,
        policy=_policy(table.get("limits", {}), strict=table.get("strict", False)),
        free_octets=_at_least(0, table, "free_octets", 0),
        hop_limit=_at_least(1, table, "hop_limit", HOP_LIMIT),
        personality=_personality(table.get("personality", "plain"), folder),
        faults=_faults(table.get("faults", ()), check_fault),
    )


def _directory(value: object, folder: Path) -> Directory:
    try:
        if isinstance(value, str):
            return Directory.load(folder / value)
        return in_place(lambda: Directory(**directory_file.arguments_of(value, "directory")), "directory")
    except DirectoryError as error:
        raise _other_file_wrong(error, "directory", value, folder) from None


def _zone(value: object, folder: Path) -> Zone:
    if isinstance(value, str):
        read = read_zone_file if value.endswith(_ZONE_FILE) else read_zone
        try:
            return read(folder / value)
        except ZoneError as error:
            raise _other_file_wrong(error, "zone", value, folder) from None
    try:
        return zone_of(value)
    except (TableError, ZoneError) as error:
        raise TableError(str(error), "zone", *error.place) from None


def _endpoint(text: str) -> tuple[str, int]:
    """Read ``HOST:PORT``, where an IPv6 address stands in brackets."""
    found = _LISTEN.fullmatch(text)
    if found is None:
        raise ValueError(sentences.NOT_AN_ENDPOINT.format(text=text))
    if len(found[3]) > 5 or int(found[3]) > 65535:
        raise ValueError(sentences.NO_SUCH_PORT.format(text=text, port=found[3]))
    host = found[1] or found[2]
    if not _is_address(host):
        raise ValueError(sentences.NOT_AN_IP_ADDRESS.format(host=host, meant=f"127.0.0.1:{found[3]}"))
    return host, int(found[3])


def _relays(table: dict[str, Any]) -> RelayPolicy:
    policy = RelayPolicy()
    for key, argument in (("relay_from", "networks"), ("relay_for", "senders")):
        try:
            policy |= RelayPolicy(**{argument: table.get(key, ())})
        except ValueError as error:
            raise TableError(sentences.IN_KEY.format(key=key, reason=error), key) from None
    return policy


def _policy(value: object, *, strict: bool) -> Policy:
    table = check_table("limits", with_texts(value, "idle"), _LIMITS, "limits")
    usual = Policy()
    seconds = usual.idle_seconds
    if "idle" in table:
        seconds = in_place(lambda: parse_duration(table["idle"]), "limits", "idle") / MICROSECONDS
    size = _at_least(0, table, "message_octets", DEFAULT_MESSAGE_OCTETS, "limits")
    recipients = _at_least(1, table, "recipients", usual.max_recipients, "limits")
    errors = _at_least(1, table, "errors", usual.max_errors, "limits")
    sessions = _at_least(1, table, "sessions", usual.max_sessions, "limits")
    return in_place(
        lambda: Policy(
            offer={**usual.offer, "SIZE": str(size)},
            strict=strict,
            max_recipients=recipients,
            max_errors=errors,
            max_sessions=sessions,
            idle_seconds=seconds,
        ),
        "limits",
    )


def _personality(name: str, folder: Path) -> Personality:
    try:
        return Personality.load(str(folder / name) if name.endswith(".toml") else name)
    except PersonalityError as error:
        raise TableError(str(error), "personality") from None


def _faults(value: str | Sequence[str], check: Callable[[str], object]) -> tuple[str, ...]:
    texts = (value,) if isinstance(value, str) else tuple(value)
    for text in texts:
        try:
            check(text)
        except ValueError as error:
            raise TableError(sentences.NOT_A_FAULT.format(fault=text, reason=error), "faults") from None
    return texts


def _at_least(least: int, table: dict[str, Any], key: str, default: int, *place: str) -> int:
    number: int = table.get(key, default)
    if number < least:
        raise TableError(sentences.NUMBER_TOO_LOW.format(key=key, least=least, number=number), *place, key)
    return number


def _check_folders(settings: HostSettings) -> None:
    """Raise if spool and mailboxes would write into each other's folders."""
    spool, maildir = settings.spool.resolve(), settings.maildir.resolve()
    mailboxes = [maildir / folder_name(name) for name in settings.directory.mailboxes]
    if (
        spool == maildir
        or any(maildir.is_relative_to(spool / name) for name in SUBFOLDERS)
        or any(spool.is_relative_to(each) for each in mailboxes)
    ):
        text = sentences.SHARED_FOLDER.format(spool=settings.spool, maildir=settings.maildir)
        raise TableError(text, "spool")


def _check_reach(settings: HostSettings) -> None:
    """Raise if the host would listen for, or call, other machines without leave."""
    if settings.allow_remote:
        return
    if not is_loopback(settings.listen[0]):
        raise TableError(sentences.LISTENS_FOR_OTHERS.format(address=settings.listen[0]), "listen")
    for name in settings.zone.domains:
        for address in settings.zone.addresses(name):
            if not is_loopback(address):
                text = sentences.ROUTE_LEAVES.format(host=name, address=address)
                raise TableError(text, "zone", "hosts", name)


def _check_zone(settings: HostSettings) -> None:
    """Raise if the zone has no next hop that has limits of its own, or sends the host's own mail elsewhere."""
    names = settings.zone.domains
    for name in settings.hop_limits.hops:
        if name not in names and not name.startswith("["):  # an address literal needs no records
            text = sentences.HOP_NOT_IN_ZONE.format(name=name, names=", ".join(names) or "no records")
            raise TableError(text, "queue", "hops", name)
    for domain in settings.directory.domains:
        route = settings.zone.route(domain, Seed(0), [settings.hostname])
        if isinstance(route, MailRoute) and not any(is_here(each, settings.listen) for each in route.exchangers):
            host = route.exchangers[0].name
            text = sentences.OWN_DOMAIN_ELSEWHERE.format(domain=domain, hostname=settings.hostname, host=host)
            raise TableError(text, "zone", "mx", domain)


def is_here(place: Exchanger, listen: tuple[str, int]) -> bool:
    """Return True if a host at a place is the one that listens here; 0.0.0.0 and :: are every address."""
    host, port = listen
    if port != place.port:
        return False
    if host.lower() == "localhost":
        return place.address in _LOCALHOST
    address = ipaddress.ip_address(host)
    return address.is_unspecified or address == ipaddress.ip_address(place.address)


def _is_address(host: str) -> bool:
    try:
        return host.lower() == "localhost" or bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def is_loopback(address: str) -> bool:
    """Return True if an address, or ``localhost``, is this machine alone."""
    try:
        return address.lower() == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
