"""The command ``check-client``: try a mail client of any language with servers that behave in many ways."""

from __future__ import annotations

from pathlib import Path

import click

from . import sentences
from .frame import ExitCode, fail, require_posix


@click.command("check-client")
@click.option(
    "--cmd",
    "command",
    required=True,
    metavar="COMMAND",
    help="The command line; {host} {port} {from} {to} {file} and {timeout} are filled in.",
)
@click.option("--all", "goes_on", is_flag=True, help="Go on after a stage that fails.")
@click.option("--unix", is_flag=True, help="Give it a file whose lines end in LF, as Unix keeps text, not in CRLF.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the report as a page, too."
)
def check_client(command: str, goes_on: bool, unix: bool, as_json: bool, html: Path | None) -> int:
    """Check a mail client against the rules of SMTP, stage by stage.

    The client is started again and again, each time with a server on this machine that behaves in another way: it
    answers octet by octet, or in several lines, refuses, is silent, closes. It is to send the message in {file} from
    {from} to {to}, once, to {host} and {port}, and to end with exit code 0 only if the message was accepted. Without
    {timeout}, which is in seconds, it is not tried with a silent server.

    The run stops after the first stage with a rule that fails, and tells what was expected, what came, and what to
    look at. A program that does not end is stopped, with all that it has started.

    The exit code is 0 if every rule holds, 1 if one fails, 3 if the program cannot be started.
    """
    from ..conformance.clients.client_run import ClientRun
    from ..conformance.clients.program_client import ProgramClient
    from .conformance import ConformanceScreen

    require_posix("check-client")
    if "{port}" not in command:
        fail(sentences.NO_PORT_IN_COMMAND, ExitCode.USAGE)
    try:
        run = ClientRun(ProgramClient(command, unix_file=unix))
    except ValueError as error:
        fail(sentences.NOT_A_COMMAND.format(reason=error), ExitCode.USAGE)
    screen = ConformanceScreen(lambda complete: run.report(complete=complete), as_json=as_json, page=html)
    try:
        return screen.show(run.run(all=goes_on))
    except OSError as error:
        fail(sentences.NOT_STARTED.format(program=command.split()[0], reason=error.strerror))
