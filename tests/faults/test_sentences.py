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
        "no phrase says Swallow(at=At(verb='XYZZY', nth=0, every=0))",
    ),
    "SYNTAX": (
        lambda: Fault.parse("read five octets"),
        "after 'read five octets' a fault needs a, and the text ends there",
    ),
    "AT_START": (
        lambda: Fault.parse(""),
        "at its start a fault needs endless, lose, hold, repeat, send, delay, wrong, end, begin, strip, pad, drop, "
        "replace, mix, a number, writes, advertise, hide, swallow, stop reading, cut, reset, hang, refuse, down, read, "
        "greylist, answer, reply, a code, greet, and the text ends there",
    ),
    "AFTER": (
        lambda: Fault.parse("delay replies by half"),
        "after 'delay replies by' a fault needs a duration such as 30 s, not 'half'",
    ),
    "GOT": (
        lambda: Fault.parse("delay replies by xyzzy"),
        "after 'delay replies by' a fault needs a duration such as 30 s, not 'xyzzy'",
    ),
    "ENDS": (
        lambda: Fault.parse("delay replies by 30"),
        "after 'delay replies by 30' a fault needs a unit of time such as min, and the text ends there",
    ),
    "MEANT": (
        lambda: Fault.parse("421 above 20 sesions"),
        "did you mean 'sessions', not 'sesions'? After '421 above 20' a fault needs sessions of a client, octets of "
        "DATA, sessions, messages, commands, recipients",
    ),
    "SENSELESS": (
        lambda: Fault.parse("421 to MAIL from 5 h until 2 h"),
        "'from 5 h until 2 h' makes no sense: it needs an end that is later than the start",
    ),
    "NEEDS_PIECES": (
        lambda: Fault.parse("zero-octet writes"),
        "'zero-octet writes' makes no sense: it needs pieces of one octet or more",
    ),
    "NEEDS_RATE": (
        lambda: Fault.parse("read 0 octets a second once"),
        "'read 0 octets a second' makes no sense: it needs one octet a second or more",
    ),
    "NEEDS_ORDER": (
        lambda: Fault.parse("down from 2 h to 2 h"),
        "'from 2 h to 2 h' makes no sense: it needs an end that is later than the start",
    ),
    "NEEDS_LENGTH": (
        lambda: Fault.parse("down from 22:00 to 22:00"),
        "'from 22:00 to 22:00' makes no sense: it needs an end that is not the start",
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
