"""The task sheet of exercise 03."""

from __future__ import annotations

from collections.abc import Iterator

from ....mta.policy import Policy
from ....protocol.extensions import COMMAND_OCTETS, LONGEST_LINE
from .causes import CAUSES
from .hosts import LARGEST_MESSAGE, LIST, RESERVED
from .task import ReplyCausesTask, address_at, local_part


def sheet(task: ReplyCausesTask) -> str:
    """Return the task sheet."""
    codes = "\n".join(
        f"  {number}. {CAUSES[name].code}  {CAUSES[name].told}" for number, name in enumerate(task.causes, start=1)
    )
    return "\n".join([*_told_of_hosts(task), "", "Get these eight replies, each by its cause:", "", codes])


def _told_of_hosts(task: ReplyCausesTask) -> Iterator[str]:
    """Yield the lines about the machines and the people."""
    people = {
        task.plain: "has a mailbox",
        task.busy: "has a mailbox, which another program has in use",
        task.full: "has a mailbox, in which no room is left",
        task.forwarded: f"has moved to {address_at(task.next_domain, task.forwarded)}, and the mail is sent on",
        task.moved: f"has moved to {address_at(task.next_domain, task.moved)}, and the mail is not sent on",
        task.stranded: f"has moved to {address_at(task.lost_domain, task.stranded)}, and the mail is sent on",
        task.refused: f"has moved to {address_at(task.next_domain, task.refused)}, and the mail is sent on",
    }
    yield f"Your own machine is called {task.client}"
    yield ""
    yield f"{task.host}, port 25, takes mail for {task.domain}"
    yield f"  command lines of at most {COMMAND_OCTETS} octets, CRLF included; MAIL with parameters {LONGEST_LINE}"
    yield f"  messages of at most {LARGEST_MESSAGE} octets, to at most {Policy().max_recipients} recipients each"
    yield "  after EHLO, MAIL may say how large the message will be: behind the path a blank and SIZE=1234"
    mistakes = Policy().max_errors
    yield f"  at most {mistakes} mistakes a session (replies that begin with 50); at the next one it hangs up"
    yield f"  {' and '.join(RESERVED)} are reserved for the system"
    for address, told in people.items():
        yield f"  {local_part(address):<10}{told}"
    yield f"{task.next_host}, port 25, takes mail for {task.next_domain}"
    yield "  its disk is full"
    yield f"  {local_part(task.forwarded):<10}has a mailbox"
    yield f"  {LIST} is a mailing list, and it tells nobody who is on it"
    yield f"mail.{task.lost_domain} takes mail for {task.lost_domain}"
    yield "  it is down"
