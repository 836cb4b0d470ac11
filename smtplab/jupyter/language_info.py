"""The languages of the notebooks, as their kernels name them in a notebook's metadata."""

from __future__ import annotations

import platform
from collections.abc import Mapping

# JupyterLab looks for the colours of the language by this mode, and by the MIME type.
SMTP_LANGUAGE: dict[str, object] = {
    "name": "smtp",
    "version": "RFC 5321",
    "mimetype": "text/x-smtp",
    "file_extension": ".smtp",
    "codemirror_mode": "smtp",
    "pygments_lexer": "text",
}
PYTHON_LANGUAGE: dict[str, object] = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": platform.python_version(),
}
# By the names of the kernels.
LANGUAGES: Mapping[str, dict[str, object]] = {"python3": PYTHON_LANGUAGE, "smtp": SMTP_LANGUAGE}
