"""The sentences of a conformance run that do not belong to one rule."""

NEEDS = "This rule needs {rules}."
SAME_CAUSE = "This has the same cause as {rule}."
SUMMARY = "{subject}: {passed} passed, {failed} failed, {skipped} skipped."
STOPPED = "The run stopped after stage {number} of {of}, {stage}."
INTERRUPTED = "The run was interrupted."
