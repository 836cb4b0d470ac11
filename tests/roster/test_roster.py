"""The roster as a value and as a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.roster import sentences
from smtplab.roster.roster import RosterEntry, RosterError, read_roster, roster_of
from smtplab.roster.student_ids import folder_id
from support.templates import says

WORDS = st.text(st.characters(blacklist_categories=("C",)), max_size=12).map(lambda text: " ".join(text.split()))
IDS = WORDS.map(folder_id).filter(lambda text: bool(text) and text == folder_id(text))


@given(st.lists(st.tuples(IDS, WORDS), unique_by=lambda each: each[0]))
def test_what_is_written_is_read(students: list[tuple[str, str]]) -> None:
    roster = roster_of(RosterEntry(id, name, str(number)) for number, (id, name) in enumerate(students))
    assert read_roster(roster.to_csv()) == roster


def test_a_name_is_no_formula() -> None:
    assert b"'=1+1" in roster_of([RosterEntry("mia", "=1+1")]).to_csv()


def test_a_spreadsheet_may_save_it_with_semicolons_and_columns_moved() -> None:
    roster = read_roster("name;extension;id\r\nZoë;2026-12-01;zoë\r\n".encode("cp1252"))
    assert roster.entries == (RosterEntry("zoë", "Zoë", "", "2026-12-01"),)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("student\nmia\n", "NOT_A_ROSTER"),
        ("", "NOT_A_ROSTER"),
        ("id,name\n,Mia\n", "NO_ID_IN_LINE"),
        ("id\n../x\n", "NO_ID_IN_LINE"),
        ("id;platform key\nmia;1,00001E+13\n", "SHORTENED_NUMBER"),
        ("id\n1.2E+11\n", "SHORTENED_NUMBER"),
        ("id\nmia\nMia\n", "TWICE_IN_ROSTER"),
        ("id,platform key\nmia,1\nnoah,1\n", "TWICE_IN_ROSTER"),
    ],
)
def test_a_table_that_is_no_roster_is_refused(text: str, name: str) -> None:
    with pytest.raises(RosterError) as caught:
        read_roster(text.encode(), "r.csv")
    assert says(sentences, str(caught.value), name, "r.csv")


def test_an_extension_without_a_time_is_the_end_of_the_day() -> None:
    due = RosterEntry("mia", extension="2026-12-01").due()
    assert due is not None
    assert (due.isoformat()[:19], due.tzinfo is None) == ("2026-12-01T23:59:59", False)


def test_an_extension_with_a_time_zone_keeps_its_moment() -> None:
    due = RosterEntry("mia", extension="2026-12-01T18:00:00+02:00").due()
    utc = RosterEntry("mia", extension="2026-12-01T16:00:00Z").due()
    assert due == utc
    assert RosterEntry("mia").due() is None


@pytest.mark.parametrize("text", ["friday", "2026-13-01", "9999-12-31T23:59:59-23:59"])
def test_an_extension_that_is_no_date_says_so(text: str) -> None:
    with pytest.raises(RosterError) as caught:
        RosterEntry("mia", extension=text).due()
    assert says(sentences, str(caught.value), "NOT_A_DATE", text)
