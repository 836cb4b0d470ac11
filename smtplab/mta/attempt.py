"""What one attempt to deliver a message means for each of its recipients (RFC 5321 4.2.1, 4.5.4.1).

An attempt ends with replies, or with an error of the client. 2yz means that the next host is responsible now, 4yz that
a later retry may succeed, 5yz that a retry would fail again. A connection that is lost is like 4yz. If it is lost after
the end of the message, the host may have the message all the same, so a retry may deliver it twice.

`transmission` makes attempts, `queue` decides when, and `bounce` reports failures to the sender.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from ..client.outcomes import ClientError, ConnectionLost, Delivery, OutcomeUnknown, ServiceRefused, Unsupported
from ..protocol.grammar import Path
from ..protocol.replies import EnhancedCode, ProtocolError, Reply

# How many characters of a host's reply are passed on in one line.
_WORDS = 240

# How many addresses stand in one line.
_MOST_NAMED = 10

# RFC 3463: the classes of status codes, and the codes for what is not in a reply.
_DONE, _LATER, _NEVER = 2, 4, 5
_NO_ANSWER = (4, 1)  # X.4.1: the connection was not answered
_BAD_CONNECTION = (4, 2)  # X.4.2: the connection was made, but the transaction could not be completed
_BAD_CONTENT = (6, 0)  # X.6.0: something is wrong with the message

# RFC 5321 4.5.3.1.10: "too many recipients" is 452, and was once 552. X.5.3 of RFC 3463 is its enhanced code.
_TOO_MANY = 552
_TOO_MANY_STATUS = (5, 3)
_TOO_MANY_ENHANCED = (None, EnhancedCode(_NEVER, *_TOO_MANY_STATUS))
# RFC 3463: X.7.Z is a matter of policy, such as greylisting (RFC 6647 5).
_POLICY = 7


class Action(Enum):
    """What was done about a recipient; the values are those of the field Action (RFC 3464 2.3.3)."""

    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"
    DELAYED = "delayed"
    FAILED = "failed"


# What each class of replies means. 3yz ends no attempt; if a broken server ends one with it, a retry does no harm.
_MEANINGS = {
    2: (Action.RELAYED, _DONE),
    3: (Action.DELAYED, _LATER),
    4: (Action.DELAYED, _LATER),
    5: (Action.FAILED, _NEVER),
}


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """What an attempt means for one recipient.

    Args:
        path: the recipient.
        action: `Action.RELAYED` if it is done, `Action.DELAYED` for a later retry, `Action.FAILED` for a bounce.
        status: the status code for reports. Its class fits the action.
        words: why, in one line without a full stop.
        host: the name of the host that answered or did not; empty if none was tried.
        reply: the reply that decided; None if there was none.
        possible_duplicate: True if the host may have taken the message although no reply came.
    """

    path: Path
    action: Action
    status: EnhancedCode
    words: str
    host: str = ""
    reply: Reply | None = None
    possible_duplicate: bool = False


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """What an attempt means for its recipients.

    Args:
        recipients: one result for each recipient.
        elsewhere: the recipients for whom another host of the same route is to be tried now, because this one takes no
            mail at all, or none for them now (RFC 5321 5.1). Their results count if there is no other host.
    """

    recipients: tuple[RecipientResult, ...]
    elsewhere: tuple[Path, ...] = field(default=(), kw_only=True)

    def having(self, action: Action) -> tuple[RecipientResult, ...]:
        """Return the results with one action."""
        return tuple([each for each in self.recipients if each.action is action])


def alike(results: Iterable[RecipientResult]) -> list[tuple[RecipientResult, ...]]:
    """Group the results that say the same, so that a reason stands once for all its recipients.

    Groups and their members come in the order of the results.
    """
    groups: dict[tuple[object, ...], list[RecipientResult]] = {}
    for each in results:
        groups.setdefault((each.action, each.words, each.host, each.possible_duplicate), []).append(each)
    return [tuple(group) for group in groups.values()]


def addresses(results: Sequence[RecipientResult]) -> str:
    """Return the addresses of results for one line; of many only the first ones, and the number of the others."""
    named = ", ".join(each.path.address for each in results[:_MOST_NAMED])
    return f"{named} and {len(results) - _MOST_NAMED} more" if len(results) > _MOST_NAMED else named


def answered(paths: Iterable[Path], host: str, reply: Reply, words: str = "") -> AttemptResult:
    """Return the result of an attempt in which one reply decides for all recipients.

    Args:
        paths: the recipients.
        host: the name of the host that replied, or this host's own name for its own decision.
        reply: 2yz, 4yz or 5yz.
        words: why; by default what the host said.
    """
    return AttemptResult(tuple(_by_reply(path, host, reply, words) for path in paths))


def result_of(
    outcome: Delivery | Exception, paths: Sequence[Path], host: str, *, opening: bool = False
) -> AttemptResult:
    """Return what the outcome of a client's session means for each recipient.

    Args:
        outcome: what `DeliverySession.outcome` returned or raised.
        paths: the recipients of the message.
        host: the server's name.
        opening: True if the session was still being opened, so that no server has answered.

    Raises:
        Exception: `outcome`, if it is an error of the program and not of the delivery.
    """
    if isinstance(outcome, Delivery):
        return _by_delivery(outcome, paths, host)
    if isinstance(outcome, ServiceRefused):
        refused = answered(paths, host, outcome.reply, str(outcome))
        return replace(refused, elsewhere=tuple(paths))
    if isinstance(outcome, Unsupported):
        return _failed(outcome, outcome.status, paths, host)
    if isinstance(outcome, ClientError):
        return _by_client_error(outcome, paths, host, opening)
    if isinstance(outcome, ProtocolError):  # the message cannot be sent on, such as one with a bare LF
        code = outcome.reply.enhanced if outcome.reply is not None else None
        status = code if code is not None and code.severity == _NEVER else EnhancedCode(_NEVER, *_BAD_CONTENT)
        return _failed(outcome, status, paths, host)
    raise outcome


def merged(result: AttemptResult, later: AttemptResult) -> AttemptResult:
    """Return the result of an attempt that went on with some of its recipients, for all of them.

    Args:
        result: the result for all.
        later: the one that counts for those who are in it.
    """
    known = {each.path: each for each in later.recipients}
    recipients = tuple(known.get(each.path, each) for each in result.recipients)
    return AttemptResult(recipients, elsewhere=later.elsewhere)


def said(host: str, reply: Reply) -> str:
    """Return what a host said, in one line.

    Each host of a chain puts its own words before those of the next. So the middle of a long chain is left out, and the
    reason, which stands at its end, fits into a reply line.
    """
    text = f"{host} said {reply.code} {reply.lines[0]}".rstrip()
    return text if len(text) <= _WORDS else f"{text[: _WORDS // 2]} ... {text[-_WORDS // 2 :]}"


def _failed(error: Exception, status: EnhancedCode, paths: Sequence[Path], host: str) -> AttemptResult:
    return AttemptResult(tuple(RecipientResult(path, Action.FAILED, status, str(error), host) for path in paths))


def _by_client_error(error: ClientError, paths: Sequence[Path], host: str, opening: bool) -> AttemptResult:
    unknown, lost = isinstance(error, OutcomeUnknown), isinstance(error, ConnectionLost)
    action, severity = (Action.FAILED, _NEVER) if error.permanent else (Action.DELAYED, _LATER)
    status = EnhancedCode(severity, *(_NO_ANSWER if opening else _BAD_CONNECTION))
    refused = dict(error.refused)  # before the connection broke, so it is certain that they do not have it
    return AttemptResult(
        tuple(
            _by_refusal(path, host, refused[path])
            if path in refused
            else RecipientResult(path, action, status, str(error), host, possible_duplicate=unknown)
            for path in paths
        ),
        elsewhere=tuple(path for path in paths if path not in refused or _is_taken_elsewhere(refused[path]))
        if lost
        else (),
    )


def _by_delivery(delivery: Delivery, paths: Sequence[Path], host: str) -> AttemptResult:
    closing = delivery.sender_reply
    if not delivery.sender_reply.is_positive:
        result = answered(paths, host, delivery.sender_reply)
    else:
        closing = delivery.reply or closing
        result = AttemptResult(tuple(_by_deciding_replies(delivery, host)))
    delayed = result.having(Action.DELAYED)
    if closing.code != 421:  # RFC 5321 3.8: with 421 the server closes the session, whatever the question was.
        delayed = tuple([each for each in delayed if each.reply is not None and _is_taken_elsewhere(each.reply)])
    return replace(result, elsewhere=tuple(each.path for each in delayed)) if delayed else result


def _is_taken_elsewhere(refusal: Reply) -> bool:
    """Return True if another host of the route may take now what this one has refused (RFC 5321 5.1).

    A policy, such as greylisting, is meant to make the client wait, and the hosts of a domain share it. Nor is a
    recipient taken elsewhere who was only one too many: the next attempt has room for it (RFC 5321 4.5.3.1.10).
    """
    status = refusal.enhanced
    if status is not None and (status.subject == _POLICY or status[1:] == _TOO_MANY_STATUS):
        return False
    return refusal.code // 100 == _LATER


def _by_deciding_replies(delivery: Delivery, host: str) -> Iterable[RecipientResult]:
    """Yield the result of each recipient by the reply that decides: its own refusal, or the reply to the message."""
    final = delivery.reply
    accepted = False
    for path, reply in delivery.recipient_replies:
        if reply.is_positive:
            accepted = True
            yield _by_reply(path, host, final if final is not None else reply)
        elif accepted:
            yield _by_refusal(path, host, reply)
        else:
            yield _by_reply(path, host, reply)
    for path in delivery.unanswered:
        assert final is not None  # the 421 that ended the session before their turn
        yield _by_reply(path, host, final)


def _by_refusal(path: Path, host: str, reply: Reply) -> RecipientResult:
    """Return the result of a recipient who was refused where others were accepted."""
    result = _by_reply(path, host, reply)
    if reply.code == _TOO_MANY and reply.enhanced in _TOO_MANY_ENHANCED:
        return replace(result, action=Action.DELAYED, status=EnhancedCode(_LATER, 5, 3))
    return result


def _by_reply(path: Path, host: str, reply: Reply, words: str = "") -> RecipientResult:
    action, severity = _MEANINGS[reply.code // 100]
    status = reply.enhanced or EnhancedCode(severity, 0, 0)
    return RecipientResult(path, action, status, words or said(host, reply), host, reply)
