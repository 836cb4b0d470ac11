"""Requests about a queue: what fails for one entry does not keep the others from it, and nothing is unanswerable."""

from __future__ import annotations

from typing import Any

import pytest

from smtplab.mta.queue_control import ControlTable, QueueControl
from smtplab.mta.queue_entry import QueueEntry
from smtplab.mta.retry_schedule import HopLimits
from smtplab.mta.store import LocalError
from smtplab.protocol.grammar import Path
from support.hosts import MemoryWorld, carry_out
from support.relaying import CONTENT, Relaying

PATHS = [Path("x", f"{name}.example") for name in ("far", "backup", "other")]


@pytest.fixture
def relaying() -> Relaying:
    """A host whose only message waits for three next hops."""
    relaying = Relaying({})
    relaying.accept(*PATHS)
    return relaying


def asked(relaying: Relaying, do: object, wanted: object = "", *, runs: bool = True) -> ControlTable:
    request = {"do": do, "id": wanted}
    return carry_out(QueueControl(relaying.manager, runs=runs).answer(request), MemoryWorld())


def ids(relaying: Relaying) -> list[str]:
    return [entry.id for entry in relaying.manager.queue]


def breaking(relaying: Relaying, monkeypatch: pytest.MonkeyPatch, step: str, broken: str) -> None:
    """Let a step of the spool fail for one entry."""
    real = getattr(relaying.spool, step)

    def fail(entry: QueueEntry, **named: Any) -> None:
        if entry.id == broken:
            raise LocalError("the disk is broken")
        real(entry, **named)

    monkeypatch.setattr(relaying.spool, step, fail)


def test_entries_are_listed_and_shown_with_what_comes_next(relaying: Relaying) -> None:
    answer = asked(relaying, "list")
    assert [len(answer["entries"]), answer["active"], answer["runs"]] == [3, [], True]
    shown = asked(relaying, "show", "a000001-2")
    assert "backup.example" in shown["outlook"][0]
    assert (shown["header"], shown["octets"]) == (CONTENT.decode().partition("\r\n\r\n")[0].split("\r\n"), len(CONTENT))


@pytest.mark.parametrize("broken", [f"A000001-{number}" for number in (1, 2, 3)])
def test_an_entry_that_cannot_be_dropped_is_named_and_the_others_go(
    relaying: Relaying, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    with monkeypatch.context() as patch:
        breaking(relaying, patch, "remove", broken)
        answer = asked(relaying, "drop", "A000001")
    assert len(answer["entries"]) == 2
    (failed,) = answer["failed"]
    assert broken in failed
    assert "the disk is broken" in failed
    assert ids(relaying) == [broken] == [entry.id for entry in relaying.spool.load()]
    assert asked(relaying, "drop", "A000001")["failed"] == []
    assert (ids(relaying), tuple(relaying.spool.load())) == ([], ())


def test_an_entry_under_way_is_named_and_the_others_go(relaying: Relaying) -> None:
    relaying.manager.queue.limits = HopLimits(sessions=1, total=1)
    (attempt,) = relaying.manager.queue.due(relaying.manager.now)
    answer = asked(relaying, "drop", "A000001")
    assert len(answer["entries"]) == 2
    assert attempt.entry.id in answer["failed"][0]
    assert ids(relaying) == [attempt.entry.id]


@pytest.mark.parametrize("runs", [True, False])
def test_a_retry_is_written_only_where_no_host_runs(
    relaying: Relaying, monkeypatch: pytest.MonkeyPatch, runs: bool
) -> None:
    relaying.run(until=lambda: len(relaying.attempts) == 3)
    assert all(entry.due > relaying.manager.now for entry in relaying.spool.load())
    breaking(relaying, monkeypatch, "update", "A000001-2")
    answer = asked(relaying, "retry", "A000001", runs=runs)
    assert len(answer["entries"]) == 3 - (not runs)
    assert ["A000001-2" in each for each in answer["failed"]] == [True] * (not runs)
    written = [entry.id for entry in relaying.spool.load() if entry.due <= relaying.manager.now]
    assert written == ([] if runs else ["A000001-1", "A000001-3"])


@pytest.mark.parametrize("do", ["show", "retry", "drop"])
def test_an_unknown_id_is_an_error(relaying: Relaying, do: str) -> None:
    assert "B7" in asked(relaying, do, "B7")["error"]
    assert asked(relaying, do, ["A000001"])["error"]
    assert len(ids(relaying)) == 3


@pytest.mark.parametrize("do", ["", "stop", None, 7, [], {}, ["list"]])
def test_what_is_no_request_is_an_error(relaying: Relaying, do: object) -> None:
    assert "request" in asked(relaying, do)["error"]


def test_a_message_that_cannot_be_read_is_an_error(relaying: Relaying, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(queue_id: str) -> bytes:
        raise LocalError("the disk is broken")

    monkeypatch.setattr(relaying.spool, "content", fail)
    assert asked(relaying, "show", "A000001")["error"] == "the disk is broken"


def test_a_mistake_of_the_program_is_not_taken_for_a_wrong_request(
    relaying: Relaying, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying.manager, "retry", lambda entry_id: {}["no such key"])
    with pytest.raises(KeyError):
        asked(relaying, "retry", "A000001")
