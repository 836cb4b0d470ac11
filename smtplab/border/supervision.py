"""The side of the process that grades: read what a submission writes, within its limits, and see that it ends."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ..base.failure import Failure
from . import sentences
from .crossing import HANDLED
from .values import Budget, Ended, How

_GRACE = 3.0  # seconds that a guard may take to notice that the time is over, on a busy machine
_REST = 1.0  # seconds for what is left in the pipe after the end
_AT_A_TIME = 1 << 16


class NotCrossed(Failure):
    """A process could not be closed off, so nothing of the submission was run."""


@contextmanager
def signals_held_back() -> Iterator[None]:
    """Keep signals from being handled while a process is forked, which must not run the handlers of this one."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Supervision:
    """One guard, its line and the pipe of its submission.

    Args:
        budget: how much of the pipe is read, and when the guard must have ended the submission.
    """

    def __init__(self, budget: Budget) -> None:
        self.guard = 0
        self.line, self.guards_line = socket.socketpair()
        self.pipe, self.submissions_pipe = os.pipe()
        self._budget = budget
        self._began = time.monotonic()
        self._data = bytearray()
        self._told = b""
        self._is_cut = False

    def release(self) -> None:
        """Close what only the guard and the submission use."""
        self.guards_line.close()
        if self.submissions_pipe >= 0:
            os.close(self.submissions_pipe)
            self.submissions_pipe = -1

    def ended(self) -> Ended:
        """Wait for the end, and return it with what the submission wrote.

        Raises:
            NotCrossed: if the submission was not run.
        """
        self._listen()
        usage = self._wait()
        told: dict[str, Any] = json.loads(self._told) if self._told else {}
        if "failed" in told:
            raise NotCrossed(sentences.NOT_CROSSED.format(reason=told["failed"]))
        if not told:  # the guard was killed as well, by us or by a system without memory
            seconds = time.monotonic() - self._began
            late = seconds >= self._budget.wall_seconds
            told = {"how": How.WALL_LIMIT if late else How.KILLED, "signal": signal.SIGKILL, "wall_seconds": seconds}
            told["cpu_seconds"] = usage
        how = How.OUTPUT_CUT if self._is_cut else How(told.pop("how"))
        told |= {"how": how, "signs": tuple(told.get("signs", ()))}
        return Ended(data=bytes(self._data), **told)

    def _listen(self) -> None:
        """Read both until the guard has told how it ended, or is too late."""
        poll = select.poll()
        poll.register(self.line, select.POLLIN)
        poll.register(self.pipe, select.POLLIN)
        deadline = self._began + self._budget.wall_seconds + _GRACE
        line = self.line.fileno()
        open_ends = {line, self.pipe}
        is_over = False
        while open_ends:
            left = deadline - time.monotonic()
            if left <= 0 and is_over:
                return
            if left <= 0:
                self._kill()
            for descriptor, _ in poll.poll(max(0.0, left) * 1000):
                goes_on = self._hear() if descriptor == line else self._read()
                if not goes_on:
                    poll.unregister(descriptor)
                    open_ends.discard(descriptor)
            if not is_over and (left <= 0 or line not in open_ends):
                # Only a process that was forked from this one meanwhile can still hold the pipe.
                is_over = True
                deadline = time.monotonic() + _REST

    def _hear(self) -> bool:
        try:
            heard = self.line.recv(_AT_A_TIME)
        except OSError:
            heard = b""
        self._told += heard
        return bool(heard)

    def _read(self) -> bool:
        """Read some of the pipe; return False if there is no more to read, or no more is wanted."""
        wanted = self._budget.output_octets - len(self._data)
        octets = os.read(self.pipe, min(_AT_A_TIME, wanted + 1))
        self._data += octets[:wanted]
        if len(octets) > wanted:
            self._is_cut = True
            with suppress(OSError):
                self.line.shutdown(socket.SHUT_WR)  # the guard ends the submission
            return False
        return bool(octets)

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            if self.guard:
                os.kill(self.guard, signal.SIGKILL)

    def _wait(self) -> float:
        """Wait for the guard's process, and return the time of processors that it used with all others."""
        if not self.guard:
            return 0.0
        guard, self.guard = self.guard, 0
        try:
            usage = os.wait4(guard, 0)[2]
        except ChildProcessError:  # somebody else waits for all processes
            return 0.0
        except BaseException:
            self.guard = guard
            raise
        return usage.ru_utime + usage.ru_stime

    def close(self) -> None:
        """End the guard if it has not ended, with all that the submission started, and close everything."""
        self.release()
        self.line.close()  # which the guard sees
        if self.guard:
            until = time.monotonic() + _GRACE
            while time.monotonic() < until and not self._is_gone():
                time.sleep(0.002)
            self._kill()
            self._wait()
        os.close(self.pipe)

    def _is_gone(self) -> bool:
        try:
            gone = os.waitpid(self.guard, os.WNOHANG)[0] == self.guard
        except ChildProcessError:
            gone = True
        if gone:
            self.guard = 0
        return gone
