"""The sentences about the class and about what was handed in: what was found, and what to do.

A sentence that ends without a stop is completed by what shows it.
"""

# The roster: what it is made of
NOT_A_ROSTER = "{file} has no column id, its title is {title!r}; make a roster with `smtplab roster FILE`"
NO_ID_IN_LINE = "{file}, line {number} has no id that can be the name of a folder; write one, or delete the line"
TWICE_IN_ROSTER = "{file} has the {what} {values} twice; each student needs a line, an id and a key of their own"
NOT_A_DATE = "the extension of {student} is {extension!r}; write a date and time such as 2026-11-30T18:00"
NO_STUDENTS = "{file} has no line about a student; export the table again"
NO_COLUMN = "{file} has no column {column!r}; it has {columns}"
ID_SHARED = "{file}: the column {column!r} gives one id to {who}; name another column with --id"
ID_OF_TWO_NAMES = (
    "{file} gives the id {id!r} to {second!r}, and another table to {first!r}; name another column with --id"
)

# The roster: remarks
IDS_TAKEN = "{file} ({platform}, {of}): the id is the column {what}"
COLUMN_EMPTY = "{file}: the column {column!r} is not the id, because it is empty for {count} students"
READ_AS_WINDOWS_1252 = "{file} is not UTF-8 and was read as Windows-1252; check the names"
TEST_STUDENT = "{file}: {name!r} is the platform's own test student, and is left out"
STUDENT_WITHOUT_ID = (
    "{file}, line {number}: {student} has no {column!r} and is left out; add a line to the roster, or use --id"
)
UNUSABLE_ID = "{file}, line {number}: {student} is left out, because {cell!r} cannot be the name of a folder"
NEW_KEY = "{file}: {student} has another key there, {key}; it replaces the earlier one"
EXTENSION_LOST = "{student} is no longer in the class, and the extension to {extension} is dropped"
