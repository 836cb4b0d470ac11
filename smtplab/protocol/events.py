r"""What `next_event` returns at either end of a connection, beside commands and replies.

An event is one thing that the peer has said, and it is whole: half a line is not an event. This is what the server's
end returns for a small session; the client's end returns each `Reply` in turn, and `ConnectionClosed` after the last::

    what arrives                     event
    HELO me.example CRLF             Helo("me.example")
    MAIL FROM:<a@b.example> CRLF     Mail(Path("a", "b.example"))
    RCPT TO:<c@d.example> CRLF       Rcpt(Path("c", "d.example"))
    DATA CRLF                        Data()
    Hi CRLF . CRLF                   MessageData(b"Hi\r\n"), then EndOfMessage(octets=4)
    QUIT CRLF                        Quit()
    the end of the connection        ConnectionClosed()

The message alone comes in pieces, as the network cuts it, because it may be larger than the memory. Everything else has
a limit that is small, so it waits in the buffer until it is whole.

Events are values. They compare by what they hold, so a test needs no more than this:

>>> EndOfMessage(4) == EndOfMessage(octets=4)
True
"""

from dataclasses import dataclass
from enum import Enum

from .commands import Command
from .replies import Reply


class NoEvent(Enum):
    """What `next_event` returns when there is no event, and what to do about it."""

    # Neither is an error, so neither is raised: a connection that waits is in order. Two members of an Enum, and not
    # None and something else, so that each says in its repr what the caller has to do.
    NEED_DATA = "more octets are needed; receive some, then try again"
    PAUSED = "the protocol is switched; what arrives is for the connection that takes over; see hand_over()"


NEED_DATA, PAUSED = NoEvent.NEED_DATA, NoEvent.PAUSED


@dataclass(frozen=True, slots=True)
class MessageData:
    """A piece of the message's content, transparency undone. The network decides where the pieces are cut.

    The content of a message that will be refused comes too, as far as the size limit allows. Its end is then a
    `RemoteProtocolError` and not an `EndOfMessage`. So keep the pieces apart from mail that was accepted until the end
    has come.

    Args:
        content: at least one octet; joined, the pieces are the message as it was before the client doubled any dot.
    """

    content: bytes


@dataclass(frozen=True, slots=True)
class EndOfMessage:
    """The lone dot has arrived; the message needs its reply.

    RFC 5321 4.2.5: a 250 here takes over the duty to deliver the message, or to report that it could not be delivered.
    So this event, and no piece before it, is the place where a server stores the message.

    Args:
        octets: the size of the content, the dot and the dots that were put in for transparency not counted.
    """

    octets: int


@dataclass(frozen=True, slots=True)
class ConnectionClosed:
    """Nothing more will come: the session has ended, or the peer has closed the connection.

    RFC 5321 4.1.1.10: a client should say QUIT first. If the connection ends without it, what was not answered did not
    happen: the server drops the transaction under way, and the client keeps its message and tries again later.
    """


# What each end can read. The two lists have in common only what is not said on the wire.
ServerEvent = Command | MessageData | EndOfMessage | ConnectionClosed | NoEvent
ClientEvent = Reply | ConnectionClosed | NoEvent
