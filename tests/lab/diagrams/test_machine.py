"""The state machine: all that the table says, the state that is lit, and the path of a session."""

import re

import pytest

from smtplab import State, diagrams
from smtplab.explain.causes import causes_of
from smtplab.lab.provoking import provoke
from smtplab.protocol.states import TRANSITIONS, leading_verbs
from smtplab.show.figure import Figure
from support.drawing import FIGURES, SVG, lecture, root_of, session, texts, words


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


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
def test_ways_that_may_be_taken_now_begin_with_a_dot(state) -> None:
    figure = diagrams.state_machine(state)
    assert len(list(root_of(figure).iter(f"{SVG}circle"))) == len({after for start, after in moves() if start is state})
    assert not list(root_of(diagrams.state_machine()).iter(f"{SVG}circle"))


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
def test_what_may_come_in_the_current_state_is_told_in_one_line(state) -> None:
    told = re.search(r"here now\. (.*)$", diagrams.state_machine(state).text, re.MULTILINE)
    assert told
    spoken = {"(connection)": "greeting", "(message)": "message"}
    verbs = {spoken.get(verb, verb) for verb in TRANSITIONS[state]}
    named = told[1].removeprefix("What may come: ").removesuffix(".").split(", ")
    assert set(named) == (verbs or {"Nothing may come"})
    first = [verb for verb in leading_verbs(state) if verb in verbs]
    assert named[: len(first)] == first


def test_the_verb_that_leads_on_is_told_first() -> None:
    assert "What may come: MAIL, NOOP, " in diagrams.state_machine(State.READY).text
    assert "What may come: DATA, RCPT, NOOP, " in diagrams.state_machine(State.RECIPIENT).text


def test_signs_are_explained_where_there_are_any() -> None:
    dots, path = "What may come now is bold", "A thick arrow was taken"
    drawn = {name: " ".join(words(make())) for name, make in FIGURES.items() if name.startswith("states")}
    assert {name for name, said in drawn.items() if dots in said} == {
        *(f"states, {state.name}" for state in State if state is not State.CLOSED),
        "states at the beginning",
        "states after HELO",
        "states after TURN",
    }
    assert {name for name, said in drawn.items() if path in said} == {
        "states and a path",
        "states and a path in words",
        "states and a path, whole",
        "states at the beginning",
        "states after HELO",
        "states and a long path",
        "states after TURN",
        "states after 421",
    }


def test_a_pointer_finds_every_step_behind_its_number() -> None:
    figure = diagrams.state_machine(session(*["NOOP"] * 6))
    assert "\n".join(f"{number}. NOOP 250: stays GREETED" for number in range(2, 8)) in [
        title.text for title in root_of(figure).iter(f"{SVG}title")
    ]


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


# It grows


def grey(figure: Figure) -> set[str]:
    """Return the states whose boxes have a name alone."""
    names = {state.name for state in State}
    return {
        element.text or ""
        for element in texts(figure)
        if element.text in names and element.get("font-size") == "11" and element.get("y") not in CHIPS
    }


# The names of the states of each phase, in the corner; one phase has a single state.
CHIPS = {"481", "525", "569"}


@pytest.mark.parametrize(
    ("lines", "passed"),
    [
        ([], {"CONNECTED", "GREETED"}),
        (["NOOP"], {"CONNECTED", "GREETED"}),
        (["HELO x.example"], {"CONNECTED", "GREETED", "READY"}),
        (["HELO x.example", "MAIL FROM:<a@x.example>", "RSET"], {"CONNECTED", "GREETED", "READY", "SENDER"}),
        (["QUIT"], {"CONNECTED", "GREETED", "CLOSED"}),
    ],
)
def test_states_that_a_session_has_not_passed_are_grey(lines: list[str], passed: set[str]) -> None:
    figure = diagrams.state_machine(session(*lines))
    rest = [state.name for state in State if state.name not in passed]
    assert grey(figure) == set(rest)
    assert f"Not passed yet: {', '.join(rest)}." in figure.text.splitlines()
    assert {line.split(" (")[0] for line in figure.text.splitlines() if re.match(r"[A-Z]+ \(", line)} == passed
    assert "Grey states and arrows were not passed yet, and do not show their verbs." in words(figure)


def test_an_arrow_has_its_verbs_if_it_was_taken_or_may_be_taken_now() -> None:
    drawn = words(diagrams.state_machine(session("HELO x.example", "MAIL FROM:<a@x.example>")))
    assert {"HELO EHLO", "MAIL SEND SOML SAML", "RCPT", "RSET"} <= set(drawn)
    assert "DATA" not in [word for word in drawn if word != State.DATA.name]
    assert "TURN" not in drawn


def test_an_arrow_that_was_neither_taken_nor_may_be_taken_now_is_grey_and_still_there() -> None:
    figure = diagrams.state_machine(session("HELO x.example"))
    heads = [element.get("fill") for element in root_of(figure).iter(f"{SVG}polygon")]
    shown = {(State.CONNECTED, State.GREETED), (State.GREETED, State.READY)}
    shown |= {move for move in moves() if move[0] is State.READY}
    assert len(heads) == len(moves())
    assert heads.count("currentColor") == len(shown)


@pytest.mark.parametrize("make", [lambda: (), lambda: (lecture(),), lambda: (State.SENDER, lecture())])
def test_it_is_whole_where_that_is_asked_for_and_without_a_session(make) -> None:
    figure = diagrams.state_machine(*make(), whole=True)
    assert grey(figure) == set()
    assert "Not passed yet" not in figure.text
    assert "rey states" not in " ".join(words(figure))
    assert diagrams.state_machine() == diagrams.state_machine(whole=True)
