"""Whether a viewer sees a row that is in memory, by the same declaration from which conditions are made. 内存判定。

Whoever shows every new event to many cannot ask the database for each of them. What a row and the places of its nodes
do not tell is left to the database (None): `tests/core/access/test_rows_seen.py` compares both for events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from tortoise.models import Model

from ..records import visible
from .viewer import Viewer
from .visibility import Sight


def sees(sight: Sight, viewer: Viewer, row: Model, paths: Mapping[str, str | None]) -> bool | None:
    """Whether `viewer` sees a row; None where only the database can tell.

    `paths` has, by the look-ups of the declaration's `at`, the path of the node there, None where there is no node.
    """
    model = type(row)
    declared = visible.of(model)
    known = _known(sight, declared, row)
    if known is False:
        return False
    ways = [*_by_place(declared, viewer, row, paths), *_own(declared, viewer, row)]
    if sight.public_directory or not viewer.anonymous:
        ways += [_public(declared, row), *(None for _ in sight.public_rows.get(model, ()))]
    ways += [None for _ in sight.belonging.get(model, ())]
    return known if True in ways else None if None in ways else False


def _known(sight: Sight, declared: visible.Visible, row: Model) -> bool | None:
    """Whether the district knows the row's words, and no other stands in its place; None for words of other rows."""
    instead, words = declared.only_without, declared.vocabulary.items()
    here = all(getattr(row, column) in sight.words[name] for column, name in words if "__" not in column)
    if not here or (instead is not None and getattr(row, instead) is not None):
        return False
    return None if any("__" in column for column, _ in words) else True


def _by_place(
    declared: visible.Visible, viewer: Viewer, row: Model, paths: Mapping[str, str | None]
) -> Iterator[bool | None]:
    if any(viewer.everywhere(permission) for permission in declared.everywhere):
        yield True
    for lookup, permission in declared.at.items():
        if lookup not in paths:
            yield None
            continue
        path = paths[lookup]
        yield path is not None and _at(declared, viewer, row, path, (permission, *declared.also))
    for one in declared.tied:
        if viewer.subtrees(one.permission):
            yield None


def _at(declared: visible.Visible, viewer: Viewer, row: Model, path: str, permissions: Sequence[str]) -> bool:
    reserved = declared.reserved
    usual = reserved is None or getattr(row, reserved.column) not in reserved.values
    if usual and any(viewer.may(permission, path) for permission in permissions):
        return True
    # as a condition has it: who holds nothing by which such rows are seen sees no reserved ones either
    held = any(viewer.subtrees(permission) for permission in (*declared.at.values(), *declared.also))
    return reserved is not None and held and viewer.may(reserved.permission, path)


def _own(declared: visible.Visible, viewer: Viewer, row: Model) -> Iterator[bool | None]:
    """Asks who the viewer is only where the row could tell it, and then whether it is the one there, see `asked`."""
    if not all(_among(row, column, values) for column, values in declared.owned_while.items()):
        return
    for way in declared.persons:
        found: UUID | None = getattr(row, way, None)
        if "__" in way:  # a look-up through other rows is the database's
            yield None if _is_somebody(declared, viewer) else False
        else:
            yield found is not None and viewer.acts_in(found, declared.proxies)
    for way in declared.accounts:
        if "__" in way:
            yield None if viewer.account_id is not None else False
        else:
            yield viewer.is_account(getattr(row, way, None))
    if declared.joined and _is_somebody(declared, viewer):
        yield None


def _is_somebody(declared: visible.Visible, viewer: Viewer) -> bool:
    """Whether there is a person whose rows are as the viewer's own."""
    return viewer.person_id is not None or bool(viewer.acts and viewer.acts.within(declared.proxies))


def _among(row: Model, column: str, values: Sequence[str]) -> bool:
    return getattr(row, column, None) in values


def _public(declared: visible.Visible, row: Model) -> bool:
    if declared.public is None:
        return False
    return all(_among(row, column, values) for column, values in declared.public.items())
