"""The client on an event loop, asyncio's own and uvloop's: what only sockets, time and other tasks can do to it."""

import asyncio
import inspect
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import Any

import pytest

from smtplab.client.outcomes import ClientError, ConnectionLost, OutcomeUnknown, Timeouts, Unsupported
from smtplab.mta.handler import Handler
from smtplab.mta.host import MailHost
from smtplab.mta.policy import Policy
from smtplab.protocol.replies import LocalProtocolError
from smtplab.protocol.states import State
from smtplab.transcript import Transcript
from smtplab.worlds.addresses import RemoteAddressRefused
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_async import AsyncClient, ClientProtocol, connect
from smtplab.worlds.tcp_client import Client
from support.hosts import mail_host
from support.odd_server import OddServer, Peer, Step, before, in_pieces, line, message, raw, reset, say, silence
from support.raw_client import PATIENCE, behind_the_trace

CONTENT = b"Subject: x\r\n\r\n.x\r\n"
LONG = (b"x" * 78 + b"\r\n") * 200_000  # more than the buffers of a socket hold
SENDER, ALICE, BOB = "someone@client.example", "alice@lab.example", "bob@lab.example"
# How many seconds the client waits for a server that says nothing, and how many everything may take on a busy machine.
SHORT, BOUND = 0.4, 30.0

