"""From a model's declaration to the condition under which this viewer sees a row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from tortoise import Tortoise
from tortoise.expressions import Q, Subquery
from tortoise.models import Model

from ..graph.beneath import Beneath
from ..graph.paths import depth
from ..graph.spans import valid_now
from ..records import visible
from ..records.conditions import Unindexed, where
from .own_records import of_others
from .tied import TiedTo
from .viewer import Viewer


@dataclass(frozen=True)
class PublicRows:
    """Rows of another package's model that a plugin makes public, and which of their columns.

    `rows` makes a condition of a prefix, which leads to the row from another model. Whoever sees a row by nothing but
    this sees the other columns as empty as the schema permits: null, or an empty object.
    """

    rows: Callable[[str], Q]
    columns: frozenset[str]


@dataclass(frozen=True)
class Belonging:
    """Rows with these values in these columns belong to records of a model, and are seen by whoever sees those.

    With `shown_by` only by the person whose own the record is, and by holders of these permissions where it is seen.
    """

    values: Mapping[str, str]
    model: type[Model]
    shown_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sight:
    """What a district adds to the declarations: the words its plugins know, and the rows they make public.

    `belonging` says of rows with a `subject` to which model's records they belong.
    """

    words: Mapping[str, Collection[str]] = field(default_factory=dict)
    public_rows: Mapping[type[Model], Sequence[PublicRows]] = field(default_factory=dict)
    public_directory: bool = True
    belonging: Mapping[type[Model], Sequence[Belonging]] = field(default_factory=dict)

    def condition(self, model: type[Model], viewer: Viewer, prefix: str = "", *, column: str | None = None) -> Q:
        """The rows of `model` that `viewer` sees; `prefix`, ending in "__", leads to them from another model.

        With a `column` only the rows of which the viewer sees this column.
        """
        declared = visible.of(model)
        ways = [*_by_place(model, viewer, prefix), *_own(declared, viewer, prefix)]
        if self.public_directory or not viewer.anonymous:
            public = [one for one in self.public_rows.get(model, ()) if column is None or column in one.columns]
            ways += [*_public(declared, prefix), *(one.rows(prefix) for one in public)]
        ways += [way for one in self.belonging.get(model, ()) for way in self._belonging(declared, one, viewer, prefix)]
        if not ways:
            return where(f"{prefix}id__in", [])
        if _ALL in ways:
            return self.known(model, prefix)
        return Q(Q(*ways, join_type=Q.OR), self.known(model, prefix))

    def _belonging(self, declared: visible.Visible, one: Belonging, viewer: Viewer, prefix: str) -> Iterator[Q]:
        """The rows of a kind whose record the viewer sees."""
        seen = self.condition(one.model, viewer)
        if one.shown_by and not any(map(viewer.everywhere, one.shown_by)):
            places, own = visible.of(one.model).at, self.own(one.model, viewer)
            ways = [
                way
                for name in one.shown_by
                for way in _by_permission(one.model, viewer, "", dict.fromkeys(places, name))
            ]
            ways += [] if own is None else [own]
            if not ways:
                return
            seen = Q(seen, Q(*ways, join_type=Q.OR))
        marks = (where(f"{prefix}{column}", value) for column, value in one.values.items())
        records = Subquery(one.model.filter(seen).values("id"))
        yield Q(*marks, where(f"{prefix}{declared.subject}__in", records))

    def beneath(self, model: type[Model], viewer: Viewer, path: str) -> Q:
        """The same condition among rows with a path of their own that lies beneath this one: what is held elsewhere
        plays no part, and where the permission is held for all of it there is none but what the district knows. What
        is public lies everywhere beneath, so no index leads to what is seen: it is tried on the rows."""
        permission = visible.of(model).at[""]
        if viewer.everywhere(permission) or viewer.may(permission, path):
            return self.known(model)
        return Unindexed(self.condition(model, viewer.near(path)))

    def reach(self, model: type[Model], viewer: Viewer, permission: str, lookup: str, prefix: str = "") -> Q | None:
        """The rows that the viewer sees by `lookup` of their declaration and where `permission` is held too."""
        shown_by = visible.of(model).at[lookup]
        paths = viewer.subtrees_of_both(shown_by, permission)
        return _beneath(model, prefix, lookup, paths) if paths else None

    def holding(self, model: type[Model], viewer: Viewer, permissions: Collection[str], prefix: str = "") -> Q | None:
        """The rows where the viewer holds one of these permissions besides the one that shows them; None nowhere."""
        lookups = visible.of(model).at
        found = (self.reach(model, viewer, one, lookup, prefix) for one in permissions for lookup in lookups)
        ways = [way for way in found if way is not None]
        ways += [TiedTo(tied, paths, prefix) for one in permissions for tied, paths in self.tied(model, viewer, one)]
        return Q(*ways, join_type=Q.OR) if ways else None

    def tied(
        self, model: type[Model], viewer: Viewer, permission: str
    ) -> Iterator[tuple[visible.Tied, tuple[str, ...]]]:
        """The rows of other tables that show rows of `model` at places where `permission` is held too."""
        for one in visible.of(model).tied:
            paths = viewer.subtrees_of_both(one.permission, permission)
            if paths:
                yield one, tuple(paths)

    def led_by_path(self, model: type[Model], viewer: Viewer) -> bool:
        """Whether the rows that the viewer sees are a part of the tree, to which their own paths lead."""
        paths = viewer.subtrees(visible.of(model).at.get("", ""))
        return bool(paths) and depth(paths[0]) > 0

    def own(self, model: type[Model], viewer: Viewer, prefix: str = "") -> Q | None:
        """The rows that are the viewer's own, to be shown in full; None where there can be none."""
        ways = _own(visible.of(model), viewer, prefix, in_full=True)
        return Q(*ways, join_type=Q.OR) if ways else None

    def unconfirmed(self, model: type[Model], viewer: Viewer) -> Q | None:
        """The rows that would be the viewer's own, were it confirmed who that is; None where there can be none."""
        return None if viewer.person_confirmed else self.own(model, replace(viewer, person_confirmed=True))

    def shows(self, model: type[Model], viewer: Viewer, row: object, column: str) -> bool | None:
        """Whether the viewer, who sees a row, sees this column of it; None where the row alone does not tell."""
        if all(column in one.columns for one in self.public_rows.get(model, ())):
            return True
        declared, path = visible.of(model), getattr(row, "path", None)
        permission = declared.at.get("")
        if path is not None and permission is not None and viewer.may(permission, path):
            return True
        public = self.public_directory or not viewer.anonymous
        return True if public and _is_public(declared, row) else None

    def showing(self, model: type[Model], viewer: Viewer, column: str, prefix: str = "") -> Q | None:
        """The rows that the viewer sees of which this column is shown; None where it is shown of every row."""
        if all(column in one.columns for one in self.public_rows.get(model, ())):
            return None
        return Unindexed(self.condition(model, viewer, prefix, column=column))

    def known(self, model: type[Model], prefix: str = "") -> Q:
        """The rows whose words this district knows, and in whose place no other stands: the rest belong to nobody's
        answer, such as those of a plugin that is off."""
        declared = visible.of(model)
        words = [
            where(f"{prefix}{column}__in", tuple(self.words[name])) for column, name in declared.vocabulary.items()
        ]
        if declared.only_without is not None:
            words.append(where(f"{prefix}{declared.only_without}__isnull", value=True))
        return Unindexed(*words)


