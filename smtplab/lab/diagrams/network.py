"""The topology: the machines of a lab and what each is for, with the route of a message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...base.printed import plural
from ...protocol.codes import Severity
from ...protocol.states import GREETING, MESSAGE
from ...show.figure import Canvas, Figure, Font, Point
from ...show.style import EDGE, NEUTRAL, SEVERITY_COLORS, SIDE_COLORS, veil
from ...transcript import Side
from .. import sentences
from ..default_hosts import LAPTOP, LAPTOP_ADDRESS
from ..internet import Lab, LabClient, LabSession
from ..lab_host import LabHost
from ..message_route import Hop, Way, way_of
from ..recorded import polled
from ..session import Session
from .paper import ASIDE, CODE_BOLD, CODE_SMALL, LABEL, SMALL, TINY, WIDTH, color_of

_NETWORK_X = 236.0  # the line that connects all machines
_LAPTOP_X, _LAPTOP_WIDTH, _LAPTOP_HEIGHT = 8.0, 140.0, 84.0
_HOST_X, _HOST_WIDTH, _HOST_GAP, _HOST_HEAD = 262.0, 358.0, 22.0, 25.0
_HOSTS_TOP = 30.0
_PORT = 22.0  # the distance between the ends of two hops at a host
_FROM_LAPTOP_X, _BETWEEN_X, _LANE = 216.0, 692.0, 17.0  # the vertical parts of the hops
_MOST_HOPS = 4  # the maximum of hops between hosts, each in its lane
_PITCH = 15.0
_FEW = 3  # the maximum of recipients, and of lines of mailboxes, that are drawn


def topology(source: Lab | Session | LabClient, *, message: int = -1) -> Figure:
    """Draw the machines of a lab with names, addresses, domains, routes, mailboxes, and which of them are up.

    For a session or a client in the lab, the figure includes the route of a message: each hop with its number and
    outcome, and the mailboxes that the message has reached.

    Args:
        source: a lab, or a session or client in one.
        message: the index of the message in the session, as in a list: 0 is the first, -1 the last.

    Raises:
        ValueError: if the session is not in a lab, so that its machines are not known.
        IndexError: if the session has fewer messages.
        TypeError: if it is something else, such as a transcript.
    """
    if not isinstance(source, Lab | Session | LabClient):
        raise TypeError(sentences.TOPOLOGY_TAKES_A_LAB.format(kind=type(source).__name__))
    if not isinstance(source, Lab | LabSession | LabClient):
        raise ValueError(sentences.TOPOLOGY_NEEDS_A_LAB)
    lab = source if isinstance(source, Lab) else source.lab
    way = None if isinstance(source, Lab) else way_of(polled(source).conversation, lab, message)
    bottom = _Drawing(canvas := Canvas(WIDTH), lab, way).draw()
    title = f"Topology of the lab, your machine and {plural(len(lab.hosts), 'mail host')}"
    if way is not None and way.count:
        title += f", and the route of message {way.number} of {way.count}"
    return canvas.finish(bottom, title, "\n".join(_words(lab, way)))


# In words


def _words(lab: Lab, way: Way | None) -> Iterator[str]:
    yield "The lab: your machine and the mail hosts. Each of them can call all others."
    yield f"Your machine is {LAPTOP}, {LAPTOP_ADDRESS}. {_ABOUT_LAPTOP}"
    for host in lab.hosts:
        yield f"{host.name} is {_condition(host)}."
        yield from (f"  {fact}" for fact in _facts(host, lab))
    if way is not None:
        yield _heading(way)
        yield from (f"  {hop.number}. {_told(hop)}" for hop in way.hops)
        yield from _end(way)


_ABOUT_LAPTOP = "Client MTA: it sends mail and receives none."


def _condition(host: LabHost) -> str:
    if not host.up:
        return "down"
    return "up" if host.handler.open else "up, takes no mail"


def _facts(host: LabHost, lab: Lab) -> Iterator[str]:
    """Yield the facts about a host, one sentence each."""
    handler = host.handler
    yield _role(host, lab)
    own_name = "" if handler.hostname == host.name else f" It calls itself {handler.hostname}."
    yield f"Its address is {host.address}.{own_name}"
    takes = "takes" if handler.open else "would take"
    yield f"It {takes} mail for {_list(handler.directory.domains)}."
    boxes = [f"{name} ({len(handler.store.messages(name))})" for name in host.mailboxes]
    yield f"Mailboxes, with messages: {', '.join(boxes)}." if boxes else "It has no mailbox."
    routes = [f"for {domain} to {hop}" for domain, hop in _routes(host, lab)]
    yield f"It {'relays' if host.queue is None else 'queues'} mail {_list(routes)}." if routes else "It relays no mail."
    if host.queue is not None and (count := len(host.queue.queue)):
        yield f"In its queue: {plural(count, 'entry', 'entries')}."


def _role(host: LabHost, lab: Lab) -> str:
    """Say in at most five words which parts of the lecture's figure, `smtp_range`, a host has."""
    return "Server MTA, client when relaying." if any(_routes(host, lab)) else "Server MTA with mailboxes."


