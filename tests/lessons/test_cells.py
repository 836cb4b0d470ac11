"""The student's version of a tutorial has tasks and questions, and no answers."""

import json

import pytest

from smtplab.lessons.cells import Kind, cells_of, delivered, tasks
from support.tutorials import tutorial

GOAL = {"goal": {"said": ["250 HELO"]}, "hint": "The verb is HELO."}
OPEN = '# Now you: say who you are. Your machine is\n# laptop.example.\nsession.send("HELO laptop.example")'
TYPED = "%now you: say who you are; your machine is laptop.example\nHELO laptop.example"


def given(source: str, language: str = "python") -> str:
    notebook = json.loads(delivered(tutorial((source, GOAL), language=language)))
    return "".join(notebook["cells"][0]["source"])


@pytest.mark.parametrize(
    ("language", "source", "left"),
    [
        ("python", OPEN, "# Now you: say who you are. Your machine is\n# laptop.example.\n"),
        ("python", '# Now you: leave.\n\nsession.send("QUIT")\n# done', "# Now you: leave.\n"),
        ("smtp", TYPED, "%now you: say who you are; your machine is laptop.example\n"),
        ("smtp", "%now you: write it\n# a line of the message\n.", "%now you: write it\n"),
    ],
)
def test_an_open_cell_keeps_its_task_alone(language: str, source: str, left: str) -> None:
    assert given(source, language) == left


@pytest.mark.parametrize(
    ("language", "source", "left"),
    [
        ("python", 'session.predict("DATA").answer("go on")', 'session.predict("DATA")'),
        ("python", 'session.predict("DATA").answer(354)\n', 'session.predict("DATA")'),
        (
            "python",
            'session.send("NOOP")\nsession.predict("MAIL FROM:<a@b.example>").answer(None)',
            'session.send("NOOP")\nsession.predict("MAIL FROM:<a@b.example>")',
        ),
        ("smtp", "%predict go-on DATA", "%predict ? DATA"),
        ("smtp", "%predict no reply •", "%predict ? •"),
        ("smtp", "telnet mail.lab.example 25\n%predict 503 TURN", "telnet mail.lab.example 25\n%predict ? TURN"),
    ],
)
def test_a_prediction_loses_its_answer(language: str, source: str, left: str) -> None:
    assert given(source, language) == left


@pytest.mark.parametrize(
    "source", ['session.send("NOOP")', "question.answer(354)", "# Now, look at this\nsession.state", "print(1)"]
)
def test_any_other_cell_stays_as_it_is_with_its_output(source: str) -> None:
    [cell] = json.loads(delivered(tutorial(source)))["cells"]
    assert "".join(cell["source"]) == source
    assert cell["outputs"]


def test_what_is_open_has_no_output_and_no_settings() -> None:
    notebook = json.loads(delivered(tutorial("lab", (OPEN, GOAL), 'session.predict("DATA").answer(354)')))
    assert [bool(cell["outputs"]) for cell in notebook["cells"]] == [True, False, False]
    assert [cell["execution_count"] for cell in notebook["cells"]] == [None, None, None]
    assert [cell["id"] for cell in notebook["cells"]] == ["cell-0", "cell-1", "cell-2"]
    assert b"smtplab" not in delivered(tutorial("lab", (OPEN, GOAL)))


def test_an_output_for_after_the_run_is_left_out() -> None:
    written = tutorial("lab", ("len(lab.mailbox('bob'))", {"output": "after the run"}))
    cells = json.loads(delivered(written))["cells"]
    assert [bool(cell["outputs"]) for cell in cells] == [True, False]
    assert "".join(cells[1]["source"]) == "len(lab.mailbox('bob'))"


def shown(*cells: str) -> list[bool]:
    """Return for each cell of code if its output is delivered; a text begins with ``text:``."""
    notebook = json.loads(tutorial(*cells))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if source.startswith("text:"):
            cell["cell_type"], cell["source"] = "markdown", [source.removeprefix("text:")]
    delivered_cells = json.loads(delivered(json.dumps(notebook).encode()))["cells"]
    return [bool(cell["outputs"]) for cell in delivered_cells if cell["cell_type"] == "code"]


FOLDED = "<details><summary>Open this after your answer</summary>\n\nIt is 10.\n\n</details>"


@pytest.mark.parametrize(
    ("cells", "left"),
    [
        (["text:Look.", "a", "b"], [True, True]),
        (["text:Which one? ", "a", "b", "text:So it is.", "c"], [False, False, True]),
        (["a", "text:Look.", "b", f"text:{FOLDED}", "c"], [True, False, True]),
        (["text:Look.", "a", f"text:{FOLDED}\n\nWhich one?", "b"], [False, False]),
        (["text:Which one? It looks it up.", "a"], [True]),
        ([f"text:Which one?\n\n{FOLDED}", "a"], [False]),
    ],
)
def test_what_answers_a_question_of_the_text_is_left_out(cells: list[str], left: list[bool]) -> None:
    assert shown(*cells) == left


