"""A message that arrives becomes entries, one for each next hop."""

import pytest

from smtplab.mta.queue_entry import LOCAL, Attempt, QueueEntry, entries_of, hop_name
from smtplab.protocol.grammar import NULL_PATH, Path

ALICE, BOB, CAROL = Path("alice", "far.example"), Path("bob", "far.example"), Path("carol", "other.example")
SENDER = Path("someone", "near.example")


def test_a_message_becomes_one_entry_for_each_next_hop_and_reverse_path() -> None:
    owner = Path("owner", "near.example")
    copies = {SENDER: [ALICE, CAROL, BOB, ALICE], owner: [ALICE]}
    entries = entries_of("A000001", copies, 5, lambda domain: domain.upper())
    assert [(each.id, each.sender, each.recipients, each.next_hop) for each in entries] == [
        ("A000001-1", SENDER, (ALICE, BOB), "FAR.EXAMPLE"),
        ("A000001-2", SENDER, (CAROL,), "OTHER.EXAMPLE"),
        ("A000001-3", owner, (ALICE,), "FAR.EXAMPLE"),
    ]
    assert {(each.queue_id, each.arrived, each.due, each.attempts) for each in entries} == {("A000001", 5, 5, 0)}


def test_a_message_for_nobody_becomes_no_entry() -> None:
    assert entries_of("A000001", {}, 0, str) == entries_of("A000001", {NULL_PATH: []}, 0, str) == ()


def test_attempts_are_counted_from_1() -> None:
    (entry,) = entries_of("A000001", {NULL_PATH: [ALICE]}, 0, str)
    assert Attempt(entry, 5).number == 1


@pytest.mark.parametrize("recipients", [(), (ALICE, BOB, ALICE)])
def test_an_entry_has_a_recipient_and_each_once(recipients: tuple[Path, ...]) -> None:
    with pytest.raises(ValueError, match="recipient"):
        QueueEntry("A1", "A1", SENDER, recipients, "far.example", 0, 0)


def test_local_mail_has_this_host_for_its_next_hop() -> None:
    assert (hop_name(LOCAL), hop_name("far.example")) == ("this host", "far.example")
