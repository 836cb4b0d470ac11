"""Exercise 02: predict ten replies, get a positive one from each of the 14 commands, and visit all states.

It has three parts. ``cells`` is handed in; the library can compute it, so it is worth less than a fifth of the points.
``fourteen`` and ``tour`` are judged on the wire.
"""

from ...design import Design
from . import cells, fourteen, tour
from .task import draw, hosts, sheet

DESIGN = Design(
    name="02-every-command-has-its-state",
    draw=draw,
    sheet=sheet,
    parts=(cells.PART, fourteen.PART, tour.PART),
    hosts=hosts,
    given=cells.given,
    questions=cells.QUESTIONS,
)
