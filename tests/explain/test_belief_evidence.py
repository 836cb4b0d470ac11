"""A belief is named after a second slip that has no other reading; each detector sees its slip, and nothing near it."""

import pytest

from smtplab import Lab, Side, Transcript
from smtplab.explain.belief_evidence import NEVER_PROVEN, SEEN_ON_THE_WIRE, Slip, named_by, named_in, slips_in
from smtplab.explain.misconceptions import beliefs
from smtplab.transcript.rows import CRLF, from_printable

HELLO = ("C: HELO a.example", "S: 250 Ok")
MAIL = (*HELLO, "C: MAIL FROM:<a@a.example>", "S: 250 Ok")
RCPT = (*MAIL, "C: RCPT TO:<b@b.example>", "S: 250 Ok")
DATA = (*RCPT, "C: DATA", "S: 354 Go on")
REPORT = 'C: Content-Type: multipart/report; report-type=delivery-status; boundary="x"'
ZOE = ("C: RCPT TO:<zoe@b.example>", "S: 550 Nobody")
BUSY = ("C: RCPT TO:<bob@b.example>", "S: 450 Busy")
STRANGE = ("C: MAIL FROM: a@a.example", "S: 501 Syntax")
FAR = ("C: RCPT TO:<zoe@far.example>", "S: 550 Relaying denied")


def talk(*lines: str) -> Transcript:
    transcript = Transcript()
    for line in ("S: 220 b.example", *lines):
        transcript.add(Side(line[0]), from_printable(line[3:]) + CRLF)
    return transcript


