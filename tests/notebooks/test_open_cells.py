"""In every tutorial the student predicts, does, sees and reads: enough to do, and little to read at a time."""

import json
import re
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from notebooks.execute import TUTORIALS
from smtplab.lessons.cells import Kind, LessonCell, cells_of, delivered

PATHS = sorted(TUTORIALS.glob("*.ipynb"))

FEWEST_OPEN_CELLS = 5
FEWEST_PREDICTIONS = 2
MOST_WORDS_IN_A_PARAGRAPH = 80
MOST_WORDS = 1300  # of Markdown in a notebook
# How long a student takes, in seconds. English is a second language; the times are those of a slow reader who reads the
# tasks as well and looks at each output, and of somebody who thinks before he types or chooses. With them the shares
# come within four hundredths of those that readers counted who worked through the notebooks.
READ_A_WORD, LOOK_AT_AN_OUTPUT, THINK, TYPE_A_CHARACTER, PREDICT = 0.4, 12, 25, 0.4, 25
# How many cells were filled in when the student had nothing to write yet: now they are fewer.
FILLED_ONCE = {
    "00-start-here": 18,
    "01-the-lectures-session": 25,
    "01-type-the-lectures-session": 25,
    "02-the-fourteen-commands": 25,
    "02-type-the-fourteen-commands": 25,
    "03-the-twenty-one-replies": 25,
}
# What reads the outcome of a prediction is folded, so that nobody reads it before. The frame is not counted as words.
FOLD, UNFOLDED = "<details><summary>Open this after your answer</summary>", "</details>"
TELLS_NOTHING = {"text-45"}  # a text below a prediction that does not speak of its outcome
# Words that a reader whose second language is English may not have met, or may know in another meaning.
NOT_PLAIN = re.compile(r"\b(?:amid|amidst|mend(?:s|ed|ing)?|provok(?:e|es|ed|ing)|parts|hence|thereby|whilst)\b", re.I)
CLASS = re.compile(r"\b(?:done|go on|not now|never)\b", re.I)

every_tutorial = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def paragraphs(path: Path) -> list[str]:
    """Return the paragraphs of the Markdown; an item of a list is one, and a row of a table."""
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    text = text.replace(FOLD, "").replace(UNFOLDED, "")
    return [piece for piece in re.split(r"\n\s*\n|\n(?=[-|]|\d+\. )", text) if piece.strip()]


def words(text: str) -> list[str]:
    return [word for word in text.split() if re.search(r"\w", word)]


def of_kind(path: Path, kind: Kind) -> list[LessonCell]:
    return [cell for cell in cells_of(path.read_bytes()) if cell.kind is kind]


# What the student does


@every_tutorial
def test_the_student_writes_at_least_five_cells_himself(path: Path) -> None:
    assert len(of_kind(path, Kind.OPEN)) >= FEWEST_OPEN_CELLS


@every_tutorial
def test_the_student_predicts_at_least_twice(path: Path) -> None:
    assert len(of_kind(path, Kind.PREDICTION)) >= FEWEST_PREDICTIONS


def sent_beside(prediction: str) -> list[str]:
    """Return what the cell of a prediction sends beside its line, unless it sends it in a session that it opens."""
    lines = prediction.splitlines()
    if any("telnet" in line for line in lines):
        return []
    typed = any(line.startswith("%predict") for line in lines)
    return [line for line in lines if (not line.startswith("%") if typed else ".send" in line)]


@every_tutorial
def test_a_prediction_that_is_run_again_to_answer_it_sends_nothing_twice(path: Path) -> None:
    for cell in of_kind(path, Kind.PREDICTION):
        assert sent_beside(cell.source) == []


def test_what_is_sent_beside_a_prediction_is_found_in_both_languages() -> None:
    assert sent_beside('s.send("DATA")\ns.predict("NOOP")') == ['s.send("DATA")']
    assert sent_beside("%cards states\nDATA\n%predict ? NOOP") == ["DATA"]
    assert sent_beside('s = lab.telnet("a")\ns.send("HELO b")\ns.predict("NOOP")') == []


def seconds(path: Path) -> tuple[float, float]:
    """Return how long a student reads and looks, and how long he types, predicts or clicks."""
    cells = cells_of(path.read_bytes())
    tasks = [cell.given for cell in cells if cell.kind is Kind.OPEN]
    reads = READ_A_WORD * sum(len(words(text)) for text in [*paragraphs(path), *tasks])
    looks = LOOK_AT_AN_OUTPUT * len(cells)
    types = sum(THINK + TYPE_A_CHARACTER * len(typed(cell)) for cell in of_kind(path, Kind.OPEN))
    return reads + looks, types + PREDICT * len(of_kind(path, Kind.PREDICTION))


