"""A verdict goes by the latest try, and its advice by what the hosts have now."""

import pytest

from smtplab import Lab
from smtplab.lessons.cells import LessonCell, cells_of
from support.lesson_sentences import says
from support.student import StudentNotebook
from support.tutorials import Written, tutorial

ALICE, BOB, CAROL, FORZ = "alice@lab.example", "bob@lab.example", "carol@lab.example", "forouzanb@adelphia.net"
OPEN = "session = lab.telnet('mail.lab.example')"
HELLO = "session.send('HELO a')"


def task(phrase: str, answer: str, **goal: object) -> Written:
    return f"# Now you: {phrase}.\n{answer}", {"goal": goal, "hint": "a hint."}


def notebook(*cells: Written, queues: bool = False) -> tuple[StudentNotebook, list[LessonCell]]:
    written = cells_of(tutorial(*cells))
    student = StudentNotebook(written)
    student.names["lab"] = Lab(queues=queues)
    return student, written


def sends(*lines: str) -> str:
    text = "\n".join(lines)
    return f"session.send({text!r})"


def write(student: StudentNotebook, cell: LessonCell, text: str) -> str:
    return student.cell(f"{cell.given}{text}", cell.id)[1]


def run(student: StudentNotebook, *cells: LessonCell) -> list[tuple[str, str]]:
    return [student.cell(cell.source, cell.id) for cell in cells]


