"""Part ``arrive`` of exercise 06: records and aliases for six addresses, tried in played worlds.

`wrong_records` says what is wrong with the records where a rule about them does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ....base.printed import in_a_row
from ....mta.zone import NULL_MX
from ...rules import ExercisePart, Rule, RuleFailure, RuleList, shown, text_of
from ..answer_evidence import kind_of, not_handed_in
from .records import ALIAS, RECORD, Aliases, Records, read_aliases, read_records
from .task import MailRoutesEvidence, MailRoutesTask
from .world import Played, RoutesWorld
from .wrong_records import (
    line_left_out,
    missing_addresses,
    missing_exchanges,
    why_not_delivered,
    why_not_refused,
    wrong_address,
    wrong_order,
)

QUESTIONS = ("zone", "aliases")

# Between hosts of equal preference each message draws, so one message alone may be lucky.
_COPIES = 8


RULES = RuleList[MailRoutesEvidence]("arrive")


def records_of(evidence: MailRoutesEvidence) -> Records:
    """Return the records that were handed in, without the lines that cannot be read."""
    return read_records(text_of(evidence.answers.get("zone")) or "")


def aliases_of(evidence: MailRoutesEvidence) -> Aliases:
    """Return the aliases that were handed in, without the lines that cannot be read."""
    return read_aliases(text_of(evidence.answers.get("aliases")) or "", evidence.task)


# The worlds


@lru_cache(maxsize=64)
def _by_zone(task: MailRoutesTask, zone: str, address: str, copies: int) -> Played:
    """Play the student's records, with no aliases."""
    return RoutesWorld(task, read_records(zone), Aliases()).send(address, copies=copies)


@lru_cache(maxsize=64)
def _by_aliases(task: MailRoutesTask, aliases: str, address: str) -> Played:
    """Play the student's aliases, with records under which all addresses can be reached."""
    mx = {domain: [(10, host)] for domain, host in ((task.home, task.main), (task.branch, task.second))}
    records = Records(mx, {name: [address] for name, address in task.machines.items()})
    return RoutesWorld(task, records, read_aliases(aliases, task)).send(address)


def tried(evidence: MailRoutesEvidence, address: str, copies: int = 1) -> Played:
    """Return what becomes of messages under the student's records."""
    return _by_zone(evidence.task, text_of(evidence.answers.get("zone")) or "", address, copies)


def expanded(evidence: MailRoutesEvidence, local_part: str) -> Played:
    """Return what becomes of a message to a name of the student's domain under the student's aliases."""
    aliases = text_of(evidence.answers.get("aliases")) or ""
    return _by_aliases(evidence.task, aliases, f"{local_part}@{evidence.task.home}")


# The rules


def _is_yours(evidence: MailRoutesEvidence) -> RuleFailure | None:
    """The records or aliases name a domain of this student's sheet."""
    given = {question: evidence.answers.get(question) for question in QUESTIONS}
    texts = {question: text_of(answer) for question, answer in given.items()}
    for question, answer in given.items():
        if answer is not None and texts[question] is None:
            got = kind_of(answer)
            return RuleFailure(f'What you handed in as "{question}" is not text.', "lines between triple quotes", got)
    said = "\n".join(text.strip("\n") for text in texts.values() if text)
    if not said.strip():
        return not_handed_in(evidence, "zone", "No records have been handed in yet.")
    if any(domain in said.casefold() for domain in evidence.task.domains):
        return _exchanged(evidence)
    return RuleFailure(
        "None of the domains of your task is named in your records or aliases.",
        f"records for {', '.join(evidence.task.domains)}",
        shown(said),
        f"everybody's domains are different; {evidence.wording.sheet} shows your own",
    )


def _exchanged(evidence: MailRoutesEvidence) -> RuleFailure | None:
    """Return that the records were handed in as aliases and the aliases as records, if they were."""
    zone, aliases = (text_of(evidence.answers.get(question)) or "" for question in QUESTIONS)
    if not records_of(evidence).is_empty or read_records(aliases).is_empty:
        return None
    if zone.strip() and not read_aliases(zone, evidence.task).lines:
        return None
    return RuleFailure(
        'You handed in the records as "aliases".' if not zone.strip() else "Your zone and your aliases are exchanged.",
        'records as "zone", aliases as "aliases"',
        shown(aliases),
    )