Address = tuple[str, int]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine in an event loop of its own, which must not hear of an exception that nobody caught."""
    factory = asyncio.new_event_loop
    if request.param == "uvloop":
        factory = pytest.importorskip("uvloop").new_event_loop

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        uncaught: list[Any] = []
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.get_loop().set_exception_handler(lambda loop, context: uncaught.append(context))
            result = runner.run(asyncio.wait_for(coroutine, BOUND))
        assert uncaught == []
        return result

    return run


@pytest.fixture
def host() -> MailHost:
    """A mail host for alice and bob."""
    return mail_host()


@contextmanager
def serving(handler: Handler, policy: Policy | None = None) -> Iterator[Address]:
    """Run a server for the length of a ``with``."""
    with BackgroundServer(Server(handler, policy=policy)) as server:
        yield server.address


@pytest.fixture(params=[True, False], ids=["pipelined", "one by one"])
def address(request: pytest.FixtureRequest, host: MailHost) -> Iterator[Address]:
    """Where the host listens; it offers PIPELINING or nothing but what a message needs."""
    with serving(host, Policy() if request.param else Policy(offer={"8BITMIME": "", "SMTPUTF8": ""})) as address:
        yield address


def client_of(address: Address, seconds: float = PATIENCE, **options: Any) -> AsyncClient:
    """Return a client that waits for each reply so many seconds."""
    return AsyncClient(*address, helo="client.example", timeouts=Timeouts.all(seconds), **options)


def mail(*recipients: str, content: bytes = CONTENT) -> tuple[str, tuple[str, ...], bytes]:
    """Return a message as `deliver_all` takes it."""
    return SENDER, recipients or (ALICE,), content


def kept(host: MailHost, mailbox: str = "alice") -> list[bytes]:
    """Return the messages in a mailbox as they were sent."""
    return [behind_the_trace(stored) for stored in host.store.messages(mailbox)]


# It is the blocking client's twin


def _public(kind: type) -> dict[str, Any]:
    return {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}


def test_client_has_the_methods_of_the_blocking_one_and_open() -> None:
    assert set(_public(AsyncClient)) - {"open"} == set(_public(Client))


def _parameters(function: Any) -> list[tuple[str, Any]]:
    return [(each.name, each.default) for each in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize("name", [name for name, value in _public(Client).items() if callable(value)])
def test_method_takes_the_arguments_of_its_twin(name: str) -> None:
    assert _parameters(getattr(AsyncClient, name)) == _parameters(getattr(Client, name))


def test_client_is_made_with_the_arguments_of_its_twin() -> None:
    assert _parameters(AsyncClient) == _parameters(Client)


def test_conversation_is_that_of_its_twin(run, address: Address) -> None:
    mails = [mail(), mail("nobody@lab.example"), mail(BOB, ALICE)]
    blocking, on_the_loop = Transcript(), Transcript()
    with Client(*address, helo="client.example", transcript=blocking) as client:
        expected = list(client.deliver_all(mails))

    async def main() -> list[Any]:
        async with client_of(address, transcript=on_the_loop) as client:
            return [delivery async for delivery in client.deliver_all(mails)]

    found = run(main())
    assert [delivery.accepted for delivery in found] == [delivery.accepted for delivery in expected]
    told = [
        [(exchange.verb, exchange.reply.code) for exchange in transcript.exchanges()]
        for transcript in (blocking, on_the_loop)
    ]
    assert told[0] == told[1]
    assert told[0][-1] == ("QUIT", 221)


# With a server that does as it should


def test_message_is_delivered_and_refusals_are_told(run, address: Address, host: MailHost) -> None:
    async def main() -> None:
        async with client_of(address) as client:
            delivery = await client.deliver(SENDER, [ALICE, "nobody@lab.example", BOB], CONTENT)
            assert [path.address for path in delivery.accepted] == [ALICE, BOB]
            assert [(path.address, reply.code) for path, reply in delivery.refused] == [("nobody@lab.example", 550)]
            assert (await client.deliver(SENDER, [ALICE], CONTENT)).complete

    run(main())
    assert (kept(host), kept(host, "bob")) == ([CONTENT] * 2, [CONTENT])


def test_long_message_is_delivered_whole(run, address: Address, host: MailHost) -> None:
    async def main() -> None:
        async with client_of(address) as client:
            assert (await client.deliver(SENDER, [ALICE], LONG)).complete

    run(main())
    assert kept(host) == [LONG]


def test_asking_delivers_nothing(run, address: Address, host: MailHost) -> None:
    async def main() -> None:
        async with client_of(address) as client:
            delivery = await client.ask(SENDER, [ALICE, "nobody@lab.example"], CONTENT)
            assert [reply.code for _, reply in delivery.refused] == [550]
            assert client.state is State.READY

    run(main())
    assert kept(host) == []


def test_single_commands_are_checked_before_they_are_sent(run, address: Address) -> None:
    async def main() -> None:
        async with client_of(address) as client:
            assert (await client.command("VRFY alice")).code == 250
            with pytest.raises(LocalProtocolError, match="DATA"):
                await client.command("DATA")
            assert (await client.command("RSET")).code == 250
            assert "8BITMIME" in client.extensions

    run(main())


def test_message_of_the_email_package_is_delivered_without_its_bcc(run, address: Address, host: MailHost) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Bcc"] = SENDER, f"Alice <{ALICE}>", BOB
    message.set_content("x\n")

    async def main() -> None:
        async with client_of(address) as client:
            assert (await client.send_message(message)).complete
            assert (await client.send_message(message, "", [BOB])).complete

    run(main())
    assert (len(kept(host)), len(kept(host, "bob"))) == (1, 2)
    assert b"Bcc" not in kept(host)[0]


def test_one_recipient_needs_no_list_and_a_message_needs_a_sender(run, address: Address, host: MailHost) -> None:
    message = EmailMessage()
    message["To"] = ALICE

    async def main() -> None:
        async with client_of(address) as client:
            with pytest.raises(LocalProtocolError, match="sender"):
                await client.send_message(message)
            with pytest.raises(TypeError, match="bytes"):
                await client.deliver(SENDER, BOB.encode(), CONTENT)
            assert (await client.send_message(message, SENDER, BOB)).complete
            assert (await client.deliver(SENDER, BOB, CONTENT)).complete

    run(main())
    assert (len(kept(host)), len(kept(host, "bob"))) == (0, 2)


def test_message_that_cannot_be_sent_leaves_the_session_open(run, host: MailHost) -> None:
    async def main(address: Address) -> None:
        async with client_of(address) as client:
            with pytest.raises(Unsupported):
                await client.deliver(SENDER, [ALICE], b"\r\n\xe9\r\n")
            with pytest.raises(LocalProtocolError):
                await client.deliver(SENDER, [], CONTENT)
            assert (await client.deliver(SENDER, [ALICE], CONTENT)).complete

    with serving(host, Policy(offer={})) as address:
        run(main(address))


def test_with_says_quit_and_a_failure_does_not(run, address: Address) -> None:
    async def main(fails: bool) -> str:
        client = client_of(address, transcript=Transcript())
        try:
            async with client:
                if fails:
                    await client.deliver(SENDER, [], CONTENT)
        except LocalProtocolError:
            assert fails
        assert client.state is State.CLOSED
        assert await client.quit() is None
        return str(client.transcript)

    assert "QUIT" in run(main(False))
    assert "QUIT" not in run(main(True))


def test_quit_returns_its_reply_and_ends_the_session(run, address: Address) -> None:
    async def main() -> None:
        client = await client_of(address).open()
        reply = await client.quit()
        assert reply is not None
        assert reply.code == 221
        assert client.state is State.CLOSED
        with pytest.raises(LocalProtocolError, match="closed"):
            await client.deliver(SENDER, [ALICE], CONTENT)

    run(main())


def test_twenty_clients_deliver_at_the_same_time(run, host: MailHost) -> None:
    async def deliver(address: Address, number: int) -> None:
        async with client_of(address) as client:
            for _ in range(3):
                assert (await client.deliver(SENDER, [ALICE], b"Subject: %d\r\n\r\n" % number)).complete

    async def main(address: Address) -> None:
        await asyncio.gather(*(deliver(address, number) for number in range(20)))

    with serving(host) as address:
        run(main(address))
    assert sorted(kept(host)) == sorted([b"Subject: %d\r\n\r\n" % number for number in range(20)] * 3)


def test_client_starts_no_thread_and_uses_no_executor(run, address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    starters: list[int] = []
    start = threading.Thread.start

    def noted(thread: threading.Thread) -> None:
        starters.append(threading.get_ident())
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", noted)

    async def main() -> None:
        async with client_of(address) as client:
            assert (await client.deliver(SENDER, [ALICE], LONG)).complete
            assert [delivery.complete async for delivery in client.deliver_all([mail(), mail()])] == [True, True]
            await client.quit()

    run(main())
    assert threading.get_ident() not in starters


# One thing at a time


def test_client_that_was_not_opened_delivers_nothing(run, address: Address) -> None:
    async def main() -> None:
        client = client_of(address)
        for begin in (client.command("NOOP"), client.deliver(SENDER, [ALICE], CONTENT)):
            with pytest.raises(LocalProtocolError, match="greeting"):
                await begin
        client.close()

    run(main())


def test_second_operation_is_refused_and_the_first_goes_on(run) -> None:
    release = threading.Event()

    async def main(address: Address) -> None:
        async with client_of(address) as client:
            first = asyncio.create_task(client.deliver(SENDER, [ALICE], CONTENT))
            await asyncio.sleep(0.05)
            with pytest.raises(LocalProtocolError, match="busy"):
                await client.command("NOOP")
            release.set()
            assert (await first).complete

    with OddServer(*before("MAIL"), lambda _: release.wait(BOUND), *_rest()) as server:
        run(main(server.address))


def _rest() -> tuple[Step, ...]:
    """Return the steps of a good server from its answer to MAIL on."""
    return (*before("QUIT")[len(before("MAIL")) :], say("221 bye"))


def test_block_that_is_left_amid_an_operation_says_so_and_closes_the_connection(run) -> None:
    watcher = Watcher()

    async def leave_too_early(client: AsyncClient) -> None:
        async with client:
            calls.append(asyncio.create_task(client.command("NOOP")))
            await watcher.until_reached()

    async def main(address: Address) -> None:
        with pytest.raises(LocalProtocolError, match="busy"):
            await leave_too_early(client_of(address))
        with pytest.raises(ConnectionLost, match="closed before NOOP was answered"):
            await calls[0]
        await watcher.until_gone()

    calls: list[Any] = []
    with OddServer(*before("MAIL"), watcher.hold) as server:
        run(main(server.address))


def test_client_is_opened_once(run, address: Address) -> None:
    async def main() -> None:
        async with client_of(address) as client:
            with pytest.raises(LocalProtocolError, match="opened"):
                await client.open()
            assert (await client.command("NOOP")).code == 250
        with pytest.raises(LocalProtocolError, match="opened"):
            await client.open()

    run(main())


def test_loop_that_is_left_early_ends_the_session_if_a_message_was_announced(run, address: Address, host) -> None:
    async def main() -> None:
        async with client_of(address) as client:
            loop = client.deliver_all([mail(), mail()])
            assert (await anext(loop)).complete
            await loop.aclose()
            pipelines = "PIPELINING" in client.extensions
            assert (client.state is State.CLOSED) is pipelines

    run(main())
    assert len(kept(host)) == 1


def test_block_may_be_left_amid_the_messages(run, address: Address, host: MailHost) -> None:
    async def main() -> None:
        async with client_of(address) as client:
            async for delivery in client.deliver_all([mail(), mail()]):
                assert delivery.complete
                break
        assert client.state is State.CLOSED

    run(main())
    assert len(kept(host)) == 1


# With odd servers


async def _deliver(address: Address, seconds: float = SHORT, content: bytes = CONTENT) -> Any:
    async with client_of(address, seconds) as client:
        return await client.deliver(SENDER, [ALICE], content)


def _failure(run, *steps: Step, content: bytes = CONTENT) -> ClientError:
    """Return the error with which a delivery fails, and see that it comes in time."""
    begin = time.monotonic()
    with OddServer(*steps) as server, pytest.raises(ClientError) as error:
        run(_deliver(server.address, content=content))
    assert time.monotonic() - begin < BOUND
    return error.value


STAGES = ["greeting", "EHLO", "MAIL", "DATA", "message"]


@pytest.mark.parametrize("stage", STAGES)
def test_silence_is_waited_for_no_longer_than_the_time_out(run, stage: str) -> None:
    error = _failure(run, *before(stage), silence)
    assert type(error) is (OutcomeUnknown if stage == "message" else ConnectionLost)
    assert str(error).endswith(f"within {SHORT} s")


@pytest.mark.parametrize("stage", STAGES)
def test_half_a_reply_and_a_drop_are_told(run, stage: str) -> None:
    error = _failure(run, *before(stage), raw(b"250-half\r\n250 o"))
    assert type(error) is (OutcomeUnknown if stage == "message" else ConnectionLost)
    assert "closed the connection" in str(error)


@pytest.mark.parametrize("stage", STAGES[1:])
def test_reset_is_told(run, stage: str) -> None:
    error = _failure(run, *before(stage), reset)
    assert type(error) is (OutcomeUnknown if stage == "message" else ConnectionLost)
    assert "Connection reset by peer" in str(error)


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
def test_server_that_does_not_answer_rset_is_left_with_quit(run, stage: str) -> None:
    with OddServer(*before(stage), say("554 no"), line, silence) as server:
        delivery = run(_deliver(server.address))
    assert [reply.code for _, reply in delivery.refused] == [554]
    assert [said for said in server.heard if said][-2:] == [b"RSET\r\n", b"QUIT\r\n"]


def test_deadline_is_one_for_the_whole_reply(run) -> None:
    def drip(peer: Peer) -> None:
        while True:
            peer.socket.sendall(b"250-and so on\r\n")
            time.sleep(0.02)

    assert "did not answer MAIL" in str(_failure(run, *before("MAIL"), drip))


def test_each_reply_has_a_deadline_of_its_own(run) -> None:
    def slow(peer: Peer) -> None:
        time.sleep(SHORT / 5)

    steps: list[Step] = []
    for step in before("QUIT"):
        steps += [slow, step]
    with OddServer(*steps, say("221 bye")) as server:
        assert run(_deliver(server.address)).complete


def test_short_deadline_is_kept_behind_a_long_one(run) -> None:
    async def main(address: Address) -> None:
        timeouts = Timeouts(greeting=60, command=60, data=SHORT)
        async with AsyncClient(*address, timeouts=timeouts) as client:
            await client.deliver(SENDER, [ALICE], CONTENT)

    begin = time.monotonic()
    with OddServer(*before("DATA"), silence) as server, pytest.raises(ConnectionLost, match="DATA"):
        run(main(server.address))
    assert time.monotonic() - begin < BOUND


def test_idle_client_is_not_timed_out(run, address: Address) -> None:
    async def main() -> None:
        async with client_of(address, SHORT) as client:
            await asyncio.sleep(2 * SHORT)
            assert (await client.command("NOOP")).code == 250

    run(main())


def test_replies_in_one_byte_pieces_are_whole_all_the_same(run) -> None:
    steps: list[Step] = [in_pieces(b"220-odd\r\n220 greets\r\n")]
    for answer in (b"250-odd.example\r\n250 8BITMIME\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"):
        steps += [line, in_pieces(answer)]
    with OddServer(*steps, message, in_pieces(b"250-kept\r\n250 ok\r\n"), line, in_pieces(b"221 bye\r\n")) as server:
        delivery = run(_deliver(server.address, BOUND))
    assert delivery.complete
    assert delivery.reply.lines == ("kept", "ok")


@pytest.mark.parametrize(("text", "shown"), [(b"\x1b[0m", r"\x1b[0m"), (b"a\0b", r"a\x00b"), (b"a\r", r"a\x0d")])
def test_control_character_in_a_reply_costs_nothing(run, text: bytes, shown: str) -> None:
    for code in (b"250 ", b"550 "):
        with OddServer(*before("message"), raw(code + text + b"\r\n"), line, raw(b"221 bye\r\n")) as server:
            delivery = run(_deliver(server.address, BOUND))
        assert delivery.complete is (code == b"250 ")
        assert (delivery.reply.code, delivery.reply.text) == (int(code), shown)


def test_server_that_takes_no_data_is_left_off(run) -> None:
    release = threading.Event()

    async def main(address: Address) -> None:
        try:
            with pytest.raises(ConnectionLost, match="took no data"):
                await _deliver(address, content=LONG)
        finally:
            release.set()

    begin = time.monotonic()
    with OddServer(*before("message")[:-1], lambda _: release.wait(BOUND)) as server:
        run(main(server.address))
    assert time.monotonic() - begin < BOUND


def test_server_that_takes_data_slowly_is_not_left_off(run) -> None:
    """The limit is for each block (RFC 5321 4.5.3.2.5), and not for the message."""

    def slowly(peer: Peer) -> None:
        end = time.monotonic() + 4 * SHORT
        while time.monotonic() < end:
            peer.socket.recv(200_000)
            time.sleep(SHORT / 8)

    with OddServer(*before("message")[:-1], slowly, message, say("250 taken"), line, say("221 bye")) as server:
        timeouts = Timeouts(block=SHORT)

        async def main() -> Any:
            async with AsyncClient(*server.address, timeouts=timeouts) as client:
                return await client.deliver(SENDER, [ALICE], LONG)

        assert run(main()).complete


def test_server_that_goes_amid_the_message_has_not_taken_it(run) -> None:
    error = _failure(run, *before("message")[:-1], lambda peer: peer.socket.recv(1000), reset, content=LONG)
    assert type(error) is ConnectionLost
    assert "broke" in str(error)


def test_server_that_closes_while_nothing_is_asked_is_told_at_the_next_question(run) -> None:
    async def main(address: Address) -> None:
        client = await client_of(address).open()
        await asyncio.sleep(0.1)
        with pytest.raises(ConnectionLost, match="closed the connection"):
            await client.command("NOOP")

    with OddServer(*before("EHLO"), say("250 odd.example")) as server:
        run(main(server.address))


def test_421_while_nothing_is_asked_answers_the_next_question(run) -> None:
    async def main(address: Address) -> None:
        async with client_of(address) as client:
            await asyncio.sleep(0.1)
            delivery = await client.deliver(SENDER, [ALICE], CONTENT)
            assert delivery.sender_reply.code == 421
            assert client.state is State.CLOSED

    with OddServer(*before("EHLO"), say("250 odd.example", "421 idle for too long")) as server:
        run(main(server.address))


def test_leaving_is_not_held_up_by_a_server_that_has_closed(run) -> None:
    async def main(address: Address) -> None:
        async with client_of(address):
            await asyncio.sleep(0.1)

    with OddServer(*before("EHLO"), say("250 odd.example")) as server:
        run(main(server.address))


def test_silence_after_the_last_quit_is_told_to_nobody(run) -> None:
    with OddServer(*before("QUIT"), silence) as server:
        assert run(_deliver(server.address)).complete


# Cancellation


class Watcher:
    """Steps that wait for what the client says, and note what came of it."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.reached, self.gone = threading.Event(), threading.Event()

    def hold(self, peer: Peer) -> None:
        """Note that the client waits, and read until it has gone."""
        self.reached.set()
        try:
            while data := peer.socket.recv(65536):
                self.heard += data
        except ConnectionError:
            pass
        self.gone.set()

    async def until_reached(self) -> None:
        """Wait for the client to have come here."""
        while not self.reached.is_set():
            await asyncio.sleep(0.01)

    async def until_gone(self) -> None:
        """Wait for the end of the connection."""
        while not self.gone.is_set():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("stage", STAGES)
