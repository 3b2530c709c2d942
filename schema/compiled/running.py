"""Running: the statement's bytes become the answer, with what Python computes put into its holes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import orjson
import structlog
from graphql import DocumentNode, FragmentDefinitionNode, GraphQLError, OperationDefinitionNode, OperationType
from graphql.pyutils import Path
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.models import Model

from linli.core.records.store import current_store
from linli.core.records.whole import fetch_bytes

from ..compose import DistrictSchema
from ..context import Context
from .dialects import BAIL
from .plans import Asked, Plan, Plans, coerced, compiled, key_of, shaped, values_of
from .records import record_of
from .statements import HOLE, Hole, Statement

log = structlog.get_logger(__name__)

_BAIL, _HOLE = BAIL.encode(), HOLE.encode()


@dataclass(frozen=True)
class Asking:
    """One operation of a document with what a client gave."""

    text: str
    document: DocumentNode
    operation: OperationDefinitionNode
    variables: Mapping[str, Any]


class Compiler:
    """The compiled executor of one schema."""

    def __init__(self, schema: DistrictSchema) -> None:
        self.schema = schema
        self.plans = Plans()

    async def answer(self, asking: Asking, context: Context) -> bytes | None:
        """The JSON of an operation's data; None for what the other executor has to answer."""
        if asking.operation.operation is not OperationType.QUERY:
            return None
        variables = coerced(self.schema, asking.operation, asking.variables)
        if variables is None:
            return None
        asked = Asked(asking.text, asking.operation, _fragments(asking.document), variables)
        key, plan, values = self._plan(asked, context)
        if plan.statement is None:
            return None
        try:
            return await self._run(plan.statement, values, asking, context)
        except (OperationalError, IntegrityError) as error:
            if current_store().is_transient(error):
                raise
            log.warning("compiled_failed", district=context.district.key, why=str(error)[:200])
            self.plans.put(key, Plan(None, f"the database refuses the statement: {error}"))
            return None

    def plan(self, asking: Asking, context: Context) -> Plan:
        """The plan of an operation, or why there is none: for those who want to know."""
        variables = coerced(self.schema, asking.operation, asking.variables)
        if variables is None:
            return Plan(None, "the variables are refused")
        return self._plan(Asked(asking.text, asking.operation, _fragments(asking.document), variables), context)[1]

    def _plan(self, asked: Asked, context: Context) -> tuple[Any, Plan, Sequence[Any]]:
        shape, mint = shaped(asked, context.viewer)
        key = key_of(asked, shape, context)
        plan = self.plans.get(key)
        if plan is None:
            plan = compiled(asked, shape, mint, context, context.district.store.dialect)
            self.plans.put(key, plan)
        return key, plan, values_of(shape)

    async def _run(self, statement: Statement, values: Sequence[Any], asking: Asking, context: Context) -> bytes | None:
        text = await fetch_bytes(statement.sql, statement.parameters(values))
        if _BAIL in text:
            return None
        if not statement.holes:
            return text
        return await _Holes(self.schema, statement.holes, asking, context).filled(text)


class _Holes:
    def __init__(self, schema: DistrictSchema, holes: Sequence[Hole], asking: Asking, context: Context) -> None:
        self._holes, self._context = holes, context
        self._execution: Any = schema.execution_context_class.build(
            schema._schema,
            asking.document,
            None,
            context,
            dict(asking.variables),
            asking.operation.name.value if asking.operation.name else None,
        )

    async def filled(self, text: bytes) -> bytes | None:
        """The text with each hole filled; None where one of them was answered by an error."""
        parts: list[Any] = text.split(_HOLE)
        rows: dict[int, Model] = {}
        for number in range(1, len(parts), 2):
            index, _, kept = parts[number].partition(b"|")
            hole = self._holes[int(index)]
            if kept:
                rows[hole.row] = record_of(hole.node.model, orjson.loads(kept))
            parts[number] = self._value(hole, rows[hole.row])
        waiting = [number for number in range(1, len(parts), 2) if isawaitable(parts[number])]
        found = await asyncio.gather(*(parts[it] for it in waiting), return_exceptions=True)
        for number, value in zip(waiting, found, strict=True):
            parts[number] = value
        failed = [part for part in parts[1::2] if isinstance(part, BaseException)]
        if unforeseen := [error for error in failed if not isinstance(error, GraphQLError)]:
            raise unforeseen[0]
        if failed or self._execution.collected_errors.errors:
            self._context.positions = 0  # what was counted is counted anew
            return None
        parts[1::2] = [orjson.dumps(value) for value in parts[1::2]]
        return b"".join(parts)

    def _value(self, hole: Hole, row: Model) -> Any:
        path = Path(None, hole.name, hole.type.name)
        try:
            return self._execution.execute_field(hole.type, row, hole.details, path, None)
        except GraphQLError as error:  # of a field that must not be null
            return error


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
