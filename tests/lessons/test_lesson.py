"""A lesson judges what a student did, and does the steps that the student left out."""

import pytest

from smtplab import Lab
from smtplab.lessons.cells import LessonError, cells_of
from smtplab.lessons.done_for_you import DoneForYou
from smtplab.lessons.lesson import Lesson
from support.lesson_sentences import says
from support.student import StudentNotebook
from support.tutorials import tutorial

CONNECT = 'session = lab.telnet("mail.lab.example")'
HELO = (
    '# Now you: say who you are.\nsession.send("HELO laptop.example")',
    {"goal": {"said": ["250 HELO laptop.example"]}, "hint": "The verb is short for hello."},
)
MAIL = 'session.predict("MAIL FROM:<alice@lab.example>").answer("done")'
RCPT = (
    '# Now you: name Bob.\nsession.send("RCPT TO:<bob@lab.example>")',
    {"goal": {"said": ["250 RCPT TO:<bob@lab.example>"]}},
)
LOOK = "session.state"
SOURCE = tutorial(CONNECT, HELO, MAIL, RCPT, LOOK)
CELLS = cells_of(SOURCE)


class Notebook(StudentNotebook):
    """The notebook of a student of the tutorial above."""

    def __init__(self) -> None:
        super().__init__(CELLS)


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def connected(notebook: Notebook) -> Notebook:
    notebook.cell(CONNECT)
    return notebook


def given(number: int) -> str:
    return CELLS[number].given


def codes(notebook: Notebook) -> list[int]:
    session = notebook.session("session")
    assert session is not None
    return [each.reply.code for each in session.transcript.exchanges() if each.reply is not None]


def test_the_source_runs_and_every_step_is_ok(notebook: Notebook) -> None:
    said = [notebook.cell(cell.source) for cell in CELLS]
    assert [done for done, _ in said] == [""] * 5
    assert [verdict[:2] for _, verdict in said] == ["", "ok", "", "ok", ""]


def test_a_notebook_that_nobody_filled_in_runs_and_says_which_steps_were_done(notebook: Notebook) -> None:
    said = [notebook.cell(cell.given) for cell in CELLS]
    assert [done for done, _ in said[:2]] == ["", ""]
    assert says(said[2][0], "DONE_FOR_YOU", "say who you are")
    assert says(said[3][0], "SENT_UNPREDICTED", "MAIL FROM:<alice@lab.example>")
    assert says(said[4][0], "DONE_FOR_YOU", "name Bob")
    assert "C: RCPT TO:<bob@lab.example>\nS: 250 " in said[-1][0]
    assert [verdict[:7] for _, verdict in said] == ["", "not yet", "", "not yet", ""]
    assert codes(notebook) == [220, 250, 250, 250]


def test_a_step_is_done_once(connected: Notebook) -> None:
    assert "done for you" in connected.cell(MAIL)[0]
    assert says(connected.cell(LOOK)[0], "DONE_FOR_YOU", "name Bob")
    assert connected.cell(LOOK) == ("", "")


def test_a_step_whose_cell_was_skipped_is_done_too(connected: Notebook) -> None:
    done, _ = connected.cell(LOOK)
    assert done.count("not answered yet") == 2
    assert done.count("not made yet") == 1
    assert codes(connected) == [220, 250, 250, 250]


def test_the_end_of_a_message_counts_that_an_earlier_step_began() -> None:
    begin = 'session.send("HELO a\\nMAIL FROM:<>\\nRCPT TO:<bob@lab.example>\\nDATA")'
    dot = ('# Now you: end the message.\nsession.send(".")', {"goal": {"said": ["250 ."]}})
    cells = cells_of(tutorial(CONNECT, begin, 'session.predict("Subject: a").answer("no reply")', dot))
    notebook = Notebook()
    notebook.lesson = Lesson("a", cells)
    said = [notebook.cell(cell.source) for cell in cells]
    assert said[-1][0] == ""
    assert said[-1][1].startswith("ok: ")


def test_what_was_said_in_a_cell_of_the_students_own_counts(connected: Notebook) -> None:
    connected.cell(given(1))
    assert connected.cell('session.send("NOOP")') == ("", "")
    assert says(connected.cell('session.send("HELO laptop.example")')[1], "ANSWERED", "ok: `HELO laptop.example`")
    assert connected.cell('session.send("NOOP")') == ("", "")
    assert connected.cell(given(2)) == ("", "")


def test_the_hint_comes_by_itself_at_the_second_try(connected: Notebook) -> None:
    wrong = given(1) + 'session.send("HELLO a")'
    assert "Hint" not in connected.cell(wrong)[1]
    assert says(connected.cell(wrong)[1], "HINT", "short for hello")


def test_a_hint_is_given_first_and_then_an_answer(connected: Notebook) -> None:
    assert says(connected.lesson.hint(), "HINT_FOR", "say who you are", "short for hello")
    assert says(connected.lesson.hint(), "ANSWER", 'session.send("HELO laptop.example")')
    connected.cell(CELLS[1].source)
    assert "RCPT" in connected.lesson.hint()  # it has no hint, so the answer comes at once
    connected.cell(CELLS[2].source)
    connected.cell(CELLS[3].source)
    assert says(connected.lesson.hint(), "NOTHING_TO_HINT")


def test_an_open_cell_without_its_task_is_known_by_its_id(connected: Notebook) -> None:
    assert connected.cell('session.send("HELO laptop.example")', "cell-1")[1].startswith("ok")


def test_a_prediction_that_is_answered_later_is_done(connected: Notebook) -> None:
    connected.cell(CELLS[1].source)
    question = connected.names["session"].predict("MAIL FROM:<alice@lab.example>")  # type: ignore[attr-defined]
    list(connected.lesson.before(given(2), "", connected))
    connected.lesson.after(question, connected)
    question.answer(250)
    assert connected.cell(given(3))[0] == ""


def test_a_step_that_cannot_be_done_says_why(notebook: Notebook) -> None:
    notebook.lesson = Lesson("a", cells_of(tutorial("lab.zone", HELO, LOOK)))
    steps = list(notebook.lesson.before(LOOK, "cell-2", notebook))  # no session is there
    assert says(str(steps[0]), "COULD_NOT_BE_DONE DO_IT_YOURSELF", "'session' is not defined")


@pytest.mark.parametrize(
    "tried",
    [
        'session.send("QUIT")',
        'session.send("HELO laptop.example\\nMAIL FROM:<carol@lab.example>\\nRCPT TO:<carol@lab.example>")',
        'session.send("HELO laptop.example\\nMAIL FROM:<>\\nRCPT TO:<bob@lab.example>\\nDATA\\nRSET")',
        'session.send("HELO a\\nMAIL FROM:<>\\nRCPT TO:<bob@lab.example>\\nDATA\\n.")\nsession.send("QUIT")',
    ],
    ids=["over", "another envelope", "in a message", "message accepted"],
)
def test_what_was_tried_is_taken_back_before_a_step_is_done(connected: Notebook, tried: str) -> None:
    connected.cell(tried)
    done, _ = connected.cell(LOOK)
    assert says(done, "OPEN_AGAIN" if "QUIT" in tried else "TRIES_TAKEN_BACK")
    assert codes(connected) == [220, 250, 250, 250]
    assert len(connected.names["lab"].mailbox("bob@lab.example")) == 0  # type: ignore[attr-defined]


