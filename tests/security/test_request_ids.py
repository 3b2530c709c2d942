"""No mutation passes over its `requestId`: it is remembered by all but those that say they remember nothing."""

from __future__ import annotations

from collections import defaultdict

import pytest

from linli.core.districts import District
from linli.schema.compose import compose
from linli.schema.testing import Clients, Tree
from tests.security import documents
from tests.security.world import World

SIGNING_IN = {"login", "loginWith", "refreshSession"}


@pytest.mark.linli(plugins=["venues"])
async def test_every_mutation_looks_at_its_request_id_before_anything_else(
    client: Clients, district: District, tree: Tree
) -> None:
    schema = compose(district)._schema
    given = documents.inputs(World(district, tree, defaultdict(lambda: "no id")))
    boss, found = await client("district-admin"), {}
    for name in documents.mutations(schema):
        answer = await boss.mutate(
            documents.change(name, "... on ValidationError { fields { path code } }"),
            input={**given[name][0], "requestId": ""},
        )
        found[name] = [(field["path"], field["code"]) for field in answer.get("fields", ())]
    assert found == {name: [("requestId", "NOT_REMEMBERED" if name in SIGNING_IN else "REQUEST_ID")] for name in given}
