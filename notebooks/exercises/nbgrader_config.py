"""nbgrader's settings for this course; nbgrader reads them when it runs in this folder.

The folders are nbgrader's own: source, release, submitted, autograded, feedback, and the gradebook beside them.
"""

import os
import sys
import warnings

from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    IgnorePattern,
    LimitOutput,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from sqlalchemy.exc import SAWarning

from smtplab.grading.autograde import RefereedExecute
from smtplab.grading.release import CODE_STUBS, TEXT_STUB
from smtplab.grading.submissions import RequireReferee, RestoreCells, let_go, take_in

c = get_config()

# What stands in an answer cell before there is an answer. An SMTP cell needs words of its own.
c.ClearSolutions.code_stub = CODE_STUBS
c.ClearSolutions.text_stub = TEXT_STUB

# What `nbgrader zip_collect` finds: the id is what stands before the first low line, in the name of the file or, where
# Moodle makes a folder for each student, in that of the folder.
c.FileNameCollectorPlugin.named_regexp = (
    r".*/extracted/(?:[^/]+/)*(?P<student_id>[^/_]+)_(?:[^/]*assignsubmission[^/]*/)?"
    r"[^/]*?(?P<file_id>\d\d-[a-z]+(?:-[a-z]+)*)"
)

# A test cell that no referee judges stops `nbgrader generate_assignment`.
c.GenerateAssignment.preprocessors = [RequireReferee, *GenerateAssignment.preprocessors.default()]

# What a student may have done to a notebook: nbgrader stops at less.
c.Autograde.pre_convert_hook = take_in
c.Autograde.post_convert_hook = let_go
c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    OverwriteKernelspec,
    RestoreCells,
    CheckCellMetadata,
]

# As nbgrader has it, but a notebook runs inside a border, and its test cells are judged outside.
c.Autograde.autograde_preprocessors = [
    RefereedExecute,
    IgnorePattern,
    ClearMetadataPreprocessor,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]

# nbgrader calls alembic by its name to make the gradebook; it lies beside the Python that runs nbgrader.
os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])

# nbgrader 0.9.6 has SQLAlchemy 2 say of a submission that something "will not proceed". It does: no points are lost.
warnings.filterwarnings("ignore", "Object of type <Submitted", SAWarning)
