"""The ladder: every line of a conversation in its order, folded where it is long, its phases and the states reached."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab import Lab, Phase, State, Transcript, diagrams
from smtplab.explain.causes import CAUSES, causes_of
from smtplab.lab.conversations import Conversation
from smtplab.lab.provoking import provoke
from smtplab.protocol.codes import CODES
from smtplab.show.figure import Figure
from smtplab.transcript import Side
from support.drawing import (
    CAMPUS,
    SVG,
    box_of_rect,
    box_of_text,
    down,
    in_a_loop,
    in_a_ring,
    lecture,
    refused,
    relayed,
    root_of,
    texts,
    troubled,
    turned,
    words,
)


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


def test_a_ladder_without_states_names_none_in_the_drawing_and_none_in_the_words() -> None:
    figure = diagrams.ladder(lecture(), states=False)
    assert not {"State", "GREETED", "READY", "SENDER", "RECIPIENT", "CLOSED"} & set(words(figure))
    assert "[now " not in figure.text
    assert [
        line.split("  [now ")[0] for line in diagrams.ladder(lecture()).text.splitlines()
    ] == figure.text.splitlines()


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


# Hosts that hand on while their client waits


def told(figure: Figure) -> list[str]:
    return [line.split("  [now ")[0].strip() for line in figure.text.splitlines()]


def test_a_relayed_message_has_a_lifeline_for_each_machine_and_says_what_it_is() -> None:
    drawn = words(diagrams.ladder(relayed()))
    heads = [drawn.index(name) for name in ("laptop.example", "mail.lab.example", CAMPUS)]
    assert [drawn[at - 1] for at in heads] == ["Client", "Server, then client", "Server"]
    assert heads == sorted(heads)


def test_the_relay_stands_between_the_dot_and_the_reply_to_it_in_the_words() -> None:
    session = relayed()
    lines = told(diagrams.ladder(session))
    [call] = session.conversation.calls
    begin = lines.index("2. laptop.example waits. mail.lab.example calls mail.campus.example.")
    end = lines.index("End of 2; 1 goes on.")
    assert lines[begin - 1] == str(session.transcript[call.row - 1]) == "C: ."
    assert lines[end + 1] == str(session.transcript[call.row])
    within = [line for line in lines[begin + 1 : end] if not line.startswith("=====")]
    assert within == [str(row) for row in call.conversation.transcript]


def test_the_relay_stands_between_the_dot_and_the_reply_to_it_in_the_drawing() -> None:
    drawn = [(float(e.get("y", 0)), e.text or "") for e in texts(diagrams.ladder(relayed()))]
    at = {text: y for y, text in reversed(drawn)}
    greeting, dot = at["mail.campus.example SMTP"], at["."]
    kept = max(y for y, text in drawn if text == "A000001, 19 octets")
    farewell = max(y for y, text in drawn if text.startswith("2.0.0 mail.campus.example"))
    assert dot < greeting < farewell < kept


@pytest.mark.parametrize("make", [relayed, in_a_ring, in_a_loop, down, refused], ids=lambda make: make.__name__)
def test_the_words_have_every_row_of_every_conversation_once(make) -> None:
    source = make()
    lines = told(diagrams.ladder(source))

    def rows(conversation: Conversation) -> list[str]:
        inner = [row for call in conversation.calls for row in rows(call.conversation)]
        return [str(row) for row in conversation.transcript] + inner

    expected = rows(source if isinstance(source, Conversation) else source.conversation)
    said = [line for line in lines if re.match(r"[CS]:|= ", line)]
    assert sorted(said) == sorted(expected)


def test_arrows_run_between_the_two_who_talk() -> None:
    figure = diagrams.ladder(relayed("forouzanb@adelphia.net"))
    lifelines = {"laptop.example": 70, "mail.lab.example": 274.7, CAMPUS: 479.3, "mail.adelphia.net": 684}
    ends = [re.findall(r"([\d.]+),", path.get("d", "")) for path in root_of(figure).iter(f"{SVG}path")]
    arrows = {(float(path[0]), round(float(path[1]))) for path in ends if len(set(path)) == 2}
    tips = {start: {round(end) for begin, end in arrows if begin == start} for start in lifelines.values()}
    assert tips[70] == {266}  # nine short of the lifeline, where the head of the arrow is
    assert tips[274.7] == {79, 470, 675}
    assert tips[479.3] == {284}
    assert tips[684] == {284}


def test_a_next_hop_that_is_down_is_told_and_drawn() -> None:
    figure = diagrams.ladder(down())
    assert "= mail.campus.example does not answer; the host is down" in figure.text
    assert "= mail.campus.example does not answer;" in words(figure)
    assert "451" in words(figure)


def test_more_conversations_than_have_room_are_counted_and_told() -> None:
    figure = diagrams.ladder(in_a_loop())
    assert "(15 more conversations)" in words(figure)
    assert "21. " in figure.text
    assert max(len(line) - len(line.lstrip()) for line in figure.text.splitlines() if "Subject" not in line) < 40
    assert sum(re.match(r"\d+\. ", word) is not None for word in words(figure)) == 6


def test_without_what_was_relayed_it_is_a_ladder_of_two() -> None:
    alone = diagrams.ladder(relayed(), relayed=False)
    assert alone == diagrams.ladder(relayed().transcript)
    assert "Client (C)" in words(alone)
    assert CAMPUS not in alone.text.replace(f"dora@{CAMPUS.removeprefix('mail.')}", "").split()


def test_one_of_the_conversations_and_a_client_are_drawn_as_well() -> None:
    lab = Lab()
    with lab.client("mail.lab.example") as client:
        client.deliver("alice@lab.example", ["dora@campus.example"], b"Subject: hello\r\n")
    assert diagrams.ladder(client).title == "Ladder of a conversation, 19 lines, and of 1 more between hosts"
    assert diagrams.ladder(lab.conversations[0]) == diagrams.ladder(lab.conversations[0].transcript)


def test_what_is_neither_session_nor_transcript_is_refused() -> None:
    with pytest.raises(TypeError, match=r"not str$"):
        diagrams.ladder("HELO")  # type: ignore[arg-type]


# What a pointer finds


def tips(figure: Figure) -> list[str]:
    return [title.text or "" for group in root_of(figure).iter(f"{SVG}g") for title in group.iter(f"{SVG}title")]


def test_where_a_pointer_rests_it_finds_what_the_drawing_leaves_out() -> None:
    found = tips(diagrams.ladder(troubled(), fold=6))
    assert "\n".join(["", *(f"line {number}" for number in range(20)), "x" * 200 + " ..."]) not in found
    [folded] = [tip for tip in found if "line 7\n" in tip]
    assert "line 1\n" not in folded
    assert "line 18\nline 19\n" in folded
    assert any(tip == "NOOP " + "y" * 195 + " ..." for tip in found)


def test_where_a_pointer_rests_it_finds_what_codes_and_states_mean() -> None:
    found = tips(diagrams.ladder(lecture()))
    assert any(tip.startswith("354 ") and CODES[354].meaning in tip for tip in found)
    assert f"READY: {State.READY.value}." in found


def test_a_pointer_finds_no_more_than_somebody_reads() -> None:
    long = Transcript(lecture().transcript[:11])
    for number in range(500):
        long.add(Side.CLIENT, b"%d\r\n" % number)
    [tip] = [tip for tip in tips(diagrams.ladder(long)) if tip.count("\n") > 3]
    assert tip.count("\n") == 40
    assert tip.endswith("\n...")


@pytest.mark.parametrize("rows", [1, 3, 4, 12, 15, 21])
def test_a_mark_frames_the_last_line_and_nothing_else(rows: int) -> None:
    played = Transcript(lecture().transcript[:rows])
    figure = diagrams.ladder(played, mark_last=True)
    (frame,) = (
        box_of_rect(element) for element in root_of(figure).iter(f"{SVG}rect") if element.get("stroke-width") == "2"
    )
    framed = " ".join(element.text or "" for element in texts(figure) if frame.holds(box_of_text(element)))
    last = played[-1]
    assert framed == (f"= {last.text}" if last.side is Side.NOTE else last.text)
    assert words(figure).count("now") == 1
    assert figure.text.endswith("  <- now")


def test_there_is_no_mark_without_a_line_and_none_among_several_conversations() -> None:
    for source in (Transcript(), relayed()):
        assert diagrams.ladder(source, mark_last=True) == diagrams.ladder(source)
