"""The server in a thread beside a program: started and stopped by whoever, once, and nothing of it is left."""

import asyncio
import contextlib
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from smtplab.mta.directory import Directory
from smtplab.mta.policy import Policy
from smtplab.worlds import background
from smtplab.worlds.background import BackgroundServer, serve
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_client import Client
from support.hosts import mail_host
from support.python import printed_by
from support.raw_client import PATIENCE, connected

pytestmark = pytest.mark.usefixtures("server_loop")

CONTENT = b"Subject: x\r\n\r\nx\r\n"


def test_greeting_tells_the_time_of_the_clock_that_was_given() -> None:
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    with serve(clock=lambda: noon) as server, connected(server.address) as client:
        assert "1 May 2024 12:00:00 +0000" in client.reply()


def test_stopping_twice_or_before_the_start_does_nothing() -> None:
    server = BackgroundServer(Server(mail_host()))
    server.stop()
    server.start()
    server.stop()
    server.stop()


def test_stopping_from_several_threads_at_once_does_it_once() -> None:
    for _ in range(20):
        server = BackgroundServer(Server(mail_host())).start()
        with ThreadPoolExecutor(8) as threads:
            for stop in [threads.submit(server.stop) for _ in range(8)]:
                stop.result(PATIENCE)


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_program_that_does_not_stop_its_server_ends_all_the_same() -> None:
    assert printed_by("from smtplab.worlds.background import serve; print(serve().start().address[0])") == "127.0.0.1\n"


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not show a process its descriptors")
def test_starting_and_stopping_leaks_no_thread_and_no_descriptor() -> None:
    def once() -> None:
        with serve() as server, Client(*server.address) as client, connected(server.address) as left_open:
            client.deliver("", ["alice@lab.example"], CONTENT)
            left_open.reply()

    threads = set(threading.enumerate())
    once()  # what is loaded once and for all
    descriptors = _descriptors()
    for _ in range(20):
        once()
        assert set(threading.enumerate()) <= threads  # one of a test before may have ended meanwhile
    assert _descriptors() == descriptors


def test_whatever_breaks_at_the_start_is_told_to_whoever_starts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> asyncio.AbstractEventLoop:
        raise RuntimeError("no loop today")

    def start() -> None:
        try:
            server.start()
        except RuntimeError as error:
            said.append(str(error))

    monkeypatch.setattr(background, "new_event_loop", broken)
    server, said = serve(), []
    thread = threading.Thread(target=start, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert said == ["no loop today"]


def test_second_start_is_refused_in_a_plain_sentence() -> None:
    with serve() as server:
        pass
    with pytest.raises(RuntimeError, match="this server has been started before, and serves only"):
        server.start()


def test_server_and_client_work_inside_a_running_event_loop_as_in_a_notebook() -> None:
    async def cell() -> int:
        with serve() as server, Client(*server.address) as client:
            client.deliver("", ["alice@lab.example"], CONTENT)
            await asyncio.sleep(0)
            return len(server.handler.store.messages("alice"))

    assert asyncio.run(cell()) == 1


# What it serves


def test_loop_is_that_of_uvloop_where_it_is_installed_and_else_one_that_knows_when_a_socket_is_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    uvloop = pytest.importorskip("uvloop")
    with contextlib.closing(background.new_event_loop()) as loop:
        assert isinstance(loop, uvloop.Loop)
    monkeypatch.setitem(sys.modules, "uvloop", None)
    with contextlib.closing(background.new_event_loop()) as loop:
        assert isinstance(loop, asyncio.SelectorEventLoop)


def _codes(address: tuple[str, int], *lines: str) -> list[str]:
    with connected(address) as client:
        return [client.reply()[:3], *(client.say(line)[:3] for line in ("EHLO client.example", "MAIL FROM:<>", *lines))]


def test_mailboxes_of_the_domain_take_mail_and_no_others() -> None:
    with serve("x.example", ["carol"]) as server:
        assert _codes(server.address, "RCPT TO:<carol@x.example>", "RCPT TO:<alice@x.example>")[3:] == ["250", "550"]
        assert _codes(server.address, "RCPT TO:<carol@lab.example>")[3:] == ["550"]


def test_directory_goes_before_domain_and_mailboxes() -> None:
    with serve("x.example", ["carol"], directory=Directory(["y.example"], ["dora"])) as server:
        assert _codes(server.address, "RCPT TO:<dora@y.example>", "RCPT TO:<carol@x.example>")[3:] == ["250", "550"]


def test_mail_is_kept_in_a_maildir_if_a_folder_is_given(tmp_path: Path) -> None:
    with serve(maildir=tmp_path) as server, Client(*server.address) as client:
        assert client.deliver("", ["alice@lab.example"], CONTENT).complete
    assert len(list(tmp_path.glob("alice/new/*"))) == 1


def test_mail_for_other_domains_is_taken_only_with_a_route() -> None:
    with serve("far.example") as far, serve(routes={"far.example": far.address}) as near, serve() as other:
        with Client(*near.address) as client:
            assert client.deliver("", ["alice@far.example"], CONTENT).complete
        assert len(far.handler.store.messages("alice")) == 1
        assert _codes(other.address, "RCPT TO:<alice@far.example>")[3:] == ["550"]


def test_policy_and_personality_are_those_that_were_given() -> None:
    with serve(policy=Policy(offer={}), personality="lecture") as server, connected(server.address) as client:
        assert "SMTP server ready" in client.reply()
        assert "\n" not in client.say("EHLO client.example")


def test_faults_are_sentences() -> None:
    with serve(faults="reply 451 to the second RCPT once") as server, Client(*server.address) as client:
        codes = [client.deliver("", ["alice@lab.example", "bob@lab.example"], CONTENT).refused for _ in range(2)]
    assert [[reply.code for _, reply in refused] for refused in codes] == [[451], []]
    with pytest.raises(ValueError, match="did you mean 'the'"):
        serve(faults=["lose teh 250"])


def test_what_is_switched_in_the_handler_takes_effect_at_once() -> None:
    with serve() as server:
        server.handler.open = False
        with connected(server.address) as client:
            assert client.reply().startswith("554")


def test_server_for_one_mailbox_has_that_mailbox() -> None:
    server = serve("lab.example", "alice")
    assert list(server.handler.directory.mailboxes) == ["alice", "postmaster"]


@pytest.mark.parametrize(
    "arguments", [{"domain": 5}, {"mailboxes": 5}, {"port": "2525"}, {"routes": {"x.example": "127.0.0.1:25"}}]
)
def test_wrong_argument_of_serve_is_a_type_error_with_a_sentence(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"names as text|a port is a number|is a host and a port"):
        serve(**arguments)
