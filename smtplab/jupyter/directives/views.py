"""Directives that show: the session as a picture, a table, octets or words, and the hosts with their mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...explain.inquiry import AskingExplanation
from ...lab import diagrams, tables
from ...lab.session import Session
from ...mta.directory import Directory
from ...show import style
from .. import sentences
from ..cell_result import CellError, Page, Shown
from ..notebook_state import NotebookState
from ..noted_beliefs import note_what_shows
from ..pages import state_page
from ..sentences import no_such
from .parsing import number


def state(notebook: NotebookState, argument: str) -> object:
    """Show the state of the session, and its way there."""
    figure = Shown.of(diagrams.state_machine(session := notebook.open_session(), session))
    said = f"= {notebook.standing()}"
    return Shown(f"{said}\n{figure.plain}", f"<div>{style.quiet(said)}</div>{figure.rich}")


def legal(notebook: NotebookState, argument: str) -> object:
    """List the verbs that are legal now."""
    return state_page(notebook.open_session().state)


def why(notebook: NotebookState, argument: str) -> object:
    """Explain the last reply; if the explanation asks a question, ``%answer`` answers it."""
    explained = notebook.open_session().why()
    if isinstance(explained, AskingExplanation):
        notebook.ask(explained.sheet)
    note_what_shows(explained)
    return explained


def octets(notebook: NotebookState, argument: str) -> object:
    """Show the octets of the last step, or of the last rows."""
    session = notebook.open_session()
    total = len(session.transcript)
    rows = number(argument, "rows", total) if argument else total - notebook.current.step
    view = session.octets(rows)
    return view if view.lines else "= nothing was said yet"


def transcript(notebook: NotebookState, argument: str) -> object:
    """Show the whole conversation."""
    return notebook.open_session().transcript


def ladder(notebook: NotebookState, argument: str) -> object:
    """Draw the conversation."""
    return diagrams.ladder(notebook.open_session())


def topology(notebook: NotebookState, argument: str) -> object:
    """Draw the machines, and the way of the last message among them."""
    _see(notebook, "neighbours")
    session = notebook.session
    if session is not None:
        return diagrams.topology(session)
    if not notebook.hosts:
        raise CellError(sentences.NO_TOPOLOGY)
    return diagrams.topology(notebook.lab)


def chart(notebook: NotebookState, argument: str) -> object:
    """Count the replies of the session."""
    return diagrams.reply_chart(notebook.open_session())


def table(notebook: NotebookState, argument: str) -> object:
    """Show a table by its name."""
    name = argument.lower() or ("exchanges" if notebook.session else "commands")
    if name in TABLES:
        return TABLES[name]()
    if name in TABLES_OF_SESSION:
        return TABLES_OF_SESSION[name](notebook.open_session())
    raise CellError(no_such("table", argument, [*TABLES, *TABLES_OF_SESSION]))


TABLES: Mapping[str, Callable[[], object]] = {
    "commands": tables.commands,
    "codes": tables.codes,
    "categories": tables.categories,
    "transitions": tables.transitions,
    "matrix": tables.matrix,
    "causes": tables.causes,
}
TABLES_OF_SESSION: Mapping[str, Callable[[Session], object]] = {
    "transcript": tables.transcript,
    "exchanges": tables.exchanges,
}


def hosts(notebook: NotebookState, argument: str) -> object:
    """List the hosts that telnet calls."""
    lines = dict.fromkeys(notebook.internet.host_names, "a host of the exercise")
    for host in notebook.hosts:
        directory = host.handler.directory
        domains = f"mail for {', '.join(directory.domains)}: {_names(directory)}"
        lines[host.name] = f"[{host.address}] {domains}{'' if host.up else ' (down)'}"
    if notebook.hosts:
        lines |= {own.name: f"[{own.address}] your own server" for own in notebook.lab.own_hosts}
    return Page("The hosts that telnet calls", lines)


def _names(directory: Directory) -> str:
    """Return who lives on a host, and the names that lead to other mailboxes."""
    elsewhere = [name for name in directory.names if name not in directory.mailboxes]
    groups = ", ".join(name for name in elsewhere if name not in directory.forwards)
    forwards = ", ".join(directory.forwards)
    told = [", ".join(directory.mailboxes)]
    told += [f"groups {groups}"] * bool(groups) + [f"forwards for {forwards}"] * bool(forwards)
    return "; ".join(told)


def mailboxes(notebook: NotebookState) -> list[str]:
    """Return the addresses of the mailboxes; those on the host that was called come first."""
    called = [host for host in notebook.hosts if host.name == notebook.host]
    near = {domain for host in called for domain in host.handler.directory.domains}
    return sorted(notebook.internet.mailboxes, key=lambda address: address.partition("@")[2] not in near)


def mailbox(notebook: NotebookState, argument: str) -> object:
    """Show the messages in a mailbox, or count those in each."""
    _see(notebook, "mailboxes")
    if not argument:
        kept = {name: str(len(notebook.internet.mailbox(name))) for name in mailboxes(notebook)}
        return Page("The mailboxes, and how many messages lie in each", kept)
    messages = notebook.internet.mailbox(argument)
    if not messages:
        return f"= the mailbox {argument} is empty"
    shown = [f"= message {number} of {len(messages)}\n{text}" for number, text in enumerate(messages, 1)]
    return "\n".join(text.rstrip("\n") for text in shown)


def _see(notebook: NotebookState, what: str) -> None:
    """Refuse to show the lab while the current session is with a real server."""
    if notebook.in_field:
        raise CellError(sentences.NOT_VISIBLE.format(what=what, host=notebook.host))
