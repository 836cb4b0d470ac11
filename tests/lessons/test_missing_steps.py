"""What a student left out, took back or lost with its session is there again before the next cell."""

import pytest

from smtplab import Lab, Session
from smtplab.lessons.cells import cells_of
from smtplab.lessons.lesson import Lesson
from support.lesson_sentences import says
from support.student import StudentNotebook
from support.tutorials import tutorial

BOB, FORZ = "bob@lab.example", "forouzanb@adelphia.net"
OPEN = 'session = lab.telnet("mail.lab.example")'
HELO = ("# Now you: say who you are.\nsession.send('HELO a')", {"goal": {"said": ["250 HELO a"]}})
MAIL = 'session.predict("MAIL FROM:<alice@lab.example>").answer("done")'
RCPT = (f"# Now you: name Bob.\nsession.send('RCPT TO:<{BOB}>')", {"goal": {"said": [f"250 RCPT TO:<{BOB}>"]}})
DATA = ("# Now you: announce it.\nsession.send('DATA')", {"goal": {"said": ["354 DATA"]}})
HEADER = 'session.send("Subject: a")'
DOT = ("# Now you: end it.\nsession.send('.')", {"goal": {"said": ["250 ."]}})
QUIT = ("# Now you: say goodbye.\nsession.send('QUIT')", {"goal": {"said": ["221 QUIT"]}})
LOOK = "session.transcript"
WHOLE = cells_of(tutorial(OPEN, HELO, MAIL, RCPT, DATA, HEADER, DOT, QUIT, LOOK))
ALL_LINES = ["HELO a", "MAIL FROM:<alice@lab.example>", f"RCPT TO:<{BOB}>", "DATA", "Subject: a", ".", "QUIT"]


@pytest.fixture
def student() -> StudentNotebook:
    return StudentNotebook(WHOLE)


def run_to(student: StudentNotebook, last: int) -> None:
    for cell in student.lesson.cells[: last + 1]:
        student.cell(cell.source, cell.id)


def said(student: StudentNotebook) -> list[str]:
    session = student.session("session")
    assert session is not None
    return [row.text for row in session.transcript if row.side.value == "C"]


def mail(student: StudentNotebook, address: str = BOB) -> int:
    lab = student.names["lab"]
    assert isinstance(lab, Lab)
    return len(lab.mailbox(address))


def test_a_slip_of_one_step_is_not_held_against_the_next_that_the_lesson_takes(student: StudentNotebook) -> None:
    vrfy = ("# Now you: ask for a.\nsession.send('VRFY alice')", {"goal": {"said": ["250 VRFY"]}})
    slip = {"said": ["250 EXPN staff"], "slips": {"VRFY*": "it is not VRFY"}}
    expn = ("# Now you: ask for staff.\nsession.send('EXPN staff')", {"goal": slip})
    student.lesson = Lesson("a", cells_of(tutorial(OPEN, vrfy, expn, LOOK)))
    student.cell(OPEN)
    done, _ = student.cell(LOOK)
    assert says(done, "DONE_FOR_YOU", "C: VRFY alice", "C: EXPN staff")
    assert "it is not VRFY" not in done


# A session that ended


def test_a_session_that_was_closed_in_place_of_the_goodbye_is_whole_again(student: StudentNotebook) -> None:
    run_to(student, 6)
    assert says(student.cell(f"{WHOLE[7].given}session.close()")[1], "SESSION_ENDED", "not yet: ")
    done, _ = student.cell(LOOK)
    assert says(done, "OPEN_AGAIN SAID_AGAIN DONE_FOR_YOU", "\nC: .\nS: 250", "“say goodbye”", "\nC: QUIT")
    assert said(student) == ALL_LINES
    assert mail(student) == 1


