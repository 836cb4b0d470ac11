"""What hatchling runs when it builds the wheel: the exercises go in as students receive them, and in no other form.

The notebooks in ``notebooks/exercises/source`` hold the solutions and the hidden rules, and stay out of the wheel; the
source archive keeps them. Nothing is generated in the checkout.
"""

import runpy
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ReleasedExercises(BuildHookInterface[Any]):
    """Adds the student's version of each exercise to a wheel; an editable install makes it from the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Release the exercises into a folder of their own and have them packed."""
        if self.target_name != "wheel" or version == "editable":
            return
        # The module is run by its path: in the environment of a build there may be no smtplab, or another one.
        releasing = runpy.run_path(str(Path(self.root, "smtplab", "grading", "release.py")))
        source = Path(self.root, "notebooks", "exercises", "source")
        self._folder = tempfile.TemporaryDirectory(prefix="smtplab-release-")
        for name in releasing["assignments"](source):
            releasing["release"](name, source, Path(self._folder.name))
        build_data["force_include"][self._folder.name] = "smtplab/_course/notebooks/exercises/release"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the folder."""
        if self.target_name == "wheel" and version != "editable":
            self._folder.cleanup()
