"""The beliefs are data: whole, in plain words, and each is shown false by its session, its cell and its questions."""

import json
import re
from functools import cache

import pytest

from smtplab.explain.misconceptions import REPLIES, Belief, beliefs
from smtplab.jupyter.engine import Engine
from smtplab.lab.predict import WORDS
from support.believers import ASKED_ONLY
from support.paths import ROOT

BELIEFS = list(beliefs().values())
TUTORIALS = ROOT / "notebooks" / "tutorials"

each_belief = pytest.mark.parametrize("belief", BELIEFS, ids=lambda belief: belief.id)


@cache
def outputs(notebook: str) -> dict[str, str]:
    """Return what the cells of code in a tutorial say, by their ids."""
    book = json.loads((TUTORIALS / f"{notebook}.ipynb").read_text("utf-8"))
    return {cell["id"]: json.dumps(cell["outputs"]) for cell in book["cells"] if cell["cell_type"] == "code"}


def test_there_are_24_and_each_speaks_of_itself() -> None:
    assert len(beliefs()) == 24
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+){2,}", name) for name in beliefs())


# What stands in the output of the cell, and shows that the belief is wrong.
SHOWN = {
    "header-names-the-sender": "Return-Path: <alice@lab.example>",
    "bcc-is-a-command": "500 ",
    "brackets-may-be-left-out": "strict server refuses the line",
    "lf-ends-a-line": "it waits for the rest of the line",
    "backspace-corrects-the-line": "500 ",
    "message-cannot-hold-a-lone-dot": '".\\n"',
    "only-the-lone-dot-is-doubled": ".hidden",
    "250-is-the-inbox": "has no messages",
    "first-line-is-the-reply": "32 35 30 2d",
    "one-read-is-one-reply": "[b'2', b'2'",
    "success-is-250": "251 (done)",
    "any-refusal-may-be-retried": "550 5.1.1",
    "one-refusal-ends-the-message": "553 ",
    "mail-again-starts-anew": "503 ",
    "ehlo-holds-after-starttls": "STARTTLS",
    "second-ehlo-resets-nothing": "250 ",
    "my-program-calls-the-receivers-server": "mail.lab.example calls mail.adelphia.net",
    "quit-sends-the-mail": "250 Message rece",
    "smtp-fetches-mail": "500 ",
    "any-server-forwards": "550 Relaying denied",
    "vrfy-proves-an-address": "252 ",
    "bounce-has-a-sender": "no report is sent",
    "no-reply-means-not-delivered": "Once or twice",
    "higher-mx-is-better": "mail.adelphia.net",
}


@each_belief
def test_a_belief_and_its_answer_are_one_sentence_each(belief: Belief) -> None:
    for text in (belief.belief, belief.tell, belief.evidence):
        assert re.fullmatch(r"[A-Z0-9].*\.", text)
        assert not re.search(r"\. [A-Z]", text.replace("RFC 5321.", ""))
    assert belief.belief in belief.told
    assert belief.tell in belief.told


@each_belief
def test_its_session_shows_it_false_in_the_lab(belief: Belief) -> None:
    step = Engine().run(belief.session)
    assert step.failure is None
    assert belief.shows.strip()
    typed, shown = (text.count(belief.shows) for text in (belief.session, str(step)))
    assert shown > typed


@each_belief
def test_a_cell_of_a_tutorial_shows_it(belief: Belief) -> None:
    shown = outputs(belief.notebook)[belief.cell]
    assert (SHOWN[belief.id] in shown) is (belief.id not in ASKED_ONLY)


@each_belief
def test_a_review_asks_about_it_after_the_tutorial_that_shows_it_or_a_later_one(belief: Belief) -> None:
    assert re.fullmatch(r"[0-9]{2}", belief.asked_after)
    assert belief.asked_after >= belief.notebook[:2]


@each_belief
def test_it_has_two_questions_with_one_right_answer_and_one_that_somebody_gives_who_has_it(belief: Belief) -> None:
    assert len(belief.questions) >= 2
    for question in belief.questions:
        assert 0 <= question.right < len(question.choices)
        assert 0 <= question.held < len(question.choices)
        assert question.right != question.held
        assert len(set(question.choices)) == len(question.choices) >= 3
        assert question.ask.endswith("?")
        assert re.fullmatch(r"[A-Z0-9].*\.", question.why)


def test_a_wrong_line_of_a_puzzle_differs_from_the_right_one() -> None:
    distractors = [belief.distractor for belief in BELIEFS if belief.distractor is not None]
    assert len(distractors) >= 8
    assert all(each.of == each.of.upper() and each.line != each.of for each in distractors)


def test_the_right_answer_has_no_place_of_its_own() -> None:
    places = [each.right for belief in BELIEFS for each in belief.questions if not each.is_prediction]
    assert {0, 1, 2} <= set(places)
    assert max(places.count(place) for place in range(3)) <= len(places) * 0.6


def test_a_reply_is_predicted_in_the_same_words_as_elsewhere() -> None:
    assert tuple(WORDS) == REPLIES
    assert sum(each.is_prediction for belief in BELIEFS for each in belief.questions) >= 8
