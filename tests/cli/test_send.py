"""``smtplab send``, run as a user runs it, against servers of ours and against odd ones."""

import re
import subprocess
import sys
import time
from email import message_from_string, policy
from functools import partial
from pathlib import Path

import pytest

from smtplab.cli import sentences
from smtplab.client.sentences import UNANSWERED
from smtplab.mta.handler import ClientIdentity, Handler
from smtplab.mta.host import MailHost
from smtplab.mta.policy import Policy
from smtplab.protocol.commands import Opening
from smtplab.protocol.replies import Reply
from smtplab.transcript import Transcript
from smtplab.worlds.background import BackgroundServer, serve
from smtplab.worlds.tcp import Server
from support import templates
from support.command_line import NO_TIMES, Run, Serve, check_fails
from support.odd_server import (
    STAGES,
    OddServer,
    Step,
    after,
    before,
    between,
    for_ever,
    in_pieces,
    line,
    raw,
    reset,
    say,
    silence,
)
from support.raw_client import behind_the_trace

says = partial(templates.says, sentences)
MESSAGE = "Subject: x\r\n\r\nhello\r\n.dot\r\n"


@pytest.fixture(autouse=True)
def message(tmp_path: Path) -> Path:
    """The message that everybody sends, kept as Unix keeps text."""
    file = tmp_path / "message.txt"
    file.write_text(MESSAGE.replace("\r\n", "\n"))
    return file


def at(address: tuple[str, int]) -> tuple[str, ...]:
    return "--host", address[0], "--port", str(address[1])


def envelope(*recipients: str, file: str = "message.txt") -> list[str]:
    to = [word for recipient in recipients or ("alice@lab.example",) for word in ("--to", recipient)]
    return ["--from", "x@client.example", *to, "--file", file]


def stored(server: BackgroundServer, mailbox: str) -> list[str]:
    """Return the messages in a mailbox, without their trace."""
    assert isinstance(server.handler, MailHost)
    return [behind_the_trace(each).decode() for each in server.handler.store.messages(mailbox)]


# What goes well


def test_a_message_is_delivered_and_the_conversation_printed(lab: BackgroundServer, smtplab: Run) -> None:
    done = smtplab("send", *at(lab.address), *envelope("alice@lab.example", "bob@lab.example"))
    assert (done.returncode, done.stderr) == (0, "")
    assert stored(lab, "alice") == stored(lab, "bob") == [MESSAGE]
    transcript = Transcript.parse(done.stdout)
    assert done.stdout == f"{transcript}\n"
    assert [exchange.verb for exchange in transcript.commands()] == [
        *("EHLO", "MAIL", "RCPT", "RCPT", "DATA", "(message)", "QUIT")
    ]
    assert "===== Mail Transfer =====\nC: MAIL FROM:<x@client.example> SIZE=27\n" in done.stdout
    assert "C: ..dot\nC: .\nS: 250 " in done.stdout


