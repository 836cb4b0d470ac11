"""Two conversations compared: what both have, where they part, and nothing of what does not matter."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.transcript import Side, Transcript
from smtplab.transcript.diff import Diff


def of(*lines: str) -> Transcript:
    return Transcript.parse("\n".join(lines))


FIRST = of("S: 220 x", "C: NOOP", "S: 250 ok", "C: QUIT", "S: 221 bye")


def test_two_that_say_the_same_do_not_differ() -> None:
    diff = FIRST.diff(Transcript(FIRST))
    assert diff.same
    assert diff.parting is None
    assert str(diff) == (
        "Both conversations have the same 5 lines.\n  S: 220 x\n  C: NOOP\n  S: 250 ok\n  C: QUIT\n  S: 221 bye"
    )


def test_marks_say_which_line_is_whose_and_the_summary_where_they_part() -> None:
    diff = FIRST.diff(of("S: 220 x", "C: NOOP", "S: 421 no"))
    assert not diff.same
    assert diff.parting == 3
    assert str(diff) == (
        "The conversations first part in line 3: the first has 'S: 250 ok', the second has 'S: 421 no'.\n"
        "  S: 220 x\n  C: NOOP\n- S: 250 ok\n- C: QUIT\n- S: 221 bye\n+ S: 421 no"
    )
    assert repr(diff) == f"<Diff: {diff.summary}>"


def test_lines_behind_the_parting_are_found_again() -> None:
    diff = FIRST.diff(of("S: 220 x", "C: NOOP", "S: 250 ok", "C: RSET", "S: 250 reset", "C: QUIT", "S: 221 bye"))
    assert [line.mark for line in diff.lines] == [" ", " ", " ", "+", "+", " ", " "]
    assert diff.parting == 4


def test_one_that_ends_earlier_is_said_to_have_ended() -> None:
    assert FIRST.diff(Transcript(FIRST[:3])).summary == (
        "The conversations first part in line 4: the first has 'C: QUIT', the second has ended."
    )
    assert Transcript().diff(FIRST).summary.startswith("The conversations first part in line 1: the first has ended")
    assert Transcript().diff(Transcript()).same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fri, 6 Aug 2004 10:25:00 -0400", "Sat, 17 May 2025 23:59:59 +0000"),
        ("Fri, 6 Aug 2004 . . .", "Fri, 6 Aug 2004 10:25:00 -0400"),
        ("6 Aug 2004 10:25 GMT", "Fri, 6 Aug 2004 10:25:00 -0400"),
    ],
)
def test_dates_are_not_compared_and_marked(one: str, other: str) -> None:
    diff = of(f"S: 220 x ready {one}").diff(of(f"S: 220 x ready {other}"))
    assert diff.same
    assert str(diff).split("\n") == [
        "Both conversations have the same line; ~ marks another date.",
        f"~ S: 220 x ready {one}",
    ]


def test_what_only_looks_like_a_date_is_compared() -> None:
    assert not of("S: 220 6 August").diff(of("S: 220 7 August")).same


def test_times_and_notes_are_not_compared() -> None:
    timed = Transcript()
    timed.note("Connected", 0.0)
    for row in FIRST:
        timed.add(row.side, row.data, 1.5)
    assert timed.diff(FIRST).same


def test_whose_line_it_is_is_compared() -> None:
    one, other = of("S: 220 x"), of("S: 220 x")
    one.add(Side.CLIENT, b"250 ok\r\n")
    other.add(Side.SERVER, b"250 ok\r\n")
    assert not one.diff(other).same


def test_html_has_two_columns_with_marks_and_shows_tags_as_text() -> None:
    html = of("S: 554 end with <CRLF>.<CRLF>").diff(of("S: 554 go on"))._repr_html_()
    assert "<CRLF>" not in html
    cells = [unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>.*?</t[hd]>", html)]
    assert cells == ["", "first", "second", "-", "S: 554 end with <CRLF>.<CRLF>", "", "+", "", "S: 554 go on"]
    assert 'title="only in the first"' in html
    assert not re.search(r"#[0-9a-f]{3,6}|\bid=", html)


rows = st.lists(st.tuples(st.sampled_from([Side.CLIENT, Side.SERVER]), st.sampled_from("abc")), max_size=12)


@given(rows, rows)
def test_each_side_is_found_whole_and_in_order(first: list[tuple[Side, str]], second: list[tuple[Side, str]]) -> None:
    transcripts = [Transcript(), Transcript()]
    for transcript, lines in zip(transcripts, (first, second), strict=True):
        for side, text in lines:
            transcript.add(side, f"{text}\r\n".encode())
    diff = Diff(*transcripts)
    assert [line.first for line in diff.lines if line.first is not None] == list(transcripts[0])
    assert [line.second for line in diff.lines if line.second is not None] == list(transcripts[1])
    assert diff.same == (first == second)


def test_long_conversations_are_compared_quickly() -> None:
    long = Transcript([row for _ in range(1500) for row in FIRST[1:3]])
    assert long.diff(Transcript(long)).same
    assert Transcript(long[:-2]).diff(long).parting == len(long) - 1


def test_the_columns_have_the_names_that_are_given() -> None:
    html = of("S: 220 a").diff(of("S: 220 b"), ("yours", "lecture"))._repr_html_()
    assert ">yours</th>" in html
    assert ">lecture</th>" in html
    assert ">first</th>" not in html
