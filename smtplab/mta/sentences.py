"""The error sentences of a mail host, each in one place."""

# A directory is wrong.
NO_DOMAIN = "a directory needs at least one domain"
NO_A_LABELS = "{domain!r} is not a valid domain, because it has no form in ASCII (RFC 5890 2.3.2.1)"
NOT_A_HOST_NAME = "{name!r} cannot be the name of a host: {reason}"
EMPTY_NAME = "a name is empty"
NAME_WITH_DOMAIN = "{name!r} is an address, and a name of this host has no domain; write {local_part!r}"
NOT_IN_AN_ADDRESS = "{local_part!r} at {domain!r} is not a valid address: {reason}"
NOT_AN_ADDRESS = "{name!r} leads to {text!r}, which is not a valid address: {reason}"
DECLARED_TWICE = "{name!r} is declared twice, in {first} and in {second}; take it out of one of them"
SAME_IN_LOWER_CASE = "{name!r} is declared twice in {first}; upper and lower case are the same in a name"
KEEPS_A_COPY = (
    "{name!r} is declared twice, in {first} and in {second}; take it out of one of them. To send mail on and keep a "
    "copy, call the mailbox {mailbox!r}, and make {name!r} an alias of {mailbox!r} and of the other address"
)
NO_MEMBER = "{name!r} has no members; give it at least one"
NOT_ELSEWHERE = "{name!r} is forwarded to {to!r}, which is not an address in another domain"
LEADS_TO_UNDECLARED = "{name!r} leads to {to!r}, which is not declared"
LEADS_IN_A_CIRCLE = "{name!r} leads in a circle: {trail}"
LEADS_TO_REFUSED = "{name!r} leads to {to!r}, who gets no mail here"
OWNED_IN_A_CIRCLE = "the owner of {name!r} leads back to it: {trail}; name a person as owner"
OWNER_UNDECLARED = "{name!r} is owned by {owner!r}, which is not declared"

NOT_NAMES = "{what} are names as text, or one name, not {type}"

# A directory's file cannot be used.
DIRECTORY_UNREADABLE = "the directory {path} cannot be read: {reason}"
DIRECTORY_NOT_TOML = "the directory {path} is not a TOML file: {reason}"
DIRECTORY_WRONG = "the directory {path} is wrong: {reason}"
NOT_A_TABLE = "{where} must be a table, not {value!r}"
UNKNOWN_KEY = "{where} cannot have {key!r}; it may have {allowed}"
UNKNOWN_KEY_MEANT = "{where} cannot have {key!r}; did you mean {near!r}? It may have {allowed}"
KEY_OF_TABLE = "{where} cannot have {key!r}; put it under [{table}]"
KEY_OF_FILE = "{where} cannot have {key!r}; write it above the first [table]"
NAME_WITHOUT_QUOTES = '{name} in {where} has a dot, so it stands in quotation marks: write "{name}"'
WRONG_VALUE = "{key!r} in {where} must be {wanted}, not {value!r}"

# A zone, or its file, cannot be used.
ALIAS_HAS_RECORDS = "{name!r} is an alias, and has other records too; an alias has none (RFC 1034 3.6.2)"
NO_EXCHANGER = '{domain!r} has no MX record; leave it out, or write "0 ." if it takes no mail (RFC 7505)'
BAD_PREFERENCE = "{domain!r} has an MX record of preference {preference}; preferences are 0 to 65535"
NULL_MX_NOT_ALONE = "{domain!r} has a null MX and other MX records; a null MX stands alone (RFC 7505 3)"
NO_ADDRESS = '{name!r} has no address; give it one, as in {name!r} = "192.0.2.1"'
BAD_ADDRESS = "{name!r} has an address that is not a valid IP address: {addresses}"
BAD_PORT = "{name!r} has port {port}; ports are 1 to 65535"
BAD_MX = '{text!r} in {domain!r} is not an MX record; write preference and host, as in "10 mail.lab.example"'
MX_TO_NOWHERE = "{domain!r} has the mail host {host!r}, which has no address in this zone; add it under [hosts]"
ZONE_UNREADABLE = "the zone {path} cannot be read: {reason}"
ZONE_NOT_TOML = "the zone {path} is not a TOML file: {reason}"
ZONE_WRONG = "the zone {path} is wrong: {reason}"
NOT_A_ZONE_FILE = "{path} is not a zone file: {reason}"
NO_DNSPYTHON = "reading a zone file needs dnspython; install it with: pip install 'smtplab[dns]'"
IN_LINE = "line {line}: {reason}"

