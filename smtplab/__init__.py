"""smtplab: learn SMTP by holding the conversation.

The public names. Each is loaded when it is first used, so that importing smtplab costs next to nothing and needs the
standard library alone.
"""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .capture import CapturedSession as CapturedSession
    from .capture import read_capture as read_capture
    from .capture import write_capture as write_capture
    from .client.outcomes import ClientError as ClientError
    from .client.outcomes import ConnectionLost as ConnectionLost
    from .client.outcomes import Delivery as Delivery
    from .client.outcomes import OutcomeUnknown as OutcomeUnknown
    from .client.outcomes import Timeouts as Timeouts
    from .client.outcomes import Unsupported as Unsupported
    from .explain.cards import cards as cards
    from .grading.check import check as check
    from .grading.check import exercise as exercise
    from .grading.check import student_id as student_id
    from .jupyter.defending import defend as defend
    from .jupyter.lesson_hooks import lesson as lesson
    from .jupyter.reviewing import review as review
    from .jupyter.widgets.builder import SessionBuilder as SessionBuilder
    from .jupyter.widgets.explorer import ReplyExplorer as ReplyExplorer
    from .jupyter.widgets.faded import Faded as Faded
    from .jupyter.widgets.parsons import Parsons as Parsons
    from .jupyter.widgets.player import SessionPlayer as SessionPlayer
    from .jupyter.widgets.prediction import Prediction as Prediction
    from .jupyter.widgets.queue_player import QueuePlayer as QueuePlayer
    from .lab import diagrams as diagrams
    from .lab import tables as tables
    from .lab.client_end import SessionClosed as SessionClosed
    from .lab.client_end import Silence as Silence
    from .lab.diagnosis import diagnose as diagnose
    from .lab.internet import Lab as Lab
    from .lab.session import Irrevocable as Irrevocable
    from .lab.session import Session as Session
    from .lab.session import connect as connect
    from .lessons.reference_answers import answers as answers
    from .mta.bounce import read_report as read_report
    from .mta.directory import Directory as Directory
    from .mta.directory import Forward as Forward
    from .mta.directory import Mailbox as Mailbox
    from .mta.directory import MailingList as MailingList
    from .mta.policy import Policy as Policy
    from .mta.retry_schedule import RetrySchedule as RetrySchedule
    from .mta.zone import Zone as Zone
    from .protocol.codes import Category as Category
    from .protocol.codes import Code as Code
    from .protocol.codes import Severity as Severity
    from .protocol.codes import classify as classify
    from .protocol.replies import LocalProtocolError as LocalProtocolError
    from .protocol.replies import ProtocolError as ProtocolError
    from .protocol.replies import RemoteProtocolError as RemoteProtocolError
    from .protocol.replies import Reply as Reply
    from .protocol.states import Phase as Phase
    from .protocol.states import State as State
    from .simulation.plans import DrawnOutages as DrawnOutages
    from .simulation.plans import FullDisk as FullDisk
    from .simulation.plans import HostPlan as HostPlan
    from .simulation.plans import LinkPlan as LinkPlan
    from .simulation.plans import PlannedMessage as PlannedMessage
    from .simulation.plans import PlannedOutage as PlannedOutage
    from .simulation.plans import Traffic as Traffic
    from .simulation.result import simulate as simulate
    from .simulation.scenario import Scenario as Scenario
    from .transcript import Side as Side
    from .transcript import Transcript as Transcript
    from .worlds.background import serve as serve
    from .worlds.tcp_async import AsyncClient as AsyncClient
    from .worlds.tcp_client import Client as Client

# Where each name is at home. The imports above say the same to type checkers and editors.
_HOMES = {
    "capture": "CapturedSession read_capture write_capture",
    "client.outcomes": "ClientError ConnectionLost Delivery OutcomeUnknown Timeouts Unsupported",
    "explain.cards": "cards",
    "grading.check": "check exercise student_id",
    "jupyter.defending": "defend",
    "jupyter.lesson_hooks": "lesson",
    "jupyter.reviewing": "review",
    "jupyter.widgets.builder": "SessionBuilder",
    "jupyter.widgets.explorer": "ReplyExplorer",
    "jupyter.widgets.faded": "Faded",
    "jupyter.widgets.parsons": "Parsons",
    "jupyter.widgets.player": "SessionPlayer",
    "jupyter.widgets.prediction": "Prediction",
    "jupyter.widgets.queue_player": "QueuePlayer",
    "lab": "diagrams tables",
    "lab.diagnosis": "diagnose",
    "lab.internet": "Lab",
    "lab.client_end": "SessionClosed Silence",
    "lab.session": "Irrevocable Session connect",
    "lessons.reference_answers": "answers",
    "mta.bounce": "read_report",
    "mta.directory": "Directory Forward Mailbox MailingList",
    "mta.policy": "Policy",
    "mta.retry_schedule": "RetrySchedule",
    "mta.zone": "Zone",
    "protocol.codes": "Category Code Severity classify",
    "protocol.replies": "LocalProtocolError ProtocolError RemoteProtocolError Reply",
    "protocol.states": "Phase State",
    "simulation.result": "simulate",
    "simulation.plans": "DrawnOutages FullDisk HostPlan LinkPlan PlannedMessage PlannedOutage Traffic",
    "simulation.scenario": "Scenario",
    "transcript": "Side Transcript",
    "worlds.background": "serve",
    "worlds.tcp_async": "AsyncClient",
    "worlds.tcp_client": "Client",
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = [*_HOME_OF, "__version__"]


def __getattr__(name: str) -> object:
    """Load a public name and keep it, so that the next use finds it without asking here."""
    if name == "__version__":
        from .base.version import version

        value: object = version()
    elif name in _HOME_OF:
        # As ``from home import name`` does it, where the name may be that of a module, too.
        value = getattr(__import__(f"{__name__}.{_HOME_OF[name]}", fromlist=[name]), name)
        if "IPython" in sys.modules:
            _show_refusals()
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Put ``%smtp`` and ``%%smtp`` into an IPython shell, and let predictions have a field for the answer.

    ``%load_ext smtplab`` calls this.
    """
    from .jupyter import magics, widgets

    magics.register(shell)
    widgets.register(shell)


def _show_refusals() -> None:
    """In a notebook, have what smtplab refuses shown in one sentence."""
    from .base.failure import show_refusals
    from .base.printed import running_shell
    from .protocol.replies import ProtocolError

    if (shell := running_shell()) is not None:
        show_refusals(shell, (ProtocolError, ValueError, TypeError, LookupError))