def test_what_cannot_be_taken_back_is_left_in_a_session_that_is_over(connected: Notebook) -> None:
    connected.cell(CELLS[1].source)
    connected.cell(CELLS[2].source)
    session = connected.session("session")
    assert session is not None
    session.close()
    connected.cell('session = lab.telnet("mail.lab.example")\nsession.send("RSET")')
    done, _ = connected.cell(LOOK)
    assert says(done, "SAID_IN_NEW_ONE", "C: HELO laptop.example\nS: 250")
    assert codes(connected) == [220, 250, 250, 250]


def test_a_message_that_cannot_be_taken_back_is_told() -> None:
    notebook = Notebook()
    notebook.names["lab"] = Lab(queues=True)
    notebook.lesson = Lesson("a", CELLS)
    notebook.cell(CONNECT)
    notebook.cell('session.send("HELO a\\nMAIL FROM:<>\\nRCPT TO:<bob@lab.example>\\nDATA\\n.")\nlab.run(hours=1)')
    done, _ = notebook.cell(LOOK)
    assert says(done, "OPENED_ANEW TRIES_LEFT")
    assert codes(notebook) == [220, 250, 250, 250]


def test_a_session_that_cannot_be_opened_again_says_why_and_is_tried_again_later(connected: Notebook) -> None:
    host = connected.names["lab"].host("mail.lab.example")  # type: ignore[attr-defined]
    host.stop()
    done, _ = connected.cell(LOOK)
    assert says(done, "NOT_OPENED_AGAIN", "mail.lab.example does not answer")
    assert not says(done, "COULD_NOT_BE_DONE")
    host.up = True
    assert says(connected.cell(LOOK)[0], "OPENED_ANEW", "S: 220")
    assert codes(connected) == [220, 250, 250, 250]


def test_a_session_that_no_cell_has_opened_is_opened_again_as_well(notebook: Notebook) -> None:
    notebook.lesson = Lesson("a", cells_of(tutorial("lab.zone", HELO, LOOK)))
    notebook.run(f"{CONNECT}\nsession.close()")
    done, _ = notebook.cell(LOOK)
    assert says(done, "DONE_FOR_YOU", "C: HELO")


def test_a_prediction_in_a_session_that_is_over_finds_it_open_again(notebook: Notebook) -> None:
    cells = cells_of(tutorial(CONNECT, 'session.predict("NOOP").answer("done")'))
    notebook.lesson = Lesson("a", cells)
    notebook.cell(CONNECT)
    assert notebook.cell(cells[1].given) == ("", "")
    notebook.cell('session.send("QUIT")')
    done, verdict = notebook.cell(cells[1].given)
    assert says(done, "OPEN_AGAIN", "QUIT")
    assert verdict == ""


def test_to_go_back_and_run_a_cell_again_does_nothing_twice(notebook: Notebook) -> None:
    for cell in CELLS:
        notebook.cell(cell.source)
    before = codes(notebook)
    assert notebook.cell(LOOK) == ("", "")
    assert codes(notebook) == before


@pytest.fixture
def looking() -> Notebook:
    """A notebook that looks at the session twice, with a task between."""
    notebook = Notebook()
    notebook.lesson = Lesson("a", cells_of(tutorial(CONNECT, LOOK, HELO, LOOK)))
    return notebook


def test_without_ids_the_next_of_two_cells_with_the_same_text_is_meant(looking: Notebook) -> None:
    looking.cell(CONNECT, "")
    assert looking.cell(LOOK, "")[0] == ""
    assert looking.cell(given(1), "")[1].startswith("not yet")
    assert "done for you" in looking.cell(LOOK, "")[0]


@pytest.mark.parametrize("text", [LOOK, "session.transcript", given(1)])
def test_a_cell_with_another_id_is_the_students_own_whatever_its_text(looking: Notebook, text: str) -> None:
    looking.lesson.meet("cell-0")
    looking.run(CONNECT)
    assert looking.cell(text, "fresh") == ("", "")
    assert codes(looking) == [220]


def test_a_copy_of_a_task_that_was_reached_is_judged_as_the_task(connected: Notebook) -> None:
    assert connected.cell(f"{given(1)}session.send('HELO')")[1].startswith("not yet: ")
    assert "`NOOP`" in connected.cell(f"{given(1)}session.send('NOOP')", "fresh")[1]
    assert connected.cell(f"{given(1)}session.send('HELO laptop.example')", "fresh")[1].startswith("ok: ")
    assert connected.cell(given(3), "fresh") == ("", "")  # not reached yet


def test_where_all_ids_are_foreign_cells_are_known_by_their_texts(notebook: Notebook) -> None:
    ids = [f"vscode-notebook-cell:/a.ipynb#W{number}sZmlsZQ==" for number in range(5)]
    said = [notebook.cell(cell.given, cell_id) for cell, cell_id in zip(CELLS, ids, strict=True)]
    assert [verdict[:7] for _, verdict in said] == ["", "not yet", "", "not yet", ""]
    assert "done for you" in said[2][0]
    assert notebook.cell("session.send('NOOP')", ids[4])[0] == ""


@pytest.mark.parametrize("look", ["session.state", "%why", "%undo", "session.transcript", "print(session.state)"])
def test_without_ids_a_look_that_stands_far_ahead_does_no_steps(look: str) -> None:
    notebook = Notebook()
    notebook.lesson = Lesson("a", cells_of(tutorial(CONNECT, HELO, look)))
    notebook.cell(CONNECT, "")
    assert list(notebook.lesson.before(look, "", notebook)) == []
    assert codes(notebook) == [220]
    notebook.cell(given(1), "")
    assert "done for you" in str(next(iter(notebook.lesson.before(look, "", notebook))))


def test_without_ids_a_cell_that_nobody_types_by_chance_is_known_wherever_it_stands(notebook: Notebook) -> None:
    notebook.lesson = Lesson("a", cells_of(tutorial(CONNECT, HELO, 'other = lab.telnet("mail.lab.example")')))
    notebook.cell(CONNECT, "")
    assert "done for you" in notebook.cell('other = lab.telnet("mail.lab.example")', "")[0]


GUESS = (
    "# Now you: how many minutes? Write 10 or 20.\nnumber = 10",
    {"goal": {"guess": {"name": "number", "right": 10, "from": [10, 20]}}},
)


@pytest.fixture
def guessing() -> Notebook:
    notebook = Notebook()
    notebook.lesson = Lesson("a", cells_of(tutorial("lab.zone", GUESS, "1 + 1")))
    notebook.cell("lab.zone")
    return notebook


