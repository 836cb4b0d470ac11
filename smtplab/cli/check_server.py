"""The command ``check-server``: run a mail server of any language against the rules of SMTP."""

from __future__ import annotations

from pathlib import Path

import click

from ..client.outcomes import ClientError
from ..protocol.grammar import Path as MailPath
from ..protocol.replies import LocalProtocolError
from . import sentences
from .frame import ExitCode, fail, seconds, sentence
from .reach import check_host


@click.command("check-server")
@click.argument("host")
@click.argument("port", type=click.IntRange(1, 65535))
@click.option(
    "--maildir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The Maildir in which the server keeps mail, or the folder of its Maildirs.",
)
@click.option(
    "--mailbox",
    default="alice@lab.example",
    metavar="ADDRESS",
    help="An address that the server takes mail for; alice@lab.example by default.",
)
@click.option("--all", "goes_on", is_flag=True, help="Go on after a stage that fails.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the report as a page, too."
)
@click.option("--timeout", type=seconds, default=3, metavar="SECONDS", help="How long a reply may take; 3 by default.")
@click.option("--allow-remote", is_flag=True, help="Check a server on another machine, which must be yours.")
def check_server(
    host: str,
    port: int,
    maildir: Path | None,
    mailbox: str,
    goes_on: bool,
    as_json: bool,
    html: Path | None,
    timeout: float,
    allow_remote: bool,
) -> int:
    """Check a mail server against the rules of SMTP, stage by stage.

    The server at HOST and PORT gets commands, pieces of commands and messages, in many sessions. The run stops after
    the first stage with a rule that fails, and tells what was expected, what came, and what to look at.

    Mail is sent to the address of --mailbox. What the server stores is looked at if --maildir names the folder.

    The exit code is 0 if every rule holds, 1 if one fails, 3 if nothing listens there.
    """
    from ..conformance.servers.server_rules import ServerCheck
    from ..conformance.servers.tcp_peer import TcpPeer, may_be_maildir
    from .conformance import ConformanceScreen

    try:
        MailPath.parse(mailbox, strict=False)
    except LocalProtocolError as error:
        fail(sentences.NOT_A_MAILBOX.format(value=mailbox, reason=error), ExitCode.USAGE)
    check_host(host, port, allow_remote=allow_remote, purpose="you check it")
    if maildir is not None and not may_be_maildir(maildir):
        told = sentences.NOT_A_MAILDIR if maildir.is_dir() else sentences.NO_MAILDIR
        fail(told.format(folder=maildir, new=maildir / "new"), ExitCode.USAGE)
    peer = TcpPeer(host, port, patience=timeout, maildir=maildir, allow_remote=allow_remote)
    check = ServerCheck(peer, mailbox)
    screen = ConformanceScreen(lambda complete: check.report(complete=complete), as_json=as_json, page=html)
    try:
        return screen.show(check.run(all=goes_on))
    except ClientError as error:
        fail(sentence(error))
