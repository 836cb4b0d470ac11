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
from .probe_session import NoGround, ProbeFailure
from .server_peer import ServerPeer
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
        self._last = b""  # what was sent before it closed the connection unasked
        self._left_in_text = False  # the last client that it answered hung up after 354

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
            self._end(trial)

    def _judge(self, rule: ConformanceRule) -> ConformanceFinding:
        """Run the probe of a rule, and return what it finds."""
        if self._gone:
            return ConformanceFinding(rule, RuleOutcome.SKIP, sentence=sentences.GONE_SINCE.format(rule=self._gone))
        self._under_way = rule.id
        self.peer.begin(rule.id)
        trial = ServerTrial(self.peer, self._mailbox, survey=lambda: self._survey)
        try:
            self._probes[rule.id](trial)
        except ProbeFailure as failure:
            return self._failed(rule, failure, trial)
        except NoGround as reason:
            return ConformanceFinding(rule, RuleOutcome.SKIP, sentence=str(reason))
        except ConnectionLost as error:
            if not self.findings and not trial.sessions:
                raise
            return self._lost(rule, error)
        finally:
            self._end(trial)
        return ConformanceFinding(rule, RuleOutcome.PASS)

    def _end(self, trial: ServerTrial) -> None:
        self._last = next((each.sent for each in reversed(trial.sessions) if each.closed), b"")
        answers = [each.came for each in trial.sessions if each.came]
        self._left_in_text = answers[-1].startswith(b"354") if answers else self._left_in_text
        trial.end()

    def _lost(self, rule: ConformanceRule, error: ConnectionLost) -> ConformanceFinding:
        """Return the finding about a rule for which the server took no connection; no other is judged after it."""
        self._gone = rule.id
        look = sentences.GONE_IN_TEXT if self._left_in_text else sentences.GONE
        return ConformanceFinding(rule, RuleOutcome.FAIL, self._last, b"", f"({error})", sentences.A_CONNECTION, look)

    def _failed(self, rule: ConformanceRule, failure: ProbeFailure, trial: ServerTrial) -> ConformanceFinding:
        """Return the finding about a rule that fails, and look if the server is still there."""
        finding = _finding(rule, failure, trial)
        if not self.peer.patience or not trial.sessions or not trial.sessions[-1].closed:
            return finding
        self._end(trial)
        try:
            ServerTrial(self.peer, self._mailbox).visit()
        except ConnectionLost:
            self._gone = rule.id
            return replace(finding, note=sentences.ENDED, sentence=sentences.GONE)
        return finding


def _finding(rule: ConformanceRule, failure: ProbeFailure, trial: ServerTrial) -> ConformanceFinding:
    session = trial.sessions[-1] if trial.sessions else None
    sent = failure.sent if failure.sent is not None else session.sent if session else b""
    came = failure.came if failure.came is not None else session.came if session and failure.sent is None else b""
    crash = next((each.crash for each in trial.sessions if each.crash), "")
    note = failure.note or crash
    look = sentences.CRASHED if crash and note == crash else failure.look
    return ConformanceFinding(rule, RuleOutcome.FAIL, sent, came, note, failure.expected, look)
