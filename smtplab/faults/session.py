"""A session whose server has faults: a `ServerSession` with a layer of scripted trouble around it.

The layer passes the client's octets on in steps, a command line or a piece of the message at a time. So it can refuse,
swallow or break off before a command is carried out, and change, delay or lose the reply after that. It has the whole
public interface of `ServerSession` that worlds use, so a world needs only `admission.session_for`. Time passes through
`awaits` and `timed_out`, as in `ServerSession`. A world on sockets also uses `pause`, `stalled` and `was_reset`.

Here is the interface, and what reads. `session_replies` answers, `judge` decides which faults happen, `reply_draft`
changes the replies, and `outbox` keeps what is to be sent.
"""

from __future__ import annotations

from typing import cast

from ..base.duration import MICROSECONDS
from ..mta.handler import Handler
from ..mta.policy import Policy
from ..mta.session import ServerSession
from ..protocol.extensions import LONGEST_LINE
from ..protocol.replies import Reply
from ..protocol.states import MESSAGE, State
from .actions import Swallow
from .conditions import Arrival
from .facts import Facts
from .incoming import CRLF, Incoming, on_the_wire
from .judge import FaultJudge
from .mishandling import MishandlingHandler
from .outbox import Pause
from .plan import FaultPlan
from .session_replies import FaultyReplies


