"""The ladder of the tests of explanations: a lab, and a session with one of its hosts, which has greeted."""

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
