"""Name what a configuration allows and its author hardly wants: the host starts, and mail goes astray in silence."""

from __future__ import annotations

from collections.abc import Iterator

from ..base.domains import host_key
from ..base.seed import Seed
from ..client.session import SMTP_PORT
from . import sentences
from .host_file import HostSettings, is_here, is_loopback
from .zone import Exchanger, MailRoute


def remarks(settings: HostSettings) -> list[str]:
    """Return a sentence for each thing in the settings of a host that probably is a slip."""
    return [*_own_place(settings), *_own_domains(settings), *_portless(settings), *_ownerless(settings)]


def _exchangers(settings: HostSettings) -> Iterator[Exchanger]:
    """Yield the places of the zone's hosts, each once."""
    found: dict[Exchanger, None] = {}
    for name in settings.zone.domains:
        route = settings.zone.route(name, Seed(0))
        if isinstance(route, MailRoute):
            found.update(dict.fromkeys(route.exchangers))
    yield from found


def _own_place(settings: HostSettings) -> Iterator[str]:
    """Say that the zone has this host at another place than where it listens; port 0 takes any."""
    own = host_key(settings.hostname)
    places = [each for each in _exchangers(settings) if host_key(each.name) == own]
    if places and settings.listen[1] and not any(is_here(each, settings.listen) for each in places):
        there, here = (_place(*each) for each in ((places[0].address, places[0].port), settings.listen))
        yield sentences.LISTENS_ELSEWHERE.format(host=settings.hostname, there=there, here=here)


def _own_domains(settings: HostSettings) -> Iterator[str]:
    names = settings.zone.domains
    for domain in settings.directory.domains:
        if names and host_key(domain) not in names:
            yield sentences.OWN_DOMAIN_MISSING.format(domain=domain)


def _portless(settings: HostSettings) -> Iterator[str]:
    """Say which hosts of this machine are at the port of the Internet, where a lab has none."""
    own = host_key(settings.hostname)
    for each in _exchangers(settings):
        if each.port == SMTP_PORT and is_loopback(each.address) and host_key(each.name) != own:
            yield sentences.NO_PORT.format(host=each.name, address=each.address, port=SMTP_PORT)


def _ownerless(settings: HostSettings) -> Iterator[str]:
    for name in settings.directory.lists_of_postmaster:
        yield sentences.NO_OWNER.format(name=name)


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
