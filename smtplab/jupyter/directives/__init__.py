"""The directives: lines of a cell that begin with ``%`` and go to the notebook, not to the server.

`DIRECTIVES` is their only table. ``%help``, completion, and the suggestion for a misspelt directive are made from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...base.nearest import nearest
from ...lab.blank_lines import HIDE_WORDS
from .. import sentences
from ..cell_result import CellError, Page
from ..notebook_state import NotebookState
from ..pages import page_of, topics
from ..sentences import no_such
from . import actions, answering, card_settings, checks, lessons, mail_queues, puzzles, reviews, views

# What makes a Python cell of a cell of the SMTP kernel.
PYTHON = "%%py"
# What people know from Python notebooks.
_OF_PYTHON = ("load_ext", "reload_ext", "smtp", "matplotlib", "pip", "time", "timeit")
_DIRECTIVE = re.compile(r"%([A-Za-z]+(?:-[A-Za-z]+)*)(?:[ \t]+(.*))?\Z", re.DOTALL)


def _none(notebook: NotebookState) -> Iterable[str]:
    return ()


def _none_behind(*words: str) -> Iterable[str]:
    return ()


def _nothing(lines: Sequence[str]) -> int:
    return 0


def _to_the_next(lines: Sequence[str]) -> int:
    """Return how many lines stand before the next directive."""
    return next((number for number, line in enumerate(lines) if directive_in(line)), len(lines))


def _hidden_tests(lines: Sequence[str]) -> int:
    """Return how many lines of hidden tests follow, which nbgrader restores in a test cell; none for students."""
    return len(lines) if lines and checks.HIDDEN_TESTS in lines[0] else 0


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive.

    Args:
        name: its name without the percent sign.
        argument: the form of its argument; empty for none, in brackets if it is optional.
        summary: what it does, in one sentence.
        run: runs it with the argument as typed, and returns what to show; None for nothing.
        choices: the possible arguments, for completion.
        seconds: the possible words after those that are typed already.
        below: returns how many of the lines below it in the cell belong to its argument.
    """

    name: str
    argument: str
    summary: str
    run: Callable[[NotebookState, str], object]
    choices: Callable[[NotebookState], Iterable[str]] = _none
    seconds: Callable[..., Iterable[str]] = _none_behind
    below: Callable[[Sequence[str]], int] = _nothing

    @property
    def syntax(self) -> str:
        """The form of its line."""
        return f"%{self.name} {self.argument}".rstrip()

    @property
    def page(self) -> Page:
        """Its page of help."""
        return Page(self.syntax, {"does": self.summary})


def directive_in(line: str) -> tuple[Directive, str] | None:
    """Return the directive and its argument in a line; None if the line is not a directive."""
    found = _DIRECTIVE.match(line)
    directive = DIRECTIVES.get(found[1].lower()) if found else None
    return None if found is None or directive is None else (directive, (found[2] or "").strip())


def nearest_directive(line: str) -> str:
    """Return the error sentence for a line that begins with ``%`` and is not a directive."""
    if line.startswith(PYTHON):
        return sentences.PYTHON_MARK.format(mark=PYTHON)
    word = line.split()[0].lstrip("%").lower()
    if word in _OF_PYTHON:
        return sentences.FOR_PYTHON.format(word=word, mark=PYTHON)
    near = nearest(word, DIRECTIVES)
    meant = sentences.DID_YOU_MEAN.format(name=f"%{near}") if near else sentences.HELP_LISTS
    return sentences.NO_DIRECTIVE.format(word=line.split()[0][:40], instead=meant)


def _exercises(notebook: NotebookState) -> Iterable[str]:
    from ...grading.exercises import NAMES

    return NAMES


def _parts(name: str, *more: str) -> Iterable[str]:
    """Return the parts of an exercise, for the word after its name."""
    from ...grading.design import ExerciseError
    from ...grading.exercises import design_of

    try:
        return () if more else [part.name for part in design_of(name).parts]
    except ExerciseError:
        return ()


# Help


def _help(notebook: NotebookState, argument: str) -> object:
    if not argument:
        return Page("SMTP in a cell", HOW | {directive.syntax: directive.summary for directive in DIRECTIVES.values()})
    page = page_of(argument)  # HELP and SEND are verbs first
    if page is None and (directive := DIRECTIVES.get(argument.removeprefix("%").lower())):
        page = directive.page
    if page is None:
        raise CellError(no_such("page", argument, _topics(notebook), hint=sentences.PAGES_ELSEWHERE))
    return page


# What else a cell may hold.
HOW = {
    "telnet HOST PORT": "Open a session with a host of the lab, or with a server on this machine, as 127.0.0.1 2525.",
    "HELO ... QUIT": "Any other line is sent as it stands, legal or not; its reply is shown with what it means.",
    "# ...": "A remark: it is not sent, and neither is an empty line.",
    "after DATA": "Every line but a directive is one of the message, up to the lone dot; %send sends one such as %why.",
    "below a directive": "Empty lines right below it are not sent; below a line of the message they are.",
    "%send alone": "Sends an empty line; a notebook never runs a cell of blanks alone.",
    PYTHON: "As the first line: the cell is Python.",
    "Tab, Shift-Tab": "What may come here; what the word under the cursor means.",
}


def _topics(notebook: NotebookState) -> list[str]:
    return [*topics(), *(f"%{name}" for name in DIRECTIVES)]


