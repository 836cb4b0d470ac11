"""The error sentences of the command line, each in one place.

Those that end without a stop are completed by `frame.run`, which adds how to get help.
"""

# The installation.
PACKAGE_MISSING = "The Python package {name} is missing; to fix it: {command}"
JUPYTERLAB_MISSING = "JupyterLab is missing; to fix it: {python} -m pip install jupyterlab"
NO_NOTEBOOKS = "This installation has no notebooks; install smtplab again."
PROBLEMS_FOUND = "{problems} found."

# The machine.
NEEDS_POSIX = (
    "`smtplab {command}` does not run on Windows; use Linux, macOS or WSL. "
    "The notebooks, the lab in them and `smtplab send` work here."
)
SYSTEM_ERROR = "{file}: {reason}."
FILE_UNREADABLE = "{file} cannot be read: {reason}."
FOLDER_UNUSABLE = "Mail cannot be kept in {folder}: {reason}; name a folder that you may write."
NOT_SAVED = "The transcript could not be saved: {file}: {reason}."
NOT_PRINTED = "The message was delivered, but the conversation could not be printed: {reason}."

# The command line is wrong.
SEE_HELP_AFTER = "{message} See `{command} --help`."
SEE_HELP = "{message}; see `{command} --help`."
NO_COMMAND = "No such command {name!r}{meant}"
DID_YOU_MEAN = " (did you mean {name}?)"
NOT_SECONDS = "{value!r} is not a number of seconds above 0 and up to {most}"
NO_DOMAIN = "a domain needs a name, such as {example}"
NOT_A_USER = "{value!r} is not the part of an address before the @, such as alice"
NO_FOLDER = "a folder needs a name; . is the current folder"
NOT_A_ROUTE = "{value!r} is not of the form DOMAIN=HOST:PORT"
NO_ADDRESS = "--host needs an address; 127.0.0.1 is this machine alone."
NO_EFFECT = "{option} has no effect with {other}; leave one of them out."
NOT_SENDABLE = "{option} {value!r} cannot be sent: {reason}."
NO_MESSAGE = "There is no message in {file}; it is empty."
BYTE_ORDER_MARK = (
    "The message in {file} begins with a byte order mark, where its first field should; "
    "save it as UTF-8 without the mark."
)
SUBJECT_NEEDS_FROM = "--subject makes a From field, and --from is empty; give the whole message instead"
NO_HEADER_FIELD = (
    "The message in {file} does not begin with a header field; with --subject, a header section is made for it."
)
LONG_LINE = (
    "Line {number} of {file} has {octets} octets, and a server need not take more than 998 (RFC 5321 4.5.3.1.6); "
    "it may refuse or cut it."
)

# A mail host and its queue.
NO_CONFIG = "There is no file {file}; `smtplab mta --example FOLDER` writes one to begin with."
CONFIG_MEANT = "{message}; give the file behind --config"
MAILDIR_UNUSABLE = "Mail cannot be kept in {folder}: {reason}; name a folder that you may write as `maildir`."
NO_ENTRIES = "there is no {ids} in the queue; what was delivered, given up or dropped is no longer there"
NEEDS_CONFIG = "--config needs the file of a mail host; `smtplab mta --example FOLDER` writes one to begin with"
SPOOL_UNUSABLE = "The queue cannot be kept in {folder}: {reason}; name a folder that you may write as `spool`."
HOST_BUSY = "The host of {folder} does not answer; it starts or stops, or another command holds its spool. Try again."
EXAMPLE_UNUSABLE = "The example cannot be written into {folder}: {reason}; name a folder that you may write."
EXAMPLE_THERE = "{file} is there already, and is not replaced; name another folder."

# Captures.
NO_SMTP_CONNECTION = "There is no SMTP connection in {file}; name the server's port with --port if it is an odd one."
NO_CONNECTION_TO_PORT = "There is no connection to port {port} in {file}."
NO_SUCH_CONNECTION = "There is no connection {number} in {file}, which has {count}."

# Other machines.
OTHER_MACHINE = "{host} is another machine; --allow-remote lets {purpose}."
NEEDS_ALLOW_REMOTE = "{reason}; another machine would need --allow-remote too"
ROUTE_TO_OTHER_MACHINE = "The route for {domain} leads to another machine, {host}; --allow-remote allows that."
ROUTE_UNUSABLE = "The route for {domain} cannot be used: {reason}."

# The server refused, or ended the session.
SENDER_REFUSED = "The sender was refused: {reply}"
RECIPIENT_REFUSED = "{recipient} was refused: {reply}"
RECIPIENT_UNANSWERED = "{recipient} was {why}."
MESSAGE_REFUSED = "The message was refused: {reply}"
ACCEPTED_FOR = "The message was accepted for {accepted} of {count} recipients."
MESSAGE_WITHOUT_END = "The message has no end, which is a line with one dot; the server drops it."
CLOSED_WITHOUT_REPLY = "The server closed the connection without a reply."
SESSION_ENDED = "The server ended the session: {reply}"

