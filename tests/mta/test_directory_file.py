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


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("domain = 1", 3, "'domain'"),
        ("[mailboxes.carol]\nbusy = 1", 4, "'busy'"),
        ('[mailboxes.carol]\n[mailboxes."a\\u0007"]', 4, "'a\\x07'"),
        ("[mailboxes.alice]\n[mailboxes.Alice]", 4, "'Alice'"),
        ("[aliases]\na = 'alice'\nb = 'nobody'", 5, "'b' leads to 'nobody'"),
        ("[aliases]\na = 'alice'\nb = ['alice', 'x@@y']", 5, "'b' leads to 'x@@y'"),
        ("[aliases]\na = 'alice'\nb = []", 5, "'b'"),
        ("[aliases]\na = 1", 4, "'a' in aliases"),
        ("[aliases]\nc = 'a'\na = 'b'\nb = ['alice',\n 'a']", 4, "'c' leads in a circle"),
        ("[aliases]\nb = 'alice'\n[aliases.x]", 5, "'x'"),
        ("[lists.staff]\nmembers = ['alice']\nowner = 'nobody'", 3, "'staff' is owned by 'nobody'"),
        ("[lists.staff]\nmembers = ['alice']\nowner = 'staff'", 3, "staff -> staff"),
        ("[lists.staff]\nmembers = ['alice']\nowner = 'x@@y'", 3, "'staff' leads to 'x@@y'"),
        ("[lists.staff]\nmembers = ['alice']\nowned = 'alice'", 5, "'owned'"),
        ("[lists]\nstaff = ['alice', 'nobody']", 4, "'staff' leads to 'nobody'"),
        ("[forwards]\neve = 'alice'", 4, "'eve'"),
        ("[forwards]\neve = { to = 'x@y.example', accept = true }", 4, "'accept'"),
        ("[forwards.eve]\nto = 'x'", 3, "'eve'"),
        ("[aliases]\nb = 'eve'\n[forwards]\neve = { to = 'x@y.example', accepted = false }", 4, "'b' leads to 'eve'"),
    ],
)
def test_an_error_names_the_line_and_the_key(file, text, line, key):
    begin = "domains = ['lab.example']" if "mailboxes" in text else "domains = ['lab.example']\nmailboxes = ['alice']"
    file.write_text("\n" * ("mailboxes" in text) + f"{begin}\n{text}\n")
    with pytest.raises(DirectoryError) as caught:
        Directory.load(file)
    assert str(caught.value).startswith(f"the directory {file} is wrong: line {line}: ")
    assert key in str(caught.value)


def test_a_domain_that_is_wrong_is_named_with_its_line(file):
    file.write_text("# hosts\ndomains = ['no domain']\n")
    with pytest.raises(DirectoryError, match=r"line 2: .*'no domain'"):
        Directory.load(file)


def test_file_that_is_not_there_or_not_text_is_refused_with_a_sentence(file):
    with pytest.raises(DirectoryError, match="No such file"):
        Directory.load(file)
    file.write_bytes(b"\xff")
    with pytest.raises(DirectoryError, match="TOML"):
        Directory.load(file)
