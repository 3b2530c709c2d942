"""The test kit, loaded here and not by its entry point, where it would come before coverage begins to be measured.

Outsiders get it by the entry point, as the tests of examples/plugins do.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("linli", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("linli")  # a busy machine is no failure

pytest_plugins = ["linli.schema.testing.plugin"]
