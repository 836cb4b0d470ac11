"""Events are values, and what is no event says what to do."""

import dataclasses

import pytest

from smtplab.protocol.events import NEED_DATA, PAUSED, ConnectionClosed, EndOfMessage, MessageData

EVENTS = [MessageData(b"Hi"), EndOfMessage(2), ConnectionClosed()]


@pytest.mark.parametrize("event", EVENTS, ids=repr)
def test_an_event_equals_another_that_holds_the_same(event):
    assert event == dataclasses.replace(event)
    assert [other for other in EVENTS if other == event] == [event]
    assert hash(event) == hash(dataclasses.replace(event))


def test_an_event_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        EVENTS[0].content = b"Ho"


@pytest.mark.parametrize(("missing", "remedy"), [(NEED_DATA, "receive"), (PAUSED, "hand_over")])
def test_what_is_no_event_shows_what_to_do(missing, remedy):
    assert remedy in repr(missing)
