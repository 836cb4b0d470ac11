"""Every error sentence of faults, triggered and held to its exact text."""

from collections.abc import Callable

import pytest

from smtplab.faults import sentences
from smtplab.faults.actions import Swallow
from smtplab.faults.fault import Fault
from smtplab.faults.forms import FormError
from smtplab.faults.places import At
from support.templates import names_of

SENTENCES: dict[str, tuple[Callable[[], object], str]] = {
    "WITHOUT_FORM": (
        lambda: str(Fault(Swallow(At("XYZZY")))),
        "no phrase says At(verb='XYZZY', nth=0, every=0)",
    ),
    "SYNTAX": (
        lambda: Fault.parse("read five octets"),
        "after 'read five octets' a fault needs a, per, and the text ends there",
    ),
    "AT_START": (
        lambda: Fault.parse(""),
        "at its start a fault needs an, endless, lose, hold, repeat, send, delay, a, wrong, end, begin, strip, ..., "
        "and the text ends there",
    ),
    "AFTER": (
        lambda: Fault.parse("delay replies by half"),
        "after 'delay replies by' a fault needs a duration such as 30 s, not 'half'",
    ),
    "GOT": (
        lambda: Fault.parse("delay replies by 30"),
        "after 'delay replies by' a fault needs a duration such as 30 s, not '30'",
    ),
    "ENDS": (
        lambda: Fault.parse("delay replies by"),
        "after 'delay replies by' a fault needs a duration such as 30 s, and the text ends there",
    ),
    "MEANT": (
        lambda: Fault.parse("421 above 20 sesions"),
        "after '421 above 20' a fault needs sessions, sessions of a client, messages, commands, "
        "recipients, octets of DATA, "
        "not 'sesions'; did you mean 'sessions'?",
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_sentence_is_the_one_in_the_table(name: str) -> None:
    act, sentence = SENTENCES[name]
    with pytest.raises(FormError) as caught:
        act()
    assert str(caught.value) == sentence


def test_every_sentence_has_a_row() -> None:
    assert set(names_of(sentences)) == SENTENCES.keys()
