"""A prediction in a variable is noted, and told as right or wrong when the next cell has shown what happens."""

import pytest

from lessons.test_lesson import LOOK, Notebook
from smtplab.lessons.cells import cells_of
from smtplab.lessons.evidence import StepEvidence
from smtplab.lessons.goals import Goal
from smtplab.lessons.guesses import GuessOutcome
from smtplab.lessons.lesson import Lesson
from smtplab.show import style
from support.lesson_sentences import says
from support.tutorials import tutorial

SETTINGS = {"goal": {"guess": {"name": "first", "right": 10, "from": [10, 20]}}, "hint": "The lower one?"}
ASKED = ("# Now you: which one is called? Begin with first =, then a number.\nfirst = 10", SETTINGS)
NOW_OPEN = ("# Now you: look.\nlab.hosts", {"goal": {"said": ["220"]}, "hint": "a."})


@pytest.fixture
def notebook() -> Notebook:
    notebook = Notebook()
    notebook.lesson = Lesson("a", cells_of(tutorial("session = lab.telnet('mail.lab.example')", ASKED, LOOK, LOOK)))
    notebook.cell("session = lab.telnet('mail.lab.example')")
    return notebook


def guess(notebook: Notebook, answer: str) -> str:
    return notebook.cell(notebook.lesson.cells[1].given + answer)[1]


def test_a_prediction_is_noted_and_not_judged_before_the_next_cell(notebook: Notebook) -> None:
    assert says(guess(notebook, "first = 20"), "GUESS_NOTED", "noted: ", "“20”")
    assert notebook.cell(LOOK, "cell-2")[1] == "You predicted “20”; it was “10”."
    assert notebook.cell(LOOK, "cell-3") == ("", "")


def test_a_noted_prediction_has_not_the_colour_of_a_right_answer() -> None:
    goal = Goal.read(SETTINGS["goal"], cell="c")  # type: ignore[arg-type]
    noted = goal.judge(StepEvidence([], [], list, value=lambda name: 20))
    assert f">{style.NOTED}</span>" in noted._repr_html_()
    assert style.VERDICT_COLORS[style.OK] not in noted._repr_html_()


def test_a_right_prediction_is_told_once(notebook: Notebook) -> None:
    guess(notebook, "first = '10'")
    assert notebook.cell(LOOK, "cell-2") == ("", "You predicted “10”: right.")
    assert notebook.cell(LOOK, "cell-2") == ("", "")


def test_a_prediction_that_is_none_is_told_the_choices(notebook: Notebook) -> None:
    assert guess(notebook, "") == (
        "not yet: There is no prediction yet; write `first = ` and behind it `10` or `20`.\n`%hint` helps."
    )
    assert says(guess(notebook, "first = ten"), "NO_GUESS", "not yet: ", "`first = `")
    assert says(guess(notebook, "first = 15"), "OTHER_GUESS", "not yet: ", "`10` or `20`")


def test_a_prediction_that_is_left_out_is_told_and_its_answer_is_not(notebook: Notebook) -> None:
    done, told = notebook.cell(LOOK, "cell-2")
    assert says(done, "NOT_PREDICTED", "“which one is called?”")
    assert told == ""
    assert "first" not in notebook.names


def test_a_prediction_above_an_open_cell_is_told_with_its_verdict() -> None:
    notebook = Notebook()
    notebook.lesson = Lesson("a", cells_of(tutorial(ASKED, NOW_OPEN)))
    notebook.cell(notebook.lesson.cells[0].source)
    notebook.run("session = lab.telnet('mail.lab.example')")
    assert notebook.cell(notebook.lesson.cells[1].source)[1].endswith("You predicted “10”: right.")


def test_a_word_is_compared_in_any_case() -> None:
    goal = Goal.read({"guess": {"name": "a", "right": "longer", "from": ["3 days", "longer"]}}, cell="c")
    assert goal.judge(StepEvidence([], [], list, value=lambda name: "Longer ")).ok
    assert goal.guess is not None
    assert goal.guess.choice_list == '`"3 days"` or `"longer"`'
    assert GuessOutcome.of(goal.guess, "Longer ").right
    assert "longer”: right" in GuessOutcome.of(goal.guess, "longer")._repr_html_()


@pytest.mark.parametrize("settings", [{"name": "a"}, {"name": "a", "right": 1, "from": [2, 3]}])
def test_a_prediction_that_is_not_understood_names_its_cell(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="here"):
        Goal.read({"guess": settings}, cell="here")
