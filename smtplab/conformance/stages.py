"""The stages of a run, in their order, and the run itself: it stops after the first stage with a rule that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..base.printed import in_a_row
from . import sentences
from .rule import ConformanceFinding, ConformanceRule, RuleOutcome


@dataclass(frozen=True, slots=True)
class Stage:
    """A step on the way to a right program.

    Args:
        name: one word, or two with a hyphen.
        goal: a sentence that says what the program can do at the end of the stage.
    """

    name: str
    goal: str


SERVER_STAGES = (
    Stage("greet", "The server greets the client with 220 as soon as it connects, in lines that end in CRLF."),
    Stage("hello", "It answers HELO with 250."),
    Stage("quit", "It answers QUIT with 221, then closes the connection."),
    Stage("sender", "It takes the sender with MAIL."),
    Stage("recipient", "It takes each recipient with RCPT."),
    Stage("data", "It answers DATA with 354, and only after a recipient."),
    Stage("message", "It takes the text in silence, and answers the dot that ends it with 250."),
    Stage("storage", "It stores the text octet by octet, without the dot that ends it."),
    Stage("dots", "It removes the dot that the client put before a line that begins with one."),
    Stage("line-ends", "It ends the text at CRLF, dot, CRLF and at nothing else."),
    Stage("again", "It takes several messages in one session."),
    Stage("order", "It answers 503 to a command that comes too early, and goes on."),
    Stage("syntax", "It answers 500 or 501 to what it cannot read, and goes on."),
    Stage("addresses", "It reads every form of address: the empty one, Postmaster, quoted names."),
    Stage("reset", "It has RSET, NOOP and VRFY."),
    Stage("extended", "It answers EHLO with a reply of one or more lines, and keeps what it offers."),
    Stage("pieces", "It reads commands and text in whatever pieces TCP delivers them."),
    Stage("limits", "It takes what every server must take, and refuses what is too long."),
    Stage("clients", "It serves several clients at once, and gets over one that vanishes."),
    Stage("pipelining", "It answers commands that arrive together, one by one and in order."),
)

CLIENT_STAGES = (
    Stage("greet", "The client connects to the server."),
    Stage("hello", "It introduces itself with EHLO or HELO."),
    Stage("sender", "It names the sender with MAIL."),
    Stage("recipient", "It names each recipient with RCPT."),
    Stage("data", "It sends DATA."),
    Stage("text", "It sends the text after 354 in lines that end in CRLF."),
    Stage("end", "It ends the text with a dot on a line of its own."),
    Stage("quit", "It says QUIT, and ends with exit code 0."),
    Stage("turns", "It waits for each reply, from the greeting to 221, before it goes on."),
    Stage("content", "The message arrives octet by octet as it was given."),
    Stage("dots", "It puts a dot before each line that begins with one."),
    Stage("pieces", "It reads a reply in whatever pieces TCP delivers it."),
    Stage("lines", "It reads replies of several lines to their end."),
    Stage("octets", "A large message, long lines and octets above 127 arrive as they are."),
    Stage("codes", "It looks at the first digit of a code, so 251 is as good as 250."),
    Stage("refusals", "It stops where the server refuses, and ends with another exit code than 0."),
    Stage("closing", "It notices that the server has closed the connection."),
    Stage("silence", "It stops waiting when its time-out is over."),
    Stage("form", "Its commands have exactly the form of the standard, and are no longer than it allows."),
    Stage("pipelining", "It sends commands together only if the server offers it."),
)


def run_stages(
    stages: Sequence[Stage],
    rules: Sequence[ConformanceRule],
    judge: Callable[[ConformanceRule], ConformanceFinding],
    *,
    all: bool = False,
) -> Iterator[ConformanceFinding]:
    """Yield the findings of a run, each as soon as it is there.

    Args:
        stages: in their order.
        rules: those of a stage are judged in their order here.
        judge: returns what it finds about a rule.
        all: True to go on after a stage with a rule that fails.
    """
    broken: dict[str, str] = {}  # rules that do not hold, or are not judged for this reason, and the cause of it
    for stage in stages:
        failed = False
        for rule in (rule for rule in rules if rule.stage == stage.name):
            causes = dict.fromkeys(broken[need] for need in rule.needs if need in broken)
            if causes:
                broken[rule.id] = next(iter(causes))
                finding = ConformanceFinding(
                    rule, RuleOutcome.SKIP, sentence=sentences.NEEDS.format(rules=in_a_row(causes))
                )
            else:
                finding = judge(rule)
                if finding.failed:
                    broken[rule.id] = rule.id
            failed = failed or finding.failed
            yield finding
        if failed and not all:
            return
