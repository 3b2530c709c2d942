"""The test kit, loaded here and not by its entry point, where it would come before coverage begins to be measured.

Outsiders get it by the entry point, as the tests of examples/plugins do.
"""

from __future__ import annotations

pytest_plugins = ["linli.schema.testing.plugin"]
