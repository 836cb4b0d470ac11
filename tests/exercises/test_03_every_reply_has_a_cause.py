"""What is particular to exercise 03; `test_banks` grades the answers of its bank."""

from __future__ import annotations

from typing import Any

import pytest

from exercises import bank_03
from exercises.bank_03 import FULL, NAME, STUDENTS
from smtplab.grading.evidence import Evidence
from smtplab.grading.exercises import design_of
from smtplab.grading.exercises.reply_causes import classify
from smtplab.grading.exercises.reply_causes.causes import CAUSES
from smtplab.grading.exercises.reply_causes.hosts import domain_taken
from smtplab.grading.exercises.reply_causes.provoke import counting
from smtplab.grading.exercises.reply_causes.slots import SLOTS
from smtplab.grading.exercises.reply_causes.task import ReplyCausesTask
from support.bank import filled, run

DESIGN = design_of(NAME)
MIA = "mia"
RIGHT = next(bank_03.right(DESIGN.task(MIA, "smtplab")))
MANY = [f"student-{number}" for number in range(300)]


def evidence_of(code: str, student: str = MIA) -> Evidence[ReplyCausesTask]:
    """Return what there is to judge when a student has written some code into the second answer cell."""
    found: Any = run(filled(NAME, student, {"provoke": code})).variables["mine"].evidence()
    return found


# The task


def test_the_students_of_the_bank_are_asked_for_every_cause() -> None:
    assert {cause for student in STUDENTS for cause in DESIGN.task(student, "smtplab").causes} == set(CAUSES)


def test_everybody_is_asked_for_eight_different_codes_each_from_its_place() -> None:
    for student in MANY:
        codes = [CAUSES[cause].code for cause in DESIGN.task(student).causes]
        assert len(set(codes)) == 8
        assert all(code in place for code, place in zip(codes, SLOTS.values(), strict=True))


def test_all_causes_are_drawn_and_their_codes_are_the_lectures_and_252() -> None:
    assert {cause for student in MANY for cause in DESIGN.task(student).causes} == set(CAUSES)
    assert {cause.code for cause in CAUSES.values()} <= {252, *classify.LECTURE}
    assert {cause.code for cause in CAUSES.values()} == {code for codes in SLOTS.values() for code in codes}


def test_no_two_of_the_hosts_have_the_same_name() -> None:
    for student in MANY:
        task = DESIGN.task(student)
        assert len({task.domain, task.next_domain, task.lost_domain}) == 3
        assert len({host.address for host in DESIGN.hosts(task)}) == 3


@pytest.mark.parametrize("student", STUDENTS)
def test_the_task_sheet_has_all_that_is_needed(student: str) -> None:
    task = DESIGN.task(student, "smtplab")
    sheet = DESIGN.sheet(task)
    people = (task.plain, task.busy, task.full, task.forwarded, task.moved, task.stranded, task.refused)
    for name in (task.client, task.host, task.next_host, *(person.partition("@")[0] for person in people)):
        assert name in sheet
    for number, cause in enumerate(task.causes, start=1):
        assert f"{number}. {CAUSES[cause].code}  {CAUSES[cause].told}" in sheet
    for limit in ("512 octets", "SIZE=1234", "20000 octets", "100 recipients", "10 mistakes"):
        assert limit in sheet
    assert max(map(len, sheet.splitlines())) <= 110


# The causes


@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_is_seen_where_it_is_and_no_other_of_its_code(cause: str) -> None:
    """Said of the wire alone: each cause is brought about, and held against all causes with its code."""
    student = next(each for each in STUDENTS if cause in DESIGN.task(each, "smtplab").causes)
    task = DESIGN.task(student, "smtplab")
    found = evidence_of(bank_03.one(task, cause), student)
    (wire, exchange), *_ = counting(found, task.causes.index(cause))
    assert len({exchange for _, exchange in counting(found, task.causes.index(cause))}) == 1
    assert exchange.reply is not None
    same_code = {name: other for name, other in CAUSES.items() if other.code == exchange.reply.code}
    assert {name for name, other in same_code.items() if other.shows(task, wire, exchange)} == {cause}


