"""The same exercise for the SMTP kernel: the same task, rules and points, and hints in the words of that kernel."""

from dataclasses import replace

from ...hint_wording import SMTP
from . import DESIGN as IN_PYTHON

DESIGN = replace(IN_PYTHON, name="01-type-your-own-session", wording=SMTP, twin=IN_PYTHON.name)
