"""The bank of exercise 00: right answers of several kinds, and the mistakes of somebody's first session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smtplab.grading.exercises.one_message.task import OneMessageTask
from support.bank import Answer
from support.session_answers import octets, said, with_steps_changed

NAME = "00-send-one-message"
STUDENTS = ("mia", "ada", "ben")
FULL = {"check-message": 10}


def dialogue(task: OneMessageTask, **changed: tuple[str, ...] | str) -> list[str]:
    """Return the lines of a right session, with some of them changed; an empty tuple leaves them out."""
    steps: dict[str, Any] = {
        "hello": f"HELO {task.client}",
        "mail": f"MAIL FROM:<{task.sender}>",
        "rcpt": f"RCPT TO:<{task.recipient}>",
        "data": "DATA",
        "subject": f"Subject: {task.subject}",
        "empty": "",
        "text": f"The word of the day is {task.token}.",
        "dot": ".",
        "quit": "QUIT",
    }
    return with_steps_changed(steps, changed)


def right(task: OneMessageTask) -> Iterator[Answer]:
    """Yield answers that differ and are all right."""

    def answer(name: str, code: str) -> Answer:
        return Answer(name, {"message": code}, FULL)

    yield answer("line by line, as in the tutorial", said(task, *dialogue(task)))
    yield answer(
        "EHLO, small letters, no brackets, more fields and more lines, a folded subject, a dot that is doubled",
        said(
            task,
            f"ehlo {task.client}",
            f"mail from: {task.sender}",
            f"rcpt to: {task.recipient}",
            "data",
            f"From: {task.sender}",
            f"To: {task.recipient}",
            f"subject:   {task.subject.upper()}".replace(" AND", "\n AND"),
            "",
            "Hello!",
            "",
            "..",
            f"  ({task.token})",
            ".",
            "quit",
        ),
    )
    wire = "".join(f"{line}\r\n" for line in dialogue(task)).encode()
    yield answer("all octets at once, as a client that pipelines", octets(task, wire))
    yield answer(
        "a first session that fails, then refusals before the right lines",
        said(task, "HELLO", "MAIL", "QUIT")
        + said(
            task,
            *dialogue(
                task,
                mail=("DATA", f"MAIL FROM {task.sender}", f"MAIL FROM:<{task.sender}>"),
                rcpt=(f"RCPT TO:<nobody@{task.domain}>", f"RCPT TO:<{task.recipient}>"),
            ),
        ),
    )
    more = (f"MAIL FROM:<{task.recipient}>", f"RCPT TO:<{task.sender}>", "DATA", "Subject: More", "", "More.", ".")
    fields = (f"To: {task.recipient}", f"Subject: {task.subject}", "Date: Fri, 6 Aug 2004 12:00:00 +0000")
    first, *rest = dialogue(task, subject=(*fields, f"From: {task.sender}"), rcpt=(f"RCPT TO:<{task.recipient}>",) * 2)
    yield answer("another message behind, fields in another order", said(task, first, *rest[:-1], *more, "QUIT"))
    yield answer("another message before", said(task, first, *more, *rest))
    yield answer("sent twice", said(task, *dialogue(task)) * 2)


def wrong(task: OneMessageTask, other: OneMessageTask) -> Iterator[Answer]:
    """Yield the mistakes, each with what it costs.

    Args:
        task: what is asked for.
        other: what another student is asked for.
    """

    def lost(name: str, code: str, points: int, *sentences: str) -> Answer:
        return Answer(name, {"message": code}, {"check-message": 10 - points}, sentences)

    yield lost("no session at all", "", 10, "No session has been opened yet.")
    yield lost(
        "somebody else's session",
        said(other, *dialogue(other)),
        10,
        "The host that you called is not that of your task.",
    )
    yield lost(
        "somebody else's names on the own host",
        said(task, *dialogue(other)),
        10,
        "None of the names of your task was said in this session.",
    )
    yield lost(
        "no HELO", said(task, *dialogue(task, hello=())), 1 + 2 + 1 + 1 + 1 + 1 + 2, "You never said HELO or EHLO."
    )
    yield lost(
        "HELO with the name of the host",
        said(task, *dialogue(task, hello=f"HELO {task.host}")),
        1,
        "You greeted the host with its own name.",
    )
    yield lost(
        "sender and recipient exchanged",
        said(task, *dialogue(task, mail=f"MAIL FROM:<{task.recipient}>", rcpt=f"RCPT TO:<{task.sender}>")),
        1 + 1 + 2,
        "You named the recipient as the sender.",
        "You named the sender as the recipient.",
        "The message is in the wrong mailbox.",
    )
    yield lost(
        "somebody else in the same domain",
        said(task, *dialogue(task, rcpt=f"RCPT TO:<{task.neighbours[0]}>")),
        1 + 2,
        "Your RCPT commands name somebody else as a recipient.",
        "The message is in the wrong mailbox.",
    )
    yield lost(
        "a copy for a neighbour",
        said(task, *dialogue(task, rcpt=tuple(f"RCPT TO:<{each}>" for each in (task.recipient, *task.neighbours)))),
        1,
        "Your RCPT commands name somebody else as a recipient.",
    )
    yield lost(
        "another sender",
        said(task, *dialogue(task, mail=f"MAIL FROM:<{task.neighbours[1]}>")),
        1,
        "Your MAIL command names somebody else as the sender.",
    )
    yield lost(
        "no dot",
        said(task, *dialogue(task, dot=())),
        1 + 1 + 2 + 2 + 1,
        "No lone dot ended the message, and so QUIT became a line of it.",
        "Your QUIT was read as a line of the message.",
    )
    yield lost(
        "no empty line",
        said(task, *dialogue(task, empty=())),
        2,
        "No empty line ends the header section, so the message has no text.",
    )
    yield lost(
        "an empty line above the subject",
        said(task, *dialogue(task, data=("DATA", ""))),
        1,
        "Your Subject stands below an empty line, so it is text and no field.",
    )
    yield lost(
        "the word of the day in the subject",
        said(task, *dialogue(task, subject=f"Subject: {task.token}", text="Hello!")),
        1 + 2,
        "The message has another subject.",
        "The word of the day is not in the text of the message.",
    )
    yield lost(
        "a line of text among the fields",
        said(task, *dialogue(task, subject=(f"Subject: {task.subject}", "Hello!"))),
        2,
        "A line of text stands above the empty line, among the fields.",
    )
    yield lost(
        "no subject",
        said(task, *dialogue(task, subject=())),
        1,
        "The message has no field Subject.",
    )
    yield lost(
        "the word of the day left out",
        said(task, *dialogue(task, text="The word of the day is a secret.")),
        2 + 2,
        "A message was sent, but not the one that was asked for.",
    )
    yield lost(
        "no goodbye",
        said(task, *dialogue(task, quit=())),
        1,
        "The session is still open.",
    )
    yield lost(
        "LF instead of CRLF, and no reply comes",
        octets(task, "".join(f"{line}\n" for line in dialogue(task)).encode()),
        10,
        "A line of yours does not end in CRLF.",
    )