@pytest.mark.parametrize("answer", ["number = 15", "number = again then", "number = 10\nnothing", ""])
def test_a_prediction_that_is_none_is_not_ok_though_an_earlier_one_was(guessing: Notebook, answer: str) -> None:
    task = guessing.lesson.cells[1].given
    assert says(guessing.cell(f"{task}number = 10")[1], "GUESS_NOTED", "noted: ", "“10”")
    if answer.startswith("number = again"):  # Python never runs the cell
        list(guessing.lesson.before(f"{task}{answer}", "cell-1", guessing))
        verdict = str(guessing.lesson.after(None, guessing, SyntaxError("invalid syntax")))
    else:
        verdict = guessing.cell(f"{task}{answer}")[1]
    assert verdict.startswith("not yet: ")
    assert says(guessing.cell("1 + 1")[0], "NOT_PREDICTED")
    assert guessing.cell("1 + 1")[1] == ""


def test_a_prediction_of_an_earlier_run_is_forgotten(guessing: Notebook) -> None:
    guessing.cell(f"{guessing.lesson.cells[1].given}number = 10")
    guessing.lesson.begin(guessing)
    assert guessing.value("number") is None


def test_a_prediction_that_is_lost_before_the_next_cell_has_no_outcome(guessing: Notebook) -> None:
    guessing.cell(f"{guessing.lesson.cells[1].given}number = 20")
    guessing.names["number"] = "junk"
    assert guessing.cell("1 + 1") == ("", "")


def test_a_step_whose_cell_ends_in_an_error_is_not_ok_but_stays_done(connected: Notebook) -> None:
    verdict = connected.cell(f'{given(1)}session.send("HELO laptop.example")\nnothing')[1]
    assert says(verdict, "DONE_BUT_FAILED", "not yet: ", "'nothing' is not defined")
    assert connected.cell(given(2))[0] == ""
    assert codes(connected) == [220, 250]


def test_steps_are_shown_in_a_notebook_line_by_line(connected: Notebook) -> None:
    [step, *_] = connected.lesson.before(LOOK, "cell-4", connected)
    assert "“say who you are”" in step._repr_html_()
    assert "C: HELO laptop.example" in step._repr_html_()


def test_a_step_in_which_nothing_was_said_is_told_with_a_full_stop() -> None:
    assert str(DoneForYou("It was done for you:")) == "It was done for you."


def test_a_session_that_is_missing_is_named(notebook: Notebook) -> None:
    task, settings = HELO
    settings = {"goal": {"said": ["250 HELO"], "session": "mine"}}
    cells = cells_of(tutorial(CONNECT, (task, settings)))
    notebook.lesson = Lesson("a", cells)
    notebook.cell(CONNECT)
    assert says(notebook.cell(cells[1].given)[1], "NO_SESSION HINT_HELPS", "not yet: ", "mine")


def test_a_tutorial_that_is_not_there_is_named() -> None:
    with pytest.raises(LessonError, match="00-start-here"):
        Lesson.open("00")
    assert Lesson.open("00-start-here").name == "00-start-here"


def test_a_step_in_a_session_that_was_left_begins_where_its_last_one_ended() -> None:
    again = "# Now you: say goodbye in it.\nsession = first\nsession.send('QUIT')"
    cells = cells_of(
        tutorial(
            f"{CONNECT}\nfirst = session",
            HELO,
            'session = lab.telnet("mail.lab.example")',
            (again, {"goal": {"said": ["221 QUIT"]}}),
            LOOK,
        )
    )
    notebook = Notebook()
    notebook.lesson = Lesson("a", cells)
    for cell in cells[:3]:
        notebook.cell(cell.source)
    done, _ = notebook.cell(cells[4].source)
    assert "C: QUIT" in done
    assert "HELO" not in done


def test_a_step_that_was_done_for_the_student_is_told_so_when_he_comes_back(connected: Notebook) -> None:
    connected.cell(LOOK)
    assert says(connected.cell(given(1) + "session.send('NOOP')")[1], "DONE_BEFORE", "not yet: ")
    assert says(connected.lesson.hint(), "HINT_FOR DONE_BEFORE", "say who you are")
    assert says(connected.cell(given(2))[0], "DONE_BEFORE")
    assert connected.cell(given(1) + "session.send('HELO laptop.example')")[1].startswith("ok")
    assert connected.cell(given(1) + "session.send('HELO laptop.example')")[1].startswith("ok")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("QUIT", "IN_QUOTES"),
        ("session.send(HELO)", "IN_QUOTES"),
        ("HELO laptop.example", "IN_QUOTES"),
        ("sesion.send('HELO a')", "OTHER_NAME"),
        ("session.sent('HELO a')", "WITH_SEND"),
        ("session.send(1 / 0)", "ENDED_IN_AN_ERROR"),
    ],
)
def test_a_slip_in_python_is_told_and_no_older_line_is_judged(connected: Notebook, line: str, name: str) -> None:
    connected.cell(given(1) + "session.send('HELO other.example')")
    verdict = connected.cell(f"{given(1)}{line}")[1]
    assert says(verdict, name, "not yet: ")
    assert "other.example" not in verdict


def test_a_line_that_was_refused_counts_more_than_the_error_behind_it(connected: Notebook) -> None:
    verdict = connected.cell(given(1) + "session.send('HELO')\n1 / 0")[1]
    assert says(verdict, "REFUSED", "`HELO`", "501")


BEGIN = 'session.send("HELO a\\nMAIL FROM:<>\\nRCPT TO:<bob@lab.example>\\nDATA")'
BODY = (
    '# Now you: send the body.\nsession.send("A test\\n.")',
    {"goal": {"lines": ["A test"], "said": ["250 ."]}},
)
GOODBYE = ("# Now you: say goodbye.\nsession.send('QUIT')", {"goal": {"said": ["221 QUIT"]}})


@pytest.fixture
def in_message() -> Notebook:
    """A notebook in a lab with queues, whose next task is a message."""
    notebook = Notebook()
    notebook.names["lab"] = Lab(queues=True)
    notebook.lesson = Lesson("a", cells_of(tutorial(CONNECT, BEGIN, BODY, GOODBYE, LOOK)))
    for cell in notebook.lesson.cells[:2]:
        notebook.cell(cell.source)
    return notebook


def test_a_message_that_ended_without_its_line_is_taken_back_and_sent_for_the_student(in_message: Notebook) -> None:
    body, goodbye = in_message.lesson.cells[2:4]
    verdict = in_message.cell(f"{body.given}session.send('A tst')\nsession.send('.')")[1]
    assert says(verdict, "TAKE_BACK", "`session.undo(2)`")
    done, _ = in_message.cell(goodbye.source)
    assert says(done, "TRIES_TAKEN_BACK", "C: A test\nC: .")
    [message] = in_message.names["lab"].mailbox("bob@lab.example")  # type: ignore[attr-defined]
    assert "A test" in str(message)


def test_after_an_undo_the_lines_of_the_cell_are_judged(in_message: Notebook) -> None:
    body = in_message.lesson.cells[2]
    in_message.cell(f"{body.given}session.send('A tst')\nsession.send('.')")
    assert in_message.cell(f"{body.given}session.undo(2)\nsession.send('A test\\n.')")[1].startswith("ok: ")


def test_a_message_that_cannot_be_taken_back_lets_the_notebook_go_on(in_message: Notebook) -> None:
    body, goodbye = in_message.lesson.cells[2:4]
    verdict = in_message.cell(f"{body.given}session.send('A tst\\n.')\nlab.run(seconds=1)")[1]
    assert says(verdict, "GO_ON")
    done, verdict = in_message.cell(goodbye.source)
    assert done == ""
    assert says(verdict, "ANSWERED", "ok: `QUIT`")
    assert in_message.cell(LOOK) == ("", "")
    assert "was done for you" not in in_message.cell(f"{body.given}session.noop")[1]


