"""The task sheet of exercise 04, and the message that it gives to try with."""

from __future__ import annotations

from collections.abc import Mapping

from .task import ClientTask
from .trials import play_for


def sheet(task: ClientTask) -> str:
    """Return the task sheet."""
    return (
        f"Your client is called         {task.client}\n"
        f"Mail to try it with:\n"
        f"  from                        {task.sender}\n"
        f"  to                          {task.recipient}\n"
        f'  message                     mine.given["message"].encode()\n'
        "\nsend_mail(sock, sender, recipients, message)\n\n"
        "  sock        is connected, and has sendall, send, recv, settimeout and close, as a socket of Python.\n"
        "              send may take only some of the octets, and returns how many; sendall takes all of them.\n"
        "  sender      is an address, recipients a list of one or more, both as text.\n"
        "  message     is octets, and goes out as it is: its lines end in CRLF, it has header section and text.\n"
        "\nIt returns a dictionary: for each recipient one of four words. Whatever a server does, it raises nothing.\n"
        '  "sent"      the server has taken the recipient, and answered the dot with 2yz; nothing later changes that.\n'
        '  "never"     5yz came: to the RCPT of the recipient, or to a step that all need (greeting, EHLO and HELO,\n'
        "              MAIL, DATA, dot).\n"
        '  "later"     4yz came there; or no reply came, and the dot had not been sent yet.\n'
        '  "unknown"   the dot was sent, and no reply came. Nobody can know if the message was delivered.\n'
        "A recipient that is refused keeps its word; the others get the message.\n"
        "\nYour client says EHLO or HELO, with its name above. It sends one command at a time. Wherever it gives\n"
        "up, it may say QUIT first, and it may close the socket. It waits five minutes for each reply, and ten\n"
        "for the one to the dot, before it gives up (RFC 5321 4.5.3.2); with sock.settimeout(...) you say how long.\n"
        "Time is virtual here, so nobody has to wait."
    )


def given(task: ClientTask) -> Mapping[str, str]:
    """Return the message of the sheet."""
    return {"message": play_for(task, "dots").message.decode()}
