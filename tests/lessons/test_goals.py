"""A goal is reached by what went over the wire, in whatever way the student brought it about."""

import pytest

from smtplab import Lab, Session, Silence
from smtplab.lessons.evidence import StepEvidence
from smtplab.lessons.goals import Goal
from smtplab.show import style
from smtplab.transcript import Side
from support.lesson_sentences import says

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
    ("lines", "goal", "name"),
    [
        ("VRFY bob", ["250 VRFY alice"], "OTHER_ARGUMENT"),
        ("VRFY <alice@lab.example>", ["250 VRFY alice"], "ANSWERED"),
        ("vrfy Alice", ["250 VRFY alice"], "ANSWERED"),
        ("SMOL carol@lab.example", ["500 SMOL FROM:<carol@lab.example>"], "OTHER_ARGUMENT"),
        ("smol from: carol@lab.example", ["500 SMOL FROM:<carol@lab.example>"], "REFUSED_AS_WANTED"),
        ("DATA Hello", ["503 DATA"], "NO_ARGUMENT"),
        ("RSET all", ["250 RSET"], "REFUSED"),
        ("DATA Hello", ["501 DATA"], "REFUSED_AS_WANTED"),
    ],
)
def test_a_line_with_another_argument_is_another_line(session: Session, lines: str, goal: list[str], name: str) -> None:
    session.send("HELO laptop.example\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>\nRSET" if "501" in goal[0] else "NOOP")
    if "501" in goal[0]:
        session.send("MAIL FROM:<>\nRCPT TO:<bob@lab.example>")
    session.send(lines)
    assert says(
        judge(session, said(*goal)),
        name,
        "ok: " if name in ("ANSWERED", "REFUSED_AS_WANTED") else "not yet: ",
        f"`{lines}`",
    )


MAIL = "MAIL FROM:<alice@lab.example>"
TWO = [
    "250 MAIL FROM:<alice@lab.example>",
    "250 RCPT TO:<bob@lab.example>",
    "250 RCPT TO:<carol@lab.example>",
    "250 .",
]


@pytest.mark.parametrize(
    ("lines", "goal", "name", "words"),
    [
        (f"{MAIL}\nRCPT TO:<bob@lab.example>", TWO, "STILL_MISSING", ": `RCPT` for carol@lab.example and the message"),
        (f"{MAIL}\nRCPT TO:<carol@lab.example>", TWO, "STILL_MISSING", ": `RCPT` for bob@lab.example and the message"),
        (MAIL, TWO, "STILL_MISSING", ": `RCPT` for bob@lab.example, `RCPT` for carol@lab.example and the message"),
        (f"{MAIL}\nRCPT TO:<bob@lab.example>\nRSET", TWO, "STILL_MISSING", ": `MAIL`, `RCPT` for bob@lab.example, "),
        (f"{MAIL}\nRSET\nRCPT TO:<bob@lab.example>", TWO, "REFUSED_FOR_ORDER", "`MAIL`"),
        ("RSET", TWO[1:], "STILL_MISSING", ": `MAIL`, `RCPT` for bob"),
        (f"RSET\n{MAIL}", TWO[1:], "STILL_MISSING", ": `RCPT` for bob@lab.example, `RCPT` for carol"),
        (f"{MAIL}\nRSET", [TWO[0], TWO[1], "250 RSET"], "MISSING_BEFORE", ": `MAIL` and `RCPT`"),
        (f"{MAIL}\nRCPT TO:<bob@lab.example>\nRSET", [*TWO[:2], "250 RSET", "250 NOOP"], "STILL_MISSING", ": `NOOP`"),
        ("RCPT: bob@lab.example", TWO[1:2], "MEANT", "`RCPT TO:`"),
        ("MAIL: bob@lab.example", TWO[:1], "MEANT", "`MAIL FROM:`"),
        ("NOOPE", ["250 NOOP"], "MEANT", "`NOOP`"),
    ],
)
def test_what_is_missing_is_what_the_server_wants_now(
    session: Session, lines: str, goal: list[str], name: str, words: str
) -> None:
    session.send("HELO laptop.example")
    session.send(lines)
    assert says(judge(session, said(*goal)), name, "not yet: ", words)