MINE = (
    "# Now you: in a session called mine, say who you are and goodbye.\n"
    'mine = lab.telnet("mail.lab.example", 25)\nmine.send("HELO laptop.example\\nQUIT")',
    {"goal": {"said": ["250 HELO", "221 QUIT"], "session": "mine", "host": "mail.lab.example"}},
)


@pytest.fixture
def alone() -> Notebook:
    """A notebook with a session of its own beside the first, and its task as the second cell."""
    notebook = Notebook()
    notebook.lesson = Lesson("a", cells_of(tutorial(CONNECT, MINE, HELO)))
    notebook.cell(CONNECT)
    return notebook


def in_mine(notebook: Notebook, answer: str) -> str:
    return notebook.cell(f"{notebook.lesson.cells[1].given}{answer}")[1]


@pytest.mark.parametrize(
    ("answer", "name", "word"),
    [
        ("mine.send('NOOP')", "NOT_OPENED", "`mine = lab.telnet"),
        ("mine = telnet('mail.lab.example', 25)", "WITH_LAB", "lab.telnet"),
        ("mine = lab.telnet('mail.campus.example', 25)", "WRONG_HOST", "`mine = lab.telnet('mail.lab.example')`"),
        ("mine = lab.telnet('mail.lab.example', 25)\nmine.send('QUIT')", "MISSING_BEFORE BEGIN_ANEW", "`mine`"),
        ("mine = lab.telnet('mail.lab.example', 25)\nsession.send('HELO a')", "OTHER_SESSION", "`session`"),
    ],
)
def test_a_slip_with_the_session_of_the_task_is_named(alone: Notebook, answer: str, name: str, word: str) -> None:
    assert says(in_mine(alone, answer), name, "not yet: ", word)


def test_a_session_with_the_wrong_host_is_no_answer_whatever_was_said_in_it(alone: Notebook) -> None:
    said = "\nmine.send('HELO laptop.example\\nQUIT')"
    assert in_mine(alone, f"mine = lab.telnet('mail.campus.example'){said}").startswith("not yet: ")
    assert in_mine(alone, f"mine = lab.telnet('mail.lab.example'){said}").startswith("ok: ")


def test_a_line_in_a_session_that_is_closed_is_told_the_session_of_the_task(alone: Notebook) -> None:
    alone.cell("session.send('QUIT')")
    verdict = in_mine(alone, "mine = lab.telnet('mail.lab.example')\nsession.send('HELO a')")
    assert says(verdict, "CLOSED_SESSION", "not yet: ", "`mine`")


def test_a_session_that_is_over_is_told_how_a_new_one_begins(connected: Notebook) -> None:
    verdict = connected.cell(f"{given(1)}session.send('QUIT')")[1]
    assert says(verdict, "SESSION_ENDED", "QUIT")
    again = "session = lab.telnet('mail.lab.example')\nsession.send('HELO laptop.example')"
    assert connected.cell(f"{given(1)}{again}")[1].startswith("ok: ")


@pytest.mark.parametrize("answer", ["", "session.send('HELO laptop.example')"])
def test_an_open_cell_in_a_session_that_is_over_finds_it_open_again(connected: Notebook, answer: str) -> None:
    connected.cell('session.send("QUIT")')
    done, verdict = connected.cell(given(1) + answer)
    assert says(done, "OPEN_AGAIN", "QUIT")
    assert says(verdict, *(("ANSWERED", "ok: ") if answer else ("NOTHING_SENT", "not yet: ")))


def test_a_goodbye_that_is_run_again_was_said_before(connected: Notebook) -> None:
    goodbye = ("# Now you: say goodbye.\nsession.send('QUIT')", {"goal": {"said": ["221 QUIT"]}})
    connected.lesson = Lesson("a", cells_of(tutorial(CONNECT, goodbye)))
    assert says(connected.cell(goodbye[0])[1], "ANSWERED", "ok: `QUIT`")
    assert says(connected.cell(goodbye[0])[1], "OVER_BEHIND_IT", "done before: ")


OTHER = 'other = lab.telnet("mail.campus.example")'
OPENED = (
    '# Now you: open a session called third.\nthird = lab.telnet("mail.lab.example")\nthird.send("NOOP")',
    {"goal": {"said": ["250 NOOP"], "session": "third"}},
)
ENDS = cells_of(
    tutorial(
        f'import smtplab\nsmtplab.lesson("a")\n{CONNECT}',
        HELO,
        'session.send("NOOP")',
        OTHER,
        'other.predict("NOOP").answer("done")',
        'other.send("HELP")',
        OPENED,
        'third.send("HELP")',
    )
)


@pytest.mark.parametrize(
    ("before", "cell", "how"),
    [
        ('session.send("QUIT")', 2, " with QUIT"),
        ("session.close()", 2, ""),
        ('other.send("QUIT")', 4, " with QUIT"),
        ('other.send("QUIT")', 5, " with QUIT"),
        ('third.send("QUIT")', 7, " with QUIT"),
    ],
)
def test_a_cell_after_the_end_of_its_session_finds_it_open_again(before: str, cell: int, how: str) -> None:
    notebook = Notebook()
    notebook.lesson = Lesson("a", ENDS)
    notebook.run(CONNECT)
    for each in ENDS[1:cell]:
        notebook.cell(each.source)
    notebook.cell(before)
    done, verdict = notebook.cell(ENDS[cell].source)
    assert says(done, "OPEN_AGAIN", f"ended{how};")
    assert verdict == ""
    assert codes(notebook)[:2] == [220, 250]


def test_another_error_after_the_end_of_a_session_is_not_told_of_it(connected: Notebook) -> None:
    connected.lesson = Lesson("a", cells_of(tutorial(CONNECT, "lab.mailbox('nobody')", "nothing.send('NOOP')")))
    connected.cell('session.send("QUIT")')
    assert connected.cell("lab.mailbox('nobody')") == ("", "")
    assert connected.cell("nothing.send('NOOP')") == ("", "")


def test_a_right_answer_that_is_run_again_stays_right(connected: Notebook) -> None:
    connected.cell(CELLS[1].source)
    connected.cell(CELLS[2].source)
    connected.cell(CELLS[3].source)
    assert says(connected.cell(given(3))[1], "NOTHING_THIS_TIME", "done before: ")


@pytest.mark.parametrize("ask", ["question = {}", '{}.answer("done")', 'question = {}\nquestion.answer("done")'])
def test_a_prediction_with_a_name_is_sent_once(connected: Notebook, ask: str) -> None:
    connected.cell(CELLS[1].source)
    connected.cell(ask.format(CELLS[2].given))
    connected.cell("session.transcript")
    if not ask.endswith('("done")'):
        connected.cell('question.answer("done")')
    done, verdict = connected.cell(CELLS[3].source)
    assert done == ""
    assert says(verdict, "ANSWERED", "ok: `RCPT TO:<bob@lab.example>`")
    assert connected.cell(LOOK) == ("", "")
    assert codes(connected) == [220, 250, 250, 250]


