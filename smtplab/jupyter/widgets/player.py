"""Play a conversation line by line, forth and back: the growing ladder, the state, the octets of each line.

    player = smtplab.SessionPlayer(session)
    player.forward()                        # what a button does, from a cell

The ladder names the states from the level ``states`` of `cards` on.

The player has a copy of the conversation; the session may go on meanwhile.
"""

from __future__ import annotations

import ipywidgets

from ...base.printed import listed
from ...explain.cards import cards
from ...lab import diagrams
from ...lab.recorded import Recorded, transcript_of
from ...protocol.states import Phase, State
from ...show import style
from ...show.octets import Octets, octets
from ...transcript import Row, Side, Transcript
from .. import sentences
from .frontend import Frontend, Slider
from .widget import Widget, button, html

# How often the pause between two lines fits into the usual one, and what the list of speeds says.
_SPEEDS = {0.5: "half as fast", 1.0: "normal", 2.0: "twice as fast", 4.0: "four times as fast"}
_SHORTEST = 100  # milliseconds between two lines
_SPEAKERS = {Side.CLIENT: "the client", Side.SERVER: "the server", Side.NOTE: "not on the wire"}


class SessionPlayer(Widget):
    """A player for transcripts.

    Args:
        source: a session, or a transcript.
        seconds: how long each line stays while it plays at normal speed, 0.1 or more.
    """

    def __init__(self, source: Recorded, *, seconds: float = 1.5) -> None:
        super().__init__(Frontend("Session player"))
        self.transcript = Transcript(transcript_of(source))
        self._position = 0
        self._slider = Slider("line", ["before the first line", *map(str, self.transcript)])
        # It counts and is not seen: its own buttons have no names.
        self._seconds = seconds
        self._clock = ipywidgets.Play(max=len(self), layout={"display": "none"})
        self._speed = ipywidgets.Dropdown(
            options=[(name, speed) for speed, name in _SPEEDS.items()],
            value=1.0,
            description="speed",
            layout={"width": "max-content"},
        ).add_class("smtplab-speed")
        self._head, self._octets = html(), html()
        self._ladder = html("smtplab-scroll")
        self._play = button("play", self._play_or_pause, "smtplab-play")
        buttons = [
            button("to the beginning", lambda: self.go_to(0), "smtplab-first"),
            button("back", self.back, "smtplab-back"),
            self._play,
            button("forward", self.forward, "smtplab-forward"),
            button("to the end", lambda: self.go_to(len(self)), "smtplab-last"),
        ]
        self._arrange(
            [ipywidgets.HBox([*buttons, self._speed]), self._slider, self._clock],
            [self._ladder, self._head, self._octets],
        )
        self._speed.observe(lambda _: self._keep_time(), "value")
        self._keep_time()
        self._slider.observe(lambda change: self._moved(change["new"]), "value")
        self._clock.observe(lambda change: self._moved(change["new"]), "value")
        self._clock.observe(lambda _: self._refresh(), "playing")
        self._refresh()

    def __len__(self) -> int:
        return len(self.transcript)

    # What there is to see

    @property
    def position(self) -> int:
        """How many lines have been played."""
        return self._position

    @property
    def row(self) -> Row | None:
        """The last line that was played; None before the first."""
        return self.transcript[self._position - 1] if self._position else None

    @property
    def played(self) -> Transcript:
        """The conversation up to the last line that was played."""
        return Transcript(self.transcript[: self._position])

    @property
    def state(self) -> State:
        """The state after that line."""
        return State.CONNECTED if self.row is None else self.row.state

    @property
    def phase(self) -> Phase:
        """The phase to which that line belongs."""
        return Phase.CONNECTION_ESTABLISHMENT if self.row is None else self.row.phase

    @property
    def octets(self) -> Octets:
        """The octets of that line; none for a note, which is not on the wire."""
        return octets([] if self.row is None else self.row)

    @property
    def playing(self) -> bool:
        """True while it plays by itself. The page keeps the time."""
        return bool(self._clock.playing)

    @property
    def _facts(self) -> dict[str, str]:
        row = self.row
        return {
            "line": f"{self._position} of {len(self)}",
            "said": "nothing yet" if row is None else str(row),
            "by": "nobody" if row is None else _SPEAKERS[row.side],
            "phase": self.phase.value,
            "state": self.state.value,
        }

    def __str__(self) -> str:
        said = filter(None, [str(self.octets), str(self.transcript)])
        return "\n".join(["Session player", listed(self._facts), *said])

    @property
    def picture(self) -> str:
        """The still picture as HTML."""
        head = "<b>Session player</b>, a picture of it; run the cell to work with it."
        facts = style.panel(head + style.definitions(self._facts), style.PHASE_COLORS[self.phase])
        return facts + self._octets_html() + diagrams.ladder(self.transcript, states=cards.states)._repr_html_()

    # What there is to do

    def go_to(self, position: int) -> None:
        """Go to a line.

        Args:
            position: 0 is before the first line; a number that is too large is the last line.
        """
        self._attempt(lambda: self._set(min(max(position, 0), len(self))))

    def forward(self) -> None:
        """Play one line more."""
        self.go_to(self._position + 1)

    def back(self) -> None:
        """Take one line back."""
        self.go_to(self._position - 1)

    def play(self) -> None:
        """Play by itself; at the end, start again from the beginning."""
        if self._position == len(self):
            self.go_to(0)
        self._clock.playing = True

    def pause(self) -> None:
        """Stay at this line."""
        self._clock.playing = False

    @property
    def speed(self) -> float:
        """How fast it plays: 1 is normal, 0.5 half as fast; or 2, or 4."""
        return float(self._speed.value)

    @speed.setter
    def speed(self, speed: float) -> None:
        if speed not in _SPEEDS:
            known = ", ".join(f"{each:g}" for each in _SPEEDS)
            raise ValueError(sentences.NO_SUCH_SPEED.format(speed=speed, known=known))
        self._speed.value = speed

    def _keep_time(self) -> None:
        self._clock.interval = max(_SHORTEST, round(1000 * self._seconds / self.speed))

    def _play_or_pause(self) -> None:
        if self.playing:
            self.pause()
        else:
            self.play()

    def _moved(self, position: int) -> None:
        """Follow the slider, or the clock."""
        if position != self._position:
            self.go_to(position)

    def _set(self, position: int) -> None:
        self._position = self._slider.value = self._clock.value = position

    def _octets_html(self) -> str:
        return self.octets._repr_html_() if self.octets.lines else ""

    def _refresh(self) -> None:
        color = style.PHASE_COLORS[self.phase]
        self._play.description = "pause" if self.playing else "play"
        self._head.value = style.panel(style.definitions(self._facts), color)
        self._octets.value = self._octets_html()
        self._ladder.value = diagrams.ladder(self.played, mark_last=True, states=cards.states)._repr_html_()

    def _announce(self) -> None:
        said = self._facts
        self._frontend.said = f"Line {said['line']}: {said['said']}. {said['state']}."