class FaultySession(FaultyReplies):
    """A session with one client, with the faults of a plan. See `ServerSession` for the interface.

    Args:
        plan: the faults, which may change at any time.
        facts: those of the connection, from `FaultPlan.connect`.
        handler: as for `ServerSession`.
        policy: as for `ServerSession`.

    Attributes:
        names: the canonical names of the replies in what `data_to_send` returned, or None.
        halted: True if `data_to_send` has left a piece that is to be sent by itself; then `go_on`.
        was_reset, half_closed: as of `FaultyReplies`.
    """

    def __init__(self, plan: FaultPlan, facts: Facts, handler: Handler, policy: Policy) -> None:
        judge = FaultJudge(plan, facts)
        host = cast(Handler, MishandlingHandler(handler, judge))  # it has every method that a session calls
        super().__init__(ServerSession(host, policy, facts.client), judge, policy)
        self._arrived = Incoming()  # not passed on yet
        self._ended_by_client = False
        self._plan = plan
        self._last_wait, self._wait_began = 0, plan.now  # the number of the last wait, and when it began
        self.names: list[str] | None = None

    # What a world reads

    @property
    def closed(self) -> bool:
        """True once everything has been said, and everything has been sent that was due."""
        return self._over or (self._inner.closed and not (self._out or self._hanging))

    @property
    def said_quit(self) -> bool:
        """True once the client has said QUIT and got its reply."""
        return self._inner.said_quit and self.closed and not self.was_reset

    @property
    def wait_number(self) -> int:
        """How many waits have begun; it never becomes less."""
        return self._inner.wait_number + self._own_waits + self._out.pauses

    @property
    def pause(self) -> float | None:
        """How many seconds from the begin of this wait until the server goes on by itself; None if it does not."""
        if self.closed or self._hanging:
            return None
        if (pause := self._out.pause) is not None:
            return pause / MICROSECONDS
        due = self._judge.due
        return None if due is None else max(due - self._wait_began, 0) / MICROSECONDS

    @property
    def stalled(self) -> bool:
        """True if the server answers nothing now: it pauses, or has stopped reading."""
        return not self.closed and (self._stopped_reading or self._out.pause is not None)

    @property
    def deaf(self) -> bool:
        """True if the server takes no octets from the network now; while a reply is delayed, it takes some."""
        return self.stalled and not (self._out.hears and len(self._arrived) <= LONGEST_LINE)

    @property
    def awaits(self) -> float | None:
        """As for `ServerSession`; the time of a pause, too."""
        if self.closed or self._hanging:
            return None
        pause, idle = self.pause, None if self._out.barriers else self._inner.awaits
        return min((each for each in (pause, idle) if each is not None), default=None)

    # What a world does

    def start(self, others: int = 0) -> None:
        """Greet the client."""
        action = self._judge.greeting(others)
        if action is None:
            self._inner.start(others)
            self._collect()
        else:
            self._inner.refuse_connection()
            self._taken()
            self._answer_instead(action)
        self._note_wait()

    def receive(self, data: bytes | memoryview) -> None:
        """Take octets from the client, and answer what is complete."""
        if self._hanging or self._over:
            if not data:
                self._end()
            return
        if self._inner.is_turned:
            self._inner.receive(data)
            self._collect_unasked()
        else:
            self._arrived.add(data, early=self._out.hears)
            self._ended_by_client = self._ended_by_client or not data
            if self._ended_by_client and self._out.is_endless:
                self._end()
            self._run()
        self._note_wait()

    def data_to_send(self) -> bytes:
        """Return the octets that wait to be sent, and forget them."""
        data, names, end = self._out.take()
        if self.names is not None:
            self.names += names
        if end is not None:
            self._break(end.how)
        self.halted = self._out.has_piece
        self._note_wait()
        return data

    def go_on(self) -> None:
        """Let `data_to_send` return the next piece."""
        self.halted = False

    def timed_out(self) -> None:
        """End the pause, or the session, because its time is over."""
        if self.closed or self._hanging:
            return
        if self._out.pause is not None:
            self._out.end_pause()
            self._run()
        else:
            self._own_waits += 1
            self._end_wait()
        self._note_wait()

    def _end_wait(self) -> None:
        """Do what is due because the client has said nothing."""
        is_due, action = self._judge.timer()
        if is_due:
            self._act_at_a_time(action)
        elif self._reply_lost:  # a farewell would be lost as well
            self._end()
        else:
            self._inner.timed_out()
            self._collect_unasked()

    def _note_wait(self) -> None:
        """Note when the present wait began."""
        if self.wait_number != self._last_wait:
            self._last_wait, self._wait_began = self.wait_number, self._plan.now

    def finish(self, outcome: object) -> None:
        """As for `ServerSession`."""
        self._inner.finish(outcome)
        self._after_task()

    def abandon_task(self) -> None:
        """As for `ServerSession`."""
        self._inner.abandon_task()
        self._after_task()

    def hang_up(self, reply: Reply, limit: str = "") -> None:
        """Say 421 and close; no fault changes that, but a server that hangs says nothing."""
        if self._hanging or self._over:
            self._end()
            return
        self._inner.hang_up(reply, limit)
        self._collect_unasked()

    def abandon(self) -> None:
        """Abort the transaction under way, because the client has gone."""
        self._end()

    # How faults come in

    def _run(self) -> None:
        """Pass on what has arrived, step by step, as long as nothing is in the way."""
        while not (self._out.barriers or self._hanging or self._over or self._inner.closed or self.task is not None):
            if not (self._read_message() if self._is_message else self._read_command()):
                break
        else:
            return
        if self._ended_by_client:
            self._inner.receive(self._arrived.take(len(self._arrived))[0])
            self._inner.receive(b"")
            self._collect_unasked()

    @property
    def _is_message(self) -> bool:
        return self._sinking or self._inner.state is State.DATA

    def _read_command(self) -> bool:
        """Handle one command; return False if none is complete."""
        is_early = self._is_early
        is_bare = self._arrived.has_bare_line and self._judge.ends_at_lf()
        found = self._arrived.take_bare_line() if is_bare else self._arrived.take_line()
        if found is None:
            if len(self._arrived) > LONGEST_LINE:  # the host counts and drops what is too long
                self._inner.receive(self._arrived.take(len(self._arrived) - 1)[0])
            return False
        line, is_split = found
        self._reply_lost = False
        arrivals = self._arrivals(is_split=is_split, is_early=is_early, is_bare=is_bare)
        action = self._judge.command(line.removesuffix(CRLF), self.envelope, arrivals, self._arrived.next_line)
        self._own_waits += 1
        if action is None:
            self._inner.receive(line)
            self._collect()
        else:
            self._answer_instead(action)
        return True

    @property
    def _is_early(self) -> bool:
        """True if what is taken next came before the last reply had gone out."""
        return self._arrived.is_early or bool(self._out)

    def _arrivals(self, *, is_split: bool, is_early: bool, is_bare: bool = False) -> frozenset[Arrival]:
        """Return how what was taken last has come."""
        happened = {
            Arrival.PIPELINED: is_early,
            Arrival.SPLIT: is_split,
            Arrival.FOLLOWED: len(self._arrived) > 0,
            Arrival.BARE: is_bare,
        }
        return frozenset(arrival for arrival, is_so in happened.items() if is_so)

    def _read_message(self) -> bool:
        """Read a piece of the message; return False if there is none."""
        amid = self._judge.amid_message(len(self._arrived))
        for action, ending in amid.actions:
            self._act_amid(action, ending)
        if self._out.barriers or self._over or self._hanging:
            return True
        if not len(self._arrived):
            return False
        is_early = self._is_early
        piece, is_split = self._arrived.take(self._message.length(self._arrived.first(amid.room)))
        self._judge.count_octets(len(piece))
        self._own_waits += 1
        if amid.pause:
            self._out.push(Pause(amid.pause))
        is_split = is_split or self._message.ends_split(piece)
        self._message.add(piece)
        if self._message.end:
            self._end_message(piece, self._arrivals(is_split=is_split, is_early=is_early))
        else:
            self._pass_on(piece)
        return True

    def _end_message(self, piece: bytes, arrivals: frozenset[Arrival]) -> None:
        """Judge the end of the message, and pass the message on unless its end is swallowed.

        Args:
            piece: the last octets of the message.
            arrivals: how its end has come.
        """
        message = self._message
        content = self._judge.message_has_come(message.content, arrivals)
        self._replacement = self._judge.replacement(MESSAGE)
        if isinstance(self._replacement, Swallow):
            message.go_on()
            self._end_as_told()
        else:
            if self._replacement is None:
                self._judge.accept_message()
            self._pass_on(on_the_wire(content) if message.collects else piece)

    def _pass_on(self, piece: bytes) -> None:
        """Pass a piece of the message on to the host, unless the message is still collected, or not expected."""
        if self._sinking:
            if self._message.end:
                self._end_sinking()
        elif self._message.end or not self._message.collects:
            self._inner.receive(piece)
            self._after_piece()

    def _after_task(self) -> None:
        if self._inner.closed:
            self._collect_unasked()
        elif self._in_message:
            self._after_piece()
        else:
            self._collect()
        self._run()
        self._note_wait()