# Mail for a domain cannot be routed.
NO_SUCH_DOMAIN = "{domain} has neither a mail host nor an address"
ALIAS_LOOP = "the aliases of {domain} do not end"
NULL_MX = "{domain} takes no mail (null MX, RFC 7505)"
BAD_LITERAL = "{domain} is not a valid address literal"
ROUTE_TO_MYSELF = "mail for {domain} would come back to this host"
MX_WITHOUT_ADDRESS = "the mail hosts of {domain} have no address: {hosts}"

# A personality, or its file, cannot be used.
UNKNOWN_PERSONALITY = "there is no personality {name!r}; there are {names}"
PERSONALITY_MEANT = "there is no personality {name!r}; did you mean {near}?"
TOML_NOT_UTF_8 = "line {line} is not UTF-8, but probably {encoding}; save the file as UTF-8"
TOML_TEXT_OPEN = "line {line} has a text that is not closed; add the quotation mark at its end"
TOML_KEY_TWICE = "line {line} has a key, or a table, that the file has already; remove one of them"
TOML_CURLY = 'line {line} has the curly quotation mark {mark}; write straight ones, as in "text"'
TOML_ODD_CHARACTER = (
    "line {line} has the character {code}, which looks like a blank or like nothing; remove it, or write a space"
)
TOML_BACKSLASH = "line {line} has a backslash in a text; put the text between single quotation marks, as in 'C:\\mail'"
TOML_NO_EQUALS = "line {line} has no = after its key; write key = value"
TOML_NAME = (
    "line {line} has no valid name before its =; a name with other characters than a-z, 0-9, - and _ stands in "
    "quotation marks"
)
TOML_NO_VALUE = "line {line} has no value behind {key} =; write one, or remove the line"
TOML_UNQUOTED = "line {line} has {value!r} without quotation marks; texts stand in quotation marks"
TOML_BOOLEAN = "line {line} has {value}; write {meant}"
TOML_BEHIND = "line {line} has {rest!r} after its end; remove it"
TOML_HEADER_OPEN = "line {line} opens a table with [ that is not closed; add ] at its end"
TOML_LIST_OPEN = "line {line} opens a list with [ that is not closed; add ] behind its last value"
TOML_TABLE_OPEN = "line {line} opens a table with {{ that is not closed in this line; add }} at its end"
TOML_NO_COMMA = "line {line} has {value!r} in a list without a comma before it; add the comma"
TOML_WRONG = "line {line} cannot be read ({reason}); compare it with the line of an example"
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
OCTETS_USED = "{used} octets are used, and {quota} are allowed"
OCTETS_USED_AND_SIZE = "{used} octets are used, {quota} are allowed, and the message has {size}"
NOT_LOGGED_IN = "{name} is not logged in"
MAILBOX_IN_USE = "{name} is in use"
NO_ROUTE_TO = "there is no route to {domain}"
ANSWER_NOT_ASCII = "The answer is not ASCII; ask again with SMTPUTF8"
FORWARD_NOT_ASCII = "The address to use instead is not ASCII; ask for it with SMTPUTF8"
CANNOT_BE_SENT_ON = "it goes to another host, and no host could take it: {reason}"
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
HANDED_ON_AND_UNKNOWN = "{taken} of {count} recipients elsewhere have the message already, and perhaps {failure}"
HANDED_ON_NOT_STORED = "the recipients elsewhere have the message already, but those here do not: {reason}"

# A recipient to whom mail is not relayed; the rest of the sentence is the next hop's reply.
NO_ROUTE = "no route to its domain"
HOP_ENDED = "{host} ended the session before the message"

# A retry schedule or limit is wrong.
BAD_DELAYS = "a retry schedule needs at least one delay, and each must be longer than 0"
BAD_JITTER = "the jitter is 0 to 100 percent, not {jitter}"
NEGATIVE_LIMIT = "a message cannot expire, or be warned of, before it has arrived"
NO_SESSIONS = "each next hop needs at least one session, or its mail would wait for ever"

