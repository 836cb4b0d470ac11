"""The bank of exercise 01: right answers of several kinds, and the mistakes that students make.

Every answer is made for a task, because everybody's names are different.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from smtplab.explain.belief_evidence import NEVER_PROVEN
from smtplab.explain.misconceptions import beliefs
from smtplab.grading.exercises.own_session.task import OwnSessionTask, sheet
from support.bank import Answer
from support.marked_sessions import marked_lines
from support.session_answers import octets, said, with_steps_changed

NAME = "01-hold-your-own-session"
# For each student the session to mark has another twist, so between them they see all there are.
STUDENTS = ("mia", "ada", "ben", "finn")
FULL = {"check-session": 11, "check-phases": 6, "check-banner": 4}

BANNER = """\
mine.hand_in("banner", "Connection Termination")
mine.hand_in("printed above", "250 Message received: adelphia.net@mail.adelphia.net")
mine.hand_in("should be above", "QUIT")
"""


# Pieces of answers


def dialogue(task: OwnSessionTask, **changed: tuple[str, ...] | str) -> list[str]:
    """Return the lines of a right session, with some of them changed; an empty tuple leaves them out."""
    steps: dict[str, Any] = {
        "hello": f"HELO {task.client}",
        "mail": f"MAIL FROM:<{task.sender}>",
        "rcpt": f"RCPT TO:<{task.recipient}>",
        "data": "DATA",
        "message": task.message,
        "dot": ".",
        "quit": "QUIT",
    }
    return with_steps_changed(steps, changed)


def marked(task: OwnSessionTask, mark: Callable[[int, Any], str] | None = None) -> str:
    """Return code that hands in the phases; `mark` gives another mark to a line, or an empty one for the right one."""
    lines = enumerate(marked_lines(task.shown), 1)
    text = "\n".join(f"{(mark and mark(number, line)) or line.mark} {line.text}" for number, line in lines)
    return f'mine.hand_in("phases", r"""\n{text}\n""")\n'


def banner(which: str, stands: str, belongs: str) -> str:
    """Return code that hands in the answers about the lecture's banner."""
    answers = {"banner": which, "printed above": stands, "should be above": belongs}
    return "".join(f"mine.hand_in({question!r}, {answer!r})\n" for question, answer in answers.items())


def group(name: str, mark: str) -> Callable[[int, Any], str]:
    """Return what gives the lines of a group a wrong mark."""
    return lambda number, line: mark if line.group == name else ""


# Right answers


def right(task: OwnSessionTask) -> Iterator[Answer]:
    """Yield answers that differ and are all right."""
    wire = "\r\n".join(task.message).encode() + b"\r\n.\r\n"
    yield Answer(
        "line by line, as in the lecture",
        {"session": said(task, *dialogue(task)), "phases": marked(task), "banner": BANNER},
        FULL,
    )
    yield Answer(
        "EHLO, lower case, paths without brackets, the message at once",
        {
            "session": said(
                task,
                f"ehlo {task.client.upper()}",
                f"mail from: {task.sender}",
                f"rcpt to: {task.recipient}",
                "data",
                "\n".join((*task.message, ".")),
                "quit",
            ),
            "phases": marked(task).replace('r"""\n', 'r"""').replace("M C:", "m: C:").replace("T S:", "T | S:"),
            "banner": banner("the last one", "250 message received", "Quit"),
        },
        FULL,
    )
    twice = dialogue(task, rcpt=(f"RCPT TO:<{task.recipient}>",) * 2, quit=())
    more = (f"MAIL FROM:<{task.recipient}>", f"RCPT TO:<{task.sender}>", "DATA", "Subject: More", "", "More.", ".")
    for name, lines in {
        "a second message in the same session": (*twice, *more, "QUIT"),
        "another message before it": (*dialogue(task)[:1], *more, *dialogue(task)[1:]),
    }.items():
        yield Answer(
            f"{name}, marks in small letters, and letters and first words alone",
            {
                "session": said(task, *lines),
                "phases": marked(task, lambda number, line: line.mark.lower()),
                "banner": banner("t", "S: 250 Message", "quit"),
            },
            FULL,
        )
    yield Answer(
        "in groups of octets, as a client that pipelines",
        {
            "session": octets(
                task,
                f"EHLO {task.client}\r\n".encode(),
                f"MAIL FROM:<{task.sender}>\r\nRCPT TO:<{task.recipient}>\r\nDATA\r\n".encode(),
                wire + b"QUIT\r\n",
            ),
            "phases": marked(task),
            "banner": banner("===== Connection Termination =====", "S: 250 Message received:", "C: QUIT"),
        },
        FULL,
    )
    yield Answer(
        "a first attempt that fails, then a faultless session with a reset in it",
        {
            "session": said(task, "MAIL", "HELLO", "QUIT")
            + said(
                task,
                *dialogue(
                    task,
                    mail=(
                        f"MAIL FROM:<{task.recipient}>",
                        f"RCPT TO:<{task.sender}>",
                        "RSET",
                        f"MAIL FROM:<{task.sender}>",
                    ),
                ),
            )
            + said(task, "NOOP"),
            "phases": 'mine.hand_in("phases", "not yet")\n' + marked(task),
            "banner": banner("?", "?", "?") + BANNER,
        },
        FULL,
    )


