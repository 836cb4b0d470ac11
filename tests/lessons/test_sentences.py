"""Every sentence of a lesson is said somewhere, as a student reads it."""

from typing import Any

import pytest

from smtplab import Lab, Session
from smtplab.lessons import sentences
from smtplab.lessons.cells import LessonError, cells_of
from smtplab.lessons.evidence import StepEvidence, Verdict
from smtplab.lessons.goals import Goal
from smtplab.lessons.lesson import Lesson
from smtplab.lessons.typed_slips import raw_forgotten
from support.lesson_sentences import says
from support.student import StudentNotebook
from support.templates import names_of
from support.tutorials import Written, tutorial

ALICE, BOB = "alice@lab.example", "bob@lab.example"
SEND = f"HELO a\nMAIL FROM:<a@b.example>\nRCPT TO:<{BOB}>\nDATA\nSubject: x"


def verdict(goal: dict[str, object], lines: str) -> Verdict:
    session: Session = Lab().telnet("mail.lab.example")
    since = len(session.transcript)
    if lines:
        session.send(lines)
    exchanges = [each for each in session.transcript.exchanges() if each.first >= since]
    mailbox = session.lab.mailbox  # type: ignore[attr-defined]
    return Goal.read(goal, cell="c").judge(StepEvidence(exchanges, session.transcript[since:], mailbox))


