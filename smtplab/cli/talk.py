"""The command ``talk``: a telnet session in a terminal. Lines are sent as typed, and replies are printed.

If standard input or output is not a terminal, there is no prompt: each line is sent when the one before has its reply,
and the conversation is printed as the text of its transcript.
"""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TextIO

import click

from ..client.outcomes import ClientError
from ..lab.client_end import SessionClosed, Silence
from ..lab.session import Session
from ..protocol.commands import VERBS
from ..protocol.states import State, is_legal
from ..transcript import Side, Transcript
from ..worlds.tcp_client import SocketStream, dial
from . import sentences
from .frame import ExitCode, fail, seconds, sentence
from .reach import check_host
from .screen import Screen

_HINT = "Type what a client says. Ctrl-D says QUIT for you, Ctrl-C hangs up."
_READ_OCTETS = 65536


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
    help="Where to keep the transcript: as JSON if its name ends in .json, else as text.",
)
def talk(host: str, port: int, timeout: float, allow_remote: bool, save: TextIO | None) -> int:
    """Hold a conversation with a server by hand, as with telnet.

    Every line goes out as you type it, legal or not. The prompt names the phase and the verbs that may come.
    """
    check_host(host, port, allow_remote=allow_remote, purpose="you talk to it")
    try:
        stream = dial(host, port, seconds=timeout, allow_remote=allow_remote)
        notes = [f"Connected to {host} port {port}."]
        session = Session(stream, seconds=timeout, clock=time.monotonic, notes=notes, called=(host, port))
    except ClientError as error:
        fail(sentence(error))
    with session:
        try:
            _TypedSession(session, stream).hold()
        finally:
            if save is not None:
                session.close()
                _save(session.transcript, save)
    return ExitCode.DONE


def _save(transcript: Transcript, file: TextIO) -> None:
    as_json = file.name.endswith(".json")
    try:
        file.write(f"{transcript.to_json() if as_json else transcript}\n")
        file.close()
    except OSError as error:
        fail(sentences.NOT_SAVED.format(file=file.name, reason=error.strerror))


class _Keyboard:
    """Read standard input line by line, while the server may also send."""

    def __init__(self) -> None:
        self._typed = b""
        self._ended = False

    def wait(self, stream: SocketStream) -> bool:
        """Wait for a line or the end of the input and return True; return False if the server sends first."""
        while not (self._ended or b"\n" in self._typed):
            ready, _, _ = select.select([sys.stdin, stream], [], [])
            if stream in ready:
                return False
            octets = os.read(sys.stdin.fileno(), _READ_OCTETS)
            self._typed += octets
            self._ended = not octets
        return True

    def line(self) -> str | None:
        """Return the next line without its line end; None after the last one."""
        if not self._typed:
            return None
        line, _, self._typed = self._typed.partition(b"\n")
        return line.removesuffix(b"\r").decode("utf-8", "surrogateescape")

    def forget(self) -> None:
        """Drop an unfinished line, so that the shell does not get it."""
        import termios

        termios.tcflush(sys.stdin, termios.TCIFLUSH)


class _TypedSession:
    """A session, and the person or the pipe that holds it."""

    def __init__(self, session: Session, stream: SocketStream) -> None:
        self._session = session
        self._stream = stream
        self._keyboard = _Keyboard()
        self._screen = Screen()
        self._shown = 0  # rows of the transcript
        self._prompts = sys.stdin.isatty() and sys.stdout.isatty()
        self._in_message = False

    def hold(self) -> None:
        """Send lines until the input or the session ends."""
        if self._prompts:
            click.echo(_HINT)
        self._show()
        while not self._session.closed:
            self._prompt()
            if not self._keyboard.wait(self._stream):
                self._newline()
            elif (line := self._keyboard.line()) is not None:
                self._say(line)
            else:
                return self._leave()
            self._show()
        return self._check_farewell()

    def _say(self, line: str) -> None:
        try:
            self._session.send(line)
        except SessionClosed:  # the server closed first; its last reply is in the transcript
            pass
        except Silence as error:
            self._show()
            if not self._prompts:
                fail(sentence(error))
            click.echo(sentence(error), err=True)
        except ClientError as error:
            self._show()
            fail(sentence(error))

    def _leave(self) -> None:
        """End the session after the last line: with QUIT if it is legal, else by closing the connection."""
        self._session.poll()
        transcript = self._session.transcript
        if transcript.in_message:
            self._newline()
            fail(sentences.MESSAGE_WITHOUT_END, ExitCode.REFUSED)
        if transcript.awaited is None and is_legal(transcript.state, "QUIT", transcript.extensions):
            self._newline("QUIT")
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
                click.echo(str(row))
        self._shown = len(transcript)

    def _prompt(self) -> None:
        if not self._prompts:
            return
        in_message = self._session.in_message
        if not (in_message and self._in_message):
            click.secho(f"[{self._what_may_come()}]", dim=True)
        self._in_message = in_message
        click.echo("message> " if in_message else "C: ", nl=False)

    def _what_may_come(self) -> str:
        """Return the phase and the verbs that the table allows, in the lecture's order."""
        transcript = self._session.transcript
        if transcript.awaited is not None:
            what = f"your reply to {transcript.awaited}"
        elif transcript.in_message:
            what = "the message; a line with one dot ends it"
        else:
            what = " ".join(verb for verb in VERBS if is_legal(transcript.state, verb, transcript.extensions))
        return f"{transcript.phase.value}: {what}"

    def _newline(self, typed: str = "") -> None:
        """End the line of an open prompt."""
        if self._prompts:
            click.echo(typed)
