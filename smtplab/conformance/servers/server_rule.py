"""How the rules for servers are written down: a demand and a probe, in the list of a stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..rule import ConformanceRule
from .probe_session import ProbeSession
from .server_trial import ServerTrial

Probe = Callable[[ServerTrial], None]
Climb = Callable[[ServerTrial], ProbeSession]


@dataclass(frozen=True, slots=True)
class ServerRule:
    """A rule, and how it is judged.

    Args:
        rule: the demand.
        probe: talks to the server; it returns if the rule holds, and raises `ProbeFailure` or `NoGround` if not.
    """

    rule: ConformanceRule
    probe: Probe


class StageRules(list[ServerRule]):
    """The rules of one stage, in their order.

    Args:
        stage: its name.
    """

    def __init__(self, stage: str) -> None:
        super().__init__()
        self.stage = stage

    def probe(
        self, id: str, section: str, demand: str, look: str, *, needs: tuple[str, ...] = ()
    ) -> Callable[[Probe], Probe]:
        """Add a rule whose probe is the decorated function; the arguments are those of `ConformanceRule`."""

        def add(probe: Probe) -> Probe:
            self.append(ServerRule(ConformanceRule(id, self.stage, section, demand, look, needs), probe))
            return probe

        return add

    def asks(
        self,
        id: str,
        section: str,
        demand: str,
        look: str,
        *,
        at: Climb,
        send: bytes,
        codes: str,
        needs: tuple[str, ...] = (),
    ) -> None:
        """Add a rule about the reply to one line.

        Args:
            at: climbs to the state in which the line is sent.
            send: the line.
            codes: the codes that a right server may give, with blanks between them; ``5yz`` is any that begins with 5.
        """
        allowed = tuple(codes.split())

        def ask(trial: ServerTrial) -> None:
            at(trial).ask(send, *allowed)

        self.probe(id, section, demand, look, needs=needs)(ask)
