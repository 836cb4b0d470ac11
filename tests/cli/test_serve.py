"""``smtplab serve``, run as a user runs it."""

import re
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from smtplab.mta.personality import Personality
from smtplab.protocol import replies
from support.command_line import NO_TIMES, Run, Serve, check_fails
from support.odd_server import OddServer, silence
from support.python import printed_by
from support.raw_client import behind_the_trace

TRANSACTION = ("HELO me", "MAIL FROM:<x@client.example>", "RCPT TO:<alice@lab.example>", "DATA")


def stored_for(folder: Path, mailbox: str) -> list[bytes]:
    """Return the messages in a mailbox, without their trace."""
    return [behind_the_trace(file.read_bytes()) for file in (folder / mailbox / "new").iterdir()]


def test_serve_says_where_it_listens_and_keeps_mail_in_a_maildir(served: Serve, tmp_path: Path) -> None:
    server = served()
    assert re.fullmatch(r"listening on 127\.0\.0\.1:\d+", server.ready)
    assert server.told == "mail for alice, bob, postmaster at lab.example is kept in maildir"
    client = server.connect()
    assert client.reply().startswith("220 lab.example ")
    assert client.say(*TRANSACTION).startswith("354 ")
    assert client.say("Subject: x\r\n\r\nhello\r\n.").startswith("250 ")
    assert stored_for(tmp_path / "maildir", "alice") == [b"Subject: x\r\n\r\nhello\r\n"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("arguments", [[], ["--discard"]])
def test_a_signal_ends_open_sessions_with_421_and_the_server_with_0(
    served: Serve, number: signal.Signals, arguments: list[str]
) -> None:
    server = served(*arguments)
    ready, amid_message = server.connect(), server.connect()
    ready.reply()
    amid_message.reply()
    assert amid_message.say(*TRANSACTION).startswith("354 ")
    server.process.send_signal(number)
    assert ready.reply().startswith("421 lab.example ")
    assert amid_message.reply().startswith("421 lab.example ")
    assert (ready.reply(), amid_message.reply()) == ("", "")
    assert server.process.wait(30) == 0
    assert server.process.communicate() == ("", "")


def test_a_server_that_a_shell_has_started_in_the_background_ignores_ctrl_c_and_ends_on_sigterm(served: Serve) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell without job control does for `command &`
    try:
        server = served()
    finally:
        signal.signal(signal.SIGINT, before)
    client = server.connect()
    client.reply()
    server.process.send_signal(signal.SIGINT)
    assert client.say("NOOP").startswith("250 ")
    server.process.send_signal(signal.SIGTERM)
    assert client.reply().startswith("421 ")
    assert server.process.wait(30) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_the_server_at_once(served: Serve, number: signal.Signals) -> None:
    with OddServer(silence) as hop:
        server = served("--route", f"far.example={hop.address[0]}:{hop.address[1]}")
        client = server.connect()
        client.reply()
        client.say("HELO me", "MAIL FROM:<x@client.example>", "RCPT TO:<y@far.example>", "DATA")
        client.send(b"x\r\n.\r\n")
        while not hop.visits:
            time.sleep(0.01)
        server.process.send_signal(number)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.5)  # the delivery under way may still succeed
        server.process.send_signal(number)
        assert server.process.wait(5) == -number


def test_discard_takes_everything_and_keeps_nothing(served: Serve, tmp_path: Path) -> None:
    server = served("--discard", "--domain", "mx.example")
    assert server.told == "mail is accepted and dropped"
    client = server.connect()
    assert client.reply().startswith("220 mx.example ")
    client.say("HELO me", "MAIL FROM:<>", "RCPT TO:<nobody@nowhere.example>", "DATA")
    assert client.say("x\r\n.") == "250 Message accepted as DROPPED, 3 octets"
    assert list(tmp_path.iterdir()) == []


def test_domain_users_and_maildir_are_taken_from_the_command_line(served: Serve, tmp_path: Path) -> None:
    server = served("--domain", "mx.example", "--user", "carol", "--user", "dora", "--maildir", "here/mail")
    assert server.told == "mail for carol, dora, postmaster at mx.example is kept in here/mail"
    client = server.connect()
    client.reply()
    assert client.say("HELO me", "MAIL FROM:<>", "RCPT TO:<alice@mx.example>").startswith("550 ")
    assert client.say("RCPT TO:<x@lab.example>").startswith("550 ")
    client.say("RCPT TO:<dora@mx.example>", "DATA")
    assert client.say("x\r\n.").startswith("250 ")
    assert stored_for(tmp_path / "here" / "mail", "dora") == [b"x\r\n"]