# For each cause, lines that get its code in some other way; `>` before a line stands for the second host.
SENDER = "MAIL FROM:<me@a.example>"
MESSAGE_LINES = ("DATA", "Subject: Try", "", "Hi", ".")
OTHER_WAYS = {
    "nameless greeting": [("EHLO a b",), ("HELO a b",), (SENDER, "RCPT TO:<carmen>"), ("MAIL",)],
    "recipient without domain": [
        *((SENDER, f"RCPT {rest}") for rest in ("carmen", "<carmen>", "TO:")),
        *((SENDER, f"RCPT TO:{path}") for path in ("<>", "<@x>", "<@x.example>", "<ca rmen@x.example>", "<carmen")),
        *((SENDER, f"RCPT TO:<carmen@{domain}>") for domain in ("b ad.example", "x..y", "-x", "[1.2.3]")),
        ("EHLO",),
        ("MAIL FROM:<carmen>",),
    ],
    "cannot verify": [(">VRFY everybody",), (">VRFY everybody@{next_domain}",), (">VRFY <Everybody@{next_domain}>",)],
    "no such verb": [("",), (" NOOP",), (" VERFY",), ("NOOP " + "x" * 600,), ("HELP\tDATA",), ("noop\x00",)],
    "line too long": [("VERFY",)],
    "roles are not swapped": [(">EXPN everybody",), ("STARTTLS",)],
    "lists are not told": [(">EXPN {forwarded_there}",), (">EXPN staff",), ("TURN",), ("AUTH PLAIN",)],
    "nobody to write to": [("RCPT TO:<{plain}>",), (SENDER, SENDER)],
    "no sender yet": [("DATA",), (SENDER, SENDER), (SENDER, "DATA")],
    "sender twice": [("DATA",), ("RCPT TO:<{plain}>",)],
    "nobody of that name": [
        (">MAIL FROM:<me@a.example>", "RCPT TO:<nobody@{domain}>"),
        (SENDER, "RCPT TO:<nobody@elsewhere.example>"),
        ("VRFY nobody",),
    ],
    "no way to the domain": [
        (">MAIL FROM:<me@a.example>", "RCPT TO:<nobody@{next_domain}>"),
        (SENDER, "RCPT TO:<nobody@{domain}>"),
        ("VRFY nobody@elsewhere.example",),
    ],
    "next host is down": [
        (SENDER, "RCPT TO:<{forwarded}>", *MESSAGE_LINES),
        (SENDER, "RCPT TO:<{forwarded_there}>", *MESSAGE_LINES),
    ],
    "disk full": [(SENDER, *("RCPT TO:<{plain}>",) * 101)],
    "too many recipients": [(">MAIL FROM:<me@a.example>", "RCPT TO:<{forwarded_there}>", *MESSAGE_LINES)],
    "name reserved": [
        ("VRFY root",),
        ("VRFY \u00e9",),
        *((SENDER, f"RCPT TO:<{name}@{{domain}}>") for name in ("j\u00fcrgen", "root\u00e9")),
    ],
    "moved": [("VRFY {moved}",)],
    "forwarded": [("VRFY {forwarded}",)],
    "mailbox full": [(f"{SENDER} SIZE=99999",)],
    "message too large": [(SENDER, "RCPT TO:<{full}>"), (SENDER, "RCPT TO:<{plain}>", "DATA", "x" * 30000, ".")],
    "next host refuses": [
        (SENDER, "RCPT TO:<{plain}>", "DATA", "\n".join(["Received: x"] * 100), "", "Hi", "."),
        *((SENDER, "RCPT TO:<{refused}>", "DATA", f"Hi{end}there", ".") for end in ("\r", "\x00\r")),
    ],
    "message goes round": [(SENDER, "RCPT TO:<{refused}>", *MESSAGE_LINES)],
}
# Also right, where somebody may doubt it.
RIGHT_WAYS = {
    "nameless greeting": [("EHLO",), ("HELO",), ("EHLO ",)],
    "recipient without domain": [
        (SENDER, f"RCPT TO:{path}") for path in ("<carmen>", "<carmen@>", "carmen", '<"car men">')
    ],
    "cannot verify": [
        (f"VRFY {about}",) for about in ("x@{next_domain}", "Ada <ada@{lost_domain}>", "<x@{next_domain}>")
    ],
    "name reserved": [(SENDER, f"RCPT TO:<{name}@{{domain}}>") for name in ("root", "Daemon", '"root"')],
    "no such verb": [("VERFY",), ("verfy me",), ("MAILFROM:<me@a.example>",), ("MAIL-X",), ("\x00",)],
    "lists are not told": [(">EXPN everybody",), (">EXPN <Everybody@{next_domain}>",)],
    "nobody of that name": [(">MAIL FROM:<me@a.example>", "RCPT TO:<nobody@{next_domain}>")],
    "no way to the domain": [(">MAIL FROM:<me@a.example>", "RCPT TO:<nobody@{domain}>")],
    "next host is down": [(SENDER, "RCPT TO:<somebody@{lost_domain}>", *MESSAGE_LINES)],
}


