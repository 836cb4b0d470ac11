"""A goal is reached by what went over the wire, in whatever way the student brought it about."""

import pytest

from smtplab import Lab, Session, Silence
from smtplab.lessons.evidence import StepEvidence
from smtplab.lessons.goals import Goal
from smtplab.show import style
from smtplab.transcript import Side

ALICE, BOB = "<alice@lab.example>", "<bob@lab.example>"


@pytest.fixture
def session() -> Session:
    return Lab().telnet("mail.lab.example")


def judge(session: Session, goal: dict[str, object], since: int = 0) -> str:
    transcript = session.transcript
    exchanges = [each for each in transcript.exchanges() if each.last >= since]
    evidence = StepEvidence(exchanges, transcript[since:], session.lab.mailbox)  # type: ignore[attr-defined]
    return str(Goal.read(goal, cell="here").judge(evidence))


def said(*wanted: str) -> dict[str, object]:
    return {"said": list(wanted)}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("HELO laptop.example", "250 HELO laptop.example"),
        ("helo  LAPTOP.example", "250 HELO laptop.example"),
        ("HELO other.example", "250 HELO"),
        ("HELO other.example", "2yz HELO"),
        ("NOPE", "500 NOPE"),
    ],
)
def test_a_line_counts_by_its_verb_its_argument_and_its_reply(session: Session, line: str, wanted: str) -> None:
    session.send(line)
    assert judge(session, said(wanted)).startswith("ok: `")


@pytest.mark.parametrize(
    "line", [f"MAIL FROM:{ALICE}", "mail from: alice@LAB.example", f"MAIL FROM: {ALICE}", f"MAIL FROM:{ALICE} SIZE=10"]
)
def test_a_path_is_compared_by_its_address(session: Session, line: str) -> None:
    session.send(f"EHLO laptop.example\n{line}")
    assert judge(session, said(f"250 MAIL FROM:{ALICE}")).startswith("ok")


@pytest.mark.parametrize(
    ("lines", "goal", "start"),
    [
        ("VRFY bob", ["250 VRFY alice"], "not yet: You said `VRFY bob`"),
        ("VRFY <alice@lab.example>", ["250 VRFY alice"], "ok: "),
        ("vrfy Alice", ["250 VRFY alice"], "ok: "),
        ("SMOL carol@lab.example", ["500 SMOL FROM:<carol@lab.example>"], "not yet: You said `SMOL carol@lab.example`"),
        ("smol from: carol@lab.example", ["500 SMOL FROM:<carol@lab.example>"], "ok: "),
        ("DATA Hello", ["503 DATA"], "not yet: You said `DATA Hello`; `DATA` takes no argument"),
        ("RSET all", ["250 RSET"], "not yet: `RSET all` was answered with never (501)"),
        ("DATA Hello", ["501 DATA"], "ok: "),
    ],
)
def test_a_line_with_another_argument_is_another_line(
    session: Session, lines: str, goal: list[str], start: str
) -> None:
    session.send("HELO laptop.example\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>\nRSET" if "501" in goal[0] else "NOOP")
    if "501" in goal[0]:
        session.send("MAIL FROM:<>\nRCPT TO:<bob@lab.example>")
    session.send(lines)
    assert judge(session, said(*goal)).startswith(start)


MAIL = "MAIL FROM:<alice@lab.example>"
TWO = [
    "250 MAIL FROM:<alice@lab.example>",
    "250 RCPT TO:<bob@lab.example>",
    "250 RCPT TO:<carol@lab.example>",
    "250 .",
]


