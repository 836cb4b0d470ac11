"""Execute tutorials in place, so that the outputs which are committed are those that the code gives.

    python tests/notebooks/execute.py [NN ...]

Without a number it executes all of them. What differs from run to run and from machine to machine is kept out of the
file: times, the state of widgets and their views, which live as long as a kernel, the version of Python, in how many
pieces printed text came. So a second run changes nothing.
"""

import os
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
TUTORIALS = ROOT / "notebooks" / "tutorials"

# A notebook says in which language it is written. Who runs it brings the interpreter.
METADATA = {
    "python3": {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    },
    "smtp": {
        "kernelspec": {"display_name": "SMTP", "language": "smtp", "name": "smtp"},
        "language_info": {"file_extension": ".smtp", "mimetype": "text/x-smtp", "name": "smtp"},
    },
}
LASTING = ["smtplab", "tags"]  # the goal and the hint of an open cell; the tags of a cell
SECONDS_PER_CELL = 60
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def executed(path: Path) -> Any:
    """Return the notebook at `path`, executed top to bottom and in its normal form; the file is left alone.

    Raises:
        CellExecutionError: if a cell fails.
    """
    return executed_again(path, runs=1)[0]


def executed_again(path: Path, *, runs: int = 2) -> list[Any]:
    """Return the notebook at `path` after each of `runs` runs in one kernel, as a student runs it again.

    Raises:
        CellExecutionError: if a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name=kernel_of(notebook),
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    # The kernel is another process: it has to find this checkout, not a smtplab that is installed.
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = []
    for run in range(runs):
        client.execute(env=environment, cleanup_kc=run == runs - 1)
        done.append(deepcopy(notebook))
        normalize(done[-1])
        renumber(done[-1])
    return done


def renumber(notebook: Any) -> None:
    """Count the executed cells from 1, as in a kernel that has run nothing before."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.execution_count is not None]
    for number, cell in enumerate(code, 1):
        cell.execution_count = number
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number


def kernel_of(notebook: Any) -> str:
    """Return the name of the notebook's own kernel, one of `METADATA`."""
    return str(notebook.metadata.kernelspec.name)


def normalize(notebook: Any) -> None:
    """Keep of the metadata what belongs to the lesson and to the kernel, and join what was printed."""
    notebook.metadata = nbformat.from_dict(METADATA[kernel_of(notebook)])
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({name: cell.metadata[name] for name in LASTING if name in cell.metadata})
        if cell.cell_type == "code":
            cell.outputs = joined(lasting(cell.outputs))


def lasting(outputs: list[Any]) -> list[Any]:
    """Return the outputs without the views of widgets, which are gone with the kernel."""
    for output in outputs:
        output.get("data", {}).pop(WIDGET_VIEW, None)
    return [output for output in outputs if output.get("data", True)]


def joined(outputs: list[Any]) -> list[Any]:
    """Return the outputs with neighbouring pieces of the same stream made one."""
    whole: list[Any] = []
    for output in outputs:
        if whole and output.output_type == "stream" and output.get("name") == whole[-1].get("name"):
            whole[-1].text += output.text
        else:
            whole.append(output)
    return whole


def text_of(notebook: Any) -> str:
    """Return the notebook as it stands in its file."""
    return str(nbformat.writes(notebook)) + "\n"


def find(numbers: list[str]) -> list[Path]:
    """Return the tutorials with these numbers, such as ``01``, in Python and in SMTP; all of them if there is none.

    Raises:
        SystemExit: with a sentence, if a number fits no tutorial.
    """
    tutorials = sorted(TUTORIALS.glob("*.ipynb"))
    there = dict.fromkeys(path.name[:2] for path in tutorials)
    if unknown := [number for number in numbers if number not in there]:
        raise SystemExit(f"no tutorial has the number {' or '.join(unknown)}; there are {', '.join(there)}")
    return [path for path in tutorials if path.name[:2] in (numbers or there)]


def main(numbers: list[str]) -> None:
    """Execute the tutorials with these numbers and write those that changed."""
    for path in find(numbers):
        text = text_of(executed(path))
        changed = text != path.read_text(encoding="utf-8")
        if changed:
            path.write_text(text, encoding="utf-8", newline="\n")
        print(f"{'changed  ' if changed else 'unchanged'}  {path.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
