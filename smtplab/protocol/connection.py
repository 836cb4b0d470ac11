r"""The two ends of a connection: octets in, events out; values in, octets out. No input or output happens here.

Whoever owns the socket moves octets::

    connection.receive_data(octets)       # b"" once the peer has closed
    event = connection.next_event()       # NEED_DATA until there is one
    connection.send(...)                  # a reply (server) or a command (client)
    socket.sendall(connection.data_to_send())

So both ends can talk without a socket, and each step can be looked at. The server speaks first:

>>> from smtplab.protocol.client import ClientConnection
>>> from smtplab.protocol.commands import Helo
>>> from smtplab.protocol.replies import Reply
>>> from smtplab.protocol.server import ServerConnection
>>> client, server = ClientConnection(), ServerConnection()
>>> server.send(Reply(220, "mail.example"))
>>> client.receive_data(server.data_to_send())
>>> client.next_event().code
220
>>> client.send(Helo("me.example"))
>>> server.receive_data(client.data_to_send())
>>> server.next_event()
Helo(domain='me.example')
>>> server.send(Reply(250, "Hello"))
>>> server.state, client.state
(<State.READY: 'ready for a mail transaction'>, <State.GREETED: 'greeted, the client has not said who it is'>)

The last line shows that the two states may differ for a while: the reply has been sent, and not been read. A session
moves with its replies, at each end when that end sees the reply; see `states`.

The order of commands is decided by the tables of `states`: `TRANSITIONS` says what may come and where it leads,
`READERS` how a state reads octets, and `ANSWERS` what a server may reply. The two ends read, pair and write:
`server.ServerConnection` and `client.ClientConnection`. What they share stands here.

Start with `ServerConnection.next_event`: it picks the reader for the state, which turns octets into an event. `send`
writes the reply and moves the state. `ClientConnection` mirrors this: `send` writes a command and remembers it, and
`next_event` reads a reply, pairs it with what has waited longest, and moves the state.

`LocalProtocolError` means that the caller broke a rule, and nothing was sent. `RemoteProtocolError` means that the peer
broke one: the server's end stays in step and goes on, and the client's end closes. Whatever octets arrive, they give
events or that error, and nothing else.

Each branch of `next_event` and `send` begins with the section of the RFC that it carries out, and the rule in our
words.
"""

from . import sentences
from .buffer import ReceiveBuffer
from .commands import Command, Opening
from .extensions import NO_EXTENSIONS, Offer
from .replies import LocalProtocolError
from .states import MESSAGE, TRANSITIONS, State

# Plain names for speed: to look a member up in its Enum takes Python 3.11 as long as to call a function, and these are
# compared at every event.
_CONNECTED, _SENDER = State.CONNECTED, State.SENDER

# RFC 5321 3.3: a transaction is MAIL, one RCPT or more, and DATA with the message. Which states lie inside it follows
# from the table: a transaction is open where a recipient or the message may come; in any other state there is none.
_IN_TRANSACTION = frozenset(state for state, rows in TRANSITIONS.items() if "RCPT" in rows or MESSAGE in rows)


class Connection:
    """What both ends have in common: octets that came, octets to send, and where the session stands.

    It is made only as one of the two ends.

    Attributes:
        state: where the session stands.
        extensions: those in force: what the server offered in its last EHLO reply; none after HELO.
        transaction: the command that opened the transaction under way, or None.
        octets_to_send: how many octets wait to be sent. A peer that sends commands and reads no reply makes it grow;
            whoever owns the socket can stop reading then.
    """

    __slots__ = ("_buffer", "_out", "extensions", "octets_to_send", "state", "transaction")

    def __init__(self, buffer: ReceiveBuffer | None = None) -> None:
        self.state = State.CONNECTED
        self.extensions: Offer = NO_EXTENSIONS
        self.transaction: Opening | None = None
        self._buffer = ReceiveBuffer() if buffer is None else buffer
        # A list, because join returns a single item as it is: a message of megabytes is not copied.
        self._out: list[bytes] = []
        self.octets_to_send = 0

    def receive_data(self, data: bytes | memoryview) -> None:
        """Take a copy of octets from the peer; empty octets mean that the peer has closed its side.

        Nothing is read here. So this never fails, and the octets may be cut anywhere: `next_event` finds the lines.
        """
        if data:
            self._buffer += data
        else:
            self._buffer.ended = True

    def data_to_send(self) -> bytes:
        """Return the octets that wait to be sent, and forget them; empty if there are none.

        They were sent as far as the kernel can tell: send them all, in this order, or close the connection.
        """
        if not self._out:
            return b""
        data = b"".join(self._out)
        self._out.clear()
        self.octets_to_send = 0
        return data

    def _move(self, after: State, command: Command | None) -> None:
        """Go to the state that `command` led to; remember what opened the transaction as long as there is one."""
        self.state = after
        # RFC 5321 3.3: the sender's parameters hold for the whole transaction: SMTPUTF8 for its recipients, BODY for
        # its message. RFC 5321 4.1.1.4, 4.1.1.5 and 4.1.4: the end of data, RSET, and HELO or EHLO forget them. All of
        # these lead to a state without a transaction, so none of them is named here.
        if after is _SENDER and isinstance(command, Opening):
            self.transaction = command
        elif after not in _IN_TRANSACTION:
            self.transaction = None

    def _hand_over(self, is_busy: bool) -> ReceiveBuffer:
        """Return what has arrived, if the session is where it was when the connection was opened (RFC 821 3.8).

        Args:
            is_busy: True if this end still sends or expects a reply. A new connection is in CONNECTED, too, but its
                greeting is due.
        """
        if is_busy or self.state is not _CONNECTED:
            raise LocalProtocolError(sentences.NOT_TURNED)
        return self._buffer