_ALL = Q()
"""Every row: a condition that needs no SQL."""


def _every(prefix: str) -> Q:
    """Every row; of another model's rows those that have one at all."""
    return where(f"{prefix}id__isnull", value=False) if prefix else _ALL


def _by_place(model: type[Model], viewer: Viewer, prefix: str) -> list[Q]:
    declared = visible.of(model)
    reserved = declared.reserved
    if any(viewer.everywhere(permission) for permission in declared.everywhere):
        return [_every(prefix)]
    ways = _by_permission(model, viewer, prefix, declared.at)
    for permission in declared.also:
        ways += _by_permission(model, viewer, prefix, dict.fromkeys(declared.at, permission))
    for one in declared.tied:
        paths = viewer.subtrees(one.permission)
        ways += [TiedTo(one, paths, prefix)] if paths else []
    if reserved is None or not ways:
        return ways
    usual = ~where(f"{prefix}{reserved.column}__in", reserved.values)
    audited = _by_permission(model, viewer, prefix, dict.fromkeys(declared.at, reserved.permission))
    return [Q(Q(*ways, join_type=Q.OR), Unindexed(usual)), *audited]


def _by_permission(model: type[Model], viewer: Viewer, prefix: str, at: Mapping[str, str]) -> list[Q]:
    held = ((lookup, viewer.subtrees(permission)) for lookup, permission in at.items())
    return [_beneath(model, prefix, lookup, paths) for lookup, paths in held if paths]


