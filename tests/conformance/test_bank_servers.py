"""The rules for servers, held against the bank: the right server fails none, each wrong one exactly those it must.

What the report says about each wrong server is compared with a file in `golden`. After a change of the wording, run
``SMTPLAB_GOLDEN=write pytest tests/conformance/test_bank_servers.py`` and read the difference.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformance.bank_servers import SLIPS, WRONG, Right
from smtplab.conformance.report import ConformanceReport
from smtplab.conformance.rule import RuleOutcome
from smtplab.conformance.servers.check import check_conformance
from smtplab.conformance.servers.memory_peer import MemoryPeer
from smtplab.conformance.servers.server_rules import SERVER_RULES, ServerCheck
from smtplab.conformance.stages import SERVER_STAGES

GOLDEN = Path(__file__).parent / "golden"
IDS = [each.rule.id for each in SERVER_RULES]


@cache
def failed_by(server: type[Any]) -> tuple[str, ...]:
    return tuple(each.rule.id for each in check_conformance(server, all=True).failures)


@pytest.fixture(scope="module")
def right() -> ConformanceReport:
    return check_conformance(Right)


def test_the_right_server_passes_every_rule(right: ConformanceReport) -> None:
    assert {each.rule.id: each.outcome for each in right.findings} == dict.fromkeys(IDS, RuleOutcome.PASS)
    assert right.passed
    assert right.points == right.possible == len(IDS)


def test_there_are_twenty_stages_and_each_has_rules() -> None:
    assert len(SERVER_STAGES) == 20
    assert list(dict.fromkeys(each.rule.stage for each in SERVER_RULES)) == [stage.name for stage in SERVER_STAGES]


def test_rules_are_told_apart_and_need_only_earlier_ones() -> None:
    assert len(set(IDS)) == len(IDS) >= 100
    for number, each in enumerate(SERVER_RULES):
        assert set(each.rule.needs) <= set(IDS[:number]), each.rule.id


@pytest.mark.parametrize("each", SERVER_RULES, ids=IDS)
def test_a_rule_names_its_section_and_says_what_to_look_at(each: Any) -> None:
    assert each.rule.section.startswith("RFC ")
    assert each.rule.demand.endswith(".")
    assert each.rule.look.endswith(".")


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_server_fails_exactly_the_rules_of_its_mistake(name: str) -> None:
    assert failed_by(WRONG[name].server) == WRONG[name].rules


@pytest.mark.parametrize("name", WRONG)
def test_a_run_stops_at_the_first_stage_that_fails_and_says_why(name: str) -> None:
    report = check_conformance(WRONG[name].server)
    assert report.reached[-1].name == WRONG[name].stage
    assert {each.rule.stage for each in report.failures} == {WRONG[name].stage}
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("SMTPLAB_GOLDEN") == "write":
        file.write_text(f"{report}\n", encoding="utf-8")
    assert f"{report}\n" == file.read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_wrong_server() -> None:
    assert {file.stem for file in GOLDEN.glob("*.txt")} == set(WRONG)
    assert len(WRONG) >= 25


@pytest.mark.parametrize("rule", SLIPS)
def test_one_slip_fails_one_rule(rule: str) -> None:
    assert failed_by(SLIPS[rule]) == (rule,)


def test_without_any_one_rule_a_wrong_server_would_not_be_found() -> None:
    alone = {rules[0] for server in _bank() if len(rules := failed_by(server)) == 1}
    assert set(IDS) - alone == set()


def test_a_rule_that_is_turned_off_lets_its_server_pass() -> None:
    for server in (WRONG["replies-end-in-lf"].server, SLIPS["help-is-answered"]):
        (rule,) = failed_by(server)
        check = ServerCheck(MemoryPeer(server), rules=[each for each in SERVER_RULES if each.rule.id != rule])
        for _ in check.run(all=True):
            pass
        assert check.report().passed


def _bank() -> list[type[Any]]:
    return [*(each.server for each in WRONG.values()), *SLIPS.values()]


def test_a_crash_is_told_with_its_last_line() -> None:
    report = check_conformance(WRONG["crashes-at-an-empty-line"].server)
    (finding,) = report.failures
    assert finding.note == "IndexError: list index out of range, in command: verb = line.split()[0]"
    assert finding.note in str(report)
