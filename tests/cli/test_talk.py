"""``smtplab talk``, run as a user runs it: at a terminal, and with lines from a pipe."""

import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from smtplab import read_capture
from smtplab.cli import sentences
from smtplab.cli.keyboard import offered_lines
from smtplab.cli.talk import misspelling
from smtplab.protocol.commands import VERBS
from smtplab.protocol.states import State, is_legal, legal_verbs
from smtplab.transcript import Side, Transcript
from smtplab.worlds.background import BackgroundServer
from support.command_line import NO_TIMES, Open, Run, Serve, Terminal, check_fails
from support.odd_server import OddServer, before, say, silence
from support.odd_server import line as hear
from support.raw_client import PATIENCE

SESSION = "HELO me\nMAIL FROM:<a@b.example>\nRCPT TO:<alice@lab.example>\nDATA\nSubject: x\n\n250 ok\n.\nNOPE\nQUIT\n"
COMMANDS = SESSION.partition("Subject")[0].splitlines()  # those before the message


def at(address: tuple[str, int]) -> tuple[str, str]:
    return address[0], str(address[1])


# From a pipe


def test_lines_from_a_pipe_are_said_in_turn_and_the_conversation_printed(lab: BackgroundServer, smtplab: Run) -> None:
    done = smtplab("talk", *at(lab.address), stdin=SESSION)
    assert (done.returncode, done.stderr) == (0, "")
    transcript = Transcript.parse(done.stdout)
    assert done.stdout == f"{transcript}\n"
    said = b"".join(transcript.lines(Side.CLIENT)).decode()
    assert said == SESSION.replace("\n", "\r\n")
    codes = [exchange.reply.code for exchange in transcript.exchanges() if exchange.reply]
    assert codes == [220, 250, 250, 250, 354, 250, 500, 221]


@pytest.mark.parametrize("text", ["HELO me", "HELO me\r\n"])
def test_at_the_end_of_the_input_quit_is_said(lab: BackgroundServer, smtplab: Run, text: str) -> None:
    done = smtplab("talk", *at(lab.address), stdin=text)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^C: HELO me\n(.*\n)*C: QUIT\nS: 221 ", done.stdout, re.MULTILINE)


def test_input_that_ends_amid_the_message_is_exit_1(lab: BackgroundServer, smtplab: Run) -> None:
    done = smtplab("talk", *at(lab.address), stdin=SESSION.partition("250 ok")[0])
    check_fails(done, 1, "no end")


def test_a_transcript_is_saved_as_text_as_a_capture_or_as_json(
    lab: BackgroundServer, smtplab: Run, tmp_path: Path
) -> None:
    done = smtplab("talk", *at(lab.address), "--save", "talk.txt", stdin=SESSION)
    assert (tmp_path / "talk.txt").read_text() == done.stdout
    done = smtplab("talk", *at(lab.address), "--save", "talk.pcap", stdin=SESSION)
    (captured,) = read_capture(tmp_path / "talk.pcap")
    assert (captured.client, captured.server, captured.server_port) == ("127.0.0.1", *lab.address)
    assert captured.transcript.lines(Side.CLIENT) == Transcript.parse(done.stdout).lines(Side.CLIENT)
    assert abs(captured.began - time.time()) < PATIENCE
    done = smtplab("talk", *at(lab.address), "--save", "talk.json", stdin=SESSION)
    transcript = Transcript.from_json((tmp_path / "talk.json").read_text())
    assert f"{transcript}\n" == done.stdout
    assert all(row.time is not None for row in transcript)


def test_octets_that_are_no_text_go_out_as_they_are(root: Path, lab: BackgroundServer) -> None:
    command = [sys.executable, "-m", "smtplab", "talk", *at(lab.address)]
    done = subprocess.run(command, cwd=root, input=b"HELO \xe4\xff\n", capture_output=True, timeout=60, check=False)
    assert b"C: HELO \\xe4\\xff\n" in done.stdout
    assert done.returncode == 0


def test_octets_that_are_no_text_are_shown_in_a_sentence(smtplab: Run) -> None:
    check_fails(smtplab("talk", "\udcff", "2525"), 3, r"There is no host '\xff'")


def test_a_server_that_ends_the_session_is_exit_1_with_its_reply(served: Serve, smtplab: Run) -> None:
    server = served("--discard", "--max-errors", "1")
    done = smtplab("talk", *at(server.address), stdin="NOPE\nNOPE\nNOOP\n")
    check_fails(done, 1, "421 ")
    assert "NOOP" not in done.stdout


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((), "closed the connection"),
        ((silence,), "within 0.5 s"),
        ((*before("EHLO"),), "closed the connection"),
        ((*before("EHLO"), silence), "within 0.5 s"),
        ((*before("EHLO"), say("what?"), silence), "within 0.5 s"),
        ((*before("EHLO"), say("250 ok")), "closed the connection"),
    ],
)
def test_a_server_that_goes_away_or_says_nothing_is_exit_3(smtplab: Run, steps: tuple[object, ...], words: str) -> None:
    with OddServer(*steps) as server:  # type: ignore[arg-type]
        done = smtplab("talk", *at(server.address), "--timeout", "0.5", stdin="EHLO me\n")
    assert done.returncode == 3
    assert words in done.stderr


