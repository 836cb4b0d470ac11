"""Cells that run again: the first one starts over, and any other says that the session has moved on."""

from __future__ import annotations

import pytest

from smtplab.jupyter.engine import Engine
from support.cells import LAB, LECTURE, TO_THE_MESSAGE, done, failure

FIRST = f"telnet {LAB} 25"
NOTEBOOK = (
    FIRST,
    "HELO client.example",
    "MAIL FROM:<a@b.example>\nRCPT TO:<bob@lab.example>",
    "DATA",
    "Subject: Hello\n",
    "Bob\n.",
    "%mailbox",
    "%fork dare",
    "QUIT",
    "%switch main\n%predict 502 TURN",
    "%timeout 3",
)
REMARK = "= this cell ran before"


def texts(engine: Engine, cells: tuple[str, ...] = NOTEBOOK) -> list[str]:
    return [done(engine, cell).text for cell in cells]


def run(engine: Engine, cell: str, cell_id: str) -> str:
    step = engine.run(cell, cell_id=cell_id)
    assert step.failure is None
    return step.text


# Start over


def test_every_run_of_a_notebook_gives_the_same_outputs(engine: Engine) -> None:
    first = texts(engine)
    assert texts(engine) == first
    assert texts(engine) == first


@pytest.mark.parametrize("cells_done", range(1, len(NOTEBOOK)))
def test_a_run_that_stopped_anywhere_does_not_change_the_next(engine: Engine, cells_done: int) -> None:
    texts(engine, NOTEBOOK[:cells_done])
    assert texts(engine) == texts(Engine(seconds=0.5))


def test_cells_before_the_first_telnet_may_run_again_and_nothing_is_lost(engine: Engine) -> None:
    done(engine, "%hosts")
    texts(engine)
    done(engine, "%hosts")
    assert set(engine.sessions) == {"main", "dare"}


def test_another_cell_that_opens_a_session_keeps_the_mail(engine: Engine) -> None:
    texts(engine)
    done(engine, f"telnet {LAB}")
    assert len(engine.lab.mailbox("bob@lab.example")) == 1


def test_cells_with_the_same_text_are_told_apart_by_their_ids(engine: Engine) -> None:
    run(engine, FIRST, "a")
    session = engine.open_session()
    run(engine, "HELO client.example", "b")
    assert "given up" in run(engine, FIRST, "c")
    assert run(engine, FIRST, "a").startswith("= Trying")
    assert session.closed


def test_a_line_magic_never_starts_over(engine: Engine) -> None:
    engine.run(FIRST, cell_id=None)
    lab = engine.lab
    engine.run(FIRST, cell_id=None)
    assert engine.lab is lab


def test_a_call_that_fails_is_not_the_first(engine: Engine) -> None:
    failure(engine, "telnet nowhere.example")
    texts(engine)
    failure(engine, "telnet nowhere.example")
    assert engine.lab.mailbox("bob@lab.example")


@pytest.mark.parametrize("cell", ["%lab new", "%LAB NEW", "%lab  new"])
def test_lab_new_starts_over(engine: Engine, cell: str) -> None:
    texts(engine)
    sessions = [each.session for each in engine.sessions.values()]
    assert "telnet" in done(engine, cell).text
    assert all(session is not None and session.closed for session in sessions)
    assert list(engine.sessions) == ["main"]
    assert engine.session is None
    assert engine.lab.mailbox("bob@lab.example") == []
    assert engine.seconds == 0.5
    assert texts(engine) == texts(Engine(seconds=0.5))


def test_lab_new_gives_up_a_message_that_was_begun(engine: Engine) -> None:
    texts(engine, NOTEBOOK[:5])
    done(engine, "%lab new")
    assert not engine.in_message


def test_lab_new_keeps_the_exercise_and_the_student(engine: Engine) -> None:
    done(engine, "%student mia\n%exercise 03-every-reply-has-a-cause")
    handed = engine.exercise
    done(engine, "%lab new")
    assert (engine.student, engine.exercise) == ("mia", handed)


# A session that has moved on


@pytest.mark.parametrize(
    ("cells", "again"),
    [
        ((FIRST, "HELO client.example"), "HELO client.example"),
        ((FIRST, "HELO client.example", TO_THE_MESSAGE), "HELO client.example"),
        ((FIRST, "HELO client.example", TO_THE_MESSAGE, "Subject: Hello", "."), "Subject: Hello"),
        ((FIRST, "HELO client.example", TO_THE_MESSAGE, "Subject: Hello", "."), "."),
        ((FIRST, "HELO client.example", TO_THE_MESSAGE), TO_THE_MESSAGE),
    ],
)
def test_a_cell_that_runs_again_after_the_session_moved_on_is_told_so_in_one_line(
    engine: Engine, cells: tuple[str, ...], again: str
) -> None:
    for cell in cells:
        assert REMARK not in engine.run(cell).text
    lines = engine.run(again).text.splitlines()
    assert [line.startswith(REMARK) for line in lines] == [True, *[False] * (len(lines) - 1)]


@pytest.mark.parametrize("cell", ["NOOP", "HELP", "VRFY bob", "%legal", "%why", "# a remark"])
def test_a_cell_that_runs_again_in_the_same_state_needs_no_remark(ready: Engine, cell: str) -> None:
    done(ready, "NOOP")
    done(ready, cell)
    assert REMARK not in done(ready, cell).text


def test_a_directive_that_only_shows_may_run_again_anywhere(ready: Engine) -> None:
    done(ready, "%legal")
    done(ready, "MAIL FROM:<a@b.example>")
    assert REMARK not in done(ready, "%legal").text


def test_a_cell_that_was_refused_too_early_may_run_again(ready: Engine) -> None:
    assert "503" in done(ready, "DATA").text
    done(ready, "MAIL FROM:<a@b.example>\nRCPT TO:<bob@lab.example>")
    assert REMARK not in done(ready, "DATA").text


def test_after_undo_a_cell_may_run_again(ready: Engine) -> None:
    done(ready, "MAIL FROM:<a@b.example>")
    done(ready, "%undo")
    assert REMARK not in done(ready, "MAIL FROM:<a@b.example>").text


def test_a_new_session_and_another_message_need_no_remark(ready: Engine) -> None:
    message = (TO_THE_MESSAGE, "Subject: Hello", ".")
    for cell in message * 2:
        assert REMARK not in done(ready, cell).text
    done(ready, f"telnet {LECTURE}")
    assert REMARK not in done(ready, "HELO client.example").text


def test_a_cell_with_another_id_or_another_text_is_another_cell(engine: Engine) -> None:
    run(engine, FIRST, "a")
    run(engine, "HELO client.example", "b")
    assert REMARK not in run(engine, "HELO client.example", "c")
    assert REMARK not in run(engine, "EHLO client.example", "b")
    assert REMARK in run(engine, "HELO client.example", "b")


# A fork


def test_a_cell_with_a_fork_makes_it_anew_when_it_runs_again(engine: Engine) -> None:
    run(engine, f"{FIRST}\nHELO a", "one")
    for _ in range(2):
        text = run(engine, "%fork dare\nMAIL FROM:<a@b.example>", "two")
        assert "dare stands where main stands" in text
        assert "S: 250 Sender <a@b.example> ok" in text
    assert sorted(engine.sessions) == ["dare", "main"]


def test_another_cell_needs_another_name_for_its_fork(engine: Engine) -> None:
    run(engine, f"{FIRST}\nHELO a", "one")
    run(engine, "%fork dare", "two")
    assert "already" in str(engine.run("%fork dare", cell_id="three").failure)
    assert "already" in str(engine.run("%fork main", cell_id="two").failure)
