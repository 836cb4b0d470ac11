"""Part ``send`` of exercise 04: a client as a function, judged by the wire.

What is right is said by the rules of `smtplab.conformance`. A rule of the exercise joins those that a student meets as
one thing, and says what the mistake was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ....conformance.clients import client_wording as wording
from ....conformance.clients.client_rules import CLIENT_RULES, ClientRule
from ....conformance.clients.hangs import HangKind
from ....conformance.clients.played import RuleVerdict
from ....conformance.clients.plays import RECIPIENT, SENDER
from ....conformance.rule import RuleOutcome
from ....protocol.commands import WithPath, parse_command
from ....protocol.replies import ProtocolError
from ...rules import ExercisePart, Judge, Rule, RuleFailure, RuleList, visible
from ...trials import TriedProgram
from ..answer_evidence import kind_of
from .client_beliefs import showing, shown_by_clients
from .outcomes import SEVERITY, tells, tells_sent, wanted
from .task import ClientEvidence, ClientTask
from .trials import LATER, SENT, TWO, TWO_LATER, UNKNOWN, PlayedFunction, envelope_for, try_of

RULES = RuleList[ClientEvidence]("send")
_SHARED: Mapping[str, ClientRule] = {each.rule.id: each for each in CLIENT_RULES}
_NEVER_ENDED = "{story} Your client never ends the text, so nobody gets it."
_NO_END = (HangKind.NO_DOT, HangKind.QUIT_IN_TEXT, HangKind.COMMAND_IN_TEXT)  # no dot
# What the rules for programs say, in the words for a function.
_FOR_A_FUNCTION: Mapping[str, str] = {
    wording.EXPECT_0: 'the function returns "sent"',
    wording.EXPECT_DELIVERY: 'the message is delivered, and the function returns "sent"',
    wording.ENDED.format(code=0): "the function returned",
    wording.ENDED.format(code=1): 'the function did not return "sent"',
    _SHARED["exits-with-0"].rule.demand: 'After 250 for the dot the function returns "sent".',
    wording.LOOK_CRASH: "this is what your function raised; look there first",
}


def of_all(*judges: Judge[ClientEvidence]) -> Judge[ClientEvidence]:
    """Return the judge that all of some judges are content; the first failure counts."""

    def judge(evidence: ClientEvidence) -> RuleFailure | None:
        return next(filter(None, (each(evidence) for each in judges)), None)

    return judge


def keeps(mistake: str, *ids: str) -> Judge[ClientEvidence]:
    """Return the judge that all of some shared rules hold.

    Args:
        mistake: what a client does that breaks one of them, where the finding does not say it better.
        ids: the rules, in the order in which they are judged.
    """

    def judge(evidence: ClientEvidence) -> RuleFailure | None:
        for each in (_SHARED[id] for id in ids):
            client = try_of(evidence, each.play)
            if isinstance(client, RuleFailure):
                return client
            verdict = each.judge(client)
            if _is_broken(verdict):
                return _cause_elsewhere(evidence, each, ids) or failure(
                    evidence.task, client, verdict, mistake, each.rule.look
                )
        return None

    return judge


def _cause_elsewhere(evidence: ClientEvidence, rule: ClientRule, own: Iterable[str]) -> RuleFailure | None:
    """Return that a shared rule fails for the same reason as one that it needs; None if those hold."""
    for need in (_SHARED[id] for id in rule.rule.needs if id not in own):
        client = try_of(evidence, need.play)
        if not isinstance(client, RuleFailure) and _is_broken(need.judge(client)):
            first = _cause_elsewhere(evidence, need, own)
            return first or _same_cause(in_words(need.rule.demand))
    return None


def _same_cause(demand: str) -> RuleFailure:
    return RuleFailure(f"This has the same cause as another mistake: {demand}")


def _is_broken(verdict: RuleVerdict) -> bool:
    """Return True if a rule fails; also if the client did not come so far, so that a first mistake comes first."""
    not_reached = wording.NOT_REACHED.partition("{")[0]
    return verdict.outcome is RuleOutcome.FAIL or verdict.sentence.startswith(not_reached)


def failure(task: ClientTask, client: PlayedFunction, verdict: RuleVerdict, mistake: str, look: str) -> RuleFailure:
    """Return the finding about a shared rule as the failure of a rule of the exercise."""
    story = "" if client.play.name == "plain" else f"{client.play.story} "
    if verdict.outcome is RuleOutcome.SKIP:
        return RuleFailure(f"{story}{verdict.sentence}", got=in_words(client.story()[0]))
    got = visible(verdict.came) if verdict.came else in_words(verdict.note)
    crashed = verdict.sentence == wording.LOOK_CRASH
    hint = look if story and (crashed or client.play.takes) else in_words(verdict.sentence or look)
    expected = in_words(verdict.expected).replace(SENDER, task.sender).replace(RECIPIENT, task.recipient)
    return RuleFailure(f"{story}{mistake}", expected, got, _small(hint))


def in_words(text: str) -> str:
    """Return what is said about a program in the words for a function."""
    return _FOR_A_FUNCTION.get(text, text)


def _small(hint: str) -> str:
    """Return a hint as it stands behind ``hint:``, in small letters unless it begins with a name."""
    word = hint.partition(" ")[0]
    return hint if (len(word) > 1 and word.isupper()) or not hint else hint[0].lower() + hint[1:].removesuffix(".")


def _introduces_itself(evidence: ClientEvidence) -> RuleFailure | None:
    program = evidence.answers.get("send_mail")
    if program is None:
        hint = 'hand in with mine.hand_in("send_mail", send_mail)'
        return RuleFailure("No function has been handed in yet.", hint=hint, undone=True)
    if not isinstance(program, TriedProgram):
        hint = "hand in send_mail, not send_mail(...)"
        return RuleFailure("What you handed in is not a function.", got=kind_of(program), hint=hint)
    client = try_of(evidence, "plain")
    if isinstance(client, RuleFailure):
        return client
    if found := _speaks_as_smtplib(client):
        return found
    name = evidence.task.client
    for hello in (each for each in client.heard if each.step in ("EHLO", "HELO")):
        if hello.line.decode("latin-1").partition(" ")[2].strip().casefold() == name:
            return None
    said = next((each for each in client.heard if each.step in ("EHLO", "HELO")), None)
    if said is not None:
        sentence = "Your client introduces itself with another name than that on your sheet."
        return RuleFailure(sentence, f"EHLO {name}, or HELO", visible(said.line))
    sentence, expected, (note, hint) = "Your client never says EHLO or HELO.", f"EHLO {name}, or HELO", client.story()
    if client.heard:
        return RuleFailure(sentence, expected, visible(client.heard[0].data))
    return RuleFailure(sentence, expected, visible(client.server.pending) or in_words(note), _small(in_words(hint)))


def _speaks_as_smtplib(client: PlayedFunction) -> RuleFailure | None:
    """Return that the lines are those of Python's `smtplib`, which alone has small verbs and capitals behind them."""
    lines = [each.line.decode("latin-1") for each in client.commands]
    marks = ("mail FROM:<", "rcpt TO:<", "data")
    if not all(any(line.startswith(mark) for line in lines) for mark in marks):
        return None
    sentence = "Your client has the very lines that Python's smtplib sends."
    got = next(line for line in lines if line.startswith(marks[0]))
    return RuleFailure(sentence, got=got, hint="write the client yourself; if you have, write the verbs in capitals")


