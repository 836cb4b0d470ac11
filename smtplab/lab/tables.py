"""The tables of SMTP as pandas DataFrames: those of the code, those of the lecture, and those of a live server.

::

    from smtplab import tables
    tables.commands()
    tables.matrix()              # every command in every state, tried at this moment
    tables.transcript(session)

The rows come from the kernel's tables, from ``data/lecture`` and from live sessions in memory. Their order and types
are the same on every run. An empty cell holds an empty string.

The first table loads pandas. It also lifts pandas' limits of 50 characters a cell, of the columns that fit into a
terminal, and of 80 characters a line, unless you have set others, so that the sentences can be read. From then on a
notebook shows every DataFrame with its text on the left (`show.dataframes`).
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
from ..show.dataframes import OF_CODES, show_text_at_the_left
from ..transcript import printable
from . import sentences
from .deliveries import deliveries as queued_mail
from .internet import Lab
from .provoking import provoke, set_up
from .recorded import Recorded, transcript_of
from .session import Session

if TYPE_CHECKING:
    from pandas import DataFrame

# The defaults of pandas and our values: characters of a cell; columns in a terminal, where 0 means as many as fit;
# characters of a line of text, of which a laptop shows 125.
_PANDAS_LIMITS = {"display.max_colwidth": (50, None), "display.max_columns": (0, None), "display.width": (80, 125)}
_UNASKED = "(unasked)"
_LONGEST_LINE = 60  # characters of a typed line in a table


# Written tables: the lecture, the RFCs, the code


def commands() -> DataFrame:
    """Return the 14 commands as the lecture, RFC 821 and RFC 5321 have them, in the lecture's order, and EHLO.

    Returns:
        Index `verb`, as it is sent. `lecture` and `argument` are the lecture's own spelling, `tier` is its ranking of
        the command, `slip` its mistake. `rfc821` and `rfc5321` say which servers must have the command (4.5.1 of
        either RFC), `syntax` how it is written (RFC 5321 4.1.1), `purpose` what it does.
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
        Index `code`. `severity` and `category` are the meanings of the first and the second digit, `phrase` is that
        of the code, and `rfc` its section. `lecture` is the lecture's own description, empty if the code is not among
        its 21, and `slip` the mistake in it.
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
    """Return the lecture's four categories of replies, with its codes in each.

    Returns:
        Index `digit`, the first of the code. `lecture` and `rfc5321` are the two names of the class (RFC 5321 calls it
        severity). Then come the `count` of the lecture's codes, the `codes`, what the class `means`, and what a
        `client` does.
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

    A verb without a row in a state is not legal there (503). A reply without a row leaves the state as it is, and so
    does a verb with an empty `reply`. The code 421 closes the session in any state.

    Returns:
        Index `state` and `verb`; nobody types the verbs in parentheses. `reply` is the class of the code, such as 2yz,
        `next` the state that it leads to, `phase` the phase of verb and reply.
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


# What went over the wire


def transcript(source: Recorded) -> DataFrame:
    """Return a conversation, one row for each line.

    Args:
        source: a session or a transcript.

    Returns:
        Index `row`, as in ``transcript[row]``. `side` is C, S or = (not on the wire), `text` the line without CRLF,
        with control characters made visible. `state` is the state in which a line of the client was sent, or to which
        the last line of a reply led; `phase` is the phase of the line. If the conversation has times, `time` comes
        last, in seconds from its beginning.
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
    """Return the commands and replies of a conversation, one row for each reply.

    Args:
        source: a session or a transcript.

    Returns:
        Index `exchange`, from 1. `said` is the command line, or the size of the message in octets; it is empty if the
        server spoke unasked. Then come `code` (0 if there was no reply), its `severity`, the text of the `reply`, the
        states `before` and `after`, and the `phase`.
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


def deliveries(lab: Lab) -> DataFrame:
    """Return what became of the mail in the queues of a lab, one row for each entry of a queue.

    Args:
        lab: a lab whose hosts queue.

    Returns:
        Index `host` and `id`, in the order in which they were queued. `sender` and `recipients` are the envelope,
        `attempts` counts the attempts, `outcome` is delivered, failed, dropped or waits, and `hours` is the time in the
        queue, up to now if it waits. Reports that hosts have written themselves are left out.

    Raises:
        ValueError: if the lab has no queues.
    """
    now = lab.clock
    rows = [
        {
            "host": mail.host,
            "id": mail.id,
            "sender": mail.sender,
            "recipients": ", ".join(mail.recipients),
            "attempts": len(mail.attempts),
            "outcome": mail.outcome,
            "hours": round(((mail.ended or now) - mail.queued).total_seconds() / 3600, 2),
        }
        for mail in queued_mail(lab.log)
    ]
    return _frame(rows, "host", "id", columns=("host", "id", "sender", "recipients", "attempts", "outcome", "hours"))


def _said(data: bytes) -> str:
    *lines, _ = data.split(b"\r\n")
    return _short(printable(lines[0])) if len(lines) == 1 else f"{len(data)} octets of message" if lines else ""


# What a server really does

# A line for each verb that the lab's host accepts in the right state, in the order of the vocabulary.
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
    """Send every command in every state to a real server, and return the codes of its replies.

    Each cell is a session of its own with mail.lab.example, in memory. It goes to the state, sends the command with a
    valid argument (`EXAMPLES`), and records the code. The server answers 503 if the table of states does not have the
    verb in that state.

    The columns are the states in which the server waits for a command. The other states wait for none: before the
    greeting it is the server's turn, inside DATA every line belongs to the message, and at the end the connection is
    closed.

    Args:
        lab: the lab to use, with its host as you have set it: ``lab.host("mail.lab.example").handler.turns = True``
            turns a 502 into a 250. None for a new one. No mail is delivered, and the lab is left unchanged.

    Returns:
        Index `verb`, one column of codes for each state.

    Raises:
        ValueError: if the host does not let a client reach one of the states; the sentence quotes its reply.
        ConnectionLost: if the host is down.
    """
    lab = lab or Lab()
    states = [state for state in State if legal_verbs(state)]
    rows = [{"verb": verb} | {state.name: _code_of(verb, state, lab) for state in states} for verb in EXAMPLES]
    table = _frame(rows, "verb")
    table.attrs[OF_CODES] = True
    return table


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
    """Take a session that was just greeted to a state, with as few commands as possible."""
    for verb in ways_from(State.GREETED).get(state, ()):
        session.send(str(EXAMPLES[verb]))
    if session.state is not state:
        raise ValueError(sentences.STATE_OUT_OF_REACH.format(host=HOST, state=state.name, reply=session.reply))


def causes(*codes: int) -> DataFrame:
    """Provoke replies by their causes, each in a new lab, and return them.

    Args:
        codes: the codes to provoke, each by every known cause. Without codes, each of the lecture's 21 is provoked
            once.

    Returns:
        Index `code`, as the host sent it. `verb` is what was answered, as in `exchanges`; ``(unasked)`` for a reply
        that answers nothing. `said` is the line, then come the text of the `reply`, the `cause`, and its `rfc`.

    Raises:
        ValueError: if the lab's server never gives one of the codes.
    """
    if codes:
        wanted = [cause for code in codes for cause in _causes_of(code)]
    else:
        wanted = [_causes_of(number)[0] for number, code in CODES.items() if code.lecture is not None]
    return _frame([_provoked(cause) for cause in wanted], "code")


def _causes_of(code: int) -> tuple[Cause, ...]:
    if not (found := causes_of(code)):
        raise ValueError(sentences.CODE_IS_NEVER_GIVEN.format(code=code))
    return found


def _provoked(cause: Cause) -> dict[str, Any]:
    exchange = provoke(cause).exchanges()[-1]
    reply = exchange.reply
    assert reply is not None
    return {
        "code": reply.code,
        "verb": exchange.verb or _UNASKED,
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
    """Load pandas, and set it to show whole sentences in all columns, aligned on the left."""
    import pandas

    for option, (preset, better) in _PANDAS_LIMITS.items():
        if pandas.get_option(option) == preset:
            pandas.set_option(option, better)
    show_text_at_the_left()
    return pandas
