"""The bank of exercise 02: right answers of several kinds, and what is believed about commands and states."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from smtplab.grading.exercises.every_command.task import EveryCommandTask, MatrixCell
from support.bank import Answer
from support.matrix_codes import right_codes

NAME = "02-every-command-has-its-state"
STUDENTS = ("mia", "ada", "ben")
FULL = {"check-cells": 5, "check-fourteen": 16, "check-tour": 6}


# Pieces of answers


def session(host: str, *lines: str) -> str:
    """Return code that holds a session line by line."""
    return f"session = mine.telnet({host!r}, 25)\n" + "".join(f"session.send({line!r})\n" for line in lines)


def cells(task: EveryCommandTask, code: Callable[[MatrixCell, int], object] | None = None) -> str:
    """Return code that hands in the cells; `code` gives another code to a cell, or None for the right one."""
    codes = right_codes(task).items()
    lines = [f"{(code and code(cell, right)) or right} {cell}" for cell, right in codes]
    return f"mine.hand_in('cells', {chr(10).join(lines)!r})\n"


def fourteen(task: EveryCommandTask, *left_out: str) -> str:
    """Return code that says all the commands to both hosts, but for some lines."""
    lines = (
        f"HELO {task.client}",
        "NOOP",
        "HELP",
        f"VRFY {task.sender}",
        f"EXPN {task.group}",
        f"MAIL FROM:<{task.sender}>",
        f"RCPT TO:<{task.recipient}>",
        "DATA",
        "Subject: Fourteen",
        ".",
        f"SEND FROM:<{task.sender}>",
        "RSET",
        f"SOML FROM:<{task.sender}>",
        "RSET",
        f"SAML FROM:<{task.sender}>",
        "QUIT",
    )
    second = (f"HELO {task.client}", "TURN")
    first = [line for line in lines if not line.startswith(left_out or ("-",))]
    return session(task.host, *first) + session(
        task.second_host, *(line for line in second if not line.startswith(left_out or ("-",)))
    )


def way(task: EveryCommandTask) -> list[str]:
    """Return the lines of the shortest tour."""
    return [
        f"HELO {task.traveller}",
        f"MAIL FROM:<{task.sender}>",
        f"RCPT TO:<{task.recipient}>",
        "DATA",
        ".",
        "QUIT",
    ]


def tour(task: EveryCommandTask, *lines: str, closed: tuple[str, ...] = ("QUIT",)) -> str:
    """Return code for both sessions of the tour."""
    return session(task.host, *(lines or way(task))) + session(task.closed_host, *closed)


def good(task: EveryCommandTask) -> dict[str, str]:
    """Return the code of a right answer for each part."""
    return {"cells": cells(task), "fourteen": fourteen(task), "tour": tour(task)}


def right(task: EveryCommandTask) -> Iterator[Answer]:
    """Yield answers that differ and are all right."""
    yield Answer(
        "one session after the other, line by line",
        good(task),
        FULL,
    )
    rows = "\n\n".join(
        f"{cell.verb.lower()} in {cell.state.title()} -> {code}, I think" for cell, code in right_codes(task).items()
    )
    octets = "".join(f"{line}\r\n" for line in ["ehlo " + task.traveller.upper(), *way(task)[1:]]).encode()
    yield Answer(
        "the codes behind, in small letters; all at the second host but EXPN; EHLO, and all octets at once",
        {
            "cells": f"mine.hand_in('cells', {rows!r})\n",
            "fourteen": session(task.host, f"helo {task.client}", f"expn {task.group}@{task.domain}")
            + session(
                task.second_host,
                f"helo {task.client}",
                "noop",
                "help mail",
                f"vrfy {task.other}",
                f"saml from: {task.sender}",
                "rset",
                f"soml from: {task.sender}",
                "rset",
                f"send from: {task.sender}",
                "rset",
                f"mail from: {task.sender}",
                f"rcpt to: {task.other}",
                "data",
                "one line\n.",
                "turn",
            )
            + session(task.second_host, f"ehlo {task.client}", "quit"),
            "tour": f"session = mine.telnet({task.second_host!r}, 25)\n"
            + f"session.send_bytes({octets.replace(task.recipient.encode(), task.other.encode())!r})\n"
            + session(task.closed_host, "quit"),
        },
        FULL,
    )
    yield Answer(
        "wrong codes first, refusals in between, detours before the shortest tour",
        {
            "cells": cells(task, lambda cell, code: 250) + cells(task),
            "fourteen": session(task.host, "DATA", "TURN", "HELLO", f"EXPN {task.group}", f"HELO {task.client}", "TURN")
            + session(task.second_host, "HELO elsewhere.example", f"EXPN {task.group}", f"MAIL FROM:<{task.other}>")
            + fourteen(task),
            "tour": tour(task, way(task)[0], "NOOP", *way(task)[1:], closed=("HELO", "QUIT")) + tour(task),
        },
        FULL,
    )


def wrong(task: EveryCommandTask, other: EveryCommandTask) -> Iterator[Answer]:
    """Yield the mistakes, each with what it costs.

    Args:
        task: what is asked for.
        other: what another student is asked for.
    """

    def lost(part: str, name: str, code: str, points: int, *sentences: str) -> Answer:
        left = FULL[f"check-{part}"] - points
        return Answer(name, good(task) | {part: code}, FULL | {f"check-{part}": left}, sentences)

    yield from _wrong_cells(task, other, lost)
    yield from _wrong_replies(task, other, lost)
    yield from _wrong_tours(task, other, lost)


def _wrong_cells(task: EveryCommandTask, other: EveryCommandTask, lost: Callable[..., Answer]) -> Iterator[Answer]:
    yield lost("cells", "no codes", "", 5, "No codes have been handed in yet.")
    yield lost("cells", "somebody else's cells", cells(other), 5, "One of the lines is not a cell of your list.")
    yield lost(
        "cells", "a text of one's own", "mine.hand_in('cells', 'MAIL 503')\n", 5, "None of your ten cells is in it."
    )
    yield lost(
        "cells",
        "a cell twice, with two codes",
        cells(task).replace("503 TURN", "250 TURN in READY\\n503 TURN", 1),
        5,
        "A cell stands there twice.",
    )
    yield lost(
        "cells",
        "each question mark left",
        cells(task, lambda cell, code: "?"),
        5,
        "Some cells have no code yet.",
    )
    yield lost(
        "cells",
        "a server that takes commands in any order",
        cells(task, lambda cell, code: 250 if code == 503 and cell.kind == "too-early" else None),
        1,
        "You let a command through that cannot come in this state.",
    )
    yield lost(
        "cells",
        "550 for whatever comes too early",
        cells(task, lambda cell, code: 550 if cell.kind == "too-early" else None),
        1,
        "It is refused, but with another code: which one says that the order is wrong?",
    )
    yield lost(
        "cells",
        "a transaction that begins inside another one",
        cells(task, lambda cell, code: 250 if cell.kind == "inside" else None),
        1,
        "You let a command through that cannot come in this state.",
    )
    yield lost(
        "cells",
        "250 for DATA",
        cells(task, lambda cell, code: 250 if code == 354 else None),
        1,
        "The host says yes, but with another code.",
    )
    yield lost(
        "cells",
        "250 for what may come at any time",
        cells(task, lambda cell, code: 250 if cell.kind == "any-time" else None),
        1,
        "The host says yes, but with another code.",
    )
    yield lost(
        "cells",
        "a second HELO taken for a mistake",
        cells(task, lambda cell, code: 503 if cell.verb == "HELO" else None),
        1,
        "You let the host refuse a command that may come in this state.",
    )
    yield lost(
        "cells",
        "TURN taken for a bad sequence where it may come",
        cells(task, lambda cell, code: 503 if code == 502 else None),
        1,
        "The order is right here, and yet the host refuses the command.",
    )
    yield lost(
        "cells",
        "two codes for one cell",
        cells(task, lambda cell, code: "250 or 503" if code == 502 else None),
        1,
        "Some cells have no code yet.",
        "one code in each line",
    )
    yield lost(
        "cells",
        "a line left out",
        cells(task, lambda cell, code: "?" if code == 502 else None),
        1,
        "Some cells have no code yet.",
    )


def _wrong_replies(task: EveryCommandTask, other: EveryCommandTask, lost: Callable[..., Answer]) -> Iterator[Answer]:
    yield lost("fourteen", "no session", "", 16, "No session has been opened yet.")
    yield lost("fourteen", "somebody else's sessions", fourteen(other), 16, "None of your calls was answered.")
    yield lost(
        "fourteen",
        "the name of the host in HELO, as in the lecture",
        fourteen(task).replace(task.client, task.host),
        16,
        "You have given a name, but not that of your machine.",
    )
    yield lost(
        "fourteen",
        "LF instead of CRLF",
        f"session = mine.telnet({task.host!r}, 25)\nsession.send_bytes({f'HELO {task.client}{chr(10)}'.encode()!r})\n",
        16,
        "A line of yours does not end in CRLF.",
    )
    yield lost(
        "fourteen",
        "the name in one session only",
        session(task.host, f"HELO {task.client}", "NOOP") + fourteen(task).replace(task.client, "localhost"),
        12 + 2,
        "A host said yes, but in a session in which you did not say who you are.",
        "No host has taken an address from you yet.",
    )
    for verb in ("HELP", "NOOP", "VRFY", "SEND", "SOML", "SAML"):
        yield lost(
            "fourteen", f"{verb} forgotten", fourteen(task, verb), 1, f"You have not said {verb} to any host yet."
        )
    yield lost("fourteen", "RSET forgotten", fourteen(task, "RSET"), 3, "You have not said RSET to any host yet.")
    yield lost(
        "fourteen",
        "TURN at the host that does not offer it",
        fourteen(task, "TURN") + session(task.host, f"HELO {task.client}", "TURN"),
        1,
        "No host has said yes to TURN yet.",
        "this host knows the command and does not offer it; your sheet has another host",
    )
    yield lost(
        "fourteen",
        "EXPN about a person",
        fourteen(task, "EXPN") + session(task.host, f"HELO {task.client}", f"EXPN {task.recipient}"),
        1,
        "No host has said yes to EXPN yet.",
        "your sheet says who has a mailbox, and what is a list",
    )
    yield lost(
        "fourteen",
        "VERFY, as the lecture spells it",
        fourteen(task, "VRFY") + session(task.host, f"HELO {task.client}", f"VERFY {task.recipient}"),
        1,
        "You have not said VRFY to any host yet.",
    )
    yield lost(
        "fourteen",
        "the recipient in SEND, SOML and SAML, as the lecture has it",
        fourteen(task)
        .replace(f"SEND FROM:<{task.sender}>", f"SEND FROM:<{task.recipient}>")
        .replace(f"SAML FROM:<{task.sender}>", f"SAML FROM:<{task.recipient}>"),
        2,
        "Your SEND names an address that is not the one asked for.",
    )
    yield lost(
        "fourteen",
        "the null reverse-path, and postmaster",
        fourteen(task).replace(task.sender + ">", ">").replace(task.recipient + ">", "postmaster>"),
        2,
        "Your MAIL names an address that is not the one asked for.",
    )
    yield lost(
        "fourteen",
        "EHLO instead of HELO",
        fourteen(task).replace("HELO", "EHLO"),
        1,
        "You have not said HELO to any host yet.",
    )
    yield lost("fourteen", "no goodbye", fourteen(task, "QUIT"), 1, "You have not said QUIT to any host yet.")
    yield lost(
        "fourteen",
        "no recipient, so no DATA",
        fourteen(task, "RCPT", "DATA", "Subject", "."),
        3,
        "You have not said RCPT to any host yet.",
        "No host has said yes to SEND yet.",
    )


def _wrong_tours(task: EveryCommandTask, other: EveryCommandTask, lost: Callable[..., Answer]) -> Iterator[Answer]:
    hello, mail, rcpt, data, dot, leave = way(task)
    yield lost("tour", "no tour", "", 6, "No session gives the name of your machine for the tour.")
    yield lost("tour", "somebody else's tour", tour(other), 6, "HELO or EHLO with")
    yield lost(
        "tour",
        "the third host left out",
        session(task.host, *way(task)),
        1 + 1,
        "No session has come to the state REFUSED.",
    )
    yield lost(
        "tour",
        "a message that is not empty",
        tour(task, hello, mail, rcpt, data, "Subject: A tour", dot, leave),
        2,
        "The tour has lines that can be left out.",
        "7 lines:",
    )
    yield lost(
        "tour",
        "NOOP and RSET on the way",
        tour(task, hello, "NOOP", mail, "RSET", mail, rcpt, data, dot, leave),
        2,
        "The tour has lines that can be left out.",
    )
    yield lost(
        "tour",
        "the connection to the third host closed without QUIT",
        session(task.host, *way(task)) + f"session = mine.telnet({task.closed_host!r}, 25)\nsession.close()\n",
        1 + 1,
        "A session came to REFUSED, and is not ended as it should be.",
    )
    yield lost(
        "tour",
        "HELO to the host that refuses",
        tour(task, closed=(hello, "QUIT")),
        1,
        "The session in REFUSED is not as short as it can be.",
    )
    yield lost(
        "tour",
        "a tour that ends inside the message",
        session(task.closed_host, "QUIT") + session(task.host, hello, mail, rcpt, data, leave),
        1 + 2,
        "The session that came to DATA does not come to CLOSED.",
        "There is no tour of all the states from GREETED to CLOSED yet.",
    )
    yield lost(
        "tour",
        "no recipient on the way",
        tour(task, hello, mail, data, leave),
        1 + 1 + 2,
        "No session has been in all the states from GREETED to DATA.",
        "No session has come to DATA and then to CLOSED.",
    )
    yield lost(
        "tour",
        "a new session for each state",
        session(task.host, hello, mail, leave)
        + session(task.host, hello, mail, rcpt, leave)
        + tour(task, hello, leave),
        1 + 1 + 2,
        "No session has been in all the states from GREETED to DATA.",
    )
