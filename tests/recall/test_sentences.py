"""Every sentence of the review is said somewhere, in exactly these words."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from smtplab.explain.misconceptions import beliefs
from smtplab.recall import sentences
from smtplab.recall.boxes import Card
from smtplab.recall.record import NAME, write_cards
from smtplab.recall.review import open_review
from support.templates import names_of

NOTEBOOK, TODAY = "02-the-fourteen-commands", date(2004, 8, 6)


def told(folder: Path, notebook: str = NOTEBOOK, answers: int = 0) -> str:
    review = open_review(notebook, folder, TODAY)
    for number in range(1, answers + 1):
        review.answer(number, "a")
    return str(review)


def damaged(folder: Path) -> str:
    (folder / NAME).write_text("{")
    return told(folder)


def unreadable(folder: Path) -> str:
    (folder / "smtplab-review.damaged.json").mkdir()
    (folder / "smtplab-review.damaged.json" / "x").touch()
    return damaged(folder)


def resting(folder: Path) -> str:
    write_cards(folder / NAME, {name: Card(1, date(2004, 8, 8)) for name in beliefs()})
    return told(folder)


def error(folder: Path, notebook: str = NOTEBOOK) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        open_review(notebook, folder, TODAY).answer(7, "a")
    return str(caught.value)


# The constant -> what says it, and the line it is in.
ROWS: dict[str, tuple[Callable[[Path], str], str]] = {
    "DAMAGED_RECORD": (
        damaged,
        "smtplab-review.json was damaged, so the review starts over; the old file is kept as "
        "smtplab-review.damaged.json. Three questions about earlier notebooks. They give no points.",
    ),
    "UNREADABLE_RECORD": (
        unreadable,
        "smtplab-review.json cannot be read, so these questions come as if it were empty. "
        "Three questions about earlier notebooks. They give no points.",
    ),
    "THREE_QUESTIONS": (told, "Three questions about earlier notebooks. They give no points."),
    "NOTHING_DUE": (resting, "No question is due today; the next one comes on 2004-08-08."),
    "NO_EARLIER_NOTEBOOK": (
        lambda folder: told(folder, "00-start-here"),
        "There is no earlier notebook, so there is nothing to review.",
    ),
    "HOW_TO_ANSWER": (
        told,
        'Answer with number and letter, as in `review.answer(1, "b")`; in a cell of SMTP, `%answer 1 b`.',
    ),
    "NO_SUCH_NOTEBOOK": (
        lambda folder: error(folder, "x"),
        "there is no tutorial 'x' to review before; write its name, such as 02-the-fourteen-commands",
    ),
    "ALL_ANSWERED": (
        lambda folder: told(folder, answers=3),
        "All are answered. Each comes back in 1, 3, 7 or 16 days: soon if it went wrong, later if it went right.",
    ),
}  # fmt: skip


def test_every_sentence_has_a_row() -> None:
    assert set(ROWS) == set(names_of(sentences))


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_said_word_by_word(name: str, tmp_path: Path) -> None:
    say, line = ROWS[name]
    assert line in say(tmp_path).split("\n")