def test_a_session_that_ended_is_opened_again_before_the_cell_itself(student: StudentNotebook) -> None:
    run_to(student, 3)
    student.cell('session.send("QUIT")')
    done, verdict = student.cell(WHOLE[4].source)
    assert says(done, "OPEN_AGAIN", "QUIT")
    assert not says(done, "SAID_AGAIN")
    assert verdict.startswith("ok: ")
    assert said(student) == ALL_LINES[:4]


def test_a_goodbye_before_a_look_is_no_part_of_what_is_said_again(student: StudentNotebook) -> None:
    student.lesson = Lesson("a", cells_of(tutorial(OPEN, HELO, "session.state", MAIL, LOOK)))
    run_to(student, 1)
    student.cell('session.send("QUIT")')
    student.cell("session.state")
    done, _ = student.cell(MAIL)
    assert says(done, "OPEN_AGAIN", "QUIT")
    assert not says(done, "SAID_AGAIN")
    assert said(student) == ALL_LINES[:2]


def test_a_look_opens_no_session(student: StudentNotebook) -> None:
    run_to(student, 7)
    assert student.cell(LOOK) == ("", "")
    assert student.session("session").closed  # type: ignore[union-attr]


def test_a_cell_that_opens_the_session_itself_finds_no_other_one(student: StudentNotebook) -> None:
    run_to(student, 0)
    student.cell('session.send("QUIT")')
    done, verdict = student.cell(f"{WHOLE[1].given}{OPEN}\nsession.send('HELO a')")
    assert (done, verdict[:3]) == ("", "ok:")


# A session that was opened anew


@pytest.mark.parametrize("upto", [3, 5, 7])
def test_in_a_new_session_the_lines_of_the_one_before_are_said_again(student: StudentNotebook, upto: int) -> None:
    run_to(student, 7)
    student.cell(OPEN)
    done, verdict = student.cell(WHOLE[upto].source)
    assert says(done, "SAID_IN_NEW_ONE", "\nC: HELO a")
    assert verdict.startswith("ok: " if upto != 5 else "")
    assert said(student) == ALL_LINES[:upto]


def test_in_a_new_session_a_step_is_judged_anew(student: StudentNotebook) -> None:
    run_to(student, 3)
    student.cell(OPEN)
    assert says(student.cell(f"{WHOLE[1].given}session.send('HELLO a')")[1], "REFUSED", "not yet: `HELLO a`")
    assert student.cell(WHOLE[1].source)[1].startswith("ok: ")
    done, verdict = student.cell(WHOLE[3].source)
    assert "C: MAIL" in done
    assert "HELO" not in done
    assert verdict.startswith("ok: ")


def test_a_prediction_that_is_only_asked_in_the_new_session_is_missing_there(student: StudentNotebook) -> None:
    run_to(student, 7)
    student.cell(OPEN)
    student.cell(WHOLE[1].source)
    student.cell(WHOLE[2].given)
    done, verdict = student.cell(WHOLE[3].source)
    assert says(done, "SENT_UNPREDICTED", "MAIL FROM:<alice@lab.example>")
    assert verdict.startswith("ok: ")
    assert says(student.cell(LOOK)[0], "SAID_IN_NEW_ONE")
    assert said(student) == [*ALL_LINES[:2], *ALL_LINES[2:]]


def test_what_a_step_tried_in_the_new_session_is_taken_back_before(student: StudentNotebook) -> None:
    run_to(student, 3)
    student.cell(OPEN)
    student.cell('session.send("HELO other\\nMAIL FROM:<carol@lab.example>")')
    student.cell(LOOK.replace("transcript", "state"))
    student.cell(WHOLE[4].source)
    assert said(student) == ALL_LINES[:4]


def test_a_line_without_its_end_is_said_again_as_it_was(student: StudentNotebook) -> None:
    odd = "try:\n    session.send_bytes(b'NOOP\\n')\nexcept Exception:\n    pass\nsession.state"
    end = ("# Now you: end it.\nsession.send('')", {"goal": {"lines": ["NOOP*"]}})
    student.lesson = Lesson("a", cells_of(tutorial(OPEN, odd, end, LOOK)))
    run_to(student, 2)
    student.cell(OPEN)
    student.cell(LOOK)
    assert said(student) == ["NOOP\\x0a"]


