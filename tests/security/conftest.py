"""The fixtures of core's commands serve these too."""

from __future__ import annotations

from tests.core.cli.conftest import _plain_environment, linli, migrated, project, sqlite, template

__all__ = ["_plain_environment", "linli", "migrated", "project", "sqlite", "template"]
