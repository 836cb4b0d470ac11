"""What must come before a verb may: the shortest way that the table of states has, and the sentence for it."""

import pytest

from smtplab.explain.verb_order import way_to, what_first
from smtplab.protocol.commands import VERBS
from smtplab.protocol.states import MESSAGE, TRANSITIONS, State, is_legal, next_state


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", [*VERBS, MESSAGE])
def test_a_way_is_one_of_the_table_and_there_is_no_shorter_one(state: State, verb: str) -> None:
    way = way_to(verb, state)
    reached, steps = {state}, 0
    while not any(is_legal(each, verb) for each in reached):
        wider = reached | {
            next_state(each, step, code) for each in reached for step in TRANSITIONS[each] for code in (250, 354)
        }
        if wider == reached:
            assert way is None
            return
        reached, steps = wider, steps + 1
    assert way is not None
    assert len(way) == steps
    for step in way:
        assert is_legal(state, step)
        state = next(after for code in (250, 354) if (after := next_state(state, step, code)) is not state)
    assert is_legal(state, verb)


@pytest.mark.parametrize(
    ("verb", "state", "first"),
    [
        ("RCPT", State.GREETED, "First say HELO <domain>, then MAIL FROM:<reverse-path>"),
        ("QUIT", State.DATA, "First send the message and its lone dot"),
        ("NOOP", State.REFUSED, "Say QUIT, and do not try this server again"),
        ("NOOP", State.CLOSED, "Open a new session"),
        ("NOOP", State.GREETED, ""),
    ],
)
def test_what_must_come_first_is_said(verb: str, state: State, first: str) -> None:
    assert what_first(verb, state) == first
