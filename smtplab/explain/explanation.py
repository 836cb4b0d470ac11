"""The explanation of a reply as a value, with its text form and its HTML: why it came and what to do now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..base.printed import Printed, listed
from ..protocol.codes import Category, Code, Severity, classify
from ..protocol.extensions import Offer
from ..protocol.replies import Reply
from ..protocol.states import MESSAGE, State, is_legal, leading_verbs, legal_verbs
from ..show import style
from .cards import cards
from .misconceptions import Belief
from .reasons import EVERY_SERVER_HAS, OWN_SERVER
from .spelling import lecture_spelling, what_was_meant

_FEW = 3  # verbs that a card names before the notebook has explained states
_ANEW = "The connection is gone; `telnet` opens a new one."
_NOTHING_LEGAL = {True: "no verb; every line belongs to the message until the lone dot", False: "nothing"}


@dataclass(frozen=True, slots=True, repr=False)
class Explanation(Printed):
    """Why a reply came and what to do now; ``str`` gives its text, a notebook shows a table.

    Args:
        said: the line that was answered; the size if it was a message, empty if the server spoke unasked.
        reply: the reply.
        reason: why it came, in one sentence.
        rule: what such a reply means in every session, in one sentence.
        rfc: the section that defines the rule.
        before: the state in which the line was read.
        after: the state that the reply led to.
        advice: how to fix the cause of a refusal; what comes next after a success.
        suggestion: the verb that was probably meant; empty if the line has a valid verb.
        note: what another server might refuse although this one accepted it, in one sentence; empty if nothing.
        lecture: what the lecture says where it differs; empty if it agrees.
        name: the canonical reply in `NAMES` that this one matches, such as ``RELAY_DENIED``; empty if it matches none.
        over: True if the connection has closed since, so that nothing may be sent.
        in_force: the extensions in force after the reply, which may bring verbs.
        follows: which earlier refusal the reply follows from, in one sentence; empty if from none.
        queue: what the host's queue does next with the messages of this conversation that wait; empty if none does.
        again: True if the conversation has had the same code for the same verb before.
        belief: the wrong belief that the conversation shows with this reply; None if it shows none.
    """

    said: str
    reply: Reply
    reason: str
    rule: str
    rfc: str
    before: State
    after: State
    advice: str
    suggestion: str = ""
    note: str = ""
    lecture: str = ""
    name: str = ""
    follows: str = ""
    queue: str = ""
    over: bool = False
    in_force: Offer = field(default_factory=dict, compare=False, repr=False)
    again: bool = False
    belief: Belief | None = None

    @property
    def code(self) -> Code:
        """The meaning of the reply's code."""
        return classify(self.reply.code)

    @property
    def severity(self) -> Severity:
        """The meaning of the first digit."""
        return self.reply.severity

    @property
    def _word(self) -> str:
        return style.SEVERITY_WORDS[self.severity]

    @property
    def category(self) -> Category | None:
        """The meaning of the second digit; None if RFC 5321 gives it none."""
        return self.reply.category

    @property
    def legal(self) -> tuple[str, ...]:
        """The verbs that are legal now; of a student's server, those that every server has."""
        verbs = () if self.over else legal_verbs(self.after, self.in_force)
        is_own = self.reply.name == OWN_SERVER
        return tuple(verb for verb in verbs if verb in EVERY_SERVER_HAS) if is_own else verbs

    def _legal_in_words(self) -> str:
        """Name the verbs that lead on first, then the others; only a few where states are not explained yet."""
        if not self.legal:
            return _NOTHING_LEGAL[is_legal(self.after, MESSAGE) and not self.over]
        leading = leading_verbs(self.after, self.in_force)
        named = sorted(self.legal, key=lambda verb: verb not in leading)[: None if cards.explains_states else _FEW]
        groups = [[verb for verb in named if (verb in leading) is leads] for leads in (True, False)]
        told = "; also ".join(", ".join(verbs) for verbs in groups if verbs)
        left = len(self.legal) - len(named)
        return f"{told} and {left} more" if left else told

    @property
    def change(self) -> str:
        """The state before and after the reply."""
        if self.before is self.after:
            return f"unchanged: {self.after.value}"
        return f"{self.before.value} -> {self.after.value}"

    @property
    def question(self) -> str:
        """What the suggested verb has to do with the line; empty without a suggestion, or if the reason names it."""
        named = re.search(rf"\b{self.suggestion}\b", self.reason)
        return what_was_meant(self.said, self.suggestion) if self.suggestion and not named else ""

    @property
    def _why(self) -> str:
        return f"{self.reason} {self.question}".rstrip()

    @property
    def lines(self) -> Mapping[str, str]:
        """The explanation line by line, each with its name; empty ones are left out, and those above `cards.level`."""
        lost = self.over and self.after is not State.CLOSED
        lines = {
            "said": self.said,
            "why": self.reason if lecture_spelling(self.said) else self._why,  # the line "lecture" says it
            "because": self.follows,
            "rule": f"{self.rule} ({self.rfc})",
            "class": self._word,
            "digits": _digits(self.reply) if cards.explains_digits else "",
            "state": self.change if cards.explains_states else "",
            "legal now": self._legal_in_words(),
            "next" if self.reply.is_positive else "fix": _ANEW if lost and self.reply.is_positive else self.advice,
            "strictly": self.note,
            "lecture": self.lecture,
            "queue": self.queue,
            "belief": self.belief.told if self.belief else "",
        }
        return {name: line for name, line in lines.items() if line}

    def __str__(self) -> str:
        return self.reply_text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Show a table in a notebook."""
        color = style.SEVERITY_COLORS[self.severity]
        head = "<br>".join(style.chip(line, color) for line in self.reply.wire_lines())
        return style.panel(head + style.definitions(self.lines), color)

    def reply_text(self) -> str:
        """Return the card of the reply as text: the server's own lines, and below them the explanation."""
        return "\n".join([*self.reply.wire_lines(), listed(self.lines)])

    def reply_html(self, mark: str = "", *, full: bool = False) -> str:
        """Return the card of the reply as HTML: its lines, then its class, the state change and the reason.

        `cards` decides how much of it is shown. If the text of the reply already contains the reason word by word, the
        card of a refusal says how to go on instead.

        Args:
            mark: the prefix of each line of the reply, such as ``S:`` where the client's lines are shown as well.
            full: True for a full card, also where `cards` prefers one line.
        """
        color = style.SEVERITY_COLORS[self.severity]
        lines = "<br>".join(style.code(f"{mark} {line}" if mark else line) for line in self.reply.wire_lines())
        if not (full or cards.is_full(refused=not self.reply.is_positive, again=self.again)):
            return style.panel(f"{lines} {style.chip(self._word, color)}", color)
        digits = style.escape(_digits(self.reply)) if cards.digits else ""
        change = style.quiet(f"| {self.change}") if cards.states else ""
        facts = " ".join(filter(None, [style.chip(self._word, color), digits, change]))
        why = self._why
        if why.removesuffix(".") in self.reply.text:
            why = "" if self.reply.is_positive else self.advice
        return style.panel("<br>".join(filter(None, [lines, facts, style.escape(why)])), color)


def _digits(reply: Reply) -> str:
    """Return the meaning of the first and the second digit."""
    digits = (reply.severity, reply.category)
    return "; ".join(f"{digit.mask} {digit.phrase}" for digit in digits if digit is not None)
