"""nbgrader's settings for this course; nbgrader reads them when it runs in this folder.

The folders are nbgrader's own: source, release, submitted, autograded, feedback, and the gradebook beside them.
"""

import os
import sys
import warnings

from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    IgnorePattern,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from sqlalchemy.exc import SAWarning

from smtplab.grading.autograde import RefereedExecute
from smtplab.grading.release import CODE_STUBS, TEXT_STUB

c = get_config()

# What stands in an answer cell before there is an answer. An SMTP cell needs words of its own.
c.ClearSolutions.code_stub = CODE_STUBS
c.ClearSolutions.text_stub = TEXT_STUB

# How long a cell may run, in seconds. Then it is interrupted and has failed, and the next one runs.
c.ExecutePreprocessor.timeout = 30

# A test cell that a student has deleted comes back.
c.OverwriteCells.add_missing_cells = True


class ForgetCopies(DeduplicateIds):
    """Takes nbgrader's metadata off a copied cell, so that the last one counts; 0.9.6 stumbles over two."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Take all metadata off where nbgrader has emptied them."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if not cell.metadata.get("nbgrader", True):
            del cell.metadata["nbgrader"]
        return cell, resources


class ForgetStrangers(OverwriteCells):
    """Takes nbgrader's metadata off a cell that the gradebook does not know; 0.9.6 takes its id off, and stumbles."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Take all metadata off where nbgrader has taken the id."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if not cell.metadata.get("nbgrader", {}).get("grade_id", ""):
            cell.metadata.pop("nbgrader", None)
        return cell, resources


c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    ForgetCopies,
    OverwriteKernelspec,
    ForgetStrangers,
    CheckCellMetadata,
]

# As nbgrader has it, but the test cells are judged outside the notebook's kernel.
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

# A cell that says exit() has failed, and the next one runs. What a kernel warns of at its start, ipykernel 7 tells for
# each submission, that it talks over the loopback interface unencrypted, is no news.
c.Execute.extra_arguments = [
    "--IPKernelApp.exec_lines=from smtplab.grading import guard; guard.go_on()",
    "--IPKernelApp.log_level=ERROR",
]

# nbgrader 0.9.6 has SQLAlchemy 2 say of a submission that something "will not proceed". It does: no points are lost.
warnings.filterwarnings("ignore", "Object of type <Submitted", SAWarning)