def test_nobody_there_is_exit_3(smtplab: Run) -> None:
    with OddServer() as server:
        address = server.address
    check_fails(smtplab("talk", *at(address)), 3, "Nobody listens on 127.0.0.1")


def test_a_host_that_is_not_known_is_exit_3_with_what_another_machine_needs(smtplab: Run) -> None:
    check_fails(smtplab("talk", "nowhere.invalid", "25"), 3, "--allow-remote")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["192.0.2.1", "25"], "192.0.2.1"),
        (["127.0.0.1"], "Missing argument 'PORT'"),
        (["127.0.0.1", "smtp"], "'smtp' is not a valid integer range"),
        *((["127.0.0.1", "25", "--timeout", each], f"'{each}'") for each in NO_TIMES),
        (["127.0.0.1", "25", "--save", "no/such/folder"], "No such file or directory"),
    ],
)
def test_a_wrong_command_line_is_exit_2(smtplab: Run, arguments: list[str], words: str) -> None:
    check_fails(smtplab("talk", *arguments), 2, words)


# At a terminal


def legal(state: State) -> str:
    return " ".join(verb for verb in VERBS if is_legal(state, verb))


def test_the_prompt_names_the_phase_and_the_verbs_that_may_come(lab: BackgroundServer, terminal: Open) -> None:
    screen = terminal("talk", *at(lab.address))
    screen.wait_for(f"[Connection Establishment: {legal(State.GREETED)}]")
    screen.type("HELO me\n")
    screen.wait_for(f"[Mail Transfer: {legal(State.READY)}]")
    screen.type("MAIL FROM:<a@b.example>\n")
    screen.wait_for(f"[Mail Transfer: {legal(State.SENDER)}]")
    screen.type("NOPE\n")
    screen.wait_for("S: 500 ")
    screen.wait_for(legal(State.SENDER), times=2)
    screen.wait_for("C: ", times=4)  # what is typed before the prompt stands before it
    screen.type("QUIT\n")
    assert screen.wait_for_end() == 0
    assert "C: QUIT\nS: 221 " in screen.text
    assert "C: C:" not in screen.text  # what was typed is not printed again


def test_a_message_has_a_prompt_of_its_own(lab: BackgroundServer, terminal: Open) -> None:
    screen = terminal("talk", *at(lab.address))
    screen.say(*COMMANDS)
    screen.wait_for("[Mail Transfer: the message; a line with one dot ends it]\nmessage> ")
    screen.type("Subject: x\n\nhello\n.\n")
    screen.wait_for("message> Subject: x\nmessage>\nmessage> hello\nmessage> .\n")
    screen.wait_for("S: 250 Message accepted")
    assert screen.text.count("a line with one dot ends it") == 1


def test_control_d_says_quit(lab: BackgroundServer, terminal: Open) -> None:
    screen = terminal("talk", *at(lab.address))
    screen.wait_for("C: ")
    screen.type("\x04")
    assert screen.wait_for_end() == 0
    assert "C: QUIT\nS: 221 " in screen.text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_transcript_that_cannot_be_saved_is_told(lab: BackgroundServer, smtplab: Run) -> None:
    done = smtplab("talk", *at(lab.address), "--save", "/dev/full", stdin=SESSION)
    check_fails(done, 3, "saved", "/dev/full", "No space left on device")


def test_control_c_hangs_up_and_the_transcript_is_saved(lab: BackgroundServer, terminal: Open, tmp_path: Path) -> None:
    screen = terminal("talk", *at(lab.address), "--save", str(tmp_path / "talk.txt"))
    screen.wait_for("C: ")
    screen.type("HELO me\n")
    screen.wait_for("C: ", times=2)
    screen.process.send_signal(signal.SIGINT)
    assert screen.wait_for_end() == 130
    assert "Traceback" not in screen.text
    assert "C: HELO me\nS: 250 " in (tmp_path / "talk.txt").read_text()


def test_what_the_server_says_unasked_appears_while_the_person_thinks(terminal: Open) -> None:
    typed = threading.Event()
    with OddServer(say("220 odd"), lambda peer: typed.wait(20), say("421 enough")) as server:
        screen = terminal("talk", *at(server.address))
        screen.wait_for("C: ")
        screen.type("half a li")
        screen.wait_for("half a li")
        typed.set()
        assert screen.wait_for_end() == 1
    assert "S: 421 enough\n" in screen.text


