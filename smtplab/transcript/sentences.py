"""The error sentences of transcripts, with ``{fields}`` for what is known only when the error occurs."""

# Rows
MORE_THAN_ONE_LINE = "a row holds one line; {data!r} has more after its CRLF"
NOTE_AS_LITERAL = "a note cannot be a literal, because it is not on the wire"

# Text
NO_MARK = "line {number} has no mark; write C:, S: or = before each line, also before {line!r}"
BEFORE_THE_GREETING = "line {number}, {line!r}, comes before the server's greeting; begin at its 220 line"

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

# Sources
NEITHER_SESSION_NOR_TRANSCRIPT = "this takes a session or a transcript, not {kind}"