@pytest.mark.parametrize(
    ("lines", "goal", "reason"),
    [
        (
            f"{MAIL}\nRCPT TO:<bob@lab.example>",
            TWO,
            "right so far; still missing: `RCPT` for carol@lab.example and the message",
        ),
        (
            f"{MAIL}\nRCPT TO:<carol@lab.example>",
            TWO,
            "right so far; still missing: `RCPT` for bob@lab.example and the message",
        ),
        (MAIL, TWO, "missing: `RCPT` for bob@lab.example, `RCPT` for carol@lab.example and the message"),
        (
            f"{MAIL}\nRCPT TO:<bob@lab.example>\nRSET",
            TWO,
            "missing: `MAIL`, `RCPT` for bob@lab.example, `RCPT` for carol@lab.example and the message",
        ),
        (f"{MAIL}\nRSET\nRCPT TO:<bob@lab.example>", TWO, "because `MAIL` must come before it"),
        ("RSET", TWO[1:], "missing: `MAIL`, `RCPT` for bob"),
        (f"RSET\n{MAIL}", TWO[1:], "missing: `RCPT` for bob@lab.example, `RCPT` for carol"),
        (f"{MAIL}\nRSET", [TWO[0], TWO[1], "250 RSET"], "missing before it: `MAIL` and `RCPT`"),
        (f"{MAIL}\nRCPT TO:<bob@lab.example>\nRSET", [*TWO[:2], "250 RSET", "250 NOOP"], "missing: `NOOP`"),
        ("RCPT: bob@lab.example", TWO[1:2], "did you mean `RCPT TO:`?"),
        ("MAIL: bob@lab.example", TWO[:1], "did you mean `MAIL FROM:`?"),
        ("NOOPE", ["250 NOOP"], "did you mean `NOOP`?"),
    ],
)
def test_what_is_missing_is_what_the_server_wants_now(
    session: Session, lines: str, goal: list[str], reason: str
) -> None:
    session.send("HELO laptop.example")
    session.send(lines)
    verdict = judge(session, said(*goal))
    assert verdict.startswith("not yet: ")
    assert reason in verdict


def test_a_right_line_without_its_dot_is_not_unwanted_after_a_wrong_message(session: Session) -> None:
    begin = f"{MAIL}\nRCPT TO:<bob@lab.example>\nDATA"
    session.send(f"HELO a\n{begin}\nSubject: Four\n.\n{begin}\nSubject: Five")
    goal = {**said(TWO[0], TWO[1], "250 ."), "text": ["Subject: Five"]}
    assert "`Subject: Five` is a line of the message now, which goes on; send only" in judge(session, goal)


def test_a_right_message_without_the_lines_before_it_does_not_make_a_later_wrong_one_right(session: Session) -> None:
    session.send(f"HELO a\n{MAIL}")
    since = len(session.transcript)
    goal = {**said("250 RSET", TWO[0], TWO[1], "250 ."), "text": ["Subject: Three"]}
    begin = f"{MAIL}\nRCPT TO:<bob@lab.example>\nDATA"
    session.send("RCPT TO:<bob@lab.example>\nDATA\nSubject: Three\n.")
    assert judge(session, goal, since).startswith("not yet: You said the message; missing before it: `RSET`")
    session.send(f"RSET\n{begin}\nThree.\n.")
    assert judge(session, goal, since).startswith("not yet: The message has ")
    session.send(f"{begin}\nSubject: Three\n.")
    assert judge(session, goal, since).startswith("ok: ")


def test_only_what_comes_behind_a_right_message_is_missing_and_nothing_is_to_be_taken_back(session: Session) -> None:
    goal = Goal.read({**said(TWO[0], TWO[1], "250 .", "221 QUIT"), "text": ["Subject: a"]}, cell="c")
    session.send(f"HELO a\n{MAIL}\nRCPT TO:<bob@lab.example>\nDATA\nSubject: a\n.")
    exchanges = session.transcript.exchanges()
    verdict = goal.judge(StepEvidence(exchanges, session.transcript[:], lambda address: []))
    assert str(verdict) == "not yet: What you said is right so far; still missing: `QUIT`."
    assert not verdict.spoiled


def test_a_directive_without_its_sign_is_not_passed_over(session: Session) -> None:
    goal = {**said("250 NOOP"), "slips": {"expect*": "a directive begins with %"}}
    session.send("NOOP\nexpect 250")
    assert judge(session, goal) == "not yet: A directive begins with %."


@pytest.mark.parametrize(
    ("lines", "wanted", "reason"),
    [
        ("", "250 HELO laptop.example", "Nothing was sent"),
        (
            "HELLO laptop.example",
            "250 HELO laptop.example",
            "`HELLO laptop.example` was answered with never (500): ",
        ),
        ("HELO", "250 HELO laptop.example", "`HELO` was answered with never (501)"),
        ("HELO lap.example", "250 HELO laptop.example", "You said `HELO lap.example`"),
        ("HELO", "250 HELO", "`HELO` was answered with never (501)"),
        ("DATA", "354 DATA", "`DATA` was answered with never (503), because `HELO` must"),
    ],
)
def test_the_reason_names_what_was_got(session: Session, lines: str, wanted: str, reason: str) -> None:
    if lines:
        session.send(lines)
    verdict = judge(session, said(wanted))
    assert verdict.startswith("not yet: ")
    assert reason in verdict


def test_several_lines_are_wanted_in_their_order(session: Session) -> None:
    session.send(f"HELO a\nNOOP\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}")
    assert judge(session, said("250 HELO", "250 MAIL", "250 RCPT")).startswith(f"ok: `RCPT TO:{BOB}`")
    assert judge(session, said("250 MAIL", "250 HELO")).startswith("not yet")