# The configuration of a host is wrong.
HOST_FILE_UNREADABLE = "the configuration {path} cannot be read: {reason}"
HOST_FILE_NOT_TOML = "the configuration {path} cannot be used: {reason}"
HOST_FILE_WRONG = "the configuration {path} is wrong: {reason}"
OTHER_FILE_MISSING = "{reason}; create it, or correct `{key}` in the configuration"
NO_DIRECTORY = "it needs a directory: the domains and users whose mail the host keeps"
NOT_AN_ENDPOINT = "{text!r} is not of the form HOST:PORT, such as 127.0.0.1:2525"
NO_SUCH_PORT = "{text!r} has port {port}; ports are 1 to 65535, and 0 takes a free one"
NOT_AN_IP_ADDRESS = "{host!r} is a name; a host listens at an address: write {meant}"
NETWORK_MEANT = "{text!r} is one address of a network; did you mean {meant}?"
NOT_A_NETWORK = "{text!r} is neither an address nor a network, such as 127.0.0.1 or 192.0.2.0/24"
NOT_A_SENDER = "{text!r} is not a reverse-path, such as alice@near.example: {reason}"
IN_KEY = "{key}: {reason}"
SHARED_FOLDER = "{spool} cannot be the spool, because the mailboxes are in {maildir}; give each a folder of its own"
WARNS_TOO_LATE = "warns_after, {warns}, must be shorter than expires_after, {expires}, or nobody is warned"
HOP_NOT_IN_ZONE = "{name} is not in the zone, so no mail goes there; the zone has {names}"
OWN_DOMAIN_ELSEWHERE = (
    "{domain} is a domain of this host, {hostname}, but the zone sends its mail to {host}; "
    "correct the zone, or hostname"
)
NOT_A_FAULT = "{fault!r} in 'faults' is not a fault: {reason}"
NUMBER_TOO_LOW = "{key} must be at least {least}, not {number}"
LISTENS_FOR_OTHERS = "{address} can be reached by other machines; `allow_remote = true` allows that"
ROUTE_LEAVES = "{host} is another machine, {address}; `allow_remote = true` lets mail go there"

# A configuration can be used, and its author hardly wants what it says.
LISTENS_ELSEWHERE = (
    "{host} is at {there} in the zone, and listens at {here}; hosts with this zone do not find it: correct `listen` or "
    "the zone"
)
OWN_DOMAIN_MISSING = "{domain} is not in the zone; other hosts with this zone send it no mail"
NO_PORT = "mail for {host} goes to {address}, port {port}; if it listens elsewhere, give it a `port` in the zone"
NO_OWNER = "bounces of the list {name} go to Postmaster; `owner` names somebody else"
MAILBOXES_OF_NOBODY = "{maildir} has mailboxes of nobody in the directory: {names}"

# The queue cannot do what it was called for.
NO_ENTRY = "there is no {id!r} in the queue; what was delivered, given up or dropped is no longer there"
ENTRY_RECIPIENTS = "{id!r} needs at least one recipient, and each of them once"
ENTRY_TWICE = "{id!r} is in the queue already"
UNDER_WAY = "{id!r} is being delivered to {next_hop} now; drop it when the attempt has ended"
ON_HOLD = "{id!r} is being dropped now; look at the queue again"
NOT_UNDER_WAY = "no attempt to deliver {id!r} is under way"
BAD_ENTRY = "the spool has a record that is not an entry of a queue, or is damaged: {text}"
OTHER_RECIPIENTS = "the result for {id!r} is about other recipients than its attempt"

# The spool or the host fails while the queue works. The first is the reason in an attempt's result.
NOT_IN_SPOOL = "the spool has no message {id}"
TWICE_IN_SPOOL = "the spool has a message {id} already"
SPOOL_UNREADABLE = "the message {id} cannot be read from the spool: {reason}"
MAILDIR_IN_USE = "another host keeps mail in {path}; give each host a `maildir` of its own"
SPOOL_NOT_WRITTEN = "the spool cannot be written: {reason}"
SPOOL_NOT_READ = "the spool {path} cannot be read: {reason}"
SPOOL_IN_USE = "another process works with the spool {path}; is the host running already?"
MOVED_ASIDE = "{path} is damaged and was moved to {target}: {reason}"
MESSAGE_GONE = (
    "the message {id} from {sender} for {recipients} is gone; its file was removed, or a crash came just after its end"
)
NOT_OF_SPOOL = "it is not a message of a spool"
WRONG_SIZE = "it has {size} octets, and was written with {octets}"
OTHER_MESSAGE = "its name is that of another message"
ATTEMPT_BROKE = "the attempt broke by a mistake in this host's program; see its log"
STORED_HERE = "stored by {host}"
LEADS_ELSEWHERE = "{host} sends it on"
NO_LOCAL_DELIVERY = "this host has no mailboxes"
REPORT_NOT_KEPT = "the report about {id} could not be written, so {id} stays in the queue: {reason}"
ENTRY_NOT_KEPT = "what is left of {id} could not be written, so a restart would try more than that: {reason}"

