"""In a lab whose hosts queue, no given cell runs twice by itself, and a message that is right is never taken back."""

import pytest

from smtplab import Lab, Session
from smtplab.lessons.cells import cells_of
from support.lesson_sentences import says
from support.student import StudentNotebook
from support.tutorials import tutorial

BOB, FORZ = "bob@lab.example", "forouzanb@adelphia.net"
OPEN = 'session = lab.telnet("mail.lab.example")'
HELLO = "session.send('HELO a')"
NO_IDS = ""  # the id that a front end gives which has none

BEGIN = (
    "# Now you: say HELO, and begin a message.\nsession.send('HELO a\\nMAIL FROM:<alice@lab.example>')",
    {"goal": {"said": ["250 HELO a", "250 MAIL FROM:<alice@lab.example>"]}},
)
ENVELOPE = f"MAIL FROM:<alice@lab.example>\\nRCPT TO:<{FORZ}>\\nDATA\\n"
MESSAGE = f"session.send('{ENVELOPE}Subject: Days\\n.')"
WRONG = MESSAGE.replace("alice", "bob")
SAID = ["250 RSET", "250 MAIL FROM:<alice@lab.example>", f"250 RCPT TO:<{FORZ}>", "250 ."]
SEND = (
    f"# Now you: say RSET, then send the message.\nsession.send('RSET')\n{MESSAGE}",
    {"goal": {"said": SAID, "text": ["Subject: Days"]}},
)
QUEUE = 'lab.queue("mail.lab.example")'
DOWN = 'lab.down("mail.adelphia.net", days=3)'
HOUR = "lab.run(hours=1)"
BOX = f'lab.mailbox("{FORZ}")'
GUESS = ("# Now you: predict it.\nwaits = 2", {"goal": {"guess": {"name": "waits", "right": 2, "from": [1, 2]}}})
UP = 'lab.up("mail.adelphia.net")'
WAIT = ("# Now you: let time pass.\nlab.run()", {"goal": {"mail": f"{FORZ}: Days", "idle": True}})
LAST = "print(1)\nlab.conversations"
CELLS = cells_of(tutorial(OPEN, BEGIN, SEND, QUEUE, DOWN, HOUR, GUESS, WAIT, BOX, LAST))


@pytest.fixture
def student() -> StudentNotebook:
    student = StudentNotebook(CELLS)
    student.names["lab"] = Lab(queues=True)
    return student


def run(student: StudentNotebook, *numbers: int, cell_id: str | None = None) -> list[tuple[str, str]]:
    """Run cells as the authors wrote them; return what was done for the student, and the verdicts."""
    return [student.cell(CELLS[number].source, cell_id) for number in numbers]


def lab(student: StudentNotebook) -> Lab:
    found = student.names["lab"]
    assert isinstance(found, Lab)
    return found


def said(student: StudentNotebook) -> list[str]:
    session = student.names["session"]
    assert isinstance(session, Session)
    return [row.text for row in session.transcript if row.side.value == "C"]


# A given cell that ran


@pytest.mark.parametrize("skipped", [(), (3,), (8,), (3, 8)])
def test_without_ids_a_look_that_was_left_out_makes_no_given_cell_run_again(
    student: StudentNotebook, skipped: tuple[int, ...]
) -> None:
    told = [run(student, number, cell_id=NO_IDS)[0][0] for number in range(10) if number not in skipped]
    assert told == [""] * (10 - len(skipped))


def test_without_ids_a_cell_that_ran_before_the_prediction_above_it_runs_once(student: StudentNotebook) -> None:
    run(student, 0, 1, 2, 3, 4, 5, 7, cell_id=NO_IDS)
    passed = lab(student).time
    assert run(student, 6, 9, cell_id=NO_IDS)[1][0] == ""
    assert lab(student).time == passed


def test_without_ids_a_cell_below_one_that_was_left_out_is_not_called_not_run(student: StudentNotebook) -> None:
    run(student, 0, 1, 2, 3, 5, cell_id=NO_IDS)
    done, _ = run(student, 9, cell_id=NO_IDS)[0]
    assert f"`{DOWN}` was not run" in done
    assert HOUR not in done