# Wrong answers


def wrong(task: OwnSessionTask, other: OwnSessionTask) -> Iterator[Answer]:
    """Yield the mistakes, each with what it costs.

    Args:
        task: what is asked for.
        other: what another student is asked for.
    """
    yield from _wrong_sessions(task, other)
    yield from _wrong_beliefs(task)
    yield from _wrong_phases(task, other)
    yield from _wrong_banners(task)


def _wrong_sessions(task: OwnSessionTask, other: OwnSessionTask) -> Iterator[Answer]:
    def lost(name: str, code: str, points: int, *sentences: str) -> Answer:
        cells = {"session": code, "phases": marked(task), "banner": BANNER}
        return Answer(name, cells, FULL | {"check-session": 11 - points}, sentences)

    yield lost("no session at all", "", 11, "No session has been opened yet.")
    yield lost(
        "somebody else's session",
        said(other, *dialogue(other)),
        11,
        "The host that you called is not that of your task.",
    )
    yield lost(
        "somebody else's names on the own host",
        said(task, *dialogue(other)),
        11,
        "None of the names of your task was said in this session.",
    )
    yield lost(
        "half a session with the addresses of the header section",
        said(task, f"HELO {task.client}", f"MAIL FROM:<{task.author}>", f"RCPT TO:<{task.audience}>"),
        11 - 1 - 1,
        "You took the sender from the message's From line.",
        "The session never got past DATA.",
    )
    yield lost(
        "half a session with somebody else's names",
        said(task, f"HELO {task.client}", f"MAIL FROM:<{other.sender}>"),
        11,
        "None of the names of your task was said in this session.",
        f"got: MAIL FROM:<{other.sender}>, answered",
    )
    yield lost(
        "LF instead of CRLF in the first line, which nobody answers",
        octets(task, f"HELO {task.client}\n".encode()),
        11,
        "A line of yours does not end in CRLF.",
    )
    yield lost(
        "LF instead of CRLF in the message",
        octets(
            task,
            f"HELO {task.client}\r\n".encode(),
            f"MAIL FROM:<{task.sender}>\r\n".encode(),
            f"RCPT TO:<{task.recipient}>\r\n".encode(),
            b"DATA\r\n",
            "\n".join((*task.message, ".", "QUIT", "")).encode(),
        ),
        1 + 1 + 2 + 1 + 2,
        "A line of yours does not end in CRLF.",
        "Your lone dot stands behind a bare LF, so it is text of the message.",
        r"expected: \r\n.\r\n",
    )
    yield lost(
        "LF instead of CRLF inside the message, which ends well",
        octets(
            task,
            f"HELO {task.client}\r\n".encode(),
            f"MAIL FROM:<{task.sender}>\r\n".encode(),
            f"RCPT TO:<{task.recipient}>\r\n".encode(),
            b"DATA\r\n",
            "\n".join(task.message).encode() + b"\r\n.\r\n",
            b"QUIT\r\n",
        ),
        1 + 1,
        "A line of yours does not end in CRLF.",
        "Line 1 of your message is not that of the task sheet.",
    )
    yield lost(
        "LF instead of CRLF after every command",
        octets(task, f"HELO {task.client}\nMAIL FROM:<{task.sender}>\n".encode()),
        11 - 0,
        "A line of yours does not end in CRLF.",
    )
    yield lost(
        "DATA before RCPT",
        said(task, *dialogue(task, rcpt=(), data=("DATA", f"RCPT TO:<{task.recipient}>", "DATA"))),
        1,  # one command, one point: the rule about the order has it
        "DATA came before the host had accepted a recipient.",
        "This has cost a point above already, and costs no other one.",
    )
    yield lost(
        "DATA before RCPT, and an unknown verb",
        said(task, *dialogue(task, rcpt=(), data=("VERFY", "DATA", f"RCPT TO:<{task.recipient}>", "DATA"))),
        1 + 1,
        "DATA came before the host had accepted a recipient.",
        "1 command was refused. This costs the point",
        "got: VERFY, answered never (500)",
    )
    yield lost(
        "MAIL before HELO, and HELO after it",
        said(task, *dialogue(task, hello=(f"MAIL FROM:<{task.sender}>", f"EHLO {task.client}"))),
        1,  # the rule about HELO has it
        "You gave MAIL before you had said HELO or EHLO.",
        "This has cost a point above already, and costs no other one.",
    )
    yield lost(
        "no HELO",
        said(task, *dialogue(task, hello=())),
        11 - 1 - 1,
        "You never said HELO or EHLO.",
        "MAIL came before the host had accepted your HELO or EHLO.",
    )
    yield lost(
        "HELO with the host's own name, as in the lecture",
        said(task, *dialogue(task, hello=f"HELO {task.host}")),
        1,
        "You greeted the host with its own name.",
    )
    yield lost(
        "HELO with some other name",
        said(task, *dialogue(task, hello="HELO localhost")),
        1,
        "Your HELO does not name your machine.",
    )
    yield lost(
        "sender and recipient swapped",
        said(task, *dialogue(task, mail=f"MAIL FROM:<{task.recipient}>", rcpt=f"RCPT TO:<{task.sender}>")),
        1 + 1 + 2,
        "You named the recipient as the sender.",
        "You named the sender as the recipient.",
        "The message is in the wrong mailbox.",
        f"in that of {task.sender}",
    )
    yield lost(
        "the addresses of the header section in the envelope",
        said(task, *dialogue(task, mail=f"MAIL FROM:<{task.author}>", rcpt=f"RCPT TO:<{task.audience}>")),
        1 + 1 + 2,
        "You took the sender from the message's From line.",
        "You took the recipient from the message's To line.",
        f"in that of {task.audience}",
    )
    yield lost(
        "a second recipient",
        said(task, *dialogue(task, rcpt=(f"RCPT TO:<{task.recipient}>", f"RCPT TO:<postmaster@{task.domain}>"))),
        1,
        "Your RCPT commands name somebody else as a recipient.",
    )
    yield lost(
        "a misspelt sender",
        said(task, *dialogue(task, mail=f"MAIL FROM:<x{task.sender}>")),
        1,
        "Your MAIL command names somebody else as the sender.",
    )
    yield lost(
        "MAIL twice",
        said(task, *dialogue(task, mail=(f"MAIL FROM:<{task.sender}>", f"MAIL FROM:<{task.sender}>"))),
        1,
        "MAIL came while a transaction was under way.",
    )
    yield lost(
        "RCPT before MAIL",
        said(task, *dialogue(task, hello=(f"HELO {task.client}", f"RCPT TO:<{task.recipient}>"))),
        1,
        "RCPT came before the host had accepted a sender.",
    )
    yield lost(
        "a recipient who does not live there",
        said(task, *dialogue(task, rcpt=f"RCPT TO:<x{task.recipient}>")),
        1 + 1 + 1 + 2 + 2,
        "No RCPT command of yours was accepted.",
        "answered never (550)",
        "The first refusal of the session came here; begin with it.",
    )
    yield lost(
        "no lone dot before QUIT",
        said(task, *dialogue(task, dot=())),
        1 + 2 + 1 + 2,
        "No lone dot ended the message, and so QUIT became a line of it.",
        "Your QUIT was read as a line of the message.",
    )
    yield lost(
        "a bullet, as a slide prints the dot",
        said(task, *dialogue(task, dot="•")),
        1 + 2 + 1 + 2,
        "A bullet is not the lone dot, so the message was never ended.",
        "Your QUIT was read as a line of the message.",
    )
    yield lost(
        "the full stop of another script",
        said(task, *dialogue(task, dot="。")),
        1 + 2 + 1 + 2,
        "A character that only looks like the lone dot does not end the message.",
        "Your QUIT was read as a line of the message.",
    )
    yield lost(
        "a dot that is not alone",
        said(task, *dialogue(task, dot="..", quit=())),
        1 + 2 + 1 + 2,
        "The dot that should end the message is not alone on its line.",
        "The session is still open.",
    )
    yield lost(
        "a message that just stops",
        said(task, *dialogue(task, dot=(), quit=())) + "session.close()\n",
        1 + 2 + 1 + 2,
        "The message was never ended.",
        "The connection was closed without QUIT.",
    )
    yield lost("no QUIT", said(task, *dialogue(task, quit=())), 1, "The session is still open.")
    yield lost(
        "hung up instead of QUIT",
        said(task, *dialogue(task, quit=())) + "session.close()\n",
        1,
        "The connection was closed without QUIT.",
    )
    yield lost(
        "another message",
        said(task, *dialogue(task, message=(*task.header, "", "This is a test message"))),
        2 + 1,  # it is not in the mailbox, and it is not the message
        "A message was sent, but not the one that was asked for.",
        "lines; the last one is",
    )
    yield lost(
        "the word alone",
        said(task, *dialogue(task, message=(task.token,))),
        1,
        "Line 1 of your message is not that of the task sheet.",
        f"got: {task.token}",
    )
    yield lost(
        "the whole task sheet for a message",
        said(task, *dialogue(task, message=tuple(line or "" for line in sheet(task).split("\n")))),
        1,
        "Line 1 of your message is not that of the task sheet.",
        "got: Your own machine is called",
    )
    yield lost(
        "a message without its last line",
        said(task, *dialogue(task, message=task.message[:-1])),
        1,
        f"Line {len(task.message)} of your message is not that of the task sheet.",
        "got: no such line",
    )
    yield lost(
        "the header lines in another order",
        said(task, *dialogue(task, message=(*reversed(task.header), *task.message[3:]))),
        1,
        "Line 1 of your message is not that of the task sheet.",
        f"got: {task.header[-1]}",
    )
    yield lost(
        "a Date line in the header section",
        said(task, *dialogue(task, message=(*task.header, "Date: Fri, 6 Aug 2004 12:00:00 +0000", *task.message[3:]))),
        1,
        "Line 4 of your message is not that of the task sheet.",
        "got: Date: Fri, 6 Aug 2004",
    )
    yield lost(
        "the opposite of the body",
        said(task, *dialogue(task, message=[line.replace(" is ", " is not ") for line in task.message])),
        1,
        f"got: The word of the day is not {task.token}.",
    )
    yield lost(
        "HELLO for HELO",
        said(task, *dialogue(task, hello=f"HELLO {task.client}", message=(), dot=())),
        11 - 1 - 1,
        "You never said HELO or EHLO.",
        f"got: HELLO {task.client}, answered never (500)",
    )
    yield lost(
        "a misspelt MAIL",
        said(task, *dialogue(task, mail=f"MIAL FROM:<{task.sender}>")),
        11 - 3,
        "No MAIL command of yours was accepted.",
        f"got: MIAL FROM:<{task.sender}>, answered never (500)",
    )
    yield lost(
        "another session in the message",
        said(task, *dialogue(task, message=(*task.message, f"telnet {task.host} 25", *dialogue(task)[:2]))),
        1,
        "A second session went into your message, which was still open.",
        f"got: telnet {task.host} 25",
    )
    yield lost(
        "no empty line behind the header section",
        said(task, *dialogue(task, message=tuple(line for line in task.message if line))),
        1,
        "an empty line ends the header section",
        "Line 4 of your message is not that of the task sheet.",
    )
    yield lost(
        "no header section",
        said(task, *dialogue(task, message=("", *task.message[4:]))),
        1,
        "Line 1 of your message is not that of the task sheet.",
    )
    yield lost(
        "a verb that the lecture misspells",
        said(task, *dialogue(task, hello=(f"HELO {task.client}", f"VERFY {task.recipient}"))),
        1,
        "A command was refused, or never answered.",
        "1 command was refused.",
        "answered never (500)",
    )


