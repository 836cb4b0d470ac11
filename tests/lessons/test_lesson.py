"""A lesson judges what a student did, and does the steps that the student left out."""

from collections.abc import Sequence

import pytest

from smtplab import Lab, Session
from smtplab.lab.lab_host import Message
from smtplab.lab.predict import Question
from smtplab.lessons.cells import LessonError, cells_of
from smtplab.lessons.lesson import DoneForYou, Lesson
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


class Notebook:
    """A student's notebook, without Jupyter: it runs cells, and is the workspace of the lesson."""

    def __init__(self) -> None:
        self.lesson = Lesson("a", CELLS)
        self.names: dict[str, object] = {"lab": Lab()}

    def session(self, name: str) -> Session | None:
        found = self.names.get(name)
        return found if isinstance(found, Session) else None

    def mailbox(self, address: str) -> Sequence[Message]:
        raise LookupError(address)

    def call(self, name: str, host: str) -> str:
        return f"{name} = telnet {host}"

    def run(self, code: str) -> str:
        try:
            exec(code, self.names)
        except Exception as error:
            return f"{error}."
        return ""

    def question(self, value: object) -> Question | None:
        return value if isinstance(value, Question) and not value.answered else None

    def skip(self, question: Question) -> None:
        question.skip()

    def cell(self, text: str, cell_id: str = "") -> tuple[str, str]:
        """Run a cell as a front end does; return what was done for the student, and the verdict."""
        done = "\n".join(str(step) for step in self.lesson.before(text, cell_id, self))
        *lines, last = text.split("\n")
        value, failure = None, None
        try:
            exec("\n".join(lines), self.names)
            if "=" in last or last.startswith("#"):
                exec(last, self.names)
            elif last.strip():
                value = eval(last, self.names)
        except Exception as error:
            failure = error
        verdict = self.lesson.after(value, self, failure)
        return done, "" if verdict is None else str(verdict)


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
    assert [done.partition("\n")[0] for done, _ in said] == [
        "",
        "",
        "The cell “say who you are” is not answered yet, so its step was done for you:",
        'The prediction of "MAIL FROM:<alice@lab.example>" is not made yet, so the line was sent without it:',
        "The cell “name Bob” is not answered yet, so its step was done for you:",
    ]
    assert "C: RCPT TO:<bob@lab.example>\nS: 250 " in said[-1][0]
    assert [verdict[:7] for _, verdict in said] == ["", "not yet", "", "not yet", ""]
    assert codes(notebook) == [220, 250, 250, 250]


def test_a_step_is_done_once(connected: Notebook) -> None:
    assert "done for you" in connected.cell(MAIL)[0]
    assert connected.cell(LOOK)[0].startswith("The cell “name Bob”")
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
    assert said[-1] == ("", "ok: The message was answered with done (250).")


def test_what_was_said_in_a_cell_of_the_students_own_counts(connected: Notebook) -> None:
    connected.cell(given(1))
    assert connected.cell('session.send("HELO laptop.example")') == ("", "")
    assert connected.cell(given(2)) == ("", "")


def test_the_hint_comes_by_itself_at_the_second_try(connected: Notebook) -> None:
    wrong = given(1) + 'session.send("HELLO a")'
    assert "Hint" not in connected.cell(wrong)[1]
    assert "Hint: The verb is short for hello." in connected.cell(wrong)[1]


def test_a_hint_is_given_first_and_then_an_answer(connected: Notebook) -> None:
    assert connected.lesson.hint() == "Hint for “say who you are”: The verb is short for hello."
    assert connected.lesson.hint() == 'One answer to “say who you are”:\nsession.send("HELO laptop.example")'
    connected.cell(CELLS[1].source)
    assert "RCPT" in connected.lesson.hint()  # it has no hint, so the answer comes at once
    connected.cell(CELLS[2].source)
    connected.cell(CELLS[3].source)
    assert "no open task" in connected.lesson.hint()


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
    steps = list(notebook.lesson.before(LOOK, "", notebook))  # no session is there
    assert "its step failed: name 'session' is not defined." in str(steps[0])


def test_a_session_that_is_over_fails_the_step_in_a_sentence(connected: Notebook) -> None:
    connected.cell('session.send("QUIT")')
    done, _ = connected.cell(LOOK)
    assert done == f"The session ended with QUIT. Run the cell with `{CONNECT}` again, then the cells below it."


