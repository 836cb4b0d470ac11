"""Anything may be handed in; what is a notebook is prepared, and the rest is refused in a sentence."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtplab.grading.engine.prepared import hash_of, prepare
from smtplab.grading.exercises import NAMES
from smtplab.roster.notebook_text import UnusableNotebookError
from support.bank import hidden_pieces
from support.handed_in import TESTS, answered, exercise, released


@pytest.mark.parametrize("name", NAMES)
def test_the_students_process_gets_no_hidden_rule(name: str) -> None:
    prepared = prepare(json.dumps(released(name)).encode(), exercise(name))
    told = "\n".join(cell.source for cell in prepared.cells)
    lines = {line.strip() for piece in hidden_pieces(name) for line in piece.splitlines() if len(line.strip()) > 30}
    assert lines
    assert not [line for line in lines if line in told]
    assert [cell.test for cell in prepared.cells if cell.test] == list(exercise(name).tests)
    assert all(cell.exercise == name and not cell.source for cell in prepared.cells if cell.test)


def test_a_locked_cell_that_is_no_test_runs_without_what_is_hidden_in_it() -> None:
    known = deepcopy(dict(exercise().known))
    known["your-task"]["source"] += "\n### BEGIN HIDDEN TESTS\nsecret = 1\n### END HIDDEN TESTS"
    prepared = prepare(json.dumps(released()).encode(), replace(exercise(), known=known))
    (cell,) = (cell for cell in prepared.cells if "exercise(" in cell.source)
    assert "secret" not in cell.source


def test_the_cells_run_in_the_order_of_the_notebook_and_empty_ones_do_not() -> None:
    book = released()
    book["cells"].insert(1, {"cell_type": "code", "source": " \n", "metadata": {}, "outputs": []})
    places = [cell.cell for cell in prepare(json.dumps(book).encode(), exercise()).cells]
    assert places == sorted(places)
    assert 1 not in places


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b" \n\0", "empty"),
        (b"<html>", "not a notebook"),
        (b"\xff\xfe\x00", "not a notebook"),
        (b"[" * 100_000, "not a notebook"),
        (b"[]", "not a notebook"),
        (b"{}", "not a notebook"),
        (b'{"nbformat": 4}', "not a notebook"),
        (b'{"nbformat": 4, "cells": {}}', "not a notebook"),
        (b'{"nbformat": 3, "worksheets": []}', "format 3"),
        (b'{"nbformat": "4", "cells": []}', "format 4"),
        (b'{"nbformat": [[1]], "cells": []}', "format"),
    ],
)
def test_what_is_no_notebook_is_refused(data: bytes, word: str) -> None:
    with pytest.raises(UnusableNotebookError, match=word):
        prepare(data, exercise())


@pytest.mark.parametrize(
    "cell",
    [
        5,
        None,
        {},
        {"cell_type": "code"},
        {"cell_type": "code", "source": None, "metadata": None, "id": None},
        {"cell_type": "code", "source": ["a", 5, None, "b"], "metadata": {"nbgrader": []}},
        {"cell_type": ["code"], "source": {"a": 1}, "metadata": {"nbgrader": {"grade_id": []}}},
        {"cell_type": "code", "source": "\ud800", "metadata": {"nbgrader": {"grade_id": "session"}}, "id": 5},
    ],
)
def test_an_odd_cell_costs_no_other_one(cell: Any) -> None:
    book = released()
    book["cells"].insert(0, cell)
    prepared = prepare(json.dumps(book).encode(), exercise())
    assert [each.test for each in prepared.cells if each.test] == list(TESTS)
    json.dumps(prepared.notebook).encode()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["cell_type", "source", "metadata", "nbgrader", "grade_id", "id", "locked"]), inner
            )
        ),
        max_leaves=12,
    )
)
@settings(max_examples=60)
def test_no_cell_stops_the_grader(cell: Any) -> None:
    data = json.dumps({"nbformat": 4, "nbformat_minor": cell, "cells": [cell, *released()["cells"]]}).encode()
    prepared = prepare(data, exercise())
    assert [each.test for each in prepared.cells if each.test] == list(TESTS)


def test_what_was_handed_in_is_recognized_by_its_hash() -> None:
    data = answered("mia", {})
    assert prepare(data, exercise()).hash == hash_of(data) != hash_of(data + b" ")