def test_cancelled_call_ends_the_session_and_the_connection(run, stage: str) -> None:
    watcher = Watcher()

    async def main(address: Address) -> None:
        client = client_of(address)
        task = asyncio.create_task(_all(client))
        await watcher.until_reached()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert client.state is State.CLOSED
        with pytest.raises(LocalProtocolError, match="closed"):
            await client.deliver(SENDER, [ALICE], CONTENT)
        await watcher.until_gone()

    async def _all(client: AsyncClient) -> None:
        await client.open()
        await client.deliver(SENDER, [ALICE], CONTENT)

    with OddServer(*before(stage), watcher.hold) as server:
        run(main(server.address))
    assert watcher.heard == b""


def test_message_that_is_cancelled_is_not_sent_to_its_end(run) -> None:
    watcher, release = Watcher(), threading.Event()

    def hold(peer: Peer) -> None:
        watcher.reached.set()
        release.wait(BOUND)
        watcher.hold(peer)

    async def main(address: Address) -> None:
        async with client_of(address) as client:
            task = asyncio.create_task(client.deliver(SENDER, [ALICE], LONG))
            await watcher.until_reached()
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            release.set()
            await watcher.until_gone()

    with OddServer(*before("message")[:-1], hold) as server:
        run(main(server.address))
    assert not watcher.heard.endswith(b"\r\n.\r\n")


