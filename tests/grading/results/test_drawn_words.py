"""All texts of a task are found, whatever holds them."""

from dataclasses import dataclass

from smtplab.grading.exercises import NAMES, design_of
from smtplab.grading.results.drawn_words import drawn_words


@dataclass(frozen=True)
class Task:
    host: str
    people: tuple[str, ...]
    boxes: dict[str, bytes]
    number: int = 4


def test_all_texts_of_a_task_are_found_and_the_long_ones_come_first() -> None:
    assert drawn_words(Task("a.example", ("mia", "mia", " "), {"noah": b"uma uma"})) == (
        "a.example",
        "uma uma",
        "noah",
        "mia",
    )


def test_each_exercise_draws_words_that_differ_by_the_student() -> None:
    for name in NAMES:
        draw = design_of(name).task
        mias, noahs = (set(drawn_words(draw(student, "smtplab"))) for student in ("mia", "noah"))
        assert mias - noahs, name
