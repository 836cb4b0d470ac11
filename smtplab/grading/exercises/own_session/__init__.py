"""Exercise 01: hold your own session, mark the phases of another, and find what is wrong with the lecture's banner.

Three parts. ``session`` is judged on the wire and in the mailbox; ``phases`` and ``banner`` are handed in. All students
have the same banner to look for, so it is worth no more than a fifth of the whole: that is what somebody else's answers
can earn at most.
"""

from ...handout import Design
from . import banner, phases, session
from .task import OwnSessionTask, draw, hosts, sheet


def _given(task: OwnSessionTask) -> dict[str, str]:
    return {"session": phases.to_mark(task), "lecture": banner.lecture()}


DESIGN = Design(
    name="01-hold-your-own-session",
    draw=draw,
    sheet=sheet,
    parts=(session.PART, phases.PART, banner.PART),
    hosts=hosts,
    given=_given,
    questions=(*phases.QUESTIONS, *banner.QUESTIONS),
)
