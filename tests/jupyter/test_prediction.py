"""A prediction with a face: the same question, answered by a field and a button."""

from collections.abc import Iterator

import pytest

from smtplab import Lab, Prediction, Session, cards
from smtplab.jupyter.widgets.frontend import LineInput
from support.views import chooser, labels, only, page, press

BUTTON = "answer, and send the line"
WORDS = ["done", "go on", "not now", "never", "no reply"]


@pytest.fixture(autouse=True)
def codes_are_taught() -> Iterator[None]:
    cards.level = "digits"
    yield
    cards.reset()


@pytest.fixture
def session() -> Session:
    session = Lab().telnet("mail.adelphia.net")
    session.send("HELO mail.adelphia.net")
    return session


@pytest.fixture
def prediction(session: Session) -> Prediction:
    return Prediction(session.predict("DATA"))


def test_what_it_says_is_what_the_question_says(prediction: Prediction) -> None:
    assert str(prediction) == str(prediction.question)
    assert prediction.picture == prediction.question._repr_html_()
    prediction.answer(503)
    assert str(prediction) == str(prediction.question.outcome)


def test_the_button_answers_with_what_is_picked(prediction: Prediction, session: Session) -> None:
    chooser(prediction.view, "code").value = "250"
    press(prediction.view, BUTTON)
    outcome = prediction.question.outcome
    assert outcome is not None
    assert outcome.verdict in page(prediction.view)
    assert (outcome.predicted, outcome.code, outcome.right) == (250, 503, False)
    assert labels(prediction.view) == []
    assert session.transcript.commands()[-1].verb == "DATA"


def test_enter_answers_with_what_is_typed(prediction: Prediction) -> None:
    only(prediction.view, LineInput).enter("503")
    assert prediction.question.outcome is not None
    assert prediction.question.outcome.right


@pytest.mark.parametrize(("word", "right"), [("never", True), ("not now", False), ("no reply", False)])
def test_a_button_answers_with_its_word(prediction: Prediction, word: str, right: bool) -> None:
    press(prediction.view, word)
    outcome = prediction.question.outcome
    assert outcome is not None
    assert outcome.code == 503
    assert outcome.right is right
    assert outcome.verdict in page(prediction.view)
    assert labels(prediction.view) == []


@pytest.mark.parametrize("level", ["words", "states"])
def test_before_codes_are_taught_there_are_only_words(session: Session, level: str) -> None:
    cards.level = level
    prediction = Prediction(session.predict("DATA"))
    assert labels(prediction.view) == WORDS
    assert "code" not in page(prediction.view)
    assert prediction.submit() is None
    assert prediction.question.outcome is None


def test_no_reply_is_an_answer_too(session: Session) -> None:
    session.send("MAIL FROM:<forouzanb@adelphia.net>\nRCPT TO:<forouzanb@adelphia.net>\nDATA")
    prediction = Prediction(session.predict("A line"))
    press(prediction.view, "no reply")
    outcome = prediction.question.outcome
    assert outcome is not None
    assert outcome.right


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "Choose a code first, or type its three digits; nothing was sent."),
        ("25", "'25' is not a reply code: it has three digits, such as 250."),
    ],
)
def test_nothing_is_sent_before_there_is_an_answer(
    prediction: Prediction, session: Session, typed: str, problem: str
) -> None:
    rows = len(session.transcript)
    only(prediction.view, LineInput).value = typed
    assert prediction.submit() is None
    assert prediction.problem == problem
    assert len(session.transcript) == rows
    assert labels(prediction.view) == [*WORDS, BUTTON]


def test_a_session_that_has_gone_on_is_a_sentence_in_the_widget(prediction: Prediction, session: Session) -> None:
    session.send("NOOP")
    assert prediction.answer(503) is None
    assert "gone on" in prediction.problem


def test_after_an_answer_on_the_page_the_focus_is_on_the_outcome(
    prediction: Prediction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtplab.jupyter.widgets.widget.on_the_page", lambda: True)
    focused: list[str] = []
    monkeypatch.setattr(prediction._frontend, "focus_on", focused.append)
    prediction.submit()
    assert (prediction.problem != "", focused) == (True, [])
    prediction.answer("never")
    assert focused == [".smtplab-asked"]
