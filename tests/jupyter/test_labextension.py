"""The extension that colours SMTP in JupyterLab: what it knows of SMTP is what the tables say, and it is installed."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jupyter_core.paths import jupyter_path

from smtplab.jupyter.directives import DIRECTIVES
from smtplab.jupyter.kernel import SMTPKernel
from smtplab.jupyter.notebook_state import OPENERS
from smtplab.lab.diagrams import commands_and_responses
from smtplab.protocol.commands import VERBS
from smtplab.protocol.states import TRANSITIONS, State
from smtplab.show.style import LINE_WIDTH, panel
from support.paths import ROOT

EXTENSION = ROOT / "smtplab" / "jupyter" / "labextension"
SCRIPT = (EXTENSION / "static" / "remoteEntry.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def vocabulary() -> dict[str, Any]:
    """The words in the script, by their kinds."""
    (block,) = re.findall(r"const VOCABULARY = (\{.*?\n  \});", SCRIPT, re.DOTALL)
    words: dict[str, Any] = json.loads(re.sub(r"(\w+):", r'"\1":', block).replace("'", '"'))
    return words


def test_it_knows_the_verbs_of_the_table_and_no_others(vocabulary: dict[str, Any]) -> None:
    assert vocabulary["verbs"] == list(VERBS)


def test_it_knows_what_opens_a_session(vocabulary: dict[str, Any]) -> None:
    assert vocabulary["openers"] == list(OPENERS)


def test_it_knows_the_words_before_a_path(vocabulary: dict[str, Any]) -> None:
    words = [getattr(verb.command, "word", None) for verb in VERBS.values()]
    assert vocabulary["pathWords"] == list(dict.fromkeys(filter(None, words)))


def test_it_knows_what_opens_a_message(vocabulary: dict[str, Any]) -> None:
    opening = {verb for row in TRANSITIONS.values() for verb, ways in row.items() if State.DATA in ways.values()}
    assert set(vocabulary["opensMessage"]) == opening


def test_it_knows_the_directives(vocabulary: dict[str, Any]) -> None:
    assert vocabulary["directives"] == list(DIRECTIVES)
    assert vocabulary["takesLines"] == [name for name, each in DIRECTIVES.items() if each.below(["a line"])]


def test_it_goes_by_the_names_that_the_kernel_gives_its_language() -> None:
    language = SMTPKernel.language_info
    assert f"name: '{language['codemirror_mode']}'," in SCRIPT
    assert f"MIME_TYPE = '{language['mimetype']}';" in SCRIPT
    assert f"extensions: ['{str(language['file_extension']).removeprefix('.')}']," in SCRIPT


def test_text_of_a_notebook_is_as_wide_as_that_of_our_outputs() -> None:
    assert f"max-width: {LINE_WIDTH};" in SCRIPT
    assert f'[style*="max-width: {LINE_WIDTH}"], .smtplab-figure' in SCRIPT
    assert f"max-width: {LINE_WIDTH}" in panel("text")
    assert 'class="smtplab-figure"' in commands_and_responses()._repr_html_()


def test_it_has_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    package = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    assert (package["name"], package["version"], package["license"]) == (
        project["name"],
        project["version"],
        project["license"].split(" AND ")[0],  # of the code; the content has its own
    )


@pytest.mark.parametrize("name", ["package.json", "static/remoteEntry.js"])
def test_what_is_installed_is_what_the_checkout_has(name: str) -> None:
    folders = [Path(folder) for folder in jupyter_path("labextensions", "smtplab")]
    installed = next((folder / name for folder in folders if (folder / name).is_file()), None)
    assert installed is not None, "install smtplab (pip install -e .): JupyterLab does not find its extension"
    assert installed.read_bytes() == (EXTENSION / name).read_bytes(), "install smtplab again: its extension has changed"
