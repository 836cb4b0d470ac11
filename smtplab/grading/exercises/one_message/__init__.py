"""Exercise 00: send one message. It has one part, which is judged on the wire and in the mailbox."""

from ...design import Design
from . import message
from .task import draw, hosts, sheet

DESIGN = Design(name="00-send-one-message", draw=draw, sheet=sheet, parts=(message.PART,), hosts=hosts)
