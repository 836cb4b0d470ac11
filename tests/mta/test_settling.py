"""The end of an attempt is written so that no recipient is lost: the report first, and then what is left."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

import pytest

from smtplab.mta.queue_entry import QueueEntry, entries_of
from smtplab.mta.settling import OwnMail, keep, write_down
from smtplab.mta.spool import MemorySpool, SpoolDraft
from smtplab.mta.spool_folder import FolderSpool
from smtplab.mta.store import LocalError, MemoryDraft
from smtplab.protocol.grammar import NULL_PATH, Path

ALICE, SENDER = Path("alice", "far.example"), Path("someone", "near.example")


def entry_of(queue_id: str, sender: Path = SENDER, to: Path = ALICE) -> QueueEntry:
    (entry,) = entries_of(queue_id, {sender: [to]}, 0, lambda domain: domain)
    return entry


ENTRY = entry_of("A1")
REPORT = OwnMail((entry_of("A2", NULL_PATH, SENDER),), b"Subject: failed\r\n\r\n")


@pytest.fixture
def spool() -> MemorySpool:
    spool = MemorySpool()
    keep(spool, OwnMail((ENTRY,), b"Subject: x\r\n\r\n"))
    return spool


def steps_of(spool: MemorySpool, monkeypatch: pytest.MonkeyPatch, breaks: str = "") -> list[str]:
    """Return a list that gets the names of the steps that are taken; one of them fails."""
    steps: list[str] = []

    def watch(name: str) -> Callable[..., None]:
        real = getattr(spool, name)

        def step(*arguments: Any) -> None:
            steps.append(name)
            if name == breaks:
                raise LocalError("the disk is broken")
            real(*arguments)

        return step

    for name in ("commit", "update", "remove"):
        monkeypatch.setattr(spool, name, watch(name))
    return steps


def kept(spool: MemorySpool) -> list[str]:
    return [entry.queue_id for entry in spool.load()]


@pytest.mark.parametrize(
    ("left", "step", "after"), [(None, "remove", ["A2"]), (replace(ENTRY, attempts=1), "update", ["A1", "A2"])]
)
def test_the_report_is_in_the_spool_before_its_entry_leaves_it(
    spool: MemorySpool, monkeypatch: pytest.MonkeyPatch, left: QueueEntry | None, step: str, after: list[str]
) -> None:
    steps = steps_of(spool, monkeypatch)
    assert write_down(spool, ENTRY, left, REPORT)
    assert steps == ["commit", step]
    assert kept(spool) == after
    assert spool.content("A2") == REPORT.content


def test_without_a_report_only_the_entry_is_written(spool: MemorySpool, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = steps_of(spool, monkeypatch)
    assert write_down(spool, ENTRY, None, None)
    assert (steps, kept(spool)) == (["remove"], [])


def test_if_the_report_cannot_be_written_the_entry_is_as_before(
    spool: MemorySpool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    steps = steps_of(spool, monkeypatch, "commit")
    with caplog.at_level(logging.WARNING):
        assert not write_down(spool, ENTRY, None, REPORT)
    assert (steps, kept(spool)) == (["commit"], ["A1"])
    assert "A1-1 stays" in caplog.text


@pytest.mark.parametrize(("left", "step"), [(None, "remove"), (replace(ENTRY, attempts=1), "update")])
def test_if_the_entry_cannot_be_written_that_is_logged_and_the_report_counts(
    spool: MemorySpool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    left: QueueEntry | None,
    step: str,
) -> None:
    steps_of(spool, monkeypatch, step)
    with caplog.at_level(logging.WARNING):
        assert write_down(spool, ENTRY, left, REPORT)
    assert "A1-1 could not be written" in caplog.text
    assert kept(spool) == ["A1", "A2"]


def test_a_long_message_is_written_out_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []

    def write(draft: SpoolDraft, chunk: bytes) -> Callable[[], None]:
        MemoryDraft.write(draft, chunk)
        return lambda: written.append(chunk)

    monkeypatch.setattr(SpoolDraft, "write", write)
    spool = MemorySpool()
    keep(spool, REPORT)
    assert written == [REPORT.content]


def test_an_entry_that_cannot_be_written_is_logged_with_the_folder_of_its_spool(
    tmp_path: FilePath, caplog: pytest.LogCaptureFixture
) -> None:
    spool = FolderSpool(tmp_path / "spool")
    keep(spool, OwnMail((ENTRY,), b"Subject: x\r\n\r\n"))
    (tmp_path / "spool" / "entries").rmdir()  # a name in it can no longer be made
    assert write_down(spool, ENTRY, replace(ENTRY, attempts=1), None)
    assert f"look at the folder {tmp_path / 'spool'}" in caplog.text
    (tmp_path / "spool" / "messages").rename(tmp_path / "elsewhere")
    for file in (tmp_path / "elsewhere").iterdir():
        file.unlink()
        file.mkdir()  # so it cannot be removed
    assert write_down(spool, ENTRY, None, None)
    assert caplog.text.count(f"look at the folder {tmp_path / 'spool'}") == 2