@RULES.rule("turns", 1, "RFC 5321 4.3.1", "The client waits for each reply, from the greeting on, before it speaks.")
@RULES.asks("Which reply had come when your client sent the line that is shown?")
def _waits(evidence: ClientEvidence) -> RuleFailure | None:
    return keeps("Your client speaks before the reply has come.", "waits-for-each-reply")(evidence)


@RULES.rule("envelope", 1, "RFC 5321 4.1.1.2 and 4.1.1.3", "MAIL and RCPT have the addresses that are given, in < >.")
@RULES.asks("What are sender and recipients when the function is called, and where does your line have them?")
def _names_the_addresses(evidence: ClientEvidence) -> RuleFailure | None:
    client = try_of(evidence, "plain")
    if isinstance(client, RuleFailure):
        return client
    if found := _wrong_envelope(client, evidence.task):
        return found
    again = try_of(evidence, TWO)
    return None if isinstance(again, RuleFailure) else _same_envelope(again, evidence.task)


def _wrong_envelope(client: PlayedFunction, task: ClientTask) -> RuleFailure | None:
    """Return what is wrong with the addresses of the plain play, in which both commands have to come."""
    for verb, word, address in (("MAIL", "FROM", task.sender), ("RCPT", "TO", task.recipient)):
        expected = f"{verb} {word}:<{address}>"
        said = [each for each in client.commands if each.step == verb]
        if not said:
            note, hint = client.story()
            return RuleFailure(f"Your client never says {verb}.", expected, in_words(note), _small(in_words(hint)))
        for each in said:
            if found := _wrong_address(each.line, address):
                return RuleFailure(found, expected, visible(each.line))
    return None