def test_a_right_line_without_its_dot_is_not_unwanted_after_a_wrong_message(session: Session) -> None:
    begin = f"{MAIL}\nRCPT TO:<bob@lab.example>\nDATA"
    session.send(f"HELO a\n{begin}\nSubject: Four\n.\n{begin}\nSubject: Five")
    goal = {**said(TWO[0], TWO[1], "250 ."), "text": ["Subject: Five"]}
    assert says(judge(session, goal), "NO_END", "`Subject: Five`")


def test_a_right_message_without_the_lines_before_it_does_not_make_a_later_wrong_one_right(session: Session) -> None:
    session.send(f"HELO a\n{MAIL}")
    since = len(session.transcript)
    goal = {**said("250 RSET", TWO[0], TWO[1], "250 ."), "text": ["Subject: Three"]}
    begin = f"{MAIL}\nRCPT TO:<bob@lab.example>\nDATA"
    session.send("RCPT TO:<bob@lab.example>\nDATA\nSubject: Three\n.")
    assert says(judge(session, goal, since), "MESSAGE_BEFORE_IT", "not yet: ", "`RSET`")
    session.send(f"RSET\n{begin}\nThree.\n.")
    assert judge(session, goal, since).startswith("not yet: ")
    session.send(f"{begin}\nSubject: Three\n.")
    assert judge(session, goal, since).startswith("ok: ")


def test_only_what_comes_behind_a_right_message_is_missing_and_nothing_is_to_be_taken_back(session: Session) -> None:
    goal = Goal.read({**said(TWO[0], TWO[1], "250 .", "221 QUIT"), "text": ["Subject: a"]}, cell="c")
    session.send(f"HELO a\n{MAIL}\nRCPT TO:<bob@lab.example>\nDATA\nSubject: a\n.")
    exchanges = session.transcript.exchanges()
    verdict = goal.judge(StepEvidence(exchanges, session.transcript[:], lambda address: []))
    assert says(str(verdict), "STILL_MISSING", "not yet: ", ": `QUIT`.")
    assert not verdict.spoiled


def test_a_directive_without_its_sign_is_not_passed_over(session: Session) -> None:
    goal = {**said("250 NOOP"), "slips": {"expect*": "it lacks its %"}}
    session.send("NOOP\nexpect 250")
    assert judge(session, goal) == "not yet: It lacks its %."


@pytest.mark.parametrize(
    ("lines", "wanted", "name", "code"),
    [
        ("", "250 HELO laptop.example", "NOTHING_SENT", ""),
        ("HELLO laptop.example", "250 HELO laptop.example", "REFUSED", "500"),
        ("HELO", "250 HELO laptop.example", "REFUSED", "501"),
        ("HELO lap.example", "250 HELO laptop.example", "OTHER_ARGUMENT", ""),
        ("HELO", "250 HELO", "REFUSED", "501"),
        ("DATA", "354 DATA", "REFUSED_FOR_ORDER", "503"),
    ],
)
def test_the_reason_names_what_was_got(session: Session, lines: str, wanted: str, name: str, code: str) -> None:
    if lines:
        session.send(lines)
    assert says(judge(session, said(wanted)), name, "not yet: ", f"`{lines}`" if lines else "", code)


def test_several_lines_are_wanted_in_their_order(session: Session) -> None:
    session.send(f"HELO a\nNOOP\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}")
    assert judge(session, said("250 HELO", "250 MAIL", "250 RCPT")).startswith(f"ok: `RCPT TO:{BOB}`")
    assert judge(session, said("250 MAIL", "250 HELO")).startswith("not yet")


def test_only_what_was_said_since_the_step_began_counts(session: Session) -> None:
    session.send("HELO laptop.example")
    assert says(judge(session, said("250 HELO"), since=len(session.transcript)), "NOTHING_SENT", "not yet: ")


def test_the_greeting_and_the_end_of_a_message_are_answers_too(session: Session) -> None:
    assert says(judge(session, said("220")), "ANSWERED", "ok: The connection", "220")
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x\n.")
    assert says(judge(session, said("354 DATA", "250 .")), "ANSWERED", "ok: The message", "250")


