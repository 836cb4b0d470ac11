"""The error sentences about the course in a browser, each in one place."""

# The packages that build it
NOT_INSTALLED = "{package} is missing; to install it: pip install 'smtplab[lite]'"
OTHER_VERSION = (
    "{package} has the version {found}, and the site is made for {version}; to change it: pip install 'smtplab[lite]'"
)

# The parts that are fetched
NO_PIP = "{count} are missing, and so is pip, which fetches them. Where there is a pip and a network, run: {command}"
PIP_FAILED = "pip could not fetch {count}: {reason}. Run this again with a network, or where there is one: {command}"
NO_NPM = "Pyodide is missing, and so is npm, which fetches it. Download {url} and run this again with --pyodide {file}"
NPM_FAILED = (
    "npm could not fetch Pyodide: {reason}. Run this again with a network, or download {url} where there is one and "
    "add --pyodide {file}"
)
WRONG_HASH = (
    "{path} is not the file that this version of smtplab was tested with: its sha256 is {found} and must be {wanted}. "
    "Remove it and run this again."
)
WRONG_PYODIDE = (
    "{path} is not Pyodide {version} as npm has it: its sha256 is {found} and must be {wanted}. Download {url}"
)
UNREADABLE = "{path} cannot be read: {reason}."

# The build
BUILD_FAILED = "`jupyter lite build` failed: {reason}."
FOREIGN_PYODIDE = "The site would load Pyodide from {url} and not from its own folder, so it was thrown away."

# Where it goes
NOT_A_SITE = "{folder} holds something else ({names}), so nothing was written. Name a new or an empty folder."
FILE_IN_THE_WAY = "{folder} is a file, so nothing was written. Name a folder."
IN_THE_WAY = "{folder} holds {names}, which `smtplab lite` did not write, so nothing was changed. Move it away."
NOT_OUR_ZIP = "{file} is not the zip of a site, so it was not replaced. Move it away."

# The server
NO_PORT = "{address} cannot be used: {reason}. Name another port, as in --serve {other}."