def test_a_silent_server_does_not_end_the_session_at_a_terminal(terminal: Open) -> None:
    with OddServer(say("220 odd"), silence) as server:
        screen = terminal("talk", *at(server.address), "--timeout", "0.3")
        screen.wait_for("C: ")
        screen.type("NOOP\n")
        screen.wait_for("within 0.3 s")
        screen.wait_for("C: ", times=2)
        assert "the server's reply to NOOP is due]" in screen.text
        assert screen.process.poll() is None


def test_behind_a_lone_dot_whose_reply_is_late_the_prompt_is_no_more_that_of_a_message(terminal: Open) -> None:
    with OddServer(*before("message"), silence) as server:
        screen = terminal("talk", *at(server.address), "--timeout", "0.3")
        screen.say(*COMMANDS)
        screen.wait_for("message> ")
        screen.type(".\n")
        screen.wait_for("gave no reply to the message within 0.3 s")
        screen.wait_for_prompt()
        screen.type("\x04")
        screen.wait_for_end()
        assert screen.text.count("message> ") == 1
        assert sentences.MESSAGE_WITHOUT_END.partition(",")[0] not in screen.text  # a terminal may wrap the rest


# Editing a line


@pytest.fixture
def typing(lab: BackgroundServer, terminal: Open) -> Terminal:
    """A session at a terminal that waits for its first line."""
    screen = terminal("talk", *at(lab.address))
    screen.wait_for("C: ")
    return screen


KEYS = [
    ("HELO mx\x7fe", "HELO me"),  # backspace
    ("ELO me\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[DH", "HELO me"),  # arrows
    ("LO me\x01HE", "HELO me"),  # to the start of the line
    ("NOOP now\x15HELO me", "HELO me"),  # drop the line
    ("HELO you\x17me", "HELO me"),  # drop the word
    ("rs\t", "RSET"),  # complete
    ("NOOP\t me", "NOOP me"),
    ("ma\ta@b.example>", "MAIL FROM:<a@b.example>"),
    ("Xn\t", "Xn"),
]


def test_keys_edit_the_line_before_it_is_sent_and_tab_completes_its_beginning(typing: Terminal) -> None:
    for number, (keys, said) in enumerate(KEYS, start=2):
        before = len(typing.text)
        typing.type(f"{keys}\n")
        typing.wait_for("C: ", times=number)
        assert typing.text[before - len("C: ") :].startswith(f"C: {said}\nS: ")
    assert "\\x1b" not in typing.text
    assert "^[" not in typing.text


def test_tab_on_an_empty_line_lists_the_legal_verbs_and_completes_every_verb(typing: Terminal) -> None:
    typing.type("\t")
    typing.wait_for("QUIT RSET\nC: ")
    typing.type("\x04")
    assert typing.wait_for_end() == 0
    listed = re.findall(r"\S+(?: FROM:<| TO:<)?", typing.text.partition("C:\n")[2].partition("\nC: QUIT")[0])
    assert sorted(word.split()[0] for word in listed) == sorted(legal_verbs(State.GREETED, {}))
    assert offered_lines(("NOOP", "QUIT"), *VERBS)[:3] == ("NOOP", "QUIT", "HELO")


def test_the_up_arrow_brings_earlier_commands_back(typing: Terminal) -> None:
    for number, line in enumerate(("HELO me", "NOOP"), start=2):
        typing.type(f"{line}\n")
        typing.wait_for("C: ", times=number)
    typing.type("\x1b[A\x1b[A\n")
    typing.wait_for("C: ", times=4)
    assert typing.text.count("C: HELO me\nS: 250 ") == 2


def test_the_lines_of_a_message_are_no_commands_to_bring_back(typing: Terminal) -> None:
    typing.say(*COMMANDS)
    typing.wait_for("message> ")
    typing.type("secret\n.\n")
    typing.wait_for("S: 250 Message accepted")
    typing.wait_for_prompt()
    typing.type("\x1b[A\n")
    typing.wait_for("S: 503 ")
    assert "C: DATA\nS: 503 " in typing.text


def test_pasted_lines_are_sent_one_by_one_and_the_last_waits_for_enter(typing: Terminal) -> None:
    typing.type("\x1b[200~HELO me\r\nNOOP\nQUI\x1b[201~")
    typing.wait_for("C: QUI")
    assert re.search(r"C: HELO me\nS: 250 .*\n.*\nC: NOOP\nS: 250 .*\n.*\nC: QUI\Z", typing.text)
    typing.type("T\n")
    assert typing.wait_for_end() == 0


