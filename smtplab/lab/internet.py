"""An internet in one process, the same on every run: `Lab`, the sessions by hand in it, and its mail clients.

Every reply has its cause in a host: in its directory, its store or its switches. `default_hosts` says who is there, and
`timed_hosts` what time does to them.

There are two kinds of labs. In ``Lab()`` a host relays while its client waits, and no time passes. In
``Lab(queues=True)`` a host queues what is for others, and works on its queue while `Lab.run` lets time pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from ..client.session import SMTP_PORT
from ..explain.explanation import Explanation
from ..protocol.grammar import Path
from ..protocol.states import MESSAGE
from ..transcript import Exchange, Transcript
from ..worlds.arguments import check_name
from ..worlds.blocking import MailClient
from ..worlds.memory import MemoryStream
from . import sentences
from .client_end import ClientSnapshot
from .conversations import Call, Conversation, Interruptions
from .default_hosts import LAPTOP, LAPTOP_ADDRESS, POLICY, relay_to
from .history import History
from .host_peer import HostPeer, LabSocket
from .lab_host import MailboxContents, Message
from .own_host import FeedServer, OwnHost, check_server, routes_to
from .session import Irrevocable, Session
from .telnet import connected_to, notes_of
from .timed_hosts import TimedHosts

if TYPE_CHECKING:
    from ..conformance.report import ConformanceReport

_OWN_NETWORK = "198.18.0"  # RFC 2544: for tests of networks, never routed


class Lab(TimedHosts):
    """Three mail hosts in memory: mail.adelphia.net of the lecture, mail.lab.example and mail.campus.example.

    Each takes mail for its own domain and relays to the others. It is 6 August 2004, and no time passes unless you let
    it pass. Two labs share nothing, and what happens in one is the same on every run.

    Args:
        queues: True if the hosts queue mail for each other, and time passes in `run`. False if a host relays while its
            client waits.
        schedule: when a queue tries again, and when it gives up; as RFC 5321 4.5.4.1 recommends by default.
        seed: draws what queues and faults leave to chance; the same seed draws the same.

    Raises:
        ValueError: if there is a schedule without queues.
    """

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """The addresses of the mailboxes, host by host; aliases, lists and forwards are not mailboxes."""
        return tuple(f"{name}@{host.handler.directory.domains[0]}" for host in self.hosts for name in host.mailboxes)

    @property
    def own_hosts(self) -> tuple[OwnHost, ...]:
        """The hosts that run the student's own servers; `add_host` adds one."""
        return tuple(host for host in self._network.hosts if isinstance(host, OwnHost))

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """The conversations in which hosts relayed mail to each other, in the order in which they began.

        The last 200 are kept, of 8 MiB together. `Session.conversation` has those that one session caused.
        """
        return self._journal.conversations

    def telnet(self, host: str, port: int = SMTP_PORT) -> LabSession:
        """Open a session by hand with a host, as the lecture does with ``telnet mail.adelphia.net 25``.

        Args:
            host: the host's name or address.
            port: 25, where mail servers listen (RFC 5321 4.5.4.2).

        Raises:
            ConnectionLost: if there is no such host, it is down, or nobody listens on the port; the sentence says so.
        """
        interruptions = Interruptions()
        stream = self._network.dial(host, port, peer=LAPTOP_ADDRESS, waiting=interruptions)
        found = self._network.find(host)
        own = isinstance(found, OwnHost)
        return LabSession(
            stream,
            self,
            notes=notes_of(host, found.address),
            called=(found.name, port),
            interruptions=interruptions,
            history=None if own else History(stream, self.hosts, self._journal, self),
        )

    def add_host(self, name: str, server: Callable[[], FeedServer]) -> OwnHost:
        """Add a host that runs your own server; the other hosts relay mail for its domain to it.

        Args:
            name: its name, which is also the domain of its mail, such as ``own.example``. A host of this name that you
                added before is replaced; its open sessions go on.
            server: a class with ``feed(octets) -> octets``; each connection has an object of its own.

        Raises:
            ValueError: if the name is that of a host that comes with the lab.
            TypeError: if the name is not text, or the server has no ``feed``.
        """
        check_name(name, example="own.example")
        check_server(server)
        key = name.lower().rstrip(".")
        if key in self._network.names and not isinstance(self._network.find(key), OwnHost):
            raise ValueError(sentences.HOST_NAME_TAKEN.format(host=key))
        own = {host.name: host for host in self.own_hosts}
        address = own[key].address if key in own else f"{_OWN_NETWORK}.{len(own) + 1}"
        added = OwnHost(key, address, None, POLICY).run(server)
        self._network.add(added)
        self._lead_to([*(own | {key: added}).values()])
        return added

    def _lead_to(self, own: Sequence[OwnHost]) -> None:
        """Let the hosts of the lab relay to the student's own ones."""
        for host in self.hosts:
            if host.handler.relay is not None:
                host.handler.relay = relay_to(routes_to(own))
        if self.has_queues:
            for each in own:
                self.zone = self.zone.with_host(each.name, each.address)

    def socket(self, host: str, port: int = SMTP_PORT) -> LabSocket:
        """Open a connection to a host, for a client that you write: an object with ``recv`` and ``sendall``.

        It is used like a ``socket.socket``, but time is virtual: a timeout of minutes passes at once.

        Args:
            host: the host's name or address.
            port: 25.

        Raises:
            ConnectionLost: as `telnet`.
        """
        network = self._network
        return LabSocket(HostPeer(lambda: network.dial(host, port, peer=LAPTOP_ADDRESS), lambda: network.time))

    def replay(self, transcript: Transcript, host: str | None = None) -> LabSession:
        """Open a session and repeat in it what the client says in a transcript; see `Session.replay`.

        Args:
            transcript: a conversation of any origin.
            host: the name or address of the host to hold it with; by default the one that the transcript's notes
                say it is ``Connected to``.

        Raises:
            ValueError: if no host is given and no note names one.
            ClientError: as `telnet` and `Session.send`.
        """
        name = host or connected_to(transcript)
        if name is None:
            raise ValueError(sentences.TRANSCRIPT_NAMES_NO_HOST)
        session = self.telnet(name)
        session.replay(transcript)
        return session

    def client(self, host: str, port: int = SMTP_PORT) -> LabClient:
        """Return a mail client that has a session with a host, has been greeted and has said EHLO.

        Args:
            host: the host's name or address.
            port: 25.

        Raises:
            ConnectionLost: as `telnet`, or if the host refuses to take mail.
        """
        name = self._network.find_server(host, port).name
        conversation = Conversation(LAPTOP, name, Transcript())
        stream = self._network.dial(name, port, peer=LAPTOP_ADDRESS, waiting=conversation)
        return LabClient(stream, conversation, self)

    def conformance(self, server: Any, *, mailbox: str = "alice@lab.example", all: bool = False) -> ConformanceReport:
        """Check a server of your own against the rules of RFC 5321; see `check_conformance`."""
        from ..conformance.servers.check import check_conformance  # loaded here, because few sessions need its rules

        return check_conformance(server, mailbox=mailbox, all=all)

    def mailbox(self, address: str) -> MailboxContents:
        """Return the messages in a mailbox, oldest first, as a list.

        Args:
            address: such as ``forouzanb@adelphia.net``.

        Raises:
            LocalProtocolError: if it is not a valid address.
            LookupError: if no host here takes mail for its domain, or that host has no mailbox of this name. Aliases,
                lists and forwards are not mailboxes. If the domain is missing, the sentence suggests addresses.
        """
        if "@" not in address:
            self._miss_domain(address.strip("<> "))
        path = Path.parse(address)
        host = next((host for host in self.hosts if path.domain and host.handler.directory.is_local(path.domain)), None)
        if host is None:
            domains = ", ".join(domain for host in self.hosts for domain in host.handler.directory.domains)
            raise LookupError(sentences.NO_HOST_FOR_DOMAIN.format(domain=path.domain or address, domains=domains))
        wanted = path.local_part.casefold()
        name = next((name for name in host.mailboxes if name.casefold() == wanted), None)
        if name is None:
            raise LookupError(
                sentences.NO_SUCH_MAILBOX.format(
                    host=host.name, name=path.local_part, mailboxes=", ".join(host.mailboxes)
                )
            )
        return MailboxContents(path.address, map(Message, host.store.messages(name)))

    def _miss_domain(self, name: str) -> None:
        """Raise `LookupError` if `name` is the local part of a mailbox here and lacks only its domain."""
        meant = [each for each in self.mailboxes if each.rpartition("@")[0].casefold() == name.casefold()]
        if meant:
            raise LookupError(sentences.ADDRESS_WITHOUT_DOMAIN.format(name=name, meant=" or ".join(meant)))

    def __repr__(self) -> str:
        return f"<Lab with {', '.join(self.host_names)}>"


