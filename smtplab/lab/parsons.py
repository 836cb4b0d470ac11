"""Put the shuffled lines of a session in order; the order is really sent, so the server's replies teach.

    puzzle = ParsonsPuzzle.of(session)
    puzzle.order(3, 1, 4, 2)           # sends these lines to new hosts, and says what came of it

Every order is right that the server takes and that delivers the same mail in the same envelope; not only that of the
recording. A wrong order earns a part: how many of its lines stand as in the nearest right order (the longest common
subsequence). `parsons_verdict` has the words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise, permutations

from ..base.printed import Printed
from ..base.seed import Seed
from ..explain.misconceptions import Belief
from ..show import style
from ..transcript.rows import CRLF
from . import sentences
from .distractors import believed_in, is_shown_by, resembling
from .parsons_verdict import verdict_of
from .recorded import Recorded
from .rehearsal import RecordedSession, Rehearsal, SentPiece

HOW = "Write the numbers in your order, as in {example}, and run the cell again; the lines are then really sent"
TASK = "Put these lines in an order that the server takes, so that the mail arrives as it did in the session."
TASK_WITHOUT_MAIL = "Put these lines in an order that the server takes as it did in the session."
TOO_MANY = "Some of them are not needed."
_MOST_ORDERS = 60  # that are tried, to find right orders beside that of the recording
_MOST_PERMUTED = 3  # messages whose orders are all tried
_MOST_DRAWN = 2  # distractors that are made from the lines
_SHUFFLES = 20
_DOT = b".\r\n"


@dataclass(frozen=True, slots=True)
class ParsonsOutcome(Printed):
    """What came of an order; ``str`` gives its text.

    Args:
        order: the numbers, as given.
        rehearsal: the conversation with the server.
        right: True if the server took it, and the same mail arrived.
        verdict: that in one or two sentences.
        in_place: how many lines stand as in the nearest right order.
        lines: how many lines it has, or the longer of it and the nearest right one.
        believed: the wrong belief that a chosen line shows; None if there is none.
    """

    order: tuple[int, ...]
    rehearsal: Rehearsal
    right: bool
    verdict: str
    in_place: int
    lines: int
    believed: Belief | None = None

    @property
    def credit(self) -> float:
        """What it earns, from 0 to 1; 1 only if it is right."""
        return 1.0 if self.right else float(Fraction(self.in_place, self.lines))

    def points(self, most: int) -> int:
        """Return whole points, rounded down, for the test cell of an exercise.

        Args:
            most: the points of a right order.
        """
        return int(self.credit * most)

    @property
    def _table(self) -> list[tuple[str, str, str]]:
        steps = zip(self.order, self.rehearsal.steps, strict=False)
        sent = [(str(number), step.piece.name, str(step.reply.code) if step.reply else "") for number, step in steps]
        rest = zip(self.order[len(sent) :], self.rehearsal.unsent, strict=True)
        return [*sent, *((str(number), piece.name, "not sent") for number, piece in rest)]

    def __str__(self) -> str:
        width = max(len(line) for _, line, _ in self._table)
        lines = [f"  {number:>2}  {line:<{width}}  {code}".rstrip() for number, line, code in self._table]
        return "\n".join([self.verdict, *lines])

    def _repr_html_(self) -> str:
        """Show the verdict, and each line with its reply."""
        table = style.table(("line", "sent", "reply"), self._table)
        return style.panel(f"<b>{style.escape(self.verdict)}</b>{table}")


class ParsonsPuzzle(Printed):
    """The lines of a session in a drawn order.

    Args:
        recording: the session; its refused lines are left out if the same mail arrives without them.
        distractors: further lines that a right order does without; None makes a few from the
            lines of the session, as wrong beliefs have them.
        seed: draws the order; the same seed gives the same.

    Attributes:
        pieces: what is to be ordered, as it is numbered from 1.
        outcome: what came of the last order; None before the first.
    """

    def __init__(
        self, recording: RecordedSession, distractors: Iterable[str | bytes] | None = None, seed: str = ""
    ) -> None:
        self.recording = recording
        self._right = recording.pieces_without_slips()
        if not self._right:
            raise ValueError(sentences.NOTHING_WAS_SENT)
        lots = Seed(seed).fork("order", *(piece.name for piece in self._right))
        if distractors is None:
            self._extra = lots.sample("distractors", *self._own_distractors())
        else:
            self._extra = tuple(map(_distractor, distractors))
        self.pieces = _shuffled(lots, self._right, self._extra)
        self._beliefs = believed_in(self._right)
        self.outcome: ParsonsOutcome | None = None

    @classmethod
    def of(
        cls,
        session: Recorded | str,
        distractors: Iterable[str | bytes] | None = None,
        *,
        host: str = "",
        seed: str = "",
    ) -> ParsonsPuzzle:
        """Make a puzzle of a session, of a transcript, or of text that was copied from somewhere.

        Args:
            session: any of these.
            distractors: as above.
            host: the host to send the lines to; see `RecordedSession.of`.
            seed: as above.

        Raises:
            ValueError: if the client sends nothing in it, no host is found, or the text cannot be read.
        """
        return cls(RecordedSession.of(session, host), distractors, seed)

    def order(self, *numbers: object) -> ParsonsOutcome:
        """Send the lines with these numbers to new hosts, in this order, and judge what came of it.

        Args:
            numbers: the numbers of the lines; or one text or list that has them all. Leave out what is not needed.

        Raises:
            ValueError: if there is no such line, or one is named twice; nothing is sent.
        """
        order = self._read(numbers)
        pieces = [self.pieces[number - 1] for number in order]
        rehearsal = self.recording.rehearse(pieces)
        right = self._is_right(rehearsal)
        nearest = order_nearest_to(pieces, [pieces] if right else self._right_orders)
        in_place, lines = common(pieces, nearest), max(len(pieces), len(nearest))
        said = verdict_of(rehearsal, self._reference, right=right, in_place=in_place, lines=lines)
        believed = None if right else self._believed(pieces, rehearsal)
        if believed is not None:
            said = f"{said} {believed.tell}"
        self.outcome = ParsonsOutcome(order, rehearsal, right, said, in_place, lines, believed)
        return self.outcome

    def _believed(self, pieces: Sequence[SentPiece], rehearsal: Rehearsal) -> Belief | None:
        """Return the belief behind the first wrong line; a wrong command that became text of the message shows none."""
        became_text = {step.piece for step in rehearsal.steps if step.into_message}
        chosen = ((self._beliefs[piece], piece in became_text) for piece in pieces if piece in self._beliefs)
        return next((held for held, as_text in chosen if is_shown_by(held, into_message=as_text)), None)

    def _read(self, numbers: Sequence[object]) -> tuple[int, ...]:
        words = [word for each in _flat(numbers) for word in str(each).replace(",", " ").split()]
        if not words:
            raise ValueError(sentences.NO_ORDER.format(most=len(self.pieces)))
        order: list[int] = []
        for word in words:
            number = int(word) if word.isascii() and word.isdigit() else 0
            if not 1 <= number <= len(self.pieces):
                raise ValueError(sentences.NO_SUCH_LINE.format(word=word, most=len(self.pieces)))
            if number in order:
                raise ValueError(sentences.LINE_TWICE.format(number=number))
            order.append(number)
        return tuple(order)

    # What is right

    @cached_property
    def _reference(self) -> Rehearsal:
        """The lines of the recording, sent in its order."""
        return self.recording.rehearse(self._right)

    def _is_right(self, rehearsal: Rehearsal) -> bool:
        reference = self._reference
        if rehearsal.unsent or rehearsal.closed != reference.closed or rehearsal.refused - reference.refused:
            return False
        if reference.delivered:
            return rehearsal.delivered == reference.delivered
        used = Counter(step.piece.data for step in rehearsal.steps)
        return not rehearsal.delivered and used == Counter(piece.data for piece in self._right)

    @cached_property
    def _right_orders(self) -> list[Sequence[SentPiece]]:
        """Right orders of the recording's lines: its own, that of its messages, and those that swaps lead to."""
        found = [order for order in _message_orders(self._right) if self._is_right(self.recording.rehearse(order))]
        seen = {tuple(order) for order in found}
        for order in found:
            for swapped in _swaps(order):
                if swapped not in seen and len(seen) < _MOST_ORDERS:
                    seen.add(swapped)
                    if self._is_right(self.recording.rehearse(swapped)):
                        found.append(swapped)
        return found

    def _own_distractors(self) -> tuple[list[SentPiece], int]:
        """Return wrong lines that resemble those of the session, and how many to draw; none that would do as well."""
        made = [(number, wrong) for number, piece in enumerate(self._right) for wrong, _ in resembling(piece)]
        found: list[SentPiece] = []
        for number, wrong in made:
            instead = [*self._right[:number], wrong, *self._right[number + 1 :]]
            if wrong not in found and not self._is_right(self.recording.rehearse(instead)):
                found.append(wrong)
        return found, min(_MOST_DRAWN, len(found))

    # What there is to see

    @property
    def task(self) -> str:
        """What is to be done."""
        asked = TASK if self._reference.delivered else TASK_WITHOUT_MAIL
        return f"{asked} {TOO_MANY}" if self._extra else asked

    @property
    def example(self) -> str:
        """How an order is written; it is the order on the page."""
        return f".order({', '.join(str(number) for number in range(1, len(self.pieces) + 1))})"

    def __str__(self) -> str:
        return str(self.outcome) if self.outcome is not None else self.text

    @property
    def text(self) -> str:
        """The puzzle, also after an answer."""
        shown = [_numbered(number, piece) for number, piece in enumerate(self.pieces, start=1)]
        return "\n".join([self.task, *shown, f"{HOW.format(example=self.example)}."])

    def __repr__(self) -> str:
        return f"<ParsonsPuzzle of {len(self.pieces)} lines, {'open' if self.outcome is None else 'answered'}>"

    def _repr_html_(self) -> str:
        """Show the puzzle in a notebook; after an order, what came of it."""
        return self.outcome._repr_html_() if self.outcome is not None else self.to_html()

    def to_html(self) -> str:
        """Return the puzzle as HTML, also after an answer."""
        rows = [(str(number), "\n".join(piece.lines)) for number, piece in enumerate(self.pieces, start=1)]
        lines = "".join(
            f"<div>{style.escape(number)}. {style.code(line.replace(chr(10), ' / '))}</div>" for number, line in rows
        )
        how = style.escape(HOW.format(example=self.example))
        return style.panel(f"<b>{style.escape(self.task)}</b>{lines}<div>{how}.</div>")