def test_a_step_that_was_taken_in_a_cell_of_the_students_own_stays_done(connected: Notebook) -> None:
    connected.cell('session.send("HELO laptop.example")')
    connected.cell(CELLS[2].source)
    assert connected.cell(CELLS[3].source)[0] == ""
    assert connected.cell(LOOK) == ("", "")
    assert codes(connected) == [220, 250, 250, 250]


def test_steps_that_fail_for_one_reason_are_told_once_and_counted(notebook: Notebook) -> None:
    notebook.lesson = Lesson("a", cells_of(tutorial("lab.zone", HELO, MAIL, RCPT, LOOK)))
    [told] = notebook.lesson.before(LOOK, "cell-4", notebook)
    assert says(str(told), "COULD_NOT_BE_DONE MORE_FAILED", "say who you are", "2 steps")


@pytest.mark.parametrize(
    ("tried", "name", "word"),
    [
        ("RCPT TO:<carol@lab.example>", "TAKE_BACK", "`session.undo(1)`"),
        ("RCPT TO:<carol@lab.example>\\nDATA", "TAKE_BACK", "`session.undo(1)`"),
    ],
)
def test_a_wrong_recipient_is_told_how_to_be_without(connected: Notebook, tried: str, name: str, word: str) -> None:
    connected.cell(CELLS[1].source)
    connected.cell(CELLS[2].source)
    assert says(connected.cell(f'{given(3)}session.send("{tried}")')[1], name, word)


def test_an_undo_that_is_run_twice_is_told_what_it_took_back_of_an_earlier_step(connected: Notebook) -> None:
    connected.cell(CELLS[1].source)
    connected.cell(CELLS[2].source)
    connected.cell(f'{given(3)}session.send("RCPT TO:<carol@lab.example>\\nDATA")')
    assert connected.cell("session.undo(1)") == ("", "")
    assert says(connected.cell("session.undo(1)")[1], "UNDONE_TOO_FAR", "not yet: ", "`MAIL FROM:<alice@lab.example>`")
    assert says(connected.cell("session.undo(1)")[1], "UNDONE_TOO_FAR", "not yet: ", "`HELO")
    connected.cell('session.send("HELO laptop.example")\nsession.send("MAIL FROM:<alice@lab.example>")')
    assert connected.cell(CELLS[3].source)[1].startswith("ok: ")


def test_only_one_way_back_is_advised_at_a_time(connected: Notebook) -> None:
    connected.cell(CELLS[1].source)
    connected.cell(CELLS[2].source)
    said = "RCPT TO:<carol@lab.example>\\nMAIL FROM:<alice@lab.example>"
    verdict = connected.cell(f'{given(3)}session.send("{said}")')[1]
    assert says(verdict, "TRANSACTION_OPEN")
    assert "RSET" not in verdict
    assert verdict.count("session.undo(1)") == 1


def test_an_open_transaction_in_the_way_of_a_mistake_is_taken_back(connected: Notebook) -> None:
    colon = ("# Now you: forget the colon.\nsession.send('MAIL FROM<a@b.example>')", {"goal": {"said": ["501 MAIL"]}})
    connected.lesson = Lesson("a", cells_of(tutorial(CONNECT, HELO, colon)))
    connected.cell(connected.lesson.cells[1].source)
    for count, line in enumerate(("MAIL FROM:<a@b.example>", "MAIL FROM<a@b.example>"), 1):
        verdict = connected.cell(f"{colon[0].splitlines()[0]}\nsession.send('{line}')")[1]
        assert "RSET" not in verdict
        assert f"session.undo({count})" in verdict
    connected.cell("session.undo(2)")
    assert connected.cell(colon[0])[1].startswith("ok: ")


def test_rset_is_the_way_where_the_task_is_about_it(connected: Notebook) -> None:
    answer = 'session.send("RSET\\nMAIL FROM:<b@b.example>")'
    anew = (f"# Now you: begin anew.\n{answer}", {"goal": {"said": ["250 RSET", "250 MAIL FROM:<b@b.example>"]}})
    connected.lesson = Lesson("a", cells_of(tutorial(CONNECT, HELO, MAIL, anew)))
    for cell in connected.lesson.cells[1:3]:
        connected.cell(cell.source)
    verdict = connected.cell("# Now you: begin anew.\nsession.send('RSET\\nMAIL FROM:<c@b.example>')")[1]
    assert says(verdict, "SAY_RSET")
    assert "undo" not in verdict + connected.lesson.hint(connected)
    assert connected.cell(anew[0])[1].startswith("ok: ")


@pytest.mark.parametrize("again", [False, True])
def test_who_got_into_a_message_where_a_refusal_was_wanted_is_led_out_of_it(connected: Notebook, again: bool) -> None:
    refused = ("# Now you: be refused.\nsession.send('DATA')", {"goal": {"said": ["503 DATA"]}, "hint": "It gets 354."})
    connected.lesson = Lesson("a", cells_of(tutorial(CONNECT, HELO, refused)))
    connected.cell(connected.lesson.cells[1].source)
    connected.cell('session.send("MAIL FROM:<a@b.example>\\nRCPT TO:<bob@lab.example>")')
    verdict = [connected.cell(refused[0])[1] for _ in range(1 + again)][-1]
    assert says(verdict, "IN_A_MESSAGE TAKE_BACK", f"session.undo({2 + again})")
    assert "Hint" not in verdict
    connected.cell(f"session.undo({2 + again})")
    assert connected.cell(refused[0])[1].startswith("ok: ")


def test_what_a_cell_sets_that_runs_again_is_set_back_by_the_cell_below(connected: Notebook) -> None:
    busy = 'lab.host("mail.lab.example").mailboxes["bob"].busy = True\nsession.send("NOOP")'
    free = 'lab.host("mail.lab.example").mailboxes["bob"].busy = False'
    connected.lesson = Lesson("a", cells_of(tutorial(CONNECT, HELO, MAIL, busy, free, RCPT)))
    cells = connected.lesson.cells
    for cell in [*cells[1:5], cells[3]]:
        connected.cell(cell.source)
    done, verdict = connected.cell(cells[5].source)
    assert says(done, "RUN_FOR_YOU", "busy = False") or "busy = False" in done
    assert verdict.startswith("ok: ")


def test_an_undo_in_the_cell_of_a_task_that_goes_too_far_is_told_though_new_lines_follow(connected: Notebook) -> None:
    connected.cell(CELLS[1].source)
    connected.cell(CELLS[2].source)
    connected.cell(f'{given(3)}session.send("RCPT TO:<carol@lab.example>")')
    again = 'session.undo(2)\nsession.send("NOOP")'
    assert says(connected.cell(f"{given(3)}{again}")[1], "UNDONE_TOO_FAR", "`MAIL FROM:<alice")
    done, verdict = connected.cell(f'{given(3)}session.send("RCPT TO:<bob@lab.example>")')
    assert says(done, "SAID_AGAIN", "C: MAIL FROM:<alice@lab.example>\nS: 250")
    assert verdict.startswith("ok: ")


