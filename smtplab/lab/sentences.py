"""The error sentences of the lab, with ``{fields}`` for what is known only when the error occurs.

What a session waits for is put into words in `waiting`.
"""

# Undo and fork
UNDO_AND_FORK_NEED_A_LAB = "{method} works only in a Lab: {reason}"
A_REAL_SERVER_DOES_NOT_FORGET = "a real server does not forget what it was told"
MAIL_IS_NOT_IN_MEMORY = "{host} keeps its mail outside the memory"
HOST_CANNOT_GO_BACK = "{method} does not work here: {obstacle}"
STEP_HAS_NOT_ENDED = "{method} does not work inside a step; leave the `with session.step():` block first"
UNDO_TAKES_A_NUMBER = "undo takes a number of steps, such as undo(2), not {value}"
UNDO_TAKES_ONE_OR_MORE = "undo takes 1 step or more, not {steps}"
TOO_FEW_STEPS = "{steps} cannot be undone; this session has made {made}"

# Sending
SEND_TAKES_TEXT = 'a line is text, such as "NOOP", not {value}'
SEND_BYTES_TAKES_OCTETS = 'send_bytes takes octets, such as b"NOOP\\r\\n", not {value}'
HALF_A_CHARACTER = "the line holds half a character ({half}), which cannot be sent as UTF-8"
SERVER_WAITS = "the server says nothing: it waits for {wanted}"
CONNECTION_BROKE = "the connection to the server broke: {reason}"

# Predictions
QUESTION_IS_ANSWERED = "this question has been answered, with {code}; call session.predict(...) for a new one"
SESSION_HAS_GONE_ON = "the session has gone on since the question was asked; call session.predict(...) again"

# The way of a message
NO_SUCH_MESSAGE = "the session has {count}, and none with the index {index}"

# Tables and figures
NEITHER_SESSION_NOR_TRANSCRIPT = "this takes a session or a transcript, not {kind}"
STATE_OUT_OF_REACH = "{host} does not let a client reach {state}; it answered {reply}"
CODE_IS_NEVER_GIVEN = "the lab's server never answers {code}"
TOPOLOGY_TAKES_A_LAB = "topology takes a Lab, or a session or a client in one, not {kind}"
TOPOLOGY_NEEDS_A_LAB = "this session is held outside a Lab, so its machines are not known; draw topology(Lab()) instead"
RANGE_HAS_THREE_MACHINES = "{count} names were given; smtp_range takes three, one for each machine that uses SMTP"