@RULES.rule(
    "lines",
    0,
    "RFC 1035 5.1",
    "Every line is a record or an alias. This has no points; what the lines say has.",
    label="every line can be read",
)
@RULES.asks("What does each word of this line mean, and what does the form of a record or an alias have in its place?")
def _can_be_read(evidence: MailRoutesEvidence) -> RuleFailure | None:
    if missing := _missing(evidence, "zone") or _missing(evidence, "aliases"):
        return missing
    return records_of(evidence).fault or aliases_of(evidence).fault


@RULES.rule(
    "complete",
    0,
    "RFC 5321 5.1",
    "Each machine has its address, and senders find the mail hosts in order. 2 points come at grading.",
    label="addresses and mail hosts are complete",
)
@RULES.asks("On which day does which host take the mail, and which record tells senders of it?")
def _is_complete(evidence: MailRoutesEvidence) -> RuleFailure | None:
    task, records = evidence.task, records_of(evidence)
    if missing := _missing(evidence, "zone"):
        return missing
    addresses = (wrong_address(task, records, name) for name in task.machines)
    faults = (
        missing_addresses(task, records) or next(filter(None, addresses), None),
        missing_exchanges(task, records),
        wrong_order(records, task.home, task.main, task.backup),
        wrong_order(records, task.branch, task.first, task.second),
    )
    return _all_of([fault for fault in faults if fault is not None])


def _all_of(faults: list[RuleFailure]) -> RuleFailure | None:
    """Return several faults as one, so that none hides another; None if there is none."""
    if len(faults) < 2:
        return faults[0] if faults else None

    def lines(texts: Iterable[str]) -> str:
        return "\n".join(dict.fromkeys(filter(None, texts)))

    return RuleFailure(
        " ".join(dict.fromkeys(fault.sentence for fault in faults)),
        lines(fault.expected for fault in faults),
        lines(fault.got for fault in faults),
        faults[0].hint,
    )


def _missing(evidence: MailRoutesEvidence, question: str) -> RuleFailure | None:
    if (text_of(evidence.answers.get(question)) or "").strip():
        return None
    form = {"zone": RECORD, "aliases": ALIAS}[question]
    return not_handed_in(evidence, question, f'Nothing has been handed in as "{question}" yet.', form)


@RULES.rule(
    "preferred",
    2,
    "RFC 5321 5.1",
    "Mail to a mailbox of your domain goes straight to its mail host.",
    label="mail to your own domain",
)
@RULES.asks("Which host of your domain do senders try first, and by which number?")
def _prefers_the_mail_host(evidence: MailRoutesEvidence) -> RuleFailure | None:
    task = evidence.task
    if missing := _missing(evidence, "zone"):
        return missing
    played = tried(evidence, f"{task.reader}@{task.home}", _COPIES)
    if played.places == ((task.main, task.reader),) * _COPIES and set(played.hops) == {2}:
        return None
    return why_not_delivered(task, records_of(evidence), played, task.home, (task.main, task.backup))


@RULES.rule(
    "second",
    2,
    "RFC 5321 5.1",
    "Senders try the first host of the other domain first, and reach the second while that is down.",
    label="mail while the first host is down",
)
@RULES.asks("Which record tells a sender of the second host, and which where it is?")
def _reaches_the_second_host(evidence: MailRoutesEvidence) -> RuleFailure | None:
    task = evidence.task
    if missing := _missing(evidence, "zone"):
        return missing
    played = tried(evidence, f"{task.partner}@{task.branch}")
    records = records_of(evidence)
    wrong = wrong_order(records, task.branch, task.first, task.second)
    if played.places == ((task.second, task.partner),) and wrong is None:
        return None
    return why_not_delivered(task, records, played, task.branch, (task.second, task.first))


@RULES.rule(
    "no-mx",
    2,
    "RFC 5321 5.1",
    "Mail arrives at the domain that has no MX record.",
    label="mail to the domain without MX",
)
@RULES.asks("What does a sender look for when a domain has no MX record?")
def _needs_no_mx(evidence: MailRoutesEvidence) -> RuleFailure | None:
    task, records = evidence.task, records_of(evidence)
    if missing := _missing(evidence, "zone"):
        return missing
    if task.small in records.mx:
        return RuleFailure(
            "You gave an MX record to the domain that has none.",
            f"mail for {task.small} goes to the machine of this name, by its address alone",
            records.written(task.small, "MX"),
        )
    played = tried(evidence, f"{task.friend}@{task.small}")
    if played.places == ((task.small, task.friend),):
        return None
    return wrong_address(task, records, task.small) or RuleFailure(
        "The domain without an MX record cannot be reached.", f"at {task.small}", played.told()
    )


