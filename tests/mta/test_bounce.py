"""A report is multipart/report in ASCII and says what became of each recipient. We read ours, and those of others."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path as FilePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.client.outcomes import OutcomeUnknown
from smtplab.client.session import DeliverySession
from smtplab.mta.attempt import Action, RecipientResult, answered, result_of
from smtplab.mta.bounce import RETURN_OCTETS, ReportedMessage, read_report, write_report
from smtplab.mta.report_fields import NotAReport, RecipientReport
from smtplab.protocol.grammar import NULL_PATH, Path
from smtplab.protocol.replies import EnhancedCode, Reply

SENDER, BOB, CAROL = Path("someone", "near.example"), Path("bob", "far.example"), Path("carol", "far.example")
ORIGINAL = b"Received: by near.example\r\nFrom: someone@near.example\r\nSubject: Hi\r\n\r\n.dots\r\nFrom here\r\n"
ARRIVED = datetime(2026, 11, 28, 10, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))
NOW, UNTIL = datetime(2026, 11, 30, 12, 0, tzinfo=UTC), datetime(2026, 12, 3, 4, 30, tzinfo=UTC)
UNKNOWN, LATER = Reply(550, "5.1.1 No such user here"), Reply(450, "4.2.0 Mailbox busy")


def results(*replies: Reply) -> tuple[RecipientResult, ...]:
    """Return the results of bob, and carol, by the replies of mail.far.example."""
    pairs = zip((BOB, CAROL), replies, strict=False)
    return tuple(answered([path], "mail.far.example", reply).recipients[0] for path, reply in pairs)


def report(
    *replies: Reply, content: bytes = ORIGINAL, sender: Path = SENDER, until: datetime | None = None, host: str = "near"
) -> bytes:
    message = ReportedMessage(sender, content, f"{host}.example", ARRIVED)
    return write_report(message, results(*replies), "A000002", NOW, until)


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_bounce_is_a_multipart_report_with_its_three_parts() -> None:
    message = parsed(report(UNKNOWN))
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "message/delivery-status", "message/rfc822"]
    assert message.defects == []


def test_its_header_says_who_writes_to_whom_and_that_no_person_did() -> None:
    message = parsed(report(UNKNOWN))
    assert message["From"] == "Mail Delivery System <MAILER-DAEMON@near.example>"
    assert message["To"] == "someone@near.example"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == "<A000002@near.example>"
    assert message["Auto-Submitted"] == "auto-replied"
    assert "Undelivered" in message["Subject"]


def test_the_status_of_each_recipient_stands_in_its_own_block() -> None:
    blocks = list(list(parsed(report(UNKNOWN, LATER, until=UNTIL)).iter_parts())[1].iter_parts())
    assert [dict(block.items()) for block in blocks] == [
        {"Reporting-MTA": "dns; near.example", "Arrival-Date": "Sat, 28 Nov 2026 10:00:00 +0530"},
        {
            "Final-Recipient": "rfc822; bob@far.example",
            "Action": "failed",
            "Status": "5.1.1",
            "Remote-MTA": "dns; mail.far.example",
            "Diagnostic-Code": "smtp; 550 5.1.1 No such user here",
        },
        {
            "Final-Recipient": "rfc822; carol@far.example",
            "Action": "delayed",
            "Status": "4.2.0",
            "Remote-MTA": "dns; mail.far.example",
            "Diagnostic-Code": "smtp; 450 4.2.0 Mailbox busy",
            "Will-Retry-Until": "Thu, 3 Dec 2026 04:30:00 +0000",
        },
    ]


def test_a_decision_of_the_reporting_host_has_no_remote_mta_and_no_smtp_reply() -> None:
    own = answered([Path("a", "nowhere.example")], "near.example", Reply(550, "5.1.2 no such domain")).recipients
    content = write_report(ReportedMessage(SENDER, ORIGINAL, "near.example", ARRIVED), own, "R1", ARRIVED)
    (each,) = read_report(content).recipients
    assert (each.remote_mta, each.reply, str(each.status)) == ("", None, "5.1.2")
    assert b"Diagnostic-Code: smtp;" not in content


def test_people_read_why_in_plain_words() -> None:
    text = read_report(report(UNKNOWN)).explanation
    assert text.startswith("This is the mail host near.example. Your message was not delivered")
    assert "<bob@far.example>: mail.far.example said 550 No such user here\n" in text
    assert max(map(len, text.split("\n"))) <= 72


def test_people_read_a_reason_once_for_all_its_recipients_and_can_copy_each_address() -> None:
    paths = [Path(f"a-b-c{'-d' * number}", "far-away.example") for number in range(12)]
    (same,), other = results(UNKNOWN), results(UNKNOWN, LATER)[1]
    about = tuple(replace(same, path=path) for path in paths)
    message = ReportedMessage(SENDER, ORIGINAL, "near.example", ARRIVED)
    text = read_report(write_report(message, (*about, other), "A000002", NOW)).explanation
    assert text.count("No such user here") == 1
    assert text.count("Mailbox busy") == 1
    assert all(str(path) in text for path in (*paths, CAROL))


def test_a_warning_says_that_the_host_keeps_trying_and_until_when() -> None:
    warning = read_report(report(LATER, until=UNTIL))
    assert not warning.is_bounce
    assert [each.action for each in warning.recipients] == [Action.DELAYED]
    assert "Thu, 3 Dec 2026 04:30:00 +0000" in warning.explanation
    assert "delayed" in parsed(report(LATER))["Subject"]
    assert "tries until" not in read_report(report(LATER)).explanation
    assert read_report(report(UNKNOWN, LATER)).is_bounce


def test_a_possible_duplicate_is_told() -> None:
    lost = result_of(OutcomeUnknown("no answer"), [BOB], "mail.far.example").recipients
    content = write_report(ReportedMessage(SENDER, ORIGINAL, "near.example", ARRIVED), lost, "A2", NOW)
    assert "same" in " ".join(read_report(content).explanation.split())
    (row,) = read_report(content).recipients
    assert (row.diagnostic, row.diagnostic_type, row.reply) == ("no answer", "x-smtplab", None)


def test_nobody_gets_a_report_of_a_report() -> None:
    with pytest.raises(ValueError, match="null"):
        ReportedMessage(NULL_PATH, ORIGINAL, "near.example", ARRIVED)


@pytest.mark.parametrize(
    "content", [ORIGINAL, b"\r\n", b"", b"no header", b"a: b\r\n\r\n\r\n\r\n", b"\r\nFrom x\r\n--x\r\n"]
)
def test_an_original_in_ascii_comes_back_octet_by_octet(content: bytes) -> None:
    written = report(UNKNOWN, content=content)
    assert content in written
    assert read_report(written).returned.strip(b"\r\n") == content.strip(b"\r\n")
    assert read_report(report(UNKNOWN)).returned == ORIGINAL


def test_the_boundary_is_not_in_the_original() -> None:
    nested = report(UNKNOWN, content=ORIGINAL)
    content = b"Content-Type: message/rfc822\r\n\r\n" + nested
    kinds = [part.get_content_type() for part in parsed(report(UNKNOWN, content=content)).iter_parts()]
    assert kinds == ["text/plain", "message/delivery-status", "message/rfc822"]


HEADER = b"From: someone@near.example\r\nSubject: "


@pytest.mark.parametrize(
    ("content", "returned"),
    [
        (HEADER + "ü\r\n\r\nbody".encode(), HEADER + "ü\r\n".encode()),
        (HEADER + b"\xff\r\n\r\nbody", HEADER + b"\xff\r\n"),
        (HEADER + b"x\r\n\r\n\xff", HEADER + b"x\r\n"),
        (HEADER + b"x\r\n\r\n" + b"y" * 999 + b"\r\n", HEADER + b"x\r\n"),
        (HEADER + b"x" * 1000 + b"\r\n\r\n", HEADER + b"x" * 1000 + b"\r\n"),
        (HEADER + b"x \t\r\n\r\na\nb", HEADER + b"x \t\r\n"),
        (HEADER + b"x\ry\r\n\r\n", HEADER + b"x\ry\r\n"),
        (HEADER + b"x\r\n\r\n" + b"y\r\n" * RETURN_OCTETS, HEADER + b"x\r\n"),
        (b"A: x\r\n" * RETURN_OCTETS, b"A: x\r\n" * (RETURN_OCTETS // 6)),
    ],
)
def test_of_any_other_original_the_header_section_comes_back(content: bytes, returned: bytes) -> None:
    written = report(UNKNOWN, content=content)
    assert list(parsed(written).iter_parts())[2].get_content_type() == "text/rfc822-headers"
    assert read_report(written).returned == returned


def test_an_address_that_is_not_ascii_is_escaped_and_read_again() -> None:
    path = Path("jürgen", "bücher.example")
    rows = answered([path], "mx.bücher.example", Reply(550, "5.1.1 Für niemanden")).recipients
    content = write_report(ReportedMessage(SENDER, ORIGINAL, "nähe.example", ARRIVED), rows, "A2", NOW)
    assert content.isascii()
    assert b"Final-Recipient: utf-8; j\\x{FC}rgen@b\\x{FC}cher.example\r\n" in content
    assert b"Remote-MTA: dns; mx.xn--bcher-kva.example\r\n" in content
    assert read_report(content).recipients[0].address == "jürgen@bücher.example"
    assert "jürgen" in read_report(content).explanation


def test_a_sender_that_is_not_ascii_is_written_as_utf_8_and_needs_smtputf8() -> None:
    content = report(UNKNOWN, sender=Path("jürgen", "near.example"))
    assert "To: jürgen@near.example\r\n".encode() in content
    assert content.replace("ü".encode(), b"").isascii()


def test_a_long_answer_is_cut_so_that_no_line_is_too_long() -> None:
    for text in ("x" * 8000, "ü" * 8000, "word " * 2000):
        rows = results(Reply(550, f"5.1.1 {text}"))
        content = write_report(ReportedMessage(SENDER, ORIGINAL, "near.example", ARRIVED), rows, "A2", NOW)
        assert max(map(len, content.split(b"\r\n"))) <= 998
        assert read_report(content).recipients[0].diagnostic.endswith(" ...")


def test_a_reply_of_several_lines_is_read_again() -> None:
    several = Reply(550, ["5.1.1 No such user here", "5.1.1 Try 550 times"])
    (row,) = read_report(report(several)).recipients
    assert row.diagnostic == "550-5.1.1 No such user here 550 5.1.1 Try 550 times"
    assert row.reply != several  # the words "550 times" look like a line of their own
    assert read_report(report(Reply(550, ["5.1.1 No", "5.1.1 such"]))).recipients[0].reply == Reply(
        550, ["5.1.1 No", "5.1.1 such"]
    )


TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=["Cc"]), max_size=300)
OCTETS = st.lists(
    st.sampled_from([b"\r\n", b"\n", b"\r", b"=", b" ", b"x", b"\xff", "ü".encode(), b"--", b"From "])
).map(b"".join)


@given(TEXT, st.sampled_from([450, 550]), OCTETS, st.booleans())
def test_whatever_came_a_report_is_clean_mime_and_can_be_sent(
    text: str, code: int, content: bytes, dotted: bool
) -> None:
    written = report(Reply(code, text), UNKNOWN, content=content, until=UNTIL)
    assert written.isascii()
    lines = written.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\n" in line or b"\r" in line or b"\0" in line for line in lines)
    read = read_report(written)
    assert [(each.address, each.action) for each in read.recipients] == [
        ("bob@far.example", Action.DELAYED if code == 450 else Action.FAILED),
        ("carol@far.example", Action.FAILED),
    ]
    session = DeliverySession("near.example")
    session.open()
    session.receive(b"220 x\r\n")
    session.receive(b"250 x\r\n")
    session.outcome()
    session.deliver(NULL_PATH, SENDER, written)  # raises if the message cannot be sent
    assert session.busy


# Reports of others

# The first example of RFC 3464 (Appendix E.1), with a body of its own.
RFC_3464 = b"""\
Date: Thu, 7 Jul 1994 17:16:05 -0400\r
From: Mail Delivery Subsystem <MAILER-DAEMON@CS.UTK.EDU>\r
Message-Id: <199407072116.RAA14128@CS.UTK.EDU>\r
Subject: Returned mail: Cannot send message for 5 days\r
To: <owner-info-mime@cs.utk.edu>\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status;\r
 boundary="RAA14128.773615765/CS.UTK.EDU"\r
