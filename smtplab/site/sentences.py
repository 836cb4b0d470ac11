"""The error sentences about the course as static pages, each in one place."""

PARTS_MISSING = "The pages cannot be built without {packages}; to install all of it: pip install 'smtplab[site]'"
NO_COURSE_FILES = "This installation has no notebooks; install smtplab again."
NOT_OURS = (
    "{file} is there already, and no earlier run of this command wrote it, so nothing was changed. "
    "Name another folder, or move the file."
)
NOT_A_FOLDER = "{path} is a file; name a folder."
DAMAGED_LIST = "The list of our own files, {path}, is damaged. Remove the folder, or name another one."
BROKEN_LINK = "{page} has a link to {target}, which does not exist; correct the link."
PAGE_WARNING = "A page has a fault, so nothing was written: {warning}"
