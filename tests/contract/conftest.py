"""The fixtures of core's commands serve these too."""

from __future__ import annotations

from tests.core.cli.conftest import _plain_environment, linli, migrated, project, sqlite, template
from tests.schema.conftest import composer

__all__ = ["_plain_environment", "composer", "linli", "migrated", "project", "sqlite", "template"]
