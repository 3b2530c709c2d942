"""What a plugin keeps in a district's database. 插件存储。"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Storage:
    """The dotted paths of a plugin's module of Tortoise models and of its package of migrations.

    Tables are named `<label>_<thing>`; keys into core are RESTRICT with `related_name=False`.
    """

    models: str
    migrations: str
