"""The instruments of Prometheus; no label holds a person's id, a value or a word that a client could make personal.

With several workers each keeps its values in files of a folder that they share, where PROMETHEUS_MULTIPROC_DIR names
one when this is imported (`..http.workers` does), and whichever worker is asked adds them up.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
OPERATION = ("district", "operation", "kind")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

OPERATIONS = Counter(
    "linli_operations", "GraphQL operations by what became of them.", (*OPERATION, "outcome"), registry=REGISTRY
)
OPERATION_SECONDS = Histogram(
    "linli_operation_seconds", "How long GraphQL operations took.", OPERATION, registry=REGISTRY, buckets=BUCKETS
)
EXECUTED = Counter(
    "linli_operations_executed",
    "GraphQL operations by the executor that answered: compiled or resolved.",
    (*OPERATION, "executor"),
    registry=REGISTRY,
)
STATEMENTS = Counter("linli_operation_statements", "SQL statements that operations sent.", OPERATION, registry=REGISTRY)
DATABASE_SECONDS = Counter(
    "linli_operation_database_seconds",
    "Seconds that operations waited for statements and connections.",
    OPERATION,
    registry=REGISTRY,
)
HOOK = ("district", "plugin", "hook")
HOOK_CALLS = Counter("linli_hook_calls", "Calls of hooks and handlers of plugins.", HOOK, registry=REGISTRY)
HOOK_FAILURES = Counter(
    "linli_hook_failures", "Calls that failed or took longer than their limit.", HOOK, registry=REGISTRY
)
HOOK_SECONDS = Counter("linli_hook_seconds", "Seconds in hooks and handlers of plugins.", HOOK, registry=REGISTRY)
HAPPENED = Counter(
    "linli_happened",
    "Sign-ins, refused tokens, uploads, by name.",
    ("district", "what"),
    registry=REGISTRY,
)
POOL = Gauge(
    "linli_pool_connections",
    "Connections to a database: open, in use; and who waits for one.",
    ("pool", "state"),
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
