from __future__ import annotations

import pytest

from smtplab.mta.directory import Directory, Forward
from smtplab.mta.host import MailHost
from smtplab.mta.relay import Relay
from smtplab.mta.relay_policy import RelayPolicy
from smtplab.mta.store import MemoryStore
from smtplab.protocol.grammar import NULL_PATH, Path
from support.hosts import MemoryWorld

ALICE = Path("alice", "near.example")
POLICY = RelayPolicy(["192.0.2.0/24", "198.51.100.7", "2001:db8::/32"], ["alice@near.example"])


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [
        ("192.0.2.1", True),
        ("192.0.3.1", False),
        ("198.51.100.7", True),
        ("198.51.100.8", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("::ffff:192.0.2.1", True),
        ("::ffff:192.0.3.1", False),
        ("2001:db8::1%eth0", True),
        ("", False),
        ("a name", False),
    ],
)
def test_a_client_may_send_elsewhere_from_the_networks_alone(peer: str, allowed: bool) -> None:
    assert POLICY.allows(peer, Path("x", "y.example")) is allowed


@pytest.mark.parametrize(
    ("sender", "allowed"),
    [
        (ALICE, True),
        (Path("alice", "NEAR.example"), True),
        (Path("Alice", "near.example"), False),  # RFC 5321 2.4: the local part has cases
        (Path("bob", "near.example"), False),
        (NULL_PATH, False),
    ],
)
def test_a_sender_may_send_elsewhere_who_is_named(sender: Path, allowed: bool) -> None:
    assert POLICY.allows("203.0.113.1", sender) is allowed


def test_nobody_may_by_default() -> None:
    assert not RelayPolicy().allows("127.0.0.1", ALICE)


def test_two_policies_together_allow_what_either_allows() -> None:
    both = RelayPolicy(["192.0.2.1"]) | RelayPolicy(senders=["alice@near.example"])
    assert both.allows("192.0.2.1", NULL_PATH)
    assert both.allows("192.0.2.2", ALICE)
    assert not both.allows("192.0.2.2", NULL_PATH)


@pytest.mark.parametrize("networks", [["192.0.2.1/24"], ["x"], [""], ["192.0.2.0/33"]])
def test_what_is_no_network_is_refused(networks: list[str]) -> None:
    with pytest.raises(ValueError, match="network"):
        RelayPolicy(networks)


def test_what_is_no_sender_is_refused() -> None:
    with pytest.raises(ValueError, match="alice at near"):
        RelayPolicy(senders=["alice at near.example"])


@pytest.mark.parametrize(("networks", "code"), [([], "550"), (["0.0.0.0/0", "::/0"], "250")])
def test_a_host_refuses_mail_for_elsewhere_from_strangers_and_takes_it_for_its_users(
    networks: list[str], code: str
) -> None:
    world = MemoryWorld()
    directory = Directory("near.example", ["alice"], forwards={"dora": Forward("dora@far.example")})
    relays = RelayPolicy(networks)
    host = MailHost(directory, MemoryStore(), relay=Relay({"*": ("far.example", 25)}), relays=relays)
    client = world.connect(world.start(host))
    client.reply()
    client.say("EHLO me.example", "MAIL FROM:<x@client.example>")
    assert client.say("RCPT TO:<x@far.example>")[:3] == code
    assert client.say("RCPT TO:<x@far.example>").startswith(f"{code} {'5.7.1' if code == '550' else ''}")
    assert client.say("RCPT TO:<alice@near.example>")[:3] == "250"
    assert client.say("RCPT TO:<dora@near.example>")[:3] == "251"