def test_message_that_timed_out_is_not_sent_to_its_end(run) -> None:
    watcher, release = Watcher(), threading.Event()

    def hold(peer: Peer) -> None:
        release.wait(BOUND)
        watcher.hold(peer)

    async def main(address: Address) -> None:
        client = await client_of(address, SHORT).open()
        with pytest.raises(ConnectionLost, match="took no data"):
            await client.deliver(SENDER, [ALICE], LONG)
        release.set()
        await watcher.until_gone()

    with OddServer(*before("message")[:-1], hold) as server:
        run(main(server.address))
    assert not watcher.heard.endswith(b"\r\n.\r\n")


def test_call_is_cancelled_by_a_time_out_of_the_loop(run) -> None:
    async def main(address: Address) -> None:
        client = await client_of(address).open()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.command("NOOP")
        assert client.state is State.CLOSED

    with OddServer(*before("MAIL"), silence) as server:
        run(main(server.address))


def test_closing_in_another_task_ends_the_call_under_way(run) -> None:
    watcher = Watcher()

    async def main(address: Address) -> None:
        client = await client_of(address).open()
        task = asyncio.create_task(client.command("NOOP"))
        await watcher.until_reached()
        client.close()
        with pytest.raises(ConnectionLost, match="closed before NOOP was answered"):
            await task
        await watcher.until_gone()

    with OddServer(*before("MAIL"), watcher.hold) as server:
        run(main(server.address))


