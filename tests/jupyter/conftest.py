"""Engines for the tests of the notebook's language, each named by the state its session is in."""

from __future__ import annotations

import pytest

from smtplab.jupyter.engine import Engine
from support.cells import LAB, TO_THE_MESSAGE, done


def _led(engine: Engine, cell: str) -> Engine:
    done(engine, cell)
    return engine


@pytest.fixture
def engine() -> Engine:
    """No session is open."""
    return Engine(seconds=0.5)


@pytest.fixture
def greeted(engine: Engine) -> Engine:
    """The server has greeted."""
    return _led(engine, f"telnet {LAB} 25")


@pytest.fixture
def ready(greeted: Engine) -> Engine:
    """HELO was said."""
    return _led(greeted, "HELO client.example")


@pytest.fixture
def in_data(ready: Engine) -> Engine:
    """The message may come."""
    return _led(ready, TO_THE_MESSAGE)
