"""`why` names a belief after the second slip or after the answer to one question, and asks before that."""

import pytest

from smtplab import Lab, Session
from smtplab.explain.explanation import Explanation
from smtplab.explain.inquiry import AskingExplanation
from smtplab.explain.misconceptions import beliefs

MAIL = "MAIL FROM:<alice@lab.example>"
OTHER = "MAIL FROM:<carol@lab.example>"
BELIEF = beliefs()["mail-again-starts-anew"]


@pytest.fixture
def session() -> Session:
    session = Lab().telnet("mail.lab.example")
    session.send(f"HELO laptop.example\n{MAIL}")
    return session


def asked(explanation: Explanation) -> AskingExplanation:
    assert isinstance(explanation, AskingExplanation)
    return explanation


def test_without_a_slip_nothing_is_asked(session: Session) -> None:
    explanation = session.why()
    assert type(explanation) is Explanation
    assert explanation.belief is None


def test_after_one_slip_there_is_one_question_below_the_explanation(session: Session) -> None:
    session.send(MAIL)
    explanation = asked(session.why())
    assert explanation.belief is None
    assert str(explanation).startswith("503 ")
    assert BELIEF.questions[0].ask in str(explanation)
    assert BELIEF.questions[0].ask in explanation._repr_html_()
    assert BELIEF.tell not in str(explanation)
    assert repr(explanation) == str(explanation)


def test_the_answer_of_somebody_who_has_it_names_the_belief(session: Session) -> None:
    session.send(MAIL)
    assert asked(session.why()).answer("a").named == BELIEF.id
    explanation = session.why()
    assert explanation.belief is BELIEF
    assert f"belief     {BELIEF.told}" in str(explanation)
    assert "RSET forgets the open one" in explanation._repr_html_()


@pytest.mark.parametrize("said", ["b", "c"])
def test_any_other_answer_ends_the_matter(session: Session, said: str) -> None:
    session.send(MAIL)
    asked(session.why()).answer(said)
    assert type(session.why()) is Explanation
    assert session.why().belief is None


def test_the_second_slip_names_it_without_a_question(session: Session) -> None:
    session.send(MAIL)
    session.send(OTHER)
    assert session.why().belief is BELIEF


def test_a_cell_that_runs_again_is_no_second_slip(session: Session) -> None:
    session.send(MAIL)
    session.send(MAIL)
    assert asked(session.why()).asked.belief is BELIEF


def test_what_was_said_before_the_last_reply_is_not_brought_up_again(session: Session) -> None:
    session.send(MAIL)
    session.send(OTHER)
    session.send("NOOP")
    assert type(session.why()) is Explanation
    assert session.why().belief is None


def test_a_belief_that_the_wire_never_proves_is_asked_after_two_slips_too(session: Session) -> None:
    host = session.lab.host("mail.lab.example")  # type: ignore[attr-defined]
    host.handler.answers_vrfy = False
    session.send("VRFY a\nVRFY b\nVRFY c")
    assert asked(session.why()).asked is not None
    asked(session.why()).answer("a")
    assert session.why().belief is beliefs()["vrfy-proves-an-address"]
