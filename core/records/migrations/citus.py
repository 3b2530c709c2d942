"""Districts on Citus: each schema on one node of the cluster, by schema-based sharding. 分布式部署。

Nothing of this happens where the database has no extension `citus`. Read from Citus' own catalogue: the extension's
version, `pg_dist_local_group` (0 on the coordinator) and `pg_dist_schema` (since 12.0, the schemas that are distributed).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ...errors import text
from .errors import NotCoordinatorError

Query = Callable[..., Awaitable[list[dict[str, Any]]]]

SINCE = 12
"""The first version that distributes schemas."""

VERSION = "SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'citus'"
GROUP = "SELECT groupid FROM pg_catalog.pg_dist_local_group"
DISTRIBUTED = (
    "SELECT 1 AS found FROM pg_catalog.pg_dist_schema s JOIN pg_catalog.pg_namespace n ON n.oid = s.schemaid"
    " WHERE n.nspname = ?"
)
BY_SCHEMA = "SET LOCAL citus.enable_schema_based_sharding TO ON"


@dataclass(frozen=True)
class Cluster:
    """A database that has the extension: its version, such as `12.1-1`, and whether this node is the coordinator."""

    version: str
    coordinator: bool

    @property
    def distributes(self) -> bool:
        """Whether schemas are distributed when they are made."""
        return int(self.version.partition(".")[0]) >= SINCE


async def cluster_of(query: Query) -> Cluster | None:
    """What a connection leads to; None where that is PostgreSQL alone."""
    found = await query(VERSION)
    if not found:
        return None
    [group] = await query(GROUP)
    return Cluster(str(found[0]["extversion"]), group["groupid"] == 0)


async def is_distributed(query: Query, schema: str) -> bool:
    """Whether a schema is one that the cluster distributes; asked only where it `distributes`."""
    return bool(await query(DISTRIBUTED, schema))


async def before_schema(query: Query) -> tuple[str, ...]:
    """What is to be said in the transaction that makes a schema, so that it is distributed where that is possible.

    Raises NotCoordinatorError on a worker: tables of a distributed schema cannot be made from there.
    """
    cluster = await cluster_of(query)
    if cluster is None:
        return ()
    if not cluster.coordinator:
        raise NotCoordinatorError(text("The database URL leads to a worker of a Citus cluster: name the coordinator"))
    return (BY_SCHEMA,) if cluster.distributes else ()
