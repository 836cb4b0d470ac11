"""The topology: what the lab's hosts are like, and the way of a message, in the drawing and in words alike."""

import re
from typing import Any

import pytest

from smtplab import Directory, Lab, MailingList, Transcript, diagrams, serve
from smtplab.lab.session import connect
from support.drawing import CAMPUS, SVG, down, in_a_ring, in_trouble, lecture, refused, relayed, root_of, session, words


def test_every_machine_is_there_with_its_address_and_condition() -> None:
    lab = Lab()
    figure = diagrams.topology(lab)
    for host in lab.hosts:
        assert host.name in words(figure)
        assert (
            f"{host.name} is up.\n  Server MTA, client when relaying.\n  Its address is {host.address}." in figure.text
        )
        assert any(host.address in word for word in words(figure))
    assert {"Your machine", "laptop.example", "203.0.113.7"} <= set(words(figure))
    assert "Your machine is laptop.example, 203.0.113.7." in figure.text


def test_domains_mailboxes_and_routes_are_those_of_the_hosts() -> None:
    text = diagrams.topology(lecture()).text
    assert "It takes mail for adelphia.net.\n  Mailboxes, with messages: forouzanb (1), postmaster (0)." in text
    assert "It relays mail for adelphia.net to mail.adelphia.net and for campus.example to mail.campus.example." in text


def test_a_host_that_is_down_or_closed_or_without_routes_says_so() -> None:
    figure = diagrams.topology(in_trouble())
    assert {"down", "up, takes no mail", "up"} <= set(words(figure))
    assert "mail.campus.example is down." in figure.text
    assert "It would take mail for adelphia.net." in figure.text
    assert "It takes mail for lab.example and other.example." in figure.text
    assert "It relays no mail." in figure.text


def test_a_long_list_of_mailboxes_is_cut_in_the_drawing_and_whole_in_the_words() -> None:
    figure = diagrams.topology(in_trouble())
    assert all(f"a-person-with-a-long-name-{number} (0)" in figure.text for number in range(40))
    drawn = [word for word in words(figure) if "a-person" in word]
    assert drawn[-1].endswith(" ...")
    assert len(drawn) < 4


def test_the_way_is_numbered_and_says_what_each_host_answered() -> None:
    figure = diagrams.topology(relayed())
    assert [word for word in words(figure) if re.match(r"\d: ", word)] == ["1: 250", "2: 250"]
    assert re.findall(r"^  \d\. .*$", figure.text, re.MULTILINE) == [
        "  1. laptop.example to mail.lab.example, from <alice@lab.example> for <dora@campus.example> (250). "
        "Taken: 250 to the message.",
        "  2. mail.lab.example to mail.campus.example, from <alice@lab.example> for <dora@campus.example> (250). "
        "Taken: 250 to the message.",
    ]


def test_the_mailbox_that_the_message_reached_is_marked_and_named() -> None:
    figure = diagrams.topology(relayed("bob@lab.example", "carol@lab.example"))
    assert {"Message here: dora", "Message here: bob and carol"} <= set(words(figure))
    assert "It is in these mailboxes: bob and carol on mail.lab.example; dora on mail.campus.example." in figure.text
    assert "It is in the mailbox dora on mail.campus.example." in diagrams.topology(relayed()).text


def test_what_was_refused_lies_nowhere_and_is_still_with_the_client() -> None:
    figure = diagrams.topology(refused())
    assert [word for word in words(figure) if re.match(r"\d: ", word)] == ["1: 554", "2: 550"]
    assert "Not taken: 554 to the message." in figure.text
    assert "Refused: 550 to RCPT; no message was sent." in figure.text
    assert figure.text.endswith(
        "It is in no mailbox.\nmail.lab.example did not take it, so laptop.example still has it."
    )
    assert "(A dashed arrow: no message was taken there.)" in words(figure)
    assert not any("Message here" in word for word in words(figure))


def test_what_was_not_reached_says_why() -> None:
    figure = diagrams.topology(down())
    assert "Not reached: mail.campus.example does not answer; the host is down." in figure.text
    assert "2: no" in words(figure)


def test_a_hop_is_an_arrow_from_who_gives_to_who_takes_and_dashed_if_it_was_not_taken() -> None:
    def thick(figure) -> list[str | None]:
        return [
            path.get("stroke-dasharray")
            for path in root_of(figure).iter(f"{SVG}path")
            if path.get("stroke-width") == "3"
        ]

    assert thick(diagrams.topology(Lab())) == []
    assert thick(diagrams.topology(in_a_ring())) == [None] * 4
    assert thick(diagrams.topology(down())) == ["7 5", "7 5"]
    assert len(list(root_of(diagrams.topology(in_a_ring())).iter(f"{SVG}polygon"))) == 4


