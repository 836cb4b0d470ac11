"""The tutorials keep the course's form, and their committed outputs are what a fresh run gives.

nbval compares the outputs too, cell by cell. It does not compare a cell that was never executed, and knows nothing of
the form; so this file looks at the form, and runs each notebook once more through nbclient.
"""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest

from notebooks.execute import (
    METADATA,
    ROOT,
    TUTORIALS,
    WIDGET_VIEW,
    executed_again,
    find,
    joined,
    lasting,
    normalize,
    text_of,
)
from support.processors import seconds_of_children

PATHS = sorted(TUTORIALS.glob("*.ipynb"))

MOST_CELLS = 52  # about forty are wished; what is longer, nobody reads to the end in half a session
MOST_LINES_IN_A_CELL = 5
MOST_LINES_OF_A_FUNCTION = 19  # that the student writes, or completes
PYTHON_CELL = "%%py\n"  # how such a cell begins in a notebook of the SMTP kernel
TASK = ("# ", "%now ")  # the lines at the top of an open cell
GIVEN = "# Given: "  # how a cell begins that gives a function to read, on which those that the student writes build
PASTED_PAGE = "$ telnet mail.adelphia.net 25"  # the lecture's page as a cell
FAILS = "raises-exception"  # the tag of a cell that fails on purpose
# What a laptop shows of one output without scrolling.
SCREENFUL_LINES, SCREENFUL_COLUMNS = 30, 125
# The dates that may stand in an output: a lab begins on the day of the lecture's session, and a queue gives up after
# five days.
DAYS_OF_THE_LAB = re.compile(r"\b(?:[6-9]|1[0-2]) Aug 2004\b")

DIFFERS_FROM_RUN_TO_RUN = {
    "a path": re.compile(r"(?<![\w<>.:/])(?:/(?:home|root|tmp|usr|work|var|opt|Users|private)/|[A-Z]:\\)"),
    "a port": re.compile(r"127\.0\.0\.1[:', ]+\d+|\bport (?!25\b)\d+"),
    "a date": re.compile(
        r"\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{4}\b|\b\d{4}-\d\d-\d\d\b"
    ),
    "an address in memory": re.compile(r"\b0x[0-9a-f]{6,}\b"),
    "a warning": re.compile(r"\b[A-Z]\w*Warning\b"),
    "a colour for terminals": re.compile("\x1b"),
}


def read(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]


def markdown(path: Path) -> list[str]:
    return [source(cell) for cell in read(path)["cells"] if cell["cell_type"] == "markdown"]


def python_of(path: Path) -> Iterator[str]:
    """Yield the Python that is given in a tutorial: all code, or in one of the SMTP kernel the cells that say so."""
    is_smtp = read(path)["metadata"]["kernelspec"]["name"] == "smtp"
    for cell in code_cells(path):
        if writes_a_function(cell):
            continue
        if not is_smtp:
            yield source(cell)
        elif source(cell).startswith(PYTHON_CELL):
            yield source(cell).removeprefix(PYTHON_CELL)


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def texts(cell: dict[str, Any]) -> Iterator[str]:
    """Yield the text of each output of a cell, every form of it."""
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            yield "".join(output["text"])
        for form in output.get("data", {}).values():
            yield "".join(form)
        yield output.get("evalue", "")


