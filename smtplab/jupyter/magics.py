"""``%smtp`` and ``%%smtp``: cells of the SMTP kernel in a Python notebook, run by the same engine.

::

    %load_ext smtplab
    %smtp telnet mail.adelphia.net 25
    reply = %smtp NOOP                # the Reply; a directive gives what it shows, such as a DataFrame
    session = %smtp                   # the Session itself

``%%transcript`` before a session that was copied from elsewhere explains it.
"""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, line_cell_magic, magics_class
from IPython.display import publish_display_data

from ..lab.diagnosis import Diagnosis, diagnose
from . import sentences
from .cell_result import CellError, CellResult
from .engine import Engine
from .running_cell import running_cell_id


@magics_class
class SMTPMagics(Magics):
    """The magics, and their sessions.

    Args:
        shell: the IPython shell.
        engine: the sessions; new ones by default.
    """

    def __init__(self, shell: InteractiveShell, engine: Engine | None = None) -> None:
        super().__init__(shell)
        self.engine = engine or Engine()

    @line_cell_magic
    def smtp(self, line: str, cell: str | None = None) -> object:
        """Hold an SMTP session: ``%smtp LINE`` says one line, ``%%smtp [SESSION]`` a cell full of them.

        ``telnet HOST PORT`` opens a session with a host of the lab or with a server on this machine; every other line
        is sent as it stands; ``%smtp %help`` lists the directives. ``%smtp LINE`` returns the reply, or what the
        directive shows. ``%smtp`` alone returns the session. The session that ``%%smtp SESSION`` names stays the one
        in use, for ``%smtp`` and for cells that name none.
        """
        if cell is not None:
            step = self.engine.run(cell.removesuffix("\n"), line.strip(), cell_id=running_cell_id(self.shell))
            self._finish(step)
            return step.value
        if not line:
            return self.engine.session
        step = self.engine.run(line, cell_id=None)
        if step.failure is not None:
            self._finish(step)
        return step.result

    @cell_magic
    def transcript(self, line: str, cell: str) -> Diagnosis:
        """Explain a session that was copied from a terminal, swaks, a mail or a server log: its phases and refusals."""
        if line.strip():
            raise CellError(sentences.TAKES_NO_ARGUMENT.format(syntax="%%transcript", argument=line.strip()[:40]))
        try:
            return diagnose(cell)
        except ValueError as error:
            raise CellError(error) from None

    def _finish(self, step: CellResult) -> None:
        """Show the whole result, and fail the cell if it could not go on."""
        if bundle := step.bundle():
            publish_display_data(dict(bundle))
        if step.failure is not None:
            raise step.failure


def register(shell: Any, engine: Engine | None = None) -> SMTPMagics:
    """Register the magics in a shell; magics that are registered already stay, with their sessions."""
    magics = shell.magics_manager.registry.get(SMTPMagics.__name__)
    if magics is None:
        magics = SMTPMagics(shell, engine)
        shell.register_magics(magics)
    assert isinstance(magics, SMTPMagics)
    return magics
