"""The error sentences of this package."""

NO_REPLY_YET = "there is no reply to explain yet; in SMTP the server speaks first (RFC 5321 3.1)"
NO_SUCH_LEVEL = "there is no level {level!r} of cards; there are {levels}"
LONG_TEXT_LINE = (
    "line {number} of the message has {octets} octets, and a server need not take more than {limit} "
    "(RFC 5321 4.5.3.1.6)"
)
FOLLOWS = "it follows from the refusal of {line}, which got {code}"
ACCEPTED_RECIPIENTS = "; {accepted} of {count} recipients accepted"
STRICT_SERVER_REFUSES = "a strict server refuses the line: {why}"
DID_YOU_MEAN = "Did you mean {verb}?"
LECTURE_HAS = "The lecture's page has {word}; the verb is {verb}."

# Beliefs
COMMON_BELIEF = "A common belief is: {told}"
BELIEF = '"{belief}" That is not so. {tell}'
RIGHT_CHOICE = "Right. {why}"
WRONG_CHOICE = "Not so. Right is: {right}. {why}"
HOW_TO_CHOOSE = 'Answer with its letter, as in `.answer("a")`; in a cell of SMTP, `%answer a`.'
CHOICE_IS_MADE = "this question is answered already, with {letter}"
NO_SUCH_CHOICE = "{choice!r} is not one of the answers; write {letters}"
PRESS_THE_LETTER = "Press the letter of your answer."
NO_SUCH_QUESTION = "there is no question {number!r} here; use a number from 1 to {count}"
ONE_QUESTION = "One question about what you have sent:"
