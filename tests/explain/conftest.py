"""The ladder of the tests of explanations: a session with a host of a lab, which has greeted."""

import pytest

from smtplab import Lab, Session


@pytest.fixture
def connected() -> Session:
    """A session with mail.lab.example, which has greeted."""
    return Lab().telnet("mail.lab.example")
