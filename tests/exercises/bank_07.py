"""The bank of exercise 07: right answers of several kinds, and the mistakes that students make."""

from __future__ import annotations

from collections.abc import Iterator

from smtplab.grading.exercises.retry_and_bounce.task import RetryTask, Undelivered
from support.bank import Answer

NAME = "07-spool-retry-bounce"
STUDENTS = ("mia", "noah", "uma", "bela")
FULL = {"check-schedule": 11, "check-bounce": 18}

_TIMES = "30 min, 30 min, 2 h, 3 h"


# Pieces of answers


def scheduling(task: RetryTask, retry: str = _TIMES, warn: str = "4 h", give_up: str = "5 d", host: str = "") -> str:
    """Return code for the first part."""
    lines = f"host {host or task.host}\nretry {retry}\nwarn {warn}\ngive up {give_up}"
    return f'mine.hand_in("schedule", """\n{lines}\n""")\n'


def bounce(task: RetryTask) -> str:
    """Return a bounce that is right, as text."""
    return f"""\
From: Mail system <postmaster@{task.host}>
To: <{task.sender}>
Date: {task.arrived}
Subject: Not delivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=xyz

--xyz
Content-Type: text/plain

Nobody at {task.far} could get your message, and so not {task.recipient}.

--xyz
Content-Type: message/delivery-status

Reporting-MTA: dns; {task.host}

Final-Recipient: rfc822; {task.recipient}
Action: failed
Status: {task.status}
Diagnostic-Code: smtp; {task.refusal}

--xyz
Content-Type: message/rfc822

{task.original}

--xyz--
"""


def changed(task: RetryTask, *changes: str) -> str:
    """Return the right bounce with other texts in it."""
    text = bounce(task)
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    return text


def is_over(undelivered: Undelivered) -> bool:
    """Return True if a message is given up; one that was answered 451 at a second attempt is tried again."""
    return "451" not in undelivered.told


def chosen(task: RetryTask) -> list[int]:
    """Return the numbers of the messages that get a bounce."""
    return [number for number, each in enumerate(task.undelivered, 1) if is_over(each) and each.reverse_path != "<>"]


def bouncing(task: RetryTask, message: str | bytes | None = None, **instead: object) -> str:
    """Return code for the second part; what is not given is right, and None is left out."""
    answers = {
        "bounce": bounce(task) if message is None else message,
        "MAIL FROM": "<>",
        "RCPT TO": f"<{task.sender}>",
        "bounces": ", ".join(map(str, chosen(task))),
    }
    answers |= {name.replace("_", " "): value for name, value in instead.items()}
    return "".join(
        f"mine.hand_in({question!r}, {answer!r})\n" for question, answer in answers.items() if answer is not None
    )


# Right answers


def right(task: RetryTask) -> Iterator[Answer]:
    """Yield answers that differ and are all right."""
    yield Answer("plain lines", {"schedule": scheduling(task), "bounce": bouncing(task)}, FULL)
    yield Answer(
        "longer and longer times; built with the email package, with the header section alone",
        {
            "schedule": scheduling(task, "5 min, 10 min, 20 min, 30 min, 1 h, 2 h, 3 h", "6 hours", "4 days"),
            "bounce": _BUILT.format(task=task, numbers=" and ".join(map(str, chosen(task)))),
        },
        FULL,
    )
    yield Answer(
        "another order of lines and words, and octets with folded lines",
        {
            "schedule": f"mine.hand_in('schedule', '''\n  Give-up: 6 days # as usual\n"
            f"WARN = 3 hours\nretry: 20 minutes, 20 minutes, 25 min, 2 hours 30 min\nHOST: {task.host.upper()}.\n''')",
            "bounce": bouncing(
                task, _octets(task), MAIL_FROM="MAIL FROM:<>", RCPT_TO=f"rcpt to:<{task.sender.upper()}>"
            ),
        },
        FULL,
    )
    for name, times in (
        ("indented", "30 min, 30 min,\n       2 h, 3 h"),
        ("at a comma", "30 min, 30 min,\n2 h,\n3 h"),
        ("that begins with a comma", "30 min  # at first\n, 30 min\n\n  , 2 h # later\n, 3 h"),
    ):
        yield Answer(
            f"times in a line {name} below; numbers in brackets",
            {"schedule": scheduling(task, times), "bounce": bouncing(task, bounces=str(chosen(task)))},
            FULL,
        )
    yield Answer(
        "handed in twice, wrong at first",
        {
            "schedule": scheduling(task, "1 s") + scheduling(task, "40 min, 40 min, 2 h, 4 h"),
            "bounce": bouncing(task, "nothing", MAIL_FROM=f"<{task.sender}>", bounces=5) + bouncing(task),
        },
        FULL,
    )


