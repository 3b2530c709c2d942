"""Judges requests: their texts once each, what their variables decide with every request. 请求限额。"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, parse

from linli.core.config import Limits
from linli.core.errors import text

from ..problems import ProblemError
from .cost import Cost, cost_of
from .rules import TOKENS, refused, too_large

if TYPE_CHECKING:
    from ..execution import Prepared, Request

_TOO_MANY_TOKENS = re.compile(r"Syntax Error: Document contains more tha[nt] \d+ tokens\.")


class Limiter:
    """The limits of one district, for its schema."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema, self.limits = schema, limits

    def parse(self, query: str) -> DocumentNode:
        """Parse a text that is within the limits. Raises GraphQLError, TOO_COSTLY where it is not."""
        try:
            document = parse(query, max_tokens=self.limits.tokens)
        except GraphQLError as error:
            if _TOO_MANY_TOKENS.match(error.message):
                [beyond] = TOKENS.check(self.limits.tokens + 1, self.limits)
                raise beyond from error
            raise
        problem = too_large(document, self.limits)
        if problem is not None:
            raise problem
        return document

    def admit(self, prepared: Prepared, operation: OperationDefinitionNode, request: Request) -> int:
        """What a request costs. Raises ProblemError TOO_COSTLY for one that asks for too much."""
        self._check_variables(request.variables)
        cost, allowed = self.cost(prepared, operation), self.limits.cost
        found = cost.estimate(request.variables)
        if found > allowed:
            raise _too_costly(cost, request.variables, found, allowed)
        return found

    def cost(self, prepared: Prepared, operation: OperationDefinitionNode) -> Cost:
        """What an operation of a prepared text costs; worked out once."""
        name = None if operation.name is None else operation.name.value
        known = prepared.costs.get(name)
        if known is None:
            assert prepared.document is not None, "an operation comes from a text that was read"
            known = prepared.costs[name] = cost_of(self._schema, prepared.document, operation)
        return known

    def _check_variables(self, variables: Mapping[str, Any]) -> None:
        if not variables:
            return
        found, allowed = len(orjson.dumps(dict(variables), default=str)), self.limits.variables_bytes
        if found > allowed:
            told = text(
                "The variables have {found} bytes, allowed {allowed}: upload files, and send long lists in parts",
                found=f"{found:,}",
                allowed=f"{allowed:,}",
            )
            raise refused("variables_bytes", found, allowed, told)


def _too_costly(cost: Cost, variables: Mapping[str, Any], found: int, allowed: int) -> ProblemError:
    first = cost.fitting(variables, allowed)
    much, most = f"{found:,}", f"{allowed:,}"
    if first is None:
        less = text(
            "Cost {found}, allowed {allowed}; ask for fewer lists, or for fewer within each other",
            found=much,
            allowed=most,
        )
        return refused("cost", found, allowed, less)
    told = text("Cost {found}, allowed {allowed}; ask for first: {first}", found=much, allowed=most, first=first)
    return refused("cost", found, allowed, told, first=first)
