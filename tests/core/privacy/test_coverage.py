"""Every column that tells of a person is handed out and erased by somebody, or says why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from tortoise import Tortoise
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.plugins.discovery import installed
from linli.core.privacy import core_holdings
from linli.core.privacy.holdings import Holding
from linli.core.records.classes import FieldClass, class_of
from linli.core.records.models import EventPayload, PersonKey
from linli.core.registry.models import Premises
from linli.core.sheet_imports.models import SheetFinding, SheetImport
from linli.plugins.venues.services import persons as venues

HOLDINGS: Mapping[str, Iterable[Holding]] = {"core": core_holdings.HOLDINGS, "venues": venues.HOLDINGS}
BY_THE_KEY: Mapping[type[Model], set[str]] = {EventPayload: {"salt", "payload", "secret"}, PersonKey: {"secret"}}
"""What events tell of a person goes with the person's key, which `person_keys.destroy` destroys."""
GONE_WITH_THE_ACCOUNT = {"digest"}
"""The hash of a token of an account that is closed: it tells nothing of anybody."""
OF_A_HOME: Mapping[type[Model], set[str]] = {Premises: {"address"}}
"""The address of a home is not the person's who leaves; what leads from it to the person stops naming anybody."""
OF_A_SHEET: Mapping[type[Model], set[str]] = {SheetFinding: {"message"}, SheetImport: {"name", "sha256"}}
"""What is kept of a whole sheet goes when any of the people in it is erased (`tests/schema/test_sheet_imports.py`)."""
HOOKS = ("linli_person_export", "linli_person_erase")


def telling(model: type[Model]) -> set[str]:
    """The columns of a model that tell of a person, by their class."""
    columns = model._meta.fields_map.items()
    marked = {name for name, column in columns if class_of(column) in (FieldClass.PERSONAL, FieldClass.SENSITIVE)}
    keys = {name for name in marked if isinstance(model._meta.fields_map[name], ForeignKeyFieldInstance)}
    named = {f"{name}_id" if name in keys else name for name in marked}
    return named - BY_THE_KEY.get(model, set()) - OF_A_HOME.get(model, set()) - OF_A_SHEET.get(model, set())


def pointing(model: type[Model]) -> set[str]:
    """The foreign keys of a model that lead to a person."""
    columns = model._meta.fields_map.items()
    return {
        f"{name}_id"
        for name, column in columns
        if isinstance(column, ForeignKeyFieldInstance) and column.related_model is Person
    }


def uncovered(models: Iterable[type[Model]], holdings: Iterable[Holding]) -> list[str]:
    """The columns that no holding makes empty, and the people whom no holding leads to."""
    made = list(holdings)
    missing = []
    for model in models:
        own = [holding for holding in made if holding.model is model]
        blank = {name for holding in own for name in holding.blank}
        missing += [f"{model.__name__}.{name}" for name in telling(model) - blank - GONE_WITH_THE_ACCOUNT]
        led = {holding.rows for holding in own}
        missing += [f"{model.__name__}.{name}" for name in pointing(model) - led]
    return sorted(missing)


def apps() -> Mapping[str, Mapping[str, type[Model]]]:
    return Tortoise.apps or {}


@pytest.mark.parametrize("label", HOLDINGS)
async def test_every_personal_column_is_made_empty_by_an_erasure(district: District, label: str) -> None:
    assert uncovered(apps()[label].values(), HOLDINGS[label]) == []


async def test_every_plugin_that_keeps_something_of_people_hands_it_out_and_erases_it(district: District) -> None:
    registry = installed().registry
    keeping = [label for label, models in apps().items() if any(telling(it) | pointing(it) for it in models.values())]
    labels = {plugin.name: plugin.label for plugin in installed().values()}
    for hook in HOOKS:
        having = {labels[implementation.plugin] for implementation in registry.chain(hook)}
        assert {label for label in keeping if label != "core"} - having == set(), hook
    assert {"core", "venues"} <= set(keeping)


async def test_a_column_without_a_handler_is_found(district: District) -> None:
    without = [holding for holding in core_holdings.HOLDINGS if holding.model is not Person]
    found = uncovered([Person, *apps()["core"].values()], without)
    assert {"Person.phone", "Person.name", "Person.id_number", "Person.habitual_residence_id"} <= set(found)
    (appeal,) = (it for it in apps()["venues"].values() if it.__name__ == "Appeal")
    assert uncovered([appeal], [Holding(appeal, "booking_id", blank={"reason": ""})]) == [
        "Appeal.decision",
        "Appeal.person_id",
    ]


@pytest.mark.parametrize("holding", [it for made in HOLDINGS.values() for it in made], ids=lambda it: it.what)
async def test_a_holding_names_columns_that_are_there(district: District, holding: Holding) -> None:
    columns = holding.model._meta.fields_db_projection
    assert set(holding.blank) | holding.withheld <= set(columns)
