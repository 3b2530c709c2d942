from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.expressions import Q

from linli.core.calendar.models import CalendarSchedule
from linli.core.errors import ValidationError
from linli.core.graph.models import OrgNode
from linli.core.records.postgres import PostgresStore
from linli.core.records.store import Store, scope
from linli.core.records.unit_of_work import current_client, unit_of_work

if TYPE_CHECKING:
    from tests.core.conftest import Stores

BEIJING = timezone(timedelta(hours=8))
on_one_store = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1900, 1, 2), datetime(2999, 12, 30), timezones=zones)  # noqa: DTZ001  zoned by `zones`


def node(path: str, **values: Any) -> OrgNode:
    return OrgNode(kind="GRID", name=path, name_key=path, path=path, depth=0, **values)


async def keep(*nodes: OrgNode) -> None:
    """Replace all rows by these."""
    async with unit_of_work():
        await OrgNode.all().delete()
        await OrgNode.bulk_create(nodes)


async def paths(*conditions: Q, order: str = "path") -> list[str]:
    return [node.path for node in await OrgNode.filter(*conditions).order_by(order)]


async def test_an_instant_with_an_offset_filters_rightly(store: Store) -> None:
    ten_in_beijing = datetime(2026, 5, 1, 10, tzinfo=BEIJING)
    with scope(store):
        await keep(node("a", valid_from=ten_in_beijing))
        for same in (ten_in_beijing, ten_in_beijing.astimezone(UTC)):
            assert await paths(Q(valid_from=same)) == ["a"]
            assert await paths(Q(valid_from__in=[same])) == ["a"]
            assert await paths(Q(valid_from__gte=same)) == ["a"]
            assert await paths(Q(valid_from__range=(same, same))) == ["a"]
            assert await paths(Q(valid_from__not=same)) == []
        assert await paths(Q(valid_from__lt=datetime(2026, 5, 1, 9, tzinfo=BEIJING))) == []
        assert await paths(Q(valid_from__lt=datetime(2026, 5, 1, 3, tzinfo=UTC))) == ["a"]
        assert await paths(Q(valid_from__isnull=True)) == []


@on_one_store
@given(st.lists(instants, min_size=1, max_size=4, unique=True), instants)
async def test_instants_compare_and_sort_as_what_they_are(store: Store, kept: list[datetime], asked: datetime) -> None:
    named = {f"{number}/": instant for number, instant in enumerate(kept)}
    with scope(store):
        await keep(*(node(path, valid_from=instant) for path, instant in named.items()))
        assert await paths(Q(valid_from__lt=asked)) == [path for path, instant in named.items() if instant < asked]
        assert await paths(Q(valid_from__lte=asked)) == [path for path, instant in named.items() if instant <= asked]
        assert await paths(Q(valid_from__gt=asked)) == [path for path, instant in named.items() if instant > asked]
        assert await paths(Q(valid_from=kept[0])) == ["0/"]
        found = await OrgNode.all().order_by("valid_from")
        assert [row.valid_from for row in found] == sorted(kept)
        assert {row.valid_from.utcoffset() for row in found if row.valid_from} == {timedelta()}


async def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    naive = datetime(2026, 5, 1)  # noqa: DTZ001  that is the point
    with scope(store):
        with pytest.raises(ValueError, match="needs a zone"):
            node("a", valid_from=naive)
        changed = node("a", valid_from=naive.replace(tzinfo=UTC))
        changed.valid_from = naive
        with pytest.raises(ValueError, match="needs a zone"):
            await keep(changed)
        with pytest.raises(ValueError, match="needs a zone"):
            await paths(Q(valid_from__lt=naive))
        with pytest.raises(ValueError, match="needs a zone"):
            await paths(Q(valid_from__in=[naive]))
        assert await paths() == []


async def test_an_instant_may_be_missing(store: Store) -> None:
    with scope(store):
        await keep(node("a"), node("b", valid_from=datetime(2026, 5, 1, tzinfo=UTC)))
        assert await paths(Q(valid_from__isnull=True)) == ["a"]
        assert await paths(Q(valid_from=None)) == ["a"]


