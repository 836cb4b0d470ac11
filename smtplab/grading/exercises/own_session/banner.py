"""Part ``banner`` of exercise 01: name the lecture's misplaced banner, and the lines that it is and should be above."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ....base.resources import data_path
from ...rules import ExercisePart, Judge, RuleFailure, RuleList, visible
from ..answer_evidence import handed_text
from .task import OwnSessionEvidence

RULES = RuleList[OwnSessionEvidence]("banner")
QUESTIONS = ("banner", "printed above", "should be above")

# How a banner may be named, and which it then is.
_NAMES = {
    "establishment": 1, "first": 1, "1st": 1, "1": 1,
    "transfer": 2, "second": 2, "2nd": 2, "2": 2,
    "termination": 3, "third": 3, "3rd": 3, "3": 3, "last": 3,
}  # fmt: skip
_LETTERS = {"e": 1, "m": 2, "t": 3}  # as in part 2; a letter counts alone, and not the t of "I don't know"
_ONE_BANNER = "first, second, third or last, the letter of its phase, or the words of one banner"
_SIDE = re.compile(r"^[cs]: ", re.IGNORECASE)  # as a transcript marks a line; the lecture does not
_STANDS_WELL = {
    1: "The first banner is printed above the greeting, with which every session begins; there it is right.",
    2: "The second banner is printed between the reply to HELO and the first MAIL; there it is right.",
}


def lecture() -> str:
    """Return the lecture's session with its banners."""
    return data_path("transcripts", "ok-lecture-adelphia.txt").read_text("utf-8").rstrip("\n")


def _asked(evidence: OwnSessionEvidence, question: str) -> str | RuleFailure:
    """Return the text that was handed in, without the lines around a banner; or what is wrong with it."""
    text = handed_text(evidence, question)
    return text if isinstance(text, RuleFailure) else " ".join(text.replace("=", " ").split())


def _names_the_banner(evidence: OwnSessionEvidence) -> RuleFailure | None:
    answer = _asked(evidence, "banner")
    if isinstance(answer, RuleFailure):
        return answer
    letter = _LETTERS.get(answer.casefold().strip(" .:"))
    words = {number for name, number in _NAMES.items() if re.search(rf"\b{name}\b", answer.casefold())}
    named = words if letter is None else {letter}
    if len(named) != 1:
        return RuleFailure("That does not name one of the three banners.", _ONE_BANNER, visible(answer))
    (number,) = named
    return RuleFailure(_STANDS_WELL[number], got=visible(answer)) if number in _STANDS_WELL else None


def _names_the_line(question: str, right: str, sentences: Mapping[str, str]) -> Judge[OwnSessionEvidence]:
    """Return a judge for an answer that names a line of the lecture's session.

    Args:
        question: the question.
        right: the beginning of the right line.
        sentences: for the beginning of a wrong line, the sentence that explains it.
    """

    def judge(evidence: OwnSessionEvidence) -> RuleFailure | None:
        answer = _asked(evidence, question)
        if isinstance(answer, RuleFailure):
            return answer
        named = _SIDE.sub("", answer).casefold()
        fitting = [line for line in _lines() if _begins(line.casefold(), named)]
        if len(fitting) != 1:
            count = len(fitting) or "No"
            begin = "line of the lecture's session begins" if not fitting else "lines of the lecture's session begin"
            return RuleFailure(f"{count} {begin} like that.", "one line, as it is printed", visible(answer))
        if fitting[0].startswith(right):
            return None
        told = (sentence for start, sentence in sentences.items() if fitting[0].startswith(start))
        return RuleFailure(next(told, "It is another line."), got=visible(fitting[0]))

    return judge


def _begins(line: str, named: str) -> bool:
    """Return True if a line begins with a text that has its first word, whole; a letter alone names no line."""
    return bool(named) and line.startswith(named) and line.split()[0] == named.split()[0]


def _lines() -> list[str]:
    """Return the lines of the lecture's session without its banners, and without spaces around them."""
    lines = (" ".join(line.split()) for line in lecture().splitlines())
    return [line for line in lines if line and not line.startswith("=")]


RULES.rule("which", 1, "RFC 5321 3.1 and 3.3 and 3.8", "You name the banner that is in the wrong place.")(
    _names_the_banner
)
RULES.rule("stands", 1, "RFC 5321 3.3", "You name the line above which it is printed in the lecture.")(
    _names_the_line(
        "printed above",
        "250 Message received",
        {"QUIT": "This line comes later in the session; look at the line just below the banner."},
    )
)
RULES.rule("belongs", 2, "RFC 5321 3.8", "You name the line above which it should be printed.")(
    _names_the_line(
        "should be above",
        "QUIT",
        {
            "221": "The 221 answers a command, and a command and its reply belong to the same phase.",
            "250 Message": "It is printed there already, above the reply that says what became of the mail.",
            "Connection closed": "By then both hosts have said goodbye; which line begins the farewell?",
        },
    )
)

PART = ExercisePart(
    "banner",
    RULES.in_order(),
    question="Which line of the lecture is right below this banner, and which command does that line answer?",
    questions=QUESTIONS,
)
