"""The error sentences of transcripts, with ``{fields}`` for what is known only when the error occurs."""

# Text
NO_MARK = "line {number} has no mark; write C:, S: or = before each line, also before {line!r}"
BEFORE_THE_GREETING = "line {number}, {line!r}, comes before the server's greeting; begin at its 220 line"

# Pasted sessions
NO_SESSION = "this text has no line of a server, such as 220 and a host name; paste the session from its 220 line"
GREETING_MISSING = "line {number}, {line!r}, is not a greeting; paste the session from its 220 line"
REPLY_TO_NOTHING = (
    "line {number}, {line!r}, reads as a reply, but no command waits for one; "
    "write # before the line if it is a remark, or add the command"
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
