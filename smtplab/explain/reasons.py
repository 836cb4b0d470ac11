"""The sentences for what a host decides by itself: why it gives a reply, and how to mend it.

What a rule of the language tells has no sentence here, because the kernel says it; what a code means and advises in
general stands in `smtplab.protocol.codes`.
"""

from collections.abc import Mapping

from ..protocol import replies
from ..protocol.replies import Reply

# What a host decides by itself, and no rule of the language tells: for each canonical reply, why it is given.
REASONS: Mapping[Reply, str] = {
    replies.SYSTEM_STATUS: "HELP alone asks how the server is and what it can do.",
    replies.HELP_MESSAGE: "You asked for help with one thing, and this is what the server says about it.",
    replies.SERVICE_READY: "A connection was opened, and in SMTP the server speaks first.",
    replies.CLOSING: "You said QUIT; the server says goodbye and closes.",
    replies.HELO_OK: "The server knows now what you call yourself; whether it is true, it does not know.",
    replies.SENDER_OK: "A transaction is open; the sender is taken as you give it, for nothing in SMTP proves it.",
    replies.RECIPIENT_OK: "The server takes mail for this recipient: the mailbox is here, or it knows the next hop.",
    replies.RESET_OK: "Sender and recipients are forgotten, if there were any; the session goes on.",
    replies.NOOP_OK: "The server is there, and has done nothing, as you asked.",
    replies.VERIFIED: "There is such a user, and the reply names the mailbox.",
    replies.MEMBERS: "There is such a list, and the reply names its members, one a line.",
    replies.MESSAGE_ACCEPTED: "The lone dot ended the message, and from now on the server answers for its delivery.",
    replies.TURN_OK: "The server agrees to be the client from now on, and you are the server.",
    replies.WILL_FORWARD: "The user has moved, and the server sends the message on to the new address itself.",
    replies.CANNOT_VERIFY: "The server does not say whether there is such a user, but it would try to deliver.",
    replies.START_MAIL: "There is a recipient, so the message may come.",
    replies.SHUTTING_DOWN: "The server stops its service, and tells each open session before it closes it.",
    replies.TOO_BUSY: "As many clients as the server takes at once are connected already.",
    replies.IDLE_TIMEOUT: "The server has waited for your next line longer than it does.",
    replies.TOO_MANY_ERRORS: "This session has made more mistakes than the server puts up with.",
    replies.MAILBOX_BUSY: "The mailbox is here but in use, or SEND was for a user who is not logged in.",
    replies.LOCAL_ERROR: "Something failed on the server's side, such as its disk or the way to the next hop.",
    replies.INSUFFICIENT_STORAGE: "There is no room for the message now, on the server's disk or in the mailbox.",
    replies.TOO_MANY_RECIPIENTS: "The message has as many recipients already as the server takes at once.",
    replies.NOT_IMPLEMENTED: "The server knows the verb, and has chosen not to offer it.",
    replies.PARAMETER_NOT_IMPLEMENTED: "The server offers the command, but not with this argument.",
    replies.NO_SUCH_MAILBOX: "The server has looked into its directory, and this name is not there.",
    replies.RELAY_DENIED: "The domain is not the server's own, and it does not hand on mail for everybody.",
    replies.TRY_FORWARD_PATH: "The user has moved, and the server leaves it to you to write to the new address.",
    replies.MAILBOX_FULL: "The mailbox has a quota, and the message does not fit into what is left of it.",
    replies.MAILBOX_NAME_NOT_ALLOWED: "The name is one for which this server takes no mail.",
    replies.AMBIGUOUS: "The name fits several users, and the server does not choose for you.",
    replies.TRANSACTION_FAILED: "The message is refused for good, by this server or by the next hop that it asked.",
    replies.NO_SERVICE: "The server takes no mail from you, and greets only to say so.",
    replies.MAIL_LOOP: "The message has passed through so many servers that it must go round in a circle.",
    replies.MESSAGE_TOO_BIG: "The message has more octets than the server takes.",
    replies.CONTENT_REFUSED: "The server does not take a message with such content.",
}
# How to mend it, where the advice for the code has several cases in mind.
ADVICE: Mapping[Reply, str] = {
    replies.INSUFFICIENT_STORAGE: "Keep the message, and try again once somebody may have made room.",
    replies.TOO_MANY_RECIPIENTS: "Send to the recipients that were accepted, then to the others in a new transaction.",
    replies.LINE_TOO_LONG: "Send a shorter line.",
    replies.NOT_IMPLEMENTED: "Do without the command.",
    replies.RELAY_DENIED: "Bring the message to the recipient's own server, or to one that relays for you.",
    replies.MAILBOX_FULL: "Tell the sender, for only the owner of the mailbox can make room.",
    replies.MESSAGE_TOO_BIG: "Tell the sender, or make the message smaller.",
    replies.TRANSACTION_FAILED: "Give up the message and tell the sender.",
    replies.MAIL_LOOP: "Tell the people who run the servers; the Received fields of the message name them.",
    replies.CONTENT_REFUSED: "Mend the message itself, then send it in a new transaction.",
    replies.NO_SERVICE: "Say QUIT, and do not try this server again.",
}

# What VRFY and EXPN ask is about no recipient, and so a refusal means less there: the reason, and how to mend it.
LOOKUPS: Mapping[tuple[Reply, str], tuple[str, str]] = {
    (replies.RELAY_DENIED, "VRFY"): (
        "The domain is not the server's own, and it knows no way there, so it would refuse mail for this user as well.",
        "Ask a server of that domain; a transaction that is open is not touched.",
    ),
    (replies.NO_SUCH_MAILBOX, "VRFY"): (
        "The server has looked into its directory, and this name is not there.",
        "Ask for another name; a transaction that is open is not touched.",
    ),
    (replies.NO_SUCH_MAILBOX, "EXPN"): (
        "EXPN asks for the members of a mailing list, and the server has no list of this name.",
        "Ask for the name of a list; VRFY is for the name of a user.",
    ),
}
