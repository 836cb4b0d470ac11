"""The lecture's figures say what the tables say, and the format of a command has every octet of it."""

import re

import pytest

from smtplab import diagrams
from smtplab.protocol.codes import CODES
from smtplab.protocol.commands import VERBS, Helo
from smtplab.protocol.replies import RemoteProtocolError
from support.drawing import texts, words


def test_in_its_range_smtp_is_used_twice() -> None:
    figure = diagrams.smtp_range()
    drawn = words(figure)
    assert (drawn.count("SMTP"), drawn.count("first use"), drawn.count("second use")) == (2, 1, 1)
    assert (drawn.count("Client MTA"), drawn.count("Server MTA")) == (2, 2)
    assert "1. from the sender's computer to the sender's mail server," in figure.text
    assert "2. from the sender's mail server to the receiver's mail server." in figure.text


def test_the_machines_have_the_names_they_are_given() -> None:
    figure = diagrams.smtp_range(("laptop.example", "mail.lab.example", "mail.campus.example"))
    assert {"laptop.example", "mail.lab.example", "mail.campus.example"} <= set(words(figure))
    assert "Sender's mail server is mail.lab.example." in figure.text
    with pytest.raises(ValueError, match="2 names"):
        diagrams.smtp_range(("one.example", "two.example"))


def test_commands_and_responses_are_those_of_the_tables() -> None:
    figure = diagrams.commands_and_responses()
    drawn = " ".join(words(figure)).split()
    assert {name for name, verb in VERBS.items() if verb.tier} <= set(drawn)
    for name, verb in VERBS.items():
        assert (name in figure.text) is (verb.tier is not None)
    for number, code in CODES.items():
        assert (str(number) in figure.text) is (code.lecture is not None)
    for severity in ("2yz", "3yz", "4yz", "5yz"):
        assert severity in drawn
    assert "CRLF" in figure.text


def test_the_format_of_a_command_has_each_octet_that_is_sent() -> None:
    command = Helo("client.example")
    figure = diagrams.command_format(command)
    in_cells = [e.text or "" for e in texts(figure) if e.get("text-anchor") == "middle"]
    drawn = [text for text in in_cells if re.fullmatch(r"[0-9a-f]{2}", text)]
    assert bytes.fromhex("".join(drawn)) == command.serialize()
    told = re.findall(r"^  ([0-9a-f ]+)$", figure.text, re.MULTILINE)
    assert bytes.fromhex(" ".join(told)) == command.serialize()
    for part in ("keyword: HELO", "space: SP", "argument: client.example", "end of line: CR LF"):
        assert part in figure.text


def test_a_command_without_an_argument_has_a_keyword_and_an_end() -> None:
    text = diagrams.command_format("quit").text
    assert re.findall(r"^(\w[\w ]*): ", text, re.MULTILINE) == ["keyword", "end of line"]


def test_the_format_of_what_is_no_command_is_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="'VERFY' is not a command of SMTP"):
        diagrams.command_format("VERFY alice")
