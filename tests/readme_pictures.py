"""The two pictures of the README, taken from the course as it is: a ladder in a tutorial, and a check in an exercise.

    python tests/readme_pictures.py [FOLDER]

They are written to ``data/screenshots`` unless FOLDER is named. Look at them before you commit them: the alternative
text in the README says what can be seen.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from smtplab.grading.exercises import design_of
from support.chromium import launched
from support.lab_page import LabPage, NotebookPage
from support.lab_server import started
from support.paths import DATA, ROOT

TUTORIAL, LADDER = "01-the-lectures-session.ipynb", "diagrams.ladder(session)"
EXERCISE, STUDENT = "01-type-your-own-session", "mia"
SIZE = {"width": 1010, "height": 1500}
MARGIN = 8  # pixels around the cells of a picture

_SCROLL = """
({panel, codeCells}, number) => {
  panel.content.activeCellIndex = 0;
  const scroller = panel.content.node.querySelector('.jp-WindowedPanel-outer') ?? panel.content.node;
  const cell = codeCells[number].node.getBoundingClientRect();
  scroller.scrollTop += cell.top - scroller.getBoundingClientRect().top - 12;
}
"""


def taken(notebook: NotebookPage, numbers: Sequence[int], path: Path) -> None:
    """Take a picture of neighbouring code cells with their outputs, in a notebook that has run."""
    page = notebook.lab.page
    notebook.lab.command("notebook:enter-command-mode")
    page.mouse.move(2, 2)
    for _ in range(2):  # what comes into view may change its height
        notebook.evaluate(_SCROLL, numbers[0])
        page.wait_for_timeout(500)
    boxes = [box for number in numbers if (box := notebook.cell(number).bounding_box()) is not None]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes) - MARGIN
    right = max(box["x"] + box["width"] for box in boxes)
    bottom = max(box["y"] + box["height"] for box in boxes) + MARGIN
    page.screenshot(path=path, clip={"x": left, "y": top, "width": right - left, "height": bottom - top})


def ladder(lab: LabPage, path: Path) -> None:
    """Take the ladder of the lecture's session, with the answers that the tutorial has in the repository."""
    answered = lab.server.folder / "answered.ipynb"
    answered.write_bytes((ROOT / "notebooks" / "tutorials" / TUTORIAL).read_bytes())
    notebook = lab.open(answered.name)
    notebook.run_all()
    sources = [result.source for result in notebook.results()]
    taken(notebook, [sources.index(LADDER)], path)


def check(lab: LabPage, path: Path) -> None:
    """Take an exercise in which DATA has come before its recipient, and what the check says about it."""
    notebook = lab.open(f"exercises/{EXERCISE}.ipynb")
    notebook.sign(STUDENT)
    task = design_of(EXERCISE).task(STUDENT, "smtplab")
    sources = [result.source for result in notebook.results()]
    checked = next(number for number, source in enumerate(sources) if source.startswith(f"%check {EXERCISE} session"))
    lines = f"telnet mail.{task.domain} 25\nHELO {task.client}\nMAIL FROM:<{task.sender}>\nDATA"
    notebook.write(checked - 1, lines)
    for number in range(checked + 1):
        notebook.run(number)
    taken(notebook, [checked], path)


def main() -> None:
    """Take both pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=DATA / "screenshots")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, started(Path(home)) as server, launched() as browser:
        lab = LabPage(browser.new_page(), server)
        lab.page.set_viewport_size(SIZE)
        lab.theme("light")
        for name, take in (("ladder.png", ladder), ("check.png", check)):
            take(lab, folder / name)
            print(folder / name)
            lab.close_all()


if __name__ == "__main__":
    main()
