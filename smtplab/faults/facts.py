"""Hold what conditions depend on: the facts of one session at one moment, and how often things have happened lately."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from .conditions import CLIENT, HOST, SESSION, Above, Arrival


class Tally:
    """How often something has happened, in all and lately."""

    def __init__(self) -> None:
        self.total = 0
        self._times: deque[int] = deque()

    def note(self, now: int, window: int) -> None:
        """Count that it happens now, and forget the times of what was before the longest window."""
        self.total += 1
        if window:
            self._times.append(now)
            while self._times[0] <= now - window:
                self._times.popleft()

    def since(self, time: int) -> int:
        """Return how often it has happened after a time."""
        return sum(each > time for each in self._times)


Tallies = dict[tuple[str, str], Tally]
"""What is counted and for whom, such as messages of a client, and how often it has happened."""


@dataclass(slots=True)
class Facts:
    """What conditions may depend on, for one session at one moment.

    Attributes:
        client: the address of the client.
        connection: the number of the connection, from 1.
        began: the host's time at its begin, in microseconds.
        heard: the time of the last command, or piece of a message.
        sessions: the open sessions of the host when it began, itself included.
        client_sessions: those of the same client.
        verb: what has come: a verb, `states.GREETING` or `states.MESSAGE`.
        events: the greeting, commands and messages so far, this one included.
        commands: the commands so far, this one included.
        messages: the number of the present message, or of the next one.
        recipients: the number that the present recipient would have in the transaction.
        accepted: the recipients of the transaction that got 2yz.
        errors: replies 4yz and 5yz so far.
        octets: the octets of the present message so far; between MAIL and DATA, as MAIL declared them.
        line: the present command, without CRLF; at the end of a message, the message, if a fault needs it.
        arrivals: how it has come.
        following: the verb of the next command; empty if none has come.
        attempts: how often the client has tried this sender and recipient, this time included.
        first_attempt: when it tried first, in microseconds.
        counts: of each verb so far, this one included; of RCPT in the transaction.
        fired: of each fault, by its line: how often it has happened in the session.
        tallies: of the session.
    """

    client: str
    connection: int
    began: int
    heard: int = 0
    sessions: int = 1
    client_sessions: int = 1
    verb: str = ""
    events: int = 0
    commands: int = 0
    messages: int = 1
    recipients: int = 0
    accepted: int = 0
    errors: int = 0
    octets: int = 0
    line: bytes = b""
    arrivals: frozenset[Arrival] = frozenset()
    following: str = ""
    attempts: int = 0
    first_attempt: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    fired: dict[object, int] = field(default_factory=dict)
    tallies: Tallies = field(default_factory=dict)

    @property
    def command_octets(self) -> int:
        """The octets of the present command, CRLF included."""
        return len(self.line) + 2

    @property
    def line_octets(self) -> int:
        """The octets of the longest line, without its end."""
        return max(map(len, self.line.split(b"\r\n")))

    def came_before(self, verb: str) -> int:
        """Return how often a verb has come before what has come now."""
        return self.counts.get(verb, 0) - (verb == self.verb)


# These are counted before the conditions are judged; all else, such as errors, is counted once it has happened.
_COUNTED_FIRST = ("sessions", "commands")


def tally_of(condition: Above, facts: Facts, of_host: Tallies) -> Tally | None:
    """Return the tally that a condition is about; None if a fact is enough.

    Args:
        condition: the condition.
        facts: of the session.
        of_host: the tallies of the host and of its clients.
    """
    scope = condition.scope or (HOST if condition.window else "")
    if condition.what == "sessions" and not condition.window and scope in (CLIENT, HOST, ""):
        return None  # open ones
    if not scope or condition.what.endswith("octets"):
        return None
    if scope == SESSION:
        return facts.tallies.setdefault((condition.what, ""), Tally())
    return of_host.setdefault((condition.what, facts.client if scope == CLIENT else HOST), Tally())


def number_of(condition: Above, facts: Facts, of_host: Tallies, now: int) -> int:
    """Return the number that a condition compares with its limit."""
    tally = tally_of(condition, facts, of_host)
    if tally is not None:
        number = tally.since(now - condition.window) if condition.window else tally.total
        return number + (condition.what not in _COUNTED_FIRST)
    name = "client_sessions" if condition.what == "sessions" and condition.scope == CLIENT else condition.what
    return int(getattr(facts, name)) + (name == "errors")  # a limit is exceeded by what comes behind so many errors
