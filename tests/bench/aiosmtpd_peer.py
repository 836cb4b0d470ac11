"""aiosmtpd as a peer, at its best: ``aiosmtpd_peer.py PORT [MAILDIR]`` drops mail, or keeps it in a Maildir.

The name of the host is fixed, because by default it is looked up for every connection, and the backlog is large enough
for a crowd.
"""

import asyncio
import sys

from aiosmtpd.handlers import Mailbox, Sink
from aiosmtpd.smtp import SMTP


async def _main(port: int, maildir: str | None) -> None:
    loop = asyncio.get_running_loop()
    handler = Sink() if maildir is None else Mailbox(maildir)
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="bench.example", loop=loop, data_size_limit=64 << 20),
        "127.0.0.1",
        port,
        backlog=2048,
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))
