"""An internet in one process, the same on every run: the lecture's mail host and two more, which relay to each other.

Every reply has its cause in a host: in its directory, its store or its switches. The directories are in
``data/directories``, the wording of the replies in ``data/personalities``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ..base.resources import data_path
from ..client.session import SMTP_PORT
from ..mta.directory import Directory
from ..mta.host import MailHost
from ..mta.personality import Personality
from ..mta.policy import Policy
from ..mta.relay import Relay
from ..mta.store import MemoryStore
from ..protocol.grammar import Path
from ..transcript import Transcript
from ..worlds.blocking import MailClient
from ..worlds.memory import MemoryStream, Network
from . import sentences
from .client_end import ClientSnapshot
from .conversations import Conversation, Interruptions, Journal
from .history import History
from .lab_host import LabHost, MailboxContents, Message
from .session import Session
from .telnet import connected_to, notes_of

# The day of the lecture's session, at a time of day that the lecture leaves out. Here no time passes.
_NOW = datetime(2004, 8, 6, 10, 25, tzinfo=timezone(timedelta(hours=-4)))

# A learner makes mistakes on purpose, so hosts of the lab are patient. `Cause` lists a host that is not.
_POLICY = Policy(max_errors=100)

# The machine of the student. RFC 2606 and RFC 5737 reserve this name and this address for examples.
LAPTOP, LAPTOP_ADDRESS = "laptop.example", "203.0.113.7"


@dataclass(frozen=True, slots=True)
class _Plan:
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


_PLANS = (
    _Plan("mail.adelphia.net", "mta13.adelphia.net", "68.168.78.100", "adelphia.net", "lecture"),
    _Plan("mail.lab.example", "mail.lab.example", "192.0.2.25", "lab.example", "plain"),
    _Plan("mail.campus.example", "mail.campus.example", "198.51.100.25", "campus.example", "plain"),
)
# The routes of every host: the next hop for each domain.
_ROUTES = {plan.domain: (plan.name, SMTP_PORT) for plan in _PLANS}


class Lab:
    """Three mail hosts in memory: mail.adelphia.net of the lecture, mail.lab.example and mail.campus.example.

    Each takes mail for its own domain and relays to the others. It is 6 August 2004, and no time passes. Two labs share
    nothing, and what happens in one is the same on every run.
    """

    def __init__(self) -> None:
        self._journal = Journal()
        self._network = Network(recorder=self._journal)
        for plan in _PLANS:
            host = LabHost(plan.name, plan.address, self._handler(plan), _POLICY)
            self._network.add(host, plan.own_name)

    @property
    def hosts(self) -> tuple[LabHost, ...]:
        """The mail hosts."""
        return tuple(host for host in self._network.hosts if isinstance(host, LabHost))

    @property
    def host_names(self) -> tuple[str, ...]:
        """The names of the mail hosts, for `telnet`."""
        return tuple(host.name for host in self.hosts)

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """The addresses of the mailboxes, host by host; aliases, lists and forwards are not mailboxes."""
        return tuple(f"{name}@{host.handler.directory.domains[0]}" for host in self.hosts for name in host.mailboxes)

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """The conversations in which hosts relayed mail to each other, in the order in which they began.

        The last 200 are kept, of 8 MiB together. `Session.conversation` has those that one session caused.
        """
        return self._journal.conversations

    def host(self, name: str) -> LabHost:
        """Return a host, to look at it or to change it.

        Args:
            name: one of its names, or its address.

        Raises:
            ConnectionLost: if there is no such host; the sentence lists those there are.
        """
        found = self._network.find(name)
        assert isinstance(found, LabHost)
        return found

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
        found = self.host(host)
        return LabSession(
            stream,
            self,
            notes=notes_of(host, found.address),
            called=(found.name, port),
            interruptions=interruptions,
            history=History(stream, self.hosts, self._journal),
        )

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

    @staticmethod
    def _handler(plan: _Plan) -> MailHost:
        return MailHost(
            Directory.load(data_path("directories", f"{plan.domain}.toml")),
            MemoryStore(),
            hostname=plan.own_name,
            personality=Personality.load(plan.personality),
            relay=Relay(_ROUTES),
            clock=_now,
        )


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
        history: History[ClientSnapshot],
    ) -> None:
        self.lab = lab
        super().__init__(
            stream,
            notes=notes,
            caller=LAPTOP,
            called=called,
            interruptions=interruptions,
            history=history,
            opener="session.lab.telnet",
        )


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


def _now() -> datetime:
    return _NOW
