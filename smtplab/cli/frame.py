"""The frame of all commands: the table of commands, the exit codes, and how a command fails.

A command succeeds by returning, and fails by calling `fail` with one plain sentence. Only `run` prints it.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from importlib import import_module
from typing import NamedTuple, NoReturn

import click

from ..base.nearest import nearest
from ..base.printed import sentence as sentence
from . import sentences
from .output import complain, echo, open_missing_streams, print_no_more

# The longest wait, in seconds; every clock and every system call can handle it.
_DAY = 86400

# The file of a host where no argument may be, in the sentence of `click`.
_LOOSE_CONFIG = re.compile(r"\.toml[')]")


class ExitCode(IntEnum):
    """The meaning of the exit code of ``smtplab``."""

    DONE = 0
    REFUSED = 1  # the server refused, or checks failed; the sentence names the reply or the rule
    USAGE = 2  # the command line itself is wrong
    ENVIRONMENT = 3  # the machine or the connection is at fault
    INTERRUPTED = 130  # Ctrl-C: 128 and the number of SIGINT, as in shells


class CommandError(Exception):
    """A command failed. It has one sentence for the user and the exit code."""

    def __init__(self, sentence: str, code: ExitCode) -> None:
        super().__init__(sentence)
        self.code = code


def fail(sentence: str, code: ExitCode = ExitCode.ENVIRONMENT) -> NoReturn:
    """End the command with `sentence` on standard error and the exit code `code`."""
    raise CommandError(sentence, code)


def reason_of(error: OSError) -> str:
    """Return why a folder cannot be made or written, in the words of the system or, of a file there, in better ones."""
    return "it is a file" if isinstance(error, FileExistsError) else str(error.strerror)


def require_posix(command: str) -> None:
    """End a command that waits for a terminal, a signal or a file as only POSIX systems do, if this is another one."""
    if os.name == "nt":
        fail(sentences.NEEDS_POSIX.format(command=command))


def one_line(text: str) -> str:
    """Return a text in one line and without characters that move the cursor, because a server may have written it.

    Octets that are not UTF-8 are shown as in a transcript: ``\\xff``.
    """
    from ..protocol.diagnosis import with_octets

    words = " ".join(text.split())
    return with_octets("".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in words))


def seconds(value: str | float) -> float:
    """Read the seconds of an option that says how long to wait: above 0, and at most a day."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 < number <= _DAY:  # NaN is in no range
        raise click.BadParameter(sentences.NOT_SECONDS.format(value=value, most=_DAY))
    return number


class CommandEntry(NamedTuple):
    """One command: the module of this package that holds it under its name, and its line in the help.

    A hyphen in the name of a command is an underscore in that of its function.
    """

    module: str
    summary: str


