"""The sentences that a lesson says, each in one place."""

# A lesson that cannot begin
NO_LESSON = "there is no tutorial {name!r}; there are {names}"
DAMAGED_LESSON = "the tutorial {name!r} that came with smtplab is damaged; install smtplab again"
BAD_GOAL = "cell {cell}: the goal {goal!r} is not understood"

# The verdict on an open cell
ANSWERED = "{line} was answered with {reply}"
ANSWERED_BY_YOU = "you answered {line} with {reply}"
REPLY_WITHOUT_TEXT = "your reply {code} has no text; the standard wants some behind the code, for people (RFC 5321 4.2)"
REFUSED_AS_WANTED = "{line} was refused: {reply}"
LINE_SAID = "the server has the line; inside a message it says nothing"
MAIL_ARRIVED = "the message {subject!r} is in the mailbox of {address}"
NOTHING_LEFT = ", and no host has anything left to deliver"
NOTHING_SENT = "nothing was sent; type your line in this cell, below the task, and run it again"
EXPECT_ABOVE = "`{directive}` looks at the last reply before it, so it stands below the line that you send"
BLANKS_ALONE = "a cell that has only empty lines sends nothing; `%send` in a line of its own sends an empty line"
NOT_WRITTEN = (
    "what was sent is right, but this cell has no `{directive}`; write it here, in place of the lines that were sent, "
    "and run the cell again"
)
HALF_OF_CRLF = "the carriage return is there; send only what is still missing, the line feed"
STANDARD_FORM = "(The standard writes `{line}`; strict hosts refuse other forms.)"
LINE_NOT_ENDED = "{octets} was sent, but it does not end a line; only CRLF does"
NOT_SAID = "you said {said}; this step wants a different line"
STILL_MISSING = "what you said is right so far; still missing: {verbs}"
MISSING_BEFORE = "you said {said}; missing before it: {verbs}"
MESSAGE_BEFORE_IT = "the message has ended without {verbs}"
SAY_AGAIN = "right so far: {said}; now say {verbs} again"
COLON_IS_THERE = "{line} has its colon; the task wants the line without it, and with no other mistake"
TWO_MISTAKES = "{line} has two mistakes: the colon is missing, and {other}; make only the one of the task"
SERVER_NOW = "you are the server now: greet with 220 and a name; the host will say HELO"
HOST_WAITS = "you are the server, and the host said {line}; answer it with {code} and any text"
OTHER_REPLY = "the host said {line}, and your reply was {got}; the right one begins with {code}"
SWITCH_FIRST = "you are in the session `{name}`; say `{switch}` first"
ARGUMENT_MISSING = "you said {line}{reply}; its argument is missing"
REPLY_IS_RIGHT = ", and the reply {code} is the right one"
ONE_AT_A_TIME = "{line} names several; say `{verb}` once for each, in a line of its own"
USER_NOT_LIST = "`VRFY` asks for a user; for lists it is `EXPN`"
LIST_NOT_USER = "`EXPN` asks for a list; for a user it is `VRFY`"
EHLO_FOR_HELO = "you said {line}, which a server answers like HELO; this step wants HELO itself"
REFUSED = "{line} was refused: {reply}. {text}"
REFUSED_FOR_ORDER = "{line} was refused: {reply}, because {verbs} must come before it"
TRANSACTION_OPEN = "{line} was refused: never (503), because a transaction is open"
GO_ON_WITH = "; go on with {verb}"
RSET_FIRST = "; say RSET, which forgets sender and recipients, and then your line again"
OTHER_CODE = "{line} was answered with {reply}, and {wanted} is wanted"
RSET_BEFORE_AGAIN = "; a transaction is open now, so say RSET before you try again"
OTHER_VERB = "{line} was refused: {reply}, the right code; the task wants it from {verb}"
NO_END = "{line} is a line of the message now, which goes on"
SEND_THE_DOT = "; send only what is missing, a line with a dot alone, in this cell or in a new one"
CRLF_IN_MESSAGE = "{line} is a line of the message now; `<CRLF>` means the Enter key. Type the dot alone"
BULLET_IN_MESSAGE = "{line} is a bullet, and so a line of the message; send only a dot, alone in its line"
FOREIGN_DOT_IN_MESSAGE = (
    "{line} is another character than the dot, and so a line of the message; send only a dot, alone in its line"
)
DOT_IN_MESSAGE = (
    "{line} is a line of the message, because more than the dot stands in it. Your lines are in the message already; "
    "send only the dot"
)
OTHER_ARGUMENT = "you said {line}{reply}; compare its argument with the task"
NO_ARGUMENT = "you said {line}; `{verb}` takes no argument, so say it alone"
OTHER_LINE = "none of your lines is the one that the task wants"
LINE_IS_OVER = (
    "the line of the cell above has its end already, so you have sent a line of its own; to try again, run the cell "
    "above, and then send only the end here"
)
NO_EMPTY_LINE_YET = "the message has no empty line yet, which ends its header; send it, before the lines of the text"
NOT_IN_MESSAGE_YET = "the message has no line `{wanted}` yet; send it, before you end the message"
SEVERAL_NOT_IN_MESSAGE_YET = "the message does not have {lines} yet; send them in this order, before its end"
TOO_LATE = "the message has its text {text} already, and {missing} had to come before it"
DOT_TAKEN = "the server takes the first dot of {line} away, so {kept} will stand in the mailbox; the task wants {meant}"
NO_DOT_TO_TAKE = "{line} does not begin with a dot, so it will stand in the mailbox as it is; the task wants {meant}"
NEAR_LINE = "the message has {line}; the task has {meant}"
OTHER_CAPITALS = "the message has {line}; the task has {meant}, with other capital letters"
DOT_AT_ITS_END = (
    "the message has {line}, with a dot too many at its end; only a line that holds nothing but a dot ends a message"
)
NO_DOT_AT_ITS_END = "the message has {line}; in the task this line has a dot at its end"
BLANK_BEFORE_IT = "the message has {line}, with a space in front, which the task does not have"
TWICE_IN_MESSAGE = (
    "{lines} stands in the message more than once: a cell that runs twice sends its line twice; it does no harm here"
)
SEVERAL_TWICE_IN_MESSAGE = (
    "{lines} stand in the message more than once: a cell that runs twice sends its lines twice; they do no harm here"
)
IN_QUOTATION_MARKS = "the message has {line}, with the quotation marks; the task wants the line without them"
ENDED_TOO_SOON = "the message has ended, and this step only leads up to it"
MESSAGE_LACKS = "the message has ended, and {lines} is not in it"
MESSAGE_LACKS_SEVERAL = "the message has ended, and {lines} are not in it"
MESSAGE_WITHOUT = "the message has ended, and a line that the task wants is not in it"
LINE_OF_A_MESSAGE = "{line} was refused: {reply}, because it is a line of the message; say {verbs} first"
PYTHON_IN_SMTP = "this is an SMTP cell, and {line} is Python; write the line alone, without `{call}`"
NAME_IN_MARKS = "{line} has quotation marks; write the name of your machine without them"
WITHOUT_PERCENT = "`%{word}` asks the lab; the server gets the line without the `%`, as `{verb}`"
DIRECTIVE_IN_LINE = "{line} holds a directive; `{directive}` stands in a line of its own"
DOT_OUTSIDE = "{line} was refused: {reply}; a dot ends a message, and you are in none. This step wants a command"
MEANT = "; did you mean `{verb}`?"
LECTURE_HAS = "; the lecture's page has {word}, and the verb is `{verb}`"
REPLIES = "All replies: {codes}."
ALSO_REFUSED_IN_TRANSACTION = (
    "{line}, which you also said, was refused: {reply}, because a sender was given already{sender}, and that one "
    "stayed; you can go on"
)
ALSO_REFUSED = "{line}, which you also said, was refused: {reply}; you can go on"
COMMAND_IN_MESSAGE = "{line} is a line of the message now, because inside a message the server reads no commands"
LINE_TOO_MUCH = "the message has the line {line}, which the task does not want"
LINES_TOO_MANY = "the message has lines that the task does not want: {lines}"
ENDED_WITH_A_LINE = "the message has ended, but it holds a line that the task does not want: {line}"
ENDED_WITH_LINES = "the message has ended, but it holds lines that the task does not want: {lines}"
BLIND_COPY = (
    "{line} is a line of the message, so everybody who gets it can read it; name this recipient with `RCPT`, and in no "
    "line of the message"
)
ALSO_EMPTY_LINE = (
    "an empty line is in the message, too, where it does no harm: `send` ends each line itself, so send the dot alone"
)
MAIL_BELOW_ANOTHER = "the message {subject!r} is in the mailbox of {address}, below a newer one"
ALSO_IN_MESSAGE = "the line {line} is in the message, too, where it does no harm"
BEHIND_EMPTY_LINE = "{line} stands behind an empty line, so it is text and not a field of the header"
TEXT_IN_OTHER_ORDER = "the lines of the text stand in another order than in the task"
OTHER_SENDER_NOW = "the sender of the message is {sender}; compare it with the names in the task"
EXTRA_RECIPIENT = "the message also has the recipient {recipients}, which the task does not name"
RECIPIENT_MISSING = "the recipient {recipients} is missing in the last message"
MAIL_OF_ANOTHER = "the message {subject!r} is in the mailbox of {address}, but its sender is not {sender}"
NO_MAIL = "the mailbox of {address} has no message with the subject {subject!r}"
NO_MAIL_YET = (
    "the mailbox of {address} has no message with the subject {subject!r}; mail waits in the queue of {hosts}, so let "
    "time pass"
)
SEND_IT_AGAIN = "; run the cells that send it again, then this one"
OUTAGE_ENDED = (
    "`lab.up` ended the outage, which this step needs; run the cell with `{line}` again, and then this one without "
    "`lab.up`"
)
NO_MAIL_LEFT = (
    "the mailbox of {address} has no message with the subject {subject!r}, and no host has mail left to deliver{again}"
)
OTHER_SUBJECT = "the newest message in the mailbox of {address} has the subject {got!r}; the task wants {subject!r}"
MAIL_ELSEWHERE = "the message {subject!r} is in the mailbox of {other}; the task wants it in that of {address}"
STILL_WAITING = "mail still waits in the queue of {hosts}; let time pass until no host has anything left"
NO_GUESS = "there is no prediction yet; write `{name} = ` and behind it {choices}"
OTHER_GUESS = "{value} is not one of the choices; write {choices}"
NEAR_GUESS = "{slip} Write {choices}"
GUESS_IN_QUOTES = "text needs quotes; write `{name} = ` and behind it {choices}, with the quotes"
GUESS_NOTED = "your prediction is “{value}”; the next cell shows what happens"
GUESS_WAS_RIGHT = "You predicted “{value}”: right."
GUESS_WAS_WRONG = "You predicted “{value}”; it was “{right}”."
NO_SESSION = "there is no session{called} yet; open one as the task says, or run the cells above first"
OTHER_SESSION = 'you sent it in `{other}`; this step is about `{session}`: `{session}.send("...")`'
CLOSED_SESSION = 'you wrote to a session that is closed; this step is about `{session}`: `{session}.send("...")`'
MISNAMED = "you called the new session `{name}`; write `{call}`"
MISNAMED_HELD = " (`{name}` is your earlier session again)"
WRONG_HOST = "`{session}` is a session with {host}, and the task wants one with {wanted}; open it again with `{call}`"
SAY_RSET = (
    "the server keeps {kept}; say `RSET`, which forgets sender and recipients, and then all lines of the message "
    "again, from the sender on"
)
TAKE_BACK = (
    "`{call}` takes back your last {steps}, all that you sent for this step; run it once, in an empty cell, and then "
    "send the lines again"
)
IN_A_MESSAGE = "you are in a message now, where the server reads no commands"
TAKE_MORE_BACK = (
    "`{call}` takes back your last {steps}, also what got into the message before this step; run it once, in an empty "
    "cell, and then send the lines again"
)
UNDONE_TOO_FAR = (
    "the undo has also taken back {lines}, which the tutorial needs; send that again, or go on: before the next cell "
    "of the tutorial the lesson says it again"
)
OPEN_ANEW = (
    "`{call}` in an empty cell opens a new session; then run this cell again, and the lesson first says HELO there"
)
EARLIER_MESSAGE = (
    "you can go on, but the host has an earlier message of this step, too, and the cells below show both{way}"
)
WITHOUT_THE_EARLIER = (
    "; if you want only one, run `{call}` once, in an empty cell, which takes back all that you sent for this step, "
    "and then send the lines again"
)
WITHOUT_THIS_ONE = "; if you want only one, run `{call}` once, in an empty cell, which takes this one back"
EARLIER_MESSAGE_UNSEEN = (
    "the host has an earlier message of this step, too; the cells below show only the last one, so you need not do "
    "anything"
)
EARLIER_MESSAGE_IN_LISTS = (
    "you can go on, but the host has an earlier message of this step, too: a mailbox below shows the last one alone, "
    "and lists of what the hosts did may have rows about both{way}"
)
OF_ONE_MESSAGE = "this is about one message; what you see also has the earlier one that you sent for “{task}”"
ENDED_BY_QUIT = "`QUIT` ended the session, which the cells below go on with"
CLOSED_WITHOUT_GOODBYE = (
    "`close` breaks the connection and says nothing; this step wants a command that says goodbye. {ended}"
)
USUAL_RESET = "(`{verb}` has cleared the transaction, too; the usual way is `RSET`.)"
IN_MESSAGE_AGAIN = (
    "This cell ran before, and its lines are in the message already; now the message has them once more. To have them "
    "once, run `{call}` in an empty cell."
)
SESSION_ENDED = (
    "the session ended{how}; run this cell again, and the lesson first opens the session again, as it stood above"
)
GO_ON = "the message is with the server now; go on, or run the notebook again from its first cell"
BEGIN_ANEW = "to try again, open `{session}` anew in this cell and say all its lines"
NOTHING_THIS_TIME = "nothing was sent this time, so you can go on"
OVER_BEHIND_IT = "the session is over, and this step was done in it, so you can go on"
UNCHANGED = "this time: {reason}"
NOTHING_CHANGED = "it changed nothing, so you can go on"
CHANGED = "this step was done before; this time: {reason}"
GO_ON_OR_TAKE_BACK = "you can go on; `{call}`, run once in an empty cell, takes back what you sent this time"
TAKE_THIS_BACK = "`{call}` takes back what you sent this time; run it once, in an empty cell, and then go on"
ENDED_THIS_TIME = "it ended the session; before the next cell that needs it, the lesson opens it again, as it stood"
NEEDS_STEP = (
    "this cell needs the step of the cell “{task}”, which is not done; do that step in its cell, then run this cell "
    "again"
)
HINT_HELPS = "`%hint` helps."
HINT = "Hint: {hint}"

