"""Find students whose work resembles each other's beyond what the exercise explains. It is a hint, never points.

Answers to one task are alike by nature: the commands are those of SMTP, the names are drawn, and the notebook gives the
rest. So what counts is unusual text that few students have: words that are neither drawn, nor in the exercise's own
cells and what they print, nor words of Python or of SMTP. Two works resemble each other if they share many such words
in the same neighbourhoods, and if these are a large part of the smaller work. A short answer has too few to count, and
what stands in a tutorial is nobody's own.

Whoever copies a program may rename everything in it. So programs are compared a second time by their form alone, where
a much longer piece must be equal.
"""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import re
import token
import tokenize
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from ...protocol.commands import VERBS
from .course_code import course_cells
from .outcome import CellShown, Report, StudentResult

_DRAWN = "\0"  # stands for a word that was drawn, which differs from student to student
_WORD = re.compile(r"\0|\w+|[^\w\s]")
_ESCAPE = re.compile(r"\\[nrt]")  # an end of a line in a text; its letter belongs to no word
_PLAIN = frozenset({"x", "0", "''", "NEWLINE", "INDENT", "DEDENT", *".,:;()[]{}=\0"})
_LONGEST = 100_000  # characters of a work that are compared; the longest programs here have some thousands
_FEW = 4  # students who may share a piece; as many as copied from one another, or an eighth of the class
_OF_THE_CLASS = 8

_USUAL = frozenset(
    word.casefold()
    for word in (_DRAWN, *VERBS, *keyword.kwlist, *keyword.softkwlist, *dir(builtins), *dir(str), *dir(bytes), "self")
)


@dataclass(frozen=True, slots=True)
class _Manner:
    """A way to compare works.

    Args:
        piece: how many neighbouring words are compared at once.
        pieces: how many different pieces two works must share; a row of like lines has few.
        least: how many unusual words these must have.
        share: of the unusual words of the smaller work, how large a part these must be.
    """

    piece: int
    pieces: int
    least: int
    share: float


_BY_WORDS = _Manner(piece=6, pieces=30, least=24, share=0.5)
_BY_FORM = _Manner(piece=24, pieces=120, least=30, share=0.6)


@dataclass(frozen=True, slots=True)
class Resemblance:
    """Two students whose work is alike.

    Args:
        students: their ids, in order.
        words: how many unusual words they share.
        share: how large a part of the smaller work these are, from 0 to 1.
        renamed: True if only the form of a program is alike, as if its names had been changed.
    """

    students: tuple[str, str]
    words: int
    share: float
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class _Work:
    """The words of a work, and which of them are unusual."""

    words: tuple[str, ...]
    unusual: tuple[bool, ...]

    @property
    def size(self) -> int:
        return sum(self.unusual)


def resemblances(report: Report) -> tuple[Resemblance, ...]:
    """Return the pairs of students whose work is alike, those who share most first."""
    students = sorted((each for each in report.students if each.cells), key=lambda each: each.student)
    given = _words_of_the_exercise(students)
    texts = {each.student: _masked(each) for each in students}
    by_words = {student: _work(_words(written), given) for student, (written, _) in texts.items()}
    by_form = {student: _form(program) for student, (_, program) in texts.items()}
    found = {each.students: each for each in _alike(by_form, _BY_FORM, renamed=True)}
    found |= {each.students: each for each in _alike(by_words, _BY_WORDS)}
    return tuple(sorted(found.values(), key=lambda each: (-each.words, each.students)))


def read_course() -> None:
    """Read the tutorials' code, once; somebody who waits for something else may do it before."""
    for manner in (_BY_WORDS, _BY_FORM):
        _in_the_course(manner)


# Words


def _masked(student: StudentResult) -> tuple[str, str]:
    """Return what a student wrote, and the programs in it, without the words that were drawn and those of the id."""
    own = sorted({student.student, student.name, *student.drawn} - {""}, key=lambda word: (-len(word), word))
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, own))})(?!\w)", re.IGNORECASE)
    texts = [*_own_texts(student)]
    masked = [pattern.sub(_DRAWN, text) if own else text for text in texts]
    return "\n".join(masked), "\n".join(filter(_is_python, texts))


