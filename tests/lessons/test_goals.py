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
    assert judge(session, goal, since).startswith("not yet: The message has ended without `RSET`")
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
    ok = judge(session, said("250 ."), since)
    assert ok.startswith("ok")
    assert ok.endswith(f"The line `{line}` is in the message, too, where it does no harm.")


@pytest.mark.parametrize("text", [{}, {"text": ["Subject: x"]}], ids=["not named", "named in the task"])
def test_lines_that_do_not_end_the_message_are_named_together_also_when_it_has_ended(
    session: Session, text: dict[str, object]
) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x")
    goal, since = {"said": ["250 ."], **text}, len(session.transcript)
    session.send("QUIT")
    assert "`QUIT` is a line of the message now" in judge(session, goal, since)
    session.send("\nend")
    assert "lines that the task does not want: `QUIT`, `end`" in judge(session, goal, since)
    session.send(".\nQUIT")
    assert (
        judge(session, goal, since)
        == "not yet: The message has ended, but it holds lines that the task does not want: `QUIT`, `end`."
    )


def test_a_message_that_begins_in_the_step_may_have_any_lines_if_the_task_names_none(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x\nHi Bob\n.")
    assert judge(session, said("250 .")).startswith("ok: ")


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
        session.send_bytes(b"\n")
    evidence = StepEvidence([], [], list, session.transcript.unfinished(Side.CLIENT))
    assert len(session.transcript) == since
    assert "`\\x0a` was sent" in str(Goal.read({"lines": ["NOOP*"]}, cell="c").judge(evidence))


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
    assert "it holds a line that the task does not want: `RSET`" in judge(session, goal)


# A step that wants a mistake

NO_COLON = said("501 MAIL")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"mail from {ALICE}", "ok: "),
        (f"MAIL FROM{ALICE}", "ok: "),
        ("MAIL FROM alice@lab.example", "ok: "),
        ("mail from <alice@lab.example", "the colon is missing, and so is `>`; make only"),
        ("MAIL FROM alice@lab.example>", "the colon is missing, and so is `<`; make only"),
        ("mail alice@lab.example", "the colon is missing, and so is `FROM`; make only"),
        ("MAIL FROM", "the colon is missing, and so is the address; make only"),
        ("MAIL FROM <alice@@lab.example>", "the colon is missing, and the rest is wrong, too ("),
        ("MAIL FROM:<alice@lab.example", "has its colon; the task wants the line without it"),
        ("MAIL FROM:<alice@lab.example>", "answered with done (250), and never (501) is wanted"),
    ],
)
def test_a_step_that_wants_the_line_without_its_colon_wants_no_other_mistake(
    session: Session, line: str, told: str
) -> None:
    session.send("HELO a")
    since = len(session.transcript)
    session.send(line)
    assert told in judge(session, NO_COLON, since)


def test_a_line_that_is_right_where_a_mistake_is_wanted_is_told_with_its_reply(session: Session) -> None:
    session.send("HELO a")
    since = len(session.transcript)
    session.send("helo a")
    told = judge(session, said("500 HELLO"), since)
    assert told == "not yet: `helo a` was answered with done (250), and never (500) is wanted."
    since = len(session.transcript)
    session.send(f"MAIL FROM:{ALICE}")
    assert judge(session, said("503 DATA"), since).endswith(
        "a transaction is open now, so say RSET before you try again."
    )


# In which order


def test_what_was_said_too_early_is_to_be_said_again(session: Session) -> None:
    goal = said("250 HELO", "250 MAIL", "503 DATA")
    session.send("DATA")
    session.send(f"HELO a\nMAIL FROM:{ALICE}")
    assert judge(session, goal) == "not yet: Right so far: `HELO` and `MAIL`; now say `DATA` again."
    session.send("DATA")
    assert judge(session, goal).startswith("ok: ")


@pytest.mark.parametrize(
    ("lines", "goal"),
    [
        (f"MAIL FROM {ALICE}\nHELLO a", ["500 HELLO", "501 MAIL"]),
        ("VRFY Example\nNOOP\nVRFY alice", ["250 NOOP", "250 VRFY alice", "553 VRFY Example"]),
        ("EXPN alice\nEXPN staff", ["250 EXPN staff", "550 EXPN alice"]),
        ("HELP POSTAGE\nHELP SAML", ["214 HELP SAML", "504 HELP POSTAGE"]),
    ],
)
def test_lines_that_change_nothing_come_in_any_order(session: Session, lines: str, goal: list[str]) -> None:
    session.send(f"HELO a\n{lines}")
    assert judge(session, said(*goal)).startswith("ok: ")


