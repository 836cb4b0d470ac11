"""What is particular to exercise 05: the record of a server's visits, what the referee makes of it, random sessions."""

from __future__ import annotations

import contextlib
import json
import linecache
from typing import Any

import pytest

from exercises import bank_05
from smtplab.conformance.rule import RuleOutcome
from smtplab.grading import trials
from smtplab.grading.evidence import Evidence
from smtplab.grading.exercises import design_of
from smtplab.grading.exercises.server_from_states.charged_once import is_charged
from smtplab.grading.exercises.server_from_states.server import visit_of
from smtplab.grading.exercises.server_from_states.sessions import SESSIONS, DrawnStep, session_of
from smtplab.grading.exercises.server_from_states.task import ServerTask
from smtplab.grading.exercises.server_from_states.trials import ServerTrials, found_in
from smtplab.grading.recording import Unasked
from smtplab.grading.rules import RuleFailure, judge
from smtplab.grading.trials import TriedProgram

TASK: ServerTask = design_of("05").task("mia", "smtplab")
ANSWERS = [bank_05.SERVER, bank_05.OTHER, bank_05.TEXTBOOK]


def tried(code: object) -> TriedProgram:
    return TriedProgram(code, ServerTrials(TASK))


def defined(text: str) -> Any:
    variables: dict[str, Any] = {}
    exec(bank_05.code(TASK, text).removesuffix(bank_05.HAND_IN), variables)
    return variables["Server"]


def recalled(program: TriedProgram, *names: str) -> TriedProgram:
    """Return the program as the referee has it."""
    again = tried(None)
    again.records |= {name: json.loads(json.dumps(program.record(name))) for name in names}
    return again


def test_the_referee_finds_in_the_records_what_a_visit_finds() -> None:
    for text in ANSWERS:
        program = tried(defined(text))
        again = recalled(program, *ServerTrials.names)
        for name in ServerTrials.names:
            assert found_in(again, TASK, name) == found_in(program, TASK, name)


def test_a_record_has_nothing_that_the_client_said() -> None:
    record = json.dumps(tried(defined(bank_05.SERVER)).record("text-is-stored-as-sent"))
    assert TASK.host in record
    assert "MAIL FROM" not in record


def test_a_record_of_another_visit_holds_no_rule() -> None:
    again = tried(None)
    again.records["noop-is-answered-250"] = tried(defined(bank_05.SERVER)).record("rset-is-answered-250")
    assert not found_in(again, TASK, "noop-is-answered-250").passed


@pytest.mark.parametrize("record", [{"connections": [], "stored": [], "tells": True}, {"connections": [[]]}, {}])
def test_a_record_that_is_none_holds_no_rule(record: dict[str, Any]) -> None:
    again = tried(None)
    again.records["noop-is-answered-250"] = record
    with contextlib.suppress(KeyError):  # which fails the rule as well
        assert not found_in(again, TASK, "noop-is-answered-250").passed


def test_a_visit_that_was_not_recorded_was_not_made() -> None:
    with pytest.raises(Unasked):
        found_in(tried(None), TASK, "noop-is-answered-250")


class Odd(BaseException):
    """What a student's server may raise."""


class Raising:
    """A server whose every attribute raises."""

    def __getattr__(self, name: str) -> object:
        raise Odd


class Interrupted:
    """A server that its student interrupts."""

    def __init__(self) -> None:
        raise KeyboardInterrupt


def test_whatever_a_server_raises_fails_its_visit_alone() -> None:
    assert not found_in(recalled(tried(Raising), "noop-is-answered-250"), TASK, "noop-is-answered-250").passed


def test_an_interrupt_is_the_students_and_ends_the_check() -> None:
    with pytest.raises(KeyboardInterrupt):
        tried(Interrupted).record("noop-is-answered-250")


# Servers that run for ever

LOOPS = {
    "while True: pass": "line {line}: while True: pass",
    "while octets: octets = octets + b'' if octets else octets": "line {line}: while octets",
    "x = [octets]\n        while octets: x.append(octets)": "line {next}: while octets: x.append(octets)",
}


@pytest.mark.parametrize("loop", LOOPS)
def test_a_server_that_runs_for_ever_is_told_its_line_by_the_check_and_by_the_referee(
    loop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "_MOST_LINES", 20_000)
    monkeypatch.setattr(trials, "_MOST_SECONDS", 0.05)
    text = bank_05.SERVER.replace("        *lines, self.rest", f"        {loop}\n        *lines, self.rest")
    cell = bank_05.code(TASK, text)
    name = f"<{loop}>"
    linecache.cache[name] = (len(cell), None, cell.splitlines(keepends=True), name)
    variables: dict[str, Any] = {}
    exec(compile(cell.removesuffix(bank_05.HAND_IN), name, "exec"), variables)
    program = tried(variables["Server"])
    at = 1 + cell.splitlines().index(f"        {loop}".splitlines()[0])
    for each in (program, recalled(program, "noop-is-answered-250")):
        failure = visit_of(Evidence(TASK, (), {}, {"server": each}), "noop-is-answered-250")
        assert isinstance(failure, RuleFailure)
        assert LOOPS[loop].format(line=at, next=at + 1) in failure.sentence


