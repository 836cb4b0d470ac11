"""The table of states, held against a second one typed here from RFC 5321 and RFC 821."""

import gc
import weakref

import pytest

from smtplab.protocol import replies
from smtplab.protocol.codes import Severity
from smtplab.protocol.commands import NEEDED_EXTENSION, VERBS
from smtplab.protocol.states import (
    ANSWERS,
    GREETING,
    MESSAGE,
    PHASES,
    POSITIVE_DIGITS,
    READERS,
    TRANSITIONS,
    UNKNOWN,
    Phase,
    Reader,
    State,
    is_legal,
    leading_verbs,
    legal_verbs,
    next_state,
    out_of_order,
    phase_of,
    state_if_accepted,
)

EVERY_VERB = [GREETING, *VERBS, MESSAGE]

# RFC 5321 4.1.4: what may come when.
ALWAYS = {"NOOP", "HELP", "VRFY", "EXPN", "QUIT", "RSET", "HELO", "EHLO"}
LEGAL = {
    State.CONNECTED: {GREETING},
    State.REFUSED: {"QUIT"},
    State.GREETED: ALWAYS,
    State.READY: ALWAYS | {"MAIL", "SEND", "SOML", "SAML", "TURN"},
    State.SENDER: ALWAYS | {"RCPT"},
    State.RECIPIENT: ALWAYS | {"RCPT", "DATA"},
    State.DATA: {MESSAGE},
    State.CLOSED: set(),
}
IN_SESSION = {State.GREETED, State.READY, State.SENDER, State.RECIPIENT}
# What moves a session: where, by which verb, with which first digits, where to. Everything else leaves it as it is.
MOVES = [
    ({State.CONNECTED}, {GREETING}, {2}, State.GREETED),
    ({State.CONNECTED}, {GREETING}, {4, 5}, State.REFUSED),
    (IN_SESSION | {State.REFUSED}, {"QUIT"}, {2}, State.CLOSED),
    (IN_SESSION, {"HELO", "EHLO"}, {2}, State.READY),
    (IN_SESSION - {State.GREETED}, {"RSET"}, {2}, State.READY),
    ({State.READY}, {"MAIL", "SEND", "SOML", "SAML"}, {2}, State.SENDER),
    ({State.READY}, {"TURN"}, {2}, State.CONNECTED),
    ({State.SENDER, State.RECIPIENT}, {"RCPT"}, {2}, State.RECIPIENT),
    ({State.RECIPIENT}, {"DATA"}, {3}, State.DATA),
    ({State.DATA}, {MESSAGE}, {2, 4, 5}, State.READY),
]


def expected_after(state, verb, digit):
    found = [after for states, verbs, digits, after in MOVES if state in states and verb in verbs and digit in digits]
    return found[0] if found else state


@pytest.mark.parametrize("state", State)
def test_the_legal_verbs_are_those_of_the_rfc(state):
    assert {verb for verb in EVERY_VERB if is_legal(state, verb)} == LEGAL[state] == set(TRANSITIONS[state])
    assert not is_legal(state, "FOO")


@pytest.mark.parametrize("state", State)
def test_the_verbs_to_be_typed_are_the_legal_ones_that_are_commands(state):
    assert set(legal_verbs(state)) == LEGAL[state] & set(VERBS)
    assert len(legal_verbs(state)) == len(set(legal_verbs(state)))


