"""A prediction comes first, then the line; the transcript tells both in this order."""

import re

import pytest

from smtplab import ConnectionLost, Lab, Session, SessionClosed, State, Transcript
from smtplab.lab.predict import Question
from smtplab.show import style

TO_BOB = "RCPT TO:<bob@lab.example>"


@pytest.fixture
def with_sender() -> Session:
    session = Lab().telnet("mail.lab.example")
    session.send("HELO laptop.example\nMAIL FROM:<x@laptop.example>")
    return session


def test_a_question_says_what_is_asked_and_sends_nothing(with_sender: Session) -> None:
    before = Transcript(with_sender.transcript)
    question = with_sender.predict(TO_BOB)
    assert str(question) == (
        "What will the server answer?\n"
        "  line       RCPT TO:<bob@lab.example>\n"
        "  state      sender given, no recipient yet\n"
        '  add        .answer("not now")\n'
        'Add it at the end of your line, with what you expect in place of "not now" ("done", "go on", "never", '
        '"no reply", or a code such as '
        "354), and run the cell again; only then is the line sent."
    )
    assert repr(question) == "<Question about 'RCPT TO:<bob@lab.example>', open>"
    assert "&lt;bob@lab.example&gt;" in question._repr_html_()
    assert with_sender.transcript == before
    assert (question.predicted, question.outcome) == (None, None)


@pytest.mark.parametrize("line", ["VE\bRFY alice", "NOOP \x1b[1m", "NOOP \x7f", "NOOP \udcff"])
def test_in_a_question_a_control_character_is_visible(with_sender: Session, line: str) -> None:
    question = with_sender.predict(line)
    assert str(question).split("\n")[1].isprintable()
    assert "\\x" in str(question)
    assert "\\x" in question._repr_html_()
    assert not set(line) - set(map(chr, range(32, 127))) & set(question._repr_html_())


@pytest.mark.parametrize("line", ["•", 'NOOP "a" \\ b', "MAIL FROM:<>\nRCPT TO:<bob@lab.example>", "NOOP müller"])
def test_what_is_to_be_added_is_python_that_answers_the_question(with_sender: Session, line: str) -> None:
    question = with_sender.predict(line)
    added = re.search(r"^  add        (.*)$", str(question), re.MULTILINE)
    assert added is not None
    assert style.escape(added[1]) in question._repr_html_()
    outcome = eval(f"session.predict(line){added[1]}", {"session": with_sender, "line": line})
    assert outcome.line == line


def test_a_right_answer_runs_the_line_and_explains_the_reply(with_sender: Session) -> None:
    question = with_sender.predict(TO_BOB)
    outcome = question.answer(250)
    assert outcome.right
    assert outcome.verdict == "Right: 250 (done) came."
    explained = str(with_sender.why()).partition("\n")[2]
    assert str(outcome) == f"Right: 250 (done) came.\n250 Recipient <bob@lab.example> ok\n{explained}"
    assert with_sender.state is State.RECIPIENT
    assert question.outcome is outcome
    assert str(question) == str(outcome)
    assert question._repr_html_() == outcome._repr_html_()
    assert outcome.explanation is not None
    assert outcome.explanation.reply_html(full=True) in outcome._repr_html_()
    assert repr(question).endswith("answered>")


def test_a_wrong_answer_runs_the_line_too_and_says_why_it_is_wrong(with_sender: Session) -> None:
    outcome = with_sender.predict(TO_BOB).answer(550)
    assert not outcome.right
    assert (outcome.predicted, outcome.code) == (550, 250)
    assert outcome.verdict.startswith(
        "Not so: you predicted 550, but 250 (done) came. 550 would mean: There is no such mailbox"
    )
    assert str(with_sender.why()).partition("\n")[2] in str(outcome)
    assert outcome.verdict.split(";")[0] in outcome._repr_html_()


def test_a_right_first_digit_is_acknowledged(with_sender: Session) -> None:
    outcome = with_sender.predict(TO_BOB).answer("251")
    assert outcome.verdict.startswith(
        "Not so: you predicted 251, but 250 (done) came. The first digit is right, and with it the class: done. 251 "
        "would mean: "
    )


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("NOPE", "250 would mean: The command was carried out."),
        ("MAIL FROM:<>", "250 would mean: The command was carried out."),
        ("DATA\n.", "250 would mean: The command was carried out; after the final dot, the server has taken over"),
    ],
)
def test_a_250_means_the_duty_to_deliver_only_behind_a_message(with_sender: Session, line: str, meant: str) -> None:
    with_sender.send(TO_BOB)
    with_sender.lab.host("mail.lab.example").store.read_only = True  # type: ignore[attr-defined]
    assert meant in with_sender.predict(line).answer(250).verdict


@pytest.mark.parametrize(
    ("line", "word", "verdict"),
    [
        (TO_BOB, "done", "Right: done (250) came."),
        ("DATA", "not now", "Not so: you predicted not now, but never (503) came."),
        ("DATA", "Never ", "Right: never (503) came."),
        (
            "NOOP",
            "no-reply",
            "Not so: you predicted no reply, but done (250) came. The server is silent only inside a message",
        ),
    ],
)
def test_a_class_is_predicted_in_a_word(with_sender: Session, line: str, word: str, verdict: str) -> None:
    outcome = with_sender.predict(line).answer(word)
    assert outcome.verdict.startswith(verdict)
    assert outcome.right is verdict.startswith("Right")


