"""Messages on their way in: which envelope a header section suggests, and the octets that go on the wire."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path as FilePath
from typing import Any

import pytest

from smtplab.client.message import addresses, as_mail, content_of, from_file, make
from smtplab.protocol.body import has_bare_line_end
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import LocalProtocolError


def _message(**fields: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in fields.items():
        message[name] = value
    return message


def test_envelope_comes_from_the_header_section() -> None:
    message = _message(From="Alice <alice@a.example>", To="Bob <bob@b.example>, carol@c.example", Cc="dora@d.example")
    message["Bcc"] = "erin@e.example"
    assert addresses(message) == (
        "alice@a.example",
        ["bob@b.example", "carol@c.example", "dora@d.example", "erin@e.example"],
    )


def test_sender_field_goes_before_from() -> None:
    message = _message(From="boss@a.example, chief@a.example", Sender="office@a.example", To="b@b.example")
    assert addresses(message) == ("office@a.example", ["b@b.example"])


def test_recipient_who_is_named_twice_is_named_once() -> None:
    assert addresses(_message(To="b@b.example, b@b.example", Cc="b@b.example"))[1] == ["b@b.example"]


def test_message_without_addresses_suggests_none() -> None:
    assert addresses(_message(Subject="x", To="")) == ("", [])


def test_groups_and_comments_are_read_as_rfc_5322_has_them() -> None:
    message = _message(To='friends: a@x.example, "B, b" <b@x.example>;', Cc="c@x.example (see)")
    assert addresses(message)[1] == ["a@x.example", "b@x.example", "c@x.example"]


def test_blind_copies_are_not_in_the_content_and_the_message_is_left_as_it_is() -> None:
    message = _message(To="a@x.example", Bcc="secret@x.example")
    assert b"secret" not in content_of(message, eight_bit=False)
    assert message["Bcc"] == "secret@x.example"


@pytest.mark.parametrize("name", ["Resent-Bcc", "resent-bcc", "RESENT-BCC", "BCC"])
@pytest.mark.parametrize("times", [1, 2])
def test_no_blind_copy_is_in_the_content_however_its_field_is_written(name: str, times: int) -> None:
    kept = b"From: a@x.example\nResent-To: b@x.example\n" + f"{name}: secret@x.example\n".encode() * times + b"\nx\n"
    message = message_from_bytes(kept, policy=policy.default)
    content = content_of(message, eight_bit=False)
    assert b"secret" not in content
    assert b"bcc" not in content.lower()
    assert b"Resent-To: b@x.example\r\n" in content
    assert message[name] == "secret@x.example"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"From": "undisclosed:;"},
        {"From": ""},
        {"Sender": "", "Reply_To": "a@x.example"},
    ],
)
def test_message_without_a_sender_is_sent_only_if_the_null_one_is_said(fields: dict[str, str]) -> None:
    message = _message(To="b@x.example", **{name.replace("_", "-"): value for name, value in fields.items()})
    with pytest.raises(LocalProtocolError, match="sender"):
        as_mail(message, None, None, {})
    assert as_mail(message, "", None, {})[0] == ""
    assert as_mail(message, "a@x.example", None, {})[0] == "a@x.example"


def test_sender_without_an_address_gives_way_to_from() -> None:
    message = _message(Sender="undisclosed:;", From="a@x.example", To="b@x.example")
    assert as_mail(message, None, None, {})[:2] == ("a@x.example", ["b@x.example"])


@pytest.mark.parametrize("recipients", ["b@x.example", Path("b", "x.example"), ["b@x.example"], iter(["b@x.example"])])
def test_one_recipient_needs_no_list(recipients: Any) -> None:
    message = _message(From="a@x.example", To="elsewhere@x.example")
    assert [str(path).strip("<>") for path in as_mail(message, None, recipients, {})[1]] == ["b@x.example"]


@pytest.mark.parametrize(
    ("message", "sender", "recipients", "word"),
    [
        (b"Subject: x", "", [], "bytes"),
        ("Subject: x", "", [], "str"),
        (None, "", [], "NoneType"),
        (EmailMessage(), b"a@x.example", ["b@x.example"], "sender .*bytes"),
        (EmailMessage(), "", [b"b@x.example"], "recipient .*bytes"),
        (EmailMessage(), "", 5, "recipients .*int"),
        (EmailMessage(), "", b"b@x.example", "recipients .*bytes"),
    ],
)
def test_wrong_type_is_named(message: Any, sender: Any, recipients: Any, word: str) -> None:
    with pytest.raises(TypeError, match=word):
        as_mail(message, sender, recipients, {})


@pytest.mark.parametrize("eight_bit", [True, False])
def test_content_has_crlf_and_octets_above_127_only_if_they_are_allowed(eight_bit: bool) -> None:
    message = _message(Subject="Grüße", To="a@x.example")
    message.set_content("größer\n.\nénde\n", cte="8bit")
    content = content_of(message, eight_bit=eight_bit)
    assert content.isascii() is not eight_bit
    assert content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r")
    again = message_from_bytes(content, policy=policy.default)
    assert again["Subject"] == "Grüße"
    assert again.get_content().replace("\r\n", "\n") == "größer\n.\nénde\n"


def test_long_lines_and_attachments_survive() -> None:
    message = _message(To="a@x.example")
    message.set_content("x" * 3000 + "\n")
    message.add_attachment(bytes(range(256)) * 10, maintype="application", subtype="octet-stream", filename="all")
    content = content_of(message, eight_bit=False)
    assert max(map(len, content.split(b"\r\n"))) <= 998
    text, attached = message_from_bytes(content, policy=policy.default).iter_parts()
    assert text.get_content().splitlines() == ["x" * 3000]
    assert attached.get_content() == bytes(range(256)) * 10


LONG_NAMES = [
    ("Boss, Big (of the very long department name which makes this line longer than 78)", "a@b.example"),
    ("Evil, a name that is quite long and will be folded again, victim@example.com", "a@b.example"),
    ("Boss, Big", "a@b.example"),
    ("many; words: of, " + "all <kinds> " * 20, "a@b.example"),
    ('marks "in, marks" and \\ ' + "back\\slash, " * 12, "a@b.example"),
    ("Jörg, der " + "sehr lange " * 10 + "Name", "a@b.example"),
    ("Ö, " * 30, "a@b.example"),
    ("a word that has no end, " + "x" * 300, "a@b.example"),
    ("comma, in the name and a blank in the local part " + "of the address, " * 4, '"odd, local"@b.example'),
]


def _people(content: bytes, name: str) -> list[tuple[str, str]]:
    """Return the names and addresses in a field, as another reader finds them: first the marks, then the words."""
    fields = re.sub(rb"\r\n(?=[ \t])", b"", content.partition(b"\r\n\r\n")[0]).decode().split("\r\n")
    (text,) = [field.partition(":")[2] for field in fields if field.startswith(f"{name}:")]
    people = [(str(make_header(decode_header(shown))), address) for shown, address in getaddresses([text])]
    return [(" ".join(shown.split()), address) for shown, address in people]


@pytest.mark.parametrize(("shown", "address"), LONG_NAMES)
@pytest.mark.parametrize("field", ["From", "Reply-To", "To", "Cc", "Resent-From", "Sender"])
@pytest.mark.parametrize("international", [False, True])
def test_name_in_an_address_field_keeps_its_marks_however_long_it_is(
    shown: str, address: str, field: str, international: bool
) -> None:
    marked = '"' + shown.replace("\\", r"\\").replace('"', r"\"") + f'" <{address}>'
    message = _message(**{field: marked})
    content = content_of(message, eight_bit=False, international=international)
    assert _people(content, field) == [(" ".join(shown.split()), address)]
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert all(line.strip() for line in content.rstrip(b"\r\n").split(b"\r\n"))


@pytest.mark.parametrize(
    ("kept", "people"),
    [
        (
            b"=?utf-8?q?Evil=2C_a_name_that_is_long_and_will_be_folded_again=2C_victim=40x=2Eexample?= <a@b.example>",
            [("Evil, a name that is long and will be folded again, victim@x.example", "a@b.example")],
        ),
        (b"=?utf-8?q?Evil=2C_victim=40x=2Eexample?= <a@b.example>", [("Evil, victim@x.example", "a@b.example")]),
        (
            b", ".join(b'"Doe, %d John" <u%d@x.example>' % (n, n) for n in range(12)),
            [(f"Doe, {n} John", f"u{n}@x.example") for n in range(12)],
        ),
        (
            b'"The, group": "A, ' + b"very long name " * 8 + b'" <a@b.example>, c@d.example;, "E, f" <e@f.example>',
            [
                ("A, " + "very long name " * 7 + "very long name", "a@b.example"),
                ("", "c@d.example"),
                ("E, f", "e@f.example"),
            ],
        ),
    ],
)
def test_address_field_of_a_message_that_was_read_keeps_its_marks(kept: bytes, people: list[tuple[str, str]]) -> None:
    for rules in (policy.default, policy.compat32):
        message = message_from_bytes(b"To: " + kept + b"\n\n", policy=rules)
        assert _people(content_of(message, eight_bit=False), "To") == people


@pytest.mark.parametrize(
    "field",
    [
        "Alice <a@x.example>",
        "a@x.example, b@x.example",
        '"B, b" <b@x.example>',
        "x:;",
        "a@x.example (x, y)",
    ],
)
def test_address_field_that_needs_no_folding_stays_as_it_is(field: str) -> None:
    assert content_of(_message(To=field), eight_bit=False) == f"To: {field}\r\n\r\n".encode()


@pytest.mark.parametrize("charset", ["nonsense", "utf-8"])
def test_name_in_an_unknown_charset_is_left_as_it_is(charset: str) -> None:
    kept = f"To: =?{charset}?q?a=FF=2C_b?= <a@x.example>".encode()
    content = content_of(message_from_bytes(kept + b"\n\n", policy=policy.default), eight_bit=False)
    assert [address for _, address in getaddresses([content.decode().partition(":")[2]])] == ["a@x.example"]


def test_octets_above_127_in_a_name_do_no_harm() -> None:
    kept = b'To: "J\xf6rg, der ' + b"sehr lange " * 10 + b'Name" <a@x.example>\n\n'
    content = content_of(message_from_bytes(kept, policy=policy.default), eight_bit=False)
    assert content.isascii()
    assert [address for _, address in getaddresses([content.decode().partition(":")[2]])] == ["a@x.example"]


# Messages that a file may hold, and what the client sends of each; None for the octets of the file.
UNUSUAL: list[tuple[bytes, bytes | None]] = [
    (b"To: a@x.example\nContent-Type: multipart/mixed\n\nno part here\n", None),
    (b"To: a@x.example\nContent-Type: multipart/mixed; boundary=b\n\nno part\nhere\n", None),
    (b"To: a@x.example\nContent-Type: multipart/alternative\n\none\n\ntwo\n.\n", None),
    (b"To: a@x.example\nContent-Type: multipart/mixed; boundary=b\n\nbefore\n--b\n\npart\n--b--\nbehind\nit\n", None),
    (b"To: a@x.example\nContent-Type: message/rfc822\n\nSubject: y\n\ntext\n", None),
    (b"To: a@x.example\nContent-Type: text/plain; charset=nonsense\n\ntext\n", None),
    (b"To: a@x.example\n\n" + b"x" * 2000 + b"\n", None),
    (b"To: a@x.example\n\na\0b\n", None),
]


@pytest.mark.parametrize(("kept", "sent"), UNUSUAL)
@pytest.mark.parametrize("rules", [policy.default, policy.compat32])
@pytest.mark.parametrize("eight_bit", [True, False])
def test_message_is_sent_as_its_file_would_be(kept: bytes, sent: bytes | None, rules: Any, eight_bit: bool) -> None:
    message = message_from_bytes(kept, policy=rules)
    content = content_of(message, eight_bit=eight_bit)
    assert not has_bare_line_end(content)
    assert content.rstrip() == from_file(sent or kept).rstrip()


@pytest.mark.parametrize(
    ("kept", "content"),
    [
        (b"a\nb\n", b"a\r\nb\r\n"),
        (b"a\r\nb\r\n", b"a\r\nb\r\n"),
        (b"a\r\nb\nc", b"a\r\nb\r\nc"),
        (b"\n\n", b"\r\n\r\n"),
        (b"", b""),
        (b"a\rb\n", b"a\rb\r\n"),
    ],
)
def test_file_gets_crlf_at_every_line_end(kept: bytes, content: bytes) -> None:
    assert from_file(kept) == content


def test_sample_messages_are_left_as_they_are(root: FilePath) -> None:
    for path in (root / "data" / "messages").glob("*.eml"):
        assert from_file(path.read_bytes()) == path.read_bytes()
        assert from_file(path.read_bytes().replace(b"\r\n", b"\n")) == path.read_bytes()


def test_header_section_is_made_around_a_body() -> None:
    content = make("a@x.example", ["b@y.example", "c@z.example"], "Grüße", "größer\r\n.\r\n".encode())
    assert content.isascii()
    message = message_from_bytes(content, policy=policy.default)
    assert (message["From"], message["To"]) == ("a@x.example", "b@y.example, c@z.example")
    assert message["Subject"] == "Grüße"
    assert message["Date"].datetime.utcoffset() is not None
    assert message.get_content() == "größer\n.\n"


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?x?=",
        "Re: =?utf-8?Q?x?= and =?iso-8859-1?B?eA==?=",
        "x=?utf-8?q?y?=z",
        "=?nonsense?q?x?=",
        "Grüße =?utf-8?q?x?=",
        "  two  blanks =?utf-8?q?x?= ",
        f"=?utf-8?b?{'QUJD' * 40}?=",
    ],
)
@pytest.mark.parametrize("sender", ["a@x.example", "jörg@x.example"])
def test_subject_that_looks_like_an_encoded_word_is_read_as_it_was_typed(sender: str, subject: str) -> None:
    content = make(sender, ["b@y.example"], subject, b"x\n")
    assert message_from_bytes(content, policy=policy.default)["Subject"] == subject
    field = message_from_bytes(content)["Subject"]
    assert str(make_header(decode_header(field))) == subject
    assert max(map(len, content.split(b"\r\n"))) <= 78
    fields = re.findall(rb"^[A-Za-z-]+(?=:)", content.partition(b"\r\n\r\n")[0], re.MULTILINE)
    assert fields[:4] == [b"From", b"To", b"Subject", b"Date"]


@pytest.mark.parametrize(
    "domain",
    ["x.example", "[192.0.2.1]", "[IPv6:2001:db8::1]", "my_host.example", ".".join(["x" * 60] * 4), "büro.example"],
)
def test_message_id_is_new_each_time_and_under_the_senders_domain(domain: str) -> None:
    contents = [make(f'"a@b"@{domain}', ["b@y.example"], "x", b"x\n").decode() for _ in range(2)]
    found = [re.findall(rf"^Message-ID: <[^@<>\s]+@{re.escape(domain)}>\r$", content, re.M) for content in contents]
    assert [len(fields) for fields in found] == [1, 1]
    assert found[0] != found[1]


def test_made_message_does_not_tell_what_this_machine_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getfqdn", lambda: "secret.example")
    monkeypatch.setattr("socket.gethostname", lambda: "secret")
    assert b"secret" not in make("a@x.example", ["b@y.example"], "x", b"x\n")


def test_body_that_is_no_text_cannot_be_wrapped() -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        make("a@x.example", ["b@y.example"], "x", b"\xff\xfe")


@pytest.mark.parametrize("subject", ["x\r\nBcc: evil@x.example", "x\ny", "x\ry", "=?utf-8?q?x?=\r\nBcc: y"])
def test_subject_that_would_end_its_field_is_refused(subject: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        make("a@x.example", ["b@y.example"], subject, b"x")


POLICIES = [policy.default, policy.compat32, policy.SMTP, policy.SMTPUTF8]


@pytest.mark.parametrize("name", ["To", "Cc", "Reply-To", "From", "Sender", "Resent-To"])
@pytest.mark.parametrize(
    "folded", ["\n alice\n @lab.example", " alice\n\t@\n lab.example", " A B\n <alice\n @lab.example>"]
)
@pytest.mark.parametrize("read_by", POLICIES)
def test_address_that_is_folded_within_is_sent_as_it_is_written(read_by: Any, folded: str, name: str) -> None:
    fields = {"From": " a@b.example", "To": " alice@lab.example", name: folded}
    text = "".join(f"{field}:{value}\n" for field, value in fields.items())
    message = message_from_bytes(f"{text}\nhi\n".encode(), policy=read_by)
    sender, recipients, content = as_mail(message, None, None, {})
    assert sender == ("alice@lab.example" if name in ("From", "Sender") else "a@b.example")
    assert recipients == ["alice@lab.example"]
    assert re.sub(rb"\s", b"", content) == re.sub(rb"\s", b"", text.encode() + b"hi")


@pytest.mark.parametrize("read_by", POLICIES)
@pytest.mark.parametrize(
    "listed", ["a@x.example; b@y.example", "a@x.example;b@y.example;", "A <a@x.example>;\n b@y.example"]
)
def test_recipient_behind_a_semicolon_is_not_lost(listed: str, read_by: Any) -> None:
    message = message_from_bytes(f"From: c@d.example\nTo: {listed}\n\nhi\n".encode(), policy=read_by)
    assert as_mail(message, None, None, {})[1] == ["a@x.example", "b@y.example"]


def test_recipient_behind_a_semicolon_is_not_lost_in_a_message_made_here() -> None:
    assert addresses(_message(To="a@x.example; b@y.example"))[1] == ["a@x.example", "b@y.example"]


@pytest.mark.parametrize("read_by", POLICIES)
@pytest.mark.parametrize(
    ("field", "text"), [("To", "a@x.example."), ("Cc", "a@@x.example"), ("From", "a@x..example"), ("Sender", "a b@x")]
)
def test_wrong_address_is_told_with_its_field(field: str, text: str, read_by: Any) -> None:
    fields = {"From": "c@d.example", "To": "e@f.example", field: text}
    lines = "".join(f"{name}: {value}\n" for name, value in fields.items())
    message = message_from_bytes(f"{lines}\nhi\n".encode(), policy=read_by)
    with pytest.raises(LocalProtocolError, match=f"in the field {field} is"):
        as_mail(message, None, None, {})


def test_wrong_address_in_a_field_does_not_matter_to_a_given_envelope() -> None:
    message = message_from_bytes(b"From: a@x..example\nTo: a@x.example.\n\nhi\n", policy=policy.default)
    sender, recipients, content = as_mail(message, "c@d.example", "e@f.example", {})
    assert (sender, recipients) == ("c@d.example", ["e@f.example"])
    assert b"To: a@x.example.\r\n" in content


def test_field_that_the_email_package_cannot_read_is_sent_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    message = message_from_bytes(b"From: c@d.example\nTo: a@x.example\nX-Odd: y\n z\n\nhi\n", policy=policy.default)

    def fail(*_: object) -> None:
        raise IndexError("string index out of range")

    monkeypatch.setattr(policy.EmailPolicy, "fold_binary", fail)
    monkeypatch.setattr(policy.EmailPolicy, "header_fetch_parse", fail)
    sender, recipients, content = as_mail(message, None, None, {})
    assert (sender, recipients) == ("c@d.example", ["a@x.example"])
    assert content == b"From: c@d.example\r\nTo: a@x.example\r\nX-Odd: y\r\n z\r\n\r\nhi\r\n"
