"""Part ``send`` of exercise 04: a client as a function, judged by the wire.

What is right is said by the rules of `smtplab.conformance`. A rule of the exercise joins those that a student meets as
one thing, and says what the mistake was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ....conformance.clients import client_wording as wording
from ....conformance.clients.client_rules import CLIENT_RULES, ClientRule
from ....conformance.clients.played import RuleVerdict
from ....conformance.clients.plays import RECIPIENT, SENDER
from ....conformance.rule import RuleOutcome
from ....protocol.commands import WithPath, parse_command
from ....protocol.replies import ProtocolError
from ...recording import Unasked
from ...rules import ExercisePart, Judge, Rule, RuleFailure, RuleList, visible
from ...trials import TriedProgram
from ..answer_evidence import kind_of
from .client_beliefs import showing, shown_by_clients
from .task import ClientEvidence, ClientTask
from .trials import TWO, PlayedFunction, envelope_for, played

RULES = RuleList[ClientEvidence]("send")
_SHARED: Mapping[str, ClientRule] = {each.rule.id: each for each in CLIENT_RULES}
_EXCEPTION = "raise an exception: that is how a function says that it has failed"
# What the rules for programs say, in the words for a function.
_FOR_A_FUNCTION: Mapping[str, str] = {
    wording.EXPECT_0: "the function returns",
    wording.EXPECT_NOT_0: "an exception",
    wording.EXPECT_END_NOT_0: "an exception",
    wording.EXPECT_DELIVERY: "the message is delivered, and the function returns",
    wording.ENDED.format(code=0): "the function returned",
    wording.ENDED.format(code=1): "the function returned False",
    _SHARED["exits-with-0"].rule.demand: "After 250 for the dot the function returns.",
    wording.LOOK_EXIT: _EXCEPTION,
    wording.LOOK_CRASH: "this is what your function raised; look there first",
}


def try_of(evidence: ClientEvidence, play: str) -> PlayedFunction | RuleFailure:
    """Return how the function did in a play; or that it never came to its end."""
    program = evidence.answers["send_mail"]
    assert isinstance(program, TriedProgram)
    try:
        return played(program, evidence.task, play)
    except Unasked:
        return RuleFailure("Your function never came back.", hint="look for a loop without an end")


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
            return first or RuleFailure(f"This has the same cause as another mistake: {in_words(need.rule.demand)}")
    return None


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


def fails(evidence: ClientEvidence, plays: Iterable[str], mistake: str) -> RuleFailure | None:
    """Return None if the function raises an exception in each of these plays."""
    for name in plays:
        client = try_of(evidence, name)
        if isinstance(client, RuleFailure):
            return client
        if client.end.stopped:
            return RuleFailure(
                f"{client.play.story} Your function waits for ever.", "an exception", hint=_hint_of_wait(client)
            )
        if client.end.crash == "":
            got = f"the function returned {visible(str(client.returned))}"
            return RuleFailure(f"{client.play.story} {mistake}", "an exception", got, _EXCEPTION)
    return None


def _hint_of_wait(client: PlayedFunction) -> str:
    if client.play.silent_at:
        return "sock.settimeout(...) says how long recv waits; then it raises TimeoutError"
    if client.play.closes_at:
        return 'recv gives b"" when the server has closed, again and again'
    return _small(client.story()[1])


def _introduces_itself(evidence: ClientEvidence) -> RuleFailure | None:
    program = evidence.answers.get("send_mail")
    if program is None:
        hint = 'hand in with mine.hand_in("send_mail", send_mail)'
        return RuleFailure("No function has been handed in yet.", hint=hint, undone=True)
    if not isinstance(program, TriedProgram):
        return RuleFailure(
            "What you handed in is not a function.", got=kind_of(program), hint="hand in send_mail, not send_mail(...)"
        )
    client = try_of(evidence, "plain")
    if isinstance(client, RuleFailure):
        return client
    wanted = evidence.task.client
    for hello in (each for each in client.heard if each.step in ("EHLO", "HELO")):
        if hello.line.decode("latin-1").partition(" ")[2].strip().casefold() == wanted:
            return None
    said = next((each for each in client.heard if each.step in ("EHLO", "HELO")), None)
    if said is not None:
        sentence = "Your client introduces itself with another name than that on your sheet."
        return RuleFailure(sentence, f"EHLO {wanted}, or HELO", visible(said.line))
    sentence, expected = "Your client never says EHLO or HELO.", f"EHLO {wanted}, or HELO"
    if client.heard:
        return RuleFailure(sentence, expected, visible(client.heard[0].data))
    note, hint = client.story()
    return RuleFailure(sentence, expected, visible(client.server.pending) or in_words(note), _small(in_words(hint)))


@RULES.rule("turns", 2, "RFC 5321 4.3.1", "The client waits for each reply, from the greeting on, before it speaks.")
@RULES.asks("Which reply had come when your client sent the line that is shown?")
def _waits(evidence: ClientEvidence) -> RuleFailure | None:
    return keeps("Your client speaks before the reply has come.", "waits-for-each-reply")(evidence)


@RULES.rule("envelope", 2, "RFC 5321 4.1.1.2 and 4.1.1.3", "MAIL and RCPT have the addresses that are given, in < >.")
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
RULES.rule("crlf", 2, "RFC 5321 2.3.8", "Each line ends in CRLF, in a command as in the message.")(
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
RULES.rule("message", 2, "RFC 5321 4.1.1.4", "The message arrives octet by octet, and a lone dot ends it.")(
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
RULES.rule("dots", 2, "RFC 5321 4.5.2", "Each line that begins with a dot gets one more, and no other line.")(
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
RULES.rule("pieces", 2, "RFC 5321 4.2", "A reply that comes octet by octet is read to its end.")(
    showing("pieces", keeps("Your client takes a piece for the whole reply.", "joins-pieces"), try_of)
)
RULES.rule("lines", 2, "RFC 5321 4.2.1", "A reply of several lines is read to its last line.")(
    showing("lines", keeps("Your client takes the first lines for the whole reply.", "reads-several-lines"), try_of)
)


def _lists_who_was_taken(evidence: ClientEvidence) -> RuleFailure | None:
    """Return that a function counts 251 as a refusal, although it sends the message; None if it does not."""
    plain, client = try_of(evidence, "plain"), try_of(evidence, "251")
    if isinstance(plain, RuleFailure) or isinstance(client, RuleFailure):
        return None
    if plain.returned != [] or not isinstance(client.returned, list) or not client.returned:
        return None  # what a function always returns is judged elsewhere
    sentence = f"{client.play.story} Your function returns the recipient as refused."
    hint = "the list is empty if all were taken; look at the first digit of the code"
    return RuleFailure(sentence, "an empty list", visible(str(client.returned)), hint)


@RULES.rule("first-digit", 1, "RFC 5321 4.2.1", "251 is as good as 250.", label="first digit")
def _takes_the_first_digit(evidence: ClientEvidence) -> RuleFailure | None:
    judge = keeps("Your client does not take 251 for a success.", "takes-251")
    found = showing("first-digit", judge, try_of)(evidence)
    return found or showing("first-digit", _lists_who_was_taken, try_of)(evidence)


def refused_recipient(play: str) -> Judge[ClientEvidence]:
    """Return the judge that a client sends no text to nobody, and fails.

    DATA may still come: a client that has several recipients may learn from its reply that nobody is left.

    Args:
        play: refuses the only recipient.
    """

    def judge(evidence: ClientEvidence) -> RuleFailure | None:
        client = try_of(evidence, play)
        if isinstance(client, RuleFailure):
            return client
        if client.first("RCPT") is None:
            return RuleFailure(
                f"{client.play.story} Your client does not come so far.", got=in_words(client.story()[0])
            )
        on = next((each for each in client.after("RCPT") if each.step not in ("DATA", "QUIT", "RSET", "NOOP")), None)
        if on is not None:
            sentence = f"{client.play.story} Your client goes on behind the refusal."
            hint = "look at the code of each reply; if its first digit is 4 or 5, say QUIT and stop"
            return RuleFailure(sentence, "QUIT, or nothing more", visible(on.data), hint)
        return fails(evidence, (play,), "Your function returns all the same.")

    return judge


RULES.rule("refusal", 2, "RFC 5321 3.3", "If the only recipient is refused, no text is sent, and the function fails.")(
    RULES.asks("Which code did RCPT get, and what did your function do with it?")(refused_recipient("rcpt-550"))
)


@RULES.rule(
    "recipients", 2, "RFC 5321 3.3", "One refused recipient of two is returned, and the other gets the message."
)
@RULES.asks("What does your function return if nobody is refused, and what if one is?")
def _returns_the_refused(evidence: ClientEvidence) -> RuleFailure | None:
    for name, refused in (("plain", []), (TWO, [evidence.task.stranger])):
        client = try_of(evidence, name)
        if isinstance(client, RuleFailure):
            return client
        expected = f"a list with {refused[0]}" if refused else "an empty list"
        story = client.play.story
        if not client.texts:
            got = in_words(client.story()[0])
            return RuleFailure(f"{story} Your client sends no message.", expected, got)
        if client.end.crash or client.end.stopped:
            got = client.end.crash or client.end.waits
            return RuleFailure(f"{story} Your function does not return.", expected, visible(got))
        if client.returned != refused:
            got = visible(str(client.returned))
            return RuleFailure(f"{story} Your function returns something else.", expected, got)
    return None


@RULES.rule("closing", 1, "RFC 5321 3.8", "If the server closes in place of a reply, the function fails.")
@RULES.asks("What does recv return once the server has closed?")
def _notices_the_close(evidence: ClientEvidence) -> RuleFailure | None:
    return fails(evidence, ("close-at-greeting", "close-at-rcpt"), "Your function returns all the same.")


@RULES.rule("silence", 1, "RFC 5321 4.5.3.2", "If no reply comes, the function fails once its time is over.")
@RULES.asks("How long does recv wait, and who said so?")
def _gives_up(evidence: ClientEvidence) -> RuleFailure | None:
    return fails(evidence, ("silent-at-rcpt",), "Your function returns all the same.")


RULES.rule("quit", 1, "RFC 5321 4.1.1.10", "The client says QUIT, and waits for 221 before it closes.")(
    keeps("Your client does not end the session as it should.", "sends-quit", "waits-for-221", "exits-with-0")
)

PART = ExercisePart(
    "send",
    RULES.in_order(),
    hidden=5,
    hidden_points=7,
    beyond="Servers refuse other steps, break off at the end, take their time, and talk much; messages are larger.",
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