def test_a_word_inside_a_message_is_wrong_because_the_server_is_silent(with_sender: Session) -> None:
    with_sender.send(f"{TO_BOB}\nDATA")
    assert with_sender.predict("QUIT").answer("done").verdict == (
        "Not so: you predicted done, but no reply came. Inside a message the server is silent until the lone dot."
    )


def test_a_line_can_be_sent_without_a_prediction_and_closes_the_question(with_sender: Session) -> None:
    question = with_sender.predict(TO_BOB)
    with_sender.send("NOOP")
    reply = question.skip()
    assert reply is not None
    assert reply.code == 250
    assert (question.answered, question.outcome) == (True, None)
    for again in (question.skip, lambda: question.answer(250)):
        with pytest.raises(ValueError, match="prediction"):
            again()


def test_the_prediction_stands_in_the_transcript_before_the_line(with_sender: Session) -> None:
    with_sender.predict(TO_BOB).answer(550)
    assert [str(row) for row in with_sender.transcript[-3:]] == [
        "= Prediction: 550",
        "C: RCPT TO:<bob@lab.example>",
        "S: 250 Recipient <bob@lab.example> ok",
    ]


def test_undo_takes_back_the_prediction_as_well(with_sender: Session) -> None:
    before = Transcript(with_sender.transcript)
    with_sender.predict(TO_BOB).answer(550)
    assert with_sender.undo().transcript == before


def test_a_question_is_answered_once(with_sender: Session) -> None:
    question = with_sender.predict(TO_BOB)
    question.answer(550)
    with pytest.raises(ValueError, match="550"):
        question.answer(250)
    assert question.predicted == 550
    assert len([row for row in with_sender.transcript if row.text == TO_BOB]) == 1


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        ("25", "code"),
        (7777, "code"),
        ("2xx", "code"),
        ("", "code"),
        ("yes", "not now"),
        ("wait", "not now"),
    ],
)
def test_what_is_no_code_and_no_word_is_no_answer_and_the_question_stays_open(
    with_sender: Session, answer: int | str, key: str
) -> None:
    question = with_sender.predict(TO_BOB)
    with pytest.raises(ValueError, match=key):
        question.answer(answer)
    assert with_sender.state is State.SENDER
    assert question.answer(250).right


def test_a_question_grows_stale_when_the_session_goes_on_or_back(with_sender: Session) -> None:
    first = with_sender.predict(TO_BOB)
    with_sender.send("NOOP")
    second = with_sender.predict(TO_BOB)
    with_sender.undo()
    for question in (first, second):
        with pytest.raises(ValueError, match="gone"):
            question.answer(250)
    assert with_sender.state is State.SENDER


def test_a_bullet_is_told_from_the_dot(with_sender: Session) -> None:
    with_sender.send(f"{TO_BOB}\nDATA\nSubject: hello")
    outcome = with_sender.predict("•").answer("done")
    told = "no reply came: a bullet is not a dot, so the message goes on."
    assert outcome.verdict.startswith(f"Not so: you predicted done, but {told}")
    assert with_sender.predict("•").answer(None).verdict == f"Right: {told}"


def test_no_reply_can_be_predicted(with_sender: Session) -> None:
    with_sender.send(f"{TO_BOB}\nDATA")
    outcome = with_sender.predict("Subject: hello").answer(None)
    assert outcome.right
    assert str(outcome) == "Right: no reply came."
    assert outcome._repr_html_() == "<div><b>Right: no reply came.</b></div>"
    assert str(with_sender.transcript[-2]) == "= Prediction: no reply"


def test_a_reply_where_none_comes_and_none_where_one_comes_are_told_apart(with_sender: Session) -> None:
    assert with_sender.predict("NOOP").answer(None).verdict == (
        "Not so: you predicted no reply, but done (250) came. The server is silent only inside a message, until "
        "the lone dot."
    )
    with_sender.send(f"{TO_BOB}\nDATA")
    verdict = with_sender.predict("QUIT").answer(221).verdict
    assert verdict.startswith("Not so: you predicted 221, but no reply came. Inside a message")


def test_a_connection_that_breaks_raises_and_the_prediction_counts(with_sender: Session) -> None:
    question = with_sender.predict("NOOP\nQUIT\nNOOP")
    with pytest.raises(SessionClosed):
        question.answer(250)
    assert (question.predicted, question.outcome) == (250, None)
    with pytest.raises(ValueError, match="answered"):
        question.answer(221)


def test_several_lines_ask_for_the_last_reply(with_sender: Session) -> None:
    assert with_sender.predict(f"{TO_BOB}\nDATA").answer(354).right


def test_a_question_can_be_asked_of_any_session() -> None:
    session = Lab().telnet("mail.adelphia.net")
    assert isinstance(session.predict("HELO a"), Question)
    with pytest.raises(ConnectionLost):
        Lab().telnet("mail.nowhere.example")


@pytest.mark.parametrize("predicted", [2, "2", "2yz", "2YZ"])
def test_a_first_digit_stands_for_its_class(predicted: int | str) -> None:
    session = Lab().telnet("mail.lab.example")
    assert session.predict("NOOP").answer(predicted).verdict == "Right: done (250) came."
    assert session.predict("NOOP").answer("5yz").verdict == "Not so: you predicted never, but done (250) came."
