"""What the report of a client says: why it is silent, what was expected, what it did, and where to look."""

# Why a client is silent, and what it should do next. The run and `smtplab serve --coach` say them.
HANG_NOTHING_SAID = "The server has greeted you and waits for your first command: EHLO or HELO and a name, then CRLF."
HANG_LF = "Your line ends in LF alone, so for the server it goes on. End each line with CRLF (\\r\\n)."
HANG_CR = "Your line ends in CR alone, so for the server it goes on. End each line with CRLF (\\r\\n)."
HANG_ESCAPES = (
    "You sent a backslash and letters where a line end belongs, so for the server the line goes on. "
    "Send the octets 13 and 10 (CRLF), not their names."
)
HANG_HALF_LINE = "Your line has no end, so the server waits for the rest of it. End each line with CRLF (\\r\\n)."
HANG_WAITS_FOR_MORE = (
    "The server has answered your last command and waits for the next one. "
    "Each command gets one reply; do not wait for a second one."
)
HANG_TEXT_EXPECTED = (
    "The server has answered DATA with 354 and waits for your text. Send it, then a line with a dot alone."
)
HANG_TEXT_LF = (
    "The dot at the end of your text does not stand between two CRLF, so it does not end the text. "
    "Send CRLF, a dot, CRLF (\\r\\n.\\r\\n)."
)
HANG_TEXT_HALF_LINE = (
    "The line with the dot has no end, so the server waits for the rest of it. Send CRLF after the dot."
)
HANG_QUIT_IN_TEXT = (
    "After 354 everything is text until a dot on a line of its own, so your QUIT became a line of the message. "
    "Send CRLF, a dot, CRLF first, and wait for the reply."
)
HANG_COMMAND_IN_TEXT = (
    "After 354 everything is text until a dot on a line of its own, so your command became a line of the message. "
    "Send CRLF, a dot, CRLF first, and wait for the reply."
)
HANG_REPLY_TO_TEXT = (
    "You wait for a reply to text before its dot, but text gets none. "
    "Send the whole text and the dot; then the server answers once."
)
HANG_NO_DOT = "Your text has no end, so the server waits for more of it. End it with a dot on a line of its own."

