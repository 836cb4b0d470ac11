"""There is a page for every word that has one, made of the tables."""

from __future__ import annotations

import pytest

from smtplab.explain.causes import CAUSES
from smtplab.jupyter.pages import page_of, state_page, topics
from smtplab.protocol.commands import VERBS
from smtplab.protocol.extensions import EXTENSIONS
from smtplab.protocol.states import State, legal_verbs


@pytest.mark.parametrize("topic", [*topics()])
def test_every_topic_has_a_page(topic: str) -> None:
    page = page_of(topic.lower())
    assert page is not None
    assert page.title.startswith(topic)
    assert page.lines


def test_the_topics_are_verbs_extensions_and_the_codes_of_the_lab() -> None:
    assert set(topics()) == {*VERBS, *EXTENSIONS, *(str(cause.code) for cause in CAUSES)}


@pytest.mark.parametrize(("spelled", "verb"), [("VERFY", "VRFY"), ("smol", "SOML"), ("SMAL", "SAML")])
def test_a_verb_as_the_lecture_spells_it_has_the_page_of_the_verb_and_says_so(spelled: str, verb: str) -> None:
    page = page_of(spelled)
    assert page is not None
    assert page.title == verb
    assert f"the verb is {verb}" in page.lines["lecture"]


def test_replies_are_told_apart_though_their_phrases_have_commas() -> None:
    page = page_of("DATA")
    assert page is not None
    assert page.lines["4yz"] == "421 Service not available, closing transmission channel"
    assert page.lines["5yz"].split("; ")[0] == "500 Syntax error, command unrecognized"
    assert "552 Exceeded storage allocation" in page.lines["to the lone dot, 5yz"]


@pytest.mark.parametrize("word", ["", "MAILS", "25", "2500", "999", "042", "²50", "from"])
def test_other_words_have_none(word: str) -> None:
    assert page_of(word) is None


@pytest.mark.parametrize("code", range(200, 560, 7))
def test_any_code_that_a_server_may_say_has_a_page(code: int) -> None:
    page = page_of(str(code))
    assert page is not None
    assert "severity" in page.lines


@pytest.mark.parametrize("state", State)
def test_a_state_has_a_page_of_what_may_come(state: State) -> None:
    lines = state_page(state).lines
    assert {name.split()[0] for name in lines} == {*(legal_verbs(state) or ["none"])}
    assert all(lines.values())


def test_the_page_of_a_state_begins_with_what_leads_on() -> None:
    assert [name.split()[0] for name in state_page(State.RECIPIENT).lines][:2] == ["DATA", "RCPT"]
    assert next(iter(state_page(State.READY).lines)).startswith("MAIL")
