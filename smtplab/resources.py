"""Where the files that come with smtplab lie: the course's notebooks and data. It finds them; it does not read them.

In a checkout (and so after ``pip install -e``) they stand beside the package. In a wheel they are packed inside it.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def course_root() -> Path:
    """Return the folder that holds ``notebooks`` and ``data``: the checkout if there is one, else the packed copy.

    An editable install may leave a stale packed copy behind, so the checkout comes first.
    """
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "notebooks").is_dir():
        return checkout
    return _PACKAGE / "_course"


def data_path(*parts: str) -> Path:
    """Return the path of a file or folder under ``data``, such as ``data_path("personalities", "plain.toml")``."""
    return course_root().joinpath("data", *parts)
