"""Every error sentence of the simulation is raised somewhere, in exactly these words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from smtplab.simulation import sentences
from smtplab.simulation.invariants import InvariantError, Invariants
from smtplab.simulation.result import simulate
from smtplab.simulation.scenario import ScenarioError
from smtplab.simulation.scenario_file import find_scenario, read_scenario, supplied
from smtplab.simulation.simulation import Simulation
from support.templates import names_of

Trigger = Callable[[Path], object]
HOST = '[hosts."a.example"]\ndomains = "a.example"\n'


def file(text: str) -> Trigger:
    def read(folder: Path) -> object:
        (folder / "s.toml").write_text(text, encoding="utf-8")
        return read_scenario(folder / "s.toml")

    return read


def broken(folder: Path) -> None:
    invariants = Invariants(Simulation(read_scenario(find_scenario("lost-250"))))
    invariants._broken.append("it is broken")
    invariants.check()


ROWS: dict[str, tuple[Trigger, str]] = {
    "NO_HOSTS": (
        file(""),
        'FOLDER/s.toml: a scenario needs at least one host; add a table such as [hosts."mail.lab.example"]',
    ),
    "HOST_TWICE": (
        file(HOST + '[hosts."A.example"]\n'),
        "FOLDER/s.toml: line 3: the host A.example is there twice; give each host a name of its own",
    ),
    "ADDRESS_TWICE": (
        file(HOST + 'address = "2001:db8::1"\n[hosts."b.example"]\naddress = "2001:DB8:0::1"\n'),
        "FOLDER/s.toml: line 5: the hosts a.example and b.example have the same address 2001:db8::1; give each host an "
        "address of its own",
    ),
    "UNKNOWN_HOST": (
        file(HOST + '[[outages]]\nhost = "b.example"\nfor = "1 h"\n'),
        "FOLDER/s.toml: line 3: there is no host 'b.example' in the scenario; it has a.example",
    ),
    "UNKNOWN_HOP": (
        file(HOST + '[hosts."a.example".queue.hops]\n"b.example" = 1\n'),
        "FOLDER/s.toml: line 4: b.example is neither a host nor a domain of the scenario, so no mail goes there",
    ),
    "NO_SENDING_HOST": (
        file(HOST + '[[messages]]\nfrom = "x@b.example"\nto = "ann@a.example"\n'),
        "FOLDER/s.toml: line 3: no host delivers the mail of the sender 'x@b.example'; "
        "name the host that takes the message in `through`",
    ),
    "NO_RECIPIENTS": (
        file(HOST + '[[messages]]\nthrough = "a.example"\n'),
        "FOLDER/s.toml: line 3: a message needs at least one recipient",
    ),
    "NOBODY_WRITES": (
        file(HOST + "[traffic]\nmessages = 1\n"),
        "FOLDER/s.toml: line 3: traffic needs a host with a domain and mailboxes",
    ),
    "NO_DURATION": (
        file('duration = "0 s"\n' + HOST),
        "FOLDER/s.toml: line 1: the duration must be more than 0 s",
    ),
    "BAD_LENGTHS": (
        file(HOST + '[drawn_outages]\ncount = 1\nat_least = "0 s"\n'),
        "FOLDER/s.toml: line 3: drawn outages need a count of 0 or more, and at_least must be more than 0 s "
        "and at most at_most",
    ),
    "BAD_TRAFFIC": (
        file(HOST + 'mailboxes = "ann"\n[traffic]\nmessages = 1\nover = "0 s"\n'),
        "FOLDER/s.toml: line 4: traffic needs 0 or more messages and octets, 1 or more recipients, "
        "and at least a second",
    ),
    "NOT_AN_ADDRESS": (
        file(HOST + '[[messages]]\nthrough = "a.example"\nto = ["bob"]\n'),
        "FOLDER/s.toml: line 5: 'bob' is not an address, such as bob@lab.example: the address needs @ and a domain, "
        "and nothing stands there; *",
    ),
    "NUMBER_TOO_LOW": (
        file(HOST + "hop_limit = 0\n"),
        "FOLDER/s.toml: line 3: hop_limit must be at least 1, not 0",
    ),
    "BAD_SHARE": (
        file(HOST + 'mailboxes = "ann"\n[traffic]\nunknown = 101\n'),
        "FOLDER/s.toml: line 5: `unknown` is how many in a hundred recipients are unknown, 0 to 100, not 101",
    ),
    "AFTER_THE_END": (
        file('duration = "1 h"\n' + HOST + '[[messages]]\nthrough = "a.example"\nto = "x@a.example"\nat = "2 h"\n'),
        "FOLDER/s.toml: line 7: 'at' is 2 h, and the run ends after 1 h; choose an earlier time, "
        "or a longer `duration`",
    ),
    "UNREADABLE": (lambda folder: read_scenario(folder), "FOLDER cannot be read: Is a directory"),
    "NOT_TOML": (file("a ="), "FOLDER/s.toml is not a TOML file: *"),
    "WRONG": (file("a = 1"), "FOLDER/s.toml: line 1: the file cannot have 'a'; it may have *"),
    "NOT_SO_MANY": (
        file('[[families]]\nname = "a.example"\n'),
        "FOLDER/s.toml: line 1: `count` in [[families]] must be from 1 to 2000, and the name must hold {n}",
    ),
    "NOT_TABLES": (file("links = 1\n"), "FOLDER/s.toml: line 1: 'links' must be written as [[links]] tables"),
    "TWO_ENDS": (
        file(HOST + "[[links]]\n"),
        'FOLDER/s.toml: line 3: a link is between two hosts, as in between = ["a.example", "b.example"]',
    ),
    "NO_LENGTH": (
        file(HOST + '[[outages]]\nhost = "a.example"\n'),
        'FOLDER/s.toml: line 3: say how long it lasts, as in for = "3 d"',
    ),
    "NO_SUCH_SCENARIO": (
        lambda folder: find_scenario("nix"),
        f"there is no scenario 'nix'; use the path of a file, or one of {', '.join(supplied())}",
    ),
    "NOT_WRITTEN_DOWN": (
        lambda folder: simulate("lost-250").conversations,
        "this run has not written down its sessions; run it with simulate(..., records=True)",
    ),
    "BROKEN": (broken, "at 0 s after None: it is broken"),
}


def test_every_sentence_has_a_row() -> None:
    assert ROWS.keys() == set(names_of(sentences))


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_raised_word_by_word(name: str, tmp_path: Path) -> None:
    trigger, text = ROWS[name]
    with pytest.raises((ScenarioError, InvariantError, ValueError)) as caught:
        trigger(tmp_path)
    said = str(caught.value).replace(str(tmp_path), "FOLDER")
    assert said == text or (text.endswith("*") and said.startswith(text[:-1]))
