"""The error sentences of the SMTP kernel, the magics and the widgets: what happened, and what to do.

A sentence begins in lower case; `cell_result.CellError` and `widgets.widget.Widget` add the capital and the stop.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..base.nearest import nearest

# Names
NO_SUCH = "there is no {what} {name!r}; {instead}"
DID_YOU_MEAN = "did you mean {name}?"
THERE_ARE = "there are {names}"
NOT_A_NUMBER = "{text!r} is not a valid number of {what}; use 1, 2, 3 ..."

# Sessions
NO_SESSION = "no session is open yet: {invitation}"
INVITATION = "`telnet {host} {port}` opens a session; the hosts here are {hosts}"
STANDING_AFTER = "{error}; {standing}"
INTERRUPTED = "interrupted; {standing}"
RUN_AGAIN = (
    "= this cell ran before. The state of the session was: {then}. It is now: {now}. `telnet HOST` begins a new session"
)
BAD_SESSION_NAME = "the name of a session is one word of at most {most} characters"
OPENER_SYNTAX = "{opener} is followed by a host and a port; {invitation}"
BAD_PORT = "{text!r} is not a valid port; use a number from 1 to 65535, which is {smtp} for SMTP"
ONLY_THIS_MACHINE = (
    "besides the hosts in memory, only servers on this machine can be called, as in `telnet 127.0.0.1 2525`"
)
NO_HOST = "{no_such}; {only_here}"
OTHER_MACHINE = "{host} is another machine; {only_here}"
NO_GREETING = "{error}; the call is ended, because in SMTP the server speaks first"

# Directives
NO_DIRECTIVE = "{word!r} is not a directive; {instead}"
HELP_LISTS = "%help lists the directives"
PYTHON_MARK = "{mark} turns a cell of the SMTP kernel into Python, and stands alone on its first line"
FOR_PYTHON = "%{word} is for Python; in the SMTP kernel, a cell whose first line is {mark} is Python"
TAKES_NO_ARGUMENT = "{syntax} takes no argument; write it alone, without {argument!r}"
PAGES_ELSEWHERE = "`%help` lists the directives, `%table commands` the commands and `%table codes` the codes"
NO_TOPOLOGY = "a topology shows the lab; of the hosts of an exercise only the names are known"
NOT_VISIBLE = (
    "the {what} of a real server, such as {host}, cannot be seen from here; use another session with %switch, or call "
    "a host of the lab with telnet"
)
EXPECT_SYNTAX = "%expect is followed by a code such as 250, a class such as 2yz, or several to choose from"
NO_REPLY = "expected {expected}, got no reply"
OTHER_REPLY = "expected {expected}, got {code}: {text}"
PREDICT_SYNTAX = (
    "%predict is followed by what will come and by the line to send; what will come is one of done, go-on, "
    "not-now, never, no-reply, or a code of three digits"
)
PREDICT_FIRST = (
    "= what will the server answer to `{line}`? Write `%predict not-now {line}`, with what you expect in place of "
    "not-now (done, go-on, never, no-reply, or a code such as 354), and run the cell again; nothing was sent"
)
REVIEW_SYNTAX = "%review is followed by the name of a tutorial, such as 02-type-the-fourteen-commands"
NO_SUCH_ANSWER = "`{said}` answers no question; open to answer: {forms}"
NOTHING_TO_ANSWER = "no question is open to answer; an exercise asks questions, and so do `%review NAME` and `%defend`"
LESSON_SYNTAX = "%lesson is followed by the name of a tutorial, such as 01-type-the-lectures-session"
NO_LESSON = "no lesson has begun; run the notebook from its first cell on"
FORK_SYNTAX = "%fork is followed by a name for the new session"
LAB_SYNTAX = "%lab is followed by new, as in `%lab new`, or by new queues for hosts that hand mail on later"
NO_QUEUES = (
    "in this lab a host relays while its client waits, and no time passes; `%lab new queues` makes a lab whose hosts "
    "queue"
)
DOWN_SYNTAX = "%down is followed by a host, and by a time if it comes up again, as in `%down mail.lab.example 3 days`"
UP_SYNTAX = "%up is followed by a host, as in `%up mail.lab.example`"
FAULT_SYNTAX = (
    "%fault is followed by a fault, with a host in front if it is at one host alone, as in `%fault mail.adelphia.net "
    "lose the 250 after the dot once`; `%fault off` removes all"
)
SESSION_EXISTS = "there is a session {name} already; choose another name"
BRIEF_SYNTAX = "%brief is on, off or new, not {argument!r}"
CARDS_SYNTAX = "%cards is words, states or digits, not {argument!r}"
STRICT_SYNTAX = "%strict is on or off, not {argument!r}"
TIMEOUT_SYNTAX = "%timeout is a number of seconds above 0 and up to {most:g}"

# Exercises
EXERCISE_SYNTAX = "%exercise is followed by its name, your student id, and course=COURSE if there is one"
NO_STUDENT_GIVEN = "write your student id behind %student, as in `%student s42`, and run this cell again"
STUDENT_SYNTAX = (
    "%student is followed by your student id alone, as in `%student s42`, without brackets or punctuation around it; "
    "an id with blanks stands in quotes"
)
NO_EXERCISE = "no exercise is handed out yet; `%exercise NAME STUDENT` hands one out"
NO_TEXTS = "this exercise has no texts besides its task sheet; `%given` alone shows it"
CHECK_SYNTAX = "%check is followed by the name of an exercise, and by the name of one part if you like"
PYTHON_LINE = "this is an SMTP cell, and {call}(...) is Python; {instead}. This line is not sent, nor are those below"
THE_LINE_ALONE = "write `{line}` alone"
NO_CALLS = "write `telnet HOST` or the command itself; `%help` lists what a cell can do besides"
LINE_OF_AN_ANSWER = (
    "`{line}` ... is a line of an answer and not sent; begin the cell with `%answer` and the question, one of "
    "{questions}"
)
ORDER_FIRST = "there is no puzzle yet; `%order` alone shuffles the lines of the session"
FILL_FIRST = "there are no blanks yet; `%fill verbs` hides the verbs of the session"
NO_HINT = "there is no %hint in an exercise; `%check` says what is missing"
ODD_QUOTES = "a quotation mark has no partner"

# Widgets
NO_BUTTON = "there is no button {verb}; there are {verbs}"
BUTTON_IS_OFF = "the button {verb} is off: {reason}"
NO_VIEW = "there is no view {name!r}; there are {names}"
UNSENT_LINES = "the message area has lines that are not sent yet; send them, or delete them, before the lone dot"
CONNECT_FIRST = "there is no session yet; connect with a host first"
OUTSIDE_A_LAB = (
    "outside a lab, open a new session as you opened this one: with smtplab.connect, or telnet of the exercise"
)
NO_CAUSE_OF = "the lab's server never answers {code}"
NO_SUCH_SPEED = "there is no speed {speed:g}; there are {known}"
NO_SUCH_CAUSE = "there is no cause {number}; there are {count}"
CHOOSE_FIRST = "choose a code first, or type its three digits; nothing was sent"


def no_such(what: str, name: str, there: Iterable[str], *, hint: str = "") -> str:
    """Return the sentence for an unknown name, with the nearest known one.

    Args:
        what: the kind of name.
        name: the unknown name.
        there: the known names.
        hint: the advice if no name is near; by default the known names.
    """
    there = list(there)
    near = nearest(name.upper(), there) or nearest(name.lower(), there)
    meant = DID_YOU_MEAN.format(name=near) if near else hint or THERE_ARE.format(names=", ".join(there))
    return NO_SUCH.format(what=what, name=name[:40], instead=meant)
