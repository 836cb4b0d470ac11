"""The review in a notebook: the call, the directives, the buttons, and what is noted of a belief that was named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import smtplab
from smtplab import Lab, Session
from smtplab.explain.inquiry import AskingExplanation
from smtplab.jupyter.engine import Engine
from smtplab.jupyter.noted_beliefs import note_what_shows
from smtplab.jupyter.widgets.choices import Choices
from smtplab.jupyter.widgets.parsons import Parsons
from smtplab.lab.parsons import ParsonsPuzzle
from smtplab.recall.record import NAME, read_cards
from smtplab.recall.review import Review, open_review
from support.cells import LAB, done, failure
from support.paths import ROOT
from support.views import labels, page, press

NOTEBOOK = "02-the-fourteen-commands"
BELIEF = "mail-again-starts-anew"
MAIL = "MAIL FROM:<alice@lab.example>"


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The notebook lies in a folder of its own, and not in a checkout."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def asking() -> AskingExplanation:
    explanation = slipped().why()
    assert isinstance(explanation, AskingExplanation)
    return explanation


def slipped() -> Session:
    session = Lab().telnet(LAB)
    session.send(f"HELO laptop.example\n{MAIL}\n{MAIL}")
    return session


def noted(folder: Path) -> list[str]:
    return [*read_cards(folder / NAME)[0]]


# In Python


def test_the_public_call_asks_about_the_notebooks_before() -> None:
    review = smtplab.review(NOTEBOOK)
    assert isinstance(review, Review)
    assert len(review.questions) == 3


def test_a_belief_that_is_named_is_noted(desk: Path) -> None:
    session = slipped()
    note_what_shows(session.why())
    assert noted(desk) == []
    session.send("MAIL FROM:<carol@lab.example>")
    note_what_shows(session.why())
    assert noted(desk) == [BELIEF]


@pytest.mark.parametrize(("letter", "names"), [("a", [BELIEF]), ("b", []), ("c", [])])
def test_an_answer_is_noted_if_it_names_the_belief(
    desk: Path, asking: AskingExplanation, letter: str, names: list[str]
) -> None:
    note_what_shows(asking.answer(letter))
    assert noted(desk) == names


@pytest.mark.parametrize("value", [None, 5, "lf-ends-a-line"])
def test_any_other_value_of_a_cell_names_nothing(desk: Path, value: object) -> None:
    note_what_shows(value)
    assert noted(desk) == []


def test_in_a_checkout_nothing_is_noted(monkeypatch: pytest.MonkeyPatch, asking: AskingExplanation) -> None:
    monkeypatch.chdir(ROOT)
    note_what_shows(asking.answer("a"))
    assert not (ROOT / NAME).exists()


WRONG = b".\n"  # what a session without CRLF has for its lone dot
SENT = "HELO a.example\nMAIL FROM:<alice@lab.example>\nRCPT TO:<bob@lab.example>\nDATA\nSubject: x\n.\nQUIT"


@pytest.mark.parametrize("way", ["button", "cell", "SMTP"])
def test_a_wrong_line_that_is_chosen_in_a_puzzle_is_noted(engine: Engine, desk: Path, way: str) -> None:
    done(engine, f"telnet {LAB}\n{SENT}")
    puzzle = ParsonsPuzzle.of(engine.open_session(), [WRONG])
    engine.parsons, numbers = puzzle, range(1, len(puzzle.pieces) + 1)
    if way == "button":
        Parsons(puzzle).send()
    elif way == "cell":
        note_what_shows(puzzle.order(*numbers))
    else:
        done(engine, f"%order {' '.join(map(str, numbers))}")
    assert noted(desk) == ["lf-ends-a-line"]
    note_what_shows(puzzle.order(*(n for n in numbers if puzzle.pieces[n - 1].data != WRONG)))
    assert noted(desk) == ["lf-ends-a-line"]


def test_an_answer_on_the_page_is_said_and_the_focus_goes_to_its_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtplab.jupyter.widgets.widget.on_the_page", lambda: True)
    review = smtplab.review(NOTEBOOK)
    choices = Choices(review)
    focused: list[str] = []
    monkeypatch.setattr(choices._frontend, "focus_on", focused.append)
    for number in (2, 1):
        press(choices.view, f"{number} a")
        assert choices._frontend.said == str(review.questions[number - 1].outcome)
    choices.answer("3", "x")
    assert choices._frontend.said == choices.problem != ""
    choices.answer("2", "b")
    assert "already" in choices._frontend.said
    choices.answer("9", "a")
    assert choices._frontend.said == choices.problem != ""
    assert focused == [".smtplab-question-2", ".smtplab-question-1"]


# In the SMTP kernel


def test_the_directive_asks_and_another_answers(engine: Engine, desk: Path) -> None:
    asked = done(engine, f"%review {NOTEBOOK}")
    assert str(asked).startswith("Three questions")
    (review,) = engine.asked
    assert isinstance(review, Review)
    step = done(engine, "%answer 1 a\n%answer 2  b")
    assert review.questions[0].outcome is not None
    assert review.questions[1].question.why in str(step)
    assert len(noted(desk)) == 2


def test_the_question_below_an_explanation_is_answered_by_its_letter(ready: Engine, desk: Path) -> None:
    done(ready, f"{MAIL}\n{MAIL}")
    assert "One question" in str(done(ready, "%why"))
    assert "That is not so" in str(done(ready, "%answer a"))
    assert noted(desk) == [BELIEF]
    assert "belief     " in str(done(ready, "%why"))


def test_a_number_belongs_to_the_review_also_when_an_explanation_asks(ready: Engine) -> None:
    done(ready, f"%review {NOTEBOOK}\n{MAIL}\n{MAIL}\n%why")
    done(ready, "%answer 1 c")
    asking, review = ready.asked
    assert [each.outcome is not None for each in review.questions] == [True, False, False]
    done(ready, "%answer RSET, then MAIL")
    assert asking.is_answered
    assert "already" in failure(ready, "%answer b")


def test_the_answers_of_an_exercise_go_to_the_exercise(engine: Engine) -> None:
    done(engine, f"%review {NOTEBOOK}\n%exercise 01-type-your-own-session mia")
    assert "handed in" in str(done(engine, "%answer banner third"))
    assert "Right" in str(done(engine, "%answer 1 c"))


@pytest.mark.parametrize("cell", ["%answer 1", "%answer b", "%answer", "%answer 0 a", "%answer 4 b", "%answer x 1"])
def test_an_answer_to_no_question_is_told_what_is_open(engine: Engine, cell: str) -> None:
    done(engine, f"%review {NOTEBOOK}\n%answer 2. a")
    told = failure(engine, cell)
    assert "`%answer 1 a`" in told
    assert "`%answer 3 a`" in told
    assert "%answer 2" not in told


def test_of_two_questions_with_one_number_the_open_one_is_answered_and_of_two_open_ones_the_latest(
    ready: Engine, desk: Path
) -> None:
    earlier, latest = (open_review(name, desk, date.today()) for name in ("03", NOTEBOOK))
    ready.asked = (latest, earlier)
    for expected in ([1, 0], [1, 1]):
        done(ready, "%answer 1 a")
        assert [sum(each.outcome is not None for each in sheet.questions) for sheet in ready.asked] == expected
    assert "already" in failure(ready, "%answer 1 b")


def test_a_question_that_is_not_there_is_a_sentence(engine: Engine) -> None:
    done(engine, f"%review {NOTEBOOK}")
    assert "answers" in failure(engine, "%answer 1 x")
    assert "tutorial" in failure(engine, "%review")
    assert "tutorial" in failure(engine, "%review 5")


# On the page


def test_a_review_has_a_button_for_each_letter_of_each_question() -> None:
    choices = Choices(smtplab.review(NOTEBOOK))
    assert labels(choices.view) == ["1 a", "1 b", "1 c", "2 a", "2 b", "2 c", "2 d", "2 e", "3 a", "3 b", "3 c"]
    assert str(choices) == str(choices.asking)
    assert choices.picture == choices.asking._repr_html_()


def test_a_button_answers_and_goes(desk: Path) -> None:
    review = smtplab.review(NOTEBOOK)
    choices = Choices(review)
    press(choices.view, "1 c")
    outcome = review.questions[0].outcome
    assert outcome is not None
    assert outcome.right
    assert outcome.question.why in page(choices.view)
    assert "1 a" not in labels(choices.view)
    assert "2 a" in labels(choices.view)
    assert len(noted(desk)) == 1


def test_the_page_says_how_to_press_until_all_are_answered() -> None:
    choices = Choices(smtplab.review(NOTEBOOK))
    assert "Press the letter" in page(choices.view)
    for label in ("1 a", "2 a", "3 a"):
        press(choices.view, label)
    assert "Press the letter" not in page(choices.view)
    assert "come" in page(choices.view)
    assert labels(choices.view) == []


def test_the_question_below_an_explanation_has_buttons_too(asking: AskingExplanation, desk: Path) -> None:
    choices = Choices(asking)
    assert labels(choices.view) == ["a", "b", "c"]
    assert "503" in page(choices.view)
    press(choices.view, "a")
    assert "RSET forgets the open one" in page(choices.view)
    assert labels(choices.view) == []
    assert noted(desk) == [BELIEF]


def test_what_cannot_be_answered_is_a_sentence_in_the_widget() -> None:
    choices = Choices(smtplab.review(NOTEBOOK))
    assert choices.answer("9", "a") is None
    assert "from 1 to 3" in choices.problem