def _same_envelope(client: PlayedFunction, task: ClientTask) -> RuleFailure | None:
    """Return that a client has other addresses than those of the call in which sender and recipient change places."""
    sender, recipients = envelope_for(task, client.play.name)
    for each in client.commands:
        given = {"MAIL": [sender], "RCPT": recipients}.get(each.step, [])
        if given and all(_wrong_address(each.line, address) for address in given):
            return RuleFailure(
                f"Another call has the sender {sender} and the recipients {' and '.join(recipients)}. "
                "Your client names another address.",
                " or ".join(f"<{address}>" for address in given),
                visible(each.line),
                "take the addresses from sender and recipients, as they are in each call",
            )
    return None


def _wrong_address(line: bytes, address: str) -> str:
    if b"<" not in line or b">" not in line:
        return "The address does not stand in angle brackets."
    try:
        command = parse_command(line)
    except ProtocolError:
        return "The server cannot read this line."
    assert isinstance(command, WithPath)
    return "" if command.path.address == address else "Your client names another address than the one given."


RULES.rule("form", 1, "RFC 5321 3.3", "No blank stands behind FROM: and TO:, and nothing behind DATA and QUIT.")(
    keeps(
        "A line has more in it than the standard has; many servers forgive that.",
        "mail-has-no-blank",
        "rcpt-has-no-blank",
        "data-stands-alone",
    )
)
RULES.rule("crlf", 1, "RFC 5321 2.3.8", "Each line ends in CRLF, in a command as in the message.")(
    showing(
        "crlf",
        keeps(
            "A line does not end in CRLF.",
            "lines-end-in-crlf",
            "lines-have-an-end",
            "no-empty-commands",
            "text-lines-end-in-crlf",
            "one-cr-a-line",
            "dot-stands-alone",
        ),
        try_of,
    )
)
RULES.rule("message", 1, "RFC 5321 4.1.1.4", "The message arrives octet by octet, and a lone dot ends it.")(
    keeps(
        "The message does not arrive as it was given.",
        "sends-the-text",
        "dot-ends-the-text",
        "sends-one-message",
        "whole-message",
        "nothing-before",
        "fields-before-the-empty-line",
        "empty-line-stays",
        "no-empty-line-added",
    )
)
RULES.rule("dots", 1, "RFC 5321 4.5.2", "Each line that begins with a dot gets one more, and no other line.")(
    showing(
        "dots",
        keeps(
            "The dots of the message are not protected as they should be.",
            "leading-dots-doubled",
            "lone-dot-doubled",
            "other-dots-stay",
        ),
        try_of,
    )
)
RULES.rule("pieces", 1, "RFC 5321 4.2", "A reply that comes octet by octet is read to its end.")(
    of_all(
        showing("pieces", keeps("Your client takes a piece for the whole reply.", "joins-pieces"), try_of),
        tells_sent("pieces"),
    )
)
RULES.rule("lines", 1, "RFC 5321 4.2.1", "A reply of several lines is read to its last line.")(
    of_all(
        showing(
            "lines", keeps("Your client takes the first lines for the whole reply.", "reads-several-lines"), try_of
        ),
        tells_sent("several"),
    )
)
RULES.rule("first-digit", 1, "RFC 5321 4.2.1", "251 is as good as 250.", label="first digit")(
    showing(
        "first-digit",
        of_all(keeps("Your client does not take 251 for a success.", "takes-251"), tells_sent("251")),
        try_of,
    )
)


def refused_recipient(play: str) -> Judge[ClientEvidence]:
    """Return the judge that a client sends no text to nobody.

    DATA may still come: a client that has several recipients may learn from its reply that nobody is left.

    Args:
        play: refuses the only recipient.
    """

    def judge(evidence: ClientEvidence) -> RuleFailure | None:
        client = try_of(evidence, play)
        if isinstance(client, RuleFailure):
            return client
        if client.first("RCPT") is None:
            sentence = f"{client.play.story} Your client does not come so far."
            return RuleFailure(sentence, got=in_words(client.story()[0]))
        on = next((each for each in client.after("RCPT") if each.step not in ("DATA", "QUIT", "RSET", "NOOP")), None)
        if on is None:
            return None
        sentence = f"{client.play.story} Your client goes on after the refusal of its only recipient."
        hint = "count the recipients that were taken; if there is none, say QUIT and stop"
        of_the_message = on.line and on.line in client.play.message.splitlines()
        got = f"{visible(on.data)}, a line of the message" if of_the_message else visible(on.data)
        return RuleFailure(sentence, "QUIT, or nothing more", got, hint)

    return judge


