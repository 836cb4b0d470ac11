"""The command ``queue``: look into the queue of a mail host, running or stopped, and change it."""

from __future__ import annotations

import textwrap
import time
from pathlib import Path
from typing import Any

import click

from ..base.duration import SECOND, format_due, format_duration
from ..mta import sentences as mta_sentences
from ..mta.entry_record import read_entry
from ..mta.host_file import HostSettings
from ..mta.queue_control import ControlTable, QueueControl
from ..mta.queue_entry import QueueEntry, hop_name
from ..mta.spool_folder import SpoolInUse
from ..mta.task import run_on_disk
from ..worlds.control import ask
from . import sentences
from .frame import ExitCode, fail, one_line, require_posix, sentence
from .hosts import CONTROL, open_queue, read_config
from .output import echo

_COLUMNS = 80
# How often, and how long, a host that starts or stops is waited for, in seconds.
_PAUSE, _PATIENCE = 0.1, 15.0


# It may stand before a subcommand or behind it; `_settings` finds it.
_config = click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="The host's configuration, as `mta` takes it."
)


@click.group(invoke_without_command=True)
@_config
@click.pass_context
def queue(ctx: click.Context, config: Path | None) -> None:
    """Show the queue of a mail host, or change it.

    The host may be running or stopped. An ID is that of an entry, such as HO9VM6H1J4-1, or that of a message,
    HO9VM6H1J4, for all its entries: one for each next hop. Without a command the queue is listed.
    """
    ctx.obj = config
    if ctx.invoked_subcommand is None:
        _list(_settings(config))


def _settings(config: Path | None) -> HostSettings:
    """Return the settings in the file of `--config`, or end the command."""
    if config is None:
        raise click.UsageError(sentences.NEEDS_CONFIG)
    require_posix("queue")
    return read_config(config)


@queue.command("list")
@_config
@click.pass_obj
def list_(before: Path | None, config: Path | None) -> None:
    """List the entries: age, sender, recipients, next hop, attempts, next attempt, last result."""
    _list(_settings(config or before))


@queue.command()
@click.argument("id")
@_config
@click.pass_obj
def show(before: Path | None, config: Path | None, id: str) -> None:
    """Show an entry, what the host will do next with it, and the header section of its message."""
    answer = _ask(_settings(config or before), {"do": "show", "id": id})
    for entry, outlook in zip(_entries(answer), answer["outlook"], strict=True):
        _print_entry(entry, answer)
        _print(f"What comes next: {outlook}", indent="  ")
    echo(f"\nThe header section of the message, which has {answer['octets']} octets:\n")
    for line in answer["header"]:
        echo("  " + one_line(line) if line[:1] not in (" ", "\t") else "    " + one_line(line))


@queue.command()
@click.argument("id", nargs=-1)
@_config
@click.pass_obj
def retry(before: Path | None, config: Path | None, id: tuple[str, ...]) -> None:
    """Make entries due now, all of them without an ID; a stopped host tries them when it starts.

    Such an attempt counts: if it fails, the next one comes after the next delay of the schedule. When the host gives up
    depends on the age of the message alone.
    """
    settings = _settings(config or before)
    ids = id or tuple(entry.id for entry in _entries(_ask(settings, {"do": "list"})))
    if not ids:
        echo("no entries in the queue")
    _change(settings, "retry", ids, "is due now")


@queue.command()
@click.argument("id", nargs=-1, required=True)
@_config
@click.pass_obj
def drop(before: Path | None, config: Path | None, id: tuple[str, ...]) -> None:
    """Remove entries. Their recipients get nothing, and the sender gets no report."""
    _change(_settings(config or before), "drop", id, "was dropped")


def _change(settings: HostSettings, do: str, ids: tuple[str, ...], done: str) -> None:
    """Change entries, each once, and say so of each. Those that cannot be changed are named at the end."""
    failed: list[str] = []
    missing: list[str] = []
    changed: list[str] = []
    for each in dict.fromkeys(ids):
        answer = _answer_of(settings, {"do": do, "id": each})
        if "error" in answer:
            is_missing = answer["error"] == mta_sentences.NO_ENTRY.format(id=each)
            if not is_missing:
                failed.append(answer["error"])
            elif not any(entry_id == each or entry_id.startswith(f"{each}-") for entry_id in changed):
                missing.append(each)
            continue
        for entry in _entries(answer):
            if entry.id not in changed:
                echo(f"{entry.id} {done}")
                changed.append(entry.id)
        failed += answer["failed"]
    if missing:
        failed.append(sentences.NO_ENTRIES.format(ids=" or ".join(map(repr, missing))))
    if failed:
        fail(" ".join(sentence(each) for each in failed), ExitCode.REFUSED)


