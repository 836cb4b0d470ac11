"""Part ``server`` of exercise 05: a server as a class, judged by what it answers to our clients, and what it stores.

A rule of the exercise joins some rules of `smtplab.conformance`, which say what is right, and what to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile

from ....conformance.rule import ConformanceFinding
from ....conformance.sentences import CLOSING_UNSEEN
from ...recording import Unasked
from ...rules import ExercisePart, Judge, Rule, RuleFailure, RuleList, visible
from ...trials import TriedProgram, never_ended
from ..answer_evidence import kind_of
from .charged_once import is_charged
from .clients import FIRST_HELO, FULL_SIZE, GREETING, LINE, MAILBOXES, OWN_IDS, RECIPIENTS, SECOND_MAIL, SIZE
from .server_beliefs import shown_by_servers
from .sessions import CODES_ONLY, SESSIONS, SessionFinding, session_of
from .task import ServerEvidence
from .trials import found_in, rule_named

RULES = RuleList[ServerEvidence]("server")
_JUDGES: dict[str, Judge[ServerEvidence]] = {}  # of the rules, by their names
_NO_CLOSED = "set self.closed = False in __init__, and True when you answer QUIT"
_NEVER = RuleFailure("Your server never came back.", hint="look for a loop without an end")


def keeps(*names: str) -> Judge[ServerEvidence]:
    """Return the judge that nothing is found at some visits; their names are those of `trials.ServerTrials`."""

    def judge(evidence: ServerEvidence) -> RuleFailure | None:
        for name in names:
            finding = visit_of(evidence, name)
            if isinstance(finding, RuleFailure):
                return finding
            if not finding.passed:
                return _cause_elsewhere(evidence, name, names) or failure(finding)
        return None

    return judge


def holds_sessions(first: int, last: int) -> Judge[ServerEvidence]:
    """Return the judge that the server does as ours in some drawn sessions, but for a slip that another rule charges.

    Args:
        first, last: the numbers of the sessions, as a slice has them.
    """

    def judge(evidence: ServerEvidence) -> RuleFailure | None:
        differing: dict[int, SessionFinding] = {}
        for name in list(SESSIONS)[first:last]:
            finding = visit_of(evidence, name)
            if isinstance(finding, RuleFailure):
                return finding
            if not finding.passed:
                assert isinstance(finding, SessionFinding)
                differing[SESSIONS[name]] = finding
        if not differing or _is_charged_elsewhere(evidence, differing, judge):
            return None
        return failure(next(iter(differing.values())))

    return judge


def _is_charged_elsewhere(
    evidence: ServerEvidence, differing: Mapping[int, SessionFinding], asking: Judge[ServerEvidence]
) -> bool:
    """Return True if public rules before the asking one fail, and these explain all that differs."""
    before = takewhile(lambda each: each[1] is not asking, _JUDGES.items())
    failing = [name for name, judge in before if judge(evidence) is not None]
    sessions = (session_of(evidence.task, number)[: found.steps] for number, found in differing.items())
    return is_charged(failing, sessions)


def visit_of(evidence: ServerEvidence, name: str) -> ConformanceFinding | RuleFailure:
    """Return what was found at a visit; or that it never came to its end."""
    program = evidence.answers["server"]
    assert isinstance(program, TriedProgram)
    try:
        return never_ended(program.record(name), "Your server") or found_in(program, evidence.task, name)
    except Unasked:
        return _NEVER


def _cause_elsewhere(evidence: ServerEvidence, name: str, own: Iterable[str]) -> RuleFailure | None:
    """Return that a shared rule fails for the same reason as one that it needs; None if those hold."""
    if name in SESSIONS or name in OWN_IDS:
        return None
    for need in (need for need in rule_named(name).needs if need not in own):
        finding = visit_of(evidence, need)
        if not isinstance(finding, RuleFailure) and not finding.passed:
            first = _cause_elsewhere(evidence, need, own) or (None if finding.failed else failure(finding))
            return first or RuleFailure(f"This has the same cause as another mistake: {finding.rule.demand}")
    return None


def failure(finding: ConformanceFinding) -> RuleFailure:
    """Return the finding of a visit as the failure of a rule of the exercise."""
    if not finding.failed:
        hint = _NO_CLOSED if finding.look == CLOSING_UNSEEN else ""
        return RuleFailure(f"This cannot be judged. {finding.look}", hint=hint)
    came = visible(finding.came) if finding.came else finding.note or "nothing"
    note = f" {finding.note}" if finding.came and finding.note else ""
    got = f"{came}{note}, when this was sent: {visible(finding.sent)}" if finding.sent else f"{came}{note}"
    return RuleFailure(f"This does not hold: {finding.rule.demand}", finding.expected, got, _as_hint(finding.look))


def _as_hint(look: str) -> str:
    """Return a sentence as it stands after ``hint:``, in small letters unless it begins with a word in capitals."""
    word = look.partition(" ")[0]
    return look if not look or (len(word) > 1 and word.isupper()) else look[0].lower() + look[1:].removesuffix(".")


def _is_your_server(evidence: ServerEvidence) -> RuleFailure | None:
    program = evidence.answers.get("server")
    hint = 'hand in with mine.hand_in("server", Server)'
    if program is None:
        return RuleFailure("No server has been handed in yet.", hint=hint, undone=True)
    if not isinstance(program, TriedProgram):
        return RuleFailure(
            "What you handed in is not a class.", got=kind_of(program), hint="hand in Server, not Server()"
        )
    return keeps(GREETING)(evidence)


def _demand(name: str, points: int, rfc: str, demand: str, question: str, *visits: str, label: str = "") -> None:
    judge = _JUDGES[name] = keeps(*visits)
    RULES.rule(name, points, rfc, demand, label=label)(RULES.asks(question)(judge))


_demand(
    "opening", 1, "RFC 5321 4.1.1.1", "HELO and EHLO are answered with 250; a hyphen after the code: more follows.",
    "How does a reply of several lines look, and which line is its last one?",
    "helo-is-answered-250", "ehlo-is-answered-250", "ehlo-lines-have-hyphens", "ehlo-names-the-host",
)  # fmt: skip
_demand(
    "replies", 1, "RFC 5321 4.2", "Each command gets one reply, which begins with a code and ends in CRLF.",
    "Which octets does feed return for the line that is shown?",
    "replies-end-in-crlf", "replies-begin-with-a-code", "one-reply-to-each-command",
)  # fmt: skip
_demand(
    "transaction", 1, "RFC 5321 3.3",
    "MAIL, RCPT, DATA and the dot get 250, 250, 354 and 250, in small letters, too; text gets nothing.",
    "In which state is your server when the line comes that is shown?",
    "mail-is-answered-250", "rcpt-is-answered-250", "rcpt-may-come-again", "data-is-answered-354",
    "text-is-taken-in-silence", "dot-is-answered-250", "session-goes-on-after-the-text",
    "small-letters-are-commands",
)  # fmt: skip
_demand(
    "order", 1, "RFC 5321 4.1.4", "A command that comes too early gets 503, and changes nothing.",
    "Which row of your table is looked at, and which verbs does it have?",
    FIRST_HELO, "rcpt-needs-mail", "data-needs-a-sender", "data-needs-a-recipient", "mail-only-once",
    SECOND_MAIL, "recipients-are-forgotten", "refusal-changes-nothing",
)  # fmt: skip
_demand(
    "mailboxes", 2, "RFC 5321 3.3", "The mailboxes of your sheet are taken, Postmaster is, and nobody else.",
    "With what does your server compare the address?",
    MAILBOXES,
)  # fmt: skip
_demand(
    "stored", 1, "RFC 5321 4.1.1.4", "Each message is stored octet by octet, without the dot that ends it.",
    "How do the octets in messages differ from those that were sent?",
    "message-is-stored", "text-is-stored-as-sent", "crlf-is-stored", "case-is-kept", "blanks-are-kept",
    "messages-are-stored-apart",
)  # fmt: skip
_demand(
    "dots", 1, "RFC 5321 4.5.2", "A line that begins with a dot is stored with one dot less.",
    "What does your server do with a line of two dots?",
    "doubled-dot-is-undone", "one-dot-only-is-removed", "dots-inside-lines-stay", "line-of-one-dot-is-text",
)  # fmt: skip
_demand(
    "end", 1, "RFC 5321 4.1.1.4", "Only CRLF, dot, CRLF ends a text; QUIT in it is text.",
    "Which octets did your server take for the end?",
    "quit-in-the-text-is-text", "lf-dot-lf-is-text", "dot-at-the-end-of-a-line-is-text",
    "blank-before-the-dot-is-text", "blank-behind-the-dot-is-text", "empty-text-is-answered",
)  # fmt: skip
_demand(
    "pieces", 1, "RFC 5321 2.3.8", "Octets may be cut anywhere, and several commands may come in one piece.",
    "What does your server keep between two calls of feed?",
    "command-in-octets", "half-a-command-is-kept", "two-commands-together", "end-in-five-pieces",
)  # fmt: skip
_demand(
    "syntax", 3, "RFC 5321 4.3.2", "What is no command gets 500, and a missing argument 501.",
    "What becomes of a line in which your server finds no verb, or nothing after it?",
    "unknown-command-gets-500", "empty-line-gets-500", "helo-needs-a-name", "mail-needs-an-address",
    "rcpt-needs-an-address",
)  # fmt: skip
_demand(
    "odd", 1, "RFC 5321 4.1.2",
    "Octets that are no ASCII get 500 or 501. What you do not offer gets 501 or 555 behind the >.",
    "What does your server do with a line that it cannot decode, and what with the octets behind the >?",
    "octets-above-127-get-500", "address-ends-at-its-bracket", "unknown-parameter-is-refused", label="odd lines",
)  # fmt: skip
_demand(
    "reset", 2, "RFC 5321 4.1.1.5 and 4.1.1.9", "RSET gives up a transaction, NOOP does nothing.",
    "What does your server forget at RSET, and what at NOOP?",
    "rset-is-answered-250", "rset-gives-up-the-transaction", "rset-keeps-helo", "noop-is-answered-250",
    "noop-changes-nothing",
)  # fmt: skip
_demand(
    "null", 2, "RFC 5321 4.5.5", "MAIL takes the empty address, and RCPT does not.",
    "What does your server find between < and >, and what does it say to that?",
    "mail-takes-the-null-sender", "rcpt-refuses-the-null-address", label="null address",
)  # fmt: skip
_demand(
    "limits", 3, "RFC 5321 4.5.3.1", "The limits of your sheet are kept: recipients, octets of a message, of a line.",
    "What does your server count, and when does it begin to count anew?",
    RECIPIENTS, SIZE, FULL_SIZE, LINE,
)  # fmt: skip
_demand(
    "quit", 2, "RFC 5321 4.1.1.10", "QUIT is answered with 221, and then the server closes.",
    "What is server.closed after QUIT?",
    "quit-is-answered-221", "quit-closes-the-connection",
)  # fmt: skip
_JUDGES["random"] = holds_sessions(0, CODES_ONLY)
RULES.rule(
    "random",
    2,
    "RFC 5321 4.1.4",
    "In sessions drawn at random, each code begins with the digit of ours.",
    label="random sessions",
)(RULES.asks("In which state is your server, and in which is ours?")(_JUDGES["random"]))

PART = ExercisePart(
    "server",
    RULES.in_order(),
    hidden=5,
    hidden_points=5,
    beyond="Several clients come at once, send many messages, odd addresses and long lines, and hold other sessions.",
    question="Which octets came, and what did feed return?",
    shows=lambda evidence: shown_by_servers(evidence.task, lambda name: visit_of(evidence, name)),
    needs=Rule("server.yours", 0, "the task", "Your own server greets, with the name on your sheet.", _is_your_server),
)
