"""How far the retention rules of core and of the installed plugins may be adjusted. 保存期限的上下限。"""

from __future__ import annotations

from ..config.retention_checks import RetentionLimits
from ..jobs.retention import CORE_RETENTION
from ..privacy.retention import Retention, RetentionRule
from .authority import answers
from .registry import Registry


def limits_of(registry: Registry) -> RetentionLimits:
    """The limits of all rules by name, those of plugins that are off in a district too: their rows stay there."""
    plugins = {implementation.plugin for implementation in registry.chain("linli_retention_rules")}
    all_: list[Retention] = [*CORE_RETENTION, *answers(registry, "linli_retention_rules", plugins)]
    return {rule.name: rule.limits for rule in all_ if isinstance(rule, RetentionRule)}
