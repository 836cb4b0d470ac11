"""The error sentences of the client, each in one place."""

# The server cannot be reached, or the connection ended.
CLOSED = "{server} closed the connection without {answer}"
BROKEN = "the connection to {server} broke: {reason}"
NO_ANSWER = "{server} did not answer {question} within {seconds:g} s"
TOOK_NOTHING = "{server} took no data for {seconds:g} s"
ENDED_BEFORE_NEXT = "{server} ended the session before the next message"
ABANDONED = "the session with {server} was closed before {question} was answered"

# The server does not speak SMTP.
NOT_SMTP = "{server} does not speak SMTP as it should: {fault}"
LF_ALONE = "it ends its lines with LF alone, and only CRLF ends a line (RFC 5321 2.3.8)"
WRONG_KIND = "{code} answers {question}"

# The server takes no mail.
NO_SERVICE = "{server} does not take mail now: {reply}"
CLOSED_AT_EHLO = "{server} closed the session at EHLO: {reply}"
NEITHER_HELLO = "{server} takes neither EHLO nor HELO: {reply}"

# A message cannot be sent, or its reply was lost.
NOT_KNOWN = "the message is not known to be delivered: {reason}"
SENDER_CONSEQUENCES = (
    "no recipient was accepted: every later {codes} follows from the refusal of the sender, because the commands went "
    "out in one group (RFC 2920 3.1)"
)
NO_RECIPIENT_LEFT = (
    "the {codes} to DATA follows from that, because DATA went out in one group with the recipients (RFC 2920 3.1)"
)
NOT_OFFERED = "{why}, and {server} does not offer {keyword}"
ADDRESS_NEEDS_SMTPUTF8 = "the address {address} is not ASCII"
HEADER_NEEDS_SMTPUTF8 = "the header section is not ASCII"
NEEDS_8BITMIME = "the message holds octets above 127"
BODY_NOT_UTF_8 = "the body is not UTF-8 text; send it as a whole message, without --subject"
NO_RECIPIENT = "a message needs at least one recipient"
NO_SENDER = (
    'the message names no sender in Sender or From; give one, or sender="" for a message that nobody answers '
    "(RFC 5321 4.5.5)"
)

BAD_FIELD = "the address {address!r} in the field {field} is not valid: {reason}"

# An argument is of the wrong type.
NOT_AN_ADDRESS = "{role} is an address as text, or a Path, not {type}"
NOT_RECIPIENTS = "the recipients are a list of addresses, or one address as text, not {type}"
NOT_OCTETS = "the content is bytes, not {type}; encode text first, as in text.encode()"
NOT_A_MESSAGE = "send_message takes a message of the email package, not {type}; call deliver for bytes"
NOT_MAIL = (
    "each message of deliver_all is a sender, the recipients and the content, as in "
    "('a@x.example', ['b@y.example'], b'...'), not {mail!r}"
)
NOT_A_TRANSCRIPT = "transcript is a Transcript, as smtplab.Transcript() makes it, not {type}"
NOT_A_COMMAND = 'a command is text such as "NOOP", or a Command, not {type}'
NOT_A_NAME = "helo is the name of this host as text, such as client.example.com, not {type}"
NOT_SECONDS = "{name}: {seconds!r} is not a number of seconds; use 0 or more, such as 30"
NOT_TIMEOUTS = "timeouts is a Timeouts, such as Timeouts.all(5), not {type}"

# A name is wrong.
NO_A_LABELS = (
    "{name!r} is not a valid domain, because it has no form in ASCII (RFC 5890 2.3.2.1); "
    "give EHLO another name, such as client.example.com"
)

# What became of a recipient in `Delivery.unanswered`.
UNANSWERED = "not answered, because the session had ended; try again later"

# A note in `Delivery.notes`.
LONG_LINE = (
    "line {number} of the message has {octets} octets, and servers may refuse or cut a line of more than {limit} "
    "(RFC 5321 4.5.3.1.6)"
)

# A call that is not allowed now.
ANNOUNCED = "the next message of deliver_all has been announced; end that loop before you deliver another"
OPENED = "the session has been opened before; make a new one"
BUSY = "the session is busy; wait for the outcome of one operation before you begin the next"
