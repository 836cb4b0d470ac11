"""The process of the referee: it holds the hidden rules, and runs no code of a student's.

``python -m smtplab.grading.engine.judge`` answers requests of `warm_process`: locked cells and a journal come in, and
what the `referee` says goes out. It judges each submission in a process of its own, so that none changes another.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from ..exercises import NAMES, design_of
from ..referee import LockedCell, judge_journal
from .warm_process import serve

# How long the referee may take, in seconds; it needs less than one.
REFEREE_SECONDS = 60.0
_PIECE = 64 * 1024


def judge(request: Mapping[str, Any], journal: bytes) -> tuple[Mapping[str, Any], bytes]:
    """Judge the submission of a request; the answer is empty if that failed."""
    cells = [LockedCell(**cell) for cell in request["cells"]]

    def work() -> bytes:
        return json.dumps(judge_journal(request["student"], request["classmates"], cells, journal)).encode()

    return {}, _in_a_process(work, REFEREE_SECONDS)


def _in_a_process(work: Callable[[], bytes], seconds: float) -> bytes:
    """Return what `work` returns in a process of its own; nothing if it fails or takes too long."""
    receiving, sending = os.pipe()
    child = os.fork()
    if not child:
        try:
            with os.fdopen(sending, "wb") as file:
                file.write(work())
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(sending)
    data, end = bytearray(), time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([receiving], [], [], left)[0]:
            piece = os.read(receiving, _PIECE)
            if not piece:
                break
            data += piece
    else:
        os.kill(child, signal.SIGKILL)
    os.close(receiving)
    return bytes(data) if os.waitpid(child, 0)[1] == 0 else b""


def main() -> None:
    """Load the exercises, and answer requests."""
    for name in NAMES:
        design_of(name)
    gc.collect()
    gc.freeze()
    with suppress(KeyboardInterrupt):
        serve(judge, {})


if __name__ == "__main__":
    main()