def test_a_prediction_in_a_session_that_is_over_says_which_cell_opens_it_again(notebook: Notebook) -> None:
    cells = cells_of(tutorial(CONNECT, 'session.predict("NOOP").answer("done")'))
    notebook.lesson = Lesson("a", cells)
    notebook.cell(CONNECT)
    assert notebook.cell(cells[1].given) == ("", "")
    notebook.cell('session.send("QUIT")')
    way = f"The session ended with QUIT. Run the cell with `{CONNECT}` again, then this one."
    assert notebook.cell(cells[1].given) == ("", f"not yet: {way}")


def test_to_go_back_and_run_a_cell_again_does_nothing_twice(notebook: Notebook) -> None:
    for cell in CELLS:
        notebook.cell(cell.source)
    before = codes(notebook)
    assert notebook.cell(LOOK) == ("", "")
    assert codes(notebook) == before


def test_of_two_cells_with_the_same_text_the_next_one_is_meant() -> None:
    lesson = Lesson("a", cells_of(tutorial(LOOK, HELO, LOOK)))
    notebook = Notebook()
    notebook.lesson = lesson
    notebook.run(CONNECT)
    assert notebook.cell(LOOK)[0] == ""
    assert "done for you" in notebook.cell(LOOK)[0]


def test_steps_are_shown_in_a_notebook_line_by_line(connected: Notebook) -> None:
    [step, *_] = connected.lesson.before(LOOK, "", connected)
    assert "“say who you are”" in step._repr_html_()
    assert "C: HELO laptop.example" in step._repr_html_()


def test_a_step_in_which_nothing_was_said_is_told_with_a_full_stop() -> None:
    assert str(DoneForYou("It was done for you:")) == "It was done for you."


def test_a_session_that_is_missing_is_named(notebook: Notebook) -> None:
    task, settings = HELO
    settings = {"goal": {"said": ["250 HELO"], "session": "mine"}}
    cells = cells_of(tutorial(CONNECT, (task, settings)))
    notebook.lesson = Lesson("a", cells)
    missing = "There is no session called mine yet; open one as the task says, or run the cells above first."
    assert notebook.cell(cells[1].given) == ("", f"not yet: {missing}\n`%hint` helps.")


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


BEFORE = (
    "This step was done for you when you ran a later cell; to do it yourself, run the notebook from its first cell."
)


def test_a_step_that_was_done_for_the_student_is_told_so_when_he_comes_back(connected: Notebook) -> None:
    connected.cell(LOOK)
    assert connected.cell(given(1) + "session.send('NOOP')") == ("", f"not yet: {BEFORE}")
    assert connected.lesson.hint() == f"Hint for “say who you are”: The verb is short for hello.\n{BEFORE}"
    assert connected.cell(given(2))[0] == BEFORE
    assert connected.cell(given(1) + "session.send('HELO laptop.example')")[1].startswith("ok")
    assert connected.cell(given(1) + "session.send('HELO laptop.example')")[1].startswith("ok")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("QUIT", 'In Python a line stands in quotes: `session.send("...")`.'),
        ("session.send(HELO)", 'In Python a line stands in quotes: `session.send("...")`.'),
        ("HELO laptop.example", 'In Python a line stands in quotes: `session.send("...")`.'),
        ("sesion.send('HELO a')", "There is no `sesion` here; the session of this task is called `session`."),
        ("session.sent('HELO a')", 'A line is sent with `session.send("...")`.'),
        ("session.send(1 / 0)", "The cell ended in an error: division by zero."),
    ],
)
def test_a_slip_in_python_is_told_and_no_older_line_is_judged(connected: Notebook, line: str, reason: str) -> None:
    connected.cell(given(1) + "session.send('HELO other.example')")
    verdict = connected.cell(f"{given(1)}{line}")[1]
    assert verdict.startswith(f"not yet: {reason}")
    assert "other.example" not in verdict


def test_a_line_that_was_refused_counts_more_than_the_error_behind_it(connected: Notebook) -> None:
    verdict = connected.cell(given(1) + "session.send('HELO')\n1 / 0")[1]
    assert "`HELO` was answered with never (501)" in verdict


