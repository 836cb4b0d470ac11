"""The tables of SMTP as pandas DataFrames: what the code runs on, what the lecture says, and what a server really does.

::

    from smtplab import tables
    tables.commands()
    tables.matrix()              # every command in every state, tried at this moment
    tables.transcript(session)

Nothing is typed twice: the rows come from the kernel's tables, from ``data/lecture`` and from live sessions in memory.
They have the same order and types on every run. An empty string stands where there is nothing to say.

pandas is loaded with the first table. Its limits of 50 characters a cell, in a terminal of as many columns as fit, and
of 80 characters a line of text are lifted then, unless you have set others: the sentences are there to be read. From
then on a notebook shows every DataFrame with its text at the left (`show.dataframes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..explain.causes import CLOSED, HOST, Cause, causes_of
from ..explain.lecture import lecture_rows
from ..explain.verb_order import ways_from
from ..protocol import commands as vocabulary
from ..protocol.codes import CODES, Severity, severity_of
from ..protocol.commands import VERBS, Command
from ..protocol.grammar import Path
from ..protocol.states import TRANSITIONS, State, legal_verbs, phase_of
from ..show.dataframes import show_text_at_the_left
from ..transcript import Recorded, printable, transcript_of
from .internet import Lab
from .provoking import provoke, set_up
from .session import Session

if TYPE_CHECKING:
    from pandas import DataFrame

# What pandas sets of itself, and what is better here: the characters of a cell it shows; in a terminal the columns,
# where 0 is what fits; the characters of a line of text, of which a laptop shows 125.
_PANDAS_LIMITS = {"display.max_colwidth": (50, None), "display.max_columns": (0, None), "display.width": (80, 125)}
_LONGEST_LINE = 60  # characters of a typed line in a table


# What is written: the lecture, the RFCs, the code's own tables


def commands() -> DataFrame:
    """Return the 14 commands as the lecture, RFC 821 and RFC 5321 have them, in the lecture's order, and EHLO.

    Returns:
        Index `verb`, as it goes over the wire. `lecture` and `argument` are what the lecture prints, `tier` how it
        ranks the command, `slip` what is wrong there. `rfc821` and `rfc5321` say whether a server must have the
        command (4.5.1 of either RFC), `syntax` how it is written (RFC 5321 4.1.1), `purpose` what it is for.
    """
    told = {row["verb"]: row for row in lecture_rows("commands")}
    nothing = dict.fromkeys(("keyword", "argument", "tier", "slip"), "")
    rows = []
    for verb in VERBS.values():
        lecture = told.get(verb.name, nothing)
        rows.append(
            {
                "verb": verb.name,
                "lecture": lecture["keyword"],
                "argument": lecture["argument"],
                "tier": lecture["tier"],
                "rfc821": verb.rfc821,
                "rfc5321": verb.rfc5321,
                "syntax": verb.syntax,
                "purpose": verb.summary,
                "slip": lecture["slip"],
            }
        )
    return _frame(rows, "verb")


def codes() -> DataFrame:
    """Return all reply codes that RFC 5321 and the extensions define, ascending.

    Returns:
        Index `code`. `severity` and `category` are what the first and the second digit say, `phrase` and `rfc` what
        the code says and where. `lecture` is the lecture's own description, empty if it is not among its 21 codes,
        and `slip` what is wrong with that.
    """
    slips = {int(row["code"]): row["slip"] for row in lecture_rows("codes")}
    rows = [
        {
            "code": number,
            "severity": "" if code.severity is None else code.severity.phrase,
            "category": "" if code.category is None else code.category.phrase,
            "phrase": code.phrase,
            "lecture": code.lecture or "",
            "slip": slips.get(number, ""),
            "rfc": code.rfc,
        }
        for number, code in CODES.items()
    ]
    return _frame(rows, "code")


def categories() -> DataFrame:
    """Return what the lecture calls the four categories, with the number of its codes in each.

    Returns:
        Index `digit`, the first of the code. `lecture` and `rfc5321` name the class (RFC 5321 calls it severity), then
        the `count` of the lecture's codes, the `codes` themselves, what the class `means` and what a `client` does.
    """
    counted: dict[Severity, list[int]] = {}
    for number, code in CODES.items():
        if code.lecture is not None:
            counted.setdefault(severity_of(number), []).append(number)
    rows = [
        {
            "digit": int(severity),
            "lecture": severity.lecture_phrase,
            "rfc5321": severity.phrase,
            "count": len(numbers),
            "codes": " ".join(map(str, numbers)),
            "means": severity.meaning,
            "client": severity.advice,
        }
        for severity, numbers in counted.items()
    ]
    return _frame(rows, "digit")


def transitions() -> DataFrame:
    """Return the table of states on which client and server run, in its own order.

    A verb without a row in a state may not be sent there (503). A reply without a row changes nothing, and neither does
    a verb whose `reply` is empty. The code 421 closes the session whatever it answers.

    Returns:
        Index `state` and `verb`; a verb in parentheses is none that is typed. `reply` is the class of the code, such
        as 2yz, `next` the state it leads to, `phase` the one in which verb and reply lie.
    """
    rows = [
        {
            "state": state.name,
            "verb": verb,
            "reply": severity.mask if severity else "",
            "next": after.name,
            "phase": phase_of(state, verb).value,
        }
        for state, moves in TRANSITIONS.items()
        for verb, outcomes in moves.items()
        for severity, after in _moves(outcomes, state)
    ]
    return _frame(rows, "state", "verb")


def _moves(outcomes: Mapping[Severity, State], state: State) -> list[tuple[Severity | None, State]]:
    return [*outcomes.items()] or [(None, state)]


# What was said


def transcript(source: Recorded) -> DataFrame:
    """Return a conversation, one row for each line.

    Args:
        source: a session or a transcript.

    Returns:
        Index `row`, as in ``transcript[row]``. `side` is C, S or = (not on the wire), `text` the line without CRLF,
        with whatever does not print made visible. `state` is where the client's line was sent and where the last line
        of a reply has led to; `phase` is the one of the three to which the line belongs. If the conversation has
        times, `time` comes last, in seconds from its beginning.
    """
    lines = transcript_of(source)
    rows = [
        {"row": number, "side": row.side.value, "text": row.text, "state": row.state.name, "phase": row.phase.value}
        for number, row in enumerate(lines)
    ]
    table = _frame(rows, "row", columns=("row", "side", "text", "state", "phase"))
    if all(row.time is None for row in lines):
        return table
    return table.assign(time=[float("nan") if row.time is None else row.time for row in lines])


def exchanges(source: Recorded) -> DataFrame:
    """Return what was asked and answered in a conversation, one row for each reply.

    Args:
        source: a session or a transcript.

    Returns:
        Index `exchange`, from 1. `said` is the command line, or how many octets the message has, and empty where the
        server spoke unasked. Then `code` (0 if no reply came), its `severity`, the text of the `reply`, the states
        `before` and `after`, and the `phase`.
    """
    rows = [
        {
            "exchange": number,
            "verb": exchange.verb,
            "said": _said(exchange.data),
            "code": exchange.reply.code if exchange.reply else 0,
            "severity": exchange.reply.severity.phrase if exchange.reply else "",
            "reply": _one_line(exchange.reply.lines) if exchange.reply else "",
            "before": exchange.before.name,
            "after": exchange.after.name,
            "phase": exchange.phase.value,
        }
        for number, exchange in enumerate(transcript_of(source).exchanges(), 1)
    ]
    columns = ("exchange", "verb", "said", "code", "severity", "reply", "before", "after", "phase")
    return _frame(rows, "exchange", columns=columns)


def _said(data: bytes) -> str:
    *lines, _ = data.split(b"\r\n")
    return _short(printable(lines[0])) if len(lines) == 1 else f"{len(data)} octets of message" if lines else ""


# What a server really does

# A line that is right for each verb on the lab's host, in the order of the vocabulary.
_SENDER, _ALICE = Path.parse("forouzanb@adelphia.net"), Path.parse("alice@lab.example")
EXAMPLES: Mapping[str, Command] = {
    "HELO": vocabulary.Helo("client.example"),
    "EHLO": vocabulary.Ehlo("client.example"),
    "MAIL": vocabulary.Mail(_SENDER),
    "RCPT": vocabulary.Rcpt(_ALICE),
    "DATA": vocabulary.Data(),
    "QUIT": vocabulary.Quit(),
    "RSET": vocabulary.Rset(),
    "VRFY": vocabulary.Vrfy("alice"),
    "NOOP": vocabulary.Noop(),
    "TURN": vocabulary.Turn(),
    "EXPN": vocabulary.Expn("staff"),
    "HELP": vocabulary.Help(),
    "SEND": vocabulary.Send(_SENDER),
    "SOML": vocabulary.Soml(_SENDER),
    "SAML": vocabulary.Saml(_SENDER),
}


def matrix(lab: Lab | None = None) -> DataFrame:
    """Send every command in every state to a real server, and return the codes that it answers.

    Each cell is a session of its own with mail.lab.example, in memory: it is led to the state, the command is sent
    with an argument that is right (`EXAMPLES`), and what comes back is written down. Where the table of states has no
    such verb the server answers 503.

    The columns are the states in which the server waits for a command. In the others there is nothing to try: before
    the greeting it is the server's turn, inside DATA every line is part of the message, and at the end nobody listens.

    Args:
        lab: the lab to try it in, with its host as you have set it: ``lab.host("mail.lab.example").handler.turns =
            True`` makes a 250 of a 502. None for a new one. No mail is delivered, and nothing is left changed.

    Returns:
        Index `verb`, one column of codes for each state.

    Raises:
        ValueError: if the host does not let a client come to one of the states; the sentence says what it answered.
        ConnectionLost: if the host is down.
    """
    lab = lab or Lab()
    states = [state for state in State if legal_verbs(state)]
    rows = [{"verb": verb} | {state.name: _code_of(verb, state, lab) for state in states} for verb in EXAMPLES]
    return _frame(rows, "verb")


def _code_of(verb: str, state: State, lab: Lab) -> int:
    handler = lab.host(HOST).handler
    was_open = handler.open
    if state is State.REFUSED:
        set_up(lab, CLOSED)
    try:
        with lab.telnet(HOST) as session:
            _lead(session, state)
            reply = session.send(str(EXAMPLES[verb]))
            assert reply is not None
            return reply.code
    finally:
        handler.open = was_open


def _lead(session: Session, state: State) -> None:
    """Bring a session that was just greeted to a state, by the shortest way."""
    for verb in ways_from(State.GREETED).get(state, ()):
        session.send(str(EXAMPLES[verb]))
    if session.state is not state:
        raise ValueError(f"{HOST} does not let a client come to {state.name}: it answered {session.reply}")


def causes(*codes: int) -> DataFrame:
    """Provoke replies by their causes, each in a new lab, and return what came.

    Args:
        codes: provoke these, by every cause that is known for them. Without any, each of the lecture's 21 codes is
            provoked once.

    Returns:
        Index `code`, as it came. `said` is the line that was answered, empty where the server spoke unasked; then the
        text of the `reply`, the `cause`, and the `rfc` that tells of it.

    Raises:
        ValueError: if one of the codes is never given by the lab's server.
    """
    if codes:
        wanted = [cause for code in codes for cause in _causes_of(code)]
    else:
        wanted = [_causes_of(number)[0] for number, code in CODES.items() if code.lecture is not None]
    return _frame([_provoked(cause) for cause in wanted], "code")


def _causes_of(code: int) -> tuple[Cause, ...]:
    if not (found := causes_of(code)):
        raise ValueError(f"the lab's server never answers {code}")
    return found


def _provoked(cause: Cause) -> dict[str, Any]:
    reply = provoke(cause).exchanges()[-1].reply
    assert reply is not None
    return {
        "code": reply.code,
        "said": _short(printable(cause.said.encode())),
        "reply": _one_line(reply.lines),
        "cause": cause.sentence,
        "rfc": cause.rfc,
    }


# How a table is made


def _one_line(lines: Iterable[str]) -> str:
    return " / ".join(lines)


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 3]}..."


def _frame(rows: list[dict[str, Any]], *index: str, columns: Sequence[str] | None = None) -> DataFrame:
    frame: DataFrame = _pandas().DataFrame(rows, columns=columns)
    return frame.set_index([*index])


@cache
def _pandas() -> ModuleType:
    """Load pandas, and let it show whole sentences in all columns, at the left of them."""
    import pandas

    for option, (preset, better) in _PANDAS_LIMITS.items():
        if pandas.get_option(option) == preset:
            pandas.set_option(option, better)
    show_text_at_the_left()
    return pandas
