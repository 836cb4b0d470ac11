"""The states of an SMTP session, and the tables that decide what may come when and where it leads.

`TRANSITIONS` is the one table of the order, for client and server alike: state -> verb -> severity of the reply ->
state. A verb that is missing from a state's row is a bad sequence: the server answers 503, the client raises
`LocalProtocolError`. A severity that is missing from a verb's row leaves the state as it was. All else here is derived
from it, or reads it: `is_legal` before a command, `ANSWERS` before a reply, `next_state` after it.

This is the way of a message, with what leads along it if the reply is positive::

    CONNECTED --(greeting)--> GREETED --HELO, EHLO--> READY --MAIL--> SENDER --RCPT--> RECIPIENT --DATA--> DATA
                                                        ^                                                   |
                                                        +-------------------(message)-----------------------+

A refusal leaves the session where it is, with two exceptions: a refused greeting leads to REFUSED, and a refused
message to READY, as an accepted one does. QUIT leads to CLOSED from everywhere but CONNECTED and DATA, and RSET back to
READY once the client has said who it is.

To read the table, take RCPT in the state SENDER. Its row is ``{2yz: RECIPIENT}``. So a 250 leads to RECIPIENT, where
DATA is legal. A 550 is not in the row: the session stays in SENDER, and the client may try another recipient. DATA is
not in the row of SENDER at all: it would be a bad sequence.

>>> is_legal(State.SENDER, "RCPT"), is_legal(State.SENDER, "DATA")
(True, False)
>>> next_state(State.SENDER, "RCPT", 250).name, next_state(State.SENDER, "RCPT", 550).name
('RECIPIENT', 'SENDER')
>>> out_of_order(State.SENDER, "DATA").reply.code
503

Why a table, and not an ``if`` in the method for each verb? Whoever has to know the order reads the same rows: a server
before it answers, a client before it sends, a transcript that follows both, a diagram, and the words that may come next
in a notebook. So these cannot disagree, and a new verb is a new row.

Two verbs in the table are never typed: `GREETING`, which the server's first reply answers, and `MESSAGE`, the message
data that ends in a lone dot. Both have a reply and both move the session, so they stand in the same table as the rest.
Their names hold characters that no verb can have, so no client can send them.

Client and server share the table because both see the same commands and the same replies, though not at the same time.
So only a reply moves a session, when it is sent or read. A command alone does not: it may still be refused.
"""

from collections.abc import Container, Mapping
from enum import Enum

from . import replies, sentences
from .codes import Severity
from .commands import NEEDED_EXTENSION, OPENINGS, VERBS
from .replies import LocalProtocolError

GREETING = "(connection)"
MESSAGE = "(message)"
UNKNOWN = ""
"""Stands for the verb of a line that is not a legal command, and for that of a reply that nobody asked for."""


class Phase(Enum):
    """The three phases of the lecture; RFC 5321 3.1 to 3.8 call them initiation, mail transactions and termination."""

    CONNECTION_ESTABLISHMENT = "Connection Establishment"
    MAIL_TRANSFER = "Mail Transfer"
    CONNECTION_TERMINATION = "Connection Termination"


class State(Enum):
    """Where a session stands. The value says it in words that a student can read.

    RFC 5321 names no states; it says of each command when it may come (4.1.4), and what the server keeps: the
    client's name, a reverse-path buffer, a forward-path buffer and a mail data buffer (4.1.1). These are the states, by
    what the server holds in each:

    ===========  ============================================================================
    CONNECTED    nothing, and it has not greeted
    REFUSED      nothing, and it will take no mail
    GREETED      nothing
    READY        the client's name; the three buffers are empty
    SENDER       a reverse-path
    RECIPIENT    a reverse-path, and one forward-path or more
    DATA         both, and the message as far as it has come
    CLOSED       nothing any more
    ===========  ============================================================================
    """

    CONNECTED = "connected, waiting for the greeting"
    REFUSED = "greeted with a refusal, only QUIT is left"
    GREETED = "greeted, the client has not said who it is"
    READY = "ready for a mail transaction"
    SENDER = "sender given, no recipient yet"
    RECIPIENT = "sender and at least one recipient given"
    DATA = "taking the message, until a lone dot"
    CLOSED = "closed"

    # Members are single, so their identity is hash enough; Enum would hash their names, on every look into the table.
    __hash__ = object.__hash__


# The severities as RFC 5321 4.2.1 writes them, so that a row of the table reads like its rule: 2yz is done, 3yz is "go
# on", 4yz is "not now" and 5yz is "no".
_2YZ, _3YZ = Severity.POSITIVE_COMPLETION, Severity.POSITIVE_INTERMEDIATE
_4YZ, _5YZ = Severity.TRANSIENT_NEGATIVE, Severity.PERMANENT_NEGATIVE