def typed(cell: LessonCell) -> str:
    """Return what a student types in an open cell: the answer without what is given of it."""
    begun = cell.given.removeprefix(cell.source.removesuffix(cell.answer).rstrip("\n"))
    changes = SequenceMatcher(None, begun.strip("\n"), cell.answer, autojunk=False).get_opcodes()
    return "".join(cell.answer[start:end] for change, _, _, start, end in changes if change != "equal")


def test_what_is_given_of_a_function_is_not_typed() -> None:
    source = "# Now you: write f.\ndef f(a):\n    return a + 1"
    for begun, rest in (
        (None, "return a + 1"),
        ("def f(a):\n    return ...", "a + 1"),
        ("", "def f(a):\n    return a + 1"),
    ):
        settings = {"goal": {"function": {"name": "f", "tries": [{"call": "f(1)", "gives": "2"}]}}, "begun": begun}
        cell = {"cell_type": "code", "id": "a", "metadata": {"smtplab": settings}, "source": [source]}
        (found,) = cells_of(json.dumps({"cells": [cell], "metadata": {}}).encode())
        assert typed(found) == rest


@every_tutorial
def test_at_least_a_third_of_the_time_is_typing_and_predicting(path: Path) -> None:
    passive, active = seconds(path)
    assert active >= (passive + active) / 3


@every_tutorial
def test_a_tutorial_fits_into_45_minutes(path: Path) -> None:
    assert sum(seconds(path)) <= 45 * 60


@pytest.mark.parametrize(("name", "once"), FILLED_ONCE.items())
def test_fewer_cells_are_filled_in_than_before_the_student_had_something_to_do(name: str, once: int) -> None:
    assert len(of_kind(TUTORIALS / f"{name}.ipynb", Kind.RUN)) < once


@every_tutorial
def test_the_first_cell_begins_the_lesson_under_its_own_name(path: Path) -> None:
    first = next(cell for cell in cells_of(path.read_bytes()) if cell.id != "review").source
    begins = f"%lesson {path.stem}" if "-type-" in path.name else f'smtplab.lesson("{path.stem}")'
    assert begins in first.splitlines()


@every_tutorial
def test_from_02_on_a_notebook_begins_with_its_review(path: Path) -> None:
    first = cells_of(path.read_bytes())[0]
    asks = f"%review {path.stem}" if "-type-" in path.name else f'review = smtplab.review("{path.stem}")'
    is_reviewed = path.name[:2] >= "02"
    assert (first.id == "review") is is_reviewed
    assert (asks in first.source.splitlines()) is is_reviewed


@every_tutorial
def test_every_task_has_a_hint(path: Path) -> None:
    for cell in of_kind(path, Kind.OPEN):
        assert re.search(r"[.?]\Z", cell.hint), cell.task


@every_tutorial
def test_neither_a_task_nor_its_hint_has_the_command_that_answers_it(path: Path) -> None:
    for cell in of_kind(path, Kind.OPEN):
        begun = cell.given.split("\n")
        for line in commands("\n".join(each for each in cell.answer.split("\n") if each not in begun)):
            assert line not in cell.hint, line
            assert line not in cell.given, line


def commands(answer: str) -> list[str]:
    """Return the lines with an argument that an answer sends, from Python too; not the lines of a message."""
    sent = [line for quoted in re.findall(r'"(.*)"', answer) or [answer] for line in re.split(r"\\n|\n", quoted)]
    return [line for line in sent if re.match(r"[A-Z]{4}\b.* .", line)]


def test_commands_are_found_in_answers_of_both_languages() -> None:
    assert commands('session.send("HELO a\\nMAIL FROM:<b>")\nsession.send("DATA")') == ["HELO a", "MAIL FROM:<b>"]
    assert commands("HELO a\nDATA\nSubject: b") == ["HELO a"]


