"""What programs log within quotation marks, or with line ends that are written out."""

import pytest

from smtplab.transcript import Transcript
from smtplab.transcript.quoted import lines_within, unquoted
from support.written_session import LINES, SESSION, SIDES, said, wire

LOGS = {
    "MailHog": (
        "[SMTP 127.0.0.1:1234] Sent {n} bytes: '{line}\\r\\n'",
        "[SMTP 127.0.0.1:1234] Received {n} bytes: '{line}\\r\\n'",
    ),
    "strace": (
        'recvfrom(3, "{line}\\r\\n", 1024, 0, NULL, NULL) = {n}',
        'sendto(3, "{line}\\r\\n", {n}, 0, NULL, 0) = {n}',
    ),
    "aiosmtpd": ("DEBUG:mail.log:('::1', 1234) << b'{line}\\r\\n'", "DEBUG:mail.log:('::1', 1234) >> b'{line}\\r\\n'"),
    "bytes on one side": ("INFO:mail.log:('::1', 1234) << {line}", "INFO:mail.log:('::1', 1234) >> b'{line}'"),
    "bytes on both sides": ("b'{line}\\r\\n'", "b'{line}\\r\\n'"),
    "Ruby": ('-> "{line}\\r\\n"', '<- "{line}\\r\\n"'),
    "JSON": ('{{"t":{n},"dir":"in","line":"{line}"}}', '{{"t":{n},"dir":"out","line":"{line}"}}'),
    "JSON with more behind": ('{{"dir":"in","line":"{line}","t":{n}}}', '{{"dir":"out","line":"{line}","t":{n}}}'),
}


@pytest.mark.parametrize("program", LOGS)
def test_lines_within_quotation_marks_are_read(program: str) -> None:
    forms = dict(zip("SC", LOGS[program], strict=True))
    rows = enumerate(zip(SIDES, LINES, strict=True), 10)
    assert wire(Transcript.parse("\n".join(forms[side].format(n=n, line=line) for n, (side, line) in rows))) == wire(
        SESSION
    )


@pytest.mark.parametrize("between", ["[nl]", "\\r\\n", "<CRLF>", "<br>"])
def test_a_reply_of_several_lines_may_have_one_row(between: str) -> None:
    log = f"RECV: 220 m\nSENT: EHLO me\nRECV: 250-m{between}250-SIZE 5{between}250 HELP\nSENT: QUIT\nRECV: 221 x"
    transcript = Transcript.parse(log)
    assert said(transcript) == [("EHLO", 250), ("QUIT", 221)]
    assert "S: 250-m\nS: 250-SIZE 5\nS: 250 HELP" in str(transcript)


@pytest.mark.parametrize(
    ("text", "mark", "inner"),
    [
        ("250 it's ok'", "'", "250 it's ok"),
        (r"250 it\'s ok'", "'", "250 it's ok"),
        ('250 say "x" now", 9)', '"', '250 say "x" now'),
        (r'250 say \"x\", now", 9) = 5', '"', '250 say "x", now'),
        ("250 cut", '"', "250 cut"),
    ],
)
def test_a_text_ends_at_its_closing_mark(text: str, mark: str, inner: str) -> None:
    assert unquoted(text, mark) == inner


def test_outside_quotation_marks_a_written_line_end_is_what_somebody_types() -> None:
    assert lines_within(r"a\r\nb", is_quoted=True) == ["a", "b"]
    assert lines_within(r"a\r\nb", is_quoted=False) == [r"a\r\nb"]