def common(first: Sequence[SentPiece], second: Sequence[SentPiece]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(second) + 1)
    for mine in first:
        before = 0
        for place, theirs in enumerate(second, start=1):
            above = row[place]
            row[place] = before + 1 if mine == theirs else max(above, row[place - 1])
            before = above
    return row[-1]


def order_nearest_to(pieces: Sequence[SentPiece], orders: Iterable[Sequence[SentPiece]]) -> Sequence[SentPiece]:
    """Return the order that has most in common with the given one; of several the first."""
    return max(orders, key=lambda order: common(pieces, order))


def _shuffled(lots: Seed, right: Sequence[SentPiece], extra: Sequence[SentPiece]) -> tuple[SentPiece, ...]:
    """Return all pieces in a drawn order, in which the right ones do not already stand as in the session."""
    drawn: tuple[SentPiece, ...] = ()
    for attempt in range(_SHUFFLES):
        drawn = lots.shuffled(f"shuffle {attempt}", (*right, *extra))
        if [piece for piece in drawn if piece not in extra] != list(right):
            break
    return drawn


def _message_orders(pieces: Sequence[SentPiece]) -> Iterator[Sequence[SentPiece]]:
    """Yield the pieces, and then with their transactions, each from MAIL to its dot, in every other order."""
    starts = [place for place, piece in enumerate(pieces) if piece.data.upper().startswith(b"MAIL")]
    ends = [place for place, piece in enumerate(pieces) if piece.in_message and piece.data == _DOT]
    spans = [(start, min((end for end in ends if end > start), default=-1) + 1) for start in starts]
    apart = all(start < end <= after for (start, end), (after, _) in pairwise([*spans, (len(pieces), 0)]))
    for order in permutations(spans) if apart and len(spans) <= _MOST_PERMUTED else [tuple(spans)]:
        moved, behind = list[SentPiece](), 0
        for (start, end), (first, last) in zip(spans, order, strict=True):
            moved += [*pieces[behind:start], *pieces[first:last]]
            behind = end
        yield [*moved, *pieces[behind:]] if apart else pieces


def _swaps(order: Sequence[SentPiece]) -> Iterator[tuple[SentPiece, ...]]:
    for place in range(len(order) - 1):
        yield (*order[:place], order[place + 1], order[place], *order[place + 2 :])


def _distractor(line: str | bytes) -> SentPiece:
    if isinstance(line, bytes):
        return SentPiece(line)
    return SentPiece(line.removesuffix("\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape") + CRLF)


def _flat(numbers: Iterable[object]) -> Iterator[object]:
    for each in numbers:
        if isinstance(each, list | tuple):
            yield from each
        else:
            yield each


def _numbered(number: int, piece: SentPiece) -> str:
    first, *more = piece.lines
    return "\n".join([f"  {number:>2}  {first}", *(f"      {line}" for line in more)])
