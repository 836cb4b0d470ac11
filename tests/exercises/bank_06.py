"""The bank of exercise 06: right answers of several kinds, and the mistakes that students make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smtplab.grading.exercises.mail_routes.task import MailRoutesTask
from support.bank import Answer
from support.trace_reading import reading

NAME = "06-smtp-is-used-twice"
STUDENTS = ("mia", "noah", "uma", "bela")
FULL = {"check-arrive": 16, "check-trace": 8}


# Pieces of answers


def records(task: MailRoutesTask) -> list[str]:
    """Return records that are right, one a line."""
    return [
        f"{task.home} MX 10 {task.main}",
        f"{task.home} MX 20 {task.backup}",
        f"{task.branch} MX 10 {task.first}",
        f"{task.branch} MX 20 {task.second}",
        f"{task.web} MX 0 .",
        *(f"{name} A {address}" for name, address in task.machines.items()),
    ]


def aliases(task: MailRoutesTask) -> list[str]:
    """Return aliases that are right, one a line."""
    reader, *others = task.members
    return [
        f"{task.role}: {task.deputy}",
        f"{task.moved}: {task.new_address}",
        f"{task.group}: {reader.partition('@')[0]}, {', '.join(others)}",
    ]


def handed(question: str, lines: Iterable[str]) -> str:
    """Return code that hands in some lines."""
    text = "\n".join(lines)
    return f'mine.hand_in("{question}", """\n{text}\n""")\n'


def arriving(task: MailRoutesTask, zone: Iterable[str] | None = None, names: Iterable[str] | None = None) -> str:
    """Return code for the first part; what is not given is right."""
    return handed("zone", records(task) if zone is None else zone) + handed(
        "aliases", aliases(task) if names is None else names
    )


def changed(lines: list[str], *changes: str) -> list[str]:
    """Return lines with other texts in them; a line that becomes empty is left out."""
    text = "\n".join(lines)
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    return [line for line in text.splitlines() if line]


def found(task: MailRoutesTask, **instead: object) -> str:
    """Return code for the second part; what is not given is right, and None is left out."""
    read = reading(task.journey)
    answers = {each: getattr(read, each) for each in ("slow", "minutes", "clock", "twice", "forged")}
    answers["minutes"] = str(answers["minutes"])
    return "".join(
        f"mine.hand_in({question!r}, {answer!r})\n"
        for question, answer in (answers | instead).items()
        if answer is not None
    )


# Right answers


def right(task: MailRoutesTask) -> Iterator[Answer]:
    """Yield answers that differ and are all right."""
    yield Answer("plain lines", {"arrive": arriving(task), "trace": found(task)}, FULL)
    yield Answer(
        "as a zone file has it, with whole addresses as members",
        {
            "arrive": arriving(task, _as_a_zone_file(task), _with_whole_addresses(task)),
            "trace": found(
                task,
                minutes=reading(task.journey).minutes,
                slow=f"  {reading(task.journey).slow.upper()}. ",
                forged=f"by {reading(task.journey).forged}",
            ),
        },
        FULL,
    )
    yield Answer(
        "other numbers, more lines than needed, an alias of an alias",
        {
            "arrive": arriving(
                task,
                [
                    *reversed(changed(records(task), "MX 10 ", "MX 1 ", "MX 20 ", "MX 65535 ", "MX 0 .", "MX 00 .")),
                    f"www.{task.home} CNAME {task.main}",
                    f"{task.home} A {task.machines[task.main]}",
                    "elsewhere.example MX 10 mx.elsewhere.example",
                    "mx.elsewhere.example AAAA 2001:db8::25",
                ],
                [
                    f"everyone-else: {', '.join(task.members[1:])}",
                    f"{task.group}: {task.reader},\n    everyone-else",
                    f"postmaster: {task.reader}",
                    *aliases(task)[:2],
                ],
            ),
            "trace": found(task, minutes=f"{reading(task.journey).minutes + 1} Minutes"),
        },
        FULL,
    )
    yield Answer(
        "handed in twice, wrong at first",
        {
            "arrive": arriving(task, records(task)[:2], ["nonsense"]) + arriving(task),
            "trace": found(task, slow="the gate", minutes=None, forged=5)
            + found(task, minutes="{} h {} min".format(*divmod(reading(task.journey).minutes, 60))),
        },
        FULL,
    )


def _as_a_zone_file(task: MailRoutesTask) -> list[str]:
    def written(line: str) -> str:
        name, kind, *data = line.split()
        dot = "." if kind == "MX" and data[-1] != "." else ""
        return f"  {name.upper()}.\t3600 IN\t{kind.lower()}  {' '.join(data)}{dot}  ; a comment"

    return ["; the zone", "", *map(written, records(task))]


def _with_whole_addresses(task: MailRoutesTask) -> list[str]:
    return [
        "# aliases",
        f"  {task.role.upper()}@{task.home}:{task.deputy}@{task.home.upper()}",
        f"  {task.moved} : <{task.new_address}>",
        f"  {task.group}: {' , '.join(task.members)},",
    ]


# Wrong answers

_NULL_MX = "a domain that takes no mail has a null MX; this is one MX record alone, with preference 0, and a lone dot"


def wrong(task: MailRoutesTask, other: MailRoutesTask) -> Iterator[Answer]:
    """Yield the mistakes, each with what it costs.

    Args:
        task: what is asked for.
        other: what another student is asked for.
    """
    yield from _wrong_texts(task, other)
    yield from _wrong_records(task)
    yield from _wrong_aliases(task)
    yield from _wrong_readings(task, other)


def _lost(task: MailRoutesTask, name: str, code: str, points: int, *sentences: str) -> Answer:
    return Answer(name, {"arrive": code, "trace": found(task)}, FULL | {"check-arrive": 16 - points}, sentences)


def _wrong_texts(task: MailRoutesTask, other: MailRoutesTask) -> Iterator[Answer]:
    yield _lost(task, "nothing handed in", "", 16, "No records have been handed in yet.")
    yield _lost(
        task,
        "somebody else's records and aliases",
        arriving(other),
        16,
        "None of the domains of your task is named in your records or aliases.",
    )
    yield _lost(
        task,
        "a list, not a text",
        f"mine.hand_in('zone', {records(task)!r})\n" + handed("aliases", aliases(task)),
        16,
        'What you handed in as "zone" is not text.',
        "a value of the type list",
    )
    yield _lost(
        task,
        "records and aliases exchanged",
        handed("zone", aliases(task)) + handed("aliases", records(task)),
        16,
        "Your zone and your aliases are exchanged.",
        f"{task.home} MX 10 {task.main}",
    )
    yield _lost(
        task,
        "records handed in as aliases",
        handed("aliases", records(task)),
        16,
        'You handed in the records as "aliases".',
    )
    yield _lost(
        task,
        "records alone",
        handed("zone", records(task)),
        6,
        'Nothing has been handed in as "aliases" yet.',
    )
    yield _lost(
        task,
        "aliases alone",
        handed("aliases", aliases(task)),
        10,
        'Nothing has been handed in as "zone" yet.',
    )


def _wrong_records(task: MailRoutesTask) -> Iterator[Answer]:
    def lost(name: str, points: int, zone: list[str], *sentences: str) -> Answer:
        return _lost(task, name, arriving(task, zone), points, *sentences)

    lines = records(task)
    yield lost(
        "the higher number for the host to try first",
        2 + 2 + 1 + 1,
        changed(lines, "MX 10 ", "MX 30 "),
        f"Senders try the wrong host of {task.home} first.",
        "the lowest number is tried first",
        "it does not get all of the mail",
    )
    yield lost(
        "the same preference for both hosts",
        2 + 2 + 1 + 1,
        changed(lines, "MX 20 ", "MX 10 "),
        f"Both hosts of {task.home} have the same preference",
    )
    yield lost(
        "the hosts of the other domain swapped",
        2 + 1,
        changed(lines, f"MX 10 {task.first}", f"MX 30 {task.first}"),
        f"Senders try the wrong host of {task.branch} first.",
        f"expected: {task.first} first",
    )
    yield lost(
        "the same preference for the hosts of the other domain",
        2 + 1,
        changed(lines, f"MX 10 {task.first}", f"MX 20 {task.first}"),
        f"Both hosts of {task.branch} have the same preference",
    )
    yield lost(
        "one MX record for each domain",
        1 + 1,
        changed(lines, f"{task.home} MX 20 {task.backup}", "", f"{task.branch} MX 10 {task.first}", ""),
        f"By your records mail for {task.home} has nowhere to wait while {task.main} is down. By your records no mail "
        f"comes to {task.first} when it is up again.",
        f"expected: mail that can reach {task.backup} and {task.first}",
    )
    yield lost(
        "no record for one host, and no address for another",
        1 + 1,
        changed(lines, f"{task.branch} MX 10 {task.first}", "", f"{task.backup} A {task.machines[task.backup]}", ""),
        f"Your zone has no address for {task.backup}. By your records no mail comes to {task.first}",
    )
    yield lost(
        "no addresses for two of the machines",
        2 + 1,
        changed(
            lines,
            f"{task.backup} A {task.machines[task.backup]}",
            "",
            f"{task.second} A {task.machines[task.second]}",
            "",
        ),
        f"Your zone has no address for {task.backup} and {task.second}.",
    )
    yield lost(
        "a mail host without its domain",
        3,
        changed(lines, f"MX 10 {task.main}", "MX 10 mail"),
        "Write each name in full: mail is not a whole name.",
    )
    yield lost(
        "a machine without its domain",
        3,
        changed(lines, f"{task.main} A", "mail A"),
        "Write each name in full: mail is not a whole name.",
    )
    yield lost(
        "no record for the backup",
        1,
        changed(lines, f"{task.home} MX 20 {task.backup}", ""),
        "While your mail host is down, its mail does not wait at the backup.",
        f"By your records mail for {task.home} has nowhere to wait while {task.main} is down.",
    )
    yield lost(
        "no record for the first host",
        1,
        changed(lines, f"{task.branch} MX 10 {task.first}", ""),
        f"By your records no mail comes to {task.first} when it is up again.",
    )
    yield lost(
        "no address for the backup",
        1,
        changed(lines, f"{task.backup} A {task.machines[task.backup]}", ""),
        f"Your zone has no address for {task.backup}.",
    )
    yield lost(
        "the address of another machine for the first host",
        3,
        changed(lines, f"{task.first} A {task.machines[task.first]}", f"{task.first} A {task.machines[task.main]}"),
        f"Your zone has a wrong address for {task.first}.",
    )
    yield lost(
        "no record for the second host",
        2,
        changed(lines, f"{task.branch} MX 20 {task.second}", ""),
        f"No MX record of {task.branch} names {task.second}.",
        "it waits in the queue of the sender's host",
    )
    yield lost(
        "an MX record with an address",
        3,
        changed(lines, f"MX 10 {task.main}", f"MX 10 {task.machines[task.main]}"),
        "An MX record names a host and not an address.",
        f"Your line about {task.home} could not be read, so it does not count.",
    )
    yield lost(
        "an MX record without a preference",
        2,
        changed(lines, f"MX 20 {task.second}", f"MX {task.second}"),
        "An MX record has a preference, a number, and then a host.",
    )
    own = [line for line in lines if not line.startswith(f"{task.home} ")]
    yield lost(
        "no MX record for one's own domain",
        3,
        own,
        f"{task.home} has no MX record, so senders look for a machine of this name.",
    )
    yield lost(
        "no MX record for one's own domain, but an address",
        1,
        [*own, f"{task.home} A {task.machines[task.main]}"],
        "While your mail host is down, its mail does not wait at the backup.",
    )
    yield lost(
        "no address for a mail host",
        2,
        changed(lines, f"{task.second} A {task.machines[task.second]}", ""),
        f"Your zone has no address for {task.second}.",
    )
    yield lost(
        "the address of another machine",
        2,
        changed(lines, f"{task.second} A {task.machines[task.second]}", f"{task.second} A {task.machines[task.first]}"),
        f"Your zone has a wrong address for {task.second}.",
    )
    yield lost(
        "an MX record for the domain that needs none",
        2,
        [*lines, f"{task.small} MX 10 {task.small}"],
        "You gave an MX record to the domain that has none.",
    )
    yield lost(
        "the domain without MX left out",
        2,
        changed(lines, f"{task.small} A {task.machines[task.small]}", ""),
        f"Your zone has no address for {task.small}.",
    )
    yield lost(
        "no address for the web server, whose null MX is right",
        1,  # one record is forgotten; the null MX does not pay for it
        changed(lines, f"{task.web} A {task.machines[task.web]}", ""),
        f"Your zone has no address for {task.web}.",
        "The web server has its address, also if its domain takes no mail.",
    )
    yield lost(
        "a number of an address that is too large",
        2,
        changed(lines, f"{task.second} A {task.machines[task.second]}", f"{task.second} A 192.0.2.270"),
        "270 is more than 255, the most that a number of an IP address can be.",
        f"Your line about {task.second} could not be read, so it does not count.",
    )
    yield lost(
        "an address of three numbers",
        2,
        changed(lines, f"{task.second} A {task.machines[task.second]}", f"{task.second} A 192.0.2"),
        "192.0.2 has 3 numbers; an IP address has four, with dots between.",
    )
    yield lost(
        "an MX record with an address that is none",
        3,
        changed(lines, f"MX 10 {task.main}", "MX 10 192.0.2.270"),
        "An MX record names a host and not an address.",
    )
    yield lost(
        "no null MX",
        1,
        changed(lines, f"{task.web} MX 0 .", ""),
        "Without an MX record mail goes to the address of the domain, and there nobody listens.",
        _NULL_MX,
    )
    yield lost(
        "the web server left out",
        2,
        [line for line in lines if task.web not in line],
        "The mail is refused because your zone does not have the domain at all.",
    )
    yield lost(
        "the web server as a mail host",
        1,
        changed(lines, f"{task.web} MX 0 .", f"{task.web} MX 0 {task.web}"),
        "Your MX record sends mail to a machine that takes none.",
        _NULL_MX,
    )
    yield lost(
        "a null MX beside another MX record",
        1,
        [*lines, f"{task.web} MX 10 {task.web}"],
        "Two records of your zone contradict each other.",
        "a null MX stands alone",
        f"Your line about {task.web} does not count.",
        _NULL_MX,
    )
    yield lost(
        "a null MX with another preference",
        1,
        changed(lines, f"{task.web} MX 0 .", f"{task.web} MX 10 ."),
        "Your null MX has another preference than RFC 7505 gives it",
        "expected: preference 0",
    )
    yield lost(
        "a word for the dot",
        1,
        changed(lines, f"{task.web} MX 0 .", f"{task.web} MX 0 null"),
        "Write each name in full: null is not a whole name.",
        _NULL_MX,
    )
    yield lost(
        "a host that nobody has for the dot",
        1,
        changed(lines, f"{task.web} MX 0 .", f"{task.web} MX 0 null.{task.web}"),
        "Your MX record names a host that nobody has.",
        _NULL_MX,
    )
    yield lost(
        "TOML, not records",
        10,
        [f'"{task.home}" = ["10 {task.main}"]'],
        "A record begins with the name of a domain or machine.",
    )


def _wrong_aliases(task: MailRoutesTask) -> Iterator[Answer]:
    def lost(name: str, points: int, names: list[str], *sentences: str) -> Answer:
        return _lost(task, name, arriving(task, None, names), points, *sentences)

    role, moved, group = aliases(task)
    yield lost(
        "equals signs, not colons",
        6,
        changed([role, moved, group], ": ", " = "),
        "A line of your aliases has no colon after its name.",
        f"Your line about {task.role} could not be read, so it does not count.",
        f"got: {task.role} = {task.deputy}",
    )
    yield lost(
        "no alias for the role",
        2,
        [moved, group],
        f"There is no alias {task.role}, so mail to this name is refused.",
    )
    yield lost(
        "a second line for the group",
        2,
        [role, moved, f"{task.group}: {task.reader}", f"{task.group}: {', '.join(task.members[1:])}"],
        f"{task.group} stands at the beginning of more than one line.",
        f"Only your first line about {task.group} counts.",
    )
    yield lost(
        "a role that is one of its own members",
        2,
        [f"{task.role}: {task.deputy}, {task.role}", moved, group],
        f"{task.role} is a member of itself; leave it out",
    )
    yield lost(
        "no commas between members",
        2,
        [role, moved, group.replace(",", "")],
        "The members of an alias are names or addresses, with commas between.",
        f"Your line about {task.group} could not be read, so it does not count.",
    )
    yield lost(
        "a faulty line of which another alias is a member",
        4,
        [f"{task.role} {task.deputy}", moved, f"{group}, {task.role}"],
        f"{task.group} leads to {task.role}, which is neither a mailbox nor an alias of {task.home}.",
    )
    yield lost(
        "the role led to another mailbox",
        2,
        [f"{task.role}: {task.reader}", moved, group],
        f"Mail to {task.role} reaches {task.reader} at {task.main}, who should not get it. Mail to {task.role} does "
        f"not reach {task.deputy} at {task.main}, who should get it.",
    )
    yield lost(
        "the one who has moved led to the old name",
        2,
        [role, f"{task.moved}: {task.moved}", group],
        f"{task.moved} leads back to itself.",
    )
    yield lost(
        "the one who has moved led to a mailbox at home",
        2,
        [role, f"{task.moved}: {task.reader}", group],
        f"Mail to {task.moved} reaches {task.reader} at {task.main}, who should not get it.",
    )
    yield lost(
        "the one who has moved led to a domain that does not have the mailbox",
        2,
        [role, f"{task.moved}: {task.moved}@{task.branch}", group],
        f"Mail to {task.moved} does not reach {task.moved} at {task.small}, who should get it.",
    )
    yield lost(
        "a member of the group forgotten",
        2,
        [role, moved, f"{task.group}: {', '.join(task.members[:2])}"],
        f"Mail to {task.group} does not reach {task.friend} at {task.small}, who should get it.",
    )
    yield lost(
        "members of the group without their domains",
        2,
        [role, moved, f"{task.group}: {task.reader}, {task.partner}, {task.friend}"],
        f"{task.group} leads to {task.partner} and {task.friend}, which are neither mailboxes nor aliases of "
        f"{task.home}.",
    )
    yield lost(
        "one more in the group",
        2,
        [role, moved, f"{group}, {task.deputy}"],
        f"Mail to {task.group} reaches {task.deputy} at {task.main}, who should not get it.",
    )
    yield lost(
        "an alias for a mailbox",
        6,
        [f"{task.reader}: {task.deputy}"],
        f"{task.reader} has a mailbox, so it needs no alias",
    )


def _wrong_readings(task: MailRoutesTask, other: MailRoutesTask) -> Iterator[Answer]:
    read = reading(task.journey)

    def lost(name: str, points: int, sentence: str, *more: str, **instead: object) -> Answer:
        code = found(task, **instead)
        return Answer(
            name, {"arrive": arriving(task), "trace": code}, FULL | {"check-trace": 8 - points}, (sentence, *more)
        )

    yield Answer(
        "no reading",
        {"arrive": arriving(task), "trace": ""},
        FULL | {"check-trace": 0},
        ("No answer about the header section has been handed in yet.",),
    )
    yield Answer(
        "somebody else's reading",
        {"arrive": arriving(task), "trace": found(other)},
        FULL | {"check-trace": 0},
        ("None of your answers names a host of your header section.",),
    )
    together = "At least one of the four names is wrong."
    yield lost("the host after the slow one", 2, "This host got the message late", together, slow=read.after(read.slow))
    yield lost(
        "the host before the wrong clock for the slow one",
        2,
        together,
        f"slow: {read.before(read.clock)} clock: {read.clock} twice: {read.twice} forged: {read.forged}",
        slow=read.before(read.clock),
    )
    yield lost("the host with the wrong clock for the slow one", 2, together, slow=read.clock)
    yield lost("the forged field for the slow one", 2, "Another host kept the message longest.", slow=read.forged)
    yield lost("the last host for the slow one", 2, together, slow=read.way[-1].host)
    yield lost("words, not a name", 2, 'to "slow" does not name one host of your header section.', slow="the relay")
    yield lost("two names", 2, 'to "clock" does not name one host', clock=f"{read.clock} or {read.slow}")
    yield lost("a number, not a text", 2, 'Your answer to "clock" is not text.', "a value of the type int", clock=3)
    yield lost(
        "the host beside the wrong clock",
        2,
        "Time goes wrong beside this host, but its own clock agrees with the others.",
        clock=read.before(read.clock),
    )
    yield lost("the slow host for the wrong clock", 2, together, clock=read.slow)
    yield lost("the forged field for the wrong clock", 2, "Another host has the wrong clock.", clock=read.forged)
    yield lost("a host passed once", 1, "This host has written one field at most.", twice=read.slow)
    yield lost(
        "a genuine field for the forged one", 2, "got the message from this one, so its field is genuine",
        forged=read.way[0].host,
    )  # fmt: skip
    yield lost("the topmost field for the forged one", 2, "No field stands above this one", forged=read.way[-1].host)
    yield lost(
        "the wrong clock for the forged one", 2, "got the message from this one, so its field is genuine",
        forged=read.clock,
    )  # fmt: skip
    yield lost(
        "the machine behind from for the forged one",
        2,
        'Your answer to "forged" names a machine that took no message.',
        forged=task.journey.fields[-1].client,
    )
    yield lost("nothing about the forged field", 2, '"forged" has not been handed in yet.', forged=None)
    yield lost("minutes of another time zone", 1, "The minutes are off by a time zone", minutes=f"{read.minutes + 60}")
    yield lost(
        "minutes with the wrong clock in them",
        1,
        "The message was not kept for so many minutes.",
        minutes=f"{read.minutes + 131}",
    )
    number = '"minutes" is not one whole number of minutes.'
    yield lost("an hour too many", 1, "The minutes are off by a time zone", minutes=f"1 h {read.minutes} min")
    yield lost("hours", 1, number, minutes=f"{read.minutes} h")
    yield lost("minutes below zero", 1, number, minutes=f"-{read.minutes}")
    yield lost("minutes as a fraction", 1, number, "type float", minutes=read.minutes + 0.5)
    yield lost("no minutes", 1, '"minutes" has not been handed in yet.', minutes=None)
