"""The wrong beliefs that a client's mistakes in exercise 04 show, and what proves that there is no other reading."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from ....transcript import Side
from ...rules import Judge, RuleFailure
from .task import ClientEvidence
from .trials import PlayedFunction

# Returns how the function did in a play; see `send.try_of`.
_Tries = Callable[[str], PlayedFunction | RuleFailure]
_Proof = Callable[[_Tries], bool]


def _in(play: str, proves: Callable[[PlayedFunction], bool]) -> _Proof:
    """Return the proof by what a client did in one play."""

    def proof(tries: _Tries) -> bool:
        client = tries(play)
        return not isinstance(client, RuleFailure) and proves(client)

    return proof


def _is_no_matter_of_time(client: PlayedFunction) -> bool:
    return not client.end.stopped and not client.end.crash.startswith("TimeoutError")


def _sends_lf(client: PlayedFunction) -> bool:
    return re.search(rb"(?<!\r)\n", client.log.sent_by(Side.CLIENT)) is not None


def _doubles_the_lone_dot(client: PlayedFunction) -> bool:
    return any(b"\r\n..\r\n" in text for text in client.texts)


def _sends_a_single_dot(client: PlayedFunction) -> bool:
    return any(b"\r\n.hidden\r\n" in text for text in client.texts)


def _doubles_only_the_lone_dot(tries: _Tries) -> bool:
    return _in("lone-dot", _doubles_the_lone_dot)(tries) and _in("dots", _sends_a_single_dot)(tries)


def _has_no_brackets(client: PlayedFunction) -> bool:
    """Return True if sender and recipients stand without brackets: twice the same is no slip."""
    paths = {each.step: each.line for each in client.commands if each.step in ("MAIL", "RCPT")}
    return len(paths) == len(("MAIL", "RCPT")) and not re.search(rb"[<>]", b"".join(paths.values()))


def _leaves_out_the_lone_dot(client: PlayedFunction) -> bool:
    before, behind = client.play.message.split(b"\r\n.\r\n")
    around = before.splitlines()[-1] + b"\r\n" + behind.splitlines(keepends=True)[0]
    return any(around in text for text in client.texts)


# The beliefs that are proven by one play.
_PROVEN: dict[str, _Proof] = {
    "brackets-may-be-left-out": _in("plain", _has_no_brackets),
    "message-cannot-hold-a-lone-dot": _in("lone-dot", _leaves_out_the_lone_dot),
}
# For each rule the belief that its failure shows, and the proof that is needed besides.
_SHOWN: dict[str, tuple[str, _Proof]] = {
    "crlf": ("lf-ends-a-line", _in("plain", _sends_lf)),
    "dots": ("only-the-lone-dot-is-doubled", _doubles_only_the_lone_dot),
    "pieces": ("one-read-is-one-reply", _in("pieces", _is_no_matter_of_time)),
    "lines": ("first-line-is-the-reply", _in("several", lambda client: bool(client.early))),
    "first-digit": ("success-is-250", _in("251", _is_no_matter_of_time)),
}


def shown_by_clients(
    evidence: ClientEvidence, tries: Callable[[ClientEvidence, str], PlayedFunction | RuleFailure]
) -> Iterator[str]:
    """Yield the wrong beliefs that a client's octets prove, whatever rule fails by them.

    Args:
        evidence: what was handed in.
        tries: returns how the function did in a play.
    """
    for belief, proof in _PROVEN.items():
        if proof(partial(tries, evidence)):
            yield belief


def showing(
    name: str, judge: Judge[ClientEvidence], tries: Callable[[ClientEvidence, str], PlayedFunction | RuleFailure]
) -> Judge[ClientEvidence]:
    """Return a judge whose failure names the belief that it shows.

    Args:
        name: the rule.
        judge: its judge; a failure with the cause of another rule shows nothing.
        tries: returns how the function did in a play.
    """
    belief, proof = _SHOWN[name]

    def judged(evidence: ClientEvidence) -> RuleFailure | None:
        failure = judge(evidence)
        if failure is None or (not failure.expected and not failure.got):
            return failure
        return replace(failure, belief=belief) if proof(lambda play: tries(evidence, play)) else failure

    return judged
