"""`GET /metrics`: what Prometheus is told of a server, and who may ask."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.districts.migrating import ensure_root
from linli.core.jobs.asking import ask
from linli.core.jobs.replays import REPLAY, Replay
from linli.core.records.unit_of_work import transact
from linli.schema.observing.names import MOST, OTHER, Names, plain
from linli.schema.testing import Clients

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def told(http: httpx.AsyncClient) -> Samples:
    """What is told, by name and labels."""
    response = await http.get("/metrics")
    assert response.status_code == 200, response.text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    """The sum of the samples with these labels and any others."""
    wanted = frozenset(labels.items())
    return sum(it for (called, found), it in samples.items() if called == name and wanted <= found)


async def test_operations_are_counted_by_name_kind_and_outcome(client: Clients, district: District) -> None:
    boss = await client("district-admin")
    here = {"district": district.key}
    await boss.data("query CountedOnce { district { key } }")
    await boss.query("query CountedOnce { person(id: 3) { nothing } }")
    await boss.mutate('mutation CountedMade { createPerson(input: {name: "示例己"}) { __typename } }')
    samples = await told(boss.http)
    once = {"operation": "CountedOnce", "kind": "query", **here}
    assert value(samples, "linli_operations_total", outcome="ok", **once) == 1
    made = {"operation": "CountedMade", "kind": "mutation", **here}
    assert value(samples, "linli_operations_total", outcome="ok", **made) == 1
    assert value(samples, "linli_operations_total", outcome="refused", kind="none", operation=OTHER, **here) == 1
    assert value(samples, "linli_operation_seconds_count", **made) == 1
    assert value(samples, "linli_operation_statements_total", **made) >= 3
    assert value(samples, "linli_operation_database_seconds_total", **made) > 0


async def test_nothing_that_a_client_could_make_personal_stands_in_a_label(client: Clients, district: District) -> None:
    boss, nobody = await client("district-admin"), await client()
    await nobody.data("query NobodyChoseThis { district { key } }")
    await boss.data("query Of430602199001011234 { district { key } }")
    await boss.data("{ district { key } }")
    samples = await told(boss.http)
    assert value(samples, "linli_operations_total", operation=OTHER, kind="query", district=district.key) == 3
    text = repr(list(samples))
    assert "NobodyChoseThis" not in text
    assert "430602199001011234" not in text


def test_only_so_many_names_count() -> None:
    names = Names()
    labels = {names.label(f"Name{number}", trusted=True) for number in range(MOST + 50)}
    assert len(labels) == MOST + 1
    assert names.label("Name1", trusted=False) == "Name1"
    assert names.label("Name240", trusted=True) == OTHER
    assert plain("x" * 61) == plain("Of13800138000") == plain(None) == plain("查询") == OTHER


@pytest.mark.linli(plugins=["venues"])
async def test_the_state_of_handlers_timers_sealing_pools_and_plugins_is_told(
    client: Clients, district: District
) -> None:
    boss = await client("district-admin")
    await boss.mutate('mutation { createPerson(input: {name: "示例己"}) { __typename } }')
    samples = await told(boss.http)
    here = {"district": district.key}
    assert value(samples, "linli_district_up", **here) == 1
    assert value(samples, "linli_events_unsealed", **here) == (0 if district.store.dialect == "sqlite" else 2)
    assert {("linli_timers", frozenset({**here, "state": state}.items())) for state in ("due", "late")} <= set(samples)
    its = {"pool": district.store.usage.name}  # those of other tests in this process are told too
    assert value(samples, "linli_pool_connections", state="open", **its) > 0
    assert value(samples, "linli_pool_connections", state="waiting", **its) == 0
    hook = {"plugin": "venues", "hook": "linli_event", **here}
    assert value(samples, "linli_hook_calls_total", **hook) > 0
    assert value(samples, "linli_hook_failures_total", **hook) == 0


async def test_jobs_that_wait_are_told_by_kind_and_state(
    client: Clients, district: District, clock: FrozenClock
) -> None:
    boss = await client("district-admin")
    root = await ensure_root(district)
    given = Replay(handler="core.tell_acted_for", first=1, last=1)
    with district.scope():
        await transact(lambda _unit: ask(REPLAY, given, org_id=root.id, account_id=None))
    clock.advance(clock.now() + timedelta(seconds=90))
    samples = await told(boss.http)
    queued = {"district": district.key, "kind": "core.replay", "state": "queued"}
    assert (value(samples, "linli_jobs", **queued), value(samples, "linli_jobs_oldest_seconds", **queued)) == (1, 90)
    running = frozenset({**queued, "state": "running"}.items())
    assert samples["linli_jobs", running] == samples["linli_jobs_oldest_seconds", running] == 0


async def test_refused_tokens_and_sign_ins_are_counted(client: Clients, district: District) -> None:
    nobody = await client()
    await nobody.query("{ district { key } }", headers={"authorization": "Bearer linli_nobodys"})
    for _ in range(7):
        await nobody.query('mutation { login(input: {username: "nobody", password: "wrong-wrong"}) { __typename } }')
    samples = await told(nobody.http)
    here = {"district": district.key}
    assert value(samples, "linli_happened_total", what="token_refused", **here) == 1
    assert value(samples, "linli_happened_total", what="login_failed_unknown", **here) == 5
    assert value(samples, "linli_happened_total", what="login_throttled", **here) == 2
    assert value(samples, "linli_happened_total", what="upload_kept", **here) == 0


@pytest.mark.parametrize(
    "sent", [{"headers": {"X-Forwarded-For": "127.0.0.1"}}, {"headers": {"Origin": "http://localhost"}}]
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_others_find_nothing_there(client: Clients, sent: dict[str, Any]) -> None:
    http = (await client()).http
    assert (await http.get("/metrics", **sent)).status_code == 404
    assert (await http.post("/metrics")).status_code == 404