ALONE_IN_A_TEST = {"RAW_FORGOTTEN", "BAD_GOAL", "NO_LESSON", "DAMAGED_LESSON", "SWITCH_FIRST"} | {
    "BLANKS_ALONE",
    "EXPECT_ABOVE",
    "WITHOUT_PERCENT",
}
CLICKED = f"HELO a\nMAIL FROM:<{ALICE}>\nRCPT TO:<{BOB}>\nDATA\nSubject: Clicked\n."
JUDGED = [
    (
        "MAIL_ELSEWHERE",
        {"mail": f"{ALICE}: Clicked", "sender": BOB},
        CLICKED,
        f"not yet: The message 'Clicked' is in the mailbox of {BOB}; the task wants it in that of {ALICE}.",
    ),
    (
        "OTHER_SUBJECT",
        {"mail": f"{BOB}: clicked", "sender": ALICE},
        CLICKED,
        f"not yet: The newest message in the mailbox of {BOB} has the subject 'Clicked'; the task wants 'clicked'.",
    ),
    (
        "IN_QUOTATION_MARKS",
        {"said": ["250 MAIL", "250 RCPT", "250 ."], "text": ["A test"]},
        f'HELO a\nMAIL FROM:<{ALICE}>\nRCPT TO:<{BOB}>\nDATA\n"A test"\n.',
        'not yet: The message has `"A test"`, with the quotation marks; the task wants the line without them.',
    ),
    ("ANSWERED", {"said": ["250 HELO"]}, "HELO a", "ok: `HELO a` was answered with done (250)."),
    ("REFUSED_AS_WANTED", {"said": ["503 DATA"]}, "DATA", "ok: `DATA` was refused: never (503)."),
    ("LINE_SAID", {"lines": ["Subject: *"]}, SEND, "ok: The server has the line; inside a message it says nothing."),
    ("MAIL_ARRIVED", {"mail": f"{BOB}: x"}, f"{SEND}\n.", f"ok: The message 'x' is in the mailbox of {BOB}."),
    (
        "NOTHING_SENT",
        {"said": ["250 HELO"]},
        "",
        "not yet: Nothing was sent; type your line in this cell, below the task, and run it again.",
    ),
    ("NOT_SAID", {"said": ["250 HELO"]}, "NOOP", "not yet: You said `NOOP`; this step wants a different line."),
    (
        "STILL_MISSING",
        {"said": ["250 HELO", "250 MAIL", "250 RSET"]},
        "HELO a",
        "not yet: What you said is right so far; still missing: `MAIL` and `RSET`.",
    ),
    (
        "MISSING_BEFORE",
        {"said": ["250 HELO", "250 MAIL", "503 DATA"]},
        "DATA",
        "not yet: You said `DATA`; missing before it: `HELO` and `MAIL`.",
    ),
    (
        "SAY_AGAIN",
        {"said": ["250 NOOP", "250 HELO", "250 RSET"]},
        "HELO a\nRSET\nNOOP",
        "not yet: Right so far: `NOOP`; now say `HELO` and `RSET` again.",
    ),
    (
        "MESSAGE_BEFORE_IT",
        {"said": ["250 MAIL", f"250 RCPT TO:<{BOB}>", f"250 RCPT TO:<{ALICE}>", "250 ."]},
        f"{SEND}\n.",
        f"not yet: The message has ended without `RCPT` for {ALICE}.",
    ),
    (
        "COLON_IS_THERE",
        {"said": ["501 MAIL"]},
        f"HELO a\nMAIL FROM:<{ALICE}",
        f"not yet: `MAIL FROM:<{ALICE}` has its colon; the task wants the line without it, and with no other mistake.",
    ),
    (
        "TWO_MISTAKES",
        {"said": ["501 MAIL"]},
        f"HELO a\nMAIL FROM <{ALICE}",
        f"not yet: `MAIL FROM <{ALICE}` has two mistakes: the colon is missing, and so is `>`; make only the one of "
        "the task.",
    ),
    (
        "ARGUMENT_MISSING REPLY_IS_RIGHT",
        {"said": ["500 SMOL FROM:<a@b.example>"]},
        "SMOL",
        "not yet: You said `SMOL`, and the reply 500 is the right one; its argument is missing.",
    ),
    (
        "ONE_AT_A_TIME",
        {"said": ["250 VRFY alice", "250 VRFY bob"]},
        "VRFY alice bob",
        "not yet: `VRFY alice bob` names several; say `VRFY` once for each, in a line of its own.",
    ),
    (
        "USER_NOT_LIST",
        {"said": ["250 EXPN staff"]},
        "VRFY staff",
        "not yet: `VRFY` asks for a user; for lists it is `EXPN`.",
    ),
    (
        "LIST_NOT_USER",
        {"said": ["250 VRFY alice"]},
        "EXPN alice",
        "not yet: `EXPN` asks for a list; for a user it is `VRFY`.",
    ),
    (
        "GO_ON_WITH",
        {"said": [f"250 RCPT TO:<{BOB}>"]},
        f"HELO a\nMAIL FROM:<{ALICE}>\nMAIL FROM:<{ALICE}>",
        f"not yet: `MAIL FROM:<{ALICE}>` was refused: never (503), because a transaction is open; go on with `RCPT`.",
    ),
    (
        "LINE_OF_A_MESSAGE",
        {"said": ["250 ."]},
        f"HELO a\nMAIL FROM:<{ALICE}>\nRCPT TO:<{BOB}>\nSubject: x",
        "not yet: `Subject: x` was refused: never (500), because it is a line of the message; say `DATA` first.",
    ),
    (
        "PYTHON_IN_SMTP",
        {"said": ["250 NOOP"]},
        "session.send('NOOP')",
        "not yet: This is an SMTP cell, and `session.send('NOOP')` is Python; write the line alone, without "
        "`session.send`.",
    ),
    (
        "NAME_IN_MARKS",
        {"said": ["250 HELO laptop.example"]},
        'HELO "laptop.example"',
        'not yet: `HELO "laptop.example"` has quotation marks; write the name of your machine without them.',
    ),
    (
        "DIRECTIVE_IN_LINE",
        {"said": ["250 HELO"]},
        "HELO a b %expect 250",
        "not yet: `HELO a b %expect 250` holds a directive; `%expect 250` stands in a line of its own.",
    ),
    (
        "EHLO_FOR_HELO",
        {"said": ["250 HELO"]},
        "EHLO a",
        "not yet: You said `EHLO a`, which a server answers like HELO; this step wants HELO itself.",
    ),
    (
        "REFUSED_FOR_ORDER",
        {"said": ["250 HELO", "250 MAIL"]},
        "MAIL FROM:<a@b.example>",
        "not yet: `MAIL FROM:<a@b.example>` was refused: never (503), because `HELO` must come before it.",
    ),
    (
        "TRANSACTION_OPEN",
        {"said": ["501 MAIL"]},
        f"HELO a\nMAIL FROM:<a@b.example>\nMAIL FROM<a@b.example>\nRCPT TO:<{BOB}>\nDATA",
        "not yet: `MAIL FROM<a@b.example>` was refused: never (503), because a transaction is open.",
    ),
    (
        "TRANSACTION_OPEN RSET_FIRST",
        {"said": ["501 MAIL"]},
        "HELO a\nMAIL FROM:<a@b.example>\nMAIL FROM<a@b.example>",
        "not yet: `MAIL FROM<a@b.example>` was refused: never (503), because a transaction is open; say RSET, "
        "which forgets sender and recipients, and then your line again.",
    ),
    (
        "OTHER_CODE RSET_BEFORE_AGAIN",
        {"said": ["501 MAIL"]},
        "HELO a\nMAIL FROM:<a@b.example>",
        "not yet: `MAIL FROM:<a@b.example>` was answered with done (250), and never (501) is wanted; a transaction is "
        "open now, so say RSET before you try again.",
    ),
    (
        "NO_ARGUMENT",
        {"said": ["503 DATA"]},
        "DATA now",
        "not yet: You said `DATA now`; `DATA` takes no argument, so say it alone.",
    ),
    (
        "OTHER_VERB",
        {"said": ["503 DATA"]},
        "HELO a\nRCPT TO:<a@b.example>",
        "not yet: `RCPT TO:<a@b.example>` was refused: never (503), the right code; the task wants it from `DATA`.",
    ),
    (
        "EXTRA_RECIPIENT",
        {"said": [f"250 RCPT TO:<{BOB}>"]},
        f"HELO a\nMAIL FROM:<a@b.example>\nRCPT TO:<alice@lab.example>\nRCPT TO:<{BOB}>",
        "not yet: The message also has the recipient `<alice@lab.example>`, which the task does not name.",
    ),
    (
        "RECIPIENT_MISSING",
        {"said": [f"250 RCPT TO:<{BOB}>"]},
        f"HELO a\nMAIL FROM:<a@b.example>\nRCPT TO:<{BOB}>\nRSET",
        f"not yet: The recipient `<{BOB}>` is missing in the last message.",
    ),
    (
        "OTHER_SENDER_NOW",
        {"said": ["250 MAIL FROM:<a@b.example>"]},
        "HELO a\nMAIL FROM:<a@b.example>\nRSET\nMAIL FROM:<c@b.example>",
        "not yet: The sender of the message is `<c@b.example>`; compare it with the names in the task.",
    ),
    (
        "COMMAND_IN_MESSAGE",
        {"said": ["250 ."], "text": ["Subject: x"]},
        f"{SEND}\nRSET",
        "not yet: `RSET` is a line of the message now, because inside a message the server reads no commands.",
    ),
    (
        "LINE_TOO_MUCH",
        {"said": ["250 ."], "text": ["Subject: x"]},
        f"{SEND}\nGoodbye",
        "not yet: The message has the line `Goodbye`, which the task does not want.",
    ),
    (
        "LINES_TOO_MANY",
        {"said": ["250 ."], "text": ["Subject: x"]},
        f"{SEND}\nQUIT\nend",
        "not yet: The message has lines that the task does not want: `QUIT`, `end`.",
    ),
    (
        "ENDED_WITH_A_LINE",
        {"said": ["250 ."], "text": ["Subject: x"]},
        f"{SEND}\nend\n.",
        "not yet: The message has ended, but it holds a line that the task does not want: `end`.",
    ),
    (
        "ENDED_WITH_LINES",
        {"said": ["250 ."], "text": ["Subject: x"]},
        f"{SEND}\nQUIT\nend\n.",
        "not yet: The message has ended, but it holds lines that the task does not want: `QUIT`, `end`.",
    ),
    (
        "BLIND_COPY",
        {"said": ["250 ."], "text": ["Subject: x"]},
        f"{SEND}\nBcc: {ALICE}\n.",
        f"not yet: `Bcc: {ALICE}` is a line of the message, so everybody who gets it can read it; name this recipient "
        "with `RCPT`, and in no line of the message.",
    ),
    (
        "DOT_AT_ITS_END",
        {"said": ["250 ."], "text": ["Subject: x"]},
        f"{SEND}.",
        "not yet: The message has `Subject: x.`, with a dot too many at its end; only a line that holds nothing but a "
        "dot ends a message.",
    ),
    (
        "NO_DOT_AT_ITS_END",
        {"said": ["250 ."], "text": ["Subject: x."]},
        f"{SEND}",
        "not yet: The message has `Subject: x`; in the task this line has a dot at its end.",
    ),
    (
        "BLANK_BEFORE_IT",
        {"said": ["250 ."], "text": ["Subject: x", "Bye, Bob"]},
        f"{SEND}\n Bye, Bob",
        "not yet: The message has ` Bye, Bob`, with a space in front, which the task does not have.",
    ),
    (
        "TWICE_IN_MESSAGE",
        {"said": ["250 ."], "text": ["Subject: x"]},
        f"{SEND}\nSubject: x\n.",
        "ok: The message was answered with done (250).\n"
        "`Subject: x` stands in the message more than once: a cell that runs twice sends its line twice; it does no "
        "harm here.",
    ),
    (
        "SEVERAL_TWICE_IN_MESSAGE",
        {"said": ["250 ."], "text": ["Subject: x", "To: a"]},
        f"{SEND}\nTo: a\nSubject: x\nto: a\n.",
        "ok: The message was answered with done (250).\n"
        "`Subject: x` and `To: a` stand in the message more than once: a cell that runs twice sends its lines twice; "
        "they do no harm here.",
    ),
    (
        "OTHER_CAPITALS",
        {"said": ["250 ."], "text": ["Subject: X"]},
        f"{SEND}\n.",
        "not yet: The message has `Subject: x`; the task has `Subject: X`, with other capital letters.",
    ),
    (
        "BEHIND_EMPTY_LINE",
        {"said": ["250 ."], "text": ["Subject: x", "To: Bob"]},
        f"{SEND}\n\nTo: Bob\n.",
        "not yet: `To: Bob` stands behind an empty line, so it is text and not a field of the header.",
    ),
    (
        "TEXT_IN_OTHER_ORDER",
        {"said": ["250 ."], "text": ["Subject: x", "", "one", "two"]},
        f"{SEND}\n\ntwo\none\n.",
        "not yet: The lines of the text stand in another order than in the task.",
    ),
    (
        "ALSO_REFUSED",
        {"said": ["250 HELO"]},
        "HELO a\nDATA",
        "ok: `HELO a` was answered with done (250).\n"
        "`DATA`, which you also said, was refused: never (503); you can go on.",
    ),
    (
        "ALSO_REFUSED_IN_TRANSACTION",
        {"said": ["250 MAIL", "250 RCPT", "354 DATA"]},
        f"HELO a\nMAIL FROM:<{ALICE}>\nMAIL FROM:<{BOB}>\nRCPT TO:<{BOB}>\nDATA",
        "ok: `DATA` was answered with go on (354).\n"
        f"`MAIL FROM:<{BOB}>`, which you also said, was refused: never (503), because a sender was given already, "
        f"`<{ALICE}>`, and that one stayed; you can go on.",
    ),
    (
        "MAIL_BELOW_ANOTHER",
        {"mail": f"{BOB}: x"},
        f"{SEND}\n.\nMAIL FROM:<>\nRCPT TO:<{BOB}>\nDATA\nSubject: quite another\n.",
        f"not yet: The message 'x' is in the mailbox of {BOB}, below a newer one.",
    ),
    (
        "MAIL_OF_ANOTHER",
        {"mail": f"{BOB}: x", "sender": BOB},
        f"{SEND}\n.",
        f"not yet: The message 'x' is in the mailbox of {BOB}, but its sender is not {BOB}.",
    ),
    (
        "NO_EMPTY_LINE_YET",
        {"said": ["250 ."], "text": ["Subject: x", ""]},
        SEND,
        "not yet: The message has no empty line yet, which ends its header; send it, before the lines of the text.",
    ),
    (
        "TOO_LATE",
        {"said": ["250 ."], "text": ["Subject: x", "To: y", "", "Hi"]},
        f"{SEND}\nHi",
        "not yet: The message has its text `Hi` already, and `To: y` and the empty line after the header had to come "
        "before it.",
    ),
    (
        "DOT_TAKEN",
        {"lines": ["..hidden"]},
        f"{SEND}\n. .hidden",
        "not yet: The server takes the first dot of `. .hidden` away, so ` .hidden` will stand in the mailbox; the "
        "task wants `.hidden`.",
    ),
    (
        "NO_DOT_TO_TAKE",
        {"lines": ["..hidden"]},
        f"{SEND}\n .hidden",
        "not yet: ` .hidden` does not begin with a dot, so it will stand in the mailbox as it is; the task wants "
        "`.hidden`.",
    ),
    (
        "DOT_OUTSIDE",
        {"said": ["221 QUIT"]},
        "HELO a\n.",
        "not yet: `.` was refused: never (500); a dot ends a message, and you are in none. This step wants a command.",
    ),
    (
        "SEVERAL_NOT_IN_MESSAGE_YET",
        {"said": ["250 ."], "text": ["Subject: x", "To: y", "", "Hi"]},
        SEND,
        "not yet: The message does not have `To: y`, the empty line after the header and `Hi` yet; send them in this "
        "order, before its end.",
    ),
    (
        "ENDED_TOO_SOON",
        {"said": [f"250 RCPT TO:<{BOB}>", "354 DATA"]},
        f"{SEND}\n.",
        "not yet: The message has ended, and this step only leads up to it.",
    ),
    (
        "MESSAGE_LACKS_SEVERAL",
        {"said": ["250 ."], "text": ["Subject: x", "", "Hi"]},
        f"{SEND}\n.",
        "not yet: The message has ended, and the empty line after the header and `Hi` are not in it.",
    ),
    (
        "NOT_IN_MESSAGE_YET",
        {"lines": ["Subject: x", "Bye, Alice"], "said": ["250 ."]},
        SEND,
        "not yet: The message has no line `Bye, Alice` yet; send it, before you end the message.",
    ),
    (
        "REFUSED MEANT",
        {"said": ["250 HELO"]},
        "NOPE",
        "not yet: `NOPE` was refused: never (500). Command not recognized: 'NOPE' is not a command of SMTP; did "
        "you mean `NOOP`?",
    ),
    (
        "REFUSED LECTURE_HAS",
        {"said": ["250 VRFY"]},
        "VERFY alice",
        "not yet: `VERFY alice` was refused: never (500). Command not recognized: 'VERFY' is not a command of SMTP; "
        "the lecture's page has VERFY, and the verb is `VRFY`.",
    ),
    (
        "OTHER_CODE",
        {"said": ["503 NOOP"]},
        "NOOP",
        "not yet: `NOOP` was answered with done (250), and never (503) is wanted.",
    ),
    (
        "NO_END SEND_THE_DOT",
        {"said": ["250 ."]},
        SEND,
        "not yet: `Subject: x` is a line of the message now, which goes on; send only what is missing, a line with a "
        "dot alone, in this cell or in a new one.",
    ),
    (
        "CRLF_IN_MESSAGE",
        {"said": ["250 ."]},
        f"{SEND}\n<CRLF>.<CRLF>",
        "not yet: `<CRLF>.<CRLF>` is a line of the message now; `<CRLF>` means the Enter key. Type the dot alone.",
    ),
    (
        "BULLET_IN_MESSAGE",
        {"said": ["250 ."]},
        f"{SEND}\n•",
        "not yet: `•` is a bullet, and so a line of the message; send only a dot, alone in its line.",
    ),
    (
        "FOREIGN_DOT_IN_MESSAGE",
        {"said": ["250 ."]},
        f"{SEND}\n。",
        "not yet: `。` is another character than the dot, and so a line of the message; send only a dot, alone in its "
        "line.",
    ),
    (
        "DOT_IN_MESSAGE",
        {"said": ["250 ."]},
        f"{SEND}\n .",
        "not yet: ` .` is a line of the message, because more than the dot stands in it. Your lines are in the message "
        "already; send only the dot.",
    ),
    (
        "OTHER_ARGUMENT",
        {"said": ["250 HELO b"]},
        "HELO a",
        "not yet: You said `HELO a`; compare its argument with the task.",
    ),
    (
        "OTHER_LINE",
        {"lines": ["To: *"]},
        SEND,
        "not yet: None of your lines is the one that the task wants.",
    ),
    (
        "NEAR_LINE",
        {"lines": ["Subject: y"]},
        SEND,
        "not yet: The message has `Subject: x`; the task has `Subject: y`.",
    ),
    (
        "MESSAGE_LACKS",
        {"said": ["250 ."], "text": ["Subject: x", "To: Bob"]},
        f"{SEND}\n.",
        "not yet: The message has ended, and the line `To: Bob` is not in it.",
    ),
    (
        "MESSAGE_WITHOUT",
        {"lines": ["Bye, Alice"], "said": ["250 ."]},
        f"{SEND}\n.",
        "not yet: The message has ended, and a line that the task wants is not in it.",
    ),
    (
        "NO_MAIL",
        {"mail": f"{BOB}: y"},
        f"{SEND}\n.",
        f"not yet: The mailbox of {BOB} has no message with the subject 'y'.",
    ),
]