@pytest.mark.parametrize(
    "task", [(OPEN, GOAL), 'session.predict("DATA").answer(354)', ("# Now you: guess.\nx = 1", GOAL)]
)
def test_no_output_below_the_first_task_is_delivered(task: object) -> None:
    cells = json.loads(delivered(tutorial("lab", task, "session.transcript", "session.state")))["cells"]
    assert [bool(cell["outputs"]) for cell in cells] == [True, False, False, False]


@pytest.mark.parametrize(
    ("language", "source", "secrets"),
    [
        ("python", OPEN, {"HELO laptop.example"}),
        ("python", '# Now you: go.\na.send("MAIL FROM:<a@b.c>\\nDATA\\n.")', {"MAIL FROM:<a@b.c>"}),
        ("smtp", "%now you: go\nRSET\nMAIL FROM:<a@b.c>\nDATA", {"MAIL FROM:<a@b.c>"}),
        ("python", 'session.predict("MAIL FROM:<a@b.c>").answer("done")', set()),
    ],
)
def test_the_lines_to_be_found_are_secrets(language: str, source: str, secrets: set[str]) -> None:
    [cell] = cells_of(tutorial((source, GOAL), language=language))
    assert cell.secrets == secrets


def test_to_deliver_twice_changes_nothing() -> None:
    once = delivered(tutorial('session.predict("DATA").answer(354)'))
    assert delivered(once) == once


@pytest.mark.parametrize("content", [b"", b"no notebook", b"[]", b"{}", b'{"cells": [1]}'])
def test_what_is_no_notebook_is_delivered_as_it_is(content: bytes) -> None:
    assert delivered(content) == content


def test_a_cell_says_what_it_asks_and_how_it_is_answered() -> None:
    plain, open_cell, prediction = cells_of(tutorial("lab", (OPEN, GOAL), 'first.predict("DATA").answer(354)'))
    assert tasks([plain, open_cell, prediction]) == [open_cell, prediction]
    assert (open_cell.kind, open_cell.task, open_cell.hint) == (Kind.OPEN, "say who you are", "The verb is HELO.")
    assert (open_cell.answer, open_cell.session) == ('session.send("HELO laptop.example")', "session")
    assert (prediction.kind, prediction.task) == (Kind.PREDICTION, '"DATA"')
    assert (prediction.answer, prediction.session) == ('first.predict("DATA").skip()', "first")


@pytest.mark.parametrize(
    "goal",
    [
        {},
        {"said": ["HELO laptop.example"]},
        {"says": ["250 HELO"]},
        {"said": [250]},
        {"said": 3},
    ],
)
def test_a_goal_that_is_not_understood_names_its_cell(goal: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="cell-0"):
        cells_of(tutorial((OPEN, {"goal": goal, "hint": "a"})))


def test_a_cell_is_known_by_its_text_and_an_open_one_by_its_task() -> None:
    plain, open_cell, prediction = cells_of(tutorial("lab", (OPEN, GOAL), 'first.predict("DATA").answer(354)'))
    assert plain.is_run_as(" lab\n")
    assert not plain.is_run_as("lab.hosts")
    assert open_cell.is_run_as(open_cell.given + "session.send('anything')")
    assert not open_cell.is_run_as('session.send("HELO laptop.example")')
    assert prediction.is_run_as('first.predict("DATA")')
    assert prediction.is_run_as('first.predict("DATA").answer("never")')
    assert not prediction.is_run_as('first.predict("QUIT")')
    assert prediction.is_run_as(prediction.source)


@pytest.mark.parametrize(
    ("task", "either"),
    [
        ("say what was missing", True),
        ("say HELO", False),
        ("say who you are, with the lecture's verb", False),
    ],
)
def test_ehlo_will_do_if_the_task_says_neither_helo_nor_the_lectures_verb(task: str, either: bool) -> None:
    source = f'# Now you: {task}.\nsession.send("HELO laptop.example")'
    [cell] = cells_of(tutorial((source, {"goal": {"said": ["250 HELO laptop.example"]}})))
    assert cell.goal is not None
    assert [each.either_hello for each in cell.goal.said] == [either]


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        (r"VE\bRFY alice", [r"VE\x08RFY alice"]),
        (r"Subject: x\n\nhello\n.", ["Subject: x", "", "hello", "."]),
        ("Grüße •", ["Grüße •"]),
        (r"half an escape \x1", [r"half an escape \x1"]),
    ],
)
def test_the_line_of_a_prediction_is_known_as_a_transcript_shows_it(written: str, lines: list[str]) -> None:
    (cell,) = cells_of(tutorial(f'session.predict("{written}").answer(500)'))
    assert cell.lines_asked_about == lines
