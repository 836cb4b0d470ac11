"""What is wrong with a student's records in exercise 06, as sentences for the rules of part ``arrive``.

Each function compares the records with the task sheet and with what became of a message, and returns the first thing
that is wrong. `arrive` decides which rule is broken.
"""

from __future__ import annotations

from dataclasses import replace

from ....base.printed import in_a_row
from ....mta.zone import NULL_MX
from ...rules import RuleFailure
from .records import Aliases, Records
from .task import MailRoutesTask
from .world import Played

_NULL_MX_RULE = (
    "RFC 7505: a domain that takes no mail has a null MX; this is one MX record alone, with preference 0, and a lone "
    "dot for its host"
)


def missing_addresses(task: MailRoutesTask, records: Records) -> RuleFailure | None:
    """Return that several machines have no address, with all of their names."""
    missing = [name for name in task.machines if name not in records.lines]
    if len(missing) < 2:
        return None
    return RuleFailure(f"Your zone has no address for {in_a_row(missing)}.", "an A record for each")


def missing_exchanges(task: MailRoutesTask, records: Records) -> RuleFailure | None:
    """Return which hosts no MX record of their domain names, all of them in one failure."""
    told = {
        (task.home, task.main): f"No MX record of {task.home} names {task.main}.",
        (
            task.home,
            task.backup,
        ): f"By your records mail for {task.home} has nowhere to wait while {task.main} is down.",
        (task.branch, task.first): f"By your records no mail comes to {task.first} when it is up again.",
        (task.branch, task.second): f"No MX record of {task.branch} names {task.second}.",
    }
    missing = {place: text for place, text in told.items() if place[1] not in _hosts_of(records, place[0])}
    domains = dict.fromkeys(domain for domain, _ in missing)
    if not missing:
        return None
    if (left_out := next(filter(None, (line_left_out(records, domain) for domain in domains)), None)) is not None:
        return left_out
    hosts = in_a_row(host for _, host in missing)
    got = "\n".join(_mx_of(records, domain) for domain in domains)
    return RuleFailure(" ".join(missing.values()), f"mail that can reach {hosts}", got)


def _hosts_of(records: Records, domain: str) -> list[str]:
    return [host for _, host in records.mx.get(domain, [])]


def line_left_out(given: Records | Aliases, name: str) -> RuleFailure | None:
    """Return that a line about a name was left out, if one was, and why."""
    fault = given.left_out.get(name)
    if fault is None:
        return None
    why = "could not be read, so it does not count" if name in given.unreadable else "does not count"
    return RuleFailure(f"Your line about {name} {why}.", got=given.written(name), hint=fault.sentence)


def why_not_refused(task: MailRoutesTask, records: Records, played: Played) -> RuleFailure:
    """Return why senders do not hear at once that a domain takes no mail."""
    exchanges = records.mx.get(task.web, [])
    expected = f"senders hear at once that {task.web} takes no mail"
    got = f"{_mx_of(records, task.web)}\n{played.told()}"
    if (left_out := line_left_out(records, task.web)) is not None:
        sentence = f"{left_out.sentence} {left_out.hint}"
        return replace(left_out, sentence=sentence, expected=expected, hint=_NULL_MX_RULE)
    if exchanges:
        return _why_accepted(records, exchanges, expected, got)
    if task.web in records.addresses:
        return RuleFailure(
            "Without an MX record mail goes to the address of the domain, and there nobody listens.",
            expected,
            played.told(),
            _NULL_MX_RULE,
        )
    return RuleFailure(
        "The mail is refused because your zone does not have the domain at all.",
        f"{task.web} has an address, and a record which says that it takes no mail",
        played.told(),
        _NULL_MX_RULE,
    )


def _why_accepted(records: Records, exchanges: list[tuple[int, str]], expected: str, got: str) -> RuleFailure:
    """Return what is wrong with the MX records of a domain that takes no mail."""
    hosts = [host for _, host in exchanges]
    if NULL_MX in hosts:
        sentence = "Your null MX has another preference than RFC 7505 gives it, so some senders may not know it."
        return RuleFailure(sentence, "preference 0", got, _NULL_MX_RULE)
    sentence = "Your MX record names a host that nobody has."
    if any(host in records.addresses for host in hosts):
        sentence = "Your MX record sends mail to a machine that takes none."
    return RuleFailure(sentence, expected, got, _NULL_MX_RULE)


def why_not_delivered(
    task: MailRoutesTask, records: Records, played: Played, domain: str, hosts: tuple[str, str]
) -> RuleFailure:
    """Return why mail for a domain does not go straight to the first of two of its hosts."""
    wanted, other = hosts
    preferences = {host: preference for preference, host in records.mx.get(domain, [])}
    got = f"{_mx_of(records, domain)}\n{played.told()}"
    if wanted not in preferences and (left_out := line_left_out(records, domain)) is not None:
        return left_out
    if not preferences:
        return RuleFailure(
            f"{domain} has no MX record, so senders look for a machine of this name.", f"MX records for {domain}", got
        )
    if wanted not in preferences:
        return RuleFailure(f"No MX record of {domain} names {wanted}.", f"mail that reaches {wanted}", got)
    if (wrong := wrong_address(task, records, wanted)) is not None:
        return wrong
    order = (wanted, other) if wanted == task.main else (other, wanted)
    if (swapped := wrong_order(records, domain, *order)) is not None:
        return swapped
    if other in preferences and (wrong := wrong_address(task, records, other)) is not None:
        return wrong
    return RuleFailure(f"Mail for {domain} does not arrive as it should.", f"at {wanted}", got)


def wrong_order(records: Records, domain: str, first: str, second: str) -> RuleFailure | None:
    """Return that senders do not try the first of two hosts before the second."""
    preferences = {host: preference for preference, host in records.mx.get(domain, [])}
    if first not in preferences or second not in preferences or preferences[first] < preferences[second]:
        return None
    got = _mx_of(records, domain)
    if preferences[first] == preferences[second]:
        sentence = f"Both hosts of {domain} have the same preference, so each sender draws one of them."
        return RuleFailure(sentence, f"{first} first", got)
    wrong = f"Senders try the wrong host of {domain} first."
    return RuleFailure(wrong, f"{first} first", got, belief="higher-mx-is-better")


def wrong_address(task: MailRoutesTask, records: Records, name: str) -> RuleFailure | None:
    """Return what is wrong with the address of a machine."""
    given = records.addresses.get(name) or records.addresses.get(records.aliases.get(name, ""), [])
    if not given:
        missing = RuleFailure(f"Your zone has no address for {name}.", f"an A record for {name}")
        return line_left_out(records, name) or missing
    if given != [task.machines[name]]:
        return RuleFailure(
            f"Your zone has a wrong address for {name}.", "the address on your sheet", records.written(name)
        )
    return None


def _mx_of(records: Records, domain: str) -> str:
    return records.written(domain, "MX") or f"no MX record of {domain}"