def test_quiet_prints_nothing(lab: BackgroundServer, smtplab: Run) -> None:
    done = smtplab("send", *at(lab.address), *envelope(), "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert stored(lab, "alice") == [MESSAGE]


@pytest.mark.parametrize(
    ("lines", "told"),
    [(100, ""), (101, "= ... 1 more line\n"), (250_000, "= ... 249900 more lines\n")],
)
def test_of_a_long_message_the_first_lines_are_printed(
    lab: BackgroundServer, smtplab: Run, message: Path, lines: int, told: str
) -> None:
    message.write_text("Subject: x\n\n" + "hello\n" * (lines - 2))
    done = smtplab("send", *at(lab.address), *envelope())
    assert (done.returncode, done.stderr) == (0, "")
    assert "C: Subject: x\nC:\n" + "C: hello\n" * 98 + told + "C: .\nS: 250 " in done.stdout
    assert stored(lab, "alice")[0].count("hello\r\n") == lines - 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("lines", [1, 2000])
def test_a_message_is_delivered_though_the_conversation_cannot_be_printed(
    lab: BackgroundServer, message: Path, lines: int
) -> None:
    message.write_text("Subject: x\n\n" + "hello\n" * lines)
    command = [sys.executable, "-m", "smtplab", "send", *at(lab.address), *envelope()]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, cwd=message.parent, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert says(done.stderr, "NOT_PRINTED", "No space left on device")
    assert len(stored(lab, "alice")) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe that nobody reads is told otherwise there")
def test_a_reader_that_has_read_enough_stops_no_delivery(lab: BackgroundServer, message: Path) -> None:
    command = [sys.executable, "-m", "smtplab", "send", *at(lab.address), *envelope()]
    with subprocess.Popen(command, cwd=message.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as sending:
        sending.stdout.close()
        assert sending.stderr.read() == b""
    assert sending.returncode == 0
    assert len(stored(lab, "alice")) == 1


def test_a_message_comes_from_standard_input(lab: BackgroundServer, smtplab: Run) -> None:
    assert smtplab("send", *at(lab.address), *envelope(file="-"), stdin="Subject: y\n\nhi\n").returncode == 0
    assert stored(lab, "alice") == ["Subject: y\r\n\r\nhi\r\n"]


def test_helo_names_the_client(lab: BackgroundServer, smtplab: Run) -> None:
    assert "C: EHLO me.example\n" in smtplab("send", *at(lab.address), *envelope(), "--helo", "me.example").stdout


@pytest.mark.parametrize(
    ("content", "number"),
    [("\n" + "x" * 2000, 3), ("\na\n" + "ö" * 500, 4), ("X-Long: " + "x" * 991 + "\n\nx\n", 2), ("\n" + "x" * 998, 0)],
)
def test_line_of_more_than_998_octets_is_told_and_sent(smtplab: Run, tmp_path: Path, content: str, number: int) -> None:
    (tmp_path / "long.txt").write_text(f"Subject: x\n{content}\n")
    with serve("lab.example", ["alice"]) as server:
        done = smtplab("send", *at(server.address), *envelope(file="long.txt"), "--quiet")
        assert len(stored(server, "alice")) == 1
    assert done.returncode == 0
    assert (f"Line {number} of" in done.stderr) is bool(number)
    assert bool(done.stderr) is bool(number)


def test_a_subject_makes_a_header_section_around_the_body(lab: BackgroundServer, smtplab: Run, message: Path) -> None:
    message.write_text("Grüße\n")
    assert smtplab("send", *at(lab.address), *envelope(), "--subject", "Ein Gruß").returncode == 0
    (text,) = stored(lab, "alice")
    header, _, body = text.partition("\r\n\r\n")
    assert header.startswith("From: x@client.example\r\nTo: alice@lab.example\r\nSubject: Ein =?utf-8?")
    assert re.search(r"^Date: .* [+-]\d{4}\r$", header, re.MULTILINE)
    assert re.search(r"^Message-ID: <\S+@client\.example>\r$", header, re.MULTILINE)
    assert body.isascii()


@pytest.mark.parametrize("text", ["no colon here\n", "\nFrom: x@client.example\n", "two words: x\n"])
def test_a_message_without_a_header_section_is_sent_with_a_hint(
    lab: BackgroundServer, smtplab: Run, message: Path, text: str
) -> None:
    message.write_text(text)
    done = smtplab("send", *at(lab.address), *envelope())
    check_fails(done, 0, "message.txt", "--subject")
    assert stored(lab, "alice") == [text.replace("\n", "\r\n")]
    assert smtplab("send", *at(lab.address), *envelope(), "--subject", "x").stderr == ""


def test_a_subject_that_looks_like_an_encoded_word_is_sent_as_it_was_typed(lab: BackgroundServer, smtplab: Run) -> None:
    assert smtplab("send", *at(lab.address), *envelope(), "--subject", "=?utf-8?q?x?=").returncode == 0
    message = message_from_string(stored(lab, "alice")[0], policy=policy.default)
    assert message["Subject"] == "=?utf-8?q?x?="


def test_an_international_address_stays_as_it_is_in_the_header_section(lab: BackgroundServer, smtplab: Run) -> None:
    arguments = ["--from", "jörg@client.example", "--to", "alice@lab.example", "--file", "message.txt"]
    assert smtplab("send", *at(lab.address), *arguments, "--subject", "x").returncode == 0
    assert stored(lab, "alice")[0].startswith("From: jörg@client.example\r\n")


def test_a_bounce_has_no_sender(lab: BackgroundServer, smtplab: Run) -> None:
    done = smtplab("send", *at(lab.address), "--from", "", "--to", "Postmaster", "--file", "message.txt")
    assert done.returncode == 0
    assert "C: MAIL FROM:<> " in done.stdout
    assert stored(lab, "postmaster") == [MESSAGE]


def test_send_reaches_a_server_of_the_command_line(served: Serve, smtplab: Run, tmp_path: Path) -> None:
    assert smtplab("send", *at(served().address), *envelope()).returncode == 0
    (file,) = (tmp_path / "maildir" / "alice" / "new").iterdir()
    assert behind_the_trace(file.read_bytes()) == MESSAGE.encode()


# What is refused


def test_a_refused_recipient_among_several_is_reported_with_the_reply(lab: BackgroundServer, smtplab: Run) -> None:
    done = smtplab("send", *at(lab.address), *envelope("alice@lab.example", "carol@lab.example"))
    refused, count = done.stderr.splitlines()
    assert done.returncode == 1
    assert says(refused, "RECIPIENT_REFUSED", "carol@lab.example", "550 5.1.1 ")
    assert says(count, "ACCEPTED_FOR", "1 of 2")
    assert stored(lab, "alice") == [MESSAGE]


def test_each_refused_recipient_has_a_line(lab: BackgroundServer, smtplab: Run) -> None:
    done = smtplab("send", *at(lab.address), *envelope("carol@lab.example", "dora@far.example"))
    assert done.returncode == 1
    carol, dora, why, count = done.stderr.splitlines()
    assert says(carol, "RECIPIENT_REFUSED", "carol@lab.example", "550 ")
    assert says(dora, "RECIPIENT_REFUSED", "dora@far.example", "550 ")
    assert "503 to DATA" in why
    assert says(count, "ACCEPTED_FOR", "0 of 2")


def test_a_refused_sender_is_named_as_the_cause_of_what_follows(smtplab: Run, message: Path) -> None:
    class Choosy(Handler):
        def mail(self, session: ClientIdentity, opening: Opening) -> Reply:
            return Reply(550, "not you")

    with BackgroundServer(Server(Choosy("odd.example"))) as server:
        done = smtplab("send", *at(server.address), *envelope("alice@lab.example", "bob@lab.example"))
    first, second = done.stderr.splitlines()
    assert says(first, "SENDER_REFUSED", "550 not you")
    assert "every later 503" in second


def test_quiet_explains_no_reply_that_is_not_shown(lab: BackgroundServer, smtplab: Run) -> None:
    done = smtplab("send", "--quiet", *at(lab.address), *envelope("carol@lab.example"))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert says(line, "RECIPIENT_REFUSED", "carol@lab.example", "550 ")


@pytest.mark.parametrize(
    ("steps", "word", "names"),
    [
        ((say("554-no", "554 service"), *after("EHLO")), "554-no 554 service", ""),
        ((say("421 busy"),), "421 busy", ""),
        ((*before("EHLO"), say("502 ?"), line, say("550 go away")), "HELO: 550", ""),
        ((*before("MAIL"), say("550 not you"), *after("message")), "550 not you", "SENDER_REFUSED"),
        ((*before("MAIL"), say("421 must go")), "421 must go", "SENDER_REFUSED"),
        ((*before("RCPT"), say("421 must go")), "421 must go", "RECIPIENT_REFUSED"),
        ((*before("DATA"), say("451 not now"), line, say("250 ok"), *after("message")), "451 not now", ""),
        ((*before("DATA"), say("554 no"), line, silence), "554 no", "MESSAGE_REFUSED"),
        ((*before("message"), say("554 spam"), *after("message")), "554 spam", "MESSAGE_REFUSED"),
        ((*before("message"), say("421 must go")), "421 must go", "MESSAGE_REFUSED"),
    ],
)
def test_a_refusal_is_exit_1_with_the_reply(smtplab: Run, steps: tuple[Step, ...], word: str, names: str) -> None:
    with OddServer(*steps) as server:
        done = smtplab("send", *at(server.address), *envelope(), "--timeout", "2")
    check_fails(done, 1, word)
    assert says(done.stderr, names)


def test_a_session_that_ends_between_recipients_reaches_nobody(smtplab: Run) -> None:
    steps = (*before("DATA"), say("421 enough"))  # the line before DATA would be is the second RCPT
    with OddServer(*steps) as server:
        done = smtplab("send", *at(server.address), *envelope("alice@lab.example", "bob@lab.example"))
    assert done.returncode == 1
    bob, message, count = done.stderr.splitlines()
    assert says(bob, "RECIPIENT_REFUSED", "bob@lab.example", "421 enough")
    assert says(message, "MESSAGE_REFUSED", "421 enough")
    assert says(count, "ACCEPTED_FOR", "0 of 2")


def test_a_recipient_who_is_not_answered_is_not_called_refused(smtplab: Run) -> None:
    steps = (*before("RCPT"), say("421 enough"))
    with OddServer(*steps) as server:
        done = smtplab("send", *at(server.address), *envelope("alice@lab.example", "bob@lab.example"))
    assert done.returncode == 1
    alice, bob, count = done.stderr.splitlines()
    assert says(alice, "RECIPIENT_REFUSED", "alice@lab.example", "421 enough")
    assert says(bob, "RECIPIENT_UNANSWERED", "bob@lab.example", UNANSWERED)
    assert says(count, "ACCEPTED_FOR", "0 of 2")


def test_a_message_that_needs_what_the_server_does_not_offer_is_not_sent(smtplab: Run, message: Path) -> None:
    message.write_text("Subject: x\n\nGrüße\n")
    with OddServer(*before("MAIL")) as server:
        check_fails(smtplab("send", *at(server.address), *envelope()), 1, "does not offer 8BITMIME")
        assert not any(line.startswith(b"MAIL") for line in server.heard)


def test_a_message_beyond_the_size_that_the_server_takes_is_not_sent(smtplab: Run) -> None:
    with serve(policy=Policy(offer={"SIZE": "10"})) as server:
        done = smtplab("send", *at(server.address), *envelope())
    check_fails(done, 1, " 27 octets")
    assert "MAIL" not in done.stdout


def test_ehlo_refused_is_followed_by_helo(smtplab: Run) -> None:
    steps = (*before("EHLO"), say("502 what is EHLO?"), line, say("250 odd.example"), *after("EHLO"))
    with OddServer(*steps) as server:
        assert smtplab("send", *at(server.address), *envelope(), "--timeout", "2").returncode == 0
        assert [line.split()[0] for line in server.heard[:3]] == [b"EHLO", b"HELO", b"MAIL"]


# What is checked before anything is sent


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "x", "--to", "a@b.example", "--file", "message.txt"], "--from 'x' cannot be sent"),
        (["--from", "x@y\r\nRSET", "--to", "a@b.example", "--file", "message.txt"], "--from 'x@y\\r\\nRSET'"),
        (["--from", "x\udcff@y", "--to", "a@b.example", "--file", "message.txt"], r"--from 'x\xff@y' cannot be sent"),
        (envelope(file="\udcff"), r"\xff cannot be read: No such file"),
        (["--from", "x@y.example", "--to", "a@b@c", "--file", "message.txt"], "--to 'a@b@c' cannot be sent"),
        (["--from", "x@y.example", "--to", "", "--file", "message.txt"], "--to '' cannot be sent"),
        (["--from", "x@y.example", "--to", "<>", "--file", "message.txt"], "--to '<>' cannot be sent"),
        (["--from", "x@y.example", "--file", "message.txt"], "Missing option '--to'"),
        (["--to", "x@y.example", "--file", "message.txt"], "Missing option '--from'"),
        (envelope(file="missing.txt"), "missing.txt cannot be read: No such file"),
        (envelope(file="."), "cannot be read: Is a directory"),
        (envelope(file="empty"), "empty"),
        (envelope(file="-"), "standard input"),
        (envelope(file="bare-cr"), "bare"),
        ([*envelope(file="bare-cr"), "--subject", "x"], "bare"),
        ([*envelope(file="latin-1"), "--subject", "x"], "body"),
        (envelope(file="latin-1"), "header section"),
        (envelope(file="latin-1-header"), "header section"),
        (envelope(file="utf-16"), "header section"),
        (envelope(file="marked"), "mark"),
        ([*envelope(), "--subject", "x\nBcc: y@z.example"], "--subject 'x\\nBcc: y@z.example' cannot be sent"),
        (["--from", "", "--to", "a@b.example", "--file", "message.txt", "--subject", "x"], "--from is empty"),
        ([*envelope(), "--helo", "two words"], "--helo 'two words' cannot be sent"),
        *(([*envelope(), "--timeout", seconds], f"'{seconds}' is not a number of seconds") for seconds in NO_TIMES),
    ],
)
def test_what_cannot_be_sent_is_exit_2_and_nobody_is_called(
    smtplab: Run, tmp_path: Path, arguments: list[str], words: str
) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "bare-cr").write_bytes(b"Subject: x\n\none\rtwo\n")
    (tmp_path / "latin-1").write_bytes("Grüße\n".encode("latin-1"))
    (tmp_path / "latin-1-header").write_bytes("Subject: Grüße\n\nx\n".encode("latin-1"))
    (tmp_path / "utf-16").write_bytes("Subject: x\n\nx\n".encode("utf-16"))
    (tmp_path / "marked").write_bytes("Subject: x\n\nx\n".encode("utf-8-sig"))
    with OddServer(silence) as server:
        done = smtplab("send", *at(server.address), *arguments)
        check_fails(done, 2, words)
        assert done.stdout == ""
        assert server.visits == 0