# The belief, one slip, and another slip; and conversations that are near it.
SLIPS = {
    "bcc-is-a-command": (
        (*RCPT, "C: BCC TO:<c@b.example>", "S: 500 What?"),
        ("C: RCPT BCC:<c@b.example>", "S: 501 No"),
    ),
    "brackets-may-be-left-out": ((*HELLO, *STRANGE), ("C: MAIL FROM: <a@a.example>", "S: 501 Syntax")),
    "lf-ends-a-line": ((*HELLO, r"C: NOOP\x0a", "S: 500 What?"), (r"C: RSET\x0aNOOP", "S: 500 What?")),
    "backspace-corrects-the-line": ((r"C: HELOX\x08 a", "S: 500 What?"), (r"C: HELP\x7f", "S: 500 What?")),
    "only-the-lone-dot-is-doubled": (
        (*DATA, "C: .hidden", "C: .", "S: 250 Ok"),
        (*DATA[2:], "C: .x", "C: .", "S: 250 Ok"),
    ),
    "first-line-is-the-reply": (
        ("C: EHLO a.example", "S: 250-b.example", "C: MAIL FROM:<a@a.example>", "S: 250 SIZE", "S: 250 Ok"),
        ("C: HELP", "S: 214-one", "C: NOOP", "S: 214 two", "S: 250 Ok"),
    ),
    "smtp-fetches-mail": ((*HELLO, "C: RETR 1", "S: 500 What?"), ("C: a1 FETCH 1 BODY[]", "S: 500 What?")),
    "any-refusal-may-be-retried": ((*MAIL, *ZOE, *ZOE), ZOE),
    "mail-again-starts-anew": ((*MAIL, *MAIL[2:3], "S: 503 Order"), ("C: MAIL FROM:<c@a.example>", "S: 503 Order")),
    "second-ehlo-resets-nothing": (
        (*RCPT, *HELLO, "C: DATA", "S: 503 Order"),
        (*RCPT[2:], "C: EHLO a.example", "S: 250 Ok", "C: RCPT TO:<c@b.example>", "S: 503 Order"),
    ),
    "bounce-has-a-sender": (
        (*DATA, REPORT, "C: .", "S: 250 Ok"),
        (*DATA[2:], REPORT, "C: To: a@a.example", "C: .", "S: 250 Ok"),
    ),
    "success-is-250": (
        (*MAIL, "C: RCPT TO:<d@b.example>", "S: 251 Moved", "C: RSET", "S: 250 Ok"),
        (*MAIL[2:], "C: RCPT TO:<d@b.example>", "S: 251 Moved", "C: QUIT", "S: 221 Bye"),
    ),
    "one-refusal-ends-the-message": (
        (*RCPT, *ZOE, "C: RSET", "S: 250 Ok"),
        (*RCPT[2:], *ZOE, "C: QUIT", "S: 221 Bye"),
    ),
    "any-server-forwards": ((*MAIL, *FAR), ("C: RCPT TO:<zoe@other.example>", "S: 554 No relay")),
    "vrfy-proves-an-address": (
        ("C: VRFY a", "S: 252 Cannot", "C: VRFY b", "S: 252 Cannot"),
        ("C: VRFY c", "S: 252 Cannot"),
    ),
}  # fmt: skip
INNOCENT = {
    "a header line with Bcc": (*DATA, "C: Bcc: c@b.example", "C: .", "S: 250 Ok"),
    "a path without brackets that is accepted": (*HELLO, "C: MAIL FROM: a@a.example", "S: 250 Ok") * 2,
    "a path that is refused for its domain": (*HELLO, *("C: MAIL FROM:<a>", "S: 501 Syntax") * 2),
    "doubled dots, and a lone dot": (*DATA, "C: ..hidden", "C: ..", "C: .", "S: 250 Ok"),
    "a client that pipelines": (
        *("C: EHLO a.example", "S: 250-b.example", "S: 250 PIPELINING"),
        *("C: HELP", "S: 214-one", "C: NOOP", "S: 214 two", "S: 250 Ok"),
    ),
    "a busy mailbox, again": (*MAIL, *BUSY, *BUSY, *BUSY),
    "another refused recipient": (*MAIL, *ZOE, "C: RCPT TO:<zac@b.example>", "S: 550 Nobody"),
    "the same refusal after something else": (*MAIL, *ZOE, "C: RSET", "S: 250 Ok", *MAIL[2:], *ZOE),
    "an unknown verb again and again": ("C: VERFY a", "S: 500 What?") * 3,
    "RSET and MAIL": (*MAIL, "C: RSET", "S: 250 Ok", *MAIL[2:]),
    "HELO in between, and MAIL": (*RCPT, *HELLO, *MAIL[2:]),
    "HELO before the transaction": (*HELLO, *HELLO, "C: DATA", "S: 503 Order"),
    "a bounce with the null reverse-path": (
        *HELLO,
        *("C: MAIL FROM:<>", "S: 250 Ok", *RCPT[4:], *DATA[6:], REPORT, "C: .", "S: 250 Ok"),
    ),
    "251, and then the message": (*MAIL, "C: RCPT TO:<d@b.example>", "S: 251 Moved", "C: DATA", "S: 354 Go"),
    "a refusal, and then the message": (*RCPT, *ZOE, "C: DATA", "S: 354 Go"),
    "a refusal, and nobody was accepted": (*MAIL, *ZOE, "C: RSET", "S: 250 Ok"),
    "a user who is called like a command of POP3": ("C: VRFY list", "S: 550 No", "C: EXPN top", "S: 550 No"),
    "a word of one's own": ("C: LISTEN", "S: 500 What?", "C: STATUS", "S: 500 What?", "C: TOPPLE 1 1", "S: 500 What?"),
    "one VRFY": ("C: VRFY a", "S: 252 Cannot", "C: VRFY b", "S: 250 B"),
}  # fmt: skip


def beliefs_of(*lines: str) -> list[str]:
    return [slip.belief for slip in slips_in(talk(*lines))]


@pytest.mark.parametrize("belief", SLIPS)
def test_one_slip_is_seen_and_names_nothing(belief: str) -> None:
    first, _ = SLIPS[belief]
    assert beliefs_of(*first) == [belief]
    assert named_in(talk(*first)) == ()


