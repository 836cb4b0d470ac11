"""The transcripts and messages in data: each is what its name says.

The transcripts are read here by a few lines of the tests' own: an oracle, apart from the library's reader.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.errors import NonASCIILocalPartDefect
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path

import pytest

from smtplab.protocol.codes import Category, classify
from smtplab.protocol.states import GREETING, MESSAGE, TRANSITIONS, State, is_legal, next_state, phase_of
from support.paths import DATA

TRANSCRIPTS = sorted((DATA / "transcripts").iterdir())
MESSAGES = sorted((DATA / "messages").iterdir())
LECTURE = DATA / "transcripts" / "ok-lecture-adelphia.txt"

each_transcript = pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
each_ok = pytest.mark.parametrize(
    "path", [path for path in TRANSCRIPTS if path.name.startswith("ok-")], ids=lambda path: path.stem
)
each_bad = pytest.mark.parametrize(
    "path", [path for path in TRANSCRIPTS if path.name.startswith("bad-")], ids=lambda path: path.stem
)
each_message = pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)


# Transcripts


@dataclass(frozen=True)
class Exchange:
    """One thing said, the code of its reply, the state in which its turn came, the banner above the reply."""

    verb: str
    command: str
    message: tuple[str, ...]
    code: int
    state: State
    banner: str

    def __str__(self) -> str:
        verb = {GREETING: "", MESSAGE: "message "}.get(self.verb, f"{self.verb} ")
        return f"{verb}{self.code}"


def sides(text: str) -> Iterator[tuple[str, str]]:
    """Yield who said what: C, S, = for a note, # for a banner; telnet's lines are told by their form."""
    lines = text.splitlines()
    marked = any(line.startswith("S: ") for line in lines)
    in_message = False
    for line in lines:
        if found := re.fullmatch(r"===== (.+) =====", line):
            yield "#", found[1]
        elif marked:
            mark, _, said = line.partition(" ")
            yield mark.rstrip(":"), said
        elif in_message:
            yield "C", "." if line == "•" else line
            in_message = line not in (".", "•")
        elif re.match(r" *[0-9]{3}[ -]", line):
            yield "S", line.lstrip()
            in_message = line.lstrip().startswith("354 ")
        elif re.match(r"\$ |Trying |Connected to |Escape character |Connection closed ", line):
            yield "=", line
        else:
            yield "C", line


def exchanges(path: Path) -> list[Exchange]:
    """Pair commands and replies in order, and follow the table of states."""
    state, banner = State.CONNECTED, ""
    said: deque[tuple[str, str, tuple[str, ...]]] = deque([(GREETING, "", ())])
    message: list[str] | None = None
    found: list[Exchange] = []
    for side, line in sides(path.read_text(encoding="utf-8")):
        if side == "#":
            banner = line
        elif side == "C" and message is None:
            said.append((line.split(" ")[0].upper(), line, ()))
        elif side == "C" and line == ".":
            said.append((MESSAGE, "", tuple(message)))
            message = None
        elif side == "C":
            message.append(line)
        elif side == "S" and line[3] == " ":
            verb, command, content = said.popleft()
            found.append(Exchange(verb, command, content, int(line[:3]), state, banner))
            state = next_state(state, verb, int(line[:3]))
            message = [] if state is State.DATA else None
    assert not said
    assert state is State.CLOSED
    return found


@each_transcript
def test_a_transcripts_name_begins_with_its_verdict(path: Path) -> None:
    assert re.fullmatch(r"(ok|bad-[45][0-5][0-9])(-[a-z0-9]+)+\.txt", path.name)


@each_transcript
def test_a_transcript_is_text_with_unix_line_ends_and_no_stray_space(path: Path) -> None:
    data = path.read_bytes()
    assert b"\r" not in data
    assert data.endswith(b"\n")
    assert not re.search(rb"[ \t]\n", data)
    assert set(data.decode("utf-8")) - {"•"} <= {chr(code) for code in range(32, 127)} | {"\n"}


@each_transcript
def test_every_command_has_its_reply_and_the_session_ends_closed(path: Path) -> None:
    greeting, *others = exchanges(path)
    assert greeting.verb == GREETING
    assert GREETING not in [exchange.verb for exchange in others]


@each_transcript
def test_each_reply_has_a_code_of_rfc_5321(path: Path) -> None:
    replies = [line for side, line in sides(path.read_text(encoding="utf-8")) if side == "S"]
    assert replies
    for line in replies:
        assert re.match(r"[0-9]{3}[ -]", line)
        assert classify(line[:3]).rfc == "RFC 5321 4.2.3"


