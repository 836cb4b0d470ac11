"""The faults of one host, with all that is counted for them over its sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

from ..base.duration import DAY
from ..base.seed import Seed
from ..mta.triplets import Triplets
from .actions import RefuseConnection
from .conditions import (
    Above,
    After,
    Age,
    Arriving,
    Chance,
    Containing,
    Daily,
    During,
    EightBit,
    EveryTime,
    FaultCondition,
    FromClient,
    Greylisted,
    Idle,
    OnConnection,
    Times,
)
from .facts import Facts, Tallies, Tally, number_of, tally_of
from .fault import Fault
from .moments import Moment


def _no_time() -> int:
    return 0


def _ignore(fault: Fault, facts: Facts) -> None:
    """Do nothing with a fault that happens."""


class FaultPlan:
    """The faults of one host, and its counters. A copy made by `deepcopy` counts independently.

    Args:
        faults: the faults, in their order.
        seed: where probabilities are drawn from. The draws of a fault do not depend on the other faults.

    Attributes:
        faults: as above. They may be changed at any time; a change counts for open sessions too.
        connections: how many connections have come.
        observe: is told of each fault that happens, and of the facts of its session.
    """

    def __init__(self, faults: Iterable[Fault] = (), seed: Seed | None = None) -> None:
        self.faults = list(faults)
        self.connections = 0
        self.observe: Callable[[Fault, Facts], None] = _ignore
        self._seed = seed or Seed(0)
        self._clock: Callable[[], int] = _no_time
        self._midnight = 0
        self._fired: dict[Fault, int] = {}
        self._held: dict[Fault, int] = {}  # how often all else of an `EveryTime` held
        self._tallies: Tallies = {}
        self._triplets = Triplets()

    @classmethod
    def of(cls, texts: str | Iterable[str], seed: Seed | None = None) -> Self:
        """Return a plan of faults written in the language of `fault`; one alone needs no list.

        Raises:
            FaultError: if a text is not a fault.
        """
        return cls(map(Fault.parse, (texts,) if isinstance(texts, str) else texts), seed)

    def __bool__(self) -> bool:
        return bool(self.faults)

    def add(self, fault: Fault | str) -> Fault:
        """Add a fault, as a value or a text, and return it; raise `FaultError` if the text is not a fault."""
        added = Fault.parse(fault) if isinstance(fault, str) else fault
        self.faults.append(added)
        return added

    def clear(self) -> None:
        """Remove all faults; one that is added again begins anew."""
        self.faults.clear()
        for counters in (self._fired, self._held, self._tallies):
            counters.clear()
        self._triplets.clear()

    def begin(self, clock: Callable[[], int], time_of_day: int = 0) -> None:
        """Take the clock of the world.

        Args:
            clock: returns the microseconds since the world or server began.
            time_of_day: the microseconds since midnight at that time.
        """
        self._clock, self._midnight = clock, time_of_day

    @property
    def now(self) -> int:
        """The host's time in microseconds; 0 before `begin`."""
        return self._clock()

    def connect(self, client: str, others: int = 0, all_others: int = 0) -> Facts | None:
        """Count a connection, and return its facts; None if it is refused.

        Args:
            client: the address of the client.
            others: how many other sessions of this client are open.
            all_others: how many of all clients are.
        """
        self.connections += 1
        facts = Facts(client, self.connections, self.now, heard=self.now, sessions=all_others + 1)
        facts.client_sessions = others + 1
        self.note("sessions", facts)
        for fault in self.faults:
            action = fault.action
            if isinstance(action, RefuseConnection) and action.takes(self.connections) and self.fires(fault, facts):
                return None
        return facts

    def note(self, what: str, facts: Facts) -> None:
        """Count that something happens which `Above` may limit, if a fault depends on it."""
        windows: dict[Tally, int] = {}
        for limit in (each for fault in self.faults for each in fault.conditions if isinstance(each, Above)):
            if limit.what == what and (tally := tally_of(limit, facts, self._tallies)):
                windows[tally] = max(windows.get(tally, 0), limit.window)
        for tally, window in windows.items():
            tally.note(self.now, window)

    def note_attempt(self, facts: Facts, sender: str, recipient: str) -> None:
        """Count that a client tries a recipient, if a fault depends on it."""
        if any(isinstance(each, Greylisted) for fault in self.faults for each in fault.conditions):
            facts.attempts, facts.first_attempt = self._triplets.note(facts.client, sender, recipient, self.now)

    def at(self, moment: Moment) -> Iterator[Fault]:
        """Yield the faults that are judged in a moment, in their order."""
        return (fault for fault in self.faults if fault.moment is moment)

    def fires(self, fault: Fault, facts: Facts) -> bool:
        """Return True if all conditions of a fault hold, and count it then."""
        if not all(_HOLDS[type(each)](self, fault, each, facts) for each in fault.conditions):
            return False
        if nth := next((each.nth for each in fault.conditions if isinstance(each, EveryTime)), 0):
            self._held[fault] = self._held.get(fault, 0) + 1
            if self._held[fault] % nth:
                return False
        self._fired[fault] = self._fired.get(fault, 0) + 1
        facts.fired[fault] = facts.fired.get(fault, 0) + 1
        self.observe(fault, facts)
        return True

    def draw(self, fault: Fault, facts: Facts, below: int) -> int:
        """Draw a number for a fault, from 0 to ``below - 1``; the same one for the same event of the same session."""
        return self._seed.fork("fault", str(fault), facts.connection).number(f"{facts.events} {facts.octets}", below)

    def _chance(self, fault: Fault, condition: Chance, facts: Facts) -> bool:
        return self.draw(fault, facts, 1_000_000) < condition.millionths

    def _times(self, fault: Fault, condition: Times, facts: Facts) -> bool:
        fired = facts.fired if condition.per_session else self._fired
        return fired.get(fault, 0) < condition.times

    def _during(self, fault: Fault, condition: During, facts: Facts) -> bool:
        return condition.start <= self.now and (condition.end < 0 or self.now < condition.end)

    def _daily(self, fault: Fault, condition: Daily, facts: Facts) -> bool:
        time = (self._midnight + self.now) % DAY
        if condition.start <= condition.end:
            return condition.start <= time < condition.end
        return time >= condition.start or time < condition.end

    def _age(self, fault: Fault, condition: Age, facts: Facts) -> bool:
        began = 0 if fault.moment is Moment.CONNECTION else facts.began  # a session that has not begun has no age
        return self.now - began >= condition.age

    def _idle(self, fault: Fault, condition: Idle, facts: Facts) -> bool:
        return self.now - facts.heard >= condition.silence

    def _above(self, fault: Fault, condition: Above, facts: Facts) -> bool:
        return number_of(condition, facts, self._tallies, self.now) > condition.count

    def _greylisted(self, fault: Fault, condition: Greylisted, facts: Facts) -> bool:
        if condition.odd:
            return facts.attempts % 2 == 1
        if condition.attempts:
            return facts.attempts <= condition.attempts
        return self.now - facts.first_attempt < condition.duration


