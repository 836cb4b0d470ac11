"""The loops that servers run in: asyncio's own, and uvloop."""

import asyncio

import pytest

from smtplab.worlds import background


@pytest.fixture(params=["asyncio", "uvloop"])
def server_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop of every server that is started in a test."""
    factory = asyncio.new_event_loop
    if request.param == "uvloop":
        factory = pytest.importorskip("uvloop").new_event_loop
    monkeypatch.setattr(background, "new_event_loop", factory)
