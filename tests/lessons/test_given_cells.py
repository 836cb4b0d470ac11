"""What a cell does is read from its text: it opens a session, speaks in it, changes the lab, or only looks."""

import pytest

from smtplab.lessons.cells import Kind, LessonCell, cells_of
from smtplab.lessons.given_cells import (
    acts,
    forks,
    lets_time_pass,
    line_that_acts,
    lines_sent,
    opens,
    show_all_mail,
    speaks,
)
from support.tutorials import tutorial


def given(source: str, *, typed: bool = False) -> LessonCell:
    return LessonCell("a", Kind.RUN, source, source, typed=typed)


def test_a_cell_with_the_review_does_nothing_on_which_another_builds() -> None:
    assert not acts(given('import smtplab\n\nreview = smtplab.review("02-x")\nreview'))
    assert not acts(given("%review 02-x", typed=True))


@pytest.mark.parametrize(
    "source",
    [
        'lab.down("mail.lab.example")',
        "lab.run(hours=1)\nlab.queue('mail.lab.example')",
        "host.mailboxes['bob'].busy = True",
        'print(session.send("HELP"))',
        "import pandas",
        "for each in labs:\n    each.run()",
        "try:\n    broken.send_bytes(b'NOOP')\nexcept ValueError:\n    pass",
        "with smtplab.serve() as server:\n    pass",
        "%%time\nlab.run()",
    ],
)
def test_a_cell_on_which_others_build_acts(source: str) -> None:
    assert acts(given(source))


@pytest.mark.parametrize(
    "source", ["session.transcript", 'lab.queue("a")', "print(lab.mailbox('a')[-1])", "# a remark"]
)
def test_a_cell_that_looks_does_not_act(source: str) -> None:
    assert not acts(given(source))


@pytest.mark.parametrize(
    ("source", "does"),
    [
        ("%why\n%ladder", False),
        ("# a remark", False),
        ("%why\nNOOP", True),
        ("%undo", True),
        ("%%py\n1 + 1", True),
        ("%lab new queues", True),
        ("%predict done NOOP", True),
    ],
)
def test_a_typed_cell_acts_if_it_sends_or_changes_something(source: str, does: bool) -> None:
    assert acts(given(source, typed=True)) is does


def test_a_session_is_opened_by_an_assignment_to_its_name() -> None:
    assert opens('x = 1\nother = lab.telnet("a")', "other", typed=False)
    assert opens('other=lab.telnet("a")', "other", typed=False)
    assert not opens('another = lab.telnet("a")', "other", typed=False)
    assert not opens("other == 1", "other", typed=False)
    assert not opens("other==1", "other", typed=False)


@pytest.mark.parametrize("line", ["telnet a 25", "$ telnet a 25", "Connect a", "%fork b", "%switch main", "%lab new"])
def test_a_typed_session_is_opened_or_switched_also_by_a_pasted_page(line: str) -> None:
    assert opens(f"%why\n{line}", "session", typed=True)
    assert not opens("NOOP telnet", "session", typed=True)


def test_a_cell_speaks_in_a_session_in_which_it_sends() -> None:
    assert speaks(given("other.send_bytes(b'')"), "other")
    assert not speaks(given("another.send('')"), "other")
    assert not speaks(given("other.transcript"), "other")
    assert speaks(given("%why\nFrom: a", typed=True), "session")
    assert not speaks(given("telnet a", typed=True), "session")
    assert speaks(given("%fork a", typed=True), "session")  # a copy of a session that is over is over, too
    assert speaks(given("a = session.fork()"), "session")
    assert not speaks(given("%%py\nx = 1", typed=True), "session")


def test_an_open_cell_speaks_only_if_its_goal_wants_something_said() -> None:
    wait = ("# Now you: wait.\nlab.run()", {"goal": {"mail": "bob@lab.example: a"}})
    say = ("# Now you: say.\nsession.send('NOOP')", {"goal": {"said": ["250 NOOP"]}})
    waits, says, asks = cells_of(tutorial(wait, say, 'session.predict("NOOP").answer("done")'))
    assert [speaks(cell, "session") for cell in (waits, says, asks)] == [False, True, True]
    assert not speaks(asks, "other")


def test_a_cell_is_named_by_the_line_that_acts() -> None:
    assert line_that_acts(given("import a\n\nlab.hosts\nlab.run()")) == "lab.run()"
    assert line_that_acts(given("import a\n\nfor x in y:\n    x.run()")) == "for x in y:"
    assert line_that_acts(given("%why\nNOOP", typed=True)) == "NOOP"
    assert line_that_acts(given("%%py\nsession = %smtp\nlab.run()", typed=True)) == "session = %smtp"


def test_a_cell_that_copies_a_session_is_known() -> None:
    assert forks(given("%fork a", typed=True))
    assert forks(given("a = session.fork()"))
    assert not forks(given("session.transcript"))


def test_the_lines_that_a_given_cell_sends_are_those_in_its_text() -> None:
    assert lines_sent(given('a.send("From: a")\na.send("")\na.send(x)')) == ["From: a", ""]
    assert lines_sent(given("%why\nFrom: a\n\nTo: b", typed=True)) == ["From: a", "To: b"]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('lab.mailbox("bob@lab.example")', True),
        ('len(lab.mailbox("bob@lab.example"))', True),
        ("%mailbox bob@lab.example", True),
        ('print(lab.mailbox("bob@lab.example")[-1])', False),
        ('lab.mailbox("carol@lab.example")', False),
        ('lab.queue("mail.lab.example")', True),
        ("%queue", True),
        ("session.transcript", False),
    ],
)
def test_a_cell_show_all_mail_unless_it_takes_the_last_message(source: str, shown: bool) -> None:
    assert show_all_mail([given(source)], {"bob@lab.example"}) is shown


@pytest.mark.parametrize(
    ("sources", "shown"),
    [
        (["lab.run()", 'lab.queue("mail.lab.example")'], False),
        (['lab.run(hours=1)\nlab.queue("mail.lab.example")'], False),
        (['lab.queue("mail.lab.example")\nlab.run()'], True),
        (["%advance 1 h", "%queue"], False),
        (["lab.run()", 'lab.mailbox("bob@lab.example")'], True),
    ],
)
def test_a_queue_shows_a_message_until_time_passes(sources: list[str], shown: bool) -> None:
    assert show_all_mail(map(given, sources), {"bob@lab.example"}) is shown


def test_a_task_shows_nothing() -> None:
    task = '# Now you: look.\nlab.mailbox("bob@lab.example")'
    assert not show_all_mail([LessonCell("a", Kind.OPEN, task, task)], ())


@pytest.mark.parametrize(
    ("source", "passes"),
    [
        ("lab.run(hours=1)", True),
        ("for each in days:\n    lab.run(hours=each)", True),
        ("lab.run()", False),  # nothing happens if no host has mail
        ("%advance 1 h", True),
        ("lab.queue(host)", False),
    ],
)
def test_a_cell_lets_a_certain_time_pass(source: str, passes: bool) -> None:
    assert lets_time_pass(given(source)) is passes
