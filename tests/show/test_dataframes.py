"""A DataFrame in a notebook: text stands at the left, numbers at the right, and nothing of it is lost."""

import re

import pandas
import pytest

from smtplab import tables
from smtplab.jupyter.cell_result import Shown
from smtplab.protocol.codes import Severity
from smtplab.show import style
from smtplab.show.dataframes import html_of, to_html
from support.shell import notebook_shell

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
        [("d", False), ("count", False), ("client", True)],
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


# One line of headings


def headings(frame: pandas.DataFrame) -> list[list[str]]:
    head = (to_html(frame) or "").partition("<tbody>")[0]
    return [[text for text, _ in row] for row in cells(head)]


@pytest.mark.parametrize(
    "make", [tables.commands, tables.codes, tables.categories, tables.transitions, tables.matrix, tables.causes]
)
def test_no_table_has_a_line_of_headings_that_is_empty(make) -> None:
    frame = make()
    assert headings(frame) == [[*frame.index.names, *frame.columns]]


def test_the_names_of_index_and_columns_share_the_corner() -> None:
    counts = pandas.crosstab(pandas.Series(["a", "b"], name="command"), pandas.Series([2, 5]), colnames=["first digit"])
    assert headings(counts) == [["command / first digit", "2", "5"]]
    assert headings(counts.rename_axis(index=None)) == [["first digit", "2", "5"]]


def test_an_index_of_several_levels_keeps_the_name_of_each() -> None:
    index = pandas.MultiIndex.from_product([["A"], ["b", "c"]], names=["state", "verb"])
    assert headings(pandas.DataFrame({"n": [1, 2]}, index=index)) == [["state", "verb", "n"]]
    half = index.set_names([None, "verb"])
    assert headings(pandas.DataFrame({"n": [1, 2]}, index=half)) == [["", "verb", "n"]]


def test_an_index_without_a_name_and_columns_of_two_levels_stay_as_they_are() -> None:
    assert headings(pandas.DataFrame({"n": [1]})) == [["", "n"]]
    columns = pandas.MultiIndex.from_product([["READY"], ["a", "b"]])
    two = pandas.DataFrame([[502, 250]], index=pandas.Index(["TURN"], name="verb"), columns=columns)
    assert headings(two) == [["", "READY"], ["", "a", "b"], ["verb", "", ""]]


# Colours


def coloured(frame: pandas.DataFrame) -> dict[str, tuple[str, str]]:
    """Return the coloured cells by their text: the colour, and the weight of the letters."""
    found = re.findall(r'<t[hd] style="background-color: ([^;]*); font-weight: (\w+)">([^<]*)', to_html(frame) or "")
    return {text: (color, weight) for color, weight, text in found}


GREEN, BLUE, YELLOW, RED = (style.veil(style.SEVERITY_COLORS[severity]) for severity in list(Severity)[1:])


def test_the_codes_of_the_matrix_are_coloured_by_their_first_digit_and_bold_if_they_accept() -> None:
    frame = tables.matrix()
    assert coloured(frame) == {
        "250": (GREEN, "bold"),
        "211": (GREEN, "bold"),
        "221": (GREEN, "bold"),
        "354": (BLUE, "bold"),
        "502": (RED, "normal"),
        "503": (RED, "normal"),
    }
    assert coloured(frame.T) == coloured(frame)
    assert coloured(frame == 503) == {}
    assert coloured(frame.loc[["TURN"], ["READY"]]) == {"502": (RED, "normal")}


def test_what_counts_replies_is_coloured_by_the_digit_above() -> None:
    counts = pandas.crosstab(
        pandas.Series(["a", "b", "b", "b"], name="command"), pandas.Series([2, 4, 5, 5]), colnames=["first digit"]
    )
    assert coloured(counts.loc[["b"]]) == {"1": (YELLOW, "normal"), "2": (RED, "normal")}


def test_a_column_or_an_index_of_codes_is_coloured_and_no_other_number() -> None:
    frame = pandas.DataFrame({"code": [250, 0, 599], "count": [250, 251, 354]})
    assert coloured(frame) == {"250": (GREEN, "bold")}
    assert coloured(frame.set_index("code")) == {"250": (GREEN, "bold")}
    assert coloured(frame.rename(columns={"code": "n"})) == {}
    assert coloured(pandas.DataFrame({"a": [True], "b": [250]})) == {}
    assert coloured(pandas.DataFrame({"code": ["250"]})) == {}


def test_a_line_below_names_each_digit_in_words() -> None:
    below = re.sub(r"<[^>]*>", "", (to_html(tables.matrix()) or "").partition("</table>")[2])
    assert below.split() == ["2..", "done", "3..", "go", "on", "5..", "never", "(2..", "3..", "bold)"]
    assert (to_html(tables.categories()) or "").endswith("</table>\n</div>")


def test_nothing_is_shown_where_pandas_shows_no_html() -> None:
    with pandas.option_context("display.notebook_repr_html", False):
        assert to_html(pandas.DataFrame({"a": ["b"]})) is None


def test_the_words_are_those_of_pandas_also_where_they_look_like_tags() -> None:
    frame = pandas.DataFrame({"said": ["RCPT TO:<td@lab.example>", "<tr>", "</tr>"], "n": [250, 500, 5]})
    made = to_html(frame) or ""
    narrow = "    .dataframe td, .dataframe th {\n        max-width: 36em;\n    }\n"
    assert made.replace(' style="text-align: left"', "").replace(narrow, "") == frame._repr_html_()
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
    with notebook_shell() as shell:
        tables._pandas.cache_clear()
        tables.commands()
        data, _ = shell.display_formatter.format(pandas.DataFrame({"a": ["b"]}))
        assert LEFT in data["text/html"]


def test_a_directive_shows_its_table_so() -> None:
    assert LEFT in Shown.of(tables.commands()).html(both=True)
