"""The areas of permissions in which proxies can act, as models declare them. 可委托代理的事项范围。"""

from __future__ import annotations

from collections.abc import Collection

from tortoise import Tortoise

from ..records.visible import ANY_AREA, Visible


def proxy_areas(labels: Collection[str]) -> frozenset[str]:
    """What the models of these apps name as `Visible.proxies`."""
    apps = Tortoise.apps or {}
    models = (model for label in labels if label in apps for model in apps[label].values())
    declared = (getattr(model, "visible", None) for model in models)
    areas = (one.proxies for one in declared if isinstance(one, Visible))
    return frozenset(area for area in areas if area is not None) - {ANY_AREA}
