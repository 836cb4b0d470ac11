"""Which tests coverage does not look at: those that try the same lines with many examples, which is slow when traced.

What such a test would cover has to be covered by a test with an example of its own, which also says what the line is
for.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from coverage import Coverage

MARKER = "untraced: tries many examples; what it runs does not count as covered"


def tries_many_examples(item: pytest.Item) -> bool:
    """Return True if a test is one of Hypothesis, or is marked as `MARKER` says."""
    function = getattr(item, "obj", None)
    return bool(getattr(function, "is_hypothesis_test", False)) or item.get_closest_marker("untraced") is not None


@contextmanager
def paused_for(item: pytest.Item) -> Iterator[None]:
    """Pause coverage, if this process is traced, while a test runs that tries many examples."""
    measured = Coverage.current()
    if measured is None or not tries_many_examples(item):
        yield
        return
    measured.stop()
    try:
        yield
    finally:
        measured.start()
