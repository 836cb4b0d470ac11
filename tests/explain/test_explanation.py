"""An explanation is the same as text and as HTML, and a reply shows its own: colours are measured, tags stay text."""

import re
from html import unescape

import pytest

from smtplab import Lab, Session, Transcript
from smtplab.explain.cards import cards
from smtplab.explain.causes import CAUSES, Cause
from smtplab.explain.explainer import explain
from smtplab.explain.explanation import Explanation
from smtplab.explain.reasons import REASONS
from smtplab.lab.provoking import provoke
from smtplab.protocol.replies import HELO_OK
from smtplab.show import style

every_cause = pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.sentence)
COLORS = {
    style.NEUTRAL,
    style.ON_COLOR,
    *style.SEVERITY_COLORS.values(),
    *style.PHASE_COLORS.values(),
    *style.SIDE_COLORS.values(),
}


def of(text: str) -> Explanation:
    """Explain the last reply of a conversation in the text form."""
    return explain(Transcript.parse(text))


@every_cause
def test_text_and_html_say_the_same(cause: Cause) -> None:
    explanation = explain(provoke(cause))
    seen = unescape(re.sub(r"<[^>]*>", "\n", explanation._repr_html_()))
    words = [*explanation.reply.wire_lines(), *explanation.lines, *explanation.lines.values()]
    assert [line for line in seen.split("\n") if line] == [
        *explanation.reply.wire_lines(),
        *(part for pair in explanation.lines.items() for part in pair),
    ]
    assert all(word in str(explanation) for word in words)


@every_cause
def test_html_is_made_of_measured_colors_and_nothing_that_changes(cause: Cause) -> None:
    transcript = provoke(cause)
    exchange = transcript.last_exchange
    assert exchange is not None
    assert exchange.reply is not None
    explanation = explain(transcript)
    html = explanation._repr_html_() + explanation.reply_html()
    assert set(re.findall(r"#[0-9a-f]{6}", html)) <= COLORS
    assert not re.search(r"\b(?:id|class|href|src|on\w+)=|<script|<style", html)
    again = explain(provoke(cause))
    assert html == again._repr_html_() + again.reply_html()
    assert len(explanation.reply_html()) < 4000


# The reply itself


def test_a_reply_is_the_same_text_as_ever_and_more_in_html(connected: Session) -> None:
    reply = connected.send("EHLO laptop.example")
    assert reply is not None
    html = reply._repr_html_()
    assert html is not None
    seen = [line for line in unescape(re.sub(r"<[^>]*>", "\n", html)).split("\n") if line.strip()]
    assert seen[: len(reply.lines)] == str(reply).split("\r\n")
    assert seen[len(reply.lines) :] == [
        "done",
        REASONS[HELO_OK],
    ]


def test_a_reason_that_the_server_has_given_is_not_said_twice(connected: Session) -> None:
    reply = connected.send("HELO laptop.example\nDATA")
    assert reply is not None
    assert "DATA cannot come here" in reply.text
    assert (reply._repr_html_() or "").count("DATA cannot come here") == 1


@pytest.mark.parametrize(
    ("said", "goes_on"),
    [
        ("DATA", "First say MAIL FROM:<reverse-path>, then RCPT TO:<forward-path>; then DATA may come."),
        ("MAIL FROM:<>\nMAIL FROM:<>", "First say RSET; then MAIL may come."),
        ("RCPT TO:<bob@lab.example>", "First say MAIL FROM:<reverse-path>; then RCPT may come."),
    ],
)
def test_the_card_of_a_refusal_that_gave_its_reason_says_how_to_go_on(
    connected: Session, said: str, goes_on: str
) -> None:
    reply = connected.send(f"HELO laptop.example\n{said}")
    assert reply is not None
    html = unescape(reply._repr_html_() or "")
    assert html.removesuffix("</div>").endswith(f"<br>{goes_on}")


@pytest.mark.parametrize(
    ("said", "legal"),
    [
        ("HELO a", "MAIL; also NOOP, HELP, VRFY, EXPN, QUIT, HELO, EHLO, RSET, SEND, SOML, SAML, TURN"),
        ("HELO a\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>", "DATA, RCPT; also NOOP, HELP, "),
        ("HELO a\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>\nDATA", "no verb; "),
        ("QUIT", "nothing"),
    ],
)
def test_what_leads_on_is_named_first_and_apart_from_the_rest(connected: Session, said: str, legal: str) -> None:
    connected.send(said)
    assert connected.why().lines["legal now"].startswith(legal)


@pytest.mark.parametrize(
    ("said", "few"),
    [
        ("HELO a", "MAIL; also NOOP, HELP and 10 more"),
        ("HELO a\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>", "DATA, RCPT; also NOOP and 7 more"),
        ("NOOP", "HELO, EHLO; also NOOP and 5 more"),
        ("HELO a\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>\nDATA", "no verb; every line belongs to the message"),
        ("QUIT", "nothing"),
    ],
)
def test_before_a_notebook_has_explained_states_few_verbs_are_named(
    connected: Session, monkeypatch: pytest.MonkeyPatch, said: str, few: str
) -> None:
    monkeypatch.setattr("smtplab.explain.cards.running_shell", object)
    monkeypatch.setattr(cards, "level", "words")
    connected.send(said)
    assert connected.why().lines["legal now"].startswith(few)
    cards.level = "states"
    assert "more" not in connected.why().lines["legal now"]


def test_a_host_that_refuses_service_leaves_quit_alone() -> None:
    lab = Lab()
    lab.host("mail.lab.example").handler.open = False
    assert lab.telnet("mail.lab.example").why().lines["legal now"] == "QUIT"


def test_what_looks_like_a_tag_does_not_vanish(connected: Session) -> None:
    reply = connected.send("HELO <b>\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>\nDATA")
    assert reply is not None
    assert "&lt;CRLF&gt;.&lt;CRLF&gt;" in (reply._repr_html_() or "")
    assert "<CRLF>" not in (reply._repr_html_() or "")


def test_a_hostile_reply_stays_text() -> None:
    html = of("S: 220 <script>alert(1)</script>\nC: <img src=x onerror=y>\nS: 500 \"><b>'")._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
