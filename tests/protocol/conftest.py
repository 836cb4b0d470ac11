"""How hard hypothesis looks: a little, and always at the same, unless HYPOTHESIS_PROFILE=thorough tells it to."""

import os

from hypothesis import HealthCheck, settings

QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", max_examples=100, derandomize=True, **QUIET)
settings.register_profile("thorough", max_examples=2000, **QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
