"""The error sentences about a student's copy of the course, each in one place."""

DAMAGED_MANIFEST = "The manifest {path} is damaged; `smtplab start --no-lab` renews it."
NO_COURSE = "There is no course in {folder}; `smtplab start` makes one."
FOLDER_IN_THE_WAY = "{path} is a folder; rename it, then `smtplab reset` puts the notebook there."
SEVERAL_NOTEBOOKS = "{wanted!r} fits {count} notebooks; say {commands}."
NO_NOTEBOOK = "There is no notebook {wanted!r}; there are {names}."
