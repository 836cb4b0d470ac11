"""A mail host that stores the mail of its own users and relays the rest.

Every refusal has a cause that you can set up: in the directory (a user who is unknown, busy, full or has moved), in the
store (no room, a broken disk), or with the switches of `MailHost`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..base.domains import to_ascii
from ..protocol import replies
from ..protocol.commands import Rcpt
from ..protocol.grammar import Path
from ..protocol.replies import Reply
from . import sentences
from .directory import Answer, Directory, Resolution, in_ascii
from .handler import ClientIdentity, Clock, Envelope, Handler, now
from .local_delivery import LocalDelivery
from .personality import Personality
from .queue_ids import QueueIds
from .relay import NotRelayed, Relay, RelayedMessage
from .relay_policy import RelayPolicy
from .store import StorageError, Store
from .task import Job, on_disk
from .trace import HOP_LIMIT, received, return_path
from .transaction import Copies, Transaction

if TYPE_CHECKING:  # its reports need the `email` package, and a host without a queue does not
    from .queue_manager import QueueManager


_log = logging.getLogger(__name__)


class MailHost(Handler):
    """The mail server of a few domains. It is one class, because each method is a step of one transaction.

    Args:
        directory: the local users, aliases, lists and forwards.
        store: keeps their mail.
        hostname: how the host calls itself; by default as its queue does, or else by the directory's first domain.
        personality: how it words its replies.
        relay: relays mail for other domains while the client waits. Without it and a queue such mail is refused.
        queue: keeps mail for other domains in a spool, and relays it later. The host takes its name, clock and ids from
            it.
        relays: whose mail for other domains is taken; everybody's by default, as in a lab without strangers.
        clock: returns the time; that of the queue, or this machine's, by default.
        ids: queue ids for messages; those of the queue, or A000001 and so on, by default.
        hop_limit: how many hosts a message may have passed; one that has passed more is in a loop (RFC 5321 6.3).

    Attributes:
        open: False turns every client away with 554.
        answers_vrfy: False answers every VRFY with 252 (RFC 5321 7.3).
        answers_expn: False answers every EXPN with 502.
        turns: True lets anyone swap the roles with TURN, which nobody should (RFC 5321 F.1).
        ids: yields the queue ids.
        observe_stored: called with each message that a client has handed over, once its mailboxes have it and before
            the queue gets the rest.
        observe_unwritable: is told why a message could not be stored in a folder.
    """

    def __init__(
        self,
        directory: Directory,
        store: Store[Any],
        *,
        hostname: str | None = None,
        personality: Personality | None = None,
        relay: Relay | None = None,
        queue: QueueManager | None = None,
        relays: RelayPolicy | None = None,
        clock: Clock | None = None,
        ids: Iterator[str] | None = None,
        hop_limit: int = HOP_LIMIT,
    ) -> None:
        if queue is not None:
            hostname, clock, ids = hostname or queue.hostname, clock or queue.clock, ids or queue.ids
        super().__init__(hostname or directory.domains[0], personality=personality, clock=clock or now)
        self.directory = directory
        self.store = store
        self.relay = relay
        self.queue = queue
        if queue is not None:
            queue.local = LocalDelivery(self)
        self.relays = relays
        self.hop_limit = hop_limit
        self.open = True
        self.answers_vrfy = True
        self.answers_expn = True
        self.turns = False
        self.observe_stored: Callable[[Envelope, Transaction], None] = _ignore
        self.observe_unwritable: Callable[[StorageError], None] = _ignore_unwritable
        self.ids = QueueIds() if ids is None else ids

    def connect(self, session: ClientIdentity) -> Reply:
        """Greet the client, or send 554 if this host is not open (RFC 7504)."""
        return super().connect(session) if self.open else self.word(session, replies.NO_SERVICE)

    def rcpt(self, session: ClientIdentity, envelope: Envelope, rcpt: Rcpt) -> Reply | Job:
        """Look the recipient up in the directory, or in the routes for a domain that is not ours.

        If a mailbox has a quota, this reads its size from the disk.
        """
        if self.directory.has_quota(rcpt.path):
            return on_disk(lambda: self._rcpt(session, envelope, rcpt))
        return self._rcpt(session, envelope, rcpt)

    def _rcpt(self, session: ClientIdentity, envelope: Envelope, rcpt: Rcpt) -> Reply:
        resolution = self._resolve(session, envelope, rcpt.path)
        if resolution.reply.is_positive:
            self._address(envelope, resolution, rcpt.path)
        return self._say(session, resolution, "RCPT", recipient=rcpt.path.address)

    def data(self, session: ClientIdentity, envelope: Envelope) -> Reply:
        """Open a draft for each reverse-path, and write the trace fields at the top of the message."""
        transaction = _memo(envelope)
        transaction.queue_id = next(self.ids)
        for sender, copies in transaction.copies.items():
            if copies.mailboxes:
                copies.draft = self.store.begin(tuple(copies.mailboxes))
                copies.draft.write(return_path(sender))
        if self.queue is not None and (remote := transaction.remote):
            transaction.entries = self.queue.entries(transaction.queue_id, remote)
            transaction.spooled = self.queue.spool.begin(transaction.entries)
        transaction.write(self._received(session, envelope, transaction.queue_id))
        return super().data(session, envelope)

    def content(self, session: ClientIdentity, envelope: Envelope, content: bytes) -> Job | None:
        """Write a piece of the message to the drafts; the header section is kept back until it is whole."""
        step = _memo(envelope).take(content)
        return None if step is None else on_disk(step)

    def deliver(self, session: ClientIdentity, envelope: Envelope) -> Job:
        """Relay or queue the message for other hosts, and commit the local copies.

        A queue takes the message at once: spool and mailboxes are synced, and the reply is 250. A queue reports later
        to the sender what could not be delivered.

        A relay delivers it while the client waits. If that fails, nothing is committed. The local copies are written
        and synced before the first host gets the message, and named in the mailboxes after the last has it: a full
        disk then refuses the message while nobody has a copy.

        One reply counts for all recipients, and a relay writes no bounces. So 250 means that every recipient has the
        message, and 4yz that none has it: the relay tests every recipient at its next hop before it sends the message.
        If a step fails after a next hop has taken it, the reply is 554, and says who lacks it; see `relay`.
        """
        transaction = _memo(envelope)
        transaction.end()
        return self._deliver(session, envelope, transaction)

    def forget(self, session: ClientIdentity, envelope: Envelope) -> None:
        """Abort the drafts."""
        _memo(envelope).abort()

    def verify(self, session: ClientIdentity, string: str) -> Reply:
        """Look a name up in the directory. Refuse an address if RCPT would refuse it."""
        if not self.answers_vrfy:
            return super().verify(session, string)
        answer = self.directory.verify(string)
        answer = self._reached(answer) if isinstance(answer, Resolution) else answer
        return self._say(session, answer, "VRFY", recipient=string)

    def expand(self, session: ClientIdentity, string: str) -> Reply:
        """Look up the members of a list in the directory."""
        if not self.answers_expn:
            return super().expand(session, string)
        return self._say(session, self.directory.expand(string), "EXPN", recipient=string)

    def turn(self, session: ClientIdentity) -> Reply:
        """Accept TURN if this host `turns`, else refuse it."""
        return self.word(session, replies.TURN_OK) if self.turns else super().turn(session)

    def _resolve(self, session: ClientIdentity, envelope: Envelope, path: Path) -> Resolution:
        if not self.directory.is_local(path.domain):
            allowed = self.relays is None or self.relays.allows(session.peer, envelope.reverse_path)
            return self._resolve_remote(path) if allowed else Resolution(replies.RELAY_DENIED)
        size = int(envelope.opening.parameter("SIZE") or 0)
        return self._reached(
            self.directory.resolve(path, verb=envelope.opening.verb, octets_in=self.store.octets_in, size=size)
        )

    def _resolve_remote(self, path: Path) -> Resolution:
        """Return where mail of a client that may send elsewhere goes; if the zone has no route, say why."""
        if self.queue is not None:
            lost = self.queue.refusal(path.domain)
            return Resolution(replies.RECIPIENT_OK, remote=(path,)) if lost is None else Resolution(lost.reply)
        if not self._has_route(path):
            return Resolution(replies.RELAY_DENIED)
        return Resolution(replies.RECIPIENT_OK, remote=(path,))

    def _reached(self, resolution: Resolution) -> Resolution:
        """Return `resolution`, or a refusal if this host has no route to one of its paths.

        VRFY gets what RCPT gets: RFC 5321 3.5.3 has 250 and 252 for addresses to which delivery would be tried.
        """
        lost = [each for each in resolution.remote if not self._has_route(each)]
        if not lost:
            return resolution
        if resolution.reply == replies.CANNOT_VERIFY and resolution.owner is None:  # the address itself is not ours
            return Resolution(replies.RELAY_DENIED, {"recipient": lost[0].address})
        if resolution.reply == replies.WILL_FORWARD:  # the new address is known, but there is no route to it
            return Resolution(replies.TRY_FORWARD_PATH, resolution.facts)
        if self.queue is not None:  # the others get it, and the queue reports to the sender or the owner of the list
            return resolution
        return Resolution(
            replies.LOCAL_ERROR, {"detail": sentences.NO_ROUTE_TO.format(domain=to_ascii(lost[0].domain))}
        )

    def _has_route(self, path: Path) -> bool:
        if self.queue is not None:
            return self.queue.refusal(path.domain) is None
        return self.relay is not None and self.relay.next_hop(path.domain) is not None

    def _address(self, envelope: Envelope, resolution: Resolution, path: Path) -> None:
        """Add the destinations of one more recipient."""
        transaction, sender = _memo(envelope), envelope.reverse_path

        def copies_for(member: str | Path) -> Copies:
            return transaction.copies_for(resolution.sender_of(member, sender))

        if resolution.remote != (path,) and resolution.mailboxes != (path.local_part,):
            transaction.led[path] = resolution
        to_postmaster = path.local_part.casefold() == "postmaster"
        for name in resolution.mailboxes:
            mailboxes = copies_for(name).mailboxes
            mailboxes[name] = mailboxes.get(name, False) or to_postmaster
        for each in resolution.remote:
            copies_for(each).remote[each] = None
        for name in resolution.terminals:
            copies_for(name).terminals[name] = None

    def _received(self, session: ClientIdentity, envelope: Envelope, queue_id: str) -> bytes:
        protocol = "ESMTP" if session.esmtp else "SMTP"
        return received(
            helo=session.helo,
            peer=session.peer,
            host=self.hostname,
            protocol="UTF8SMTP" if envelope.opening.smtputf8 else protocol,
            queue_id=queue_id,
            date=self.clock(),
            recipients=[rcpt.path for rcpt in envelope.recipients],
        )

    def _deliver(self, session: ClientIdentity, envelope: Envelope, transaction: Transaction) -> Job:
        """Relay or queue the message for remote recipients, if any, and commit it."""
        if self.queue is not None or not transaction.remote:
            reply = yield from on_disk(lambda: self._check_and_keep(session, envelope, transaction))
            if reply.is_positive:
                self._note_stored(envelope, transaction)
                if self.queue is not None:
                    self.queue.add(transaction.entries)
            return reply
        refusal = yield from on_disk(lambda: self._check_and_prepare(session, envelope, transaction))
        if refusal is None:
            refusal = yield from self._hand_on(session, transaction)
        if refusal is not None:
            self.forget(session, envelope)
            return refusal
        return (yield from on_disk(lambda: self._keep(session, envelope, transaction, handed_on=True)))

    def _note_stored(self, envelope: Envelope, transaction: Transaction) -> None:
        """Pass a message on to who watches. A mistake there is logged: the message is stored, and the reply is 250."""
        try:
            self.observe_stored(envelope, transaction)
        except Exception:
            _log.exception("who watches the mail that is stored broke")

    def note_unwritable(self, error: StorageError) -> None:
        """Pass on which folder could not be written. A mistake there is logged: the client gets its reply."""
        try:
            self.observe_unwritable(error)
        except Exception:
            _log.exception("who watches the folders of the mail broke")

    def _check_and_keep(self, session: ClientIdentity, envelope: Envelope, transaction: Transaction) -> Reply:
        refusal = self._refusal(session, envelope, transaction)
        if refusal is not None:
            self.forget(session, envelope)
            return refusal
        return self._keep(session, envelope, transaction)

    def _check_and_prepare(self, session: ClientIdentity, envelope: Envelope, transaction: Transaction) -> Reply | None:
        """Make the local copies durable before a next hop gets the message; return the refusal of the message."""
        refusal = self._refusal(session, envelope, transaction)
        if refusal is not None or not transaction.drafts:
            return refusal
        try:
            self.store.prepare(transaction.drafts)
        except StorageError as error:
            self.note_unwritable(error)
            return self.word(session, error.reply, detail=str(error))
        return None

    def _keep(
        self, session: ClientIdentity, envelope: Envelope, transaction: Transaction, *, handed_on: bool = False
    ) -> Reply:
        """Commit the drafts: from the 250 on, the message is on the disk."""
        try:
            self._commit(transaction)
        except StorageError as error:
            self.note_unwritable(error)
            self.forget(session, envelope)
            if handed_on:
                detail = sentences.HANDED_ON_NOT_STORED.format(reason=error)
                return self.word(session, replies.TRANSACTION_FAILED, detail=detail)
            return self.word(session, error.reply, detail=str(error))
        self._show(transaction)
        return self.accepted(session, envelope, transaction.queue_id)

    def _commit(self, transaction: Transaction) -> None:
        """Commit the drafts of mailboxes and spool, or none of them and raise `StorageError`."""
        spooled, drafts = transaction.spooled, transaction.drafts
        if self.queue is not None and spooled is not None:
            self.queue.spool.commit(spooled)
        try:
            if drafts:  # a store that cannot be written does not matter to mail that is only handed on
                self.store.commit_all(drafts)
        except StorageError:
            if self.queue is not None:
                self.queue.spool.withdraw(transaction.queue_id)
            raise

    def _refusal(self, session: ClientIdentity, envelope: Envelope, transaction: Transaction) -> Reply | None:
        """Return the refusal of the whole message; None if it can be taken."""
        if transaction.hops >= self.hop_limit:
            return self.word(session, replies.MAIL_LOOP, limit=str(self.hop_limit))
        if (fault := transaction.unsendable) is not None:  # mail for local users alone may be as it is
            detail = sentences.CANNOT_BE_SENT_ON.format(reason=fault)
            return self.word(session, fault.reply or replies.CONTENT_REFUSED, detail=detail)
        for copies in transaction.copies.values():
            for name, to_postmaster in copies.mailboxes.items():
                trouble = self.directory.trouble(name, octets_in=self.store.octets_in, size=envelope.octets)
                if trouble is not None and not to_postmaster:
                    address = Path(name, to_ascii(self.directory.domains[0])).address
                    return self._say(session, trouble, "RCPT", recipient=address)
        return None

    def _hand_on(self, session: ClientIdentity, transaction: Transaction) -> Job:
        """Relay; return the refusal if a recipient does not get it.

        It is 451 if nobody is known to have it and a retry may help; see `relay` for a reply that was lost.
        """
        failures: list[NotRelayed] = []
        taken = False
        content = b"".join(transaction.memory)
        count = 0
        for sender, copies in transaction.copies.items():
            if copies.remote and self.relay is not None and (taken or not failures):
                message = RelayedMessage(sender, tuple(copies.remote), content, self.hostname, transaction.queue_id)
                result = yield from self.relay.deliver(message)
                failures += result.failures
                taken = taken or result.taken
                count += len(copies.remote)
        if not failures:
            return None
        first, reply = failures[0], replies.TRANSACTION_FAILED
        detail = f"{first.path.address}: {first.reason}"
        if taken:
            template = sentences.HANDED_ON_AND_UNKNOWN if first.unknown else sentences.HANDED_ON_IN_PART
            detail = template.format(taken=count - len(failures), count=count, failure=detail)
        elif not all(each.permanent for each in failures):
            reply = replies.LOCAL_ERROR
        return self.word(session, reply, detail=detail)

    def _show(self, transaction: Transaction) -> None:
        for copies in transaction.copies.values():
            for name in copies.terminals:
                terminal = self.directory.mailboxes[name].terminal
                if terminal is not None:
                    terminal.show(b"".join(transaction.memory))

    def _say(self, session: ClientIdentity, answer: Answer, verb: str, **facts: str) -> Reply:
        if answer.facts and not session.utf8:
            answer = in_ascii(answer, verb=verb)
        return self.word(session, answer.reply, **(facts | dict(answer.facts)))


def _ignore(envelope: Envelope, transaction: Transaction) -> None:
    """Do nothing with a message that was stored."""


def _ignore_unwritable(error: StorageError) -> None:
    """Do nothing with a folder that cannot be written."""


def _memo(envelope: Envelope) -> Transaction:
    """Return the host's data for this transaction; the first call creates it."""
    if not isinstance(envelope.memo, Transaction):
        envelope.memo = Transaction()
    return envelope.memo
