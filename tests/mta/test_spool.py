from __future__ import annotations

import threading

import pytest

from smtplab.mta.queue_entry import QueueEntry, entries_of
from smtplab.mta.spool import MemorySpool, SpoolDraft
from smtplab.mta.store import InsufficientStorageError, LocalError
from smtplab.protocol.grammar import NULL_PATH, Path

PATHS = (Path("a", "one.example"), Path("b", "two.example"))


def entries(queue_id: str = "A1") -> tuple[QueueEntry, ...]:
    return entries_of(queue_id, {NULL_PATH: PATHS}, 0, lambda domain: domain)


def draft(spool: MemorySpool, queue_id: str = "A1", content: bytes = b"0123456789") -> SpoolDraft:
    begun = spool.begin(entries(queue_id))
    begun.write(content[:4])
    begun.write(content[4:])
    return begun


def kept(spool: MemorySpool) -> list[str]:
    return [entry.id for entry in spool.load()]


def test_a_message_is_kept_from_commit_to_its_last_entry() -> None:
    spool = MemorySpool()
    begun = draft(spool)
    assert kept(spool) == []
    spool.commit(begun)
    assert (kept(spool), spool.content("A1"), spool.octets) == (["A1-1", "A1-2"], b"0123456789", 10)
    first, second = entries()
    spool.remove(first)
    assert (kept(spool), spool.content("A1")) == (["A1-2"], b"0123456789")
    spool.remove(second)
    assert (kept(spool), spool.octets) == ([], 0)
    spool.remove(second)  # once more does no harm
    with pytest.raises(LocalError):
        spool.content("A1")


def test_an_entry_is_replaced_by_what_is_left_of_it() -> None:
    spool = MemorySpool()
    spool.commit(draft(spool))
    first, _ = entries()
    spool.update(QueueEntry("A1-1", "A1", NULL_PATH, first.recipients, first.next_hop, 0, 99, attempts=1))
    assert [(entry.id, entry.due) for entry in spool.load()] == [("A1-1", 99), ("A1-2", 0)]


def test_a_message_can_be_withdrawn_with_all_its_entries() -> None:
    spool = MemorySpool()
    spool.commit(draft(spool))
    spool.withdraw("A1")
    spool.withdraw("A1")
    assert (kept(spool), spool.octets) == ([], 0)


def test_what_does_not_fit_is_refused_and_leaves_nothing() -> None:
    spool = MemorySpool(15)
    spool.commit(draft(spool))
    begun = draft(spool, "A2")
    with pytest.raises(InsufficientStorageError):
        spool.commit(begun)
    assert (kept(spool), spool.octets) == (["A1-1", "A1-2"], 10)
    with pytest.raises(LocalError):
        spool.commit(begun)


def test_an_aborted_message_is_not_kept() -> None:
    spool = MemorySpool()
    begun = draft(spool)
    begun.abort()
    with pytest.raises(LocalError):
        spool.commit(begun)
    assert kept(spool) == []


def test_an_entry_that_is_gone_is_not_brought_back() -> None:
    spool = MemorySpool()
    spool.commit(draft(spool))
    first, second = entries()
    spool.remove(first, done=False)
    with pytest.raises(LocalError):
        spool.update(first)
    spool.update(second)
    assert kept(spool) == ["A1-2"]


def test_threads_that_remove_the_entries_of_a_message_at_once_leave_nothing() -> None:
    spool = MemorySpool()
    for number in range(50):
        spool.commit(draft(spool, f"A{number}"))
        threads = [threading.Thread(target=spool.remove, args=(entry,)) for entry in entries(f"A{number}")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (kept(spool), spool.octets) == ([], 0)
