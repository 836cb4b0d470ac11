"""Tell if a student's machine has been introduced in a session, for exercises whose sessions count only then.

Each student's machine has a name of its own, so nobody else's session counts.
"""

from __future__ import annotations

from typing import Any, Protocol

from ...protocol.commands import HELLOS
from ...transcript import Exchange
from ..evidence import Wire
from ..hint_wording import HintWording
from ..rules import Rule, RuleFailure, visible
from .exchanges import WireEvidence, accepted, argument_of, badly_ended, line_and_reply, meant_as


class IntroducedTask(Protocol):
    """The task of a student whose machine has a name of its own.

    Attributes:
        client: that name.
        hosts_called: the names of the hosts that answer.
    """

    @property
    def client(self) -> str: ...
    @property
    def hosts_called(self) -> tuple[str, ...]: ...


class IntroducedEvidence(WireEvidence, Protocol):
    """Evidence of sessions for such a task."""

    @property
    def task(self) -> IntroducedTask: ...
    @property
    def wires(self) -> tuple[Wire, ...]: ...
    @property
    def wording(self) -> HintWording: ...


def hellos_in(wire: Wire) -> list[Exchange]:
    """Return the exchanges in which a session gives the client's name."""
    return [exchange for exchange in wire.transcript.commands() if exchange.verb in HELLOS]


def is_introduced(client: str, wire: Wire) -> bool:
    """Return True if a client of this name has introduced itself in a session."""
    return any(accepted(hello) and argument_of(hello).casefold() == client for hello in hellos_in(wire))


def not_introduced(evidence: IntroducedEvidence, client: str) -> RuleFailure | None:
    """Return why no session is introduced by this name; None if one is."""
    task = evidence.task
    if any(is_introduced(client, wire) for wire in evidence.wires):
        return None
    if not evidence.wires:
        hint = f"begin with {evidence.wording.call.format(host=task.hosts_called[0])}"
        return RuleFailure("No session has been opened yet.", hint=hint, undone=True)
    if not any(wire.transcript for wire in evidence.wires):
        hosts = " or ".join(task.hosts_called)
        return RuleFailure("None of your calls was answered.", hosts, visible(evidence.wire.host))
    expected = f"HELO or EHLO with {client}"
    hellos = [exchange for wire in evidence.wires for exchange in hellos_in(wire)]
    if hellos:
        got = line_and_reply(hellos[-1])
        return RuleFailure("You have given a name, but not that of your machine.", expected, got)
    for wire in evidence.wires:
        if (failure := badly_ended(wire, evidence.wording)) is not None:
            return failure
    meant = [line for line in (meant_as(wire, *HELLOS) for wire in evidence.wires) if line is not None]
    got = line_and_reply(meant[-1]) if meant else ""
    return RuleFailure("You have not given your name in any session.", expected, got)


def needs_your_name(part: str) -> Rule[Any]:
    """Return the rule that a part about sessions needs: one of them is introduced."""
    return Rule(f"{part}.yours", 0, "your task sheet", "You say who you are.", _says_who_it_is)


def _says_who_it_is(evidence: IntroducedEvidence) -> RuleFailure | None:
    return not_introduced(evidence, evidence.task.client)
