"""One trial of a server for one rule: the sessions that its probe holds, and the ladder that it climbs in them.

Each step of the ladder takes any positive reply, because a wrong code fails the rule about this code alone. If the
server refuses a step, the rule has no ground and is skipped; a rule of an earlier stage has told of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ...show.octets import OctetLine
from .. import sentences
from .probe_session import QUIT, SUBJECT, NoGround, ProbeFailure, ProbeSession
from .server_peer import ServerPeer
from .wire_reply import SurveyedReply

HELO = b"HELO client.example\r\n"
EHLO = b"EHLO client.example\r\n"
MAIL = b"MAIL FROM:<carol@client.example>\r\n"
DATA = b"DATA\r\n"
DOT = b".\r\n"
HEAD = b"From: carol@client.example\r\n" + SUBJECT + b"\r\n"
INTERMEDIATE = ("2yz", "3yz")  # for DATA; who answers 250 breaks one rule, and takes the text all the same


@dataclass(slots=True)
class ServerTrial:
    """A trial.

    Args:
        peer: the server under test.
        mailbox: an address that it takes mail for.
        sessions: those that were opened.
        survey: returns what a plain session with this server showed, which is held once for all rules.
    """

    peer: ServerPeer
    mailbox: str
    sessions: list[ProbeSession] = field(default_factory=list)
    survey: Callable[[], Sequence[SurveyedReply]] = tuple

    @property
    def rcpt(self) -> bytes:
        """The RCPT command for the mailbox."""
        return b"RCPT TO:<%s>\r\n" % self.mailbox.encode()

    def connected(self) -> ProbeSession:
        """Return a session whose greeting has not been read."""
        session = ProbeSession(self.peer, self.peer.connect(), self.peer.subject_of_texts, self._farewell)
        self.sessions.append(session)
        return session

    def _farewell(self) -> str:
        """Return the code with which the server answers QUIT, as the survey has seen it, or as it should be."""
        seen = [each for each in self.survey() if each.sent == QUIT]
        if not seen:
            return "221"
        return seen[-1].replies[0].code if seen[-1].replies else ""

    def greeted(self) -> ProbeSession:
        """Return a session whose greeting has been read."""
        session = self.connected()
        self._climb(session, b"", "2yz")
        return session

    def ready(self, opening: bytes = b"") -> ProbeSession:
        """Return a session after HELO, or after EHLO if the server refuses HELO.

        Args:
            opening: the command to use in their place.
        """
        session = self.greeted()
        if opening:
            self._climb(session, opening, "2yz")
            return session
        try:
            self._climb(session, HELO, "2yz")
        except NoGround:
            if session.closed:
                session = self.greeted()
            self._climb(session, EHLO, "2yz")
        return session

    def extended_or_ready(self) -> ProbeSession:
        """Return a session after EHLO, or after HELO if the server has no EHLO."""
        try:
            return self.ready(EHLO)
        except NoGround:
            return self.ready()

    def ready_for_mail(self) -> ProbeSession:
        """Return a session after HELO with a server that takes a plain MAIL, which another session has tried."""
        self.with_sender().leave()
        return self.ready()

    def with_sender(self, opening: bytes = b"") -> ProbeSession:
        """Return a session after MAIL."""
        session = self.ready(opening)
        self._climb(session, MAIL, "2yz")
        return session

    def with_recipient(self, opening: bytes = b"") -> ProbeSession:
        """Return a session after RCPT."""
        session = self.with_sender(opening)
        self._climb(session, self.rcpt, "2yz")
        return session

    def in_data(self, opening: bytes = b"") -> ProbeSession:
        """Return a session after DATA, in which the text is due."""
        session = self.with_recipient(opening)
        self._climb(session, DATA, *INTERMEDIATE)
        return session

    def begin_message(self, session: ProbeSession) -> None:
        """Climb from the state after HELO to the text, in an open session."""
        self._climb(session, MAIL, "2yz")
        self._climb(session, self.rcpt, "2yz")
        self._climb(session, DATA, *INTERMEDIATE)

    def send_message(self, session: ProbeSession, text: bytes = HEAD) -> None:
        """Send a whole text and its end in one piece, and take a positive reply, in a session where it is due."""
        self._climb(session, text + DOT, "2yz")

    def deliver(self, text: bytes) -> list[bytes]:
        """Deliver a text, as it is on the wire, and return what was stored.

        Raises:
            NoGround: if it was refused, or what is stored cannot be seen.
        """
        session = self.in_data()
        self.send_message(session, text)
        return self.stored(1)

    def stored(self, count: int) -> list[bytes]:
        """Return what was stored in this trial; `count` says how many messages there should be.

        Raises:
            NoGround: if that cannot be seen.
        """
        stored = self.peer.stored(count)
        if stored is None:
            raise NoGround(sentences.STORAGE_UNSEEN if self.peer.patience else sentences.MESSAGES_UNSEEN)
        return stored

    def _climb(self, session: ProbeSession, octets: bytes, *codes: str) -> None:
        """Send what leads to the next step, and take any positive reply."""
        try:
            session.ask(octets, *codes) if octets else session.expect(*codes)
        except ProbeFailure:
            step = "".join(token.text for token in OctetLine(octets[:60]).tokens) if octets else "the connection"
            raise NoGround(sentences.STEP_REFUSED.format(step=step)) from None

    def visit(self) -> bool:
        """Hold the shortest session, and return True if the server answers; raise `ConnectionLost` if it is not there.

        A server that closes at once answers, too.
        """
        session = self.connected()
        session.next_reply()
        self.end()
        return not session.is_mute

    def end(self) -> None:
        """End all sessions."""
        for session in self.sessions:
            session.leave()