# fmt: off
_ROWS = (
    Directive("state", "", "Show the state machine: where the session is, and the way it has come.", views.state),
    Directive("legal", "", "List the verbs that may come now.", views.legal),
    Directive("why", "", "Explain the last reply: the rule, the section, what may come now, how to fix it.",
              views.why),
    Directive("bytes", "[ROWS]", "Show the octets of the last step, or of the last ROWS rows, with every CRLF.",
              views.octets),
    Directive("transcript", "", "Show the whole conversation.", views.transcript),
    Directive("ladder", "", "Draw the conversation as a ladder.", views.ladder),
    Directive("topology", "", "Draw the machines of the lab, and the way of the last message among them.",
              views.topology),
    Directive("chart", "", "Count the replies of the session, by severity, by category and by code.", views.chart),
    Directive("table", "[NAME]", "Show a table: of the session, or one that the code runs on.", views.table,
              lambda _: [*views.TABLES_OF_SESSION, *views.TABLES]),
    Directive("hosts", "", "List the hosts that telnet calls, and who lives there.", views.hosts),
    Directive("mailbox", "[ADDRESS]", "Show the messages in a mailbox, or count those in each.", views.mailbox,
              views.mailboxes),
    Directive("undo", "[STEPS]", "Take back the last steps: what a cell, or a part between directives, said.",
              actions.undo),
    Directive("fork", "NAME", "Go on in a copy of the session, in a lab of its own.", actions.fork),
    Directive("switch", "[NAME]", "Use another session, new or not; without a name, list them.", actions.switch,
              lambda notebook: notebook.sessions),
    Directive("lab", "new [queues]", "Start over with empty mailboxes; with queues, hosts hand mail on later.",
              actions.lab, lambda _: [actions.NEW], lambda *_: [mail_queues.QUEUES]),
    Directive("queue", "[HOST|ID]", "Show what waits in a queue, or what has become of the message with an id.",
              mail_queues.queue, mail_queues.ids_and_hosts),
    Directive("clock", "", "Say what time it is in the lab.", mail_queues.clock),
    Directive("advance", "[TIME]", "Let time pass, such as 3 days; without a time, until all mail is handed on.",
              mail_queues.advance, lambda _: mail_queues.TIMES),
    Directive("down", "HOST [TIME]", "Take a host of the lab down; after the time it comes up again.",
              mail_queues.down, mail_queues.host_names),
    Directive("up", "HOST", "Bring a host of the lab up again.", mail_queues.up, mail_queues.host_names),
    Directive("fault", "[HOST] TEXT|off", "Let something go wrong at a host, such as: lose the 250 after the dot once.",
              mail_queues.fault, mail_queues.host_names),
    Directive("send", "[LINE]", "Send a line as it is, also an empty one, or one that begins with % or #.",
              actions.send),
    Directive("raw", "OCTETS", r"Send octets without a line end; \r, \n, \t, \0, \\, \xHH stand for one each.",
              actions.raw),
    Directive("strict", "[on|off]", "Let the lab's hosts take only what RFC 5321's grammar allows.", actions.strict,
              lambda _: actions.ON_OFF),
    Directive("brief", "[on|off|new]", "Show replies in one line, or in full; new is in full where it is new.",
              card_settings.brief, lambda _: card_settings.BRIEF),
    Directive("cards", "[words|states|digits]", "Say how much a full card of a reply tells.", card_settings.level,
              lambda _: card_settings.LEVELS),
    Directive("timeout", "[SECONDS]", "Say how long to wait for a server on this machine.", actions.timeout),
    Directive("expect", "CODE", "Fail the cell if the last reply has another code.", checks.expect),
    Directive("predict", "CODE|WORD LINE", "Say what will come, a code or a word; then send the line and compare.",
              checks.predict, lambda _: checks.PREDICTIONS),
    Directive("lesson", "NAME", "Begin a tutorial: its tasks are judged, and steps left out are done.", lessons.lesson),
    Directive("now", "you: TASK", "A task of a tutorial: type your lines below it, in the same cell.", lessons.now),
    Directive("review", "NAME", "Ask three questions about the tutorials before this one; %answer answers them.",
              reviews.review),
    Directive("order", "[NUMBERS]", "Shuffle the lines of the session; with numbers, send them in this order.",
              puzzles.order),
    Directive("fill", "[WHAT|LINE TEXT]", "Hide verbs, codes or arguments of the session; with a line, fill it in.",
              puzzles.fill, lambda _: HIDE_WORDS),
    Directive("hint", "", "Help with the task in hand; asked again, it shows one answer.", lessons.hint),
    Directive("student", "[ID]", "Say whose work the exercises are: your student id.", checks.student),
    Directive("exercise", "NAME [STUDENT] [course=COURSE]", "Hand out an exercise; telnet then calls its hosts.",
              checks.exercise, _exercises),
    Directive("given", "[NAME]", "Show a text that belongs to the exercise; without a name, the task sheet.",
              checks.given, lambda notebook: notebook.exercise.given if notebook.exercise else ()),
    Directive("answer", "[QUESTION] ANSWER", "Answer a question by its name or number; one that stands alone has none.",
              answering.answer, lambda notebook: notebook.exercise.design.questions if notebook.exercise else (),
              below=_to_the_next),
    Directive("check", "NAME [PART]", "Say which rules of an exercise hold, and give the points.",
              checks.check, _exercises, _parts, below=_hidden_tests),
    Directive("defend", "[NAME]", "Ask three questions about your session in an exercise; %answer 1 250 answers one.",
              puzzles.defend, _exercises),
    Directive("help", "[TOPIC]", "Explain a directive, a verb or a code; without one, all of this.", _help, _topics),
)
# fmt: on
DIRECTIVES: Mapping[str, Directive] = {directive.name: directive for directive in _ROWS}
