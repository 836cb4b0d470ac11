"""Take a reply code apart: what each digit means, what a client does, and which causes bring the reply about.

    explorer = smtplab.ReplyExplorer(552)
    explorer.provoke()                      # what the button does: the transcript of a session that ends in 552

The words come from `CODES` and the causes from `CAUSES`. A cause is brought about live, in a new lab.
"""

from __future__ import annotations

import ipywidgets

from ...base.printed import listed, sentence
from ...explain.causes import Cause, causes_of
from ...explain.explainer import explain
from ...lab import diagrams
from ...lab.provoking import provoke
from ...protocol.codes import CODES, NO_CATEGORY, Code, classify
from ...show import style
from ...transcript import Transcript
from .. import sentences
from .code_field import CodeField
from .frontend import Frontend
from .widget import Widget, button, html, show

_NOT_LISTED = "(a code that no RFC here defines)"
_FIRST_CODE = 250  # what a client hears most


def digits(code: Code) -> tuple[tuple[str, str, str], ...]:
    """Take a code apart.

    Returns:
        For each digit a mask such as ``5yz``, its name, and its meaning.
    """
    first, second, third = (f"{code.number:03d}"[at] for at in range(3))
    severity, category = code.severity, code.category
    return (
        (
            f"{first}yz",
            "No severity" if severity is None else severity.phrase,
            code.meaning if severity is None else severity.meaning,
        ),
        (
            f"x{second}z",
            "No category" if category is None else category.phrase,
            NO_CATEGORY if category is None else category.meaning,
        ),
        (f"xy{third}", "Which one", _which_one(code)),
    )


def _which_one(code: Code) -> str:
    """Say from which other codes the third digit distinguishes a code."""
    begin = f"{code.number:03d}"[:2]
    siblings = [str(number) for number in CODES if str(number).startswith(begin) and number != code.number]
    if not code.known:
        return f"No RFC here defines {code.number:03d}. A client goes by its first digit."
    if not siblings:
        return f"No other code begins with {begin}."
    return f"It distinguishes {code.number} from {', '.join(siblings)}."


def _digit(mask: str) -> str:
    """Return a mask such as ``x5z`` as HTML, with the digit in bold."""
    return "".join(f"<b>{sign}</b>" if sign.isdigit() else style.quiet(sign) for sign in mask)