_BUILT = """
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP

report = MIMEMultipart("report", report_type="delivery-status")
report["From"] = "MAILER-DAEMON@{task.host}"
report["To"] = "{task.sender}"
report["Date"] = "{task.arrived}"
report["Subject"] = "Undelivered mail"
report.attach(MIMEText("It could not be delivered to {task.recipient}.", "plain", "us-ascii"))
status = Message()
status["Content-Type"] = "message/delivery-status"
about_message, about_recipient = Message(), Message()
about_message["Reporting-MTA"] = "dns;{task.host}"
about_recipient["Original-Recipient"] = "rfc822;{task.recipient}"
about_recipient["Final-Recipient"] = "RFC822;{task.recipient}"
about_recipient["Action"] = "Failed"
about_recipient["Status"] = "{task.status}"
about_recipient["Diagnostic-Code"] = "smtp;{task.refusal}"
status.set_payload([about_message, about_recipient])
report.attach(status)
headers = MIMEText(mine.given["message"].partition("\\n\\n")[0] + "\\n", "rfc822-headers", "us-ascii")
report.attach(headers)
mine.hand_in("bounce", report.as_bytes(policy=SMTP))
mine.hand_in("MAIL FROM", "<>")
mine.hand_in("RCPT TO", "<{task.sender}>")
mine.hand_in("bounces", "{numbers}")
"""


def _octets(task: RetryTask) -> bytes:
    text = changed(
        task,
        "; report-type",
        ";\n  REPORT-TYPE",
        f"Status: {task.status}",
        f"status:  {task.status} (no)",
        "Diagnostic-Code: smtp; ",
        "Diagnostic-Code: SMTP;\n ",
        "--xyz--\n",
        "--xyz--\n\nNobody reads this.\n",
    )
    return text.replace("\n", "\r\n").encode()


# Wrong answers


def wrong(task: RetryTask, other: RetryTask) -> Iterator[Answer]:
    """Yield the mistakes, each with what it costs.

    Args:
        task: what is asked for.
        other: what another student is asked for.
    """
    yield from _wrong_schedules(task, other)
    yield from _wrong_envelopes(task, other)
    yield from _wrong_reports(task)


