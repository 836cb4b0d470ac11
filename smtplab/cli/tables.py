"""The commands ``commands``, ``codes`` and ``faults``: print the tables on which everything runs.

A terminal gets tables that fit its width; all other outputs get plain lines in columns.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import click

from ..faults.fault import Fault, FaultError
from ..faults.grammar import grammar
from ..protocol.codes import CODES, Code, classify
from ..protocol.commands import VERBS
from . import sentences
from .frame import ExitCode, fail, sentence
from .output import echo

# Stands in an empty cell, because a screen reader skips a cell that has nothing in it.
_NOTHING = "-"

# What most people want to go wrong.
EXAMPLES = (
    "lose the 250 after the dot once",
    "cut before the 250 after the dot",
    "reply 451 to RCPT twice",
    "reply 452 to the 3rd RCPT",
    'reply 550 "no such user" to RCPT',
    "delay the greeting by 5 s",
    "reply 421 to MAIL",
    "cut after DATA",
    "one-octet writes",
    "hang after EHLO",
)

_Cells = tuple[str, ...]


@click.command()
def commands() -> None:
    """Show the commands of SMTP: how each is written, how it ranks, what it is for.

    The lecture, RFC 821 and RFC 5321 each rank them in a way of their own.
    """
    rows = [
        (verb.syntax, _NOTHING if verb.tier is None else verb.tier.value, verb.rfc821, verb.rfc5321, verb.summary)
        for verb in VERBS.values()
    ]
    _print_table(("Command", "Lecture", "RFC 821", "RFC 5321", "What it is for"), rows)


@click.command()
@click.argument("code", required=False)
def codes(code: str | None) -> None:
    """Show the reply codes of SMTP, or explain one.

    CODE is any three digits, even those of a code that nobody has defined. The exit code is 1 if no server may send it.
    """
    if code is None:
        rows = [_row(each) for each in CODES.values()]
        _print_table(("Code", "Severity", "Category", "Lecture", "Phrase"), rows)
        return
    try:
        found = classify(code)
    except ValueError as error:
        fail(sentence(error), ExitCode.USAGE)
    for line in _explanation(found):
        echo(line)
    if not 200 <= found.number <= 599:
        fail(sentences.NO_REPLY_CODE.format(code=f"{found.number:03d}"), ExitCode.REFUSED)


@click.command()
@click.argument("texts", nargs=-1, metavar="[TEXT ...]")
def faults(texts: tuple[str, ...]) -> None:
    """Show how to write what goes wrong at a host, or check it.

    Each TEXT is a fault, such as "lose the 250 after the dot once", and is shown as smtplab reads it. Without one, ten
    examples are shown, and all that can be said.
    """
    if not texts:
        echo("For example:")
        for example in EXAMPLES:
            echo(f"  {example}")
        echo("\nAll that can be said:\n")
        for line in grammar().splitlines():
            echo(line)
    for text in texts:
        try:
            echo(str(Fault.parse(text)))
        except FaultError as error:
            fail(sentence(error), ExitCode.USAGE)


def _row(code: Code) -> _Cells:
    return (
        f"{code.number:03d}",
        _NOTHING if code.severity is None else code.severity.phrase,
        _NOTHING if code.category is None else code.category.phrase,
        _NOTHING if code.lecture is None else "yes",
        code.phrase,
    )


def _explanation(code: Code) -> Iterator[str]:
    """Yield the facts about a code, one a line."""
    digits = f"{code.number:03d}"
    labels = {
        "severity": f"First digit, {digits[0]}",
        "category": f"Second digit, {digits[1]}",
        "meaning": "What it means",
        "advice": "What a client should do",
        "defined in": "Defined in",
        "class": "Its class in the lecture",
        "lecture": "In the lecture's words",
    }
    facts = {**code.facts, "class": None if code.severity is None else code.severity.lecture_phrase}
    yield str(code)
    yield from (f"{label}: {facts[name]}" for name, label in labels.items() if facts.get(name))


def _print_table(heads: _Cells, rows: Sequence[_Cells]) -> None:
    if sys.stdout.isatty():
        _print_rich(heads, rows)
        return
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _print_rich(heads: _Cells, rows: Sequence[_Cells]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)