# Whole lessons: the cells of a tutorial, those that a student runs, and what is told at the last of them.

Task = tuple[str, dict[str, Any]]
HINT = "%hint"


def task(phrase: str, answer: str, hint: str = "", **goal: object) -> Task:
    """Return an open cell with its task, its answer, its goal and its hint."""
    return f"# Now you: {phrase}.\n{answer}", {"goal": goal, "hint": hint}


def below(cell: Task, text: str = "") -> str:
    """Return an open cell with what a student writes below its task."""
    return f"{cell[0].splitlines()[0]}\n{text}"


HOST = "mail.lab.example"
OPEN = 'session = lab.telnet("mail.lab.example")'
HELO = task("say who you are", "session.send('HELO a')", "The verb is short for hello.", said=["250 HELO a"])
CHECKED = (
    "# Now you: say HELO, and check.\nsession.send('HELO a')\nassert session",
    {"goal": {"said": ["250 HELO"]}, "hint": "a.", "written": ["assert session"]},
)
MAIL = f'session.predict("MAIL FROM:<{ALICE}>").answer("done")'
RCPT = task("name Bob", f"session.send('RCPT TO:<{BOB}>')", said=[f"250 RCPT TO:<{BOB}>"])
LOOK = "session.state"
BEGIN = f'session.send("HELO a\\nMAIL FROM:<>\\nRCPT TO:<{BOB}>\\nDATA")'
BODY = task("send the body", 'session.send("A test\\n.")', lines=["A test"], said=["250 ."])
DOT = task("end the message", "session.send('.')", said=["250 ."])
GOODBYE = task("say goodbye", "session.send('QUIT')", said=["221 QUIT"])
GUESS = task("how many minutes", "number = 10", guess={"name": "number", "right": 10, "from": [10, 20]})
MINE = task(
    "say it in mine",
    'mine = lab.telnet("mail.lab.example", 25)\nmine.send("HELO a\\nQUIT")',
    said=["250 HELO", "221 QUIT"],
    session="mine",
    host=HOST,
)
WAIT = task("let time pass", "lab.run()", mail=f"{BOB}: x")
IDLE = task("let time pass", "lab.run()", mail=f"{BOB}: x", idle=True)
FIRST = [OPEN, HELO, MAIL, RCPT, LOOK]
MESSAGE = [OPEN, BEGIN, BODY, GOODBYE, LOOK]
NO_QUEUES = "import smtplab\nlab = smtplab.Lab()"
READY = [OPEN, HELO[0]]
ASKED = [*READY, MAIL]
NAMED = [*ASKED, RCPT[0]]
SENT = f'{BEGIN}\nsession.send("Subject: x\\n.")'
FAR = SENT.replace(BOB, "forouzanb@adelphia.net")
TRY = below(BODY, "session.send('A tst\\n.')")
CAROL = below(RCPT, 'session.send("RCPT TO:<carol@lab.example>")')
ALONE = [OPEN, MINE, HELO]
TURNS = f'lab.host("{HOST}").handler.turns = True'
SERVE = task("be the server", "session.send('TURN\\n220 a\\n250 a\\n221 a')", said=["250 TURN", "250 HELO", "221 QUIT"])
SWAPPED = [TURNS, OPEN, HELO, SERVE]
TWO_LINES = task(
    "name both",
    f"session.send('MAIL FROM:<{ALICE}>\\nRCPT TO:<{BOB}>')",
    said=[f"250 MAIL FROM:<{ALICE}>", f"250 RCPT TO:<{BOB}>"],
)
NOOP = 'session.predict("NOOP").answer("done")'
NEEDED = [OPEN, BEGIN, NOOP, task("end it", "session.send('.')", said=["250 ."], text=["Subject: x"])]
REFUSED = task("be refused", "session.send('DATA')", said=["503 DATA"])
HALF = [
    OPEN,
    "try:\n    session.send_bytes(b'NOOP\\n')\nexcept Exception:\n    pass\n0",
    task("end it", "session.send('')", lines=["NOOP\\x0a"], slips={"NOOP\\x0a?*": "begin it again"}),
]
NEAR = task(
    "how many",
    "number = 10",
    guess={"name": "number", "right": 10, "from": [10, 20], "slips": {"9": "9 minutes, and then?"}},
)
NEARLY = ["lab.zone", NEAR, "1 + 1"]
WORD = task("how long", "word = 'longer'", guess={"name": "word", "right": "longer", "from": ["3 days", "longer"]})
SPOKEN = ["lab.zone", WORD, "1 + 1"]
BEGAN = f'session.send("HELO a\\nMAIL FROM:<{ALICE}>")'
RESET = task("correct it", f'session.send("RSET\\nMAIL FROM:<{BOB}>")', said=[f"250 MAIL FROM:<{BOB}>"])
GIVEN = 'session.send("Subject: x")'
GUESSING = ["lab.zone", GUESS, "1 + 1"]
# A function that the student writes
WRITE = "# Now you: write ended."
ENDED = "def ended(line):\n    if not line:\n        raise ValueError\n    return line + b'\\r\\n'"
TRIES = [
    {
        "call": "ended(b'a')",
        "gives": "b'a\\r\\n'",
        "because": "a line ends in CRLF",
        "slips": {"b'a\\n'": "LF alone does not end a line"},
    },
    {"call": "ended(b'')", "raises": "ValueError"},
]
LISTENING = {"with": {"sock": "says(b'a')"}, "call": "ended(sock)", "gives": "b'a'"}
LISTENS: list[Written] = [
    (f"{WRITE}\n{ENDED}", {"goal": {"function": {"name": "ended", "tries": [LISTENING]}}, "hint": "One octet."}),
]
ENDED_IS_ONE = {"name": "ended", "tries": [{"call": "ended", "gives": "1"}]}
FUNCTION: list[Written] = [
    (f"{WRITE}\n{ENDED}", {"goal": {"function": {"name": "ended", "tries": TRIES}}, "hint": "Two octets."}),
    "line = ended(b'a')",
]

