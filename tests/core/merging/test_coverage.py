"""Every column that points at a person moves when two people are merged, or says why it stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from tortoise import Tortoise
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from linli.core.access.models import PersonClaim
from linli.core.districts import District
from linli.core.merging.core_references import references
from linli.core.merging.references import Reference
from linli.core.people.models import Person
from linli.core.plugins.discovery import installed
from linli.core.records.record import new_id
from linli.plugins.venues.services import merging as venues

REFERENCES: Mapping[str, Iterable[Reference]] = {"core": references(new_id(), new_id()), "venues": venues.REFERENCES}
STAYING = {
    "PersonMerge.kept_id": "who was said to be one with whom is history",
    "PersonMerge.merged_id": "the same",
    "EventPayload.person_id": "events about the merged row stay under its key, so that the chain verifies",
}


def pointing(model: type[Model]) -> set[str]:
    """The columns that lead to a person: foreign keys, and ids by their name."""
    columns = model._meta.fields_map.items()
    keys = {
        f"{name}_id"
        for name, column in columns
        if isinstance(column, ForeignKeyFieldInstance) and column.related_model is Person
    }
    named = {name for name, _ in columns if name.endswith("person_id") or name == "merged_into"}
    return keys | named


def unmoved(models: Iterable[type[Model]], said: Iterable[Reference]) -> list[str]:
    moving = {(one.model, one.column) for one in said}
    found = [f"{it.__name__}.{column}" for it in models for column in pointing(it) if (it, column) not in moving]
    return sorted(set(found) - STAYING.keys())


def apps() -> Mapping[str, Mapping[str, type[Model]]]:
    return Tortoise.apps or {}


@pytest.mark.parametrize("label", REFERENCES)
async def test_every_column_that_points_at_a_person_moves_with_a_merge(district: District, label: str) -> None:
    assert unmoved(apps()[label].values(), REFERENCES[label]) == []


async def test_every_plugin_that_points_at_people_takes_part_in_merges(district: District) -> None:
    labels = {plugin.name: plugin.label for plugin in installed().values()}
    having = {labels[it.plugin] for it in installed().registry.chain("linli_person_merge")}
    assert {label for label, models in apps().items() if any(map(pointing, models.values()))} - having == {"core"}


async def test_a_column_that_nobody_moves_is_found(district: District) -> None:
    assert unmoved([PersonClaim], []) == ["PersonClaim.person_id"]
