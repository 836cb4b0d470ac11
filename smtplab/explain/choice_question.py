"""A question with a few answers to choose from, about a belief: asked by `why` and in the review.

question = ChoiceQuestion(beliefs()["lf-ends-a-line"], 0)
question.answer("b")               # a letter, or the answer itself; only the first answer counts
"""

from __future__ import annotations

from dataclasses import dataclass

from ..base.printed import Printed
from ..protocol.codes import classify
from ..show import style
from . import sentences
from .misconceptions import LETTERS, Belief, BeliefQuestion


@dataclass(frozen=True, slots=True)
class ChoiceOutcome(Printed):
    """The answer to a question beside the right one; ``str`` gives its sentences.

    Args:
        belief: what the question is about.
        question: the question.
        chosen: the answer that was given, counted from 0.
    """

    belief: Belief
    question: BeliefQuestion
    chosen: int

    @property
    def right(self) -> bool:
        """True if the right answer was given."""
        return self.chosen == self.question.right

    @property
    def named(self) -> str:
        """The id of the belief if the answer is the one of somebody who has it; else empty."""
        return self.belief.id if self.chosen == self.question.held else ""

    def __str__(self) -> str:
        if self.right:
            return sentences.RIGHT_CHOICE.format(why=self.question.why)
        right = self.question.choices[self.question.right]
        told = sentences.WRONG_CHOICE.format(right=right, why=self.question.why)
        common = sentences.COMMON_BELIEF.format(told=self.belief.told)
        return f"{told} {common}" if self.named else told

    def _repr_html_(self) -> str:
        """Show the sentences in a notebook."""
        return style.panel(style.prose(str(self)))


class ChoiceQuestion(Printed):
    """A question that a student answers once.

    Args:
        belief: what it is about.
        number: which question of the belief, counted from 0.

    Attributes:
        outcome: the answer beside the right one; None before the answer.
    """

    def __init__(self, belief: Belief, number: int = 0) -> None:
        self.belief = belief
        self.question = belief.questions[number]
        self.outcome: ChoiceOutcome | None = None

    def answer(self, choice: object) -> ChoiceOutcome:
        """Answer the question.

        Args:
            choice: the letter of an answer, or the answer itself. Where a reply is to be predicted, a code or a first
                digit stands for its class.

        Raises:
            ValueError: if it is none of the answers, or the question is answered already.
        """
        chosen = self._chosen(choice)
        if self.outcome is not None:
            raise ValueError(sentences.CHOICE_IS_MADE.format(letter=LETTERS[self.outcome.chosen]))
        self.outcome = ChoiceOutcome(self.belief, self.question, chosen)
        return self.outcome

    def _chosen(self, choice: object) -> int:
        said, choices = _plain(str(choice)), self.question.choices
        if len(said) == 1 and said in self.letters:
            return LETTERS.index(said)
        texts = [_plain(each) for each in choices]
        if said in texts:
            return texts.index(said)
        if self.question.is_prediction and (word := _class_of(said)) in choices:
            return choices.index(word)
        raise ValueError(sentences.NO_SUCH_CHOICE.format(choice=str(choice), letters=self._letters_in_words))

    @property
    def letters(self) -> str:
        """The letters of the answers."""
        return LETTERS[: len(self.question.choices)]

    @property
    def buttons(self) -> tuple[str, ...]:
        """What its buttons say: the letters."""
        return tuple(self.letters)

    @property
    def _letters_in_words(self) -> str:
        return f"{', '.join(self.letters[:-1])} or {self.letters[-1]}"

    @property
    def text(self) -> str:
        """The question and its answers with their letters, and no word on how to answer."""
        choices = zip(self.letters, self.question.choices, strict=True)
        return "\n".join([self.question.ask, *(f"  {letter}  {choice}" for letter, choice in choices)])

    @property
    def shown(self) -> str:
        """The question as it stands among others; after the answer, the question itself and the outcome."""
        return self.text if self.outcome is None else f"{self.question.ask}\n   {self.outcome}"

    def __str__(self) -> str:
        return str(self.outcome) if self.outcome is not None else f"{self.text}\n{sentences.HOW_TO_CHOOSE}"

    def __repr__(self) -> str:
        return f"<ChoiceQuestion about {self.belief.id}, {'open' if self.outcome is None else 'answered'}>"

    def _repr_html_(self) -> str:
        """Show the question in a notebook; after the answer, the outcome."""
        return self.to_html(style.prose(sentences.HOW_TO_CHOOSE))

    def to_html(self, how: str, number: str = "") -> str:
        """Return the question as HTML; after the answer, also the outcome.

        Args:
            how: how to answer it, as HTML; empty for nothing.
            number: what stands in front of it.
        """
        asked = f"<b>{style.escape(number + self.question.ask)}</b>"
        if self.outcome is not None:
            chosen = f"{LETTERS[self.outcome.chosen]}  {self.question.choices[self.outcome.chosen]}"
            return style.panel(f"{asked}<br>{style.escape(chosen)}<br>{style.prose(str(self.outcome))}")
        choices = zip(self.letters, self.question.choices, strict=True)
        lines = [f"{style.code(letter)} {style.escape(choice)}" for letter, choice in choices]
        return style.panel("<br>".join(filter(None, [asked, *lines, how])))


def _plain(text: str) -> str:
    """Return an answer in small letters, without blanks and brackets around it."""
    return text.strip().strip("().").replace("-", " ").casefold()


def _class_of(said: str) -> str:
    """Return the word for the class of a code or of a first digit; empty if it is neither."""
    digits = f"{said[:1]}50" if said[1:] in ("", "yz") else said
    if not (digits.isascii() and digits.isdigit() and len(digits) == 3 and "2" <= digits[0] <= "5"):
        return ""
    severity = classify(digits).severity
    return "" if severity is None else style.SEVERITY_WORDS[severity]