def test_control_c_at_the_prompt_is_exit_130(typing: Terminal) -> None:
    typing.type("NOO\x03")
    assert typing.wait_for_end() == 130
    assert "Traceback" not in typing.text
    assert "S: 250" not in typing.text


def test_an_unfinished_line_stays_when_the_server_speaks(terminal: Open) -> None:
    spoken = threading.Event()
    with OddServer(say("220 odd"), lambda peer: spoken.wait(20), say("250 unasked"), hear, say("250 ok")) as server:
        screen = terminal("talk", *at(server.address))
        screen.wait_for("C: ")
        screen.type("NO")
        screen.wait_for("C: NO")
        spoken.set()
        screen.wait_for("S: 250 unasked")
        screen.wait_for("C: NO", times=2)
        screen.type("OP\n")
        screen.wait_for("S: 250 ok")
        assert server.heard == [b"NOOP\r\n"]


@pytest.mark.parametrize("kind", ["dumb", "unknown"])
def test_a_terminal_that_cannot_move_its_cursor_has_prompts_too(
    lab: BackgroundServer, terminal: Open, kind: str
) -> None:
    screen = terminal("talk", *at(lab.address), kind=kind)
    screen.wait_for("C: ")
    screen.type("HELO me\n")
    screen.wait_for("S: 250 ")
    screen.wait_for("C: ", times=2)
    screen.type("\x04")
    assert screen.wait_for_end() == 0
    assert "C: QUIT\nS: 221 " in screen.text


@pytest.mark.parametrize(("typed", "quoted"), [("foo\x11\x1b[31m", r"'foo\x1b[31m'"), (r"a\b", r"'a\\b'")])
def test_what_a_server_quotes_is_escaped_once(typing: Terminal, typed: str, quoted: str) -> None:
    typing.type(f"{typed}\n")
    typing.wait_for("\nS: 500 ")
    typing.wait_for("C: ", times=2)
    assert quoted in typing.text
    assert r"\x5c" not in typing.text


def test_a_backslash_of_a_server_is_one_at_a_terminal(terminal: Open) -> None:
    text = r"\x1b back\slash \x5c \\x41"
    with OddServer(say(f"220 {text} end"), silence) as server:
        screen = terminal("talk", *at(server.address))
        screen.wait_for(f"S: 220 {text} end")


# Hints


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("MIAL FROM:<a@b>", "Did you mean MAIL?"),
        ("ehol me", "Did you mean EHLO?"),
        ("MAILFROM:<a@b>", "Did you mean MAIL?"),
        ("exit", "Did you mean QUIT?"),
        ("VERFY alice", "The lecture's page has VERFY; the verb is VRFY."),
        ("%whi", "Did you mean %why?"),
        ("%why", "directives work only in a notebook"),
        ("STARTTLS", "extension"),
        ("250 ok", "only the server replies"),
    ],
)
def test_a_misspelt_verb_or_directive_is_named(typed: str, hint: str) -> None:
    assert hint in misspelling(typed)


def test_the_verb_that_was_meant_is_told_behind_the_refusal(typing: Terminal) -> None:
    typing.type("MIAL FROM:<a@b>\n")
    typing.wait_for("C: ", times=2)
    assert re.search(r"\nS: 500 .*\n= Did you mean MAIL\?\n", typing.text)


@pytest.mark.parametrize("typed", ["", "xyzzy", "MAIL FROM:<a@b>", "MAIL", "NOOP"])
def test_a_line_that_resembles_nothing_gets_no_hint(typed: str) -> None:
    assert misspelling(typed) == ""


def test_a_refused_message_gets_no_hint_about_its_dot(terminal: Open) -> None:
    with OddServer(*before("message"), say("554 no"), silence) as server:
        screen = terminal("talk", *at(server.address))
        screen.say(*COMMANDS)
        screen.wait_for("message> ")
        screen.type(".\n")
        screen.wait_for("S: 554 no")
        screen.wait_for_prompt()
        assert "lone dot" not in screen.text


def test_a_pipe_gets_no_hint(lab: BackgroundServer, smtplab: Run) -> None:
    assert "Did you mean" not in smtplab("talk", *at(lab.address), stdin="MIAL FROM:<a@b>\n").stdout


def test_line_editing_is_not_loaded_for_a_pipe(lab: BackgroundServer, root: Path) -> None:
    script = (
        "import sys; from smtplab.cli.frame import run\n"
        f"code = run(['talk', '{lab.address[0]}', '{lab.address[1]}'])\n"
        "print([int(code), 'prompt_toolkit' in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, input="QUIT\n", capture_output=True, text=True, check=False
    )
    assert done.stdout.endswith("[0, False]\n")