def _wrong_schedules(task: RetryTask, other: RetryTask) -> Iterator[Answer]:
    def lost(name: str, points: int, code: str, *sentences: str) -> Answer:
        return Answer(
            name, {"schedule": code, "bounce": bouncing(task)}, FULL | {"check-schedule": 11 - points}, sentences
        )

    yield lost("no schedule", 11, "", "No schedule has been handed in yet.")
    yield lost("the schedule of somebody else's host", 11, scheduling(other), "The schedule does not name your host.")
    yield lost(
        "a list, not a text",
        11,
        "mine.hand_in('schedule', ['30 min', '2 h'])",
        "The schedule that you handed in is not text.",
        "a value of the type list",
    )
    load = "A host that is down for days is called again and again for nothing."
    busy = "A host that is busy gets even more to do by your attempts."
    yield lost("every second", 4, scheduling(task, "1 s"), busy, load, "retry 1 s 200 or more attempts")
    yield lost("every ten minutes", 4, scheduling(task, "10 min"), busy, load)
    yield lost("every half hour", 4, scheduling(task, "30 min"), busy, load, "retry 30 min")
    yield lost(
        "once a day",
        6,
        scheduling(task, "1 d"),
        "The sender does not hear in time that the message is late.",
        "After a short outage the message waits too long for its next attempt.",
        "After an outage of some days the message waits too long for its next attempt.",
        "A host that greylists gets the message too late.",
    )
    yield lost(
        "a first time of hours",
        3,
        scheduling(task, "2 h, 3 h"),
        "After a short outage the message waits too long for its next attempt.",
        "most outages are short",
    )
    yield lost(
        "times that grow too far",
        3,
        scheduling(task, "30 min, 30 min, 2 h, 12 h"),
        "The sender does not hear in time that the message is late.",
        "retry 30 min, 30 min, 2 h, 12 h warn 4 h attempts after 3 h",
        "and none between; the warning came with the second",
        "After an outage of some days the message waits too long for its next attempt.",
    )
    yield lost(
        "a warning after minutes",
        1,
        scheduling(task, warn="10 min"),
        "The sender is warned of outages that are over in an hour.",
    )
    yield lost(
        "a warning after days",
        1,
        scheduling(task, warn="2 d"),
        "The sender does not hear in time that the message is late.",
        "the warning came after 2 d",
    )
    yield lost(
        "a warning that waits for an attempt after many hours",
        3,
        scheduling(task, "30 min, 30 min, 30 min, 12 h", warn="8 h"),
        "the warning comes with the first failed attempt after its time, and not before",
        "attempts after 1 h 30 min and after 13 h 30 min",
    )
    yield lost(
        "a warning that would come after the end",
        1,
        scheduling(task, warn="6 d"),
        "The sender does not hear in time that the message is late.",
        "no warning",
    )
    yield lost(
        "given up after a day",
        3,
        scheduling(task, give_up="1 d"),
        "The message is given up too early.",
        "give up 1 d the bounce came after 1 d",
        "and before its end the message was given up",
    )
    yield lost(
        "given up after an hour",
        3,
        scheduling(task, give_up="1 h"),
        "The message is given up too early.",
        "give up 1 h the bounce came after 1 h",
    )
    yield lost(
        "given up after a month",
        1,
        scheduling(task, give_up="30 d"),
        "The message is kept too long before its sender gets a bounce.",
        "in ten days no bounce",
    )
    yield lost(
        "no warning",
        1,
        scheduling(task).replace("warn 4 h\n", ""),
        'Your schedule has no line that begins with "warn".',
    )
    yield lost(
        "no times",
        9,
        scheduling(task).replace("retry", "again after"),
        'Your schedule has no line that begins with "retry".',
        f"again after {_TIMES}",
    )
    yield lost(
        "numbers without units",
        9,
        scheduling(task, "1800, 1800, 7200"),
        'The line that begins with "retry" has something that is not a time.',
        "with commas between",
    )
    yield lost(
        "times without commas",
        9,
        scheduling(task, "30 min 30 min 3 h"),
        'In the line that begins with "retry" times stand side by side.',
        "retry 30 min 30 min 3 h",
    )
    yield lost(
        "a time in two lines",
        9,
        scheduling(task).replace("warn", "retry 3 h\nwarn"),
        'Your schedule has more than one line that begins with "retry".',
        f"retry {_TIMES} retry 3 h",
    )
    yield lost(
        "a fraction of an hour",
        9,
        scheduling(task, "0.5 h, 1h30"),
        "whole numbers with their units, such as 90 s, 20 min, 6 h, 1 h 30 min",
        '"0.5 h" cannot be read',
    )
    yield lost(
        "a second line that is not read",
        4,
        scheduling(task, "30 min, 30 min").replace("warn", "and then 2 h\nand 3 h\nwarn"),
        "These lines begin with none of host, retry, warn, give up, so nothing of them counts.",
        "got: and then 2 h and 3 h",
    )
    yield lost(
        "a second time to give up in a line below",
        1,
        scheduling(task, give_up="5 d\n  12 h\n 1 d"),
        'In the line that begins with "give up" times stand side by side.',
        "one time, as in give up 5 d",
    )
    yield lost(
        "no time to give up",
        1,
        scheduling(task).replace("give up 5 d\n", ""),
        'Your schedule has no line that begins with "give up".',
        "a line such as give up 5 d",
    )
    yield lost("a time of zero", 9, scheduling(task, "0 s, 1 h"), "A time of zero would try again without an end.")