def test_of_a_message_only_the_lines_that_an_undo_took_back_are_lost(in_message: Notebook) -> None:
    body = in_message.lesson.cells[2]
    in_message.cell(f"{body.given}session.send('A test')\nsession.send('.')")
    assert says(in_message.cell("session.undo(1)")[1], "UNDONE_TOO_FAR", "not yet: ", "`.`")


def test_after_an_undo_in_the_cell_that_went_too_far_its_lines_are_judged_all_the_same(connected: Notebook) -> None:
    connected.cell(CELLS[1].source)
    connected.cell(CELLS[2].source)
    connected.cell(f'{given(3)}session.send("RCPT TO:<carol@lab.example>")')
    connected.cell("session.undo(2)")
    assert says(connected.cell(f'{given(3)}session.send("RCTP TO:<bob@lab.example>")')[1], "REFUSED", "500")


def test_a_step_that_the_lesson_could_not_do_is_judged_and_tried_again(notebook: Notebook) -> None:
    notebook.lesson = Lesson("a", cells_of(tutorial("lab.zone", HELO, MAIL, RCPT, LOOK)))
    notebook.cell(LOOK)  # no session is there
    assert notebook.cell(LOOK)[0] == ""  # told once
    notebook.cell(CONNECT)
    assert says(notebook.cell(given(1))[1], "NOTHING_SENT", "not yet: ")
    assert notebook.cell(LOOK)[0].count("done for you") == 2
    assert codes(notebook) == [220, 250, 250, 250]


def test_a_step_whose_answer_does_not_reach_its_goal_has_failed(connected: Notebook) -> None:
    connected.lesson = Lesson("a", cells_of(tutorial(CONNECT, ("# Now you: a.\nsession.send('HELO')", HELO[1]), LOOK)))
    assert says(connected.cell(LOOK)[0], "COULD_NOT_BE_DONE REFUSED", "`HELO`", "501")


def test_of_two_ways_back_one_is_told(alone: Notebook) -> None:
    again = "mine = lab.telnet('mail.lab.example')\nmine.send('HELO a\\nMAIL FROM:<>\\nMAIL FROM:<>\\nQUIT')"
    goal = {"said": ["250 HELO", "501 MAIL", "221 QUIT"], "session": "mine"}
    alone.lesson = Lesson("a", cells_of(tutorial(CONNECT, (MINE[0], {"goal": goal}))))
    verdict = in_mine(alone, again)
    assert says(verdict, "BEGIN_ANEW")
    assert "RSET" not in verdict


def test_of_several_lines_all_replies_are_told_because_python_shows_the_last_one(connected: Notebook) -> None:
    said = 'session.send("HELO laptop.example")'
    verdict = connected.cell(f'{given(1)}session.send("NOOP")\nsession.send("HELO")\n{said}')[1]
    assert says(verdict, "REPLIES", "250, 501, 250")
    assert not says(connected.cell(f"{given(1)}{said}")[1], "REPLIES")


def test_the_replies_to_a_typed_cell_stand_in_its_output(notebook: Notebook) -> None:
    typed = ("%now you: say who you are\nHELO a", HELO[1])
    notebook.lesson = Lesson("a", cells_of(tutorial("telnet mail.lab.example 25", typed, language="smtp")))
    notebook.run(CONNECT)
    list(notebook.lesson.before(typed[0], "cell-1", notebook))
    notebook.run('session.send("NOOP\\nHELO laptop.example")')
    verdict = str(notebook.lesson.after(None, notebook))
    assert says(verdict, "ANSWERED", "ok: `HELO laptop.example`")
    assert not says(verdict, "REPLIES")


def test_the_advice_leads_to_a_right_answer(connected: Notebook) -> None:
    connected.cell(CELLS[1].source)
    connected.cell(CELLS[2].source)
    connected.cell(f'{given(3)}session.send("RCPT TO:<carol@lab.example>")')
    again = 'session.send("RSET\\nMAIL FROM:<alice@lab.example>\\nRCPT TO:<bob@lab.example>")'
    assert connected.cell(f"{given(3)}{again}")[1].startswith("ok: ")


def test_a_message_that_cannot_be_undone_is_left_for_a_new_session(in_message: Notebook) -> None:
    body = in_message.lesson.cells[2]
    cells = cells_of(tutorial(CONNECT, BEGIN, (BODY[0], {"goal": {"said": ["250 ."], "text": ["A test"]}}), LOOK))
    in_message.lesson = Lesson("a", cells)
    for cell in cells[:2]:
        in_message.cell(cell.source)
    verdict = in_message.cell(f"{body.given}session.send('A test\\nRSET')\nlab.run(seconds=1)")[1]
    assert says(verdict, "OPEN_ANEW", "`session = lab.telnet('mail.lab.example')`")


@pytest.mark.parametrize(
    ("look", "names"),
    [
        ("lab.mailbox('bob@lab.example')[-1]", "EARLIER_MESSAGE_UNSEEN"),
        ('print(lab.mailbox("bob@lab.example")[-1])', "EARLIER_MESSAGE_UNSEEN"),
        ('lab.mailbox("bob@lab.example")', "EARLIER_MESSAGE WITHOUT_THE_EARLIER"),
        ('[each.subject for each in lab.mailbox("bob@lab.example")]', "EARLIER_MESSAGE WITHOUT_THE_EARLIER"),
        ('lab.queue("mail.lab.example")', "EARLIER_MESSAGE WITHOUT_THE_EARLIER"),
    ],
)
def test_an_earlier_message_of_the_step_is_told_beside_the_right_one(
    in_message: Notebook, look: str, names: str
) -> None:
    opener, begin, body, *_ = in_message.lesson.cells
    in_message.lesson = Lesson("a", cells_of(tutorial(opener.source, begin.source, BODY, look)))
    in_message.cell(opener.source)
    in_message.cell(begin.source)
    begin = f"{BEGIN}\nsession.send('A tst\\n.')\n{BEGIN}\nsession.send('A test\\n.')"
    verdict = in_message.cell(f"{body.given}session.send('other\\n.')\n{begin}")[1]
    assert says(verdict, names, "ok: ")
    assert says(verdict, "TAKE_BACK", "`session.undo(5)`") is ("TAKE_BACK" in names)


def test_an_earlier_message_is_told_that_came_in_another_session(in_message: Notebook) -> None:
    in_message.names["lab"] = Lab(queues=True)
    in_message.lesson = Lesson("a", in_message.lesson.cells)
    opener, begin_cell, body, *_ = in_message.lesson.cells
    in_message.cell(opener.source)
    in_message.cell(begin_cell.source)
    begin = f'session = lab.telnet("mail.lab.example")\n{BEGIN}\n'
    assert in_message.cell(f"{body.given}{begin}session.send('A tst\\n.')")[1].startswith("not yet: ")
    verdict = in_message.cell(f"{body.given}{begin}session.send('A test\\n.')")[1]
    assert says(verdict, "EARLIER_MESSAGE_UNSEEN", "ok: ")
    assert says(in_message.cell(f"{body.given}{begin}session.send('A test\\n.')")[1], "EARLIER_MESSAGE_UNSEEN")


