"""Exercise 05: write `Server`, which takes octets and gives octets. It is judged by what it answers and stores."""

from ...design import Design
from . import server
from .sheet import sheet
from .task import draw
from .trials import ServerTrials

DESIGN = Design(
    name="05-a-server-from-states",
    draw=draw,
    sheet=sheet,
    parts=(server.PART,),
    questions=("server",),
    trials={"server": ServerTrials},
)
