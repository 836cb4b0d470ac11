"""What a lesson uses of the notebook in which a student works; each kernel has its own, in `smtplab.jupyter`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..lab.internet import Lab
from ..lab.lab_host import Message
from ..lab.predict import Question
from ..lab.session import Session


class Workspace(Protocol):
    """What a lesson uses of the notebook in which the student works."""

    def session(self, name: str) -> Session | None:
        """Return the session in a variable; None if there is none."""

    def session_names(self) -> Sequence[str]:
        """Return the variables in which there are sessions, also those that the student has named."""

    def all_sessions(self) -> Sequence[Session]:
        """Return the sessions in variables, and those that widgets in variables hold, each once."""

    def current_name(self) -> str:
        """Return the name of the session in which a cell of the SMTP kernel speaks; empty in a Python notebook."""

    def seen(self, name: str) -> None:
        """Note that what was said in the session of this name is shown by the lesson."""

    def mailbox(self, address: str) -> Sequence[Message]:
        """Return the messages in a mailbox of the lab, oldest first; raise `LookupError` if there is none."""

    def waiting(self) -> Sequence[str] | None:
        """Return the names of the lab's hosts that have mail in their queues; None in a lab without queues."""

    def value(self, name: str) -> object:
        """Return the value of a variable; None if there is none."""

    def hold(self, name: str, session: Session) -> None:
        """Put a session into a variable again."""

    def forget(self, name: str) -> None:
        """Delete a variable, if there is one."""

    def call(self, name: str, host: str) -> str:
        """Return how a student opens a session of this name with a host."""

    def undo(self, name: str, steps: int) -> str:
        """Return how a student takes back the last steps of the session of this name."""

    def steps(self, count: int) -> str:
        """Return what an undo of this many steps counts, as a sentence names it."""

    def take_back(self, name: str, steps: int) -> None:
        """Take back the last steps of the session of this name, and show nothing."""

    def run(self, code: str) -> str:
        """Run a reference answer as if it stood in a cell, and show nothing.

        Returns:
            Why it failed, as a sentence; empty if it did not.
        """

    def question(self, value: object) -> Question | None:
        """Return the question that a cell with this value has left open; None if it has left none."""

    def skip(self, question: Question) -> None:
        """Send the line of an open question, and show nothing."""


def hosts_with_mail(lab: Lab) -> list[str] | None:
    """Return the names of the hosts that have mail in their queues; None in a lab without queues."""
    return [name for name in lab.host_names if len(lab.queue(name))] if lab.has_queues else None