@pytest.mark.parametrize("end", ["session.close()", "session.undo(1)", "session.undo(2)"])
def test_a_line_that_has_no_end_yet_is_said_again_as_well(student: StudentNotebook, end: str) -> None:
    odd = "try:\n    session.send_bytes(b'NOOP\\n')\nexcept Exception:\n    pass\nsession.state"
    crlf = ("# Now you: end it.\nsession.send('')", {"goal": {"lines": ["NOOP*"]}})
    student.lesson = Lesson("a", cells_of(tutorial(OPEN, HELO, odd, crlf, LOOK)))
    run_to(student, 2)
    student.cell(end)
    assert student.cell(student.lesson.cells[3].source)[1].startswith("ok: ")
    assert said(student) == ["HELO a", "NOOP\\x0a"]


def test_steps_of_an_earlier_session_are_left_where_a_cell_opens_the_next_one(student: StudentNotebook) -> None:
    student.lesson = Lesson("a", cells_of(tutorial(OPEN, HELO, OPEN + "  # again", HELO, LOOK)))
    run_to(student, 3)
    assert student.cell(LOOK) == ("", "")
    student.cell(OPEN + "  # again")
    assert says(student.cell(LOOK)[0], "SAID_IN_NEW_ONE")
    assert said(student) == ["HELO a"]
    done, verdict = student.cell(student.lesson.cells[1].source, "cell-1")
    assert done == ""
    assert verdict.startswith("ok: `HELO a`")


# In a lab whose hosts queue


@pytest.fixture
def queueing() -> StudentNotebook:
    """A notebook whose lab queues, with a message for another host."""
    sent = f"RCPT TO:<{FORZ}>\\nDATA\\nSubject: a\\n."
    send = (
        f"# Now you: send it.\nsession.send('MAIL FROM:<alice@lab.example>\\n{sent}')",
        {"goal": {"said": [f"250 RCPT TO:<{FORZ}>", "250 ."]}},
    )
    wait = ("# Now you: let time pass.\nlab.run()", {"goal": {"mail": f"{FORZ}: a"}})
    once_more = ("# Now you: say RSET.\nsession.send('RSET')", {"goal": {"said": ["250 RSET"]}})
    box = f'lab.mailbox("{FORZ}")[-1]'
    student = StudentNotebook(cells_of(tutorial(OPEN, HELO, send, wait, box, once_more)))
    student.names["lab"] = Lab(queues=True)
    return student


def test_after_a_timeout_only_what_the_server_went_by_is_said_again(queueing: StudentNotebook) -> None:
    run_to(queueing, 3)
    queueing.cell("lab.run(days=1)")
    done, verdict = queueing.cell(queueing.lesson.cells[5].source)
    assert says(done, "OPENED_ANEW", "\nS: 220 ", "C: HELO a")
    assert "MAIL" not in done
    assert verdict.startswith("ok: ")
    assert mail(queueing, FORZ) == 1


def test_a_session_that_the_student_opened_after_a_timeout_has_said_helo(queueing: StudentNotebook) -> None:
    run_to(queueing, 3)
    queueing.cell("lab.run(days=1)")
    queueing.cell(OPEN, "own")
    done, verdict = queueing.cell(queueing.lesson.cells[5].source)
    assert says(done, "SAID_IN_NEW_ONE", "\nS: 220 ")
    assert verdict.startswith("ok: ")
    assert said(queueing) == ["HELO a", "RSET"]