def test_a_message_that_ended_without_its_line_lets_the_notebook_go_on() -> None:
    begin = 'session.send("HELO a\\nMAIL FROM:<>\\nRCPT TO:<bob@lab.example>\\nDATA")'
    body = (
        '# Now you: send the body.\nsession.send("A test\\n.")',
        {"goal": {"lines": ["A test"], "said": ["250 ."]}},
    )
    cells = cells_of(tutorial(CONNECT, begin, body, LOOK))
    notebook = Notebook()
    notebook.lesson = Lesson("a", cells)
    notebook.cell(cells[0].source)
    notebook.cell(cells[1].source)
    verdict = notebook.cell(f"{cells[2].given}session.send('A tst')\nsession.send('.')")[1]
    assert "The message is with the server now; go on, or run the notebook again" in verdict
    assert notebook.cell(LOOK) == ("", "")


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
    return notebook.cell(f"{notebook.lesson.cells[1].given}{answer}")[1].removesuffix("`%hint` helps.").rstrip()


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (
            "mine.send('NOOP')",
            'not yet: There is no `mine` yet; open it first with `mine = lab.telnet("...", 25)`.',
        ),
        (
            "mine = telnet('mail.lab.example', 25)",
            'not yet: A session is opened with `lab.telnet("...", 25)`.',
        ),
        (
            "mine = lab.telnet('mail.campus.example', 25)",
            "not yet: `mine` is a session with mail.campus.example, and the task wants one with mail.lab.example; open "
            "it again with `mine = telnet mail.lab.example`.",
        ),
        (
            "mine = lab.telnet('mail.lab.example', 25)\nmine.send('QUIT')",
            "not yet: You said `QUIT`; missing before it: `HELO`.\nTo try again, open `mine` anew in this cell and say "
            "all its lines.",
        ),
        (
            "mine = lab.telnet('mail.lab.example', 25)\nsession.send('HELO a')",
            'not yet: You sent it in `session`; this step is about `mine`: `mine.send("...")`.',
        ),
    ],
)
def test_a_slip_with_the_session_of_the_task_is_named(alone: Notebook, answer: str, verdict: str) -> None:
    assert in_mine(alone, answer) == verdict


def test_a_session_with_the_wrong_host_is_no_answer_whatever_was_said_in_it(alone: Notebook) -> None:
    said = "\nmine.send('HELO laptop.example\\nQUIT')"
    assert in_mine(alone, f"mine = lab.telnet('mail.campus.example'){said}").startswith("not yet: ")
    assert in_mine(alone, f"mine = lab.telnet('mail.lab.example'){said}").startswith("ok: ")


def test_a_line_in_a_session_that_is_closed_is_told_the_session_of_the_task(alone: Notebook) -> None:
    alone.cell("session.send('QUIT')")
    verdict = in_mine(alone, "mine = lab.telnet('mail.lab.example')\nsession.send('HELO a')")
    assert verdict.startswith("not yet: You wrote to a session that is closed; this step is about `mine`")


def test_a_session_that_is_over_is_told_how_a_new_one_begins(connected: Notebook) -> None:
    verdict = connected.cell(f"{given(1)}session.send('QUIT')")[1]
    way = f"The session ended with QUIT. Run the cell with `{CONNECT}` again, then this one."
    assert way in verdict
    again = "session = lab.telnet('mail.lab.example')\nsession.send('HELO laptop.example')"
    assert connected.cell(f"{given(1)}{again}")[1].startswith("ok: ")


@pytest.mark.parametrize("answer", ["", "session.send('HELO laptop.example')"])
def test_an_open_cell_in_a_session_that_is_over_has_the_way_back_alone(connected: Notebook, answer: str) -> None:
    connected.cell('session.send("QUIT")')
    way = f"The session ended with QUIT. Run the cell with `{CONNECT}` again, then this one."
    assert connected.cell(given(1) + answer)[1] == f"not yet: {way}"


def test_a_goodbye_that_is_run_again_was_said_before(connected: Notebook) -> None:
    goodbye = ("# Now you: say goodbye.\nsession.send('QUIT')", {"goal": {"said": ["221 QUIT"]}})
    connected.lesson = Lesson("a", cells_of(tutorial(CONNECT, goodbye)))
    assert connected.cell(goodbye[0])[1].startswith("ok: `QUIT` was answered with done (221)")
    assert connected.cell(goodbye[0])[1].startswith("ok: This step was done before")


