"""The base of players: a slider over stops, buttons, a clock that counts by itself, and a list of speeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import ipywidgets

from .. import sentences
from .frontend import Frontend, Slider
from .widget import Widget, button

# How often the pause between two stops fits into the usual one, and what the list of speeds says.
_SPEEDS = {0.5: "half as fast", 1.0: "normal", 2.0: "twice as fast", 4.0: "four times as fast"}
_SHORTEST = 100  # milliseconds between two stops


class Player(Widget):
    """Something that is played stop by stop, forth and back, or by itself.

    Args:
        name: its name, for screen readers.
        unit: what a stop is: the label of the slider.
        stops: a word for each stop, the beginning included.
        seconds: how long each stop stays while it plays at normal speed, 0.1 or more.
    """

    def __init__(self, name: str, unit: str, stops: Sequence[str], seconds: float) -> None:
        super().__init__(Frontend(name))
        self._last = len(stops) - 1
        self._position = 0
        self._slider = Slider(unit, list(stops))
        # It counts and is not seen: its own buttons have no names.
        self._seconds = seconds
        self._clock = ipywidgets.Play(max=self._last, layout={"display": "none"})
        self._speed = ipywidgets.Dropdown(
            options=[(name, speed) for speed, name in _SPEEDS.items()],
            value=1.0,
            description="speed",
            layout={"width": "max-content"},
        ).add_class("smtplab-speed")
        self._play = button("play", self._play_or_pause, "smtplab-play")

    def _set_up(self, parts: Iterable[Any]) -> None:
        """Arrange the controls and, below them, what shows the present stop; then keep all of them together."""
        buttons = [
            button("to the beginning", lambda: self.go_to(0), "smtplab-first"),
            button("back", self.back, "smtplab-back"),
            self._play,
            button("forward", self.forward, "smtplab-forward"),
            button("to the end", lambda: self.go_to(self._last), "smtplab-last"),
        ]
        self._arrange([ipywidgets.HBox([*buttons, self._speed]), self._slider, self._clock], parts)
        self._speed.observe(lambda _: self._keep_time(), "value")
        self._keep_time()
        self._slider.observe(lambda change: self._moved(change["new"]), "value")
        self._clock.observe(lambda change: self._moved(change["new"]), "value")
        self._clock.observe(lambda _: self._refresh(), "playing")
        self._refresh()

    @property
    def position(self) -> int:
        """The present stop; 0 is the beginning."""
        return self._position

    @property
    def playing(self) -> bool:
        """True while it plays by itself. The page keeps the time."""
        return bool(self._clock.playing)

    def go_to(self, position: int) -> None:
        """Go to a stop.

        Args:
            position: 0 is the beginning; a number that is too large is the end.
        """
        self._attempt(lambda: self._set(min(max(position, 0), self._last)))

    def forward(self) -> None:
        """Go one stop on."""
        self.go_to(self._position + 1)

    def back(self) -> None:
        """Go one stop back."""
        self.go_to(self._position - 1)

    def play(self) -> None:
        """Play by itself; at the end, start again from the beginning."""
        if self._position == self._last:
            self.go_to(0)
        self._clock.playing = True

    def pause(self) -> None:
        """Stay at this stop."""
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

    def _refresh(self) -> None:
        self._play.description = "pause" if self.playing else "play"
