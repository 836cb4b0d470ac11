"""The error sentences of the lab, each in one place."""

# Undo and fork
UNDO_AND_FORK_NEED_A_LAB = "{method} works only in a Lab: {reason}"
A_REAL_SERVER_DOES_NOT_FORGET = "a real server does not forget what it was told"
MAIL_IS_NOT_IN_MEMORY = "{host} keeps its mail outside the memory"
HOST_CANNOT_GO_BACK = "{method} does not work here: {obstacle}"
STEP_HAS_NOT_ENDED = "{method} does not work inside a step; leave the `with session.step():` block first"
UNDO_TAKES_A_NUMBER = "undo takes a number of steps, such as undo(2), not {value}"
UNDO_TAKES_ONE_OR_MORE = "undo takes 1 step or more, not {steps}"
TOO_FEW_STEPS = "{steps} cannot be undone; this session has made {made}"
TOO_FEW_SINCE_TIME_PASSED = (
    "{steps} cannot be undone; this session has made {made} since time last passed in the lab, so undo({made}) works"
)

# Sending
SEND_TAKES_TEXT = 'a line is text, such as "NOOP", not {value}'
SEND_BYTES_TAKES_OCTETS = 'send_bytes takes octets, such as b"NOOP\\r\\n", not {value}'
HALF_A_CHARACTER = "the line holds half a character ({half}), which cannot be sent as UTF-8"
BULLET = "a bullet is not a dot, so the message goes on"
FOREIGN_DOT = "this is another character than the dot that ends a message, so the message goes on"
DOT_WITH_BLANKS = "a dot with a blank beside it is not alone in its line, so the message goes on"
SERVER_WAITS = "the server says nothing: it waits for {wanted}"
CONNECTION_BROKE = "the connection to the server broke: {reason}"

# What the server waits for, in SERVER_WAITS
REST_OF_LINE = "the rest of the line; lines end in CRLF"
YOUR_ANSWER = "your {due}"
REST_OF_MESSAGE = "the rest of the message; a line with a single dot ends it"
NEXT_COMMAND = "a command, such as {verbs}"

# No answer came in time
NOTHING_CAME = "the server gave no {due}"
NOTHING_CAME_WITHIN = "the server gave no {due} within {seconds:g} s"
ENDS_IN_LF = "; it said {line} with LF alone, and only CRLF ends a line (RFC 5321 2.3.8)"
HAS_NO_CRLF = "; it said {line} without CRLF, and only CRLF ends a line (RFC 5321 2.3.8)"
NO_WHOLE_REPLY = "; it said {line}, which does not complete a reply"
NOT_A_GREETING = "; it said {line}, which is a reply, but not a greeting"
MAY_BE_LOST = "; the message is not known to be delivered"

# The connection has ended
SERVER_CLOSED = "the server closed the connection{missing}"
SENT_TOO_MUCH = "the server sent more than {octets} octets{missing}; the connection is closed"
WITHOUT_ANSWER = " without a {due}"
SESSION_CLOSED = "the session is closed"
SESSION_CLOSED_AFTER = "the session is closed, after the server said {reply}"
OPEN_AGAIN = "{why}; open a new one with {again}"

# Predictions
QUESTION_WAS_SKIPPED = (
    "the line was sent without a prediction when you ran a later cell; to predict it, run the notebook from its "
    "first cell"
)
QUESTION_IS_ANSWERED = "this question has been answered, with {prediction}; call session.predict(...) for a new one"
NO_PREDICTION = (
    "{word!r} is not a valid prediction; write a word in quotes: {words}; or the code that you expect: .answer(250)"
)
SESSION_HAS_GONE_ON = "the session has gone on since the question was asked; call session.predict(...) again"

# Puzzles about a session
NOTHING_WAS_SENT = "the client says nothing in this session; take one with commands"
NO_ORDER = "write the numbers of the lines, 1 to {most}, in the order in which to send them"
NO_SUCH_LINE = "{word!r} is not the number of a line; there are the lines 1 to {most}"
LINE_TWICE = "the line {number} stands twice in this order, and a line is sent once"
NOTHING_TO_HIDE = (
    "hide={hide!r} leaves no blank in this session; write {words}, or the numbers of lines, as in hide=[3, 5]"
)
NO_SUCH_BLANK = "line {line} has no blank; there are blanks in {blanks}"
NO_FILLING = "write the number of a line and what belongs there, as in {example}"

# The way of a message
NO_SUCH_MESSAGE = "the session has {count}, and none with the index {index}"

