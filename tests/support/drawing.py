"""Sessions worth drawing, every figure, and how to read a drawing back."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from unittest.mock import patch
from xml.etree import ElementTree

from smtplab import Directory, Lab, Session, State, Transcript, diagrams
from smtplab.explain.causes import CAUSES, SWAPS_ROLES, causes_of
from smtplab.lab.conversations import Call, Conversation
from smtplab.lab.provoking import provoke, set_up
from smtplab.protocol.commands import Data
from smtplab.show.figure import Figure, Font
from smtplab.transcript import Side
from smtplab.transcript.rows import CRLF

SVG = "{http://www.w3.org/2000/svg}"


def session(*lines: str, host: str = "mail.lab.example") -> Session:
    opened = Lab().telnet(host)
    for line in lines:
        opened.send(line)
    return opened


def lecture() -> Session:
    greeting = ("HELO mail.adelphia.net", "MAIL FROM: forouzanb@adelphia.net", "RCPT TO: forouzanb@adelphia.net")
    message = ("DATA", "From: Forouzan", "TO: Forouzan", "", "This is a test message", "to show SMTP in action.", ".")
    return session(*greeting, *message, "QUIT", host="mail.adelphia.net")


def troubled() -> Session:
    """A session with all that is hard to draw: refusals, long lines, a long message, tags, two spaces."""
    long = "a-person-with-a-very-long-name-indeed-that-does-not-end@a-domain-that-is-long-as-well.example"
    lines = ("DATA", "EHLO client.example", "VERFY alice", f"MAIL FROM:<{long}>", "RCPT TO:<zoe@lab.example>")
    message = ("DATA", "Subject:  two <b> spaces", "", *(f"line {number}" for number in range(20)), "x" * 400, ".")
    return session(*lines, "RCPT TO:<alice@lab.example>", *message, "NOOP " + "y" * 300, "QUIT")


def turned() -> Session:
    lab = Lab()
    set_up(lab, SWAPS_ROLES)
    opened = lab.telnet("mail.lab.example")
    for line in ("HELO client.example", "TURN", "220 client.example", "250-client.example", "250 greets you"):
        opened.send(line)
    return opened


TO_DORA = "MAIL FROM:<alice@lab.example>\nRCPT TO:<dora@campus.example>\nDATA\nSubject: two hops\n."
CAMPUS, FOROUZAN = "mail.campus.example", "forouzanb@adelphia.net"


def relayed(*recipients: str, lab: Lab | None = None) -> Session:
    """A session whose message goes on to the campus, and to `recipients`."""
    opened = (lab or Lab()).telnet("mail.lab.example")
    more = "".join(f"RCPT TO:<{address}>\n" for address in recipients)
    opened.send(f"EHLO laptop.example\n{TO_DORA.replace('DATA', more + 'DATA')}")
    opened.send("QUIT")
    return opened


def forward(lab: Lab, host: str, domain: str, name: str, to: str) -> Lab:
    """Let a host of the lab forward one of its names elsewhere."""
    lab.host(host).handler.directory = Directory([domain], forwards={name: to})
    return lab


def in_a_ring() -> Session:
    """A message that goes on from the campus to Forouzan's host, and from there back to where it began."""
    lab = forward(Lab(), CAMPUS, "campus.example", "dora", "forouzanb@adelphia.net")
    return relayed(lab=forward(lab, "mail.adelphia.net", "adelphia.net", "forouzanb", "bob@lab.example"))


def in_a_loop() -> Conversation:
    """Two hosts that send each other the same message, more often than is drawn."""
    outer = relayed().conversation
    heard, rounds = outer.calls[0].conversation.transcript, list[Call]()
    dot = next(number for number, row in enumerate(heard) if row.data == b".\r\n")
    for number in range(20, 0, -1):
        ends = ("mail.lab.example", CAMPUS) if number % 2 else (CAMPUS, "mail.lab.example")
        rounds = [Call(dot + 1, Conversation(*ends, heard, rounds))]
    return Conversation(
        outer.client, outer.server, outer.transcript, [Call(outer.calls[0].row, rounds[0].conversation)]
    )


def down() -> Session:
    """A message for a host that is down."""
    lab = Lab()
    lab.host(CAMPUS).up = False
    return relayed(lab=lab)


