"""The task sheet of exercise 05."""

from __future__ import annotations

from .task import ServerTask


def sheet(task: ServerTask) -> str:
    """Return the task sheet."""
    mailboxes = "\n".join(f"                              {address}" for address in sorted(task.mailboxes))
    return (
        f"Your server is called         {task.host}\n"
        f"It takes mail for\n{mailboxes}\n"
        "                              Postmaster, with or without that domain\n"
        f"A message may have            {task.most_recipients} recipients,\n"
        f"                              and {task.most_octets:,} octets as it is stored\n"
        "A command line may have       512 octets with its CRLF\n"
        "\nclass Server: an object for each connection, made by Server(), with\n\n"
        '  greeting        the octets with which it greets; or none, and the first feed, of b"", gives them\n'
        '  feed(octets)    takes what has come, cut anywhere, and returns what is to be sent now, perhaps b""\n'
        "  closed          False, and True once it has answered QUIT; then nothing more is fed\n"
        "  messages        a list with each message that it has answered with 250, as octets\n"
        "\ngreeting and closed may be methods. It may have more attributes and methods. Objects may share one list\n"
        "of messages, or have one each.\n"
        "\nIt has HELO, EHLO, MAIL, RCPT, DATA, RSET, NOOP and QUIT, in capital and small letters. It may offer\n"
        "extensions, if it keeps what it offers; no line of a reply has to be the same as ours but for its code.\n"
        "A command that comes too early and has a wrong argument may get 503 or 501.\n"
        "MAIL needs HELO or EHLO first. A recipient without a mailbox gets 550, or 551 or 553.\n"
        "Each RCPT that gets 250 counts; one more gets 452, and those before it stay. A message with more octets\n"
        "gets 552 for its dot, and is not stored. A longer command line gets 500. Each time the session goes on.\n"
        "A message is stored octet by octet, without the dot that ends it, and each dot that was put before\n"
        "a line is taken away again. Nothing else is removed or added, not even a trace line."
    )