def _wrong_beliefs(task: OwnSessionTask) -> Iterator[Answer]:
    """Yield sessions that end well, with commands on the way that only somebody with a wrong belief says twice."""

    def lost(belief: str, **changed: tuple[str, ...] | str) -> Answer:
        cells = {"session": said(task, *dialogue(task, **changed)), "phases": marked(task), "banner": BANNER}
        told = () if belief in NEVER_PROVEN else (beliefs()[belief].tell,)
        return Answer(f"believes {belief}", cells, FULL | {"check-session": 11 - 1}, told)

    hello, mail, rcpt = f"HELO {task.client}", f"MAIL FROM:<{task.sender}>", f"RCPT TO:<{task.recipient}>"
    yield lost("bcc-is-a-command", rcpt=(rcpt, "BCC TO:<x@y.example>", "CC TO:<x@y.example>"))
    yield lost("backspace-corrects-the-line", hello=("HELOX\x08 y", "HELOX\x7f y", hello))
    yield lost("smtp-fetches-mail", hello=(hello, "RETR 1", "a1 FETCH 1 BODY[]"))
    yield lost("mail-again-starts-anew", mail=(mail, "MAIL FROM:<x@y.example>", f"{mail} "))
    yield lost("second-ehlo-resets-nothing", mail=(mail, rcpt, hello, "DATA", mail, hello, rcpt, mail))
    yield lost("any-refusal-may-be-retried", rcpt=(*(f"RCPT TO:<x{task.recipient}>",) * 3, rcpt))
    yield lost("only-the-lone-dot-is-doubled", message=(*task.message, ".one", ".two"))
    report = "Content-Type: multipart/report; report-type=delivery-status"
    yield lost("bounce-has-a-sender", message=(report, "", *task.message, ".", mail, rcpt, "DATA", report, ""))
    yield lost("any-server-forwards", rcpt=("RCPT TO:<a@far.example>", "RCPT TO:<a@other.example>", rcpt))
    yield lost("one-refusal-ends-the-message", rcpt=(rcpt, f"RCPT TO:<x{task.recipient}>", "RSET", mail, rcpt))


