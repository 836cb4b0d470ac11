"""The directives for a lab whose hosts queue: queue, clock, advance, down, up, fault."""

from __future__ import annotations

import pytest

from smtplab.jupyter import language
from smtplab.jupyter.engine import Engine
from support.cells import LAB, LECTURE, done, failure
from support.odd_server import OddServer, say, silence

BOX = "forouzanb@adelphia.net"
MESSAGE = f"MAIL FROM:<alice@lab.example>\nRCPT TO:<{BOX}>\nDATA\nSubject: x\n."


@pytest.fixture
def engine() -> Engine:
    """A notebook with a lab whose hosts queue; a message waits in the queue of the lab's host."""
    made = Engine(seconds=0.5)
    done(made, "%lab new queues")
    done(made, f"telnet {LAB} 25\nHELO laptop.example\n{MESSAGE}")
    return made


def test_lab_new_queues_makes_a_lab_whose_hosts_queue(engine: Engine) -> None:
    assert engine.lab.has_queues
    assert "queue" in done(engine, "%LAB new  queues").text
    assert engine.lab.has_queues
    done(engine, "%lab new")
    assert not engine.lab.has_queues
    assert "%lab new" in failure(engine, "%lab new queue")
    assert "%lab new" in failure(engine, "%lab new queues now")


def test_the_first_cell_that_runs_again_gets_a_lab_of_the_same_kind() -> None:
    engine = Engine(seconds=0.5)
    done(engine, "%lab new queues")
    for _ in range(2):
        engine.run(f"telnet {LAB} 25", cell_id="first")
        done(engine, f"HELO laptop.example\n{MESSAGE}\n%queue")
    assert len(engine.lab.queue(LAB)) == 1


def test_queue_shows_a_host_a_message_or_all_that_waits(engine: Engine) -> None:
    shown = done(engine, "%queue")
    assert "1 entry waits" in shown.text
    assert f"The queue of {LECTURE} is empty." in done(engine, f"%queue {LECTURE}").text
    assert "due now" in done(engine, "%queue A000001").text
    assert "due now" in done(engine, "%queue a000001-1").text
    assert "A000001" in failure(engine, "%queue A000009")
    assert "nowhere" in failure(engine, "%queue nowhere.example")
    done(engine, "%advance")
    assert "all queues are empty" in done(engine, "%queue").text


def test_time_passes_as_it_is_said(engine: Engine) -> None:
    assert "it is 6 Aug 10:25:00 in the lab, which began 0 s ago" in done(engine, "%clock").text
    done(engine, "%advance 3 days")
    assert "it is 9 Aug 10:25:00 in the lab, which began 3 d ago" in done(engine, "%clock").text
    done(engine, "%advance 1 hour 30 min")
    assert engine.lab.time == 3 * 86400 + 5400
    done(engine, "%advance 0 s")
    assert engine.lab.time == 3 * 86400 + 5400
    assert "valid duration" in failure(engine, "%advance a while")
    assert "closed" in done(engine, "%switch").text


def test_to_advance_by_0_does_not_wait_for_the_mail_that_waits(engine: Engine) -> None:
    done(engine, "%advance 0 min")
    assert (engine.lab.time, len(engine.lab.queue(LAB))) == (0, 1)


def test_a_host_goes_down_for_a_time_and_comes_up(engine: Engine) -> None:
    assert "is down for 3 days" in done(engine, f"%down {LECTURE} 3 days").text
    done(engine, "%advance 2 days")
    assert not engine.lab.host(LECTURE).up
    done(engine, "%advance")
    assert len(engine.lab.mailbox(BOX)) == 1
    assert f"until `%up {LAB}`" in done(engine, f"%down {LAB}").text
    assert f"{LAB} is up" in done(engine, f"%up {LAB}").text
    assert f"{LAB} has gone down and is up again" in done(engine, f"%down {LAB}  0 s").text
    assert engine.lab.host(LAB).up
    assert "nowhere" in failure(engine, "%down nowhere.example")
    assert "valid duration" in failure(engine, f"%down {LAB} soon")


def test_hosts_of_a_lab_without_queues_go_down_until_they_are_brought_up() -> None:
    engine = Engine(seconds=0.5)
    done(engine, f"%down {LAB}")
    assert "down" in failure(engine, f"telnet {LAB} 25")
    done(engine, f"%up {LAB}\ntelnet {LAB} 25")
    assert "%lab new queues" in failure(engine, f"%down {LAB} 3 days")


def test_a_fault_is_at_one_host_or_at_all(engine: Engine) -> None:
    assert f"at {LECTURE}: lose the 250" in done(engine, f"%fault {LECTURE} lose the 250 after the dot once").text
    done(engine, "%advance")
    assert len(engine.lab.mailbox(BOX)) == 2
    assert "every host" in done(engine, "%fault reply 451 to RCPT").text
    assert "no more faults at any host" in done(engine, "%fault off").text
    assert f"at {LAB}" in done(engine, f"%fault {LAB} off").text
    assert "fault" in failure(engine, "%fault make it slow")


@pytest.mark.parametrize("directive", ["%queue", "%clock", "%advance", "%down x", "%up x", "%fault off"])
def test_a_real_server_has_no_queue_that_can_be_seen(engine: Engine, directive: str) -> None:
    with OddServer(say("220 Hi"), silence) as server:
        host, port = server.address
        done(engine, f"%switch field\ntelnet {host} {port}")
        assert "cannot be seen" in failure(engine, directive)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("%queue ", [LAB, "A000001"]),
        ("%down ", [LECTURE, LAB]),
        ("%up ", [LAB]),
        ("%fault ", [LAB]),
        ("%advance ", ["3 days"]),
        ("%lab ", ["new"]),
        ("%lab new ", ["queues"]),
        ("%adv", ["%advance"]),
    ],
)
def test_tab_offers_what_may_stand_there(engine: Engine, typed: str, offered: list[str]) -> None:
    assert set(offered) <= set(language.complete(typed, len(typed), engine).matches)


def test_tab_offers_hosts_also_in_a_lab_without_queues() -> None:
    assert LAB in language.complete("%queue ", 7, Engine(seconds=0.5)).matches


def test_the_nearest_one_is_named(engine: Engine) -> None:
    assert "%advance" in failure(engine, "%advanc 3 days")