BEGUN: list[Written] = [
    (
        f"{WRITE}\n{ENDED}",
        {"goal": {"function": {"name": "ended", "tries": TRIES}}, "begun": "def ended(line):\n    return line + ..."},
    ),
    "line = ended(b'a')",
]

CODES: list[Written] = [
    (
        f"{WRITE}\ndef ended(line):\n    return b'250 ok\\r\\n'",
        {
            "goal": {
                "function": {"name": "ended", "tries": [{"call": "(codes(ended(b'a')), 1)", "gives": "([250], 1)"}]}
            },
            "hint": "One code.",
        },
    ),
]

STORIES = [
    (
        "GAVE_NO_OCTETS THE_CODE",
        CODES,
        [f"{WRITE}\ndef ended(line):\n    return []"],
        "not yet: `(codes(ended(b'a')), 1)` must return octets; it returned a list; it must give the code 250, "
        "and `1`.\n`%hint` helps.",
    ),
    (
        "THE_CODES",
        CODES,
        [f"{WRITE}\ndef ended(line):\n    return b'250 ok\\r\\n250 ok\\r\\n'"],
        "not yet: `(codes(ended(b'a')), 1)` gives the codes 250, 250, and `1`; it must give the code 250, and `1`.\n"
        "`%hint` helps.",
    ),
    (
        "NO_REPLY",
        CODES,
        [f"{WRITE}\ndef ended(line):\n    return b''"],
        "not yet: `(codes(ended(b'a')), 1)` gives no reply, and `1`; it must give the code 250, and `1`.\n"
        "`%hint` helps.",
    ),
    (
        "NO_FUNCTION",
        FUNCTION,
        [WRITE],
        "not yet: There is no `ended` yet; write it below the task.\n`%hint` helps.",
    ),
    (
        "STILL_DOTS ON_A_LINE",
        FUNCTION,
        [f"{WRITE}\ndef ended(line):\n    ..."],
        "not yet: Three dots still stand on a line of their own; write your code in their place.\n`%hint` helps.",
    ),
    (
        "STILL_DOTS IN_THE_LINE",
        BEGUN,
        [f"{WRITE}\ndef ended(line):\n    return line + ..."],
        "not yet: Three dots still stand in `return line + ...`; write your code in their place.\n`%hint` helps.",
    ),
    (
        "WRONG_CALL GAVE MUST_GIVE",
        FUNCTION,
        [f"{WRITE}\ndef ended(line):\n    return line"],
        "not yet: `ended(b'a')` gives `b'a'`; it must give `b'a\\r\\n'`, because a line ends in CRLF.\n`%hint` helps.",
    ),
    (
        "SLIP_OF_A_CALL",
        FUNCTION,
        [f"{WRITE}\ndef ended(line):\n    return line + b'\\n'"],
        "not yet: `ended(b'a')` gives `b'a\\n'`: LF alone does not end a line.\n`%hint` helps.",
    ),
    (
        "MUST_RAISE CALLS_RIGHT",
        FUNCTION,
        [f"{WRITE}\ndef ended(line):\n    return b'%b\\r\\n' % line if line else 0"],
        "not yet: `ended(b'')` gives `0`; it must raise `ValueError`. 1 call before it was right.\n`%hint` helps.",
    ),
    (
        "ENDED_IN IN_YOUR_LINE",
        FUNCTION,
        [f"{WRITE}\ndef ended(line):\n    return end"],
        "not yet: `ended(b'a')` ends in `NameError: name 'end' is not defined`, in your `line 3: return end`; it must "
        "give `b'a\\r\\n'`, because a line ends in CRLF.\n`%hint` helps.",
    ),
    (
        "NEVER_ENDED",
        FUNCTION,
        [f"{WRITE}\ndef ended(line):\n    while True: line"],
        "not yet: `ended(b'a')` does not come to an end, in your `line 3: while True: line`; it must give "
        "`b'a\\r\\n'`, because a line ends in CRLF.\n`%hint` helps.",
    ),
    (
        "WAITS_FOR_EVER",
        LISTENS,
        [f"{WRITE}\ndef ended(sock):\n    return sock.recv(1), sock.recv(1)"],
        "not yet: `ended(sock)` waits for octets that never come, in your `line 3: return sock.recv(1), sock.recv(1)`; "
        "it must give `b'a'`.\n`%hint` helps.",
    ),
    (
        "ALL_CALLS_RIGHT",
        FUNCTION,
        [f"{WRITE}\n{ENDED}"],
        "ok: `ended` is right in all 2 calls that were tried.",
    ),
    (
        "VALUE_RIGHT",
        [
            (
                f"{WRITE}\nended = 1",
                {"goal": {"function": {"name": "ended", "tries": [{"call": "ended", "gives": "1"}]}}},
            )
        ],
        [f"{WRITE}\nended = 1"],
        "ok: `ended` is right.",
    ),
    (
        "STANDS_IN",
        FUNCTION,
        [f"{WRITE}\ndef ended(line):\n    ...", "line = ended(b'a')"],
        "The cell “write ended” is not answered yet, so the `ended` of the lesson stands in for yours.",
    ),
    (
        "STANDS_IN_FOR_YOURS",
        FUNCTION,
        [f"{WRITE}\nended = 1", "line = ended(b'a')"],
        "Your `ended` is not right yet, so the one of the lesson stands in for it. Run your cell again to have yours "
        "back.",
    ),
    (
        "DONE_FOR_YOU",
        FIRST,
        [OPEN, MAIL],
        "The cell “say who you are” is not answered yet, so its step was done for you:",
    ),
    (
        "SENT_UNPREDICTED",
        FIRST,
        [*READY, RCPT[0]],
        'The prediction of "MAIL FROM:<alice@lab.example>" is not made yet, so the line was sent without '
        "it:\n"
        "ok: `RCPT TO:<bob@lab.example>` was answered with done (250).",
    ),
    (
        "TRIES_TAKEN_BACK",
        FIRST,
        [OPEN, 'session.send("HELO b")', MAIL],
        "The cell “say who you are” is not answered yet, so its step was done for you, after what you "
        "had sent for it was taken back:",
    ),
    (
        "HINT_HELPS",
        FIRST,
        [OPEN, below(HELO)],
        "not yet: Nothing was sent; type your line in this cell, below the task, and run it again.\n`%hint` helps.",
    ),
    (
        "HINT",
        FIRST,
        [OPEN, below(HELO), below(HELO)],
        "not yet: Nothing was sent; type your line in this cell, below the task, and run it again.\n"
        "Hint: The verb is short for hello.",
    ),
    ("HINT_FOR", FIRST, [OPEN, HINT], "Hint for “say who you are”: The verb is short for hello."),
    ("ANSWER", FIRST, [OPEN, HINT, HINT], "One answer to “say who you are”:\nsession.send('HELO a')"),
    (
        "NOTHING_TO_HINT",
        FIRST,
        [*NAMED, HINT],
        "There is no open task; run a cell that begins with “Now you”, and ask again.",
    ),
    (
        "PREDICT_FIRST",
        FIRST,
        [*READY, MAIL.removesuffix('.answer("done")'), HINT],
        "The line of your last cell waits for a prediction. Choose what you expect; a wrong prediction breaks nothing.",
    ),
    (
        "AFTER_THE_UNDO",
        MESSAGE,
        [OPEN, BEGIN, below(BODY, "session.send('A tst')"), HINT],
        "First take back what you sent for this step, once and in an empty cell:\n"
        "session.undo(1)\n"
        "Then one answer to “send the body”:\n"
        'session.send("A test\\n.")',
    ),
    (
        "COULD_NOT_BE_DONE DO_IT_YOURSELF NEEDS_STEP",
        ["lab.zone", HELO, LOOK],
        [LOOK],
        "The cell “say who you are” is not answered yet, and its step failed: name 'session' is not "
        "defined. Do this step in its cell, then run this cell again.\n"
        "not yet: This cell needs the step of the cell “say who you are”, which is not done; do that "
        "step in its cell, then run this cell again.",
    ),
    (
        "MORE_FAILED",
        ["lab.zone", HELO, MAIL, RCPT, LOOK],
        [LOOK],
        "The cell “say who you are” is not answered yet, and its step failed: name 'session' is not "
        "defined. So did 2 steps below it. Do this step in its cell, then run this cell again.\n"
        "not yet: This cell needs the step of the cell “name Bob”, which is not done; do that step in "
        "its cell, then run this cell again.",
    ),
    (
        "OPEN_AGAIN",
        FIRST,
        [OPEN, 'session.send("QUIT")', HELO[0]],
        "The session had ended with QUIT; that was taken back, and it is open again.\n"
        "ok: `HELO a` was answered with done (250).",
    ),
    (
        "OPENED_ANEW TRIES_LEFT",
        MESSAGE,
        [OPEN, BEGIN, TRY, "lab.run(seconds=1)\nsession.close()", BODY[0]],
        "The session had ended, so a new one was opened in its place; a message that you sent before "
        "stays with the host until you run the notebook from its first cell:\n"
        "ok: The message was answered with done (250).\n"
        "The host has an earlier message of this step, too; the cells below show only the last one, so "
        "you need not do anything.",
    ),
    (
        "OPENED_FIRST",
        FIRST,
        [OPEN, SENT + "\nlab.run(seconds=1)", LOOK],
        'The prediction of "MAIL FROM:<alice@lab.example>" is not made yet, so the line was sent without '
        "it, in a new session; a message that you sent before stays with the host until you run the "
        "notebook from its first cell:\n"
        "The cell “name Bob” is not answered yet, so its step was done for you:",
    ),
    (
        "NOT_OPENED_AGAIN",
        FIRST,
        [OPEN, f'lab.host("{HOST}").stop()', LOOK],
        "The session has ended, and no new one could be opened: mail.lab.example does not answer; the host is down.",
    ),
    (
        "SAID_AGAIN",
        FIRST,
        [*ASKED, CAROL, "session.undo(2)", RCPT[0]],
        "The session had lost some of what was said in it, so it was said again:\n"
        "ok: `RCPT TO:<bob@lab.example>` was answered with done (250).",
    ),
    (
        "SAID_IN_NEW_ONE",
        FIRST,
        [NO_QUEUES, *ASKED, f"{OPEN}\nsession.send('RSET')", RCPT[0]],
        "You have opened a new session. This cell goes on from where the one before stood, so the lesson has said its "
        "lines again:\n"
        "ok: `RCPT TO:<bob@lab.example>` was answered with done (250).",
    ),
    (
        "RUN_FOR_YOU",
        [OPEN, 'session.send("NOOP")', HELO],
        [OPEN, HELO[0]],
        'The cell with `session.send("NOOP")` was not run, so it was run for you:\n'
        "ok: `HELO a` was answered with done (250).",
    ),
    (
        "SEVERAL_RUN_FOR_YOU",
        [OPEN, 'session.send("NOOP")', 'session.send("HELP")', HELO],
        [OPEN, HELO[0]],
        'The cells with `session.send("NOOP")`, `session.send("HELP")` were not run, so they were run '
        "for you:\n"
        "ok: `HELO a` was answered with done (250).",
    ),
    (
        "COULD_NOT_BE_RUN",
        [OPEN, 'lab.up("a.example")', HELO],
        [OPEN, HELO[0]],
        "The cell with `lab.up(\"a.example\")` was not run, and it failed: there is no host 'a.example' "
        "here, only mail.adelphia.net, mta13.adelphia.net, mail.lab.example, mail.campus.example. Do "
        "this step in its cell, then run this cell again.\n"
        "ok: `HELO a` was answered with done (250).",
    ),
    (
        "DONE_BEFORE",
        FIRST,
        [OPEN, MAIL, below(HELO)],
        "not yet: This step was done for you when you ran a later cell; to do it yourself, run the "
        "notebook from its first cell.",
    ),
    (
        "NOT_PREDICTED",
        GUESSING,
        ["lab.zone", "1 + 1"],
        "The cell “how many minutes” is not answered yet; you go on without a prediction.",
    ),
    (
        "NO_GUESS",
        GUESSING,
        ["lab.zone", below(GUESS)],
        "not yet: There is no prediction yet; write `number = ` and behind it `10` or `20`.\n`%hint` helps.",
    ),
    (
        "OTHER_GUESS",
        GUESSING,
        ["lab.zone", below(GUESS, "number = 15")],
        "not yet: 15 is not one of the choices; write `10` or `20`.\n`%hint` helps.",
    ),
    (
        "NEAR_GUESS",
        NEARLY,
        ["lab.zone", below(NEAR, "number = 9")],
        "not yet: 9 minutes, and then? Write `10` or `20`.\n`%hint` helps.",
    ),
    (
        "GUESS_IN_QUOTES",
        SPOKEN,
        ["lab.zone", below(WORD, "word = longer")],
        'not yet: Text needs quotes; write `word = ` and behind it `"3 days"` or `"longer"`, with the quotes.\n'
        "`%hint` helps.",
    ),
    (
        "GUESS_NOTED",
        GUESSING,
        ["lab.zone", GUESS[0]],
        "noted: Your prediction is “10”; the next cell shows what happens.",
    ),
    ("GUESS_WAS_RIGHT", GUESSING, ["lab.zone", GUESS[0], "1 + 1"], "You predicted “10”: right."),
    (
        "GUESS_WAS_WRONG",
        GUESSING,
        ["lab.zone", below(GUESS, "number = 20"), "1 + 1"],
        "You predicted “20”; it was “10”.",
    ),
    (
        "DONE_BUT_FAILED",
        FIRST,
        [OPEN, f"{HELO[0]}\nnothing"],
        "not yet: The cell ended in an error: name 'nothing' is not defined; but what it did for this "
        "step was right, so you can go on.",
    ),
    (
        "ENDED_IN_AN_ERROR",
        FIRST,
        [OPEN, below(HELO, "1 / 0")],
        "not yet: The cell ended in an error: division by zero.\n`%hint` helps.",
    ),
    (
        "NO_SESSION",
        ALONE,
        [OPEN, below(MINE)],
        "not yet: There is no session called mine yet; open one as the task says, or run the cells above "
        "first.\n"
        "`%hint` helps.",
    ),
    (
        "OTHER_SESSION",
        ALONE,
        [OPEN, below(MINE, f"mine = lab.telnet('{HOST}')\nsession.send('HELO a')")],
        'not yet: You sent it in `session`; this step is about `mine`: `mine.send("...")`.\n`%hint` helps.',
    ),
    (
        "CLOSED_SESSION",
        ALONE,
        [OPEN, 'session.send("QUIT")', below(MINE, f"mine = lab.telnet('{HOST}')\nsession.send('HELO a')")],
        'not yet: You wrote to a session that is closed; this step is about `mine`: `mine.send("...")`.\n'
        "`%hint` helps.",
    ),
    (
        "WRONG_HOST",
        ALONE,
        [OPEN, below(MINE, "mine = lab.telnet('mail.campus.example')")],
        "not yet: `mine` is a session with mail.campus.example, and the task wants one with "
        "mail.lab.example; open it again with `mine = lab.telnet('mail.lab.example')`.\n"
        "`%hint` helps.",
    ),
    (
        "BEGIN_ANEW",
        ALONE,
        [OPEN, below(MINE, f"mine = lab.telnet('{HOST}')\nmine.send('QUIT')")],
        "not yet: You said `QUIT`; missing before it: `HELO`.\n"
        "To try again, open `mine` anew in this cell and say all its lines. `%hint` helps.",
    ),
    (
        "NOT_OPENED",
        ALONE,
        [OPEN, below(MINE, "mine.send('NOOP')")],
        'not yet: There is no `mine` yet; open it first with `mine = lab.telnet("...", 25)`.\n`%hint` helps.',
    ),
    (
        "WITH_LAB",
        ALONE,
        [OPEN, below(MINE, f"mine = telnet('{HOST}')")],
        'not yet: A session is opened with `lab.telnet("...", 25)`.\n`%hint` helps.',
    ),
    (
        "SAY_RSET",
        FIRST,
        [*ASKED, f"{CAROL}\nlab.run(seconds=1)"],
        "not yet: You said `RCPT TO:<carol@lab.example>`; compare its argument with the task.\n"
        "The server keeps the recipient `<carol@lab.example>`; say `RSET`, which forgets sender and "
        "recipients, and then all lines of the message again, from the sender on. `%hint` helps.",
    ),
    (
        "TAKE_BACK",
        MESSAGE,
        [OPEN, BEGIN, TRY],
        "not yet: The message has `A tst`; the task has `A test`.\n"
        "`session.undo(1)` takes back your last 1 `send`, all that you sent for this step; run it once, "
        "in an empty cell, and then send the lines again. `%hint` helps.",
    ),
    (
        "GO_ON",
        MESSAGE,
        [OPEN, BEGIN, TRY + "\nlab.run(seconds=1)"],
        "not yet: The message has `A tst`; the task has `A test`.\n"
        "The message is with the server now; go on, or run the notebook again from its first cell. "
        "`%hint` helps.",
    ),
    (
        "SESSION_ENDED",
        FIRST,
        [OPEN, below(HELO, "session.send('QUIT')")],
        "not yet: You said `QUIT`; this step wants a different line.\n"
        "The session ended with QUIT; run this cell again, and the lesson first opens the session again, "
        "as it stood above. `%hint` helps.",
    ),
    (
        "ENDED_BY_QUIT",
        MESSAGE,
        [OPEN, BEGIN, below(BODY, "session.send('A test\\n.\\nQUIT')")],
        "not yet: `QUIT` ended the session, which the cells below go on with.\n"
        "All replies: 250, 221. `session.undo(1)` takes back your last 1 `send`, all that you sent for "
        "this step; run it once, in an empty cell, and then send the lines again. `%hint` helps.",
    ),
    (
        "OPEN_ANEW",
        [OPEN, BEGIN, task("send the body", 'session.send("A test\\n.")', said=["250 ."], text=["A test"])],
        [OPEN, BEGIN, below(BODY, "session.send('A test\\nRSET')\nlab.run(seconds=1)")],
        "not yet: `RSET` is a line of the message now, because inside a message the server reads no "
        "commands.\n"
        "`session = lab.telnet('mail.lab.example')` in an empty cell opens a new session; then run this "
        "cell again, and the lesson first says HELO there. `%hint` helps.",
    ),
    (
        "EARLIER_MESSAGE WITHOUT_THE_EARLIER",
        [OPEN, BEGIN, BODY, f'lab.mailbox("{BOB}")'],
        [OPEN, BEGIN, below(BODY, f"session.send('other\\n.')\n{BEGIN}\nsession.send('A test\\n.')")],
        "ok: The message was answered with done (250).\n"
        "All replies: 250, 250, 250, 250, 354, 250. You can go on, but the host has an earlier message of this step, "
        "too, and the cells below show both; if you want only one, run `session.undo(3)` once, in an empty cell, "
        "which takes back all that you sent for this step, and then send the lines again.",
    ),
    (
        "EARLIER_MESSAGE WITHOUT_THIS_ONE",
        [OPEN, BEGIN, BODY, f'lab.mailbox("{BOB}")'],
        [OPEN, BEGIN, below(BODY, "session.send('A test\\n.')"), below(BODY, f"{BEGIN}\nsession.send('A test\\n.')")],
        "ok: The message was answered with done (250).\n"
        "All replies: 250, 250, 250, 354, 250. You can go on, but the host has an earlier message of this step, "
        "too, and the cells below show both; if you want only one, run `session.undo(2)` once, in an empty cell, "
        "which takes this one back.",
    ),
    (
        "EARLIER_MESSAGE_UNSEEN",
        MESSAGE,
        [OPEN, BEGIN, below(BODY, f"session.send('other\\n.')\n{BEGIN}\nsession.send('A test\\n.')")],
        "ok: The message was answered with done (250).\n"
        "All replies: 250, 250, 250, 250, 354, 250. The host has an earlier message of this step, too; "
        "the cells below show only the last one, so you need not do anything.",
    ),
    (
        "EARLIER_MESSAGE_IN_LISTS",
        [OPEN, BEGIN, BODY, "lab.run()"],
        [OPEN, BEGIN, below(BODY, f"session.send('other\\n.')\n{BEGIN}\nsession.send('A test\\n.')")],
        "ok: The message was answered with done (250).\n"
        "All replies: 250, 250, 250, 250, 354, 250. You can go on, but the host has an earlier message of this step, "
        "too: a mailbox below shows the last one alone, and lists of what the hosts did may have rows about both; if "
        "you want only one, run `session.undo(3)` once, in an empty cell, which takes back all that you sent for this "
        "step, and then send the lines again.",
    ),
    (
        "OF_ONE_MESSAGE",
        [OPEN, BEGIN, BODY, GUESS, f'lab.mailbox("{BOB}")'],
        [
            *[OPEN, BEGIN, below(BODY, f"session.send('other\\n.')\n{BEGIN}\nsession.send('A test\\n.')")],
            *[GUESS[0], f'lab.mailbox("{BOB}")'],
        ],
        "You predicted “10”: right. This is about one message; what you see also has the earlier one that you sent "
        "for “send the body”.",
    ),
    (
        "UNDONE_TOO_FAR",
        FIRST,
        [*ASKED, "session.undo(1)"],
        "not yet: The undo has also taken back `MAIL FROM:<alice@lab.example>`, which the tutorial needs; "
        "send that again, or go on: before the next cell of the tutorial the lesson says it again.",
    ),
    ("NOTHING_THIS_TIME", FIRST, [*READY, below(HELO)], "done before: Nothing was sent this time, so you can go on."),
    (
        "OVER_BEHIND_IT",
        [OPEN, GOODBYE],
        [OPEN, GOODBYE[0], GOODBYE[0]],
        "done before: The session is over, and this step was done in it, so you can go on.",
    ),
    (
        "UNCHANGED NOTHING_CHANGED",
        FIRST,
        [*READY, below(HELO, "session.send('NOOP')")],
        "done before: This time: you said `NOOP`; this step wants a different line.\n"
        "It changed nothing, so you can go on.",
    ),
    (
        "CHANGED TAKE_THIS_BACK",
        FIRST,
        [*READY, below(HELO, "session.send('MAIL FROM:<>')")],
        "not yet: This step was done before; this time: you said `MAIL FROM:<>`; this step wants a "
        "different line.\n"
        "`session.undo(1)` takes back what you sent this time; run it once, in an empty cell, and then "
        "go on.",
    ),
    (
        "CHANGED GO_ON_OR_TAKE_BACK",
        [OPEN, HELO, TWO_LINES],
        [*READY, TWO_LINES[0], below(TWO_LINES, f"session.send('RCPT TO:<{BOB}>\\nMAIL FROM:<>')")],
        "done before: This step was done before; this time: `MAIL FROM:<>` was refused: never (503), because a "
        "transaction is open.\n"
        "All replies: 250, 503. You can go on; `session.undo(1)`, run once in an empty cell, takes back what you sent "
        "this time.",
    ),
    (
        "ENDED_THIS_TIME",
        FIRST,
        [*READY, below(HELO, "session.send('QUIT')\nlab.run(hours=1)")],
        "not yet: This step was done before; this time: you said `QUIT`; this step wants a different "
        "line.\n"
        "It ended the session; before the next cell that needs it, the lesson opens it again, as it "
        "stood.",
    ),
    (
        "STANDARD_FORM",
        FIRST,
        [*ASKED, below(RCPT, f"session.send('RCPT TO:{BOB}')")],
        "ok: `RCPT TO:bob@lab.example` was answered with done (250).\n"
        "(The standard writes `RCPT TO:<bob@lab.example>`; strict hosts refuse other forms.)",
    ),
    (
        "REPLIES",
        FIRST,
        [OPEN, f"{below(HELO)}session.send('NOOP')\nsession.send('HELO a')"],
        "ok: `HELO a` was answered with done (250).\nAll replies: 250, 250.",
    ),
    (
        "NO_MAIL_YET",
        [OPEN, FAR, task("let time pass", "lab.run()", mail="forouzanb@adelphia.net: x")],
        [OPEN, FAR, "# Now you: let time pass.\n"],
        "not yet: The mailbox of forouzanb@adelphia.net has no message with the subject 'x'; mail waits "
        "in the queue of mail.lab.example, so let time pass.\n"
        "`%hint` helps.",
    ),
    (
        "NO_MAIL_LEFT SEND_IT_AGAIN",
        [OPEN, WAIT],
        [OPEN, below(WAIT, "lab.run()")],
        "not yet: The mailbox of bob@lab.example has no message with the subject 'x', and no host has "
        "mail left to deliver; run the cells that send it again, then this one.\n"
        "`%hint` helps.",
    ),
    (
        "SEND_AGAIN",
        [OPEN, 'session.send("NOOP")', WAIT, LOOK],
        [OPEN, 'session.send("NOOP")', LOOK],
        "The cell “let time pass” is not answered yet, and its step failed: The mailbox of "
        "bob@lab.example has no message with the subject 'x', and no host has mail left to deliver. Run "
        'the cell with `session.send("NOOP")` again, then this one.',
    ),
    (
        "NOTHING_LEFT",
        [OPEN, SENT, IDLE],
        [OPEN, SENT, IDLE[0]],
        "ok: The message 'x' is in the mailbox of bob@lab.example, and no host has anything left to deliver.",
    ),
    (
        "STILL_WAITING",
        [OPEN, SENT, IDLE],
        [OPEN, 'lab.down("mail.adelphia.net")', SENT, FAR, below(IDLE, "lab.run(minutes=1)")],
        "not yet: Mail still waits in the queue of mail.lab.example; let time pass until no host has "
        "anything left.\n"
        "`%hint` helps.",
    ),
    (
        "OUTAGE_ENDED",
        [OPEN, 'lab.down("mail.adelphia.net")', WAIT],
        [OPEN, 'lab.down("mail.adelphia.net")', below(WAIT, 'lab.up("mail.adelphia.net")')],
        "not yet: `lab.up` ended the outage, which this step needs; run the cell with "
        '`lab.down("mail.adelphia.net")` again, and then this one without `lab.up`.\n'
        "`%hint` helps.",
    ),
    (
        "NOT_WRITTEN",
        [OPEN, CHECKED, LOOK],
        [OPEN, below(CHECKED, "session.send('HELO a')")],
        "not yet: What was sent is right, but this cell has no `assert session`; write it here, in place of the lines "
        "that were sent, and run the cell again.",
    ),
    (
        "TIME_PASSES_AGAIN",
        [OPEN, "lab.run(hours=1)"],
        [OPEN, "lab.run(hours=1)", "lab.run(hours=1)"],
        "This cell ran before, and runs again now: more time passes in the lab, and mail that the cell sends is sent "
        "once more. To have it once, run the notebook from its first cell.",
    ),
    (
        "MADE_READY",
        [
            "sock = lab.socket('mail.lab.example')",
            "sock.recv(4)",
            ("print(sock.recv(1))", {"again": ["cell-0", "cell-1"]}),
        ],
        ["sock = lab.socket('mail.lab.example')", "sock.recv(4)", "print(sock.recv(1))", "print(sock.recv(1))"],
        "This cell ran before and used up what it reads, so the cells with `sock = lab.socket('mail.lab.example')` and "
        "`sock.recv(4)` ran again first.",
    ),
    (
        "HALF_OF_CRLF",
        [OPEN, task("send CRLF", "session.send('')", lines=[""])],
        [OPEN, "# Now you: send CRLF.\nsession.send_bytes(b'\\r')"],
        "not yet: The carriage return is there; send only what is still missing, the line feed.\n`%hint` helps.",
    ),
    (
        "LINE_NOT_ENDED",
        [OPEN, task("send CRLF", "session.send('')", lines=[""])],
        [OPEN, "# Now you: send CRLF.\nsession.send_bytes(b'\\n')"],
        "not yet: `\\x0a` was sent, but it does not end a line; only CRLF does.\n`%hint` helps.",
    ),
    (
        "ALSO_IN_MESSAGE",
        [OPEN, BEGIN, DOT],
        [OPEN, BEGIN, below(DOT, "session.send(' .\\n.')")],
        "ok: The message was answered with done (250).\nThe line ` .` is in the message, too, where it does no harm.",
    ),
    (
        "ALSO_EMPTY_LINE",
        [OPEN, BEGIN, DOT],
        [OPEN, BEGIN, below(DOT, "session.send('\\r\\n.\\r\\n')")],
        "ok: The message was answered with done (250).\n"
        "An empty line is in the message, too, where it does no harm: `send` ends each line itself, so send the dot "
        "alone.",
    ),
    (
        "NAME_IN_QUOTES",
        FIRST,
        [OPEN, below(HELO, "lab.up(mail.lab.example)")],
        'not yet: In Python this name stands in quotes: `lab.up("mail.lab.example")`.\n`%hint` helps.',
    ),
    (
        "OF_THE_LAB",
        FIRST,
        [OPEN, below(HELO, "run()")],
        "not yet: `run` belongs to the lab: write `lab.run()`.\n`%hint` helps.",
    ),
    (
        "OF_THE_SESSION",
        FIRST,
        [OPEN, below(HELO, "send('NOOP')")],
        "not yet: `send` belongs to the session: write `session.send(...)`.\n`%hint` helps.",
    ),
    (
        "MEANT_CALL",
        FIRST,
        [OPEN, below(HELO, "lab.Run()")],
        "not yet: The lab has no `Run`; did you mean `lab.run()`?\n`%hint` helps.",
    ),
    (
        "WITHOUT_ARGUMENT",
        FIRST,
        [OPEN, below(HELO, "lab.up()")],
        "not yet: `lab.up` needs the host between its brackets.\n`%hint` helps.",
    ),
    (
        "NOT_CLOSED",
        FIRST,
        [OPEN, below(HELO, "lab.run(")],
        "not yet: A bracket or a quotation mark is not closed.\n`%hint` helps.",
    ),
    (
        "NOT_ON_ONE_LINE",
        FIRST,
        [OPEN, below(HELO, 'session.send("DATA\nSubject: x\n.")')],
        "not yet: A text in simple quotes must end on its line; write \\n in it for a new line, or put "
        "three quotes around it.\n"
        "`%hint` helps.",
    ),
    (
        "WITH_BRACKETS",
        FIRST,
        [OPEN, below(HELO, "lab.run")],
        "not yet: `lab.run` without brackets only names the call; to make it, write `lab.run()`.\n`%hint` helps.",
    ),
    (
        "IN_QUOTES",
        FIRST,
        [OPEN, below(HELO, "HELO a")],
        'not yet: In Python a line stands in quotes: `session.send("...")`.\n`%hint` helps.',
    ),
    (
        "WITH_SEND",
        FIRST,
        [OPEN, below(HELO, "session.sent('HELO a')")],
        'not yet: A line is sent with `session.send("...")`.\n`%hint` helps.',
    ),
    (
        "OTHER_NAME",
        FIRST,
        [OPEN, below(HELO, "sesion.send('HELO a')")],
        "not yet: There is no `sesion` here; the session of this task is called `session`.\n`%hint` helps.",
    ),
    (
        "TAKE_MORE_BACK",
        NEEDED,
        [OPEN, BEGIN, NOOP, NOOP, NEEDED[3][0]],
        "not yet: The message has ended, but it holds a line that the task does not want: `NOOP`.\n"
        "`session.undo(3)` takes back your last 3 `send`, also what got into the message before this step; run "
        "it once, in an empty cell, and then send the lines again. `%hint` helps.",
    ),
    (
        "RAN_BEFORE",
        FIRST,
        [*NAMED, MAIL],
        "This cell ran before. The state of the session was: ready for a mail transaction. It is now: sender and at "
        "least one recipient given, so the line may get another reply.",
    ),
    (
        "SERVER_NOW",
        SWAPPED,
        [TURNS, *READY, below(SERVE, "session.send('TURN')")],
        "not yet: You are the server now: greet with 220 and a name; the host will say HELO.\n`%hint` helps.",
    ),
    (
        "HOST_WAITS",
        SWAPPED,
        [TURNS, *READY, below(SERVE, "session.send('TURN')\nsession.send('220 a')")],
        "not yet: You are the server, and the host said `HELO mail.lab.example`; answer it with 250 and any text.\n"
        "`%hint` helps.",
    ),
    (
        "ANSWERED_BY_YOU",
        SWAPPED,
        [TURNS, *READY, below(SERVE, "session.send('TURN\\n220 a\\n250 a\\n221 a')")],
        "ok: You answered `QUIT` with done (221).\nAll replies: 250, 250, 221.",
    ),
    (
        "REPLY_WITHOUT_TEXT",
        SWAPPED,
        [TURNS, *READY, below(SERVE, "session.send('TURN\\n220 a\\n250\\n221')")],
        "ok: You answered `QUIT` with done (221).\n"
        "All replies: 250, 250, 221. Your reply 250 has no text; the standard wants some behind the code, for people "
        "(RFC 5321 4.2).",
    ),
    (
        "OTHER_REPLY",
        SWAPPED,
        [TURNS, *READY, below(SERVE, "session.send('TURN\\n220 a\\n500 a')")],
        "not yet: The host said `HELO mail.lab.example`, and your reply was 500; the right one begins with 250.\n"
        "All replies: 250, 500. `%hint` helps.",
    ),
    (
        "IN_A_MESSAGE",
        [OPEN, HELO, REFUSED],
        [*READY, f'session.send("MAIL FROM:<>\\nRCPT TO:<{BOB}>")', REFUSED[0]],
        "not yet: `DATA` was answered with go on (354), and never (503) is wanted.\n"
        "You are in a message now, where the server reads no commands. `session.undo(2)` takes back your last 2 "
        "`send`, all that you sent for this step; run it once, in an empty cell, and then send the lines again. "
        "`%hint` helps.",
    ),
    (
        "CLOSED_WITHOUT_GOODBYE",
        [OPEN, HELO, GOODBYE],
        [*READY, below(GOODBYE, "session.close()")],
        "not yet: `close` breaks the connection and says nothing; this step wants a command that says goodbye. The "
        "session ended; run this cell again, and the lesson first opens the session again, as it stood above.",
    ),
    (
        "USUAL_RESET",
        [OPEN, BEGAN, RESET],
        [OPEN, BEGAN, below(RESET, f"session.send('EHLO a\\nMAIL FROM:<{BOB}>')")],
        f"ok: `MAIL FROM:<{BOB}>` was answered with done (250).\n"
        "All replies: 250, 250. (`EHLO` has cleared the transaction, too; the usual way is `RSET`.)",
    ),
    (
        "IN_MESSAGE_AGAIN",
        [OPEN, BEGIN, GIVEN, DOT],
        [OPEN, BEGIN, GIVEN, GIVEN],
        "This cell ran before, and its lines are in the message already; now the message has them once more. To have "
        "them once, run `session.undo(1)` in an empty cell.",
    ),
    (
        "MISNAMED",
        ALONE,
        [OPEN, below(MINE, 'yours = lab.telnet("mail.lab.example")')],
        "not yet: You called the new session `yours`; write `mine = lab.telnet('mail.lab.example')`.\n`%hint` helps.",
    ),
    (
        "MISNAMED_HELD",
        ALONE,
        [OPEN, below(MINE, OPEN)],
        "not yet: You called the new session `session`; write `mine = lab.telnet('mail.lab.example')` (`session` is "
        "your earlier session again).\n`%hint` helps.",
    ),
    (
        "LINE_IS_OVER",
        HALF,
        [OPEN, HALF[1], HALF[2][0], HALF[2][0]],
        "done before: This time: the line of the cell above has its end already, so you have sent a line of its own; "
        "to try again, run the cell above, and then send only the end here.\n"
        "It changed nothing, so you can go on.",
    ),
    (
        "LINE_IN_QUOTES",
        FIRST,
        [OPEN, below(HELO, "session.send(laptop.example)")],
        'not yet: In Python the whole line stands in quotes, as in `session.send("HELO laptop.example")`.\n'
        "`%hint` helps.",
    ),
    (
        "STRAIGHT_QUOTES",
        FIRST,
        [OPEN, below(HELO, "session.send(“HELO a”)")],
        'not yet: `“` is a quotation mark of printed text; in Python use straight ones, as in `"NOOP"`.\n'
        "`%hint` helps.",
    ),
]