def test_disk_keeps_free_what_the_command_line_says(served: Serve) -> None:
    client = served("--free", str(2**62)).connect()
    client.reply()
    client.say("HELO me", "MAIL FROM:<>", "RCPT TO:<alice@lab.example>", "DATA")
    assert client.say("x\r\n.").startswith("452 ")


def test_a_directory_file_says_who_lives_here(served: Serve, tmp_path: Path) -> None:
    names = ", ".join(f'"user{number}"' for number in range(20))
    text = f'domains = ["one.example", "two.example"]\nmailboxes = [{names}]\n[lists]\nall = ["user1", "user2"]\n'
    (tmp_path / "who.toml").write_text(text)
    server = served("--directory", "who.toml")
    assert server.told == "mail for 21 mailboxes at one.example, two.example is kept in maildir"
    client = server.connect()
    assert client.reply().startswith("220 one.example ")
    assert client.say("HELO me", "EXPN all") == "250-<user1@one.example>\n250 <user2@one.example>"


@pytest.mark.parametrize(("arguments", "code"), [([], "250"), (["--strict"], "501")])
def test_strict_refuses_an_address_without_brackets(served: Serve, arguments: list[str], code: str) -> None:
    client = served("--discard", *arguments).connect()
    client.reply()
    assert client.say("HELO me", "MAIL FROM: a@b.example")[:3] == code


@pytest.mark.parametrize("arguments", [[], ["--discard"]])
def test_a_personality_words_the_replies(served: Serve, arguments: list[str]) -> None:
    client = served("--personality", "lecture", *arguments).connect()
    client.reply()
    assert client.say("NOPE") == f"500 {Personality.load('lecture').word(replies.UNRECOGNIZED).text}"


def test_a_route_hands_mail_on_to_the_next_hop(served: Serve, tmp_path: Path) -> None:
    far = served("--domain", "far.example", "--maildir", "far")
    near = served("--maildir", "near", "--route", f"far.example=127.0.0.1:{far.port}")
    client = near.connect()
    client.reply()
    assert client.say("HELO me", "MAIL FROM:<x@client.example>", "RCPT TO:<a@other.example>").startswith("550 ")
    assert client.say("RCPT TO:<bob@far.example>", "DATA").startswith("354 ")
    assert client.say("Subject: x\r\n\r\nx\r\n.").startswith("250 ")
    (message,) = stored_for(tmp_path / "far", "bob")
    assert message.startswith(b"Received: ")  # the near server's
    assert message.endswith(b"Subject: x\r\n\r\nx\r\n")


def test_max_size_is_offered_and_held(served: Serve) -> None:
    client = served("--discard", "--max-size", "1000").connect()
    client.reply()
    assert "250-SIZE 1000\n" in client.say("EHLO me")
    assert client.say("MAIL FROM:<> SIZE=1001").startswith("552 ")
    client.say("MAIL FROM:<>", "RCPT TO:<a@b.example>", "DATA")
    assert client.say("x" * 1000 + "\r\n.").startswith("552 ")


def test_max_recipients_errors_and_idle_time_are_held(served: Serve) -> None:
    server = served("--discard", "--max-recipients", "1", "--max-errors", "1", "--idle", "0.5")
    client = server.connect()
    client.reply()
    assert client.say("HELO me", "MAIL FROM:<>", "RCPT TO:<a@b.example>", "RCPT TO:<b@b.example>").startswith("452 ")
    assert client.say("NOPE").startswith("500 ")
    assert client.say("NOPE").startswith("421 ")
    idle = server.connect()
    idle.reply()
    begin = time.monotonic()
    assert idle.reply().startswith("421 ")
    assert 0.3 < time.monotonic() - begin < 5


def test_max_sessions_is_held(served: Serve) -> None:
    server = served("--discard", "--max-sessions", "1")
    first, second = server.connect(), server.connect()
    assert first.reply().startswith("220 ")
    assert second.reply().startswith("421 ")
    assert second.reply() == ""


def test_a_low_soft_limit_of_open_files_is_raised(served: Serve) -> None:
    server = served("--discard", open_files=64)
    with ExitStack() as stack:
        clients = [server.connect() for _ in range(100)]
        for client in clients:
            stack.callback(client.close)
        assert all(client.reply().startswith("220 ") for client in clients)


def test_an_ipv6_address_is_told_in_brackets(served: Serve) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 on this machine's loopback")
    server = served("--host", "::1", "--discard")
    assert re.fullmatch(r"listening on \[::1\]:\d+", server.ready)
    assert server.connect().reply().startswith("220 ")


