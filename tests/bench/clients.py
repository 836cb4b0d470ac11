"""One client in a process of its own: ``clients.py NAME PORT COUNT`` prints the seconds that COUNT messages took.

The import of the client is not counted, nor is the start of the interpreter.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from threading import Thread

SENDER, RECIPIENT = "a@example.com", "b@example.com"
MESSAGE = b"From: <a@example.com>\r\nSubject: bench\r\n\r\n" + (b"X" * 78 + b"\r\n") * 12


def smtplib_reused(port: int, count: int) -> None:
    """Deliver over one connection with the standard library."""
    import smtplib

    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example") as client:
        for _ in range(count):
            client.sendmail(SENDER, [RECIPIENT], MESSAGE)


def smtplab_reused(port: int, count: int) -> None:
    """Deliver over one connection, each message for itself."""
    from smtplab import Client

    with Client("127.0.0.1", port, helo="client.example") as client:
        for _ in range(count):
            assert client.deliver(SENDER, [RECIPIENT], MESSAGE).complete


def smtplab_in_a_row(port: int, count: int) -> None:
    """Deliver over one connection, the next message announced behind the end of the one before."""
    from smtplab import Client

    with Client("127.0.0.1", port, helo="client.example") as client:
        assert all(each.complete for each in client.deliver_all((SENDER, [RECIPIENT], MESSAGE) for _ in range(count)))


def smtplib_anew(port: int, count: int) -> None:
    """Deliver each message over a connection of its own with the standard library."""
    for _ in range(count):
        smtplib_reused(port, 1)


def smtplab_anew(port: int, count: int) -> None:
    """Deliver each message over a connection of its own."""
    for _ in range(count):
        smtplab_reused(port, 1)


PARALLEL = 20  # connections at the same time


def smtplib_in_threads(port: int, count: int) -> None:
    """Deliver over several connections with the standard library, each in a thread."""
    threads = [Thread(target=smtplib_reused, args=(port, count // PARALLEL)) for _ in range(PARALLEL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


async def _deliver(port: int, count: int) -> None:
    from smtplab import AsyncClient

    async with AsyncClient("127.0.0.1", port, helo="client.example") as client:
        async for delivery in client.deliver_all((SENDER, [RECIPIENT], MESSAGE) for _ in range(count)):
            assert delivery.complete


async def _deliver_in_parallel(port: int, count: int) -> None:
    await asyncio.gather(*(_deliver(port, count // PARALLEL) for _ in range(PARALLEL)))


def smtplab_async(port: int, count: int) -> None:
    """Deliver over several connections on asyncio's own loop."""
    asyncio.run(_deliver_in_parallel(port, count))


def smtplab_async_on_uvloop(port: int, count: int) -> None:
    """Deliver over several connections on uvloop."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_deliver_in_parallel(port, count))


CLIENTS: dict[str, Callable[[int, int], None]] = {
    "smtplib": smtplib_reused,
    "smtplab deliver": smtplab_reused,
    "smtplab deliver_all": smtplab_in_a_row,
    "smtplib, each connected": smtplib_anew,
    "smtplab, each connected": smtplab_anew,
    "smtplib, 20 threads": smtplib_in_threads,
    "smtplab AsyncClient": smtplab_async,
    "smtplab AsyncClient, uvloop": smtplab_async_on_uvloop,
}


def main() -> None:
    """Run the client once for its imports, and once for its figure."""
    name, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    CLIENTS[name](port, PARALLEL)
    begin = time.perf_counter()
    CLIENTS[name](port, count)
    print(time.perf_counter() - begin)


if __name__ == "__main__":
    main()
