"""Exercise 03: write `classify`, and bring about eight replies, each by its cause.

Two parts. ``classify`` is judged by what the student's function returns, ``provoke`` on the wire. The function is the
same for all students, so it is worth no more than a fifth of the whole: that is what somebody else's answers can earn.
"""

from ...handout import Design
from . import classify, provoke
from .hosts import hosts
from .sheet import sheet
from .slots import draw

DESIGN = Design(
    name="03-every-reply-has-a-cause",
    draw=draw,
    sheet=sheet,
    parts=(classify.PART, provoke.PART),
    hosts=hosts,
    questions=classify.QUESTIONS,
    asked=classify.ASKED,
)
