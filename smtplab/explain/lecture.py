"""Read the lecture's own tables from ``data/lecture``, with its slips marked."""

import csv
from collections.abc import Mapping
from functools import cache

from ..base.resources import data_path


@cache
def lecture_rows(table: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of ``commands``, ``codes`` or ``phases``, in the lecture's order."""
    with data_path("lecture", f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
