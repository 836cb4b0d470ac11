"""Text in tables: no formula, and the same text again when it is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.base import spreadsheet_text


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@sum", "＝1", " =1", "'=1", "a;=1", "\t=1"])
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert spreadsheet_text.harmless(text) != text
    assert spreadsheet_text.given(spreadsheet_text.harmless(text)) == text


@pytest.mark.parametrize("text", ["-1", "+1.5", "O'Brien", "Ada Lovelace", "", "1=1"])
def test_a_number_and_plain_text_stay(text: str) -> None:
    assert spreadsheet_text.harmless(text) == text


@given(st.text("=+-@' ;\tab1"))
def test_what_is_written_is_read(text: str) -> None:
    assert spreadsheet_text.given(spreadsheet_text.harmless(text)) == text
