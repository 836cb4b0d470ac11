"""Part ``trace`` of exercise 06: read the Received fields of a message, and find what is wrong on its way.

The right answers are worked out from the fields, as a student does it.

There are only seven hosts, so who asked a check about each answer by itself would soon have guessed them. It says if
all four names are right together. What is wrong with each of them is said when the notebook is graded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from ....base.duration import MINUTE, parse_duration
from ...rules import ExercisePart, Judge, Rule, RuleFailure, RuleList, text_of, visible
from ..answer_evidence import handed_text, kind_of, not_handed_in
from .journey import Journey, ReceivedField
from .task import MailRoutesEvidence

QUESTIONS = ("slow", "minutes", "clock", "twice", "forged")
_ABOUT_HOSTS = ("slow", "clock", "twice", "forged")

# A longer step than this cannot be the usual way from host to host.
_USUAL = timedelta(minutes=5)
_NAME = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_HOURS = re.compile(r"[0-9]{1,4} *h(?:ours?)? *[0-9]{1,4} *m(?:in(?:s|utes?)?)?", re.IGNORECASE)
_MINUTES = re.compile(r"([0-9]{1,9})\s*(?:min|mins|minutes?)?\.?", re.IGNORECASE)


RULES = RuleList[MailRoutesEvidence]("trace")


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


def host_of(evidence: MailRoutesEvidence, question: str) -> str | RuleFailure:
    """Return the one host of the header section that an answer names, or what is wrong with the answer."""
    text = handed_text(evidence, question, "the name of a host, between quotes")
    if isinstance(text, RuleFailure):
        return text
    journey = evidence.task.journey
    named = [name for name in journey.names if name in _NAME.findall(text.casefold())]
    if len(named) != 1:
        return RuleFailure(
            f'Your answer to "{question}" does not name one host of your header section.',
            "the whole name of one host, as it stands there",
            visible(text),
        )
    if named[0] not in journey.hosts:
        return RuleFailure(
            f'Your answer to "{question}" names a machine that took no message.',
            'a name that stands after "by"',
            visible(text),
        )
    return named[0]


def _is_yours(evidence: MailRoutesEvidence) -> RuleFailure | None:
    """One of the answers names a host of this student's header section."""
    if all(evidence.answers.get(question) is None for question in QUESTIONS):
        return not_handed_in(evidence, "slow", "No answer about the header section has been handed in yet.")
    given = [text_of(evidence.answers.get(question)) or "" for question in _ABOUT_HOSTS]
    said = _NAME.findall(" ".join(given).casefold())
    if any(name in said for name in evidence.task.journey.names):
        return None
    return RuleFailure(
        "None of your answers names a host of your header section.",
        "the whole name of a host, as it stands there",
        visible(", ".join(filter(None, given))) or "no name",
        f"{evidence.wording.text.format(name='header')} shows your header section",
    )


@RULES.rule(
    "named",
    0,
    "RFC 5321 4.4",
    "Each of the four names can be read: it is a host of your header section.",
    label="the names can be read",
)
@RULES.asks("Which names stand after by in your header section?")
def _names_four_hosts(evidence: MailRoutesEvidence) -> RuleFailure | None:
    named = (host_of(evidence, question) for question in _ABOUT_HOSTS)
    return next((each for each in named if isinstance(each, RuleFailure)), None)


@RULES.rule(
    "number",
    0,
    "RFC 5322 3.3",
    "The minutes can be read. Grading says if they are right (1 point).",
    label="the minutes can be read",
)
@RULES.asks("How many minutes are there from the one time to the other?")
def _tells_a_number(evidence: MailRoutesEvidence) -> RuleFailure | None:
    minutes = minutes_of(evidence)
    return minutes if isinstance(minutes, RuleFailure) else None


@RULES.rule(
    "together",
    0,
    "RFC 5321 4.4",
    "All four names are right. 7 points for them come at grading.",
    label="all four names are right",
)
@RULES.asks("Which single field must be left out so that all the others go forward in time, once they are in UTC?")
def _names_all_of_them(evidence: MailRoutesEvidence) -> RuleFailure | None:
    if _names_four_hosts(evidence) is not None:
        return RuleFailure("This is looked at when each of the four answers names a host.", undone=True)
    if all(judge(evidence) is None for judge in JUDGES.values()):
        return None
    return RuleFailure(
        "At least one of the four names is wrong. The check does not say which.",
        got="\n".join(f"{question}: {host_of(evidence, question)}" for question in _ABOUT_HOSTS),
        hint="go upwards from the lowest field, and compare each from and each time, in UTC, with the field below",
    )


