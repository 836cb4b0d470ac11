"""Try a client with the plays, one after the other as the rules need them, and report what was found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ...worlds.peer_script import WireLog
from ...worlds.program_end import ProgramEnd
from ..report import ConformanceReport
from ..rule import ConformanceFinding, ConformanceRule, RuleOutcome
from ..stages import CLIENT_STAGES, run_stages
from . import client_wording as wording
from .client_rules import CLIENT_RULES, ClientRule
from .hangs import HangKind
from .played import PlayedClient, RuleVerdict, skipped
from .played_server import PlayedServer
from .plays import PLAIN, PLAYS, Play


class TriedClient(Protocol):
    """A client that can be tried again and again: a program, or a function.

    Attributes:
        name: what the report calls it.
        gives_up: True if it is told how long to wait, so that it can be tried with a silent server.
        sends_parts: True if its socket may take a part of what is sent.
    """

    name: str
    gives_up: bool
    sends_parts: bool

    def perform(self, play: Play, server: PlayedServer) -> tuple[ProgramEnd, WireLog]:
        """Let it send the message of a play to the server; return how it ended, and what was on the wire."""


class ClientRun:
    """A run of the rules over one client.

    Args:
        client: the client.
        rules: the rules to judge; all by default.
    """

    def __init__(self, client: TriedClient, rules: tuple[ClientRule, ...] = CLIENT_RULES) -> None:
        self._client = client
        self._rules = {each.rule.id: each for each in rules}
        self._played: dict[str, PlayedClient] = {}
        self._lenient = False
        self._found: list[ConformanceFinding] = []

    def run(self, *, all: bool = False) -> Iterator[ConformanceFinding]:
        """Yield the findings, stage by stage; a play is performed when the first rule needs it."""
        rules = [each.rule for each in self._rules.values()]
        for finding in run_stages(CLIENT_STAGES, rules, self._judge, all=all):
            self._found.append(finding)
            yield finding

    def report(self, *, complete: bool = True) -> ConformanceReport:
        """Return the report of what was found so far.

        Args:
            complete: False if the run was interrupted.
        """
        return ConformanceReport(tuple(self._found), self._client.name, CLIENT_STAGES, complete)

    def played(self, name: str) -> PlayedClient:
        """Return how the client did in a play."""
        if name not in self._played:
            play = PLAYS[name]
            server = PlayedServer(play, lenient=self._lenient)
            end, log = self._client.perform(play, server)
            self._played[name] = played = PlayedClient(play, server, log, end)
            self._lenient = self._lenient or played.hang(HangKind.LF, HangKind.TEXT_LF) is not None
        return self._played[name]

    def _judge(self, rule: ConformanceRule) -> ConformanceFinding:
        each = self._rules[rule.id]
        play = PLAYS[each.play]
        if play.silent_at and not self._client.gives_up:
            verdict = skipped(wording.NO_TIMEOUT)
        elif play.takes and not self._client.sends_parts:
            verdict = skipped(wording.NO_PARTIAL_SENDS)
        else:
            verdict = each.judge(self.played(each.play))
        return ConformanceFinding(
            rule, verdict.outcome, verdict.sent, verdict.came, verdict.note, verdict.expected,
            _look(rule, play, verdict), "" if play is PLAIN else play.story,
        )  # fmt: skip


def _look(rule: ConformanceRule, play: Play, verdict: RuleVerdict) -> str:
    """Return what to look at, where that is not what the rule says."""
    if play.takes and verdict.outcome is RuleOutcome.FAIL:
        return ""  # the rule knows the reason better than the server that waits for the rest
    if verdict.sentence == wording.LOOK_CRASH and play is not PLAIN:
        return f"{verdict.sentence} {rule.look}"
    return verdict.sentence


def check_client(
    client: TriedClient, *, all: bool = False, rules: tuple[ClientRule, ...] = CLIENT_RULES
) -> ConformanceReport:
    """Try a client and return the report; if the run is interrupted, that of the rules until then.

    Args:
        client: the client.
        all: True to go on after a stage with a rule that fails.
        rules: the rules to judge.
    """
    run = ClientRun(client, rules)
    try:
        for _ in run.run(all=all):
            pass
    except KeyboardInterrupt:
        return run.report(complete=False)
    return run.report()
