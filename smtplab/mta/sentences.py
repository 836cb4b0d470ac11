"""The error sentences of a mail host, each in one place."""

# A directory is wrong.
NO_DOMAIN = "a directory needs at least one domain"
NO_A_LABELS = "{domain!r} is not a valid domain, because it has no form in ASCII (RFC 5890 2.3.2.1)"
EMPTY_NAME = "a name is empty"
NOT_IN_AN_ADDRESS = "{local_part!r} at {domain!r} is not a valid address: {reason}"
NOT_AN_ADDRESS = "{text!r} is not a valid address: {reason}"
DECLARED_TWICE = "{name!r} is declared twice; upper and lower case are the same in a name"
NO_MEMBER = "{name!r} has no members; give it at least one"
NOT_ELSEWHERE = "{name!r} is forwarded to {to!r}, which is not an address in another domain"
LEADS_TO_UNDECLARED = "{name!r} leads to {to!r}, which is not declared"
LEADS_IN_A_CIRCLE = "{name!r} leads in a circle: {trail}"
LEADS_TO_REFUSED = "{name!r} leads to {to!r}, who gets no mail here"
OWNER_UNDECLARED = "{name!r} is owned by {owner!r}, which is not declared"

NOT_NAMES = "{what} are names as text, or one name, not {type}"

# A directory's file cannot be used.
DIRECTORY_UNREADABLE = "the directory {path} cannot be read: {reason}"
DIRECTORY_NOT_TOML = "the directory {path} is not a TOML file: {reason}"
DIRECTORY_WRONG = "the directory {path} is wrong: {reason}"
NOT_A_TABLE = "{where} must be a table, not {value!r}"
UNKNOWN_KEY = "{where} cannot have {key!r}; it may have {allowed}"
WRONG_VALUE = "{key!r} in {where} must be {wanted}, not {value!r}"

# A personality, or its file, cannot be used.
UNKNOWN_PERSONALITY = "there is no personality {name!r}; there are {names}"
PERSONALITY_MEANT = "there is no personality {name!r}; did you mean {near}?"
TOML_NOT_UTF_8 = "line {line} is not UTF-8, but probably {encoding}; save the file as UTF-8"
TOML_WITH_NUL = "line {line} holds the octet NUL, which stands in no TOML; remove it"
PERSONALITY_UNREADABLE = "the personality {path} cannot be read: {reason}"
PERSONALITY_NOT_TOML = "the personality {path} is not a TOML file: {reason}"
PERSONALITY_WRONG = "the personality {path} is wrong: {reason}"
UNKNOWN_TABLE = "it cannot have {key!r}; it may have the tables replies and help"
NOT_TEXTS = "replies and help must be tables of texts"
UNKNOWN_REPLY = "there is no reply {name!r} to word; the names are those of NAMES in replies"
NOT_PRINTABLE = "{what} has {line!r}, which is not printable ASCII (RFC 5321 4.2)"
BAD_TEMPLATE = "{name} has {line!r}: {reason}; write a literal brace twice"
UNKNOWN_FIELD = "{name} has {line!r}; its fields may be {allowed}"

# A policy is wrong.
IDLE_SECONDS = "idle_seconds: {seconds:g} is not a number of seconds above 0"
LIMIT_TOO_LOW = "{name}: {number!r} is not a valid limit; use a number of {least} or more"
SIZE_OF_OFFER = "offer: {size!r} is not a valid SIZE; give a number of octets, or an empty text (RFC 1870 4)"

# The detail of a reply.
NO_SUCH_MAILBOX = "no such mailbox here"
NO_SUCH_LIST = "no such mailing list here"
IS_A_USER = "it is a user, not a mailing list"
IS_A_LIST = "it is a mailing list"
NAME_RESERVED = "the name is reserved"
DOMAIN_NOT_OURS = "the domain is not ours"
OCTETS_USED = "{used} of {quota} octets are used"
OCTETS_USED_AND_SIZE = "{used} of {quota} octets are used, and the message has {size}"
NOT_LOGGED_IN = "{name} is not logged in"
MAILBOX_IN_USE = "{name} is in use"
NO_ROUTE_TO = "there is no route to {domain}"
ANSWER_NOT_ASCII = "The answer is not ASCII; ask again with SMTPUTF8"
FORWARD_NOT_ASCII = "The address to use instead is not ASCII; ask for it with SMTPUTF8"
VERIFIES_NOBODY = "this host does not tell"
NO_HELP = "there is no help for {topic!r}; say HELP alone for what there is"

# A message cannot be stored.
NEEDS_POSIX = "Maildirs need a POSIX system; use Linux, macOS or WSL, or keep mail in memory"
NOT_STORED = "the message could not be stored: {reason}"
DRAFT_ENDED = "its draft has already ended"
READ_ONLY = "the storage is read-only"
OVER_CAPACITY = "{octets} octets do not fit into {capacity}"
DISK_TOO_FULL = "{free} octets are free, and {kept_free} must stay free"
NO_MAILBOX = "a message needs at least one mailbox"
NAMELESS_MAILBOX = "a mailbox needs a name"

# A trace field cannot be written.
NO_TIME_ZONE = "the date {date} has no time zone, and mail needs one (RFC 5322 3.3)"

# Decisions of a host: handler.py

NOT_IMPLEMENTED = "{verb} is not implemented here"

# A route is wrong.
NOT_A_HOP = "the next hop of {domain!r} is a host and a port, such as ('127.0.0.1', 2525), not {hop!r}"

# A message that a next hop has taken, and that is not taken for everybody.
HANDED_ON_IN_PART = "{taken} of {count} recipients elsewhere have the message already, but not {failure}"
HANDED_ON_NOT_STORED = "the recipients elsewhere have the message already, but those here do not: {reason}"

# A recipient to whom mail is not relayed; the rest of the sentence is the next hop's reply.
NO_ROUTE = "no route to its domain"
HOP_ENDED = "{host} ended the session before the message"
