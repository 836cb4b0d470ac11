"""A student's text can be seen, all of it, and does nothing."""

import pytest

from smtplab.grading.results.plain_text import one_line, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("250 OK\r\n\tGroß <b>\n", "250 OK\n\tGroß <b>\n"),
        ("1 %\r2 %\r3 %", "1 %\n2 %\n3 %"),
        ("\x1b[0;31mNameError\x1b[0m: x", "NameError: x"),
        ("\x1b[2J\x1b[1;1Hgone?", "gone?"),
        ("\x1b]8;;http://x.example\x07here", "\\x1b]8;;http://x.example\\x07here"),
        ("a\x00b\x07\x08\x7f", "a\\x00b\\x07\\x08\\x7f"),
        ("\u202egnp.exe\u2066", "\\u202egnp.exe\\u2066"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("half \ud83d of one", "half \\ud83d of one"),
        ("\U000e0041", "\\U000e0041"),
        ("one\u2028two\x0bthree\x0cfour\x85five", "one\ntwo\nthree\nfour\nfive"),
    ],
)
def test_everything_in_a_text_can_be_seen_and_nothing_acts(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize("letter", ["x", "ß", "😀", "\x00", "\ud800"])
@pytest.mark.parametrize("more", [-1, 0, 1, 5000])
def test_a_text_has_at_most_so_many_octets_and_says_where_it_is_cut(letter: str, more: int) -> None:
    whole = plain(letter)
    count = 4096 // len(whole.encode()) + more
    shown, _, notice = plain(letter * count, 4096).partition("\n[")
    assert len(shown.encode()) <= 4096
    fits = len((whole * count).encode()) <= 4096
    assert bool(notice) is not fits
    assert (whole * count).startswith(shown)
    assert shown == whole * count or "4 KiB" in notice


def test_what_the_colours_took_away_does_not_hide_that_a_text_is_cut() -> None:
    assert plain("\x1b[0m" * 5000 + "behind", 4096).endswith("\n[cut here: more than 4 KiB]")


def test_a_cell_of_a_table_has_one_short_line() -> None:
    assert one_line("a\n\n  b\tc ") == "a b c"
    assert one_line("x" * 201) == "x" * 199 + "…"
    assert one_line("x" * 200) == "x" * 200