def test_without_ids_the_same_line_above_an_open_task_stands_for_no_given_cell(student: StudentNotebook) -> None:
    run(student, 0, 1, cell_id=NO_IDS)
    student.cell(HOUR, NO_IDS)
    run(student, 2, 3, 4, cell_id=NO_IDS)
    done, _ = run(student, 9, cell_id=NO_IDS)[0]
    assert f"`{HOUR}` was not run" in done


def test_without_ids_a_cell_below_a_look_that_was_left_out_finds_its_session_open() -> None:
    student = StudentNotebook(cells_of(tutorial(OPEN, HELLO, "session.state", "session.send('NOOP')")))
    for text in [OPEN, HELLO, "session.close()"]:
        student.cell(text, NO_IDS)
    assert says(student.cell("session.send('NOOP')", NO_IDS)[0], "OPEN_AGAIN")


# A new session in the middle of a step


@pytest.fixture
def timed_out(student: StudentNotebook) -> StudentNotebook:
    """A notebook whose session has ended in the middle of a transaction, because time has passed."""
    run(student, 0, 1)
    student.cell(HOUR, "own")
    return student


@pytest.mark.parametrize(
    ("own", "cell"),
    [
        (OPEN, f"{HELLO}\n{MESSAGE}"),
        (f"{OPEN}\n{HELLO}", MESSAGE),
        (f"{OPEN}\n{HELLO}", f"session.send('RSET')\n{MESSAGE}"),
        ("", f"{OPEN}\n{HELLO}\n{MESSAGE}"),
        ("", f"{OPEN}\n{MESSAGE.replace('MAIL', 'EHLO a' + chr(92) + 'nMAIL')}"),
    ],
)
def test_a_session_that_the_student_opened_anew_needs_no_rset(timed_out: StudentNotebook, own: str, cell: str) -> None:
    timed_out.cell(own, "own")
    assert timed_out.cell(f"{CELLS[2].given}{cell}")[1].startswith("ok: ")
    before = said(timed_out)
    assert run(timed_out, 3) == [("", "")]
    assert said(timed_out) == before
    assert len(lab(timed_out).queue("mail.lab.example")) == 1


def test_in_an_open_transaction_rset_is_needed(student: StudentNotebook) -> None:
    run(student, 0, 1)
    assert student.cell(f"{CELLS[2].given}{MESSAGE}")[1].startswith("not yet: ")


@pytest.mark.parametrize("then", ["", "lab.run(minutes=1)"])
@pytest.mark.parametrize("own", ["", f"{OPEN}\n{HELLO}"])
def test_a_wrong_message_in_a_new_session_is_replaced_by_a_right_one_behind_helo(
    timed_out: StudentNotebook, own: str, then: str
) -> None:
    timed_out.cell(own, "own")
    begin = "" if own else f"{OPEN}\n{HELLO}\n"
    assert timed_out.cell(f"{CELLS[2].given}{begin}{WRONG}")[1].startswith("not yet: ")
    timed_out.cell(then, "own")
    done, _ = run(timed_out, 3)[0]
    assert says(done, "DONE_FOR_YOU", "250 Message accepted")
    assert said(timed_out)[0] == "HELO a"


def test_an_undo_in_a_new_session_stops_behind_its_helo(timed_out: StudentNotebook) -> None:
    timed_out.cell(f"{OPEN}\n{HELLO}", "own")
    assert "session.undo(1)" in timed_out.cell(f"{CELLS[2].given}{WRONG}")[1]
    timed_out.cell("session.undo(1)", "own")
    assert timed_out.cell(f"{CELLS[2].given}{MESSAGE}")[1].startswith("ok: ")


# A message that is sent twice