def _wrong_phases(task: OwnSessionTask, other: OwnSessionTask) -> Iterator[Answer]:
    def lost(name: str, code: str, points: int, *sentences: str) -> Answer:
        cells = {"session": said(task, *dialogue(task)), "phases": code, "banner": BANNER}
        return Answer(name, cells, FULL | {"check-phases": 6 - points}, sentences)

    yield lost("no phases", "", 6, "No phases have been handed in yet.")
    yield lost(
        "phases that are a list", 'mine.hand_in("phases", ["E", "M", "T"])', 6, "What you handed in is not text."
    )
    yield lost("somebody else's phases", marked(other), 6, "Line 1 of your session is not there as it was shown.")
    yield lost(
        "phases as they were given",
        marked(task, lambda number, line: "?"),
        6,
        "lines have no mark; the first is line 1.",
    )
    yield lost(
        "a letter that is no phase",
        marked(task, lambda number, line: "C" if line.text == "C: QUIT" else ""),
        1,
        "C is none of E, M, T.",
        "C: QUIT, marked C",
    )
    yield lost(
        "the last line left out",
        marked(task).replace(f"\nT {marked_lines(task.shown)[-1].text}", ""),
        1,
        f"Line {len(marked_lines(task.shown))} of your session is not there as it was shown.",
        "no such line",
    )
    yield lost(
        "a line above all others left out, which moves them",
        marked(task).replace(f"\nE {marked_lines(task.shown)[3].text}", ""),
        1,
        "Line 4 of your session is not there as it was shown.",
    )
    yield lost(
        "a line with a slip of the pen",
        marked(task).replace("C: DATA", "C: DAT"),
        1,
        "of your session is not there as it was shown.",
        "C: DAT",
    )
    yield lost(
        "half of the lines",
        'mine.hand_in("phases", """'
        + "\n".join(f"{line.mark} {line.text}" for line in marked_lines(task.shown)[::2])
        + '""")',
        6,
        "other lines, too.",
    )
    yield lost(
        "the letters behind the lines",
        'mine.hand_in("phases", """'
        + "\n".join(f"> {line.text[3:]} {line.mark}" for line in marked_lines(task.shown))
        + '""")',
        6,
        "None of the lines that are to be marked is in it.",
    )
    yield lost("marks without lines", 'mine.hand_in("phases", "E E E M M M T T")', 6, "None of the lines")
    yield lost(
        "the reply to the message counted as termination, as in the lecture",
        marked(task, group("end", "T")),
        1,
        "You let termination begin with the end of the message. Which command does this 250 answer?",
    )
    yield lost(
        "the greeting left out of establishment",
        marked(task, lambda number, line: "M" if number == 1 else ""),
        1,
        "You let mail transfer begin before the two hosts know each other",
    )
    yield lost(
        "the reply to EHLO counted as mail transfer",
        marked(task, lambda number, line: "M" if line.text.startswith("S: 250-") else ""),
        1,
        "a reply of several lines is one reply",
    )
    yield lost(
        "the envelope counted as establishment",
        marked(task, group("envelope", "E")),
        1,
        "You count a command of the mail transaction as establishment",
    )
    yield lost(
        "the message counted as termination",
        marked(task, group("message", "T")),
        1,
        "You marked the message itself as termination.",
    )
    yield lost(
        "QUIT counted as mail transfer",
        marked(task, group("termination", "M")),
        1,
        "You count QUIT or its reply as mail transfer",
    )
    yield lost(
        "what stands in between counted as termination",
        marked(task, group("twist", "T")),
        1,
        "A line in between is marked as termination",
        "is marked T, and line",
        "one of the two is wrong.",
    )
    yield lost(
        "one line left unmarked",
        marked(task, lambda number, line: "?" if line.text == "C: QUIT" else ""),
        1,
        "is not marked.",
        "has no mark.",
    )
    yield lost(
        "what stands in between left unmarked",
        marked(task, group("twist", "?")),
        1,
        "have no mark.",
        "E, M or T in front of each line",
    )