def test_a_loop_in_one_command_leaves_the_other_visits_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "_MOST_SECONDS", 0.05)
    text = "        while octets == b'NOOP\\r\\n': pass\n        *lines, self.rest"
    program = tried(defined(bank_05.SERVER.replace("        *lines, self.rest", text)))
    assert "endless" in program.record("noop-is-answered-250")
    assert found_in(program, TASK, "rset-is-answered-250").passed


# Random sessions


def points_of(*changes: tuple[str, str], text: str = bank_05.SERVER) -> dict[str, int]:
    """Return the points of the public rules that fail for a server with some of its words replaced."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    score = judge(design_of("05").part("server"), Evidence(TASK, (), {}, {"server": tried(defined(text))}))
    return {result.name: result.possible for result in score.results if result.failure is not None}


NO_RSET = ('"QUIT", "RSET", "HELO"', '"QUIT", "HELO"')
NO_ARGUMENT = ('    if verb in ("HELO", "EHLO") and not argument:\n        return 501\n', "")
MOVES = ("if code < 400:", "if True:")


def test_a_slip_that_another_rule_charges_costs_nothing_in_a_drawn_session() -> None:
    assert points_of(NO_RSET) == {"reset": 2}
    assert points_of(NO_ARGUMENT) == {"syntax": 3}
    assert points_of(NO_RSET, NO_ARGUMENT) == {"reset": 2, "syntax": 3}


def test_a_slip_that_only_drawn_sessions_show_is_charged_beside_another() -> None:
    assert points_of(MOVES) == {"random sessions": 2}
    assert points_of(NO_RSET, MOVES) == {"reset": 2, "random sessions": 2}


def test_many_rules_that_fail_are_many_slips_and_excuse_no_session() -> None:
    found = points_of(text=bank_05.TEXTBOOK)
    assert "random sessions" in found
    steps = session_of(TASK, 0)
    assert is_charged(["stored", "dots", "end", "transaction"], [steps])
    assert not is_charged(["stored", "dots", "end", "transaction", "limits"], [steps])


def test_a_rule_explains_a_session_only_by_a_line_up_to_the_first_difference() -> None:
    quitting, before = DrawnStep(b"QUIT\r\n", 221), DrawnStep(b"MAIL FROM:<>\r\n", 503)
    assert is_charged(["quit"], [(before, quitting)])
    assert not is_charged(["quit"], [(before,)])
    assert not is_charged(["quit"], [(before, quitting), (before,)])
    assert is_charged(["quit", "null"], [(before, quitting), (before,)])
    assert not is_charged(["limits"], [(before, quitting)])  # no drawn session comes near to a limit
    assert is_charged(["transaction"], [(DrawnStep(b"noop once more\r\n", 250),)])


def test_a_session_is_the_same_whenever_it_is_drawn() -> None:
    drawn = session_of(TASK, 7)
    session_of.cache_clear()
    assert session_of(TASK, 7) == drawn != session_of(TASK, 8)


def test_the_sessions_together_say_and_hear_all_that_the_sheet_has() -> None:
    for student in bank_05.STUDENTS:
        task = design_of("05").task(student, "smtplab")
        steps = [step for number in SESSIONS.values() for step in session_of(task, number)]
        assert {step.code for step in steps} >= {221, 250, 354, 500, 501, 503, 550}
        assert len([step for step in steps if step.stored]) > 20
        assert any(step.cut for step in steps)


def test_each_session_ends_in_quit_and_our_server_never_hangs_up_before() -> None:
    for number in SESSIONS.values():
        *before, last = session_of(TASK, number)
        assert (last.octets, last.code) == (b"QUIT\r\n", 221)
        assert 421 not in {step.code for step in before}


def test_a_message_that_is_stored_in_another_form_is_a_difference_in_a_later_session_only() -> None:
    program = tried(defined(bank_05.SERVER.replace('removeprefix(b".") + b"\\r\\n"', 'removeprefix(b".") + b"\\n"')))
    found = {number: found_in(program, TASK, name).outcome for name, number in SESSIONS.items()}
    assert {found[number] for number in range(5)} == {RuleOutcome.PASS}
    assert RuleOutcome.FAIL in found.values()
