"""The fixtures of the tests that hold a session in a lab; a folder's ``conftest.py`` imports those it climbs on."""

import pytest

from smtplab import Lab, Session


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def connected(lab: Lab) -> Session:
    """A session with mail.lab.example, which has greeted."""
    return lab.telnet("mail.lab.example")


@pytest.fixture
def ready(connected: Session) -> Session:
    """HELO was said."""
    connected.send("HELO laptop.example")
    return connected