def _after(plan: FaultPlan, fault: Fault, condition: After, facts: Facts) -> bool:
    return (facts.came_before(condition.at.verb) >= max(condition.at.nth, 1)) != condition.lacking


def _on_connection(plan: FaultPlan, fault: Fault, condition: OnConnection, facts: Facts) -> bool:
    number = facts.connection
    if condition.first:
        return number <= condition.first
    return not number % condition.every if condition.every else number == condition.nth


def _containing(plan: FaultPlan, fault: Fault, condition: Containing, facts: Facts) -> bool:
    if condition.exactly:
        return (condition.text in facts.line) != condition.lacking
    return (condition.text.lower() in facts.line.lower()) != condition.lacking


def _eight_bit(plan: FaultPlan, fault: Fault, condition: EightBit, facts: Facts) -> bool:
    return not facts.line.isascii()


def _from_client(plan: FaultPlan, fault: Fault, condition: FromClient, facts: Facts) -> bool:
    return condition.address.decode("utf-8", "replace") == facts.client


def _arriving(plan: FaultPlan, fault: Fault, condition: Arriving, facts: Facts) -> bool:
    return condition.how in facts.arrivals


def _every_time(plan: FaultPlan, fault: Fault, condition: EveryTime, facts: Facts) -> bool:
    return True  # `fires` counts once all else holds


_HOLDS: dict[type[FaultCondition], Callable[[FaultPlan, Fault, Any, Facts], bool]] = {
    Above: FaultPlan._above,
    After: _after,
    OnConnection: _on_connection,
    During: FaultPlan._during,
    Daily: FaultPlan._daily,
    Age: FaultPlan._age,
    Idle: FaultPlan._idle,
    Chance: FaultPlan._chance,
    Times: FaultPlan._times,
    Greylisted: FaultPlan._greylisted,
    Containing: _containing,
    FromClient: _from_client,
    EightBit: _eight_bit,
    Arriving: _arriving,
    EveryTime: _every_time,
}
