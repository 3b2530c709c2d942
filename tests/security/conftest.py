"""A district with somebody for every row of the matrix; the fixtures of core's commands serve these too."""

from __future__ import annotations

import pytest
from graphql import GraphQLSchema

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.schema.compose import compose
from linli.schema.testing import Clients, Tree
from tests.core.cli.conftest import _plain_environment, linli, migrated, project, sqlite, template
from tests.security.world import World, build

__all__ = ["_plain_environment", "linli", "migrated", "project", "sqlite", "template"]


@pytest.fixture
async def world(client: Clients, district: District, tree: Tree, clock: FrozenClock) -> World:
    """Everybody, and a record of each kind."""
    return await build(client, district, tree, clock)


@pytest.fixture
def schema(district: District) -> GraphQLSchema:
    """The district's schema, to take the questions from."""
    return compose(district)._schema
