"""What a cell of a tutorial does, read from its text: opens a session, speaks in it, or changes the lab.

A cell that only looks, such as ``session.transcript``, does none of it, and nobody misses it. All others are steps on
which the cells below may build.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from .cells import Kind, LessonCell

_BEGINS_THE_LESSON = re.compile(r"^(?:smtplab\.lesson\(|%lesson )", re.MULTILINE)
_SPEAKS = ("send", "send_bytes", "predict", "replay", "fork")
_FORK = "%fork"
_UNDO = "undo"  # a directive, and a method of a session
# Calls of the lab, of its hosts, of a session and of a builder that change something.
_ACTS = {*_SPEAKS, "run", "down", "up", "fault", "mend", "close", "stop", "poll", "connect", "type", "deliver", "undo"}
_STEPS = re.compile(r"undo\W+(\d+)")
_PYTHON = "%%py"
_TYPED_OPENERS = ("telnet", "connect", "%fork", "%switch", "%lab")
# Also behind the prompt of a pasted page.
_TYPED_OPENER = re.compile(r"^(?:\$ +)?(?:telnet|connect|%fork|%switch|%lab)\b", re.MULTILINE | re.IGNORECASE)
_TYPED_SPEAKS = ("%predict", "%raw", "%send")
_TYPED_ACTS = (*_TYPED_SPEAKS, *_TYPED_OPENERS, "%undo", "%down", "%up", "%fault", "%advance", "%strict", _PYTHON)
_SENT = re.compile(r'\.send\("([^"\n]*)"\)')
# A mailbox that is shown with all its messages, and not only with the last one.
_MAILBOX = re.compile(r'\.mailbox\("([^"]+)"\)(?!\[-1\])|^%mailbox (\S+)', re.MULTILINE)
_QUEUE = re.compile(r"\blab\.queue\(|^%queue", re.MULTILINE)
_PASSES_TIME = re.compile(r"\.run\(|^%advance", re.MULTILINE)
_LISTS = re.compile(r"^lab\.run\(|\.deliveries\(lab|\.delay_chart\(|^%advance", re.MULTILINE)
_PASSES_A_TIME = re.compile(r"\.run\(\w|^%advance", re.MULTILINE)
_REVIEWS = "smtplab.review("  # in the SMTP kernel, %review is a directive like others
_MAY_FAIL = "%expect "


def begins_the_lesson(cell: LessonCell) -> bool:
    """Return True if a cell begins the lesson, and so is never missed."""
    return _BEGINS_THE_LESSON.search(cell.source) is not None


def opens(text: str, name: str, *, typed: bool) -> bool:
    """Return True if the text of a cell opens the session of this name, or switches to another one."""
    if typed:
        return _TYPED_OPENER.search(text) is not None
    return re.search(rf"^[ \t]*{name} *=(?!=)", text, re.MULTILINE) is not None


def speaks(cell: LessonCell, name: str) -> bool:
    """Return True if a cell says something in the session of this name, or copies it; it has to be open then."""
    if cell.kind is Kind.PREDICTION:
        return cell.session == name
    if cell.kind is Kind.OPEN:
        return cell.session == name and cell.needs_its_session
    if cell.typed:
        return not _is_python(cell) and any(_is_said(word) or word == _FORK for word in _first_words(cell.source))
    return re.search(rf"\b{name}\.(?:{'|'.join(_SPEAKS)})\(", cell.source) is not None


def acts(cell: LessonCell) -> bool:
    """Return True if a cell does something on which a later one may build; nothing builds on the review."""
    if _REVIEWS in cell.source:
        return False
    if cell.typed:
        return any(_is_said(word) or word in _TYPED_ACTS for word in _first_words(cell.source))
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError:
        return True
    return any(not isinstance(each, ast.Expr) or _calls(each) & _ACTS for each in statements)


def lines_sent(cell: LessonCell) -> list[str]:
    """Return the lines that a given cell sends, as far as its text shows them."""
    if cell.typed:
        return [line for line in cell.source.split("\n") if line.strip() and _is_said(line.split()[0])]
    return _SENT.findall(cell.source)


def show_all_mail(cells: Iterable[LessonCell], recipients: Collection[str]) -> bool:
    """Return True if one of some cells shows more than the newest message: a mailbox, or a queue.

    Args:
        cells: the cells below the step that sent the message.
        recipients: the addresses of its recipients; empty if any will do.
    """
    waits = True  # in the queue: no time has passed yet
    for cell in cells:
        passes = _PASSES_TIME.search(cell.source)
        queue = _QUEUE.search(cell.source) if waits and cell.kind is Kind.RUN else None
        if queue and not (passes and passes.start() < queue.start()):
            return True
        waits = waits and not passes
        addresses = [found[1] or found[2] for found in _MAILBOX.finditer(cell.source)]
        if cell.kind is Kind.RUN and any(address in recipients or not recipients for address in addresses):
            return True
    return False


def list_deliveries(cells: Iterable[LessonCell]) -> bool:
    """Return True if one of some cells lists what the hosts did with all messages: in a table, a chart, or a log."""
    return any(_LISTS.search(cell.source) for cell in cells if cell.kind is Kind.RUN)


def lets_time_pass(cell: LessonCell) -> bool:
    """Return True if a given cell lets a certain time pass, so that a second run is not as the first."""
    return cell.kind is Kind.RUN and _PASSES_A_TIME.search(cell.source) is not None


def may_fail(cell: LessonCell) -> bool:
    """Return True if a cell may fail on purpose, because it checks a reply."""
    return _MAY_FAIL in cell.source


def line_that_acts(cell: LessonCell) -> str:
    """Return the first line of a cell that does something, by which a sentence names the cell."""
    typed = cell.typed and not _is_python(cell)
    passed_over = ("#", "import ", "from ", _PYTHON)
    lines = [line for line in cell.source.split("\n") if line.strip() and not line.startswith(passed_over)]
    told = (line for line in lines if acts(LessonCell("", Kind.RUN, line, line, typed=typed)))
    return next(told, lines[0] if lines else "").strip()


def forks(cell: LessonCell) -> bool:
    """Return True if a cell copies a session."""
    return _FORK in cell.source or ".fork(" in cell.source


def undoes(cell: LessonCell) -> bool:
    """Return True if a cell takes steps of a session back."""
    return _UNDO in cell.source


def undone_by(cell: LessonCell, cells: Sequence[LessonCell]) -> list[LessonCell]:
    """Return the cells that a given cell takes back: the last ones above it that say something.

    Args:
        cell: a cell with an undo.
        cells: all cells of the tutorial.
    """
    found = _STEPS.search(cell.source)
    steps = int(found[1]) if found else 1
    above = [each for each in cells[: cells.index(cell)] if each.kind is not Kind.RUN or lines_sent(each)]
    return above[-steps:]


def is_taken_back(cell: LessonCell, was_run: Collection[str], cells: Sequence[LessonCell]) -> bool:
    """Return True if a given cell that has run takes back what this cell says.

    Args:
        cell: any cell.
        was_run: the ids of the cells that have run.
        cells: all cells of the tutorial.
    """
    undoing = (each for each in cells if each.kind is Kind.RUN and undoes(each) and each.id in was_run)
    return any(cell in undone_by(each, cells) for each in undoing)


def switches(cell: LessonCell, *, only: bool = False) -> set[str]:
    """Return what a cell of Python sets at hosts, such as ``host.up``.

    Args:
        cell: any cell.
        only: True for nothing, if the cell also does something else.
    """
    try:
        statements = [] if cell.typed else ast.parse(cell.source).body
    except SyntaxError:
        return set()
    targets = [each.targets[0] for each in statements if isinstance(each, ast.Assign)]
    found = {ast.unparse(each) for each in targets if isinstance(each, ast.Attribute)}
    return set() if only and len(found) < len(statements) else found


def set_anew_below(cell: LessonCell, cells: Sequence[LessonCell]) -> list[LessonCell]:
    """Return the cells below one that runs again which have to set anew what it sets, such as a mailbox free."""
    below = cells[cells.index(cell) + 1 :]
    return [each for each in below if switches(each, only=True) & switches(cell)]


def _calls(statement: ast.stmt) -> set[str]:
    calls = (each.func for each in ast.walk(statement) if isinstance(each, ast.Call))
    return {each.attr for each in calls if isinstance(each, ast.Attribute)}


def _is_python(cell: LessonCell) -> bool:
    return cell.source.startswith(_PYTHON)


def _is_said(word: str) -> bool:
    return word in _TYPED_SPEAKS or not (word.startswith(("%", "#")) or word in _TYPED_OPENERS)


def _first_words(text: str) -> Iterator[str]:
    return (line.split()[0] for line in text.split("\n") if line.strip())