def test_a_session_that_was_opened_elsewhere_is_told_what_opens_a_new_one(notebook: Notebook) -> None:
    notebook.lesson = Lesson("a", cells_of(tutorial("lab.zone", HELO)))
    notebook.run(CONNECT)
    verdict = notebook.cell(f"{given(1)}session.send('QUIT')")[1]
    assert "The session is over; `session = telnet mail.lab.example` opens a new one, in which HELO comes" in verdict


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
    ("before", "cell", "way"),
    [
        (
            'session.send("QUIT")',
            2,
            f"The session ended with QUIT. Run the cell with `{CONNECT}` again, then this one.",
        ),
        ("session.close()", 2, f"The session ended. Run the cell with `{CONNECT}` again, then this one."),
        ('other.send("QUIT")', 4, f"The session ended with QUIT. Run the cell with `{OTHER}` again, then this one."),
        (
            'other.send("QUIT")',
            5,
            f"The session ended with QUIT. Run the cell with `{OTHER}` again, then the cells below it.",
        ),
        (
            'third.send("QUIT")',
            7,
            "The session ended with QUIT. Run the cell “open a session called third” again, then this one.",
        ),
    ],
)
def test_a_cell_after_the_end_of_its_session_says_which_cell_opens_it_again(before: str, cell: int, way: str) -> None:
    notebook = Notebook()
    notebook.lesson = Lesson("a", ENDS)
    notebook.run(CONNECT)
    for each in ENDS[1:cell]:
        notebook.cell(each.source)
    notebook.cell(before)
    assert notebook.cell(ENDS[cell].source) == ("", f"not yet: {way}")


def test_another_error_after_the_end_of_a_session_is_not_told_of_it(connected: Notebook) -> None:
    connected.lesson = Lesson("a", cells_of(tutorial(CONNECT, "lab.mailbox('nobody')", "nothing.send('NOOP')")))
    connected.cell('session.send("QUIT")')
    assert connected.cell("lab.mailbox('nobody')") == ("", "")
    assert connected.cell("nothing.send('NOOP')") == ("", "")


def test_a_right_answer_that_is_run_again_stays_right(connected: Notebook) -> None:
    connected.cell(CELLS[1].source)
    connected.cell(CELLS[2].source)
    connected.cell(CELLS[3].source)
    assert connected.cell(given(3))[1] == (
        "ok: This step was done before, and you can go on; this time: nothing was sent; type your line in this cell, "
        "below the task, and run it again."
    )


@pytest.mark.parametrize("ask", ["question = {}", '{}.answer("done")', 'question = {}\nquestion.answer("done")'])
def test_a_prediction_with_a_name_is_sent_once(connected: Notebook, ask: str) -> None:
    connected.cell(CELLS[1].source)
    connected.cell(ask.format(CELLS[2].given))
    connected.cell("session.transcript")
    if not ask.endswith('("done")'):
        connected.cell('question.answer("done")')
    assert connected.cell(CELLS[3].source) == ("", "ok: `RCPT TO:<bob@lab.example>` was answered with done (250).")
    assert connected.cell(LOOK) == ("", "")
    assert codes(connected) == [220, 250, 250, 250]


def test_a_step_that_was_taken_in_a_cell_of_the_students_own_stays_done(connected: Notebook) -> None:
    connected.cell('session.send("HELO laptop.example")')
    connected.cell(CELLS[2].source)
    assert connected.cell(CELLS[3].source)[0] == ""
    assert connected.cell(LOOK) == ("", "")
    assert codes(connected) == [220, 250, 250, 250]


def test_steps_that_fail_for_one_reason_are_told_once_and_counted(notebook: Notebook) -> None:
    [told] = notebook.lesson.before(LOOK, "", notebook)
    assert str(told) == (
        "The cell “say who you are” is not answered yet, and its step failed: name 'session' is not defined. So did 2 "
        "steps below it. Run the notebook from its top."
    )


def test_a_message_that_was_let_pass_is_not_done_again_after_the_next_step() -> None:
    begin = 'session.send("HELO a\\nMAIL FROM:<>\\nRCPT TO:<bob@lab.example>\\nDATA")'
    body = (
        '# Now you: send the body.\nsession.send("A test\\n.")',
        {"goal": {"lines": ["A test"], "said": ["250 ."]}},
    )
    goodbye = ("# Now you: say goodbye.\nsession.send('QUIT')", {"goal": {"said": ["221 QUIT"]}})
    cells = cells_of(tutorial(CONNECT, begin, body, goodbye, LOOK))
    notebook = Notebook()
    notebook.lesson = Lesson("a", cells)
    notebook.cell(cells[0].source)
    notebook.cell(cells[1].source)
    notebook.cell(f"{cells[2].given}session.send('A tst\\n.')")
    assert notebook.cell(cells[3].source)[1].startswith("ok: ")
    assert notebook.cell(LOOK) == ("", "")
    assert "was done for you" not in notebook.cell(f"{cells[2].given}session.noop")[1]