# What a client did in a play, what was expected of it, and where to look.
SILENT = "Then the client was silent, and so was the server."
ENDED = "The program ended with exit code {code}."
ENDED_EARLY = "The program ended with exit code {code}, and had not connected."
ENDED_EARLY_SAYING = "The program ended with exit code {code}, and had not connected. It wrote: {line}"
LOOK_CONNECT = "Use the host and the port that your program is given, and connect before you do anything else."
LOOK_SAID = "Look first at what your program wrote. Then use the host and the port that it is given, and connect."
LOOK_CRASH = "Your program crashed with this error. Look there first."
LOOK_BRACKETS_AND_BLANK = (
    "Write < right behind the colon, without a blank between them, and > behind the address. "
    "Many servers answer 501 to the line as it is."
)
LOOK_NUL = "Your program sends octets 0, as C puts them behind a string. Send as many octets as the line has, no more."
LOOK_STUCK = (
    "Your program did not end. Look for a loop that goes on when recv returns b'', or for a read without a time limit."
)
LOOK_STOP = (
    "Look at the code of each new reply, not of an earlier one. If its first digit is 4 or 5, say QUIT and stop."
)
LOOK_EXIT = "Report the refusal: end with another exit code than 0 (in Python: raise an exception, or sys.exit(1))."
LOOK_CLOSE = "When the server closes, recv returns b''. Stop then, and report that the message was not delivered."
LOOK_TIMEOUT = "Set a timeout on the socket, and report a failure when it is over."
EXPECT_CONNECTION = "a connection"
EXPECT_HELLO = "EHLO or HELO and a name"
EXPECT_NAME = "one word after the verb, such as EHLO client.example"
EXPECT_CRLF = "the line ends in <CRLF>"
EXPECT_NO_EMPTY_LINE = "one CRLF behind each command"
EXPECT_VERB = "a verb of SMTP"
EXPECT_OFFERED = "only what the reply to EHLO offers"
EXPECT_ORDER = "EHLO or HELO, MAIL, RCPT, DATA in this order"
EXPECT_ADDRESS = "{verb} {word}:<{address}>"
EXPECT_ALONE = "{verb} and nothing else"
EXPECT_SHORT = "a line of at most {octets} octets"
EXPECT_ASCII = "ASCII characters that print"
EXPECT_MAIL = "MAIL FROM:<carol@client.example>"
EXPECT_RCPT = "RCPT TO:<alice@mail.example>"
EXPECT_DATA = "DATA"
EXPECT_TEXT = "the text of the message"
EXPECT_WHOLE_TEXT = "the whole text and its dot, without waiting in between"
EXPECT_DOT = "<CRLF>.<CRLF> at the end of the text"
EXPECT_ONCE = "one message"
EXPECT_QUIT = "QUIT"
EXPECT_221 = "the client stays until 221 has come"
EXPECT_0 = "exit code 0"
EXPECT_NOT_0 = "another exit code than 0"
EXPECT_END_NOT_0 = "the program ends, with another exit code than 0"
EXPECT_WAIT = "nothing until the reply to {step} has come"
EXPECT_WAIT_FOR_GREETING = "nothing until the greeting has come"
EXPECT_WAIT_FOR = "the client stays until the reply to {step} has come"
EXPECT_DELIVERY = "the message is delivered, and the exit code is 0"
EXPECT_STOP = "QUIT, or nothing more"
EXPECT_LINE = "{line}"
EXPECT_END = "the end of the text"
EXPECT_LAST_OF_GROUP = "the replies are read first"
ONE_BEHIND = (
    "Every reply is one behind: you do not read the greeting, so each reply that you read answers the command before. "
    "Read the greeting before you send anything."
)
NEVER_WAITS = "Everything came before its time; no reply was waited for."
BEFORE_THE_END = "This came before the end of the reply."
CLOSED_AT_ONCE = "Then the client closed, and 221 had not come."
CLOSED_EARLY = "Then the client closed, and the reply had not come."
LOST_BEHIND_THE_DOT = "The message ended at the dot."
NO_QUIT = "There was no QUIT."
HELO_AT_ONCE = "The client says HELO at once."
ONLY_WITH_EHLO = "Only a client that says EHLO learns what the server offers."
NOT_REACHED = "The client did not come to {step}."
SENDS_ONE_BY_ONE = "The client sends one command at a time, which is allowed."
NO_TIMEOUT = "Your command has no {timeout}: add it, and your program is tried with a silent server."
NO_PARTIAL_SENDS = "Only a socket in memory can take a part of what is sent. Yours is a real one, so this is not tried."

# What the coach of `smtplab serve` says besides.
COACH_NEXT = "Now you may send {verbs}."
COACH_REFUSED = "The reply to {line} was {code}."
COACH_TOGETHER = (
    "You sent several lines together, but each command waits for its reply. "
    "Read the reply, also the greeting, before you send the next line."
)
COACH_AHEAD = (
    "You sent a line before you could have the reply to the line before it. If you do not read the greeting, "
    "every reply that you read is one behind. Read the greeting first, then one reply for each line."
)
COACH_TEXT_AS_COMMANDS = (
    "DATA was refused, and you sent your text all the same, so its lines were read as commands. "
    "Look at the code of each reply: if its first digit is 4 or 5, stop."
)
COACH_BLANK = "Leave out the blank behind FROM: or TO:; this server forgives it, the standard does not have it."
COACH_LF = "Lines of your message end in LF alone. Send CRLF (\\r\\n) at the end of each line of the text, too."
COACH_NO_HEADERS = (
    "Your message has no header section. Begin it with fields such as From:, Date: and Subject:, then an empty line."
)
COACH_NO_FIELD = "Your message has no {names}: the header section of each message needs From and Date (RFC 5322 3.6)."
COACH_EMPTY_LINE = (
    "Your message ends in an empty line. If it is not yours, send a dot and CRLF after the last line, not CRLF first."
)
COACH_LEFT = "You closed the connection without QUIT. Send QUIT, and read the reply 221 before you close."
COACH_LEFT_IN_TEXT = "You closed the connection before the end of your text, so the message is lost. End it with a dot."