# RFC 5321 4.1.4: NOOP, HELP, EXPN, VRFY and RSET may come at any time in a session, also before HELO; QUIT always may.
# RSET is not among these here, because it moves the session, and where to depends on the state. An empty row means that
# the verb is legal, and that no reply to it moves the session.
_ANY_TIME: dict[str, dict[Severity, State]] = {
    "NOOP": {},
    "HELP": {},
    "VRFY": {},
    "EXPN": {},
    "QUIT": {_2YZ: State.CLOSED},
}
# RFC 5321 4.1.4: HELO or EHLO may be said again, and resets the session as RSET does; refused, it changes nothing.
_IDENTIFY: dict[str, dict[Severity, State]] = {
    "HELO": {_2YZ: State.READY},
    "EHLO": {_2YZ: State.READY},
}
# RFC 5321 4.1.1.5: RSET forgets the transaction. Before HELO there is none, and the client still owes its name.
_BEFORE_HELO = _ANY_TIME | _IDENTIFY | {"RSET": {}}
_AFTER_HELO = _ANY_TIME | _IDENTIFY | {"RSET": {_2YZ: State.READY}}

TRANSITIONS: Mapping[State, Mapping[str, Mapping[Severity, State]]] = {
    # RFC 5321 3.1: the server speaks first. After a 554 it waits for QUIT and answers anything else with 503. It has no
    # 4yz but 421 there; servers in the field say others, and mean the same: not now.
    State.CONNECTED: {GREETING: {_2YZ: State.GREETED, _4YZ: State.REFUSED, _5YZ: State.REFUSED}},
    State.REFUSED: {"QUIT": {_2YZ: State.CLOSED}},
    State.GREETED: _BEFORE_HELO,
    # RFC 5321 3.3 and Appendix F.6: MAIL, and the older SEND, SOML and SAML, open a transaction.
    # RFC 821 3.8: after TURN the sides are swapped, and the new server greets as if the channel had just been opened.
    State.READY: _AFTER_HELO | {verb: {_2YZ: State.SENDER} for verb in OPENINGS} | {"TURN": {_2YZ: State.CONNECTED}},
    # RFC 5321 3.3: RCPT comes once for each recipient. DATA needs one that was accepted. MAIL stands in neither row: a
    # transaction is inside no other (4.1.4), so a second MAIL gets 503.
    State.SENDER: _AFTER_HELO | {"RCPT": {_2YZ: State.RECIPIENT}},
    State.RECIPIENT: _AFTER_HELO | {"RCPT": {_2YZ: State.RECIPIENT}, "DATA": {_3YZ: State.DATA}},
    # RFC 5321 4.1.1.4: behind the 354, every octet belongs to the message. Whatever the reply to it is, the transaction
    # is over and the buffers are cleared.
    State.DATA: {MESSAGE: {_2YZ: State.READY, _4YZ: State.READY, _5YZ: State.READY}},
    State.CLOSED: {},
}


# The states that a session passes until it may send a message, in their order. A verb leads on if the state after it
# stands further down this list; `legal_verbs` names such verbs first.
_TOWARDS_A_MESSAGE = (State.REFUSED, State.GREETED, State.READY, State.SENDER, State.RECIPIENT, State.DATA)
_LEADS_NOWHERE = 2  # the rank of a verb that is legal and leads no further


class Reader(Enum):
    """How a server reads the octets of the client."""

    COMMAND_LINE = "a verb and its argument, up to CRLF"
    MESSAGE = "lines of a message, up to a lone dot"
    NOTHING = "nothing; the octets wait, or belong to somebody else"


# How each state reads (RFC 5321 4.1.1, 4.1.1.4). CONNECTED reads nothing: the server speaks first, and after TURN the
# octets are for the other end. CLOSED reads nothing either, so a QUIT ends a session, whatever stands behind it. An
# extension that reads in another way adds a member above, a state, and a row here, as BDAT and AUTH would.
READERS: Mapping[State, Reader] = {
    State.CONNECTED: Reader.NOTHING,
    State.REFUSED: Reader.COMMAND_LINE,
    State.GREETED: Reader.COMMAND_LINE,
    State.READY: Reader.COMMAND_LINE,
    State.SENDER: Reader.COMMAND_LINE,
    State.RECIPIENT: Reader.COMMAND_LINE,
    State.DATA: Reader.MESSAGE,
    State.CLOSED: Reader.NOTHING,
}


