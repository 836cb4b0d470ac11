"""What still waits when a lab has run: how much, where, why, and when the next attempt comes."""

from __future__ import annotations

from functools import partial

import pytest

from smtplab import Lab, RetrySchedule
from smtplab.lab import sentences
from support import templates

says = partial(templates.says, sentences)

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
    (line,) = log.waiting
    assert says(line, "WAITS IS_DOWN NEXT_ATTEMPT", f"1 message waits at {HOST}", FAR, "14 min")
    assert str(log).endswith(f"\n{line}")
    assert f"<div>{line}</div>" in log._repr_html_()


def test_messages_are_counted_for_each_reason(lab: Lab) -> None:
    lab.down(FAR)
    lab.host(CAMPUS).handler.directory.mailboxes["erin"].busy = True
    for _ in range(2):
        send(lab, "forouzanb@adelphia.net", "erin@campus.example")
    down, busy = lab.run(minutes=2).waiting
    assert says(down, "WAITS IS_DOWN NEXT_ATTEMPT", f"2 messages wait at {HOST}", FAR, "13 min")
    assert says(busy, "WAITS LAST_ATTEMPT NEXT_ATTEMPT", f"2 messages wait at {HOST}", f"{CAMPUS} said 450 ", "13 min")


def test_nothing_is_said_if_nothing_waits(lab: Lab) -> None:
    send(lab, "forouzanb@adelphia.net")
    assert lab.run().waiting == ()
    assert lab.log.waiting == ()


def test_a_host_that_is_down_itself_tries_nothing(lab: Lab) -> None:
    send(lab, "forouzanb@adelphia.net")
    lab.down(HOST)
    (line,) = lab.run(hours=1).waiting
    assert says(line, "WAITS IS_DOWN GOES_ON_WHEN_UP", HOST)


def test_mail_that_no_attempt_was_made_for_and_one_under_way(lab: Lab) -> None:
    lab.link(HOST, FAR, latency=10.0)
    send(lab, "forouzanb@adelphia.net")
    (line,) = lab.run(seconds=5).waiting
    assert says(line, "WAITS NO_ATTEMPT_YET ATTEMPT_RUNS", HOST)


def test_a_host_that_has_come_up_again_is_not_called_down(lab: Lab) -> None:
    lab.down(FAR, minutes=2)
    send(lab, "forouzanb@adelphia.net")
    (line,) = lab.run(minutes=3).waiting
    assert says(line, "WAITS LAST_ATTEMPT NEXT_ATTEMPT", "12 min")
