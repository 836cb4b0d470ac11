"""The grammar that is shown: each of its phrases can be read, in all its forms, and each capital word is explained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from smtplab.faults.actions import ACTIONS, BreakAt, BreakOff, FaultAction, RefuseConnection, Then
from smtplab.faults.conditions import CONDITIONS, Idle
from smtplab.faults.fault import Fault
from smtplab.faults.forms import forms_of
from smtplab.faults.grammar import grammar
from smtplab.faults.places import At, Messages, Replies
from smtplab.faults.reply_actions import SayCode
from smtplab.faults.reply_edits import EditReply
from smtplab.faults.short_forms import SHORT_FORMS, Instead
from smtplab.faults.slots import KINDS
from smtplab.protocol.commands import VERBS

SHARES = 3  # into so many the phrases of a part are divided, for the kinds that have the part


def phrases_of(kind: type, share: int | None = None) -> Iterator[str]:
    """Yield phrases of a kind: of each form the plain one, and one more for each thing that may be said otherwise.

    Args:
        kind: what the phrases are of.
        share: which share of the phrases of its parts is taken, behind the plain one; None for all. Of a part that
            several of its forms have, only the first form takes so many.
    """
    yield from dict.fromkeys(_phrases(kind, share))


def _phrases(kind: type, share: int | None) -> Iterator[str]:
    seen: set[type] = set()
    for form in forms_of(kind):
        steps = [11 if isinstance(what, type) and what in seen else 1 for _, what in form.pieces]
        choices = [_choices(*piece)[::step] for piece, step in zip(form.pieces, steps, strict=True)]
        if share is not None:
            are_parts = [isinstance(what, type) for _, what in form.pieces]
            choices = [
                [each[0], *each[1 + share :: SHARES]] if is_part else each
                for each, is_part in zip(choices, are_parts, strict=True)
            ]
        seen |= {what for name, what in form.pieces if isinstance(what, type)}
        plain = [each[0] for each in choices]
        for place, others in enumerate(choices):
            for other in others:
                yield _written([*plain[:place], other, *plain[place + 1 :]])


def _choices(name: str, what: Any) -> list[str]:
    if name:
        return list(KINDS[what].examples) if isinstance(what, str) else list(phrases_of(what))
    words, optional, _ = what
    return [*words, *([""] if optional else [])]


def _written(parts: list[str]) -> str:
    return " ".join(filter(None, parts)).replace(" - ", "-")


# Phrases that two kinds may have, each of which may be written in a form of the other: the first kind reads both.
READ_AS: dict[type, Any] = {
    BreakAt: BreakOff,
    SayCode: RefuseConnection,
    **dict.fromkeys(SHORT_FORMS, SayCode),
    Instead: (SayCode, EditReply),
}


def test_the_shares_of_a_part_are_all_its_phrases() -> None:
    for kind in (BreakOff, EditReply):
        shares = [{*phrases_of(kind, share)} for share in range(SHARES)]
        assert set.union(*shares) == {*phrases_of(kind)}


@pytest.mark.untraced
@pytest.mark.parametrize("kind", [*SHORT_FORMS, *ACTIONS], ids=lambda kind: kind.__name__)
def test_every_phrase_of_an_action_can_be_read_and_is_written_so_that_it_reads_the_same(kind: type) -> None:
    written: dict[str, Fault] = {}
    for text in phrases_of(kind, [*SHORT_FORMS, *ACTIONS].index(kind) % SHARES):
        fault = Fault.parse(text)
        assert isinstance(fault.action, (kind, READ_AS.get(kind, kind))), text
        assert not fault.conditions or kind in SHORT_FORMS, text  # no part of it is taken for a condition
        again = written.get(str(fault)) or written.setdefault(str(fault), Fault.parse(str(fault)))
        assert again == fault, text
        assert Fault.parse(text if set("\"'") & set(text) else text.upper()) == fault, text


@pytest.mark.untraced
@pytest.mark.parametrize("kind", [*CONDITIONS, Then], ids=lambda kind: kind.__name__)
def test_every_phrase_of_a_condition_can_be_read_and_is_written_so_that_it_reads_the_same(kind: type) -> None:
    for text in phrases_of(kind, [*CONDITIONS, Then].index(kind) % SHARES):
        text = re.sub("^(from|between) (30 s|1 h 30 min|five minutes)", r"\1 20 s", text)  # an interval must end later
        text = re.sub("^(from|between) 22:00", r"\1 6:00", text)  # and a time of each day must end at another
        fault = Fault.parse(f"{'421' if kind is Idle else 'swallow any command'} {text}")
        assert [type(each) for each in fault.conditions] == ([] if fault.then else [kind]), text
        assert Fault.parse(str(fault)) == fault, text


def test_every_kind_of_action_is_in_the_grammar_once() -> None:
    assert set(get_args(FaultAction)) == set(ACTIONS)
    assert len(get_args(FaultAction)) == len(ACTIONS)


def test_every_form_is_a_line_of_the_grammar() -> None:
    lines = [line.strip() for line in grammar().splitlines()]
    for kind in (*SHORT_FORMS, *ACTIONS, *CONDITIONS, Then, At, Messages, Replies):
        for form in forms_of(kind):
            assert form.shown in lines


def test_every_capital_word_of_a_form_is_explained() -> None:
    explained = set(re.findall(r"^([A-Z-]+)(?:[:,]|$)", grammar(), re.MULTILINE))
    for kind in (*SHORT_FORMS, *ACTIONS, *CONDITIONS, Then, At, Messages, Replies):
        for form in forms_of(kind):
            used = {each.strip("-") for each in re.findall(r"\b[A-Z][A-Z-]+", form.shown)}
            assert used <= explained | {"CRLF", "LF", *VERBS}, form.shown


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "texts"])
def test_the_examples_of_a_value_can_be_read_to_their_end(kind: str) -> None:
    from smtplab.faults.forms import read_slot
    from smtplab.faults.tokens import Text

    for example in KINDS[kind].examples:
        text = Text(example)
        assert len(text.tokens) in {end for _, end in read_slot(kind, text, 0)}, example


def test_the_longest_of_the_phrases_that_begin_alike_is_read() -> None:
    assert str(Fault.parse("421 above 1 session of a client")) == "reply 421 above 1 sessions of a client"


# What a person might write, though the first version of the language could not read it.
ALSO = [
    ('answer "x" to replies', 'answer "x"'),
    ("cut on the first 2 connection", "cut on the first 2 connections"),
    ("cut on the first 1 session", "cut on the first 1 connections"),
    ("send \"x\" after 1 octet of the message", "send \"x\" after 1 octets of DATA"),
    ("pad replies to 1 octet", "pad replies to 1 octets"),
    ("451 to RCPT with probability 30 percent", "reply 451 to RCPT with probability 0.3"),
    ("reply 451 in 1 line to MAIL", "reply 451 in 1 lines to MAIL"),
    ("552 above 1 octet of DATA", "reply 552 above 1 octets of DATA"),
    ("1-octet write", "1-octet writes"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "canonical"), ALSO)
def test_what_a_person_might_write_is_read(text: str, canonical: str) -> None:
    assert str(Fault.parse(text)) == canonical
