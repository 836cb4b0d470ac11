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
    (exchange,) = {exchange for _, exchange in counting(found, task.causes.index(cause))}
    assert exchange.reply is not None
    alike = {
        name for name, other in CAUSES.items() if other.code == exchange.reply.code and other.shows(task, exchange)
    }
    assert alike == {cause}


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


def test_no_demand_names_digits_in_a_way_that_is_not_taught() -> None:
    demands = [rule.demand for rule in DESIGN.part("provoke").rules]
    assert "Number 2 of your list, a code that begins with 25, comes from its cause." in demands
    assert not [demand for demand in demands if "yz" in demand or "z," in demand]
