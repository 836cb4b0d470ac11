"""Exercise 07: a retry schedule, and a bounce.

It has two parts. ``schedule`` is judged by delay and load in worlds that the referee plays. ``bounce`` is judged as a
program reads the message that was built.
"""

from ...design import Design
from . import report, schedule
from .sheet import sheet
from .task import RetryTask, draw


def _given(task: RetryTask) -> dict[str, str]:
    return {"message": task.original}


DESIGN = Design(
    name="07-spool-retry-bounce",
    draw=draw,
    sheet=sheet,
    parts=(schedule.PART, report.PART),
    given=_given,
    questions=(*schedule.QUESTIONS, *report.QUESTIONS),
)
