"""What can go wrong with migrations: refusals for the operator, faults of files for the developer."""

from __future__ import annotations

from ...errors import RejectedError


class MigrationRefusedError(RejectedError):
    """The operator asked for something that would lose or confuse data; nothing was changed."""

    code = "MIGRATION_REFUSED"


class MigrationLockedError(MigrationRefusedError):
    """Another migrator held the namespace's lock for longer than one was willing to wait."""

    code = "MIGRATION_LOCKED"


class PluginNeededError(MigrationRefusedError):
    """The plugin's tables are needed by another plugin."""

    code = "PLUGIN_NEEDED"


class NotCoordinatorError(MigrationRefusedError):
    """The URL leads to a worker of a Citus cluster, from where nothing can be made."""

    code = "NOT_COORDINATOR"


class UnreadableNamespaceError(Exception):
    """The database did not answer, or would not show its record of migrations; never to be taken for "empty"."""


class BadMigrationError(Exception):
    """A migration file, a model or a manifest is wrong; the text says which and how to mend it."""
