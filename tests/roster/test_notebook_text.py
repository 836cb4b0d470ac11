"""A notebook is read in any encoding, repaired where that harms nobody, and small without its outputs."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.roster.notebook_text import (
    LARGEST_TEXT,
    LONGEST_OUTPUT,
    UnusableNotebookError,
    looks_like_a_notebook,
    read_notebook,
)
from support.handed_in_class import EXERCISE, notebook

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


def with_cell(**changes: Any) -> bytes:
    """A notebook whose first cell has changes; what is `...` is left out."""
    book = json.loads(notebook("mia"))
    cell = book["cells"][0] | changes
    book["cells"][0] = {key: value for key, value in cell.items() if value is not ...}
    return json.dumps(book).encode()


def cells_of(data: bytes) -> list[Any]:
    """Read a notebook; nbformat must find nothing wrong with it."""
    book = json.loads(read_notebook(data).data)
    nbformat.validate(book)
    return list(book["cells"])


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_gives_the_same_notebook(encoding: str) -> None:
    data = notebook("zoë")
    text = data.decode()
    text = text.replace("zo\\u00eb", "zoë")
    assert read_notebook(text.encode(encoding)) == read_notebook(data)


def test_windows_1252_is_read_where_utf_8_fails() -> None:
    text = notebook("zoë").decode().replace("zo\\u00eb", "zoë")
    assert read_notebook(text.encode("cp1252")) == read_notebook(notebook("zoë"))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": ...},
        {"id": 7},
        {"id": "no blank"},
        {"id": "x" * 65},
        {"id": "c1"},  # that of the next cell
        {"metadata": None},
        {"metadata": []},
        {"metadata": ...},
        {"source": None},
        {"source": ...},
        {"source": ["a", None, "b"]},
        {"source": "\ud800"},
        {"cell_type": "heading"},
        {"outputs": None},
        {"execution_count": "x"},
        {"extra": 1},
    ],
    ids=str,
)
def test_what_harms_nobody_is_repaired(changes: dict[str, Any]) -> None:
    cells = cells_of(with_cell(**changes))
    assert len(cells) == 3
    assert len({cell["id"] for cell in cells}) == 3
    assert "".join(cell["source"] for cell in cells).encode()


def test_what_is_no_cell_is_dropped() -> None:
    assert cells_of(notebook(cells=[1, None, [], {"cell_type": "code", "source": "x"}])) == [
        {"cell_type": "code", "id": "cell-0", "metadata": {}, "source": "x", "outputs": [], "execution_count": None}
    ]


def test_the_ids_of_cells_that_are_right_stay() -> None:
    assert [cell["id"] for cell in cells_of(notebook())] == ["c0", "c1", "c2"]


def test_before_format_4_5_a_cell_has_no_id() -> None:
    data = with_cell(id=...).replace(b'"nbformat_minor": 5', b'"nbformat_minor": 4')
    assert "id" not in json.loads(read_notebook(data).data)["cells"][0]


def test_pictures_html_and_widgets_do_not_count() -> None:
    small = read_notebook(notebook()).data
    outputs = [{"output_type": "display_data", "metadata": {}, "data": {"image/png": "x" * 2 * LARGEST_TEXT}}]
    assert read_notebook(with_cell(outputs=outputs, source='student = student_id("")')).data == small
    assert read_notebook(notebook(metadata={"widgets": {"x": "y" * 9}})).data == small


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "stream", "name": "stdout", "text": ["25 answers\n", "tried"]},
        {"output_type": "display_data", "data": {"text/plain": "25 answers\ntried", "text/html": "<b>"}},
        {"output_type": "execute_result", "data": {"text/plain": ["25 answers\n", "tried"]}},
    ],
)
def test_the_end_of_what_a_cell_showed_as_text_stays(output: dict[str, Any]) -> None:
    before = {"output_type": "stream", "text": "x" * 2 * LARGEST_TEXT}
    (shown,) = cells_of(with_cell(outputs=[before, 7, output]))[0]["outputs"]
    assert shown["text"].endswith("x\n25 answers\ntried")
    assert len(shown["text"]) == LONGEST_OUTPUT


def test_all_outputs_together_stay_small() -> None:
    cell = {"cell_type": "code", "source": "", "outputs": [{"output_type": "stream", "text": "x" * LONGEST_OUTPUT}]}
    data = read_notebook(notebook(cells=[cell] * 300)).data
    assert len(data) < 2**19 + 300 * 200


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0",
        b"null",
        b"{}",
        b"[1]",
        b'{"nbformat": 4}',
        notebook(cells={}),
        notebook(nbformat=3),
        notebook(nbformat="4"),
        notebook(nbformat=[9] * 99),
        lambda: notebook("x" * LARGEST_TEXT),
        lambda: b"[" * 3_000_000,
        b"\xff\xfe\0",
        b"%PDF-1.7",
        b'{"nbformat": ' + b"9" * 5000 + b"}",
    ],
    ids=range(15),
)
def test_what_is_no_notebook_is_refused_in_a_short_sentence(data: bytes | Callable[[], bytes]) -> None:
    with pytest.raises(UnusableNotebookError) as caught:
        read_notebook(data if isinstance(data, bytes) else data())
    assert len(str(caught.value)) < 120


@given(st.binary(max_size=50), st.integers(0, 200))
def test_any_damage_gives_a_notebook_or_a_sentence(octets: bytes, place: int) -> None:
    data = notebook()[:place] + octets + notebook()[place + len(octets) :]
    with suppress(UnusableNotebookError, nbformat.ValidationError):
        cells_of(data)


@pytest.mark.parametrize(
    ("source", "exercise"),
    [
        (f'mine = exercise("{EXERCISE}", student)', EXERCISE),
        ("exercise( 'a' )", "a"),
        ("%exercise b course=x", "b"),
        ("exercise(name)", ""),
        ("my_exercise('a')", ""),
    ],
)
def test_the_exercise_that_cells_hand_out_is_found(source: str, exercise: str) -> None:
    book = json.loads(notebook())
    book["cells"] = [{"cell_type": "code", "source": source}, {"cell_type": "markdown", "source": 'exercise("x")'}]
    assert read_notebook(json.dumps(book).encode()).exercise == exercise


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_notebook_of_another_name_is_seen(encoding: str) -> None:
    assert looks_like_a_notebook(notebook().decode().encode(encoding))
    assert not looks_like_a_notebook("the word nbformat".encode(encoding))
