"""Every code of the lecture, and every other reply this server gives, follows from a real cause, in both worlds."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from smtplab.explain.causes import CAUSES, DISK_FULL, HOST, Cause, causes_of
from smtplab.lab.internet import Lab
from smtplab.lab.provoking import hold, provoke, set_up
from smtplab.lab.session import Session
from smtplab.mta.maildir import MaildirStore
from smtplab.mta.personality import Personality
from smtplab.mta.policy import Policy
from smtplab.mta.relay import Relay
from smtplab.protocol import replies
from smtplab.protocol.codes import CODES
from smtplab.protocol.replies import NAMES, Reply
from smtplab.protocol.states import State
from smtplab.transcript import Transcript
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_client import dial

LECTURE = sorted(number for number, code in CODES.items() if code.lecture)
World = Callable[[Cause, Lab], Transcript]


def in_memory(cause: Cause, lab: Lab) -> Transcript:
    return hold(cause, lambda: lab.telnet(HOST), lab.host(HOST).stop)


def over_tcp(cause: Cause, lab: Lab) -> Transcript:
    with ExitStack() as stack:
        servers = {host.name: BackgroundServer(Server(host.handler, policy=host.policy)) for host in lab.hosts}
        for host in lab.hosts:
            server = stack.enter_context(servers[host.name])
            if not host.up:
                server.stop()
        addresses = {host.handler.directory.domains[0]: servers[host.name].address for host in lab.hosts}
        handler = lab.host(HOST).handler
        if handler.relay is not None:
            handler.relay = Relay(
                {name: address for name, address in addresses.items() if handler.relay.next_hop(name)}
            )
        return hold(cause, lambda: Session(dial(*servers[HOST].address), seconds=10), servers[HOST].stop)


@pytest.fixture(params=[in_memory, over_tcp])
def world(request: pytest.FixtureRequest) -> World:
    return request.param


@pytest.fixture
def lab() -> Lab:
    """A lab whose replies are the canonical ones, and so tell which cause they had."""
    lab = Lab()
    lab.host(HOST).handler.personality = Personality("canonical", {})
    return lab


def said(transcript: Transcript) -> Reply:
    reply = transcript.exchanges()[-1].reply
    assert reply is not None
    return reply


def _name(cause: Cause) -> str:
    return f"{cause.code}-{cause.sentence}"


@pytest.mark.parametrize("cause", CAUSES, ids=_name)
def test_the_cause_has_its_reply(cause: Cause, world: World, lab: Lab) -> None:
    set_up(lab, *cause.conditions)
    reply = said(world(cause, lab))
    assert (reply.code, reply.lines[0]) == (cause.code, cause.reply.lines[0])


@pytest.mark.parametrize("code", LECTURE)
def test_every_code_of_the_lecture_has_a_cause(code: int) -> None:
    assert causes_of(code)


def test_the_lecture_has_21_codes() -> None:
    assert len(LECTURE) == 21


def test_252_and_555_have_causes_too() -> None:
    assert causes_of(252)
    assert causes_of(555)


def test_every_canonical_reply_has_a_cause() -> None:
    # Nothing is answered with a bare Ok, and in memory no time passes in which a client could be silent.
    assert set(NAMES) - {cause.reply for cause in CAUSES} == {replies.OK, replies.IDLE_TIMEOUT}


@pytest.mark.parametrize("cause", [cause for cause in CAUSES if cause.lines], ids=_name)
def test_it_is_the_last_line_that_is_answered_with_the_code(cause: Cause) -> None:
    exchange = provoke(cause).exchanges()[-1]
    last = exchange.data.removesuffix(b"\r\n").split(b"\r\n")[-1]
    assert last == cause.said.encode()


@pytest.mark.parametrize("cause", [cause for cause in CAUSES if cause.conditions], ids=_name)
def test_without_the_cause_there_is_another_reply(cause: Cause, world: World, lab: Lab) -> None:
    reply = said(world(cause, lab))
    assert (reply.code, reply.lines[0]) != (cause.code, cause.reply.lines[0])


@pytest.mark.parametrize("cause", CAUSES, ids=_name)
def test_the_transcript_is_the_same_every_time(cause: Cause) -> None:
    assert str(provoke(cause)) == str(provoke(cause))


@pytest.mark.parametrize("cause", causes_of(421), ids=_name)
def test_421_closes_the_connection(cause: Cause, world: World, lab: Lab) -> None:
    set_up(lab, *cause.conditions)
    transcript = world(cause, lab)
    assert transcript.state is State.CLOSED
    assert transcript[-1].text == "Connection closed by foreign host."


def test_a_client_that_is_silent_for_too_long_gets_421(lab: Lab) -> None:
    with BackgroundServer(Server(lab.host(HOST).handler, policy=Policy(idle_seconds=0.2))) as server:
        stream = dial(*server.address)
        assert stream.receive(5).startswith(b"220 ")
        assert stream.receive(5) == b"421 Nothing heard for too long\r\n"
        assert stream.receive(5) == b""
        stream.close()


# The same causes on a real disk

MESSAGE_TO_ALICE = next(cause for cause in causes_of(452) if cause.conditions == (DISK_FULL,))


def test_452_when_too_little_of_the_real_disk_would_stay_free(tmp_path: Path, world: World, lab: Lab) -> None:
    lab.host(HOST).handler.store = MaildirStore(tmp_path, free_octets=2**62)
    assert said(world(MESSAGE_TO_ALICE, lab)).code == 452


def test_451_when_the_folder_on_the_real_disk_is_gone(tmp_path: Path, world: World, lab: Lab) -> None:
    lab.host(HOST).handler.store = MaildirStore(tmp_path / "mail")
    (tmp_path / "mail").rmdir()
    (tmp_path / "mail").write_text("a file where the folder was")
    assert said(world(MESSAGE_TO_ALICE, lab)).code == 451


def test_250_when_the_real_disk_is_well(tmp_path: Path, world: World, lab: Lab) -> None:
    lab.host(HOST).handler.store = MaildirStore(tmp_path)
    assert said(world(MESSAGE_TO_ALICE, lab)).code == 250
    assert len(MaildirStore(tmp_path).messages("alice")) == 1
