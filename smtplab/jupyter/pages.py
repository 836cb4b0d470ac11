"""The pages of ``%help`` and Shift-Tab: a verb, a reply code, an extension, or a state.

They are made from the tables on which the code runs: `VERBS`, `CODES`, `TRANSITIONS`, the causes, and the lecture's
facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..explain.cards import cards
from ..explain.causes import CAUSES, causes_of
from ..explain.lecture import lecture_rows
from ..explain.possible_replies import replies_to
from ..protocol.codes import classify, severity_of
from ..protocol.commands import NEEDED_EXTENSION, VERBS, Verb
from ..protocol.extensions import EXTENSIONS, Extension
from ..protocol.states import MESSAGE, PHASES, TRANSITIONS, State, legal_verbs, state_if_accepted
from ..show import style
from .cell_result import Page


def page_of(word: str) -> Page | None:
    """Return the page of a verb, also in the lecture's spelling, of a reply code or an extension; else None."""
    name = _as_spelled(word.upper())
    if name in VERBS:
        return verb_page(VERBS[name])
    if name in EXTENSIONS:
        return _extension_page(EXTENSIONS[name])
    if len(word) == 3 and word.isascii() and word.isdigit() and classify(word).severity is not None:
        return code_page(int(word))
    return None


def _as_spelled(word: str) -> str:
    """Return the verb behind the lecture's spelling, VRFY for VERFY; any other word as it is."""
    meant = (row["verb"] for row in lecture_rows("commands") if row["keyword"].split()[0] == word)
    return next(meant, word)


def topics() -> Iterator[str]:
    """Yield the words that have a page; of the codes, those with a known cause."""
    yield from VERBS
    yield from EXTENSIONS
    yield from sorted({str(cause.code) for cause in CAUSES})


def verb_page(verb: Verb) -> Page:
    """Return the facts about a verb."""
    lines = {
        "syntax": verb.syntax,
        "meaning": verb.summary,
        "lecture": _told(verb),
        "RFC 821": verb.rfc821,
        "RFC 5321": verb.rfc5321,
        "defined in": verb.section,
        "legal": "; ".join(state.value for state in State if verb.name in TRANSITIONS[state]),
    }
    lines |= _replies(verb.name)
    if MESSAGE in TRANSITIONS[state_if_accepted(State.RECIPIENT, verb.name)]:
        lines |= {f"to the lone dot, {severity}": named for severity, named in _replies(MESSAGE).items()}
    return Page(verb.name, lines)


def code_page(number: int) -> Page:
    """Return the facts about a reply code."""
    code = classify(number)
    causes = " ".join(cause.sentence for cause in causes_of(number))
    lines = {**code.facts, **({"comes when": causes} if causes else {})}
    return Page(str(code), lines, style.SEVERITY_COLORS[severity_of(number)])


def state_page(state: State) -> Page:
    """Return the legal verbs of a state, those that lead on first, each with its meaning."""
    verbs = [VERBS[verb] for verb in legal_verbs(state, NEEDED_EXTENSION.values())]
    lines = {verb.syntax: verb.summary for verb in verbs}
    return Page(
        f"{state.name}: {state.value}", lines or {"none": _NOTHING_TYPED[state]}, style.PHASE_COLORS[PHASES[state]]
    )


_NOTHING_TYPED: Mapping[State, str] = {
    State.CONNECTED: "In SMTP the server speaks first; no verb is sent before its greeting.",
    State.DATA: "Every line belongs to the message, until a line that holds one dot and nothing else.",
    State.CLOSED: "The session is over. `telnet` opens a new one.",
}


def _extension_page(extension: Extension) -> Page:
    lines = {"meaning": extension.summary, "defined in": extension.rfc}
    for parameter in extension.parameters:
        lines["brings"] = f"the parameter {parameter.keyword} of {parameter.verb}"
    return Page(f"{extension.keyword}, an extension in the reply to EHLO", lines)


def _told(verb: Verb) -> str:
    """Return the lecture's rank of a verb, and its mistake there."""
    if verb.tier is None:
        return "not in the lecture"
    slip = next(row["slip"] for row in lecture_rows("commands") if row["verb"] == verb.name)
    return f"{verb.tier.value}; a slip there: {slip}" if slip else verb.tier.value


def _replies(verb: str) -> Mapping[str, str]:
    """Return the possible replies to a verb, by their first digit."""
    found: dict[str, list[str]] = {}
    for code in replies_to(verb):
        found.setdefault(cards.name_of(severity_of(code)), []).append(str(classify(code)))
    return {severity: "; ".join(named) for severity, named in found.items()}
