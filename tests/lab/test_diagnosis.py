"""The diagnosis of a session from elsewhere: phases, ladder, and the reason of each refusal."""

import pytest

from smtplab import Lab, Phase, Transcript, diagnose
from smtplab.explain.explainer import explain_exchange

SESSION = """\
=== Connected to 127.0.0.1.
<-  220 lab.example ESMTP
 -> EHLO client.example
<-  250 lab.example
 -> DATA
<** 503 bad sequence
 -> MAIL FROM:<a@b.example>
<-  250 2.1.0 OK
 -> RCPT TO:<c@d.example>
<** 550 5.1.1 no such user
 -> QUIT
<-  221 2.0.0 bye
"""


def test_each_refusal_is_explained_as_why_explains_it() -> None:
    diagnosis = diagnose(SESSION)
    assert [each.reply.code for each in diagnosis.refusals] == [503, 550]
    last = next(each for each in diagnosis.transcript.exchanges() if each.verb == "RCPT")
    assert diagnosis.refusals[1] == explain_exchange(last)


def test_the_phases_are_those_that_the_session_reached() -> None:
    assert {phase: [each.verb for each in said] for phase, said in diagnose(SESSION).phases.items()} == {
        Phase.CONNECTION_ESTABLISHMENT: ["(connection)", "EHLO"],
        Phase.MAIL_TRANSFER: ["DATA", "MAIL", "RCPT"],
        Phase.CONNECTION_TERMINATION: ["QUIT"],
    }
    assert list(diagnose("220 m\nHELO x\n").phases) == [Phase.CONNECTION_ESTABLISHMENT]


def test_the_text_has_the_summary_the_ladder_and_the_refusals() -> None:
    diagnosis = diagnose(SESSION)
    text = str(diagnosis)
    assert text.startswith("5 commands, 0 accepted messages, 2 refusals. The session is complete.\n")
    assert "Mail Transfer: DATA 503, MAIL 250, RCPT 550\n" in text
    assert str(diagnosis.ladder) in text
    for refusal in diagnosis.refusals:
        assert str(refusal) in text


def test_a_notebook_shows_the_ladder_and_the_refusals() -> None:
    diagnosis = diagnose(SESSION)
    html = diagnosis._repr_html_()
    assert diagnosis.ladder._repr_html_() in html
    assert diagnosis.refusals[0]._repr_html_() in html
    assert "<EHLO" not in html
    assert repr(diagnosis).startswith("<Diagnosis, 5 commands")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("220 m\nHELO x\n250 m\n", "The session breaks off in the state READY"),
        ("220 m\nHELO x\n", "The session breaks off in the state GREETED"),
        ("220 m\nHELO x\n250 m\nMAIL FROM:<a@b>\n250 m\nRCPT TO:<a@b>\n250 m\nDATA\n354 m\nhi\n250 m\n", "no end"),
        ("554 no\nQUIT\n221 bye\n", "The session is complete."),
    ],
)
def test_the_summary_says_how_the_session_ended(text: str, end: str) -> None:
    assert end in diagnose(text).summary


def test_a_command_without_a_reply_is_told() -> None:
    assert "HELO no reply" in str(diagnose("220 m\nHELO x\n"))


def test_a_session_of_the_lab_and_a_transcript_are_diagnosed_as_well() -> None:
    session = Lab().telnet("mail.lab.example", 25)
    session.send("RCPT TO:<alice@lab.example>")
    assert diagnose(session) == diagnose(Transcript(session.transcript))
    assert diagnose(session).refusals[0] == session.why()


@pytest.mark.parametrize("text", ["", "hello\n", "= a note\n"])
def test_a_text_without_a_session_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="220"):
        diagnose(text)


def test_something_else_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        diagnose(b"220 m")  # type: ignore[arg-type]
