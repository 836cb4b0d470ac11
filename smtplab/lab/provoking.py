"""Provoke replies: set up the conditions of a cause in a lab, and type what its client types.

    print(provoke(cause))               # the transcript; the reply to its last line has the code of the cause

`smtplab.explain.causes` holds the causes. `provoke` runs one in a new lab, in memory; `hold` types the lines in any
session, over a socket as well.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import assert_never

from ..explain.causes import HOST, NEXT_HOP, Cause, Condition, Setting
from ..transcript import Transcript
from .internet import Lab
from .lab_host import LabHost
from .session import Session


def provoke(cause: Cause) -> Transcript:
    """Set up `cause` in a new lab, and return the transcript of its session."""
    lab = Lab()
    set_up(lab, *cause.conditions)
    return hold(cause, lambda: lab.telnet(HOST), lab.host(HOST).stop)


def hold(cause: Cause, connect: Callable[[], Session], stop: Callable[[], object]) -> Transcript:
    """Type what the client of `cause` types, and return the transcript.

    Args:
        cause: its conditions must hold already.
        connect: opens a session with the host.
        stop: shuts the host down.

    Raises:
        ClientError: as `Session.send` does.
    """
    with ExitStack() as sessions:
        for _ in range(cause.others):
            sessions.enter_context(connect())
        session = sessions.enter_context(connect())
        for line in cause.lines:
            session.send_bytes(line.encode() + b"\r\n")
        if cause.stops:
            stop()
        session.poll()
        return Transcript(session.transcript)


def set_up(lab: Lab, *conditions: Condition) -> None:
    """Make `conditions` hold on the lab's `HOST`, in their order.

    Raises:
        KeyError: if the host has no mailbox of the name in a condition.
    """
    for condition in conditions:
        _set(lab, lab.host(HOST), condition)


def _set(lab: Lab, host: LabHost, condition: Condition) -> None:
    """Make one condition hold: one case for each `Setting`."""
    match condition.setting:
        case Setting.CLOSED:
            host.handler.open = False
        case Setting.STRICT:
            host.policy = replace(host.policy, strict=True)
        case Setting.HIDES_USERS:
            host.handler.answers_vrfy = False
        case Setting.HIDES_LISTS:
            host.handler.answers_expn = False
        case Setting.SWAPS_ROLES:
            host.handler.turns = True
        case Setting.NO_ROUTES:
            host.handler.relay = None
        case Setting.NEXT_HOP_DOWN:
            lab.host(NEXT_HOP).up = False
        case Setting.MAX_SESSIONS:
            host.policy = replace(host.policy, max_sessions=condition.limit)
        case Setting.MAX_ERRORS:
            host.policy = replace(host.policy, max_errors=condition.limit)
        case Setting.MAX_MESSAGE_OCTETS:
            host.policy = replace(host.policy, offer={**host.policy.offer, "SIZE": str(condition.limit)})
        case Setting.DISK_READ_ONLY:
            host.store.read_only = True
        case Setting.DISK_OCTETS:
            host.store.capacity_octets = condition.limit
        case Setting.MAILBOX_BUSY:
            host.mailboxes[condition.mailbox].busy = True
        case Setting.MAILBOX_FULL:
            _fill(host, condition.mailbox)
        case Setting.QUOTA_OCTETS:
            host.mailboxes[condition.mailbox].quota_octets = condition.limit
        case Setting.QUOTA_IS_SOFT:
            host.mailboxes[condition.mailbox].quota_is_soft = True
        case never:
            assert_never(never)


def _fill(host: LabHost, mailbox: str) -> None:
    """Deliver a long message to a mailbox, and set its quota to what it then holds."""
    draft = host.store.begin([mailbox])
    draft.write(b"Subject: Holidays\r\n\r\n" + b"So many pictures!\r\n" * 110)
    host.store.commit_all([draft])
    host.mailboxes[mailbox].quota_octets = host.store.octets_in(mailbox)