@pytest.mark.parametrize(("names", "goal", "lines", "text"), JUDGED, ids=[names for names, *_ in JUDGED])
def test_a_verdict_is_said_word_by_word(names: str, goal: dict[str, object], lines: str, text: str) -> None:
    said = str(verdict(goal, lines))
    assert said == text
    assert says(said, names)


def told_in(cells: list[Written], steps: list[str]) -> str:
    """Return what is told at the last of the cells that a student runs, without what the wire shows."""
    notebook = StudentNotebook(cells_of(tutorial(*cells)))
    notebook.names["lab"] = Lab(queues=True)
    told = ""
    for step in steps:
        told = notebook.lesson.hint(notebook) if step == HINT else "\n".join(filter(None, notebook.cell(step)))
    return "\n".join(line for line in told.split("\n") if not line.startswith(("C: ", "S: ")))


@pytest.mark.parametrize(("names", "cells", "steps", "text"), STORIES, ids=[names for names, *_ in STORIES])
def test_a_lesson_is_told_word_by_word(names: str, cells: list[Written], steps: list[str], text: str) -> None:
    told = told_in(cells, steps)
    assert told == text
    assert says(f"{told}\n", names)


def test_every_sentence_has_a_row() -> None:
    told = {name for names, *_ in [*JUDGED, *STORIES] for name in names.split()}
    assert sorted([*told, *ALONE_IN_A_TEST]) == sorted(names_of(sentences))


