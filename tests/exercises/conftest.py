"""What the tests of all exercises need."""

import pytest


@pytest.fixture(autouse=True)
def at_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody grades, and this is no hub."""
    for name in ("SMTPLAB_STUDENT", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)
