"""Set how much the card of a reply says in a notebook, so that the course can introduce its terms one after the other.

A card has the lines of the reply, its class, and why it came. At the level ``words`` the class is a word: done, go on,
not now, never. At ``states`` the card also says how the state changed. At ``digits`` it also says what the digits of
the code mean, such as ``2yz Positive Completion; x5z Mail system``. A new kernel starts at ``words``; a notebook raises
the level in the cell after it has taught the terms, and a notebook that needs them sets it in its first cell::

    smtplab.cards.level = "digits"          # in the SMTP kernel: %cards digits

A card is full if the conversation has not had the same answer to the same verb, and always for a refusal; else it is
one line. The conversation decides, so that cards look the same when a notebook runs again.

``why()``, help pages and figures follow the level in a notebook; in a script, where nobody raises it, they have all.
The text of a reply, ``str(reply)``, never depends on these settings.
"""

from __future__ import annotations

from ..base.printed import running_shell
from ..protocol.codes import Severity
from ..show.style import SEVERITY_WORDS
from . import sentences

LEVELS = ("words", "states", "digits")


class Cards:
    """The settings of the cards of a kernel."""

    def __init__(self) -> None:
        self._level = LEVELS[0]
        self._brief: bool | None = None

    @property
    def level(self) -> str:
        """What a full card says: ``words``, ``states`` or ``digits``, each with all of the one before."""
        return self._level

    @level.setter
    def level(self, level: str) -> None:
        if level not in LEVELS:
            raise ValueError(sentences.NO_SUCH_LEVEL.format(level=level, levels=", ".join(LEVELS)))
        self._level = level

    @property
    def brief(self) -> bool | None:
        """True for one line for each reply but a refusal; False for full cards; None for full ones where it is new."""
        return self._brief

    @brief.setter
    def brief(self, brief: bool | None) -> None:
        self._brief = brief

    @property
    def states(self) -> bool:
        """True if cards say how the state changed."""
        return self._level != LEVELS[0]

    @property
    def digits(self) -> bool:
        """True if cards also say what the digits of the code mean."""
        return self._level == LEVELS[-1]

    @property
    def explains_states(self) -> bool:
        """True if `why()` says how the state changed: from the level ``states`` on, and always in a script."""
        return self.states or running_shell() is None

    @property
    def explains_digits(self) -> bool:
        """True if `why()` explains the digits, and figures use them: at the level ``digits``, always in a script."""
        return self.digits or running_shell() is None

    def name_of(self, severity: Severity) -> str:
        """Return the name of a class of replies in figures: ``2yz`` if digits are explained, else ``done``."""
        return severity.mask if self.explains_digits else SEVERITY_WORDS[severity]

    def is_full(self, *, refused: bool, again: bool) -> bool:
        """Return True if the card of a reply is full.

        Args:
            refused: True if the reply is a refusal.
            again: True if the conversation has had the same answer to the same verb before.
        """
        if refused or self._brief is None:
            return refused or not again
        return not self._brief

    def reset(self) -> None:
        """Return to the settings of a new kernel."""
        self._level, self._brief = LEVELS[0], None


cards = Cards()
"""The settings of this kernel."""
