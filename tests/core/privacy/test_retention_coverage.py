"""Every column that tells of a person goes after a time by some rule, or is said to be kept, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pytest
from tortoise import Tortoise
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from linli.core.config import CoreSettings
from linli.core.districts import District
from linli.core.jobs.retention import CORE_RETENTION
from linli.core.people.models import Person
from linli.core.plugins.discovery import installed
from linli.core.privacy.retention import KeptForGood, Retention, RetentionRule
from linli.core.records.classes import FieldClass, class_of
from linli.plugins.venues.models import Appeal, Booking, WaitlistEntry
from linli.plugins.venues.retention import RETENTION

SAID: Mapping[str, Sequence[Retention]] = {"core": CORE_RETENTION, "venues": RETENTION}
ALL = [one for said in SAID.values() for one in said]
RULES = [one for one in ALL if isinstance(one, RetentionRule)]


def apps() -> Mapping[str, Mapping[str, type[Model]]]:
    return Tortoise.apps or {}


def telling(model: type[Model]) -> set[str]:
    """The columns of a model that tell of a person, by their class."""
    columns = model._meta.fields_map.items()
    marked = {name for name, column in columns if class_of(column) in (FieldClass.PERSONAL, FieldClass.SENSITIVE)}
    keys = {name for name in marked if isinstance(model._meta.fields_map[name], ForeignKeyFieldInstance)}
    return {f"{name}_id" if name in keys else name for name in marked}


def points_to_a_person(model: type[Model]) -> bool:
    columns = model._meta.fields_map.values()
    return any(isinstance(it, ForeignKeyFieldInstance) and it.related_model is Person for it in columns)


def unsaid(model: type[Model], said: Iterable[Retention]) -> list[str]:
    """The columns of a model that no rule reaches and that nobody says are kept; `model.*` for rows of persons."""
    rules = [one for one in said if isinstance(one, RetentionRule)]
    going = {it for one in rules if not one.blank for it in (one.model, *one.along)}
    own = [one for one in said if one.model is model]
    kept = {name for one in own if isinstance(one, KeptForGood) for name in one.columns}
    cleared = {name for one in own if isinstance(one, RetentionRule) for name in one.blank}
    missing = set() if model in going else telling(model) - cleared - kept
    rows = points_to_a_person(model) and model not in going and not any(isinstance(it, KeptForGood) for it in own)
    return sorted(f"{model.__name__}.{name}" for name in [*missing, *(["*"] if rows else [])])


@pytest.mark.parametrize("label", SAID)
async def test_of_every_personal_column_it_is_said_how_long_it_is_kept(district: District, label: str) -> None:
    assert [name for model in apps()[label].values() for name in unsaid(model, SAID[label])] == []


async def test_every_plugin_that_keeps_something_of_people_says_how_long(district: District) -> None:
    keeping = {label for label, models in apps().items() if any(telling(it) for it in models.values())}
    saying = {installed()[it.plugin].label for it in installed().registry.chain("linli_retention_rules")}
    assert keeping == {"core", *saying} == set(SAID)


async def test_a_personal_column_of_which_nothing_is_said_is_found(district: District) -> None:
    silent = [one for one in RETENTION if one.model is not Appeal and Appeal not in getattr(one, "along", {})]
    assert unsaid(Appeal, silent) == ["Appeal.*", "Appeal.decision", "Appeal.reason"]
    assert unsaid(WaitlistEntry, [one for one in RETENTION if one.model is not WaitlistEntry]) == ["WaitlistEntry.*"]
    assert unsaid(Person, []) >= ["Person.birth_date", "Person.employer_id", "Person.gender"]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
async def test_what_is_said_names_columns_that_are_there(district: District, one: Retention) -> None:
    columns = one.model._meta.fields_db_projection
    if isinstance(one, KeptForGood):
        assert one.columns <= set(columns)
        return
    assert {one.since, *one.blank} <= set(columns)
    for model, column in (*one.along.items(), *one.unlinked.items()):
        assert column in model._meta.fields_db_projection
        assert (model in one.unlinked) <= model._meta.fields_map[column].null


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
async def test_a_row_that_goes_takes_along_or_lets_go_all_that_leads_to_it(
    district: District, rule: RetentionRule
) -> None:
    if rule.blank:
        return
    leading = {
        model
        for models in apps().values()
        for model in models.values()
        for column in model._meta.fields_map.values()
        if isinstance(column, ForeignKeyFieldInstance) and column.related_model is rule.model
    }
    waited_for = {"venues.bookings": {"NoShow"}, "venues.series": {"Booking"}}.get(rule.name, set())
    never = {"core.unconfirmed_second_factors": {"RecoveryCode"}}.get(rule.name, set())
    assert {it.__name__ for it in leading - rule.along.keys() - rule.unlinked.keys()} == waited_for | never


def test_names_are_told_once_and_every_reason_stands_in_both_languages() -> None:
    assert len({one.name for one in ALL}) == len(ALL)
    for one in ALL:
        assert one.reason[0].isascii(), one.name
        assert one.reason.endswith("。"), one.name
        assert CoreSettings().retention == {}


def test_a_rule_outside_of_its_own_limits_is_refused() -> None:
    with pytest.raises(ValueError, match="not within its own limits"):
        RetentionRule("venues.x", Booking, "end", "1 day", "2 days", "3 days", "A reason. 理由。")
    with pytest.raises(ValueError, match="takes others along"):
        RetentionRule(
            "venues.x", Booking, "end", "1 day", "1 day", "1 day", "Why. 理由。", {"reason": None}, along={Appeal: "id"}
        )
    with pytest.raises(ValueError, match="expected <plugin>.<thing>"):
        KeptForGood("Venues", Booking, "Why. 理由。")
