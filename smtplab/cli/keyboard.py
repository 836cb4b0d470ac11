"""Read what a person or a pipe types for ``talk``, line by line, while the server may also send.

At a terminal `LineEditor` offers line editing, history and completion; `Keyboard` reads everything else.
"""

from __future__ import annotations

import asyncio
import os
import select
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..protocol.commands import VERBS
from ..worlds.tcp_client import SocketStream
from .output import echo

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.document import Document
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.output import Output

_READ_OCTETS = 65536


class Prompt(NamedTuple):
    """What stands before a typed line, and what helps to type it.

    Args:
        text: the prompt itself; empty if nobody looks.
        farewell: what the end of the input shows, such as QUIT; empty for nothing.
        offered: what Tab completes, best first; empty inside a message.
        legal: the part of it that Tab lists on an empty line.
    """

    text: str = ""
    farewell: str = ""
    offered: tuple[str, ...] = ()
    legal: tuple[str, ...] = ()


def offered_lines(legal: Iterable[str], *others: str) -> tuple[str, ...]:
    """Return the beginning of each command for completion: the legal verbs first, then others.

    A verb that takes a path comes with the part before the address, such as ``MAIL FROM:<``.
    """
    verbs = dict.fromkeys([*legal, *others])
    return tuple(_beginning(VERBS[verb].syntax) for verb in verbs)


def _beginning(syntax: str) -> str:
    path, found, _ = syntax.partition(":<")
    return path + found if found else syntax.partition(" ")[0]


class Keyboard:
    """Read standard input line by line, from a pipe, a file or a terminal that cannot move its cursor."""

    def __init__(self) -> None:
        self._typed = b""
        self._ended = False

    def wait(self, stream: SocketStream, prompt: Prompt) -> bool:
        """Wait for a line or the end of the input and return True; return False if the server sends first."""
        echo(prompt.text, nl=False)
        while not (self._ended or b"\n" in self._typed):
            ready, _, _ = select.select([sys.stdin, stream], [], [])
            if stream in ready:
                self._new_line(prompt)
                return False
            octets = os.read(sys.stdin.fileno(), _READ_OCTETS)
            self._typed += octets
            self._ended = not octets
        if not self._typed:
            self._new_line(prompt, prompt.farewell)
        return True

    def line(self) -> str | None:
        """Return the next line without its line end; None after the last one."""
        if not self._typed:
            return None
        line, _, self._typed = self._typed.partition(b"\n")
        return line.removesuffix(b"\r").decode("utf-8", "surrogateescape")

    def forget(self) -> None:
        """Drop an unfinished line, so that the shell does not get it."""
        if sys.stdin.isatty():
            import termios

            termios.tcflush(sys.stdin, termios.TCIFLUSH)

    def _new_line(self, prompt: Prompt, typed: str = "") -> None:
        if prompt.text:
            echo(typed)


class LineEditor(Keyboard):
    """Read lines at a terminal with editing, history and completion, as a shell does.

    Commands and lines of messages have a history each, because nobody looks for the one among the other.
    """

    def __init__(self) -> None:
        super().__init__()
        self._line: str | None = None
        self._unfinished = ""  # what was typed when the server sent something
        self._pasted: list[str] = []  # lines that wait for a prompt; the last one has no line end yet
        self._prompt = Prompt()
        self._commands, self._message = self._session(), self._session()

    def wait(self, stream: SocketStream, prompt: Prompt) -> bool:
        """Wait for a line or the end of the input and return True; return False if the server sends first."""
        self._prompt = prompt
        if len(self._pasted) > 1:
            self._line = self._pasted.pop(0)
            echo(f"{prompt.text}{self._line}")
            return True
        return self._edit(stream, self._unfinished + "".join(self._pasted))

    def line(self) -> str | None:
        """Return the next line without its line end; None after the last one."""
        return self._line

    def _edit(self, stream: SocketStream, typed: str) -> bool:
        self._pasted.clear()
        self._unfinished, self._line = "", None
        editor = self._commands if self._prompt.offered else self._message
        try:
            line: str | None = editor.prompt(self._prompt.text, default=typed, pre_run=_interrupter(editor, stream))
        except EOFError:
            return True
        if line is None:
            self._unfinished = editor.default_buffer.text
            return False
        self._line = line
        return True

    def _session(self) -> PromptSession[str | None]:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.completion import Completer, Completion
        from prompt_toolkit.shortcuts import CompleteStyle

        class _Beginnings(Completer):
            def get_completions(_self, document: Document, _event: object) -> Iterator[Completion]:  # noqa: N805
                typed = document.text_before_cursor
                for offered in self._prompt.offered if typed else self._prompt.legal:
                    if offered.lower().startswith(typed.lower()):
                        yield Completion(offered, -len(typed))

        return PromptSession(
            completer=_Beginnings(),
            complete_style=CompleteStyle.READLINE_LIKE,
            complete_while_typing=False,
            key_bindings=self._keys(),
            output=_output(),
            wrap_lines=True,
        )

    def _keys(self) -> KeyBindings:
        """Return the keys that differ from those of a shell: the end of the input, and a paste of several lines."""
        from prompt_toolkit.application.current import get_app
        from prompt_toolkit.filters import Condition
        from prompt_toolkit.key_binding import KeyBindings
        from prompt_toolkit.keys import Keys

        keys = KeyBindings()

        @keys.add("c-d", filter=Condition(lambda: not get_app().current_buffer.text))
        def _end(event: KeyPressEvent) -> None:
            event.current_buffer.insert_text(self._prompt.farewell)
            event.app.exit(exception=EOFError)

        @keys.add(Keys.BracketedPaste)
        def _paste(event: KeyPressEvent) -> None:
            first, *self._pasted = event.data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            event.current_buffer.insert_text(first)
            if self._pasted:
                event.current_buffer.validate_and_handle()

        return keys


def _interrupter(editor: PromptSession[str | None], stream: SocketStream) -> Callable[[], None]:
    """Return what makes a prompt end with None as soon as a stream has something to read."""

    def begin() -> None:
        loop = asyncio.get_running_loop()

        def end() -> None:
            loop.remove_reader(stream)
            if not editor.app.is_done:
                editor.app.exit(result=None)

        loop.add_reader(stream, end)

    return begin


def _output() -> Output:
    """Return the terminal, without questions to it: an answer that comes late would end up in the shell."""
    from prompt_toolkit.output import create_output
    from prompt_toolkit.output.vt100 import Vt100_Output

    output = create_output()
    if isinstance(output, Vt100_Output):
        output.enable_cpr = False
    return output


def keyboard() -> Keyboard:
    """Return the line editor if a person sits at a terminal that can move its cursor, else the plain keyboard."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return Keyboard()
    from prompt_toolkit.utils import is_dumb_terminal

    return Keyboard() if is_dumb_terminal() else LineEditor()
