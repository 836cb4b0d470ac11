"""The rules for clients: what each demands, the play that shows it, and the judge.

A rule that needs others is not judged unless they pass: its failure would have the same cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...protocol.states import GREETING, MESSAGE
from ..rule import ConformanceRule
from . import client_wording as wording
from . import judge_commands as commands
from . import judge_replies as replies
from . import judge_text as text
from .judge_commands import ClientJudge
from .message_difference import Flaw


@dataclass(frozen=True, slots=True)
class ClientRule:
    """A rule, the play it looks at, and its judge."""

    rule: ConformanceRule
    play: str
    judge: ClientJudge


_TEXT, _TURN, _EXIT = "sends-the-text", "waits-for-each-reply", "exits-with-0"
_WORKS = (_TEXT, "dot-ends-the-text", _TURN, _EXIT)
_PATIENT = (*_WORKS, "waits-for-slow-replies")


def _rule(
    id: str,
    stage: str,
    section: str,
    demand: str,
    look: str,
    judge: ClientJudge,
    play: str = "plain",
    needs: tuple[str, ...] = (),
) -> ClientRule:
    return ClientRule(ConformanceRule(id, stage, f"RFC {section}", demand, look, needs), play, judge)


_COMMANDS = (
    _rule("connects", "greet", "5321 3.1", "The client connects to the host and port that it is given.",
          wording.LOOK_CONNECT, commands.connects),
    _rule("begins-with-hello", "hello", "5321 4.1.4", "The first command is EHLO or HELO.",
          "Send EHLO or HELO as your first command, once the greeting has come.",
          commands.begins_with_hello, needs=("connects",)),
    _rule("names-itself", "hello", "5321 4.1.1.1", "EHLO and HELO are followed by one name.",
          "Send a blank and the name of your host behind the verb. One word is enough; HELO Alice is legal.",
          commands.names_itself, needs=("begins-with-hello",)),
    _rule("lines-end-in-crlf", "hello", "5321 2.3.8", "Each command ends in CRLF.",
          "End each line with the octets 13 and 10 (CRLF), and with nothing else.",
          commands.ends_lines_in_crlf, needs=("connects",)),
    _rule("lines-have-an-end", "hello", "5321 2.3.8", "No command is sent without its end.",
          "Send CRLF behind each command.", commands.ends_each_line, needs=("connects",)),
    _rule("no-empty-commands", "hello", "5321 4.1.1", "No command is an empty line.",
          "You send CRLF twice. The server answers the empty line too, and the replies get out of step.",
          commands.sends_no_empty_line, needs=("connects", "lines-end-in-crlf")),
    _rule("only-what-is-offered", "hello", "5321 2.2.2", "AUTH, STARTTLS and parameters come only if EHLO has them.",
          "Look at the lines of the reply to EHLO before you use an extension. After HELO there is none.",
          commands.uses_only_what_is_offered, needs=("connects", "lines-end-in-crlf")),
    _rule("commands-are-ascii", "hello", "5321 2.4", "Commands are ASCII without control characters.",
          "Look for a letter or a control character in this command that is not ASCII.",
          commands.is_ascii, needs=("connects", "lines-end-in-crlf", "only-what-is-offered")),
    _rule("known-verbs", "hello", "5321 4.1.1", "Each command begins with a verb of SMTP.",
          "Compare the first word of this line with the commands of RFC 5321 (smtplab commands shows them).",
          commands.uses_known_verbs, needs=("connects", "lines-end-in-crlf", "only-what-is-offered")),
    _rule("sends-mail", "sender", "5321 4.1.1.2", "The client names the sender with MAIL FROM:<address>.",
          "Compare the line with MAIL FROM:<carol@client.example>.",
          commands.sends("MAIL", wording.EXPECT_MAIL), needs=("begins-with-hello", "only-what-is-offered")),
    _rule("mail-has-angle-brackets", "sender", "5321 4.1.2", "The address behind MAIL FROM: stands in < and >.",
          "Write < before the address and > behind it. Many servers answer 501 without them.",
          commands.has_angle_brackets("MAIL"), needs=("sends-mail",)),
    _rule("mail-has-the-sender", "sender", "5321 4.1.1.2", "The address behind MAIL FROM: is the given sender.",
          "Use the sender that your program is given.", commands.names_the_address("MAIL"), needs=("sends-mail",)),
    _rule("sends-rcpt", "recipient", "5321 4.1.1.3", "The client names the recipient with RCPT TO:<address>.",
          "Compare the line with RCPT TO:<alice@mail.example>.",
          commands.sends("RCPT", wording.EXPECT_RCPT), needs=("sends-mail",)),
    _rule("rcpt-has-angle-brackets", "recipient", "5321 4.1.2", "The address behind RCPT TO: stands in < and >.",
          "Write < before the address and > behind it. Many servers answer 501 without them.",
          commands.has_angle_brackets("RCPT"), needs=("sends-rcpt",)),
    _rule("rcpt-has-the-recipient", "recipient", "5321 4.1.1.3", "The address behind RCPT TO: is the given recipient.",
          "Use the recipient that your program is given.", commands.names_the_address("RCPT"), needs=("sends-rcpt",)),
    _rule("commands-in-order", "recipient", "5321 4.1.4", "MAIL comes before RCPT, RCPT before DATA.",
          "Send EHLO or HELO, MAIL, RCPT and DATA in this order, each once a message.",
          commands.keeps_the_order, needs=("begins-with-hello",)),
    _rule("sends-data", "data", "5321 4.1.1.4", "The client sends DATA.",
          "Send DATA behind RCPT, on a line of its own.",
          commands.sends("DATA", wording.EXPECT_DATA), needs=("sends-rcpt",)),
    _rule("data-stands-alone", "data", "5321 4.1.1.4", "Nothing stands behind DATA, QUIT and RSET on their lines.",
          "Send the verb and CRLF. The text comes after the reply 354.",
          commands.has_no_argument, needs=("connects",)),
)  # fmt: skip

_END_OF_TEXT = (
    _rule("sends-the-text", "text", "5321 4.1.1.4", "The client sends the text after 354.",
          "Send the whole message, line by line, without waiting in between.",
          text.sends_the_text, needs=("sends-data",)),
    _rule("text-lines-end-in-crlf", "text", "5321 2.3.8", "Each line of the text ends in CRLF.",
          "Replace LF by CRLF before you send a text that you wrote in your program. A file that Python opens as text "
          'loses its CRs; open it with "rb", or with newline="".',
          text.has_not(Flaw.LF, Flaw.CR), needs=(_TEXT,)),
    _rule("one-cr-a-line", "text", "5321 2.3.8", "No line of the text ends in CR CR LF.",
          "Your lines have CRLF already. Do not replace LF by CRLF again, or take the CR away first.",
          text.has_not(Flaw.DOUBLED_CR), needs=(_TEXT,)),
    _rule("dot-ends-the-text", "end", "5321 4.1.1.4", "A line with a dot alone ends the text.",
          "Send a dot and CRLF after the last line.", text.dot_ends_the_text, needs=(_TEXT,)),
    _rule("dot-stands-alone", "end", "5321 4.1.1.4", "CRLF stands before the last dot and after it.",
          "Send CRLF, a dot, CRLF.", text.dot_stands_between_crlf, needs=(_TEXT, "text-lines-end-in-crlf")),
    _rule("sends-one-message", "end", "5321 3.3", "The message is sent once.",
          "Look for what sends the text, or everything from MAIL on, a second time.",
          text.sends_one_message, needs=(_TEXT,)),
    _rule("sends-quit", "quit", "5321 4.1.1.10", "The client says QUIT before it closes.",
          "Send QUIT when the reply to the dot has come.",
          commands.sends("QUIT", wording.EXPECT_QUIT), needs=(_TEXT,)),
    _rule("exits-with-0", "quit", "5321 3.3", "After 250 for the dot the program ends, with exit code 0.",
          "End your program with exit code 0 when the reply to the dot is 250: then the message is accepted. "
          "If your program takes this for a failure, look at the code that it compares with.",
          replies.ends_well, needs=(_TEXT, "no-empty-commands")),
    _rule("waits-for-each-reply", "turns", "5321 4.3.1", "The client waits for a reply before it speaks again.",
          "Read one whole reply after each command, after the text, and before the first command.",
          replies.waits_for_each_reply, needs=("connects", "no-empty-commands")),
    _rule("waits-for-slow-replies", "turns", "5321 4.5.3.2", "A reply that takes more than a second is waited for.",
          "Do not sleep in place of reading; read until the reply is there, or until a timeout of minutes is over.",
          replies.gets_through, "slow", (_TEXT, "dot-ends-the-text", _TURN, _EXIT)),
    _rule("waits-for-221", "turns", "5321 4.1.1.10", "The client waits for the reply to QUIT before it closes.",
          "Read the reply to QUIT, then close.", replies.waits_for_221, needs=(_TURN, "dot-ends-the-text")),
)  # fmt: skip

_GIVEN = (_TEXT, "whole-message")
_MESSAGE = (
    _rule("whole-message", "content", "5321 4.5.2", "The text is the message that the client is given.",
          "Send what is in the file, from its first octet to its last.",
          text.arrives_whole, needs=(_TEXT,)),
    _rule("nothing-before", "content", "5321 4.5.2", "Nothing stands before the message.",
          "The file has its header section already. Do not send fields of your own before it.",
          text.has_not(Flaw.PREFIX), needs=_GIVEN),
    _rule("fields-before-the-empty-line", "content", "5322 2.1", "All header fields stand before the first empty line.",
          "The first empty line ends the header section; a field behind it is text. Look for a line end too many.",
          text.has_not(Flaw.FIELD_IN_BODY), needs=_GIVEN),
    _rule("empty-line-stays", "content", "5322 2.1", "An empty line stands between header section and body.",
          "Look if your program skips empty lines.", text.has_not(Flaw.SEPARATOR_LOST), needs=_GIVEN),
    _rule("no-empty-line-added", "content", "5321 4.1.1.4", "No empty line is added at the end.",
          'The last line has its CRLF already. Send ".\\r\\n" behind it, not "\\r\\n.\\r\\n".',
          text.has_not(Flaw.EMPTY_LINE_ADDED), needs=_GIVEN),
    _rule("no-empty-line-lost", "content", "5321 4.5.2", "Empty lines stay, also at the end.",
          "Look for a strip() or rstrip() of the whole message, or a loop that ends at an empty line.",
          text.has_not(Flaw.EMPTY_LINE_LOST, Flaw.EMPTY_LINES), "edges", (*_GIVEN, "empty-line-stays")),
    _rule("blanks-stay", "content", "5321 4.5.2", "Blanks at both ends of a line stay.",
          "Look for a strip() of each line; take away its line end only.",
          text.has_not(Flaw.BLANKS), "edges", _GIVEN),
    _rule("bcc-as-a-whole", "content", "5322 3.6.3", "A Bcc field is kept, or removed with all its lines.",
          "The Bcc field has a second line, which begins with a blank. Remove both or none.",
          text.keeps_or_removes_bcc, "blind", _GIVEN),
    _rule("leading-dots-doubled", "dots", "5321 4.5.2", "A line that begins with a dot gets one more dot.",
          "Put a dot before each line that begins with one; the server takes it away.",
          text.has_not(Flaw.DOT_LOST), "dots", _GIVEN),
    _rule("lone-dot-doubled", "dots", "5321 4.5.2", "A line that is a dot alone is sent as two dots.",
          "The dot ended your message, and the server took the rest for commands. Double this dot too.",
          text.doubles_a_lone_dot, "lone-dot", (*_GIVEN, "leading-dots-doubled")),
    _rule("other-dots-stay", "dots", "5321 4.5.2", "Dots elsewhere in a line are not doubled.",
          "Double a dot only where it is the first octet of a line.",
          text.has_not(Flaw.DOT_ADDED), "edges", _GIVEN),
    _rule("large-message", "octets", "5321 4.5.3.1.7", "A message of 180,000 octets arrives whole.",
          "Look for a limit on what you read from the file, and for send where sendall belongs.",
          text.arrives_whole, "large", (*_GIVEN, _TURN)),
    _rule("long-lines", "octets", "5321 4.5.3.1.6", "A line of 1,000 octets arrives as it is.",
          "Look for a limit on the length of a line that you read from the file.",
          text.has_not(Flaw.OTHER, Flaw.LINES_CUT, Flaw.END_LOST), "long-lines", (*_GIVEN, _TURN)),
    _rule("octets-above-127", "octets", "6152 3", "Octets above 127 arrive unchanged if the server offers 8BITMIME.",
          "Read the file as octets, and send octets; do not decode and encode them.",
          text.has_not(Flaw.OCTETS, Flaw.OTHER, Flaw.END_LOST, needs_hello="EHLO"), "no-ascii",
          (*_GIVEN, _TURN, "reads-several-lines")),
    _rule("sends-all-octets", "octets", "5321 4.5.2", "All octets go out, also if a send takes only some of them.",
          "Use sendall. send returns how many octets it took, and you have to send the rest.",
          text.has_not(Flaw.OTHER, Flaw.END_LOST, Flaw.LINES_CUT, Flaw.BEGINNING_LOST), "part", (*_GIVEN, _TURN)),
)  # fmt: skip

_REPLIES = (
    _rule("joins-pieces", "pieces", "5321 4.2", "A reply that comes in pieces is read to its end.",
          "One recv is not one reply. Read on until you have CRLF.", replies.gets_through, "pieces", _WORKS),
    _rule("reads-several-lines", "lines", "5321 4.2.1", "A reply of several lines is read to its last line.",
          "Read lines until the fourth character is not a hyphen; the last line may be only the code.",
          replies.gets_through, "several", (*_WORKS, "joins-pieces")),
    _rule("reads-long-replies", "lines", "5321 4.2.1", "A reply of 5,000 octets is read to its end.",
          "Look for a limit on what you read of a reply, such as one recv(1024).",
          replies.gets_through, "long", (*_WORKS, "joins-pieces", "reads-several-lines")),
    _rule("takes-251", "codes", "5321 4.2.1", "251 for RCPT is as good as 250.",
          "Look at the first digit of the code: 2 is success.", replies.gets_through, "251", _WORKS),
    _rule("takes-bare-codes", "codes", "5321 4.2", "A reply may be a code without text.",
          "Read the three digits; do not expect a blank or a text after them.",
          replies.gets_through, "bare-codes", _WORKS),
    _rule("looks-at-the-code", "codes", "5321 4.2", "The code is the first three digits, whatever the text says.",
          "Look at the first three octets of the line, not for digits anywhere in it.",
          replies.gets_through, "false-codes", _WORKS),
)  # fmt: skip

_REFUSALS = (
    ("greeting-421", GREETING, "5321 3.1"), ("greeting-554", GREETING, "5321 3.1"), ("hello-550", "HELO", "5321 4.1.4"),
    ("mail-451", "MAIL", "5321 3.3"), ("mail-550", "MAIL", "5321 3.3"), ("rcpt-450", "RCPT", "5321 3.3"),
    ("rcpt-550", "RCPT", "5321 3.3"), ("data-451", "DATA", "5321 3.3"), ("data-554", "DATA", "5321 3.3"),
    ("dot-452", MESSAGE, "5321 4.2.5"), ("dot-554", MESSAGE, "5321 4.2.5"),
)  # fmt: skip
_NAMES = {GREETING: "the greeting", MESSAGE: "the dot", "HELO": "EHLO and HELO"}


def _refusals() -> Iterator[ClientRule]:
    for play, step, section in _REFUSALS:
        name, code = _NAMES.get(step, step), play[-3:]
        needs: tuple[str, ...] = _WORKS
        if play != "greeting-421" and step != MESSAGE:  # behind them nothing follows but QUIT
            stops = f"stops-at-{play}"
            demand = f"The client stops when the answer to {name} is {code}."
            if step == GREETING:
                demand = f"The client stops when the greeting is {code}."
            yield _rule(stops, "refusals", section, demand, wording.LOOK_STOP, replies.stops_at(step), play, _WORKS)
            needs = (*_WORKS, stops)
        told = f"After {code} for {name} the program ends with another exit code than 0."
        if step == GREETING:
            told = f"After a greeting with {code} the program ends with another exit code than 0."
        yield _rule(f"exit-code-of-{play}", "refusals", section, told, wording.LOOK_EXIT,
                    replies.tells_of(step), play, needs)  # fmt: skip


_ENDS = (
    _rule("stops-or-says-helo", "refusals", "5321 3.2", "After a refused EHLO the client says HELO, or stops.",
          "Look at the reply to EHLO. If it is 500 or 502, say HELO; never go on to MAIL.",
          commands.goes_without_ehlo, "no-ehlo", (*_WORKS, "stops-at-hello-550")),
    _rule("is-not-fooled", "refusals", "5321 4.2", "A refusal is one, also if its text contains 250.",
          "Look at the first three octets of the line, not for digits anywhere in it.",
          replies.stops_at("RCPT"), "hidden-codes", (*_WORKS, "stops-at-rcpt-550")),
    _rule("quits-after-refusal", "refusals", "5321 4.1.1.10", "A client that gives up says QUIT.",
          "Send QUIT and read its reply before you close, also after a refusal.",
          replies.says_quit, "rcpt-550", (*_WORKS, "sends-quit", "stops-at-rcpt-550", "exit-code-of-rcpt-550")),
    _rule("notices-close-at-greeting", "closing", "5321 3.8", "A server that closes without a greeting is noticed.",
          wording.LOOK_CLOSE, replies.tells_of(GREETING), "close-at-greeting", _WORKS),
    _rule("notices-close-at-rcpt", "closing", "5321 3.8", "A server that closes in place of a reply is noticed.",
          wording.LOOK_CLOSE, replies.tells_of("RCPT"), "close-at-rcpt", (*_WORKS, "notices-close-at-greeting")),
    _rule("notices-close-at-dot", "closing", "5321 3.8", "A message without a reply to its dot is not delivered.",
          wording.LOOK_CLOSE, replies.tells_of(MESSAGE), "close-at-dot", (*_WORKS, "notices-close-at-rcpt")),
    _rule("takes-421", "closing", "5321 3.8", "421 for any command ends the session.",
          wording.LOOK_STOP, replies.tells_of("MAIL"), "shuts-down", (*_WORKS, "stops-at-mail-451")),
    _rule("lost-221-is-no-failure", "closing", "5321 4.2.5", "What 250 has accepted is delivered, 221 or not.",
          "The server has the message. If you report a failure now, somebody sends it again.",
          replies.is_content_without_221, "close-at-quit", (*_WORKS, "sends-quit")),
    _rule("times-out-at-greeting", "silence", "5321 4.5.3.2.1", "A client that gets no greeting gives up.",
          wording.LOOK_TIMEOUT, replies.tells_of(GREETING), "silent-at-greeting", _PATIENT),
    _rule("times-out-at-rcpt", "silence", "5321 4.5.3.2.3", "A client that gets no reply gives up.",
          wording.LOOK_TIMEOUT, replies.tells_of("RCPT"), "silent-at-rcpt", (*_PATIENT, "times-out-at-greeting")),
    _rule("times-out-at-dot", "silence", "5321 4.5.3.2.6", "A client that gets no reply to the dot gives up.",
          wording.LOOK_TIMEOUT, replies.tells_of(MESSAGE), "silent-at-dot", (*_PATIENT, "times-out-at-rcpt")),
    _rule("mail-has-no-blank", "form", "5321 3.3", "No blank stands between MAIL FROM: and the address.",
          "Leave out the blank behind the colon. Most servers forgive it, the standard does not have it.",
          commands.has_no_blank("MAIL"), needs=("sends-mail", "mail-has-angle-brackets")),
    _rule("rcpt-has-no-blank", "form", "5321 3.3", "No blank stands between RCPT TO: and the address.",
          "Leave out the blank behind the colon. Most servers forgive it, the standard does not have it.",
          commands.has_no_blank("RCPT"), needs=("sends-rcpt", "rcpt-has-angle-brackets", "mail-has-no-blank")),
    _rule("short-commands", "form", "5321 4.5.3.1.4", "A command has at most 512 octets.",
          "Look for what makes this line so long.", commands.keeps_lines_short, needs=("lines-have-an-end",)),
    _rule("groups-end-well", "pipelining", "2920 3.1", "EHLO, DATA and the text are the last of a group.",
          "Wait for the replies to all commands of the group before you go on behind DATA.",
          replies.groups(replies.groups_as_allowed), "pipelining", (*_WORKS, "reads-several-lines")),
    _rule("reads-replies-of-a-group", "pipelining", "2920 3.1", "Each command of a group gets its reply read.",
          "Read one reply for each command of the group.",
          replies.groups(replies.delivers), "pipelining", (*_WORKS, "reads-several-lines")),
    _rule("group-with-refusal", "pipelining", "2920 3.1", "A refusal inside a group is noticed.",
          wording.LOOK_EXIT, replies.groups(replies.sends_no_text_in_vain), "pipelining-550",
          (*_WORKS, "reads-several-lines")),
)  # fmt: skip

CLIENT_RULES = (*_COMMANDS, *_END_OF_TEXT, *_MESSAGE, *_REPLIES, *_refusals(), *_ENDS)