@every_tutorial
def test_a_student_gets_no_answer_and_no_output_of_what_he_is_to_do(path: Path) -> None:
    given = {cell["id"]: cell for cell in json.loads(delivered(path.read_bytes()))["cells"]}
    for cell in [*of_kind(path, Kind.OPEN), *of_kind(path, Kind.PREDICTION)]:
        assert given[cell.id]["outputs"] == []
        assert "".join(given[cell.id]["source"]).strip() == cell.given.strip()
        assert ".answer(" not in cell.given
        assert "smtplab" not in given[cell.id]["metadata"]


@every_tutorial
def test_the_reference_answers_reach_their_goals_and_the_predictions_are_right(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    shown = {
        cell["id"]: "\n".join("".join(output.get("data", {}).get("text/plain", "")) for output in cell["outputs"])
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    }
    for cell in of_kind(path, Kind.OPEN):
        assert re.search(r"^(?:ok|noted): ", shown[cell.id], re.MULTILINE), cell.task
    for cell in of_kind(path, Kind.PREDICTION):
        assert re.search(r"^(?:= )?Right: ", shown[cell.id], re.MULTILINE), cell.task
    assert not [text for text in shown.values() if "is not answered yet" in text]


@pytest.mark.parametrize("path", [path for path in PATHS if "-type-" not in path.name], ids=lambda path: path.stem)
def test_a_code_is_predicted_only_where_the_field_for_codes_is_shown(path: Path) -> None:
    """Before the digits are taught, a prediction has only its buttons; in the SMTP kernel a code can be typed."""
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    sources = ["".join(cell["source"]) for cell in cells]
    taught = next((at for at, source in enumerate(sources) if 'cards.level = "digits"' in source), len(sources))
    assert [source for source in sources[:taught] if re.search(r"\.answer\(\d", source)] == []


@every_tutorial
def test_what_reads_the_outcome_of_a_prediction_is_folded(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    predictions = {cell.id for cell in of_kind(path, Kind.PREDICTION)}
    for cell, below in pairwise(cells):
        if cell["id"] in predictions and below["cell_type"] == "markdown" and below["id"] not in TELLS_NOTHING:
            assert "".join(below["source"]).startswith(FOLD), below["id"]


@pytest.mark.parametrize("path", [path for path in PATHS if path.name >= "02"], ids=lambda path: path.stem)
def test_what_stands_below_a_task_does_not_tell_its_reply_unfolded(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    wanted = {cell.id: cell.goal.said for cell in of_kind(path, Kind.OPEN) if cell.goal is not None}
    codes: set[str] = set()
    for cell in cells:
        if cell["cell_type"] == "markdown":
            told = re.sub(rf"{re.escape(FOLD)}.*?{UNFOLDED}", "", "".join(cell["source"]), flags=re.DOTALL)
            told = told.partition("\n#")[0]  # what follows a heading speaks of the next task
            assert not [code for code in codes if f"`{code}`" in told], cell["id"]
        else:
            codes = {each.code for each in wanted.get(cell["id"], ())}


# What the student reads


@every_tutorial
def test_a_paragraph_has_at_most_80_words(path: Path) -> None:
    for paragraph in paragraphs(path):
        assert len(words(paragraph)) <= MOST_WORDS_IN_A_PARAGRAPH, paragraph


@every_tutorial
def test_a_notebook_has_at_most_1300_words(path: Path) -> None:
    assert sum(len(words(paragraph)) for paragraph in paragraphs(path)) <= MOST_WORDS


@every_tutorial
def test_the_words_are_plain(path: Path) -> None:
    for paragraph in paragraphs(path):
        assert NOT_PLAIN.search(paragraph) is None, paragraph


@pytest.mark.parametrize("path", [path for path in PATHS if path.name < "03"], ids=lambda path: path.stem)
def test_before_the_digits_are_taught_a_code_comes_with_its_word(path: Path) -> None:
    for paragraph in paragraphs(path):
        assert not lone_codes(paragraph), paragraph


def lone_codes(paragraph: str) -> list[str]:
    """Return the codes of a paragraph if none of the four words for classes stands in it."""
    return [] if CLASS.search(paragraph) else re.findall(r"`([2-5]\d\d)`", paragraph)


def test_a_code_without_a_word_is_seen() -> None:
    assert lone_codes("The server says `503`.") == ["503"]
    assert lone_codes("The server says *never* (`503`).") == []


def test_an_unplain_word_is_seen_and_a_plain_one_is_not() -> None:
    assert NOT_PLAIN.search("a server says nothing amid a message")
    assert NOT_PLAIN.search("a line that parts header and body")
    assert NOT_PLAIN.search("a part of the message") is None
