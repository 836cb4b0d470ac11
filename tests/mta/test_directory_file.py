"""A TOML file declares a directory; a wrong one is refused with a sentence that names it."""

import pytest

from smtplab.mta.directory import Directory, DirectoryError, Mailbox, Terminal
from smtplab.protocol import replies
from smtplab.protocol.grammar import Path

EVERYTHING = """
domains = ["lab.example", "lab.test"]
reserved = ["root"]

[mailboxes.alice]
full_name = "Alice Smith"
quota_octets = 100
quota_is_soft = true
busy = true
terminal = true

[mailboxes.bob]

[aliases]
desk = "bob"
sales = ["alice", "bob"]

[lists]
club = ["bob"]
[lists.staff]
members = ["alice", "carol@elsewhere.example"]
owner = "bob"

[forwards]
dora = "dora@new.example"
eve = { to = "eve@new.example", accepted = false }
"""


def at(name, domain="lab.example"):
    return Path(name, domain)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "directory.toml"


def test_file_declares_everything(file):
    file.write_text(EVERYTHING)
    directory = Directory.load(file)
    assert directory.domains == ("lab.example", "lab.test")
    alice = directory.mailboxes["alice"]
    assert (alice.full_name, alice.quota_octets, alice.quota_is_soft, alice.busy) == ("Alice Smith", 100, True, True)
    assert isinstance(alice.terminal, Terminal)
    assert directory.mailboxes["bob"] == Mailbox("bob")
    assert directory.resolve(at("desk")).mailboxes == ("bob",)
    assert directory.resolve(at("club")).owner == at("postmaster")
    assert directory.resolve(at("staff", "lab.test"), verb="SOML").owner == at("bob")
    assert directory.resolve(at("dora")).reply is replies.WILL_FORWARD
    assert directory.resolve(at("eve")).reply is replies.TRY_FORWARD_PATH
    assert directory.resolve(at("root")).reply is replies.MAILBOX_NAME_NOT_ALLOWED


def test_file_may_name_mailboxes_in_a_list(file):
    file.write_text('domains = ["lab.example"]\nmailboxes = ["alice", "bob"]')
    assert list(Directory.load(str(file)).mailboxes) == ["alice", "bob", "postmaster"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("domains = [", "TOML"),
        ("", "domain"),
        ("domain = 'x'", "'domain'"),
        ("domains = 'lab.example'", "'lab.example'"),
        ("domains = [1]", "'domains'"),
        ("mailboxes.a = 1", "mailbox 'a'"),
        ("mailboxes.a.ful_name = 'A'", "'ful_name'"),
        ("mailboxes.a.busy = 1", "'busy'"),
        ("mailboxes.a.quota_octets = true", "'quota_octets'"),
        ("aliases.a = 1", "aliases"),
        ("aliases.a = [1]", "aliases"),
        ("lists.a = 'b'", "list 'a'"),
        ("domains = ['x.example']\nlists.a.owner = 'postmaster'", "'a'"),
        ("domains = ['x.example']\nforwards.a = {}", "''"),
        ("forwards.a.too = 'b@c'", "'too'"),
    ],
)
def test_wrong_file_is_refused_with_a_sentence_that_names_it(file, text, sentence):
    file.write_text(text)
    with pytest.raises(DirectoryError, match=sentence) as caught:
        Directory.load(file)
    assert str(caught.value).startswith(f"the directory {file} ")
    assert "\n" not in str(caught.value)


def test_file_that_is_not_there_or_not_text_is_refused_with_a_sentence(file):
    with pytest.raises(DirectoryError, match="No such file"):
        Directory.load(file)
    file.write_bytes(b"\xff")
    with pytest.raises(DirectoryError, match="TOML"):
        Directory.load(file)