# To connect


def test_nobody_who_listens_is_told_in_a_plain_sentence(run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = gone.getsockname()

    async def main() -> None:
        client = client_of(address)
        with pytest.raises(ConnectionLost, match="nobody listens"):
            await client.open()
        with pytest.raises(LocalProtocolError):
            await client.deliver(SENDER, [ALICE], CONTENT)

    run(main())


def test_another_machine_is_not_called_unless_it_is_allowed(run) -> None:
    async def main() -> None:
        with pytest.raises(RemoteAddressRefused, match="allow_remote"):
            await AsyncClient("192.0.2.1", 25).open()

    run(main())


def test_host_that_does_not_take_the_connection_is_waited_for_as_long_as_for_a_greeting(run) -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        begin = time.monotonic()
        with pytest.raises(ConnectionLost, match=f"did not answer within {SHORT} s"):
            run(_deliver(full.getsockname()))
        assert SHORT * 0.9 <= time.monotonic() - begin < BOUND


def test_cancelled_connection_leaves_no_socket(run, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[socket.socket] = []
    make = socket.socket

    def noted(*arguments: Any, **options: Any) -> socket.socket:
        made.append(make(*arguments, **options))
        return made[-1]

    async def main(address: Address) -> None:
        monkeypatch.setattr(socket, "socket", noted)
        task = asyncio.create_task(client_of(address).open())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        monkeypatch.undo()

    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        run(main(full.getsockname()))
    assert [sock.fileno() for sock in made if sock.fileno() != -1] == []


def _resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def getaddrinfo(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def test_next_address_of_a_host_is_tried_if_nobody_listens_at_the_first(run, address, monkeypatch) -> None:
    async def main() -> str:
        sock = await connect("two.example", address[1], seconds=PATIENCE)
        with sock:
            return str(sock.getpeername()[0])

    _resolving_to(monkeypatch, "127.0.0.9", "127.0.0.1")
    assert run(main()) == "127.0.0.1"


def test_last_address_of_a_host_says_why_none_answers(run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    _resolving_to(monkeypatch, "127.0.0.8", "127.0.0.9")

    async def main() -> None:
        with pytest.raises(ConnectionLost, match=r"nobody listens on two\.example port"):
            await connect("two.example", port)

    run(main())


@pytest.mark.parametrize("answer", [b"250 taken\r\n", b"451 later\r\n", b"554 no\r\n"])
def test_reply_that_comes_while_most_of_the_message_waits_here_is_not_about_it(run, answer: bytes) -> None:
    def answer_early(peer: Peer) -> None:
        peer.socket.recv(1000)
        peer.socket.sendall(answer)
        time.sleep(0.2)

    async def main(address: Address) -> None:
        client = await client_of(address).open()
        with pytest.raises(ConnectionLost, match=f"sent {answer[:3].decode()} .* before it had the message"):
            await client.deliver(SENDER, [ALICE], b"Subject: x\r\n\r\n" + (b"x" * 78 + b"\r\n") * 400_000)

    with OddServer(*before("DATA"), say("354 go on"), answer_early) as server:
        run(main(server.address))


@pytest.mark.parametrize("answer", [b"250 taken\r\n", b"451 later\r\n", b""])
def test_what_has_arrived_before_the_message_is_sent_is_not_about_it(run, monkeypatch, answer: bytes) -> None:
    look = ClientProtocol._has_arrived

    def look_late(protocol: ClientProtocol) -> bool:
        time.sleep(0.2)  # so what the server says behind its 354 is there, and has not been read
        return look(protocol)

    async def main(address: Address) -> None:
        client = await client_of(address, BOUND).open()
        with pytest.raises(ConnectionLost):
            await client.deliver(SENDER, [ALICE], CONTENT)

    monkeypatch.setattr(ClientProtocol, "_has_arrived", look_late)
    steps = [say("354 go on"), lambda _: time.sleep(0.05), raw(answer), *([line] if answer else [])]
    with OddServer(*before("DATA"), *steps) as server:
        run(main(server.address))
    assert server.heard[-1] == b"DATA\r\n"


def test_localhost_is_found_without_a_thread(run) -> None:
    async def main() -> None:
        threads = threading.active_count()
        with suppress(ConnectionLost):
            await AsyncClient("localhost", 1).open()
        assert threading.active_count() == threads

    run(main())
