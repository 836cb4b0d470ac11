"""Every sentence of a lesson is said somewhere, as a student reads it."""

import pytest

from smtplab import Lab, Session
from smtplab.lessons import sentences
from smtplab.lessons.cells import LessonError
from smtplab.lessons.goals import Goal, StepEvidence, Verdict
from smtplab.lessons.lesson import Lesson
from support.templates import is_made_of, names_of

BOB = "bob@lab.example"
SEND = f"HELO a\nMAIL FROM:<a@b.example>\nRCPT TO:<{BOB}>\nDATA\nSubject: x"


def verdict(goal: dict[str, object], lines: str) -> Verdict:
    session: Session = Lab().telnet("mail.lab.example")
    since = len(session.transcript)
    if lines:
        session.send(lines)
    exchanges = [each for each in session.transcript.exchanges() if each.first >= since]
    mailbox = session.lab.mailbox  # type: ignore[attr-defined]
    return Goal.read(goal, cell="c").judge(StepEvidence(exchanges, session.transcript[since:], mailbox))


JUDGED = [
    ("ANSWERED", {"said": ["250 HELO"]}, "HELO a", "ok: `HELO a` was answered with 250."),
    ("LINE_SAID", {"lines": ["Subject: *"]}, SEND, "ok: The server has the line; inside a message it says nothing."),
    ("MAIL_ARRIVED", {"mail": f"{BOB}: x"}, f"{SEND}\n.", f"ok: The message 'x' is in the mailbox of {BOB}."),
    (
        "NOTHING_SENT",
        {"said": ["250 HELO"]},
        "",
        "not yet: Nothing was sent; type your line in this cell, below the task, and run it again.",
    ),
    ("NOT_SAID", {"said": ["250 HELO"]}, "NOOP", "not yet: The step needs another line than `NOOP`."),
    ("OTHER_CODE", {"said": ["354 DATA"]}, "DATA", "not yet: `DATA` was answered with 503, and 354 is wanted."),
    (
        "OTHER_ARGUMENT",
        {"said": ["250 HELO b"]},
        "HELO a",
        "not yet: You said `HELO a`; compare it with the names in the task.",
    ),
    (
        "OTHER_LINE",
        {"lines": ["To: *"]},
        SEND,
        "not yet: No line of the message is the one that the task wants.",
    ),
    (
        "NO_MAIL",
        {"mail": f"{BOB}: y"},
        f"{SEND}\n.",
        f"not yet: The mailbox of {BOB} has no message with the subject 'y'.",
    ),
]
ELSEWHERE = {  # said by a whole lesson, and held in test_lesson and test_cells
    "NO_LESSON",
    "DAMAGED_LESSON",
    "BAD_GOAL",
    "NO_SESSION",
    "HINT_HELPS",
    "HINT",
    "DONE_FOR_YOU",
    "SENT_UNPREDICTED",
    "COULD_NOT_BE_DONE",
    "NOTHING_TO_HINT",
    "ANSWER",
}


@pytest.mark.parametrize(("name", "goal", "lines", "text"), JUDGED, ids=[name for name, *_ in JUDGED])
def test_a_verdict_is_said_word_by_word(name: str, goal: dict[str, object], lines: str, text: str) -> None:
    said = verdict(goal, lines)
    assert str(said) == text
    template = getattr(sentences, name)
    assert is_made_of(said.reason, template[:1].upper() + template[1:])


def test_every_sentence_has_a_row() -> None:
    assert {name for name, *_ in JUDGED} | ELSEWHERE == set(names_of(sentences))


def test_a_damaged_tutorial_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: b"{}")
    with pytest.raises(LessonError, match="is damaged; install smtplab again"):
        Lesson.open("00-start-here")