def test_another_machine_is_called_only_if_allowed(smtplab: Run) -> None:
    done = smtplab("send", "--host", "192.0.2.1", *envelope())
    check_fails(done, 2, "192.0.2.1", "--allow-remote")
    words = "There is no host 'nowhere.invalid'", "--allow-remote"
    check_fails(smtplab("send", "--host", "nowhere.invalid", *envelope()), 3, *words)
    assert words[1] not in smtplab("send", "--host", "nowhere.invalid", *envelope(), "--allow-remote").stderr
    # This network is for documentation, so nobody answers, whichever way.
    done = smtplab("send", "--host", "192.0.2.1", *envelope(), "--allow-remote", "--timeout", "0.2")
    check_fails(done, 3, "192.0.2.1 port 2525")


# Odd servers


def send_to(smtplab: Run, *steps: Step) -> subprocess.CompletedProcess[str]:
    """Send to a server that plays `steps`, with a second's patience; it must not take much longer."""
    with OddServer(*steps) as server:
        begin = time.monotonic()
        done = smtplab("send", *at(server.address), *envelope(), "--timeout", "1")
        assert time.monotonic() - begin < 15
    return done


def test_nobody_there_is_exit_3(smtplab: Run) -> None:
    with OddServer() as server:
        address = server.address
    check_fails(smtplab("send", *at(address), *envelope()), 3, "Nobody listens on 127.0.0.1")