def in_trouble() -> Lab:
    """A lab with a host that is down, one that takes no mail, and many mailboxes."""
    lab = Lab()
    lab.host(CAMPUS).up = False
    lab.host("mail.adelphia.net").handler.open = False
    many = [f"a-person-with-a-long-name-{number}" for number in range(40)]
    lab.host("mail.lab.example").handler.directory = Directory(["lab.example", "other.example"], many)
    lab.host("mail.lab.example").handler.relay = None
    return lab


def refused() -> Session:
    """A message for somebody whom the next hop does not know."""
    opened = Lab().telnet("mail.lab.example")
    opened.send("HELO laptop.example\n" + TO_DORA.replace("dora", "nobody"))
    return opened


def queued() -> Session:
    """A message for somebody whom the next host does not know, and which is down at first; a bounce follows."""
    lab = Lab(queues=True)
    opened = lab.telnet("mail.lab.example")
    opened.send("HELO laptop.example\n" + TO_DORA.replace("dora", "nobody").replace("alice@lab.example", FOROUZAN))
    opened.send("QUIT")
    lab.down(CAMPUS, hours=3)
    lab.run()
    return opened


def waiting() -> Session:
    """A message that waits in a queue."""
    lab = Lab(queues=True)
    opened = lab.telnet("mail.lab.example")
    opened.send(f"HELO laptop.example\n{TO_DORA}")
    return opened


def delayed(*, messages: int = 3) -> Lab:
    """A lab in which messages waited for a host, one was returned, and one still waits."""
    lab = Lab(queues=True)
    lab.down("mail.adelphia.net", days=1)
    client = lab.telnet("mail.lab.example")
    client.send("HELO laptop.example")
    for number in range(messages):
        name = "nobody" if number == 1 else "forouzanb"
        client.send(TO_DORA.replace("dora@campus.example", f"{name}@adelphia.net"))
    lab.run()
    lab.down(CAMPUS)
    lab.telnet("mail.lab.example").send(f"HELO laptop.example\n{TO_DORA}")
    lab.run(hours=2)
    return lab


ODD = Transcript.parse("S: 220 ready\nC: NOOP\nS: 599 odd\nC: NOOP\nS: 281 odd")


def in_words(make: Callable[[], Figure]) -> Figure:
    """Make a figure as a notebook does before its cards explain the digits."""
    with patch("smtplab.explain.cards.running_shell", object):
        return make()


def odd() -> Transcript:
    """A session with codes that no server should give."""
    transcript = Transcript()
    for line in ("220 hi", "NOOP", "599 odd", "NOOP", "199 odd"):
        transcript.add(Side.CLIENT if line == "NOOP" else Side.SERVER, line.encode() + CRLF)
    return transcript


