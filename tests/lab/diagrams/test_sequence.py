"""The ladder: every line of a conversation in its order, folded where it is long, its phases and the states reached."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab import Phase, State, Transcript, diagrams
from smtplab.lab.causes import CAUSES, causes_of, provoke
from smtplab.transcript import Side
from support.drawing import SVG, lecture, root_of, troubled, turned, words


@pytest.mark.parametrize("make", [lecture, troubled, turned], ids=lambda make: make.__name__)
def test_the_words_of_a_ladder_have_every_row_in_its_order(make) -> None:
    transcript = make().transcript
    lines = iter(diagrams.ladder(transcript).text.splitlines())
    for row in transcript:
        assert any(line.split("  [now ")[0] == str(row) for line in lines), row


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: f"{cause.code}-{cause.sentence}")
def test_every_conversation_can_be_drawn(cause) -> None:
    transcript = provoke(cause)
    figure = diagrams.ladder(transcript)
    assert str(cause.code) in words(figure)
    assert all(str(row) in figure.text for row in transcript)


@given(st.lists(st.tuples(st.sampled_from(list(Side)), st.text(max_size=90) | st.binary(max_size=30)), max_size=8))
def test_whatever_was_said_is_drawn_as_well_formed_xml(said) -> None:
    transcript = Transcript()
    for side, line in said:
        data = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
        transcript.add(side, data.replace(b"\r\n", b"") + b"\r\n")
    figure = diagrams.ladder(transcript)
    assert root_of(figure)[1].text == figure.text
    ElementTree.fromstring(diagrams.state_machine(transcript).svg)


def test_a_ladder_has_every_line_of_a_short_conversation() -> None:
    drawn = words(diagrams.ladder(lecture()))
    for row in lecture().transcript:
        text = f"= {row.text}" if row.side is Side.NOTE else row.text
        code, rest = text[:3], text[4:]
        assert not text or text in drawn or (code in drawn and rest in drawn), text


def test_a_ladder_has_the_phases_and_the_states_that_were_reached() -> None:
    figure = diagrams.ladder(lecture())
    drawn = words(figure)
    assert [word for word in drawn if word in {phase.value for phase in Phase}] == [phase.value for phase in Phase]
    states = ["GREETED", "READY", "SENDER", "RECIPIENT", "DATA", "READY", "CLOSED"]
    names = [word for word in drawn if word in State.__members__ and word != "DATA"]
    assert names == [name for name in states if name != "DATA"]
    assert re.findall(r"\[now (\w+)\]", figure.text) == states


@pytest.mark.parametrize("make", [lecture, turned, lambda: provoke(causes_of(421)[1])], ids=["whole", "turned", "421"])
def test_the_drawing_and_the_words_of_a_ladder_have_the_same_phases(make) -> None:
    figure = diagrams.ladder(make())
    drawn = [word for word in words(figure) if word in {phase.value for phase in Phase}]
    assert drawn == re.findall(r"^===== (.*) =====$", figure.text, re.MULTILINE)


def test_arrows_point_to_who_is_spoken_to() -> None:
    heads = [e.get("points", "").split(",")[0] for e in root_of(diagrams.ladder(lecture())).iter(f"{SVG}polygon")]
    client, server = min(heads, key=float), max(heads, key=float)
    asked, answered = [server, client], [client]
    assert heads == answered + asked * 6  # the greeting; HELO, MAIL, RCPT, DATA, the message and QUIT


def test_a_long_message_is_folded_and_its_dot_is_left() -> None:
    drawn = words(diagrams.ladder(troubled(), fold=6))
    assert "(19 more lines)" in drawn
    assert [drawn.index(text) for text in ("line 1", "(19 more lines)", ".")] == sorted(
        drawn.index(text) for text in ("line 1", "(19 more lines)", ".")
    )
    assert "line 2" not in drawn
    assert "line 19" in words(diagrams.ladder(troubled(), fold=50))


def test_a_long_line_is_cut_and_the_rest_counted() -> None:
    transcript = Transcript.parse("S: 220 ready\nC: NOOP " + "y" * 300)
    drawn = words(diagrams.ladder(transcript))
    shown = [text for text in drawn if "yyy" in text]
    assert f"({305 - len(''.join(shown))} more characters)" in drawn


def test_after_turn_the_client_answers() -> None:
    figure = diagrams.ladder(turned())
    drawn = words(figure)
    assert drawn.count("220") == 2
    assert "client.example" in drawn
    assert "-client.example" in drawn


def test_what_a_message_says_is_no_reply() -> None:
    transcript = Transcript(lecture().transcript[:11])
    transcript.add(Side.CLIENT, b"550 is a number like any other\r\n")
    assert "550 is a number like any other" in words(diagrams.ladder(transcript))