def test_a_step_that_does_not_reach_its_goal_is_not_called_done(queueing: StudentNotebook) -> None:
    run_to(queueing, 2)
    queueing.names["lab"].down("mail.adelphia.net")  # type: ignore[attr-defined]
    look = queueing.lesson.cells[4].source
    done, verdict = queueing.cell(look)
    assert says(done, "COULD_NOT_BE_DONE SEND_AGAIN", "“let time pass”", FORZ, "“send it”")
    assert says(verdict, "NEEDS_STEP", "not yet: ", "“let time pass”")
    queueing.names["lab"].up("mail.adelphia.net")  # type: ignore[attr-defined]
    queueing.cell(queueing.lesson.cells[2].source)
    done, verdict = queueing.cell(look)
    assert says(f"{done.removesuffix('.')}:", "DONE_FOR_YOU", "“let time pass”")
    assert verdict == ""


# An undo that went too far


def test_what_an_undo_took_back_of_earlier_steps_is_said_again(student: StudentNotebook) -> None:
    run_to(student, 5)
    for _ in range(3):
        student.cell("session.undo(1)")
    done, verdict = student.cell(WHOLE[6].source)
    assert says(done, "SAID_AGAIN", "\nC: RCPT TO:")
    assert verdict.startswith("ok: ")
    assert said(student) == ALL_LINES[:6]


def test_what_the_student_has_said_again_himself_is_not_said_twice(student: StudentNotebook) -> None:
    run_to(student, 3)
    student.cell("session.undo(2)")
    student.cell('session.send("MAIL FROM:<alice@lab.example>")')
    student.cell(f'session.send("RCPT TO:<{BOB}>")')
    assert student.cell(WHOLE[4].source)[0] == ""
    assert said(student) == ALL_LINES[:4]


def test_what_a_given_cell_takes_back_is_not_missed(student: StudentNotebook) -> None:
    student.lesson = Lesson("a", cells_of(tutorial(OPEN, 'session.send("NOOP")', "session.undo(1)", HELO)))
    run_to(student, 2)
    done, verdict = student.cell(student.lesson.cells[3].source)
    assert done == ""
    assert verdict.startswith("ok: `HELO a`")
    assert said(student) == ["HELO a"]


# Given cells


def test_a_given_cell_that_was_left_out_is_run_because_others_build_on_it(student: StudentNotebook) -> None:
    run_to(student, 4)
    done, verdict = student.cell(WHOLE[6].source)
    assert says(done, "RUN_FOR_YOU", '`session.send("Subject: a")`', "\nC: Subject: a")
    assert verdict.startswith("ok: ")


def test_given_cells_that_were_left_out_are_told_together(student: StudentNotebook) -> None:
    cells = [OPEN, "a = 1", "b = 2", "c = 3", "session.state", HELO]
    student.lesson = Lesson("a", cells_of(tutorial(*cells)))
    done, _ = student.cell(student.lesson.cells[5].source)
    assert says(done, "SEVERAL_RUN_FOR_YOU", f"`{OPEN}`, `a = 1`, `b = 2` and 1 more")


def test_lines_of_a_given_cell_that_the_student_typed_himself_are_not_said_twice(student: StudentNotebook) -> None:
    run_to(student, 4)
    student.cell(HEADER, "own")
    assert student.cell(WHOLE[6].source)[0] == ""
    assert said(student) == ALL_LINES[:6]


def test_a_session_that_the_student_opened_himself_is_not_opened_twice(student: StudentNotebook) -> None:
    student.cell(OPEN, "own")
    student.cell(WHOLE[1].source)
    before = student.session("session")
    assert student.cell(WHOLE[2].source) == ("", "")
    assert student.session("session") is before


def test_a_given_cell_that_the_student_changed_is_not_run_again(student: StudentNotebook) -> None:
    cells = cells_of(tutorial(OPEN, "number = 1", HELO))
    student.lesson = Lesson("a", cells)
    student.cell(OPEN)
    student.cell("number = 2", "cell-1")
    assert student.cell(cells[2].source)[0] == ""
    assert student.names["number"] == 2


def test_a_given_cell_that_fails_is_told_once(student: StudentNotebook) -> None:
    student.lesson = Lesson("a", cells_of(tutorial(OPEN, "number = nothing", HELO)))
    student.cell(OPEN)
    cell = student.lesson.cells[2]
    done = student.cell(cell.source)[0]
    assert says(done, "COULD_NOT_BE_RUN", "`number = nothing`", "'nothing' is not defined")
    assert student.cell(cell.given)[0] == ""