def is_legal(state: State, verb: str, in_force: Container[str] = ()) -> bool:
    """True if `verb` may be sent in `state`: the table has it, and the extension that it needs, if any, is in force.

    This judges the order alone. `commands` judges the argument, and `extensions` the parameters in it.

    Args:
        state: where the session stands.
        verb: a verb in capitals, `GREETING` or `MESSAGE`; any other word is not legal.
        in_force: the keywords of the extensions in force, such as the `Offer` of the last EHLO reply.
    """
    return verb in TRANSITIONS[state] and (verb not in NEEDED_EXTENSION or NEEDED_EXTENSION[verb] in in_force)


def legal_verbs(state: State, in_force: Container[str] = ()) -> tuple[str, ...]:
    """Return the verbs that may be typed in `state`, without `GREETING` and `MESSAGE`.

    Those that lead on towards a message come first, so that sentences and completion name them first; then RCPT for one
    more recipient; then the others. Within each group, the table's order holds.

    >>> legal_verbs(State.RECIPIENT)
    ('DATA', 'RCPT', 'NOOP', 'HELP', 'VRFY', 'EXPN', 'QUIT', 'HELO', 'EHLO', 'RSET')
    """
    verbs = (verb for verb in TRANSITIONS[state] if verb in VERBS and is_legal(state, verb, in_force))
    return tuple(sorted(verbs, key=lambda verb: _rank(state, verb)))


def leading_verbs(state: State, in_force: Container[str] = ()) -> tuple[str, ...]:
    """Return the few legal verbs that lead on towards a message; those of `legal_verbs` if none does.

    >>> leading_verbs(State.RECIPIENT), leading_verbs(State.REFUSED)
    (('DATA', 'RCPT'), ('QUIT',))
    """
    legal = legal_verbs(state, in_force)
    return tuple(verb for verb in legal if _rank(state, verb) < _LEADS_NOWHERE) or legal


def _rank(state: State, verb: str) -> int:
    """Return 0 for a verb that leads on, 1 for one that adds a recipient, 2 for all others and for obsolete verbs."""
    after = next(iter(TRANSITIONS[state][verb].values()), None)
    if after is state is State.RECIPIENT:
        return 1
    states_further_on = _TOWARDS_A_MESSAGE[_TOWARDS_A_MESSAGE.index(state) + 1 :]
    leads_on = after in states_further_on and VERBS[verb].rfc5321 != "obsolete"
    return 0 if leads_on else _LEADS_NOWHERE


def out_of_order(state: State, verb: str, in_force: Container[str] = ()) -> LocalProtocolError:
    """Return the error that says why `verb` is not legal in `state`, and which verbs lead on from there.

    RFC 5321 4.2.4: a verb that the server recognizes but does not offer gets 502; one that comes at a wrong time, 503.
    The table comes first: only a verb that it has in this state can lack nothing but its extension.

    Args:
        state: where the session stands.
        verb: a verb for which `is_legal` is False.
        in_force: as for `is_legal`.
    """
    if verb in TRANSITIONS[state]:
        sentence = sentences.NEEDS_EXTENSION.format(verb=verb, extension=NEEDED_EXTENSION[verb])
        return LocalProtocolError(sentence, replies.NOT_IMPLEMENTED)
    leading = " or ".join(leading_verbs(state, in_force))
    sentence = sentences.OUT_OF_ORDER if leading else sentences.NOTHING_LEGAL
    return LocalProtocolError(sentence.format(verb=verb, state=state.value, leading=leading), replies.BAD_SEQUENCE)


# Replies that no server should give, by how it reads when it gives them. Its client must understand them all the same,
# or the two would disagree on what the next octets are. They are not in TRANSITIONS, because no client may count on
# them.
_ODD: Mapping[Reader, Mapping[str, Mapping[Severity, State]]] = {
    # RFC 2920 3.1: a client that pipelines sends DATA before it has seen that all its recipients were refused. If the
    # server says 354 all the same, it reads a message now, and the client owes it a lone dot.
    Reader.COMMAND_LINE: {"DATA": {_3YZ: State.DATA}},
    # RFC 5321 4.3.2: a message is not answered with 3yz. If it is, the message is over nevertheless.
    Reader.MESSAGE: {MESSAGE: {_3YZ: State.READY}},
    Reader.NOTHING: {},
}
# TRANSITIONS and these, flat: state, verb and first digit of the reply -> the state after it. The key is flat, so that
# a reply costs one look-up and not three. A state reads in one way, so it takes the odd rows of that way; where a verb
# stands in both tables, the row of TRANSITIONS wins because it comes later.
_AFTER: Mapping[tuple[State, str, int], State] = {
    (state, verb, int(severity)): after
    for state, rows in TRANSITIONS.items()
    for table in (_ODD[READERS[state]], rows)
    for verb, row in table.items()
    for severity, after in row.items()
}


