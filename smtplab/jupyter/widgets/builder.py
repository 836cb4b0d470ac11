"""A session built by clicking: a button for each verb, and beside it everything that follows from it.

    builder = smtplab.SessionBuilder()      # a new lab, connected with the lecture's host
    builder                                 # a cell that ends with it shows it
    builder.click("HELO")                   # what a button does, from a cell

The kernel's tables decide which buttons are on and why the others are off; the hosts of the lab fill the fields.
`session_panels` draws what is shown of the session. The module is one class, with a method for each control.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import ipywidgets

from ...base.printed import listed
from ...client.session import SMTP_PORT
from ...explain.cards import cards
from ...explain.verb_order import way_to
from ...lab import diagrams
from ...lab.default_hosts import LAPTOP
from ...lab.internet import Lab, LabSession
from ...lab.reply import SessionReply
from ...lab.session import Session
from ...protocol.commands import VERBS
from ...protocol.states import MESSAGE, State
from ...show import style
from ...transcript import Transcript
from .. import sentences
from ..arguments import SLOT_OF, SLOTS, Slot, choices
from . import session_panels
from .field import Field
from .frontend import Frontend, LineInput
from .message_area import MessageArea, lecture_message
from .script import python, smtp_cell
from .session_snapshot import SessionSnapshot, reasons
from .widget import Widget, button, html, show

LECTURE_HOST = "mail.adelphia.net"
LECTURE_VERBS = ("HELO", "MAIL", "RCPT", "DATA", "QUIT")
"""The verbs that have a button from the start while cards explain in words alone; the others come with one more."""
_FIRST_FIELD = "Subject: "  # what the area for the message then holds
_CELL, _PYTHON = session_panels.COPIES.values()


class SessionBuilder(Widget):
    """A session driven by buttons, fields and keys.

    Every button has a method. A method never raises an error of the session: it returns None, and `problem` is the
    sentence that the widget shows. The class is long because it is one thing: a method for each control, all on one
    session.

    Args:
        lab_or_session: a lab, to open a session in it; an open session, to continue it; None for a new lab.
        host: the host to connect with in a lab; a session has its own.

    Attributes:
        session: the session; None until one is open.
        lab: the lab of the session; None over a socket, and with a host of an exercise.
    """

    def __init__(self, lab_or_session: Lab | Session | None = None, host: str = LECTURE_HOST) -> None:
        super().__init__(Frontend("Session builder", {_CELL: "", _PYTHON: ""}))
        self.session: Session | None = None
        self.lab: Lab | None = None
        if isinstance(lab_or_session, Session):
            self.session, self.host = lab_or_session, lab_or_session.host
            self.lab = lab_or_session.lab if isinstance(lab_or_session, LabSession) else None
        else:
            self.lab, self.host = lab_or_session or Lab(), host
        self._build()
        if self.session is None:
            self.connect(self.host)
        else:
            self._offer()
            self._settle()

    # What there is to see

    @property
    def state(self) -> State:
        """The state of the session."""
        return self._now.state

    @property
    def transcript(self) -> Transcript:
        """The conversation so far."""
        return self._now.transcript

    @property
    def legal(self) -> tuple[str, ...]:
        """The verbs whose buttons are on."""
        return self._now.legal

    def why_not(self, verb: str) -> str:
        """Return why the button of a verb is off, as a sentence; empty if it is on."""
        return self._now.why_not(verb)

    @property
    def smtp_cell(self) -> str:
        """The conversation as a cell for the SMTP kernel."""
        return smtp_cell(self.transcript, self.host, self._port)

    @property
    def python(self) -> str:
        """The conversation as Python."""
        return python(self.transcript, self._opened)

    @property
    def _port(self) -> int:
        return SMTP_PORT if self.session is None else self.session.port

    @property
    def _opened(self) -> str:
        """The Python expression that opens the session."""
        ends = f'("{self.host}", {self._port})'
        if self.lab is not None:
            return f"smtplab.Lab().telnet{ends}"
        if self.session is not None and self.session.in_memory:
            return f"mine.telnet{ends}  # mine is the exercise, as smtplab.exercise hands it out"
        return f"smtplab.connect{ends}"

    @property
    def _now(self) -> SessionSnapshot:
        return SessionSnapshot.of(self.session)

    @property
    def _facts(self) -> dict[str, str]:
        now = self._now
        off = reasons(now.state, self.shown_verbs)
        not_here = (f"{', '.join(verbs)}: {first}." for first, verbs in off.items())
        lines = {
            "host": self.host,
            "state": now.state.value,
            "phase": "" if self.session is None else now.phase.value,
            "may come": "lines of the message" if now.in_message else ", ".join(self._shown(now.legal)) or "nothing",
            "not here": "\n".join(not_here),
            "problem": self.problem,
        }
        return {name: line for name, line in lines.items() if line}

    def __str__(self) -> str:
        return "\n".join(["Session builder", listed(self._facts), *filter(None, [str(self.transcript)])])

    @property
    def picture(self) -> str:
        """The still picture as HTML."""
        head = "<b>Session builder</b>, a picture of it; run the cell to work with it."
        facts = style.panel(head + style.definitions(self._facts))
        return facts + diagrams.ladder(self.transcript, states=cards.states)._repr_html_()

    # What there is to do

    def connect(self, host: str | None = None) -> SessionReply | None:
        """Open a new session in the lab, and close the old one.

        Args:
            host: the host's name; None for the one in the list.

        Returns:
            The greeting.
        """
        if self.lab is None:
            raise ValueError(sentences.OUTSIDE_A_LAB)
        return self._attempt(partial(self._connect, self.lab, host or self._hosts.value))

    def _connect(self, lab: Lab, host: str) -> SessionReply | None:
        session = lab.telnet(host)
        if self.session is not None:
            self.session.close()
        self.session, self.host = session, session.host
        self._offer()
        return session.greeting

    def say(self, verb: str, argument: str | None = None) -> SessionReply | None:
        """Send a command, legal or not.

        Args:
            verb: such as ``MAIL``.
            argument: its argument without ``FROM:`` and ``TO:``; None for the value of its field, which is empty for a
                verb without a field.
        """
        slot = SLOT_OF.get(verb.upper())
        if slot is None:
            return self.type(f"{verb} {argument or ''}".rstrip(" "))
        return self.type(slot.line(verb, self.fields[slot].value if argument is None else argument))

    def click(self, verb: str) -> SessionReply | None:
        """Press the button of a verb: send it with the value of its field. A button that is off does nothing."""
        verb = verb.upper()
        if verb not in self.buttons:
            self._refuse(sentences.NO_BUTTON.format(verb=verb, verbs=", ".join(self.buttons)))
        elif reason := self.why_not(verb):
            why = f"{reason[:1].lower()}{reason[1:].removesuffix('.')}"
            self._refuse(sentences.BUTTON_IS_OFF.format(verb=verb, reason=why))
        else:
            return self.say(verb)
        return None

    def type(self, line: str) -> SessionReply | None:
        """Send any line, as the raw line does: a command, a mistake, or a line of the message."""
        return self._attempt(lambda: self._open().send(line, remarks=False))

    def send_line(self) -> SessionReply | None:
        """Send the first line of the message area, and remove it there."""
        return self._area.send_line()

    def send_lines(self) -> SessionReply | None:
        """Send all lines of the message area, one after the other."""
        return self._area.send_lines()

    def _send_from_area(self, text: str, rest: str) -> SessionReply | None:
        def send() -> SessionReply | None:
            reply = self._open().send(text, remarks=False)
            self.message = rest
            return reply

        return self._attempt(send)

    def end_message(self) -> SessionReply | None:
        """Send the lone dot that ends the message; if the area has unsent lines of it, send nothing and say so."""
        if self._now.in_message and self.message.strip():
            self._refuse(sentences.UNSENT_LINES)
            return None
        return self.type(".")

    def undo(self) -> None:
        """Take back the last step, in the lab."""
        self._attempt(self._take_back)

    def _take_back(self) -> None:
        self._open().undo()
        self._came_from = ".smtplab-undo" if self._now.said_anything else ""

    @property
    def message(self) -> str:
        """The text in the message area: the lines that are still to be sent."""
        return self._area.text

    @message.setter
    def message(self, text: str) -> None:
        self._area.text = text

    def look_at(self, what: str) -> None:
        """Choose the view below the buttons: one of `views`."""
        if what in self.views:
            self._choice.value = what
            self._settle()
        else:
            self._refuse(sentences.NO_VIEW.format(name=what, names=", ".join(self.views)))

    @property
    def views(self) -> tuple[str, ...]:
        """The views that can be shown below the buttons."""
        return tuple(self._choice.options)

    def _open(self) -> Session:
        if self.session is None:
            raise ValueError(sentences.CONNECT_FIRST)
        return self.session

    @property
    def shown_verbs(self) -> tuple[str, ...]:
        """The verbs that have a button now."""
        return tuple(VERBS) if self._all_verbs else LECTURE_VERBS

    def show_all_verbs(self) -> None:
        """Show a button for each verb of SMTP."""
        self._all_verbs = True
        self._settle()

    def _shown(self, verbs: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(verb for verb in verbs if verb in self.shown_verbs)

    # The parts

    def _build(self) -> None:
        self._all_verbs = cards.explains_states
        self.fields = {slot: Field(slot, partial(self._enter, slot)) for slot in SLOTS}
        self.buttons = {verb: self._verb_button(verb) for verb in VERBS}
        self._groups = {
            slot: ipywidgets.HBox([*(self.buttons[verb] for verb in slot.verbs), self.fields[slot].view])
            for slot in SLOTS
        }
        self._more = button("more verbs", self.show_all_verbs, "smtplab-more")
        names = [] if self.lab is None else [host.name for host in self.lab.hosts]
        self._hosts = ipywidgets.Dropdown(
            options=list(dict.fromkeys([*names, self.host])), value=self.host, description="host"
        ).add_class("smtplab-hosts")
        self._dial = button(f"telnet to port {SMTP_PORT}", self.connect, "smtplab-connect")
        self._undo = button("undo the last step", self.undo, "smtplab-undo")
        text = lecture_message() if self._all_verbs else _FIRST_FIELD
        self._area = MessageArea(self._send_from_area, self.end_message, text)
        self._status, self._not_now = html("smtplab-status"), html("smtplab-off")
        self._last, self._figure = html("smtplab-reply"), html("smtplab-figure")
        dial = ipywidgets.HBox([self._hosts, self._dial, self._undo])
        show(self._hosts, self.lab is not None)
        show(self._dial, self.lab is not None)
        self._choice = ipywidgets.Dropdown(
            options=[*session_panels.DRAWINGS, *session_panels.COPIES], description="show"
        )
        self._choice.observe(lambda _: self._refresh(), "value")
        self._arrange(
            [
                dial,
                self._status,
                ipywidgets.Box([*self._groups.values(), self._more]).add_class("smtplab-groups"),
                self._not_now,
                self._area.view,
                self._raw_parts(),
                self._last,
            ],
            [self._choice, self._figure],
        )

    def _verb_button(self, verb: str) -> Any:
        return button(verb, partial(self.click, verb), "smtplab-verb", f"smtplab-say-{verb}")

    def _raw_parts(self) -> Any:
        self.raw = LineInput("raw line", "any line, right or wrong", self._send_raw, clears=True).add_class(
            "smtplab-raw"
        )
        send = button("send as it is", lambda: self.raw.enter(self.raw.value), "smtplab-send")
        return ipywidgets.HBox([self.raw, send])

    def _send_raw(self, line: str) -> None:
        self._came_from = ".smtplab-raw"
        self.type(line)

    def _enter(self, slot: Slot, _: str) -> None:
        """Send the first legal verb of a field."""
        legal = self.legal
        self.click(next((verb for verb in slot.verbs if verb in legal), slot.verbs[0]))

    # What follows

    _came_from = ""  # where the focus stays
    _seen = SessionSnapshot.of(None)  # how the session stood when the view was brought up to date
    _moved = False  # True if the last action led to another state

    def _offer(self) -> None:
        """Fill the fields with the values that the host knows."""
        for slot, field in self.fields.items():
            known = choices(slot, () if self.lab is None else self.lab.hosts, self.host)
            field.offer(known if slot.what != "domain" else self._names_of_the_client(known))
        if self.host in self._hosts.options:
            self._hosts.value = self.host

    def _names_of_the_client(self, known: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names that HELO can say: first that of the lab's own client, but not to the lecture's host."""
        if self.lab is None:
            return known
        return (*known, LAPTOP) if self.host == LECTURE_HOST else (LAPTOP, *known)

    def _refresh(self) -> None:
        now = self._now
        self._show_verbs()
        self._moved, self._seen = self._seen.state is not now.state, now
        for verb, pressed in self.buttons.items():
            reason = now.why_not(verb)
            pressed.disabled = bool(reason)
            pressed.tooltip = f"Not here. {reason}" if reason else f"{VERBS[verb].syntax}: {VERBS[verb].summary}"
        self._status.value = session_panels.status(None if self.session is None else self.host, now)
        self._not_now.value = session_panels.off_now(now, self.shown_verbs)
        self._last.value = session_panels.last_reply(now)
        self._area.refresh(now.in_message)
        final = "" if self.session is None else self.session.irrevocable
        self._undo.disabled = bool(final) or not now.said_anything
        self._undo.tooltip = session_panels.undo_hint(final, now)
        copies = {
            _CELL: smtp_cell(now.transcript, self.host, self._port),
            _PYTHON: python(now.transcript, self._opened),
        }
        self._figure.value = session_panels.figure(self._choice.value, now.transcript, copies)
        self._frontend.texts = copies

    def _show_verbs(self) -> None:
        shown = self.shown_verbs
        for slot, group in self._groups.items():
            show(group, any(verb in shown for verb in slot.verbs))
        for verb, pressed in self.buttons.items():
            show(pressed, verb in shown)
        show(self._more, not self._all_verbs)

    def _announce(self) -> None:
        now = self._seen
        self._frontend.said = self.problem or f"{'' if now.reply is None else now.reply} Now: {now.state.value}."
        if target := self._next_control(now):
            self._frontend.focus_on(target)

    def _next_control(self, now: SessionSnapshot) -> str:
        """Return where the keyboard goes on, as a CSS selector; empty if it stays where it is."""
        came_from, self._came_from = self._came_from, ""
        if came_from:
            return came_from
        if now.in_message:
            return ".smtplab-next" if self.message else ".smtplab-dot"
        if not now.legal:
            return ".smtplab-connect" if now.is_over and self.lab is not None else ".smtplab-raw"
        way = way_to(MESSAGE, now.state) if self._moved else None
        return f".smtplab-say-{way[0]}" if way else ""
