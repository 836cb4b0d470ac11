"""The process of the referee: it holds the hidden rules, and runs no code of a student's.

It answers requests of `warm_process`: locked cells, the records of trials and a journal come in, and
what the `referee` says goes out. Each request has a process of its own, so no submission changes another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..referee import LockedCell, judge_journal
from .student_process import CellClock
from .warm_process import serve
from .warming import load_designs, warm_up

# How long one submission may be judged, in seconds; honest work needs less than one. Each test cell gets a share.
_CPU_SECONDS, _WALL_SECONDS = 10.0, 40.0


def judge(request: Mapping[str, Any], data: bytes) -> tuple[Mapping[str, Any], bytes]:
    """Judge the submission of a request."""
    cells = [LockedCell(**cell) for cell in request["cells"]]
    share = CellClock(_CPU_SECONDS, _WALL_SECONDS).share
    trials, journal = data[: request["trials"]], data[request["trials"] :]
    said = judge_journal(request["student"], request["classmates"], cells, journal, share, trials)
    return {}, json.dumps(said).encode()


def load(exercises: Sequence[str]) -> None:
    """Load some exercises, and judge nothing once, so that what is worked out at the first time is there."""
    load_designs(exercises)
    warm_up()


def main() -> None:
    """Answer requests."""
    serve(judge, {})
