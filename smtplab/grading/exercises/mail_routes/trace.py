"""Part ``trace`` of exercise 06: read the Received fields of a message, and find what is wrong on its way.

The right answers are worked out from the fields, as a student does it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from ...rules import ExercisePart, Rule, RuleFailure, text_of, visible
from ..answers import handed_text
from .journey import Journey, ReceivedField
from .task import MailRoutesEvidence

QUESTIONS = ("slow", "minutes", "clock", "twice", "forged")
_ABOUT_HOSTS = ("slow", "clock", "twice", "forged")

# A longer step than this cannot be the usual way from host to host.
_USUAL = timedelta(minutes=5)
_NAME = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the Received fields of a message tell.

    Args:
        way: the genuine fields, the first hop first.
        forged: the host of the field that is not genuine.
        clock: the host with the wrong clock.
        slow: the host that kept the message.
        minutes: how long, in whole minutes.
        twice: the host that the message has passed twice.
    """

    way: tuple[ReceivedField, ...]
    forged: str
    clock: str
    slow: str
    minutes: int
    twice: str

    def after(self, host: str) -> str:
        """Return the host to which `host` gave the message; empty if it gave it to none."""
        return next((hop.host for hop in self.way if hop.client == host), "")


def reading(journey: Journey) -> Reading:
    """Read the Received fields of a journey from the bottom, where it begins."""
    upwards = tuple(reversed(journey.fields))
    # A field is genuine if the host above it got the message from its host. The lowest genuine one names a client.
    broken = next(place for place, hop in enumerate(upwards[:-1]) if upwards[place + 1].client != hop.host)
    way = upwards[broken + 1 :]
    steps = [after.stamp - before.stamp for before, after in pairwise(way)]
    place = _wrong_clock(steps)
    right = [step for number, step in enumerate(steps) if number not in (place - 1, place)]
    slow = max(right)
    passed = Counter(hop.host for hop in way)
    return Reading(
        way,
        upwards[broken].host,
        way[place].host,
        way[steps.index(slow)].host,
        int(slow / timedelta(minutes=1)),
        next(host for host, count in passed.items() if count > 1),
    )


def _wrong_clock(steps: list[timedelta]) -> int:
    """Return the place of the host without whose clock all goes forward: the steps to and from it make a usual one."""
    return next(
        place
        for place in range(1, len(steps))
        if min(steps[place - 1 : place + 1]) < timedelta() <= steps[place - 1] + steps[place] < _USUAL
    )


def _host(evidence: MailRoutesEvidence, question: str) -> str | RuleFailure:
    """Return the one machine of the header section that an answer names, or what is wrong with the answer."""
    text = handed_text(evidence, question, "the name of a host, between quotes")
    if isinstance(text, RuleFailure):
        return text
    named = [name for name in evidence.task.journey.names if name in _NAME.findall(text.casefold())]
    if len(named) != 1:
        return RuleFailure(
            "That does not name one host of your header section.",
            "the whole name of one host, as it stands there",
            visible(text),
        )
    return named[0]


def _is_yours(evidence: MailRoutesEvidence) -> RuleFailure | None:
    """One of the answers names a host of this student's header section."""
    if all(evidence.answers.get(question) is None for question in QUESTIONS):
        hint = f"hand in with {evidence.wording.answer.format(question='slow')}"
        return RuleFailure("No answer about the header section has been handed in yet.", hint=hint, undone=True)
    if any(isinstance(_host(evidence, question), str) for question in _ABOUT_HOSTS):
        return None
    given = [text_of(evidence.answers.get(question)) or "" for question in _ABOUT_HOSTS]
    return RuleFailure(
        "None of your answers names a host of your header section.",
        "the whole name of a host, as it stands there",
        visible(", ".join(filter(None, given))) or "no name",
        f"{evidence.wording.text.format(name='header')} shows your header section",
    )


def _names_the_slow_host(evidence: MailRoutesEvidence) -> RuleFailure | None:
    host, read = _host(evidence, "slow"), reading(evidence.task.journey)
    if isinstance(host, RuleFailure):
        return host
    if host == read.slow:
        return None
    if host == read.after(read.slow):
        return RuleFailure(
            "This host got the message late, but it was not the one that kept it.",
            got=host,
            hint="a field is written when a message arrives; where was it until then?",
        )
    if host == read.forged:
        return RuleFailure("The message was never on this host.", got=host)
    if host in (read.clock, _before(read, read.clock)):
        return RuleFailure(
            "Beside a wrong clock the times prove no delay.",
            got=host,
            hint="compare the field below this one with the field above it",
        )
    if host == _slow_without_zones(read):
        return RuleFailure(
            "You compared times of different time zones.", got=host, hint="+0100 is an hour ahead of UTC"
        )
    return RuleFailure("This host passed the message on without delay.", got=host)


