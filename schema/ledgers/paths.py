"""The way from a row to a value: fields as the API declares them, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLEnumType

from linli.core.records.classes import FieldClass, class_of

from ..declare.node import Node
from .declarations import ByKind, Column, Ledger, OneOf

if TYPE_CHECKING:
    from ..context import Context

OPEN = (FieldClass.PUBLIC, FieldClass.INTERNAL)


@dataclass(frozen=True)
class Step:
    """A field of a declared type."""

    node: Node
    name: str

    @property
    def declared(self) -> Any:
        """What the field is."""
        return self.node.fields[self.name].declared

    @property
    def source(self) -> str:
        """The column behind it."""
        found: str = self.declared.source or self.name
        return found

    @property
    def resolver(self) -> Any:
        """What answers it in the API; None where the attribute does."""
        return self.node.fields[self.name].resolver


def steps(node: Node, path: str) -> list[Step]:
    """The fields of a path; raises LookupError, which names the declaration that is wrong."""
    found: list[Step] = []
    here = node
    for name in path.split("."):
        if name not in here.fields:
            raise LookupError(f"{node.name}: {path!r} leads to no field; {here.name} has no {name!r}")
        found.append(Step(here, name))
        if here.fields[name].declared.kind == "relation":
            here = here.related(name)
    return found


def field_class(node: Node, column: Column) -> FieldClass:
    """How much a column tells: of a path the class of the last column, or that of a relation on the way."""
    if not isinstance(column.reads, str):
        assert column.field_class is not None, "a column that is read by a function says so"
        return column.field_class
    passed = [_class_of(step) for step in steps(node, column.reads)]
    return column.field_class or max(passed, key=list(FieldClass).index)


def check_ledger(ledger: Ledger) -> None:
    """Raise LookupError where a path of a ledger leads nowhere, or where groups would tell what is masked."""
    if ledger.type not in Node.registry:
        raise LookupError(f"ledger {ledger.code!r}: no declared type is called {ledger.type!r}")
    node = Node.registry[ledger.type]
    for column in ledger.columns:
        field_class(node, column)
    for narrowing in ledger.filters:
        if isinstance(narrowing, OneOf):
            steps(node, narrowing.path)
    for group in ledger.groups:
        if isinstance(group, ByKind) and _class_of(steps(node, group.field)[-1]) not in OPEN:
            raise LookupError(f"ledger {ledger.code!r}: groups by {group.field!r} would tell what is masked")


def _class_of(step: Step) -> FieldClass:
    known = step.node.model._meta.fields_map
    found = class_of(known[step.source]) if step.source in known else None
    return found or FieldClass.INTERNAL


def revealing(ledger: Ledger) -> Sequence[str]:
    """The permissions by which columns of a ledger are shown in full."""
    node = Node.registry[ledger.type]
    last = [steps(node, column.reads)[-1] for column in ledger.columns if isinstance(column.reads, str)]
    return list(dict.fromkeys(step.declared.reveal for step in last if step.declared.reveal))


def choices(context: Context, step: Step, enum: str | None = None) -> dict[str, str]:
    """The values of a field and their descriptions, in the order of the schema; none where it is no enum."""
    known = getattr(step.declared.type, "__strawberry_definition__", None)
    found = context.schema._schema.type_map.get(enum or str(getattr(known, "name", "")))
    if not isinstance(found, GraphQLEnumType):
        return {}
    return {value: one.description or value for value, one in found.values.items()}
