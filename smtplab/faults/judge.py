"""Count what happens in one session, and decide which faults of its host happen there and when.

Nothing is sent, read or broken off here; `session` does that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from ..base.duration import MICROSECONDS
from ..mta.handler import Envelope
from ..protocol.commands import HELLOS
from ..protocol.states import GREETING, MESSAGE
from .actions import (
    BreakAt,
    BreakOff,
    FaultAction,
    PauseReading,
    ReadSlowly,
    Swallow,
)
from .conditions import Arrival, Arriving
from .facts import Facts
from .fault import Fault
from .incoming import IncomingMessage
from .message_actions import BounceMessage, DiscardMessage, EditMessage, EndMessage, StoreAgain
from .message_edits import edited
from .moments import Moment
from .places import COMMAND
from .plan import FaultPlan
from .reply_actions import Interject, SayCode, SendOctets
from .reply_draft import ReplyDraft

_PATH = re.compile(rb"<[^>]*>|\S+")
_DECLARED_SIZE = re.compile(rb"\sSIZE=(\d+)", re.IGNORECASE)
_NEW_TRANSACTION = ("MAIL", "RSET", *HELLOS)

Replacement = SayCode | Swallow | BreakAt | DiscardMessage
"""What may come in place of what the host does."""
AmidAction = SendOctets | BreakOff | Interject | PauseReading


@dataclass(slots=True)
class AmidMessage:
    """What happens before more of a message is read.

    Attributes:
        room: how many octets may be read at once.
        pause: how many microseconds reading them takes.
        actions: what happens first, in this order, and how the connection ends behind it; empty if it goes on.
    """

    room: int
    pause: int
    actions: list[tuple[AmidAction, str]]


class FaultJudge:
    """Decides which faults of a plan happen in one session.

    Args:
        plan: the faults, which may change at any time.
        facts: those of the connection, from `FaultPlan.connect`.

    Attributes:
        verb: what is answered now: a verb, `states.GREETING` or `states.MESSAGE`.
        copies: how often the host is to take the present message.
        bounce: why it is to bounce it; None if it is not.
    """

    def __init__(self, plan: FaultPlan, facts: Facts) -> None:
        self._plan = plan
        self._facts = facts
        self._replies = 0
        self._judged: list[Fault] = []  # those that waited for octets of this message, and wait no longer
        self._rung: list[Fault] = []  # those whose time has come
        self._ending = ""  # how the connection ends behind the next reply
        self.verb = GREETING
        self.copies = 1
        self.bounce: BounceMessage | None = None

    @property
    def due(self) -> int | None:
        """The time at which a fault may happen because of the time, in microseconds of the host; None for never."""
        times = (self._time_of(fault) for fault in self._plan.at(Moment.TIMER) if fault not in self._rung)
        return min(times, default=None)

    def greeting(self, others: int) -> Replacement | None:
        """Return what comes in place of the greeting, as `replacement` does.

        Args:
            others: how many other sessions the host has.
        """
        self._facts.sessions = others + 1
        return self.replacement(GREETING)

    def ends_at_lf(self) -> bool:
        """Return True if a line that ends in a LF alone is a command: a fault says so, or looks for such commands."""
        faults = self._plan.faults
        looks = any(isinstance(each, Arriving) and each.how is Arrival.BARE for it in faults for each in it.conditions)
        return any(self._fires(fault) for fault in self._plan.at(Moment.LINE)) or looks

    def command(
        self, line: bytes, envelope: Envelope | None, arrivals: frozenset[Arrival], following: bytes = b""
    ) -> Replacement | None:
        """Return what comes in place of carrying out a command, as `replacement` does.

        Args:
            line: the command, without CRLF.
            envelope: the transaction under way, or None.
            arrivals: how it has come.
            following: the next command, if it has come.
        """
        facts = self._facts
        facts.line, facts.arrivals, facts.following = line, arrivals, _verb_of(following) if following else ""
        facts.commands += 1
        self._plan.note("commands", facts)
        self._hear()
        verb = _verb_of(line)
        if verb == "RCPT":
            self._note_recipient(envelope)
        elif verb in _NEW_TRANSACTION:
            facts.counts["RCPT"] = facts.accepted = 0
            declared = _DECLARED_SIZE.search(line)
            facts.octets = int(declared[1]) if declared else 0
        return self.replacement(verb)

    def replacement(self, verb: str) -> Replacement | None:
        """Count the greeting, a command or the end of a message; return what comes in place of the host's own work.

        Args:
            verb: which of them has come; see `verb`.

        Returns:
            The action; None if the host does its work.
        """
        self.verb = self._facts.verb = verb
        self._facts.events += 1
        self._facts.counts[verb] = self._facts.counts.get(verb, 0) + 1
        faults = (fault for fault in self._plan.at(Moment.COMMAND) if self._is_here(fault))
        fault = next((fault for fault in faults if self._fires(fault)), None)
        if fault is None:
            return None
        self._ending = fault.ending
        return cast(Replacement, fault.action)

    def reply(self, data: bytes) -> ReplyDraft:
        """Return what the faults make of a reply to `verb`."""
        facts = self._facts
        self._replies += 1
        draft = ReplyDraft(data, self.verb, self._replies, facts.errors, facts.accepted, how=self._ending)
        self._ending = ""
        for fault in self._plan.at(Moment.REPLY):
            if self._is_here(fault) and fault.takes(draft.code) and self._fires(fault):
                draft.apply(fault.action, lambda below, fault=fault: self._plan.draw(fault, self._facts, below))  # type: ignore[misc]
                draft.how = draft.how or fault.ending
        self._count_reply(data[:1])
        return draft

    def message_begins(self, limit: int) -> IncomingMessage:
        """Count the octets of a new message, and return what reads it.

        Args:
            limit: the most octets that the host takes; 0 for any number.
        """
        self._facts.octets = 0
        self._judged.clear()
        faults = [fault for fault in self._plan.at(Moment.MESSAGE) if self._fires(fault)]
        ends = tuple(cast(EndMessage, fault.action).end for fault in faults)
        return IncomingMessage(ends, collects=any(fault.needs_content for fault in self._plan.faults), limit=limit)

    def message_has_come(self, content: bytes, arrivals: frozenset[Arrival]) -> bytes:
        """Return what the host gets of a message.

        Args:
            content: the message; empty if no fault needs it.
            arrivals: how its end has come.
        """
        self._facts.line, self._facts.arrivals = content, arrivals
        for fault in self._plan.at(Moment.CONTENT):
            if self._fires(fault):
                content = edited(content, cast(EditMessage, fault.action))
        return content

    def accept_message(self) -> None:
        """Decide how often the host is to take the message that has come, or why it is to bounce it."""
        self.copies, self.bounce = 1, None
        for fault in self._plan.at(Moment.ACCEPTANCE):
            if self._is_here(fault) and self._fires(fault):
                if isinstance(fault.action, BounceMessage):
                    self.bounce = fault.action
                else:
                    self.copies *= cast(StoreAgain, fault.action).times

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
        self._hear()

    def timer(self) -> tuple[bool, FaultAction | None]:
        """Return True if the time of a fault has come, and what happens then, if anything."""
        faults = (fault for fault in self._plan.at(Moment.TIMER) if fault not in self._rung)
        due = [fault for fault in faults if self._time_of(fault) <= self._plan.now]
        self._rung += due
        fault = next((fault for fault in due if self._fires(fault)), None)
        if fault is not None:
            self._ending = fault.ending
        return bool(due), None if fault is None else fault.action

    def take_ending(self) -> str:
        """Return how the connection ends behind what `timer` returned; empty if it goes on."""
        ending, self._ending = self._ending, ""
        return ending

    def _time_of(self, fault: Fault) -> int:
        if fault.silence is not None:
            return self._facts.heard + fault.silence
        return self._facts.began + (fault.age or 0)

    def _hear(self) -> None:
        self._facts.heard = self._plan.now
        self._rung = [fault for fault in self._rung if fault.silence is None]

    def _count_reply(self, severity: bytes) -> None:
        facts = self._facts
        if self.verb == MESSAGE and severity == b"2":
            facts.messages += 1
            self._plan.note("messages", facts)
        elif self.verb == "RCPT" and severity == b"2":
            facts.accepted += 1
            self._plan.note("recipients", facts)
        elif severity in (b"4", b"5"):
            facts.errors += 1
            self._plan.note("errors", facts)

    def _note_recipient(self, envelope: Envelope | None) -> None:
        self._facts.recipients = 1 + (len(envelope.recipients) if envelope else 0)
        sender = envelope.reverse_path.address if envelope else ""
        found = _PATH.search(self._facts.line.partition(b":")[2])
        self._plan.note_attempt(self._facts, sender, found[0].decode("utf-8", "replace") if found else "")

    def _judge_octets(self, fault: Fault, amid: AmidMessage) -> None:
        action = cast(AmidAction, fault.action)
        limit = (action.octets or 0) if isinstance(action, BreakOff) else action.after
        if self._facts.octets < limit:
            amid.room = min(amid.room, limit - self._facts.octets)
            return
        self._judged.append(fault)
        if self._fires(fault):
            amid.actions.append((action, fault.ending))

    def _fires(self, fault: Fault) -> bool:
        return self._plan.fires(fault, self._facts)

    def _is_here(self, fault: Fault) -> bool:
        at, following = fault.at, self._facts.following
        if at.last and following in ("", "RCPT"):
            return False
        count = self._facts.counts.get(self.verb, 0)
        if at.verb == COMMAND:
            count = self._facts.commands
        elif not at.verb:
            count = self._facts.events
        return at.takes(self.verb, count)


def _verb_of(line: bytes) -> str:
    """Return the first word of a command line in upper case, a verb or not."""
    words = line.split(None, 1)
    return words[0].decode("ascii", "replace").upper() if words else "?"
