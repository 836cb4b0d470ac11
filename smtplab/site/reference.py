"""The pages of the reference, made from tables and docstrings: no fact stands here.

Commands, codes, extensions and states have the pages of ``%help``; directives come from their table, options from
`click`, and the library from the docstrings of the public names. The text is Markdown in Sphinx's dialect, MyST, and
for the library reStructuredText, which is what docstrings are written in.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from types import ModuleType

import click

from ..jupyter.cell_result import Page
from ..jupyter.directives import DIRECTIVES, HOW
from ..jupyter.pages import code_page, page_of, state_page, verb_page
from ..protocol.codes import CODES
from ..protocol.commands import VERBS
from ..protocol.extensions import EXTENSIONS
from ..protocol.states import State
from ..show.style import escape

REFERENCE = "reference"
REFERENCE_PAGES = ("commands.md", "reply-codes.md", "directives.md", "command-line.md", "library.rst")
_CODE = re.compile(r"`([^`]+)`")


def reference_pages(commands: click.Group) -> dict[str, str]:
    """Return the pages of the reference, by the names of their files in the site's source.

    Args:
        commands: the command line.
    """
    texts = (commands_page(), codes_page(), directives_page(), command_line_page(commands), library_page())
    return {f"{REFERENCE}/{name}": text for name, text in zip(REFERENCE_PAGES, texts, strict=True)}


# SMTP


def commands_page() -> str:
    """Return the page of the commands of SMTP, of the extensions and of the states."""
    verbs = list(VERBS.values())
    overview = _table(
        ("Command", "What it is for", "RFC 5321"),
        ([_link(f"`{verb.name}`", f"command-{verb.name}"), _text(verb.summary), _text(verb.rfc5321)] for verb in verbs),
    )
    sections = [_section(verb_page(verb), f"command-{verb.name}") for verb in verbs]
    extensions = [page for name in EXTENSIONS if name not in VERBS and (page := page_of(name)) is not None]
    return _joined(
        "# Commands",
        "The commands of SMTP, what each is for, and when it may come.",
        overview,
        *sections,
        "## States",
        "Where a session stands decides which commands may come.",
        *(_section(state_page(state), f"state-{state.name}", level=3) for state in State),
        "## Extensions",
        "What a server may offer in its reply to EHLO.",
        *(_section(page, f"extension-{page.title.partition(',')[0]}", level=3) for page in extensions),
    )


def codes_page() -> str:
    """Return the page of the reply codes."""
    codes = list(CODES.values())
    rows = (
        [_link(str(each.number), f"code-{each.number}"), _text(each.phrase), _severity(each.severity)] for each in codes
    )
    return _joined(
        "# Reply codes",
        "What a server answers: three digits for programs, and a text for people.",
        _table(("Code", "Phrase", "Severity"), rows),
        *(_section(code_page(each.number), f"code-{each.number}") for each in codes),
    )


def _severity(severity: object) -> str:
    return _text(str(getattr(severity, "phrase", "")))


def directives_page() -> str:
    """Return the page of the directives of the SMTP kernel."""
    rows = ([f"`{each.syntax}`", _text(each.summary)] for each in DIRECTIVES.values())
    return _joined(
        "# The SMTP kernel",
        "What a cell of the SMTP kernel may hold.",
        _definitions(HOW),
        "## Directives",
        "A line that begins with `%` goes to the notebook, not to the server.",
        _table(("Directive", "What it does"), rows),
    )


# The command line


def command_line_page(commands: click.Group) -> str:
    """Return the page of the command line, made from its own help."""
    with click.Context(commands, info_name="smtplab") as parent:
        names = commands.list_commands(parent)
        found = {name: commands.get_command(parent, name) for name in names}
        there = {name: command for name, command in found.items() if command is not None}
        rows = (
            [_link(f"`smtplab {name}`", f"smtplab-{name}"), _text(_summary(command))] for name, command in there.items()
        )
        return _joined(
            "# Command line",
            _table(("Command", "What it does"), rows),
            *(_command_section(name, command, parent) for name, command in there.items()),
        )


def _summary(command: click.Command) -> str:
    return " ".join(inspect.cleandoc(command.help or "").split("\n\n")[0].split())


def _command_section(name: str, command: click.Command, parent: click.Context) -> str:
    with click.Context(command, info_name=name, parent=parent) as context:
        usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
        found = [record for each in command.get_params(context) if (record := each.get_help_record(context))]
        records = [record for record in found if record[1]]  # arguments are told in the paragraphs
        inner = command if isinstance(command, click.Group) else None
        more = [] if inner is None else [(key, _summary(each)) for key, each in _subcommands(inner, context)]
        paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
        return _joined(
            f"(smtplab-{name})=\n## smtplab {name}",
            f"```text\n{usage}\n```",
            *(_paragraph(each) for each in paragraphs),
            _definitions(dict(records)),
            _definitions(dict(more)) if more else "",
        )


def _subcommands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        if (command := group.get_command(context, name)) is not None:
            yield name, command


def _paragraph(text: str) -> str:
    """Return a paragraph of a help text; one that begins with a backspace keeps its lines, as click has it."""
    if text.startswith("\b"):
        lines = text.lstrip("\b\n")
        return f"```text\n{lines}\n```"
    return _text(" ".join(text.split()))


# The library


def library_page() -> str:
    """Return the page of the public names of `smtplab`, from their docstrings."""
    package = import_module("smtplab")  # the public names: what stands above all rooms is looked at, and not used
    names = sorted((name for name in package.__all__ if name != "__version__"), key=str.lower)
    values = {name: getattr(package, name) for name in names}
    groups: Mapping[str, Callable[[object], bool]] = {
        "Functions": lambda value: callable(value) and not inspect.isclass(value),
        "Classes": lambda value: inspect.isclass(value) and not issubclass(value, Exception),
        "Errors": lambda value: inspect.isclass(value) and issubclass(value, Exception),
        "Modules": inspect.ismodule,
        "Objects": lambda value: not (callable(value) or inspect.ismodule(value)),
    }
    parts = [
        _joined(_underlined(heading, "-"), *(_documented(name, value) for name, value in values.items() if fits(value)))
        for heading, fits in groups.items()
        if any(map(fits, values.values()))
    ]
    return _joined(
        _underlined("Library", "="),
        "What ``import smtplab`` gives.",
        *parts,
    )


def _underlined(heading: str, line: str) -> str:
    return f"{heading}\n{line * len(heading)}"


def _documented(name: str, value: object) -> str:
    """Return the directive with which Sphinx documents a public name."""
    if inspect.isclass(value):
        kind = "autoexception" if issubclass(value, Exception) else "autoclass"
        return f".. {kind}:: smtplab.{name}\n   :members:"
    if isinstance(value, ModuleType):
        return f".. automodule:: {value.__name__}\n   :members: {', '.join(_functions_of(value))}"
    if inspect.isfunction(value):
        return f".. autofunction:: smtplab.{name}"
    text = "\n".join(f"   {line}".rstrip() for line in (inspect.getdoc(value) or "").split("\n"))
    return f".. py:data:: smtplab.{name}\n\n{text}"


def _functions_of(module: ModuleType) -> list[str]:
    """Return the public functions that a module defines, or a package takes in from its modules."""
    found = inspect.getmembers(module, inspect.isfunction)
    return [name for name, value in found if name[0] != "_" and value.__module__.startswith(module.__name__)]


# Markdown


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(page: Page, anchor: str, *, level: int = 2) -> str:
    """Return a page of ``%help`` as a section with an anchor."""
    return _joined(f"({anchor.lower()})=\n{'#' * level} {_text(page.title)}", _definitions(page.lines))


def _link(text: str, anchor: str) -> str:
    """Return a link to a section of the same page as Markdown."""
    return f"[{text}](#{anchor.lower()})"


def _text(text: str) -> str:
    """Return plain text as Markdown; what stands between backticks is code."""
    pieces = _CODE.split(text)
    return "".join(f"`{each}`" if at % 2 else _escaped(each) for at, each in enumerate(pieces))


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_\[\]<>#{}~$])", r"\\\1", text)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _definitions(lines: Mapping[str, str]) -> str:
    """Return names and texts as an HTML list, which needs no escapes of Markdown."""
    if not lines:
        return ""
    rows = "".join(f"<dt>{_html(name)}</dt><dd>{_html(text)}</dd>" for name, text in lines.items())
    return f'<dl class="facts">{rows}</dl>'


def _html(text: str) -> str:
    pieces = _CODE.split(text)
    return "".join(f"<code>{escape(each)}</code>" if at % 2 else escape(each) for at, each in enumerate(pieces))
