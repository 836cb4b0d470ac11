"""JupyterLab in a browser, and a notebook in it, as a test drives them.

Every step waits on a promise of JupyterLab's own or on something that appears, for no fixed time.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from support.lab_server import LabServer

# The variable that names the folder for pictures; without it none are taken.
SCREENSHOTS = "SMTPLAB_SCREENSHOTS"
ThemeName = Literal["light", "dark"]
THEMES: dict[ThemeName, str] = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
SECONDS = 60.0  # for one step, on a busy machine
# The cells in which exercises ask whose they are, and how they are filled in.
_SIGNED = 'from smtplab import student_id\n\nstudent = student_id("{}")'
_SIGNATURES = {_SIGNED.format(""): _SIGNED, "%student": "%student {}"}

_WITHIN = """
([argument, seconds]) => Promise.race([
  (%s)(argument),
  new Promise((_, reject) => setTimeout(() => reject(new Error(`not done within ${seconds} s`)), seconds * 1000)),
])
"""
_START = """
async () => {
  await window.jupyterapp.started;
  await window.jupyterapp.restored;
}
"""
_COMMAND = """
async ([name, given]) => {
  await window.jupyterapp.commands.execute(name, given);
}
"""
_OPEN = """
async (path) => {
  const panel = await window.jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'});
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
  await panel.revealed;
  return panel.id;
}
"""
_CLOSE_ALL = """
async () => {
  for (const widget of [...window.jupyterapp.shell.widgets('main')]) {
    await widget.sessionContext?.shutdown();
    widget.dispose();
  }
}
"""
_IN_NOTEBOOK = """
async ([id, argument]) => {
  const panel = [...window.jupyterapp.shell.widgets('main')].find((widget) => widget.id === id);
  const codeCells = panel.content.widgets.filter((cell) => cell.model.type === 'code');
  return await (%s)({panel, codeCells}, argument);
}
"""
_RUN_ALL = """
async ({panel}) => {
  window.jupyterapp.shell.activateById(panel.id);
  await window.jupyterapp.commands.execute('notebook:run-all-cells');
  // JupyterLab goes on behind a cell that may fail, but does not wait for the others; the kernel answers in order.
  await panel.sessionContext.session.kernel.requestKernelInfo();
}
"""
_START_CELL = """
({panel, codeCells}, number) => {
  window.jupyterapp.shell.activateById(panel.id);
  panel.content.activeCellIndex = panel.content.widgets.indexOf(codeCells[number]);
  panel.content.deselectAll();
  window.runningCell = window.jupyterapp.commands.execute('notebook:run-cell');
}
"""
_RESULTS = """
({codeCells}) => codeCells.map((cell) => [
  cell.model.sharedModel.source, cell.model.executionCount, cell.model.outputs.toJSON(),
  cell.model.getMetadata('tags') ?? [],
])
"""


class Result(NamedTuple):
    """A code cell: its source, its number once it has run, its outputs as a notebook file has them, and its tags."""

    source: str
    count: int | None
    outputs: list[dict[str, Any]]
    tags: list[str]

    @property
    def errors(self) -> list[str]:
        """What went wrong in the cell: each exception, and each text on standard error."""
        failed = [f"{out['ename']}: {out['evalue']}" for out in self.outputs if out["output_type"] == "error"]
        return failed + [_joined(out["text"]) for out in self.outputs if out.get("name") == "stderr"]

    @property
    def text(self) -> str:
        """The outputs as plain text, one below the other."""
        forms = (out.get("text", out.get("data", {}).get("text/plain", "")) for out in self.outputs)
        return "\n".join(_joined(form).rstrip("\n") for form in forms)


def _joined(form: str | list[str]) -> str:
    return form if isinstance(form, str) else "".join(form)


class LabPage:
    """JupyterLab in one page of a browser; `page` is Playwright's own, for what has no method here."""

    def __init__(self, page: Page, server: LabServer) -> None:
        """Load JupyterLab into `page` and wait until it has started."""
        self.page = page
        self.server = server
        page.goto(f"{server.url}/lab/workspaces/test")
        page.wait_for_function("() => window.jupyterapp && window.jupyterapp.started", timeout=SECONDS * 1000)
        self.evaluate(_START)
        if not self.evaluate("() => window.jupyterapp.shell.leftCollapsed"):
            self.command("application:toggle-left-area")

    def evaluate(self, script: str, argument: Any = None, *, seconds: float = SECONDS) -> Any:
        """Return what the JavaScript function `script` gives for `argument`, or resolves to within so many seconds."""
        return self.page.evaluate(_WITHIN % script, [argument, seconds])

    def command(self, name: str, **given: Any) -> None:
        """Run one of JupyterLab's commands, such as ``notebook:interrupt-kernel``, and wait until it is done."""
        self.evaluate(_COMMAND, [name, given])

    def open(self, path: str) -> NotebookPage:
        """Open a notebook of the student's folder, such as ``exercises/01-title.ipynb``, and wait for its kernel."""
        return NotebookPage(self, self.evaluate(_OPEN, path, seconds=2 * SECONDS))

    def new(self, *cells: str, kernel: str = "python3") -> NotebookPage:
        """Write a notebook with these code cells, none of them run, and open it with the kernel of that name."""
        notebook = {
            "cells": [
                {"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "source": source}
                | {"execution_count": None, "outputs": []}
                for number, source in enumerate(cells)
            ],
            "metadata": {"kernelspec": {"display_name": kernel, "name": kernel}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        name = "written-by-a-test.ipynb"
        (self.server.folder / name).write_text(json.dumps(notebook), encoding="utf-8")
        return self.open(name)

    def theme(self, name: ThemeName) -> None:
        """Switch to the light or the dark theme, and wait until the page wears it."""
        self.command("apputils:change-theme", theme=THEMES[name])
        self.page.wait_for_function("(name) => document.body.dataset.jpThemeName === name", arg=THEMES[name])
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def close_all(self) -> None:
        """Leave nothing open: no dialog, no document, no kernel. What was changed is not saved."""
        while (dialogs := self.page.locator(".jp-Dialog")).count():
            dialogs.last.press("Escape")
        self.evaluate(_CLOSE_ALL)

    def screenshot(self, name: str) -> None:
        """Take a picture of the window as ``name.png`` in the folder that the variable `SCREENSHOTS` names, if any."""
        if folder := os.environ.get(SCREENSHOTS):
            self.page.screenshot(path=Path(folder) / f"{name}.png")


class NotebookPage:
    """A notebook that is open in JupyterLab, with its kernel ready; `lab` is the page around it.

    Code cells are counted from 0, text cells left out.
    """

    def __init__(self, lab: LabPage, identity: str) -> None:
        """Take the notebook whose panel has the id `identity`."""
        self.lab = lab
        self.root = lab.page.locator(f"[id='{identity}']")
        self._identity = identity

    def evaluate(self, script: str, argument: Any = None, *, seconds: float = SECONDS) -> Any:
        """Return what the JavaScript function `script` gives, or resolves to within so many seconds.

        It is called with ``{panel, codeCells}``, JupyterLab's own objects, and `argument`.
        """
        return self.lab.evaluate(_IN_NOTEBOOK % script, [self._identity, argument], seconds=seconds)

    def run_all(self, *, seconds: float = SECONDS) -> list[Result]:
        """Run all cells, until the last has run or one has failed that should not.

        Returns:
            What became of each code cell.
        """
        self.evaluate(_RUN_ALL, seconds=seconds)
        return self.results()

    def run(self, number: int, *, seconds: float = SECONDS) -> Result:
        """Run one code cell and return what became of it."""
        self.start(number)
        self.evaluate("() => window.runningCell", seconds=seconds)
        return self.results()[number]

    def start(self, number: int) -> None:
        """Begin to run one code cell; ``window.runningCell`` is the promise that it ends."""
        self.evaluate(_START_CELL, number)

    def write(self, number: int, source: str) -> None:
        """Replace what stands in a code cell; to type into it, use `cell` and the keyboard."""
        self.evaluate("({codeCells}, [n, text]) => codeCells[n].model.sharedModel.setSource(text)", [number, source])

    def sign(self, student: str) -> None:
        """Put a student's id where an exercise asks for it; a notebook that is no exercise is left alone."""
        for number, result in enumerate(self.results()):
            if result.source in _SIGNATURES:
                self.write(number, _SIGNATURES[result.source].format(student))

    def results(self) -> list[Result]:
        """Return every code cell as it is now."""
        return [Result(*values) for values in self.evaluate(_RESULTS)]

    def cell(self, number: int) -> Locator:
        """Return a code cell as it is drawn."""
        return self.root.locator(".jp-CodeCell").nth(number)

    def outputs(self, number: int | None = None) -> Locator:
        """Return the outputs of a code cell, or of all of them, as they are drawn."""
        return (self.root if number is None else self.cell(number)).locator(".jp-OutputArea-output")