def test_a_session_that_the_cells_below_need_is_not_to_be_ended(in_message: Notebook) -> None:
    verdict = in_message.cell(f"{in_message.lesson.cells[2].given}session.send('A test\\n.\\nQUIT')")[1]
    assert says(verdict, "ENDED_BY_QUIT REPLIES TAKE_BACK", "not yet: ", "`session.undo(1)`")
    done, _ = in_message.cell(in_message.lesson.cells[3].source)
    assert says(done, "OPEN_AGAIN DONE_FOR_YOU", "QUIT", "C: A test")


def test_a_cell_with_the_hint_alone_is_not_judged(connected: Notebook) -> None:
    notebook = connected.lesson
    assert list(notebook.before(f"{given(1)}%hint", "", connected)) == []
    assert notebook.after(None, connected) is None
    assert says(connected.cell(given(1))[1], "NOTHING_SENT", "not yet: ")


def test_a_call_without_brackets_is_told(connected: Notebook) -> None:
    assert says(connected.cell(f"{given(1)}session.send")[1], "WITH_BRACKETS", "`session.send`")


def test_a_task_is_known_by_its_first_line() -> None:
    task = "# Now you: say who you are.\n# Your machine is called a.\nsession.send('HELO a')"
    [_, cell] = cells_of(tutorial(CONNECT, (task, {"goal": {"said": ["250 HELO"]}})))
    assert cell.is_run_as("# Now you: say who you are.\nsession.send('HELO a')")
    assert not cell.is_run_as("# Your machine is called a.\nsession.send('HELO a')")


def test_the_answer_fits_what_was_sent_before(in_message: Notebook) -> None:
    body = in_message.lesson.cells[2]
    assert not says(in_message.lesson.hint(in_message), "AFTER_THE_UNDO")
    in_message.cell(f"{body.given}session.send('A tst')")
    hint = in_message.lesson.hint(in_message)
    assert says(hint, "AFTER_THE_UNDO", body.task)
    assert [hint.split("\n")[1], hint.split("\n", 3)[3]] == ["session.undo(1)", body.answer]
    in_message.cell(f"{body.given}session.undo(1)\n{body.answer}")
    assert not says(in_message.lesson.hint(in_message), "AFTER_THE_UNDO")


def test_a_session_that_is_over_is_of_no_matter_where_only_time_has_to_pass() -> None:
    notebook = Notebook()
    notebook.names["lab"] = Lab(queues=True)
    task = ("# Now you: let time pass.\nlab.run()", {"goal": {"mail": "bob@lab.example: x"}})
    notebook.lesson = Lesson("a", cells_of(tutorial(CONNECT, task)))
    notebook.cell(CONNECT)
    assert not says(notebook.cell(f"{notebook.lesson.cells[1].given}lab.run(hours=1)")[1], "SESSION_ENDED")
    assert notebook.names["session"].closed  # type: ignore[attr-defined]


def test_a_hint_that_is_asked_for_at_a_prediction_says_what_to_do_there(connected: Notebook) -> None:
    connected.cell(CELLS[1].source)
    connected.cell(given(2))
    assert says(connected.lesson.hint(), "PREDICT_FIRST")
    connected.cell(CELLS[3].source)
    assert not says(connected.lesson.hint(), "PREDICT_FIRST")


def test_a_message_in_a_session_that_the_student_has_named_is_told(in_message: Notebook) -> None:
    sent = 's2 = lab.telnet("mail.lab.example")\ns2.send("HELO a")'
    verdict = in_message.cell(f"{in_message.lesson.cells[2].given}{sent}")[1]
    assert says(verdict, "OTHER_SESSION", "not yet: ", "`s2`")
    assert says(in_message.cell(in_message.lesson.cells[2].given)[1], "NOTHING_SENT")


def test_a_step_in_which_only_time_passes_opens_no_session() -> None:
    notebook = Notebook()
    notebook.names["lab"] = Lab(queues=True)
    task = ("# Now you: let time pass.\nlab.run()", {"goal": {"mail": "bob@lab.example: x"}})
    notebook.lesson = Lesson("a", cells_of(tutorial(CONNECT, task, LOOK)))
    notebook.cell(CONNECT)
    notebook.cell(f"{notebook.lesson.cells[1].given}lab.run(hours=1)")
    done, _ = notebook.cell(LOOK)
    assert says(done, "COULD_NOT_BE_DONE NO_MAIL_LEFT", "let time pass")
    assert not says(done, "OPENED_ANEW")


def test_an_error_of_a_call_of_the_lab_is_told_where_nothing_is_to_be_sent() -> None:
    notebook = Notebook()
    task = ("# Now you: bring it up.\nlab.up('mail.lab.example')", {"goal": {"mail": "bob@lab.example: x"}})
    notebook.lesson = Lesson("a", cells_of(tutorial(CONNECT, task)))
    notebook.cell(CONNECT)
    told = notebook.cell(f"{notebook.lesson.cells[1].given}lab.up('a.example')")[1]
    assert says(told, "ENDED_IN_AN_ERROR", "'a.example'")


def test_a_message_that_cannot_be_undone_in_a_session_that_is_over_is_left_for_a_new_one(in_message: Notebook) -> None:
    body = in_message.lesson.cells[2]
    verdict = in_message.cell(f"{body.given}session.send('A tst\\n.\\nQUIT')\nlab.run(seconds=1)")[1]
    assert says(verdict, "SESSION_ENDED", "QUIT")


def test_a_line_in_another_session_is_told_before_the_way_back(connected: Notebook) -> None:
    sent = "session.send('QUIT')\ns2 = lab.telnet('mail.lab.example')\ns2.send('HELO laptop.example')"
    verdict = connected.cell(f"{given(1)}{sent}")[1]
    assert says(verdict, "NOT_SAID", "not yet: ", "`QUIT`")
    assert says(verdict, "SESSION_ENDED", "QUIT")


def test_the_reference_answers_above_a_step_are_no_slips_of_it() -> None:
    notebook = Notebook()
    users = ("# Now you: ask for zoe.\nsession.send('VRFY zoe')", {"goal": {"said": ["550 VRFY zoe"]}})
    slips = {"VRFY*": "for lists it is EXPN"}
    lists = ("# Now you: a list.\nsession.send('EXPN staff')", {"goal": {"said": ["250 EXPN staff"], "slips": slips}})
    notebook.lesson = Lesson("a", cells_of(tutorial(CONNECT, users, lists, LOOK)))
    notebook.cell(CONNECT)
    done, _ = notebook.cell(LOOK)
    assert says(done, "DONE_FOR_YOU", "“a list”")
    assert "for lists" not in done


def test_what_stands_below_an_undo_is_judged_by_itself(connected: Notebook) -> None:
    connected.cell(f'{given(1)}session.send("NOPE")')
    assert "`NOPE`" in connected.cell(f'{given(1)}session.send("NOPE")')[1]
    assert says(connected.cell(f"{given(1)}session.undo(1)")[1], "NOTHING_SENT", "not yet: ")
    told = connected.cell(f'{given(1)}session.undo(1)\nsession.send("VRFY bob")')[1]
    assert says(told, "NOT_SAID", "not yet: ", "`VRFY bob`")