_SAYS_SO = "If the only recipient is refused, no text is sent, and the outcome says so."
RULES.rule("refusal", 3, "RFC 5321 3.3", _SAYS_SO)(
    RULES.asks("Which code did RCPT get, and what did your function do with it?")(
        of_all(*map(refused_recipient, SEVERITY), tells(SEVERITY, loosely=True))
    )
)


@RULES.rule("severity", 3, "RFC 5321 4.2.1", "The outcome of 4yz is later, and that of 5yz never.")
@RULES.asks("What does the first digit of the code say about another try?")
def _tells_later_from_never(evidence: ClientEvidence) -> RuleFailure | None:
    if tells(SEVERITY, loosely=True)(evidence):
        return _same_cause(_SAYS_SO)
    return tells(SEVERITY)(evidence)


@RULES.rule(
    "recipients", 4, "RFC 5321 3.3", "Each recipient has an outcome: if one of two is refused, the other is served."
)
@RULES.asks("What does your function return for each recipient if one of two is refused?")
def _serves_the_others(evidence: ClientEvidence) -> RuleFailure | None:
    for name in ("plain", TWO, TWO_LATER):
        client = try_of(evidence, name)
        if isinstance(client, RuleFailure):
            return client
        if not client.texts:
            expected, got = visible(str(wanted(evidence.task, client, SENT))), in_words(client.story()[0])
            return RuleFailure(f"{client.play.story} Your client sends no message.", expected, got)
        if client.hang(*_NO_END):
            return RuleFailure(_NEVER_ENDED.format(story=client.play.story), wording.EXPECT_DOT)
        if found := tells({name: SENT}, loosely=True)(evidence):
            return found
    return None


def message_goes_once(evidence: ClientEvidence, play: str) -> RuleFailure | None:
    """Return that a client sends no message in a play, or sends it again because no reply came; None if neither."""
    client = try_of(evidence, play)
    if isinstance(client, RuleFailure):
        return client
    if not client.texts:
        return RuleFailure(f"{client.play.story} Your client does not come so far.", got=in_words(client.story()[0]))
    if client.play.message.splitlines()[-1] in client.server.pending:
        sentence = f"{client.play.story} Your client sends the message again, in the same session."
        return RuleFailure(sentence, belief="no-reply-means-not-delivered")
    return None


RULES.rule("closing", 2, "RFC 5321 3.8", "If the server closes before the dot, the outcome is later.")(
    RULES.asks("What does recv return once the server has closed?")(
        tells({"close-at-greeting": LATER, "close-at-rcpt": LATER})
    )
)


@RULES.rule("unknown", 2, "RFC 5321 4.2.5", "If the dot was sent and no reply comes, the outcome is unknown.")
@RULES.asks("What may the server have done with the message before it fell silent?")
def _admits_that_nobody_can_know(evidence: ClientEvidence) -> RuleFailure | None:
    """Judge by a server that closes; by a silent one if a closed connection alone holds the client for ever."""
    before = try_of(evidence, "close-at-rcpt")
    waits = not isinstance(before, RuleFailure) and before.end.stopped
    play = "silent-at-dot" if waits else "close-at-dot"
    return message_goes_once(evidence, play) or tells({play: UNKNOWN})(evidence)


RULES.rule("silence", 2, "RFC 5321 4.5.3.2", "If no reply comes, the function gives up once its time is over: later.")(
    RULES.asks("How long does recv wait, and who said so?")(tells({"silent-at-rcpt": LATER}))
)
RULES.rule("quit", 1, "RFC 5321 4.1.1.10", "The client says QUIT, and waits for 221 before it closes.")(
    keeps("Your client does not end the session as it should.", "sends-quit", "waits-for-221", "exits-with-0")
)

PART = ExercisePart(
    "send",
    RULES.in_order(),
    hidden=5,
    hidden_points=10,
    beyond="Servers refuse other steps, fall silent at the end, take their time, and talk much; messages are larger.",
    question="What had the server said when your client sent the line that is shown?",
    shows=lambda evidence: shown_by_clients(evidence, try_of),
    needs=Rule(
        "send.yours",
        0,
        "the task",
        "Your own client introduces itself, with the name on your sheet.",
        _introduces_itself,
    ),
)
