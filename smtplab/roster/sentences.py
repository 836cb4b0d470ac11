"""The sentences about the class and about what was handed in: what was found, and what to do.

A sentence that ends without a stop is completed by what shows it.
"""

# The roster: what it is made of
NOT_A_ROSTER = "{file} has no column id, its title is {title!r}; make a roster with `smtplab roster FILE`"
NO_ID_IN_LINE = "{file}, line {number} has no id that can be the name of a folder; write one, or delete the line"
SHORTENED_NUMBER = (
    "{file}, line {number} has {cell!r}, because a spreadsheet shortened a long number; make the roster again, and let "
    "the spreadsheet read the column as text"
)
TWICE_IN_ROSTER = "{file} has the {what} {values} twice; each student needs a line, an id and a key of their own"
NOT_A_DATE = "the {what} of {student} is {text!r}; write a date and time such as 2026-11-30T18:00"
NO_STUDENTS = "{file} has no line about a student; export the table again"
NO_COLUMN = "{file} has no column {column!r}; it has {columns}"
ID_SHARED = "{file}: the column {column!r} gives one id to {who}; name another column with --id"
ID_OF_TWO_NAMES = (
    "{file} gives the id {id!r} to {second!r}, and another table to {first!r}; name another column with --id"
)

# The roster: remarks
IDS_TAKEN = "{file} ({platform}, {of}): the id is the column {what}"
COLUMN_EMPTY = "{file}: the column {column!r} is not the id, because it is empty for {students}"
READ_AS_WINDOWS_1252 = "{file} is not UTF-8 and was read as Windows-1252; check the names"
TEST_STUDENT = "{file}: {name!r} is the platform's own test student, and is left out"
MAYBE_TEST_STUDENT = "{file}: {name!r} has a login and is kept; if it is the platform's test student, delete the line"
NO_NAMES = "{file} has no names of students; the assignment may be anonymous, and the keys alone tell whose a file is"
STUDENT_WITHOUT_ID = (
    "{file}, line {number}: {student} has no {column!r} and is left out; add a line to the roster, or use --id"
)
UNUSABLE_ID = "{file}, line {number}: {student} is left out, because {cell!r} cannot be the name of a folder"
NEW_KEY = "{file}: {student} has another key there, {key}; it replaces the earlier one"
TIMES_TAKEN = "{file}: the column {column!r} says when {of} handed in"
TIMES_UNREAD = (
    "{file}: a time in the column {column!r}, {cell!r}, cannot be read; switch Moodle to English, and download the "
    "table again"
)
EXTENSIONS_TAKEN = "{file} has an extension for {students}"
EXTENSION_DIFFERS = (
    "{student} has the extension {kept} in the earlier roster, which stays, and {other} in the new table"
)
EXTENSION_LOST = "{student} is no longer in the class, and the extension to {extension} is dropped"

# What was handed in: why a file cannot be used
EMPTY_FILE = "the file is empty"
NOT_A_NOTEBOOK = "the file is not a notebook, or not the whole of one"
WRONG_FORMAT = "the notebook has format {format}, and only format {readable} can be graded"
TOO_LARGE = "the notebook is too large; without outputs it may have {most} MiB"
NO_SUCH_PATH = "there is no such file or folder"
LINK = "it is a link, and links are not followed"
HIDDEN = "its name or that of its folder begins with a dot, and hidden files are not graded"
NOT_A_FILE = "it is not a regular file"
FILE_UNREADABLE = "it cannot be read: {reason}"
FILE_TOO_LARGE = "it has more than {most} MiB"
BROKEN_ZIP = "the zip is broken, or is not a zip"
BROKEN_MEMBER = "it is damaged inside the zip"
PATH_REFUSED = "its path leads out of the zip"
ENCRYPTED = "it is encrypted; ask for a zip without a password"
ODD_COMPRESSION = "it is packed by a method other than Deflate; ask for an ordinary zip"
TOO_MANY_MEMBERS = "the zip has more than {most} files"
TOO_MANY_FILES = "it has more than {most} files, and not all were looked at"
TOO_DEEP = "it lies more than {most} folders deep"
TOO_MUCH = "it was not read, because this student handed in more than {most} MiB"
IN_PLACE = "{where}: {reason}"

# What was handed in: whose it is
NO_STUDENT = "nothing tells whose it is; put the student's id before the name, as in mia_{exercise}.ipynb"
NEEDS_ROSTER = (
    "it has a platform's name of a student, and no id; make a roster with `smtplab roster FILE`, and name it with "
    "--roster"
)
NOT_IN_CLASS = "nobody in the roster fits; add a line to it"
NAME_OF_SEVERAL = "{name!r} is the name of {students}; put the platform key of each into the roster"
KEY_OF_ANOTHER = "{key} is the platform key of {student}, and {name!r} is the name of {other}; make the roster anew"
OTHER_KEYS = (
    "{where} has none of the platform keys in the roster, which may be of another assignment; make the roster again "
    "with the worksheet of this one, or its points go to nobody"
)
CLAIMED = "the id in it is {student!r}, and {student} handed in something else; put the right id before its name"
WHOSE = "{where} belongs to no student: {reason}"
SEVERAL_FOLDERS = "{labels} all belong to {student}, with different notebooks; delete those that do not count"

# What was handed in: which notebook counts
NOTHING = "nothing was handed in"
ONLY_OTHER_FILES = "only {names} was handed in, and no notebook"
IS_RENAMED = "the notebook is called {name}"
HOLDS_ANOTHER = "the notebook is called {name}, and its cells are those of {exercise}"
ALSO_THERE = "{names} was not graded, because another notebook has the better name"
SEVERAL_NOTEBOOKS = "there are several notebooks, and none has the name {exercise}.ipynb: {names}"
SEVERAL_EXACT = "there are several different notebooks of this name: {names}"
MARKED_LATE = "the learning platform marked it as late"
WRONG_CHECKSUM = "{name} differs from the one that `smtplab submit` packed"
OTHER_ID_PACKED = "the zip was packed with the id {packed!r}"