def test_sessions_of_an_earlier_run_of_the_notebook_are_not_used(student: StudentNotebook) -> None:
    run_to(student, 7)
    old = student.session("session")
    student.names["mine"] = old
    student.lesson = Lesson("a", WHOLE)
    student.lesson.begin(student)
    assert student.session_names() == ["mine"]  # a variable of the student's own
    assert says(student.cell(WHOLE[1].source)[0], "RUN_FOR_YOU", "`session = lab.telnet")
    assert isinstance(student.session("session"), Session)
    assert student.session("session") is not old


def test_a_message_that_an_earlier_run_has_sent_counts_for_no_step(student: StudentNotebook) -> None:
    for cell in WHOLE:
        student.cell(cell.source)
    student.names["mine"] = student.session("session")
    student.lesson = Lesson("a", WHOLE)
    student.lesson.begin(student)
    said = [student.cell(cell.source)[1] for cell in WHOLE]
    assert any("done (250)" in each for each in said)
    assert not any("earlier message" in each for each in said)


# A step that is run again


@pytest.mark.parametrize(
    ("upto", "again", "verdict", "names"),
    [
        (3, "session.send('RCPT TO<a>')", "done before", "UNCHANGED REFUSED NOTHING_CHANGED"),
        (3, "", "done before", "NOTHING_THIS_TIME"),
        (3, "session.sent(1)", "done before", "UNCHANGED WITH_SEND NOTHING_CHANGED"),
        (5, "session.send('NOOP')", "not yet", "CHANGED NO_END"),
        (3, "session.send('QUIT')", "not yet", "CHANGED NOT_SAID"),
        (3, "session.send('DATA')", "not yet", "CHANGED"),
        (7, "session.send('NOOP')", "done before", "OVER_BEHIND_IT"),
    ],
)
def test_a_step_that_is_run_again_wrongly_is_never_ok(
    student: StudentNotebook, upto: int, again: str, verdict: str, names: str
) -> None:
    run_to(student, upto)
    told = student.cell(f"{WHOLE[3].given}{again}")[1]
    assert told.startswith(f"{verdict}: ")
    assert says(told, names)
    if verdict == "not yet":
        assert says(told, "TAKE_THIS_BACK", "`session.undo(1)`")
        assert not says(told, "NOTHING_CHANGED")
        assert not says(told, "SEND_THE_DOT")  # one way back is told, not two
        student.cell("session.undo(1)")
    if upto < 7:
        left = [cell for cell in WHOLE[upto + 1 : 8] if cell.kind.value != "run"]
        assert all(student.cell(cell.source)[1][:3] in ("ok:", "") for cell in left)


def test_a_message_that_was_sent_for_a_step_that_was_done_is_to_be_taken_back(student: StudentNotebook) -> None:
    run_to(student, 6)
    again = f"session.send('MAIL FROM:<>\\nRCPT TO:<{BOB}>\\nDATA\\n.')"
    assert says(student.cell(f"{WHOLE[1].given}{again}")[1], "TAKE_THIS_BACK", "`session.undo(1)`")


def test_a_step_that_ended_a_session_for_good_says_that_it_is_opened_again(queueing: StudentNotebook) -> None:
    run_to(queueing, 3)
    helo = queueing.lesson.cells[1]
    told = queueing.cell(f"{helo.given}session.send('QUIT')\nlab.run(days=1)")[1]
    assert says(told, "ENDED_THIS_TIME")
    assert queueing.cell(queueing.lesson.cells[5].source)[1].startswith("ok: ")


def test_a_prediction_whose_session_is_over_since_is_done_before(student: StudentNotebook) -> None:
    run_to(student, 7)
    assert says(student.cell(WHOLE[2].given)[1], "OVER_BEHIND_IT", "done before: ")
