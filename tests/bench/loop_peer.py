"""A server that knows nothing of SMTP but when to answer: ``loop_peer.py PORT [uvloop]`` shows what a loop alone takes.

It checks nothing, keeps nothing, and takes each piece that arrives for one whole command, or for a piece of a message.
What it cannot reach no server upon this loop can, and where the client takes as long as it does, no server at all.
"""

import asyncio
import sys
from typing import cast

_INBOX = memoryview(bytearray(256 * 1024))
_ANSWERS = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class _Answerer(asyncio.BufferedProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.in_message = False
        self.transport.write(b"220 here\r\n")

    def get_buffer(self, sizehint: int) -> memoryview:
        return _INBOX

    def buffer_updated(self, nbytes: int) -> None:
        octets = bytes(_INBOX[:nbytes])
        if self.in_message and not octets.endswith(b"\r\n.\r\n"):
            return
        verb = b"" if self.in_message else octets[:4]
        self.in_message = verb == b"DATA"
        self.transport.write(_ANSWERS.get(verb, b"250 ok\r\n"))
        if verb == b"QUIT":
            self.transport.close()


async def _main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Answerer, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    factory = asyncio.SelectorEventLoop
    if "uvloop" in sys.argv:
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_main(int(sys.argv[1])))
