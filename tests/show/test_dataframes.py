"""A DataFrame in a notebook: text stands at the left, numbers at the right, and nothing of it is lost."""

import re

import pandas
import pytest
from IPython.core.interactiveshell import InteractiveShell

from smtplab import tables
from smtplab.jupyter.cell_result import Shown
from smtplab.show.dataframes import html_of, to_html

LEFT = "text-align: left"


def cells(html: str) -> list[list[tuple[str, bool]]]:
    """Return the rows of a table: each cell's text, and whether it stands at the left."""
    rows = re.findall(r"<tr\b.*?</tr>", html, re.DOTALL)
    return [
        [(text, LEFT in mark) for mark, text in re.findall(r"<t[hd]\b([^>]*)>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in rows
    ]


def test_text_stands_at_the_left_and_numbers_at_the_right_with_their_headings() -> None:
    frame = pandas.DataFrame({"count": [6, 10], "client": ["Go on.", "Give up."]}, index=pandas.Index([2, 5], name="d"))
    assert cells(to_html(frame) or "") == [
        [("", False), ("count", False), ("client", True)],
        [("d", False), ("", False), ("", True)],
        [("2", False), ("6", False), ("Go on.", True)],
        [("5", False), ("10", False), ("Give up.", True)],
    ]


def test_an_index_of_text_stands_at_the_left_also_where_one_name_reaches_over_rows() -> None:
    frame = pandas.DataFrame({"n": [1, 2], "to": ["x", "y"]}, index=pandas.MultiIndex.from_product([["A"], ["b", "c"]]))
    *_, first, second = cells(to_html(frame) or "")
    assert first == [("A", True), ("b", True), ("1", False), ("x", True)]
    assert second == [("c", True), ("2", False), ("y", True)]


def test_a_heading_over_numbers_stays_where_it_is() -> None:
    frame = pandas.DataFrame(
        [[502, 250]], index=["TURN"], columns=pandas.MultiIndex.from_product([["READY"], ["a", "b"]])
    )
    rows = cells(to_html(frame) or "")
    assert rows[0] == [("", True), ("READY", False)]
    assert rows[-1] == [("TURN", True), ("502", False), ("250", False)]


def test_a_frame_of_which_columns_are_left_out_is_that_of_pandas() -> None:
    frame = pandas.DataFrame([["a", "b", "c", "d"]])
    with pandas.option_context("display.max_columns", 2):
        assert to_html(frame) == frame._repr_html_()


def test_nothing_is_shown_where_pandas_shows_no_html() -> None:
    with pandas.option_context("display.notebook_repr_html", False):
        assert to_html(pandas.DataFrame({"a": ["b"]})) is None


def test_the_words_are_those_of_pandas_also_where_they_look_like_tags() -> None:
    frame = pandas.DataFrame({"said": ["RCPT TO:<td@lab.example>", "<tr>", "</tr>"], "code": [250, 500, 500]})
    made = to_html(frame) or ""
    assert made.replace(' style="text-align: left"', "") == frame._repr_html_()
    assert made.count(LEFT) == 4


@pytest.mark.parametrize("make", [tables.commands, tables.codes, tables.categories, tables.transitions])
def test_every_sentence_of_a_table_stands_at_the_left(make) -> None:
    *_, last = cells(to_html(make()) or "")
    row = make().iloc[-1]
    assert [left for _, left in last[-len(row) :]] == [isinstance(value, str) for value in row]


def test_what_has_html_of_its_own_keeps_it_and_text_has_none() -> None:
    class Rich:
        def _repr_html_(self) -> str:
            return "<b>rich</b>"

    assert html_of(Rich()) == "<b>rich</b>"
    assert html_of("text") is None
    assert LEFT in (html_of(pandas.DataFrame({"a": ["b"]})) or "")


def test_the_first_table_lets_a_notebook_show_every_frame_so() -> None:
    shell = InteractiveShell.instance()
    try:
        tables._pandas.cache_clear()
        tables.commands()
        data, _ = shell.display_formatter.format(pandas.DataFrame({"a": ["b"]}))
        assert LEFT in data["text/html"]
    finally:
        InteractiveShell.clear_instance()


def test_a_directive_shows_its_table_so() -> None:
    assert LEFT in Shown.of(tables.commands()).html(both=True)
