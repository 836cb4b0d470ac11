"""The pages that ``%help`` and Shift-Tab show: of a verb, of a reply code, of a state.

They are made of the tables on which the code runs: `VERBS`, `CODES`, `TRANSITIONS` and the table of causes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..lab import style
from ..lab.causes import CAUSES, causes_of
from ..protocol.codes import Severity, classify, severity_of
from ..protocol.commands import VERBS, Verb
from ..protocol.extensions import EXTENSIONS, Extension
from ..protocol.states import PHASES, TRANSITIONS, State
from .step import Page


def page_of(word: str) -> Page | None:
    """Return the page of a verb, a reply code or an extension; None if it is none of them."""
    name = word.upper()
    if name in VERBS:
        return verb_page(VERBS[name])
    if name in EXTENSIONS:
        return _extension_page(EXTENSIONS[name])
    if len(word) == 3 and word.isascii() and word.isdigit() and classify(word).severity is not None:
        return code_page(int(word))
    return None


def topics() -> Iterator[str]:
    """Yield the words that have a page, codes by those that are known."""
    yield from VERBS
    yield from EXTENSIONS
    yield from sorted({str(cause.code) for cause in CAUSES})


def verb_page(verb: Verb) -> Page:
    """Return all there is to know of a verb."""
    lines = {
        "syntax": verb.syntax,
        "meaning": verb.summary,
        "lecture": "not in the lecture" if verb.tier is None else verb.tier.value,
        "RFC 821": verb.rfc821,
        "RFC 5321": verb.rfc5321,
        "defined in": verb.section,
        "legal": ", ".join(state.value for state in State if verb.name in TRANSITIONS[state]),
    }
    lines |= {f"{int(severity)}yz": text for severity, text in _replies(verb.name).items()}
    return Page(verb.name, lines)


def code_page(number: int) -> Page:
    """Return all there is to know of a reply code."""
    code = classify(number)
    severity = severity_of(number)
    category = "" if code.category is None else f"{code.category.phrase}. {code.category.meaning}"
    lines = {
        "severity": f"{severity.phrase}. {severity.meaning}",
        "category": category,
        "meaning": code.meaning,
        "advice": code.advice,
        "lecture": code.lecture or "",
        "defined in": code.rfc,
        "comes when": " ".join(cause.sentence for cause in causes_of(number)),
    }
    return Page(str(code), {name: line for name, line in lines.items() if line}, style.SEVERITY_COLORS[severity])


def state_page(state: State) -> Page:
    """Return what may come in a state, each verb with what it is for."""
    lines = {verb.syntax: verb.summary for verb in VERBS.values() if verb.name in TRANSITIONS[state]}
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
    if extension.mail_parameter:
        lines["brings"] = f"the parameter {extension.mail_parameter} of MAIL"
    return Page(f"{extension.keyword}, an extension in the reply to EHLO", lines)


def _replies(verb: str) -> Mapping[Severity, str]:
    """Return the replies to a verb that the lab's hosts have a cause for, by severity."""
    codes = sorted({cause.code for cause in CAUSES if cause.verb == verb})
    found: dict[Severity, list[str]] = {}
    for code in codes:
        found.setdefault(severity_of(code), []).append(f"{classify(code)}")
    return {severity: ", ".join(named) for severity, named in found.items()}
