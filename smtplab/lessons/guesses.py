"""Predictions that a student writes into a variable, about what hosts do while time passes.

`Session.predict` is about the reply to a line. These are about what no single reply tells: which host is called, or how
long a message waits. The cell below shows it, and then the lesson says how the prediction came out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..base.printed import Printed, sentence
from ..show import style
from . import sentences
from .evidence import Verdict


@dataclass(frozen=True, slots=True)
class Guess:
    """A prediction that a student writes into a variable, before the next cell shows what happens.

    Args:
        name: the variable.
        right: the right value, as JSON has it.
        choices: the values that may be predicted.
        slips: sentences for other values that are written by mistake, each with its value as text.
    """

    name: str
    right: object
    choices: tuple[object, ...]
    slips: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> Self:
        """Read the settings of a goal; raise `ValueError` if they are not understood."""
        slips = dict(settings.get("slips", {}))
        if set(settings) - {"slips"} != {"name", "right", "from"} or settings["right"] not in settings["from"]:
            raise ValueError(settings)
        return cls(settings["name"], settings["right"], tuple(settings["from"]), tuple(slips.items()))

    def judge(self, value_of: Callable[[str], object]) -> Verdict:
        """Return the verdict on a prediction, which does not tell if it is right.

        Args:
            value_of: returns the value of a variable, None if there is none.
        """
        value = value_of(self.name)
        ok = self.noted(value) is not None
        return Verdict(ok, sentence(self.note(value)), answered=ok, noted=ok)

    def noted(self, value: object) -> str | None:
        """Return the choice that a value stands for, as text; None if it is none of them."""
        told = str(value).strip().casefold()
        return next((str(choice) for choice in self.choices if str(choice).casefold() == told), None)

    def note(self, value: object) -> str:
        """Say what a value of the variable is: a prediction, none, or something else."""
        if value is None:
            return self.how
        noted = self.noted(value)
        if noted is None:
            if slip := dict(self.slips).get(str(value).strip()):
                return sentences.NEAR_GUESS.format(slip=slip, choices=self.choice_list)
            return sentences.OTHER_GUESS.format(value=repr(value), choices=self.choice_list)
        return sentences.GUESS_NOTED.format(value=noted)

    def after(self, error: BaseException) -> str:
        """Say how a prediction is written, for a cell that ended in an error; text without quotes is none of Python."""
        unquoted = isinstance(error, NameError | SyntaxError) and all(isinstance(each, str) for each in self.choices)
        return sentences.GUESS_IN_QUOTES.format(name=self.name, choices=self.choice_list) if unquoted else self.how

    @property
    def how(self) -> str:
        """How a prediction is written."""
        return sentences.NO_GUESS.format(name=self.name, choices=self.choice_list)

    @property
    def choice_list(self) -> str:
        """The choices, as a sentence lists them."""
        *first, last = (f"`{_written(choice)}`" for choice in self.choices)
        return f"{', '.join(first)} or {last}"


def _written(choice: object) -> str:
    """Return a choice as a student writes it in Python."""
    return f'"{choice}"' if isinstance(choice, str) else str(choice)


@dataclass(frozen=True, slots=True)
class GuessOutcome(Printed):
    """How a prediction in a variable came out; ``str`` gives its sentence.

    Args:
        right: True if it was right.
        told: the sentence.
    """

    right: bool
    told: str

    @classmethod
    def of(cls, guess: Guess, value: object) -> GuessOutcome:
        """Compare a prediction with what happened."""
        noted = guess.noted(value)
        right = noted == str(guess.right)
        template = sentences.GUESS_WAS_RIGHT if right else sentences.GUESS_WAS_WRONG
        return cls(right, template.format(value=noted, right=guess.right))

    def __str__(self) -> str:
        return self.told

    def _repr_html_(self) -> str:
        """Show the outcome in a notebook."""
        return style.panel(style.prose(self.told))
