"""Plans: statements kept by what they answer, so that an operation is compiled once for all who ask alike."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import structlog
from graphql import FragmentDefinitionNode, GraphQLError, OperationDefinitionNode, get_variable_values
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.errors import RejectedError
from linli.core.records.store import NoDistrict

from ..compose import DistrictSchema
from ..context import Context
from .dialects import DIALECTS
from .shapes import Shape, shape_of, stand_in_viewer
from .standins import Probe, apart
from .statements import Statement, Writer
from .tokens import NotCompilableError, Tokens

log = structlog.get_logger(__name__)

MAX_PLANS = 2000
MAX_CHARACTERS = 20_000_000
"""How many characters of SQL are kept; anybody may send operations of any shape."""


@dataclass(frozen=True)
class Plan:
    """The statement of an operation, or why there is none."""

    statement: Statement | None
    reason: str = ""

    @property
    def size(self) -> int:
        """Characters that it takes, about."""
        return 500 if self.statement is None else 500 + len(self.statement.sql)


class Plans:
    """The most recently used plans of one schema, bounded in number and in size."""

    def __init__(self) -> None:
        self._plans: OrderedDict[Any, Plan] = OrderedDict()
        self._room = MAX_CHARACTERS

    def get(self, key: Any) -> Plan | None:
        """The plan of a shape, where it is known."""
        found = self._plans.get(key)
        if found is not None:
            self._plans.move_to_end(key)
        return found

    def put(self, key: Any, plan: Plan) -> None:
        """Keep a plan; those that nobody used for longest go."""
        before = self._plans.pop(key, None)
        self._plans[key] = plan
        self._room -= plan.size - (0 if before is None else before.size)
        while len(self._plans) > MAX_PLANS or self._room < 0:
            self._room += self._plans.popitem(last=False)[1].size

    def __len__(self) -> int:
        return len(self._plans)


@dataclass(frozen=True)
class Asked:
    """An operation with what it is asked with: coerced variables, and fragments of its document."""

    text: str
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues


class _Sources(dict[str, Any]):
    """As clients wrote their variables: GraphQL makes literals of them where one is a part of a JSON value."""

    def _refuse(self, *_: object) -> NoReturn:
        raise NotCompilableError("a variable is a part of a literal")

    get = __getitem__ = __contains__ = _refuse


def coerced(
    schema: DistrictSchema, operation: OperationDefinitionNode, given: Mapping[str, Any]
) -> VariableValues | None:
    """The values of an operation's variables; None where they are refused, which the other executor says why."""
    found = get_variable_values(schema._schema, operation.variable_definitions or (), dict(given))
    return None if isinstance(found, list) else found


def key_of(asked: Asked, shape: Shape, context: Context) -> Any:
    """By what a plan is kept."""
    return (asked.text, asked.operation.name.value if asked.operation.name else None, shape.key, context.language)


def compiled(asked: Asked, shape: Shape, mint: Any, context: Context, dialect: str) -> Plan:
    """The plan of an operation for all that have the shape. Nothing is read to make it."""

    def write() -> Plan:
        tokens = Tokens()
        variables = VariableValues(_Sources(), mint(tokens))
        viewer = stand_in_viewer(context.viewer, tokens, shape.viewer_at)
        probe = Probe(context.district, context.schema, viewer, context.language, operation=asked.text)
        fragments = {name: FragmentDetails(one) for name, one in asked.fragments.items()}
        writer = Writer(context.schema, probe, DIALECTS[dialect], tokens, asked.operation, fragments, variables)
        return Plan(writer.statement())

    try:
        plan: Plan = apart(write)
    except NoDistrict:
        return Plan(None, "a resolver reads before it answers")
    except (NotCompilableError, RejectedError, GraphQLError) as why:
        return Plan(None, str(why))
    except Exception as error:  # whatever a resolver makes of stand-ins, it answers by itself
        log.debug("not_compiled", district=context.district.key, why=repr(error))
        return Plan(None, f"{type(error).__name__}: {error}")
    return plan


def values_of(shape: Shape) -> list[Any]:
    """What a statement takes anew for a request, the present instant the last."""
    return [*shape.values, clock.now()]


def shaped(asked: Asked, viewer: Viewer) -> tuple[Shape, Any]:
    """The shape of a request, and how its stand-ins are made."""
    return shape_of(asked.variables.coerced, viewer)
