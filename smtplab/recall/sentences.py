"""The sentences of the review."""

DAMAGED_RECORD = "{file} was damaged, so the review starts over; the old file is kept as {kept}."
UNREADABLE_RECORD = "{file} cannot be read, so these questions come as if it were empty."
THREE_QUESTIONS = "{questions} about earlier notebooks. They give no points."
NOTHING_DUE = "No question is due today; the next one comes on {day}."
NO_EARLIER_NOTEBOOK = "There is no earlier notebook, so there is nothing to review."
HOW_TO_ANSWER = 'Answer with number and letter, as in `review.answer(1, "b")`; in a cell of SMTP, `%answer 1 b`.'
NO_SUCH_NOTEBOOK = "there is no tutorial {name!r} to review before; write its name, such as 02-the-fourteen-commands"
ALL_ANSWERED = "All are answered. Each comes back in 1, 3, 7 or 16 days: soon if it went wrong, later if it went right."
