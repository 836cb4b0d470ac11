"""The error sentences of grading: what happened, and what to do.

A sentence begins in lower case if other text may precede it. The sentences of `release` are in that module, because it
also runs alone, when the wheel is built. What a rule says about a mistake belongs to the rule.
"""

# For students: `check` and `handout`
NO_EXERCISE = "there is no exercise {name!r}; there are {names}"
NO_STUDENT_ID = "no student id is given; {remedy}"
NOT_A_STUDENT_ID = (
    "{student!r} is not a student id; write the id alone, as in {bare}, without quotation marks, brackets or "
    "punctuation around it"
)
NOT_HANDED_OUT = "{exercise} has not been handed out; run the cell that hands it out first"
BEGUN_ANEW = (
    "This cell has run before. The sessions and answers from then no longer count; run the cells with your answers "
    "again."
)
NO_PART = "{exercise} has no part {part!r}; it has {parts}"
NO_QUESTION = "{exercise} has no question {question!r}; its questions are {questions}"
NO_ANSWER = "nothing was handed in: write the question and your answer, as in {call}"
SEVERAL_ANSWERS = (
    "nothing was handed in: a question takes one answer; put all of it between one pair of quotes, as in {call}"
)
NO_TEXT = (
    "{exercise} has no text {name!r}; {texts}. If this is the notebook of another exercise, run its cell with "
    "exercise(...) again"
)
NOT_YOURS_YET = (
    'No exercise is handed out yet. Put your student id into the cell below "Whose exercise it is", run it, and run '
    "the next cell."
)
NO_LAB_HERE = 'An exercise has hosts of its own, and no lab. Call one with mine.telnet("{host}").'
NUMBER_BELOW = "The number below repeats your points, for the program that grades."
POINTS_IN_WORDS = "Points of this cell: {earned}."
DEFENCE_IS_ANSWERED = "this question is answered with {code}, and the first answer counts"
NOTHING_TO_DEFEND = "The questions are about a session that has all points that can be seen, and there is none yet."
DEFENCE_IS_OPEN = "Not answered yet; {call} asks it."
DEFENCE_IS_WRONG = "The host answers something else."
DEFENCE_OFFERED = "All that can be seen is right. {call} asks three questions about your own session."
OPENING_QUESTIONS = "Questions about what you believe. They give no points."
ANSWER_THE_OPENING = 'Answer with number and letter, as in `questions.answer(1, "b")`.'
OPENING_IS_ANSWERED = "All are answered."
NO_OPENING = "{exercise} begins with no questions"
ANSWERS_TRIED = "You have checked {count} different answers to the part {part}. The number stays with your notebook."
NO_DEFENCE = "{exercise} has no session that could be defended"
NO_MAILBOX = "there is no mailbox {address!r} here; there are {addresses}"
IRREVOCABLE = "what you send in an exercise cannot be taken back; open another session instead"
SERVER_IS_SILENT = "the server has sent nothing"
NO_ANSWER_RECORDED = "the function gave no answer for {argument}"
TOO_MANY_CALLS = "the function called the methods of its socket {count:,} times"
NO_TRIAL_RECORDED = "the program did not come to the end of the trial {trial}"

# For students, in a report: `referee`
TOO_LONG_TO_JUDGE = "The referee could not judge this part in time, because very much was sent or handed in."

# For students, on the feedback page: `autograde`
NOT_JUDGED = "The referee could not judge this part; ask your instructor."

# For authors: `skeleton`
NOT_AN_EXERCISE_NAME = (
    "{name!r} is not a name of an exercise; use two digits and a title in small letters, as in 04-write-a-client"
)
NOT_A_CHECKOUT = "{folder} is not a copy of the repository; run this in one, or name its folder"
EXERCISE_IS_THERE = "{file} is there already; choose another number or title"

# For instructors: why a submission cannot be graded
SEVERAL_NOTEBOOKS = "there are several notebooks, and none of them is called {name}: {names}"
NOT_COPIED = "the notebook is called {name}, and a copy with the right name cannot be made: {reason}"
UNREADABLE = "the notebook cannot be read: {reason}"
NBGRADER_STOPPED = "nbgrader stopped at this submission; its log says where"

# For instructors, in the log of the grading: the table of ids
IDS_UNREADABLE = "{file} cannot be read, so nobody has another id: {reason}"
IDS_NOT_UTF_8 = "{file} is not UTF-8 and was read as Windows-1252; check the names, or save it as CSV UTF-8"
IDS_NO_TITLE = "{file} has no title, and {title!r} was read as a student; begin the file with the line student,id"
IDS_MISNAMED = "{file} was not read, because its title is {title!r}; it needs the columns student and id"
IDS_TOO_MANY = "{file}, line {number} was not read: it has {cells} cells, and the title has {columns}"
IDS_INCOMPLETE = "{file}, line {number} was not read: it has no {missing}"
STUDENT_TWICE = "{file}, line {number} has {student!r} again, as line {before} has; the last one counts"
ID_TWICE = "{file}, line {number} gives the id {id!r}, which line {before} gives to another student"
NO_FOLDER = "{file}, line {number} names {student!r}, who has no folder in {folder}"

# For instructors: the report of a graded class
REPORT_IS_NOT_JSON = "the report cannot be read: {reason}; grade the class again to write it anew"
REPORT_FORMAT = "the report has format {format}, and this smtplab reads format {readable}; grade the class again"
REPORT_IS_INCOMPLETE = "the report has no valid {where}; grade the class again to write it anew"

# For instructors: points that are changed by hand
POINTS_MISNAMED = "{file} has no column {missing}; its title is id,exercise,part,points,reason"
POINTS_INCOMPLETE = "{file}, line {number} has no {missing}; write it, or delete the line"
POINTS_NO_NUMBER = "{file}, line {number} has the points {cell!r}; write a whole number, what the part is to give"
POINTS_TWICE = "{file}, line {number} is about the same part as line {before}; delete one of them"
POINTS_NO_EXERCISE = "{file}, line {number} names the exercise {exercise!r}, which is not among yours; correct it"
POINTS_NO_STUDENT = "{file}, line {number} names {student!r}, who is not in the class; correct the id"
POINTS_NO_PART = "{file}, line {number} names the part {part!r}; the exercise has {parts}"
POINTS_TOO_MANY = "{file}, line {number} gives more than the part {part} has; write at most {most}"

# For instructors: releasing feedback
NO_RESULTS = (
    "there are no results in {folder}: {reason}; grade the exercise first, and name the folder with report.json"
)
NO_PAGE = "the page {file} cannot be read: {reason}; grade the exercise again to write it anew"
NO_FOLDER_OF_THEIRS = (
    "{student!r} and {exercise!r} are not both names of folders, so that nothing was released; correct the id in the "
    "roster, and grade again"
)

# A program that does not come back
NEVER_ENDED = "{subject} does not come to an end{place}."
IN_YOUR_LINE = ", in your `{place}`"
LOOK_FOR_A_LOOP = "look for a loop that nothing ends"
TOOK_TOO_LONG = "{subject} took longer than {seconds:g} s and was stopped{place}."
LOOK_FOR_WHAT_IS_SLOW = "look for a loop that nothing ends, or for work that is done again for each octet"
