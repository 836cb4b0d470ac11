"""The exercises of the course, as students have them. Solutions and hidden rules are in the notebooks.

To add one, write a module with a ``DESIGN``, and name it in `_HOMES`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .. import sentences
from ..handout import Design, ExerciseError
from ..hint_wording import PYTHON, HintWording
from ..release import is_numbered

_HOMES = {
    "01-hold-your-own-session": "own_session",
    "01-type-your-own-session": "own_session.smtp_kernel",
    "03-every-reply-has-a-cause": "reply_causes",
    "06-smtp-is-used-twice": "mail_routes",
    "07-spool-retry-bounce": "retry_and_bounce",
}
NAMES = tuple(_HOMES)


def design_of(name: str, wording: HintWording = PYTHON) -> Design[Any]:
    """Return the design of an exercise.

    Args:
        name: its name, or its number, ``1`` or ``01``.
        wording: the wording of the notebook; if several exercises share the number, the one for this notebook counts.

    Raises:
        ExerciseError: if there is none; the sentence lists the exercises.
    """
    designs = [_design(home) for known, home in _HOMES.items() if name == known or is_numbered(known, name)]
    if not designs:
        raise ExerciseError(sentences.NO_EXERCISE.format(name=name, names=", ".join(NAMES)))
    return next((design for design in designs if design.wording == wording), designs[0])


def _design(home: str) -> Design[Any]:
    design: Design[Any] = import_module(f"{__name__}.{home}").DESIGN
    return design
