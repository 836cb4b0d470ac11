"""The beliefs are data: whole, in plain words, and each is shown false by its session, its cell and its questions."""

import json
import re
from functools import cache

import pytest

from smtplab.explain.misconceptions import REPLIES, Belief, beliefs
from smtplab.jupyter.engine import Engine
from smtplab.lab.predict import WORDS
from support.paths import ROOT

BELIEFS = list(beliefs().values())
TUTORIALS = ROOT / "notebooks" / "tutorials"
# The beliefs that no cell of a tutorial shows live yet, and why.
NOT_IN_A_NOTEBOOK_YET = {
    "backspace-corrects-the-line": "a cell is edited before it is sent; the session in the data plays the octets",
    "one-read-is-one-reply": "in memory a reply comes whole; it belongs to a client that reads from a connection",
    "ehlo-holds-after-starttls": "the lab has no TLS yet, so it is asked only",
    "any-server-forwards": "the lab's hosts relay for everybody, and the cell's text says that real ones do not",
}

each_belief = pytest.mark.parametrize("belief", BELIEFS, ids=lambda belief: belief.id)


@cache
def cells(notebook: str) -> dict[str, str]:
    book = json.loads((TUTORIALS / f"{notebook}.ipynb").read_text("utf-8"))
    return {cell["id"]: cell["cell_type"] for cell in book["cells"]}


def test_there_are_24_and_each_speaks_of_itself() -> None:
    assert len(beliefs()) == 24
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+){2,}", name) for name in beliefs())


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
    kind = cells(belief.notebook).get(belief.cell)
    assert kind == "code"


@each_belief
def test_a_review_asks_about_it_after_the_tutorial_that_shows_it_or_a_later_one(belief: Belief) -> None:
    assert re.fullmatch(r"[0-9]{2}", belief.asked_after)
    assert belief.asked_after >= belief.notebook[:2]


def test_what_no_notebook_shows_yet_is_a_belief() -> None:
    assert set(NOT_IN_A_NOTEBOOK_YET) < set(beliefs())


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
