"""The process of the referee: it holds the hidden rules, and runs no code of a student's.

It answers requests of `warm_process`: locked cells and a journal come in, and
what the `referee` says goes out. Each request has a process of its own, so no submission changes another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..exercises import NAMES, design_of
from ..referee import LockedCell, judge_journal
from .warm_process import serve
from .warming import warm_up


def judge(request: Mapping[str, Any], journal: bytes) -> tuple[Mapping[str, Any], bytes]:
    """Judge the submission of a request."""
    cells = [LockedCell(**cell) for cell in request["cells"]]
    said = judge_journal(request["student"], request["classmates"], cells, journal)
    return {}, json.dumps(said).encode()


def load() -> None:
    """Load the exercises, and judge nothing once, so that what is worked out at the first time is there."""
    for name in NAMES:
        design_of(name)
    warm_up()


def main() -> None:
    """Answer requests."""
    serve(judge, {})
