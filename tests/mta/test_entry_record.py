"""An entry of the queue is kept as a line of JSON, and read again as the same value; anything else is refused."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.mta.attempt import Action, RecipientResult, answered
from smtplab.mta.entry_record import read_entry, write_entry
from smtplab.mta.queue_entry import QueueEntry
from smtplab.protocol.grammar import NULL_PATH, POSTMASTER, Path
from smtplab.protocol.replies import EnhancedCode, Reply

ALICE = Path("alice", "far.example")
PATHS = st.sampled_from(
    [ALICE, Path("john doe", "b.example"), Path('a"\\b', "b.example"), Path("ü", "ü.example"), POSTMASTER]
)
REPLIES = st.sampled_from([None, Reply(450, ["4.2.0 a", "4.2.0 ü"]), Reply(550), Reply(550, "\udcff"), Reply(421, "é")])
TIMES = st.integers(0, 2**63)
RESULTS = st.builds(
    RecipientResult,
    PATHS,
    st.sampled_from(Action),
    st.builds(EnhancedCode, st.sampled_from([2, 4, 5]), st.integers(0, 999), st.integers(0, 999)),
    st.text(),
    st.text(),
    REPLIES,
    st.booleans(),
)
ENTRIES = st.builds(
    QueueEntry,
    st.text(),
    st.text(),
    st.one_of(PATHS, st.just(NULL_PATH)),
    st.lists(PATHS, min_size=1, unique=True).map(tuple),
    st.text(),
    TIMES,
    TIMES,
    st.integers(0, 100),
    st.booleans(),
    st.lists(RESULTS, max_size=3).map(tuple),
)
LAST = replace(answered([ALICE], "far.example", Reply(450, "4.2.0 Busy")).recipients[0], possible_duplicate=True)
ENTRY = QueueEntry("A1-1", "A1", NULL_PATH, (ALICE,), "far.example", 5, 7, 2, True, (LAST,))


@given(ENTRIES)
def test_an_entry_is_one_line_of_ascii_and_is_read_again(entry: QueueEntry) -> None:
    text = write_entry(entry)
    assert text.isascii()
    assert len(text.splitlines()) == 1
    assert read_entry(text) == entry


def test_what_was_written_once_is_read_for_ever() -> None:
    """If this fails, a host that is brought up to date loses its queue. Read the old format as well."""
    text = (
        '{"format": "smtplab queue entry 1", "id": "A1-1", "queue_id": "A1", "sender": "<>", "recipients": '
        '["<alice@far.example>"], "next_hop": "far.example", "arrived": 5, "due": 7, "attempts": 2, "warned": true, '
        '"last": [{"path": "<alice@far.example>", "action": "delayed", "status": [4, 2, 0], "words": '
        '"far.example said 450 Busy", "host": "far.example", "reply": "450 4.2.0 Busy\\r\\n", '
        '"possible_duplicate": true}]}'
    )
    assert read_entry(text) == ENTRY
    assert write_entry(ENTRY) == text


@pytest.mark.parametrize("text", ["", "{}", "[]", "1", "null", "[" * 100_000, '{"format": "smtplab queue entry 2"}'])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="spool"):
        read_entry(text)


@pytest.mark.parametrize("key", json.loads(write_entry(ENTRY)))
@pytest.mark.parametrize("value", [None, 1.5, True, "x", ["x"], [None], {}, 7])
def test_a_record_with_a_damaged_value_is_refused_or_has_another_valid_one(key: str, value: Any) -> None:
    record = json.loads(write_entry(ENTRY)) | {key: value}
    try:
        entry = read_entry(json.dumps(record))
    except ValueError:
        return
    assert read_entry(write_entry(entry)) == entry
    assert (key, type(value)) in {
        *((name, str) for name in ("id", "queue_id", "next_hop")),
        *((name, int) for name in ("arrived", "due", "attempts")),
        *(("warned", type(any_value)) for any_value in (None, 1.5, True, "", [], {}, 7)),
        ("last", dict),
    }


def test_a_record_cut_anywhere_is_refused() -> None:
    text = write_entry(ENTRY)
    for end in range(len(text)):
        with pytest.raises(ValueError, match="spool"):
            read_entry(text[:end])
