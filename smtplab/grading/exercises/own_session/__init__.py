"""Exercise 01: hold your own session, mark the phases of another, and find the mistake in the lecture's banners.

It has three parts. ``session`` is judged on the wire and in the mailbox; ``phases`` and ``banner`` are handed in. All
students look for the same banner, so that part is worth at most a fifth of the points: a copied answer earns no more.
"""

from ...design import Design
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
