"""What `send_mail` returns: for each recipient one word, by what the server has answered or left unanswered."""

from __future__ import annotations

from collections.abc import Mapping

from ....protocol.states import MESSAGE
from ...rules import Judge, RuleFailure, visible
from .task import ClientEvidence, ClientTask
from .trials import LATER, NEVER, SENT, UNKNOWN, PlayedFunction, envelope_for, try_of

SEVERITY = {"rcpt-450": LATER, "rcpt-550": NEVER}  # plays in which the only recipient is refused
_MEANS: Mapping[str, str] = {
    SENT: 'the server has answered the dot with 2yz, so "sent" for each recipient that it took',
    LATER: '"later" is for a code that begins with 4, and for no reply although the dot was not sent yet',
    NEVER: '"never" is for a code that begins with 5',
    UNKNOWN: "the dot was sent, and its reply never came: nobody can know if the message was taken",
}


def wanted(task: ClientTask, client: PlayedFunction, word: str) -> dict[str, str]:
    """Return what a function has to return in a play.

    Args:
        task: the student's task.
        client: how the function did.
        word: what has become of the recipients that the server did not refuse one by one.
    """
    refused = LATER if client.play.refusal.startswith(b"4") else NEVER
    _, recipients = envelope_for(task, client.play.name)
    return {each: refused if each == client.play.refused else word for each in recipients}


def tells(expected: Mapping[str, str], *, loosely: bool = False) -> Judge[ClientEvidence]:
    """Return the judge that the function returns the right words.

    Args:
        expected: the plays, each with the word for the recipients that the server did not refuse one by one.
        loosely: True to take "later" and "never" for each other; `tells_severity` judges that.
    """

    def judge(evidence: ClientEvidence) -> RuleFailure | None:
        for name, word in expected.items():
            client = try_of(evidence, name)
            if isinstance(client, RuleFailure):
                return client
            if found := _other_words(client, evidence.task, word, loosely=loosely):
                return found
        return None

    return judge


def tells_severity(expected: Mapping[str, str]) -> Judge[ClientEvidence]:
    """Return the judge of `tells` that tells "later" from "never" only if the function does so for a lone recipient.

    So who takes one for the other loses points for that once.

    Args:
        expected: as for `tells`.
    """

    def judge(evidence: ClientEvidence) -> RuleFailure | None:
        loosely = tells(SEVERITY)(evidence) is not None
        return tells(expected, loosely=loosely)(evidence)

    return judge


def _other_words(client: PlayedFunction, task: ClientTask, word: str, *, loosely: bool = False) -> RuleFailure | None:
    """Return that a function returns something else than it should in a play, or does not return; None if it does."""
    right = wanted(task, client, word)
    story, expected = client.play.story, visible(str(right))
    if client.end.stopped:
        return RuleFailure(f"{story} Your function waits for ever.", expected, hint=_hint_of_wait(client))
    if client.end.crash:
        hint = f"catch the exception, and return the dictionary; {_MEANS[word]}"
        return RuleFailure(f"{story} Your function raises an exception.", expected, visible(client.end.crash), hint)
    if client.returned == right or (loosely and _loose(client.returned) == _loose(right)):
        return None
    sentence = f"{story} Your function returns something else."
    if not isinstance(client.returned, dict):
        hint = "return a dictionary: for each recipient one of the four words on your sheet"
        return RuleFailure(sentence, expected, _kind(str(client.returned)), hint)
    other = next((each for each in right if client.returned.get(each) != right[each]), "")
    return RuleFailure(sentence, expected, visible(str(client.returned)), _MEANS[right.get(other, word)])


def _kind(name: str) -> str:
    """Return what is no dictionary as a report names it, by the name of its type."""
    if name in ("NoneType", "False"):
        return name.removesuffix("Type")
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {visible(name)}"


def _loose(words: object) -> object:
    """Return words with "never" in the place of "later"; what is no dictionary as it is."""
    return (
        {each: NEVER if word == LATER else word for each, word in words.items()} if isinstance(words, dict) else words
    )


def _hint_of_wait(client: PlayedFunction) -> str:
    if client.play.silent_at:
        return "sock.settimeout(...) says how long recv waits; then it raises TimeoutError"
    if client.play.closes_at:
        return 'recv gives b"" when the server has closed, again and again'
    hint = client.story()[1]
    return hint[:1].lower() + hint[1:].removesuffix(".")


def tells_sent(*plays: str) -> Judge[ClientEvidence]:
    """Return the judge that the function returns "sent" if the server has taken the message.

    What a function returns in the plain play too is judged there alone.

    Args:
        plays: in them the server takes every recipient.
    """

    def judge(evidence: ClientEvidence) -> RuleFailure | None:
        clients = [try_of(evidence, name) for name in ("plain", *plays)]
        tried = [each for each in clients if not isinstance(each, RuleFailure)]
        if len(tried) < len(clients) or _other_words(tried[0], evidence.task, SENT):
            return None
        taken = (each for each in tried if any(it.step == MESSAGE and it.code == 250 for it in each.heard))
        return next(filter(None, (_other_words(each, evidence.task, SENT) for each in taken)), None)

    return judge
