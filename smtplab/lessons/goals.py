"""The goal of an open cell, judged by what went over the wire and by what lies in a mailbox.

::

    {"said": ["250 MAIL FROM:<alice@lab.example>", "250 RCPT"], "session": "session"}
    {"lines": ["Subject: *"]}                              # inside a message, where nothing is answered
    {"said": ["250 MAIL FROM:<alice@lab.example>", "250 RCPT TO:<bob@lab.example>", "250 ."], "text": ["Subject: Hi"]}
    {"mail": "bob@lab.example: Lunch at noon?", "sender": "alice@lab.example"}
    {"mail": "bob@lab.example: Lunch at noon?", "idle": true}      # and no host has mail left to deliver
    {"guess": {"name": "guess", "right": 10, "from": [10, 20]}}    # a prediction in Python, which nothing sends
    {"lines": ["..hidden"], "slips": {".hidden": "the server takes the first dot of a line away"}}
    {"function": {"name": "parse", "tries": [...]}}                # what the student writes; see `function_goals`

Whoever reaches the goal in another way than the reference answer has reached it. But a message has to be the one of the
task: with this sender, these recipients and no other, and where ``text`` gives them, these lines and no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, Self

from ..base.printed import in_a_row, sentence
from ..protocol.states import MESSAGE
from ..transcript import Exchange, Side, printable
from . import sentences
from .besides import also_in_message, also_refused
from .by_buttons import why_not_by_buttons
from .evidence import FORGETS, LONE_DOT, StepEvidence, Verdict, Wanted, has_other_hello, in_groups, line_of
from .function_goals import FunctionGoal
from .guesses import Guess
from .message_lines import (
    first_missing,
    foreign_line,
    is_slip_of_the_end,
    is_twice,
    lines_too_many,
    near_line,
    not_yet_in_message,
    said_too_late,
    stuffed_line,
)
from .messages import WantedMessage, address_in, offered
from .near_mail import near_mail, subjects
from .needless_reset import is_needless_reset
from .reasons import (
    refusals,
    told_answer,
    why_missing,
    why_not_ended,
    why_nothing_came,
    why_refused,
)
from .turned_roles import reply_without_text, what_to_answer

DEFAULT_SESSION = "session"
_DATA, _RCPT = "DATA", "RCPT"


@dataclass(frozen=True, slots=True)
class Goal:
    """What an open cell must bring about.

    Args:
        said: exchanges that happened, in this order; others may stand between, and recipients come in any order.
        lines: lines that the client sent, in this order, as patterns with ``*``.
        slips: sentences for lines that are sent by mistake, each with the pattern of its line.
        host: the host with which the session is held; empty if any will do.
        mail: an address, and the subject of the newest message in its mailbox; empty for none.
        sender: the envelope's sender of this message, as its ``Return-Path`` has it; empty if any will do.
        text: the lines of the message that is sent, and no others; empty if any will do.
        idle: True if no host may have mail left to deliver.
        guess: a prediction in a variable; None for none.
        function: what the student writes into a variable; None for nothing.
        session: the variable that holds the session.
    """

    said: tuple[Wanted, ...] = ()
    lines: tuple[str, ...] = ()
    mail: tuple[str, str] | tuple[()] = ()
    session: str = DEFAULT_SESSION
    slips: tuple[tuple[str, str], ...] = ()
    host: str = ""
    sender: str = ""
    text: tuple[str, ...] = ()
    idle: bool = False
    guess: Guess | None = None
    function: FunctionGoal | None = None

    @classmethod
    def read(cls, settings: Mapping[str, Any], *, cell: str) -> Self:
        """Return the goal in the metadata of a cell.

        Raises:
            ValueError: if it is not understood; the sentence names the cell.
        """
        try:
            if not settings or set(settings) - {each.name for each in fields(cls)}:
                raise ValueError
            address, _, subject = settings.get("mail", "").partition(": ")
            return cls(
                tuple(map(Wanted.read, settings.get("said", ()))),
                tuple(settings.get("lines", ())),
                (address, subject) if address else (),
                settings.get("session", DEFAULT_SESSION),
                tuple(settings.get("slips", {}).items()),
                settings.get("host", ""),
                settings.get("sender", ""),
                tuple(settings.get("text", ())),
                bool(settings.get("idle", False)),
                Guess.read(settings["guess"]) if "guess" in settings else None,
                FunctionGoal.read(settings["function"]) if "function" in settings else None,
            )
        except (ValueError, TypeError, AttributeError):
            raise ValueError(sentences.BAD_GOAL.format(cell=cell, goal=dict(settings))) from None

    @property
    def variable(self) -> str:
        """The variable that is judged, and not what was sent; empty if none is."""
        written = self.function or self.guess
        return "" if written is None else written.name

    def with_either_hello(self) -> Self:
        """Return the goal of a task that does not say which of HELO and EHLO is wanted."""
        return replace(self, said=tuple(replace(each, either_hello=each.verb == "HELO") for each in self.said))

    @property
    def message(self) -> WantedMessage:
        """What the goal says about the message that the step sends."""
        begun = max((at for at, each in enumerate(self.said) if each.verb in FORGETS), default=-1) + 1
        taken = [each for each in self.said[begun:] if each.code[0] in "23" and each.has_path]
        senders = [address_in(each.line) for each in taken if each.verb != _RCPT]
        recipients = frozenset(address_in(each.line) for each in taken if each.verb == _RCPT)
        ended = any(each.verb == MESSAGE for each in self.said)
        opened = bool(self.said) and self.said[-1].verb == _DATA
        return WantedMessage(senders[-1] if senders else None, recipients or None, self.text, ended, opened)

    def judge(self, evidence: StepEvidence, latest: StepEvidence | None = None) -> Verdict:
        """Return the verdict: what was reached, or the first thing that is missing.

        Args:
            evidence: what happened since the step began; the goal may be reached in several cells.
            latest: what happened in the last cell alone, which the reason for "not yet" is about; None for all of it.
        """
        latest = latest or evidence
        if (written := self.function or self.guess) is not None:
            return written.judge(evidence.value)
        if self.message.ended and is_needless_reset(self.said, evidence.exchanges):
            return replace(self, said=self.said[1:]).judge(evidence, latest)
        if spoiled := self._spoiled_text(evidence, latest):
            return Verdict(False, sentence(spoiled), spoiled=True)
        if late := self._late_line(evidence, latest):
            return Verdict(False, sentence(late), spoiled=True)
        if unsent := self._unsent_line(evidence, latest):
            return Verdict(False, sentence(unsent))
        if self._repeats_a_message(evidence):
            return Verdict(False, sentence(why_not_ended(evidence.open_message or "")))
        if unread := self._refused_slip(latest):
            return Verdict(False, sentence(unread))
        reached = ""
        for check in (self._judge_said, self._judge_lines, self._judge_message, self._judge_mail):
            missing, found = check(evidence, latest)
            if missing:
                answered = bool(self.said) and check != self._judge_said
                kept = answered and check != self._judge_mail
                kept = kept or (check == self._judge_said and self._keeps_wrong(evidence))
                return Verdict(False, sentence(missing), answered=answered, spoiled=kept)
            reached = found or reached
        more = also_refused(self.said, evidence, latest)
        no_empty_line = bool(self.said) and self.said[0].verb == MESSAGE and "" not in (*self.text, *self.lines)
        more = more or also_in_message(self.said, evidence, no_empty_line=no_empty_line)
        bare = reply_without_text(evidence.exchanges)
        more = more or (sentence(bare) if bare else "")
        return Verdict(True, sentence(reached), more, answered=True).with_more(self._also_twice(evidence))

    def _keeps_wrong(self, evidence: StepEvidence) -> bool:
        """Return True if the server has taken a message, or a sender or a recipient that the goal does not name."""
        wanted, messages = self.message, offered(evidence.exchanges)
        if wanted.fault_of_envelope(evidence.exchanges) or has_other_hello(self.said, evidence.exchanges):
            return True
        begun = messages[-1].sender is not None or messages[-1].lines is not None  # another one, right so far
        taken = any(message.accepted for message in messages)
        return wanted.ended and not begun and taken and bool(self._fault_of_message(evidence) or self._unsaid(evidence))

    def _also_twice(self, evidence: StepEvidence) -> str:
        """Return a sentence about lines that stand in the message more often than in the task; empty for none."""
        told = self.message.doubled(evidence.exchanges)
        return sentence(told) if told else ""

    def _spoiled_text(self, evidence: StepEvidence, latest: StepEvidence) -> str:
        """Return which line does not belong into the message that is under way; empty if all of them do."""
        last = latest.open_message
        if last is None:
            return ""
        if self._only_ends_the_message and (junk := next(lines_too_many((), evidence.lines_of_message), "")):
            return junk
        if self.said and self.said[-1].verb == _DATA:
            return "" if is_slip_of_the_end(last) else foreign_line(last)
        if fault := self.message.fault_of_envelope(evidence.exchanges):
            return fault
        return self.message.fault_of_text(evidence.exchanges)

    @property
    def _only_ends_the_message(self) -> bool:
        """True if the step adds no line to the message that is under way, but ends it."""
        return bool(self.said) and self.said[0].verb == MESSAGE and not self.text and not self.lines

    def _unsent_line(self, evidence: StepEvidence, latest: StepEvidence) -> str:
        """Return what to do about a line that a message, which goes on, does not have yet; empty if it has all."""
        last = latest.open_message
        if not self.said or last is None or is_slip_of_the_end(last):
            return ""
        if (missing := first_missing(self.lines, evidence.lines)) is not None:
            return not_yet_in_message([missing])
        ends = any(each.verb == MESSAGE for each in self.said)
        return not_yet_in_message(self.message.missing_lines(evidence.exchanges)) if ends else ""

    def _late_line(self, evidence: StepEvidence, latest: StepEvidence) -> str:
        """Return which lines had to come before those that the message, which goes on, has already; empty if none."""
        if latest.open_message is None or not any(each.verb == MESSAGE for each in self.said):
            return ""
        return said_too_late(self.text, offered(evidence.exchanges)[-1].lines or ())

    def _judge_said(self, evidence: StepEvidence, latest: StepEvidence) -> tuple[str, str]:
        """Return what is missing of the exchanges, and what was found."""
        wanted, last = _first_unsaid(self.said, evidence.exchanges)
        if wanted is not None:
            told = self._slip(latest) or what_to_answer(evidence.exchanges)
            if not told and not refusals(latest):  # the last try comes before an older message
                told = self.message.blind_copy_in(evidence.exchanges)
            return told or why_missing(wanted, self.said, evidence, latest), ""
        return "", "" if last is None else told_answer(last)

    def _judge_message(self, evidence: StepEvidence, latest: StepEvidence) -> tuple[str, str]:
        """Return what is wrong with the envelope or the lines of the message."""
        if self._only_ends_the_message:
            return next(lines_too_many((), evidence.lines_of_message, ended=True), ""), ""
        return (self._fault_of_message(evidence), "") if self.said else ("", "")

    def _fault_of_message(self, evidence: StepEvidence) -> str:
        """Return what is wrong with the message; of several, one will do if it is right and came as the goal says."""
        faults = [self.message.fault(evidence.exchanges)]
        for at, each in enumerate(evidence.exchanges):
            if each.verb == MESSAGE and each.accepted and self.message.ended:
                until = evidence.exchanges[: at + 1]
                fault = self.message.fault_of_last(until)
                if not fault and _first_unsaid(self._up_to_the_message, until)[0] is None:
                    return ""
                faults.append(fault)
        return faults[-1]

    @property
    def _up_to_the_message(self) -> Sequence[Wanted]:
        """What is wanted up to the end of the message."""
        ends = [at for at, each in enumerate(self.said) if each.verb == MESSAGE]
        return self.said[: ends[-1] + 1] if ends else self.said

    def _unsaid(self, evidence: StepEvidence) -> bool:
        """Return True if something is missing that had to come before the end of the message."""
        return _first_unsaid(self._up_to_the_message, evidence.exchanges)[0] is not None

    def _judge_lines(self, evidence: StepEvidence, latest: StepEvidence) -> tuple[str, str]:
        missing = first_missing(self.lines, evidence.lines)
        if missing is not None:
            slip = self._slip(latest) or self._slip_that_stays(missing, evidence)
            fault = self._fault_of_message(evidence) if self.text and not latest.open_message else ""
            return slip or fault or self._other_line(missing, latest), ""
        if self.lines and evidence.exchanges and evidence.rows[-1].side is Side.SERVER:
            last = evidence.exchanges[-1]
            return "", told_answer(last)
        return "", sentences.LINE_SAID if self.lines else ""

    def _other_line(self, pattern: str, latest: StepEvidence) -> str:
        """Say that a line of the message was not sent, by the line that comes nearest to it."""
        if not latest.lines:
            return why_nothing_came(latest)
        near = get_close_matches(pattern, latest.lines, n=1)
        if near:
            return stuffed_line(near[0], pattern) or near_line(near[0], pattern)
        return sentences.MESSAGE_WITHOUT if self.said else sentences.OTHER_LINE

    def _repeats_a_message(self, evidence: StepEvidence) -> bool:
        """Return True if a message is under way because the one that the server has taken was wrong."""
        if evidence.open_message is None or not self.message.ended:
            return False
        taken = any(message.accepted for message in offered(evidence.exchanges))
        return taken and bool(self.message.fault(evidence.exchanges))

    def _refused_slip(self, latest: StepEvidence) -> str:
        """Return the sentence for a line that was sent by mistake and refused, whatever else was right."""
        return self._slip_in([line_of(each) for each in refusals(latest)])

    def _slip_in(self, lines: Sequence[str]) -> str:
        """Return the sentence for the first of some lines that was sent by mistake; empty if none was."""
        wrong = [line for line in lines if not any(is_twice(line, pattern) for pattern in self.lines)]
        return next((text for line in wrong for pattern, text in self.slips if fnmatchcase(line, pattern)), "")

    def _slip(self, latest: StepEvidence) -> str:
        """Return the sentence for a line that was sent by mistake, also if it has not ended; empty if none was."""
        begun = printable(latest.unfinished.removesuffix(b"\r"))
        return self._slip_in([*latest.lines, begun])

    def _slip_that_stays(self, missing: str, evidence: StepEvidence) -> str:
        """Return the sentence for a line that was begun in a cell above and ended wrongly; empty if there is none.

        Nothing that is sent afterwards mends it, so the sentence stays until the line is begun again.
        """
        begun = any(pattern.startswith(missing) for pattern, _ in self.slips)
        return sentences.LINE_IS_OVER if begun and evidence.lines else ""

    def _judge_mail(self, evidence: StepEvidence, latest: StepEvidence) -> tuple[str, str]:
        if not self.mail:
            return "", ""
        address, subject = self.mail
        try:
            newest = evidence.mailbox(address)[-1:]
        except LookupError:
            newest = []
        header = [line for message in newest for line in str(message).partition("\n\n")[0].split("\n")]
        if not any(message.subject == subject for message in newest):
            # Also if nothing was sent: the message may come from another session, one that is built by clicking.
            return self._why_no_mail(evidence, latest), ""
        if self.sender and f"Return-Path: <{self.sender}>" not in header:
            return sentences.MAIL_OF_ANOTHER.format(subject=subject, address=address, sender=self.sender), ""
        if not self.said and (fault := self.message.fault_in_mailbox(str(newest[-1]))):
            return fault, ""
        if evidence.waiting and (self.idle or not self.said):  # what is in the mailbox may be an older one
            return sentences.STILL_WAITING.format(hosts=in_a_row(evidence.waiting)), ""
        idle = sentences.NOTHING_LEFT if self.idle else ""
        return "", f"{sentences.MAIL_ARRIVED.format(subject=subject, address=address)}{idle}"

    def _why_no_mail(self, evidence: StepEvidence, latest: StepEvidence) -> str:
        """Say that a message has not arrived, by the first line that was refused, or by what has to come yet."""
        if not self.said and self.mail and evidence.elsewhere:
            told = why_not_by_buttons(self.mail, self.sender, self.text, evidence.elsewhere)
            if told:
                return told
        if near := near_mail(self.mail or ("", ""), self.sender, evidence):
            return near
        refused = next(iter(refusals(latest)), None)
        if refused is not None and not any(wanted.fits(refused) for wanted in self.said):
            return why_refused(refused, Wanted("250", LONE_DOT), [])
        if latest.open_message is not None and latest.lines:
            return why_not_ended(latest.open_message)
        address, subject = self.mail or ("", "")
        if evidence.waiting:
            hosts = in_a_row(evidence.waiting)
            if subject in subjects(evidence, address):
                return sentences.STILL_WAITING.format(hosts=hosts)
            return sentences.NO_MAIL_YET.format(subject=subject, address=address, hosts=hosts)
        if subject in subjects(evidence, address):
            return sentences.MAIL_BELOW_ANOTHER.format(subject=subject, address=address)
        if evidence.waiting is not None and not self.said:
            return sentences.NO_MAIL_LEFT.format(subject=subject, address=address, again=sentences.SEND_IT_AGAIN)
        return sentences.NO_MAIL.format(subject=subject, address=address)


def _first_unsaid(
    said: Sequence[Wanted], exchanges: Sequence[Exchange]
) -> tuple[Wanted, None] | tuple[None, Exchange | None]:
    """Return the first exchange that is wanted and did not happen in its order; if all did, the last one of them."""
    rest, last = list(exchanges), None
    for group in in_groups(said):
        places = [next((at for at, each in enumerate(rest) if wanted.fits(each)), None) for wanted in group]
        if None in places:
            return group[places.index(None)], None
        at = max(place for place in places if place is not None)
        last = rest[at]
        del rest[: at + 1]
    return None, last


def is_about_a_message(goal: Goal) -> bool:
    """Return True if a step leads into a message, or sends lines of one."""
    wanted = any(each.verb == MESSAGE or (each.verb == _DATA and each.code[0] == "3") for each in goal.said)
    return bool(wanted or goal.lines or goal.mail)
