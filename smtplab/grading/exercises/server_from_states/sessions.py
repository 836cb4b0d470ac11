"""Sessions that are drawn at random, and held with the student's server and with ours; their codes are compared.

A session is drawn with our server at hand, which decides when text is due. So what is sent follows from the task and
the number of the session alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ....base.seed import Seed
from ....conformance.rule import ConformanceFinding, ConformanceRule, RuleOutcome
from ....conformance.servers.server_peer import PeerConnection, ServerPeer, look_of_crash
from ....worlds.memory import MemoryStream, Network
from ..hosts import mail_host
from .task import ServerTask

SESSIONS = {f"session-{number:02}": number for number in range(40)}
CODES_ONLY = 5  # sessions whose codes are compared, and not what is stored
_MOST_LINES, _MOST_REFUSALS = 24, 6
_TEXTS = (
    b"Subject: a\r\n\r\nhello\r\n",
    b"Subject: b\r\n\r\n..two\r\n...\r\nQUIT\r\n",
    b"",
    b"\r\n\r\n  blanks  \r\n..\r\n",
    b"RSET\r\nMAIL FROM:<a@b.example>\r\n.. .\r\n\r\n",
)
_RULE = ConformanceRule(
    "session",
    "order",
    "RFC 5321 4.1.4",
    "In a session drawn at random, codes begin as those of our server, and the same messages are stored.",
    "Say the lines to your server one by one, and look at its state after each.",
)


@dataclass(frozen=True, slots=True)
class DrawnStep:
    """What a client says, and what our server answers.

    Args:
        octets: a line, or a text with its dot.
        code: of our reply.
        cut: where the octets are cut in two pieces; 0 for nowhere.
        stored: the message that is stored behind it; None if none is.
    """

    octets: bytes
    code: int
    cut: int = 0
    stored: bytes | None = None


@dataclass(frozen=True, slots=True)
class SessionFinding(ConformanceFinding):
    """What was found in a drawn session.

    Args:
        steps: how many steps were held; the last one differs from ours, unless all is as it should be.
    """

    steps: int = 0


@lru_cache(maxsize=256)
def session_of(task: ServerTask, number: int) -> tuple[DrawnStep, ...]:
    """Return a session of a task, from the line behind the greeting to QUIT."""
    network = Network()
    network.add(mail_host(task.host, (*task.mailboxes, f"postmaster@{task.domain}")))
    stream = network.dial(task.host)
    stream.receive(0.0)
    return tuple(_drawn(task, Seed(f"{task.host} {number}"), stream))


def _drawn(task: ServerTask, seed: Seed, stream: MemoryStream) -> Iterator[DrawnStep]:
    next_verb, refusals, text_is_due = "HELO", 0, False
    for place in range(_MOST_LINES):
        draw = seed.fork(place)
        if text_is_due:
            text = draw.choice("text", _TEXTS)
            octets, stored = text + b".\r\n", _undone(text)
        elif refusals == _MOST_REFUSALS or place == _MOST_LINES - 1:
            break
        else:
            natural = draw.number("natural", 10) < 7
            octets, stored = draw.choice("line", _lines(task, next_verb) if natural else _lines(task, "")), None
        stream.send(octets)
        code = int(stream.receive(0.0)[:3])
        cut = draw.number("cut", len(octets)) if draw.number("is cut", 3) == 0 else 0
        yield DrawnStep(octets, code, cut, stored if code == 250 else None)
        refusals += code >= 500
        text_is_due = code == 354
        next_verb = _next(octets, code, next_verb)
    yield DrawnStep(b"QUIT\r\n", 221)


def _undone(text: bytes) -> bytes:
    return b"".join(line.removeprefix(b".") for line in text.splitlines(keepends=True))


def _lines(task: ServerTask, verb: str) -> tuple[bytes, ...]:
    """Return the lines to choose from; those of one verb, or of all and some wrong ones if it is empty."""
    box, other = task.mailboxes[0].encode(), task.mailboxes[1].encode()
    lines = {
        "HELO": (b"HELO client.example", b"EHLO client.example", b"ehlo client.example"),
        "MAIL": (b"MAIL FROM:<carol@client.example>", b"MAIL FROM:<>", b"mail from:<carol@client.example>"),
        "RCPT": (b"RCPT TO:<%s>" % box, b"rcpt to:<%s>" % other, b"RCPT TO:<%s>" % task.stranger.encode()),
        "DATA": (b"DATA", b"data", b"RCPT TO:<%s>" % other),
    }
    wrong = (b"NOOP", b"RSET", b"XYZZY", b"", b"MAIL", b"RCPT TO:<>", b"HELO", b"noop once more", b"DATA")
    chosen = lines[verb] if verb else (*(line for each in lines.values() for line in each), *wrong)
    return tuple(line + b"\r\n" for line in chosen)


def _next(octets: bytes, code: int, before: str) -> str:
    """Return the verb that comes next in a session that goes well."""
    verb = octets[:4].upper()
    after = {b"HELO": "MAIL", b"EHLO": "MAIL", b"MAIL": "RCPT", b"RCPT": "DATA"}
    if octets.endswith(b"\r\n.\r\n") or octets == b".\r\n":
        return "MAIL"
    if verb == b"RSET":
        return before if before == "HELO" else "MAIL"
    return after.get(verb, before) if code < 400 else before


def hold_session(peer: ServerPeer, task: ServerTask, number: int) -> SessionFinding:
    """Hold a session with the student's server, and return the first difference to ours."""
    connection = peer.connect()
    connection.receive(0.0)
    said: list[str] = []
    stored: list[bytes] = []
    steps = session_of(task, number)
    for place, step in enumerate(steps, 1):
        came = _answer(connection, step)
        codes = [line[:3] for line in re.split(rb"\r?\n", came) if line and line[3:4] != b"-"]
        if [code[:1] for code in codes] != [b"%d" % (step.code // 100)]:
            note = connection.crash or ("(the line came in two pieces)" if step.cut else "")
            before = f" after {', '.join(said)}" if said else ""
            return _differs(place, step.octets, came, f"{step.code}{before}", note, look_of_crash(connection.crash))
        said.append("text" if step.stored is not None else _line(step.octets))
        stored += [] if step.stored is None else [step.stored]
    found = peer.stored(len(stored)) if number >= CODES_ONLY else stored
    if found != stored:
        count = f"{len(found or [])} stored" + ", not as they were sent" * (len(found or []) == len(stored))
        return _differs(len(steps), b"", b"", f"{len(stored)} stored, as they were sent", count)
    return SessionFinding(_RULE, RuleOutcome.PASS, steps=len(steps))


def _answer(connection: PeerConnection, step: DrawnStep) -> bytes:
    came = b""
    for piece in filter(None, (step.octets[: step.cut], step.octets[step.cut :])):
        connection.send(piece)
        came += connection.receive(0.0) or b""
    return came


def _line(line: bytes) -> str:
    return line.decode("latin-1").strip() or "an empty line"


def _differs(steps: int, sent: bytes, came: bytes, expected: str, note: str, look: str = "") -> SessionFinding:
    return SessionFinding(_RULE, RuleOutcome.FAIL, sent, came, note, expected, look, steps=steps)
