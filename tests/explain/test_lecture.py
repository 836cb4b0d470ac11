"""The lecture's tables are read as they stand."""

import pytest

from smtplab.explain.lecture import lecture_rows


@pytest.mark.parametrize(("table", "number", "column"), [("commands", 14, "verb"), ("codes", 21, "code")])
def test_the_lecture_has_14_commands_and_21_codes(table: str, number: int, column: str) -> None:
    assert len({row[column] for row in lecture_rows(table)}) == number


def test_a_table_is_read_once() -> None:
    assert lecture_rows("phases") is lecture_rows("phases")