WORDS = ["Zebra", "apple", "Äpfel", "zebra", "a b", "a-b", "a_b", "ab", "Apple", "岳阳楼区", "阿", "区", "邻里", "é",
         "z\u0301", "1", "10", "2", "_", "-", "~", "。", "，", "\U00020000", "\uffee", "㐀", "丁", " "]  # fmt: skip


async def test_text_sorts_by_code_point(store: Store) -> None:
    with scope(store):
        await keep(*(node(word) for word in WORDS))
        assert await paths() == sorted(WORDS)
        assert await paths(order="-path") == sorted(WORDS, reverse=True)
        assert await paths(Q(path__gt="阿")) == sorted(word for word in WORDS if word > "阿")


async def test_a_servers_language_would_sort_these_words_otherwise(stores: Stores) -> None:
    store = await stores.make()
    if not isinstance(store, PostgresStore):
        pytest.skip("SQLite knows no languages")
    with scope(store):
        await keep(*(node(word) for word in WORDS))
        rows = await current_client().execute_query_dict(
            'SELECT path FROM core_org_node ORDER BY path COLLATE "und-x-icu"'
        )
        assert [row["path"] for row in rows] != sorted(WORDS)
        columns = await current_client().execute_query_dict(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND data_type = 'character varying' AND collation_name IS DISTINCT FROM 'C'"
        )
        assert columns == []


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


@on_one_store
@given(st.lists(texts, min_size=1, max_size=6, unique=True), texts)
async def test_any_text_comes_back_and_sorts_and_compares_by_code_point(
    store: Store, words: list[str], asked: str
) -> None:
    with scope(store):
        await keep(*(node(word) for word in words))
        assert await paths() == sorted(words)
        assert await paths(Q(path__gte=asked)) == sorted(word for word in words if word >= asked)
        assert await paths(Q(path__startswith=asked)) == sorted(word for word in words if word.startswith(asked))


async def test_prefixes_mind_case_and_wildcards(store: Store) -> None:
    with scope(store):
        await keep(*(node(path) for path in ["a/", "a/b/", "A/", "a_b", "a%b", "aXb", "a\\b"]))
        assert await paths(Q(path__startswith="a/")) == ["a/", "a/b/"]
        assert await paths(Q(path__startswith="A/")) == ["A/"]
        assert await paths(Q(path__startswith="a_")) == ["a_b"]
        assert await paths(Q(path__startswith="a%")) == ["a%b"]
        assert await paths(Q(path__startswith="a\\")) == ["a\\b"]
        assert await paths(Q(path__istartswith="A/")) == ["A/", "a/", "a/b/"]
        assert await paths(Q(path__contains="/B")) == []


async def test_text_that_is_too_long_is_refused(store: Store) -> None:
    with scope(store):
        with pytest.raises(ValidationError) as refused:
            await keep(node("x" * 201))
        assert [(one.code, "xx" in str(one.message)) for one in refused.value.problems] == [("TOO_LONG", False)]
        await keep(node("岳" * 200))
        assert await paths() == ["岳" * 200]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


@on_one_store
@given(st.dictionaries(texts, values, max_size=5))
async def test_json_comes_back_with_its_keys_sorted(store: Store, attributes: dict[str, Any]) -> None:
    with scope(store):
        await keep(node("a", attributes=attributes))
        found = (await OrgNode.get(path="a")).attributes
        assert found == attributes
        assert json.dumps(found) == json.dumps(found, sort_keys=True)


async def test_json_may_be_missing_and_lists_are_kept_in_order(store: Store) -> None:
    with scope(store):
        await keep(node("a"))
        assert (await OrgNode.get(path="a")).location_given is None
        assert (await OrgNode.get(path="a")).attributes == {}
        async with unit_of_work():
            await CalendarSchedule.create(
                year=2026,
                papers=["国办发明电〔2025〕7号"],
                days=[{"b": 1, "a": 2}, {"a": 1}],
                imported_at=datetime.now(UTC),
            )
        assert (await CalendarSchedule.get(year=2026)).days == [{"a": 2, "b": 1}, {"a": 1}]


async def test_equal_json_values_are_found_by_each_other(store: Store) -> None:
    with scope(store):
        await keep(node("a", attributes={"b": 1, "a": [1, {"d": 1, "c": 2}]}))
        assert await paths(Q(attributes={"a": [1, {"c": 2, "d": 1}], "b": 1})) == ["a"]
