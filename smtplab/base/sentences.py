"""The error sentences of the values that all rooms share."""

NOT_A_DURATION = "{text!r} is not a valid duration; write whole numbers with units, such as 30 min ({units})"
