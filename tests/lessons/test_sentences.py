"""Every sentence of a lesson is said somewhere, as a student reads it."""

import pytest

from smtplab import Lab, Session
from smtplab.lessons import sentences
from smtplab.lessons.cells import LessonError
from smtplab.lessons.evidence import StepEvidence, Verdict
from smtplab.lessons.goals import Goal
from smtplab.lessons.lesson import Lesson
from support.templates import is_made_of, names_of

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
        "ARGUMENT_MISSING",
        {"said": ["500 SMOL FROM:<a@b.example>"]},
        "SMOL",
        "not yet: You said `SMOL`; its argument is missing.",
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
        f"not yet: `MAIL FROM:<{ALICE}>` was answered with never (503), because a transaction is open; go on with "
        "`RCPT`.",
    ),
    (
        "LINE_OF_A_MESSAGE",
        {"said": ["250 ."]},
        f"HELO a\nMAIL FROM:<{ALICE}>\nRCPT TO:<{BOB}>\nSubject: x",
        "not yet: `Subject: x` was answered with never (500), because it is a line of the message; say `DATA` first.",
    ),
    (
        "PYTHON_IN_SMTP",
        {"said": ["250 NOOP"]},
        "session.send('NOOP')",
        "not yet: This is an SMTP cell, and `session.send('NOOP')` is Python; write the line alone, without "
        "`session.send`.",
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
        "not yet: `MAIL FROM:<a@b.example>` was answered with never (503), because `HELO` must come before it.",
    ),
    (
        "TRANSACTION_OPEN",
        {"said": ["501 MAIL"]},
        f"HELO a\nMAIL FROM:<a@b.example>\nMAIL FROM<a@b.example>\nRCPT TO:<{BOB}>\nDATA",
        "not yet: `MAIL FROM<a@b.example>` was answered with never (503), because a transaction is open.",
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
        "not yet: `RCPT TO:<a@b.example>` was answered with never (503), the right code; the task wants it "
        "from `DATA`.",
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
        "not yet: The message has ` Bye, Bob`, with a blank in front, which the task does not have.",
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
        "`DATA`, which you also said, was answered with never (503); you can go on.",
    ),
    (
        "MAIL_OF_ANOTHER",
        {"mail": f"{BOB}: x", "sender": BOB},
        f"{SEND}\n.",
        f"not yet: The message 'x' is in the mailbox of {BOB}, but its sender is not {BOB}.",
    ),
    (
        "NO_EMPTY_LINE_YET",
        {"said": ["250 ."], "text": ["Subject: x", "", "Hi"]},
        SEND,
        "not yet: The message has no empty line yet, which ends its header; send it, before the lines of the text.",
    ),
    (
        "NOT_IN_MESSAGE_YET",
        {"lines": ["Subject: x", "Bye, Alice"], "said": ["250 ."]},
        SEND,
        "not yet: The message has no line `Bye, Alice` yet; send it, before you end the message.",
    ),
    (
        "REFUSED",
        {"said": ["250 HELO"]},
        "NOPE",
        "not yet: `NOPE` was answered with never (500): Command not recognized: 'NOPE' is not a command of SMTP; did "
        "you mean `NOOP`?",
    ),
    (
        "OTHER_CODE",
        {"said": ["503 NOOP"]},
        "NOOP",
        "not yet: `NOOP` was answered with done (250), and never (503) is wanted.",
    ),
    (
        "NO_END",
        {"said": ["250 ."]},
        SEND,
        "not yet: `Subject: x` is a line of the message now, which goes on; send only what is missing, a line with a "
        "dot alone, in this cell or in a new one.",
    ),
    (
        "CRLF_IN_MESSAGE",
        {"said": ["250 ."]},
        f"{SEND}\n<CRLF>.<CRLF>",
        "not yet: `<CRLF>.<CRLF>` is a line of the message now; `<CRLF>` stands for Enter and is not typed. Send only "
        "the dot, alone in its line.",
    ),
    (
        "BULLET_IN_MESSAGE",
        {"said": ["250 ."]},
        f"{SEND}\n•",
        "not yet: `•` is a bullet, and so a line of the message; send only a dot, alone in its line.",
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
ELSEWHERE = {  # said by a whole lesson: test_lesson, test_missing_steps, test_cells, test_guesses, test_python_slips
    "MEANT",
    "NO_MAIL_YET",
    "NO_MAIL_LEFT",
    "PREDICT_FIRST",
    "AFTER_THE_UNDO",
    "STANDARD_FORM",
    "HALF_OF_CRLF",
    "RAW_FORGOTTEN",
    "NOT_ON_ONE_LINE",
    "ALSO_IN_MESSAGE",
    "MEANT_CALL",
    "WITHOUT_ARGUMENT",
    "NOT_CLOSED",
    "STILL_WAITING",
    "NO_GUESS",
    "OTHER_GUESS",
    "GUESS_NOTED",
    "GUESS_WAS_RIGHT",
    "GUESS_WAS_WRONG",
    "NOT_PREDICTED",
    "SAY_RSET",
    "TAKE_BACK",
    "TAKE_MORE_BACK",
    "RAN_BEFORE",
    "SERVER_NOW",
    "HOST_WAITS",
    "OTHER_REPLY",
    "SWITCH_FIRST",
    "OPEN_ANEW",
    "EARLIER_MESSAGE",
    "ENDED_BY_QUIT",
    "NAME_IN_QUOTES",
    "OF_THE_LAB",
    "OF_THE_SESSION",
    "WITH_BRACKETS",
    "TRIES_TAKEN_BACK",
    "OPENED_FIRST",
    "TRIES_LEFT",
    "NO_LESSON",
    "DAMAGED_LESSON",
    "BAD_GOAL",
    "NO_SESSION",
    "HINT_HELPS",
    "HINT",
    "HINT_FOR",
    "GO_ON",
    "BEGIN_ANEW",
    "OTHER_SESSION",
    "CLOSED_SESSION",
    "WRONG_HOST",
    "NOT_OPENED",
    "WITH_LAB",
    "MORE_FAILED",
    "LINE_NOT_ENDED",
    "IN_QUOTES",
    "WITH_SEND",
    "OTHER_NAME",
    "DONE_BUT_FAILED",
    "REPLIES",
    "RSET_FIRST",
    "RSET_BEFORE_AGAIN",
    "UNDONE_TOO_FAR",
    "ENDED_IN_AN_ERROR",
    "DONE_BEFORE",
    "DONE_FOR_YOU",
    "SENT_UNPREDICTED",
    "COULD_NOT_BE_DONE",
    "NOTHING_TO_HINT",
    "ANSWER",
    "SESSION_ENDED",
    "NOTHING_THIS_TIME",
    "OVER_BEHIND_IT",
    "UNCHANGED",
    "NOTHING_CHANGED",
    "CHANGED",
    "TAKE_THIS_BACK",
    "ENDED_THIS_TIME",
    "NEEDS_STEP",
    "OPEN_AGAIN",
    "OPENED_ANEW",
    "NOT_OPENED_AGAIN",
    "SAID_AGAIN",
    "SAID_IN_NEW_ONE",
    "RUN_FOR_YOU",
    "SEVERAL_RUN_FOR_YOU",
    "COULD_NOT_BE_RUN",
    "DO_IT_YOURSELF",
    "NOTHING_LEFT",
    "SEND_AGAIN",
    "SEND_IT_AGAIN",
    "EARLIER_MESSAGE_UNSEEN",
}


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        ("MAIL FROM:<a@b.example>\nMAIL FROM<a@b.example>", f"open{sentences.RSET_FIRST}."),
        ("MAIL FROM:<a@b.example>", f"never (501) is wanted{sentences.RSET_BEFORE_AGAIN}."),
    ],
)
def test_rset_is_advised_only_where_a_transaction_is_open(lines: str, end: str) -> None:
    goal: dict[str, object] = {"said": ["501 MAIL"]}
    assert str(verdict(goal, f"HELO a\n{lines}")).endswith(end)
    assert "RSET" not in str(verdict(goal, f"HELO a\n{lines}\nRCPT TO:<{BOB}>\nDATA"))


@pytest.mark.parametrize(("name", "goal", "lines", "text"), JUDGED, ids=[name for name, *_ in JUDGED])
def test_a_verdict_is_said_word_by_word(name: str, goal: dict[str, object], lines: str, text: str) -> None:
    said = verdict(goal, lines)
    assert str(said) == text
    template = getattr(sentences, name)
    told = said.more if said.ok and said.more else said.reason
    assert is_made_of(told, template[:1].upper() + template[1:])


def test_every_sentence_has_a_row() -> None:
    assert {name for name, *_ in JUDGED} | ELSEWHERE == set(names_of(sentences))


def test_a_damaged_tutorial_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: b"{}")
    with pytest.raises(LessonError, match="is damaged; install smtplab again"):
        Lesson.open("00-start-here")
