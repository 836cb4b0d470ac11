"""Idioms: how a hint says what to do, in the words of the notebook in which the student reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HintWording:
    """The words of one kind of notebook.

    Args:
        call: opens a session; has a place for ``{host}``.
        answer: hands something in; has a place for ``{question}``.
        text: prints a text that belongs to the task; has a place for ``{name}``.
        sheet: prints the task sheet.
        line_ends: what adds a CRLF to a line, and what does not.
        identity: what to do where nobody has said whose work it is.
    """

    call: str
    answer: str
    text: str
    sheet: str
    line_ends: str
    identity: str


PYTHON = HintWording(
    call='mine.telnet("{host}", 25)',
    answer='mine.hand_in("{question}", ...)',
    text='print(mine.given["{name}"])',
    sheet="print(mine)",
    line_ends="send adds the CRLF by itself; send_bytes leaves it to you",
    identity="put your student id between the quotes, and run the cell again",
)
SMTP = HintWording(
    call="telnet {host} 25",
    answer="%answer {question} ...",
    text="%given {name}",
    sheet="%given",
    line_ends="a line of a cell gets its CRLF by itself; %raw leaves it to you",
    identity="put your student id behind %student, and run that cell and this one again",
)