def _routes(host: LabHost, lab: Lab) -> Iterator[tuple[str, str]]:
    """Yield the other domains of the lab for which a host has a next hop, each with the next hop."""
    for domain in (domain for each in lab.hosts for domain in each.handler.directory.domains):
        hop = "" if host.handler.directory.is_local(domain) else _next_hop(host, domain)
        if hop:
            yield domain, hop


def _next_hop(host: LabHost, domain: str) -> str:
    """Return the name of the host to which one hands mail for a domain; empty if there is none."""
    if host.queue is not None:
        return host.queue.first_exchanger(domain)
    hop = None if host.handler.relay is None else host.handler.relay.next_hop(domain)
    return "" if hop is None else hop[0]


def _heading(way: Way) -> str:
    if not way.count:
        return "The session:"
    return "The route of the message:" if way.count == 1 else f"The route of message {way.number} of {way.count}:"


def _told(hop: Hop, most: int | None = None) -> str:
    """Describe a hop, with at most `most` recipients."""
    told = f"{hop.client} to {hop.server}"
    if hop.verb:
        told += f"{'' if hop.verb == 'MAIL' else f', {hop.verb}'}, from {hop.sender}"
    if hop.recipients:
        paths = [f"{path} ({code or 'no reply'})" for path, code in hop.recipients]
        more = [f"{len(paths) - most} more"] if most is not None and len(paths) > most else []
        told += f" for {_list([*paths[:most], *more])}"
    return f"{told}. {_outcome(hop)}"


def _outcome(hop: Hop) -> str:
    """Describe the outcome of a hop in a sentence."""
    if hop.note and hop.reply is None:
        return f"Not reached: {hop.note}."
    if hop.reply is not None:
        about = {MESSAGE: "the message", GREETING: "the call", "": "all"}.get(hop.about, hop.about)
        answer = f"{hop.reply.code} to {about}"
        if hop.about == MESSAGE:
            return f"{'Taken' if hop.taken else 'Not taken'}: {answer}."
        return f"Refused: {answer}; no message was sent." if hop.refused else f"No message was sent ({answer})."
    return "The reply to the message never came." if hop.about == MESSAGE else "No message has been sent."


def _mark(hop: Hop) -> str:
    """Return the number of a hop and the shortest form of its outcome."""
    if hop.reply is not None:
        return f"{hop.number}: {hop.reply.code}"
    return f"{hop.number}: ?" if hop.about == MESSAGE else f"{hop.number}: no" if hop.note else f"{hop.number}"


def _end(way: Way) -> Iterator[str]:
    """Name the mailboxes that have the message, or the machine that still has it."""
    if way.mailboxes:
        hosts = dict.fromkeys(host for host, _ in way.mailboxes)
        places = [f"{_list([name for at, name in way.mailboxes if at == host])} on {host}" for host in hosts]
        yield f"It is in {'the mailbox' if len(way.mailboxes) == 1 else 'these mailboxes:'} {'; '.join(places)}."
    elif way.count:
        yield "It is in no mailbox."
    first = way.hops[0]
    if way.count and first.refused:
        yield f"{first.server} did not take it, so {first.client} still has it."


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# The drawing


