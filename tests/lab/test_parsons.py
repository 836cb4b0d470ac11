"""Order the lines of a session: what the server takes is right, and each beginner's order gets its sentence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtplab import Lab, Transcript
from smtplab.explain.misconceptions import beliefs
from smtplab.lab.distractors import resembling
from smtplab.lab.parsons import ParsonsOutcome, ParsonsPuzzle, common
from smtplab.lab.rehearsal import SentPiece

HOST = "mail.lab.example"
HELLO, MAIL, BOB, CAROL = "HELO a.example", "MAIL FROM:<alice@lab.example>", "RCPT TO:<bob@", "RCPT TO:<carol@"
DATA, TEXT, DOT, QUIT = "DATA", "Subject: x", ".", "QUIT"
RIGHT = (HELLO, MAIL, BOB, CAROL, DATA, TEXT, DOT, QUIT)
SAID = f"{HELLO}\n{MAIL}\n{BOB}lab.example>\n{CAROL}lab.example>\nDATA\nSubject: x\n\nhello\n.\nQUIT"
ODD = (".<LF>", "BCC TO:<carol@lab.example>", "MAIL FROM <alice@lab.example>")
DISTRACTORS = (b".\n", *ODD[1:])


def transcript(said: str = SAID) -> Transcript:
    session = Lab().telnet(HOST)
    session.send(said)
    return Transcript(session.transcript)


@pytest.fixture(scope="module")
def puzzle() -> ParsonsPuzzle:
    return ParsonsPuzzle.of(transcript(), DISTRACTORS)


def ordered(puzzle: ParsonsPuzzle, *lines: str) -> ParsonsOutcome:
    """Send the pieces that begin with these texts; a text that is a whole line means this line."""
    numbers = []
    for line in lines:
        exact = [n for n, piece in enumerate(puzzle.pieces, 1) if piece.name == line]
        numbers += exact or [n for n, piece in enumerate(puzzle.pieces, 1) if piece.name.startswith(line)]
    assert len(numbers) == len(lines)
    return puzzle.order(*numbers)


def test_the_order_of_the_session_is_right(puzzle: ParsonsPuzzle) -> None:
    outcome = ordered(puzzle, *RIGHT)
    assert (outcome.right, outcome.credit, outcome.points(4)) == (True, 1.0, 4)
    assert outcome.verdict.startswith("Right")


def test_another_order_that_delivers_the_same_mail_is_right(puzzle: ParsonsPuzzle) -> None:
    assert ordered(puzzle, HELLO, MAIL, CAROL, BOB, DATA, TEXT, DOT, QUIT).right


@pytest.mark.parametrize(
    ("lines", "in_place", "word"),
    [
        ((MAIL, HELLO, BOB, CAROL, DATA, TEXT, DOT, QUIT), 7, "First say HELO <domain>"),
        ((HELLO, BOB, CAROL, MAIL, DATA, TEXT, DOT, QUIT), 7, "First say MAIL FROM"),
        ((HELLO, MAIL, DATA, BOB, CAROL, TEXT, DOT, QUIT), 7, "503. First say RCPT TO"),
        ((HELLO, MAIL, BOB, CAROL, TEXT, DATA, DOT, QUIT), 7, "no DATA had been accepted before it"),
        ((HELLO, MAIL, BOB, CAROL, DATA, DOT, TEXT, QUIT), 7, "had ended the message already"),
        ((HELLO, MAIL, BOB, CAROL, DATA, TEXT, QUIT, DOT), 7, "QUIT became text of the message"),
        ((HELLO, MAIL, BOB, CAROL, DATA, TEXT, QUIT), 7, "QUIT became text of the message"),
        ((HELLO, MAIL, BOB, CAROL, DATA, TEXT), 6, "the message has no lone dot"),
        ((HELLO, MAIL, BOB, CAROL, DATA, TEXT, DOT), 7, "nobody said QUIT"),
        ((HELLO, MAIL, BOB, DATA, TEXT, DOT, QUIT), 7, "the recipients of the session"),
        ((HELLO, MAIL, BOB, CAROL, DATA, DOT, QUIT), 7, "the text of the mail is not"),
        ((HELLO, MAIL, BOB, CAROL, QUIT, DATA, TEXT, DOT), 7, "QUIT ended the session, so 3 lines"),
        ((HELLO, QUIT), 2, "there is no message between"),
        ((HELLO, MAIL, BOB, CAROL, DATA, TEXT, ODD[0], QUIT), 7, "does not end in CRLF"),
        ((HELLO, MAIL, BOB, ODD[1], DATA, TEXT, DOT, QUIT), 7, "'BCC' is not a command"),
        ((HELLO, ODD[2], BOB, CAROL, DATA, TEXT, DOT, QUIT), 7, "refused MAIL FROM <alice@lab.example> with 501"),
    ],
)
def test_a_beginners_order_gets_its_sentence_and_its_part(
    puzzle: ParsonsPuzzle, lines: tuple[str, ...], in_place: int, word: str
) -> None:
    outcome = ordered(puzzle, *lines)
    assert word in outcome.verdict
    assert not outcome.right
    assert (outcome.in_place, outcome.lines) == (in_place, 8)
    assert outcome.credit == in_place / 8 < 1


def test_the_nearest_right_order_may_be_another_one_than_that_of_the_session(puzzle: ParsonsPuzzle) -> None:
    outcome = ordered(puzzle, HELLO, MAIL, CAROL, BOB, DATA, TEXT, DOT)
    assert outcome.in_place == 7


def test_the_messages_of_the_nearest_right_order_may_stand_in_another_order() -> None:
    first, second = "Subject: one", "Subject: two"
    said = f"{HELLO}\nNOOP\n{MAIL}\n{BOB}lab.example>\nDATA\n{first}\n.\n"
    puzzle = ParsonsPuzzle.of(transcript(f"{said}{MAIL}\n{CAROL}lab.example>\nDATA\n{second}\n.\nQUIT"), ())
    numbers = {piece.name: [n for n, each in enumerate(puzzle.pieces, 1) if each == piece] for piece in puzzle.pieces}
    exchanged = (HELLO, MAIL, CAROL + "lab.example>", DATA, "NOOP", second, DOT)
    exchanged += (MAIL, BOB + "lab.example>", DATA, first, DOT, QUIT)
    outcome = puzzle.order([numbers[name].pop() for name in exchanged])
    assert (outcome.right, outcome.in_place, outcome.lines) == (False, 12, 13)


def test_a_wrong_command_that_became_text_is_told_as_such_and_shows_no_belief() -> None:
    puzzle = ParsonsPuzzle.of(transcript(), ["From: <alice@lab.example>"])
    outcome = ordered(puzzle, HELLO, MAIL, BOB, CAROL, DATA, "From:", TEXT, DOT, QUIT)
    assert outcome.verdict.startswith("From: <alice@lab.example> became a line of the message, and")
    assert (outcome.believed, outcome.in_place) == (None, 8)
    assert ordered(puzzle, HELLO, "From:", BOB, CAROL, DATA, TEXT, DOT, QUIT).believed is not None


def test_the_first_thing_that_goes_wrong_is_told(puzzle: ParsonsPuzzle) -> None:
    assert ordered(puzzle, DATA, MAIL, HELLO).verdict.startswith("DATA came too early: the server answered 503.")


def mail_of(outcome: ParsonsOutcome) -> list[tuple[bytes, ...]]:
    """Return what a server has taken, read from the replies alone, in another way than the puzzle does."""
    mails, envelope = [], list[bytes]()
    for each in outcome.rehearsal.transcript.commands():
        if each.reply is not None and each.reply.code in (250, 354) and each.verb != "HELO":
            envelope.append(each.data.strip())
            if each.verb == "(message)":
                mails.append((envelope[0], *sorted(envelope[1:-2]), envelope[-1]))
                envelope.clear()
    return mails


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_order_that_the_server_takes_with_the_same_mail_is_full_credit_and_no_other_is(data: st.DataObject) -> None:
    puzzle = ParsonsPuzzle.of(transcript(), DISTRACTORS)
    reference = ordered(puzzle, *RIGHT)
    numbers = list(reference.order)
    for _ in range(data.draw(st.integers(0, 2))):
        first, second = (data.draw(st.integers(0, len(numbers) - 1)) for _ in range(2))
        numbers[first], numbers[second] = numbers[second], numbers[first]
    outcome = puzzle.order(numbers)
    taken = all(each.accepted for each in outcome.rehearsal.transcript.commands())
    same = (
        taken and outcome.rehearsal.closed and not outcome.rehearsal.unsent and mail_of(outcome) == mail_of(reference)
    )
    assert outcome.right is same
    assert (outcome.credit == 1.0) is same


def test_nothing_is_left_behind_in_the_lab_of_the_student() -> None:
    session = Lab().telnet(HOST)
    session.send(SAID)
    puzzle = ParsonsPuzzle.of(session)
    rows = len(session.transcript)
    assert ordered(puzzle, *RIGHT).right
    assert ordered(puzzle, *RIGHT).right
    assert len(session.lab.mailbox("bob@lab.example")) == 1
    assert len(session.transcript) == rows


def test_the_lines_are_shuffled_by_the_seed_and_never_in_their_order() -> None:
    for seed in map(str, range(12)):
        puzzle, again = (ParsonsPuzzle.of(transcript(f"{HELLO}\nNOOP\nQUIT"), (), seed=seed) for _ in range(2))
        names = [piece.name for piece in puzzle.pieces]
        assert names == [piece.name for piece in again.pieces]
        assert sorted(names) == [HELLO, "NOOP", QUIT] != names
    assert len({ParsonsPuzzle.of(transcript(), (), seed=str(seed)).text for seed in range(12)}) > 6


def test_without_mail_all_lines_of_the_session_are_needed() -> None:
    puzzle = ParsonsPuzzle.of(transcript(f"{HELLO}\nVRFY bob\nNOOP\nQUIT"), ())
    assert "mail" not in puzzle.task
    assert ordered(puzzle, HELLO, "NOOP", "VRFY", QUIT).right
    outcome = ordered(puzzle, HELLO, "VRFY", QUIT)
    assert not outcome.right
    assert "a line of the session is missing" in outcome.verdict


def test_a_line_that_was_refused_is_refused_with_the_same_code() -> None:
    puzzle = ParsonsPuzzle.of(transcript(f"{HELLO}\nTURN\nQUIT"), ())
    assert ordered(puzzle, HELLO, "TURN", QUIT).right
    outcome = ordered(puzzle, "TURN", HELLO, QUIT)
    assert not outcome.right
    assert "TURN came too early: the server answered 503" in outcome.verdict


def test_a_line_that_the_session_did_not_need_may_be_left_out() -> None:
    puzzle = ParsonsPuzzle.of(transcript(SAID.replace("MAIL", "NOOP\nMAIL")), ())
    assert ordered(puzzle, *RIGHT).right


SLIPS = {
    "a word that is no verb, twice": SAID.replace("HELO", "HELLO a.example\nHELLO a.example\nHELO"),
    "a path without its colon": SAID.replace("RCPT TO:<bob@", "RCPT TO bob@lab.example\nRCPT TO:<bob@"),
    "a line that came too early": f"{MAIL}\nDATA\n{SAID}",
    "a recipient whom nobody knows": SAID.replace("DATA\n", "RCPT TO:<nobody@lab.example>\nDATA\n"),
    "a line behind the dot": SAID.replace("\nQUIT", "\nhello\nQUIT"),
}


@pytest.mark.parametrize("said", SLIPS.values(), ids=SLIPS)
def test_a_line_that_was_refused_in_the_session_is_no_line_of_the_puzzle(said: str) -> None:
    puzzle = ParsonsPuzzle.of(transcript(said), ())
    assert sorted(piece.name for piece in puzzle.pieces) == sorted(
        piece.name for piece in ParsonsPuzzle.of(transcript(), ()).pieces
    )
    assert not puzzle.task.endswith("not needed.")
    assert ordered(puzzle, *RIGHT).right


def test_a_session_without_mail_keeps_its_refused_lines() -> None:
    assert len(ParsonsPuzzle.of(transcript(f"{HELLO}\nDATA\nQUIT"), ()).pieces) == 3


def with_fault(fault: str, said: str) -> list[str]:
    """Return the lines of the puzzle about a session with a host that has a fault."""
    lab = Lab()
    lab.fault(fault, HOST)
    session = lab.telnet(HOST)
    session.send(said)
    return sorted(piece.name for piece in ParsonsPuzzle.of(session, ()).pieces)


@pytest.mark.parametrize(
    ("fault", "before", "added"),
    [
        ("reply 451 to DATA once", "DATA\n", "DATA\nDATA\n"),  # a new host would take the second one as text
        ("reply 450 to RCPT once", BOB, f"{BOB}lab.example>\n{BOB}"),
    ],
)
def test_a_line_that_only_the_host_of_the_session_refused_is_left_out(fault: str, before: str, added: str) -> None:
    plain = sorted(piece.name for piece in ParsonsPuzzle.of(transcript(), ()).pieces)
    assert with_fault(fault, SAID.replace(before, added, 1)) == plain


def test_a_refused_line_without_which_new_hosts_deliver_other_mail_stays() -> None:
    again = f"{MAIL}\n{BOB}lab.example>\nDATA\nSubject: x\n.\nVRFY zoe\nQUIT"
    lines = with_fault("reply 452 after the dot once", SAID.replace(QUIT, again))
    assert "VRFY zoe" not in lines
    assert lines.count(DOT) == 2


def of_the_puzzle(puzzle: ParsonsPuzzle, said: str) -> list[str]:
    """Return the lines of a puzzle that are not those of its session."""
    own = {piece.name for piece in ParsonsPuzzle.of(transcript(said), ()).pieces}
    return [piece.name for piece in puzzle.pieces if piece.name not in own]


def test_distractors_are_made_from_the_lines_and_none_would_do_as_well() -> None:
    all_of_them = set[str]()
    for seed in "abcdef":
        puzzle = ParsonsPuzzle.of(transcript(), seed=seed)
        extra = of_the_puzzle(puzzle, SAID)
        assert len(extra) == 2
        all_of_them |= {*extra}
        assert puzzle.task.endswith("not needed.")
    assert all_of_them <= {*OF_BELIEFS, "BCC TO:<bob@lab.example>"}
    assert "MAIL FROM: <alice@lab.example>" not in all_of_them  # which this host takes
    assert not ParsonsPuzzle.of(transcript(), ()).task.endswith("not needed.")


OF_BELIEFS = {
    "From: <alice@lab.example>": "header-names-the-sender",
    "BCC TO:<carol@lab.example>": "bcc-is-a-command",
    ".<LF>": "lf-ends-a-line",
    "HELOX\\x08 a.example": "backspace-corrects-the-line",
    "RETR 1": "smtp-fetches-mail",
}


@pytest.mark.parametrize(("line", "belief"), OF_BELIEFS.items())
def test_a_wrong_line_that_is_chosen_is_told_by_the_sentence_of_its_belief(line: str, belief: str) -> None:
    data = {".<LF>": b".\n", "HELOX\\x08 a.example": b"HELOX\x08 a.example\r\n"}.get(line, line)
    puzzle = ParsonsPuzzle.of(transcript(), [data])
    outcome = puzzle.order([*range(1, len(puzzle.pieces) + 1)])
    assert outcome.believed is beliefs()[belief]
    assert outcome.verdict.endswith(beliefs()[belief].tell)
    assert ordered(puzzle, *RIGHT).believed is None


@pytest.mark.parametrize(
    ("said", "line", "belief"),
    [
        (SAID.replace("hello", "..hidden"), "Subject: x ...", "only-the-lone-dot-is-doubled"),
        (SAID.replace("hello", "a\n..\nb"), "Subject: x ...", "message-cannot-hold-a-lone-dot"),
        (SAID.replace("alice@lab.example", ""), "MAIL FROM:<postmaster>", "bounce-has-a-sender"),
    ],
)
def test_texts_with_dots_and_reports_have_wrong_lines_of_their_own(said: str, line: str, belief: str) -> None:
    pieces = ParsonsPuzzle.of(transcript(said), ()).pieces
    made = {each.id: wrong for piece in pieces for wrong, each in resembling(piece)}
    assert made[belief].name == line
    puzzle = ParsonsPuzzle.of(transcript(said), [made[belief].data])
    right = [n for n, piece in enumerate(puzzle.pieces, 1) if piece.data != made[belief].data]
    assert puzzle.order(right).believed is None
    assert puzzle.order([*right, *{*range(1, len(puzzle.pieces) + 1)} - {*right}]).believed is beliefs()[belief]


def test_a_line_that_some_host_takes_as_well_shows_no_belief_there() -> None:
    puzzle = ParsonsPuzzle.of(transcript(), ["MAIL FROM: <alice@lab.example>"])
    outcome = ordered(puzzle, HELLO, "MAIL FROM: <", BOB, CAROL, DATA, TEXT, DOT, QUIT)
    assert outcome.right
    assert outcome.believed is None


def test_pasted_text_finds_its_host_by_the_recipient() -> None:
    lines = "\n".join(row.text for row in transcript() if str(row)[0] in "CS")
    assert ordered(ParsonsPuzzle.of(lines, ()), *RIGHT).right


def test_mail_of_the_null_reverse_path_keeps_its_sender() -> None:
    puzzle = ParsonsPuzzle.of(transcript(SAID.replace("alice@lab.example", "")), ["MAIL FROM:<alice@lab.example>"])
    assert ordered(puzzle, HELLO, "MAIL FROM:<>", BOB, CAROL, DATA, TEXT, DOT, QUIT).right
    wrong = ordered(puzzle, *RIGHT)
    assert "another sender: alice@lab.example" in wrong.verdict
    assert not wrong.right


def test_the_numbers_may_come_as_text_or_as_a_list(puzzle: ParsonsPuzzle) -> None:
    numbers = ordered(puzzle, *RIGHT).order
    for form in ([numbers], [list(numbers)], [" ".join(map(str, numbers))], [", ".join(map(str, numbers))]):
        assert puzzle.order(*form).order == numbers


@pytest.mark.parametrize("numbers", [(), (0,), (99,), ("a",), (1, 2, 1), (True,)])
def test_an_order_that_cannot_be_read_sends_nothing(puzzle: ParsonsPuzzle, numbers: tuple[object, ...]) -> None:
    before = puzzle.outcome
    with pytest.raises(ValueError, match="line"):
        puzzle.order(*numbers)
    assert puzzle.outcome is before


def test_the_text_and_the_page_have_each_line_with_its_number() -> None:
    puzzle = ParsonsPuzzle.of(transcript(), DISTRACTORS)
    for number, piece in enumerate(puzzle.pieces, 1):
        assert f"  {number:>2}  {piece.lines[0]}" in str(puzzle)
        assert f"<div>{number}. " in puzzle._repr_html_()
    assert ".order(1, 2, 3" in str(puzzle)
    outcome = ordered(puzzle, MAIL, QUIT, DATA)
    assert str(puzzle) == str(outcome)
    assert "not sent" in str(outcome)
    assert "not sent" in puzzle._repr_html_()
    assert "answered" in repr(puzzle)


def test_what_two_orders_have_in_common_is_the_longest_common_subsequence() -> None:
    a, b, c, d = (SentPiece(name.encode()) for name in "abcd")
    assert common([a, b, c, d], [b, a, c, d]) == 3
    assert common([a, b, c], [c, b, a]) == 1
    assert common([], [a]) == 0
