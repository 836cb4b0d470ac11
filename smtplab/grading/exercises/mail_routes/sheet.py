"""The task sheet of exercise 06."""

from __future__ import annotations

from .task import MailRoutesTask


def sheet(task: MailRoutesTask) -> str:
    """Return the task sheet."""
    home, branch = task.home, task.branch
    about = {
        task.main: f"mail host of {home}; mailboxes {task.reader}, {task.deputy}",
        task.backup: f"takes the mail of {home} while {task.main} is down, and sends it on\n"
        "    later; senders must be able to find it, too",
        task.first: f"first mail host of {branch}; mailbox {task.partner}; down for repair today",
        task.second: f"second mail host of {branch}; mailbox {task.partner}",
        task.small: f"one machine that takes its own mail; mailboxes {task.friend}, {task.moved};\n"
        "    it needs no MX record, and gets none",
        task.web: "a web server; this domain takes no mail",
    }
    machines = "\n".join(f"  {name}, {task.machines[name]}\n    {told}" for name, told in about.items())
    members = "\n".join(f"             {member}" for member in task.members)
    wanted = "\n".join(f"  {number}. {address}" for number, address in enumerate(task.wanted, start=1))
    return (
        f"You are responsible for the mail of {home}, and for the records of four domains.\n"
        f"\nThe machines, with their addresses:\n\n{machines}\n"
        f"\nThree names at {home} have no mailbox:\n\n"
        f"  {task.role:<10} is read by {task.deputy}\n"
        f"  {task.moved:<10} has moved to {task.new_address}, and the mail is sent on\n"
        f"  {task.group:<10} is a group of three:\n{members}\n"
        f"\nMail to these six addresses must arrive:\n\n{wanted}\n"
        f"\nMail to {task.web} must be refused at once: your records tell senders that this domain takes\n"
        "no mail (RFC 7505)."
    )