class _Drawing:
    """Draw your machine on the left, the hosts on the right, and hops between hosts to the right of them."""

    def __init__(self, canvas: Canvas, lab: Lab, way: Way | None) -> None:
        self.canvas = canvas
        self.lab = lab
        self.way = way
        self.drawn = self._drawn_hops()
        self.tops: dict[str, float] = {}
        self.ports: dict[
            tuple[str, bool], int
        ] = {}  # the number of the last hop at the left (True) or right side of a host

    def draw(self) -> float:
        """Draw everything; return the y of the bottom."""
        y = _HOSTS_TOP
        for host in self.lab.hosts:
            self.tops[host.name] = y
            y += self._height(host) + _HOST_GAP
        self.middle = (_HOSTS_TOP + y - _HOST_GAP) / 2
        self._network()
        self._laptop()
        for host in self.lab.hosts:
            self._host(host, self.tops[host.name])
        for number, hop in enumerate(self.drawn):
            self._hop(hop, number)
        return self._told(y + 6) if self.way is not None else y - 8

    def _drawn_hops(self) -> list[Hop]:
        """Return the hops that fit into the drawing: the first one, and a few between hosts."""
        known = {host.name for host in self.lab.hosts}
        hops = self.way.hops if self.way is not None else ()
        between = [hop for hop in hops[1:] if {hop.client, hop.server} <= known and hop.client != hop.server]
        return [*(hop for hop in hops[:1] if hop.server in known), *between[:_MOST_HOPS]]

    # The machines

    def _network(self) -> None:
        """Draw the line that connects all machines."""
        stubs = [top + _HOST_HEAD + 20 for top in self.tops.values()]
        self.canvas.line([(_NETWORK_X, 24), (_NETWORK_X, max(*stubs, self.middle + 14))], weight=1.2, opacity=EDGE)
        self.canvas.line(
            [(_LAPTOP_X + _LAPTOP_WIDTH, self.middle + 14), (_NETWORK_X, self.middle + 14)], weight=1.2, opacity=EDGE
        )
        for host, y in zip(self.lab.hosts, stubs, strict=True):
            dash = "" if host.up else "2 4"
            self.canvas.line([(_NETWORK_X, y), (_HOST_X, y)], weight=1.2, opacity=EDGE, dash=dash)
        self.canvas.text(_NETWORK_X, 18, "the network", ASIDE, anchor="middle")

    def _laptop(self) -> None:
        y, middle = self.middle - _LAPTOP_HEIGHT / 2, _LAPTOP_X + _LAPTOP_WIDTH / 2
        self.canvas.rect(
            _LAPTOP_X, y, _LAPTOP_WIDTH, _LAPTOP_HEIGHT, fill=veil(NEUTRAL, 0.07), stroke=NEUTRAL, weight=1.5, radius=8
        )
        lines = [
            ("Your machine", LABEL),
            (LAPTOP, CODE_SMALL),
            (LAPTOP_ADDRESS, CODE_SMALL),
            ("client MTA", TINY),
        ]
        for number, (line, font) in enumerate(lines):
            self.canvas.text(middle, y + 20 + 17 * number, line, font, anchor="middle")

    def _height(self, host: LabHost) -> float:
        ports = max(sum(host.name in (hop.client, hop.server) for hop in self.drawn[1:]), 2)
        lines = _HOST_HEAD + 12 + _PITCH * len(self._lines(host)) + (24 if self._reached(host) else 0)
        return max(lines, 14 + _PORT * ports)

    def _lines(self, host: LabHost) -> list[str]:
        """Return the lines of text in a host; a long fact is cut."""
        lines: list[str] = []
        for fact in _facts(host, self.lab):
            wrapped = TINY.wrap(fact, _HOST_WIDTH - 30)
            lines += [*wrapped[: _FEW - 1], f"{wrapped[_FEW - 1]} ..."] if len(wrapped) > _FEW else wrapped
        return lines

    def _reached(self, host: LabHost) -> list[str]:
        return [name for place, name in (self.way.mailboxes if self.way else ()) if place == host.name]

    def _host(self, host: LabHost, y: float) -> None:
        canvas, height, middle = self.canvas, self._height(host), _HOST_X + _HOST_WIDTH - 10
        canvas.rect(_HOST_X, y, _HOST_WIDTH, height, fill=veil(_HOST_COLOR, 0.07), radius=8)
        canvas.rect(_HOST_X, y, _HOST_WIDTH, _HOST_HEAD, fill=veil(_HOST_COLOR), radius=8)
        canvas.rect(
            _HOST_X, y, _HOST_WIDTH, height, stroke=_HOST_COLOR, weight=1.5, radius=8, dash="" if host.up else "6 4"
        )
        canvas.text(_HOST_X + 10, y + 17, host.name, CODE_BOLD)
        canvas.text(middle, y + 17, _condition(host), LABEL, anchor="end")
        at = y + _HOST_HEAD + 2
        for line in self._lines(host):
            at += _PITCH
            canvas.text(_HOST_X + 10, at, line, TINY)
        if reached := self._reached(host):
            text = f"Message here: {_list(reached)}"
            shown = LABEL.wrap(text, _HOST_WIDTH - 60)
            with canvas.tip(text):
                canvas.chip(_HOST_X + 10, at + 22, shown[0] + (" ..." if len(shown) > 1 else ""), _LIES_HERE, LABEL)

    # The route of the message

    def _hop(self, hop: Hop, number: int) -> None:
        dash, color = "" if hop.taken else "7 5", NEUTRAL if hop.reply is None else color_of(hop.reply.code)
        if number == 0 and hop.client == LAPTOP:
            start, end = (_LAPTOP_X + _LAPTOP_WIDTH, self.middle - 14), (_HOST_X, self._port(hop.server, left=True))
            lane, mark = _FROM_LAPTOP_X, start[0] + 4
        else:
            edge = _HOST_X + _HOST_WIDTH
            start, end = (edge, self._port(hop.client)), (edge, self._port(hop.server))
            lane, mark = _BETWEEN_X + _LANE * (number - 1), edge + 4
        corners: list[Point] = [start, (lane, start[1]), (lane, end[1]), end]
        self.canvas.arrow(corners, weight=3, dash=dash)
        with self.canvas.tip(f"{hop.number}. {_told(hop, _FEW)}"):
            self.canvas.chip(mark + 5, start[1] + 4.5, _mark(hop), color, CODE_BOLD)

    def _port(self, name: str, *, left: bool = False) -> float:
        """Return the y at which the next hop reaches a host."""
        number = self.ports[name, left] = self.ports.get((name, left), -1) + 1
        return self.tops[name] + 14 + _PORT * number

    def _told(self, y: float) -> float:
        """Describe the numbered hops below the machines; return the y of the bottom."""
        assert self.way is not None
        y = self._line(8, y + 8, _heading(self.way), LABEL)
        shown = self.way.hops[: 2 * _MOST_HOPS]
        for hop in shown:
            y = self._line(18, y, f"{hop.number}. {_told(hop, _FEW)}", SMALL)
        if left_out := len(self.way.hops) - len(shown):
            y = self._line(18, y, f"({plural(left_out, 'more hop')})", ASIDE)
        if self.way.count and not all(hop.taken for hop in self.drawn):
            y = self._line(18, y, "(A dashed arrow: no message was taken there.)", ASIDE)
        for sentence in _end(self.way):
            y = self._line(8, y + 2, sentence, LABEL)
        return y

    def _line(self, x: float, y: float, text: str, font: Font) -> float:
        for number, line in enumerate(font.wrap(text, WIDTH - x - 30)):
            self.canvas.text(x + (16 if number else 0), y + 8, line, font)
            y += 18
        return y


_HOST_COLOR = SIDE_COLORS[Side.SERVER]
_LIES_HERE = SEVERITY_COLORS[Severity.POSITIVE_COMPLETION]
