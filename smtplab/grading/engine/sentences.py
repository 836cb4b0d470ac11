"""The error sentences of the engine: what happened, and what to do.

A sentence begins in lower case if other text may precede it.
"""

# For students, in the process that is graded
CELL_TIMEOUT = "this cell took too long, and was interrupted; the later cells ran"
NO_INPUT = "input() waits for somebody to type, and nobody does while a notebook is graded"

# For instructors: `engine`
NEEDS_FORK = "submissions cannot be graded on Windows, which cannot fork a process; grade on Linux, macOS or in WSL"
ENGINE_DID_NOT_START = "the process {module} did not start; what it printed says why"
OTHER_SMTPLAB = (
    "the submissions would be graded by another smtplab ({theirs}) than this one ({ours} in {root}); uninstall the "
    "other one, or start again if you have just changed a file"
)
NO_DISTRIBUTED = "a cluster needs the package distributed; to install it: pip install 'smtplab[cluster]'"
NO_SCHEDULER = "no scheduler of Dask answers at {address}: {reason}"
SCHEDULER_LOST = (
    "the scheduler at {address} ended, or cannot be reached any more; start it again, and run the same command: what "
    "is graded stays"
)
NO_DASK_WORKERS = "the scheduler at {address} has no workers; start some with: dask worker {address}"
OTHER_SMTPLAB_THERE = (
    "the cluster has another smtplab ({theirs}) than this program ({ours}); install the same one there"
)
SOURCE_UNUSABLE = "the exercise {exercise} cannot be graded: {reason}"
IN_EXERCISE = "the exercise {exercise} cannot be graded: {sentence}"
UNJUDGED_CELL = (
    'no referee judges the cell {cell}; write smtplab.check("NAME", "PART"), or %check NAME PART in an SMTP notebook, '
    "with the exercise and the part in quotes and not in variables"
)
NO_BORDER = "a submission could not be closed off, and was not run: {reason}"
REFEREE_FAILED = "the referee could not judge the work; grade it again, and look at what was printed"
REFEREE_INTERRUPTED = "the referee took too long over {cells}, and stopped there; look at what was sent and handed in"
CPU_LIMIT = "the notebook used all its processor time and was ended; what was done before counts"
WALL_LIMIT = "the notebook took all its time and was ended; what was done before counts"
PROCESS_KILLED = "a cell killed the process of the notebook; what was done before counts"
PROCESS_EXITED = "a cell ended the process of the notebook; what was done before counts"
WROTE_TOO_MUCH = "the notebook wrote more than is read and was ended; what was done before counts"
PEER_WAS_LATE = "to try the notebook's program took all its processor time; the trials until then count"
PROGRAM_SAID_TOO_MUCH = "the notebook's program sent more than is read; the trials until then count"
PEER_DIED = (
    "the process that tries the notebook's program ended too early; grade it again, and look at what was printed"
)
CELL_INTERRUPTED = "a cell took too large a share of the notebook's time and was interrupted; the later cells ran"
CELL_CUT = "a cell printed more than is kept"
FORK_LIMIT = "a cell started more processes than it may"
MEMORY_LIMIT = "a cell used more memory than it may"
FILE_LIMIT = "a cell wrote a larger file than it may"
OPEN_FILES_LIMIT = "a cell opened more files than it may"
FOLDER_LIMIT = "a cell wrote more files than its folder may hold"

RUN_FILE_UNUSABLE = "the run file {file} cannot be used: {reason}; name a folder that you may write"
GRADER_FAILED = "the grader failed at this notebook, and nobody else is harmed: {reason}; grade it again"
LEFT_OUT = "it was left out of this run, and no earlier run has graded it"
CELL_RAISED = "{cells} ended with {error}; what was done before counts"
WORK_OF_ANOTHER = "it may be the work of {owner}: {evidence}"
ID_OF_SEVERAL = "the work of {students} is graded by the task of {id!r}; give each the own id in ids.csv"
ID_NOBODY_HAS = (
    "the notebook gives the id {given!r}, which nobody in the class has; if it is this student's own, write the line "
    "{line} into ids.csv, below the title student,id, and grade again"
)
NOT_IN_GRADEBOOK = "{file} has no {exercise}, and no scores were written; run `nbgrader generate_assignment {exercise}`"
GRADEBOOK_UNUSABLE = "{file} was not changed: {reason}"
SCORE_WAS_EDITED = "{student}: the score {score} of {cell} was edited, and stays"

# For instructors: what a student did to the cells of an exercise
CELL_COPIED = "the cell {cell} was copied; the last one counts"
CELL_UNKNOWN = "the cell {cell} is marked as a cell of the exercise and is none"
CELL_CHANGED = "the cell {cell} was changed, and has its own text again"
CELL_MARKED = "the points or the kind of the cell {cell} were changed, and are those of the exercise again"
CELL_MISSING = "the cell {cell} was missing, and is put back"
CELL_MOVED = "the cell {cell} stood above its answer, and is put behind it"
