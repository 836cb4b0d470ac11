"""The error sentences about a student's copy of the course, each in one place."""

DAMAGED_MANIFEST = "The manifest {path} is damaged; `smtplab start --no-lab` renews it."
NO_COURSE = "There is no course in {folder}; `smtplab start` makes one."
FOLDER_IN_THE_WAY = "{path} is a folder; rename it, then `smtplab reset` puts the notebook there."
SEVERAL_NOTEBOOKS = "{wanted!r} fits {count} notebooks; say {commands}."
NO_NOTEBOOK = "There is no notebook {wanted!r}; there are {names}."

# To hand in
NO_EXERCISES_HERE = "There are no exercises here; name the folder of the course, such as smtplab-course."
NO_SUCH_EXERCISE = "There is no exercise {wanted!r} here; there are {names}."
NOTHING_BEGUN = "None of these was changed yet: {names}. Answer one, save it, and run this again."
SEVERAL_BEGUN = "You have begun {names}; name the one to hand in, as in --exercise {first}."
NOT_PACKED = "{path} cannot be handed in: {reason}."
DAMAGED_COURSE_FILE = 'The file {path} is not TOML; write a line such as hand_in = "Moodle, week 3".'
NO_ID = "your student id: write it {where}, run the notebook, and save it"
ANSWER_CELL_GONE = '"{part}": the answer cell was deleted; write the answer into a new cell, or it gives no points'
NOT_ANSWERED = '"{part}": the answer cell is still as it was delivered'
NEVER_RUN = '"{part}": the answer cell was never run; run it to see if it works, and save the notebook'
ENDED_IN_ERROR = '"{part}": the answer cell ended in an error'
NEWER_COPY = "{name} was saved later than {packed}, and only {packed} is packed"
