"""How long processors have worked, which a busy machine does not change."""

import os


def seconds_of_children() -> float:
    """Return the seconds that processors have worked for the processes that this one has started and seen end."""
    times = os.times()
    return times.children_user + times.children_system
