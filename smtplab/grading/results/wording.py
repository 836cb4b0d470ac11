"""The sentences of tables and pages that are made from a report. No error is here; those are in `grading.sentences`."""

from collections.abc import Mapping

from .outcome import IncidentKind

CUT = "\n[cut here: more than {kibibytes} KiB]"
LEFT_OUT = "The rest of the notebook, from cell {number} on, is left out, because this page is long enough."

# What an incident means, for the student whose work it is. What is about others has no sentence here.
FOR_STUDENTS: Mapping[IncidentKind, str] = {
    IncidentKind.TIMED_OUT: "Your notebook or a cell of it ran too long, and was stopped. What it had done counts.",
    IncidentKind.KILLED: "Your notebook ended before its last cell. What it had done by then counts.",
    IncidentKind.OUTPUT_CUT: "Your notebook printed more than is kept. The rest of the output is not shown.",
    IncidentKind.CELLS_RESTORED: "Cells of the exercise were changed or missing, and were put back for the grading.",
    IncidentKind.RENAMED: "Your notebook had another name than the exercise. It was graded.",
    IncidentKind.FORK_LIMIT: "Your notebook started more processes than it may.",
    IncidentKind.MEMORY_LIMIT: "Your notebook needed more memory than it may.",
    IncidentKind.FILE_LIMIT: "Your notebook wrote more to files than it may.",
    IncidentKind.LINK_REFUSED: "What you handed in has a link to another file, which was not followed.",
    IncidentKind.ID_MISMATCH: "The id in your notebook is not the one under which you handed it in.",
    IncidentKind.COPIES: "You handed in more than one file for this exercise. One of them was graded.",
    IncidentKind.CELLS_RAISED: "A cell of yours ended with an error; see what it printed. What it had done counts.",
    IncidentKind.NOT_JUDGED: "Something could not be judged; ask your instructor.",
    IncidentKind.UNREADABLE: "What you handed in cannot be read as a notebook; ask your instructor.",
}

# Of points that the instructor changed; the student reads it, too.
POINTS_CHANGED = "{points} in place of {before}{reason}"
POINTS_IN_PART = "the part {part} has {change}"
CHANGED_BY_HAND = "Your instructor changed the points of this part: {change}"

NO_NOTEBOOK = "You handed in {files}. It cannot be read as a notebook; ask your instructor."
OTHER_ID = "The id in your notebook is {given}, and you handed in as {student}. Ask your instructor which one counts."

# For the instructor, where the report has the fact and no incident about it.
IS_ABSENT = "nothing was handed in"
IS_LATE = "handed in {late} after the time"
CHECKED_OFTEN = "{count} answers were checked in the part {part}"

# Of a question.
TOO_EASY = "nearly everybody has it right: too easy to tell students apart"
TOO_HARD = "few have it right: too hard, or not taught yet"
TELLS_LITTLE = "it says little about the rest: those who do well elsewhere do no better here"
MISLEADS = "those who do well elsewhere do worse here: read it again"

# In plots.
POINTS = "points"
NOBODY = "nobody"

# On the page of a student.
FEEDBACK_TITLE = "Feedback: {title}"
MADE_BY = "Made by smtplab {version}."
NOT_HANDED_IN = "Nothing was handed in."
NOT_GRADED = "Your work was not graded."
EXTENDED = ", with your extension"
NOT_DEDUCTED = "{late} after that time. No points were taken off for it here."
PLATFORM_SAYS_LATE = "The learning platform marked it as late. No points were taken off for it here."
NO_RESULT = "not judged"
WAS_NOT_JUDGED = "This part could not be judged; ask your instructor."
NOT_REACHED = "not reached"
MORE_RULES = ("more rule of this part is", "more rules of this part are")
NOT_LOOKED_AT = "{rules} looked at once the work is about your task."
AT_GRADING = "(looked at in grading only)"
TO_LOOK_AT = "Worth another look"
NOTEBOOK = "Your notebook"
CELL = "Cell {number}"
OUTPUT = "It printed:"
OUTPUT_OF = "Output of cell {number}"

# On the page of a class.
CLASS_TITLE = "Class: {title}"
CLASS_SECTIONS: Mapping[str, str] = {
    "who": "Who handed in what",
    "points": "Points",
    "parts": "Too easy, too hard",
    "rules": "What fails most",
    "beliefs": "What the class believes",
    "incidents": "Incidents",
    "alike": "Whose work is alike",
}
MARKED_LATE = "(late, as the platform says)"
LATE_IS_NOT_DEDUCTED = "Late work is shown here. No points were taken off for it."
WHO = "Students and their points"
NOBODY_IS_GRADED = "No work was graded."
DISTRIBUTION = "{students}: {mean} points in the mean, {middle} in the middle, {least} to {most} of {possible}."
HOW_MANY_POINTS = "How many students have how many points"
FIGURES = (
    "Facility is the mean part of the points that is earned. Discrimination, from -1 to 1, is high where those who do "
    "well elsewhere do well. With fewer than {least} graded students both are chance, and nothing is said in words."
)
PARTS = "The parts of the exercise"
STRIKING_RULES = "Rules that are striking"
NO_RULE_FAILS = "No rule fails."
FAILING_RULES = "Rules that fail, with the number of students"
FAILED_COMMANDS = "Commands that the failing rules are about"
FAILED_CODES = "Codes that the sentences about the mistakes name"
EMPTY_LINE = "(an empty line)"
REFUSED_COMMANDS = "Commands that the hosts refused"
REFUSAL_CODES = "Codes of these refusals"
BELIEFS = "Wrong beliefs that the work shows"
NO_BELIEF = "No work shows a wrong belief."
INCIDENTS = "What happened with submissions"
NO_INCIDENT = "There were no incidents."
ALIKE = "Pairs of students"
A_HINT = (
    "A hint to look, and no proof: these works share much text that nobody else has and that the exercise does not "
    "explain. Points do not depend on it."
)
NOBODY_IS_ALIKE = "No two works share so much."
SEE_INCIDENTS = "Work that fits another student's task is under Incidents, as work of another."
RENAMED = "the form of a program, under other names"
EQUAL_TEXT = "equal text"