def said_by(cause: str, lines: tuple[str, ...]) -> tuple[list[int], int]:
    """Return the codes of the answers, and how many exchanges count for a cause."""
    student = next(each for each in STUDENTS if cause in DESIGN.task(each, "smtplab").causes)
    task = DESIGN.task(student, "smtplab")
    there = f"{task.forwarded.partition('@')[0]}@{task.next_domain}"
    fields = {name: getattr(task, name) for name in task.__slots__} | {"forwarded_there": there}
    where = task.next_host if lines[0].startswith(">") else task.host
    said = [f"EHLO {task.client}", *(line.removeprefix(">").format(**fields) for line in lines)]
    said = [line for each in said for line in each.split("\n")]
    code = (
        f"session = mine.telnet({where!r})\nfor line in {said!r}:\n    session.send_bytes(f'{{line}}\\r\\n'.encode())\n"
    )
    found = evidence_of(code, student)
    answers = [each.reply.code for wire in found.wires for each in wire.transcript.commands() if each.reply]
    return answers, len(counting(found, task.causes.index(cause)))


@pytest.mark.parametrize(
    ("cause", "lines"), [(cause, lines) for cause, ways in OTHER_WAYS.items() for lines in ways], ids=str
)
def test_no_other_way_to_a_code_counts_for_a_cause(cause: str, lines: tuple[str, ...]) -> None:
    answers, count = said_by(cause, lines)
    assert answers[-1] == CAUSES[cause].code
    assert count == 0


@pytest.mark.parametrize(
    ("cause", "lines"), [(cause, lines) for cause, ways in RIGHT_WAYS.items() for lines in ways], ids=str
)
def test_every_way_that_the_sheet_lets_one_take_counts(cause: str, lines: tuple[str, ...]) -> None:
    answers, count = said_by(cause, lines)
    assert answers[-1] == CAUSES[cause].code
    assert count == 1


def test_the_domain_of_a_host_is_found_however_it_was_called() -> None:
    task = DESIGN.task(MIA, "smtplab")
    first, second, _ = DESIGN.hosts(task)
    for name in (task.next_host, task.next_host.upper(), f"{task.next_host}.", second.address):
        assert domain_taken(task, name) == task.next_domain
    for name in (task.host, task.host.upper(), f"{task.host}.", first.address):
        assert domain_taken(task, name) == task.domain


@pytest.mark.parametrize(
    ("cause", "lines", "sentences"),
    [
        ("help with a command", ("HELP", "NOOP hallo"), ("HELP, answered done (211)", "ask about one command")),
        ("message too large", (f"{SENDER} SIZE=99999", "NOOP hallo"), ("answered never (555)", "say EHLO: only then")),
        ("moved", ("VRFY {moved}",), ("551 came from another cause", "name the recipient with RCPT")),
        ("mailbox in use", (SENDER, "RCPT TO:<{plain}>"), ("RCPT TO:<", "answered done (250)")),
        ("next host is down", (SENDER, "RCPT TO:<{plain}>", *MESSAGE_LINES), ("your message, answered done (250)",)),
        (
            "too many recipients",
            (SENDER, "RCPT TO:<{stranded}>", *MESSAGE_LINES),
            ("RCPT TO:<", "answered done (251)"),
        ),
        (
            "no way to the domain",
            (SENDER, "RCPT TO:<x@{lost_domain}>", "RCPT TO:<{plain}>"),
            ("lost_domain>, answered done (250)", "the host has a way to this domain"),
        ),
        (
            "no way to the domain",
            (SENDER, "RCPT TO:<x@{lost_domain}>", "RCPT TO:<nobody@{domain}>"),
            ("550 has not come from this cause yet", "lost_domain>, answered done (250)"),
        ),
        ("no such verb", ("AUTH PLAIN",), ("got: your latest session: AUTH PLAIN, answered never (502)",)),
    ],
)
def test_the_reason_shows_the_nearest_attempt(cause: str, lines: tuple[str, ...], sentences: tuple[str, ...]) -> None:
    student = next(each for each in STUDENTS if cause in DESIGN.task(each, "smtplab").causes)
    task = DESIGN.task(student, "smtplab")
    said = [line.format(**{name: getattr(task, name) for name in task.__slots__}) for line in lines]
    sentences = tuple(sentence.replace("lost_domain", task.lost_domain) for sentence in sentences)
    hello = "HELO" if cause == "message too large" else "EHLO"
    code = bank_03.session(task.host, (f"{hello} {task.client}", *said, "NOOP", "QUIT"))
    told = " ".join(run(filled(NAME, student, {"provoke": code})).told.split())
    place = told.index(f"Number {task.causes.index(cause) + 1} of your list")
    reason = told[place:].split("not yet")[0]
    seen = told if "(shown in full above)" in reason else reason
    assert [sentence for sentence in sentences if sentence not in seen] == []


