"""Play what the queues of a lab have done, moment by moment: hosts, what waits at each, and messages that move.

    player = smtplab.QueuePlayer(lab)
    player.forward()                        # what a button does, from a cell

The player shows what has happened until it was made; time may pass in the lab meanwhile.
"""

from __future__ import annotations

from ...base.printed import listed, plural
from ...lab.diagrams.queue_picture import QueueMoment, queue_moments, queue_picture
from ...lab.internet import Lab
from ...lab.queue_log import short_time
from ...show import style
from ...show.figure import Figure
from .playing import Player
from .widget import html


class QueuePlayer(Player):
    """A player for the queues of a lab.

    Args:
        lab: a lab whose hosts queue.
        seconds: how long each moment stays while it plays at normal speed, 0.1 or more.

    Raises:
        ValueError: if the lab has no queues.
    """

    def __init__(self, lab: Lab, *, seconds: float = 1.5) -> None:
        self.moments = queue_moments(lab)
        self._lab = lab
        super().__init__("Queue player", "moment", [_stop(each) for each in self.moments], seconds)
        self._picture, self._head = html(), html()
        self._set_up([self._picture, self._head])

    def __len__(self) -> int:
        return len(self.moments) - 1

    @property
    def moment(self) -> QueueMoment:
        """The present moment."""
        return self.moments[self._position]

    @property
    def _facts(self) -> dict[str, str]:
        waiting = sum(map(len, self.moment.waiting.values()))
        return {
            "moment": f"{self._position} of {len(self)}",
            "time": short_time(self.moment.time),
            "waiting": plural(waiting, "entry", "entries"),
            "down": ", ".join(self.moment.down) or "no host",
        }

    def __str__(self) -> str:
        return "\n".join(["Queue player", listed(self._facts), str(self._drawn)])

    @property
    def _drawn(self) -> Figure:
        return queue_picture(self._lab, self.moment, among=self.moments)

    @property
    def picture(self) -> str:
        """The still picture as HTML."""
        head = "<b>Queue player</b>, a picture of it; run the cell to work with it."
        return style.panel(head + style.definitions(self._facts)) + self._drawn._repr_html_()

    def _refresh(self) -> None:
        super()._refresh()
        self._head.value = style.panel(style.definitions(self._facts))
        self._picture.value = self._drawn._repr_html_()

    def _announce(self) -> None:
        self._frontend.said = f"Moment {self._facts['moment']}: {_stop(self.moment)}"


def _stop(moment: QueueMoment) -> str:
    """Return the word for a moment on the slider."""
    return " ".join([f"{short_time(moment.time)}.", *moment.told])
