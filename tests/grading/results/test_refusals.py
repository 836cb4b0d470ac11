"""What hosts refused is counted by command and code."""

from smtplab.grading.results.outcome import Refusal
from smtplab.grading.results.refusals import refusals_in
from smtplab.transcript import Side, Transcript


def conversation(*lines: str) -> Transcript:
    transcript = Transcript()
    for line in lines:
        side, _, text = line.partition(" ")
        transcript.feed(Side.CLIENT if side == "C" else Side.SERVER, f"{text}\r\n".encode())
    return transcript


def test_refusals_are_counted_by_command_and_code() -> None:
    first = conversation(
        "S 220 x",
        "C RCPT TO:<a@b>",
        "S 503 no",
        "C helo x",
        "S 250 x",
        "C rcpt TO:<a@b>",
        "S 503 no",
        "C BLAH",
        "S 500 ?",
    )
    second = conversation("S 554 go away")
    assert refusals_in([first, second]) == (Refusal("BLAH", 500), Refusal("RCPT", 503, 2))


def test_a_refused_message_is_refused_at_its_end() -> None:
    dialogue = ["S 220 x", "C HELO x", "S 250 x", "C MAIL FROM:<a@b>", "S 250 x", "C RCPT TO:<a@b>", "S 250 x"]
    assert refusals_in([conversation(*dialogue, "C DATA", "S 354 x", "C hi", "C .", "S 452 full")]) == (
        Refusal("end of data", 452),
    )
    assert refusals_in([]) == ()
