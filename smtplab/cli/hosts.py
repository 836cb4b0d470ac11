"""Set up a mail host from its configuration, for the commands that run it or look into its queue."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ..base.seed import Seed
from ..faults.fault import Fault
from ..mta.host_file import HostFileError, HostSettings, read_host_file
from ..mta.queue_events import Observer
from ..mta.queue_ids import TimedIds, microseconds_now
from ..mta.queue_manager import QueueManager, QueueSettings
from ..mta.spool_folder import FolderSpool
from ..mta.store import StorageError
from . import sentences
from .frame import ExitCode, fail, sentence

# The socket of a running host, in the folder of its spool.
CONTROL = "control"


def read_config(path: Path) -> HostSettings:
    """Return the settings in a file, or end the command."""
    if not path.exists():
        fail(sentences.NO_CONFIG.format(file=path), ExitCode.USAGE)
    try:
        return read_host_file(path, Fault.parse)
    except HostFileError as error:
        fail(sentence(error), ExitCode.USAGE)


def open_queue(settings: HostSettings, observe: Observer | None = None) -> tuple[FolderSpool, QueueManager]:
    """Open the spool of a host; return it and the queue, or end the command if that cannot be done.

    Args:
        settings: those of the host.
        observe: called with each event of the queue; None for nothing.

    Raises:
        SpoolInUse: if another process has opened it.
    """
    try:
        spool = FolderSpool(settings.spool, free_octets=settings.free_octets)
        queue = _queue(settings, spool, observe)
        queue.restore()
    except OSError as error:
        fail(sentences.SPOOL_UNUSABLE.format(folder=error.filename or settings.spool, reason=error.strerror))
    except StorageError as error:
        fail(sentence(error))
    return spool, queue


def _queue(settings: HostSettings, spool: FolderSpool, observe: Observer | None) -> QueueManager:
    ids = TimedIds(spool.queue_ids())
    seed = Seed(microseconds_now())  # the jitter of hosts that start at the same time must differ
    queue_settings = QueueSettings(settings.schedule, settings.hop_limits, seed=seed)
    return QueueManager(settings.hostname, settings.zone, spool, queue_settings, clock=_now, ids=ids, observe=observe)


def _now() -> datetime:
    return datetime.now(UTC)
