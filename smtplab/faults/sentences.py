"""The error sentences of faults: a text that is none, and a value without a phrase."""

SYNTAX = "{place} a fault needs {expected}{instead}{meant}"
AT_START = "at its start"
AFTER = "after {before!r}"
GOT = ", not {got!r}"
ENDS = ", and the text ends there"
MEANT = "; did you mean {meant!r}?"
WITHOUT_FORM = "no phrase says {value!r}"
