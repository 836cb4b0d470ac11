"""A session that is clicked together: a button for each verb, and all that follows from it beside it.

    builder = smtplab.SessionBuilder()      # a new lab, connected with the lecture's host
    builder                                 # a cell that ends so shows it
    builder.click("HELO")                   # what a button does, from a cell

Which buttons are on, why the others are off and what stands in the fields is asked from the tables of the kernel and
from the hosts of the lab.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import ipywidgets

from ...base.printed import listed, sentence
from ...client.mail_client import SMTP_PORT
from ...explain.verb_order import way_to
from ...lab import diagrams
from ...lab.internet import Lab
from ...lab.reply import SessionReply
from ...lab.session import Session
from ...protocol.commands import VERBS
from ...protocol.states import MESSAGE, State
from ...show import style
from ...show.octets import octets
from ...transcript import Transcript
from ..arguments import SLOT_OF, SLOTS, Slot, choices
from .field import Field
from .frontend import Frontend, Line
from .message_area import MessageArea
from .moment import Moment, reasons
from .script import python, smtp_cell
from .widget import Widget, button, html, show

LECTURE_HOST = "mail.adelphia.net"
_CELL, _PYTHON = "copy as SMTP cell", "copy as Python"


class SessionBuilder(Widget):
    """A session held by buttons, fields and keys.

    Every button has a method. A method never raises what the session says: it returns None, and `problem` is the
    sentence, which the widget shows, too.

    Args:
        lab_or_session: a lab, in which a session is opened; or an open session, which goes on; None for a new lab.
        host: the host to connect with in a lab; a session has its own.

    Attributes:
        session: the session that is held; None while none could be opened.
        lab: the lab in which it is held; None over a socket, and with a host of an exercise.
    """

    def __init__(self, lab_or_session: Lab | Session | None = None, host: str = LECTURE_HOST) -> None:
        super().__init__(Frontend("Session builder", {_CELL: "", _PYTHON: ""}))
        self.session: Session | None = None
        self.lab: Lab | None = None
        if isinstance(lab_or_session, Session):
            self.session, self.lab = lab_or_session, lab_or_session.lab
            self.host = lab_or_session.host
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
        """Where the session stands."""
        return self._now.state

    @property
    def transcript(self) -> Transcript:
        """What was said so far."""
        return self._now.transcript

    @property
    def legal(self) -> tuple[str, ...]:
        """The verbs whose buttons are on."""
        return self._now.legal

    def why_not(self, verb: str) -> str:
        """Say why the button of a verb is off, in a sentence; empty if it is on."""
        return self._now.why_not(verb)

    @property
    def smtp_cell(self) -> str:
        """What was said, as a cell for the SMTP kernel."""
        return smtp_cell(self.transcript, self.host, self._port)

    @property
    def python(self) -> str:
        """What was said, as Python."""
        return python(self.transcript, self._opened)

    @property
    def _port(self) -> int:
        return SMTP_PORT if self.session is None else self.session.port

    @property
    def _opened(self) -> str:
        """How Python opens the session."""
        ends = f'("{self.host}", {self._port})'
        if self.lab is not None:
            return f"smtplab.Lab().telnet{ends}"
        if self.session is not None and self.session.in_memory:
            return f"mine.telnet{ends}  # mine is the exercise, as smtplab.exercise hands it out"
        return f"smtplab.connect{ends}"

    @property
    def _now(self) -> Moment:
        return Moment.of(self.session)

    @property
    def _facts(self) -> dict[str, str]:
        now = self._now
        not_now = (f"{', '.join(verbs)}: {first}." for first, verbs in reasons(now.state).items())
        lines = {
            "host": self.host,
            "state": now.state.value,
            "phase": "" if self.session is None else now.phase.value,
            "may come": "lines of the message" if now.in_message else ", ".join(now.legal) or "nothing",
            "not now": "\n".join(not_now),
            "problem": self.problem,
        }
        return {name: line for name, line in lines.items() if line}

    def __str__(self) -> str:
        return "\n".join(["Session builder", listed(self._facts), *filter(None, [str(self.transcript)])])

    @property
    def picture(self) -> str:
        """The still picture as HTML."""
        head = "<b>Session builder</b>, a picture of it; run the cell to work with it."
        return style.panel(head + style.definitions(self._facts)) + diagrams.ladder(self.transcript)._repr_html_()

    # What there is to do

    def connect(self, host: str | None = None) -> SessionReply | None:
        """Open a new session in the lab, and leave the old one.

        Args:
            host: the host's name; None for the one in the list.

        Returns:
            The greeting.
        """
        if self.lab is None:
            how = "as this one was, with smtplab.connect or with telnet of the exercise"
            raise ValueError(f"a new session outside a lab is opened {how}")
        return self._attempt(partial(self._connect, self.lab, host or self._hosts.value))

    def _connect(self, lab: Lab, host: str) -> SessionReply | None:
        session = lab.telnet(host)
        if self.session is not None:
            self.session.close()
        self.session, self.host = session, session.host
        self._offer()
        return session.greeting

    def say(self, verb: str, argument: str | None = None) -> SessionReply | None:
        """Say a command, legal or not.

        Args:
            verb: such as ``MAIL``.
            argument: what stands behind it, without ``FROM:`` and ``TO:``; None for what its field holds, which is
                nothing for a verb that has no field.
        """
        slot = SLOT_OF.get(verb.upper())
        if slot is None:
            return self.type(f"{verb} {argument or ''}".rstrip(" "))
        return self.type(slot.line(verb, self.fields[slot].value if argument is None else argument))

    def click(self, verb: str) -> SessionReply | None:
        """Press the button of a verb: say it with what its field holds. A button that is off does nothing."""
        verb = verb.upper()
        if verb not in self.buttons:
            self._refuse(f"there is no button {verb}; there are {', '.join(self.buttons)}")
        elif reason := self.why_not(verb):
            self._refuse(f"the button {verb} is off: {reason[:1].lower()}{reason[1:].removesuffix('.')}")
        else:
            return self.say(verb)
        return None

    def type(self, line: str) -> SessionReply | None:
        """Send any line, as the raw line does: a command, a mistake, or a line of the message."""
        return self._attempt(lambda: self._open().send(line))

    def send_line(self) -> SessionReply | None:
        """Send the first line of the message area, and take it out of there."""
        return self._area.send_line()

    def send_lines(self) -> SessionReply | None:
        """Send all lines of the message area, one after the other."""
        return self._area.send_lines()

    def _send_from_area(self, text: str, rest: str) -> SessionReply | None:
        def send() -> SessionReply | None:
            reply = self._open().send(text)
            self.message = rest
            return reply

        return self._attempt(send)

    def end_message(self) -> SessionReply | None:
        """Send the lone dot that ends the message."""
        return self.type(".")

    def undo(self) -> None:
        """Take the last step back, in the lab."""
        self._attempt(self._take_back)

    def _take_back(self) -> None:
        self._open().undo()
        self._came_from = ".smtplab-undo" if self._now.said_anything else ""

    @property
    def message(self) -> str:
        """What stands in the message area: the lines that are still to be sent."""
        return self._area.text

    @message.setter
    def message(self, text: str) -> None:
        self._area.text = text

    def look_at(self, what: str) -> None:
        """Choose what is shown below: one of `views`."""
        if what in self.views:
            self._choice.value = what
            self._settle()
        else:
            self._refuse(f"there is no view {what!r}; there are {', '.join(self.views)}")

    @property
    def views(self) -> tuple[str, ...]:
        """What can be shown below the buttons."""
        return tuple(self._choice.options)

    def _open(self) -> Session:
        if self.session is None:
            raise ValueError("there is no session yet; connect with a host first")
        return self.session

    # The parts

    def _build(self) -> None:
        self.fields = {slot: Field(slot, partial(self._enter, slot)) for slot in SLOTS}
        self.buttons = {verb: self._verb_button(verb) for verb in VERBS}
        groups = [
            ipywidgets.HBox([*(self.buttons[verb] for verb in slot.verbs), self.fields[slot].view]) for slot in SLOTS
        ]
        names = [] if self.lab is None else [host.name for host in self.lab.hosts]
        self._hosts = ipywidgets.Dropdown(
            options=list(dict.fromkeys([*names, self.host])), value=self.host, description="host"
        ).add_class("smtplab-hosts")
        self._dial = button(f"telnet to port {SMTP_PORT}", self.connect, "smtplab-connect")
        self._undo = button("undo the last step", self.undo, "smtplab-undo")
        self._area = MessageArea(self._send_from_area, self.end_message)
        self._status, self._not_now = html("smtplab-status"), html("smtplab-off")
        self._last, self._figure = html("smtplab-reply"), html("smtplab-figure")
        dial = ipywidgets.HBox([self._hosts, self._dial, self._undo])
        show(self._hosts, self.lab is not None)
        show(self._dial, self.lab is not None)
        self._choice = ipywidgets.Dropdown(
            options=["ladder", "state machine", "octets", "SMTP cell", "Python"], description="show"
        )
        self._choice.observe(lambda _: self._refresh(), "value")
        self._arrange(
            [
                dial,
                self._status,
                ipywidgets.Box(groups).add_class("smtplab-groups"),
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
        self.raw = Line("raw line", "any line, right or wrong", self._send_raw, clears=True).add_class("smtplab-raw")
        send = button("send as it is", lambda: self.raw.enter(self.raw.value), "smtplab-send")
        return ipywidgets.HBox([self.raw, send])

    def _send_raw(self, line: str) -> None:
        self._came_from = ".smtplab-raw"
        self.type(line)

    def _enter(self, slot: Slot, _: str) -> None:
        """Say the first verb of a field that may come."""
        legal = self.legal
        self.click(next((verb for verb in slot.verbs if verb in legal), slot.verbs[0]))

    # What follows

    _came_from = ""  # where the focus shall stay
    _seen = Moment.of(None)  # how the session stood when the view was brought up to date
    _moved = False  # whether the last action led to another state

    def _offer(self) -> None:
        """Fill the fields with what is known at the host."""
        for slot, field in self.fields.items():
            field.offer(choices(slot, () if self.lab is None else self.lab.hosts, self.host))
        if self.host in self._hosts.options:
            self._hosts.value = self.host

    def _refresh(self) -> None:
        now = self._now
        self._moved, self._seen = self._seen.state is not now.state, now
        for verb, pressed in self.buttons.items():
            reason = now.why_not(verb)
            pressed.disabled = bool(reason)
            pressed.tooltip = f"Not now. {reason}" if reason else f"{VERBS[verb].syntax}: {VERBS[verb].summary}"
        self._status.value = self._status_html(now)
        self._not_now.value = self._not_now_html(now)
        self._last.value = self._last_html(now)
        self._area.refresh(now.in_message)
        self._refresh_undo(now)
        copies = {
            _CELL: smtp_cell(now.transcript, self.host, self._port),
            _PYTHON: python(now.transcript, self._opened),
        }
        self._figure.value = self._figure_html(now, copies)
        self._frontend.texts = copies

    def _refresh_undo(self, now: Moment) -> None:
        said = now.said_anything
        final = "" if self.session is None else self.session.irrevocable
        self._undo.disabled = bool(final) or not said
        if final:
            self._undo.tooltip = sentence(final)
        else:
            self._undo.tooltip = "As if it had never been said." if said else "Nothing was said yet."

    def _status_html(self, now: Moment) -> str:
        if self.session is None:
            return style.panel("No session is open.")
        phase = now.phase
        color = style.PHASE_COLORS[phase]
        facts = f"{style.chip(phase.value, color)} <b>{style.escape(now.state.value)}</b>"
        return style.panel(f"{facts} {style.quiet(f'| with {self.host}')}", color)

    def _not_now_html(self, now: Moment) -> str:
        found = reasons(now.state)
        if not found:
            return ""
        lines = "<br>".join(f"{style.code(', '.join(verbs))}: {style.escape(first)}." for first, verbs in found.items())
        hint = "To see what the server says to it all the same, type it as a raw line." if now.legal else ""
        return f"<b>Off now</b> {style.quiet(hint)}<br>{lines}"

    def _last_html(self, now: Moment) -> str:
        explanation = None if now.reply is None else now.reply.explanation
        if explanation is None:
            return ""
        more = {name: explanation.lines.get(name, "") for name in ("next", "mend", "strictly", "lecture")}
        told = style.definitions({name: line for name, line in more.items() if line})
        return explanation.reply_html() + style.panel(told, style.SEVERITY_COLORS[explanation.severity])

    def _figure_html(self, now: Moment, copies: dict[str, str]) -> str:
        match self._choice.value:
            case "ladder":
                return diagrams.ladder(now.transcript)._repr_html_()
            case "state machine":
                return diagrams.state_machine(now.transcript)._repr_html_()
            case "octets":
                return octets(now.transcript)._repr_html_()
            case "SMTP cell":
                return style.code(copies[_CELL])
            case _:
                return style.code(copies[_PYTHON])

    def _announce(self) -> None:
        now = self._seen
        self._frontend.said = self.problem or f"{'' if now.reply is None else now.reply} Now: {now.state.value}."
        if target := self._next_control(now):
            self._frontend.focus_on(target)

    def _next_control(self, now: Moment) -> str:
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
