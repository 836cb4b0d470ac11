"""What a process that runs others' programs may know of its environment."""

from __future__ import annotations

import os

# What a program may need to know of its surroundings. All else may hold keys, or an id that is not the student's.
_KEPT = ("PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH")


def kept_environment() -> dict[str, str]:
    """Return what a program needs of the environment. The rest may hold secrets.

    A process shows in ``/proc/PID/environ`` what it was started with, whatever it has cleaned since, and its forks show
    the same. So the process that forks submissions has to be started with this.
    """
    return {name: text for name, text in os.environ.items() if name in _KEPT or name.startswith("LC_")}
