"""Pictures of every notebook of the course in JupyterLab, light and dark, run from top to bottom.

    python tests/screenshots.py FOLDER [WORD ...] [--width 1280 ...] [--zoom 200]

A notebook becomes ``NN-title-light-1280-1.png`` and so on, a window's height each, from top to bottom. With words, only
notebooks whose names contain one of them are taken. What axe-core finds outside our outputs, in JupyterLab itself, is
written to ``jupyterlab-axe.txt``.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from smtplab.course.copies import course_files
from support.axe import OUR_OUTPUTS, grave_violations
from support.chromium import launched
from support.lab_page import THEMES, LabPage, NotebookPage
from support.lab_server import started

WIDTHS = [1280, 1920]
HEIGHT = 1400
OVERLAP = 120  # pixels that two neighbouring pictures share

_SCROLLER = "({panel}) => panel.content.node.querySelector('.jp-WindowedPanel-outer') ?? panel.content.node"
# To the end of the last cell, for behind it JupyterLab leaves room to scroll on; and the height that is shown at once.
_LENGTH = f"""
(at) => {{
  const box = ({_SCROLLER})(at);
  const end = at.panel.content.widgets.at(-1).node.getBoundingClientRect().bottom;
  return [Math.ceil(end - box.getBoundingClientRect().top + box.scrollTop), box.clientHeight];
}}
"""
_SCROLL = f"(at, top) => {{ ({_SCROLLER})(at).scrollTop = top; }}"


def pictures(notebook: NotebookPage, stem: Path) -> Iterator[Path]:
    """Take the whole notebook, window by window, and yield each picture's path."""
    whole, window = notebook.evaluate(_LENGTH)
    tops = range(0, max(whole - OVERLAP, 1), window - OVERLAP)
    for number, top in enumerate(tops, start=1):
        notebook.evaluate(_SCROLL, top)
        path = stem.with_name(f"{stem.name}-{number}.png")
        notebook.lab.page.screenshot(path=path)
        yield path


def main() -> None:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("words", nargs="*")
    parser.add_argument(
        "--width", type=int, action="append", help="of the window in pixels; 1280 and 1920 if not given"
    )
    parser.add_argument("--zoom", type=int, default=100, help="of the browser, in percent; 100 if not given")
    arguments = parser.parse_args()
    zoom = arguments.zoom / 100  # a browser that zooms has fewer, larger pixels, as these pictures have
    at_zoom = "" if arguments.zoom == 100 else f"-zoom{arguments.zoom}"
    arguments.folder.mkdir(parents=True, exist_ok=True)
    names = [name for name in course_files() if any(word in name for word in arguments.words or [""])]
    foreign: set[str] = set()
    with tempfile.TemporaryDirectory() as home, started(Path(home)) as server, launched() as browser:
        lab = LabPage(browser.new_page(device_scale_factor=zoom), server)
        for name in names:
            notebook = lab.open(name)
            notebook.sign("ada01")
            notebook.run_all()
            for width in arguments.width or WIDTHS:
                lab.page.set_viewport_size({"width": round(width / zoom), "height": round(HEIGHT / zoom)})
                for theme in THEMES:
                    lab.theme(theme)
                    stem = (
                        arguments.folder / f"{name.replace('/', '-').removesuffix('.ipynb')}-{theme}-{width}{at_zoom}"
                    )
                    for path in pictures(notebook, stem):
                        print(path)
            foreign |= set(grave_violations(lab.page, "body", exclude=OUR_OUTPUTS))
            lab.close_all()
    (arguments.folder / "jupyterlab-axe.txt").write_text("\n".join(sorted(foreign)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
