"""Messages on their way in: which envelope a header section suggests, and the octets that go on the wire."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path as FilePath
from typing import Any

import pytest

from smtplab.client.message import addresses, as_mail, content_of, from_file, make
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
