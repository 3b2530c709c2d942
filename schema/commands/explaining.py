"""What `linli schema explain` does: which executor answers each root field of an operation, and by what. 查询说明。"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode

from linli.core.access.active_grants import viewer_for
from linli.core.access.viewer import PUBLIC, Viewer
from linli.core.cli.accounts import account_of
from linli.core.cli.messages import CommandError, UsageError
from linli.core.cli.running import entered
from linli.core.config import Configuration
from linli.core.districts import District
from linli.core.plugins.inventory import Installed

from ..compiled.running import Asking
from ..compose import compose
from ..context import Context
from ..execution import COMPILED, RESOLVED, Executor, Prepared
from .texts import words


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What a command line asks for: an operation's text, its variables as JSON, its name, and as which account."""

    text: str
    variables: str = "{}"
    operation: str | None = None
    account: str | None = None


@dataclasses.dataclass(frozen=True)
class Explained:
    """Who answers a root field: with what statement, which fields of it Python computes, or why it is resolved."""

    field: str
    executor: str
    reason: str = ""
    sql: str = ""
    computed: list[str] = dataclasses.field(default_factory=list)


async def explained(configuration: Configuration, installed: Installed, key: str, wanted: Wanted) -> list[Explained]:
    """Each root field by itself. Raises CommandError where the operation is not valid."""
    variables = _variables(wanted.variables)
    async with entered(configuration, installed, key) as district:
        schema = compose(district)
        executor = Executor(schema)
        prepared = executor.prepare(wanted.text)
        operation = prepared.operation(wanted.operation)
        if operation is None:
            raise CommandError(_refused(prepared))
        context = Context(district, schema, await _viewer(district, wanted.account))
        return list(_each(executor, prepared, operation, variables, wanted.text, context))


def _variables(given: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(given)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise UsageError(words("--variables takes a JSON object"))
    return found


def _refused(prepared: Prepared) -> Any:
    told = "; ".join(error.message for error in prepared.errors)
    if not told:
        return words("the file names no such operation")
    return words("the operation is not valid: {why}", why=told)


async def _viewer(district: District, name: str | None) -> Viewer:
    if name is None:
        return PUBLIC
    return await viewer_for(await account_of(district.key, name), district.roles, district.majority)


def _each(  # noqa: PLR0917  all of it is one request
    executor: Executor,
    prepared: Prepared,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    text: str,
    context: Context,
) -> Iterator[Explained]:
    document = prepared.document
    assert document is not None
    for selection in operation.selection_set.selections:
        name = selection.name.value if isinstance(selection, FieldNode) else "..."
        alone = OperationDefinitionNode(
            operation=operation.operation,
            name=operation.name,
            variable_definitions=operation.variable_definitions,
            directives=operation.directives,
            selection_set=SelectionSetNode(selections=(selection,)),
        )
        plan = executor.compiler.plan(Asking(f"{name} {text}", document, alone, variables), context)
        if plan.statement is None:
            yield Explained(name, RESOLVED, plan.reason)
        else:
            holes = list(dict.fromkeys(f"{hole.type.name}.{hole.name}" for hole in plan.statement.holes))
            yield Explained(name, COMPILED, sql=plan.statement.sql, computed=holes)