def _own_texts(student: StudentResult) -> Iterator[str]:
    """Yield what a student wrote, cell by cell, up to a length that nobody reaches who does not want to."""
    room = _LONGEST
    for cell in student.cells:
        if cell.is_own and room > 0:
            yield cell.source[:room]
            room -= len(cell.source)


def _is_python(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is the student's to know that an escape is odd
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # as for a parser that a student tries to break
        return False
    return True


def _words(text: str) -> list[str]:
    return _WORD.findall(_ESCAPE.sub(" ", text))


def _words_of_the_exercise(students: Sequence[StudentResult]) -> frozenset[str]:
    """Return the words that were drawn, and those in the exercise's cells and outputs of more than half of the class.

    What a single student adds there excuses nothing.
    """
    folded = cache(lambda text: frozenset(word.casefold() for word in _words(text)))  # most cells are alike
    counts = Counter(word for student in students for word in frozenset().union(*map(folded, _given(student.cells))))
    drawn = {word for student in students for text in student.drawn for word in folded(text)}
    return frozenset(drawn | {word for word, count in counts.items() if 2 * count > len(students)})


@cache
def _in_the_course(manner: _Manner) -> frozenset[tuple[str, ...]]:
    """Return the pieces of the tutorials' code."""
    words = (_words(text) if manner is _BY_WORDS else _tokens(text) for text in course_cells())
    return frozenset(piece for each in words for piece in _pieces([*each], manner.piece))


def _given(cells: Iterable[CellShown]) -> Iterator[str]:
    for cell in cells:
        if not cell.is_own:
            yield from (cell.source, cell.output)


def _work(words: Sequence[str], given: frozenset[str]) -> _Work:
    return _Work(tuple(words), tuple(_is_unusual(word.casefold(), given) for word in words))


def _is_unusual(word: str, given: frozenset[str]) -> bool:
    return word[0].isalpha() and len(word) > 1 and word not in _USUAL and word not in given


def _form(program: str) -> _Work:
    """Return the form of a program: its words, with all names, numbers and texts alike; comments are left out.

    Only keywords and operators count. Calls in a row have no form; all sessions look like that.
    """
    words = list(_tokens(program))
    return _Work(tuple(words), tuple(word not in _PLAIN for word in words))


def _tokens(program: str) -> Iterator[str]:
    named = {token.NUMBER: "0", token.STRING: "''"}
    skipped = (tokenize.COMMENT, tokenize.NL, token.ENCODING, token.ENDMARKER)
    try:
        for each in tokenize.generate_tokens(io.StringIO(program).readline):
            if each.type == token.NAME:
                yield each.string if keyword.iskeyword(each.string) else "x"
            elif each.type not in skipped:
                yield named.get(each.type, each.string if each.string.strip() else token.tok_name[each.type])
    except (tokenize.TokenError, SyntaxError):  # cells that are Python, and together are not
        return


# Pairs


def _alike(works: Mapping[str, _Work], manner: _Manner, *, renamed: bool = False) -> Iterator[Resemblance]:
    """Yield the pairs that share enough pieces which few have, and no tutorial."""
    places = {
        student: _pieces(work.words, manner.piece) for student, work in works.items() if work.size >= manner.least
    }
    owners: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for student, pieces in places.items():
        for piece in pieces:
            owners[piece].append(student)
    most = max(_FEW, len(works) // _OF_THE_CLASS)
    shared: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
    for piece, students in owners.items():
        if 2 <= len(students) <= most and piece not in _in_the_course(manner):
            for pair in combinations(students, 2):
                shared[pair].append(piece)
    for pair, common in sorted(shared.items()):
        words = min(_covered(works[student], places[student], common, manner.piece) for student in pair)
        share = words / min(works[student].size for student in pair)
        if len(common) >= manner.pieces and words >= manner.least and share >= manner.share:
            yield Resemblance(pair, words, share, renamed)


def _pieces(words: Sequence[str], length: int) -> dict[tuple[str, ...], list[int]]:
    """Return the pieces of some words with the places where they begin."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place in range(len(words) - length + 1):
        found[tuple(words[place : place + length])].append(place)
    return found


def _covered(
    work: _Work, places: Mapping[tuple[str, ...], Sequence[int]], pieces: Iterable[tuple[str, ...]], length: int
) -> int:
    """Return how many unusual words of a work are in some pieces."""
    covered = {place + each for piece in pieces for place in places[piece] for each in range(length)}
    return sum(work.unusual[place] for place in covered)
