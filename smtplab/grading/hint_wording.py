"""The wording of hints: how to say an action in the language of the notebook that the student reads."""

from __future__ import annotations

from dataclasses import dataclass

from ..explain.misconceptions import beliefs


@dataclass(frozen=True, slots=True)
class HintWording:
    """The words for one kind of notebook.

    Args:
        call: opens a session; has a place for ``{host}``.
        answer: hands in an answer; has a place for ``{question}``.
        text: prints a text of the task; has a place for ``{name}``.
        sheet: prints the task sheet.
        line_ends: says which call adds a CRLF to a line, and which does not.
        defend: asks the questions about a session; has a place for ``{exercise}``.
        defence: answers one of them.
        identity: says how to give the student id.
    """

    call: str
    answer: str
    text: str
    sheet: str
    line_ends: str
    identity: str
    defend: str = 'defence = smtplab.defend("{exercise}")'
    defence: str = "defence.answer(1, 250)"


def belief_hint(name: str) -> str:
    """Return the sentence about a wrong belief as a hint, which has no full stop and may begin with a small letter.

    Args:
        name: the id of the belief.
    """
    first, space, rest = beliefs()[name].tell.removesuffix(".").partition(" ")
    return f"{first.lower() if first[1:].islower() or len(first) == 1 else first}{space}{rest}"


PYTHON = HintWording(
    call='mine.telnet("{host}", 25)',
    answer='mine.hand_in("{question}", ...)',
    text='print(mine.given["{name}"])',
    sheet="print(mine)",
    line_ends="send adds the CRLF by itself; send_bytes leaves it to you",
    identity='put your student id between the quotes, as in student_id("s4711"), and run the cell again',
)
SMTP = HintWording(
    call="telnet {host} 25",
    answer="%answer {question} ...",
    text="%given {name}",
    sheet="%given",
    line_ends="a line of a cell gets its CRLF by itself; %raw leaves it to you",
    defend="%defend {exercise}",
    defence="%answer 1 250",
    identity="put your student id behind %student, as in %student s4711, and run that cell and this one again",
)
