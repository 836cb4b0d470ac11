"""The language of faults: what it says, that it reads what it writes, and how it refuses the rest."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smtplab.faults.actions import ACTIONS, Swallow
from smtplab.faults.conditions import CONDITIONS, During
from smtplab.faults.fault import Fault, FaultError
from smtplab.faults.forms import forms_of
from smtplab.faults.moments import Moment
from smtplab.faults.places import At
from smtplab.faults.tokens import FormError
from smtplab.protocol.states import GREETING, MESSAGE
from support.odd_faults import ODD_SERVERS, Odd

QUOTED = {
    "reply 451 to the second RCPT": ("reply 451 to the second RCPT", Moment.COMMAND, At("RCPT", nth=2)),
    "cut after 1,000 octets of DATA": ("cut after 1,000 octets of DATA", Moment.OCTETS, None),
    "lose the 250 after the dot": ("lose the 250 after the dot", Moment.REPLY, At(MESSAGE)),
    "delay replies by 30 s": ("delay replies by 30 s", Moment.REPLY, At()),
    "421 above 20 sessions": ("reply 421 above 20 sessions", Moment.COMMAND, At(GREETING)),
    "one-octet writes": ("1-octet writes", Moment.REPLY, At()),
    "a wrong code": ("a wrong code", Moment.REPLY, At()),
    "an endless continuation": ("an endless continuation", Moment.REPLY, At()),
}


@pytest.mark.parametrize("text", QUOTED)
def test_a_fault_is_a_line_of_plain_english(text: str) -> None:
    fault = Fault.parse(text)
    canonical, moment, at = QUOTED[text]
    assert (str(fault), fault.moment) == (canonical, moment)
    assert at is None or fault.at == at


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ('reply 451 to Rcpt without "x"', 'reply 451 to RCPT not containing "x"'),
        ('reply 250 in 3 lines "a" to RCPT', 'reply 250 "a" in 3 lines to RCPT'),
        ('reply 250 to RCPT "a" in 3 lines', 'reply 250 "a" in 3 lines to RCPT'),
        ("reply 250 to RCPT in 3 lines", "reply 250 in 3 lines to RCPT"),
        ("lose the 354 at data", "lose the 354 to DATA"),
        ("delay replies at DATA by 3 s", "delay the reply to DATA by 3 s"),
        ("ignore at the second RCPT", "swallow the second RCPT"),
        ("close after the dot", "cut after the reply after the dot"),
    ],
)
def test_what_may_be_said_in_several_ways_is_written_in_one(text: str, canonical: str) -> None:
    assert str(Fault.parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("452 above 5 recipients", "RCPT"),
        ("421 after 3 messages", "MAIL"),
        ("421 above 10 commands", "command"),
        ("552 above 1,000 octets of DATA", MESSAGE),
        ("451 at every odd attempt of a triplet", "RCPT"),
        ('550 containing "bob"', "command"),
        ("421 from 22:00 to 6:00", GREETING),
        ('advertise "STARTTLS"', "EHLO"),
        ("cut with probability 30 %", ""),
        ("greylist for 5 min", "RCPT"),
        ("554 with 8-bit octets", MESSAGE),
        ("421 after 5 errors", "command"),
        ("500 above 998 octets of a line", MESSAGE),
        ("552 above 1,000 octets", MESSAGE),
    ],
)
def test_a_fault_without_a_place_has_the_usual_one(text: str, verb: str) -> None:
    assert Fault.parse(text).at.verb == verb


@pytest.mark.parametrize("text", ["421 after 10 min", "421 after 10 min and reset", "cut after 10 s of silence"])
def test_what_ends_a_session_at_a_time_needs_nothing_of_the_client(text: str) -> None:
    assert Fault.parse(text).moment is Moment.TIMER


@pytest.mark.parametrize("odd", ODD_SERVERS.values(), ids=ODD_SERVERS)
def test_what_odd_servers_do_reads_as_it_was_written(odd: Odd) -> None:
    for text in odd.faults:
        fault = Fault.parse(text)
        assert Fault.parse(str(fault)) == fault


@given(st.data())
def test_every_value_reads_as_it_was_written(data: st.DataObject) -> None:
    texts = sorted({text for odd in ODD_SERVERS.values() for text in odd.faults})
    drawn = data.draw(st.lists(st.sampled_from(texts), min_size=1, max_size=4))
    parts = [Fault.parse(text) for text in drawn]
    fault = Fault(parts[0].action, tuple(each for part in parts for each in part.conditions))
    try:
        read = Fault.parse(str(fault))
    except FaultError as error:
        assume("makes no sense" not in str(error))
        raise
    assert read == fault


@given(st.binary(max_size=40))
def test_any_octets_can_be_sent(octets: bytes) -> None:
    text = "".join(f"\\x{octet:02x}" for octet in octets)
    fault = Fault.parse(f'send "{text}" after the greeting')
    assert fault.action.octets == octets  # type: ignore[union-attr]
    assert Fault.parse(str(fault)) == fault


@given(st.text(max_size=60))
def test_any_other_text_is_refused_with_one_sentence(text: str) -> None:
    try:
        Fault.parse(text)
    except FaultError as error:
        assert "needs" in str(error)  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("replay 451 to RCPT", "reply"),
        ("reply 451 to RPCT", "RCPT"),
        ("reply 451 to teh RCPT", "the"),
        ("421 above 20 sesions", "sessions"),
    ],
)
def test_a_slip_is_pointed_out(text: str, meant: str) -> None:
    with pytest.raises(FaultError, match=f"did you mean '{meant}'"):
        Fault.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "delay replies by 30",
        "421 to MAIL once please",
        "421 from 5 h until 2 h",
        "cut after MAIL on the zeroth connection",
        "cut with probability 2",
        "down from 5 h to 2 h",
        "421 from 25:00 to 26:00",
        "421 from 22:00 to 24:01",
        "421 from 22:00 to 22:00",
        "zero-octet writes",
        "cut the lines of the message at 0 octets",
        "read 0 octets a second",
        "advertise NONSENSE",
    ],
)
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(FaultError):
        Fault.parse(text)


@pytest.mark.parametrize("number", [1, 2, 12, 13, 21, 22, 23, 101, 111, 112, 1003])
def test_an_ordinal_reads_as_it_was_written(number: int) -> None:
    fault = Fault(Swallow(At("RCPT", nth=number)))
    assert Fault.parse(str(fault)) == fault


@pytest.mark.parametrize(("text", "ordinal"), [("other", 2), ("21st", 21), ("second", 2), ("3rd", 3)])
def test_an_ordinal_may_be_a_word_or_a_number(text: str, ordinal: int) -> None:
    assert Fault.parse(f"swallow every {text} RCPT").at == At("RCPT", every=ordinal)


@pytest.mark.parametrize(
    "text", ["swallow the \u00b2nd RCPT", "reply \u0664\u0665\u0661 to RCPT", "cut with probability x"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(FaultError):
        Fault.parse(text)


@pytest.mark.parametrize("text", ["lose the 451", "421 from 2 h", "hold every 250 once"])
def test_what_names_no_place_or_end_is_written_without_one(text: str) -> None:
    assert Fault.parse(str(Fault.parse(text))) == Fault.parse(text)


def test_after_a_whole_fault_its_end_may_come() -> None:
    with pytest.raises(FaultError, match=r"after '421 to MAIL once' a fault needs .*its end, "):
        Fault.parse("421 to MAIL once please")


def test_a_value_without_a_phrase_says_so() -> None:
    with pytest.raises(FormError, match="XYZZY"):
        str(Fault(Swallow(At("XYZZY"))))


def test_an_interval_ends_after_it_began() -> None:
    with pytest.raises(ValueError, match="later"):
        During(5, 5)


@pytest.mark.parametrize("kind", [*ACTIONS, *CONDITIONS])
def test_each_class_has_forms(kind: type) -> None:
    assert forms_of(kind)
