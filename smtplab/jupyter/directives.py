"""The directives: lines of a cell that begin with ``%`` and speak to the notebook instead of the server.

`DIRECTIVES` is the one table of them. ``%help``, completion and the suggestion for a misspelt one are made of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..lab import diagrams, tables
from ..lab.session import Session, Silence
from . import pages
from .step import CellError, ExpectationFailed, Judged, Page

if TYPE_CHECKING:
    from .engine import Engine

_DIRECTIVE = re.compile(r"%([A-Za-z]+(?:-[A-Za-z]+)*)(?:[ \t]+(.*))?\Z", re.DOTALL)
_CODE = re.compile(r"[2-5][0-9y][0-9z]")
_ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|([rnt0\\]))")
_LONGEST_WAIT = 300.0  # seconds, RFC 5321 4.5.3.2.7
_ON_OFF = ("on", "off")


def _none(engine: Engine) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Directive:
    """What there is to know of a directive.

    Args:
        name: without the percent sign.
        argument: how its argument is written; empty for none, in brackets if it may be left out.
        summary: what it does, in one sentence.
        run: does it, with the argument as typed, and returns what to show; None for nothing.
        choices: what may stand as its argument, for completion.
        takes_rest: whether the lines below it in the cell are part of its argument.
    """

    name: str
    argument: str
    summary: str
    run: Callable[[Engine, str], object]
    choices: Callable[[Engine], Iterable[str]] = _none
    takes_rest: bool = False

    @property
    def syntax(self) -> str:
        """How it is written."""
        return f"%{self.name} {self.argument}".rstrip()

    @property
    def page(self) -> Page:
        """All there is to know of it, for a reader."""
        return Page(self.syntax, {"does": self.summary})


def directive_in(line: str) -> tuple[Directive, str] | None:
    """Return the directive that a line is, and its argument; None if it is none."""
    found = _DIRECTIVE.match(line)
    directive = DIRECTIVES.get(found[1].lower()) if found else None
    return None if found is None or directive is None else (directive, (found[2] or "").strip())


def nearest_directive(line: str) -> str:
    """Return the sentence for a line that begins with ``%`` and is no directive, with the nearest one there is."""
    word = line.split()[0].lstrip("%").lower()
    near = get_close_matches(word, DIRECTIVES, n=1, cutoff=0.5)
    meant = f"did you mean %{near[0]}?" if near else "%help lists those there are"
    return f"{line.split()[0][:40]!r} is no directive; {meant}"


# Looking


def _state(engine: Engine, argument: str) -> object:
    session = engine.open_session()
    return diagrams.state_machine(session, session)


def _legal(engine: Engine, argument: str) -> object:
    return pages.state_page(engine.open_session().state)


def _why(engine: Engine, argument: str) -> object:
    return engine.open_session().why()


def _bytes(engine: Engine, argument: str) -> object:
    session = engine.open_session()
    total = len(session.transcript)
    rows = _number(argument, "rows", total) if argument else total - engine.place.step
    return session.octets(rows) if rows else "= nothing was said yet"


def _transcript(engine: Engine, argument: str) -> object:
    return str(engine.open_session().transcript)


def _ladder(engine: Engine, argument: str) -> object:
    return diagrams.ladder(engine.open_session())


def _table(engine: Engine, argument: str) -> object:
    name = argument.lower() or ("exchanges" if engine.session else "commands")
    if name in _TABLES:
        return _TABLES[name]()
    if name in _TABLES_OF_SESSION:
        return _TABLES_OF_SESSION[name](engine.open_session())
    raise CellError(_no_such("table", argument, [*_TABLES, *_TABLES_OF_SESSION]))


_TABLES: Mapping[str, Callable[[], object]] = {
    "commands": tables.commands,
    "codes": tables.codes,
    "categories": tables.categories,
    "transitions": tables.transitions,
    "matrix": tables.matrix,
    "causes": tables.causes,
}
_TABLES_OF_SESSION: Mapping[str, Callable[[Session], object]] = {
    "transcript": tables.transcript,
    "exchanges": tables.exchanges,
}


def _hosts(engine: Engine, argument: str) -> object:
    lines = {}
    for host in engine.hosts:
        directory = getattr(host.handler, "directory", None)
        domains = f"mail for {', '.join(directory.domains)}: {', '.join(directory.names)}" if directory else ""
        lines[host.name] = f"[{host.address}] {domains}{'' if host.up else ' (down)'}"
    return Page("The hosts that telnet calls", lines)


def _mailbox(engine: Engine, argument: str) -> object:
    if not argument:
        kept = {name: str(len(engine.mail(name))) for name in engine.mailboxes}
        return Page("The mailboxes, and how many messages lie in each", kept)
    messages = engine.mail(argument)
    if not messages:
        return f"= the mailbox {argument} is empty"
    shown = [f"= message {number} of {len(messages)}\n{text}" for number, text in enumerate(messages, 1)]
    return "\n".join(text.rstrip("\n") for text in shown)


# Acting


def _send(engine: Engine, argument: str) -> None:
    engine.say(argument)


def _raw(engine: Engine, argument: str) -> object:
    try:
        engine.say_octets(_unescaped(argument))
    except Silence as error:  # what was sent may well have no end
        return f"= {error}"
    return None


def _unescaped(text: str) -> bytes:
    octets, end = b"", 0
    for found in _ESCAPE.finditer(text):
        octets += text[end : found.start()].encode() + (bytes.fromhex(found[1]) if found[1] else _ESCAPES[found[2]])
        end = found.end()
    return octets + text[end:].encode()


def _undo(engine: Engine, argument: str) -> object:
    steps = _number(argument, "steps") if argument else 1
    session = engine.open_session()
    engine.place.step_back(steps)
    taken = "the last step is" if steps == 1 else f"the last {steps} steps are"
    return f"= {taken} taken back; {engine.standing()}, {len(session.transcript)} lines"


def _fork(engine: Engine, argument: str) -> object:
    here = engine.name
    fork = engine.open_session().fork()
    if not argument:
        raise CellError("%fork is followed by a name for the new session")
    if argument in engine.places:
        raise CellError(f"there is a session {argument} already; choose another name")
    engine.use(argument)
    engine.place.hold(fork, seen=True)
    back = f"`%switch {here}` goes back"
    return f"= {argument} stands where {here} stands, in a lab of its own, and is used from now on; {back}"


def _switch(engine: Engine, argument: str) -> object:
    if argument:
        known = argument in engine.places
        engine.use(argument)
        return f"= {engine.standing()}" if known else f"= {argument} is a new session; {engine.invitation()}"
    used = engine.name
    return Page("The sessions", {name: _place(engine, name, name == used) for name in engine.places})


def _place(engine: Engine, name: str, used: bool) -> str:
    session = engine.places[name].session
    state = "not opened yet" if session is None else session.state.value
    return f"{state} (in use)" if used else state


def _strict(engine: Engine, argument: str) -> object:
    hosts = engine.lab_hosts
    if not argument:
        return f"= strict is {_ON_OFF[not all(host.policy.strict for host in hosts)]}"
    if argument.lower() not in _ON_OFF:
        raise CellError(f"%strict is on or off, not {argument[:40]!r}")
    strict = argument.lower() == _ON_OFF[0]
    for host in hosts:
        host.policy = replace(host.policy, strict=strict)
    takes = "take only what RFC 5321's grammar allows" if strict else "also take `MAIL FROM: a@b` and its like"
    still = "; sessions that are open stay as they are" if engine.session else ""
    return f"= strict is {argument.lower()}: from the next telnet on, the lab's hosts {takes}{still}"


def _timeout(engine: Engine, argument: str) -> object:
    if argument:
        try:
            seconds = float(argument)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds <= _LONGEST_WAIT:
            raise CellError(f"%timeout is a number of seconds above 0 and up to {_LONGEST_WAIT:g}")
        engine.seconds = seconds
    return f"= a server on this machine has {engine.seconds:g} s for its reply, from the next telnet on"


# Testing


def _expect(engine: Engine, argument: str) -> object:
    wanted = argument.split()
    if not wanted or not all(_CODE.fullmatch(code) for code in wanted):
        raise CellError("%expect is followed by a code such as 250, a class such as 2yz, or several to choose from")
    reply = engine.open_session().reply
    if reply is not None and any(_fits(str(reply.code), code) for code in wanted):
        return f"= {reply.code}, as expected"
    expected = " or ".join(wanted)
    if reply is None:
        raise ExpectationFailed(f"expected {expected}, got no reply")
    raise ExpectationFailed(f"expected {expected}, got {reply.code}: {' / '.join(reply.lines)}")


def _fits(code: str, wanted: str) -> bool:
    return all(digit == want or want in "yz" for digit, want in zip(code, wanted, strict=True))


def _predict(engine: Engine, argument: str) -> object:
    code, _, line = argument.partition(" ")
    if not _CODE.fullmatch(code) or not line.strip():
        raise CellError("%predict is followed by the code that will come, and the line to send")
    question = engine.open_session().predict(line)
    return question.answer(code)


def _exercise(engine: Engine, argument: str) -> object:
    from ..grading.check import exercise
    from ..grading.handout import ExerciseError

    words = _words(argument)
    if words == ["off"]:
        engine.exercise = None
        return "= telnet calls the lab's hosts again"
    if not 1 <= len(words) <= 3:
        raise CellError("%exercise is followed by its name, your student id, and the course if there is one")
    name, student, course = [*words, "", ""][:3]
    try:
        engine.exercise = exercise(name, student, course=course)
    except ExerciseError as error:
        raise CellError(error) from None
    return engine.exercise


def _answer(engine: Engine, argument: str) -> object:
    from ..grading.handout import ExerciseError

    if engine.exercise is None:
        raise CellError("no exercise is handed out yet; `%exercise NAME STUDENT` does it")
    first, _, rest = argument.partition("\n")
    question = next((name for name in engine.exercise.design.questions if f"{first} ".startswith(f"{name} ")), first)
    answer = f"{first[len(question) :].strip()}\n{rest}".strip("\n")
    try:
        engine.exercise.hand_in(question, answer)
    except ExerciseError as error:
        raise CellError(error) from None
    return f"= the answer to {question!r} is handed in"


def _check(engine: Engine, argument: str) -> object:
    from ..grading.check import judged

    words = _words(argument)
    if not 1 <= len(words) <= 2:
        raise CellError("%check is followed by the name of an exercise, and a part of it if you like")
    return Judged(*judged(*words))


def _words(argument: str) -> list[str]:
    import shlex

    try:
        return shlex.split(argument)
    except ValueError:
        raise CellError("a quotation mark has no partner") from None


def _exercises(engine: Engine) -> Iterable[str]:
    from ..grading.exercises import NAMES

    return NAMES


# Help


def _help(engine: Engine, argument: str) -> object:
    word = argument.lstrip("%")
    if not word:
        return Page("SMTP in a cell", _HOW | {directive.syntax: directive.summary for directive in DIRECTIVES.values()})
    if word.lower() in DIRECTIVES:
        return DIRECTIVES[word.lower()].page
    page = pages.page_of(word)
    if page is None:
        raise CellError(_no_such("page", word, _topics(engine)))
    return page


_HOW = {
    "telnet HOST PORT": "Open a session with a host of the lab, or with a server on this machine, as 127.0.0.1 2525.",
    "HELO ... QUIT": "Any other line is sent as it stands, legal or not; its reply is shown with what it means.",
    "# ...": "A remark: it is not sent. Inside a message it is a line of the message, and so is an empty line.",
    "%%py": "As the first line: the cell is Python.",
    "Tab, Shift-Tab": "What may come here; what the word under the cursor means.",
}


def _topics(engine: Engine) -> list[str]:
    return [*pages.topics(), *DIRECTIVES]


# Reading arguments


def _number(text: str, what: str, most: int = 10**6) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8 and int(text)):
        raise CellError(f"{text[:40]!r} is no number of {what}")
    return min(int(text), most)


def _no_such(what: str, name: str, there: Iterable[str]) -> str:
    there = list(there)
    near = get_close_matches(name.upper(), there, n=1) + get_close_matches(name.lower(), there, n=1)
    meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(there)}"
    return f"there is no {what} {name[:40]!r}; {meant}"


# fmt: off
_ROWS = (
    Directive("state", "", "Show the state machine: where the session is, and the way it has come.", _state),
    Directive("legal", "", "List the verbs that may come now.", _legal),
    Directive("why", "", "Explain the last reply: the rule, the section, what may come now, how to mend it.", _why),
    Directive("bytes", "[ROWS]", "Show the octets of the last step, or of so many rows, with every CRLF.", _bytes),
    Directive("transcript", "", "Show the whole conversation.", _transcript),
    Directive("ladder", "", "Draw the conversation as a ladder.", _ladder),
    Directive("table", "[NAME]", "Show a table: of the session, or one that the code runs on.", _table,
              lambda _: [*_TABLES_OF_SESSION, *_TABLES]),
    Directive("hosts", "", "List the hosts that telnet calls, and who lives there.", _hosts),
    Directive("mailbox", "[ADDRESS]", "Show the messages in a mailbox, or count those in each.", _mailbox,
              lambda engine: engine.mailboxes),
    Directive("undo", "[STEPS]", "Take back the last steps: what a cell, or a part between directives, said.", _undo),
    Directive("fork", "NAME", "Go on in a copy of the session, in a lab of its own.", _fork),
    Directive("switch", "[NAME]", "Use another session, new or not; without a name, list them.", _switch,
              lambda engine: engine.places),
    Directive("send", "[LINE]", "Send a line as it is, also an empty one, or one that begins with % or #.", _send),
    Directive("raw", "OCTETS", r"Send octets without a line end; \r, \n, \t, \0, \\, \xHH stand for one each.", _raw),
    Directive("strict", "[on|off]", "Let the lab's hosts take only what RFC 5321's grammar allows.", _strict,
              lambda _: _ON_OFF),
    Directive("timeout", "[SECONDS]", "Say how long to wait for a server on this machine.", _timeout),
    Directive("expect", "CODE", "Fail the cell if the last reply has another code.", _expect),
    Directive("predict", "CODE LINE", "Say which code will come, then send the line and compare.", _predict),
    Directive("exercise", "NAME [STUDENT] [COURSE]", "Hand out an exercise; telnet then calls its hosts.", _exercise,
              _exercises),
    Directive("answer", "QUESTION TEXT", "Hand in an answer; the lines below belong to it.", _answer,
              lambda engine: engine.exercise.design.questions if engine.exercise else (), takes_rest=True),
    Directive("check", "NAME [PART]", "Say which rules of an exercise hold, and give the points.", _check, _exercises),
    Directive("help", "[TOPIC]", "Explain a directive, a verb or a code; without one, all of this.", _help, _topics),
)
# fmt: on
DIRECTIVES: Mapping[str, Directive] = {directive.name: directive for directive in _ROWS}