@pytest.mark.parametrize("end", [(), (reset,), (silence,)], ids=["closes", "resets", "is silent"])
@pytest.mark.parametrize("stage", STAGES[:-2])
def test_a_server_that_goes_away_or_says_nothing_is_exit_3(smtplab: Run, stage: str, end: tuple[Step, ...]) -> None:
    check_fails(send_to(smtplab, *before(stage), *end), 3, "127.0.0.1 port")


@pytest.mark.parametrize("end", [(), (reset,), (silence,), (raw(b"25"),), (say("what?"),), (say("354 more"),)])
def test_a_lost_reply_to_the_message_is_not_known_to_be_delivered(smtplab: Run, end: tuple[Step, ...]) -> None:
    done = send_to(smtplab, *before("message"), *end)
    check_fails(done, 3, "not known")
    assert "\nC: .\n" in done.stdout


@pytest.mark.parametrize("end", [(), (reset,), (silence,), (say("what?"),)])
def test_what_comes_of_quit_is_no_matter(smtplab: Run, end: tuple[Step, ...]) -> None:
    done = send_to(smtplab, *before("QUIT"), *end)
    assert (done.returncode, done.stderr) == (0, "")


def test_replies_in_pieces_of_one_octet_are_read(smtplab: Run) -> None:
    greeting, offer = in_pieces(b"220-odd\r\n220 one\r\n"), in_pieces(b"250-odd\r\n250 SIZE\r\n")
    done = send_to(smtplab, greeting, *between("greeting", "EHLO"), offer, *after("EHLO"))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "nonsense",
    [
        say("what do you want?"),
        say("250-one", "251 two"),
        say("250 ok\rand more"),
        say("99 bottles"),
        say("150 wait"),
        say("600 ok"),
        say("354 go on"),
        raw(b"\x00\xff\xfe\r\n"),
        raw(b"250 ok\n"),
        for_ever(b"250-more\r\n"),
        for_ever(b"x" * 65536),
    ],
)
@pytest.mark.parametrize("stage", ["greeting", "RCPT"])
def test_a_server_that_does_not_speak_smtp_is_exit_3(smtplab: Run, stage: str, nonsense: Step) -> None:
    check_fails(send_to(smtplab, *before(stage), nonsense, silence), 3, "127.0.0.1 port")


def test_an_answer_to_data_that_is_not_354_does_not_count_as_delivery(smtplab: Run) -> None:
    check_fails(send_to(smtplab, *before("DATA"), say("250 ok"), silence), 3, "250 answers DATA")


@pytest.mark.parametrize("flood", [b"250-more\r\n", b"x" * 65536])
def test_an_endless_reply_takes_bounded_memory(root: Path, message: Path, flood: bytes) -> None:
    script = (
        "import resource, sys; sys.path.insert(0, sys.argv.pop(1))\n"
        "resource.setrlimit(resource.RLIMIT_AS, (400 * 2**20, 400 * 2**20))\n"
        "from smtplab.cli import main; main()\n"
    )
    with OddServer(for_ever(flood)) as server:
        command = [sys.executable, "-c", script, str(root), "send", *at(server.address), *envelope(file=str(message))]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    check_fails(done, 3, "127.0.0.1 port")


def test_what_a_server_says_cannot_move_the_cursor(smtplab: Run) -> None:
    done = send_to(smtplab, *before("MAIL"), raw(b"550 \x1b[2Jgone\r\n"))
    assert "S: 550 \\x1b[2Jgone\n" in done.stdout
    check_fails(done, 1, "\\x1b[2Jgone")
