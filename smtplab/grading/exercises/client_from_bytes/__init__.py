"""Exercise 04: write `send_mail`, which holds a session on a socket. It is judged by what it sends, and when."""

from ...design import Design
from . import send
from .sheet import given, sheet
from .task import draw
from .trials import ClientTrials

DESIGN = Design(
    name="04-a-client-from-bytes",
    draw=draw,
    sheet=sheet,
    given=given,
    parts=(send.PART,),
    questions=("send_mail",),
    trials={"send_mail": ClientTrials},
)
