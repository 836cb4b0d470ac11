"""Part ``trace`` of exercise 06: read the Received fields of a message, and find what is wrong on its way.

There are only seven hosts, so who asked a check about each answer by itself would soon have guessed them. It says if
all four names are right together. What is wrong with each of them is said by the hidden rules in the instructor's
notebook, where the right answers are worked out from the fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise

from ....base.duration import MINUTE, parse_duration
from ...rules import ExercisePart, Rule, RuleFailure, RuleList, text_of, visible
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


def fits(journey: Journey, named: Mapping[str, str]) -> bool:
    """Return True if four names explain all that is odd about a journey; nothing is told of each by itself.

    Args:
        journey: the header section.
        named: a host for each question about one.
    """
    upwards = tuple(reversed(journey.fields))
    way = [hop for hop in upwards if hop.host != named["forged"]]
    if len(way) != len(upwards) - 1 or any(hop.host != after.client for hop, after in pairwise(way)):
        return False
    right = [hop for hop in way if hop.host != named["clock"]]
    ends = (way[0].host, way[-1].host)
    if len(right) != len(way) - 1 or named["clock"] in ends or _across(right, way, named["clock"]) > _USUAL:
        return False
    steps = [after.stamp - hop.stamp for hop, after in pairwise(right)]
    forward, slow = min(steps) >= timedelta(), right[steps.index(max(steps))].host
    return forward and slow == named["slow"] and sum(hop.host == named["twice"] for hop in way) > 1


def _across(right: list[ReceivedField], way: list[ReceivedField], host: str) -> timedelta:
    """Return the time from the host before another one to the host behind it."""
    place = next(place for place, hop in enumerate(way) if hop.host == host)
    return right[place].stamp - right[place - 1].stamp


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
    named = {question: host_of(evidence, question) for question in _ABOUT_HOSTS}
    hosts = {question: host for question, host in named.items() if isinstance(host, str)}
    if len(hosts) != len(named):
        return RuleFailure("This is looked at when each of the four answers names a host.", undone=True)
    if fits(evidence.task.journey, hosts):
        return None
    return RuleFailure(
        "At least one of the four names is wrong. The check does not say which.",
        got="\n".join(f"{question}: {host}" for question, host in hosts.items()),
        hint="go upwards from the lowest field, and compare each from and each time, in UTC, with the field below",
    )


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
    questions=QUESTIONS,
)
