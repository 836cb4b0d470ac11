"""Part ``classify`` of exercise 03: a function that reads the three digits of a reply code.

The right answers are not written here. They come from the kernel's table of digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ....protocol import codes
from ....protocol.codes import CODES, Category, Severity
from ...recording import Unasked, used_by
from ...rules import ExercisePart, Judge, Rule, RuleFailure, RuleList, text_of, visible
from ..answer_evidence import kind_of
from .task import ReplyCausesEvidence

RULES = RuleList[ReplyCausesEvidence]("classify")
QUESTIONS = ("classify",)
# What the function is asked about while it is graded: every reply code there can be, and what else a number may be.
ASKED = {"classify": (*range(200, 600), *range(-300, 200), *range(600, 1000), *range(1000, 10_000, 500))}

SEVERITIES = {severity.phrase.casefold(): severity for severity in Severity if severity > 1}
CATEGORIES = tuple(dict.fromkeys(category.phrase.casefold() for category in Category))
ACTIONS: Mapping[Severity, str] = {
    Severity.POSITIVE_COMPLETION: "go on",
    Severity.POSITIVE_INTERMEDIATE: "send more",
    Severity.TRANSIENT_NEGATIVE: "try again later",
    Severity.PERMANENT_NEGATIVE: "give up",
}
# The three things, in the order in which they are returned, each with the words there are for it.
WORDS = {"severity": tuple(SEVERITIES), "category": CATEGORIES, "action": tuple(ACTIONS.values())}

# What Python says to somebody who treats the number as a text, as in code[0], len(code) or code.startswith("5").
_TAKEN_FOR_TEXT = re.compile(r"'int' object|type 'int'|(?:argument of|expected) .*\bint\b")
_DIGITS = "the code is a number; str(code) gives its digits"

# What a function of one's own does without.
_OURS = f"{codes.__name__}.{codes.classify.__name__}"

LECTURE = tuple(number for number, code in CODES.items() if code.lecture is not None)
# Together with these, the visible rule about the category meets each second digit that the text of the exercise names.
OTHER_DIGITS = tuple(100 * severity + 10 * category for category in (3, 4) for severity in (2, 3, 4, 5))


def right(code: int) -> tuple[str, str, str]:
    """Return the words for a reply code: its severity, its category, and what a client does."""
    read = codes.classify(code)
    assert read.severity is not None
    assert read.category is not None
    return read.severity.phrase.casefold(), read.category.phrase.casefold(), ACTIONS[read.severity]


def said(evidence: ReplyCausesEvidence, code: int) -> tuple[str, ...] | RuleFailure:
    """Return what the student's function returns for a code, as plain strings; or what is wrong with it."""
    function: Any = evidence.answers["classify"]
    try:
        value = function(code)
    except Unasked:
        return RuleFailure("Your function never came back with an answer.", got=f"asked for {code}")
    except Exception as error:
        hint = _DIGITS if _TAKEN_FOR_TEXT.search(str(error)) else ""
        got = f"a table without the key {visible(str(error))}" if isinstance(error, KeyError) else visible(str(error))
        return RuleFailure(f"Your function raises {type(error).__name__} for {code}.", got=got, hint=hint)
    if value is None:
        return RuleFailure(
            f"Your function returns nothing for {code}. Is return missing?",
            "(severity, category, action)",
            hint="print shows a value, return gives it back",
        )
    if not isinstance(value, tuple):
        got = f"for {code} {kind_of(value)}"
        return RuleFailure("Your function does not return a tuple.", "(severity, category, action)", got)
    words = [text_of(word) for word in tuple.__iter__(value)]
    if len(words) != len(WORDS):
        return RuleFailure(
            "Your function does not return three things.", "(severity, category, action)", f"{len(words)}"
        )
    if None in words:
        return RuleFailure("Your function returns something that is not text.", got=f"for {code}")
    return tuple(" ".join(word.casefold().split()) for word in words if word is not None)


def names_the(
    thing: str, numbers: Iterable[int], sentences: Mapping[tuple[str, str], str]
) -> Judge[ReplyCausesEvidence]:
    """Return a judge for one of the three things that the function returns.

    Args:
        thing: severity, category or action.
        numbers: the codes with which the function is called.
        sentences: for a pair of the right word and a wrong one, the sentence that explains the mistake.
    """
    place = list(WORDS).index(thing)
    asked = tuple(numbers)

    def judge(evidence: ReplyCausesEvidence) -> RuleFailure | None:
        for code in asked:
            words = said(evidence, code)
            if isinstance(words, RuleFailure):
                return words
            wanted, got = right(code)[place], words[place]
            if got != wanted:
                return _mistaken(thing, code, got, sentences.get((wanted, got)))
        return None

    return judge


def _mistaken(thing: str, code: int, got: str, sentence: str | None) -> RuleFailure:
    shown = f"{visible(got)} for {code}"
    if got not in WORDS[thing]:
        others = [other for other, words in WORDS.items() if got in words]
        mistake = f"You return the {others[0]} instead of the {thing}." if others else f"That is not a valid {thing}."
        return RuleFailure(mistake, f"one of {', '.join(WORDS[thing])}", shown)
    return RuleFailure(sentence or f"Your {thing} is that of other codes.", got=shown)


def _is_your_own(evidence: ReplyCausesEvidence) -> RuleFailure | None:
    function = evidence.answers.get("classify")
    if function is None:
        return RuleFailure(
            "No function has been handed in yet.",
            hint='hand in with mine.hand_in("classify", classify)',
            undone=True,
        )
    if not callable(function):
        got = kind_of(function)
        return RuleFailure("What you handed in is not a function.", got=got, hint="hand in classify, not classify(552)")
    if _OURS in used_by(function, 552):
        return RuleFailure("Your function calls smtplab's own classify; read the digits yourself.")
    return None


RULES.rule("severity", 1, "RFC 5321 4.2.1", "The severity is right for each of the lecture's 21 codes.")(
    names_the(
        "severity",
        LECTURE,
        {
            (
                "permanent negative completion",
                "transient negative completion",
            ): "You take a code for transient that is permanent; the lecture's word for 504 is a slip.",
            (
                "positive intermediate",
                "positive completion",
            ): "You take a command for done that waits for more.",
        },
    )
)
RULES.rule(
    "category",
    1,
    "RFC 5321 4.2.1",
    "The category is right for each of the lecture's 21 codes, and where the second digit is 3 or 4.",
)(
    names_the(
        "category",
        (*LECTURE, *OTHER_DIGITS),
        {("connections", "mail system"): "Whether a host talks at all is not yet about mail."},
    )
)
RULES.rule("action", 1, "RFC 5321 4.2.1", "What a client does is right for each of the lecture's 21 codes.")(
    names_the(
        "action",
        LECTURE,
        {
            ("try again later", "give up"): "You give up where trying again later may help.",
            ("give up", "try again later"): "You try again what was refused for good.",
            ("send more", "go on"): "You go on with another command where the server waits for the message.",
        },
    )
)

PART = ExercisePart(
    "classify",
    RULES.in_order(),
    hidden=2,
    hidden_points=2,
    beyond="They call your function with other codes, and with numbers that are no reply codes.",
    question="What does your function return for the code that is named here, and which digit decides that?",
    needs=Rule("classify.own", 0, "the task", "You hand in a function of your own.", _is_your_own),
    questions=QUESTIONS,
)
