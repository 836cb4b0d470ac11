"""The command ``serve``: run a mail server in the foreground until a signal stops it.

The module is one thing: the options, and the handler that they describe.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import click

from ..base.seed import Seed
from ..client.outcomes import ClientError
from ..faults.fault import Fault, FaultError
from ..mta.directory import Directory, DirectoryError
from ..mta.handler import Handler
from ..mta.host import MailHost
from ..mta.host_names import own_name
from ..mta.maildir import MaildirStore
from ..mta.personality import Personality, PersonalityError
from ..mta.policy import DEFAULT_MESSAGE_OCTETS, Policy
from ..mta.relay import Relay
from ..protocol.grammar import Path
from ..protocol.replies import ProtocolError
from ..worlds.addresses import RemoteAddressRefused, check_reach
from ..worlds.faulty_server import session_factory
from ..worlds.tcp import Server, SessionFactory
from ..worlds.watched_server import WatchedSessionFactory
from . import sentences
from .frame import ExitCode, fail, require_posix, seconds, sentence
from .output import complain
from .running import run_server

if TYPE_CHECKING:
    from ..conformance.clients.coach import Coach

_USERS = ("alice", "bob")
_DOMAIN = "lab.example"
_MAILDIR = FilePath("maildir")
# More names than this do not fit on a line; then only their number is printed.
_NAMES_TOLD = 8

_LIMITS = Policy()


def _domain(value: str) -> str:
    """Return the name of a domain, for an option of this type (RFC 5321 4.1.2)."""
    if not value:
        raise click.BadParameter(sentences.NO_DOMAIN.format(example=_DOMAIN))
    try:
        return Path("postmaster", value).domain
    except ProtocolError as error:
        raise click.BadParameter(str(error)) from None


def _user(value: str) -> str:
    """Return the name of a user, for an option of this type; the directory checks its characters."""
    if not value or "@" in value:
        raise click.BadParameter(sentences.NOT_A_USER.format(value=value))
    return value


def _folder(value: str) -> FilePath:
    """Return the path of a folder, for an option of this type."""
    if not value:
        raise click.BadParameter(sentences.NO_FOLDER)
    return FilePath(value)


def _read_routes(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, tuple[str, int]]:
    """Read ``DOMAIN=HOST:PORT``, where an IPv6 address stands in brackets."""
    routes = {}
    for value in values:
        domain, _, hop = value.partition("=")
        host, _, port = hop.rpartition(":")
        if not (domain and host and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise click.BadParameter(sentences.NOT_A_ROUTE.format(value=value))
        if domain != "*":
            _domain(domain)
        routes[domain] = host.removeprefix("[").removesuffix("]"), int(port)
    return routes


def _read_faults(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Check that each value is a fault."""
    try:
        for value in values:
            Fault.parse(value)
    except FaultError as error:
        raise click.BadParameter(str(error)) from None
    return values


@dataclass(frozen=True, slots=True)
class _Settings:
    """The options of one call; None or empty if not given."""

    host: str
    port: int
    domain: str | None
    user: tuple[str, ...]
    directory: FilePath | None
    maildir: FilePath | None
    free: int
    route: dict[str, tuple[str, int]]
    allow_remote: bool
    discard: bool
    personality: str
    strict: bool
    max_size: int
    max_recipients: int
    max_errors: int
    max_sessions: int
    idle: float
    fault: tuple[str, ...]
    seed: str
    coach: bool

    @property
    def policy(self) -> Policy:
        """The server's limits and extensions."""
        return Policy(
            offer={**_LIMITS.offer, "SIZE": str(self.max_size)},
            strict=self.strict,
            max_recipients=self.max_recipients,
            max_errors=self.max_errors,
            max_sessions=self.max_sessions,
            idle_seconds=self.idle,
        )


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address to listen on.")
@click.option(
    "--port", default=2525, show_default=True, type=click.IntRange(0, 65535), help="The port; 0 takes a free one."
)
@click.option(
    "--domain", type=_domain, metavar="NAME", help=f"The domain whose mail is taken, and the host's name.  [{_DOMAIN}]"
)
@click.option(
    "--user", multiple=True, type=_user, metavar="NAME", help="Who lives here; once for each.  [alice and bob]"
)
@click.option(
    "--directory",
    type=click.Path(path_type=FilePath),
    metavar="FILE",
    help="A TOML file in place of --domain and --user: mailboxes, aliases, lists, forwards.",
)
@click.option(
    "--maildir",
    type=_folder,
    metavar="DIR",
    help=f"Where mail is kept, one Maildir a user.  [{_MAILDIR}]",
)
@click.option(
    "--free",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    metavar="OCTETS",
    help="How much of the disk must stay free; a message that would take of it gets 452.",
)
@click.option(
    "--route",
    multiple=True,
    callback=_read_routes,
    metavar="DOMAIN=HOST:PORT",
    help="The next hop for mail to another domain, * for any; once for each. Without one such mail is refused.",
)
@click.option("--allow-remote", is_flag=True, help="Let routes lead to other machines.")
@click.option("--discard", is_flag=True, help="Accept every message, and drop it.")
@click.option(
    "--personality",
    default="plain",
    show_default=True,
    metavar="NAME",
    help='How replies are worded: "plain", "lecture" or your own .toml file.',
)
@click.option("--strict", is_flag=True, help="Take only what RFC 5321 allows, such as <brackets> around addresses.")
@click.option(
    "--max-size",
    default=DEFAULT_MESSAGE_OCTETS,
    show_default=True,
    type=click.IntRange(min=0),
    metavar="OCTETS",
    help="The longest message; 0 sets no limit.",
)
@click.option(
    "--max-recipients",
    default=_LIMITS.max_recipients,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Recipients of one message; the next gets 452.",
)
@click.option(
    "--max-errors",
    default=_LIMITS.max_errors,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Wrong commands in one session; the next gets 421.",
)
@click.option(
    "--max-sessions",
    default=_LIMITS.max_sessions,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Sessions at once; the next is greeted with 421.",
)
@click.option(
    "--idle",
    default=_LIMITS.idle_seconds,
    show_default=True,
    type=seconds,
    metavar="SECONDS",
    help="How long a client may take for a command before it gets 421.",
)
@click.option(
    "--fault",
    multiple=True,
    callback=_read_faults,
    metavar="TEXT",
    help='What goes wrong, such as "lose the 250 after the dot"; once for each.',
)
@click.option(
    "--seed", default="0", show_default=True, metavar="TEXT", help="Where probabilities of faults are drawn from."
)
@click.option(
    "--coach", is_flag=True, help="Tell a client that is silent or wrong, on standard error, what to do next."
)
def serve(**options: Any) -> None:
    """Run a mail server until Ctrl-C.

    It says "listening on HOST:PORT" once it is ready, and where the mail goes. Ctrl-C, or SIGTERM, gives
    deliveries under way five seconds to end and sends 421 to open sessions; a second one ends it at once.
    """
    require_posix("serve")
    settings = _Settings(**options)
    _check_sense(settings)
    handler, told = _discarder(settings) if settings.discard else _mail_host(settings)
    run_server(_server(settings, handler), settings.max_sessions, told)


