"""The error sentences of transcripts, with ``{fields}`` for what is known only when the error occurs."""

# Rows
MORE_THAN_ONE_LINE = "a row holds one line; {data!r} has more after its CRLF"
NOTE_AS_LITERAL = "a note cannot be a literal, because it is not on the wire"

# Text
NO_MARK = "line {number} has no mark; write C:, S: or = before each line, also before {line!r}"
BEFORE_THE_GREETING = "line {number}, {line!r}, comes before the server's greeting; begin at its 220 line"

# Pasted sessions
NO_SESSION = "this text has no line of a server, such as 220 and a host name; paste the session from its 220 line"
GREETING_MISSING = "line {number}, {line!r}, is not a greeting; paste the session from its 220 line"
SECOND_SESSION = "line {number}, {line!r}, begins a second session; paste one session at a time"
REPLY_TO_NOTHING = (
    "line {number}, {line!r}, reads as a reply, but no command waits for one; "
    "write # before the line if it is a remark, or add the command"
)
REPLY_BEHIND_A_NAME = (
    "line {number}, {line!r}, has a reply behind a name; remove the names before all replies, and add the commands"
)
UNFINISHED_REPLY = (
    "line {number}, {line!r}, comes before the end of the reply in line {reply}; "
    "add the last line of that reply, which has a space after its code"
)
TWO_READINGS = (
    "line {number}, {line!r}, may be a command or a remark: {replies} for {lines} from line {first} on; "
    "write # before each remark"
)
WRONG_PAIR = (
    "line {number}, {line!r}, would answer {said!r} in line {command}; add the reply that is missing, "
    "or write # before line {command} if it is a remark"
)
NO_REPLY = "line {number}, {line!r}, or a command after it has no reply; add the reply that is missing"
NO_DOT = (
    "line {number}, {line!r}, comes before the end of the message; "
    "add the line that holds one dot, and the lines after it that are missing"
)

# JSON
NOT_JSON = "this is not a transcript: it is not JSON ({reason})"
NO_FORMAT = 'this is not a transcript: the JSON has no "format": "{format}"'
OTHER_VERSION = "this transcript has version {found!r}; this smtplab reads version {version}"
NO_ROWS = 'this transcript is damaged: it has no list of "rows"'
DAMAGED_ROW = "this transcript is damaged in row {number}: {reason}"
ROW_IS_NOT_AN_OBJECT = "it is {found!r}, not an object"
WRONG_TIME = "its time is {found!r}, not a number of seconds or null"
WRONG_SIDE = "its side is {found!r}, not C, S or ="
WRONG_NAME = "its name is {found!r}, not the name of a reply"
WRONG_LITERAL = "its literal is {found!r}, not true or false"
NO_DATA = 'it has no string "data" or "hex"'
