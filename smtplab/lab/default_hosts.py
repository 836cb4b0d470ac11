"""What every new lab holds: three hosts with their people, words and routes, the student's machine, and the day.

The directories are in ``data/directories``, the wording of the replies in ``data/personalities``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from ..base.resources import data_path
from ..client.session import SMTP_PORT
from ..mta.directory import Directory
from ..mta.host import MailHost
from ..mta.personality import Personality
from ..mta.policy import Policy
from ..mta.relay import Relay
from ..mta.store import MemoryStore

if TYPE_CHECKING:  # a lab without queues does without these, and so without the package email
    from ..mta.queue_manager import QueueManager
    from ..mta.zone import Zone

# The day of the lecture's session, at a time of day that the lecture leaves out.
BEGIN = datetime(2004, 8, 6, 10, 25, tzinfo=timezone(timedelta(hours=-4)))

# A learner makes mistakes on purpose, so hosts of the lab are patient. `Cause` lists a host that is not.
POLICY = Policy(max_errors=100)

# The machine of the student. RFC 2606 and RFC 5737 reserve this name and this address for examples.
LAPTOP, LAPTOP_ADDRESS = "laptop.example", "203.0.113.7"


@dataclass(frozen=True, slots=True)
class LabHostPlan:
    """The plan of a lab host.

    Args:
        name: the name by which the others reach it.
        own_name: how it calls itself.
        domain: whose mail it takes; its directory has this name.
    """

    name: str
    own_name: str
    address: str
    domain: str
    personality: str


PLANS = (
    LabHostPlan("mail.adelphia.net", "mta13.adelphia.net", "68.168.78.100", "adelphia.net", "lecture"),
    LabHostPlan("mail.lab.example", "mail.lab.example", "192.0.2.25", "lab.example", "plain"),
    LabHostPlan("mail.campus.example", "mail.campus.example", "198.51.100.25", "campus.example", "plain"),
)
# The routes of every host: the next hop for each domain.
_ROUTES = {plan.domain: (plan.name, SMTP_PORT) for plan in PLANS}


def handler_of(plan: LabHostPlan, queue: QueueManager | None) -> MailHost:
    """Return what decides the replies of a host.

    Args:
        plan: the host.
        queue: its queue, whose clock and ids it has. Without one it relays while its client waits, at a fixed time.
    """
    return MailHost(
        Directory.load(data_path("directories", f"{plan.domain}.toml")),
        MemoryStore(),
        hostname=plan.own_name,
        personality=Personality.load(plan.personality),
        relay=relay_to({}) if queue is None else None,
        queue=queue,
        clock=_begin if queue is None else None,
    )


def relay_to(others: Mapping[str, tuple[str, int]]) -> Relay:
    """Return the relay of a host: the routes to the hosts of every lab, and others: domain to host and port."""
    return Relay(_ROUTES | dict(others))


def zone_of_all() -> Zone:
    """Return the zone that leads the mail of each domain to its host."""
    from ..mta.zone import Zone

    return Zone(
        mx={plan.domain: ((10, plan.name),) for plan in PLANS},
        hosts={name: (plan.address,) for plan in PLANS for name in (plan.name, plan.own_name)},
    )


def _begin() -> datetime:
    return BEGIN
