"""A message of a step has the envelope and the lines of the task, no fewer and no more."""

import pytest

from smtplab import Lab
from smtplab.base.printed import in_a_row
from smtplab.lessons.evidence import StepEvidence, Verdict
from smtplab.lessons.goals import Goal
from smtplab.lessons.messages import WantedMessage
from support.lesson_sentences import says

ALICE, BOB, CAROL = "alice@lab.example", "bob@lab.example", "carol@lab.example"
GOAL = {
    "said": [f"250 MAIL FROM:<{ALICE}>", f"250 RCPT TO:<{BOB}>", f"250 RCPT TO:<{CAROL}>", "250 ."],
    "text": ["From: president@campus.example", "Subject: Medal"],
}
MAIL, RCPT, DATA = f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{BOB}>\nRCPT TO:<{CAROL}>", "DATA"
TEXT = "From: president@campus.example\nSubject: Medal"


def verdict(lines: str, goal: dict[str, list[str]] = GOAL) -> Verdict:
    session = Lab().telnet("mail.lab.example")
    session.send("HELO laptop.example")
    since = len(session.transcript)
    session.send(lines)
    exchanges = [each for each in session.transcript.exchanges() if each.last >= since]
    evidence = StepEvidence(exchanges, session.transcript[since:], session.lab.mailbox)
    return Goal.read(goal, cell="c").judge(evidence)


@pytest.mark.parametrize(
    "lines",
    [
        f"{MAIL}\n{RCPT}\nDATA\n{TEXT}\n.",
        f"{MAIL}\n{RCPT}\nDATA\n{TEXT}\nSubject: Medal\n.",
        f"{MAIL}\nRCPT TO:<{CAROL}>\nRCPT TO:<{BOB}>\nDATA\n{TEXT}\n.",
        f"mail from: {ALICE}\n{RCPT}\ndata\nSubject: Medal\nFROM: <President@Campus.Example>\n\n\n.",
        f"MAIL FROM:<{BOB}>\nRSET\n{MAIL}\n{RCPT}\nDATA\n{TEXT}\n.",
        f"{MAIL}\nRCPT TO:<alice@lab.example>\nRSET\n{MAIL}\n{RCPT}\nDATA\n{TEXT}\n.",
        f"{MAIL}\n{RCPT}\nDATA\nSubject: x\n.\n{MAIL}\n{RCPT}\nDATA\n{TEXT}\n.",
        f"{MAIL}\nRCPT TO:<zoe@lab.example>\n{RCPT}\nDATA\n{TEXT}\n.",
    ],
    ids=[
        "as asked",
        "a line of the task twice",
        "other order",
        "other writing",
        "sender taken back",
        "all taken back",
        "second message",
        "refused",
    ],
)
def test_the_message_of_the_task_is_praised_however_it_came_about(lines: str) -> None:
    assert verdict(lines).ok


@pytest.mark.parametrize(
    ("lines", "name", "word"),
    [
        (f"MAIL FROM:<{BOB}>\n{RCPT}\nDATA\n{TEXT}\n.", "OTHER_ARGUMENT", f"`MAIL FROM:<{BOB}>`"),
        (f"{MAIL}\nRCPT TO:<{CAROL}>\nDATA\n{TEXT}\n.", "MESSAGE_BEFORE_IT", f"`RCPT` for {BOB}"),
        (f"{MAIL}\n{RCPT}\nRCPT TO:<{ALICE}>\nDATA\n{TEXT}\n.", "EXTRA_RECIPIENT", f"`<{ALICE}>`"),
        (f"{MAIL}\n{RCPT}\nRSET\nMAIL FROM:<{BOB}>\n{RCPT}\nDATA\n{TEXT}\n.", "OTHER_SENDER_NOW", f"`<{BOB}>`"),
        (f"{MAIL}\n{RCPT}\nDATA\nSubject: Medal\n.", "MESSAGE_LACKS", "`From: president@campus.example`"),
        (f"{MAIL}\n{RCPT}\nDATA\nFrom: alice@lab.example\nSubject: Medal\n.", "NEAR_LINE", "`From: alice@lab.example`"),
        (f"{MAIL}\n{RCPT}\nDATA\n{TEXT}\nBcc: {CAROL}\n.", "BLIND_COPY", f"`Bcc: {CAROL}`"),
        (f"{MAIL}\nRCPT TO:<{BOB}>\nDATA\n{TEXT}\nbcc: {CAROL}\n.", "BLIND_COPY", f"`bcc: {CAROL}`"),
        (f"{MAIL}\n{RCPT}\nDATA\n{TEXT}\nMAIL FROM:<{ALICE}>\n.", "ENDED_WITH_A_LINE", f"`MAIL FROM:<{ALICE}>`"),
        (f"{MAIL}\n{RCPT}\nDATA\nSubject: Medals\n{TEXT}\n.", "NEAR_LINE", "`Subject: Medals`"),
        (
            f"{MAIL}\n{RCPT}\nDATA\nFrom: president@campus.example\nSubject: Medal.\n.",
            "DOT_AT_ITS_END",
            "`Subject: Medal.`",
        ),
        (f"{MAIL}\n{RCPT}\nDATA\nFrom: president@campus.example\nSubject Medal\n.", "NEAR_LINE", "`Subject: Medal`"),
        (
            f"{MAIL}\n{RCPT}\nDATA\nFrom: president@campus.example\nSubject: MEDAL\n.",
            "OTHER_CAPITALS",
            "`Subject: MEDAL`",
        ),
        (f"{MAIL}\n{RCPT}\nDATA\n{TEXT}\nQUIT\nend\n.", "ENDED_WITH_LINES", "`QUIT`, `end`"),
        (f"{MAIL}\n{RCPT}\nDATA\n\n{TEXT}\n.", "BEHIND_EMPTY_LINE", "`From: president@campus.example`"),
    ],
)
def test_another_message_is_named_by_what_is_wrong_with_it(lines: str, name: str, word: str) -> None:
    told = verdict(lines)
    assert not told.ok
    assert says(told.reason, name, word)