# Mailboxes and transcripts
EMPTY_MAILBOX = "The mailbox of {address} has no messages."
NO_MESSAGE_THERE = (
    "the mailbox of {address} has {count}, so there is none at this place; send one, or run the notebook from its top"
)
NO_HOST_FOR_DOMAIN = "no host here keeps mail for {domain!r}; there is mail for {domains}"
NO_SUCH_MAILBOX = "{host} has no mailbox {name!r}; it has {mailboxes}"
ADDRESS_WITHOUT_DOMAIN = "{name!r} has no domain; did you mean {meant}?"
TRANSCRIPT_NAMES_NO_HOST = "the transcript does not name the server's host; pass its name as `host`"

# Tables and figures
OCTETS_AND_NO_TEXT = "diagnose takes text, not {kind}; decode the octets first, as in diagnose(octets.decode())"
NEITHER_SESSION_NOR_TRANSCRIPT = "this takes a session or a transcript, not {kind}"
STATE_OUT_OF_REACH = "{host} does not let a client reach {state}; it answered {reply}"
CODE_IS_NEVER_GIVEN = "the lab's server never answers {code}"
TOPOLOGY_TAKES_A_LAB = "topology takes a Lab, or a session or a client in one, not {kind}"
CHART_TAKES_A_LAB = "delay_chart takes a Lab, not {kind}"
TOPOLOGY_NEEDS_A_LAB = "this session is held outside a Lab, so its machines are not known; draw topology(Lab()) instead"
RANGE_HAS_THREE_MACHINES = "{count} names were given; smtp_range takes three, one for each machine that uses SMTP"

# Time and queues
LAB_HAS_NO_QUEUES = (
    "{name}: in this lab a host relays while its client waits, and no time passes; make a lab whose hosts queue with "
    "smtplab.Lab(queues=True)"
)
SCHEDULE_WITHOUT_QUEUES = "a lab without queues tries nothing again; add queues=True to use a schedule"
TIME_PASSES_FORWARD = "time passes forward; use 0 or more, such as run(hours=3), not {seconds:g} seconds"
TIME_TOO_LONG = "use at most {most} days at a time, such as run(days=3)"
TIME_IS_NUMBER = "a time is a number, such as run(days=3), not {value!r}"
TIME_HAS_PASSED = "time has passed in the lab since that step, and the hosts have worked on their mail"
UNDER_WAY = "{host} is trying to deliver a message at this moment; let the lab run a few seconds more"
NO_SUCH_MAIL = "no host here has queued a message {id!r}; known ids: {known}"
NOT_A_ZONE = "a lab's zone is a Zone, not {kind}"
LINK_NEEDS_TWO = "a link joins two hosts, and both names are those of {host}; name another one"

# What still waits when `run` ends
WAITS = "{messages} {wait} at {host}: {why}; {next}."
IS_DOWN = "{host} is down"
LAST_ATTEMPT = "the last attempt failed: {words}"
NO_ATTEMPT_YET = "no attempt has ended yet"
NEXT_ATTEMPT = "next attempt {when}"
ATTEMPT_RUNS = "an attempt is under way"
GOES_ON_WHEN_UP = "it goes on when it is up again"

# What a call has changed at a host
DOWN_UNTIL_UP = '{host} is down until lab.up("{host}").'
DOWN_FROM_UNTIL_UP = '{host} is down from {began} until lab.up("{host}").'
DOWN_FROM_UNTIL = "{host} is down from {began} until {ends}."
DOWN_AND_UP = "{host} has gone down, and is up again."
FAULT_FROM_NOW = "From the next session on, at {host}: {fault}."

# A host with the student's own server
SERVER_FAILED = "your server failed with {error}{place}"
FEED_GIVES_OCTETS = "your server failed: feed must return octets, such as b'250 OK\\r\\n', not {value}"
SERVER_NOT_OBJECT = (
    "each connection needs a new object, so give the class: lab.add_host('own.example', {kind}), without brackets"
)
SERVER_IS_CLASS = "the server of a host is a class with feed(octets), not {value}"
SERVER_HAS_NO_FEED = "{kind} has no method feed(octets), which answers the client"
HOST_NAME_TAKEN = "{host} is a host of the lab already; give your own host another name, such as own.example"
RUNS_YOUR_SERVER = (
    "{host} runs your own server; only the hosts that come with the lab have a directory, faults and queues"
)
OWN_SERVER_KEEPS = "your own server does not go back; open a new session with lab.telnet"