@RULES.rule(
    "refused",
    1,
    "RFC 7505 3",
    "Mail for the domain that takes none is refused at once.",
    label="the domain that takes no mail",
)
@RULES.asks("By which record does a sender learn at once that a domain takes no mail?")
def _refuses_at_once(evidence: MailRoutesEvidence) -> RuleFailure | None:
    task, records = evidence.task, records_of(evidence)
    if missing := _missing(evidence, "zone"):
        return missing
    played = tried(evidence, f"info@{task.web}")
    if not played.replies[0].is_positive and records.mx.get(task.web) == [(0, NULL_MX)]:
        return None
    return why_not_refused(task, records, played)


@RULES.rule(
    "web",
    1,
    "RFC 1035 3.4.1",
    "The web server has its address, also if its domain takes no mail.",
    label="the web server",
)
@RULES.asks("Which record says where the web server is?")
def _gives_the_web_server_an_address(evidence: MailRoutesEvidence) -> RuleFailure | None:
    """A rule of its own, so that a null MX that is right does not pay for a forgotten address."""
    return _missing(evidence, "zone") or wrong_address(evidence.task, records_of(evidence), evidence.task.web)


@RULES.rule(
    "role",
    2,
    "RFC 5321 3.9.1",
    "Mail to the name that somebody else reads is in the mailbox of that person.",
    label="the name that another reads",
)
@RULES.asks("Who reads this mail by your sheet, and where does your alias lead?")
def _is_read_by_the_deputy(evidence: MailRoutesEvidence) -> RuleFailure | None:
    task = evidence.task
    return _leads_to(evidence, task.role, ((task.main, task.deputy),))


@RULES.rule(
    "moved",
    2,
    "RFC 5321 3.4",
    "Mail for the one who has moved arrives at the new address.",
    label="the one who has moved",
)
@RULES.asks("What is the new address by your sheet, and where does your alias lead?")
def _is_sent_on(evidence: MailRoutesEvidence) -> RuleFailure | None:
    task = evidence.task
    return _leads_to(evidence, task.moved, ((task.small, task.moved),))


@RULES.rule(
    "group",
    2,
    "RFC 5321 3.9.1",
    "Mail to the group arrives once in the mailbox of each member, and in no other.",
    label="the group",
)
@RULES.asks("Who are the members by your sheet, with their domains, and who gets a copy now?")
def _reaches_the_whole_group(evidence: MailRoutesEvidence) -> RuleFailure | None:
    task = evidence.task
    return _leads_to(
        evidence,
        task.group,
        ((task.main, task.reader), (task.second, task.partner), (task.small, task.friend)),
    )


def _leads_to(evidence: MailRoutesEvidence, name: str, wanted: tuple[tuple[str, str], ...]) -> RuleFailure | None:
    """Return why mail to a name of the student's domain does not arrive in these mailboxes, once in each."""
    if missing := _missing(evidence, "aliases"):
        return missing
    aliases = aliases_of(evidence)
    if name not in aliases.members:
        got = f"aliases for {', '.join(aliases.members) or 'nobody'}"
        sentence = f"There is no alias {name}, so mail to this name is refused."
        return line_left_out(aliases, name) or RuleFailure(sentence, f"an alias {name}", got)
    if name in aliases.left_out:  # a second line; where the first one leads is not the mistake
        return RuleFailure(
            f"Only your first line about {name} counts.",
            "one line with all of its members",
            aliases.written(name),
        )
    played = expanded(evidence, name)
    if sorted(played.places) == sorted(wanted):
        return None
    missing_places = [f"{mailbox} at {host}" for host, mailbox in wanted if (host, mailbox) not in played.places]
    extra = dict.fromkeys(f"{mailbox} at {host}" for host, mailbox in played.places if (host, mailbox) not in wanted)
    got = f"{aliases.written(name)}\n{played.told()}"
    faults = [
        f"Mail to {name} {did} {in_a_row(people)}, who {should} get it."
        for did, should, people in (
            ("reaches", "should not", extra),
            ("does not reach", "should", missing_places),
        )
        if people
    ]
    if faults:
        return RuleFailure(" ".join(faults), got=got)
    return RuleFailure(f"Somebody gets mail to {name} more than once.", "one copy in each mailbox", got)


PART = ExercisePart(
    "arrive",
    RULES.in_order(),
    hidden=2,
    hidden_points=2,
    beyond="They try days on which other hosts are up or down.",
    question="What does the sheet say about this address, and which of your lines is about it?",
    needs=Rule("arrive.yours", 0, "your task sheet", "The records and aliases are about your task.", _is_yours),
    questions=QUESTIONS,
)