\r
--RAA14128.773615765/CS.UTK.EDU\r
\r
The original message was received at Sat, 2 Jul 1994 17:10:28 -0400\r
from root@localhost\r
\r
--RAA14128.773615765/CS.UTK.EDU\r
content-type: message/delivery-status\r
\r
Reporting-MTA: dns; cs.utk.edu\r
\r
Original-Recipient: rfc822;louisl@larry.slip.umd.edu\r
Final-Recipient: rfc822;louisl@larry.slip.umd.edu\r
Action: failed\r
Status: 4.0.0\r
Diagnostic-Code: smtp; 426 connection timed out\r
Last-Attempt-Date: Thu, 7 Jul 1994 17:15:49 -0400\r
\r
--RAA14128.773615765/CS.UTK.EDU\r
content-type: message/rfc822\r
\r
Subject: original\r
\r
[original message goes here]\r
\r
--RAA14128.773615765/CS.UTK.EDU--\r
"""

# Bounces of Postfix 3.7 for a message in ASCII and one in UTF-8. Its next hop refused bob in two lines, and carol.
POSTFIX, POSTFIX_UTF_8 = (
    (FilePath(__file__).parent / f"postfix-bounce{kind}.eml").read_bytes() for kind in ("", "-utf8")
)


def test_the_first_example_of_rfc_3464_is_read() -> None:
    read = read_report(RFC_3464)
    address = "louisl@larry.slip.umd.edu"
    row = RecipientReport(address, Action.FAILED, EnhancedCode(4, 0, 0), "426 connection timed out")
    assert read.recipients == (row,)
    assert row.reply == Reply(426, "connection timed out")
    assert (read.reporting_mta, read.arrival_date, read.is_bounce) == ("cs.utk.edu", "", True)
    assert read.explanation.startswith("The original message was received")
    assert read.returned == b"Subject: original\r\n\r\n[original message goes here]\r\n"


@pytest.mark.parametrize("content", [POSTFIX, POSTFIX_UTF_8, POSTFIX_UTF_8.replace(b"\r\n", b"\n")])
def test_a_bounce_of_postfix_is_read(content: bytes) -> None:
    read = read_report(content)
    bob, carol = read.recipients
    assert (bob.address, bob.action, bob.remote_mta) == ("bob@far.example", Action.FAILED, "127.0.0.1")
    assert bob.reply == Reply(550, ["5.1.1 <bob@far.example>: no such user", "5.1.1 Ask the postmaster"])
    assert (carol.status, carol.reply) == (EnhancedCode(5, 0, 0), Reply(550, carol.diagnostic[4:]))
    assert carol.diagnostic.endswith("a rather long explanation that has to be folded somewhere")
    assert read.reporting_mta == "mail.campus.example"
    assert read.arrival_date.startswith("Mon, 30 Nov 2026 04:09:")
    assert read.explanation.startswith("This is the mail system at host mail.campus.example.\n\nI'm sorry")
    assert read.returned.startswith(b"Return-Path: <someone@near.example>\r\nReceived: from near.example")
    assert read.returned.endswith(b"\r\n\r\nbody\r\n")


def test_a_report_that_was_copied_as_text_is_read() -> None:
    for copied in (POSTFIX_UTF_8.decode(), "\n" + POSTFIX_UTF_8.decode().replace("\r\n", "\n")):
        assert read_report(copied).recipients == read_report(POSTFIX_UTF_8).recipients


def test_several_messages_are_not_read_as_one() -> None:
    with pytest.raises(TypeError, match="one message"):
        read_report([POSTFIX])  # type: ignore[arg-type]


def test_a_report_says_in_a_line_what_became_of_each_recipient() -> None:
    head, bob, carol = str(read_report(POSTFIX)).split("\n")
    assert "bounce from mail.campus.example" in head
    assert bob.startswith("bob@far.example: failed (5.1.1): 127.0.0.1 said 550-5.1.1 <bob@far.example>: no such user")
    assert carol.startswith("carol@far.example: failed (5.0.0): 127.0.0.1 said 550 Sorry")


@pytest.mark.parametrize(
    ("action", "kind"),
    [(b"failed", "bounce"), (b"delayed", "warning"), (b"relayed", "report"), (b"delivered", "report")],
)
def test_a_report_says_what_kind_it_is(action: bytes, kind: str) -> None:
    read = read_report(RFC_3464.replace(b"Action: failed", b"Action: " + action))
    assert (read.kind, str(read).split()[1]) == (kind, kind)


def test_a_report_in_utf_8_keeps_its_letters() -> None:
    content = POSTFIX_UTF_8.replace(b"Final-Recipient: rfc822; bob@", "Final-Recipient: utf-8; jürgen@".encode())
    read = read_report(content.replace(b"Ask\r\n", "Für\r\n".encode()))
    assert read.recipients[0].address == "jürgen@far.example"
    assert "Für the" in read.recipients[0].diagnostic
    assert "Subject: grüße\r\n".encode() in read.returned


def test_a_report_with_lf_line_ends_is_read_as_well() -> None:
    assert read_report(POSTFIX.replace(b"\r\n", b"\n")).recipients[0].address == "bob@far.example"


def test_a_report_without_its_first_and_last_part_is_read() -> None:
    head, _, rest = RFC_3464.partition(b"--RAA")
    status = b"--RAA" + rest.split(b"--RAA")[1]
    read = read_report(head + status + b"--RAA14128.773615765/CS.UTK.EDU--\r\n")
    assert (read.explanation, read.returned) == ("", b"")
    nested = RFC_3464.replace(
        b"\r\n\r\nThe original", b"\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nThe", 1
    )
    assert read_report(nested).explanation == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"multipart/report", b"multipart/mixed"),
        (b"content-type: message/delivery-status", b"content-type: text/plain"),
        (b"Action: failed", b"Action: unsure"),
        (b"Status: 4.0.0", b"Status: unknown"),
        (b"Status: 4.0.0", b"Status: 4.0.0000"),
        (b"Final-Recipient:", b"X-Recipient:"),
    ],
)
def test_what_is_no_report_is_refused(old: bytes, new: bytes) -> None:
    assert old in RFC_3464
    with pytest.raises(NotAReport):
        read_report(RFC_3464.replace(old, new))


def test_a_report_about_nobody_is_refused() -> None:
    begin, end = (
        RFC_3464.index(b"Original-Recipient"),
        RFC_3464.index(b"--RAA14128.773615765/CS.UTK.EDU\r\ncontent-type: message/rfc822"),
    )
    with pytest.raises(NotAReport, match="recipient"):
        read_report(RFC_3464[:begin] + RFC_3464[end:])
    with pytest.raises(NotAReport, match="recipient"):
        read_report(RFC_3464[: RFC_3464.index(b"Reporting-MTA")] + RFC_3464[end:])


@pytest.mark.parametrize("content", [b"", b"\r\n", ORIGINAL, b"Content-Type: multipart/report\r\n\r\nnothing\r\n"])
def test_an_ordinary_message_is_no_report(content: bytes) -> None:
    with pytest.raises(NotAReport):
        read_report(content)


@given(st.data(), st.sampled_from([POSTFIX, POSTFIX_UTF_8]))
def test_a_report_cut_or_changed_anywhere_is_read_or_refused(data: st.DataObject, content: bytes) -> None:
    place = data.draw(st.integers(0, len(content)))
    octets = data.draw(st.binary(max_size=4))
    skipped = data.draw(st.integers(0, 60))
    try:
        read = read_report(content[:place] + octets + content[place + skipped :])
    except NotAReport:
        return
    assert read.recipients
    for row in read.recipients:
        assert row.reply is None or row.reply.code
    assert all(line.isprintable() for line in str(read).split("\n"))


def test_a_number_beyond_unicode_stays_as_it_is_written() -> None:
    content = RFC_3464.replace(b"Final-Recipient: rfc822;louisl", b"Final-Recipient: utf-8;\\x{FC}\\x{FFFFFF}")
    assert read_report(content).recipients[0].address == "ü\\x{FFFFFF}@larry.slip.umd.edu"
