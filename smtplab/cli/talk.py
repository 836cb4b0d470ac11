"""The command ``talk``: a telnet session in a terminal. Lines are sent as typed, and replies are printed.

If standard input or output is not a terminal, there is no prompt: each line is sent when the one before has its reply,
and the conversation is printed as the text of its transcript.
"""

from __future__ import annotations

import sys
import time
from typing import TextIO

import click

from ..base.nearest import nearest
from ..capture import CapturedSession
from ..capture.capture_writer import packets_of
from ..capture.files import pcap
from ..client.outcomes import ClientError
from ..explain.sentences import DID_YOU_MEAN
from ..explain.spelling import meant_verb, no_verb_of_ours, what_was_meant
from ..lab.client_end import SessionClosed, Silence
from ..lab.session import Session
from ..protocol.codes import Severity
from ..protocol.commands import VERBS
from ..protocol.replies import Reply
from ..protocol.states import State, is_legal
from ..transcript import Row, Side
from ..worlds.tcp_client import SocketStream, dial
from . import sentences
from .frame import ExitCode, fail, one_line, require_posix, seconds, sentence
from .keyboard import Prompt, keyboard, offered_lines
from .output import complain, echo
from .reach import check_host
from .screen import Screen

_HINT = "Type what a client says. Tab completes a verb. Ctrl-D says QUIT for you, Ctrl-C hangs up."


@click.command()
@click.argument("host")
@click.argument("port", type=click.IntRange(1, 65535))
@click.option(
    "--timeout",
    default=30.0,
    show_default=True,
    type=seconds,
    metavar="SECONDS",
    help="How long to wait for each reply.",
)
@click.option("--allow-remote", is_flag=True, help="Let the conversation leave this machine.")
@click.option(
    "--save",
    type=click.File("w", encoding="utf-8", lazy=False),
    metavar="FILE",
    help="Where to keep the transcript: as JSON if its name ends in .json, as a capture if in .pcap, else as text.",
)
def talk(host: str, port: int, timeout: float, allow_remote: bool, save: TextIO | None) -> int:
    """Hold a conversation with a server by hand, as with telnet.

    Every line goes out as you type it, legal or not. The prompt names the phase and the verbs that may come.
    """
    require_posix("talk")
    check_host(host, port, allow_remote=allow_remote, purpose="you talk to it")
    try:
        stream = dial(host, port, seconds=timeout, allow_remote=allow_remote)
        began = time.time()
        notes = [f"Connected to {host} port {port}."]
        session = Session(stream, seconds=timeout, clock=time.monotonic, notes=notes, called=(host, port))
    except ClientError as error:
        fail(sentence(error))
    with session:
        ends = _endpoints(stream, host, port) if save is not None else None
        try:
            _TypedSession(session, stream).hold()
        finally:
            if save is not None and ends is not None:
                session.close()
                _save(CapturedSession(session.transcript, *ends, began), save)
    return ExitCode.DONE


def _endpoints(stream: SocketStream, host: str, port: int) -> tuple[str, str, int, int]:
    """Return the addresses of client and server and their ports; only what was typed if the server has gone already."""
    try:
        (address, own_port), (peer, _) = stream.endpoints
    except OSError:
        return "client", host, 0, port
    return address, peer, own_port, port


def _save(session: CapturedSession, file: TextIO) -> None:
    try:
        if file.name.endswith(".pcap"):
            file.buffer.writelines(pcap(packets_of([session])))
        else:
            text = session.transcript.to_json() if file.name.endswith(".json") else session.transcript
            file.write(f"{text}\n")
        file.close()
    except OSError as error:
        fail(sentences.NOT_SAVED.format(file=file.name, reason=error.strerror))