@pytest.mark.parametrize("belief", SLIPS)
def test_a_second_slip_names_the_belief_if_it_has_no_other_reading(belief: str) -> None:
    first, second = SLIPS[belief]
    assert beliefs_of(*first, *second) == [belief, belief]
    assert named_in(talk(*first, *second)) == (() if belief in NEVER_PROVEN else (belief,))


@pytest.mark.parametrize("name", INNOCENT)
def test_what_is_near_a_slip_is_none(name: str) -> None:
    assert beliefs_of(*INNOCENT[name]) == []


def test_refusals_to_relay_count_once_for_each_domain() -> None:
    assert beliefs_of(*MAIL, *FAR, "C: RCPT TO:<al@far.example>", "S: 550 Relaying denied") == ["any-server-forwards"]


@pytest.mark.parametrize("belief", sorted({*SLIPS} - {"any-refusal-may-be-retried"}))
def test_the_same_line_again_is_no_second_slip_because_a_cell_may_run_again(belief: str) -> None:
    first, _ = SLIPS[belief]
    lines = [*first, *first[len(HELLO) :]] if first[:2] == HELLO else [*first, *first]
    assert named_in(talk(*lines)) == ()


def test_the_same_refusal_three_times_has_no_other_reading() -> None:
    first, _ = SLIPS["any-refusal-may-be-retried"]
    assert named_in(talk(*first)) == ()
    assert named_in(talk(*first, *ZOE)) == ("any-refusal-may-be-retried",)


def test_slips_in_two_sessions_are_added() -> None:
    first, _ = SLIPS["mail-again-starts-anew"]
    slips = slips_in(talk(*first), talk(*first))
    assert [slip.transcript for slip in slips] == [0, 1]
    assert named_by(slips) == ("mail-again-starts-anew",)


def test_a_line_feed_that_waits_for_its_crlf_is_seen() -> None:
    transcript = talk(*HELLO)
    transcript.feed(Side.CLIENT, b"NOOP\n")
    assert slips_in(transcript) == [Slip("lf-ends-a-line", len(transcript), 0, b"noop")]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "octets",
    [b"a" * 200_000, b"\x08\n" * 50_000, b"\r" * 200_000, b"MAIL FROM:" + b" " * 200_000],
    ids=["letters", "line feeds", "carriage returns", "blanks"],
)
def test_long_lines_take_time_in_proportion(octets: bytes) -> None:
    transcript = talk(*DATA)
    transcript.feed(Side.CLIENT, b"." + octets + b"\r\n.\r\n")
    transcript.feed(Side.SERVER, b"501 No\r\n")
    transcript.feed(Side.CLIENT, octets + b"\r\n")
    transcript.feed(Side.SERVER, b"501 No\r\n")
    transcript.feed(Side.CLIENT, octets)
    assert isinstance(named_in(transcript), tuple)


def test_a_name_from_the_lab_tells_a_refusal_to_relay_from_one_about_a_mailbox() -> None:
    session = Lab().telnet("mail.lab.example")
    session.send("HELO a\nMAIL FROM:<a@a.example>\nRCPT TO:<zoe@lab.example>\nRCPT TO:<zoe@elsewhere.example>")
    assert [slip.belief for slip in slips_in(session.transcript)] == ["any-server-forwards"]


def test_a_message_that_comes_again_after_no_reply_is_a_reason_to_ask() -> None:
    lost = talk(*DATA, "C: Subject: x", "C: .")
    again = talk(*DATA, "C: Subject: x", "C: .", "S: 250 Ok")
    other = talk(*DATA, "C: Subject: y", "C: .", "S: 250 Ok")
    assert [slip.belief for slip in slips_in(lost, again)] == ["no-reply-means-not-delivered"]
    assert slips_in(again, again) == slips_in(lost, other) == []
    assert named_in(lost, again, lost, again) == ()


def test_every_belief_that_is_seen_on_the_wire_is_tested_here() -> None:
    assert set(SLIPS) | {"no-reply-means-not-delivered"} == SEEN_ON_THE_WIRE <= set(beliefs())
    assert NEVER_PROVEN < SEEN_ON_THE_WIRE
