"""The command ``mta``: run a whole mail host, which receives, keeps, relays, retries and reports."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import click

from ..base.printed import plural
from ..base.resources import data_path
from ..faults.fault import Fault
from ..mta import sentences as mta_sentences
from ..mta.handler import ClientIdentity, Envelope
from ..mta.host import MailHost
from ..mta.host_file import HostSettings
from ..mta.maildir import MaildirInUse, MaildirStore
from ..mta.queue_control import QueueControl
from ..mta.queue_events import QueueEvent
from ..mta.queue_ids import microseconds_now
from ..mta.queue_log import left_line, log_lines, refused_line, stored_lines, unwritable_line
from ..mta.queue_manager import QueueManager
from ..mta.remarks import remarks
from ..mta.spool_folder import SpoolInUse
from ..mta.store import StorageError
from ..mta.transaction import Transaction
from ..protocol.replies import Reply
from ..worlds.control import ControlSocket
from ..worlds.faulty_server import session_factory
from ..worlds.tcp import Server
from . import sentences
from .frame import ExitCode, fail, one_line, reason_of, require_posix, sentence
from .hosts import CONTROL, open_queue, read_config
from .output import complain, echo
from .running import run_server

_NO_ZONE = "\nthere is no `zone` in the file, so mail for other domains can go nowhere and is refused"
_EXAMPLES = ("near.toml", "far.toml", "zone.toml")
# How long deliveries and attempts under way get to end after a signal.
_DRAIN_SECONDS = 10.0
# How many mailboxes without an owner are named.
_MOST_NAMED = 10


@click.command()
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="The host's configuration, in TOML.")
@click.option("--quiet", is_flag=True, help="Print no line for each message and event of the queue.")
@click.option(
    "--example",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Write the commented configurations of two hosts, near and far, into a folder, and end.",
)
def mta(config: Path | None, quiet: bool, example: Path | None) -> None:
    """Run a whole mail host from a configuration file until Ctrl-C.

    It keeps the mail of its own users, and relays mail for other domains: it accepts a message once it is in
    the spool on disk, tries it again when a host does not answer, and reports to the sender what cannot be
    delivered. Mail for other domains is accepted only from the clients and senders in the configuration.

    It says "listening on HOST:PORT" once it is ready, and then, on standard error, what happens to each message:
    where names led, for whom it was stored here, what becomes of it in the queue, and what was refused, to whom and
    why. Ctrl-C, SIGTERM or SIGHUP gives what is under way ten seconds to end, and then says how many entries the spool
    keeps for the next start. A second one ends it at once, and loses nothing either. It reads its configuration only
    when it starts.
    """
    if example is not None:
        if config is not None:
            raise click.UsageError(sentences.NO_EFFECT.format(option="--config", other="--example").rstrip("."))
        _write_example(example)
        return
    if config is None:
        raise click.UsageError(sentences.NEEDS_CONFIG)
    require_posix("mta")
    _run(read_config(config), quiet=quiet)


def _run(settings: HostSettings, *, quiet: bool) -> None:
    store, log = _store(settings), _HostLog()
    try:
        _, queue = open_queue(settings, None if quiet else log.report)
        store.hold()
    except (SpoolInUse, MaildirInUse) as error:
        fail(sentence(error))
    host, port = settings.listen
    policy = settings.policy
    handler = _host(settings, store, queue)
    if not quiet:
        handler.observe_stored = log.report_stored
        handler.observe_refused = log.report_refused
        handler.observe_left = log.report_left
        handler.observe_unwritable = log.report_unwritable
    server = Server(
        handler,
        host,
        port,
        policy,
        allow_remote=settings.allow_remote,
        jobs=queue,
        drain_seconds=_DRAIN_SECONDS,
        sessions=session_factory(settings.faults, observe=None if quiet else log.report_fault),
    )
    control = ControlSocket(settings.spool / CONTROL, QueueControl(queue, runs=True).answer, server.start_job)
    run_server(server, policy.max_sessions, _told(settings, store, queue), control, log.open)
    if not quiet:
        complain(f"stopped; {_entries(queue)} in the queue in {settings.spool}")


def _store(settings: HostSettings) -> MaildirStore:
    """Return the mailboxes, or end the command if mail cannot be put into one of them."""
    try:
        store = MaildirStore(settings.maildir, free_octets=settings.free_octets)
        store.require_writable(settings.directory.mailboxes)
    except OSError as error:
        folder = error.filename or settings.maildir
        fail(sentences.MAILDIR_UNUSABLE.format(folder=folder, reason=error.strerror))
    return store


def _host(settings: HostSettings, store: MaildirStore, queue: QueueManager) -> MailHost:
    return MailHost(
        settings.directory,
        store,
        personality=settings.personality,
        queue=queue,
        relays=settings.relays,
        hop_limit=settings.hop_limit,
    )


def _told(settings: HostSettings, store: MaildirStore, queue: QueueManager) -> str:
    """Return the lines that say whose mail is kept where, what waits, what goes wrong, and what may be a slip."""
    domains = ", ".join(settings.directory.domains)
    faults = f"\nscripted faults: {'; '.join(map(one_line, settings.faults))}" if settings.faults else ""
    kept = f"mail for {domains} is kept in {settings.maildir}"
    route = "" if settings.zone.domains else _NO_ZONE
    notes = "".join(f"\n{one_line(each)}" for each in (*remarks(settings), *_unowned(settings, store)))
    return f"{kept}; {_entries(queue)} in the queue in {settings.spool}{route}{faults}{notes}"


def _unowned(settings: HostSettings, store: MaildirStore) -> Iterator[str]:
    """Say which mailboxes are on the disk and not in the directory, as those of a user who was renamed."""
    names = store.others(settings.directory.mailboxes)
    if names:
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        shown = ", ".join(names[:_MOST_NAMED]) + more
        yield mta_sentences.MAILBOXES_OF_NOBODY.format(maildir=settings.maildir, names=shown)


def _entries(queue: QueueManager) -> str:
    """Return how many entries wait."""
    return plural(len(queue.queue), "entry", "entries")


class _HostLog:
    """Print what happens at the host, with the time of day; until `open`, keep it for after the first line."""

    def __init__(self) -> None:
        self._kept: list[str] | None = []

    def open(self) -> None:
        """Print what was kept, and from now on everything at once."""
        kept, self._kept = self._kept, None
        self._print(kept or ())

    def report(self, event: QueueEvent) -> None:
        """Print what happens in the queue."""
        self._add(log_lines(event, microseconds_now()))

    def report_stored(self, envelope: Envelope, transaction: Transaction) -> None:
        """Print where the names of a message led, and who has got it at this host."""
        self._add(stored_lines(envelope, transaction))

    def report_refused(self, session: ClientIdentity, what: str, reply: Reply) -> None:
        """Print what was refused, to whom, and why."""
        self._add([refused_line(session, what, reply)])

    def report_left(self, session: ClientIdentity, envelope: Envelope) -> None:
        """Print that a client left without a message, as one does that takes a 251 for a refusal."""
        self._add([left_line(session, envelope)])

    def report_fault(self, fault: Fault, client: str) -> None:
        """Print that a scripted fault has happened to a client."""
        self._add([f"scripted fault for {client}: {fault}"])

    def report_unwritable(self, error: StorageError) -> None:
        """Print in which folder a message could not be stored, which the client is not told."""
        self._add([unwritable_line(error)])

    def _add(self, lines: Iterable[str]) -> None:
        time = datetime.now().strftime("%H:%M:%S")
        timed = [f"{time} {one_line(line)}" for line in lines]
        if self._kept is None:
            self._print(timed)
        else:
            self._kept += timed

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            complain(line)
        sys.stderr.flush()


def _write_example(folder: Path) -> None:
    """Copy the configurations of two hosts into a folder; nothing there is replaced."""
    for name in _EXAMPLES:
        if (folder / name).exists():
            fail(sentences.EXAMPLE_THERE.format(file=folder / name), ExitCode.USAGE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _EXAMPLES:
            shutil.copyfile(data_path("hosts", name), folder / name)
    except OSError as error:
        fail(sentences.EXAMPLE_UNUSABLE.format(folder=folder, reason=reason_of(error)), ExitCode.USAGE)
    echo(f"{folder} has {', '.join(_EXAMPLES)}; start each host in a terminal of its own:")
    for name in _EXAMPLES[:2]:
        echo(f"  smtplab mta --config {folder / name}")
