"""The exercises of the course, as students have them. Solutions and hidden rules are in the notebooks.

To add one, write a package with a ``DESIGN``, and name it in `_HOMES`. If it has a notebook for the SMTP kernel, too,
name that notebook in `_TYPED`.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

from .. import sentences
from ..design import Design, ExerciseError
from ..hint_wording import PYTHON, SMTP, HintWording
from ..release import is_numbered

_HOMES = {
    "00-send-one-message": "one_message",
    "01-hold-your-own-session": "own_session",
    "02-every-command-has-its-state": "every_command",
    "03-every-reply-has-a-cause": "reply_causes",
    "04-a-client-from-bytes": "client_from_bytes",
    "05-a-server-from-states": "server_from_states",
    "06-smtp-is-used-twice": "mail_routes",
    "07-spool-retry-bounce": "retry_and_bounce",
}
# The same exercises in notebooks of the SMTP kernel: with the same tasks, rules and points, and with other hints.
_TYPED = {
    "00-type-one-message": "00-send-one-message",
    "01-type-your-own-session": "01-hold-your-own-session",
    "02-type-every-command": "02-every-command-has-its-state",
}
NAMES = tuple(sorted((*_HOMES, *_TYPED)))


def design_of(name: str, wording: HintWording = PYTHON) -> Design[Any]:
    """Return the design of an exercise.

    Args:
        name: its name, or its number, ``1`` or ``01``.
        wording: the wording of the notebook; if several exercises share the number, the one for this notebook counts.

    Raises:
        ExerciseError: if there is none; the sentence lists the exercises.
    """
    designs = [_design(known) for known in NAMES if name == known or is_numbered(known, name)]
    if not designs:
        raise ExerciseError(sentences.NO_EXERCISE.format(name=name, names=", ".join(NAMES)))
    return next((design for design in designs if design.wording == wording), designs[0])


def _design(name: str) -> Design[Any]:
    if (twin := _TYPED.get(name)) is not None:
        return replace(_design(twin), name=name, wording=SMTP, twin=twin)
    design: Design[Any] = import_module(f"{__name__}.{_HOMES[name]}").DESIGN
    return design