@each_transcript
def test_only_the_lectures_session_names_real_hosts(path: Path) -> None:
    hosts = set(re.findall(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{3,}", path.read_text(encoding="utf-8").lower()))
    real = {host for host in hosts if not host.endswith((".example", "example.org"))}
    assert bool(real) is (path == LECTURE)


@each_ok
def test_an_ok_session_keeps_the_order_and_the_syntax_of_the_rfc(path: Path) -> None:
    for exchange in exchanges(path):
        assert is_legal(exchange.state, exchange.verb) or exchange.code == 421
        # A server of 1982 does not know EHLO, and asking it is right (RFC 5321 3.2).
        assert classify(exchange.code).category is not Category.SYNTAX or str(exchange) == "EHLO 502"


@each_bad
def test_a_bad_session_is_refused_once_with_the_code_in_its_name(path: Path) -> None:
    code = int(path.name.split("-")[1])
    assert [exchange.code for exchange in exchanges(path) if exchange.code >= 400] == [code]


@each_bad
def test_a_bad_session_breaks_the_order_only_where_its_code_says_so(path: Path) -> None:
    known = {verb for row in TRANSITIONS.values() for verb in row}
    for exchange in exchanges(path):
        assert is_legal(exchange.state, exchange.verb) is (exchange.code not in (500, 503))
        assert (exchange.verb in known) is (exchange.code != 500)


@pytest.mark.parametrize(
    "path",
    [path for path in TRANSCRIPTS if "\nS: " in path.read_text(encoding="utf-8")],
    ids=lambda path: path.stem,
)
def test_the_banners_stand_where_the_phases_begin(path: Path) -> None:
    for exchange in exchanges(path):
        assert exchange.banner == phase_of(exchange.state, exchange.verb).value


def test_the_lectures_session_has_its_banners_as_the_table_of_phases_says() -> None:
    with (DATA / "lecture" / "phases.csv").open(encoding="utf-8", newline="") as file:
        phases = list(csv.DictReader(file))
    session = exchanges(LECTURE)
    for row in phases:
        printed = [str(exchange) for exchange in session if exchange.banner == row["phase"]]
        rightly = [str(e) for e in session if phase_of(e.state, e.verb).value == row["phase"]]
        assert " | ".join(printed) == row["exchanges"]
        assert " | ".join(rightly) == row["rightly"]


@each_transcript
def test_a_declared_size_is_the_size_of_the_message(path: Path) -> None:
    found = exchanges(path)
    declared = [int(size) for e in found for size in re.findall(r" SIZE=([0-9]+)$", e.command)]
    sent = [sum(len(line) + 2 for line in e.message) for e in found if e.verb == MESSAGE]
    assert declared in ([], sent)


def test_the_transcript_of_leading_dots_doubles_them() -> None:
    (message,) = [e.message for e in exchanges(DATA / "transcripts" / "ok-leading-dots.txt") if e.message]
    dotted = [line for line in message if line.startswith(".")]
    assert dotted == ["..", "..profile", "...."]


# Messages


@each_message
def test_a_message_has_crlf_line_ends_and_no_other(path: Path) -> None:
    data = path.read_bytes()
    assert data.endswith(b"\r\n")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert b"\n" not in data.replace(b"\r\n", b"")


@each_message
def test_a_message_is_a_sound_internet_message(path: Path) -> None:
    assert message_of(path).defects == []
    header = header_of(path)
    for field in ("Date", "From", "To", "Subject", "Message-ID"):
        assert header[field]
        defects = {type(defect) for defect in header[field].defects}
        assert defects <= {NonASCIILocalPartDefect}  # which RFC 6532 allows


@each_message
def test_a_message_stands_for_the_one_thing_in_its_name(path: Path) -> None:
    data = path.read_bytes()
    header, _, body = data.partition(b"\r\n\r\n")
    traits = {
        "leading-dots": b"\r\n." in data,
        "long-line": max(map(len, data.splitlines())) > 998,
        "latin-1-8bit": header.isascii() and not body.isascii(),
        "utf-8": not header.isascii(),
        "attachment": b"Content-Disposition: attachment" in data,
    }
    assert [name for name, present in traits.items() if present] == ([] if path.stem == "plain" else [path.stem])


def test_the_long_line_is_longer_than_the_text_line_that_every_server_takes() -> None:
    # RFC 5321 4.5.3.1.6: 1000 octets with the CRLF.
    lines = (DATA / "messages" / "long-line.eml").read_bytes().splitlines(keepends=True)
    assert len([line for line in lines if len(line) > 1000]) == 1


def test_the_message_of_leading_dots_has_the_lone_dot_in_the_middle_and_at_the_end() -> None:
    lines = (DATA / "messages" / "leading-dots.eml").read_bytes().split(b"\r\n")
    assert [line for line in lines if line.startswith(b".")] == [b".", b"..", b"...", b".profile", b"."]
    assert lines[-2:] == [b".", b""]


def test_the_8_bit_message_is_latin_1_and_not_utf_8() -> None:
    path = DATA / "messages" / "latin-1-8bit.eml"
    assert message_of(path).get_content().startswith("Café, Straße, niño, 20 °C")
    with pytest.raises(UnicodeDecodeError):
        path.read_bytes().decode("utf-8")


def test_the_utf_8_message_has_utf_8_in_addresses_subject_and_body() -> None:
    path = DATA / "messages" / "utf-8.eml"
    header = header_of(path)
    assert header["From"].addresses[0].addr_spec == "zoë@lab.example"
    assert header["Subject"] == "Grüße nach प्रयागराज"
    assert "नमस्ते" in message_of(path).get_content()


def test_the_attachment_is_a_table_in_base64() -> None:
    (attachment,) = message_of(DATA / "messages" / "attachment.eml").iter_attachments()
    assert attachment["Content-Transfer-Encoding"] == "base64"
    assert attachment.get_filename() == "codes.csv"
    assert (
        attachment.get_payload(decode=True) == b"code,description\r\n250,OK\r\n354,Start mail input\r\n221,Closing\r\n"
    )


def message_of(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), EmailMessage, policy=SMTPUTF8)


def header_of(path: Path) -> EmailMessage:
    """Read the header section as UTF-8; the standard library takes octets above 127 in it for an error."""
    header, _, _ = path.read_bytes().partition(b"\r\n\r\n")
    return message_from_string(header.decode("utf-8"), EmailMessage, policy=SMTPUTF8)


# The page that says where all this comes from


@pytest.mark.parametrize("folder", ["lecture", "transcripts", "messages"])
def test_the_readme_names_each_file_and_no_other(folder: str) -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    _, _, section = readme.partition(f"## {folder}/\n")
    named = set(re.findall(r"`([\w.-]+\.(?:csv|txt|eml))`", section.partition("\n## ")[0]))
    assert named == {path.name for path in (DATA / folder).iterdir()}