def next_state(state: State, verb: str, code: int) -> State:
    """Return the state after `verb` was sent in `state` and answered with `code`; nothing else moves a session.

    Args:
        state: where the session stands.
        verb: what was sent. Any word, since a client can be wrong; the empty string for a reply that came unasked.
        code: the code of the reply, 200 to 599.

    Returns:
        `State.CLOSED` for 421, whatever it answers (RFC 5321 3.8). Otherwise what the table says, and `state` itself if
        the table lacks the verb or the severity.

    >>> next_state(State.RECIPIENT, "DATA", 354).name, next_state(State.RECIPIENT, "DATA", 421).name
    ('DATA', 'CLOSED')
    """
    if code == 421:
        return State.CLOSED
    return _AFTER.get((state, verb, code // 100), state)


def _possible_digits(state: State, verb: str) -> tuple[int, ...]:
    """Return the first digits that a reply to `verb` may have in `state`; anything can be refused, with 4yz or 5yz.

    RFC 5321 4.3.2 lists the replies to each verb. By their first digit, each has one kind of positive reply: the one
    that leads on, which is 3yz after DATA, and 2yz where none leads on, as after NOOP.
    """
    # RFC 5321 4.2.4: a line that is not a legal command cannot have been carried out, so only a refusal is possible.
    if verb == UNKNOWN:
        return 4, 5
    positive = tuple(int(severity) for severity in TRANSITIONS[state][verb] if severity < _4YZ)
    return (*(positive or (2,)), 4, 5)


# What a server may answer: state, verb and first digit of the reply -> the state after it. A missing key is an
# impossible reply. Unlike `next_state`, which a client needs for whatever a server says, this holds our own server to
# the rules: a 354 to DATA without a recipient is in _AFTER, and not here, because there DATA is not a legal command.
ANSWERS: Mapping[tuple[State, str, int], State] = {
    (state, verb, digit): _AFTER.get((state, verb, digit), state)
    for state, rows in TRANSITIONS.items()
    for verb in (UNKNOWN, *rows)
    for digit in _possible_digits(state, verb)
}

# A client reads the same lists: verb -> the first digits of a positive reply to it, in whatever state it was sent. With
# it, a client can tell that a 250 to DATA accepts nothing, although its first digit says so.
POSITIVE_DIGITS: Mapping[str, frozenset[int]] = {
    verb: frozenset(digit for _, other, digit in ANSWERS if other == verb and digit < 4)
    for rows in TRANSITIONS.values()
    for verb in rows
}

# Where a verb leads if it is accepted: to the only positive entry of its row. _AFTER would not do, for a client that
# plans ahead does not have the digit yet.
_ACCEPTED: Mapping[State, Mapping[str, State]] = {
    state: {verb: after for verb, row in rows.items() for severity, after in row.items() if severity < _4YZ}
    for state, rows in TRANSITIONS.items()
}


def state_if_accepted(state: State, verb: str) -> State:
    """Return the state that `verb`, sent in `state`, leads to if it is accepted, for a client that pipelines.

    A verb that is not legal in `state` leads nowhere: the server will refuse it.
    """
    return _ACCEPTED[state].get(verb, state)


# The lecture's three banners. REFUSED is an end and not a beginning: no mail will be transferred in it.
PHASES: Mapping[State, Phase] = {
    State.CONNECTED: Phase.CONNECTION_ESTABLISHMENT,
    State.REFUSED: Phase.CONNECTION_TERMINATION,
    State.GREETED: Phase.CONNECTION_ESTABLISHMENT,
    State.READY: Phase.MAIL_TRANSFER,
    State.SENDER: Phase.MAIL_TRANSFER,
    State.RECIPIENT: Phase.MAIL_TRANSFER,
    State.DATA: Phase.MAIL_TRANSFER,
    State.CLOSED: Phase.CONNECTION_TERMINATION,
}


def phase_of(state: State, verb: str) -> Phase:
    """Return the phase that `verb`, sent in `state`, and its reply belong to.

    It is the phase of the state in which the exchange begins, or of the end if the verb closes the session. So the
    reply to the final dot belongs to mail transfer, and QUIT with its 221 to connection termination.

    >>> phase_of(State.DATA, MESSAGE).value, phase_of(State.READY, "QUIT").value
    ('Mail Transfer', 'Connection Termination')
    """
    closes = State.CLOSED in TRANSITIONS[state].get(verb, {}).values()
    return PHASES[State.CLOSED if closes else state]
