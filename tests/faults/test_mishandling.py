"""What a host with faults does with a message that it has accepted, by its handler alone."""

from copy import deepcopy
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from smtplab.faults.message_actions import BounceMessage
from smtplab.faults.mishandling import MishandlingHandler
from smtplab.mta.directory import Directory
from smtplab.mta.handler import Envelope, Handler
from smtplab.mta.host import MailHost
from smtplab.mta.queue_ids import QueueIds
from smtplab.mta.queue_manager import QueueManager, QueueSettings
from smtplab.mta.spool import MemorySpool
from smtplab.mta.store import MemoryStore
from smtplab.mta.task import Job, on_disk, run_on_disk
from smtplab.mta.zone import Zone
from smtplab.protocol import replies
from smtplab.protocol.commands import Mail, Rcpt
from smtplab.protocol.grammar import NULL_PATH, Path
from smtplab.protocol.replies import Reply

CLIENT: Any = SimpleNamespace(helo="me.example", esmtp=True, peer="192.0.2.1", utf8=False)
FAR, ALICE = Path("me", "far.example"), Path("alice", "lab.example")
NOW = datetime(2026, 1, 5, tzinfo=UTC)
TEXT = b"Subject: x\r\n\r\nhello\r\n"


def mishandling(handler: Handler, *, copies: int = 1, bounce: BounceMessage | None = None) -> MishandlingHandler:
    return MishandlingHandler(handler, SimpleNamespace(copies=copies, bounce=bounce))  # type: ignore[arg-type]


def hand_over(host: MishandlingHandler) -> Reply:
    """Hand a message over as a session does, and return the reply to it."""
    envelope = Envelope(Mail(FAR))
    assert host.mail(CLIENT, envelope.opening).is_positive
    assert host.rcpt(CLIENT, envelope, Rcpt(ALICE)).is_positive
    envelope.recipients.append(Rcpt(ALICE))
    assert host.data(CLIENT, envelope).code == 354
    for piece in (TEXT[:12], TEXT[12:]):
        if (job := host.content(CLIENT, envelope, piece)) is not None:
            run_on_disk(job)
    envelope.octets = len(TEXT)
    outcome = host.deliver(CLIENT, envelope)
    return outcome if isinstance(outcome, Reply) else run_on_disk(outcome)  # type: ignore[return-value]


def lab_host(**settings: Any) -> MailHost:
    return MailHost(Directory(["lab.example"], ["alice"]), MemoryStore(**settings), clock=lambda: NOW)


def test_a_message_that_is_refused_is_not_tried_again() -> None:
    host = lab_host(capacity_octets=1)
    asked: list[str] = []
    host.observe_unwritable = lambda error: asked.append(str(error))
    assert hand_over(mishandling(host, copies=3)).code == 452
    assert len(asked) == 1


def test_each_copy_has_a_queue_id_of_its_own() -> None:
    host = lab_host()
    assert hand_over(mishandling(host, copies=3)).code == 250
    kept = host.store.messages("alice")  # type: ignore[attr-defined]
    assert (len(kept), len(set(kept))) == (3, 3)
    assert all(each.endswith(TEXT) for each in kept)


class Fickle(Handler):
    """A handler that refuses the second time, and notes what it is called for."""

    def __init__(self, refused: str) -> None:
        super().__init__("lab.example")
        self._refused = refused
        self.called: list[str] = []

    def _answer(self, what: str) -> Reply:
        self.called.append(what)
        second = self.called.count(what) == 2
        return replies.LOCAL_ERROR if second and what == self._refused else replies.RECIPIENT_OK

    def mail(self, session: Any, opening: Any) -> Reply:
        return self._answer("mail")

    def rcpt(self, session: Any, envelope: Any, rcpt: Any) -> Reply:
        return self._answer("rcpt")

    def content(self, session: Any, envelope: Any, content: bytes) -> Job | None:
        self.called.append("content")
        return on_disk(lambda: None)  # type: ignore[return-value]

    def deliver(self, session: Any, envelope: Any) -> Reply:
        return self._answer("deliver")

    def forget(self, session: Any, envelope: Any) -> None:
        self.called.append("forget")


@pytest.mark.parametrize(
    ("refused", "then"),
    [
        ("mail", ["mail"]),
        ("rcpt", ["mail", "rcpt", "forget"]),
        ("nothing", ["mail", "rcpt", "content", "deliver"]),
    ],
)
def test_the_second_copy_is_dropped_where_the_host_refuses_it(refused: str, then: list[str]) -> None:
    host = Fickle(refused)
    assert hand_over(mishandling(host, copies=2)).is_positive
    assert host.called == ["mail", "rcpt", "content", "content", "deliver", *then]


@pytest.fixture
def queue() -> QueueManager:
    zone = Zone(mx={"far.example": [(0, "mail.far.example")]}, hosts={"mail.far.example": ["192.0.2.9"]})
    return QueueManager("mail.lab.example", zone, MemorySpool(), QueueSettings(), clock=lambda: NOW, ids=QueueIds())


def test_a_bounce_waits_in_the_queue_of_the_host(queue: QueueManager) -> None:
    host = MailHost(Directory(["lab.example"], ["alice"]), MemoryStore(), queue=queue)
    bounce = BounceMessage(code="552", texts=(b"5.2.2 full",))
    assert hand_over(mishandling(host, bounce=bounce)).code == 250
    [entry] = queue.queue
    assert (entry.sender, entry.recipients) == (NULL_PATH, (FAR,))
    report = queue.spool.content(entry.queue_id)
    assert all(words in report for words in (b"Status: 5.2.2", b"full", b"hello"))
    assert not host.store.messages("alice")  # type: ignore[attr-defined]


def test_a_full_disk_loses_the_bounce_and_the_reply_stays_250(queue: QueueManager) -> None:
    queue.spool = MemorySpool(1)
    host = MailHost(Directory(["lab.example"], ["alice"]), MemoryStore(), queue=queue)
    assert hand_over(mishandling(host, bounce=BounceMessage())).code == 250
    assert len(queue.queue) == 0


def test_a_host_that_keeps_no_mail_sends_no_bounce() -> None:
    host = Fickle("nothing")
    assert hand_over(mishandling(host, bounce=BounceMessage())).code == 250
    assert "deliver" not in host.called


def test_a_copy_has_a_host_of_its_own() -> None:
    host = mishandling(lab_host(), copies=2)
    copied = deepcopy(host)
    hand_over(copied)
    assert [len(each.store.messages("alice")) for each in (host, copied)] == [0, 2]