FORWARDED = "forwarded"
FORWARDING = next(each for each in STUDENTS if FORWARDED in DESIGN.task(each, "smtplab").causes)


@pytest.mark.parametrize("name", ["forwarded", "stranded", "refused"])
def test_everybody_whose_mail_is_sent_on_by_the_sheet_shows_that_cause(name: str) -> None:
    task = DESIGN.task(FORWARDING, "smtplab")
    lines = (f"EHLO {task.client}", f"MAIL FROM:<me@{task.client}>", f"RCPT TO:<{getattr(task, name)}>", "QUIT")
    found = evidence_of(bank_03.session(task.host, lines), FORWARDING)
    assert counting(found, task.causes.index(FORWARDED))


@pytest.mark.parametrize("line", ["VERFY", "NOOP", "VRFY", "x", "MAIL"])
@pytest.mark.parametrize("octets", [513, 565, 566, 700])
def test_a_line_over_the_limit_is_answered_500_for_its_length_alone(line: str, octets: int) -> None:
    task = DESIGN.task(MIA, "smtplab")
    long = f"{line} ".ljust(octets - 2, "x")
    found = evidence_of(bank_03.session(task.host, (f"EHLO {task.client}", long, "QUIT")))
    counts = counting(found, task.causes.index("line too long"))
    assert bool(counts) == (line != "MAIL" or octets > 565)
    assert all("too long" in str(exchange.reply) for _, exchange in counts)


TOO_MANY = "too many errors"
ERRING = next(each for each in STUDENTS if TOO_MANY in DESIGN.task(each, "smtplab").causes)


def erring(hello: str, loop: str) -> str:
    """Return code that makes mistakes in a loop, in a session that begins with `hello`."""
    host = DESIGN.task(ERRING, "smtplab").host
    return f"session = mine.telnet({host!r})\nsession.send({hello!r})\n{loop}:\n    session.send('VERFY')\n"


def test_the_limit_on_the_sheet_is_that_of_the_host_and_a_loop_ends_when_it_hangs_up() -> None:
    task = DESIGN.task(ERRING, "smtplab")
    for loop in ("for _ in range(11)", "while not session.closed"):
        found = evidence_of(erring(f"HELO {task.client}", loop), ERRING)
        assert counting(found, task.causes.index(TOO_MANY)), loop
    within = evidence_of(erring(f"HELO {task.client}", "for _ in range(10)"), ERRING)
    assert not counting(within, task.causes.index(TOO_MANY))


def test_where_an_earlier_session_had_the_code_the_reason_names_it_and_what_the_latest_got() -> None:
    task = DESIGN.task(ERRING, "smtplab")
    wrong = erring("HELO localhost", "while not session.closed")
    right = erring(f"HELO {task.client}", "for _ in range(3)")
    told = " ".join(run(filled(NAME, ERRING, {"provoke": wrong + right})).told.split())
    assert "421 came in an earlier session, in which you gave another name" in told
    assert "got: an earlier session: HELO localhost your latest session: VERFY, answered never (500)" in told


LOCAL = next(each for each in STUDENTS if "nobody of that name" in DESIGN.task(each, "smtplab").causes)


