"""What a hint says to type can be typed."""

from dataclasses import fields

import pytest

import smtplab
from smtplab.grading.exercises import NAMES, design_of
from smtplab.grading.hint_wording import PYTHON, SMTP, HintWording
from smtplab.jupyter.engine import Engine
from support.cells import done

HELD, TYPED = "01-hold-your-own-session", "01-type-your-own-session"


def commands(wording: HintWording, host: str) -> list[str]:
    return [
        wording.call.format(host=host),
        wording.answer.format(question="banner"),
        wording.text.format(name="lecture"),
        wording.sheet,
    ]


def test_in_a_python_notebook() -> None:
    mine = smtplab.exercise(HELD, "mia")
    for command in commands(PYTHON, mine.host_names[0]):
        eval(command, {"mine": mine})
    evidence = mine.evidence()
    assert [wire.host for wire in evidence.wires] == [mine.host_names[0]]
    assert evidence.answers == {"banner": ...}


def test_in_a_notebook_of_the_smtp_kernel() -> None:
    engine = Engine()
    done(engine, f"%student mia\n%exercise {TYPED}")
    assert engine.exercise is not None
    host = engine.exercise.host_names[0]
    for command in commands(SMTP, host):
        assert done(engine, command).text
    evidence = engine.exercise.evidence()
    assert [wire.host for wire in evidence.wires] == [host]
    assert evidence.answers == {"banner": "..."}
    assert "%raw" in SMTP.line_ends
    done(engine, r"%raw NOOP\r\n")


@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_is_worded_for_the_notebook_that_it_comes_in(name: str) -> None:
    assert design_of(name).wording is (SMTP if "-type-" in name else PYTHON)


def test_no_two_idioms_say_the_same() -> None:
    assert not [field.name for field in fields(HintWording) if getattr(PYTHON, field.name) == getattr(SMTP, field.name)]
