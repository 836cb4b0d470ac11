"""Sentences for the decisions of a host: why it gave a reply, and what to do about it.

A line that breaks a rule of the language needs no sentence here, because the kernel's error says what is wrong with
it. What a code means in general stands in `smtplab.protocol.codes`.
"""

from collections.abc import Mapping

from ..mta.sentences import DOMAIN_NOT_OURS, IS_A_LIST
from ..protocol import replies
from ..protocol.replies import Reply

# Why a host gives each canonical reply that follows from its own decision, not from a rule of the language.
REASONS: Mapping[Reply, str] = {
    replies.SYSTEM_STATUS: "HELP without an argument asks how the server is and what it can do.",
    replies.HELP_MESSAGE: "You asked for help with one thing, and this is what the server says about it.",
    replies.SERVICE_READY: "A connection was opened, and in SMTP the server speaks first.",
    replies.CLOSING: "You said QUIT; the server says goodbye and closes.",
    replies.HELO_OK: "The server has noted the name you gave; it has not verified it.",
    replies.SENDER_OK: "The sender is taken as given, because nothing in SMTP proves it.",
    replies.RECIPIENT_OK: "The server takes mail for this recipient: it has the mailbox, or passes the mail on.",
    replies.RESET_OK: "The server has discarded the sender and recipients, if there were any; the session goes on.",
    replies.NOOP_OK: "The server is there and did nothing, as you asked.",
    replies.VERIFIED: "There is such a user, and the reply names the mailbox.",
    replies.MEMBERS: "There is such a list, and the reply names its members, one per line.",
    replies.MESSAGE_ACCEPTED: "The lone dot ended the message, and the server is now responsible for its delivery.",
    replies.TURN_OK: "The server agrees to be the client from now on, and you are the server.",
    replies.WILL_FORWARD: "The user has moved, and the server forwards the message to the new address itself.",
    replies.CANNOT_VERIFY: "The server does not reveal whether this user exists, but it would try to deliver.",
    replies.START_MAIL: "There is a recipient, so you may send the message.",
    replies.SHUTTING_DOWN: "The server is shutting down, and says so in each open session before it closes it.",
    replies.TOO_BUSY: "The server already has as many clients connected as it allows at once.",
    replies.IDLE_TIMEOUT: "The server waited for your next line until its idle limit ran out.",
    replies.TOO_MANY_ERRORS: "This session has made more mistakes than the server allows.",
    replies.MAILBOX_BUSY: "The mailbox exists, but another program has it open at this moment.",
    replies.LOCAL_ERROR: "Something failed on the server's side, such as its disk or the connection to the next hop.",
    replies.INSUFFICIENT_STORAGE: "There is no room for the message now, on the server's disk or in the mailbox.",
    replies.TOO_MANY_RECIPIENTS: "The message already has as many recipients as the server allows.",
    replies.NOT_IMPLEMENTED: "The verb is part of SMTP, but this server does not offer it.",
    replies.PARAMETER_NOT_IMPLEMENTED: "The server offers the command, but not with this argument.",
    replies.NO_SUCH_MAILBOX: "The server looked for this name among its users and did not find it.",
    replies.RELAY_DENIED: "The domain is not the server's own, and the server does not relay mail there.",
    replies.TRY_FORWARD_PATH: "The user has moved, and the server leaves it to you to write to the new address.",
    replies.MAILBOX_FULL: "The mailbox has a quota, and the message does not fit into what is left of it.",
    replies.MAILBOX_NAME_NOT_ALLOWED: "This server accepts no mail for this name.",
    replies.AMBIGUOUS: "The name matches several users, and the server does not choose one for you.",
    replies.TRANSACTION_FAILED: "This server, or the next hop that it tried, refused the message permanently.",
    replies.NO_SERVICE: "The server accepts no mail from you, and its greeting says so.",
    replies.MAIL_LOOP: "The message has passed through so many servers that it must be in a loop.",
    replies.MESSAGE_TOO_BIG: "The message is larger than the server accepts.",
    replies.CONTENT_REFUSED: "The server does not accept a message with such content.",
}
# The name of each reply of a server that a student has written: what it has or looks up is not known. In place of
# REASONS there are these; for a refusal, the meaning of its code.
OWN_SERVER = "OWN_SERVER"
OWN_REASONS: Mapping[Reply, str] = {
    replies.RECIPIENT_OK: "The server takes mail for this recipient.",
    replies.VERIFIED: "The server says that there is such a user.",
    replies.MEMBERS: "The server says that there is such a list.",
    replies.HELO_OK: "The server takes the name you gave.",
    replies.RESET_OK: "The server says that it has forgotten the transaction; the session goes on.",
}
OTHER_VERB = "Say one of the verbs that may come here; HELP lists what the server offers."
OTHER_VERB_OF_OWN = "Say one of the verbs that may come here."
# The verbs that every server has (RFC 5321 4.5.1).
EVERY_SERVER_HAS = ("EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT", "VRFY")
# What to do about a reply, where the general advice for its code covers several cases.
ADVICE: Mapping[Reply, str] = {
    replies.INSUFFICIENT_STORAGE: "Keep the message and retry later, when there may be room.",
    replies.TOO_MANY_RECIPIENTS: "Send to the recipients that were accepted, then to the others in a new transaction.",
    replies.LINE_TOO_LONG: "Send a shorter line.",
    replies.NOT_IMPLEMENTED: "Do without the command.",
    replies.RELAY_DENIED: "Send the message to the recipient's own server, or to one that relays for you.",
    replies.MAILBOX_FULL: "Tell the sender; only the owner of the mailbox can make room.",
    replies.MESSAGE_TOO_BIG: "Tell the sender, or make the message smaller.",
    replies.TRANSACTION_FAILED: "Give up the message and tell the sender.",
    replies.MAIL_LOOP: "Tell the people who run the servers that the message's Received fields name.",
    replies.CONTENT_REFUSED: "Correct the message itself, then send it in a new transaction.",
    replies.NO_SERVICE: "Say QUIT, and do not try this server again.",
}

