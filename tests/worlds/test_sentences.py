"""The exact error sentences of the worlds, each as a user meets it."""

import errno
import re
import socket
from collections.abc import Callable

import pytest

from smtplab.worlds import sentences, tcp
from smtplab.worlds.addresses import check_reach, no_connection
from smtplab.worlds.background import serve
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_client import dial
from support.hosts import mail_host
from support.templates import is_made_of, names_of

Situation = Callable[[], object]


def _raise(error: Exception) -> None:
    raise error


def _dial_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    dial("127.0.0.1", port)


def _take_the_same_port() -> None:
    with serve() as server:
        serve(port=server.address[1]).start()


def _start_twice() -> None:
    with serve() as server:
        pass
    server.start()


def _cannot_bind(number: int) -> Situation:
    def situation() -> None:
        async def bind(host: str, port: int) -> None:
            raise OSError(number, "the system's reason")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tcp, "bind", bind)
            serve(port=80).start()

    return situation


REASON = OSError(113, "No route to host")
# The constant that a situation brings up, the situation, and the sentence; PORT and REASON stand for
# what this machine says.
TABLE: list[tuple[str, Situation, str]] = [
    ("NO_PORT", lambda: check_reach("127.0.0.1", 0), "there is no port 0; ports go from 1 to 65535"),
    ("NO_HOST", lambda: check_reach("a..b", 25), "there is no host 'a..b': REASON"),
    (
        "REMOTE",
        lambda: check_reach("192.0.2.1", 25),
        "192.0.2.1 is another machine (192.0.2.1), and mail leaves this one only if you allow it (allow_remote)",
    ),
    (
        "NO_ANSWER",
        lambda: _raise(no_connection("lab.example", 25, TimeoutError(), 0.5)),
        "lab.example port 25 did not answer within 0.5 s",
    ),
    ("NOBODY_LISTENS", _dial_nobody, "nobody listens on 127.0.0.1 port PORT; is the server running?"),
    (
        "CANNOT_CONNECT",
        lambda: _raise(no_connection("lab.example", 25, REASON, 0.5)),
        "cannot connect to lab.example port 25: No route to host",
    ),
    (
        "NO_PORT_TO_LISTEN",
        lambda: Server(mail_host(), port=65536),
        "there is no port 65536; ports go from 0 to 65535, and 0 takes a free one",
    ),
    (
        "NOT_A_HOST",
        lambda: serve(host="a" * 70 + ".example").start(),
        f"{'a' * 70}.example cannot be the name of a host",
    ),
    (
        "PORT_TAKEN",
        _take_the_same_port,
        "port PORT on 127.0.0.1 is taken; stop the program that holds it, or choose another (0 finds a free one)",
    ),
    (
        "PORT_RESERVED",
        _cannot_bind(errno.EACCES),
        "port 80 is reserved for the system; choose one above 1023 (0 finds a free one)",
    ),
    (
        "NOT_OUR_ADDRESS",
        lambda: serve(host="192.0.2.1").start(),
        "192.0.2.1 is not an address of this machine; use 127.0.0.1",
    ),
    ("CANNOT_LISTEN", _cannot_bind(errno.ENOBUFS), "cannot listen on 127.0.0.1 port 80: the system's reason"),
    ("STARTED_BEFORE", _start_twice, "this server has been started before, and serves only once; make a new one"),
]


@pytest.mark.parametrize(("name", "situation", "sentence"), TABLE, ids=[row[0] for row in TABLE])
def test_error_says(name: str, situation: Situation, sentence: str) -> None:
    with pytest.raises(Exception) as error:  # noqa: PT011 - which class it is, is told by the tests of each module
        situation()
    said = getattr(error.value, "strerror", None) or str(error.value)
    pattern = re.escape(sentence).replace("PORT", "[0-9]+").replace("REASON", ".+")
    assert re.fullmatch(pattern, said)
    assert is_made_of(said, getattr(sentences, name))


def test_each_sentence_has_its_row() -> None:
    assert sorted({name for name, *_ in TABLE}) == sorted(names_of(sentences))
