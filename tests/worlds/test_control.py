"""The control socket of a host answers whom it may, survives what comes in, and replaces what a crash has left."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from smtplab.worlds.control import ControlSocket, ask


def echo(request: Mapping[str, Any], done: Callable[[dict[str, Any]], None]) -> None:
    done({"got": dict(request)})


def answered(path: Path, *calls: Callable[[], Any]) -> list[Any]:
    """Return what calls to a control socket return, one after the other."""

    async def run() -> list[Any]:
        control = ControlSocket(path, echo)
        await control.start()
        try:
            return [await asyncio.to_thread(call) for call in calls]
        finally:
            control.stop()

    return asyncio.run(run())


def raw(path: Path, octets: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(path))
        sock.sendall(octets)
        sock.shutdown(socket.SHUT_WR)
        return sock.makefile("rb").read()


def test_a_request_gets_its_answer(tmp_path: Path) -> None:
    path = tmp_path / "control"
    requests = [{"do": "list"}, {"do": "show", "id": "ä" * 100_000}]
    answers = answered(path, *(lambda each=each: ask(path, each) for each in requests))  # type: ignore[misc]
    assert answers == [{"got": each} for each in requests]
    assert not path.exists()


def test_only_the_owner_may_open_the_socket(tmp_path: Path) -> None:
    path = tmp_path / "control"
    (mode,) = answered(path, lambda: stat.S_IMODE(path.stat().st_mode))
    assert mode == 0o600


@pytest.mark.parametrize("octets", [b"", b"{", b"[1]\n", b"\xff\n", b"7\n"])
def test_what_is_no_request_is_answered_as_an_empty_one(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "control"
    line, after = answered(path, lambda: raw(path, octets), lambda: ask(path, {"a": 1}))
    assert json.loads(line) == {"got": {}}
    assert after == {"got": {"a": 1}}


def test_a_socket_that_a_crash_has_left_is_replaced_and_told_from_one_that_is_open(tmp_path: Path) -> None:
    path = tmp_path / "control"
    with pytest.raises(FileNotFoundError):
        ask(path, {})
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with pytest.raises(ConnectionRefusedError):
        ask(path, {})
    assert answered(path, lambda: ask(path, {})) == [{"got": {}}]


def test_a_path_that_is_too_long_for_a_socket_works_too(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100) / ("y" * 100)
    folder.mkdir(parents=True)
    assert answered(folder / "control", lambda: ask(folder / "control", {"a": 1})) == [{"got": {"a": 1}}]


def test_a_socket_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        answered(tmp_path / "none" / "control")
