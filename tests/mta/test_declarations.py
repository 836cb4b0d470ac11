"""Declarations that contradict each other are refused; `test_directory` shows where the others lead."""

import pytest

from smtplab.mta.accounts import DirectoryError, Forward, MailingList
from smtplab.mta.directory import Directory


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ({"domains": []}, "domain"),
        ({"domains": ["no domain"]}, "'no domain'"),
        ({"mailboxes": [""]}, "empty"),
        ({"mailboxes": ["a\r\nb"]}, "control character"),
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
