from __future__ import annotations

from pathlib import Path

import pytest
from graphql import GraphQLField, GraphQLObjectType

from linli.core.plugins.discovery import installed
from linli.schema.compose import DistrictSchema
from linli.schema.printing import added, undescribed

from .conftest import Composer

ROOT = Path(__file__).parents[2]
PLUGINS = tuple(plugin.name for plugin in installed().choosable)


def fields(schema: DistrictSchema) -> dict[str, GraphQLField]:
    return {
        f"{name}.{field}": found
        for name, type_ in schema._schema.type_map.items()
        if isinstance(type_, GraphQLObjectType) and not name.startswith("__")
        for field, found in type_.fields.items()
    }


async def test_fifty_schemas_are_alike_and_share_no_field(composer: Composer) -> None:
    schemas = [await composer(*PLUGINS) for _ in range(50)]
    assert len({schema.as_str() for schema in schemas}) == 1
    counts = [{name: len(field.args) for name, field in fields(schema).items()} for schema in schemas]
    assert counts.count(counts[0]) == 50
    used = [{id(field.extensions["strawberry-definition"]) for field in fields(schema).values()} for schema in schemas]
    assert len(set().union(*used)) == sum(len(ids) for ids in used)


async def test_a_plugin_that_is_off_leaves_no_trace(composer: Composer) -> None:
    bare = (await composer()).as_str()
    assert "enue" not in bare
    assert (await composer(*PLUGINS)).as_str() != bare
    assert (await composer()).as_str() == bare


@pytest.mark.parametrize("plugins", [(), PLUGINS])
async def test_everything_is_described_in_both_languages(composer: Composer, plugins: tuple[str, ...]) -> None:
    assert list(undescribed((await composer(*plugins))._schema)) == []


async def test_the_reviewed_schema_of_core_is_the_one_that_is_composed(composer: Composer) -> None:
    reviewed = (ROOT / "schema" / "schema.graphql").read_text("utf-8")
    assert (await composer()).as_str() + "\n" == reviewed, "run `make schema`, and review what changed"


@pytest.mark.parametrize("name", PLUGINS)
async def test_the_reviewed_schema_of_a_plugin_is_the_one_that_is_composed(composer: Composer, name: str) -> None:
    needed = [*installed()[name].depends_on, name]
    reviewed = (ROOT / "plugins" / installed()[name].label / "schema.graphql").read_text("utf-8")
    base, composed = await composer(*needed[:-1]), await composer(*needed)
    assert added(base._schema, composed._schema) == reviewed, "run `make schema`, and review what changed"