@pytest.mark.parametrize("verb", [*EVERY_VERB, "FOO"])
@pytest.mark.parametrize("state", State)
def test_each_reply_moves_the_session_as_the_rfc_says(state, verb):
    for code in (211, 220, 250, 252, 299, 354, 399, 450, 452, 499, 500, 503, 521, 550, 599):
        if (verb, code // 100) not in [("DATA", 3), (MESSAGE, 3)]:
            assert next_state(state, verb, code) is expected_after(state, verb, code // 100)


@pytest.mark.parametrize("state", State)
def test_354_to_data_begins_a_message_wherever_command_lines_are_read(state):
    """RFC 2920 3.1: also where every recipient was refused; the client then owes the server a lone dot."""
    after = State.DATA if READERS[state] is Reader.COMMAND_LINE else state
    assert next_state(state, "DATA", 354) is after


def test_a_3yz_to_a_message_ends_it_as_any_other_reply_does():
    assert next_state(State.DATA, MESSAGE, 354) is State.READY


@pytest.mark.parametrize("state", State)
def test_each_state_reads_commands_or_a_message_or_nothing(state):
    typed = {Reader.COMMAND_LINE: True, Reader.MESSAGE: False, Reader.NOTHING: False}[READERS[state]]
    assert typed is bool(legal_verbs(state))
    assert (READERS[state] is Reader.MESSAGE) is is_legal(state, MESSAGE)


@pytest.mark.parametrize("verb", [*EVERY_VERB, "FOO", ""])
@pytest.mark.parametrize("state", State)
def test_421_closes_the_session_from_any_state_whatever_it_answers(state, verb):
    assert next_state(state, verb, 421) is State.CLOSED


@pytest.mark.parametrize("code", [250, 354, 450, 550])
@pytest.mark.parametrize("state", State)
def test_a_verb_that_the_table_lacks_changes_nothing(state, code):
    for verb in set(EVERY_VERB) - LEGAL[state] - ({"DATA"} if code == 354 else set()):
        assert next_state(state, verb, code) is state


def test_words_that_a_peer_made_up_are_not_kept():
    class Word(str):
        pass

    word = Word("FOO")
    kept = weakref.ref(word)
    next_state(State.READY, word, 500), is_legal(State.READY, word), phase_of(State.READY, word)
    del word
    gc.collect()
    assert kept() is None


def test_the_table_is_written_in_severities_and_states():
    for row in TRANSITIONS.values():
        for after in row.values():
            assert all(isinstance(severity, Severity) and isinstance(state, State) for severity, state in after.items())


def test_every_state_can_be_reached():
    reached = {
        after for row in TRANSITIONS.values() for after in (state for moves in row.values() for state in moves.values())
    }
    assert reached == set(State)


def test_each_verb_has_one_positive_way_on_at_most():
    for row in TRANSITIONS.values():
        for moves in row.values():
            assert len({after for severity, after in moves.items() if severity < Severity.TRANSIENT_NEGATIVE}) <= 1


@pytest.mark.parametrize("verb", [*EVERY_VERB, "FOO"])
@pytest.mark.parametrize("state", State)
def test_an_accepted_verb_leads_where_its_positive_reply_leads(state, verb):
    code = 354 if verb == "DATA" else 250
    expected = next_state(state, verb, code) if is_legal(state, verb) else state
    assert state_if_accepted(state, verb) is expected


# Verbs that an extension brings


def test_a_verb_that_needs_an_extension_is_legal_only_where_it_is_in_force(monkeypatch):
    assert {name: verb.extension for name, verb in VERBS.items() if verb.extension} == NEEDED_EXTENSION
    monkeypatch.setitem(NEEDED_EXTENSION, "VRFY", "XVRFY")
    assert not is_legal(State.READY, "VRFY", {"SIZE": ""})
    assert is_legal(State.READY, "VRFY", {"XVRFY": "", "SIZE": ""})
    assert not is_legal(State.DATA, "VRFY", {"XVRFY": ""})
    assert "VRFY" not in legal_verbs(State.READY)
    assert "VRFY" in legal_verbs(State.READY, {"XVRFY": ""})


def test_a_verb_whose_extension_is_not_in_force_gets_502_and_one_at_a_wrong_time_503(monkeypatch):
    """RFC 5321 4.2.4."""
    monkeypatch.setitem(NEEDED_EXTENSION, "VRFY", "XVRFY")
    assert out_of_order(State.READY, "VRFY").reply == replies.NOT_IMPLEMENTED
    assert out_of_order(State.READY, "DATA").reply == replies.BAD_SEQUENCE


# What a server may answer


@pytest.mark.parametrize("verb", [*EVERY_VERB, UNKNOWN])
@pytest.mark.parametrize("state", State)
def test_a_server_can_refuse_whatever_it_has_read_and_accept_what_is_legal(state, verb):
    possible = {digit for digit in range(1, 6) if (state, verb, digit) in ANSWERS}
    if verb == UNKNOWN:
        assert possible == {4, 5}
    elif is_legal(state, verb):
        assert possible == ({3, 4, 5} if verb == "DATA" else {2, 4, 5})
    else:
        assert not possible
    for digit in possible:
        assert ANSWERS[state, verb, digit] is next_state(state, verb, 100 * digit)


# Phases


def test_each_state_belongs_to_one_of_the_three_phases():
    assert {phase: {state for state in State if PHASES[state] is phase} for phase in Phase} == {
        Phase.CONNECTION_ESTABLISHMENT: {State.CONNECTED, State.GREETED},
        Phase.MAIL_TRANSFER: {State.READY, State.SENDER, State.RECIPIENT, State.DATA},
        Phase.CONNECTION_TERMINATION: {State.REFUSED, State.CLOSED},
    }


@pytest.mark.parametrize("verb", [*EVERY_VERB, "FOO"])
@pytest.mark.parametrize("state", State)
def test_an_exchange_belongs_to_the_phase_in_which_it_begins_and_quit_to_the_end(state, verb):
    ends = verb == "QUIT" and verb in LEGAL[state]
    assert phase_of(state, verb) is (Phase.CONNECTION_TERMINATION if ends else PHASES[state])


def test_the_phases_are_named_as_in_the_lecture():
    assert [phase.value for phase in Phase] == ["Connection Establishment", "Mail Transfer", "Connection Termination"]


def test_each_state_says_in_words_where_the_session_stands():
    assert {state: state.value for state in State} == {
        State.CONNECTED: "connected, waiting for the greeting",
        State.REFUSED: "greeted with a refusal, only QUIT is left",
        State.GREETED: "greeted, the client has not said who it is",
        State.READY: "ready for a mail transaction",
        State.SENDER: "sender given, no recipient yet",
        State.RECIPIENT: "sender and at least one recipient given",
        State.DATA: "taking the message, until a lone dot",
        State.CLOSED: "closed",
    }


def test_what_is_not_typed_has_a_name_that_no_verb_can_have():
    assert (GREETING, MESSAGE, UNKNOWN) == ("(connection)", "(message)", "")
    assert len({state.value for state in State}) == len(State)
    assert all(state.value[0].islower() and not state.value.endswith(".") for state in State)


@pytest.mark.parametrize(
    ("state", "first"),
    [
        (State.GREETED, ("HELO", "EHLO", "NOOP")),
        (State.READY, ("MAIL", "NOOP")),
        (State.SENDER, ("RCPT", "NOOP")),
        (State.RECIPIENT, ("DATA", "RCPT", "NOOP")),
        (State.REFUSED, ("QUIT",)),
    ],
)
def test_the_verbs_that_lead_on_to_a_message_are_named_first(state, first):
    assert legal_verbs(state)[: len(first)] == first
    assert leading_verbs(state) == tuple(verb for verb in first if verb != "NOOP")


@pytest.mark.parametrize("verb", POSITIVE_DIGITS)
def test_a_positive_reply_is_3yz_to_data_and_2yz_to_all_else(verb):
    assert POSITIVE_DIGITS[verb] == ({3} if verb == "DATA" else {2})
