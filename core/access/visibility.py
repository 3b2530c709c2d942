"""From a model's declaration to the condition under which this viewer sees a row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tortoise.expressions import Q
from tortoise.models import Model

from ..graph.paths import subtree_range
from ..records import visible
from ..records.conditions import where
from .viewer import Viewer

PublicRows = Callable[[str], Q]  # from a prefix to the condition


@dataclass(frozen=True)
class Sight:
    """What a district adds to the declarations: the words its plugins know, and the rows they make public."""

    words: Mapping[str, Collection[str]] = field(default_factory=dict)
    public_rows: Mapping[type[Model], Sequence[PublicRows]] = field(default_factory=dict)
    public_directory: bool = True

    def condition(self, model: type[Model], viewer: Viewer, prefix: str = "") -> Q:
        """The rows of `model` that `viewer` sees; `prefix`, ending in "__", leads to them from another model."""
        declared = visible.of(model)
        ways = [*_by_permission(declared, viewer, prefix), *_own(declared, viewer, prefix)]
        if self.public_directory or not viewer.anonymous:
            ways += [*_public(declared, prefix), *(rows(prefix) for rows in self.public_rows.get(model, ()))]
        if not ways:
            return where(f"{prefix}id__in", [])
        return Q(Q(*ways, join_type=Q.OR), self.known(model, prefix))

    def known(self, model: type[Model], prefix: str = "") -> Q:
        """The rows whose words this district knows: those of a plugin that is off belong to nobody's answer."""
        vocabulary = visible.of(model).vocabulary
        return Q(*(where(f"{prefix}{column}__in", tuple(self.words[name])) for column, name in vocabulary.items()))


def _by_permission(declared: visible.Visible, viewer: Viewer, prefix: str) -> list[Q]:
    return [
        beneath(prefix + (f"{lookup}__" if lookup else ""), path)
        for lookup, permission in declared.at.items()
        for path in viewer.subtrees(permission)
    ]


def beneath(prefix: str, path: str) -> Q:
    """The rows whose node, reached by `prefix`, is the one with this path or lies beneath it."""
    low, high = subtree_range(path)
    return Q(where(f"{prefix}path__gte", low), where(f"{prefix}path__lt", high))


def _own(declared: visible.Visible, viewer: Viewer, prefix: str) -> list[Q]:
    ways = [(way, viewer.person_id) for way in declared.persons]
    ways += [(way, viewer.account_id) for way in declared.accounts]
    return [where(prefix + way, mine) for way, mine in ways if mine is not None]


def _public(declared: visible.Visible, prefix: str) -> list[Q]:
    if declared.public is None:
        return []
    if not declared.public:
        return [where(f"{prefix}id__isnull", value=False)]
    return [Q(*(where(f"{prefix}{column}__in", values) for column, values in declared.public.items()))]
