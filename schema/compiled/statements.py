"""Statements: from the selections of an operation to the SQL that answers them as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import (
    ArgumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    Visitor,
    get_named_type,
    is_composite_type,
    visit,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values
from pypika_tortoise.context import SqlContext
from pypika_tortoise.terms import Parameter, Parameterizer
from strawberry.types.arguments import convert_arguments
from tortoise.queryset import QuerySet, ValuesQuery

from linli.core.people.models import Person
from linli.core.records.store import NoDistrict

from ..compose import DistrictSchema
from ..declare.batches import written
from ..declare.fields import DeclaredField
from ..declare.node import Node
from ..declare.pages import Page
from .columns import column_json
from .constants import with_constants
from .dialects import BAIL, Dialect, column_kind, literal
from .lists import listed
from .people import kept, merged_twice
from .standins import Few, Lookup, Probe, ProbeInfo, Row, StandIn, outcome
from .tokens import Given, Make, NotCompilableError, Tokens

Details = list[FieldDetails]
DEFINITION = "strawberry-definition"
HOLE = "\x01"
MAX_CHARACTERS = 200_000
MAX_DEPTH = 12
_PARAMETER = re.compile("\x03(\\d+)\x03")


@dataclass(frozen=True)
class Hole:
    """A field that Python computes, of the rows with a number in the statement."""

    row: int
    node: Node
    type: GraphQLObjectType
    name: str
    details: Details


@dataclass(frozen=True)
class Statement:
    """The SQL of an operation, how its parameters are made, and the holes in what it answers."""

    sql: str
    makes: tuple[Make, ...]
    holes: tuple[Hole, ...]

    def parameters(self, values: Sequence[Any]) -> list[Any]:
        """The parameters for the values of one request, its instant the last."""
        return [make(values) for make in self.makes]


class _Recorder(Parameterizer):
    """Writes a mark for each value, so that the parts of a statement can be put together in any order."""

    def should_parameterize(self, value: Any) -> bool:
        return isinstance(value, Given) or super().should_parameterize(value)

    def create_param(self, value: Any) -> Parameter:
        self.values.append(value)
        return Parameter(f"\x03{len(self.values) - 1}\x03")


class Writer:
    """Writes one statement: for one operation, one shape of what is given, on one engine."""

    def __init__(  # noqa: PLR0917  all of it is one operation
        self,
        schema: DistrictSchema,
        context: Probe,
        dialect: Dialect,
        tokens: Tokens,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDetails],
        variables: VariableValues,
    ) -> None:
        self.schema, self.context, self.dialect, self.tokens = schema, context, dialect, tokens
        self._operation, self._fragments, self._variables = operation, dict(fragments), variables
        self._recorder = _Recorder()
        self._holes: list[Hole] = []
        self._rows = 0
        self._loose: set[int] = set()
        self.depth = 0

    def statement(self) -> Statement:
        """The whole of it. Raises NotCompilableError, and whatever a resolver raises."""
        root = self.schema._schema.query_type
        assert root is not None
        grouped = collect_fields(
            self.schema._schema, self._fragments, self._variables, root, self._operation
        ).grouped_field_set
        fields = [(name, self._root(root, details)) for name, details in grouped.items()]
        return self._finished(self.dialect.whole(self.record(fields)))

    def record(self, fields: Sequence[tuple[str, str]]) -> str:
        """A JSON object of fields and the SQL of their JSON."""
        if not fields:
            return "'{}'"
        parts = []
        for number, (name, sql) in enumerate(fields):
            parts += [literal(f"{',' if number else '{'}{orjson.dumps(name).decode()}:"), sql]
        return self.dialect.concat([*parts, "'}'"])

    def grouped(self, type_: GraphQLObjectType, details: Details) -> Mapping[str, Details]:
        """The fields that are selected of a type, by their names in the answer."""
        return collect_subfields(
            self.schema._schema, self._fragments, self._variables, self._operation, type_, details
        ).grouped_field_set

    def _root(self, root: GraphQLObjectType, details: Details) -> str:
        name = details[0].node.name.value
        if name == "__typename":
            return literal(orjson.dumps(root.name).decode())
        definition = root.fields.get(name)
        field = None if definition is None else definition.extensions.get(DEFINITION)
        if definition is None or not isinstance(field, DeclaredField) or not is_composite_type(_named(definition)):
            raise NotCompilableError(f"Query.{name} is computed by Python")
        return self._led_to(definition, details, self._asked(field, None, definition, details))

    def object(self, row: Row, type_: GraphQLObjectType, details: Details) -> str:
        """The JSON of a row."""
        row.told = False
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotCompilableError("the operation is deeper than statements are")
        made = self.record(
            [(name, self._field(row, type_, name, one)) for name, one in self.grouped(type_, details).items()]
        )
        self.depth -= 1
        return made

    def _field(self, row: Row, type_: GraphQLObjectType, name: str, details: Details) -> str:
        asked = details[0].node.name.value
        if asked == "__typename":
            return literal(orjson.dumps(type_.name).decode())
        definition = type_.fields[asked]
        field = definition.extensions.get(DEFINITION)
        if not isinstance(field, DeclaredField):
            raise NotCompilableError(f"{type_.name}.{asked} is no declared field")
        if field.declared.kind == "column" and (made := column_json(self, row, field, definition)) is not None:
            return made
        if is_composite_type(_named(definition)) and field.resolver is not None:
            before = self._mark()
            try:
                return self._led_to(definition, details, self._asked(field, row, definition, details))
            except (NotCompilableError, NoDistrict):
                self._forget(before)
        return self._hole(row, type_, name, field, details)

    def _mark(self) -> tuple[int, int, int, int]:
        return (len(self._holes), len(self._recorder.values), self._rows, self.depth)

    def _forget(self, before: tuple[int, int, int, int]) -> None:
        del self._holes[before[0] :]
        del self._recorder.values[before[1] :]
        self._loose = {number for number in self._loose if number < before[1]}
        self._rows, self.depth = before[2], before[3]

    def _asked(self, field: DeclaredField, row: Row | None, definition: GraphQLField, details: Details) -> Any:
        """What the resolver of a field answers to stand-ins."""
        given = get_argument_values(definition, details[0].node, self._variables, details[0].fragment_variable_values)
        converter = self.schema.schema_converter
        arguments = convert_arguments(
            given, field.arguments, scalar_registry=converter.scalar_registry, config=self.schema.config
        )
        assert field.resolver is not None
        source: Any = None if row is None else StandIn(row)
        info: Any = ProbeInfo(self.context)
        return outcome(field.resolver(source, info, **with_constants(arguments, self.tokens)))

    def _led_to(self, definition: GraphQLField, details: Details, result: Any) -> str:
        strict = isinstance(definition.type, GraphQLNonNull)
        named = _named(definition)
        if result is None and not strict:
            return "'null'"
        if type(result) is Few:
            return self._few(result, named, details)
        if type(result) is Lookup:
            return self._looked_up(result, named, details, strict=strict)
        if isinstance(result, Page) and isinstance(named, GraphQLObjectType):
            return listed(self, result, named, details)
        if isinstance(result, list) and result and all(one is None or type(one) is Lookup for one in result):
            items = ["'null'" if one is None else self._looked_up(one, named, details, strict=False) for one in result]
            parts = [part for item in items for part in ("','", item)]
            return self.dialect.concat(["'['", *parts[1:], "']'"])
        raise NotCompilableError(f"a resolver answers what is no declared record: {type(result).__name__}")

    def _looked_up(self, lookup: Lookup, named: Any, details: Details, *, strict: bool) -> str:
        node = self._node(lookup, named)
        type_ = self.schema._schema.type_map[node.name]
        assert isinstance(type_, GraphQLObjectType)
        conditions = [lookup.condition]
        if lookup.model is Person and lookup.id is not None:
            conditions.append(kept(self.context, lookup.id))
        found = []
        for condition in conditions:
            row = self.row(node)
            made = self.object(row, type_, details)
            query = lookup.model.filter(condition)
            query = query.order_by(*lookup.order).limit(1) if lookup.order else query
            found.append(f"(SELECT {made} FROM ({self.written(self.of(row, query), True)}) {row.alias})")  # noqa: S608
        if len(found) > 1:
            twice = self.written(Person.filter(merged_twice(lookup.id)).only("id"), True)
            found.append(f"(SELECT {literal(BAIL)} FROM ({twice}) m)")  # noqa: S608  SQL of ours
        return f"coalesce({', '.join(found)}, {literal(BAIL) if strict else literal('null')})"

    def _few(self, few: Few, named: Any, details: Details) -> str:
        node = self._node(few, named)
        type_ = self.schema._schema.type_map[node.name]
        assert isinstance(type_, GraphQLObjectType)
        row = self.row(node)
        made = self.object(row, type_, details)
        names = [name.lstrip("-") for name in few.order]
        ways = [" DESC" if name.startswith("-") else "" for name in few.order]
        order = ", ".join(f"{row.column(name)}{way}" for name, way in zip(names, ways, strict=True))
        query = self.written(self.of(row, few.model.filter(few.condition).order_by(*few.order)))
        rows = f"FROM ({query}{self.dialect.count_more}) {row.alias}"
        array = self.dialect.concat(["'['", self.dialect.joined(made, order, ""), "']'"])
        return f"(SELECT {array} {rows})"

    def _node(self, lookup: Lookup, named: Any) -> Node:
        """The declared type of a record that was looked up."""
        known = self.schema._schema.type_map
        nodes = [one for one in Node.registry.values() if one.model is lookup.model and one.name in known]
        if isinstance(named, GraphQLObjectType):
            nodes = [one for one in nodes if one.name == named.name]
        elif not isinstance(named, GraphQLInterfaceType):
            nodes = []
        if len(nodes) != 1:
            raise NotCompilableError(f"{lookup.model.__name__} does not tell its type")
        return nodes[0]

    def row(self, node: Node) -> Row:
        """The rows of another subquery."""
        self._rows += 1
        return Row(node, self._rows, self.tokens)

    def of(self, row: Row, query: QuerySet[Any]) -> QuerySet[Any]:
        """A query with the columns that are read of its rows."""
        return query if row.holed else query.only(*sorted(row.needs))

    def of_id(self, row: Row, query: QuerySet[Any]) -> str:
        """The SQL of a query, of the row alone that is at hand."""
        return self.written(query.filter(id=row.reference("id")).only("id"))

    def written(self, query: QuerySet[Any] | ValuesQuery[Any], loose: bool = False) -> str:
        """The SQL of a query; `loose` where a column that may be null leads to nothing then."""
        context: SqlContext = query.model._meta.db.query_class.SQL_CONTEXT
        before = len(self._recorder.values)
        made = written(query, context.copy(parameterizer=self._recorder))
        if loose:
            self._loose.update(range(before, len(self._recorder.values)))
        return made

    def _hole(self, row: Row, type_: GraphQLObjectType, name: str, field: DeclaredField, details: Details) -> str:
        self._check_hole(type_, field, details)
        self._holes.append(Hole(row.number, row.node, type_, name, details))
        mark = literal(f"{HOLE}{len(self._holes) - 1}|")
        if row.told:
            return self.dialect.concat([mark, literal(HOLE)])
        row.told = row.holed = True
        columns = row.node.model._meta.fields_db_projection
        kept_as = [
            self.dialect.raw(column_kind(row.node.model._meta.fields_map[one]), row.column(one)) for one in columns
        ]
        return self.dialect.concat([mark, self.dialect.array(kept_as), literal(HOLE)])

    def _check_hole(self, type_: GraphQLObjectType, field: DeclaredField, details: Details) -> None:
        """Refuse what writes something down when it is read: it must not be asked twice."""
        told = f"{type_.name}.{field.python_name}"
        if field.declared.recorded:
            raise NotCompilableError(f"{told} is recorded when it is read")
        for one in details:
            visit(one.node, _Recorded(told, self._fragments, self.schema))

    def _finished(self, sql: str) -> Statement:
        makes: list[Make] = []
        numbers: dict[int, str] = {}

        def put(found: re.Match[str]) -> str:
            number = int(found[1])
            if number not in numbers:
                value = self._recorder.values[number]
                column = self.tokens.column(value, nullable=number in self._loose)
                if column is None:
                    makes.append(self.tokens.made(value))
                    column = f"{'$' if self.dialect.name == 'postgres' else '?'}{len(makes)}"
                numbers[number] = column
            return numbers[number]

        made = _PARAMETER.sub(put, f"SELECT {sql} AS answer")
        if len(made) > MAX_CHARACTERS:
            raise NotCompilableError("the statement would be too long")
        return Statement(made, tuple(makes), tuple(self._holes))


def _named(definition: GraphQLField) -> Any:
    return get_named_type(definition.type)


class _Recorded(Visitor):
    """Finds beneath a field what is recorded when it is read."""

    def __init__(self, told: str, fragments: Mapping[str, FragmentDetails], schema: DistrictSchema) -> None:
        super().__init__()
        self._told, self._fragments, self._schema = told, fragments, schema
        self._recorded = schema.recorded_fields

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        if node.name.value in ("reveal", "filter"):
            raise NotCompilableError(f"{self._told} asks by {node.name.value}, which may be recorded")

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.name.value in self._recorded:
            raise NotCompilableError(f"{self._told}: {node.name.value} is recorded when it is read")

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        visit(self._fragments[node.name.value].definition, self)
