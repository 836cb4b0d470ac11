"""Find the files that come with smtplab, the course's notebooks and data, without reading them.

In a checkout, and so after ``pip install -e``, they are beside the package; a wheel packs them inside it.
"""

from pathlib import Path

MANIFEST = ".smtplab-course.json"
"""What `smtplab start` leaves in a student's folder. It marks the folder of a course."""
_PACKAGE = Path(__file__).resolve().parent.parent


def course_root() -> Path:
    """Return the folder of ``notebooks`` and ``data``: the checkout if there is one, else the packed copy."""
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "notebooks").is_dir():
        return checkout
    return _PACKAGE / "_course"


def data_path(*parts: str) -> Path:
    """Return the path of a file or folder in ``data``, such as ``data_path("personalities", "plain.toml")``."""
    return course_root().joinpath("data", *parts)
