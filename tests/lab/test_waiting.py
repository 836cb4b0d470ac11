"""What a session waits for is said in words, at each place of the conversation."""

import pytest

from smtplab.lab.waiting import overdue, wanted, why_closed, why_lost
from smtplab.protocol.states import State, legal_verbs
from smtplab.transcript import Side, Transcript

GREETED = "S: 220 ready"
IN_MESSAGE = (
    f"{GREETED}\nC: HELO a\nS: 250 ok\nC: MAIL FROM:<a@b>\nS: 250 ok\nC: RCPT TO:<c@d>\nS: 250 ok\nC: DATA\nS: 354 go"
)
SWAPPED = IN_MESSAGE.replace("S:", "X:").replace("C:", "S:").replace("X:", "C:")
TURNED = f"{GREETED}\nC: HELO a\nS: 250 ok\nC: TURN\nS: 250 your turn"


def of(text: str) -> Transcript:
    return Transcript.parse(text) if text else Transcript()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", "your greeting"),
        (GREETED, f"a command; what may come is {', '.join(legal_verbs(State.GREETED))}"),
        (IN_MESSAGE, "the rest of the message; a line with a single dot ends it"),
        (f"{IN_MESSAGE}\nC: .", "your reply to the message"),
        (f"{TURNED}\nC: 220 a\nS: NOOP", "your reply to NOOP"),
    ],
)
def test_what_is_wanted_is_read_off_the_conversation(said: str, sentence: str) -> None:
    assert wanted(of(said), mid_line=False) == sentence
    assert wanted(of(said), mid_line=True) == "the rest of the line; lines end in CRLF"


@pytest.mark.parametrize(
    ("said", "due", "odd"),
    [
        ("", "greeting", ""),
        (f"{GREETED}\nC: NOOP", "reply to NOOP", ""),
        (f"{GREETED}\nC: ", "reply to the empty line", ""),
        (f"{IN_MESSAGE}\nC: .", "reply to the message", "; the message is not known to be delivered"),
        ("S: 354 go", "greeting", "; it said '354 go', which is a reply, but not a greeting"),
        ("S: 354 go\nS: x", "greeting", "; it said 'x', which does not complete a reply"),
        ("S: \\x00\\xff", "greeting", r"; it said '\x00\xff', which does not complete a reply"),
        (f"S: {'x' * 999}", "greeting", f"; it said '{'x' * 60}...', which does not complete a reply"),
        (f"{GREETED}\nC: NOOP\nC: NOOP\nS: 250 ok", "reply to NOOP", ""),
        (f"{TURNED}\nC: 220 a", "command", ""),
        (f"{GREETED}\nC: NOOP\nS: 250-half", "reply to NOOP", "; it said '250-half', which does not complete a reply"),
    ],
)
def test_what_is_overdue_is_named_with_the_time_that_it_had(said: str, due: str, odd: str) -> None:
    assert overdue(of(said), 0.5) == f"the server gave no {due} within 0.5 s{odd}"
    assert overdue(of(said), 0) == f"the server gave no {due}{odd}"


@pytest.mark.parametrize(
    ("said", "odd"),
    [
        (b"220 ready\n", "it said '220 ready' with LF alone, and only CRLF ends a line (RFC 5321 2.3.8)"),
        (b"220 half", "it said '220 half' without CRLF, and only CRLF ends a line (RFC 5321 2.3.8)"),
    ],
)
def test_what_came_without_crlf_is_told_as_what_it_is(said: bytes, odd: str) -> None:
    transcript = Transcript()
    transcript.feed(Side.SERVER, said)
    assert overdue(transcript, 0) == f"the server gave no greeting; {odd}"


def test_how_the_connection_was_lost_is_said_with_what_is_missing() -> None:
    assert why_lost(of(GREETED)) == "the server closed the connection"
    assert why_lost(of(f"{GREETED}\nC: NOOP")) == "the server closed the connection without a reply to NOOP"
    lost = "the server closed the connection without a reply to the message; the message is not known to be delivered"
    assert why_lost(of(f"{IN_MESSAGE}\nC: .")) == lost
    assert why_lost(of(f"{TURNED}\n{SWAPPED}\nS: .")) == "the server closed the connection"
    assert why_lost(of(""), 9) == "the server sent more than 9 octets without a greeting; the connection is closed"


def test_a_421_is_why_a_session_is_closed() -> None:
    assert why_closed(of(f"{GREETED}\nS: 421 busy")) == (
        "the session is closed, after the server said 421 busy; open a new one the same way"
    )
    closed = "the session is closed; open a new one the same way"
    assert why_closed(of(f"{GREETED}\nC: QUIT\nS: 221 bye")) == why_closed(of("")) == closed
