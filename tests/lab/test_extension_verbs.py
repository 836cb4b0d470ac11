"""A verb that an extension brings is legal only while the server offers the extension."""

import pytest

from smtplab import Lab, Session
from smtplab.jupyter.engine import Engine
from smtplab.jupyter.language import LEGAL, complete
from smtplab.jupyter.widgets.session_snapshot import SessionSnapshot
from smtplab.mta.policy import Policy
from smtplab.protocol.states import NEEDED_EXTENSION

HOST = "mail.lab.example"


@pytest.fixture
def offering(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session with a host that offers the extension which brings VRFY here."""
    monkeypatch.setitem(NEEDED_EXTENSION, "VRFY", "XVRFY")
    lab.host(HOST).policy = Policy(offer={"XVRFY": ""})
    return lab.telnet(HOST)


@pytest.mark.parametrize(
    ("lines", "legal"),
    [("HELO c.example", False), ("EHLO c.example", True), ("EHLO c.example\nHELO c.example", False)],
)
def test_the_verb_is_legal_from_the_ehlo_reply_that_offers_it_until_a_helo(
    offering: Session, lines: str, *, legal: bool
) -> None:
    offering.send(lines)
    assert ("VRFY" in offering.legal) is legal
    assert ("VRFY" in offering.why().legal) is legal
    assert ("VRFY" in offering.why().lines["legal now"]) is legal
    assert ("VRFY" in SessionSnapshot.of(offering).legal) is legal


@pytest.mark.parametrize(("hello", "legal"), [("HELO c.example", False), ("EHLO c.example", True)])
def test_completion_offers_the_verb_as_legal_with_its_extension_in_force(
    monkeypatch: pytest.MonkeyPatch, hello: str, *, legal: bool
) -> None:
    monkeypatch.setitem(NEEDED_EXTENSION, "VRFY", "XVRFY")
    engine = Engine(seconds=0.5)
    engine.lab.host(HOST).policy = Policy(offer={"XVRFY": ""})
    engine.run(f"telnet {HOST} 25\n{hello}")
    found = complete("VRF", 3, engine)
    assert dict(zip(found.matches, found.kinds, strict=True)) == {"VRFY": LEGAL if legal else "not here"}