def test_a_later_mistake_under_the_right_name_is_shown_instead_of_the_wrong_name() -> None:
    task = DESIGN.task(LOCAL, "smtplab")
    right = f"RCPT TO:<nobody@{task.domain}>"
    first = bank_03.session(task.host, ("HELO localhost", SENDER, right, "QUIT"))
    for line in (f"RCPT TO:<{task.plain}>", "RCPT TO:<nobody@elsewhere.example>"):
        later = bank_03.session(task.host, (f"HELO {task.client}", SENDER, line, "QUIT"))
        told = " ".join(run(filled(NAME, LOCAL, {"provoke": first + later})).told.split())
        assert f"got: your latest session: {line}, answered" in told
        assert "HELO localhost" not in told


def test_the_disk_of_the_other_host_is_told_from_too_many_recipients() -> None:
    student = next(each for each in STUDENTS if "too many recipients" in DESIGN.task(each, "smtplab").causes)
    task = DESIGN.task(student, "smtplab")
    there = f"RCPT TO:<{task.forwarded.partition('@')[0]}@{task.next_domain}>"
    lines = (f"HELO {task.client}", SENDER, there, *MESSAGE_LINES, "QUIT")
    told = " ".join(run(filled(NAME, student, {"provoke": bank_03.session(task.next_host, lines)})).told.split())
    assert "452 came from another cause" in told
    assert "your latest session: your message, answered 452" in told
    assert "too many means more than 100 recipients" in told


def test_what_was_said_last_stands_once_and_a_message_is_named_and_not_shown() -> None:
    task = DESIGN.task(MIA, "smtplab")
    lines = (f"HELO {task.client}", SENDER, f"RCPT TO:<{task.plain}>", *MESSAGE_LINES)
    told = " ".join(run(filled(NAME, MIA, {"provoke": bank_03.session(task.host, lines)})).told.split())
    assert told.count("got: your latest session: your message, answered done (250)") == 1
    assert "\\r" not in told


def test_a_cell_of_ones_own_that_raises_costs_nothing() -> None:
    book = filled(NAME, MIA, RIGHT.cells)
    place = next(at for at, cell in enumerate(book["cells"]) if "mine.hand_in" in "".join(cell["source"]))
    book["cells"].insert(place + 1, {"cell_type": "code", "metadata": {}, "source": ["classify(199)"]})
    assert run(book).points == FULL


def test_in_the_latest_session_another_name_is_named() -> None:
    wrong = erring("HELO localhost", "while not session.closed")
    task = DESIGN.task(ERRING, "smtplab")
    first = bank_03.session(task.host, (f"HELO {task.client}", "QUIT"))
    told = " ".join(run(filled(NAME, ERRING, {"provoke": first + wrong})).told.split())
    assert "421 came in your latest session, in which you gave another name" in told
    assert "got: your latest session: HELO localhost " in told


def test_a_code_in_a_message_that_is_taken_does_not_count() -> None:
    task = DESIGN.task(MIA, "smtplab")
    said = "\n".join(f"{CAUSES[cause].code} this is no reply" for cause in task.causes)
    lines = (
        f"HELO {task.client}",
        f"MAIL FROM:<{said[:3]}@{task.client}>",
        f"RCPT TO:<{task.plain}>",
        "DATA",
        said,
        ".",
    )
    found = evidence_of(bank_03.session(task.host, lines))
    assert found.mail[task.plain]
    assert not any(counting(found, slot) for slot in range(8))


@pytest.mark.parametrize(
    ("line", "is_said"),
    [
        ("NOOP {code}", True),
        ("{code} it is so", True),
        ("S: {code}-it is so", True),
        ("MAIL FROM:<x@y.example> SIZE={code}0", False),
        ("MAIL FROM:<x@y.example> SIZE={code}", False),
        ("MAIL FROM:<x@y{code}.example>", False),
        ("RCPT TO:<{code}@y.example>", False),
        ("HELO 10.{code}.1.2", False),
        ("NOOP 1{code}", False),
    ],
)
def test_a_code_is_said_only_as_a_word_of_its_own(line: str, is_said: bool) -> None:
    task = DESIGN.task(MIA, "smtplab")
    code = CAUSES[task.causes[2]].code
    lines = (f"HELO {task.client}", line.format(code=code))
    told = run(filled(NAME, MIA, {"provoke": bank_03.session(task.host, lines)})).told
    assert (f"You sent {code} yourself" in told) is is_said


