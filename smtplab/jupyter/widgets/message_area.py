"""An area to write a message, and to send its lines."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import ipywidgets

from ...base.resources import data_path
from ...lab.reply import SessionReply
from ...protocol.states import MESSAGE
from ...transcript import Transcript
from .widget import button, show


@cache
def lecture_message() -> str:
    """Return the message of the lecture's session, line by line, without the lone dot."""
    text = data_path("transcripts", "ok-lecture-adelphia.txt").read_text(encoding="utf-8")
    said = Transcript.parse(text).commands()
    message = next(exchange.data for exchange in said if exchange.verb == MESSAGE)
    return message.decode().replace("\r\n", "\n").removesuffix(".\n").removesuffix("\n")


class MessageArea:
    """The lines of a message that are still to be sent, and three buttons.

    Args:
        send: called with the text to send, and the text that then stays in the area.
        end: called to end the message.
        text: the text to begin with; None for the lecture's message.
    """

    def __init__(
        self, send: Callable[[str, str], SessionReply | None], end: Callable[[], object], text: str | None = None
    ) -> None:
        # The text comes when the area is left, and not with every key; so it is there before a button's click.
        self._area = ipywidgets.Textarea(
            lecture_message() if text is None else text,
            description="message",
            rows=6,
            layout={"width": "auto"},
            continuous_update=False,
        ).add_class("smtplab-message")
        self._send = send
        self._next = button("send line", self.send_line, "smtplab-next")
        self._all = button("send all lines", self.send_lines, "smtplab-all")
        self._dot = button("end with a lone dot", end, "smtplab-dot")
        self._area.observe(lambda _: self._count(), "value")
        self.view = ipywidgets.VBox([self._area, ipywidgets.HBox([self._next, self._all, self._dot])])
        self.view.add_class("smtplab-area")

    @property
    def text(self) -> str:
        """The text in the area."""
        text: str = self._area.value
        return text

    @text.setter
    def text(self, text: str) -> None:
        self._area.value = text

    def send_line(self) -> SessionReply | None:
        """Send the first line."""
        first, _, rest = self.text.partition("\n")
        return self._send(first, rest)

    def send_lines(self) -> SessionReply | None:
        """Send all lines."""
        return self._send(self.text, "")

    def refresh(self, in_message: bool) -> None:
        """Show the area only while a message is open."""
        show(self.view, in_message)
        self._count()

    def _count(self) -> None:
        empty = not self.text
        self._next.disabled = self._all.disabled = empty
        self._next.tooltip = "The area is empty." if empty else "The first line of the area goes on the wire."
        self._all.tooltip = "The area is empty." if empty else "Line after line goes on the wire."
