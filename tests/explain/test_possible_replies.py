"""What may answer a verb, held against a second list typed here from RFC 5321 and RFC 821."""

import pytest

from smtplab.explain.possible_replies import replies_to
from smtplab.protocol.codes import severity_of
from smtplab.protocol.commands import VERBS
from smtplab.protocol.states import GREETING, MESSAGE, TRANSITIONS, State, is_legal, legal_verbs

# RFC 5321 4.3.2, and RFC 821 4.3 for TURN: what each command may get of its own. SEND and its like may be missing, too.
SAID = {
    GREETING: {220, 554},
    "HELO": {250, 504, 550, 502},
    "EHLO": {250, 504, 550, 502},
    "MAIL": {250, 552, 451, 452, 550, 553, 503, 455, 555},
    "RCPT": {250, 251, 550, 551, 552, 553, 450, 451, 452, 503, 455, 555},
    "DATA": {354, 503, 554},
    MESSAGE: {250, 552, 554, 451, 452, 450, 550},
    "RSET": {250},
    "VRFY": {250, 251, 252, 550, 551, 553, 502, 504},
    "EXPN": {250, 252, 550, 500, 502, 504},
    "HELP": {211, 214, 502, 504},
    "NOOP": {250},
    "QUIT": {221},
    "TURN": {250, 502, 500, 503},
}
SAID |= {verb: SAID["MAIL"] | {502} for verb in ("SEND", "SOML", "SAML")}


@pytest.mark.parametrize("verb", [GREETING, *VERBS, MESSAGE])
def test_the_replies_are_those_of_the_rfc_and_what_any_command_may_get(verb):
    told = replies_to(verb)
    assert {*told} >= SAID[verb] | ({421} if verb == GREETING else {421, 500})
    assert {*told} <= SAID[verb] | {421, 500, 501, 503}
    assert told == tuple(sorted({*told}))


@pytest.mark.parametrize("verb", VERBS)
def test_503_may_come_where_a_state_takes_commands_and_not_this_one(verb):
    waiting = (state for state in State if legal_verbs(state))
    assert (503 in replies_to(verb)) is any(not is_legal(state, verb) for state in waiting)


@pytest.mark.parametrize("state", State)
def test_every_severity_that_moves_a_session_has_a_reply(state):
    for verb, outcomes in TRANSITIONS[state].items():
        assert {*outcomes} <= {severity_of(code) for code in replies_to(verb)}