def _beneath(model: type[Model], prefix: str, lookup: str, paths: Sequence[str]) -> Q:
    """The rows that a look-up leads from to one of these nodes or beneath; none of these lies beneath another."""
    if depth(paths[0]) == 0:
        return _anywhere(model, prefix, lookup)
    return beneath(prefix + (lookup and f"{lookup}__"), *paths)


def _anywhere(model: type[Model], prefix: str, lookup: str) -> Q:
    """The rows that have such a node at all: whoever holds a permission at the root holds it everywhere."""
    if prefix or _may_lack(model, lookup):
        return where(f"{prefix}{lookup}_id__isnull" if lookup else f"{prefix}id__isnull", value=False)
    return _ALL


def _may_lack(model: type[Model], lookup: str) -> bool:
    """Whether one of the foreign keys of a look-up may be null."""
    here: Any = model
    for step in lookup.split("__") if lookup else ():
        key = here._meta.fields_map[step]
        if key.null:
            return True
        here = key.related_model
    return False


def beneath(prefix: str, *paths: str) -> Q:
    """The rows whose node, reached by `prefix`, is one of those with these paths or lies beneath one of them."""
    return Beneath(prefix.removesuffix("__"), paths)


def _own(declared: visible.Visible, viewer: Viewer, prefix: str, *, in_full: bool = False) -> list[Q]:
    """The rows that are the viewer's own, `in_full` those that are shown so; who the viewer is is asked only where a
    row could tell it, see `asked`."""
    own = [where(prefix + way, viewer.account_id) for way in declared.accounts if viewer.account_id is not None]
    if declared.persons or declared.joined:
        person_id = viewer.own_person if in_full else viewer.person_id
        acts = viewer.acts.in_full if in_full else viewer.acts
        own += [where(prefix + way, person_id) for way in declared.persons if person_id is not None]
        own += of_others(declared, acts, prefix)
        persons = acts.within(declared.proxies) | ({person_id} if person_id is not None else set())
        own += [_joined(one, sorted(persons), prefix) for one in declared.joined if persons]
    narrowed = [where(f"{prefix}{column}__in", values) for column, values in declared.owned_while.items()]
    return [Q(one, *narrowed) for one in own] if narrowed else own


def _joined(joined: visible.Joined, persons: Sequence[UUID], prefix: str) -> Q:
    """The rows to which valid rows of another table join one of the persons."""
    assert Tortoise.apps is not None, "models are registered before anybody reads"
    model = Tortoise.apps["core"][joined.model]
    spans = [valid_now(), *([] if joined.during is None else [valid_now(f"{joined.during}__")])]
    found = model.filter(*spans, person_id__in=persons).values(joined.key)
    return where(f"{prefix}id__in", Subquery(found))


def _public(declared: visible.Visible, prefix: str) -> list[Q]:
    if declared.public is None:
        return []
    if not declared.public:
        return [_every(prefix)]
    return [Q(*(where(f"{prefix}{column}__in", values) for column, values in declared.public.items()))]


def _is_public(declared: visible.Visible, row: object) -> bool:
    if declared.public is None:
        return False
    return all(getattr(row, column, None) in values for column, values in declared.public.items())
