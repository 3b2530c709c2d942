"""What `linli check` finds of a Citus cluster: which version, and whether the districts' schemas are distributed."""

from __future__ import annotations

from linli.core.config import Configuration, Finding, Severity
from linli.core.districts.namespaces import dialect_of, namespace_of, schema_of
from linli.core.records.migrations import citus
from linli.core.records.migrations.session import Session

USABLE = frozenset({"CITUS", "CITUS_TOO_OLD", "NOT_DISTRIBUTED"})
"""The codes with which a district is served all the same."""


async def of_district(configuration: Configuration, key: str) -> list[Finding]:
    """What there is to say of the cluster that a district is in; nothing where it is in none. Changes nothing."""
    if dialect_of(configuration, key) != "postgres":
        return []
    async with namespace_of(configuration, key).reading() as session:
        return [] if session is None else await _of_schema(session, key)


async def _of_schema(session: Session, key: str) -> list[Finding]:
    cluster, schema = await citus.cluster_of(session.query), schema_of(key)
    if cluster is None:
        return []
    if not cluster.coordinator:
        hint = "name the coordinator in the database URL"
        found = f"Citus {cluster.version}: the database URL leads to a worker"
        return [_finding(key, Severity.ERROR, "NOT_COORDINATOR", found, hint)]
    if not cluster.distributes:
        found = f"Citus {cluster.version} distributes no schemas: the district is on the coordinator alone"
        return [_finding(key, Severity.WARNING, "CITUS_TOO_OLD", found, f"update Citus to {citus.SINCE} or newer")]
    if await citus.is_distributed(session.query, schema):
        return [_finding(key, Severity.NOTE, "CITUS", f"Citus {cluster.version}: schema {schema} is distributed")]
    hint = f"stop the servers, then: SELECT citus_schema_distribute('{schema}')"
    found = f"Citus {cluster.version}: schema {schema} is on the coordinator alone"
    return [_finding(key, Severity.WARNING, "NOT_DISTRIBUTED", found, hint)]


def _finding(key: str, severity: Severity, code: str, found: str, hint: str | None = None) -> Finding:
    return Finding(severity, f"district {key}", None, "", code, found, None, hint)