def test_a_message_that_was_accepted_with_a_fault_is_spoiled_and_one_that_only_lacks_a_line_is_not() -> None:
    assert verdict(f"{MAIL}\n{RCPT}\nDATA\nSubject: Medal\n.").spoiled
    assert verdict(f"{MAIL}\nRCPT TO:<{ALICE}>").spoiled
    assert not verdict(MAIL).spoiled
    unfinished = verdict(f"{MAIL}\n{RCPT}\nDATA\nSubject: Medal")
    assert not unfinished.spoiled
    assert says(unfinished.reason, "NOT_IN_MESSAGE_YET", "`From: president@campus.example`")


def test_a_message_under_way_with_a_foreign_line_is_not_to_be_ended_with_the_dot() -> None:
    told = verdict(f"{MAIL}\n{RCPT}\nDATA\n{TEXT}\n{MAIL}")
    assert says(told.reason, "COMMAND_IN_MESSAGE")
    assert told.spoiled
    assert says(verdict(f"{MAIL}\n{RCPT}\nDATA\n{TEXT}").reason, "NO_END")


def test_dots_that_the_client_doubled_are_compared_as_they_were_meant() -> None:
    goal = {"said": ["250 ."], "text": ["Subject: x", "", ".hidden"]}
    assert verdict(f"{MAIL}\n{RCPT}\nDATA\nSubject: x\n\n..hidden\n.", goal).ok


def test_an_envelope_that_the_task_takes_back_is_not_missed() -> None:
    assert verdict(
        f"{MAIL}\n{RCPT}\nRSET", {"said": [f"250 MAIL FROM:<{ALICE}>", f"250 RCPT TO:<{BOB}>", "250 RSET"]}
    ).ok


def test_what_an_earlier_step_said_is_not_asked_of_this_one() -> None:
    session = Lab().telnet("mail.lab.example")
    session.send(f"HELO a\n{MAIL}\nRCPT TO:<{BOB}>")
    since = len(session.transcript)
    session.send(f"RCPT TO:<{CAROL}>\nDATA")
    exchanges = [each for each in session.transcript.exchanges() if each.last >= since]
    goal = Goal.read({"said": [f"250 RCPT TO:<{CAROL}>", "354 DATA"]}, cell="c")
    assert goal.judge(StepEvidence(exchanges, session.transcript[since:], session.lab.mailbox)).ok


def test_a_line_that_is_nearly_right_is_told_also_by_the_dot_behind_it() -> None:
    session = Lab().telnet("mail.lab.example")
    session.send(f"HELO a\n{MAIL}\nRCPT TO:<{BOB}>\nDATA\nSubject: Five.")
    since = len(session.transcript)
    session.send(".")
    exchanges, rows = session.transcript.exchanges(), session.transcript
    goal = Goal.read({"lines": ["Subject: Five"], "said": ["250 ."], "text": ["Subject: Five"]}, cell="c")
    latest = StepEvidence(exchanges[-1:], rows[since:], session.lab.mailbox)
    told = goal.judge(StepEvidence(exchanges, rows, session.lab.mailbox), latest)
    assert says(told.reason, "DOT_AT_ITS_END", "`Subject: Five.`")


def test_an_empty_line_that_is_missing_is_called_so() -> None:
    goal = {"said": ["250 ."], "text": ["Subject: x", "", "Hi"]}
    told = verdict(f"{MAIL}\n{RCPT}\nDATA\nSubject: x\nHi\n.", goal)
    assert says(told.reason, "MESSAGE_LACKS", "the empty line after the header")


def test_missing_recipients_are_named_in_one_order_on_every_run() -> None:
    session = Lab().telnet("mail.lab.example")
    session.send(f"HELO a\n{MAIL}\nRCPT TO:<{BOB}>")
    names = [f"{letter}@lab.example" for letter in "abcdefgh"]
    fault = WantedMessage(recipients=frozenset(names)).fault(session.transcript.exchanges())
    assert "`<bob@lab.example>`" in fault  # one too many is told first
    fault = WantedMessage(recipients=frozenset([*names, BOB])).fault(session.transcript.exchanges())
    assert in_a_row(f"`<{name}>`" for name in names) in fault