SPOILED = {
    "goal": {"lines": ["NOOP\\x0a"], "slips": {"NOOP\\x0a?*": "the line is spoiled; run the cell above again"}},
    "hint": "Nothing stands there.",
}


@pytest.fixture
def half_a_line() -> Notebook:
    """A session in which a line was begun that its LF does not end."""
    notebook = Notebook()
    begin = f"{CONNECT}\ntry:\n    session.send_bytes(b'NOOP\\n')\nexcept Exception:\n    pass\n0"
    ask = ("# Now you: send the CRLF.\nsession.send('')", SPOILED)
    notebook.lesson = Lesson("a", cells_of(tutorial(begin, ask)))
    notebook.cell(begin)
    return notebook


def sends(notebook: Notebook, call: str) -> str:
    return notebook.cell(f"{notebook.lesson.cells[1].given}{call}")[1]


def test_a_spoiled_line_is_told_until_it_is_begun_again(half_a_line: Notebook) -> None:
    assert "the line is spoiled" in sends(half_a_line, "session.send('CRLF')").lower()
    assert says(sends(half_a_line, "session.send('')"), "LINE_IS_OVER")
    assert says(sends(half_a_line, "session.send('')"), "LINE_IS_OVER")
    half_a_line.cell(half_a_line.lesson.cells[0].source)
    assert sends(half_a_line, "session.send('')").startswith("ok: ")


def test_the_right_end_of_a_line_that_is_over_is_told_that_the_cell_above_comes_first(half_a_line: Notebook) -> None:
    sends(half_a_line, "session.send('')")
    again = sends(half_a_line, "session.send('')")
    assert "run the cell above" in again
    assert "task wants" not in again


def test_a_line_that_was_begun_twice_by_its_cell_ends_as_well() -> None:
    session = "session.send_bytes(b'NOOP\\n')"
    begin = f"try:\n    {session}\nexcept Exception:\n    pass\n0"
    notebook = Notebook()
    ask = ("# Now you: send the CRLF.\nsession.send('')", SPOILED)
    notebook.lesson = Lesson("a", cells_of(tutorial(CONNECT, begin, ask)))
    for text in (CONNECT, begin, begin):
        notebook.cell(text)
    assert notebook.cell(ask[0])[1].startswith("ok: ")


@pytest.mark.parametrize(
    ("octets", "spoils"),
    [("\\n", True), ("a", True), ("\\r\\r", True), ("\\r", False)],
    ids=["LF", "letter", "CR CR", "CR"],
)
def test_octets_that_do_not_end_the_line_are_told_at_once(half_a_line: Notebook, octets: str, spoils: bool) -> None:
    told = sends(half_a_line, f"session.send_bytes(b'{octets}')")
    assert ("is spoiled" in told) is spoils
    assert says(told, "HALF_OF_CRLF") is not spoils


def test_the_second_half_of_a_crlf_may_come_later(half_a_line: Notebook) -> None:
    sends(half_a_line, "session.send_bytes(b'\\r')")
    assert sends(half_a_line, "session.send_bytes(b'\\n')").startswith("ok: ")


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("RCPT TO:bob@lab.example", "RCPT TO:<bob@lab.example>"),
        ("rcpt to: <bob@lab.example>", "RCPT TO:<bob@lab.example>"),
        ("RCPT TO:<bob@lab.example>", ""),
        ("rcpt to:<bob@lab.example>", ""),
    ],
)
def test_a_path_in_another_form_is_taken_and_the_standards_form_is_told(
    connected: Notebook, line: str, form: str
) -> None:
    for cell in CELLS[1:3]:
        connected.cell(cell.source)
    told = connected.cell(f'{given(3)}session.send("{line}")')[1]
    assert told.startswith("ok: ")
    assert says(told, "STANDARD_FORM", f"`{form}`") == bool(form)


def test_the_lecturers_form_is_not_remarked_where_the_task_teaches_it() -> None:
    notebook = Notebook()
    loose = ('# Now you: a.\nsession.send("MAIL FROM: a@b.example")', {"goal": {"said": ["250 MAIL"]}})
    notebook.lesson = Lesson("a", cells_of(tutorial(f"{CONNECT}\nsession.send('HELO a')", loose)))
    notebook.cell(notebook.lesson.cells[0].source)
    told = notebook.cell(notebook.lesson.cells[1].source)[1]
    assert says(told, "ANSWERED", "ok: `MAIL FROM: a@b.example`")
    assert not says(told, "STANDARD_FORM")


def test_the_students_own_refused_line_is_told_before_a_step_that_was_done_for_him() -> None:
    notebook = Notebook()
    users = ("# Now you: ask for Bob.\nsession.send('VRFY bob')", {"goal": {"said": ["250 VRFY bob"]}})
    notebook.lesson = Lesson("a", cells_of(tutorial(CONNECT, users, LOOK)))
    notebook.cell(CONNECT)
    notebook.cell(LOOK)
    told = notebook.cell(f"{notebook.lesson.cells[1].given}session.send('VRFY zoe')")[1]
    assert says(told, "REFUSED DONE_BEFORE", "not yet: `VRFY zoe`", "550")
    assert says(notebook.cell(notebook.lesson.cells[1].given)[1], "DONE_BEFORE", "not yet: ")


def test_a_hint_does_not_speak_of_rset_inside_a_message(connected: Notebook) -> None:
    settings = {
        "goal": {"said": ["250 MAIL FROM:<a@b.example>", "354 DATA"]},
        "hint": "First MAIL. RSET takes it back.",
    }
    task = ("# Now you: begin.\nsession.send('MAIL FROM:<a@b.example>\\nRCPT TO:<bob@lab.example>\\nDATA')", settings)
    notebook = Notebook()
    notebook.lesson = Lesson("a", cells_of(tutorial(f"{CONNECT}\nsession.send('HELO a')", task)))
    notebook.cell(notebook.lesson.cells[0].source)
    begin = notebook.lesson.cells[1].given
    assert notebook.lesson.hint(notebook).endswith("First MAIL. RSET takes it back.")
    notebook.cell(f"{begin}session.send('MAIL FROM:<x@b.example>\\nRCPT TO:<bob@lab.example>\\nDATA')")
    assert notebook.cell(begin + "session.send('RSET')")[1].endswith("Hint: First MAIL.")
    again = Lesson("a", notebook.lesson.cells)
    assert again.hint(notebook).endswith("First MAIL.")


def test_a_slip_with_an_object_that_sends_no_lines_is_not_told_of_sending(connected: Notebook) -> None:
    verdict = connected.cell(f"{given(1)}lab.hosts.sent('HELO')")[1]
    assert says(verdict, "ENDED_IN_AN_ERROR")
    assert not says(verdict, "WITH_SEND")


def test_a_list_may_be_asked_for_by_its_whole_address(connected: Notebook) -> None:
    ask = ("# Now you: ask for staff.\nsession.send('EXPN staff')", {"goal": {"said": ["250 EXPN staff"]}})
    connected.lesson = Lesson("a", cells_of(tutorial(CONNECT, ask)))
    assert connected.cell("# Now you: ask for staff.\nsession.send('EXPN staff@lab.example')")[1].startswith("ok: ")
