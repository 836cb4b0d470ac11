"""Every error sentence of the kernel, so that the wording can be read, translated and improved in one place.

A sentence says what happened and, if there is a way out, what to do. Names in braces are filled in with ``format``
where the error is raised. A sentence that follows from an RFC names the section.
"""

# The order of commands: states.py

OUT_OF_ORDER = "{verb} cannot come here ({state}); what leads on is {leading}"
NOTHING_LEGAL = "{verb} cannot come here: the session is {state}"
NEEDS_EXTENSION = "{verb} needs the extension {extension}, which is not in force; use what the reply to EHLO offers"

# The server's end: server.py

ANSWER_FIRST = "the client waits for a reply; send it before the next event"
NOTHING_TO_ANSWER = "there is nothing to answer with {code}"
ILLEGAL_LINE_ACCEPTED = "a line that is not a legal command cannot be answered with {code}"
IMPOSSIBLE_ANSWER = "{verb} cannot be answered with {code} (RFC 5321 4.3.2)"
COMMAND_TOO_LONG = "the line has {octets} octets, and {limit} are allowed, CRLF included"

# The client's end: client.py

GREETING_FIRST = "wait for the server's greeting first (RFC 5321 3.1)"
NO_PIPELINING = "wait for the reply to {verb} first: the server does not offer PIPELINING"
LAST_OF_GROUP = "wait for the reply to {before} first: {verb} may not follow it in a group (RFC 2920 3.1)"
MESSAGE_BEFORE_354 = "a message can be sent only after DATA was answered with 354"
EIGHT_BIT_NOT_ANNOUNCED = "octets above 127 need MAIL with BODY=8BITMIME or SMTPUTF8 (RFC 6152 3)"
EARLY = "the server sent {code} {text} before it had the message to its end"
UNASKED = "the server sent {code} though nothing was asked"
BAD_GREETING = "the server greets with {code}, which neither welcomes nor refuses"
ENDLESS_LINE = "the server's line goes on beyond {limit} octets"

# Both ends: connection.py, buffer.py, body.py

NOT_TURNED = "the roles are swapped only after TURN was answered with 250"
OVERLONG_COMMAND = (
    "the line has {octets} octets; a command line may have 512, CRLF included, and MAIL with parameters up to {limit}"
)
LINE_TOO_LONG = "the line has {octets} octets, and no line may have more than {limit}, CRLF included"
BARE_LINE_END = "the message holds a bare CR or LF; every line ends in CRLF (RFC 5321 2.3.8)"
MESSAGE_TOO_BIG = "the message exceeds the limit of {limit} octets (RFC 1870 6.3)"
NUL_IN_CONTENT = "the message holds the octet NUL, which stands in no message; leave it out (RFC 5322 3.5)"
EIGHT_BIT_CONTENT = "the message holds octets above 127 without BODY=8BITMIME (RFC 6152 3)"

# Verbs: commands.py, diagnosis.py

NOT_A_VERB = "{word} is not a command of SMTP (RFC 5321 4.1.1)"
EXTENSION_NOT_OFFERED = "{verb} belongs to an extension that is not offered ({rfc})"
EMPTY_LINE = "the line is empty, and a command begins with a verb, such as HELP (RFC 5321 4.1.1)"
BLANK_BEFORE_VERB = "a blank stands before {word}; begin the line with the verb (RFC 5321 4.1.1)"
GLUED_TO_VERB = "{rest} stands right behind {verb}, where only a space or the end of the line may (RFC 5321 4.1.1)"
NO_ARGUMENT = "{verb} takes no argument; write it alone, without {argument}"
ARGUMENT_MISSING = "{verb} needs an argument; write {syntax}"
MORE_BLANKS = "more than one blank stands behind {verb}; put one space there"
STRING_NOT_ASCII = "{argument} is not ASCII, which only VRFY and EXPN may be; write {verb} with ASCII (RFC 6531 3.7.4)"
ENDS_IN_SPACE = "the argument {argument!r} ends in a space, which would be lost"
ENDS_IN_PARAMETER = "the argument {argument!r} ends in a word that would be taken for the parameter SMTPUTF8"
NOT_A_PATH = "{verb} takes a Path, as Path.parse makes it, and not {value!r}"
SENDER_WITHOUT_DOMAIN = "a sender needs a domain, <Postmaster> alone is a recipient"
NULL_RECIPIENT = "the null path <> cannot be a recipient; name one, as in <user@example.com>"
WORD_MISSING = "{word}: and a path are missing behind {verb}; write {verb} {word}:<user@example.com>"
WRONG_WORD = "{verb} is followed by {word}: and a path, not by {argument}; write {verb} {word}:<user@example.com>"
COLON_MISSING = "the colon must stand right behind {word}; write {verb} {word}:<user@example.com>"

# Arguments: grammar.py, diagnosis.py