# A report cannot be written or read.
REPORT_OF_REPORT = "a message from the null reverse-path gets no report (RFC 5321 6.1); drop it and say so in the log"
NOT_A_REPORT = "the message is not a delivery report (multipart/report with a part message/delivery-status)"
REPORT_IS_ONE_MESSAGE = "read_report takes one message as bytes or text, such as mailbox[0], not {kind}"
NO_RECIPIENT_REPORT = "the report has no status of any recipient"
BAD_RECIPIENT_REPORT = "the report about {address} has no valid Final-Recipient, Action and Status (RFC 3464 2.3)"

# What a report says to people.
BOUNCE_SUBJECT = "Undelivered mail returned to sender"
WARNING_SUBJECT = "Your mail is delayed"
BOUNCE_TEXT = (
    "This is the mail host {host}. Your message was not delivered to the following recipients, and this host does not "
    "try again."
)
WARNING_TEXT = (
    "This is the mail host {host}. Your message has not been delivered yet to the following recipients. You need not "
    "send it again: this host keeps trying."
)
RETRIES_UNTIL = "It tries until {date}."
REPORT_HEAD = "A {kind} from {host}:"
REPORT_ENDS = "Your message, or the beginning of it, is attached."
MAY_HAVE_IT_ALREADY = "{host} may have the message all the same, because only its answer was lost"

# What happens next with an entry of the queue.
ATTEMPT_RUNS = "Attempt {number} to reach {hop} has been under way for {time}."
ATTEMPT_DUE_IN = "Attempt {number} to reach {hop} is due in {time}."
ATTEMPT_DUE = "Attempt {number} to reach {hop} is due now."
WAITS_FOR_SESSION = "Attempt {number} to reach {hop} waits until one of the sessions under way has ended."
LAST_ANSWER = "Attempt {number} failed for {addresses}: {reason}."
MAY_HAVE_IT = "{host} may have the message all the same; a retry may deliver it twice (RFC 5321 6.1)."
GIVES_UP_IN = "In {time} the host gives up and {bounce}."
GIVES_UP_NEXT = "If attempt {number} fails, the host gives up and {bounce}."
WARNS_IN = "If attempt {number}, in about {time}, fails too, {sender} gets a warning that the mail is delayed."
WARNS_NEXT = "If attempt {number} fails, {sender} gets a warning that the mail is delayed."
WARNED = "{sender} was warned that the mail is delayed."
SENDS_BOUNCE = "sends a bounce to {sender}"
DROPS_BOUNCE = "sends no bounce, because the reverse-path is null"
GIVEN_UP = "given up after {time}: {reason}"

# What happens to the mail of a queue, for who watches a host.
LOG_QUEUED = "from {sender} for {recipients}: queued for {hop}"
LOG_STORED = "from {sender} for {recipients}: stored for {mailboxes}"
LOG_REPORT_QUEUED = "a report for {recipients}: queued for {hop}"
LOG_RESTORED = "from {sender} for {recipients}: found in the spool, queued for {hop}"
LOG_ATTEMPT = "attempt {number} to reach {hop}"
LOG_DELIVERED = "{addresses}: delivered: {words}"
LOG_RELAYED = "{addresses}: handed on: {words}"
LOG_EXPANDED = "{addresses}: sent on: {words}"
LOG_DELAYED = "{addresses}: delayed: {words}"
LOG_FAILED = "{addresses}: failed: {words}"
MAY_HAVE_IT_TOO = "{host} may have it all the same"
LOG_NEXT = "attempt {number} is due {when}"
LOG_REPORTED = "{sender} gets the {kind} {report}"
LOG_SUPPRESSED = "nobody gets a report, because the reverse-path is null"
LOG_LEADS_TO = "{address} -> {targets}"
LOG_REFUSED = "refused {client} {what}: {reply}"
LOG_LEFT = "{client} left without a message for {recipients}"
LOG_UNWRITABLE = "{reason}; look at the folder {folder}"
LOG_DROPPED = "dropped; nobody gets a report"

# A request about the queue is wrong.
NO_SUCH_REQUEST = "a request is list, show, retry or drop"
NOT_RETRIED = "{id!r} waits as before: {reason}"
NOT_DROPPED = "{id!r} was not dropped and waits as before: {reason}"
