"""What tests of a host with a queue start from."""

from __future__ import annotations

import pytest

from support.hosts import mail_host
from support.relaying import Relaying


@pytest.fixture
def relaying() -> Relaying:
    """A host whose only next hop, far.example, takes mail."""
    return Relaying({"far.example": mail_host(domain="far.example")})
