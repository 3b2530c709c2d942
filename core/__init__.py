"""The platform: organisations, people, access, events, plugins. Knows no GraphQL and no plugin by name."""

from __future__ import annotations

from .plugins.manifest import Plugin as Plugin
from .plugins.manifest import Title as Title
from .plugins.markers import hookimpl as hookimpl
from .plugins.markers import hookspec as hookspec
from .plugins.storage import Storage as Storage