# Why a user is not verified, by the words with which the host says so; REASONS has the sentence for other words.
NOT_VERIFIED: Mapping[str, str] = {
    IS_A_LIST: "The name belongs to a mailing list, not to one user; EXPN asks who is on it.",
    DOMAIN_NOT_OURS: "The domain is another server's; this one has a route there, and would pass mail on.",
}

# VRFY and EXPN only ask; a refusal concerns no recipient and means less: the reason, and what to do about it.
LOOKUPS: Mapping[tuple[Reply, str], tuple[str, str]] = {
    (replies.RELAY_DENIED, "VRFY"): (
        "The domain is not the server's own, and it has no route there, so it would refuse mail for this user, too.",
        "Ask a server of that domain; an open transaction is not affected.",
    ),
    (replies.NO_SUCH_MAILBOX, "VRFY"): (
        "The server looked for this name among its users and did not find it.",
        "Ask for another name; an open transaction is not affected.",
    ),
    (replies.NO_SUCH_MAILBOX, "EXPN"): (
        "EXPN asks for the members of a mailing list, and the server has no list of this name.",
        "Ask for the name of a list; VRFY is for the name of a user.",
    ),
}

# What to do about a 555 behind HELO, which brings no extension into force (RFC 5321 2.2.1, 4.1.1.11).
EHLO_FIRST = "After HELO no parameter may be used; say EHLO, use what its reply offers, or leave the parameter out."

# What to do about a message that was refused for a line of it.
BREAK_THE_LINE = "Break the long line, or encode the text in base64 or quoted-printable; then send the message again."

# A 354 to DATA although no recipient was accepted: the reason, and what to do.
NOBODY_TO_SEND_TO = (
    "The server says 354 although it accepted no recipient, so it waits for a message that nobody will get.",
    "Send a line that holds one dot and nothing else; the server then refuses the empty message.",
)

# What a second HELO or EHLO does beside what the first did: the reason, and the section that says so.
HELO_AGAIN = (
    "The server has noted the name. Said inside a transaction, HELO and EHLO also clear it, as RSET does.",
    "RFC 5321 4.1.4",
)

# Why the null reverse-path is taken: it is that of a bounce.
NO_SENDER = "The path is empty: nobody gets a bounce about this message. Every server has to take it."

# Why a user gets no SEND: it goes to the terminal alone.
NOT_LOGGED_IN = "SEND is for the terminal of a user, and this user is not logged in."