class ReplyExplorer(Widget):
    """A reply code, taken apart and brought about.

    Args:
        code: the first code to look at; 250 by default.
    """

    def __init__(self, code: int | str | None = None) -> None:
        super().__init__(Frontend("Reply explorer"))
        self.code = classify(_FIRST_CODE if code is None else code)
        self.transcript: Transcript | None = None
        self._field = CodeField(self._typed, (_NOT_LISTED,))
        self._causes = ipywidgets.Dropdown(description="cause", layout={"width": "100%"})
        self._button = button("make it happen", self.provoke, "smtplab-provoke")
        self._about, self._result = html(), html()
        self._arrange(
            [
                self._field.view,
                self._about,
                ipywidgets.HBox([self._causes, self._button]),
            ],
            [self._result],
        )
        self._shown: Code | None = None
        self._refresh()
        self._field.list.observe(lambda change: self._picked(change["new"]), "value")
        self._causes.observe(lambda _: self._forget(), "value")

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes of the code in the lab; none if the lab's server never gives it."""
        return causes_of(self.code.number)

    @property
    def cause(self) -> Cause | None:
        """The chosen cause."""
        return self.causes[self._causes.index] if self.causes else None

    def pick(self, code: int | str) -> Code | None:
        """Look at a code.

        Args:
            code: three digits, known or not.

        Returns:
            The code; None if it is not valid, and `problem` says so.
        """
        return self._attempt(lambda: self._look_at(code))

    def choose(self, number: int) -> None:
        """Choose a cause by its number in the list, from 1."""
        if 0 < number <= len(self.causes):
            self._causes.index = number - 1
            self._settle()
        else:
            there_are = sentences.NO_SUCH_CAUSE.format(number=number, count=len(self.causes))
            self._refuse(there_are if self.causes else self._no_cause)

    def provoke(self) -> Transcript | None:
        """Bring the chosen cause about in a new lab.

        Returns:
            The conversation; None if there is no cause, and `problem` says so.
        """
        return self._attempt(self._provoke)

    def _look_at(self, code: int | str) -> Code:
        self.code, self.transcript = classify(code), None
        return self.code

    def _provoke(self) -> Transcript:
        cause = self.cause
        if cause is None:
            raise ValueError(self._no_cause)
        self.transcript = provoke(cause)
        return self.transcript

    @property
    def _no_cause(self) -> str:
        return sentences.NO_CAUSE_OF.format(code=f"{self.code.number:03d}")

    # What is shown

    @property
    def _facts(self) -> dict[str, str]:
        return {mask: f"{name}. {meaning}" for mask, name, meaning in digits(self.code)} | self._said_of_it

    @property
    def _said_of_it(self) -> dict[str, str]:
        code = self.code
        lines = {
            "meaning": "" if code.severity is None else code.meaning,
            "client": code.advice,
            "lecture": code.lecture or "It is not among the lecture's codes.",
            "defined in": code.rfc,
        }
        return {name: line for name, line in lines.items() if line}

    def _listed(self) -> dict[str, str]:
        causes = {f"cause {number}": f"{cause.sentence} ({cause.rfc})" for number, cause in enumerate(self.causes, 1)}
        return causes or {"cause": sentence(self._no_cause)}

    def __str__(self) -> str:
        said = [] if self.transcript is None else [str(self.transcript)]
        return "\n".join([f"Reply explorer: {self.code}", listed(self._facts | self._listed()), *said])

    @property
    def picture(self) -> str:
        """The still picture as HTML."""
        head = f"<b>Reply explorer</b>, a picture of it; run the cell to work with it.<br>{self._chip()}"
        return style.panel(head + self._told(), self._color) + self._result_html()

    def _told(self) -> str:
        """Return the facts about the code as HTML."""
        return self._cards() + style.definitions(self._said_of_it | self._listed())

    @property
    def _color(self) -> str:
        severity = self.code.severity
        return style.NEUTRAL if severity is None else style.SEVERITY_COLORS[severity]

    def _chip(self) -> str:
        return style.chip(str(self.code), self._color)

    def _cards(self) -> str:
        """Return the three digits side by side as HTML, each with its meaning."""
        cards = (
            f'<div style="flex: 1 1 200px; border: 1px solid; border-radius: 4px; padding: 4px 8px">'
            f'<span style="font-family: monospace; font-size: 150%">{_digit(mask)}</span> '
            f"<b>{style.escape(name)}</b><br>{style.escape(meaning)}</div>"
            for mask, name, meaning in digits(self.code)
        )
        return f'<div style="display: flex; flex-wrap: wrap; gap: 8px; margin: 6px 0">{"".join(cards)}</div>'

    def _result_html(self) -> str:
        if self.transcript is None:
            return ""
        return explain(self.transcript)._repr_html_() + diagrams.ladder(self.transcript)._repr_html_()

    def _refresh(self) -> None:
        if self._shown is not self.code:
            self._field.pick(str(self.code.number), otherwise=_NOT_LISTED)
            named = [(f"{number}. {cause.sentence}", number) for number, cause in enumerate(self.causes, 1)]
            self._causes.options = named
            self._causes.index = 0 if named else None
            self._shown = self.code  # from now on, another cause was chosen by somebody
        self._about.value = style.panel(self._chip() + self._told(), self._color)
        self._result.value = self._result_html()
        for part in (self._causes, self._button):
            show(part, bool(self.causes))
        self._button.tooltip = "A new lab is made, the cause brought about, and the session held."

    def _picked(self, value: str) -> None:
        if value not in (_NOT_LISTED, str(self.code.number)):
            self.pick(value)

    def _typed(self, text: str) -> None:
        self.pick(text.strip())

    def _forget(self) -> None:
        """Remove the last session from the page, because it was about another cause."""
        if self.transcript is not None:
            self.transcript = None
            self._settle()

    def _announce(self) -> None:
        said = self.problem
        if not said and self.transcript is not None:
            said = f"It happened: {explain(self.transcript).reply}"
        self._frontend.said = said or self.code.summary
