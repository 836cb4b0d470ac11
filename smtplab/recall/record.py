"""The student's record of review: one JSON file beside the notebooks, which may be deleted at any time.

It holds a card for each belief, and nothing about who the student is. A damaged file is renamed and kept, and the
record starts anew. In a checkout of smtplab nothing is read or written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from ..base.resources import MANIFEST
from . import sentences
from .boxes import DAYS, Card

NAME = "smtplab-review.json"
_ABOUT = "The review of smtplab keeps here which questions come back, and when. Delete this file to start over."
_DAMAGED = ".damaged"
_CHECKOUT = ("pyproject.toml", "smtplab/recall")
_LEVELS = 4  # of folders: an exercise has its own, below that of the tutorials
_MOST_OCTETS = 1_000_000

BeliefCards = Mapping[str, Card]


def record_path(folder: Path) -> Path | None:
    """Return where the record of the notebooks in a folder is; None in a checkout.

    A student's course may lie inside a checkout, where `smtplab start` puts it if it was called there.

    Args:
        folder: the folder of the notebook that runs. The record of an exercise is that of its course.
    """
    above = [folder.resolve(), *folder.resolve().parents]
    course = next((each for each in above[:_LEVELS] if (each / MANIFEST).is_file()), None)
    if course is not None:
        return course / NAME
    in_checkout = any(all((each / name).exists() for name in _CHECKOUT) for each in above)
    return None if in_checkout else above[0] / NAME


def read_cards(path: Path | None) -> tuple[dict[str, Card], str]:
    """Return the cards by the names of their beliefs, and a sentence if the file was damaged.

    Args:
        path: the file; there are no cards without one.
    """
    if path is None:
        return {}, ""
    try:
        content = path.read_bytes()
        if len(content) > _MOST_OCTETS:
            raise ValueError(path)
        return {str(name): _card(values) for name, values in json.loads(content)["cards"].items()}, ""
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return {}, _set_aside(path)


def write_cards(path: Path | None, cards: BeliefCards) -> None:
    """Write all of the cards or nothing; without a path, or where a file cannot be written, do nothing.

    A review is worth no error: without its record the questions only come in another order.
    """
    if path is None:
        return
    rows = {name: asdict(card) | {"due": card.due.isoformat()} for name, card in sorted(cards.items())}
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    with suppress(OSError):
        try:
            temporary.write_text(json.dumps({"about": _ABOUT, "cards": rows}, indent=1) + "\n", "utf-8")
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def _card(values: Any) -> Card:
    box, asked, slips = (values[name] for name in ("box", "asked", "slips"))
    if any(type(each) is not int or each < 0 for each in (box, asked, slips)) or box >= len(DAYS):
        raise ValueError(values)
    return Card(box, date.fromisoformat(values["due"]), asked, slips)


def _set_aside(path: Path) -> str:
    """Rename a damaged file, so that it is kept, and say so."""
    kept = path.with_suffix(f"{_DAMAGED}{path.suffix}")
    with suppress(OSError):
        os.replace(path, kept)
        return sentences.DAMAGED_RECORD.format(file=path.name, kept=kept.name)
    return sentences.UNREADABLE_RECORD.format(file=path.name)
