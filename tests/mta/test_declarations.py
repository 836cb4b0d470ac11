"""Declarations that contradict each other are refused; `test_directory` shows where the others lead."""

import pytest

from smtplab.mta.accounts import DirectoryError, Forward, MailingList
from smtplab.mta.directory import Directory
from smtplab.protocol.grammar import Path


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ({"domains": []}, "domain"),
        ({"domains": ["no domain"]}, "'no domain'"),
        ({"mailboxes": [""]}, "empty"),
        ({"mailboxes": ["a\r\nb"]}, "control"),
        ({"mailboxes": ["a", "A"]}, "'A'"),
        ({"mailboxes": ["a"], "aliases": {"a": "b"}}, "'a'"),
        ({"aliases": {"a": "b"}}, "'b'"),
        ({"aliases": {"a": "b@lab.example"}}, "'b'"),
        ({"aliases": {"a": []}}, "'a'"),
        ({"aliases": {"a": "b@@c"}}, "'b@@c'"),
        ({"aliases": {"a": "A"}}, "a -> a"),
        ({"aliases": {"a": "b", "b": ["c"], "c": "a"}}, "a -> b -> c -> a"),
        ({"aliases": {"a": "l"}, "lists": {"l": ["a"]}}, "a -> l -> a"),
        ({"lists": {"l": MailingList(["postmaster"], owner="x")}}, "'x'"),
        ({"lists": {"l": MailingList(["postmaster"], owner="l")}}, "l -> l"),
        ({"lists": {"l": MailingList(["postmaster"], owner="L@LAB.example")}}, "l -> l"),
        ({"lists": {"l": ["postmaster@c.example"]}, "aliases": {"postmaster": "l"}}, "l -> postmaster -> l"),
        (
            {"lists": {name: MailingList(["o@c.example"], owner=owner) for name, owner in ("lm", "ml")}},
            "l -> m -> l",
        ),
        (
            {"mailboxes": "x", "lists": {"l": MailingList("x", owner="m"), "m": MailingList(["x", "l"], owner="x")}},
            "l -> m -> l",
        ),
        ({"forwards": {"a": "postmaster"}}, "'postmaster'"),
        ({"forwards": {"a": ""}}, "''"),
        (
            {"aliases": {"x": "e"}, "forwards": {"e": Forward("e@new.example", accepted=False)}},
            "'e'",
        ),
    ],
)
def test_declaration_that_cannot_be_is_refused_with_a_sentence(declared, sentence):
    with pytest.raises(DirectoryError, match=sentence):
        Directory(**{"domains": ["lab.example"], **declared})


def test_the_owner_of_a_list_may_be_its_member_or_own_several():
    lists = {
        "staff": MailingList(["bob", "ann"], owner="bob"),
        "crew": MailingList(["staff", "team"], owner="team"),
        "team": MailingList("bob", owner="bob"),
    }
    directory = Directory("lab.example", ["ann", "bob"], lists=lists)
    assert [str(directory.resolve(Path(name, "lab.example")).owner) for name in lists] == [
        "<bob@lab.example>",
        "<team@lab.example>",
        "<bob@lab.example>",
    ]


def test_a_name_to_which_many_ways_lead_is_followed_once() -> None:
    aliases: dict[str, list[str]] = {}
    for level in range(30):
        deeper = [f"{side}{level + 1}" for side in "mn"] if level < 29 else ["bob"]
        aliases |= {f"{side}{level}": deeper for side in "mn"}
    directory = Directory(["lab.example"], ["bob"], aliases=aliases)  # 2**30 ways lead to bob
    assert directory.resolve(Path("m0", "lab.example")).mailboxes == ("bob",)