class _TypedSession:
    """A session, and the person or the pipe that holds it."""

    def __init__(self, session: Session, stream: SocketStream) -> None:
        self._session = session
        self._stream = stream
        self._keyboard = keyboard()
        self._screen = Screen()
        self._shown = 0  # rows of the transcript
        self._prompts = sys.stdin.isatty() and sys.stdout.isatty()
        self._in_message = False

    def hold(self) -> None:
        """Send lines until the input or the session ends."""
        if self._prompts:
            echo(_HINT)
        self._show()
        while not self._session.closed:
            if self._keyboard.wait(self._stream, self._prompt()):
                line = self._keyboard.line()
                if line is None:
                    return self._leave()
                is_command = not self._session.in_message
                reply = self._say(line)
                if is_command and reply is not None:
                    self._hint(line, reply)
            self._show()
        return self._check_farewell()

    def _say(self, line: str) -> Reply | None:
        """Send a line and return its reply; None if none comes. End the command if the connection breaks."""
        try:
            return self._session.send(line)
        except SessionClosed:  # the server closed first; its last reply is in the transcript
            pass
        except Silence as error:
            self._show()
            if not self._prompts:
                fail(sentence(error))
            complain(sentence(error))
        except ClientError as error:
            self._show()
            fail(sentence(error))
        return None

    def _leave(self) -> None:
        """End the session after the last line: with QUIT if it is legal, else by closing the connection."""
        self._session.poll()
        transcript = self._session.transcript
        if transcript.in_message:
            fail(sentences.MESSAGE_WITHOUT_END, ExitCode.REFUSED)
        if self._may_quit:
            self._say("QUIT")
        self._session.close()
        self._show()

    def _check_farewell(self) -> None:
        """End the command with an error if the server ended the session by itself."""
        if self._prompts:
            self._keyboard.forget()
        if self._session.transcript.state is not State.CLOSED:
            fail(sentences.CLOSED_WITHOUT_REPLY)
        last = self._session.reply
        if last is not None and last.code == 421:
            fail(sentences.SESSION_ENDED.format(reply=last), ExitCode.REFUSED)

    # The screen

    def _show(self) -> None:
        """Print the new rows, except lines typed at a prompt, which are already on the screen."""
        self._session.poll()
        transcript = self._session.transcript
        for row in transcript[self._shown :]:
            if not self._prompts:
                self._screen.show(row)
            elif row.side is not Side.CLIENT:
                echo(_once_escaped(row))
        self._shown = len(transcript)

    def _prompt(self) -> Prompt:
        if not self._prompts:
            return Prompt()
        in_message = self._session.in_message
        if not (in_message and self._in_message):
            echo(f"[{self._what_may_come()}]", dim=True)
        self._in_message = in_message
        if in_message:
            return Prompt("message> ")
        legal = () if self._session.transcript.awaited else self._session.legal
        offered = offered_lines(legal, *VERBS) if legal else ()
        return Prompt("C: ", "QUIT" if self._may_quit else "", offered, offered_lines(legal))

    @property
    def _may_quit(self) -> bool:
        transcript = self._session.transcript
        return transcript.awaited is None and is_legal(transcript.state, "QUIT", transcript.extensions)

    def _hint(self, line: str, reply: Reply) -> None:
        """Tell a person which verb a refused line probably means, or what the line is instead."""
        if self._prompts and reply.severity is Severity.PERMANENT_NEGATIVE:
            self._show()
            if told := misspelling(line):
                echo(f"{Side.NOTE.mark} {told}", dim=True)

    def _what_may_come(self) -> str:
        """Return the phase and the verbs that the table allows, in the lecture's order."""
        transcript = self._session.transcript
        if transcript.awaited is not None:
            whose = "your" if transcript.turn is Side.CLIENT else "the server's"  # ours after TURN alone
            what = f"{whose} reply to {transcript.awaited} is due"
        elif transcript.in_message:
            what = "the message; a line with one dot ends it"
        else:
            what = " ".join(verb for verb in VERBS if is_legal(transcript.state, verb, transcript.extensions))
        return f"{transcript.phase.value}: {what}"


def _once_escaped(row: Row) -> str:
    r"""Return a row for a person: ``\x1b`` stands for ESC, also where a server quotes it so.

    The text form of a transcript writes that quotation as ``\x5cx1b``, because it is read back.
    """
    return str(row).replace(r"\x5c", "\\")


def misspelling(line: str) -> str:
    """Return a sentence about a line without a verb: the verb that it means, or what it is instead; empty if neither.

    Args:
        line: a line that the server refused.
    """
    first = line.split(" ")[0]
    if first.upper() in VERBS:
        return ""
    if first.startswith("%"):
        return sentences.DIRECTIVE.format(word=one_line(first), meant=_meant_directive(first))
    octets = line.encode("utf-8", "surrogateescape")
    verb = meant_verb(octets)
    return no_verb_of_ours(octets) or (what_was_meant(line, verb) if verb else "")


def _meant_directive(word: str) -> str:
    from ..jupyter.directives import DIRECTIVES

    name = word.lstrip("%").lower()
    near = "" if name in DIRECTIVES else nearest(name, DIRECTIVES)
    return f" {DID_YOU_MEAN.format(verb=f'%{near}')}" if near else ""
