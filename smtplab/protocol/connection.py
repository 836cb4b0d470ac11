"""The two ends of a connection: octets in, events out; values in, octets out. No input or output happens here.

Whoever owns the socket moves octets::

    connection.receive_data(octets)       # b"" once the peer has closed
    event = connection.next_event()       # NEED_DATA until there is one
    connection.send(...)                  # a reply (server) or a command (client)
    socket.sendall(connection.data_to_send())

The order of commands is decided by the tables of `states`: `TRANSITIONS` says what may come and where it leads,
`READERS` how a state reads octets, and `ANSWERS` what a server may reply. The two ends read, pair and write:
`server.ServerConnection` and `client.ClientConnection`. What they share stands here.

Here is the beginning of a session, seen from the server's end. `>` is what the owner of the socket calls::

    > send(Reply(220, "mail.example"))      state: GREETED     to send: 220 mail.example
    > receive_data(b"HELO me\\r\\nMAIL F")
    > next_event() -> Helo("me")            the reply to it is due; nothing else is read before it
    > send(Reply(250, "Hello"))             state: READY       to send: 250 Hello
    > next_event() -> NEED_DATA             "MAIL F" waits for the rest of its line

Why must a command be answered before the next one is read? Because the answer decides how the next octets are read:
behind a DATA that got 354 they are a message, behind one that got 503 they are commands. A server that read ahead would
have to guess.

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

# A transaction is open where a recipient or the message may come; in any other state there is none.
_IN_TRANSACTION = frozenset(state for state, rows in TRANSITIONS.items() if "RCPT" in rows or MESSAGE in rows)


class Connection:
    """What both ends have in common.

    Attributes:
        state: where the session stands.
        extensions: those in force: what the server offered in its last EHLO reply; none after HELO.
        transaction: the command that opened the transaction under way, or None.
        octets_to_send: how many octets wait to be sent.
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
        """Take a copy of octets from the peer; empty octets mean that the peer has closed its side."""
        if data:
            self._buffer += data
        else:
            self._buffer.ended = True

    def data_to_send(self) -> bytes:
        """Return the octets that wait to be sent, and forget them."""
        data = b"".join(self._out)
        self._out.clear()
        self.octets_to_send = 0
        return data

    def _move(self, after: State, command: Command | None) -> None:
        """Go to the state that `command` led to; remember what opened the transaction as long as there is one."""
        # RFC 5321 3.3: the sender's parameters hold for the whole transaction: SMTPUTF8 for its recipients, BODY for
        # its message. RFC 5321 4.1.1.4, 4.1.1.5 and 4.1.4: the end of data, RSET, and HELO or EHLO forget them.
        self.state = after
        if after is _SENDER and isinstance(command, Opening):
            self.transaction = command
        elif after not in _IN_TRANSACTION:
            self.transaction = None

    def _hand_over(self, is_busy: bool) -> ReceiveBuffer:
        """Return what has arrived, if the session is where it was when the connection was opened (RFC 821 3.8)."""
        if is_busy or self.state is not _CONNECTED:
            raise LocalProtocolError(sentences.NOT_TURNED)
        return self._buffer
