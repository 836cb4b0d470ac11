"""Beliefs come from rules that fail and from the wire, each once; a part without sessions leaves the wire alone."""

from __future__ import annotations

from typing import Any

import pytest

from smtplab import Side, Transcript
from smtplab.explain.misconceptions import beliefs
from smtplab.grading.evidence import Evidence, Wire
from smtplab.grading.hint_wording import belief_hint
from smtplab.grading.rules import ExercisePart, Rule, RuleFailure, judge
from smtplab.grading.shown_beliefs import beliefs_in, named_on

LF, MX = "lf-ends-a-line", "higher-mx-is-better"


def wire(sent: bytes, *, closed: bool = False) -> Wire:
    transcript = Transcript()
    transcript.feed(Side.SERVER, b"220 b.example\r\n")
    transcript.feed(Side.CLIENT, sent)
    if closed:
        transcript.flush()
    return Wire("b.example", transcript, sent, closed)


def part(failure: RuleFailure | None, *, has_sessions: bool = True) -> ExercisePart[Any]:
    return ExercisePart("zone", (Rule("zone.order", 1, "", "It is so.", lambda _: failure),), has_sessions=has_sessions)


def shown(judged: ExercisePart[Any], *wires: Wire) -> tuple[str, ...]:
    evidence: Evidence[Any] = Evidence(None, wires, {}, {})
    return beliefs_in(judged, evidence, judge(judged, evidence))


@pytest.mark.parametrize("closed", [False, True])
def test_a_line_without_its_crlf_counts_once_whether_the_connection_is_open_or_not(closed: bool) -> None:
    assert named_on([wire(b"HELO a\nMAIL FROM:<>\n", closed=closed)]) == (LF,)
    assert named_on([wire(b"HELO a\n", closed=closed)]) == ()
    assert named_on([wire(b"HELO a\r\nNOOP\n", closed=closed)] * 2) == (LF,)


def test_what_a_rule_names_comes_first_and_once() -> None:
    twice = wire(b"HELO a\nNOOP\n")
    assert shown(part(RuleFailure("No.", belief=MX)), twice) == (MX, LF)
    assert shown(part(RuleFailure("No.", belief=LF)), twice) == (LF,)
    assert shown(part(None), twice) == (LF,)


def test_a_part_without_sessions_leaves_the_wire_alone() -> None:
    assert shown(part(None, has_sessions=False), wire(b"HELO a\nNOOP\n")) == ()


@pytest.mark.parametrize("name", beliefs())
def test_the_hint_is_the_sentence_of_the_belief(name: str) -> None:
    hint = belief_hint(name)
    assert hint.casefold() == beliefs()[name].tell.removesuffix(".").casefold()


def test_a_hint_begins_small_unless_its_first_word_is_a_name() -> None:
    assert belief_hint(MX).startswith("the lowest number")
    assert belief_hint("bounce-has-a-sender").startswith("a bounce")
    assert belief_hint("smtp-fetches-mail").startswith("SMTP hands")
    assert belief_hint("250-is-the-inbox").startswith("250 ")
