"""The process that tries the programs of one notebook: our end of each trial, outside the border.

It is forked before the student's process, from one that runs nothing of a student's and holds no hidden rule. The two
have a socket between them, and nothing else. See `grading.trials`.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
import threading
import traceback
from enum import StrEnum

from ...border import Budget
from ..trial_line import LineEnded, SaidTooMuch, TrialLine
from ..trial_peer import PeerOfPrograms

if sys.platform != "win32":
    import resource

# What is read of one notebook's programs, in octets. Honest ones say a tenth of that.
_MOST_OCTETS = 16 * 1024 * 1024
_SAID_TOO_MUCH = 3  # the status of a process that has read so much
_SECONDS = 5.0  # that it may take to end once the student's process has ended


class PeerEnd(StrEnum):
    """How the process ended."""

    FINISHED = "finished"
    LATE = "late"
    SAID_TOO_MUCH = "said too much"
    DIED = "died"


class PeerProcess:
    """The process for one notebook.

    Args:
        student: whose notebook it is.
        budget: of the notebook; the process may use as much time of a processor.

    Attributes:
        descriptor: the end of the socket for the student's process.
    """

    def __init__(self, student: str, budget: Budget) -> None:
        ours, self._theirs = socket.socketpair()
        self._notes = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  until `ended`
        self._process = os.fork()
        if not self._process:
            self._theirs.close()
            os._exit(_serve(ours.fileno(), student, self._notes.fileno(), budget))
        ours.close()
        self.descriptor = self._theirs.fileno()

    def ended(self) -> tuple[PeerEnd, bytes]:
        """Wait for its end, once the student's process has ended, and return it with the records of the trials."""
        self._theirs.close()
        watch = threading.Timer(_SECONDS, os.kill, (self._process, signal.SIGKILL))
        watch.start()
        status = os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])
        watch.cancel()
        self._notes.seek(0)
        with self._notes as notes:
            return _ENDS.get(status, PeerEnd.DIED), notes.read()


_ENDS = {0: PeerEnd.FINISHED, _SAID_TOO_MUCH: PeerEnd.SAID_TOO_MUCH, -signal.SIGXCPU: PeerEnd.LATE}


def _serve(descriptor: int, student: str, notes: int, budget: Budget) -> int:
    """Try programs until the student's process has ended, and return the status with which to exit."""
    limit = int(budget.cpu_seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
    try:
        line = TrialLine(descriptor, _MOST_OCTETS)
        PeerOfPrograms(student, lambda record: os.write(notes, record)).serve(line)
    except SaidTooMuch:
        return _SAID_TOO_MUCH
    except LineEnded:
        return 0
    except BaseException:
        traceback.print_exc()
    return 1