FIGURES: Mapping[str, Callable[[], Figure]] = {
    "ladder": lambda: diagrams.ladder(lecture()),
    "ladder of trouble": lambda: diagrams.ladder(troubled()),
    "ladder of trouble, folded": lambda: diagrams.ladder(troubled(), fold=1),
    "ladder with a mark": lambda: diagrams.ladder(lecture(), mark_last=True),
    "ladder of trouble with a mark": lambda: diagrams.ladder(troubled(), mark_last=True),
    "ladder with a mark on a reply of many lines": lambda: diagrams.ladder(session("HELP"), mark_last=True),
    "ladder with a mark on a long line": lambda: diagrams.ladder(session(f"NOOP {'x' * 200}"), mark_last=True),
    "ladder after TURN": lambda: diagrams.ladder(turned()),
    "ladder of nothing": lambda: diagrams.ladder(Transcript()),
    "ladder of a relay": lambda: diagrams.ladder(relayed()),
    "ladder of two next hops": lambda: diagrams.ladder(relayed("forouzanb@adelphia.net", "nobody@campus.example")),
    "ladder of a ring": lambda: diagrams.ladder(in_a_ring()),
    "ladder of a loop": lambda: diagrams.ladder(in_a_loop()),
    "ladder of what was not reached": lambda: diagrams.ladder(down()),
    "ladder of what was refused": lambda: diagrams.ladder(refused()),
    "ladder of a queue": lambda: diagrams.ladder(queued()),
    "ladder of a message that waits": lambda: diagrams.ladder(waiting()),
    "states": diagrams.state_machine,
    **{f"states, {state.name}": lambda state=state: diagrams.state_machine(state) for state in State},
    "states and a path": lambda: diagrams.state_machine(lecture()),
    "states and a path, whole": lambda: diagrams.state_machine(lecture(), whole=True),
    "states at the beginning": lambda: diagrams.state_machine(session()),
    "states after HELO": lambda: diagrams.state_machine(session("HELO laptop.example")),
    "states and a long path": lambda: diagrams.state_machine(troubled()),
    "states after TURN": lambda: diagrams.state_machine(turned()),
    "states after 421": lambda: diagrams.state_machine(provoke(causes_of(421)[1])),
    "states in words": lambda: in_words(diagrams.state_machine),
    "states and a path in words": lambda: in_words(lambda: diagrams.state_machine(lecture())),
    "topology": lambda: diagrams.topology(Lab()),
    "topology of trouble": lambda: diagrams.topology(in_trouble()),
    "topology of a session": lambda: diagrams.topology(session("HELO laptop.example")),
    "topology of a message": lambda: diagrams.topology(lecture()),
    "topology of a relay": lambda: diagrams.topology(relayed()),
    "topology of many recipients": lambda: diagrams.topology(
        relayed("forouzanb@adelphia.net", "staff@lab.example", "sales@lab.example", "carol@lab.example")
    ),
    "topology of a ring": lambda: diagrams.topology(in_a_ring()),
    "topology of what was not reached": lambda: diagrams.topology(down()),
    "topology of what was refused": lambda: diagrams.topology(refused()),
    "topology of a queue": lambda: diagrams.topology(queued()),
    "topology of a message that waits": lambda: diagrams.topology(waiting()),
    "chart": lambda: diagrams.reply_chart(lecture()),
    "chart in words": lambda: in_words(lambda: diagrams.reply_chart(troubled())),
    "chart of trouble": lambda: diagrams.reply_chart(troubled()),
    "chart of everything": lambda: diagrams.reply_chart(*map(provoke, CAUSES)),
    "chart of odd codes": lambda: diagrams.reply_chart(odd()),
    "chart of nothing": lambda: diagrams.reply_chart(),
    "delays": lambda: diagrams.delay_chart(delayed()),
    "delays of many": lambda: diagrams.delay_chart(delayed(messages=30)),
    "delays of nothing": lambda: diagrams.delay_chart(Lab(queues=True)),
    "range": diagrams.smtp_range,
    "range with names": lambda: diagrams.smtp_range(("laptop.example", "mail.lab.example", "mail.campus.example")),
    "commands and responses": diagrams.commands_and_responses,
    "format": diagrams.command_format,
    "format of DATA": lambda: diagrams.command_format(Data()),
    "format of a long one": lambda: diagrams.command_format(f"MAIL FROM:<{'x' * 60}@{'y' * 60}.example> SIZE=1"),
}


# What is drawn, read back from the drawing


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: "Box") -> bool:
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


def number(element: ElementTree.Element, name: str) -> float:
    return float(element.get(name, "0"))


def box_of_text(element: ElementTree.Element) -> Box:
    """Return the field of a text: as wide as any usual font makes it, from the ascenders to the descenders."""
    family, size = element.get("font-family"), number(element, "font-size")
    font = Font(size, mono=family == "monospace", bold=element.get("font-weight") == "bold")
    width = font.width(element.text or "")
    left = number(element, "x") - {"start": 0, "middle": width / 2, "end": width}[element.get("text-anchor", "start")]
    y = number(element, "y")
    return Box(left, y - 0.75 * size, left + width, y + 0.2 * size)


def box_of_rect(element: ElementTree.Element) -> Box:
    x, y = number(element, "x"), number(element, "y")
    return Box(x, y, x + number(element, "width"), y + number(element, "height"))


def root_of(figure: Figure) -> ElementTree.Element:
    return ElementTree.fromstring(figure.svg)


def texts(figure: Figure) -> list[ElementTree.Element]:
    return list(root_of(figure).iter(f"{SVG}text"))


def words(figure: Figure) -> list[str]:
    return [element.text or "" for element in texts(figure)]


def stretches(figure: Figure) -> Iterator[Box]:
    """Yield the straight pieces of all lines."""
    for path in root_of(figure).iter(f"{SVG}path"):
        corners = [tuple(map(float, pair)) for pair in re.findall(r"([-\d.]+),([-\d.]+)", path.get("d", ""))]
        for (x0, y0), (x1, y1) in pairwise(corners):
            yield Box(min(x0, x1) - 0.6, min(y0, y1) - 0.6, max(x0, x1) + 0.6, max(y0, y1) + 0.6)
