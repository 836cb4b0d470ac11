"""What fails in a run, and when: hosts that are down, and disks that are full."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Protocol

from ..base.seed import Seed
from ..mta.spool import MemorySpool
from ..worlds.virtual import World
from .hosts import RunningHost, WatchedStore
from .plans import PlannedOutage
from .scenario import Scenario


class RunWithIncidents(Protocol):
    """The part of a run that has incidents; see `simulation.Simulation`."""

    scenario: Scenario
    seed: Seed
    world: World

    @property
    def hosts(self) -> Mapping[str, RunningHost]:
        """The hosts by their names."""

    def note(self, host: str, event: str, about: str = "", message: str = "", detail: str = "") -> None:
        """Write an event down."""


class Incidents:
    """The outages and full disks of a run. Where several meet at one host, it stays as it is until the last has ended.

    Args:
        run: whose they are.
    """

    def __init__(self, run: RunWithIncidents) -> None:
        self._run = run

    def plan(self) -> None:
        """Put them all on the clock of the run.

        They come before all else of the same instant: mail that is sent when an outage ends finds the host up.
        """
        run = self._run
        for outage in (*run.scenario.outages, *self._drawn_outages()):
            self._at(outage.begins, partial(self._go_down, outage.host))
            self._at(outage.begins + outage.lasts, partial(self._come_up, outage.host))
        for disk in run.scenario.full_disks:
            for spool in disk.spools:
                self._at(disk.begins, partial(self._fill, disk.host, spool))
                self._at(disk.begins + disk.lasts, partial(self._free, disk.host, spool))

    def _drawn_outages(self) -> Iterator[PlannedOutage]:
        run, drawn = self._run, self._run.scenario.drawn_outages
        for number in range(drawn.count if drawn is not None else 0):
            assert drawn is not None
            seed = run.seed.fork("outage", number)
            host = seed.choice("host", run.scenario.hosts)
            lasts = drawn.at_least + seed.number("lasts", drawn.at_most - drawn.at_least + 1)
            yield PlannedOutage(host.name, seed.number("begins", max(run.scenario.duration - lasts, 1)), lasts)

    def _at(self, time: int, action: Callable[[], None]) -> None:
        scheduler = self._run.world.scheduler
        scheduler.after(time - scheduler.now, action)

    def _go_down(self, name: str) -> None:
        running = self._run.hosts[name]
        running.outages += 1
        if running.host.up:
            running.host.stop()
            self._run.note(name, "down")

    def _come_up(self, name: str) -> None:
        running = self._run.hosts[name]
        running.outages -= 1
        if not running.outages and not running.host.up:
            running.host.up = True
            self._run.note(name, "up")
            running.jobs.look()

    def _fill(self, name: str, spool: bool) -> None:
        self._run.hosts[name].full[spool] += 1
        self._disk(name, spool).capacity_octets = 0
        self._run.note(name, "full", "spool" if spool else "mailboxes")

    def _free(self, name: str, spool: bool) -> None:
        running = self._run.hosts[name]
        running.full[spool] -= 1
        if not running.full[spool]:
            plan = running.plan
            self._disk(name, spool).capacity_octets = plan.spool_octets if spool else plan.mailbox_octets
            self._run.note(name, "free", "spool" if spool else "mailboxes")

    def _disk(self, name: str, spool: bool) -> MemorySpool | WatchedStore:
        running = self._run.hosts[name]
        store = running.mail.store
        assert isinstance(store, WatchedStore)
        return running.spool if spool else store
