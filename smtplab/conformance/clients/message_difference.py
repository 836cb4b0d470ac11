"""What a client did to a message on the way: the difference between what it was given and what it sent, as flaws.

Each flaw has a view in which it cannot be seen. The flaws of a message are those of the fewest views in which what was
sent equals what was given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import combinations

from ...protocol.body import StuffedMessage
from ...transcript.dialogue import END_OF_DATA


class Flaw(Enum):
    """What is wrong with a message that arrived."""

    LF = "a line ends in LF alone"
    CR = "a line ends in CR alone"
    DOUBLED_CR = "a line ends in CR CR LF"
    EMPTY_LINE_ADDED = "an empty line is added at the end"
    EMPTY_LINE_LOST = "an empty line at the end is lost"
    EMPTY_LINES = "empty lines inside the message are lost or added"
    SEPARATOR_LOST = "the empty line between header section and body is lost"
    FIELD_IN_BODY = "a header field stands behind the empty line"
    DOT_LOST = "a line begins with a single dot, which the server takes away"
    DOT_ADDED = "a dot is added where none belongs"
    BLANKS = "blanks at the end or beginning of a line are lost"
    LINES_CUT = "lines are joined or cut elsewhere"
    OCTETS = "octets above 127 are changed"
    BCC = "the Bcc field is neither kept nor removed as a whole"
    PREFIX = "something stands before the message"
    SUFFIX = "something stands behind the message"
    BEGINNING_LOST = "the beginning of the message is lost"
    END_LOST = "the end of the message is lost"
    NUL = "octets 0 stand in the message"
    OTHER = "the message is another one"


# Two texts, given and sent, each as on the wire; or a line of each.
_Pair = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Difference:
    """How a message differs from the one that was given.

    Args:
        lines: for each flaw the first line that shows it, as it was given and as it was sent, with dots doubled as on
            the wire; empty if the message is the same.
    """

    lines: Mapping[Flaw, _Pair] = field(default_factory=dict)

    @property
    def flaws(self) -> frozenset[Flaw]:
        """What is wrong; empty if the message is the same."""
        return frozenset(self.lines)


_View = Callable[[bytes, bytes], _Pair]
_MOST_FLAWS = 3
_LARGE = 20_000  # octets of a message for which only one flaw is looked for, because that is slow


def difference(message: bytes, text: bytes) -> Difference:
    """Compare the text that arrived with the message that was to be sent.

    Args:
        message: as it was given to the client; lines end in CRLF.
        text: as it came over the wire, with dots doubled, without the dot that ends it.
    """
    given = stuffed(message)
    if given == text:
        return Difference()
    views = _fewest_views(given, text)
    if views is None:
        return Difference(dict.fromkeys((Flaw.OTHER, *_line_flaws(text)), _first_lines(given, text)))
    flaws = zip(views, _named(views, given, text), strict=True)
    return Difference({flaw: _lines_of(view, views, given, text) for view, flaw in flaws})


def stuffed(message: bytes) -> bytes:
    """Return a message as on the wire, without the dot that ends it (RFC 5321 4.5.2)."""
    return StuffedMessage(message).octets.removesuffix(END_OF_DATA)


def _fewest_views(given: bytes, sent: bytes) -> tuple[_View, ...] | None:
    """Return the fewest views in which the texts are equal; None if there are none."""
    for count in range(1, 1 + (_MOST_FLAWS if len(given) < _LARGE else 1)):
        for views in combinations(_VIEWS, count):
            if _are_equal(views, given, sent):
                return views
    needed = _VIEWS
    for view in reversed(_VIEWS):  # what changes less is kept
        fewer = tuple(each for each in needed if each is not view)
        if _are_equal(fewer, given, sent):
            needed = fewer
    return next((views for views in (needed, (_joined,)) if _are_equal(views, given, sent)), None)


def _are_equal(views: Iterable[_View], given: bytes, sent: bytes) -> bool:
    given, sent = _through(views, given, sent)
    return given == sent


def _through(views: Iterable[_View], given: bytes, sent: bytes) -> _Pair:
    for view in views:
        given, sent = view(given, sent)
    return given, sent


def _named(views: Iterable[_View], given: bytes, sent: bytes) -> Iterator[Flaw]:
    """Yield the flaw behind each view."""
    for view in views:
        yield _NAMES[view](given, sent)
        given, sent = view(given, sent)


def _lines_of(view: _View, views: Iterable[_View], given: bytes, sent: bytes) -> _Pair:
    """Return the first lines that differ because of the flaw behind one view: the other views hide the other flaws."""
    others = [each for each in views if each is not view]
    pair = _through(others, given, sent)
    return _first_lines(*(pair if pair[0] != pair[1] else (given, sent)))


def _line_flaws(sent: bytes) -> Iterator[Flaw]:
    """Yield the flaws that show without the message that was given."""
    if re.search(rb"(?<!\r)\n", sent):
        yield Flaw.LF


_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


def _first_lines(given: bytes, sent: bytes) -> _Pair:
    lines, others = _LINE.findall(given), _LINE.findall(sent)
    for line, other in zip(lines, others, strict=False):
        if line != other:
            return line, other
    shorter = min(len(lines), len(others))
    return b"".join(lines[shorter:][:1]), b"".join(others[shorter:][:1])


def _line_ends(given: bytes, sent: bytes) -> _Pair:
    return given, re.sub(rb"\r+\n|\r|\n", b"\r\n", sent)


def _name_of_line_ends(_: bytes, sent: bytes) -> Flaw:
    if b"\r\r\n" in sent:
        return Flaw.DOUBLED_CR
    return Flaw.LF if re.search(rb"(?<!\r)\n", sent) else Flaw.CR


def _dots(given: bytes, sent: bytes) -> _Pair:
    return re.sub(rb"\.+", b".", given), re.sub(rb"\.+", b".", sent)


def _name_of_dots(given: bytes, sent: bytes) -> Flaw:
    return Flaw.DOT_LOST if sent.count(b".") < given.count(b".") else Flaw.DOT_ADDED


def _leading_dots(given: bytes, sent: bytes) -> _Pair:
    return _without_leading_dots(given), _without_leading_dots(sent)


def _without_leading_dots(text: bytes) -> bytes:
    return re.sub(rb"(?m)^\.+", b"", text)


def _empty_end(given: bytes, sent: bytes) -> _Pair:
    return given.rstrip(b"\r\n"), sent.rstrip(b"\r\n")


def _name_of_empty_end(given: bytes, sent: bytes) -> Flaw:
    ends = [len(text) - len(text.rstrip(b"\r\n")) for text in (given, sent)]
    return Flaw.EMPTY_LINE_ADDED if ends[1] > ends[0] else Flaw.EMPTY_LINE_LOST


def _empty_lines(given: bytes, sent: bytes) -> _Pair:
    return _without_empty_lines(given), _without_empty_lines(sent)


def _without_empty_lines(text: bytes) -> bytes:
    return re.sub(rb"(?:\r\n)+", b"\r\n", text)


def _name_of_empty_lines(given: bytes, sent: bytes) -> Flaw:
    header, _, body = sent.partition(b"\r\n\r\n")
    wanted, _, rest = given.partition(b"\r\n\r\n")
    if len(header) < len(wanted):
        return Flaw.FIELD_IN_BODY
    return Flaw.SEPARATOR_LOST if len(header) > len(wanted) or (not body and rest) else Flaw.EMPTY_LINES


def _blanks(given: bytes, sent: bytes) -> _Pair:
    return _without_blanks(given), _without_blanks(sent)


def _without_blanks(text: bytes) -> bytes:
    return b"\r\n".join(line.strip(b" \t") for line in text.split(b"\r\n"))


def _joined(given: bytes, sent: bytes) -> _Pair:
    return re.sub(rb"[\r\n]+", b"", given), re.sub(rb"[\r\n]+", b"", sent)


def _nul(given: bytes, sent: bytes) -> _Pair:
    return given, sent.replace(b"\0", b"")


def _octets(given: bytes, sent: bytes) -> _Pair:
    return _only_ascii(given), _only_ascii(sent)


def _only_ascii(text: bytes) -> bytes:
    return re.sub(rb"[^\x00-\x7e?]+|\?+", b"", text)


def _without_bcc(given: bytes, sent: bytes) -> _Pair:
    return _BCC.sub(b"", given), _BCC.sub(b"", sent)


_BCC = re.compile(rb"(?m)^Bcc:.*\r\n(?:[ \t].*\r\n)*|^ <eve@client.example>\r\n")


def _prefix(given: bytes, sent: bytes) -> _Pair:
    return given, sent[-len(given) :] if sent.endswith(given) else sent


def _name_of_prefix(given: bytes, sent: bytes) -> Flaw:
    before = sent[: max(len(sent) - len(given), 0)]
    return Flaw.PREFIX if before.strip(b"\r\n") else Flaw.FIELD_IN_BODY


def _suffix(given: bytes, sent: bytes) -> _Pair:
    return given, sent[: len(given)] if sent.startswith(given) else sent


def _beginning(given: bytes, sent: bytes) -> _Pair:
    return given[-len(sent) :] if sent and given.endswith(sent) else given, sent


def _end(given: bytes, sent: bytes) -> _Pair:
    return given[: len(sent)] if given.startswith(sent) else given, sent


def _always(flaw: Flaw) -> Callable[[bytes, bytes], Flaw]:
    return lambda given, sent: flaw


# In the order in which they are tried: what changes less comes first.
_NAMES: dict[_View, Callable[[bytes, bytes], Flaw]] = {
    _line_ends: _name_of_line_ends,
    _empty_end: _name_of_empty_end,
    _leading_dots: _name_of_dots,
    _dots: _name_of_dots,
    _without_bcc: _always(Flaw.BCC),
    _prefix: _name_of_prefix,
    _empty_lines: _name_of_empty_lines,
    _blanks: _always(Flaw.BLANKS),
    _nul: _always(Flaw.NUL),
    _octets: _always(Flaw.OCTETS),
    _suffix: _always(Flaw.SUFFIX),
    _beginning: _always(Flaw.BEGINNING_LOST),
    _end: _always(Flaw.END_LOST),
    _joined: _always(Flaw.LINES_CUT),
}
_VIEWS = tuple(view for view in _NAMES if view is not _joined)  # it would hide most other flaws, and comes last