# An error in the cell
NAME_IN_QUOTES = 'in Python this name stands in quotes: `{call}("{name}")`'
LINE_IN_QUOTES = 'in Python the whole line stands in quotes, as in `{call}("HELO laptop.example")`'
STRAIGHT_QUOTES = '`{quote}` is a quotation mark of printed text; in Python use straight ones, as in `"NOOP"`'
OF_THE_LAB = "`{name}` belongs to the lab: write `lab.{name}({arguments})`"
OF_THE_SESSION = "`{name}` belongs to the session: write `{session}.{name}({arguments})`"
MEANT_CALL = "the lab has no `{name}`; did you mean `lab.{meant}({arguments})`?"
WITHOUT_ARGUMENT = "`{call}` needs the {argument} between its brackets"
NOT_CLOSED = "a bracket or a quotation mark is not closed"
WITH_BRACKETS = "`{call}` without brackets only names the call; to make it, write `{call}({arguments})`"
IN_QUOTES = 'in Python a line stands in quotes: `{session}.send("...")`'
WITH_SEND = 'a line is sent with `{session}.send("...")`'
OTHER_NAME = "there is no `{name}` here; the session of this task is called `{session}`"
NOT_OPENED = 'there is no `{session}` yet; open it first with `{session} = lab.telnet("...", 25)`'
WITH_LAB = 'a session is opened with `lab.telnet("...", 25)`'
DONE_BUT_FAILED = "the cell ended in an error: {error}; but what it did for this step was right, so you can go on"
ENDED_IN_AN_ERROR = "the cell ended in an error: {error}"