# The function


def test_what_is_right_comes_from_the_kernels_table() -> None:
    assert classify.right(552) == ("permanent negative completion", "mail system", "give up")
    assert classify.right(354) == ("positive intermediate", "mail system", "send more")
    assert classify.right(432) == ("transient negative completion", "unspecified", "try again later")
    assert len(classify.LECTURE) == 21


YES = """
class Yes(str):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __len__(self): return 3
    def __iter__(self): return iter((self, self, self))
    def casefold(self): return self
    def split(self, *_): return [self]
    def __contains__(self, item): return True
class Triple(tuple):
    def __eq__(self, other): return True
    def __len__(self): return 3
    def __getitem__(self, place): return Yes("yes")
    def __iter__(self): return iter((Yes("yes"),) * 3)
class Fury:
    def __getattribute__(self, name):
        import sys
        print("noise", file=sys.stderr)
        raise SystemExit(3)
"""


@pytest.mark.parametrize(
    "value",
    ["Yes('yes')", "(Yes('yes'),) * 3", "Triple()", "Triple('abc')", "Fury()", "(Fury(),) * 3", "None", "(None,) * 3"],
)
def test_no_value_earns_marks_by_what_it_does_and_none_makes_a_noise(value: str) -> None:
    function = f"{YES}\nmine.hand_in('classify', lambda code: {value})\n"
    outcome = run(filled(NAME, MIA, {**RIGHT.cells, "classify": function}))
    assert outcome.points == FULL | {"check-classify": 0}
    assert all(type(points) is int for points in outcome.points.values())
    assert outcome.errors == ""


@pytest.mark.parametrize("function", ["Fury()", "Fury", "print", "exit", "lambda: 0", "mine.hand_in", "check"])
def test_no_function_earns_marks_by_what_it_does_and_none_makes_a_noise(function: str) -> None:
    cells = {**RIGHT.cells, "classify": f"{YES}\nmine.hand_in('classify', {function})\n"}
    outcome = run(filled(NAME, MIA, cells))
    assert outcome.points["check-classify"] == 0
    assert outcome.errors == ""


def test_smtplabs_own_classify_is_recognised_by_any_name() -> None:
    function = "import smtplab.protocol.codes as c\nanswer = c.classify\ndef mine_own(code): return answer(code)\n"
    outcome = run(filled(NAME, MIA, {**RIGHT.cells, "classify": f"{function}mine.hand_in('classify', mine_own)"}))
    assert "Your function calls smtplab's own classify" in outcome.told


def test_what_is_said_of_two_sessions_stands_in_two_lines() -> None:
    task = DESIGN.task(ERRING, "smtplab")
    wrong = erring("HELO localhost", "while not session.closed")
    right = erring(f"HELO {task.client}", "for _ in range(3)")
    lines = [line.strip() for line in run(filled(NAME, ERRING, {"provoke": wrong + right})).told.splitlines()]
    first = lines.index("got:      an earlier session: HELO localhost")
    assert lines[first + 1] == "your latest session: VERFY, answered never (500)"


def test_the_check_says_what_is_looked_at_only_at_grading() -> None:
    told = " ".join(run(filled(NAME, "mia", {"classify": bank_03.CLASSIFY})).told.split())
    assert "3 of 3 points that can be seen; 2 more at grading" in told
    assert "They call your function with other codes, and with numbers that are no reply codes." in told


def test_a_demand_names_no_digits_and_its_reason_says_the_code() -> None:
    demands = [rule.demand for rule in DESIGN.part("provoke").rules]
    assert demands == [f"Number {number} of your list comes from its cause." for number in range(1, 9)]
    task = DESIGN.task(MIA, "smtplab")
    lines = (f"HELO {task.client}", "QUIT")
    told = " ".join(run(filled(NAME, MIA, {"provoke": bank_03.session(task.host, lines)})).told.split())
    assert [cause for cause in task.causes if f"No host has answered {CAUSES[cause].code} yet." not in told] == []


def test_a_key_that_is_missing_is_said_to_be_one() -> None:
    function = "def classify(code): return {2: 1}[code % 10]\nmine.hand_in('classify', classify)"
    told = " ".join(run(filled(NAME, MIA, {"classify": function})).told.split())
    assert "got: a table without the key 1" in told
