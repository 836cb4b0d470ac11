"""All rules for servers, in the order of the stages, and a run of them against one server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from ..client.outcomes import ConnectionLost
from . import (
    command_rules,
    concurrency_rules,
    envelope_rules,
    extension_rules,
    message_rules,
    opening_rules,
    sentences,
    stream_rules,
)
from .probe_session import NoGround, ProbeFailure
from .report import ConformanceReport
from .rule import ConformanceFinding, ConformanceRule, RuleOutcome
from .server_peer import ServerPeer
from .server_rule import ServerRule
from .server_trial import ServerTrial
from .stages import SERVER_STAGES, run_stages
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

    def run(self, *, all: bool = False) -> Iterator[ConformanceFinding]:
        """Yield the findings, each as soon as it is there, and keep them in `findings`.

        Args:
            all: True to go on after a stage with a rule that fails.

        Raises:
            ConnectionLost: if the server does not take the first connection.
        """
        self.peer.connect().close()
        for finding in run_stages(SERVER_STAGES, self._rules, self._judge, all=all):
            self.findings.append(finding)
            yield finding

    def report(self, *, complete: bool = True) -> ConformanceReport:
        """Return the report of what was found so far."""
        return ConformanceReport(tuple(self.findings), self.peer.subject, SERVER_STAGES, complete)

    @cached_property
    def _survey(self) -> Sequence[SurveyedReply]:
        trial = ServerTrial(self.peer, self._mailbox)
        try:
            return hold_survey(trial)
        finally:
            trial.end()

    def _judge(self, rule: ConformanceRule) -> ConformanceFinding:
        """Run the probe of a rule, and return what it finds."""
        self.peer.begin(rule.id)
        trial = ServerTrial(self.peer, self._mailbox, survey=lambda: self._survey)
        try:
            self._probes[rule.id](trial)
        except ProbeFailure as failure:
            return _failed(rule, failure, trial)
        except NoGround as reason:
            return ConformanceFinding(rule, RuleOutcome.SKIP, sentence=str(reason))
        except ConnectionLost as error:
            gone = ProbeFailure(sentences.A_CONNECTION, sent=b"", came=b"", note=f"({error})", look=sentences.GONE)
            return _failed(rule, gone, trial)
        finally:
            trial.end()
        return ConformanceFinding(rule, RuleOutcome.PASS)


def _failed(rule: ConformanceRule, failure: ProbeFailure, trial: ServerTrial) -> ConformanceFinding:
    session = trial.sessions[-1] if trial.sessions else None
    sent = failure.sent if failure.sent is not None else session.sent if session else b""
    came = failure.came if failure.came is not None else session.came if session and failure.sent is None else b""
    crash = next((each.crash for each in trial.sessions if each.crash), "")
    note = failure.note or crash
    look = sentences.CRASHED if crash and note == crash else failure.look
    return ConformanceFinding(rule, RuleOutcome.FAIL, sent, came, note, failure.expected, look)
