"""A message that is nearly the one of the task: it is in the mailbox of its sender, or has nearly the subject."""

from __future__ import annotations

from difflib import get_close_matches

from . import sentences
from .evidence import StepEvidence

_NEAR_SUBJECT = 0.8  # how much of a subject must be right, so that the rest is taken for a slip


def near_mail(mail: tuple[str, str], sender: str, evidence: StepEvidence) -> str:
    """Say that the message is in the mailbox of its sender, or has nearly the subject; empty for neither.

    Args:
        mail: the address and the subject that the task wants.
        sender: the sender that it wants; empty if any will do.
        evidence: what happened.
    """
    if evidence.waiting:
        return ""
    address, subject = mail
    for got in subjects(evidence, address)[-1:]:
        if get_close_matches(subject.casefold(), [got.casefold()], cutoff=_NEAR_SUBJECT):
            return sentences.OTHER_SUBJECT.format(address=address, got=got, subject=subject)
    if subject in subjects(evidence, sender)[-1:]:
        return sentences.MAIL_ELSEWHERE.format(subject=subject, other=sender, address=address)
    return ""


def subjects(evidence: StepEvidence, address: str) -> list[str]:
    """Return the subjects of the messages in a mailbox, oldest first; empty if there is none."""
    try:
        return [message.subject for message in evidence.mailbox(address)] if address else []
    except LookupError:
        return []
