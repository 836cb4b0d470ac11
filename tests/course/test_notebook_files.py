"""Notebooks as files: what counts as a change, the language that is delivered, and trust."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from smtplab.course.copies import MANIFEST, CopyOutcome, course_files, hand_out, read_manifest, trust_copies
from smtplab.course.notebook_files import fingerprint, sha256, with_language
from support.jupyter_kernel import start_kernel

NAME = "01-session.ipynb"
Edit = Callable[[dict[str, Any]], None]


def notebook(*sources: str, kernel: str = "python3") -> dict[str, Any]:
    cells = [
        {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": source, "outputs": [], "execution_count": 1}
        for number, source in enumerate(sources)
    ]
    metadata = {"kernelspec": {"name": kernel, "display_name": "", "language": ""}, "language_info": {"name": "x"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


def octets(made: dict[str, Any]) -> bytes:
    return json.dumps(made).encode()


FIRST, SECOND = octets(notebook("lab", "send")), octets(notebook("lab", "send more"))


def edited(edit: Edit) -> bytes:
    made: dict[str, Any] = json.loads(FIRST)
    edit(made)
    return octets(made)


def run(made: dict[str, Any]) -> None:
    made["cells"][0] |= {"execution_count": 17, "outputs": [{"output_type": "stream", "name": "stdout", "text": "250"}]}


def save(made: dict[str, Any]) -> None:
    made["metadata"]["language_info"] = {"name": "python", "version": "3.99"}
    made["metadata"]["widgets"] = {"some": "state"}


def split(made: dict[str, Any]) -> None:
    made["cells"][0]["source"] = ["la", "b"]


def fold(made: dict[str, Any]) -> None:
    made["cells"][0]["metadata"] = {"collapsed": True, "scrolled": False, "trusted": True}


def rename(made: dict[str, Any]) -> None:
    made["cells"][0]["id"] = "another"


def run_the_last_cell(made: dict[str, Any]) -> None:
    made["cells"].append({"cell_type": "code", "id": "z", "metadata": {}, "source": "", "outputs": []})


def another_source(made: dict[str, Any]) -> None:
    made["cells"][0]["source"] = "lab "


def one_cell_less(made: dict[str, Any]) -> None:
    del made["cells"][0]


def one_cell_more(made: dict[str, Any]) -> None:
    made["cells"].append({"cell_type": "markdown", "id": "z", "metadata": {}, "source": "my note"})


def another_order(made: dict[str, Any]) -> None:
    made["cells"].reverse()


def another_type(made: dict[str, Any]) -> None:
    made["cells"][0]["cell_type"] = "raw"


def two_cells_joined(made: dict[str, Any]) -> None:
    made["cells"] = [made["cells"][0] | {"source": "labsend"}]


LOOKED_AT = [run, save, split, fold, rename, run_the_last_cell]
WORKED_ON = [another_source, one_cell_less, one_cell_more, another_order, another_type, two_cells_joined]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A student's folder into which a notebook was handed out."""
    hand_out(tmp_path, {NAME: FIRST})
    return tmp_path


@pytest.mark.parametrize("edit", LOOKED_AT)
def test_a_notebook_that_was_only_looked_at_is_updated(folder: Path, edit: Edit) -> None:
    (folder / NAME).write_bytes(edited(edit))
    assert hand_out(folder, {NAME: FIRST}) == {NAME: CopyOutcome.CURRENT}
    assert hand_out(folder, {NAME: SECOND}) == {NAME: CopyOutcome.UPDATED}
    assert (folder / NAME).read_bytes() == SECOND


@pytest.mark.parametrize("edit", WORKED_ON)
def test_a_notebook_that_was_worked_on_is_kept(folder: Path, edit: Edit) -> None:
    mine = edited(edit)
    (folder / NAME).write_bytes(mine)
    for content in (FIRST, SECOND):
        assert hand_out(folder, {NAME: content}) == {NAME: CopyOutcome.CHANGED}
        assert (folder / NAME).read_bytes() == mine


def test_work_that_was_taken_back_counts_as_none(folder: Path) -> None:
    (folder / NAME).write_bytes(edited(another_source))
    hand_out(folder, {NAME: SECOND})
    (folder / NAME).write_bytes(edited(run))
    assert hand_out(folder, {NAME: SECOND}) == {NAME: CopyOutcome.UPDATED}


def test_a_manifest_with_hashes_of_bytes_is_understood(folder: Path) -> None:
    (folder / MANIFEST).write_text(json.dumps({"files": {NAME: sha256(FIRST)}}))
    assert hand_out(folder, {NAME: SECOND}) == {NAME: CopyOutcome.UPDATED}
    assert read_manifest(folder) == {NAME: fingerprint(SECOND)}


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"3", b'{"cells": 3}', b'{"cells": [3], "nbformat": 4}'])
def test_what_is_not_a_notebook_is_compared_by_its_bytes(content: bytes) -> None:
    assert fingerprint(content) == sha256(content)
    assert with_language(content) == content


# The language


@pytest.mark.parametrize("kernel", ["python3", "smtp"])
def test_a_notebook_is_delivered_with_all_that_its_kernel_says_about_its_language(kernel: str) -> None:
    manager, client = start_kernel(kernel)
    try:
        client.kernel_info()
        said = client.get_shell_msg(timeout=30)["content"]["language_info"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    delivered = json.loads(with_language(octets(notebook("lab", kernel=kernel))))["metadata"]["language_info"]
    assert delivered == said


def test_every_notebook_of_the_course_has_it() -> None:
    for content in course_files().values():
        language = json.loads(content)["metadata"]["language_info"]
        assert language["version"] in (platform.python_version(), "RFC 5321")
        assert {"mimetype", "file_extension", "codemirror_mode", "pygments_lexer"} <= set(language)


def test_a_notebook_for_another_kernel_keeps_its_own() -> None:
    made = octets(notebook("lab", kernel="xeus"))
    assert with_language(made) == made


# Trust


@pytest.fixture
def notary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NotebookNotary:
    """The notary of a user who has signed nothing yet."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    return NotebookNotary()


def is_trusted(notary: NotebookNotary, path: Path) -> bool:
    return bool(notary.check_signature(nbformat.read(path, as_version=4)))


def test_a_copy_is_trusted(tmp_path: Path, notary: NotebookNotary) -> None:
    files = course_files()
    hand_out(tmp_path / "course", files)
    assert not any(is_trusted(notary, tmp_path / "course" / name) for name in files)
    trust_copies(tmp_path / "course", files)
    assert all(is_trusted(notary, tmp_path / "course" / name) for name in files)


def test_what_somebody_else_may_have_written_is_not_trusted(folder: Path, notary: NotebookNotary) -> None:
    for edit in (run, another_source):
        (folder / NAME).write_bytes(edited(edit))
        trust_copies(folder, {NAME: FIRST})
        assert not is_trusted(notary, folder / NAME)


def test_a_copy_that_cannot_be_signed_costs_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", "/dev/null/nowhere")
    trust_copies(folder, {NAME: FIRST, "missing.ipynb": FIRST})
    assert (folder / NAME).read_bytes() == FIRST
