"""The reference has all that the tables have, and says of each what the table says."""

import inspect
from html import unescape

import click
import pytest

import smtplab
from smtplab.cli.frame import COMMANDS
from smtplab.cli.frame import smtplab as group
from smtplab.jupyter.directives import DIRECTIVES
from smtplab.jupyter.pages import code_page, verb_page
from smtplab.protocol.codes import CODES
from smtplab.protocol.commands import VERBS
from smtplab.protocol.states import State
from smtplab.site.reference import REFERENCE_PAGES, reference_pages

PAGES = {name.partition("/")[2]: text for name, text in reference_pages(group).items()}


def test_every_page_is_made_and_has_a_title() -> None:
    assert tuple(PAGES) == REFERENCE_PAGES
    assert all(text.startswith(("# ", "Library\n====")) for text in PAGES.values())


@pytest.mark.parametrize("number", CODES)
def test_every_reply_code_has_its_section_with_all_its_facts(number: int) -> None:
    text = unescape(PAGES["reply-codes.md"])
    assert f"(code-{number})=\n## {number} " in text
    section = text.partition(f"(code-{number})=\n")[2].partition("\n(code-")[0].replace("<code>", "`")
    assert all(
        fact.replace("`", "") in section.replace("`", "").replace("</code>", "")
        for fact in code_page(number).lines.values()
    )


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_has_its_section(verb: str) -> None:
    text = unescape(PAGES["commands.md"])
    assert f"(command-{verb.lower()})=\n## {verb}\n" in text
    assert all(name in text for name in verb_page(VERBS[verb]).lines)


def test_every_state_has_its_section() -> None:
    assert all(f"(state-{state.name.lower()})=" in PAGES["commands.md"] for state in State)


@pytest.mark.parametrize("name", DIRECTIVES)
def test_every_directive_stands_in_the_table_with_its_summary(name: str) -> None:
    rows = [line.replace("\\", "") for line in PAGES["directives.md"].splitlines()]
    directive = DIRECTIVES[name]
    assert f"| `{directive.syntax}` | {directive.summary} |".replace("\\", "") in rows


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_line_has_its_section_with_all_its_options(name: str) -> None:
    section = PAGES["command-line.md"].partition(f"(smtplab-{name})=\n")[2].partition("\n(smtplab-")[0]
    command = group.get_command(click.Context(group), name)
    assert command is not None
    options = [option for each in command.params if isinstance(each, click.Option) for option in each.opts]
    assert section
    assert all(option in section for option in options)


def test_every_public_name_is_documented_and_by_its_docstring() -> None:
    text = PAGES["library.rst"]
    for name in set(smtplab.__all__) - {"__version__"}:
        value = getattr(smtplab, name)
        full = value.__name__ if inspect.ismodule(value) else f"smtplab.{name}"
        assert f":: {full}\n" in text, name


def test_the_functions_of_a_module_are_its_own() -> None:
    (line,) = [line for line in PAGES["library.rst"].splitlines() if "state_machine" in line]
    assert line.startswith("   :members: ")
    assert "Severity" not in line