def _wrong_banners(task: OwnSessionTask) -> Iterator[Answer]:
    def lost(name: str, code: str, points: int, *sentences: str) -> Answer:
        cells = {"session": said(task, *dialogue(task)), "phases": marked(task), "banner": code}
        return Answer(name, cells, FULL | {"check-banner": 4 - points}, sentences)

    message, farewell = "250 Message received", "221 mta13.adelphia.net SMTP server closing connection"
    yield lost("no banner", "", 4, '"banner" has not been handed in yet.')
    yield lost(
        "the first banner", banner("Connection Establishment", message, "QUIT"), 1, "The first banner is printed"
    )
    yield lost("the second banner", banner("Mail Transfer", message, "QUIT"), 1, "The second banner is printed")
    yield lost(
        "all the banners",
        banner("first, second or third", message, "QUIT"),
        1,
        "That does not name one of the three banners.",
        "expected: first, second, third or last, the letter of its phase, or the words of one banner",
    )
    yield lost(
        "a number that is no text", BANNER + 'mine.hand_in("banner", 3)', 1, 'Your answer to "banner" is not text.'
    )
    yield lost("it is printed above QUIT", banner("third", "QUIT", "QUIT"), 1, "This line comes later in the session")
    yield lost(
        "some 250 or other", banner("third", "250", "QUIT"), 1, "4 lines of the lecture's session begin like that."
    )
    yield lost(
        "it should be above the 221",
        banner("third", message, farewell),
        2,
        "a command and its reply belong to the same phase",
    )
    yield lost("it should be where it is", banner("third", message, message), 2, "It is printed there already")
    yield lost(
        "it should be behind the end",
        banner("third", message, "Connection closed"),
        2,
        "By then both hosts have said goodbye",
    )
    yield lost("it should be above DATA", banner("third", message, "DATA"), 2, "It is another line.")
    yield lost(
        "it should be above a line that is named by one letter",
        banner("third", message, "Q"),
        2,
        "No line of the lecture's session begins like that.",
        "one line, as it is printed",
    )
    yield lost("no idea, with the letter of a phase in it", banner("I don't know", message, "QUIT"), 1, "does not name")
    yield lost("the letter of another phase", banner("E", message, "QUIT"), 1, "The first banner is printed")
    yield lost(
        "it should be above a line that is not there",
        banner("third", message, "RSET"),
        2,
        "No line of the lecture's session begins like that.",
    )
