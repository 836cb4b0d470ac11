"""What the process of a submission does before the submission: it gives up all that the border takes, in this order."""

from __future__ import annotations

import gc
import os
import signal
import sys
from dataclasses import dataclass
from typing import Any

from . import call_filter, landlock, new_root
from . import system_calls as system
from .identity import become, clean_environment, leave_users
from .limits import set_limits, threads_of_user
from .values import Budget, Level

# The signals that a process can handle, those of real time left out, which nothing here uses.
HANDLED = tuple(number for number in signal.Signals if number < 32 and number.name not in ("SIGKILL", "SIGSTOP"))
_OF_PYTHON: dict[int, Any] = {signal.SIGINT: signal.default_int_handler}
_OF_PYTHON |= {getattr(signal, name): signal.SIG_IGN for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name)}

_LEFT: list[object] = []


@dataclass(frozen=True, slots=True)
class Passage:
    """How a submission crosses the border.

    Args:
        level: what closes it off.
        readable: the files and folders that it may read.
        uid: the user it becomes; None if it stays who it is.
        counts_alone: True if its processes are counted apart from others of its user.
        home: the folder it runs in.
        inherited_octets: how many octets of addresses its process has before it begins.
    """

    level: Level
    readable: tuple[str, ...]
    uid: int | None
    counts_alone: bool
    home: str
    inherited_octets: int = 0


def cross(passage: Passage, budget: Budget, *kept: int) -> None:
    """Cross the border; there is no way back.

    Args:
        passage: how.
        budget: what may be used on the other side.
        kept: the files that stay open, beside 0, 1 and 2, which become empty.

    Raises:
        OSError: if a step fails; then nothing of the submission may be run.
    """
    gc.enable()
    _reset_signals()
    _empty_standard_files()
    system.close_others(*kept)
    os.chdir(passage.home)
    os.umask(0o022)
    clean_environment(passage.home)
    others = 0 if passage.uid is not None or passage.counts_alone else threads_of_user(os.getuid())
    if passage.uid is not None:
        become(passage.uid)
    if system.is_linux:
        _give_up_rights(passage)
    set_limits(budget, others, passage.inherited_octets)
    if system.is_linux:
        _add_rules(passage)


def _reset_signals() -> None:
    """Treat signals as a new Python does, with none held back."""
    signal.set_wakeup_fd(-1)
    for number in HANDLED:
        signal.signal(number, _OF_PYTHON.get(number, signal.SIG_DFL))
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _empty_standard_files() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(null, number)
    # The grading process may have others in their place. They stay in memory: their end would close some file.
    _LEFT.extend((sys.stdin, sys.stdout, sys.stderr))
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))


def _give_up_rights(passage: Passage) -> None:
    # A process that has changed its user may not write the files of its own in /proc until this.
    system.prctl(system.DUMPABLE, 1)
    if passage.level is Level.NAMESPACES:
        leave_users()
    else:
        system.prctl(system.DEATH_SIGNAL, signal.SIGKILL)  # when the guard is killed
    system.drop_capabilities()
    system.prctl(system.NO_NEW_PRIVILEGES, 1)


def _add_rules(passage: Passage) -> None:
    if passage.level is Level.NAMESPACES and landlock.version():
        landlock.restrict(["/"], ["/tmp", "/dev"], without_tcp=False)
    if passage.level is Level.LANDLOCK:
        devices = [f"/dev/{name}" for name in new_root.DEVICES]
        landlock.restrict(passage.readable, [passage.home, *devices], without_tcp=True)
    if call_filter.is_known_here():
        call_filter.install(keeps_user=passage.level is Level.LANDLOCK and passage.uid is None)
