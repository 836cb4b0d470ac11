"""Each condition can be set up in a lab, on its own and on that host alone; each cause then gives its reply."""

import pytest

from smtplab import Lab
from smtplab.explain.causes import CAUSES, HOST, NEXT_HOP, STRICT, Cause, Condition, Setting
from smtplab.lab.provoking import hold, provoke, set_up
from smtplab.transcript import Transcript

CONDITIONS = list(dict.fromkeys(condition for cause in CAUSES for condition in cause.conditions))


def settings_of(lab: Lab, name: str) -> list[object]:
    """Return all that a condition can change on a host, in the order of `Setting`."""
    host = lab.host(name)
    handler, store, policy, boxes = host.handler, host.store, host.policy, host.mailboxes.values()
    return [
        handler.open,
        policy.strict,
        handler.answers_vrfy,
        handler.answers_expn,
        handler.turns,
        handler.relay is None,
        lab.host(NEXT_HOP).up,
        policy.max_sessions,
        policy.max_errors,
        dict(policy.offer),
        store.read_only,
        store.capacity_octets,
        [box.busy for box in boxes],
        [store.octets_in(box.name) for box in boxes],
        [box.quota_octets for box in boxes],
        [box.quota_is_soft for box in boxes],
    ]


def changed(lab: Lab) -> set[Setting]:
    """Return the settings in which the lab's host differs from that of a new lab."""
    pairs = zip(Setting, settings_of(lab, HOST), settings_of(Lab(), HOST), strict=True)
    return {setting for setting, now, before in pairs if now != before}


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_a_condition_changes_what_it_is_about(condition: Condition) -> None:
    lab = Lab()
    set_up(lab, condition)
    expected = {condition.setting}
    if condition.setting is Setting.MAILBOX_FULL:
        expected.add(Setting.QUOTA_OCTETS)
    assert changed(lab) == expected


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_a_condition_leaves_another_lab_as_it_was(condition: Condition) -> None:
    other = Lab()
    set_up(Lab(), condition)
    assert changed(other) == set()


def test_a_limit_is_set_to_its_number_and_in_the_named_mailbox_alone() -> None:
    lab = Lab()
    set_up(
        lab,
        Condition(Setting.MAX_SESSIONS, 7),
        Condition(Setting.MAX_ERRORS, 3),
        Condition(Setting.MAX_MESSAGE_OCTETS, 900),
        Condition(Setting.DISK_OCTETS, 12),
        Condition(Setting.QUOTA_OCTETS, 34, mailbox="bob"),
    )
    host = lab.host(HOST)
    assert host.policy.max_errors == 3
    assert (host.policy.max_sessions, host.policy.offer["SIZE"], host.store.capacity_octets) == (7, "900", 12)
    before = {name: box.quota_octets for name, box in Lab().host(HOST).mailboxes.items()}
    assert {name: box.quota_octets for name, box in host.mailboxes.items()} == before | {"bob": 34}


def test_a_condition_on_a_mailbox_that_does_not_exist_raises_keyerror() -> None:
    with pytest.raises(KeyError):
        set_up(Lab(), Condition(Setting.MAILBOX_BUSY, mailbox="nobody"))


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.sentence)
def test_provoke_types_the_lines_of_the_cause_and_gets_its_code(cause: Cause) -> None:
    transcript = provoke(cause)
    exchange = transcript.exchanges()[-1]
    assert exchange.reply is not None
    assert exchange.reply.code == cause.code
    sent = [row.data for row in transcript if row.side.value == "C"]
    assert b"".join(sent) == b"".join(line.encode() + b"\r\n" for line in cause.lines)


def test_hold_uses_the_session_that_it_is_given() -> None:
    lab = Lab()
    set_up(lab, STRICT)
    cause = next(each for each in CAUSES if each.conditions == (STRICT,))
    transcript = hold(cause, lambda: lab.telnet(HOST), lab.host(HOST).stop)
    assert isinstance(transcript, Transcript)
    reply = transcript.exchanges()[-1].reply
    assert reply is not None
    assert reply.code == cause.code
