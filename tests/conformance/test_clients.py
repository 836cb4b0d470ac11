"""Each client of the bank fails the rules that it names and no others, and each rule is needed to catch one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.bank_clients import RIGHT, WRONG, Client, Wrong, as_written
from smtplab.conformance.clients import client_wording as wording
from smtplab.conformance.clients.client_rules import CLIENT_RULES
from smtplab.conformance.clients.client_run import ClientRun, check_client
from smtplab.conformance.clients.memory_client import FunctionClient
from smtplab.conformance.clients.played_server import PlayedServer
from smtplab.conformance.clients.plays import PLAYS, Play
from smtplab.conformance.report import ConformanceReport, explanation
from smtplab.conformance.rule import ConformanceFinding
from smtplab.conformance.stages import CLIENT_STAGES
from smtplab.worlds.peer_script import WireLog
from smtplab.worlds.program_end import ProgramEnd
from support.golden import same_as_golden
from support.templates import is_made_of, names_of

GOLDEN = Path(__file__).parent / "golden" / "clients"


class NeverConnects:
    """A program that ends before it connects."""

    name, gives_up, sends_parts = "never connects", False, False

    def __init__(self, crash: str, said: str = "") -> None:
        self._crash, self._said = crash, said

    def perform(self, play: Play, server: PlayedServer) -> tuple[ProgramEnd, WireLog]:
        return ProgramEnd(1, connected=False, crash=self._crash, said=self._said), WireLog()


def report_of(client: Wrong, *, all: bool = False) -> ConformanceReport:
    return check_client(FunctionClient(client), all=all)


@pytest.fixture(scope="module")
def reports() -> dict[str, ConformanceReport]:
    """The reports of all wrong clients, run to the end."""
    return {client.name: report_of(client, all=True) for client in WRONG}


@pytest.mark.parametrize("client", RIGHT, ids=lambda client: client.__name__)
def test_right_client_fails_no_rule(client: type[Client]) -> None:
    report = check_client(FunctionClient(as_written(client)), all=True)
    assert report.passed, str(report)


def test_a_client_that_groups_commands_is_judged_by_every_rule() -> None:
    report = check_client(FunctionClient(as_written(RIGHT[-1])), all=True)
    assert [finding.rule.id for finding in report.findings if not finding.passed] == []
    assert len(report.findings) == len(CLIENT_RULES)


@pytest.mark.parametrize("client", WRONG, ids=lambda client: client.name)
def test_wrong_client_fails_exactly_the_rules_that_it_names(
    client: Wrong, reports: dict[str, ConformanceReport]
) -> None:
    assert {finding.rule.id for finding in reports[client.name].failures} == set(client.fails)


@pytest.mark.parametrize("crash", ["ModuleNotFoundError: No module named 'smtp'", ""])
def test_a_program_that_does_not_connect_fails_there_and_nowhere_else(crash: str) -> None:
    report = check_client(NeverConnects(crash), all=True)
    assert [finding.rule.id for finding in report.failures] == ["connects"]
    assert (crash or wording.ENDED_EARLY.format(code=1)) in str(report)


def test_a_program_that_ends_at_once_is_told_with_what_it_wrote() -> None:
    report = check_client(NeverConnects("", said="can't open file 'client.py'"))
    told = " ".join(str(report).split())
    assert "connected. It wrote: can't open file 'client.py'" in told
    assert wording.LOOK_SAID in told


def test_without_any_one_of_the_rules_a_wrong_client_would_pass() -> None:
    alone = {client.fails[0] for client in WRONG if len(client.fails) == 1}
    assert {each.rule.id for each in CLIENT_RULES} - alone == {"connects"}  # see NeverConnects


def test_ids_are_unique_and_needs_come_earlier_in_the_run() -> None:
    stages = [stage.name for stage in CLIENT_STAGES]
    rules = sorted((each.rule for each in CLIENT_RULES), key=lambda rule: stages.index(rule.stage))
    ids = [rule.id for rule in rules]
    assert len(set(ids)) == len(ids)
    for number, rule in enumerate(rules):
        assert set(rule.needs) <= set(ids[:number]), rule.id


def test_every_stage_has_a_rule_and_every_play_too() -> None:
    assert {each.rule.stage for each in CLIENT_RULES} == {stage.name for stage in CLIENT_STAGES}
    assert {each.play for each in CLIENT_RULES} == set(PLAYS)


def test_a_run_stops_behind_the_first_stage_with_a_failure() -> None:
    wrong = next(client for client in WRONG if client.fails == ("dot-ends-the-text",))
    report = report_of(wrong)
    assert report.reached[-1].name == "end"
    assert {finding.rule.stage for finding in report.failures} == {"end"}


def test_a_client_that_cannot_give_up_is_not_tried_with_silence() -> None:
    run = ClientRun(FunctionClient(as_written(Client), gives_up=False))
    skipped = [each.rule.id for each in run.run(all=True) if each.rule.stage == "silence" and not each.passed]
    assert skipped == ["times-out-at-greeting", "times-out-at-rcpt", "times-out-at-dot"]


def test_a_client_on_a_socket_of_the_system_is_not_tried_with_partial_sends() -> None:
    client = FunctionClient(as_written(Client))
    client.sends_parts = False
    skipped = [each for each in ClientRun(client).run(all=True) if each.look == wording.NO_PARTIAL_SENDS]
    assert [each.rule.id for each in skipped] == ["sends-all-octets"]


def test_every_phrase_is_said_about_some_client(reports: dict[str, ConformanceReport]) -> None:
    right = [check_client(FunctionClient(as_written(client)), all=True) for client in RIGHT]
    said = {text for each in (*reports.values(), *right) for finding in each.findings for text in _texts(finding)}
    phrases = {name for name in names_of(wording) if not name.startswith(("HANG_", "COACH_"))}  # see test_coach.py
    unsaid = {name for name in phrases if not any(is_made_of(text, getattr(wording, name)) for text in said)}
    # NOT_REACHED is for a program that behaves otherwise each time; the others have tests here.
    assert unsaid == {
        "NOT_REACHED",
        "ENDED_EARLY",
        "ENDED_EARLY_SAYING",
        "LOOK_SAID",
        "EXPECT_CONNECTION",
        "NO_TIMEOUT",
        "NO_PARTIAL_SENDS",
    }


def _texts(finding: ConformanceFinding) -> tuple[str, str, str]:
    return finding.note, finding.expected, finding.look


def test_ctrl_c_ends_a_run_with_the_report_so_far() -> None:
    def interrupted(sock: object, sender: str, recipient: str, message: bytes) -> None:
        raise KeyboardInterrupt

    report = check_client(FunctionClient(interrupted))
    assert not report.complete
    assert not report.passed


@pytest.mark.parametrize("stage", [stage.name for stage in CLIENT_STAGES[1:]])
def test_what_a_stage_says_reads_as_it_is_kept(stage: str) -> None:
    told = [
        f"=== {client.name} ===\n{_explained(report_of(client))}\n"
        for client in WRONG
        if _RULES[client.fails[0]].stage == stage
    ]
    assert told
    same_as_golden(GOLDEN / f"{stage}.txt", "\n".join(told))


def _explained(report: ConformanceReport) -> str:
    return "\n".join(line for each in report.failures for line in explanation(each))


_RULES = {each.rule.id: each.rule for each in CLIENT_RULES}