def plain_texts(cell: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the text of each output as it shows where no HTML is drawn, and the HTML, which is empty if it has none."""
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            yield "".join(output["text"]), ""
        elif output["output_type"] == "error":
            yield output["evalue"], ""
        else:
            yield "".join(output["data"]["text/plain"]), "".join(output["data"].get("text/html", ""))


def what_differs(text: str) -> list[str]:
    """Name what in an output would not be the same on another day or another machine."""
    text = DAYS_OF_THE_LAB.sub("", text)
    return [name for name, pattern in DIFFERS_FROM_RUN_TO_RUN.items() if pattern.search(text)]


every_tutorial = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


# The files


def test_the_listing_is_the_table_of_contents() -> None:
    assert [path.name for path in PATHS] == [
        "00-start-here.ipynb",
        "01-the-lectures-session.ipynb",
        "01-type-the-lectures-session.ipynb",
        "02-the-fourteen-commands.ipynb",
        "02-type-the-fourteen-commands.ipynb",
        "03-the-twenty-one-replies.ipynb",
        "04-a-client-from-bytes.ipynb",
        "05-a-server-from-states.ipynb",
        "06-smtp-used-twice.ipynb",
        "07-spool-retry-bounce.ipynb",
    ]


@every_tutorial
def test_what_is_typed_has_the_smtp_kernel_and_the_rest_has_python(path: Path) -> None:
    assert read(path)["metadata"] == METADATA["smtp" if "-type-" in path.name else "python3"]


@every_tutorial
def test_the_file_is_in_its_normal_form(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    normalize(notebook)
    assert path.read_text(encoding="utf-8") == text_of(notebook)


# The lesson


@every_tutorial
def test_it_opens_with_what_you_will_do_and_the_question(path: Path) -> None:
    first = markdown(path)[0]
    assert source(read(path)["cells"][0]) == first
    assert first.startswith("# ")
    promise = first.partition("**In this notebook you will**")[2]
    assert 3 <= len(re.findall(r"^- ", promise, re.MULTILINE)) <= 4
    assert "**The question on the wire:**" in promise


@every_tutorial
def test_it_closes_with_a_live_summary_the_words_and_where_to_go(path: Path) -> None:
    *_, last = markdown(path)
    assert source(read(path)["cells"][-1]) == last
    assert "**Words learnt:**" in last
    assert "**Where to go next" in last
    cells = read(path)["cells"]
    summary = next(number for number, cell in enumerate(cells) if "## Summary\n" in source(cell))
    live = [cell for cell in cells[summary:] if cell["cell_type"] == "code"]
    assert live
    assert all("text/html" in output["data"] for cell in live for output in cell["outputs"])


@every_tutorial
def test_the_headings_carry_the_argument(path: Path) -> None:
    headings = [line for text in markdown(path) for line in re.findall(r"^#+ .*", text, re.MULTILINE)]
    depths = [len(heading.split()[0]) for heading in headings]
    assert depths[0] == 1
    assert depths.count(1) == 1
    assert depths.count(2) >= 4
    assert all(deeper <= depth + 1 for depth, deeper in pairwise(depths))
    assert len(set(headings)) == len(headings)


@every_tutorial
def test_it_is_read_in_one_sitting(path: Path) -> None:
    assert len([cell for cell in read(path)["cells"] if cell["id"] != "review"]) <= MOST_CELLS


@every_tutorial
def test_a_link_to_another_tutorial_leads_there(path: Path) -> None:
    for target in re.findall(r"\]\(([^)]+\.ipynb)\)", "\n".join(markdown(path))):
        assert (TUTORIALS / target).is_file()


@every_tutorial
def test_no_more_than_five_cells_of_code_stand_without_a_word(path: Path) -> None:
    kinds = "".join(cell["cell_type"][0] for cell in read(path)["cells"])
    assert "c" * 6 not in kinds


# The cells


@every_tutorial
def test_every_cell_has_been_executed_in_order(path: Path) -> None:
    counts = [cell["execution_count"] for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1))


def writes_a_function(cell: dict[str, Any]) -> bool:
    """Return True for an open cell in which the student writes a function, a class or a table."""
    return "function" in cell["metadata"].get("smtplab", {}).get("goal", {})


@every_tutorial
def test_a_cell_has_one_to_five_lines_and_fits_the_page(path: Path) -> None:
    for cell in code_cells(path):
        lines = [line for line in source(cell).splitlines() if line.strip()]
        code = [line for line in lines if not line.startswith(TASK)]
        most = MOST_LINES_OF_A_FUNCTION if writes_a_function(cell) else MOST_LINES_IN_A_CELL
        assert lines, source(cell)
        assert len(code) <= most or lines[0] == PASTED_PAGE, source(cell)
        assert max(map(len, lines)) <= (120 if writes_a_function(cell) else 105), source(cell)


@every_tutorial
def test_a_cell_defines_nothing_but_what_it_gives_to_read_because_helpers_live_in_the_package(path: Path) -> None:
    for code in python_of(path):
        if code.startswith(GIVEN):
            continue
        nodes = ast.walk(ast.parse(code.replace("= %smtp", "= None")))
        assert not [node for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)]


@every_tutorial
def test_a_cell_prints_no_error_and_nothing_to_stderr(path: Path) -> None:
    for cell in code_cells(path):
        for output in cell["outputs"]:
            assert output["output_type"] in ("stream", "execute_result", "display_data", "error"), source(cell)
            assert output.get("name", "stdout") == "stdout", source(cell)


@every_tutorial
def test_a_cell_that_fails_on_purpose_says_so_and_shows_one_sentence(path: Path) -> None:
    for cell in code_cells(path):
        errors = [output for output in cell["outputs"] if output["output_type"] == "error"]
        assert bool(errors) is (FAILS in cell["metadata"].get("tags", [])), source(cell)
        assert all(error["traceback"] == [error["evalue"]] for error in errors), source(cell)


@every_tutorial
def test_an_output_is_the_same_on_every_day_and_machine(path: Path) -> None:
    for cell in code_cells(path):
        for text in texts(cell):
            assert what_differs(text) == [], source(cell)


@every_tutorial
def test_every_picture_says_the_same_in_words(path: Path) -> None:
    for cell in code_cells(path):
        for output in cell["outputs"]:
            data = output.get("data", {})
            assert not [form for form in data if form.startswith("image/")], "a picture without words"
            if "<svg" in (html := "".join(data.get("text/html", ""))):
                assert re.search(r'<svg [^>]*role="img"[^>]*>\s*<title>[^<]+</title>\s*<desc>[^<]+</desc>', html)
                assert len("".join(data["text/plain"]).split()) >= 20
            assert "<img" not in html


@every_tutorial
def test_a_cell_prints_no_more_than_a_screenful(path: Path) -> None:
    for cell in code_cells(path):
        for text, html in plain_texts(cell):
            lines = text.splitlines()
            # The words of a figure are for those who hear them.
            assert len(lines) <= SCREENFUL_LINES or "<svg" in html, source(cell)
            # HTML breaks its lines where the page ends; the tables of pandas do so late.
            flows = html and 'class="dataframe"' not in html
            assert max(map(len, lines), default=0) <= SCREENFUL_COLUMNS or flows, source(cell)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("in /tmp/abc/new", "a path"),
        (r"C:\Users\bob", "a path"),
        ("('127.0.0.1', 43210)", "a port"),
        ("127.0.0.1:43210", "a port"),
        ("nobody listens on port 2525", "a port"),
        ("ready Mon, 23 Nov 2026 19:07:27 +0000", "a date"),
        ("saved 2026-11-23", "a date"),
        ("Fri, 16 Aug 2004 10:25:00 -0400", "a date"),
        ("<Lab at 0x7f3a5c0012d0>", "an address in memory"),
        ("DeprecationWarning: soon", "a warning"),
        ("\x1b[31mred\x1b[0m", "a colour for terminals"),
    ],
)
def test_what_differs_is_seen(text: str, found: str) -> None:
    assert what_differs(text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 6 Aug 2004 10:25:00 -0400",
        "on 11 Aug 2004",
        "warning A000002 to alice",
        "listens on port 25",
        "= Trying 127.0.0.1 . . .",
    ],
)
def test_what_is_always_the_same_is_let_be(text: str) -> None:
    assert what_differs(text) == []


# The run


@pytest.fixture(scope="module")
def fresh() -> tuple[dict[Path, list[str]], float]:
    """Every tutorial after two runs in one kernel, and how many seconds of a processor that took."""
    before = seconds_of_children()
    runs = {path: [text_of(notebook) for notebook in executed_again(path)] for path in PATHS}
    return runs, seconds_of_children() - before


@pytest.mark.timeout(400)  # the first one waits for all runs
@every_tutorial
def test_a_fresh_run_gives_the_committed_file(path: Path, fresh: tuple[dict[Path, list[str]], float]) -> None:
    assert fresh[0][path][0] == path.read_text(encoding="utf-8")


@pytest.mark.timeout(400)
@every_tutorial
def test_another_run_in_the_same_kernel_gives_the_same_file(
    path: Path, fresh: tuple[dict[Path, list[str]], float]
) -> None:
    assert fresh[0][path][1] == path.read_text(encoding="utf-8")


@pytest.mark.timeout(400)
def test_strict_nbval_passes_twice_in_a_row_and_all_runs_together_take_90_seconds(
    fresh: tuple[dict[Path, list[str]], float],
) -> None:
    """A busy machine makes everything late, so what counts are the seconds that processors have worked."""
    before = seconds_of_children()
    for _ in range(2):
        command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", TUTORIALS]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        assert f"{sum(len(code_cells(path)) for path in PATHS)} passed" in done.stdout
    assert fresh[1] + seconds_of_children() - before <= 90


def test_nbval_compares_every_output_and_cleans_none() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]["addopts"]
    assert "--nbval" in options
    assert not [option for option in options if option.startswith(("--nbval-lax", "--nbval-sanitize", "--sanitize"))]
    for path in PATHS:
        assert not re.search("nbval|NBVAL", path.read_text("utf-8")), "no cell is let off"


def test_pieces_of_the_same_stream_are_joined() -> None:
    def printed(text: str, name: str = "stdout") -> Any:
        return nbformat.v4.new_output("stream", name=name, text=text)

    result = nbformat.v4.new_output("execute_result", data={"text/plain": "1"}, execution_count=1)
    pieces = [printed("a"), printed("b\n"), printed("c", "stderr"), printed("d"), result, result, printed("e")]
    assert joined(pieces) == [printed("ab\n"), printed("c", "stderr"), printed("d"), result, result, printed("e")]


def test_the_views_of_widgets_go_and_what_is_beside_them_stays() -> None:
    def displayed(**forms: Any) -> Any:
        return nbformat.v4.new_output(
            "display_data", data={name.replace("_", "/"): form for name, form in forms.items()}
        )

    view, words, printed = displayed(), displayed(text_plain="words"), nbformat.v4.new_output("stream", text="")
    view.data[WIDGET_VIEW] = {"model_id": "1"}
    both = displayed(text_plain="words")
    both.data[WIDGET_VIEW] = {"model_id": "2"}
    assert lasting([view, both, printed]) == [words, printed]


def test_metadata_keeps_the_kernel_and_the_tags_of_cells() -> None:
    cell = nbformat.v4.new_code_cell("1", metadata={"tags": ["raises-exception"], "execution": {"started": "today"}})
    metadata = {"widgets": {"some": "state"}, "kernelspec": {"name": "smtp", "display_name": "", "argv": []}}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=metadata)
    normalize(notebook)
    assert notebook.metadata == METADATA["smtp"]
    assert notebook.cells[0].metadata == {"tags": ["raises-exception"]}


def test_tutorials_are_found_by_their_numbers() -> None:
    assert find([]) == PATHS
    assert find(["01"]) == PATHS[1:3]
    with pytest.raises(SystemExit, match=r"no tutorial has the number 77; there are 00, 01"):
        find(["77"])


def test_the_script_says_what_it_did_not_find() -> None:
    script = ROOT / "tests" / "notebooks" / "execute.py"
    done = subprocess.run([sys.executable, script, "xx"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("no tutorial has the number xx")