def _server(settings: _Settings, handler: Handler) -> Server:
    """Return the server, with its faults or with a coach."""
    return Server(
        handler,
        settings.host,
        settings.port,
        settings.policy,
        allow_remote=settings.allow_remote,
        sessions=WatchedSessionFactory(_coaches())
        if settings.coach
        else session_factory(settings.fault, Seed(settings.seed)),
    )


def _sessions(settings: _Settings) -> SessionFactory:
    """Return what makes the sessions."""
    if settings.coach:
        return WatchedSessionFactory(_coaches())
    return session_factory(settings.fault, Seed(settings.seed))


def _coaches() -> Callable[[], Coach]:
    """Return what makes the coach of each session; it names the client by its number."""
    from ..conformance.clients.coach import Coach

    numbers = count(1)

    def coach() -> Coach:
        number = next(numbers)
        return Coach(lambda sentence: complain(f"coach, client {number}: {sentence}"))

    return coach


def _check_sense(settings: _Settings) -> None:
    """End the command if one option makes another one useless."""
    who = {"--directory": settings.directory, "--user": settings.user}
    if settings.discard:
        kept = {"--maildir": settings.maildir, "--free": settings.free, "--route": settings.route}
        _check_unused({**who, **kept}, "--discard")
    if settings.directory is not None:
        _check_unused({"--domain": settings.domain, "--user": settings.user}, "--directory")
    if settings.coach:
        _check_unused({"--fault": settings.fault}, "--coach")
    if not settings.host:
        fail(sentences.NO_ADDRESS, ExitCode.USAGE)


def _check_unused(options: dict[str, object], by: str) -> None:
    for name, value in options.items():
        if value:
            fail(sentences.NO_EFFECT.format(option=name, other=by), ExitCode.USAGE)


def _discarder(settings: _Settings) -> tuple[Handler, str]:
    """Return the handler that accepts and drops every message, and the line that says so."""
    domain = _directory(settings).domains[0]
    return Handler(domain, personality=_personality(settings)), "mail is accepted and dropped"


def _mail_host(settings: _Settings) -> tuple[Handler, str]:
    """Return the handler that keeps mail, and the line that says for whom and where."""
    directory, personality, relay = _directory(settings), _personality(settings), None
    if settings.route:
        relay = _relay(settings.route, settings.allow_remote)
    folder = settings.maildir or _MAILDIR
    try:
        store = MaildirStore(folder, free_octets=settings.free)
        store.require_writable(directory.mailboxes)
    except OSError as error:
        fail(sentences.FOLDER_UNUSABLE.format(folder=error.filename or folder, reason=error.strerror))
    names = sorted(directory.mailboxes)
    who = ", ".join(names) if len(names) <= _NAMES_TOLD else f"{len(names)} mailboxes"
    told = f"mail for {who} at {', '.join(directory.domains)} is kept in {folder}"
    return MailHost(directory, store, personality=personality, relay=relay), told


def _relay(routes: dict[str, tuple[str, int]], allow_remote: bool) -> Relay:
    for domain, hop in routes.items():
        try:
            check_reach(*hop, allow_remote=allow_remote)
        except RemoteAddressRefused:
            fail(sentences.ROUTE_TO_OTHER_MACHINE.format(domain=domain, host=hop[0]), ExitCode.USAGE)
        except ClientError as error:
            fail(sentences.ROUTE_UNUSABLE.format(domain=domain, reason=error))
    return Relay(routes)


def _directory(settings: _Settings) -> Directory:
    try:
        if settings.directory is not None:
            directory = Directory.load(settings.directory)
        else:
            directory = Directory([settings.domain or _DOMAIN], settings.user or _USERS)
        own_name(directory.domains[0])  # which is also the host's
    except (DirectoryError, ValueError) as error:
        fail(sentence(error), ExitCode.USAGE)
    return directory


def _personality(settings: _Settings) -> Personality:
    try:
        return Personality.load(settings.personality)
    except PersonalityError as error:
        fail(sentence(error), ExitCode.USAGE)