def test_only_what_was_said_since_the_step_began_counts(session: Session) -> None:
    session.send("HELO laptop.example")
    assert judge(session, said("250 HELO"), since=len(session.transcript)).startswith("not yet: Nothing was sent")


def test_the_greeting_and_the_end_of_a_message_are_answers_too(session: Session) -> None:
    assert judge(session, said("220")) == "ok: The connection was answered with done (220)."
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x\n.")
    assert judge(session, said("354 DATA", "250 .")) == "ok: The message was answered with done (250)."


def test_lines_of_a_message_are_judged_without_an_answer(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA")
    since = len(session.transcript)
    goal = {"lines": ["Subject: *", ""]}
    assert judge(session, goal, since).startswith("not yet: Nothing was sent")
    session.send("To: Bob")
    assert judge(session, goal, since).startswith("not yet: None of your lines")
    session.send("Subjekt: Lunch")
    assert "The message has `Subjekt: Lunch`" in judge(session, {"lines": ["Subject: Lunch"]}, since)
    session.send("Subject: Lunch\n\n")
    assert judge(session, goal, since).startswith("ok: The server has the line")


def test_a_line_that_was_answered_is_told_with_its_answer(session: Session) -> None:
    session.send("NOOP")
    assert judge(session, {"lines": ["NO*"]}) == "ok: `NOOP` was answered with done (250)."
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\n..hidden\n.")
    assert judge(session, {"lines": ["..hidden", "."]}) == "ok: The message was answered with done (250)."


def test_mail_is_judged_in_the_mailbox(session: Session) -> None:
    goal = {"mail": "bob@lab.example: Lunch at noon?"}
    assert "no message with the subject" in judge(session, goal, len(session.transcript))
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: Dinner\n.")
    assert "no message with the subject 'Lunch at noon?'" in judge(session, goal)
    session.send(f"MAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: Lunch at noon?\n.")
    assert judge(session, goal).startswith("ok: The message 'Lunch at noon?' is in the mailbox of bob@lab.example")
    assert judge(session, {"mail": "nobody@nowhere.example: x"}).startswith("not yet")


def test_a_verdict_is_read_without_colour(session: Session) -> None:
    session.send("HELO a")
    goal = Goal.read(said("250 HELO"), cell="here")
    verdict = goal.judge(StepEvidence(session.transcript.exchanges(), session.transcript, list))
    assert f">ok</span> {style.code('HELO a')} was answered with done (250)." in verdict._repr_html_()


def test_the_first_refusal_is_named_and_not_what_follows_from_it(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM {ALICE}\nDATA")
    reason = judge(session, said("250 HELO", "250 MAIL", "503 DATA"))
    assert f"`MAIL FROM {ALICE}` was answered with never (501): " in reason
    assert len(reason) < 200
    assert ";" not in reason.partition("503")[2]


def test_a_refusal_that_the_task_wants_is_no_fault(session: Session) -> None:
    session.send("HELO a\nDATA\nMAIL FROM:<x")
    assert "`MAIL FROM:<x` was answered with never (501)" in judge(session, said("503 DATA", "250 MAIL"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("QUIT", "`QUIT` is a line of the message now"),
        ("<CRLF>.<CRLF>", "`<CRLF>` stands for Enter and is not typed"),
        (" .", "more than the dot stands in it"),
        ("•", "is a bullet"),
    ],
)
def test_a_message_that_goes_on_is_told_with_its_last_line(session: Session, line: str, reason: str) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x")
    since = len(session.transcript)
    session.send(line)
    assert reason in judge(session, said("250 ."), since)
    session.send(".")
    assert judge(session, said("250 ."), since).startswith("ok")


def test_a_message_must_have_the_lines_that_are_asked_for(session: Session) -> None:
    goal = {"lines": ["A test", "of SMTP"], "said": ["250 ."]}
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA")
    since = len(session.transcript)
    session.send("A tst\nof SMTP\n.")
    assert "The message has `A tst`" in judge(session, goal, since)
    session.send(f"MAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA")
    since = len(session.transcript)
    session.send(".")
    assert "a line that the task wants is not in it" in judge(session, goal, since)


def test_octets_that_end_no_line_were_sent(session: Session) -> None:
    since = len(session.transcript)
    with pytest.raises(Silence):
        session.send_bytes(b"\r")
    evidence = StepEvidence([], [], list, session.transcript.unfinished(Side.CLIENT))
    assert len(session.transcript) == since
    assert "`\\x0d` was sent" in str(Goal.read({"lines": ["NOOP*"]}, cell="c").judge(evidence))


def test_the_reason_is_about_the_last_cell_though_earlier_ones_count(session: Session) -> None:
    session.send("HELO")
    exchanges, rows = session.transcript.exchanges(), list(session.transcript)
    goal = Goal.read(said("250 HELO"), cell="c")
    silent = StepEvidence([], [], list)
    assert "Nothing was sent" in str(goal.judge(StepEvidence(exchanges, rows, list), silent))
    session.send("HELO a")
    assert goal.judge(StepEvidence(session.transcript.exchanges(), list(session.transcript), list), silent).ok


def test_a_slip_has_its_own_sentence(session: Session) -> None:
    goal = {"lines": ["..a"], "slips": {".a": "the first dot is taken away"}}
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\n.a")
    assert judge(session, goal) == "not yet: The first dot is taken away."
    session.send("..a")
    assert judge(session, goal).startswith("ok")


def test_mail_that_waits_is_told_that_time_has_to_pass(session: Session) -> None:
    goal = Goal.read({"mail": "bob@lab.example: x"}, cell="c")
    waiting = StepEvidence([], [], lambda address: [], waiting=["mail.lab.example"])
    assert "mail waits in the queue of mail.lab.example, so let time pass" in str(goal.judge(waiting))


def test_mail_that_is_nowhere_any_more_is_told_to_begin_again() -> None:
    goal = Goal.read({"mail": "bob@lab.example: x"}, cell="c")
    assert "run the cells that send it again" in str(goal.judge(StepEvidence([], [], lambda _: [], waiting=[])))
    assert "first cell" not in str(goal.judge(StepEvidence([], [], lambda _: [])))


def test_a_command_in_a_message_that_was_begun_wrongly_is_not_to_be_ended_with_the_dot(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{BOB}\nRCPT TO:{BOB}\nDATA\nRSET\nMAIL FROM:{ALICE}\nDATA")
    told = judge(session, said(f"250 MAIL FROM:{ALICE}", "354 DATA"))
    assert "`DATA` is a line of the message now, because inside a message the server reads no commands" in told


def test_mail_has_arrived_before_the_queues_are_empty_where_all_of_it_is_wanted(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x\n.")
    goal = Goal.read({"mail": "bob@lab.example: x", "idle": True}, cell="c")
    mailbox = session.lab.mailbox  # type: ignore[attr-defined]
    assert "still waits in the queue of a and b" in str(goal.judge(StepEvidence([], [], mailbox, waiting=["a", "b"])))
    arrived = goal.judge(StepEvidence([], [], mailbox, waiting=[]))
    assert arrived.ok
    assert arrived.reason.endswith("is in the mailbox of bob@lab.example, and no host has anything left to deliver.")


def test_a_mailbox_without_the_message_is_told_by_the_line_that_was_refused_or_by_the_dot(session: Session) -> None:
    goal = {"mail": "carol@lab.example: Party"}
    since = len(session.transcript)
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}, <carol@lab.example>\nDATA\nSubject: Party\n.")
    assert f"`RCPT TO:{BOB}, <carol@lab.example>` was answered with never (501)" in judge(session, goal, since)
    since = len(session.transcript)
    session.send(f"RCPT TO:{BOB}\nDATA\nSubject: Party")
    assert "a line with a dot alone" in judge(session, goal, since)


def test_a_verb_that_was_meant_is_named(session: Session) -> None:
    session.send("HELLO laptop.example")
    assert judge(session, said("250 HELO")).endswith("did you mean `HELO`?")


def test_recipients_may_come_in_any_order(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:<carol@lab.example>\nRCPT TO:{BOB}")
    assert judge(session, said("250 MAIL", f"250 RCPT TO:{BOB}", "250 RCPT TO:<carol@lab.example>")).startswith("ok")


def test_a_reply_that_nobody_asked_for_is_not_told_as_a_refused_line() -> None:
    lab = Lab(queues=True)
    session = lab.telnet("mail.lab.example")
    lab.run(hours=1)
    session.poll()
    assert "refused" not in judge(session, {"mail": "bob@lab.example: x"})


def test_a_message_in_a_mailbox_is_compared_without_what_hosts_have_added(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x\n.")
    goal = {"mail": "bob@lab.example: x", "text": ["Subject: x"], "sender": "alice@lab.example"}
    assert judge(session, goal).startswith("ok: ")
    session.send(f"MAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x\nRSET\n.")
    assert "`RSET` is a line of the message now" in judge(session, goal)