# In the order of the help. The summary is also the first sentence of the command's own help; a test holds
# the two together.
COMMANDS: Mapping[str, CommandEntry] = {
    "start": CommandEntry("course", "Copy the course into a folder and open JupyterLab on it."),
    "reset": CommandEntry("course", "Give one notebook back as it was delivered."),
    "submit": CommandEntry("submit", "Pack an exercise into a zip to hand in, and say what is missing in it."),
    "lite": CommandEntry("lite", "Make the course a site that runs in a browser, with nothing installed there."),
    "doctor": CommandEntry("course", "Say what is wrong with this installation, and how to fix it."),
    "serve": CommandEntry("server", "Run a mail server until Ctrl-C."),
    "mta": CommandEntry("mta", "Run a whole mail host from a configuration file until Ctrl-C."),
    "queue": CommandEntry("queue", "Show the queue of a mail host, or change it."),
    "send": CommandEntry("mail", "Deliver one message to a server, and print the conversation."),
    "talk": CommandEntry("talk", "Hold a conversation with a server by hand, as with telnet."),
    "transcript": CommandEntry(
        "transcript", "Show a session that was copied into a file, and explain each refusal in it."
    ),
    "simulate": CommandEntry("simulate", "Run a scenario of mail hosts on a virtual clock."),
    "check-server": CommandEntry("check_server", "Check a mail server against the rules of SMTP, stage by stage."),
    "check-client": CommandEntry("check_client", "Check a mail client against the rules of SMTP, stage by stage."),
    "commands": CommandEntry("tables", "Show the commands of SMTP: how each is written, how it ranks, what it is for."),
    "codes": CommandEntry("tables", "Show the reply codes of SMTP, or explain one."),
    "faults": CommandEntry("tables", "Show how to write what goes wrong at a host, or check it."),
    "release": CommandEntry(
        "instructor", "Make the students' notebooks from yours: without solutions, hidden tests and outputs."
    ),
    "roster": CommandEntry(
        "roster", "Make the table of a class, roster.csv, from tables of Moodle, Canvas or a spreadsheet."
    ),
    "grade": CommandEntry(
        "grade", "Grade what a class handed in: run each notebook inside a border, and judge it outside."
    ),
    "feedback": CommandEntry("feedback", "Release the students' feedback pages, after you have looked at the results."),
    "purge": CommandEntry(
        "purge", "Remove a class from a course folder: what was handed in, its grades, and the roster."
    ),
    "site": CommandEntry("site", "Build the course as static pages: tutorials, exercises, slides and reference."),
    "new-exercise": CommandEntry("instructor", "Make a new exercise in a copy of the repository, to be changed."),
}


class LazyGroup(click.Group):
    """A group that reads its commands from `COMMANDS` and imports a command's module only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None if there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"{__package__}.{COMMANDS[cmd_name].module}"), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that a command line names; if there is none, the error names the nearest one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = nearest(args[0].lower(), COMMANDS)
            meant = sentences.DID_YOU_MEAN.format(name=near) if near else ""
            ctx.fail(sentences.NO_COMMAND.format(name=args[0], meant=meant))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            echo(f"smtplab {version('smtplab')}")
        except PackageNotFoundError:
            echo("smtplab, run from a folder without being installed")
        ctx.exit()


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version.",
)
@click.pass_context
def smtplab(ctx: click.Context) -> None:
    """Learn SMTP by holding the conversation."""
    if ctx.invoked_subcommand is None:
        echo(ctx.get_help())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; an error is one sentence on standard error."""
    open_missing_streams()
    try:
        code = smtplab.main(arguments, prog_name="smtplab", standalone_mode=False)
    except CommandError as error:
        return _sorry(str(error), error.code)
    except click.UsageError as error:
        return _sorry(_usage(error), ExitCode.USAGE)
    except SystemExit:  # so click ends if the reader of the help has gone, as `head` does
        print_no_more()
        return ExitCode.DONE
    except click.Abort:
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        return _sorry(error.format_message(), ExitCode.ENVIRONMENT)
    except OSError as error:
        what = error.strerror or str(error) or type(error).__name__
        named = sentences.SYSTEM_ERROR.format(file=error.filename, reason=what)
        return _sorry(named if error.filename else sentence(what), ExitCode.ENVIRONMENT)
    return code if isinstance(code, int) else ExitCode.DONE


def _usage(error: click.UsageError) -> str:
    """Return the sentence about a wrong command line, and where to read how it is right."""
    message = error.format_message().rstrip(".")
    if error.ctx is None:
        return sentences.SEE_HELP.format(message=message, command="smtplab")
    takes_config = any(option.name == "config" for option in error.ctx.command.params)
    if takes_config and _LOOSE_CONFIG.search(message):
        message = sentences.CONFIG_MEANT.format(message=message.partition(". ")[0])
    template = sentences.SEE_HELP_AFTER if message.endswith("?") else sentences.SEE_HELP
    return template.format(message=message, command=error.ctx.command_path)


def _sorry(text: str, code: ExitCode) -> ExitCode:
    complain(one_line(text))
    return code
