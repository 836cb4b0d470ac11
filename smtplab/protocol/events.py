"""What `next_event` returns at either end of a connection, beside commands and replies."""

from dataclasses import dataclass
from enum import Enum

from .commands import Command
from .replies import Reply


class NoEvent(Enum):
    """What `next_event` returns when there is no event, and what to do about it."""

    # Two members, and not None and something else, so that each says in its repr what the caller has to do.
    NEED_DATA = "more octets are needed; receive some, then try again"
    PAUSED = "the protocol is switched; what arrives is for the connection that takes over; see hand_over()"


NEED_DATA, PAUSED = NoEvent.NEED_DATA, NoEvent.PAUSED


@dataclass(frozen=True, slots=True)
class MessageData:
    """A piece of the message's content, transparency undone. The network decides where the pieces are cut.

    The content of a message that will be refused comes too, as far as the size limit allows. Its end is then a
    `RemoteProtocolError` and not an `EndOfMessage`.
    """

    content: bytes


@dataclass(frozen=True, slots=True)
class EndOfMessage:
    """The lone dot has arrived; the message needs its reply.

    Args:
        octets: the size of the content.
    """

    octets: int


@dataclass(frozen=True, slots=True)
class ConnectionClosed:
    """Nothing more will come: the session has ended, or the peer has closed the connection."""


ServerEvent = Command | MessageData | EndOfMessage | ConnectionClosed | NoEvent
ClientEvent = Reply | ConnectionClosed | NoEvent
