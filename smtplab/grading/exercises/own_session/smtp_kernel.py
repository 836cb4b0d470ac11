"""Exercise 01 for the SMTP kernel: the same task, rules and points, with hints that name its commands."""

from dataclasses import replace

from ...hint_wording import SMTP
from . import DESIGN as IN_PYTHON

DESIGN = replace(IN_PYTHON, name="01-type-your-own-session", wording=SMTP, twin=IN_PYTHON.name)