def test_a_taken_port_is_one_sentence_and_exit_3(served: Serve, smtplab: Run) -> None:
    port = served("--discard").port
    done = smtplab("serve", "--port", port)
    check_fails(done, 3, f"Port {port} on 127.0.0.1 is taken")
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--host", "192.0.2.1"], 3, "192.0.2.1 is not an address of this machine"),
        (["--host", "nowhere.invalid"], 3, "nowhere.invalid"),
        (["--host", f"{'x' * 64}.example"], 3, "cannot be the name of a host"),
        (["--host", ""], 2, "--host needs an address"),
        (["--port", "70000"], 2, "70000"),
        (["--directory", "missing.toml"], 2, "missing.toml"),
        (["--directory", "broken.toml"], 2, "broken.toml"),
        (["--directory", "wrong.toml"], 2, "'users'"),
        (["--personality", "rude"], 2, "'rude'"),
        (["--personality", "lectrue"], 2, "did you mean lecture?"),
        (["--personality", "none.toml"], 2, "No such file"),
        (["--personality", "rude", "--discard"], 2, "'rude'"),
        (["--maildir", "broken.toml"], 3, "broken.toml: Not a directory"),
        (["--domain", "no domain"], 2, "no domain"),
        (["--domain", ""], 2, "a domain"),
        (["--domain", "my_lab.example"], 2, "name of a host"),
        (["--domain", "my_lab.example", "--discard"], 2, "name of a host"),
        (["--user", ""], 2, "'--user': ''"),
        (["--user", "a@b"], 2, "'a@b'"),
        (["--maildir", ""], 2, "a folder"),
        (["--route", "a b=127.0.0.1:25"], 2, "'a b'"),
        (["--user", "two words\n"], 2, "two words"),
        (["--user", "alice", "--user", "ALICE"], 2, "'ALICE'"),
        (["--discard", "--user", "alice"], 2, "--user"),
        (["--discard", "--maildir", "x"], 2, "--maildir"),
        (["--discard", "--free", "1"], 2, "--free"),
        (["--discard", "--route", "a.example=127.0.0.1:25"], 2, "--route"),
        (["--directory", "x.toml", "--domain", "y"], 2, "--domain"),
        (["--route", "a.example"], 2, "DOMAIN=HOST:PORT"),
        (["--route", "a.example=127.0.0.1:0"], 2, "DOMAIN=HOST:PORT"),
        (["--route", "a.example=192.0.2.1:25"], 2, "192.0.2.1"),
        (["--route", "a.example=nowhere.invalid:25"], 3, "there is no host 'nowhere.invalid'"),
        *(
            (["--idle", seconds], 2, f"'--idle': '{seconds}' is not a number of seconds above 0")
            for seconds in NO_TIMES
        ),
        (["--max-sessions", "0"], 2, "--max-sessions"),
        (["--max-errors", "0"], 2, "--max-errors"),
        (["--max-errors", "-1"], 2, "--max-errors"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    smtplab: Run, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    (tmp_path / "broken.toml").write_text("domains = [")
    (tmp_path / "wrong.toml").write_text('domains = ["lab.example"]\nusers = ["alice"]\n')
    done = smtplab("serve", "--port", "0", *arguments)
    check_fails(done, code, words)
    assert done.stdout == ""


def test_allow_remote_lets_a_route_leave_the_machine(served: Serve) -> None:
    server = served("--route", "*=192.0.2.1:25", "--allow-remote")
    client = server.connect()
    client.reply()
    assert client.say("HELO me", "MAIL FROM:<>", "RCPT TO:<a@far.example>").startswith("250 ")


def test_serving_loads_nothing_of_the_notebooks() -> None:
    script = "import sys, smtplab.cli.server; print({'rich', 'pandas', 'IPython', 'jupyterlab'} & set(sys.modules))"
    assert printed_by(script) == "set()\n"


def test_serve_has_faults_that_are_written_in_plain_english(served: Serve) -> None:
    client = served("--fault", "reply 451 to the second RCPT", "--fault", "one-octet writes").connect()
    assert client.reply().startswith("220 lab.example ")
    assert client.say(*TRANSACTION[:3]).startswith("250 ")
    assert client.say("RCPT TO:<bob@lab.example>").startswith("451 ")


def test_the_coach_tells_a_silent_client_what_to_do_on_standard_error(served: Serve) -> None:
    server = served("--coach", "--discard")
    client = server.connect()
    client.reply()
    client.send(b"HELO Alice\n")
    assert server.process.stderr is not None
    assert server.process.stderr.readline().startswith("coach, client 1: Your line ends in LF alone")


def test_coach_and_faults_exclude_each_other(smtplab: Run) -> None:
    check_fails(smtplab("serve", "--coach", "--fault", "one-octet writes"), 2, "--fault")


def test_a_fault_that_is_none_is_refused(smtplab: Run) -> None:
    check_fails(smtplab("serve", "--fault", "replay 451 to RCPT"), 2, "did you mean 'reply'")
