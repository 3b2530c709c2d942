"""A resolver that looks at what it was given, or at who asks, is asked itself each time: no statement can know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from tortoise.expressions import Q

from linli.core import clock as clock_of
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.records.conditions import where
from linli.schema.compose import DistrictSchema, compose
from linli.schema.context import Info
from linli.schema.declare.node import Node
from linli.schema.declare.pages import Page
from linli.schema.execution import COMPILED, RESOLVED
from linli.schema.http.authentication import known
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree

from .test_sameness import Both

Resolve = Callable[..., Any]


async def _by_first_letter(_root: Any, info: Info, id: str | None = None, code: str | None = None, **_: Any) -> Any:  # noqa: A002
    column = "code" if code is not None and code.startswith("4") else "name"
    return await info.context.loaders.first(OrgNode, where(column, code), "id")


async def _by_word(_root: Any, info: Info, id: str | None = None, code: str | None = None, **_: Any) -> Any:  # noqa: A002
    wanted = Q(parent_id=None) if code == "root" else where("code", code)
    return await info.context.loaders.first(OrgNode, wanted, "id")


async def _own(_root: Any, info: Info, id: str, **_: Any) -> Any:  # noqa: A002
    person = info.context.local_id(id, "Person")
    wanted = Q(depth=0) if person == info.context.viewer.person_id else Q(depth=1)
    return await info.context.loaders.first(OrgNode, wanted, "id")


async def _named(_root: Any, info: Info, **_: Any) -> Any:
    return await info.context.loaders.first(OrgNode, Q(depth=0) | where("name", info.context.viewer.username), "-depth")


async def _later(_root: Any, info: Info, as_of: datetime, **_: Any) -> Any:
    return await info.context.loaders.first(OrgNode, Q(depth=int(as_of > clock_of.now())), "id")


async def _granted(_root: Any, info: Info, **_: Any) -> Any:
    ids = [grant.id for grant in info.context.viewer.grants]
    return await info.context.loaders.first(OrgNode, Q(depth=0) | where("id__in", ids), "-depth")


def _asked(schema: DistrictSchema, monkeypatch: pytest.MonkeyPatch, name: str, resolve: Resolve) -> None:
    """Let a root field be resolved in another way, as a plugin's might be."""
    root = schema._schema.query_type
    assert root is not None
    monkeypatch.setattr(root.fields[name].extensions["strawberry-definition"], "resolver", resolve)


GIVEN: dict[Resolve, tuple[str, tuple[str, ...]]] = {
    _own: ("id", ()),
    _later: ("asOf", ("2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z")),
}


@pytest.mark.parametrize("resolve", [_by_first_letter, _by_word, _own, _granted, _named, _later])
async def test_what_looks_at_a_value_or_at_the_viewer_is_resolved(
    district: District, tree: Tree, client: Clients, monkeypatch: pytest.MonkeyPatch, resolve: Resolve
) -> None:
    schema = compose(district)
    both = Both(district, schema)
    made = [await client("community-staff", at=tree.community, person=one) for one in (tree.resident, tree.neighbour)]
    _asked(schema, monkeypatch, "org", resolve)
    asked = {
        "asOf": "query($asOf: DateTime!) { org(asOf: $asOf) { name } }",
        "id": "query($id: ID!) { org(id: $id) { name } }",
        "code": "query($code: String!) { org(code: $code) { name } }",
    }
    persons = [global_id("Person", one.id) for one in (tree.resident, tree.neighbour)]
    with district.scope():
        for viewer in [await known(one.token or "", district) for one in made]:
            name, values = GIVEN.get(resolve, ("code", ("root", "4306", "city")))
            for value in persons if resolve is _own else values:
                one, other, executor = await both.ask(asked[name], viewer, {name: value})
                assert (one, executor) == (other, RESOLVED)


@pytest.mark.linli(plugins=["venues"])
async def test_today_is_no_constant_though_the_operation_names_it(
    district: District, tree: Tree, client: Clients, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = Both(district, compose(district))
    administrator = await client("district-admin")
    _asked(both.schema, monkeypatch, "noShows", _until_today)
    today = clock.now().date().isoformat()
    with district.scope():
        viewer = await known(administrator.token or "", district)
        for text in (
            "query($day: Date!) { noShows(filter: {date: {gte: $day}}) { totalCount } }",
            f'{{ noShows(filter: {{date: {{gte: "{today}"}}}}) {{ totalCount }} }}',
        ):
            assert (await both.ask(text, viewer, {"day": today}))[2] == RESOLVED
        monkeypatch.undo()
        both = Both(district, both.schema)
        for given in (today, "2026-03-01"):
            one, other, executor = await both.ask(text.replace(today, given), viewer)
            assert (one, executor) == (other, COMPILED)


def _until_today(_root: Any, info: Info, **given: Any) -> Page:
    return Page(info.context, Node.registry["NoShow"], where("day__lte", clock_of.now().date()), **given)
