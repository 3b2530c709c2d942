"""The rows that are somebody's own because of those for whom they act. 代办对象的本人记录。"""

from __future__ import annotations

from tortoise.expressions import Q

from ..records.conditions import where
from ..records.visible import Visible
from .acts_for import ActsFor


def of_others(declared: Visible, acts: ActsFor, prefix: str) -> list[Q]:
    """The rows of wards, and of principals where the model's area lies within the scope; none for most viewers."""
    persons = acts.within(declared.proxies) if acts else ()
    return [where(f"{prefix}{way}__in", sorted(persons)) for way in declared.persons] if persons else []