def test_a_line_that_needs_the_one_before_does_not_come_in_any_order(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRSET\nTURN\nRSET")
    assert judge(session, said("250 RSET", "502 TURN")).startswith("ok: ")
    assert not judge(session, said("502 TURN", "250 MAIL")).startswith("ok: ")


# Another line than the one that is wanted


@pytest.mark.parametrize(
    ("lines", "goal", "told"),
    [
        ("VRFY staff", ["250 EXPN staff"], "`VRFY` asks for a user; for lists it is `EXPN`"),
        ("EXPN alice", ["250 VRFY alice"], "`EXPN` asks for a list; for a user it is `VRFY`"),
        ("SMOL", ["500 SMOL FROM:<carol@lab.example>"], "You said `SMOL`; its argument is missing"),
        ("vrfy alice Example", ["250 VRFY alice", "553 VRFY Example"], "names several; say `VRFY` once for each"),
        (
            f"MAIL FROM:{ALICE}\nRCPT TO:<bob@lab.example>, <carol@lab.example>",
            TWO[1:3],
            "names several; say `RCPT` once for each, in a line of its own",
        ),
        (f"MAIL FROM:{ALICE}\nMAIL FROM:{BOB}", TWO[1:2], "because a transaction is open; go on with `RCPT`"),
        (f"MAIL FROM:{ALICE}\nMAIL FROM:{BOB}", TWO[:2], "because a transaction is open; go on with `RCPT`"),
        (f"MAIL FROM:{BOB}\nMAIL FROM:{ALICE}", TWO[:2], "because a transaction is open; say RSET"),
        ("Subject: x", [*TWO[:2], "354 DATA"], "it is a line of the message; say `MAIL`, `RCPT` and `DATA` first"),
        (f"MAIL FROM:{ALICE}\nSubject: x", ["250 ."], "a line of the message; say `RCPT` and `DATA` first"),
        (f"MAIL FROM:{ALICE}\nRCPT TO:{BOB}\nSubject: x", ["250 ."], "a line of the message; say `DATA` first"),
        (f"MAIL FROM:{ALICE}\nRCPT TO:{BOB}\nFrom: Alice", ["250 ."], "a line of the message; say `DATA` first"),
        (f"MAIL FROM:{ALICE}\nRCPT TO:{BOB}\n.", ["250 ."], "a line of the message; say `DATA` first"),
        ("FROM:<alice@lab.example>", TWO[:1], "did you mean `MAIL FROM:`?"),
        ("session.send('NOOP')", ["250 NOOP"], "is Python; write the line alone, without `session.send`"),
        ("reply = session.send('NOOP')", ["250 NOOP"], "is Python; write the line alone, without `session.send`"),
        ("send('NOOP')", ["250 NOOP"], "is Python; write the line alone, without `send`"),
        (f"MAIL FROM:{ALICE} %expect 250", TWO[:1], "`%expect 250` stands in a line of its own"),
    ],
)
def test_another_line_is_told_by_what_was_meant(session: Session, lines: str, goal: list[str], told: str) -> None:
    session.send("HELO a")
    since = len(session.transcript)
    session.send(lines)
    verdict = judge(session, said(*goal), since)
    assert verdict.startswith("not yet: ")
    assert told in verdict


def test_a_percent_sign_in_an_address_is_no_directive(session: Session) -> None:
    session.send("HELO a\nMAIL FROM:<a%b@lab.example>\nMAIL FROM:<a%b@lab.example>")
    assert "directive" not in judge(session, said("250 RSET"))


def test_python_in_a_message_is_told_as_well(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x")
    since = len(session.transcript)
    goal = {**said("250 ."), "text": ["Subject: x", "Subject: Screen or mailbox"]}
    for line in ("session.send('Subject: Screen or mailbox')", "session.send('.')", "."):
        session.send(line)
        assert "`session.send('Subject: Screen or mailbox')` is Python; write the line alone" in judge(
            session, goal, since
        )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Bcc: carol@lab.example", "so everybody who gets it can read it"),
        ("session.send('Subject: x')", "is Python"),
        ("Subject: x", "which the task does not want"),
        ("RSET", "the server reads no commands"),
    ],
)
def test_a_line_behind_data_that_belongs_to_a_later_step_is_told(session: Session, line: str, told: str) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\n{line}")
    assert told in judge(session, said("250 MAIL", "250 RCPT", "354 DATA"))


@pytest.mark.parametrize(("line", "told"), [("EHLO", "this step wants HELO itself"), ("HELO", "host name is missing")])
def test_a_refused_hello_is_told_by_its_verb_first(session: Session, line: str, told: str) -> None:
    session.send(line)
    assert told in judge(session, said("250 HELO"))


def test_either_hello_will_do_where_the_task_names_none(session: Session) -> None:
    goal = Goal.read(said("250 HELO laptop.example"), cell="here")
    session.send("EHLO laptop.example")
    evidence = StepEvidence(session.transcript.exchanges(), session.transcript, list)
    assert not goal.judge(evidence).ok
    assert goal.with_either_hello().judge(evidence).ok
    other = Lab().telnet("mail.lab.example")
    other.send("EHLO desktop.example")
    told = goal.with_either_hello().judge(StepEvidence(other.transcript.exchanges(), other.transcript, list))
    assert str(told).startswith("not yet: ")


# A host whose text says nothing


@pytest.mark.parametrize(
    ("host", "line", "told"),
    [
        ("mail.adelphia.net", "HELO", "never (501): The host name is missing"),
        ("mail.adelphia.net", "HELO a\nMAIL FROM", "never (501): "),
        ("mail.lab.example", "HELO", "never (501): Syntax error in the argument: "),
        ("mail.adelphia.net", "VRFY zoe", "never (550): The server looked for this name among its users"),
    ],
)
def test_the_reason_of_the_card_is_told_where_the_text_of_a_host_gives_none(host: str, line: str, told: str) -> None:
    session = Lab().telnet(host)
    session.send(line)
    verdict = judge(session, said("250 NOOP"))
    assert told in verdict
    assert "Syntax error in parameters or arguments" not in verdict
    assert ".." not in verdict


def test_of_several_refused_lines_the_first_is_told_with_its_reason() -> None:
    session = Lab().telnet("mail.adelphia.net")
    session.send("HELO a\nMAIL FROM: a@b.example\nRCPT forouzanb@adelphia.net\nDATA")
    told = judge(session, said("250 RCPT TO:<forouzanb@adelphia.net>", "354 DATA"))
    assert told.startswith(
        "not yet: `RCPT forouzanb@adelphia.net` was answered with never (501): RCPT is followed by TO:"
    )
