"""Draw figures of SMTP from the tables and from real conversations, each a `Figure` with a text alternative.

::

    from smtplab import diagrams
    diagrams.ladder(session)                # who said what, in which phase
    diagrams.state_machine(session)         # the state of the session, and its path there
    diagrams.topology(session)              # the machines of the lab, and the route of the message
    diagrams.reply_chart(session)           # the number of replies of each kind
    diagrams.delay_chart(lab)               # how long messages were in queues, and when they were tried
    diagrams.smtp_range()                   # the lecture's three figures
    diagrams.commands_and_responses()
    diagrams.command_format("MAIL FROM:<forouzanb@adelphia.net>")

Only the positions are chosen by hand. The contents come from the vocabulary, the codes, the table of states or a
transcript.
"""

from .charts import reply_chart
from .delays import delay_chart
from .lecture import command_format, commands_and_responses, smtp_range
from .machine import state_machine
from .network import topology
from .sequence import ladder

__all__ = [
    "command_format",
    "commands_and_responses",
    "delay_chart",
    "ladder",
    "reply_chart",
    "smtp_range",
    "state_machine",
    "topology",
]