# What a line that was typed in `talk` means.
DIRECTIVE = (
    "{word} looks like a directive, and directives work only in a notebook of the SMTP kernel; "
    "talk sends every line to the server.{meant}"
)

# The tables.
NO_REPLY_CODE = "{code} is not a reply code of SMTP, whose first digit is 2 to 5 (RFC 5321 4.2.1)."

# Exercises.
NO_EXERCISES = "There are no exercises in {folder}; name the folder that holds them with --source."
UNKNOWN_EXERCISE = "There is no exercise {wanted!r}; there are {names}."
EXERCISE_UNUSABLE = "{reason}."
NO_NEW_EXERCISE = "{reason}."
NOT_RELEASED = "{reason}."
NOT_IN_THE_ZIP = (
    "These students are not in the zip, because the roster has no platform key of theirs: {students}. Give them their "
    "pages in another way."
)
NOT_IN_CANVAS_ZIP = (
    "These students are not in the zip, because what they handed in did not come from a zip of Canvas: {students}. "
    "Give them their pages in another way."
)

# To hand in.
NOT_A_ZIP = "--out {file} is not the name of a zip; let it end in .zip."
ZIP_UNUSABLE = "The zip cannot be written to {file}: {reason}; name a file that you may write with --out."
UNTOUCHED = "Nothing was changed in {exercise} yet, so nothing was packed. Answer it and save it, or add --anyway."
FOR_NOBODY = (
    "{exercise} has no student id, so nothing was packed. Write your id into it, run it and save it, or add --anyway."
)
MISSING_IN_ZIP = "Missing: {things}. You can hand the zip in like this; better mend the notebook, and run this again."

# A site for browsers.
NOT_A_PORT_TO_SERVE = "--serve {value!r}: a port is a number from 0 to 65535. Name the folder before --serve."
HOST_NEEDS_SERVE = "--host says where to serve; add --serve."
PARTS_UNUSABLE = "The parts cannot be kept in {folder}: {reason}; name a folder that you may write with --parts."
SITE_UNUSABLE = "The site cannot be written to {folder}: {reason}; name a folder that you may write."

# A class.
ROSTER_UNUSABLE = "The roster cannot be written to {file}: {reason}; name a file that you may write with --out."
OLD_ROSTER = "{reason} {file} was not replaced, because its extensions would be lost; mend it, or name another --out."

NOT_A_COURSE = (
    "{folder} does not look like the folder of a course: it has no source, submitted, gradebook.db or roster.csv. "
    "Name the folder that holds them."
)
NOTHING_REMOVED = "Nothing was removed; --yes removes without asking."
NOT_ALL_REMOVED = "{count} could not be removed."

# A simulation.
NO_SCENARIO = "Name a scenario: {names}; or a TOML file."
SEEDS_NEED_NUMBER = "--seeds counts from a number, and --seed {seed!r} is none; use --seed 1."
OUT_UNUSABLE = "The files cannot be written into {folder}: {reason}; name a folder that you may write with --out."
PCAP_OF_ONE_RUN = "--pcap writes the sessions of one run; leave --seeds out."
OTHER_TRACE = "The trace has the hash {found} and not {expected}; another scenario, seed or version made that one."

# A conformance run.
NOT_A_MAILBOX = "--mailbox {value!r} is not an address, such as alice@lab.example: {reason}."
NO_MAILDIR = "--maildir {folder}: there is no such folder. Name the one into which your server writes mail."
NOT_A_MAILDIR = (
    "--maildir {folder}: neither it nor a folder in it has a folder new, so it is no Maildir. "
    "Make {new}, or name the folder into which your server writes mail."
)
PAGE_NOT_SAVED = "The report could not be saved: {file}: {reason}."

# A client that is tried.
NO_PORT_IN_COMMAND = "--cmd does not say where the port goes; write {port} where your program takes it."
NOT_A_COMMAND = "--cmd cannot be split into words: {reason}; check the quotes."
NOT_STARTED = "{program} cannot be started: {reason}; check the command, or name the whole path."

# Grading a class.
NOT_A_TIME = "{value!r} is not a date and a time, such as 2026-11-30T18:00"
NO_SUCH_STUDENT = "No student has the id {student!r}; the class has {count}, and roster.csv their ids."
NOTHING_HANDED_IN = "There is no notebook of {names} in what you named; look at the sentences above."
NOT_ONE_NOTEBOOK = "--as grades one notebook; name its file, and nothing else."
NO_IDS = "--as {value!r} names no student; write the ids with commas between, such as mia,noah."
GRADING_STOPS = "Finishing the submissions that run; press Ctrl-C again to end at once."
GRADING_STOPPED = (
    "{done} of {count} are done, the absent among them, and results are kept. Run the same command again to go on."
)
NO_TIMES = (
    "Nothing tells when the work was handed in: a platform's zip may give all files the time of the download. So "
    "nobody is named as late; the platform has the times."
)
NAME_THE_ZIP = "There is no folder submitted in {folder}; name what was handed in, as in `smtplab grade {archive}`."
NO_NBGRADER = "{file} was not changed, because nbgrader is missing; to install it: pip install 'smtplab[grading]'"
