"""What is observed of operations beside metrics: spans, the log of slow ones, and hooks that hang."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from linli.core import tracing
from linli.core.districts import District, Platform
from linli.core.plugins.markers import Declaration
from linli.schema.http.application import application
from linli.schema.http.request_log import RequestLog
from linli.schema.observing.traces import processed_by
from linli.schema.testing import Clients
from linli.schema.testing.clients import clients
from linli.schema.testing.schemas import composed_once
from tests.schema.http.test_metrics import told, value

CREATE = 'mutation Traced { createPerson(input: {name: "示例庚"}) { __typename } }'


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    with processed_by(SimpleSpanProcessor(exporter)):
        yield exporter


@pytest.mark.linli(plugins=["venues"])
async def test_a_request_its_operation_unit_of_work_and_hooks_are_spans_without_values(
    district: District, platform: Platform, spans: InMemorySpanExporter
) -> None:
    app = RequestLog(application(platform, composer=composed_once), None)
    async with clients(district, app) as made:  # type: ignore[arg-type]  # any ASGI application
        boss = await made("district-admin")
        spans.clear()
        await boss.mutate(CREATE)
    found = spans.get_finished_spans()
    by_id = {one.context.span_id: one for one in found if one.context is not None}
    hook = next(one for one in found if one.name == "hook" and (one.attributes or {})["linli.hook"] == "linli_event")
    chain = [hook.name]
    while hook.parent is not None:
        hook = by_id[hook.parent.span_id]
        chain.append(hook.name)
    assert chain == ["hook", "unit of work", "operation", "request"]
    (operation,) = [dict(one.attributes or {}) for one in found if one.name == "operation"]
    assert operation["graphql.operation.name"] == "Traced"
    assert (operation["linli.district"], operation["linli.outcome"]) == (district.key, "ok")
    assert "示例庚" not in "".join(one.to_json() for one in found)


async def test_without_configuration_nothing_is_traced(client: Clients) -> None:
    await (await client("district-admin")).mutate(CREATE)
    assert tracing.span("one") is tracing.span("another")


async def test_a_slow_operation_is_logged_by_name_and_figures_never_with_variables(
    client: Clients, district: District, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = await client("district-admin")
    monkeypatch.setitem(vars(platform.configuration.server), "slow_ms", 0)
    document = "mutation Slowly($name: String!) { createPerson(input: {name: $name}) { __typename } }"
    with capture_logs() as logs:
        await boss.mutate(document, name="示例辛")
    (slow,) = [one for one in logs if one["event"] == "slow_operation"]
    assert (slow["operation"], slow["kind"], slow["district"]) == ("Slowly", "mutation", district.key)
    assert slow["statements"] > 3
    assert 0 < slow["slowest_statement_ms"] <= slow["database_ms"]
    assert len(slow["document"]) == 16
    assert "示例辛" not in repr(slow)


@pytest.mark.linli(plugins=["venues"])
async def test_a_hook_that_hangs_is_cut_off_and_named_in_the_metrics(
    client: Clients, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linli.plugins.venues import figures  # noqa: PLC0415

    async def hangs() -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(figures, "figures", hangs)
    specification = district.installed.registry.specifications["linli_stats"]
    monkeypatch.setitem(vars(specification), "declaration", Declaration(time_limit=0.1))
    with district.scope():
        (outcome,) = await district.hooks.outcomes("linli_stats", district=district)
    assert outcome.failure is not None
    samples = await told((await client()).http)
    hook = {"district": district.key, "plugin": "venues", "hook": "linli_stats"}
    assert value(samples, "linli_hook_failures_total", **hook) == 1
