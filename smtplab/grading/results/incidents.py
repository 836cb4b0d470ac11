"""What an instructor should hear of each submission: the incidents of the run, and those that other facts show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...base.duration import SECOND, format_duration
from ..tries import MANY
from . import wording
from .outcome import Incident, IncidentKind, Report, StudentResult, StudentStatus


def lateness(result: StudentResult) -> str:
    """Return how late a submission came, in words; empty if it came in time, or only the platform's mark says so."""
    return format_duration(round(result.late_seconds * SECOND)) if result.late_seconds > 0 else ""


def is_late(result: StudentResult) -> bool:
    """Return True if a submission came late, by its time or by the platform's mark."""
    return result.late_seconds > 0 or any(each.kind is IncidentKind.LATE for each in result.incidents)


def incidents_of(result: StudentResult) -> tuple[Incident, ...]:
    """Return the incidents of a submission, each once; first those of the run."""
    return tuple(dict.fromkeys([*result.incidents, *_shown_by_facts(result)]))


def all_incidents(report: Report) -> list[tuple[StudentResult, Incident]]:
    """Return all incidents of a class, student by student in the order of their ids."""
    return [(result, incident) for result in report.by_id for incident in incidents_of(result)]


def _shown_by_facts(result: StudentResult) -> Iterator[Incident]:
    """Yield what the report says without an incident, so that nothing goes unnamed."""
    named = {incident.kind for incident in result.incidents}
    if result.status is StudentStatus.ABSENT and IncidentKind.ABSENT not in named:
        yield Incident(IncidentKind.ABSENT, result.reason or wording.IS_ABSENT)
    if result.status is StudentStatus.NOT_GRADED and not named & {IncidentKind.NOT_JUDGED, IncidentKind.UNREADABLE}:
        yield Incident(IncidentKind.NOT_JUDGED, result.reason)
    if result.late_seconds > 0 and IncidentKind.LATE not in named:
        yield Incident(IncidentKind.LATE, wording.IS_LATE.format(late=lateness(result)))
    if IncidentKind.MANY_CHECKS not in named:
        yield from many_checks(result.tried)


def many_checks(tried: Mapping[str, int]) -> Iterator[Incident]:
    """Yield an incident for each part to which so many answers were checked that a program may have tried them."""
    for part, count in tried.items():
        if count > MANY:
            yield Incident(IncidentKind.MANY_CHECKS, wording.CHECKED_OFTEN.format(count=count, part=part))
