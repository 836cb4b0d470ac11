"""The sentences that a lesson says, each in one place."""

# A lesson that cannot begin
NO_LESSON = "there is no tutorial {name!r}; there are {names}"
DAMAGED_LESSON = "the tutorial {name!r} that came with smtplab is damaged; install smtplab again"
BAD_GOAL = "cell {cell}: the goal {goal!r} is not understood"

# The verdict on an open cell
ANSWERED = "{line} was answered with {code}"
LINE_SAID = "the server has the line; inside a message it says nothing"
MAIL_ARRIVED = "the message {subject!r} is in the mailbox of {address}"
NOTHING_SENT = "nothing was sent; type your line in this cell, below the task, and run it again"
NOT_SAID = "the step needs another line than {said}"
OTHER_CODE = "{line} was answered with {code}, and {wanted} is wanted"
OTHER_ARGUMENT = "you said {line}; compare it with the names in the task"
OTHER_LINE = "no line of the message is the one that the task wants"
NO_MAIL = "the mailbox of {address} has no message with the subject {subject!r}"
NO_SESSION = "there is no session{called} yet; open one as the task says, or run the cells above first"
HINT_HELPS = "`%hint` helps."
HINT = "Hint: {hint}"

# A step that was done for the student
DONE_FOR_YOU = "The cell “{task}” is not answered yet, so its step was done for you:"
SENT_UNPREDICTED = "The prediction of {line} is not made yet, so the line was sent without it:"
COULD_NOT_BE_DONE = (
    "The cell “{task}” is not answered yet, and its step failed: {problem} Run the notebook from its top."
)

# A hint that was asked for
NOTHING_TO_HINT = "There is no open task; run a cell that begins with “Now you”, and ask again."
ANSWER = "One answer:\n{answer}"