def test_lines_of_a_message_are_judged_without_an_answer(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA")
    since = len(session.transcript)
    goal = {"lines": ["Subject: *", ""]}
    assert says(judge(session, goal, since), "NOTHING_SENT", "not yet: ")
    session.send("To: Bob")
    assert says(judge(session, goal, since), "OTHER_LINE", "not yet: ")
    session.send("Subjekt: Lunch")
    assert says(judge(session, {"lines": ["Subject: Lunch"]}, since), "NEAR_LINE", "`Subjekt: Lunch`")
    session.send("Subject: Lunch\n\n")
    assert says(judge(session, goal, since), "LINE_SAID", "ok: ")


def test_a_line_that_was_answered_is_told_with_its_answer(session: Session) -> None:
    session.send("NOOP")
    assert says(judge(session, {"lines": ["NO*"]}), "ANSWERED", "ok: `NOOP`", "250")
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\n..hidden\n.")
    assert says(judge(session, {"lines": ["..hidden", "."]}), "ANSWERED", "ok: The message", "250")


def test_mail_is_judged_in_the_mailbox(session: Session) -> None:
    goal = {"mail": "bob@lab.example: Lunch at noon?"}
    assert says(judge(session, goal, len(session.transcript)), "NO_MAIL", "not yet: ")
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: Dinner\n.")
    assert says(judge(session, goal), "NO_MAIL", "'Lunch at noon?'")
    session.send(f"MAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: Lunch at noon?\n.")
    assert says(judge(session, goal), "MAIL_ARRIVED", "ok: ", "'Lunch at noon?'", "bob@lab.example")
    assert judge(session, {"mail": "nobody@nowhere.example: x"}).startswith("not yet")


def test_a_verdict_is_read_without_colour(session: Session) -> None:
    session.send("HELO a")
    goal = Goal.read(said("250 HELO"), cell="here")
    verdict = goal.judge(StepEvidence(session.transcript.exchanges(), session.transcript, list))
    assert f">ok</span> {style.code('HELO a')} " in verdict._repr_html_()


def test_the_first_refusal_is_named_and_not_what_follows_from_it(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM {ALICE}\nDATA")
    reason = judge(session, said("250 HELO", "250 MAIL", "503 DATA"))
    assert says(reason, "REFUSED", f"`MAIL FROM {ALICE}`", "501")
    assert len(reason) < 200
    assert ";" not in reason.partition("503")[2]


def test_a_refusal_that_the_task_wants_is_no_fault(session: Session) -> None:
    session.send("HELO a\nDATA\nMAIL FROM:<x")
    assert says(judge(session, said("503 DATA", "250 MAIL")), "REFUSED", "`MAIL FROM:<x`", "501")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("<CRLF>.<CRLF>", "CRLF_IN_MESSAGE"),
        (" .", "DOT_IN_MESSAGE"),
        ("•", "BULLET_IN_MESSAGE"),
        ("。", "FOREIGN_DOT_IN_MESSAGE"),
    ],
)
def test_a_message_that_goes_on_is_told_with_its_last_line(session: Session, line: str, name: str) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x")
    since = len(session.transcript)
    session.send(line)
    assert says(judge(session, said("250 ."), since), name, f"`{line}`")
    session.send(".")
    assert says(judge(session, said("250 ."), since), "ALSO_IN_MESSAGE", "ok: ", f"`{line}`")


@pytest.mark.parametrize("text", [{}, {"text": ["Subject: x"]}], ids=["not named", "named in the task"])
def test_lines_that_do_not_end_the_message_are_named_together_also_when_it_has_ended(
    session: Session, text: dict[str, object]
) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x")
    goal, since = {"said": ["250 ."], **text}, len(session.transcript)
    session.send("QUIT")
    assert says(judge(session, goal, since), "COMMAND_IN_MESSAGE", "`QUIT`")
    session.send("\nend")
    assert says(judge(session, goal, since), "LINES_TOO_MANY", "`QUIT`, `end`")
    session.send(".\nQUIT")
    assert says(judge(session, goal, since), "ENDED_WITH_LINES", "not yet: ", "`QUIT`, `end`")


