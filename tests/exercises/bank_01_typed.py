"""The bank of exercise 01 in the SMTP kernel: the answers of the bank in Python, typed, and some that only typing has.

Because each answer is the same and earns the same, both versions are graded alike.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

import pytest

from exercises import bank_01
from exercises.bank_01 import FULL, STUDENTS, dialogue, marked
from smtplab.grading.exercises.own_session.task import OwnSessionTask
from support.bank import Answer

__all__ = ["BREAKS", "FULL", "NAME", "STUDENTS", "right", "wrong"]
NAME = "01-type-your-own-session"
# What may stand in an answer cell that breaks.
BREAKS = (
    "telnet nowhere.example",
    "%exercsie",
    "NOOP",
    "%switch elsewhere\nQUIT",
    "%%py\nraise ValueError",
    "%%py\nimport sys; sys.exit()",
    "%%py\nexit()",
)
# What typing has no words for: to hand in what is no text, and to hang up amid a message.
_PYTHON_ONLY = ("phases that are a list", "a number that is no text", "a message that just stops")


def typed(answer: Answer) -> Answer:
    """Return an answer of the bank in Python as one types it in the SMTP kernel."""
    return replace(answer, cells={name: typed_cell(code) for name, code in answer.cells.items()})


def typed_cell(code: str) -> str:
    """Return a cell of calls in Python as lines."""
    calls = (statement.value for statement in ast.parse(code).body if isinstance(statement, ast.Assign | ast.Expr))
    host, lines = "", []
    for call in calls:
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Attribute)
        match call.func.attr, [ast.literal_eval(each) for each in call.args]:
            case "telnet", [str(host), int(port)]:
                lines.append(f"telnet {host} {port}")
            case "send", [str(text)]:
                lines.append(text)
            case "send_bytes", [bytes(octets)]:
                lines.append(f"%raw {escaped(octets)}")
            case "close", []:
                lines.append(f"telnet {host}")  # another call ends the one before
            case "hand_in", [str(question), str(text)]:
                lines.append(f"%answer {question} {text}")
            case other:
                pytest.fail(f"nobody can type {other}")
    return "\n".join(lines)


def escaped(octets: bytes) -> str:
    r"""Return octets as ``%raw`` takes them: a backslash, CR and LF written as escapes."""
    text = octets.decode("ascii")
    return text.replace("\\", r"\\").replace("\r", r"\r").replace("\n", r"\n")


# Cells, as they are typed


def lines(task: OwnSessionTask, *said: str) -> str:
    """Return a cell that holds a session."""
    return "\n".join((f"telnet {task.host} 25", *said))


def answered(task: OwnSessionTask) -> dict[str, str]:
    """Return right answers for what is not the session."""
    return {"phases": typed_cell(marked(task)), "banner": typed_cell(bank_01.BANNER)}


def right(task: OwnSessionTask) -> Iterator[Answer]:
    """Yield answers that differ and are all right."""
    yield from map(typed, bank_01.right(task))
    hello, mail, rcpt, data, *rest = dialogue(task)
    yield Answer(
        "remarks, empty lines and directives in between, the message after a look at what may come",
        {
            "session": lines(task, "# who am I?", "", hello, "%expect 250", mail, rcpt, "%legal", data, "%why", *rest),
            "phases": typed_cell(marked(task)).replace("%answer phases ", "%answer phases\n# E, M or T\n"),
            "banner": "%answer banner\n  Connection Termination\n# the line below it\n"
            "%answer printed above\n250 Message received\n\n%answer should be above   QUIT\n%transcript",
        },
        FULL,
    )
    yield Answer(
        "a session beside another one, which stays open",
        {"session": f"{lines(task, hello, mail)}\n%switch second\n{lines(task, *dialogue(task))}", **answered(task)},
        FULL,
    )


def wrong(task: OwnSessionTask, other: OwnSessionTask) -> Iterator[Answer]:
    """Yield the mistakes, each with what it costs."""
    for answer in bank_01.wrong(task, other):
        if answer.name not in _PYTHON_ONLY:
            yield typed(answer)
    yield from _wrong_when_typed(task)


def _wrong_when_typed(task: OwnSessionTask) -> Iterator[Answer]:
    hello, mail, rcpt, data, *rest = dialogue(task)
    yield Answer(
        "a remark in the header section, which becomes a line of the message and ends it too early for a mail program",
        {"session": lines(task, hello, mail, rcpt, data, "# the message", "", *rest), **answered(task)},
        FULL | {"check-session": 10},
        ("Line 1 of your message is not that of the task sheet."),
    )
    yield Answer(
        "a message that just stops, and a call amid it, which is a line of the message",
        {"session": lines(task, hello, mail, rcpt, data, *rest[:-2], f"telnet {task.host} 25"), **answered(task)},
        FULL | {"check-session": 5},
        ("A second session went into your message, which was still open.", "The session is still open."),
    )
    yield Answer(
        "who speaks typed in front of each line",
        {"session": lines(task, *(f"C: {line}" for line in dialogue(task))), **answered(task)},
        {"check-session": 0, "check-phases": 6, "check-banner": 4},  # the host has taken no line
        ("You never said HELO or EHLO.",),
    )
    yield Answer(
        "no telnet before the first line",
        {"session": "\n".join(dialogue(task)), **answered(task)},
        FULL | {"check-session": 0},
        ("No session has been opened yet.", f"begin with telnet {task.host} 25"),
    )
    yield Answer(
        "the phases without their directive, which go to the server of part 1, where nobody listens any more",
        {"session": lines(task, *dialogue(task)), **answered(task) | {"phases": "E S: 220 " + task.shown.host}},
        FULL | {"check-phases": 0},
        ("No phases have been handed in yet.", "hand in with %answer phases ..."),
    )
    yield Answer(
        "a question that is not asked",
        {"session": lines(task, *dialogue(task)), **answered(task) | {"banner": "%answer third banner QUIT"}},
        FULL | {"check-banner": 0},
        ('"banner" has not been handed in yet.', "hand in with %answer banner ..."),
    )
    yield Answer(
        "other lines than those that %given shows",
        {"session": lines(task, *dialogue(task)), **answered(task) | {"phases": "%answer phases\nE S: 220 ready"}},
        FULL | {"check-phases": 0},
        ("copy what %given session shows, and change nothing but the question marks",),
    )
    yield Answer(
        "a line that %raw leaves without its CRLF",
        {"session": lines(task, f"%raw HELO {task.client}\\n"), **answered(task)},
        FULL | {"check-session": 0},
        ("a line of a cell gets its CRLF by itself; %raw leaves it to you",),
    )