class LabSession(Session):
    """A session held by hand with a host of a lab; `Lab.telnet` opens one.

    Args:
        stream: the open connection.
        lab: the lab in which the session is held.
        notes, called, interruptions, history: as of `Session`.

    Attributes:
        lab: as above; a fork has a copy of it.
    """

    def __init__(
        self,
        stream: MemoryStream,
        lab: Lab,
        *,
        notes: Iterable[str],
        called: tuple[str, int],
        interruptions: Interruptions,
        history: History[ClientSnapshot] | None,
    ) -> None:
        self.lab = lab
        self._began = lab.time
        # The messages that the host has queued in this session: queue id to the row of the 250.
        self._queued: dict[str, int] = {}
        super().__init__(
            stream,
            clock=lab.seconds if lab.has_queues else None,
            notes=notes,
            caller=LAPTOP,
            called=called,
            interruptions=interruptions,
            history=history,
            final=sentences.OWN_SERVER_KEEPS,
            opener="lab.telnet",
        )

    @contextmanager
    def step(self) -> Iterator[None]:
        """As `Session.step`; also notes what the host has queued."""
        noted, row = self.lab.noted, len(self.transcript)
        try:
            with super().step():
                yield
        finally:
            new = self.lab.received(self.host, noted)
            if new:  # each message has one id; those for mailboxes of the host itself are not queued
                taken = [each.last for each in self.transcript.exchanges() if _is_accepted(each) and each.last >= row]
                self._queued |= dict(zip(new, taken[-len(new) :], strict=False))

    @property
    def conversation(self) -> Conversation:
        """As `Session.conversation`, and what the queues of hosts said later about the messages of this session."""
        conversation = super().conversation
        later = [call for queue_id, row in self._queued.items() for call in self._calls_about(queue_id, row)]
        calls = sorted(later, key=lambda call: call.conversation.began)
        return replace(conversation, calls=[*conversation.calls, *calls], began=self._began)

    def why(self) -> Explanation:
        """As `Session.why`, and what the queue does next with the messages of this session that still wait."""
        return replace(super().why(), queue=self.lab.outlook(self.host, self._queued))

    def _calls_about(self, queue_id: str, row: int) -> Iterator[Call]:
        """Yield the calls that hosts have made because of a message in this session, which has the 250 in a row."""
        about = self.lab.descendants(self.host, queue_id)
        times = [self._began + (each.time or 0.0) for each in self.transcript]
        for each in self.lab.conversations:
            if (each.client, each.queue_id) in about:
                before = sum(time <= each.began for time in times)
                yield Call(max(before, row + 1), each, row)

    def fork(self) -> Self:
        """As `Session.fork`.

        Raises:
            Irrevocable: also while a host is trying to deliver a message.
        """
        if host := self.lab.under_way:
            raise Irrevocable(
                sentences.HOST_CANNOT_GO_BACK.format(method="fork", obstacle=sentences.UNDER_WAY.format(host=host))
            )
        return super().fork()


class LabClient(MailClient):
    """A mail client in the lab, with its conversation and the relayed ones that it caused.

    Args:
        stream: the connection, which carries the conversation.
        conversation: the conversation, in which the client records both sides.
        lab: the lab of the client.
    """

    def __init__(self, stream: MemoryStream, conversation: Conversation, lab: Lab) -> None:
        self.lab = lab
        self.conversation = conversation
        server, transcript = conversation.server, conversation.transcript
        super().__init__(stream, conversation.client, name=server, transcript=transcript, clock=_no_time)


def _no_time() -> float:
    return 0.0


def _is_accepted(exchange: Exchange) -> bool:
    """Return True if a message was accepted."""
    return exchange.verb == MESSAGE and exchange.accepted