def _before(read: Reading, host: str) -> str:
    return next(hop.client for hop in read.way if hop.host == host)


def _slow_without_zones(read: Reading) -> str:
    """Return which host seems to keep the message longest if the time zones are left out."""
    bare = [hop.stamp.replace(tzinfo=None) for hop in read.way]
    place = max(range(len(bare) - 1), key=lambda each: bare[each + 1] - bare[each])
    return read.way[place].host


def _names_the_wrong_clock(evidence: MailRoutesEvidence) -> RuleFailure | None:
    host, read = _host(evidence, "clock"), reading(evidence.task.journey)
    if isinstance(host, RuleFailure):
        return host
    if host == read.clock:
        return None
    if host in (read.slow, read.after(read.slow)):
        return RuleFailure("Here the message was kept; all later times fit, so the clock is right.", got=host)
    if host in (_before(read, read.clock), read.after(read.clock)):
        return RuleFailure(
            "Time goes wrong beside this host, but its own clock agrees with the others.",
            got=host,
            hint="leave its field out: do the other times fit now?",
        )
    if host == read.forged:
        return RuleFailure("That field was not written by the host that it names.", got=host)
    return RuleFailure("The clock of this host agrees with its neighbours.", got=host)


def _names_the_host_passed_twice(evidence: MailRoutesEvidence) -> RuleFailure | None:
    host, read = _host(evidence, "twice"), reading(evidence.task.journey)
    if isinstance(host, RuleFailure):
        return host
    if host == read.twice:
        return None
    return RuleFailure("This host has written one field at most.", "a host that stands behind two by", host)


def _names_the_forged_field(evidence: MailRoutesEvidence) -> RuleFailure | None:
    host, read = _host(evidence, "forged"), reading(evidence.task.journey)
    if isinstance(host, RuleFailure):
        return host
    if host == read.forged:
        return None
    if host not in {hop.host for hop in read.way}:
        return RuleFailure(
            "You named a machine that sent a message, not the host that a field names behind by.",
            "the name behind by in the field that is not genuine",
            host,
        )
    if host == read.clock:
        return RuleFailure(
            "Its clock is wrong, but the field is genuine: the next host got the message from it.", got=host
        )
    return RuleFailure(
        "The host of the field above got the message from this one, so its field is genuine.",
        got=host,
        hint="the from of each field should be the by of the field below it",
    )


def minutes_of(evidence: MailRoutesEvidence) -> int | RuleFailure:
    """Return the minutes that were handed in, or what is wrong with them."""
    answer = evidence.answers.get("minutes")
    if answer is None:
        hint = f"hand in with {evidence.wording.answer.format(question='minutes')}"
        return RuleFailure('"minutes" has not been handed in yet.', hint=hint, undone=True)
    text = str(answer) if type(answer) is int else text_of(answer)
    found = _NUMBER.findall(text or "")
    if text is None or len(found) != 1:
        got = visible(text) if text is not None else f"a value of the type {type(answer).__name__}"
        return RuleFailure('"minutes" is not one whole number.', "a number of minutes", got)
    return int(found[0])


PART = ExercisePart(
    "trace",
    (
        Rule(
            "trace.slow",
            2,
            "RFC 5321 4.4",
            "You name the host that kept the message longest.",
            _names_the_slow_host,
            "When did this host get the message, when did the next one, and in which time zones?",
        ),
        Rule(
            "trace.clock",
            2,
            "RFC 5321 4.4",
            "You name the host with the wrong clock.",
            _names_the_wrong_clock,
            "Which single field must be left out so that all the others go forward in time?",
        ),
        Rule(
            "trace.twice",
            1,
            "RFC 5321 6.3",
            "You name the host that the message passed twice.",
            _names_the_host_passed_twice,
            "Which name stands behind by in two fields?",
        ),
        Rule(
            "trace.forged",
            2,
            "RFC 5321 7.1",
            "You name the host in the Received field that somebody has made up.",
            _names_the_forged_field,
            "Read upwards: from which machine did the host of each field get the message?",
        ),
    ),
    hidden=1,
    hidden_points=1,
    question="What do the from, the by and the time of this field say, and those of the fields above and below?",
    needs=Rule("trace.yours", 0, "your task sheet", "The answers are about your header section.", _is_yours),
)