# What is wrong with one answer. It says nothing about the answers to the other questions.


def _judge_of(question: str, wrong: Callable[[str, Reading], RuleFailure]) -> Judge[MailRoutesEvidence]:
    """Return a judge for the answer to one question about hosts.

    Args:
        question: the question, as `Reading` calls its right answer.
        wrong: says what is wrong with another host.
    """

    def judge(evidence: MailRoutesEvidence) -> RuleFailure | None:
        host, read = host_of(evidence, question), reading(evidence.task.journey)
        if isinstance(host, RuleFailure):  # the rule about the form of the answers says why
            return RuleFailure("This answer names no host of your header section.", got=host.got, undone=host.undone)
        return None if host == getattr(read, question) else wrong(host, read)

    return judge


def _not_slow(host: str, read: Reading) -> RuleFailure:
    if host == read.after(read.slow):
        return RuleFailure(
            "This host got the message late, but it was not the one that kept it.",
            got=host,
            hint="a field is written when a message arrives; where was it until then?",
        )
    if host == _slow_without_zones(read):
        return RuleFailure(
            "You compared times of different time zones.",
            got=host,
            hint="put all times into UTC first: 13:34 +0100 is 12:34 +0000",
        )
    return RuleFailure(
        "Another host kept the message longest.", got=host, hint="leave out a time that does not fit all the others"
    )


def _slow_without_zones(read: Reading) -> str:
    """Return which host seems to keep the message longest if the time zones are left out."""
    bare = [hop.stamp.replace(tzinfo=None) for hop in read.way]
    place = max(range(len(bare) - 1), key=lambda each: bare[each + 1] - bare[each])
    return read.way[place].host


def _clock_is_right(host: str, read: Reading) -> RuleFailure:
    sentence = "Another host has the wrong clock."
    if host in (_before(read, read.clock), read.after(read.clock)):
        sentence = "Time goes wrong beside this host, but its own clock agrees with the others."
    return RuleFailure(sentence, got=host, hint="leave its field out: do the other times fit now?")


def _before(read: Reading, host: str) -> str:
    return next(hop.client for hop in read.way if hop.host == host)


def _not_twice(host: str, read: Reading) -> RuleFailure:
    return RuleFailure("This host has written one field at most.", 'a name that stands after "by" twice', host)


def _genuine(host: str, read: Reading) -> RuleFailure:
    if host == read.way[-1].host:
        return RuleFailure("No field stands above this one: the host of the mailbox wrote it itself.", got=host)
    return RuleFailure(
        "The host of the field above got the message from this one, so its field is genuine.",
        got=host,
        hint="the from of each field should be the by of the field below it",
    )


_WRONG = {"slow": _not_slow, "clock": _clock_is_right, "twice": _not_twice, "forged": _genuine}
JUDGES = {question: _judge_of(question, wrong) for question, wrong in _WRONG.items()}


def minutes_of(evidence: MailRoutesEvidence) -> int | RuleFailure:
    """Return the minutes that were handed in, or what is wrong with them."""
    answer = evidence.answers.get("minutes")
    if answer is None:
        return not_handed_in(evidence, "minutes", '"minutes" has not been handed in yet.')
    text = str(answer) if type(answer) is int else text_of(answer)
    minutes = _minutes_in(text.strip()) if text is not None else None
    if minutes is None:
        got = visible(text) or "nothing" if text is not None else kind_of(answer)
        expected = 'such as 75, "75", "75 min" or "1 h 15 min"'
        return RuleFailure('"minutes" is not one whole number of minutes.', expected, got)
    return minutes


def _minutes_in(text: str) -> int | None:
    """Return the minutes that a text says, also with hours; None if it says none, or not whole ones."""
    found = _MINUTES.fullmatch(text)
    if found is not None:
        return int(found[1])
    if _HOURS.fullmatch(text) is None:
        return None
    return parse_duration(text.lower().replace("mins", "min")) // MINUTE


PART = ExercisePart(
    "trace",
    RULES.in_order(),
    hidden=5,
    hidden_points=8,
    question="What do the from, the by and the time of this field say, and those of the fields above and below?",
    needs=Rule("trace.yours", 0, "your task sheet", "The answers are about your header section.", _is_yours),
)