def test_a_message_that_begins_in_the_step_may_have_any_lines_if_the_task_names_none(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x\nHi Bob\n.")
    assert judge(session, said("250 .")).startswith("ok: ")


def test_a_message_must_have_the_lines_that_are_asked_for(session: Session) -> None:
    goal = {"lines": ["A test", "of SMTP"], "said": ["250 ."]}
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA")
    since = len(session.transcript)
    session.send("A tst\nof SMTP\n.")
    assert says(judge(session, goal, since), "NEAR_LINE", "`A tst`")
    session.send(f"MAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA")
    since = len(session.transcript)
    session.send(".")
    assert says(judge(session, goal, since), "MESSAGE_WITHOUT")


def test_octets_that_end_no_line_were_sent(session: Session) -> None:
    since = len(session.transcript)
    with pytest.raises(Silence):
        session.send_bytes(b"\n")
    evidence = StepEvidence([], [], list, session.transcript.unfinished(Side.CLIENT))
    assert len(session.transcript) == since
    assert says(str(Goal.read({"lines": ["NOOP*"]}, cell="c").judge(evidence)), "LINE_NOT_ENDED", "`\\x0a`")


def test_the_reason_is_about_the_last_cell_though_earlier_ones_count(session: Session) -> None:
    session.send("HELO")
    exchanges, rows = session.transcript.exchanges(), list(session.transcript)
    goal = Goal.read(said("250 HELO"), cell="c")
    silent = StepEvidence([], [], list)
    assert says(str(goal.judge(StepEvidence(exchanges, rows, list), silent)), "NOTHING_SENT")
    session.send("HELO a")
    assert goal.judge(StepEvidence(session.transcript.exchanges(), list(session.transcript), list), silent).ok


def test_a_slip_has_its_own_sentence(session: Session) -> None:
    goal = {"lines": ["..a"], "slips": {".a": "the dot is gone"}}
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\n.a")
    assert judge(session, goal) == "not yet: The dot is gone."
    session.send("..a")
    assert judge(session, goal).startswith("ok")


def test_mail_that_waits_is_told_that_time_has_to_pass(session: Session) -> None:
    goal = Goal.read({"mail": "bob@lab.example: x"}, cell="c")
    waiting = StepEvidence([], [], lambda address: [], waiting=["mail.lab.example"])
    assert says(str(goal.judge(waiting)), "NO_MAIL_YET", "mail.lab.example")


def test_mail_that_is_nowhere_any_more_is_told_to_begin_again() -> None:
    goal = Goal.read({"mail": "bob@lab.example: x"}, cell="c")
    assert says(str(goal.judge(StepEvidence([], [], lambda _: [], waiting=[]))), "NO_MAIL_LEFT SEND_IT_AGAIN")
    assert not says(str(goal.judge(StepEvidence([], [], lambda _: []))), "SEND_IT_AGAIN")


def test_a_command_in_a_message_that_was_begun_wrongly_is_not_to_be_ended_with_the_dot(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{BOB}\nRCPT TO:{BOB}\nDATA\nRSET\nMAIL FROM:{ALICE}\nDATA")
    told = judge(session, said(f"250 MAIL FROM:{ALICE}", "354 DATA"))
    assert says(told, "COMMAND_IN_MESSAGE", "`DATA`")


def test_mail_has_arrived_before_the_queues_are_empty_where_all_of_it_is_wanted(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x\n.")
    goal = Goal.read({"mail": "bob@lab.example: x", "idle": True}, cell="c")
    mailbox = session.lab.mailbox  # type: ignore[attr-defined]
    assert says(str(goal.judge(StepEvidence([], [], mailbox, waiting=["a", "b"]))), "STILL_WAITING", "a and b")
    arrived = goal.judge(StepEvidence([], [], mailbox, waiting=[]))
    assert arrived.ok
    assert says(arrived.reason, "MAIL_ARRIVED NOTHING_LEFT", "bob@lab.example")


def test_a_mailbox_without_the_message_is_told_by_the_line_that_was_refused_or_by_the_dot(session: Session) -> None:
    goal = {"mail": "carol@lab.example: Party"}
    since = len(session.transcript)
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}, <carol@lab.example>\nDATA\nSubject: Party\n.")
    assert says(judge(session, goal, since), "REFUSED", f"`RCPT TO:{BOB}, <carol@lab.example>`", "501")
    since = len(session.transcript)
    session.send(f"RCPT TO:{BOB}\nDATA\nSubject: Party")
    assert says(judge(session, goal, since), "NO_END SEND_THE_DOT")


def test_a_verb_that_was_meant_is_named(session: Session) -> None:
    session.send("HELLO laptop.example")
    assert says(judge(session, said("250 HELO")), "MEANT", "`HELO`")


def test_recipients_may_come_in_any_order(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:<carol@lab.example>\nRCPT TO:{BOB}")
    assert judge(session, said("250 MAIL", f"250 RCPT TO:{BOB}", "250 RCPT TO:<carol@lab.example>")).startswith("ok")


def test_a_reply_that_nobody_asked_for_is_not_told_as_a_refused_line() -> None:
    lab = Lab(queues=True)
    session = lab.telnet("mail.lab.example")
    lab.run(hours=1)
    session.poll()
    assert not says(judge(session, {"mail": "bob@lab.example: x"}), "REFUSED")


def test_a_message_in_a_mailbox_is_compared_without_what_hosts_have_added(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x\n.")
    goal = {"mail": "bob@lab.example: x", "text": ["Subject: x"], "sender": "alice@lab.example"}
    assert judge(session, goal).startswith("ok: ")
    session.send(f"MAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x\nRSET\n.")
    assert says(judge(session, goal), "ENDED_WITH_A_LINE", "`RSET`")


# A step that wants a mistake

NO_COLON = said("501 MAIL")


@pytest.mark.parametrize(
    ("line", "name", "word"),
    [
        (f"mail from {ALICE}", "REFUSED_AS_WANTED", "ok: "),
        (f"MAIL FROM{ALICE}", "REFUSED_AS_WANTED", "ok: "),
        ("MAIL FROM alice@lab.example", "REFUSED_AS_WANTED", "ok: "),
        ("mail from <alice@lab.example", "TWO_MISTAKES", "`>`"),
        ("MAIL FROM alice@lab.example>", "TWO_MISTAKES", "`<`"),
        ("mail alice@lab.example", "TWO_MISTAKES", "`FROM`"),
        ("MAIL FROM", "TWO_MISTAKES", "the address"),
        ("MAIL FROM <alice@@lab.example>", "TWO_MISTAKES", "the rest"),
        ("MAIL FROM:<alice@lab.example", "COLON_IS_THERE", "not yet: "),
        ("MAIL FROM:<alice@lab.example>", "OTHER_CODE", "(501)"),
    ],
)
def test_a_step_that_wants_the_line_without_its_colon_wants_no_other_mistake(
    session: Session, line: str, name: str, word: str
) -> None:
    session.send("HELO a")
    since = len(session.transcript)
    session.send(line)
    assert says(judge(session, NO_COLON, since), name, word)


def test_a_line_that_is_right_where_a_mistake_is_wanted_is_told_with_its_reply(session: Session) -> None:
    session.send("HELO a")
    since = len(session.transcript)
    session.send("helo a")
    told = judge(session, said("500 HELLO"), since)
    assert says(told, "OTHER_CODE", "not yet: `helo a`", "250", "500")
    since = len(session.transcript)
    session.send(f"MAIL FROM:{ALICE}")
    assert says(judge(session, said("503 DATA"), since), "OTHER_CODE RSET_BEFORE_AGAIN")


# In which order


def test_what_was_said_too_early_is_to_be_said_again(session: Session) -> None:
    goal = said("250 HELO", "250 MAIL", "503 DATA")
    session.send("DATA")
    session.send(f"HELO a\nMAIL FROM:{ALICE}")
    assert says(judge(session, goal), "SAY_AGAIN", "not yet: ", "`HELO` and `MAIL`", "`DATA`")
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
    ("lines", "goal", "names", "word"),
    [
        ("VRFY staff", ["250 EXPN staff"], "USER_NOT_LIST", "`EXPN`"),
        ("EXPN alice", ["250 VRFY alice"], "LIST_NOT_USER", "`VRFY`"),
        ("SMOL", ["500 SMOL FROM:<carol@lab.example>"], "ARGUMENT_MISSING", "`SMOL`"),
        ("vrfy alice Example", ["250 VRFY alice", "553 VRFY Example"], "ONE_AT_A_TIME", "`VRFY`"),
        (
            f"MAIL FROM:{ALICE}\nRCPT TO:<bob@lab.example>, <carol@lab.example>",
            TWO[1:3],
            "ONE_AT_A_TIME",
            "`RCPT`",
        ),
        (f"MAIL FROM:{ALICE}\nMAIL FROM:{BOB}", TWO[1:2], "TRANSACTION_OPEN GO_ON_WITH", "`RCPT`"),
        (f"MAIL FROM:{ALICE}\nMAIL FROM:{BOB}", TWO[:2], "TRANSACTION_OPEN GO_ON_WITH", "`RCPT`"),
        (f"MAIL FROM:{BOB}\nMAIL FROM:{ALICE}", TWO[:2], "TRANSACTION_OPEN RSET_FIRST", ALICE),
        ("Subject: x", [*TWO[:2], "354 DATA"], "LINE_OF_A_MESSAGE", "`MAIL`, `RCPT` and `DATA`"),
        (f"MAIL FROM:{ALICE}\nSubject: x", ["250 ."], "LINE_OF_A_MESSAGE", "say `RCPT` and `DATA`"),
        (f"MAIL FROM:{ALICE}\nRCPT TO:{BOB}\nSubject: x", ["250 ."], "LINE_OF_A_MESSAGE", "say `DATA`"),
        (f"MAIL FROM:{ALICE}\nRCPT TO:{BOB}\nFrom: Alice", ["250 ."], "LINE_OF_A_MESSAGE", "say `DATA`"),
        (f"MAIL FROM:{ALICE}\nRCPT TO:{BOB}\n.", ["250 ."], "LINE_OF_A_MESSAGE", "say `DATA`"),
        ("FROM:<alice@lab.example>", TWO[:1], "MEANT", "`MAIL FROM:`"),
        ("session.send('NOOP')", ["250 NOOP"], "PYTHON_IN_SMTP", "`session.send`"),
        ("reply = session.send('NOOP')", ["250 NOOP"], "PYTHON_IN_SMTP", "`session.send`"),
        ("send('NOOP')", ["250 NOOP"], "PYTHON_IN_SMTP", "`send`"),
        (f"MAIL FROM:{ALICE} %expect 250", TWO[:1], "DIRECTIVE_IN_LINE", "`%expect 250`"),
    ],
)
def test_another_line_is_told_by_what_was_meant(
    session: Session, lines: str, goal: list[str], names: str, word: str
) -> None:
    session.send("HELO a")
    since = len(session.transcript)
    session.send(lines)
    assert says(judge(session, said(*goal), since), names, "not yet: ", word)


def test_a_percent_sign_in_an_address_is_no_directive(session: Session) -> None:
    session.send("HELO a\nMAIL FROM:<a%b@lab.example>\nMAIL FROM:<a%b@lab.example>")
    assert not says(judge(session, said("250 RSET")), "DIRECTIVE_IN_LINE")


def test_python_in_a_message_is_told_as_well(session: Session) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\nSubject: x")
    since = len(session.transcript)
    goal = {**said("250 ."), "text": ["Subject: x", "Subject: Screen or mailbox"]}
    for line in ("session.send('Subject: Screen or mailbox')", "session.send('.')", "."):
        session.send(line)
        assert says(judge(session, goal, since), "PYTHON_IN_SMTP", "`session.send('Subject: Screen or mailbox')`")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Bcc: carol@lab.example", "BLIND_COPY"),
        ("session.send('Subject: x')", "PYTHON_IN_SMTP"),
        ("Subject: x", "LINE_TOO_MUCH"),
        ("RSET", "COMMAND_IN_MESSAGE"),
    ],
)
def test_a_line_behind_data_that_belongs_to_a_later_step_is_told(session: Session, line: str, name: str) -> None:
    session.send(f"HELO a\nMAIL FROM:{ALICE}\nRCPT TO:{BOB}\nDATA\n{line}")
    assert says(judge(session, said("250 MAIL", "250 RCPT", "354 DATA")), name, f"`{line}`")


@pytest.mark.parametrize(("line", "name"), [("EHLO", "EHLO_FOR_HELO"), ("HELO", "REFUSED")])
def test_a_refused_hello_is_told_by_its_verb_first(session: Session, line: str, name: str) -> None:
    session.send(line)
    assert says(judge(session, said("250 HELO")), name)


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
        ("mail.adelphia.net", "HELO", "never (501). The host name is missing"),
        ("mail.adelphia.net", "HELO a\nMAIL FROM", "never (501). "),
        ("mail.lab.example", "HELO", "never (501). Syntax error in the argument: "),
        ("mail.adelphia.net", "VRFY zoe", "never (550). The server looked for this name among its users"),
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
    assert says(told, "REFUSED", "not yet: `RCPT forouzanb@adelphia.net`", "501", "TO:")