def _lost(task: RetryTask, name: str, points: int, code: str, *sentences: str) -> Answer:
    return Answer(name, {"schedule": scheduling(task), "bounce": code}, FULL | {"check-bounce": 18 - points}, sentences)


def _wrong_envelopes(task: RetryTask, other: RetryTask) -> Iterator[Answer]:
    def lost(name: str, points: int, sentence: str, **instead: object) -> Answer:
        return _lost(task, name, points, bouncing(task, **instead), sentence)

    yield _lost(task, "no bounce", 18, "", "No bounce has been handed in yet.")
    yield _lost(task, "somebody else's bounce", 18, bouncing(other), "The bounce is not about your message.")
    yield _lost(
        task,
        "an object of the email package",
        13,
        "import email.message\nmine.hand_in('bounce', email.message.Message())\n" + bouncing(task, bounce=None),
        "The bounce that you handed in is neither text nor octets.",
        "as_string()",
    )
    yield _lost(
        task,
        "an envelope and a choice without a bounce",
        13,
        bouncing(task, bounce=None),
        "No bounce has been handed in yet.",
    )
    yield _lost(
        task,
        "an envelope and a choice with nonsense for a bounce",
        13,
        bouncing(task, "Content-Type: multipart/report; report-type=delivery-status\n\nhello"),
        "The bounce is not about your message.",
    )
    yield _lost(
        task,
        "an envelope and a choice with a line for a bounce",
        13,
        bouncing(task, f"{task.recipient} could not be reached"),
        "A line in the header section of the bounce is not a field.",
        "The bounce has no parts yet, so its lines are not looked at.",
    )
    yield _lost(
        task,
        "somebody else's bounce in an envelope of one's own",
        13,
        bouncing(task, bounce(other)),
        "The bounce is not about your message.",
    )
    yield _lost(
        task,
        "an envelope with somebody else's addresses",
        18,
        bouncing(other, bounce=None),
        "No bounce has been handed in yet, and its envelope names nobody of your task.",
    )
    yield _lost(
        task, "a choice alone", 18, f"mine.hand_in('bounces', '{chosen(task)[0]}')", "No bounce has been handed"
    )
    yield lost("the sender as reverse-path", 2, "a bounce about it goes to the one who", MAIL_FROM=f"<{task.sender}>")
    yield lost("the host as reverse-path", 2, "would come to your own host", MAIL_FROM=f"<MAILER-DAEMON@{task.host}>")
    yield lost("the recipient as reverse-path", 2, "by another bounce", MAIL_FROM=f"<{task.recipient}>")
    yield lost("nothing as reverse-path", 2, 'Your answer to "MAIL FROM" must be in brackets.', MAIL_FROM="")
    yield lost("a path without brackets", 1, 'Your answer to "RCPT TO" must be in brackets.', RCPT_TO=task.sender)
    yield lost("None as reverse-path", 2, '"MAIL FROM" has not been handed in yet.', MAIL_FROM=None)
    yield lost("a number as reverse-path", 2, 'Your answer to "MAIL FROM" is not text.', MAIL_FROM=0)
    yield lost("to the author", 1, "You took the address from the From field", RCPT_TO=f"<{task.author}>")
    yield lost("to the recipient", 1, "to the one who could not be reached", RCPT_TO=f"<{task.recipient}>")
    yield lost("to the postmaster", 1, "The bounce goes to somebody else.", RCPT_TO=f"<postmaster@{task.domain}>")
    null, waits = (
        next(number for number, each in enumerate(task.undelivered, 1) if wanted(each))
        for wanted in (lambda each: each.reverse_path == "<>", lambda each: not is_over(each))
    )
    first, second = chosen(task)
    yield lost("a bounce of a bounce", 2, "You answer a bounce", bounces=f"{first}, {second}, {null}")
    yield lost("a bounce too early", 2, "for a message that is tried again", bounces=f"{first} {second} {waits}")
    yield lost("a bounce left out", 2, "A sender does not hear", bounces=second)
    yield lost("a list of numbers", 2, 'Your answer to "bounces" is not text.', bounces=[first, second])
    yield lost("none of the four", 2, "That does not name any of the four by its number.", bounces="none")
    yield lost("a range", 2, "has a range; write each number.", bounces="1-4")
    yield lost("a range in words", 2, "has a range; write each number.", bounces="1 to 4")
    yield lost("a number too many", 2, "There is no message 5 on your sheet.", bounces=f"{first}, {second}, 5")
    yield lost("a zero", 2, "There is no message 0 on your sheet.", bounces=f"0, {first}, {second}")
    yield lost("a sign", 2, "There is no message -1 on your sheet.", bounces=f"-1, {first}, {second}")
    yield lost("all four", 2, "You answer a bounce" if null < waits else "tried again", bounces="1, 2, 3, 4")
    yield lost("no choice", 2, '"bounces" has not been handed in yet.', bounces=None)


