"""Draw the lecture's three figures: the range of SMTP, commands and responses, the format of a command."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ...base.printed import plural
from ...explain.cards import cards
from ...protocol.codes import CODES, Severity, severity_of
from ...protocol.commands import VERBS, Command, Mail, Tier, parse_command
from ...protocol.grammar import Path
from ...protocol.states import Phase
from ...show.figure import Canvas, Figure, Point
from ...show.style import NEUTRAL, ON_COLOR, PHASE_COLORS, SEVERITY_COLORS, SIDE_COLORS, veil
from ...transcript import Side
from .. import sentences
from .paper import CODE_BOLD, CODE_SMALL, HEAD, LABEL, SMALL, TINY, VERB, VERB_BOLD, WIDTH


def smtp_range(hosts: Sequence[str] = ()) -> Figure:
    """Draw the range of SMTP, which is used twice: to the sender's mail server, and from there to the receiver's.

    Args:
        hosts: the names of the sender's computer and of the two mail servers, drawn below them; none by default.

    Raises:
        ValueError: if there are names, but not three.
    """
    hosts = [hosts] if isinstance(hosts, str) else hosts  # its letters are not hosts
    if hosts and len(hosts) != 3:
        raise ValueError(sentences.RANGE_HAS_THREE_MACHINES.format(count=len(hosts)))
    canvas = Canvas(WIDTH)
    for (name, programs), x in zip(_MACHINES, _MACHINES_AT, strict=True):
        _machine(canvas, x, name, programs)
    starts = [x + _MACHINE_WIDTH for x in _MACHINES_AT[:3]]
    for number, (left, right) in enumerate(zip(starts, _MACHINES_AT[1:], strict=True)):
        _leg(canvas, left, right, _LEGS[number])
    for name, x in zip(hosts, _MACHINES_AT, strict=False):
        for number, line in enumerate(CODE_SMALL.wrap(name, _MACHINE_WIDTH + 40)):
            canvas.text(x + _MACHINE_WIDTH / 2, 242 + 15 * number, line, CODE_SMALL, anchor="middle")
    ends = (_MACHINES_AT[0], _MACHINES_AT[2] + _MACHINE_WIDTH)
    canvas.line([(ends[0], 50), (ends[0], 40), (ends[1], 40), (ends[1], 50)], weight=1.5)
    canvas.chip(sum(ends) / 2, 28, "The range of SMTP", _CLIENT_COLOR, HEAD, anchor="middle")
    text = [
        "The range of SMTP. It is used twice:",
        "1. from the sender's computer to the sender's mail server,",
        "2. from the sender's mail server to the receiver's mail server.",
        "The client MTA is on the side that has the message, the server MTA on the side that receives it.",
        "The sender's mail server is both, one after the other.",
        "The receiver fetches the message from there with POP3 or IMAP, which is not SMTP.",
    ]
    text += [f"{name} is {host}." for (name, _), host in zip(_MACHINES, hosts, strict=False)]
    return canvas.finish(268 if hosts else 238, "The range of SMTP", "\n".join(text))


_CLIENT_COLOR, _SERVER_COLOR = SIDE_COLORS[Side.CLIENT], SIDE_COLORS[Side.SERVER]
_CLIENT_MTA, _SERVER_MTA = "Client MTA", "Server MTA"
_MACHINES = (
    ("Sender's computer", ("Mail program", _CLIENT_MTA)),
    ("Sender's mail server", (_SERVER_MTA, "Spool", _CLIENT_MTA)),
    ("Receiver's mail server", (_SERVER_MTA, "Mailboxes")),
    ("Receiver's computer", ("Mail program",)),
)
_MACHINE_WIDTH = 128.0
_MACHINES_AT = (10.0, 214.0, 418.0, 622.0)
_LEGS = (("SMTP", "first use"), ("SMTP", "second use"), ("POP3, IMAP", "not SMTP"))


def _machine(canvas: Canvas, x: float, name: str, programs: Sequence[str]) -> None:
    canvas.rect(x, 58, _MACHINE_WIDTH, 166, fill=veil(NEUTRAL, 0.07), stroke=NEUTRAL, weight=1.5, radius=8)
    y = 78.0
    for line in LABEL.wrap(name, _MACHINE_WIDTH - 10):
        canvas.text(x + _MACHINE_WIDTH / 2, y, line, LABEL, anchor="middle")
        y += 15
    for program in programs:
        color = {_CLIENT_MTA: _CLIENT_COLOR, _SERVER_MTA: _SERVER_COLOR}.get(program)
        at = 121.0 + 34 * programs.index(program) if color is None or len(programs) > 1 else 121.0
        font = LABEL if color else SMALL
        canvas.rect(x + 10, at - 17, _MACHINE_WIDTH - 20, 26, fill=color or "none", stroke=color or NEUTRAL, radius=5)
        canvas.text(
            x + _MACHINE_WIDTH / 2, at, program, font, anchor="middle", fill=ON_COLOR if color else "currentColor"
        )


def _leg(canvas: Canvas, left: float, right: float, labels: tuple[str, str]) -> None:
    is_smtp = labels[0] == "SMTP"
    canvas.arrow([(left + 3, 150), (right - 3, 150)], weight=3 if is_smtp else 1.5, dash="" if is_smtp else "5 4")
    middle = (left + right) / 2
    canvas.text(middle, 140, labels[0], LABEL if is_smtp else TINY, anchor="middle")
    canvas.text(middle, 169, labels[1], SMALL, anchor="middle")


def commands_and_responses() -> Figure:
    """Draw what goes over the wire: commands one way, responses the other, each line ended by CRLF."""
    canvas = Canvas(WIDTH)
    tiers = {tier: [verb.name for verb in VERBS.values() if verb.tier is tier] for tier in Tier}
    classes = {severity: [code for code in _LECTURE_CODES if severity_of(code) is severity] for severity in Severity}
    classes = {severity: codes for severity, codes in classes.items() if codes}
    for x, name, color in ((8, _CLIENT_MTA, _CLIENT_COLOR), (WIDTH - 128, _SERVER_MTA, _SERVER_COLOR)):
        canvas.rect(x, 8, 120, 252, fill=veil(color), stroke=color, weight=1.5, radius=8)
        canvas.text(x + 60, 139, name, HEAD, anchor="middle")
    left, right = 142.0, WIDTH - 142
    _passage(canvas, f"Commands ({sum(map(len, tiers.values()))} in the lecture)", [(left, 44), (right, 44)])
    for number, (tier, verbs) in enumerate(tiers.items()):
        canvas.text(left + 10, 68 + 21 * number, tier.value, SMALL)
        canvas.text(left + 114, 68 + 21 * number, " ".join(verbs), VERB)
    _passage(canvas, f"Responses ({len(_LECTURE_CODES)} in the lecture)", [(right, 164), (left, 164)])
    for number, (severity, codes) in enumerate(classes.items()):
        y = 189 + 21 * number
        canvas.chip(left + 10, y, cards.name_of(severity), SEVERITY_COLORS[severity], VERB_BOLD)
        canvas.text(left + 114, y, f"{severity.phrase}: {plural(len(codes), 'code')}", SMALL)
    canvas.text(
        WIDTH / 2,
        286,
        "Each line ends in CRLF, the two characters carriage return and line feed.",
        SMALL,
        anchor="middle",
    )
    text = ["Commands go from the client MTA to the server MTA, responses the other way."]
    text += [f"Commands, {tier.value}: {', '.join(verbs)}" for tier, verbs in tiers.items()]
    for severity, codes in classes.items():
        text.append(f"Responses, {cards.name_of(severity)} {severity.phrase}: {', '.join(map(str, codes))}")
    text += ["Each line of either ends in CRLF, the two characters carriage return and line feed."]
    return canvas.finish(300, "Commands and responses between client and server", "\n".join(text))


_LECTURE_CODES = tuple(number for number, code in CODES.items() if code.lecture is not None)


def _passage(canvas: Canvas, name: str, ends: Sequence[Point]) -> None:
    canvas.arrow(ends, weight=3)
    canvas.text((ends[0][0] + ends[1][0]) / 2, ends[0][1] - 12, name, HEAD, anchor="middle")


_FORMAT_EXAMPLE = Mail(Path.parse("forouzanb@adelphia.net"))
_KEYWORD, _SPACE, _ARGUMENT, _END = "keyword", "space", "argument", "end of line"
_PART_COLORS = {
    _KEYWORD: _CLIENT_COLOR,
    _SPACE: NEUTRAL,
    _ARGUMENT: _SERVER_COLOR,
    _END: PHASE_COLORS[Phase.CONNECTION_TERMINATION],
}
_CELLS, _CELL_WIDTH, _CELL_HEIGHT, _CELLS_AT = 16, 44.0, 42.0, 44.0
_NAMED = {0x20: "SP", 0x0D: "CR", 0x0A: "LF"}


def command_format(command: Command | str = _FORMAT_EXAMPLE) -> Figure:
    """Draw the format of a command, keyword and argument, and each octet that goes over the wire.

    Args:
        command: a command, or its line as text.

    Raises:
        RemoteProtocolError: if the line is not a valid command.
    """
    if isinstance(command, str):
        command = parse_command(command.encode())
    canvas = Canvas(WIDTH)
    parts = _parts(command)
    y = _pieces(canvas, parts)
    marked = [(octet, name) for name, octets in parts for octet in octets]
    for start in range(0, len(marked), _CELLS):
        y = _octets(canvas, marked[start : start + _CELLS], start, y)
    line = command.serialize()
    text = [f"The format of a command, and its {plural(len(line), 'octet')} in hexadecimal digits."]
    for name, octets in parts:
        text.append(f"{name}: {_shown(octets)}")
        text += [f"  {octets[start : start + _CELLS].hex(' ')}" for start in range(0, len(octets), _CELLS)]
    return canvas.finish(y, f"The format of the command {command.verb}", "\n".join(text))


def _parts(command: Command) -> list[tuple[str, bytes]]:
    """Split the octets of a command into its named parts."""
    line = command.serialize()
    keyword = command.verb.encode()
    argument = line[len(keyword) : -2]
    parts = [(_KEYWORD, keyword), (_SPACE, argument[:1]), (_ARGUMENT, argument[1:]), (_END, line[-2:])]
    return [(name, octets) for name, octets in parts if octets]


def _pieces(canvas: Canvas, parts: Sequence[tuple[str, bytes]]) -> float:
    """Draw the parts side by side, with their names above; return the y below."""
    widths = [max(CODE_BOLD.width(_shown(octets)), SMALL.width(name)) + 14 for name, octets in parts]
    longest = widths.index(max(widths))
    widths[longest] -= max(0.0, sum(widths) + 6 * (len(parts) - 1) - (WIDTH - 16))
    lines = [CODE_BOLD.wrap(_shown(octets), width - 14) for (_, octets), width in zip(parts, widths, strict=True)]
    height = 12 + 18.0 * max(map(len, lines))
    x = (WIDTH - sum(widths) - 6 * (len(parts) - 1)) / 2
    for (name, _), width, written in zip(parts, widths, lines, strict=True):
        color = _PART_COLORS[name]
        canvas.text(x + width / 2, 20, name, SMALL, anchor="middle")
        canvas.rect(x, 28, width, height, fill=veil(color), stroke=color, weight=1.5, radius=4)
        for number, line in enumerate(written):
            canvas.text(x + width / 2, 46.5 + 18 * number, line, CODE_BOLD, anchor="middle")
        x += width + 6
    return 28 + height + 18


def _octets(canvas: Canvas, marked: Sequence[tuple[int, str]], start: int, y: float) -> float:
    """Draw a row of octets as character and number, with the names of their parts below; return the y below."""
    canvas.text(_CELLS_AT - 10, y + 26, str(start), CODE_SMALL, anchor="end")
    x = _CELLS_AT
    for name, group in groupby(marked, key=lambda pair: pair[1]):
        octets = [octet for octet, _ in group]
        width = _CELL_WIDTH * len(octets)
        canvas.rect(x, y, width, _CELL_HEIGHT, fill=veil(_PART_COLORS[name]))
        for number, octet in enumerate(octets):
            middle = x + _CELL_WIDTH * (number + 0.5)
            canvas.rect(middle - _CELL_WIDTH / 2, y, _CELL_WIDTH, _CELL_HEIGHT, stroke=_PART_COLORS[name])
            canvas.text(middle, y + 18, _character(octet), CODE_BOLD, anchor="middle")
            canvas.text(middle, y + 35, f"{octet:02x}", CODE_SMALL, anchor="middle")
        label = next(label for label in (name, name.split()[0], "") if TINY.width(label) <= width)
        ends = [(x + 3, y + _CELL_HEIGHT + 3), (x + 3, y + _CELL_HEIGHT + 7)]
        canvas.line([*ends, (x + width - 3, ends[1][1]), (x + width - 3, ends[0][1])], weight=1.2)
        canvas.text(x + width / 2, y + _CELL_HEIGHT + 20, label, TINY, anchor="middle")
        x += width
    return y + _CELL_HEIGHT + 34


def _shown(octets: bytes) -> str:
    """Return octets as text, with names for CR, LF and a single space."""
    if len(octets) == 1 or not octets.strip():
        return " ".join(map(_character, octets))
    return octets.decode("utf-8", "replace")


def _character(octet: int) -> str:
    return _NAMED.get(octet) or (chr(octet) if 0x20 < octet < 0x7F else "")
