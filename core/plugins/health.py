"""What a plugin finds wrong with itself in a district. 健康检查。"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class HealthProblem:
    """One thing that keeps a plugin from working well: what is wrong, and what an operator does about it.

    `fatal` when the plugin cannot do its work at all. Both texts are shown to operators and hold nothing personal.
    """

    message: str
    remedy: str
    fatal: bool = False
