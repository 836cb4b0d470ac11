"""The exercises of the course: the part of each that students have. Solutions and hidden rules are in the notebooks.

To add one, write a module with a ``DESIGN``, and name it here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .. import sentences
from ..handout import Design, ExerciseError
from ..release import is_numbered

_HOMES = {
    "01-hold-your-own-session": "own_session",
    "01-type-your-own-session": "own_session.smtp_kernel",
    "03-every-reply-has-a-cause": "reply_causes",
}
NAMES = tuple(_HOMES)


def design_of(name: str) -> Design[Any]:
    """Return the design of an exercise.

    Args:
        name: its name, or the number with which it begins, ``1`` or ``01``; where several do, that is the first.

    Raises:
        ExerciseError: if there is none; the sentence lists those there are.
    """
    for known, home in _HOMES.items():
        if name == known or is_numbered(known, name):
            design: Design[Any] = import_module(f"{__name__}.{home}").DESIGN
            return design
    raise ExerciseError(sentences.NO_EXERCISE.format(name=name, names=", ".join(NAMES)))
