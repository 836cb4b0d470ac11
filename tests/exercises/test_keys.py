"""No object that the package can make holds a ready session or a key to the answers.

Decided: the values of a task sheet stay in the package, because rules compare with them. A script that puts them into
lines of SMTP reads the task sheet, whether it takes the text or the attributes; whoever writes it can do the exercise.
That several students hand in what one script has made is seen by the resemblance of their work, and by the questions
about their own session. A check tells right or wrong, so a loop over it finds answers; `test_tries` holds that it is
counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from smtplab import SessionClosed, Silence
from smtplab.client.outcomes import ConnectionLost
from smtplab.grading.defence import defence_of
from smtplab.grading.evidence import Evidence
from smtplab.grading.exercises import design_of
from smtplab.grading.handout import Exercise
from smtplab.grading.rules import ExercisePart, Score, judge
from support.bank import filled, hidden_rules, run
from support.harvest import Harvest, harvest
from support.marked_sessions import marked_lines
from support.matrix_codes import right_codes
from support.trace_reading import reading

MIA, COURSE = "mia", "smtplab"
GUARDED = (
    "00-send-one-message",
    "01-hold-your-own-session",
    "02-every-command-has-its-state",
    "03-every-reply-has-a-cause",
    "06-smtp-is-used-twice",
    "07-spool-retry-bounce",
)


def handed(name: str) -> Exercise:
    return Exercise(design_of(name), MIA, COURSE)


# A script that takes everything apart, tries all that it finds, and keeps the best


def best_of(mine: Exercise, found: Harvest) -> dict[str, int]:
    """Return for each part the points of the best that was found; the visible rules say which that is."""
    for host in mine.host_names:
        for lines in found.sessions:
            say(mine, host, lines)
    hidden = hidden_rules(mine.design.name)
    return {part.name: _best(part, mine.evidence(), hidden[part.name], found) for part in mine.design.parts}


def say(mine: Exercise, host: str, lines: Iterable[str]) -> None:
    """Hold a session, as long as the host answers."""
    with suppress(ConnectionLost, SessionClosed, Silence):
        session = mine.telnet(host)
        for line in lines:
            session.send_bytes(f"{line}\r\n".encode("utf-8", "surrogateescape"))


def _best(part: ExercisePart[Any], evidence: Evidence[Any], hidden: tuple[Any, ...], found: Harvest) -> int:
    if not part.questions:
        return judge(part, evidence, hidden).points

    def score(answers: dict[str, str], rules: tuple[Any, ...] = ()) -> Score:
        return judge(part, replace(evidence, wires=(), answers=answers), rules)

    def told(answers: dict[str, str]) -> tuple[int, int]:
        seen = score(answers)
        return seen.points, seen.conditions

    answers = dict[str, str]()
    for question in part.questions:
        candidates = dict.fromkeys([*found.named.get(question, ()), *found.texts])
        answers[question] = max(candidates, key=lambda text: told(answers | {question: text}))
    return score(answers, hidden).points


@pytest.mark.parametrize("name", GUARDED)
def test_a_script_that_takes_the_package_apart_earns_at_most_a_fifth(name: str) -> None:
    mine = handed(name)
    earned = best_of(mine, harvest(mine))
    assert sum(earned.values()) * 5 <= sum(part.points for part in mine.design.parts), earned


def own_lines(task: Any) -> list[str]:
    """Return a ready session, as the package once had parts of one."""
    return [f"HELO {task.client}", f"MAIL FROM:<{task.sender}>", f"RCPT TO:<{task.recipient}>", "DATA", ".", "QUIT"]


PLANTED = {
    "a ready session": ("00-send-one-message", own_lines, "message", 5),
    "lines with their marks": ("01-hold-your-own-session", lambda task: marked_lines(task.shown), "phases", 6),
    "cells with their codes": ("02-every-command-has-its-state", right_codes, "cells", 5),
    "lines for commands": ("02-every-command-has-its-state", own_lines, "fourteen", 5),
    "the right reading": ("06-smtp-is-used-twice", lambda task: reading(task.journey), "trace", 7),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_the_script_finds_what_is_there_to_find(planted: str) -> None:
    name, make, part, points = PLANTED[planted]
    mine = handed(name)
    assert best_of(mine, harvest(mine, make(mine.evidence().task)))[part] >= points


# Scripts that know where something was, or may be


LINES = "\n".join
SCRIPTS = {
    "the session and its marks": (
        "01-hold-your-own-session",
        {
            "phases": "from smtplab.grading.exercises.own_session.script import lines_of\n"
            "lines = lines_of(mine.evidence().task.script)\n"
            'mine.hand_in("phases", "\\n".join(f"{line.mark} {line.text}" for line in lines))\n'
        },
    ),
    "the groups for marks": (
        "01-hold-your-own-session",
        {
            "phases": "from smtplab.grading.exercises.own_session import phases, line_groups\n"
            "lines = mine.evidence().task.shown.lines\n"
            "groups = line_groups.groups_of(phases._read(lines))\n"
            'mine.hand_in("phases", "\\n".join(f"{of.name[0].upper()} {line}" for of, line in zip(groups, lines)))\n'
        },
    ),
    "the codes of the cells": (
        "02-every-command-has-its-state",
        {
            "cells": "from smtplab.grading.exercises.every_command import cells\n"
            "codes = cells.right_codes(mine.evidence().task)\n"
            'mine.hand_in("cells", "\\n".join(f"{code} {cell}" for cell, code in codes.items()))\n',
            "fourteen": "for line in cells._examples(mine.evidence().task).values():\n"
            "    mine.telnet(mine.host_names[0]).send(line)\n",
        },
    ),
    "the digits of codes": (
        "03-every-reply-has-a-cause",
        {
            "classify": "from smtplab.grading.exercises.reply_causes import classify\n"
            'mine.hand_in("classify", {code: classify.right(code) for code in range(200, 556)}.__getitem__)\n'
        },
    ),
    "the table of causes": (
        "03-every-reply-has-a-cause",
        {
            "provoke": "from smtplab.explain.causes import CAUSES\n"
            "for cause in CAUSES:\n"
            "    for host in mine.host_names[:2]:\n"
            "        session = mine.telnet(host)\n"
            "        for line in cause.lines:\n"
            "            if not session.closed:\n"
            "                session.send(line)\n"
        },
    ),
    "the reading of the fields": (
        "06-smtp-is-used-twice",
        {
            "trace": "from smtplab.grading.exercises.mail_routes.trace import reading\n"
            "read = reading(mine.evidence().task.journey)\n"
            'for question in ("slow", "minutes", "clock", "twice", "forged"):\n'
            "    mine.hand_in(question, str(getattr(read, question)))\n"
        },
    ),
    "the usual schedule": (
        "07-spool-retry-bounce",
        {
            "schedule": "from smtplab.mta.retry_schedule import RetrySchedule\n"
            'mine.hand_in("schedule", str(RetrySchedule()))\n'
        },
    ),
    "the tutorials' answers": (
        "00-send-one-message",
        {
            "message": "from smtplab.lessons.lesson import Lesson\n"
            'for cell in Lesson.open("00-start-here").cells:\n'
            "    session = mine.telnet(mine.host_names[0])\n"
            '    session.send_bytes(cell.answer.replace("\\n", "\\r\\n").encode() + b"\\r\\n")\n'
        },
    ),
    "the lecture's session, said again": (
        "01-hold-your-own-session",
        {
            "session": "from smtplab.grading.exercises.own_session import banner\n"
            "from smtplab.lab.rehearsal import RecordedSession, pieces_of\n"
            "recording = RecordedSession.of(banner.lecture(), mine.host_names[0])\n"
            "session = mine.telnet(mine.host_names[0])\n"
            "for piece in pieces_of(recording.transcript):\n"
            "    session.send_bytes(piece.data)\n",
            "banner": 'mine.hand_in("banner", "third")\n'
            'mine.hand_in("printed above", "250 Message received")\n'
            'mine.hand_in("should be above", "QUIT")\n',
        },
    ),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_that_knows_the_package_earns_at_most_a_fifth(script: str) -> None:
    name, cells = SCRIPTS[script]
    outcome = run(filled(name, MIA, cells))
    earned = [int(points) for points in outcome.points.values() if isinstance(points, int)]
    assert sum(earned) * 5 <= sum(part.points for part in design_of(name).parts), outcome.points


# Questions about one's own session


def test_a_question_about_a_session_holds_no_code_before_its_answer() -> None:
    mine = handed("01-hold-your-own-session")
    task = mine.evidence().task
    lines = own_lines(task)
    mine.telnet(task.host).send("\n".join([*lines[:4], *task.message, *lines[4:]]))
    defence = defence_of(mine)
    assert defence is not None
    for question in defence.questions:
        held = harvest(mine, question).objects
        assert not [each for each in held if type(each) is int and str(each) in question.buttons]
        assert question.outcome is None
