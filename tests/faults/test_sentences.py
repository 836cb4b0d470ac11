"""Every error sentence of faults, triggered and held to its exact text."""

from collections.abc import Callable

import pytest

from smtplab.faults import sentences
from smtplab.faults.actions import Swallow
from smtplab.faults.fault import Fault
from smtplab.faults.places import At
from smtplab.faults.tokens import FormError
from support.templates import names_of

SENTENCES: dict[str, tuple[Callable[[], object], str]] = {
    "WITHOUT_FORM": (
        lambda: str(Fault(Swallow(At("XYZZY")))),
        "no phrase says Swallow(at=At(verb='XYZZY', nth=0, every=0, first=0, beyond=0, last=False))",
    ),
    "SYNTAX": (
        lambda: Fault.parse("read five octets"),
        "after 'read five octets' a fault needs a, and the text ends there; the nearest rule is: "
        "read NUMBER octets/octet a/per second",
    ),
    "AT_START": (
        lambda: Fault.parse(""),
        "at its start a fault needs an action such as reply, delay, lose, swallow, cut or hang, "
        "and the text ends there",
    ),
    "AN_ACTION": (
        lambda: Fault.parse("xyzzy"),
        "at its start a fault needs an action such as reply, delay, lose, swallow, cut or hang, not 'xyzzy'",
    ),
    "NEAREST": (
        lambda: Fault.parse("replay 451 to RCPT"),
        "did you mean 'reply', not 'replay'? At its start a fault needs an action such as reply, delay, lose, swallow, "
        "cut or hang; the nearest rule is: [reply/answer] CODE to/at/on/as/for/after PLACE [TEXT ...]",
    ),
    "TWO_FAULTS": (
        lambda: Fault.parse("delay replies by 451 and 250"),
        "after 'delay replies by 451' a fault needs a unit of time such as min, not 'and'; if these are two faults, "
        "write each on a line of its own",
    ),
    "NEEDS_OCTETS": (
        lambda: Fault.parse("end of data at ''"),
        "\"end of data at ''\" makes no sense: it needs one octet or more",
    ),
    "AFTER": (
        lambda: Fault.parse("delay replies by half"),
        "after 'delay replies by' a fault needs a duration such as 30 s, not 'half'; the nearest rule is: "
        "delay REPLIES [by/for] TIME",
    ),
    "GOT": (
        lambda: Fault.parse("delay replies by xyzzy"),
        "after 'delay replies by' a fault needs a duration such as 30 s, not 'xyzzy'; the nearest rule is: "
        "delay REPLIES [by/for] TIME",
    ),
    "ENDS": (
        lambda: Fault.parse("delay replies by 30"),
        "after 'delay replies by 30' a fault needs a unit of time such as min, and the text ends there; the "
        "nearest rule is: delay REPLIES [by/for] TIME",
    ),
    "MEANT": (
        lambda: Fault.parse("421 above 20 sesions"),
        "did you mean 'sessions', not 'sesions'? After '421 above 20' a fault needs octets of a line, octets of DATA, "
        "octets of the command, sessions, errors, messages, commands, recipients, octets; the nearest rule is: "
        "above/beyond/after/over NUMBER MEASURE",
    ),
    "SENSELESS": (
        lambda: Fault.parse("421 to MAIL from 5 h until 2 h"),
        "'from 5 h until 2 h' makes no sense: it needs an end that is later than the start",
    ),
    "NEEDS_TEXT": (
        lambda: Fault.parse("refuse connections containing 'x'"),
        "'containing \"x\"' makes no sense: it needs a command, or a message that has come, to look into",
    ),
    "NEEDS_PAST": (
        lambda: Fault.parse("421 to the greeting after RCPT"),
        "'after RCPT' makes no sense: it needs something that comes later in the session",
    ),
    "NEEDS_FUTURE": (
        lambda: Fault.parse("421 at DATA before the greeting"),
        "'before the greeting' makes no sense: it needs something that can come before it",
    ),
    "NEEDS_SILENCE": (
        lambda: Fault.parse("421 to RCPT after 5 s of silence"),
        "'after 5 s of silence' makes no sense: it needs a code or a break without a place, because whatever comes "
        "ends the silence",
    ),
    "NEEDS_RECIPIENT": (
        lambda: Fault.parse("451 to MAIL at every odd attempt of a triplet"),
        "'at every odd attempt of a triplet' makes no sense: it needs RCPT, or what comes behind it",
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
