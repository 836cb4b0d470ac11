"""The sample messages, one after the other."""

from pathlib import Path

import pytest

from support.paths import DATA

MESSAGES = sorted((DATA / "messages").glob("*.eml"))


@pytest.fixture(params=MESSAGES, ids=lambda path: path.stem)
def message(request: pytest.FixtureRequest) -> Path:
    """The file of a sample message."""
    path: Path = request.param
    return path
