"""One session, written with whatever stands before its lines, and what a transcript of it holds."""

from smtplab.transcript import Side, Transcript

# The sides and the lines of one session. In its message stand an indented line that looks like a reply, and a dot.
SIDES = "SCSSCSCSCSCSCCCCCCCCSCS"
LINES = [
    "220 mail.example ESMTP",
    "EHLO me.example",
    "250-mail.example",
    "250 SIZE 1000",
    "MAIL FROM:<a@b.example>",
    "250 ok",
    "RCPT TO:<c@d.example>",
    "550 no",
    "RCPT TO:<e@d.example>",
    "250 ok",
    "DATA",
    "354 go",
    "From: a",
    "Subject: x",
    "",
    "  250 indented",
    "body",
    "> HELO quoted",
    "..dot",
    ".",
    "250 taken",
    "QUIT",
    "221 bye",
]
SESSION = Transcript.parse("\n".join(f"{side}: {line}" for side, line in zip(SIDES, LINES, strict=True)))


def told(server: str, client: str) -> str:
    """Return the session with a prefix before each line; ``{n}`` in it is the number of the line."""
    rows = enumerate(zip(SIDES, LINES, strict=True), 1)
    return "\n".join(f"{(server if side == 'S' else client).format(n=n)}{line}" for n, (side, line) in rows)


def said(transcript: Transcript) -> list[tuple[str, int | None]]:
    """Return the verbs and the codes of the replies to them."""
    return [(each.verb, each.reply.code if each.reply else None) for each in transcript.commands()]


def wire(transcript: Transcript) -> list[tuple[Side, bytes]]:
    """Return the rows that were on the wire."""
    return [(row.side, row.data) for row in transcript if row.side is not Side.NOTE]