def _list(settings: HostSettings) -> None:
    answer = _ask(settings, {"do": "list"})
    entries = _entries(answer)
    count = {0: "no entries", 1: "1 entry"}.get(len(entries), f"{len(entries)} entries")
    state = "running" if answer["runs"] else "stopped"
    _print(f"{count} in the queue of {settings.hostname}, which is {state}")
    for entry in entries:
        echo()
        _print_entry(entry, answer)
        for words in dict.fromkeys(result.words for result in entry.last):
            _print(f"last result: {words}", indent="  ")


def _print_entry(entry: QueueEntry, answer: ControlTable) -> None:
    """Print an entry in a few lines, which a screen reader can read one after the other."""
    now = answer["now"]
    _print(f"{entry.id} from {entry.sender}, {_time(now - entry.arrived)} old")
    _print(f"for {', '.join(path.address for path in entry.recipients)}", indent="  ")
    _print(f"next hop {hop_name(entry.next_hop)}; {_attempts(entry, answer)}", indent="  ")


def _attempts(entry: QueueEntry, answer: ControlTable) -> str:
    """Say how many attempts have ended, and when the next one comes."""
    made = {0: "no attempt yet", 1: "1 attempt"}.get(entry.attempts, f"{entry.attempts} attempts")
    if entry.id in answer["active"]:
        return f"{made}, and one is under way"
    return f"{made}; the next one is due {format_due(entry.due - answer['now'])}"


def _time(microseconds: int) -> str:
    """Return a duration in whole seconds."""
    return format_duration(max(0, microseconds) // SECOND * SECOND)


def _print(text: str, indent: str = "") -> None:
    """Print a text in lines of at most 80 columns; a longer word, such as an address, stays whole."""
    options: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
    later = indent + "  "
    for line in textwrap.wrap(one_line(text), _COLUMNS, initial_indent=indent, subsequent_indent=later, **options):
        echo(line)


def _entries(answer: ControlTable) -> list[QueueEntry]:
    return [read_entry(record) for record in answer["entries"]]


# Ask a host that runs, or the spool of one that does not


def _ask(settings: HostSettings, request: ControlTable) -> ControlTable:
    """Return the answer to a request, or end the command if the answer is an error."""
    answer = _answer_of(settings, request)
    if "error" in answer:
        fail(sentence(answer["error"]), ExitCode.REFUSED)
    return answer


def _answer_of(settings: HostSettings, request: ControlTable) -> ControlTable:
    """Return the answer to a request, or end the command if there is none."""
    deadline = time.monotonic() + _PATIENCE
    while (answer := _answer(settings, request)) is None:
        if time.monotonic() > deadline:
            fail(sentences.HOST_BUSY.format(folder=settings.spool))
        time.sleep(_PAUSE)
    return answer


def _answer(settings: HostSettings, request: ControlTable) -> ControlTable | None:
    """Return the answer of the host, or of its spool if it does not run; None while neither can be had."""
    try:
        return ask(settings.spool / CONTROL, request)
    except (FileNotFoundError, ConnectionError):
        pass
    except TimeoutError:
        raise
    except OSError as error:  # the host of another user, or a spool that is not a folder
        fail(sentences.SPOOL_UNUSABLE.format(folder=settings.spool, reason=error.strerror))
    if not settings.spool.is_dir():  # the host has never run
        return _answer_of_nothing(request)
    try:
        spool, manager = open_queue(settings)
    except SpoolInUse:
        return None
    try:
        return run_on_disk(QueueControl(manager, runs=False).answer(request))
    finally:
        spool.close()


def _answer_of_nothing(request: ControlTable) -> ControlTable:
    if request["do"] == "list":
        return {"entries": [], "active": [], "now": 0, "runs": False}
    return {"error": mta_sentences.NO_ENTRY.format(id=request["id"])}