@pytest.mark.parametrize(
    ("name", "fields", "text"),
    [  # of cells of the SMTP kernel; jupyter/test_typed_messages.py has the cells
        (
            "BLANKS_ALONE",
            {},
            "a cell that has only empty lines sends nothing; `%send` in a line of its own sends an empty line",
        ),
        (
            "EXPECT_ABOVE",
            {"directive": "%expect 250"},
            "`%expect 250` looks at the last reply before it, so it stands below the line that you send",
        ),
    ],
)
def test_a_sentence_about_a_typed_cell_is_as_it_stands_here(name: str, fields: dict[str, str], text: str) -> None:
    assert getattr(sentences, name).format(**fields) == text


def test_octets_without_raw_are_told_as_letters() -> None:
    assert raw_forgotten("\\r\\n") == "`\\r\\n` was sent as 4 letters, because it does not begin with `%raw`"


def test_a_goal_that_is_not_understood_is_named_with_its_cell() -> None:
    with pytest.raises(ValueError, match=r"^cell c: the goal \{'sayd': 1\} is not understood$"):
        Goal.read({"sayd": 1}, cell="c")


def test_a_tutorial_that_is_not_there_is_named() -> None:
    with pytest.raises(LessonError, match=r"^there is no tutorial '00'; there are 00-start-here, "):
        Lesson.open("00")


def test_a_damaged_tutorial_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: b"{}")
    with pytest.raises(LessonError, match="is damaged; install smtplab again"):
        Lesson.open("00-start-here")
