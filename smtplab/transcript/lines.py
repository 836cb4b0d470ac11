"""The lines of a pasted session: their form as commands and replies, before it is clear who said them."""

import re
from dataclasses import dataclass

from .rows import Side

# How a command begins, written in full or split after its verb or its colon. A sentence that begins with the same
# word, such as "Data is next:", does not match.
_PARAMETERS = r"(?:\s+(?:[a-z0-9-]+=\S*|smtputf8))*"
_PATH = rf"\s*:\s*(?:<[^>]*>?|\S*){_PARAMETERS}"
COMMAND = (
    rf"(?:(?:helo|ehlo|lhlo|noop|help|etrn)(?:\s+\S+)?|(?:mail|send|soml|saml)(?:\s+from(?:{_PATH})?)?"
    rf"|rcpt(?:\s+to(?:{_PATH})?)?|data|quit|rset|turn|starttls|(?:vrfy|expn)(?:\s+\S+){{0,3}}"
    r"|auth\s+[a-z0-9_-]+(?:\s+\S+)?|bdat\s+[0-9]+(?:\s+last)?)\s*$"
)
DASHES = (
    "\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d\udc96\udc97"  # the last two are those of Windows-1252
)
BLANKS = dict.fromkeys(
    map(ord, "\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\udca0\f"), " "
)
_REPLY = re.compile(rf"\s*([0-9]{{3}})(?:([{DASHES}])|\s|$)")
_WHOLE_COMMAND = re.compile(rf"\s*{COMMAND}", re.IGNORECASE)
# What somebody has written behind a command.
_REMARK_BEHIND = re.compile(r"(?<=\s)(?:(?:<-+|\u2190|#|//)\s.*|\([^()]*\))$")

# What stands before a note: telnet, swaks, curl and a shell. curl may put the time before it.
TOOL = re.compile(
    r"=|\$ |\*\*\* |\* [A-Z]|telnet> |\^\]|Trying |Connect(?:ed|ing) to |Escape character is "
    r"|Connection (?:closed|to .* lost)|[{}] \[[0-9]+ bytes data\]|[0-9:.]{8,} (?:\*  ?|[{}] \[)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PastedLine:
    """One line of a pasted session.

    Args:
        number: where it stands in the text, from 1.
        text: the line without its prefix, with its indentation.
        side: the side that its prefix names; None if it has no prefix.
    """

    number: int
    text: str
    side: Side | None = None

    @property
    def words(self) -> str:
        """The line as somebody would type it: plain blanks, no indentation."""
        return self.text.translate(BLANKS).strip()

    @property
    def indentation(self) -> int:
        """How many blanks it begins with."""
        return len(self.text) - len(self.text.lstrip())

    @property
    def is_command(self) -> bool:
        """True if it has the form of a command, or of the first piece of a command that was split."""
        return is_command(self.text) or self.remark != ""

    @property
    def remark(self) -> str:
        """What is written behind a command, such as ``<-- now the sender``; empty if nothing is."""
        found = _REMARK_BEHIND.search(self.words)
        return found[0].strip() if found and is_command(self.words[: found.start()]) else ""

    @property
    def reply(self) -> str | None:
        """The line as a server sends it, with a plain hyphen or blank after the code; None if it is not a reply."""
        found = _REPLY.match(self.text.translate(BLANKS))
        if found is None:
            return None
        rest = self.text[found.end() :].translate(BLANKS).rstrip()
        return f"{found[1]}-{rest}" if found[2] else f"{found[1]} {rest}" if rest else found[1]


def is_command(text: str) -> bool:
    """Return True if a line has the form of a command, or of the first piece of a command that was split."""
    return _WHOLE_COMMAND.match(text.translate(BLANKS)) is not None
