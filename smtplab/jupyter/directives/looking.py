"""What directives show: the session as a picture, a table, octets or words, and the hosts with their mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...lab import diagrams, style, tables
from ...lab.session import Session
from ..cell_result import CellError, Page, Shown
from ..pages import state_page
from .parsing import no_such, number

if TYPE_CHECKING:
    from ..engine import Engine


def state(engine: Engine, argument: str) -> object:
    """Show where the session is, and the way it has come."""
    figure = Shown.of(diagrams.state_machine(session := engine.open_session(), session))
    said = f"= {engine.standing()}"
    return Shown(f"{said}\n{figure.plain}", f"<div>{style.quiet(said)}</div>{figure.rich}")


def legal(engine: Engine, argument: str) -> object:
    """List the verbs that may come now."""
    return state_page(engine.open_session().state)


def why(engine: Engine, argument: str) -> object:
    """Explain the last reply."""
    return engine.open_session().why()


def octets(engine: Engine, argument: str) -> object:
    """Show octets: those of the last step, or of as many rows as the argument says."""
    session = engine.open_session()
    total = len(session.transcript)
    rows = number(argument, "rows", total) if argument else total - engine.current.step
    view = session.octets(rows)
    return view if view.lines else "= nothing was said yet"


def transcript(engine: Engine, argument: str) -> object:
    """Show the whole conversation."""
    return str(engine.open_session().transcript)


def ladder(engine: Engine, argument: str) -> object:
    """Draw the conversation."""
    return diagrams.ladder(engine.open_session())


def topology(engine: Engine, argument: str) -> object:
    """Draw the machines, and the way of the last message among them."""
    _see(engine, "neighbours")
    session = engine.session
    if session is not None:
        return diagrams.topology(session)
    if not engine.hosts:
        raise CellError("a topology is drawn of the lab; of the hosts of an exercise the names alone are known")
    return diagrams.topology(engine.lab)


def chart(engine: Engine, argument: str) -> object:
    """Count the replies of the session."""
    return diagrams.reply_chart(engine.open_session())


def table(engine: Engine, argument: str) -> object:
    """Show a table by its name."""
    name = argument.lower() or ("exchanges" if engine.session else "commands")
    if name in TABLES:
        return TABLES[name]()
    if name in TABLES_OF_SESSION:
        return TABLES_OF_SESSION[name](engine.open_session())
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


def hosts(engine: Engine, argument: str) -> object:
    """List the hosts that telnet calls."""
    lines = dict.fromkeys(engine.internet.host_names, "a host of the exercise")
    for host in engine.hosts:
        directory = host.handler.directory
        domains = f"mail for {', '.join(directory.domains)}: {', '.join(directory.names)}"
        lines[host.name] = f"[{host.address}] {domains}{'' if host.up else ' (down)'}"
    return Page("The hosts that telnet calls", lines)


def mailboxes(engine: Engine) -> list[str]:
    """Return the addresses of the mailboxes; in the lab those on the host that was called come first."""
    called = [host for host in engine.hosts if host.name == engine.host]
    near = {domain for host in called for domain in host.handler.directory.domains}
    return sorted(engine.internet.mailboxes, key=lambda address: address.partition("@")[2] not in near)


def mailbox(engine: Engine, argument: str) -> object:
    """Show the messages in a mailbox, or count those in each."""
    _see(engine, "mailboxes")
    if not argument:
        kept = {name: str(len(engine.internet.mailbox(name))) for name in mailboxes(engine)}
        return Page("The mailboxes, and how many messages lie in each", kept)
    messages = engine.internet.mailbox(argument)
    if not messages:
        return f"= the mailbox {argument} is empty"
    shown = [f"= message {number} of {len(messages)}\n{text}" for number, text in enumerate(messages, 1)]
    return "\n".join(text.rstrip("\n") for text in shown)


def _see(engine: Engine, what: str) -> None:
    """Refuse to show the lab where the session in use is with a real server."""
    if engine.in_field:
        elsewhere = "%switch uses another session, as does a telnet to a host of the lab"
        raise CellError(f"the {what} of a real server, such as {engine.host}, cannot be seen from here; {elsewhere}")