def test_a_second_run_tells_that_the_message_is_there_twice_and_how_to_have_it_once(student: StudentNotebook) -> None:
    run(student, 0, 1, 2)
    verdict = run(student, 2)[0][1]
    assert says(verdict, "EARLIER_MESSAGE WITHOUT_THIS_ONE", "ok: ", "`session.undo(2)`")
    student.cell("session.undo(2)", "own")
    assert len(lab(student).queue("mail.lab.example")) == 1
    assert says(run(student, 2)[0][1], "EARLIER_MESSAGE WITHOUT_THIS_ONE")
    student.cell("session.undo(4)", "own")
    assert "earlier message" not in run(student, 2)[0][1]


@pytest.mark.parametrize(("address", "told"), [(BOB, "EARLIER_MESSAGE"), (FORZ, "EARLIER_MESSAGE_UNSEEN")])
def test_of_a_message_whose_recipient_an_earlier_step_named_only_his_mailbox_shows_both(
    address: str, told: str
) -> None:
    named = f"session.send('HELO a\\nMAIL FROM:<>\\nRCPT TO:<{BOB}>')"
    body = ("# Now you: send it.\nsession.send('DATA\\n.')", {"goal": {"said": ["250 ."]}})
    student = StudentNotebook(cells_of(tutorial(OPEN, named, body, f'lab.mailbox("{address}")')))
    for text in [OPEN, named, body[0]]:
        student.cell(text)
    again = f"{student.lesson.cells[2].given}{named}\nsession.send('DATA\\n.')"
    assert says(student.cell(again)[1], told, "ok: ")


# A cell that ran before, or too late


@pytest.mark.parametrize("wrong", ["lab.up(mail.adelphia.net)", "lab.up()", "nothing"])
def test_an_error_in_a_cell_that_sent_nothing_is_not_called_right(student: StudentNotebook, wrong: str) -> None:
    run(student, 0, 1, 2, 3, 4, 5, 9)
    for _ in range(2):
        verdict = student.cell(f"{CELLS[7].given}{wrong}")[1]
        assert says(verdict, "DONE_BEFORE", "not yet: ")
        assert not says(verdict, "DONE_BUT_FAILED")


def test_an_error_in_a_step_that_the_student_did_before_changes_nothing(student: StudentNotebook) -> None:
    run(student, *range(8))
    assert says(student.cell(f"{CELLS[7].given}lab.up()")[1], "NOTHING_THIS_TIME", "not yet: `lab.up` needs the host")


def test_an_older_message_in_the_mailbox_is_not_the_one_that_waits() -> None:
    send, wait = (MESSAGE.replace("MAIL", "HELO a\\nMAIL"), (WAIT[0], {"goal": {"mail": f"{FORZ}: Days"}}))
    student = StudentNotebook(cells_of(tutorial(OPEN, send, wait)))
    student.names["lab"] = Lab(queues=True)
    for text in [OPEN, send, "lab.run()", send]:
        student.cell(text, "own")
    assert says(student.cell("# Now you: let time pass.\nlab.clock")[1], "STILL_WAITING")
    assert student.cell(wait[0])[1].startswith("ok: ")


def test_a_prediction_is_compared_if_the_lesson_has_done_the_step_below_it(student: StudentNotebook) -> None:
    run(student, *range(7))
    assert says(student.cell(f"{CELLS[7].given}{UP}")[1], "OUTAGE_ENDED", DOWN)
    assert says(run(student, 8)[0][1], "GUESS_WAS_RIGHT")
    assert run(student, 9)[0][1] == ""


def test_a_prediction_that_is_made_after_the_result_is_compared_at_once(student: StudentNotebook) -> None:
    run(student, 0, 1, 2, 3, 4, 5, 7)
    for guess, told in [(1, "GUESS_WAS_WRONG"), (2, "GUESS_WAS_RIGHT")]:
        assert says(student.cell(f"{CELLS[6].given}waits = {guess}")[1], told, "noted: ")
    assert run(student, 8)[0][1] == ""


def test_before_the_result_a_prediction_is_only_noted(student: StudentNotebook) -> None:
    assert says(run(student, *range(7))[-1][1], "GUESS_NOTED")
