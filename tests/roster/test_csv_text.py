"""Tables as platforms and spreadsheets save them: encodings, delimiters, rows."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.roster.csv_text import decoded, delimiter_of, read_table

TEXT = "id,name\r\nzoë,Müller\r\n"
EXPECTED = (("id", "name"), ((2, ("zoë", "Müller")),))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_every_encoding_that_programs_write_is_read(encoding: str) -> None:
    found = read_table(TEXT.encode(encoding))
    assert (found.title, found.rows) == EXPECTED


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_a_byte_order_mark_decides(mark: bytes, encoding: str) -> None:
    assert decoded(mark + TEXT.encode(encoding))[0] == TEXT


def test_only_windows_1252_is_a_guess_and_says_so() -> None:
    assert decoded(TEXT.encode("cp1252"))[1] == "cp1252"
    assert decoded(TEXT.encode())[1] == "utf-8-sig"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_is_found_although_names_hold_commas(delimiter: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([["name", "id"], ["Lovelace, Ada", "a"], ["O;Brien, Z", "z"]])
    assert read_table(text.getvalue().encode()).rows == ((2, ("Lovelace, Ada", "a")), (3, ("O;Brien, Z", "z")))


def test_a_table_of_one_column_has_commas() -> None:
    assert delimiter_of(["id", "mia", "noah"]) == ","


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_line_in_which_excel_names_its_delimiter_is_no_row(delimiter: str) -> None:
    found = read_table(b"sep=;\r\nid;name\r\nmia;Mia, M\r\n".replace(b";", delimiter.encode()))
    assert (found.title, found.rows) == (("id", "name"), ((3, ("mia", "Mia, M")),))


def test_empty_lines_are_no_rows_and_cells_are_stripped() -> None:
    assert read_table(b"\n id , name \n\n,,\nmia, Mia \n").rows == ((5, ("mia", "Mia")),)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\0", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_nothing_is_an_empty_table(data: bytes) -> None:
    assert (read_table(data).title, read_table(data).rows) == ((), ())


def test_a_line_break_in_a_quoted_cell_ends_no_row() -> None:
    assert read_table(b'id,note\nmia,"a\nb"\nnoah,c\n').rows == ((3, ("mia", "a b")), (4, ("noah", "c")))


def test_a_cell_of_a_year_of_feedback_is_read() -> None:
    before = csv.field_size_limit()
    assert read_table(b"id,note\nmia," + b"x" * 2_000_000).rows[0][1][1] == "x" * 2_000_000
    assert csv.field_size_limit() == before


@given(st.binary(max_size=200))
def test_any_octets_are_a_table(data: bytes) -> None:
    assert all(any(cells) for _, cells in read_table(data).rows)
