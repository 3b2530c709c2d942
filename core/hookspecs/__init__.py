"""The hooks of core: what every plugin may contribute to the platform. 核心钩子。

A plugin implements a hook by a function of the same name in its package, marked with `@hookimpl`, that takes those
of the hook's parameters it needs. Hooks that are a plain `def` are called while the platform starts: a failure stops
the start. Those that are `async def` are called while it runs; implementations may be `async def` or `def`.
"""

from __future__ import annotations

from .access import linli_authentication as linli_authentication
from .access import linli_keys as linli_keys
from .access import linli_permissions as linli_permissions
from .access import linli_public_rows as linli_public_rows
from .access import linli_purposes as linli_purposes
from .access import linli_retention_rules as linli_retention_rules
from .access import linli_roles as linli_roles
from .declarations import linli_add_hookspecs as linli_add_hookspecs
from .declarations import linli_cli as linli_cli
from .declarations import linli_event_handlers as linli_event_handlers
from .declarations import linli_event_types as linli_event_types
from .declarations import linli_jobs as linli_jobs
from .declarations import linli_locale as linli_locale
from .declarations import linli_names as linli_names
from .declarations import linli_notice_kinds as linli_notice_kinds
from .declarations import linli_org_kinds as linli_org_kinds
from .declarations import linli_relation_kinds as linli_relation_kinds
from .declarations import linli_settings as linli_settings
from .declarations import linli_storage as linli_storage
from .declarations import linli_thing_kinds as linli_thing_kinds
from .declarations import linli_timers as linli_timers
from .files import linli_file_purposes as linli_file_purposes
from .files import linli_file_scanners as linli_file_scanners
from .files import linli_file_storage as linli_file_storage
from .running import linli_channels as linli_channels
from .running import linli_check as linli_check
from .running import linli_demo as linli_demo
from .running import linli_event as linli_event
from .running import linli_person_erase as linli_person_erase
from .running import linli_person_export as linli_person_export
from .running import linli_person_merge as linli_person_merge
from .running import linli_shutdown as linli_shutdown
from .running import linli_stats as linli_stats
from .running import linli_succession as linli_succession