def _wrong_reports(task: RetryTask) -> Iterator[Answer]:
    def lost(name: str, points: int, changes: tuple[str, ...], *sentences: str) -> Answer:
        return _lost(task, name, points, bouncing(task, changed(task, *changes)), *sentences)

    host, report = f"dns; {task.host}", "multipart/report; report-type=delivery-status"
    yield lost("multipart/mixed", 2, (report, "multipart/mixed"), "and does not say which kind of report it is.")
    yield lost(
        "multipart/mixed with a report-type",
        2,
        (report, "multipart/mixed; report-type=delivery-status"),
        "The bounce is not of the type for reports.",
    )
    yield lost(
        "no report-type", 2, (f"{report};", "multipart/report;"), "The type does not say which kind of report it is."
    )
    yield _lost(
        task,
        "an empty line above the octets",
        2,
        bouncing(task, f"\n{bounce(task)}".replace("\n", "\r\n").encode()),
        "The bounce begins with an empty line, so it has no header section.",
    )
    yield _lost(
        task,
        "words alone",
        13,
        bouncing(task, f"From: x@{task.host}\nTo: {task.sender}\nSubject: x\n\n{task.recipient}: {task.refusal}\n"),
        "The bounce is not of the type for reports, and does not say which kind of report it is.",
        "expected: multipart/report; report-type=delivery-status",
        "The bounce does not have three parts.",
        "No part of the bounce is for programs, or it has no fields.",
        "The message does not come back with the bounce.",
        "The header section of the bounce has no field Date and no field MIME-Version.",
    )
    text, status = bounce(task).split("--xyz\n")[1:3]
    yield lost("words for people left out", 2, (f"--xyz\n{text}", ""), "The bounce does not have three parts.")
    yield lost(
        "the parts in another order",
        2,
        (f"{text}--xyz\n{status}", f"{status}--xyz\n{text}"),
        "Where words for people should stand is a part of another type.",
    )
    yield lost(
        "the status as plain text",
        2,
        ("message/delivery-status", "text/plain"),
        "Where the status for programs should stand is a part of another type.",
    )
    yield lost(
        "no empty line between the blocks",
        1,
        (f"{host}\n\n", f"{host}\n"),
        "The fields about the recipient stand in the block about the message.",
    )
    yield lost(
        "no empty line above the blocks",
        2,
        ("message/delivery-status\n\n", "message/delivery-status\n"),
        "No empty line stands between the fields of the part message/delivery-status and its content.",
        f"Content-Type: message/delivery-status Reporting-MTA: {host}",
    )
    yield lost(
        "no empty line above the message that comes back",
        2,
        ("message/rfc822\n\n", "message/rfc822\n"),
        "No empty line stands between the fields of the part message/rfc822 and its content.",
        f"Content-Type: message/rfc822 From: {task.author}",
    )
    yield lost(
        "no empty line above the words",
        2,
        ("text/plain\n\n", "text/plain\n"),
        "No empty line stands between the fields of the part text/plain and its content.",
    )
    yield lost(
        "words for people that do not say whom",
        2,
        (f", and so not {task.recipient}", ""),
        "The words for people do not say who has not got the message.",
        "expected: the address of the recipient in them",
    )
    yield lost(
        "no empty line above the first boundary",
        2,
        ("boundary=xyz\n\n", "boundary=xyz\n"),
        "No empty line stands between the header section of the bounce and its first boundary.",
    )
    yield lost(
        "an empty line above the type of a part",
        2,
        ("--xyz\nContent-Type: message/delivery", "--xyz\n\nContent-Type: message/delivery"),
        "An empty line stands between a boundary and the fields of its part",
    )
    yield lost("no closing boundary", 2, ("\n--xyz--\n", "\n"), "No line closes the last part.", "expected: --xyz--")
    yield lost("a last boundary that does not close", 2, ("--xyz--", "--xyz"), "No line closes the last part.")
    yield lost("a closing boundary too early", 2, (f"\n--xyz\n{status}", f"\n--xyz--\n{status}"), "closing boundary")
    yield lost(
        "another boundary than the type names",
        2,
        ("boundary=xyz", "boundary=limit"),
        "No line of the bounce begins a part.",
    )
    yield lost("no boundary named", 2, ("; boundary=xyz", ""), "The Content-Type of the bounce names no boundary.")
    yield lost(
        "no words for people",
        2,
        (f"Nobody at {task.far} could get your message, and so not {task.recipient}.\n", ""),
        "The part for people has no words.",
    )
    yield _lost(
        task,
        "an indented text with another text in it",
        2,
        bouncing(task, _indented(task)),
        "Your lines begin with spaces",
    )
    yield lost(
        "an empty line within the block about the recipient",
        1,
        ("Action: failed", "\nAction: failed"),
        "Action does not stand in the block of its recipient.",
    )
    yield lost(
        "the blocks in another order",
        1,
        (
            f"Reporting-MTA: {host}\n\nFinal",
            "Final",
            f"smtp; {task.refusal}\n",
            f"smtp; {task.refusal}\n\nReporting-MTA: {host}\n",
        ),
        "The block about the recipient stands first.",
    )
    yield lost("the host that refused", 1, (host, f"dns; {task.far_host}"), "You name the host that refused.")
    yield lost("another host", 1, (host, "dns; localhost"), "Reporting-MTA names somebody else.")
    yield lost("a host without a type", 1, (host, task.host), "Reporting-MTA has no type before its value.")
    yield lost("no host", 1, (f"Reporting-MTA: {host}", "X-Program: smtplab"), "has no field Reporting-MTA")
    recipient = f"rfc822; {task.recipient}"
    yield lost("the sender who failed", 1, (recipient, f"rfc822; {task.sender}"), "the sender as the recipient")
    yield lost(
        "a recipient in brackets",
        1,
        (recipient, f"rfc822; <{task.recipient}>"),
        "The value of Final-Recipient must not be in brackets.",
    )
    yield lost("an invented action", 1, ("Action: failed", "Action: bounced"), "That is not an action.")
    yield lost("the action of a warning", 1, ("Action: failed", "Action: delayed"), "A warning says delayed.")
    yield lost("delivered", 1, ("Action: failed", "Action: delivered"), "the message has arrived or gone on")
    yield lost("no action", 1, ("Action: failed\n", ""), "The part for programs has no field Action.")
    line = f"Status: {task.status}"
    yield lost("the reply code", 2, (line, f"Status: {task.refusal[:3]}"), "You give the reply code")
    yield lost("a word for the status", 2, (line, "Status: failed"), "That is not a status code.")
    yield lost("a status of class 4", 2, (line, f"Status: 4{task.status[1:]}"), "The class of the status")
    yield lost(
        "another status",
        2,
        (line, "Status: 5.0.0"),
        "Your Status is 5.0.0, and the reply",
    )
    yield lost("no status", 2, (f"{line}\n", ""), "The part for programs has no field Status.")
    yield lost(
        "another message that comes back",
        1,
        (task.message_id, "<1@example.com>"),
        "The message that comes back has not the Message-ID of yours.",
        f"expected: Message-ID: {task.message_id}",
    )
    yield lost(
        "a message that comes back without two of its fields",
        1,
        (
            f"{task.original}",
            task.original.replace("Subject: The plan for Monday\n", "")
            .replace("Message-ID", "X")
            .replace(task.message_id, "none"),
        ),
        "The message that comes back has not the Subject and Message-ID of yours.",
    )
    yield lost(
        "no message that comes back",
        3,
        ("--xyz\nContent-Type: message/rfc822\n\n", "\n"),
        "The message does not come back with the bounce.",
    )
    yield _lost(
        task,
        "octets with LF",
        1,
        bouncing(task, bounce(task).encode()),
        "A line of your octets does not end in CRLF.",
        f"From: Mail system <postmaster@{task.host}> and then LF alone",
    )
    yield lost("letters beyond ASCII", 1, ("Nobody at", "Niemand erhält bei"), "The bounce is not in ASCII")
    yield lost("a line without an end", 1, ("Nobody at", "x" * 1000), "A line is longer than 998 octets.")
    yield lost("no date", 1, (f"Date: {task.arrived}\nSubject: Not", "Subject: Not"), "has no field Date")
    yield lost("no MIME-Version", 1, ("MIME-Version: 1.0\n", ""), "has no field MIME-Version")
    yield lost("another MIME-Version", 1, ("MIME-Version: 1.0", "MIME-Version: 2"), "MIME-Version is not 1.0.")
    yield lost("no author", 1, (f"From: Mail system <postmaster@{task.host}>\n", ""), "has no field From")
    yield lost("no address in From", 1, (f" <postmaster@{task.host}>", ""), "From has no address.")
    yield lost("from the sender", 1, (f"postmaster@{task.host}", task.sender), "a bounce is written by a host")
    yield lost("to somebody else", 1, (f"To: <{task.sender}>", "To: you@example.com"), "To names somebody else")
    yield lost(
        "to the author in the header section", 1, (f"To: <{task.sender}>", f"To: {task.author}"), "names the author"
    )
    yield lost("no subject", 1, ("Subject: Not delivered", "Subject:"), "Subject is empty.")
    yield lost("no date that can be read", 1, (f"Date: {task.arrived}\nSub", "Date: today\nSub"), "Date is not a date")
    yield lost("half a date", 1, (f"Date: {task.arrived}\nSub", "Date: 6 Aug 2004\nSub"), "Date is not a date")
    yield lost(
        "the reply without its type",
        1,
        ("Diagnostic-Code: smtp; ", "Diagnostic-Code: "),
        "Diagnostic-Code has no type before the reply.",
    )
    yield lost(
        "the text of the reply alone",
        1,
        (f"smtp; {task.refusal}", f"smtp; {task.refusal.split(' ', 2)[2]}"),
        "Diagnostic-Code does not quote the whole reply of the next host.",
    )
    yield lost("no reply", 1, (f"Diagnostic-Code: smtp; {task.refusal}\n", ""), "programs has no field Diagnostic-Code")


def _indented(task: RetryTask) -> str:
    """Return the bounce as a cell has it that is indented, with the message of the task in it as it is."""
    before, after = bounce(task).split(task.original)
    lines = [f"    {line}" if line else "" for line in before.splitlines()]
    return "\n".join(["", *lines, f"    {task.original}", *(f"    {line}" for line in after.splitlines())])
