"""How long processors have worked, which a busy machine does not change."""

import os


def seconds_of_children() -> float:
    """Return the seconds that processors have worked for the processes that this one has started and seen end."""
    times = os.times()
    return times.children_user + times.children_system


def available_processors() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
