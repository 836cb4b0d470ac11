"""Run a function in a process that is closed off from everything else, as strongly as this machine allows."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

from ..base.failure import Failure
from . import call_filter, landlock, sentences
from .clearing import remove_folder
from .crossing import Passage
from .guard_process import Errand, Function, begin
from .identity import own_uid
from .new_root import HOME
from .python_files import needed, outermost
from .supervision import Supervision, signals_held_back
from .values import Budget, Ended, How, Level

# A trial needs little, and a machine that cannot give it in this time gives no border.
_TRIAL = Budget(cpu_seconds=5, wall_seconds=10, processes=8, output_octets=4096)


class Border:
    """What closes submissions off; `strongest` finds out which level this machine allows.

    Args:
        level: what closes them off.
        keeps_user: True if a submission keeps the user's id even where that is root.
        counts_alone: False if the processes of a namespace count with all others of the user, before Linux 5.14.
        reason: why no stronger level holds.

    Raises:
        Failure: on Windows.
    """

    def __init__(self, level: Level, *, keeps_user: bool = False, counts_alone: bool = True, reason: str = "") -> None:
        if sys.platform == "win32":
            raise Failure(sentences.NO_FORK)
        self.level = level
        self._reason = reason
        self._keeps_user = keeps_user
        self._counts_alone = counts_alone and level is Level.NAMESPACES

    @property
    def sentence(self) -> str:
        """What holds here, what does not, and what to do about it, for the first line of a run and its report."""
        linux = sentences.WAY_OUT_LINUX.format(reason=self._reason or "they were not tried")
        way_out = linux if sys.platform == "linux" else sentences.WAY_OUT_ELSEWHERE
        network = sentences.NETWORK_IS_CLOSED if landlock.has_network_rules() else sentences.NETWORK_IS_OPEN
        said = [getattr(sentences, self.level.name).format(way_out=way_out, network=network)]
        if self._keeps_user:
            said.append(sentences.SAME_USER.format(prefix=sys.base_prefix))
        if self.level is Level.NAMESPACES:
            said.append(_second_layer())
        return " ".join(said)

    def run(
        self, function: Function, budget: Budget, *, readable: Sequence[Path] = (), kept: Sequence[int] = ()
    ) -> Ended:
        """Call a function in a process of its own behind the border, and wait until it and all it started has ended.

        The process is forked from this one and inherits its memory: have no threads, no keys and no hidden rules here.
        What it writes to its pipe is not buffered. Its standard input and output are empty.

        Args:
            function: what to call, with the pipe that it may write to.
            budget: what it may use. What it wrote before it reached a limit is kept.
            readable: files and folders that it may read, beside those that Python needs.
            kept: descriptors of this process that stay open in it. What is at their other end must expect anything.

        Raises:
            NotCrossed: if the process could not be closed off. Then the function has not been called.
        """
        passage = self._passage(outermost([*needed(), *readable]) if readable else needed())
        if self._changes_user:
            with suppress(OSError):  # the guard tells it
                own_uid(0)  # reads once, in this process, which ids there are
        supervision = Supervision(budget)
        pipe, line = supervision.submissions_pipe, supervision.guards_line
        errand = Errand(function, passage, budget, pipe, line, os.getpid(), self._changes_user, tuple(kept))
        try:
            with signals_held_back():
                supervision.guard = os.fork()
                if not supervision.guard:
                    begin(errand)
            supervision.release()
            return supervision.ended()
        finally:
            supervision.close()
            if passage.home != HOME:
                remove_folder(passage.home)

    @property
    def _changes_user(self) -> bool:
        return os.geteuid() == 0 and self.level is not Level.NONE and not self._keeps_user

    def _passage(self, readable: tuple[str, ...]) -> Passage:
        apart = f"{tempfile.gettempdir()}/smtplab-{secrets.token_hex(8)}"
        home = HOME if self.level is Level.NAMESPACES else apart
        return Passage(self.level, readable, None, self._counts_alone, home)

    def _try(self) -> str:
        """Return why this level does not work here; empty if it does."""
        try:
            ended = self.run(_attempt, _TRIAL)
        except (Failure, OSError) as error:
            return str(error)
        said = ended.data.decode(errors="replace")
        return "" if ended.how is How.FINISHED and not said else said or str(ended.how)


def _attempt(pipe: BinaryIO) -> None:
    """Do what every submission does: read Python's files, write a file and start a process."""
    try:
        Path(os.__file__).read_bytes()
        Path("trial").write_text("", encoding="ascii")
        started = os.fork()
        if not started:
            os._exit(0)
        os.waitpid(started, 0)
    except OSError as error:
        pipe.write(str(error).encode())


def _second_layer() -> str:
    layers = ["Landlock"] * bool(landlock.version()) + ["a filter of system calls"] * call_filter.is_known_here()
    said = [sentences.SECOND_LAYER.format(layers=" and ".join(layers))] * bool(layers)
    return " ".join([*said, *([] if landlock.version() else [sentences.NO_LANDLOCK])])


@cache
def strongest() -> Border:
    """Return the strongest border that this machine allows, found by trying each level with an empty submission.

    Raises:
        Failure: on Windows, or if no process can be started.
    """
    reason, failed = "", ""
    for border in _candidates():
        failed = border._try()
        if not failed:
            border._reason = reason
            return border
        reason = reason or failed
    raise Failure(sentences.NO_LEVEL.format(reason=failed))


def _candidates() -> list[Border]:
    """Return the borders to try, the strongest first."""
    if sys.platform == "win32":
        raise Failure(sentences.NO_FORK)
    if sys.platform != "linux":
        return [Border(Level.NONE)]
    is_root = os.geteuid() == 0
    found = [Border(Level.NAMESPACES), Border(Level.NAMESPACES, counts_alone=False)]
    if landlock.version():
        found += [Border(Level.LANDLOCK)] + [Border(Level.LANDLOCK, keeps_user=True)] * is_root
    return [*found, *[Border(Level.USER)] * is_root, Border(Level.NONE)]
