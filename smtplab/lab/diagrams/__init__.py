"""Pictures of SMTP, drawn from the tables and from what was really said: a `Figure` each, with the same in words.

::

    from smtplab import diagrams
    diagrams.ladder(session)                # who said what, in which phase
    diagrams.state_machine(session)         # where the session stands, and how it came there
    diagrams.topology(session)              # the machines of the lab, and the way of the message
    diagrams.reply_chart(session)           # how many replies there were of each kind
    diagrams.smtp_range()                   # the lecture's three figures
    diagrams.commands_and_responses()
    diagrams.command_format("MAIL FROM:<forouzanb@adelphia.net>")

Only the places on the paper are chosen here by hand. What stands there is read off the vocabulary, the codes, the
table of states or a transcript.
"""

from .charts import reply_chart
from .lecture import command_format, commands_and_responses, smtp_range
from .machine import state_machine
from .network import topology
from .sequence import ladder

__all__ = [
    "command_format",
    "commands_and_responses",
    "ladder",
    "reply_chart",
    "smtp_range",
    "state_machine",
    "topology",
]
