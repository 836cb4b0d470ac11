"""What comes back at the other end looks to a rule like the student's value, and runs none of the student's code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from smtplab.grading.recording import MAX_LENGTH, RecordedFunction, Unasked, portable, record, restored, used_by
from smtplab.protocol.codes import classify


class Yes(str):
    """A text that agrees with everything."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


class Refusal(ValueError):
    """An error of the student's own."""


def carried(value: object) -> Any:
    return restored(json.loads(json.dumps(portable(value))))


def recorded(function: Any, *arguments: int) -> RecordedFunction:
    return RecordedFunction(json.loads(json.dumps(record(function, arguments))))


@pytest.mark.parametrize("value", ["", "250", "\r\n\0", "\ud800", "Zoë", None, ("a", "b"), ("a", ("b", None)), ()])
def test_texts_and_tuples_come_back_as_they_were(value: object) -> None:
    assert carried(value) == value


@pytest.mark.parametrize("value", [0, -47, 10**14, b"", b"\r\n\x00\xff"])
def test_numbers_and_octets_come_back_as_they_were(value: object) -> None:
    assert carried(value) == value
    assert type(carried(value)) is type(value)


def test_of_octets_without_an_end_the_beginning_comes_back() -> None:
    assert carried(b"x" * (MAX_LENGTH + 1)) == b"x" * MAX_LENGTH


def test_a_text_that_agrees_with_everything_comes_back_as_a_plain_one() -> None:
    assert carried(Yes("x")) == "x"
    assert carried(Yes("x")) != "y"


def test_of_a_text_without_an_end_the_beginning_comes_back() -> None:
    assert carried("a" + "x" * MAX_LENGTH) == "a" + "x" * (MAX_LENGTH - 1)


def test_of_an_error_without_an_end_the_beginning_comes_back() -> None:
    def function(code: int) -> None:
        raise ValueError("x" * (MAX_LENGTH + 1))

    with pytest.raises(ValueError, match="x") as raised:
        recorded(function, 250)(250)
    assert len(str(raised.value)) == MAX_LENGTH


@pytest.mark.parametrize(
    "value", [10**5000, True, bytearray(b"x"), [], {}, 1.5, object()], ids=lambda value: type(value).__name__
)
def test_of_anything_else_the_name_of_its_type_comes_back(value: object) -> None:
    assert type(carried(value)).__name__ == type(value).__name__
    assert not callable(carried(value))


def test_what_can_be_called_can_still_be_called() -> None:
    assert callable(carried(len))


@pytest.mark.parametrize("data", [None, 5, [], {}, {"text": 5}, {"type": "no name"}, {"tuple": 5}, {"function": 5}])
def test_data_that_nobody_made_harm_nobody(data: object) -> None:
    restored(data)


def test_a_function_comes_back_with_its_answers() -> None:
    function = recorded(lambda code: ("yes", str(code)), 250, 550)
    assert (function(250), function(550)) == (("yes", "250"), ("yes", "550"))
    with pytest.raises(Unasked):
        function(421)


@pytest.mark.parametrize(
    "error", [ValueError("no"), Refusal("no"), KeyError(5), SystemExit(3), GeneratorExit()], ids=repr
)
def test_an_error_comes_back_with_its_name_its_ancestor_and_its_text(error: BaseException) -> None:
    def function(code: int) -> None:
        raise error

    with pytest.raises(next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")) as raised:
        recorded(function, 250)(250)
    assert (type(raised.value).__name__, str(raised.value)) == (type(error).__name__, str(error))


def test_an_error_that_cannot_be_told_comes_back_without_a_text() -> None:
    class Mute(ArithmeticError):
        def __str__(self) -> str:
            raise ValueError

    def function(code: int) -> None:
        raise Mute

    with pytest.raises(ArithmeticError) as raised:
        recorded(function, 250)(250)
    assert (type(raised.value).__name__, str(raised.value)) == ("Mute", "")


def test_an_interrupt_ends_the_asking() -> None:
    def function(code: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(function, (250,))


def test_it_is_known_what_a_function_calls_of_smtplab() -> None:
    def hidden(code: int) -> object:
        return classify(code)

    assert "smtplab.protocol.codes.classify" in used_by(hidden, 552)
    assert "smtplab.protocol.codes.classify" in recorded(hidden, 552).uses
    assert "smtplab.protocol.codes.classify" not in used_by(lambda code: code, 552)


@pytest.mark.parametrize("data", [{}, {"answers": 5}, {"answers": [5, [1], [1, 2], ["1", {}]]}, {"uses": [5, "x"]}])
def test_answers_that_nobody_gave_are_no_answers(data: Any) -> None:
    with pytest.raises(Unasked):
        RecordedFunction(data)(1)
