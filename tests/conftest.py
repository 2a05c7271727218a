"""Settings that every test shares."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# how fast a machine is decides no test
settings.register_profile("headway", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("headway")
