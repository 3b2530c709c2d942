"""Every hook of core and of the GraphQL face: documented, and used by something that is bundled."""

from __future__ import annotations

from types import ModuleType

import pytest

from linli import schema
from linli.core import hookspecs as core_hooks
from linli.core.plugins.discovery import installed
from linli.core.plugins.documentation import undocumented
from linli.schema import hookspecs as schema_hooks

UNUSED = {
    "linli_org_kinds": "elderly care: its centres",
    "linli_relation_kinds": "elderly care: which centre serves which community",
    "linli_jobs": "volunteer points: counting a year's points anew",
    "linli_shutdown": "webhooks and door controllers: their connections",
}
"""What no bundled plugin uses yet, and what will first. The mark is strict: it fails as soon as one does."""
REGISTRY = installed().registry
HOOKS = [it.name for it in (*REGISTRY.specifications_of("core"), *REGISTRY.specifications_of(schema.plugin.name))]
BUNDLED = [name for name, plugin in installed().items() if plugin.distribution == "linli"]


@pytest.mark.parametrize("module", [core_hooks, schema_hooks])
def test_every_hook_is_documented(module: ModuleType) -> None:
    assert undocumented(module) == []


def _param(hook: str) -> object:
    awaited = UNUSED.get(hook)
    mark = pytest.mark.xfail(reason=f"no bundled plugin uses it before {awaited}", strict=True)
    return pytest.param(hook, marks=[mark] if awaited else [])


@pytest.mark.parametrize("hook", [_param(hook) for hook in HOOKS])
def test_every_hook_is_used_by_a_bundled_plugin(hook: str) -> None:
    assert [it.plugin for it in REGISTRY.chain(hook) if it.plugin in BUNDLED]
