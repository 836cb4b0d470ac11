"""Exercise 03: write `classify`, and bring about eight replies, each by its cause.

It has two parts. ``classify`` is judged by what the student's function returns, ``provoke`` on the wire. All students
write the same function, so that part is worth at most a fifth of the points: a copied answer earns no more.
"""

from ...design import Design
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
