"""Count what happens in one session, and decide which faults of its host happen there and when.

Nothing is sent, read or broken off here; `session` does that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from ..base.duration import MICROSECONDS
from ..mta.handler import Envelope
from ..protocol.states import GREETING, MESSAGE
from .actions import BreakOff, FaultAction, ReadSlowly, SendOctets
from .fault import Fault, Moment
from .places import COMMAND
from .plan import Facts, FaultPlan
from .reply_draft import ReplyDraft

_PATH = re.compile(rb"<[^>]*>|\S+")
_NEW_TRANSACTION = ("MAIL", "RSET", "EHLO", "HELO")


@dataclass(slots=True)
class AmidMessage:
    """What happens before more of a message is read.

    Attributes:
        room: how many octets may be read at once.
        pause: how many microseconds reading them takes.
        actions: what happens first, in this order.
    """

    room: int
    pause: int
    actions: list[SendOctets | BreakOff]


class FaultJudge:
    """Decides which faults of a plan happen in one session.

    Args:
        plan: the faults, which may change at any time.
        facts: those of the connection, from `FaultPlan.connect`.

    Attributes:
        verb: what is answered now: a verb, `states.GREETING` or `states.MESSAGE`.
    """

    def __init__(self, plan: FaultPlan, facts: Facts) -> None:
        self._plan = plan
        self._facts = facts
        self._counts: dict[str, int] = {}  # of each verb
        self._replies = 0
        self._judged: list[Fault] = []  # those that waited for octets of this message, and wait no longer
        self.verb = GREETING

    @property
    def time_left(self) -> int | None:
        """How many microseconds until a fault may end the session because of its age; None for never."""
        ages = [fault.age for fault in self._plan.at(Moment.TIMER) if fault.age is not None]
        return max(min(ages) + self._facts.began - self._plan.now, 0) if ages else None

    def greeting(self, others: int) -> FaultAction | None:
        """Return what comes in place of the greeting, as `replacement` does.

        Args:
            others: how many other sessions the host has.
        """
        self._facts.sessions = others + 1
        return self.replacement(GREETING)

    def command(self, line: bytes, envelope: Envelope | None, *, pipelined: bool) -> FaultAction | None:
        """Return what comes in place of carrying out a command, as `replacement` does.

        Args:
            line: the command, without CRLF.
            envelope: the transaction under way, or None.
            pipelined: True if the reply to the command before has not been sent.
        """
        facts = self._facts
        facts.line, facts.pipelined = line, pipelined
        facts.commands += 1
        verb = _verb_of(line)
        if verb == "RCPT":
            self._note_recipient(envelope)
        elif verb in _NEW_TRANSACTION:
            self._counts["RCPT"] = 0
        return self.replacement(verb)

    def replacement(self, verb: str) -> FaultAction | None:
        """Count the greeting, a command or the end of a message; return what comes in place of the host's own work.

        Args:
            verb: which of them has come; see `verb`.

        Returns:
            A `SayCode`, `Swallow`, `BreakAt` or `BreakOff`; None if the host does its work.
        """
        self.verb = verb
        self._facts.events += 1
        self._counts[verb] = self._counts.get(verb, 0) + 1
        faults = (fault for fault in self._plan.at(Moment.COMMAND) if self._is_here(fault))
        return next((fault.action for fault in faults if self._fires(fault)), None)

    def reply(self, data: bytes) -> ReplyDraft:
        """Return what the faults make of a reply to `verb`."""
        if self.verb == MESSAGE and data[:1] == b"2":
            self._facts.messages += 1
        self._replies += 1
        draft = ReplyDraft(data, self.verb, self._replies)
        for fault in self._plan.at(Moment.REPLY):
            if self._is_here(fault) and fault.code in ("", draft.code) and self._fires(fault):
                draft.apply(fault.action, lambda below, fault=fault: self._plan.draw(fault, self._facts, below))  # type: ignore[misc]
        return draft

    def message_begins(self) -> None:
        """Count the octets of a new message."""
        self._facts.octets = 0
        self._judged.clear()

    def amid_message(self, waiting: int) -> AmidMessage:
        """Return what happens before more of a message is read.

        Args:
            waiting: how many octets have come and have not been read.
        """
        amid = AmidMessage(waiting, 0, [])
        rates = []
        for fault in self._plan.at(Moment.OCTETS):
            if isinstance(fault.action, ReadSlowly):
                amid.room = min(amid.room, fault.action.octets)
                if waiting and self._fires(fault):
                    rates.append(fault.action.octets)
            elif fault not in self._judged:
                self._judge_octets(fault, amid)
        amid.pause = sum(amid.room * MICROSECONDS // rate for rate in rates)  # of the room that all faults leave
        return amid

    def count_octets(self, octets: int) -> None:
        """Count octets of the message that have been read."""
        self._facts.octets += octets

    def old_age(self) -> str:
        """Return how a fault ends the session because of its age; empty if none does."""
        faults = (fault for fault in self._plan.at(Moment.TIMER) if self._fires(fault))
        return next((cast(BreakOff, fault.action).how for fault in faults), "")

    def _note_recipient(self, envelope: Envelope | None) -> None:
        self._facts.recipients = 1 + (len(envelope.recipients) if envelope else 0)
        sender = envelope.reverse_path.address if envelope else ""
        found = _PATH.search(self._facts.line.partition(b":")[2])
        self._plan.note_attempt(self._facts, sender, found[0].decode("utf-8", "replace") if found else "")

    def _judge_octets(self, fault: Fault, amid: AmidMessage) -> None:
        action = cast(SendOctets | BreakOff, fault.action)
        limit = action.after if isinstance(action, SendOctets) else action.octets
        if self._facts.octets < limit:
            amid.room = min(amid.room, limit - self._facts.octets)
            return
        self._judged.append(fault)
        if self._fires(fault):
            amid.actions.append(action)

    def _fires(self, fault: Fault) -> bool:
        return self._plan.fires(fault, self._facts)

    def _is_here(self, fault: Fault) -> bool:
        at = fault.at
        count = self._counts.get(self.verb, 0)
        if at.verb == COMMAND:
            count = self._facts.commands
        elif not at.verb:
            count = self._facts.events
        return at.takes(self.verb, count)


def _verb_of(line: bytes) -> str:
    """Return the first word of a command line in upper case, a verb or not."""
    words = line.split(None, 1)
    return words[0].decode("ascii", "replace").upper() if words else "?"
