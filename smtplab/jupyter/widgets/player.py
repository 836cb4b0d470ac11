"""Play a conversation line by line, forth and back: the growing ladder, the state, the octets of each line.

    player = smtplab.SessionPlayer(session)
    player.forward()                        # what a button does, from a cell

The ladder names the states from the level ``states`` of `cards` on.

The player has a copy of the conversation; the session may go on meanwhile.
"""

from __future__ import annotations

from ...base.printed import listed
from ...explain.cards import cards
from ...lab import diagrams
from ...lab.recorded import Recorded, transcript_of
from ...protocol.states import Phase, State
from ...show import style
from ...show.octets import Octets, octets
from ...transcript import Row, Side, Transcript
from .playing import Player
from .widget import html

_SPEAKERS = {Side.CLIENT: "the client", Side.SERVER: "the server", Side.NOTE: "not on the wire"}


class SessionPlayer(Player):
    """A player for transcripts.

    Args:
        source: a session, or a transcript.
        seconds: how long each line stays while it plays at normal speed, 0.1 or more.
    """

    def __init__(self, source: Recorded, *, seconds: float = 1.5) -> None:
        self.transcript = Transcript(transcript_of(source))
        stops = ["before the first line", *map(str, self.transcript)]
        super().__init__("Session player", "line", stops, seconds)
        self._head, self._octets = html(), html()
        self._ladder = html("smtplab-scroll")
        self._set_up([self._ladder, self._head, self._octets])

    def __len__(self) -> int:
        return len(self.transcript)

    # What there is to see

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

    def _octets_html(self) -> str:
        return self.octets._repr_html_() if self.octets.lines else ""

    def _refresh(self) -> None:
        color = style.PHASE_COLORS[self.phase]
        super()._refresh()
        self._head.value = style.panel(style.definitions(self._facts), color)
        self._octets.value = self._octets_html()
        self._ladder.value = diagrams.ladder(self.played, mark_last=True, states=cards.states)._repr_html_()

    def _announce(self) -> None:
        said = self._facts
        self._frontend.said = f"Line {said['line']}: {said['said']}. {said['state']}."
