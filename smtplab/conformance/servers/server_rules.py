"""All rules for servers, in the order of the stages, and a run of them against one server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from ...client.outcomes import ConnectionLost
from .. import sentences
from ..report import ConformanceReport
from ..rule import ConformanceFinding, ConformanceRule, RuleOutcome
from ..stages import SERVER_STAGES, run_stages
from . import (
    command_rules,
    concurrency_rules,
    envelope_rules,
    extension_rules,
    message_rules,
    opening_rules,
    stream_rules,
)
from .probe_session import NoGround, ProbeFailure, ProbeSession
from .server_peer import ServerPeer, look_of_crash
from .server_rule import ServerRule
from .server_trial import ServerTrial
from .survey import hold_survey
from .wire_reply import SurveyedReply

_ROOMS = (
    opening_rules,
    envelope_rules,
    message_rules,
    command_rules,
    extension_rules,
    stream_rules,
    concurrency_rules,
)
_RULES = {rules.stage: rules for room in _ROOMS for rules in room.LISTS}
SERVER_RULES: Sequence[ServerRule] = tuple(rule for stage in SERVER_STAGES for rule in _RULES[stage.name])
MAILBOX = "alice@lab.example"


class ServerCheck:
    """A run against one server.

    Args:
        peer: the server.
        mailbox: an address that it takes mail for.
        rules: those to judge; all by default.
    """

    def __init__(self, peer: ServerPeer, mailbox: str = MAILBOX, rules: Sequence[ServerRule] = SERVER_RULES) -> None:
        self.peer = peer
        self._mailbox = mailbox
        self._probes = {each.rule.id: each.probe for each in rules}
        self._rules = tuple(each.rule for each in rules)
        self.findings: list[ConformanceFinding] = []
        self._under_way = ""  # the rule that is being judged
        self._gone = ""  # the rule at which the server has gone for good
        self._answered = False  # True once a trial has passed: the server has answered a client
        self._before = ""  # the rule that was judged before
        self._left: ProbeSession | None = None  # the last session of its trial

    def run(self, *, all: bool = False) -> Iterator[ConformanceFinding]:
        """Yield the findings, each as soon as it is there, and keep them in `findings`.

        Args:
            all: True to go on after a stage with a rule that fails.

        Raises:
            ConnectionLost: if the server does not take the first connection.
        """
        for finding in run_stages(SERVER_STAGES, self._rules, self._judge, all=all):
            self.findings.append(finding)
            yield finding

    def report(self, *, complete: bool = True) -> ConformanceReport:
        """Return the report of what was found so far."""
        under_way = "" if complete else self._under_way
        return ConformanceReport(tuple(self.findings), self.peer.subject, SERVER_STAGES, complete, under_way)

    @cached_property
    def _survey(self) -> Sequence[SurveyedReply]:
        trial = ServerTrial(self.peer, self._mailbox)
        try:
            return hold_survey(trial)
        finally:
            self._left = trial.sessions[-1]
            trial.end()

    def _judge(self, rule: ConformanceRule) -> ConformanceFinding:
        """Run the probe of a rule, and return what it finds."""
        if self._gone:
            return ConformanceFinding(rule, RuleOutcome.SKIP, sentence=sentences.GONE_SINCE.format(rule=self._gone))
        self._under_way = rule.id
        self.peer.begin(rule.id)
        trial = ServerTrial(self.peer, self._mailbox, survey=lambda: self._survey)
        finding = self._judged(rule, trial)
        if self._is_stuck(trial):
            finding = self._stuck(finding, trial)
        self._before = rule.id
        self._left = trial.sessions[-1] if trial.sessions else self._left
        self._answered = self._answered or finding.passed
        return finding

    def _judged(self, rule: ConformanceRule, trial: ServerTrial) -> ConformanceFinding:
        try:
            self._probes[rule.id](trial)
        except ProbeFailure as failure:
            return self._failed(rule, failure, trial)
        except NoGround as reason:
            return ConformanceFinding(rule, RuleOutcome.SKIP, sentence=str(reason))
        except ConnectionLost as error:
            if not self.findings and not trial.sessions:
                raise
            return self._lost(rule, f"({error})")
        finally:
            trial.end()
        return ConformanceFinding(rule, RuleOutcome.PASS)

    def _is_stuck(self, trial: ServerTrial) -> bool:
        """True if a server that has answered before does not greet any more, also when nobody else is connected."""
        if not (self._answered and self.peer.patience and trial.sessions and trial.sessions[-1].is_mute):
            return False
        try:
            return not ServerTrial(self.peer, self._mailbox).visit()
        except ConnectionLost:
            return False  # it has ended, and the next rule will tell

    def _stuck(self, finding: ConformanceFinding, trial: ServerTrial) -> ConformanceFinding:
        """Return the finding about a rule whose client was not greeted, because the server is still with one before."""
        rule, left = finding.rule, self._left
        self._gone = self._before
        if len(trial.sessions) > 1 and not trial.sessions[0].is_mute:
            self._gone, left = rule.id, trial.sessions[0]
        note = sentences.STUCK_AFTER_CODE.format(code=left.last_code) if left and left.last_code else sentences.STUCK
        sent, came = (left.sent, left.came) if left else (b"", b"")
        return ConformanceFinding(
            rule, RuleOutcome.FAIL, sent, came, note, sentences.A_CONNECTION, sentences.LOOK_STUCK,
            instead=sentences.STUCK_SINCE.format(rule=self._gone),
        )  # fmt: skip

    def _lost(self, rule: ConformanceRule, note: str) -> ConformanceFinding:
        """Return the finding about a rule for which the server took no connection; no other is judged after it."""
        self._gone = self._before or rule.id
        sent = self._left.sent if self._left else b""
        look = sentences.GONE_IN_TEXT if self._left and self._left.last_code == "354" else sentences.GONE
        return ConformanceFinding(
            rule, RuleOutcome.FAIL, sent, b"", note, sentences.A_CONNECTION, look,
            instead=sentences.ENDED_AFTER.format(rule=self._gone),
        )  # fmt: skip

    def _failed(self, rule: ConformanceRule, failure: ProbeFailure, trial: ServerTrial) -> ConformanceFinding:
        """Return the finding about a rule that fails, and look if the server is still there."""
        finding = _finding(rule, failure, trial)
        if not self.peer.patience or not trial.sessions or not trial.sessions[-1].closed:
            return finding
        trial.end()
        try:
            ServerTrial(self.peer, self._mailbox).visit()
        except ConnectionLost:
            if not trial.sessions[-1].has_spoken and self._before:
                return self._lost(rule, sentences.ENDED)
            self._gone = rule.id
            told = sentences.ENDED_AFTER.format(rule=rule.id)
            return replace(finding, note=sentences.ENDED, sentence=sentences.GONE, instead=told)
        return finding


def _finding(rule: ConformanceRule, failure: ProbeFailure, trial: ServerTrial) -> ConformanceFinding:
    session = trial.sessions[-1] if trial.sessions else None
    sent = failure.sent if failure.sent is not None else session.sent if session else b""
    came = failure.came if failure.came is not None else session.came if session and failure.sent is None else b""
    crash = next((each.crash for each in trial.sessions if each.crash), "")
    note = failure.note or crash
    look = look_of_crash(crash) if crash and note == crash else failure.look
    return ConformanceFinding(rule, RuleOutcome.FAIL, sent, came, note, failure.expected, look)
