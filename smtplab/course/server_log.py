"""Shorten the log of the JupyterLab that ``smtplab start`` opens to one line with its address, and to errors.

``data/jupyter/jupyter_server_config.json`` names the filter.
"""

from __future__ import annotations

import logging
import re

_ADDRESS = re.compile(r"https?://\S+")
_BANNER = "To access the server"  # how the message with further addresses begins


class AddressOnly(logging.Filter):
    """Pass the first address as one line, and errors; drop everything else."""

    def __init__(self) -> None:
        super().__init__()
        self._told = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True if a record is shown; rewrite it to the line with the address if it has the address."""
        text = record.getMessage().strip()
        found = _ADDRESS.search(text)
        is_banner = text.startswith(_BANNER)
        if found and not self._told and (is_banner or found[0] == text):
            self._told = True
            record.msg, record.args = f"JupyterLab is at {found[0]}", ()
            return True
        return record.levelno >= logging.ERROR and not is_banner
