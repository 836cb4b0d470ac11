"""What still waits when a lab has run: how much, where, why, and when the next attempt comes."""

from __future__ import annotations

import pytest

from smtplab import Lab, RetrySchedule
from smtplab.lab import sentences
from support.templates import is_made_of

HOST, FAR, CAMPUS = "mail.lab.example", "mail.adelphia.net", "mail.campus.example"


@pytest.fixture
def lab() -> Lab:
    return Lab(queues=True, schedule=RetrySchedule.of(["15 min"], jitter=0))


def send(lab: Lab, *recipients: str) -> None:
    session = lab.telnet(HOST)
    session.send("HELO laptop.example\nMAIL FROM:<alice@lab.example>")
    for recipient in recipients:
        session.send(f"RCPT TO:<{recipient}>")
    session.send("DATA\nSubject: x\n\n.\nQUIT")


def test_a_run_says_how_much_waits_for_a_host_that_is_down(lab: Lab) -> None:
    lab.down(FAR)
    send(lab, "forouzanb@adelphia.net")
    log = lab.run(minutes=1)
    line = f"1 message waits at {HOST}: {FAR} is down; next attempt in 14 min."
    assert log.waiting == (line,)
    assert str(log).endswith(f"\n{line}")
    assert f"<div>{line}</div>" in log._repr_html_()
    assert is_made_of(line, sentences.WAITS)


def test_messages_are_counted_for_each_reason(lab: Lab) -> None:
    lab.down(FAR)
    lab.host(CAMPUS).handler.directory.mailboxes["erin"].busy = True
    for _ in range(2):
        send(lab, "forouzanb@adelphia.net", "erin@campus.example")
    assert lab.run(minutes=2).waiting == (
        f"2 messages wait at {HOST}: {FAR} is down; next attempt in 13 min.",
        f"2 messages wait at {HOST}: the last attempt failed: {CAMPUS} said 450 Cannot deliver to "
        "erin@campus.example now: erin is in use; try again later; next attempt in 13 min.",
    )


def test_nothing_is_said_if_nothing_waits(lab: Lab) -> None:
    send(lab, "forouzanb@adelphia.net")
    assert lab.run().waiting == ()
    assert lab.log.waiting == ()


def test_a_host_that_is_down_itself_tries_nothing(lab: Lab) -> None:
    send(lab, "forouzanb@adelphia.net")
    lab.down(HOST)
    assert lab.run(hours=1).waiting == (f"1 message waits at {HOST}: {HOST} is down; it goes on when it is up again.",)


def test_mail_that_no_attempt_was_made_for_and_one_under_way(lab: Lab) -> None:
    lab.link(HOST, FAR, latency=10.0)
    send(lab, "forouzanb@adelphia.net")
    assert lab.run(seconds=5).waiting == (
        f"1 message waits at {HOST}: no attempt has ended yet; an attempt is under way.",
    )


def test_a_host_that_has_come_up_again_is_not_called_down(lab: Lab) -> None:
    lab.down(FAR, minutes=2)
    send(lab, "forouzanb@adelphia.net")
    (line,) = lab.run(minutes=3).waiting
    assert "the last attempt failed: " in line
    assert line.endswith("; next attempt in 12 min.")
