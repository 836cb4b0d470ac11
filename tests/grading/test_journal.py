"""A journal tells what was done, in its order; what is no entry is left out."""

from __future__ import annotations

from time import process_time
from typing import Any

from smtplab.grading.journal import (
    MAX_CALLS,
    MAX_STEPS,
    SAVED,
    ExerciseJournal,
    entries,
    journal_line,
    journal_of_this_process,
    keep_journal,
    lines_of,
)


def written(*told: tuple[str, dict[str, Any]], exercise: str = "01") -> list[bytes]:
    """Return the lines of a journal of an exercise."""
    lines: list[bytes] = []
    journal = ExerciseJournal(lines.append)
    for did, more in told:
        journal.write(did, exercise, **more)
    return lines


def test_what_was_written_is_read_in_its_order() -> None:
    lines = written(("hand out", {"said": "mia"}), ("send", {"call": 0, "data": "NOOP\r\n\xff\0"}))
    assert [(entry["did"], entry.get("data")) for entry in entries(lines, "01")] == [
        ("hand out", None),
        ("send", "NOOP\r\n\xff\0"),
    ]


def test_an_exercise_that_is_handed_out_again_begins_anew() -> None:
    lines = []
    for number in range(3):
        lines += written(("hand out", {"number": number}))
        lines += written(("hand out", {}), exercise="03")
        lines += written(("dial", {"number": number}))
    assert [(entry["did"], entry["number"]) for entry in entries(lines, "01")] == [("hand out", 2), ("dial", 2)]


def test_what_was_done_is_written_at_once_so_that_it_outlives_the_process() -> None:
    lines: list[bytes] = []
    journal = ExerciseJournal(lines.append)
    journal.write("dial", "01", number=1)
    assert lines == [b'{"did": "dial", "exercise": "01", "number": 1}\n']


def test_lines_that_are_no_entries_are_left_out() -> None:
    junk = [b"\xff", b'{"exercise"', b"5", b"[]", b"{}", b"[" * 100_000, b""]
    assert entries([*junk, b'{"did": "dial", "exercise": "01"}'], "01") == [{"did": "dial", "exercise": "01"}]


def test_what_json_does_not_know_is_written_as_nothing() -> None:
    assert [entry["host"] for entry in entries(written(("dial", {"host": object()})), "01")] == [None]


def test_a_journal_is_kept_only_while_somebody_takes_its_lines() -> None:
    assert journal_of_this_process() is None
    lines: list[bytes] = []
    keep_journal(lines.append)
    try:
        journal = journal_of_this_process()
        assert journal is not None
        journal.write("dial", "01")
    finally:
        keep_journal(None)
    assert lines == [b'{"did": "dial", "exercise": "01"}\n']
    assert journal_of_this_process() is None


def test_a_loop_without_an_end_leaves_room_for_the_answers_behind_it() -> None:
    lines: list[bytes] = []
    journal = ExerciseJournal(lines.append)
    journal.write("hand out", "01")
    for number in range(MAX_STEPS + 10):
        journal.write("send", "01", call=0, data="NOOP\r\n", number=number)
    journal.write("hand in", "01")
    found = entries(lines, "01")
    assert len(found) == 1 + MAX_STEPS + 1
    assert found[-1]["did"] == "hand in"
    journal.write("hand out", "01")
    journal.write("send", "01")
    assert len(entries(lines, "01")) == 2


def test_there_is_as_much_room_behind_a_test_cell_as_before_it() -> None:
    sends = [("send", {"call": 0})] * (MAX_STEPS + 10)
    lines = written(("hand out", {}), *sends, (SAVED, {}), *sends)
    assert len(entries(lines, "01")) == 1 + MAX_STEPS + 1 + MAX_STEPS


def test_made_up_test_cells_make_no_room_without_an_end() -> None:
    lines = [b'{"did": "dial", "exercise": "01"}', b'{"did": "save", "exercise": "01"}'] * 2 * MAX_CALLS
    assert sum(entry["did"] == "dial" for entry in entries(lines, "01")) < MAX_CALLS + 50


def test_long_lines_without_an_end_leave_room_as_well() -> None:
    lines = written(*[("send", {"data": "x" * 1_000_000})] * 20, ("hand in", {}))
    assert sum(map(len, lines)) < 3_000_000
    assert entries(lines, "01")[-1]["did"] == "hand in"


def test_of_a_forged_journal_no_more_octets_are_repeated_than_would_have_been_written() -> None:
    forged = [journal_line("send", exercise="01", data="x" * 1_000_000)] * 20
    assert sum(len(entry["data"]) for entry in entries(forged, "01")) < 3_000_000
    odd = [journal_line("send", exercise="01", data=["x" * 1_000_000])] * 20
    assert len(entries(odd, "01")) < 5


def test_the_lines_of_a_journal_are_found_in_a_flood_of_others() -> None:
    lines = written(("hand out", {"said": "\n}\n{"}), ("dial", {}))
    flood = b"\n" * 2_000_000 + b"x\n}{\n" * 100_000 + b"{" * 2_000_000 + b"\n"
    begun = process_time()
    found = lines_of(flood.join([b"", *lines, b'{"did": "half']))
    assert process_time() - begun < 2
    assert [line + b"\n" for line in found] == lines
    assert len(lines_of(b"{}\n" * 1_000_000)) < 500_000


def test_whatever_was_written_is_read_again() -> None:
    lines = written(*[("send", {"data": "\xff" * 30_000})] * 100)
    assert len(entries(lines, "01")) == len(lines) > 10


def test_of_a_journal_that_was_forged_no_more_is_read_than_would_have_been_written() -> None:
    lines = [b'{"did": "dial", "exercise": "01"}'] * (MAX_CALLS + 10) + [b'{"did": "hand in", "exercise": "01"}']
    assert len(entries(lines, "01")) == MAX_CALLS + 1
