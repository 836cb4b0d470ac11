"""Exercise 06: records and aliases with which mail to six addresses arrives, and a message's way by its trace lines.

It has two parts. ``arrive`` is judged in played worlds: the referee builds the hosts, sends messages, and looks where
they are. ``trace`` is judged by what the student reads in a header section.
"""

from ...design import Design
from . import arrive, trace
from .sheet import sheet
from .task import MailRoutesTask, draw


def _given(task: MailRoutesTask) -> dict[str, str]:
    return {"header": task.journey.header()}


DESIGN = Design(
    name="06-smtp-is-used-twice",
    draw=draw,
    sheet=sheet,
    parts=(arrive.PART, trace.PART),
    given=_given,
    opening=(
        "250-is-the-inbox",
        "my-program-calls-the-receivers-server",
        "one-refusal-ends-the-message",
        "any-server-forwards",
        "vrfy-proves-an-address",
    ),
    questions=(*arrive.QUESTIONS, *trace.QUESTIONS),
)
