"""The diagrams: all that the tables and the transcript say is there, in the drawing and in words, and can be read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab import Lab, Phase, Session, State, Transcript, diagrams
from smtplab.lab import style
from smtplab.lab.causes import CAUSES, agree_to_turn, causes_of, provoke
from smtplab.lab.figure import Figure, Font
from smtplab.protocol.codes import CODES
from smtplab.protocol.commands import VERBS, Data, Helo
from smtplab.protocol.errors import RemoteProtocolError
from smtplab.protocol.states import TRANSITIONS
from smtplab.transcript import Side

SVG = "{http://www.w3.org/2000/svg}"


def session(*lines: str, host: str = "mail.lab.example") -> Session:
    opened = Lab().telnet(host)
    for line in lines:
        opened.send(line)
    return opened


def lecture() -> Session:
    greeting = ("HELO mail.adelphia.net", "MAIL FROM: forouzanb@adelphia.net", "RCPT TO: forouzanb@adelphia.net")
    message = ("DATA", "From: Forouzan", "TO: Forouzan", "", "This is a test message", "to show SMTP in action.", ".")
    return session(*greeting, *message, "QUIT", host="mail.adelphia.net")


def troubled() -> Session:
    """A session with all that is hard to draw: refusals, long lines, a long message, tags, two spaces."""
    long = "a-person-with-a-very-long-name-indeed-that-does-not-end@a-domain-that-is-long-as-well.example"
    lines = ("DATA", "EHLO client.example", "VERFY alice", f"MAIL FROM:<{long}>", "RCPT TO:<zoe@lab.example>")
    message = ("DATA", "Subject:  two <b> spaces", "", *(f"line {number}" for number in range(20)), "x" * 400, ".")
    return session(*lines, "RCPT TO:<alice@lab.example>", *message, "NOOP " + "y" * 300, "QUIT")


def turned() -> Session:
    lab = Lab()
    agree_to_turn(lab)
    opened = lab.telnet("mail.lab.example")
    for line in ("HELO client.example", "TURN", "220 client.example", "250-client.example", "250 greets you"):
        opened.send(line)
    return opened


FIGURES = {
    "ladder": lambda: diagrams.ladder(lecture()),
    "ladder of trouble": lambda: diagrams.ladder(troubled()),
    "ladder of trouble, folded": lambda: diagrams.ladder(troubled(), fold=1),
    "ladder after TURN": lambda: diagrams.ladder(turned()),
    "ladder of nothing": lambda: diagrams.ladder(Transcript()),
    "states": diagrams.state_machine,
    **{f"states, {state.name}": lambda state=state: diagrams.state_machine(state) for state in State},
    "states and a path": lambda: diagrams.state_machine(lecture()),
    "states and a long path": lambda: diagrams.state_machine(troubled()),
    "states after TURN": lambda: diagrams.state_machine(turned()),
    "states after 421": lambda: diagrams.state_machine(provoke(causes_of(421)[1])),
    "range": diagrams.smtp_range,
    "range with names": lambda: diagrams.smtp_range(("laptop.example", "mail.lab.example", "mail.campus.example")),
    "commands and responses": diagrams.commands_and_responses,
    "format": diagrams.command_format,
    "format of DATA": lambda: diagrams.command_format(Data()),
    "format of a long one": lambda: diagrams.command_format(f"MAIL FROM:<{'x' * 60}@{'y' * 60}.example> SIZE=1"),
}
each = pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES.keys())


# What is drawn, read back from the drawing


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: "Box") -> bool:
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


def number(element: ElementTree.Element, name: str) -> float:
    return float(element.get(name, "0"))


def box_of_text(element: ElementTree.Element) -> Box:
    """Return the field of a text: as wide as any usual font makes it, from the ascenders to the descenders."""
    family, size = element.get("font-family"), number(element, "font-size")
    font = Font(size, mono=family == "monospace", bold=element.get("font-weight") == "bold")
    width = font.width(element.text or "")
    left = number(element, "x") - {"start": 0, "middle": width / 2, "end": width}[element.get("text-anchor", "start")]
    y = number(element, "y")
    return Box(left, y - 0.75 * size, left + width, y + 0.2 * size)


def box_of_rect(element: ElementTree.Element) -> Box:
    x, y = number(element, "x"), number(element, "y")
    return Box(x, y, x + number(element, "width"), y + number(element, "height"))


def root_of(figure: Figure) -> ElementTree.Element:
    return ElementTree.fromstring(figure.svg)


def texts(figure: Figure) -> list[ElementTree.Element]:
    return list(root_of(figure).iter(f"{SVG}text"))


def words(figure: Figure) -> list[str]:
    return [element.text or "" for element in texts(figure)]


def stretches(figure: Figure) -> Iterator[Box]:
    """Yield the straight pieces of all lines."""
    for path in root_of(figure).iter(f"{SVG}path"):
        corners = [tuple(map(float, pair)) for pair in re.findall(r"([-\d.]+),([-\d.]+)", path.get("d", ""))]
        for (x0, y0), (x1, y1) in pairwise(corners):
            yield Box(min(x0, x1) - 0.6, min(y0, y1) - 0.6, max(x0, x1) + 0.6, max(y0, y1) + 0.6)


@each
def test_a_figure_is_well_formed_and_has_a_title_and_its_words(make) -> None:
    figure = make()
    root = root_of(figure)
    assert root.get("role") == "img"
    assert (root[0].tag, root[0].text) == (f"{SVG}title", figure.title)
    assert (root[1].tag, root[1].text) == (f"{SVG}desc", figure.text)
    assert figure.title
    assert not figure.text.endswith("\n")


@each
def test_a_figure_is_the_same_every_time_and_has_no_ids(make) -> None:
    assert make() == make()
    assert make()._repr_html_() == make()._repr_html_()
    assert not re.search(r'\bid="|url\(|<script|font-family="(?!monospace"|sans-serif")', make()._repr_html_())


@each
def test_no_text_runs_out_of_the_figure_or_into_another(make) -> None:
    figure = make()
    paper = Box(0, 0, figure.width, figure.height)
    boxes = [(element.text, box_of_text(element)) for element in texts(figure)]
    assert [text for text, box in boxes if not paper.holds(box)] == []
    assert [(one[0], other[0]) for one, other in combinations(boxes, 2) if one[1].meets(other[1])] == []


@each
def test_no_text_crosses_the_edge_of_a_field(make) -> None:
    figure = make()
    fields = [box_of_rect(element) for element in root_of(figure).iter(f"{SVG}rect")]
    for element in texts(figure):
        box = box_of_text(element)
        assert all(field.holds(box) or not field.meets(box) for field in fields), element.text


@each
def test_no_line_runs_through_text_unless_the_text_has_a_field_of_its_own(make) -> None:
    figure = make()
    chips = [box_of_rect(e) for e in root_of(figure).iter(f"{SVG}rect") if e.get("fill", "").startswith("#")]
    lines = list(stretches(figure))
    for element in texts(figure):
        box = box_of_text(element)
        if not any(chip.holds(box) for chip in chips):
            assert not any(line.meets(box) for line in lines), element.text


@each
@pytest.mark.parametrize("theme", style.THEMES, ids=lambda theme: theme.name)
def test_all_text_stands_out_from_its_ground(make, theme) -> None:
    fields: list[tuple[Box, str]] = []
    for element in root_of(make()).iter():
        if element.tag == f"{SVG}rect" and element.get("fill") != "none":
            fields.append((box_of_rect(element), element.get("fill", "")))
        if element.tag == f"{SVG}text":
            ground = theme.paper
            for box, fill in fields:
                if box.holds(box_of_text(element)):
                    ground = paint(fill, ground)
            ink = theme.ink if element.get("fill") == "currentColor" else element.get("fill", "")
            assert style.contrast(ink, ground) >= 4.5, element.text


def paint(fill: str, ground: str) -> str:
    if fill.startswith("#"):
        return fill
    red, green, blue, alpha = re.fullmatch(r"rgba\((\d+), (\d+), (\d+), ([\d.]+)\)", fill).groups()  # type: ignore[union-attr]
    return style.over(f"#{int(red):02x}{int(green):02x}{int(blue):02x}", float(alpha), ground)


@each
@pytest.mark.parametrize("theme", style.THEMES, ids=lambda theme: theme.name)
def test_the_lines_stand_out_from_the_paper(make, theme) -> None:
    for path in root_of(make()).iter(f"{SVG}path"):
        drawn = style.over(theme.ink, float(path.get("opacity", "1")), theme.paper)
        assert style.contrast(drawn, theme.paper) >= 3


# The ladder


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


# The state machine


def moves() -> set[tuple[State, State]]:
    table = TRANSITIONS.items()
    return {(s, to) for s, verbs in table for said in verbs.values() for to in said.values() if to is not s}


def test_every_state_and_its_meaning_is_drawn_and_told() -> None:
    figure = diagrams.state_machine()
    drawn = " ".join(words(figure))
    for state in State:
        assert state.name in words(figure)
        assert state.value[1:] in drawn
        assert f"{state.name} (" in figure.text
        assert state.value in figure.text


def test_every_move_of_the_table_is_drawn_as_one_arrow() -> None:
    assert len(list(root_of(diagrams.state_machine()).iter(f"{SVG}polygon"))) == len(moves())


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
def test_every_verb_of_a_state_is_told_with_where_it_leads(state) -> None:
    block = re.search(rf"^{state.name} \(.*\n((?:  .*\n)*)", diagrams.state_machine().text, re.MULTILINE)
    assert block
    told = {line.split(" with ")[0].split()[-1]: line.split(" with ")[1] for line in block[1].splitlines()}
    for verb, outcomes in TRANSITIONS[state].items():
        spoken = {"(connection)": "greeting", "(message)": "message"}.get(verb, verb)
        for after in set(outcomes.values()) - {state}:
            assert spoken in re.findall(r"\w+", told[after.name])
        if set(outcomes.values()) <= {state}:
            assert spoken in told["stay"].split(", ")
    assert set(told) == {after.name for start, after in moves() if start is state} | ({"stay"} & set(told))


def test_the_verbs_of_the_current_state_are_bold_and_it_is_named() -> None:
    figure = diagrams.state_machine(State.RECIPIENT)
    bold = [
        e.text or "" for e in texts(figure) if e.get("font-weight") == "bold" and e.get("font-family") == "monospace"
    ]
    assert {"NOOP HELP VRFY EXPN RCPT", "HELO", "RSET", "QUIT"} <= set(bold)
    assert "MAIL SEND SOML SAML" not in bold
    assert words(figure).count("now here") == 1
    assert figure.text.count("The session is here now.") == 1
    assert figure.title.endswith("now RECIPIENT")
    assert "now here" not in words(diagrams.state_machine())


def test_a_session_lights_its_state_and_numbers_its_path() -> None:
    figure = diagrams.state_machine(lecture())
    assert "CLOSED (Connection Termination): closed. The session is here now." in figure.text
    told = re.findall(r"^  \d+\. .*$", figure.text, re.MULTILINE)
    assert told == [
        "  1. greeting 220: CONNECTED to GREETED",
        "  2. HELO 250: GREETED to READY",
        "  3. MAIL 250: READY to SENDER",
        "  4. RCPT 250: SENDER to RECIPIENT",
        "  5. DATA 354: RECIPIENT to DATA",
        "  6. message 250: DATA to READY",
        "  7. QUIT 221: READY to CLOSED",
    ]
    assert {str(step) for step in range(1, 8)} <= set(words(figure))
    assert figure == diagrams.state_machine(path=lecture())


def test_many_steps_in_one_place_are_counted_in_the_words_alone() -> None:
    figure = diagrams.state_machine(session(*["NOOP"] * 6))
    assert "2 3 ..." in words(figure)
    assert figure.text.count("NOOP 250: stays GREETED") == 6


def test_another_state_than_that_of_the_path_can_be_lit() -> None:
    figure = diagrams.state_machine(State.SENDER, lecture())
    assert figure.title.endswith("now SENDER")
    assert "7. QUIT 221" in figure.text


def test_a_step_by_421_is_explained_in_words() -> None:
    figure = diagrams.state_machine(provoke(causes_of(421)[1]))
    assert "Step 4 was a reply of 421: it led from SENDER to CLOSED." in words(figure)
    refused = diagrams.state_machine(provoke(causes_of(421)[0]))
    assert "Step 1 was a reply of 421: it led from CONNECTED to CLOSED." in words(refused)


# The lecture's figures


def test_in_its_range_smtp_is_used_twice() -> None:
    figure = diagrams.smtp_range()
    drawn = words(figure)
    assert (drawn.count("SMTP"), drawn.count("first use"), drawn.count("second use")) == (2, 1, 1)
    assert (drawn.count("Client MTA"), drawn.count("Server MTA")) == (2, 2)
    assert "1. from the sender's computer to the sender's mail server," in figure.text
    assert "2. from the sender's mail server to the receiver's mail server." in figure.text


def test_the_machines_have_the_names_they_are_given() -> None:
    figure = diagrams.smtp_range(("laptop.example", "mail.lab.example", "mail.campus.example"))
    assert {"laptop.example", "mail.lab.example", "mail.campus.example"} <= set(words(figure))
    assert "Sender's mail server is mail.lab.example." in figure.text
    with pytest.raises(ValueError, match=r"^the figure has three machines that speak SMTP, and 2 names were given$"):
        diagrams.smtp_range(("one.example", "two.example"))


def test_commands_and_responses_are_those_of_the_tables() -> None:
    figure = diagrams.commands_and_responses()
    drawn = " ".join(words(figure)).split()
    assert {name for name, verb in VERBS.items() if verb.tier} <= set(drawn)
    for name, verb in VERBS.items():
        assert (name in figure.text) is (verb.tier is not None)
    for number, code in CODES.items():
        assert (str(number) in figure.text) is (code.lecture is not None)
    for severity in ("2yz", "3yz", "4yz", "5yz"):
        assert severity in drawn
    assert "CRLF" in figure.text


def test_the_format_of_a_command_has_each_octet_that_is_sent() -> None:
    command = Helo("client.example")
    figure = diagrams.command_format(command)
    in_cells = [e.text or "" for e in texts(figure) if e.get("text-anchor") == "middle"]
    drawn = [text for text in in_cells if re.fullmatch(r"[0-9a-f]{2}", text)]
    assert bytes.fromhex("".join(drawn)) == command.serialize()
    told = re.findall(r"^  ([0-9a-f ]+)$", figure.text, re.MULTILINE)
    assert bytes.fromhex(" ".join(told)) == command.serialize()
    for part in ("keyword: HELO", "space: SP", "argument: client.example", "end of line: CR LF"):
        assert part in figure.text


def test_a_command_without_an_argument_has_a_keyword_and_an_end() -> None:
    text = diagrams.command_format("quit").text
    assert re.findall(r"^(\w[\w ]*): ", text, re.MULTILINE) == ["keyword", "end of line"]


def test_the_format_of_what_is_no_command_is_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="'VERFY' is not a command of SMTP"):
        diagrams.command_format("VERFY alice")
