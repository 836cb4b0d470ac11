"""Texts that are kept in files: what a program says to people, held word by word."""

import os
from pathlib import Path


def same_as_golden(file: Path, text: str) -> None:
    """Compare a text with the one in a file; with ``SMTPLAB_GOLDEN=write`` in the environment, write it there."""
    if os.environ.get("SMTPLAB_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"run with SMTPLAB_GOLDEN=write to renew {file.name}, and read it"