SAID = [f"250 MAIL FROM:<{ALICE}>", f"250 RCPT TO:<{BOB}>", f"250 RCPT TO:<{CAROL}>", "250 ."]
LETTER = sends(f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{BOB}>", f"RCPT TO:<{CAROL}>", "DATA", "Subject: Party", ".")
PARTY = task("invite both", LETTER, said=SAID, text=["Subject: Party"])
BLIND = sends(f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{BOB}>", "DATA", f"Bcc: {CAROL}", "Subject: Party", ".")


@pytest.mark.parametrize(
    "latest",
    [
        sends(f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{BOB}>,<{CAROL}>"),
        sends(f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{BOB}> <{CAROL}>"),
        sends(f"RCPT TO:{BOB}, {CAROL}"),
    ],
)
def test_a_slip_of_the_latest_try_comes_before_the_bcc_of_an_older_one(latest: str) -> None:
    student, (first, hello, party) = notebook(OPEN, HELLO, PARTY)
    run(student, first, hello)
    assert says(write(student, party, BLIND), "BLIND_COPY")
    assert says(write(student, party, latest), "ONE_AT_A_TIME")


DOT = task("end the message", "session.send('.')", said=["250 ."], text=["Subject: x"])
BEGUN = sends(f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{BOB}>", "DATA", "Subject: x")


@pytest.mark.parametrize("end", ["<CRLF>.<CRLF>", "•", ". ", "。"])
def test_behind_a_wrong_line_a_slip_of_the_end_is_not_mended_by_a_dot(end: str) -> None:
    student, (first, hello, begun, dot) = notebook(OPEN, HELLO, BEGUN, DOT)
    run(student, first, hello, begun)
    assert says(write(student, dot, "session.send('the end')"), "LINE_TOO_MUCH", "`session.undo(1)`")
    assert says(write(student, dot, sends(end)), "LINE_TOO_MUCH", "`the end`", "`session.undo(2)`")


WAIT = task("bring the host up, and let time pass", "lab.up('mail.adelphia.net')\nlab.run()", mail=f"{FORZ}: x")
DOWN = f"lab.down('mail.adelphia.net')\n{sends(f'MAIL FROM:<{ALICE}>', f'RCPT TO:<{FORZ}>', 'DATA', 'Subject: x', '.')}"


def test_mail_that_came_back_has_to_be_sent_again_by_a_cell_that_verdict_and_hint_name() -> None:
    student, (first, hello, down, wait) = notebook(OPEN, HELLO, DOWN, WAIT, queues=True)
    run(student, first, hello, down)
    again = "the cell with `lab.down('mail.adelphia.net')` again"
    assert again in write(student, wait, "lab.run()\nlab.up('mail.adelphia.net')")
    assert again in student.lesson.hint(student)
    run(student, down)
    assert again not in student.lesson.hint(student)
    assert run(student, wait)[0][1].startswith("ok: ")


AGAIN = task(
    "say RSET, then send it",
    f'session.send("RSET")\n{BEGUN}\nsession.send(".")',
    said=["250 RSET", f"250 RCPT TO:<{BOB}>", "250 ."],
)


MAILS = (
    f"# Now you: name the sender.\nsession.send('MAIL FROM:<{ALICE}>')",
    {"goal": {"said": [f"250 MAIL FROM:<{ALICE}>"]}},
)


@pytest.mark.parametrize(
    ("tried", "undo"),
    [
        (sends("MAIL alice"), False),
        (sends("HELLO", "DATA", "NOOP"), False),
        (sends(f"MAIL FROM:<{CAROL}>"), True),
        (sends("MAIL alice", f"MAIL FROM:<{CAROL}>"), True),
        ("session.send('HELLO')\nsession.send_bytes(b'MA')", True),
    ],
)
def test_nothing_is_undone_before_the_answer_if_the_tries_changed_nothing(tried: str, undo: bool) -> None:
    student, (first, hello, mails) = notebook(OPEN, HELLO, MAILS)
    run(student, first, hello)
    write(student, mails, tried)
    student.lesson.hint(student)
    assert says(student.lesson.hint(student), "AFTER_THE_UNDO") == undo


@pytest.mark.parametrize(
    ("tried", "undo"),
    [
        (sends("RSET", f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{CAROL}>"), ""),
        (sends("RSET", f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{CAROL}>", "DATA"), "session.undo(1)"),
        (sends(f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{CAROL}>", "DATA", "Subject: y", "."), "session.undo(1)"),
    ],
)
def test_a_message_that_rset_does_not_take_back_is_undone_before_the_answer(tried: str, undo: str) -> None:
    student, (first, hello, again) = notebook(OPEN, HELLO, AGAIN)
    run(student, first, hello)
    write(student, again, tried)
    student.lesson.hint(student)
    answer = student.lesson.hint(student)
    assert says(answer, "AFTER_THE_UNDO") == bool(undo)
    assert undo in answer


def test_an_error_of_python_in_a_done_step_offers_no_undo() -> None:
    hello = task("say HELO", HELLO, said=["250 HELO a"])
    student, (first, cell) = notebook(OPEN, hello)
    run(student, first, cell)
    assert "undo(1)" in write(student, cell, "session.send('HELO b')")
    told = write(student, cell, "session.send('HELO a)")
    assert says(told, "NOT_CLOSED")
    assert "undo" not in told


def test_the_sender_that_stays_is_named_also_if_an_earlier_step_gave_it() -> None:
    finish = task("finish it", BEGUN, said=[f"250 RCPT TO:<{BOB}>", "354 DATA"])
    student, (first, hello, cell) = notebook(OPEN, "session.send('HELO a')\nsession.send('MAIL FROM:<>')", finish)
    run(student, first, hello)
    told = write(student, cell, sends(f"MAIL FROM:<{BOB}>", f"RCPT TO:<{BOB}>", "DATA"))
    assert says(told, "ALSO_REFUSED_IN_TRANSACTION", "ok: ", "`<>`")


def test_a_done_step_that_waits_for_mail_does_not_deny_it_when_newer_mail_is_there() -> None:
    wait = task("let time pass", "lab.run()", mail=f"{FORZ}: x")
    more = sends(f"MAIL FROM:<{ALICE}>", f"RCPT TO:<{FORZ}>", "DATA", "Subject: quite another", ".") + "\nlab.run()"
    student, (first, hello, letter, cell) = notebook(OPEN, HELLO, DOWN.partition("\n")[2], wait, queues=True)
    run(student, first, hello, letter, cell)
    student.cell(more, "own")
    assert not says(write(student, cell, "lab.run(days=1)"), "NO_MAIL_LEFT")


class Buttons:
    """Holds a session, as the widget with buttons does."""

    def __init__(self, lab: Lab) -> None:
        self.session = lab.telnet("mail.lab.example")
        self.session.send("HELO a")


CLICK = task(
    "send it with the buttons",
    "buttons.session.send('x')",
    mail=f"{ALICE}: Clicked",
    sender=BOB,
    text=["Subject: Clicked"],
)


def clicked(sender: str, recipient: str, *lines: str) -> str:
    told = [f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", *lines]
    return sends(*told).replace("session", "buttons.session", 1)


@pytest.mark.parametrize(
    ("latest", "names", "word"),
    [
        (clicked(BOB, CAROL, "DATA", "Subject: Clicked", "."), "EXTRA_RECIPIENT", f"`<{CAROL}>`"),
        (clicked(ALICE, BOB, "DATA", "Subject: Clicked", "."), "MAIL_ELSEWHERE", BOB),
        (clicked(BOB, ALICE, "DATA", "Subject: Clicked"), "NO_END", "`Subject: Clicked`"),
        (clicked(BOB, CAROL), "EXTRA_RECIPIENT", f"`<{CAROL}>`"),
        (clicked(BOB, ALICE), "NO_MAIL", "Clicked"),
    ],
)
def test_of_messages_by_buttons_the_latest_is_judged(latest: str, names: str, word: str) -> None:
    student, (first, click) = notebook(OPEN, CLICK)
    run(student, first)
    lab = student.names["lab"]
    assert isinstance(lab, Lab)
    student.names["buttons"] = Buttons(lab)
    first_try = clicked(BOB, ALICE, "DATA", "Subject: clicked", ".")
    assert says(write(student, click, first_try), "OTHER_CAPITALS", "`Subject: clicked`")
    assert says(write(student, click, latest), names, word)


@pytest.mark.parametrize(("settings", "first"), [({}, False), ({"hint_at": 1}, True), ({"hint_at": 2}, False)])
def test_a_task_may_have_its_hint_at_the_first_not_yet(settings: dict[str, int], first: bool) -> None:
    source, goal = task("end the message", "session.send('.')", said=["250 ."])
    student, (opens, cell) = notebook(OPEN, (source, {**goal, **settings}))
    run(student, opens)
    told = [write(student, cell, "session.send('NOOP')") for _ in range(2)]
    assert [says(each, "HINT", "a hint.") for each in told] == [first, True]
