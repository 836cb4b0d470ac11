"""The process of the referee: it holds the hidden rules, and runs no code of a student's.

``python -m smtplab.grading.engine.judge`` answers requests of `warm_process`: locked cells and a journal come in, and
what the `referee` says goes out. Each request has a process of its own, so no submission changes another.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from typing import Any

from ..exercises import NAMES, design_of
from ..referee import LockedCell, judge_journal
from .warm_process import serve


def judge(request: Mapping[str, Any], journal: bytes) -> tuple[Mapping[str, Any], bytes]:
    """Judge the submission of a request."""
    cells = [LockedCell(**cell) for cell in request["cells"]]
    said = judge_journal(request["student"], request["classmates"], cells, journal)
    return {}, json.dumps(said).encode()


def main() -> None:
    """Load the exercises, and answer requests."""
    for name in NAMES:
        design_of(name)
    gc.collect()
    gc.freeze()
    serve(judge, {})


if __name__ == "__main__":
    main()