NOT_UTF_8 = "{what} holds octets that are not UTF-8; only printable text may stand there"
CONTROL_CHARACTER = "{what} holds the control character U+{code:04X}; only printable text may stand there"
TOO_MANY_OCTETS = "{what} has {octets} octets; at most {limit} are allowed (RFC 5321 {section})"
NOT_A_DOMAIN = "{text} is not a domain; write it as in example.com, xn--bcher-kva.example or [192.0.2.1]"
IPV6_TAG_MISSING = "{text} is not an address literal; write [IPv6:{address}] (RFC 5321 4.1.3)"
DOMAIN_MISSING = "{text} has no domain; only Postmaster may stand alone"
HOST_MISSING = "the host name is missing; say who you are, as in HELO client.example.com"
HOST_WITH_SPACE = "the host name {text} holds a space; it is one word, such as client.example.com"
BEHIND_THE_ADDRESS = "{rest} stands behind the address, where nothing may"
BAD_KEYWORD = (
    "{keyword} cannot name a parameter; write one as in SIZE=30000, its name in letters, digits and, further on, "
    "hyphens"
)
BAD_VALUE = '{value} cannot be the value of {keyword}; use printable text without space or "="'
BLANKS_BEFORE_PARAMETER = "one space and nothing else stands before each parameter; put one there (RFC 5321 4.1.2)"
LABEL_TOO_LONG = "the label {label} has {octets} octets; at most {limit} are allowed between dots (RFC 1035 2.3.4)"
GIVEN_TWICE = "the parameter {keyword} is given twice; give it once"
STRICT_WANTS = "{text} needs {wants}; write it as in <user@example.com>"
NAME_BEFORE_ADDRESS = (
    "a name stands before the address, and SMTP takes the address alone; write it as in <user@example.com>"
)
BRACKET_NOT_OPENED = "the address ends with > but does not begin with <; write it as in <user@example.com>"
SPACE_IN_ADDRESS = (
    "a space stands in the address, where only quotation marks allow one; write it as in <user@example.com>"
)
SECOND_ADDRESS = "{rest} begins a second address; one command takes one; write it as in <user@example.com>"
GLUED_TO_ADDRESS = (
    "{rest} stands right behind the address, where only a space and parameters may; write it as in <user@example.com>"
)
ADDRESS_MISSING = "{rest} stands where an address should begin; write it as in <user@example.com>"
AT_MISSING = (
    "the address needs @ and a domain, and {rest} stands there; only Postmaster may stand alone; "
    "write it as in <user@example.com>"
)
DOMAIN_EXPECTED = (
    "{rest} stands where a domain should follow, or an address literal such as [192.0.2.1] or [IPv6:2001:db8::1]; "
    "write it as in <user@example.com>"
)
BRACKET_NOT_CLOSED = "{rest} stands where > should close the address; write it as in <user@example.com>"

# Parameters: extensions.py

NOT_ON_OFFER = "{verb} cannot take {keyword}: no extension in force brings it (RFC 5321 4.1.1.11)"
LOOKUP_NOT_ON_OFFER = "{verb} cannot take SMTPUTF8: the extension is not in force (RFC 6531 3.7.4.2)"
LOOKUP_NOT_ASCII = "{string} is not ASCII and needs {verb} with SMTPUTF8 (RFC 6531 3.7.4.2)"
ADDRESS_NOT_ASCII = "the address {address} is not ASCII and needs MAIL with SMTPUTF8 (RFC 6531 3.5)"
BAD_BODY = "BODY is 7BIT or 8BITMIME (RFC 6152 2)"
BAD_SIZE = "write SIZE=30000, with the number of octets, of at most 20 digits (RFC 1870 4)"
NO_VALUE = "SMTPUTF8 takes no value (RFC 6531 3.4)"
DECLARED_TOO_BIG = "the message of {size} octets exceeds the limit of {limit} octets (RFC 1870 6.1)"
HEADER_NOT_UTF_8 = "the header section is neither ASCII nor UTF-8 (RFC 6532 3.1); write it in UTF-8"

# Replies: replies.py, codes.py

BAD_CODE = "a reply code has three digits and begins with 2, 3, 4 or 5, not {code}"
NO_LINE = "a reply has at least one line"
CONTROL_IN_TEXT = "the reply text {line!r} holds a control character"
LONE_SURROGATE = "the reply text {line!r} holds a surrogate that stands for no octet"
WRONG_ENHANCED = "the enhanced code {enhanced} cannot stand in a {code} reply (RFC 2034 4)"
NO_CRLF = "the reply does not end in CRLF"
NOT_ONE_REPLY = "expected one whole reply, got {octets}"
TWO_CODES = "one reply cannot carry two codes: {first} goes on as {second}"
ENDLESS_REPLY = "the server's reply {code} is longer than {limit} octets"
NOT_A_REPLY = "the server's line {octets} is not a reply: a reply begins with 200 to 599 and a space or -"
NO_SEVERITY = "{code!r} has no severity: a reply code is a number from 100 to 599"
NOT_A_CODE = "{code!r} is not a reply code: it has three digits, such as 250"
