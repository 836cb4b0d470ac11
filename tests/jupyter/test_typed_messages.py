"""In the SMTP kernel an empty line below a task ends a header; where a cell sends none, the verdict says how."""

import pytest

from smtplab.jupyter.directives.lessons import _TypedWorkspace
from smtplab.jupyter.engine import Engine
from smtplab.lessons.cells import cells_of
from smtplab.lessons.lesson import Lesson
from support.cells import LAB
from support.lesson_sentences import says
from support.tutorials import tutorial

TASK = "%now you: send the message, and end it"
RCPT = "%now you: name Bob, and check it: %expect 250"
CELLS = cells_of(
    tutorial(
        f"telnet {LAB} 25\nHELO a\nMAIL FROM:<>",
        (
            f"{RCPT}\nRCPT TO:<bob@lab.example>\n%expect 250",
            {"goal": {"said": ["250 RCPT"]}, "written": ["%expect 250"]},
        ),
        "DATA",
        (f"{TASK}\nSubject: x\n\nHi\n.", {"goal": {"said": ["250 ."], "text": ["Subject: x", "", "Hi"]}}),
        language="smtp",
    )
)
GOES_ON = "= no reply: the message goes on"


class Notebook:
    def __init__(self) -> None:
        self.engine = Engine()
        self.lesson, self.workspace = Lesson("a", CELLS), _TypedWorkspace(self.engine)

    def cell(self, at: int, text: str) -> tuple[str, str]:
        """Run a cell of the tutorial with another text; return what it shows, and the verdict."""
        list(self.lesson.before(text, CELLS[at].id, self.workspace))
        result = self.engine.run(text, cell_id=CELLS[at].id)
        verdict = self.lesson.after(result.value, self.workspace, result.failure)
        return result.text, str(verdict or "")

    @property
    def lines(self) -> list[str]:
        assert self.engine.session is not None
        said = [row.text for row in self.engine.session.transcript if row.side.value == "C"]
        return said[said.index("DATA") + 1 :] if "DATA" in said else said


@pytest.fixture
def connected() -> Notebook:
    notebook = Notebook()
    notebook.cell(0, CELLS[0].source)
    return notebook


@pytest.fixture
def in_data(connected: Notebook) -> Notebook:
    connected.cell(1, CELLS[1].source)
    connected.cell(2, "DATA")
    return connected


def test_that_the_message_goes_on_is_said_when_it_has_a_line(connected: Notebook) -> None:
    connected.cell(1, CELLS[1].source)
    assert GOES_ON not in connected.cell(2, "DATA")[0]
    assert GOES_ON in connected.cell(3, f"{TASK}\nSubject: x")[0]


def test_an_empty_line_below_the_task_ends_the_header_that_was_begun(in_data: Notebook) -> None:
    in_data.cell(3, f"{TASK}\nSubject: x")
    assert in_data.cell(3, f"{TASK}\n\n\nHi\n.")[1].startswith("ok: ")
    assert in_data.lines == ["Subject: x", "", "Hi", "."]


def test_an_empty_line_below_the_task_is_room_before_the_header_and_behind_it(in_data: Notebook) -> None:
    in_data.cell(3, f"{TASK}\n\nSubject: x\n\nHi")
    assert in_data.cell(3, f"{TASK}\n\n.")[1].startswith("ok: ")
    assert in_data.lines == ["Subject: x", "", "Hi", "."]


def test_a_cell_of_empty_lines_names_the_directive_that_sends_one(in_data: Notebook) -> None:
    in_data.cell(3, f"{TASK}\nSubject: x")
    _, verdict = in_data.cell(3, f"{TASK}\n\n\n")
    assert says(verdict, "BLANKS_ALONE", "%send")
    assert in_data.lines == ["Subject: x"]
    assert in_data.cell(3, f"{TASK}\n%send\nHi\n.")[1].startswith("ok: ")


def test_text_without_the_empty_line_before_it_is_told_with_the_undo_at_once(in_data: Notebook) -> None:
    _, verdict = in_data.cell(3, f"{TASK}\nSubject: x\nHi")
    assert says(verdict, "TOO_LATE", "`Hi`")
    assert "`%undo 1`" in verdict


def test_a_check_above_its_line_is_told_to_stand_below(connected: Notebook) -> None:
    for line in ("NOOP", "DATA"):  # the last reply is 250, and then another one
        connected.engine.run(line)
        _, verdict = connected.cell(1, f"{RCPT}\n%expect 250\nRCPT TO:<bob@lab.example>")
        assert says(verdict, "EXPECT_ABOVE", "`%expect 250`")


def test_an_untouched_task_in_a_message_is_told_as_empty(in_data: Notebook) -> None:
    assert says(in_data.cell(3, TASK)[1], "NOTHING_SENT")


def test_a_prediction_says_once_that_a_bullet_is_not_the_dot(in_data: Notebook) -> None:
    in_data.cell(3, f"{TASK}\nSubject: x")
    assert in_data.engine.run("%predict no-reply •").text.count("a bullet is not a dot") == 1