RAW_FORGOTTEN = "{line} was sent as {count} letters, because it does not begin with `%raw`"
NOT_ON_ONE_LINE = (
    "a text in simple quotes must end on its line; write \\n in it for a new line, or put three quotes around it"
)

# A function, a class or a table that the student writes
NO_FUNCTION = "there is no `{name}` yet; write it below the task"
STILL_DOTS = "three dots still stand {place}; write your code in their place"
IN_THE_LINE = "in `{line}`"
ON_A_LINE = "on a line of their own"
WRONG_CALL = "{call} {got}; it must {wanted}"
SLIP_OF_A_CALL = "{call} {got}: {slip}"
GAVE = "gives {value}"
GAVE_NO_OCTETS = "must return octets; it returned {kind}"
MUST_GIVE = "give {value}"
THE_CODE = "the code {code}"
THE_CODES = "the codes {codes}"
NO_REPLY = "no reply"
MUST_RAISE = "raise `{error}`"
ENDED_IN = "ends in `{error}`{place}"
WAITS_FOR_EVER = "waits for octets that never come{place}"
NEVER_ENDED = "does not come to an end{place}"
IN_YOUR_LINE = ", in your `{place}`"
CALLS_RIGHT = "{calls} before it {were} right."
ALL_CALLS_RIGHT = "`{name}` is right in all {count} calls that were tried"
VALUE_RIGHT = "`{name}` is right"
STANDS_IN = "The cell “{task}” is not answered yet, so the `{name}` of the lesson stands in for yours."
STANDS_IN_FOR_YOURS = (
    "Your `{name}` is not right yet, so the one of the lesson stands in for it. Run your cell again to have yours back."
)