def test_a_session_without_a_message_is_drawn_as_a_session() -> None:
    text = diagrams.topology(session("HELO laptop.example")).text
    assert text.endswith("The session:\n  1. laptop.example to mail.lab.example. No message has been sent.")


def test_one_of_several_messages_can_be_chosen() -> None:
    opened = session("HELO laptop.example", "MAIL FROM:<>", "RCPT TO:<bob@lab.example>", "DATA", ".")
    opened.send("SEND FROM:<x@lab.example>\nRCPT TO:<alice@lab.example>\nDATA\n.")
    assert "The route of message 2 of 2:\n  1. laptop.example to mail.lab.example, SEND, from <x@lab.example>" in (
        diagrams.topology(opened).text
    )
    first = diagrams.topology(opened, message=0)
    assert first.title.endswith("and the route of message 1 of 2")
    assert "from <> for <bob@lab.example> (250)" in first.text


def test_a_client_of_the_lab_is_drawn_and_many_recipients_are_counted() -> None:
    lab = Lab()
    names = ["alice", "bob", "carol", "postmaster", "sales"]
    with lab.client("mail.lab.example") as client:
        client.deliver("a@lab.example", [f"{name}@lab.example" for name in names], b"Subject: hello\r\n")
    figure = diagrams.topology(client)
    assert all(f"<{name}@lab.example> (250)" in figure.text for name in names)
    assert any("and 2 more" in word for word in words(figure))


def test_more_hops_than_have_room_are_in_the_words() -> None:
    lab = Lab()
    people = [f"{name}@campus.example" for name in ("erin", "frank")]
    lists = {f"l{number}": number for number in range(10)}
    host = lab.host("mail.lab.example")
    host.handler.directory = Directory(
        ["lab.example"],
        [f"owner{number}" for number in lists.values()],
        lists={name: MailingList(people, owner=f"owner{number}") for name, number in lists.items()},
    )
    figure = diagrams.topology(relayed(*(f"{name}@lab.example" for name in lists), lab=lab))
    assert "  12. mail.lab.example to mail.campus.example" in figure.text
    assert "(4 more hops)" in words(figure)


def test_outside_a_lab_there_is_no_topology() -> None:
    with serve() as server, connect(*server.address) as opened, pytest.raises(ValueError, match="held outside a Lab"):
        diagrams.topology(opened)


@pytest.mark.parametrize("source", [None, Transcript(), "mail.lab.example"])
def test_of_what_knows_no_machines_there_is_no_topology(source: Any) -> None:
    with pytest.raises(TypeError, match=f"not {type(source).__name__}$"):
        diagrams.topology(source)


def test_the_host_of_the_campus_is_the_one_that_is_down() -> None:
    lab = Lab()
    lab.host(CAMPUS).up = False
    assert re.findall(r"^(\S+) is down", diagrams.topology(lab).text, re.MULTILINE) == [CAMPUS]


def test_each_machine_is_named_as_in_the_figure_of_the_lecture_in_at_most_five_words() -> None:
    lab = Lab()
    lab.host("mail.campus.example").handler.relay = None
    figure = diagrams.topology(lab)
    assert "client MTA" in words(figure)
    roles = [word for word in words(figure) if word.startswith("Server MTA")]
    assert roles == [
        "Server MTA, client when relaying.",
        "Server MTA, client when relaying.",
        "Server MTA with mailboxes.",
    ]
    assert all(len(role.split()) <= 5 for role in roles)


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        (["DATA"], "Refused: 503 to DATA; no message was sent."),
        (["MAIL FROM:<a@x.example>"], "Refused: 503 to MAIL; no message was sent."),
        (
            ["HELO x.example", "MAIL FROM:<a@x.example>", "RCPT TO:<nobody@lab.example>"],
            "Refused: 550 to RCPT; no message was sent.",
        ),
        (["HELO x.example", "MAIL FROM:<a@x.example>"], "No message has been sent."),
    ],
)
def test_not_taken_is_said_of_a_message_only(lines: list[str], outcome: str) -> None:
    text = diagrams.topology(session(*lines)).text
    assert outcome in text
    assert "Not taken" not in text
