"""What a session waits for is said in words, at each place of the conversation."""

import pytest

from smtplab.lab import sentences
from smtplab.lab.waiting import overdue, wanted, why_closed, why_lost
from smtplab.transcript import Side, Transcript
from smtplab.transcript.rows import from_printable

GREETED = "S: 220 ready"
IN_MESSAGE = (
    f"{GREETED}\nC: HELO a\nS: 250 ok\nC: MAIL FROM:<a@b>\nS: 250 ok\nC: RCPT TO:<c@d>\nS: 250 ok\nC: DATA\nS: 354 go"
)
SWAPPED = IN_MESSAGE.replace("S:", "X:").replace("C:", "S:").replace("X:", "C:")
TURNED = f"{GREETED}\nC: HELO a\nS: 250 ok\nC: TURN\nS: 250 your turn"


def of(text: str) -> Transcript:
    """Return a transcript with the rows of a text, however odd their order is."""
    transcript = Transcript()
    for line in text.splitlines():
        transcript.add(Side(line[0]), from_printable(line[3:]) + b"\r\n")
    return transcript


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", sentences.YOUR_ANSWER.format(due="greeting")),
        (GREETED, sentences.NEXT_COMMAND.format(verbs="HELO or EHLO")),
        (IN_MESSAGE, sentences.REST_OF_MESSAGE),
        (f"{IN_MESSAGE}\nC: .", sentences.YOUR_ANSWER.format(due="reply to the message")),
        (f"{TURNED}\nC: 220 a\nS: NOOP", sentences.YOUR_ANSWER.format(due="reply to NOOP")),
    ],
)
def test_what_is_wanted_is_read_off_the_conversation(said: str, sentence: str) -> None:
    assert wanted(of(said), mid_line=False) == sentence
    assert wanted(of(said), mid_line=True) == sentences.REST_OF_LINE


@pytest.mark.parametrize(
    ("said", "due", "odd"),
    [
        ("", "greeting", ""),
        (f"{GREETED}\nC: NOOP", "reply to NOOP", ""),
        (f"{GREETED}\nC: ", "reply to the empty line", ""),
        (f"{IN_MESSAGE}\nC: .", "reply to the message", sentences.MAY_BE_LOST),
        ("S: 354 go", "greeting", sentences.NOT_A_GREETING.format(line="'354 go'")),
        ("S: 354 go\nS: x", "greeting", sentences.NO_WHOLE_REPLY.format(line="'x'")),
        ("S: \\x00\\xff", "greeting", sentences.NO_WHOLE_REPLY.format(line=r"'\x00\xff'")),
        (f"S: {'x' * 999}", "greeting", sentences.NO_WHOLE_REPLY.format(line=f"'{'x' * 60}...'")),
        (f"{GREETED}\nC: NOOP\nC: NOOP\nS: 250 ok", "reply to NOOP", ""),
        (f"{TURNED}\nC: 220 a", "command", ""),
        (f"{GREETED}\nC: NOOP\nS: 250-half", "reply to NOOP", sentences.NO_WHOLE_REPLY.format(line="'250-half'")),
    ],
)
def test_what_is_overdue_is_named_with_the_time_that_it_had(said: str, due: str, odd: str) -> None:
    assert overdue(of(said), 0.5) == sentences.NOTHING_CAME_WITHIN.format(due=due, seconds=0.5) + odd
    assert overdue(of(said), 0) == sentences.NOTHING_CAME.format(due=due) + odd


@pytest.mark.parametrize(
    ("said", "odd"),
    [
        (b"220 ready\n", sentences.ENDS_IN_LF.format(line="'220 ready'")),
        (b"220 half", sentences.HAS_NO_CRLF.format(line="'220 half'")),
    ],
)
def test_what_came_without_crlf_is_told_as_what_it_is(said: bytes, odd: str) -> None:
    transcript = Transcript()
    transcript.feed(Side.SERVER, said)
    assert overdue(transcript, 0) == sentences.NOTHING_CAME.format(due="greeting") + odd


def test_how_the_connection_was_lost_is_said_with_what_is_missing() -> None:
    def closed(due: str = "") -> str:
        return sentences.SERVER_CLOSED.format(missing=due and sentences.WITHOUT_ANSWER.format(due=due))

    assert why_lost(of(GREETED)) == closed()
    assert why_lost(of(f"{GREETED}\nC: NOOP")) == closed("reply to NOOP")
    assert why_lost(of(f"{IN_MESSAGE}\nC: .")) == closed("reply to the message") + sentences.MAY_BE_LOST
    assert why_lost(of(f"{TURNED}\n{SWAPPED}\nS: .")) == closed()
    without = sentences.WITHOUT_ANSWER.format(due="greeting")
    assert why_lost(of(""), 9) == sentences.SENT_TOO_MUCH.format(octets=9, missing=without)


def test_a_421_is_why_a_session_is_closed() -> None:
    assert why_closed(of(f"{GREETED}\nS: 421 busy")) == sentences.SESSION_CLOSED_AFTER.format(reply="421 busy")
    for said in (f"{GREETED}\nC: QUIT\nS: 221 bye", ""):
        assert why_closed(of(said)) == sentences.SESSION_CLOSED