# A step that was done for the student
OPEN_AGAIN = "The session had ended{how}; that was taken back, and it is open again"
OPENED_ANEW = "The session had ended{how}, so a new one was opened in its place{left}:"
NOT_OPENED_AGAIN = "The session has ended{how}, and no new one could be opened: {problem}"
SAID_AGAIN = "The session had lost some of what was said in it, so it was said again:"
SAID_IN_NEW_ONE = (
    "You have opened a new session. This cell goes on from where the one before stood, so the lesson has said its "
    "lines again:"
)
RUN_FOR_YOU = "The cell with {line} was not run, so it was run for you:"
SEVERAL_RUN_FOR_YOU = "The cells with {lines} were not run, so they were run for you:"
COULD_NOT_BE_RUN = "The cell with `{line}` was not run, and it failed: {problem}"
DO_IT_YOURSELF = "Do this step in its cell, then run this cell again."
SEND_AGAIN = "Run the cell {cell} again, then this one."
TRIES_TAKEN_BACK = ", after what you had sent for it was taken back"
OPENED_FIRST = ", in a new session"
TRIES_LEFT = "; a message that you sent before stays with the host until you run the notebook from its first cell"
NOT_PREDICTED = "The cell “{task}” is not answered yet; you go on without a prediction."
DONE_BEFORE = (
    "this step was done for you when you ran a later cell; to do it yourself, run the notebook from its first cell"
)
RAN_BEFORE = (
    "This cell ran before. The state of the session was: {then}. It is now: {now}, so the line may get another reply."
)
DONE_FOR_YOU = "The cell “{task}” is not answered yet, so its step was done for you{first}:"
SENT_UNPREDICTED = "The prediction of {line} is not made yet, so the line was sent without it{first}:"
COULD_NOT_BE_DONE = "The cell “{task}” is not answered yet, and its step failed: {problem}{more}"
MORE_FAILED = " So did {steps} below it."

MADE_READY = "This cell ran before and used up what it reads, so the {cells} with {lines} ran again first."
TIME_PASSES_AGAIN = (
    "This cell ran before, and runs again now: more time passes in the lab, and mail that the cell sends is sent once "
    "more. To have it once, run the notebook from its first cell."
)

# A hint that was asked for
NOTHING_TO_HINT = "There is no open task; run a cell that begins with “Now you”, and ask again."
PREDICT_FIRST = (
    "The line of your last cell waits for a prediction. Choose what you expect; a wrong prediction breaks nothing."
)
HINT_FOR = "Hint for “{task}”: {hint}"
ANSWER = "One answer to “{task}”:\n{answer}"
AFTER_THE_UNDO = "First take back what you sent for this step, once and in an empty cell:\n{call}\nThen {answer}"
