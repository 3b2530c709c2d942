"""What an operation costs: how many records its answer may hold, told from its page sizes before anything is read.

Pure functions over the validated text, the schema and the declarations. A record costs 1 wherever it stands in the
answer, and so does a value with fields of its own; what stands in a list counts as often as the list may be long; a
list costs 1 more, and 1 for every 100 rows that `offset` skips; a statistic and a mutation cost 10. Of the types that
one place may answer, the dearest counts. 开销估算。
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    value_from_ast_untyped,
)

from ..declare.pages import DEFAULT_PAGE, MAX_OFFSET, MAX_PAGE
from ..declare.sizes import Fixed, Paged, Size

WORK = 10
"""What a mutation or a statistic costs beside what it answers."""
SKIPPED = 100
"""How many rows that an offset skips cost as much as one that is answered."""
PAGED = Paged(DEFAULT_PAGE, MAX_PAGE)
UNSAID = Fixed()
Variables = Mapping[str, Any]


@dataclass(frozen=True)
class Variable:
    """A value that the request gives."""

    name: str


class Part:
    """One field or fragment of an operation: `before` once, and as often as `size` says what `each` and `inner` cost.

    It counts only where every condition of `when` is as it says; `choices` exclude each other.
    """

    __slots__ = ("arguments", "before", "choices", "each", "inner", "size", "when")

    def __init__(
        self,
        *,
        before: int = 0,
        each: int = 0,
        size: Size | None = None,
        arguments: Mapping[str, Any] | None = None,
        when: tuple[tuple[Any, bool], ...] = (),
    ) -> None:
        self.before, self.each, self.size, self.when = before, each, size, when
        self.arguments: Mapping[str, Any] = arguments or {}
        self.inner: list[Part] = []
        self.choices: dict[str, list[Part]] = {}

    @property
    def parts(self) -> Iterator[Part]:
        """All that stands right in it."""
        yield from self.inner
        for choice in self.choices.values():
            yield from choice


class Cost:
    """What one operation of a text costs, as far as the text tells; the rest is told by the variables."""

    def __init__(self, top: Part, defaults: Variables) -> None:
        self._top, self._defaults = top, defaults

    def estimate(self, variables: Variables) -> int:
        """How many records the answer may hold; never less than it does."""
        return self._reckoned(variables) if self._by_variables else self._constant

    def fitting(self, variables: Variables, allowed: int) -> int | None:
        """With which page size at most the operation would cost no more than `allowed`; None where with none."""
        if self._reckoned(variables, 1) > allowed:
            return None
        fits, fails = 1, MAX_PAGE
        while fails - fits > 1:
            middle = (fits + fails) // 2
            if self._reckoned(variables, middle) <= allowed:
                fits = middle
            else:
                fails = middle
        return fits

    @cached_property
    def _constant(self) -> int:
        return self._reckoned({})

    @cached_property
    def _by_variables(self) -> bool:
        waiting, seen = [self._top], set[int]()
        while waiting:
            part = waiting.pop()
            values = (*part.arguments.values(), *(condition for condition, _ in part.when))
            if any(isinstance(value, Variable) for value in values):
                return True
            seen.add(id(part))
            waiting += (one for one in part.parts if id(one) not in seen)
        return False

    def _reckoned(self, variables: Variables, cap: int | None = None) -> int:
        return _Reckoning({**self._defaults, **variables}, cap).of(self._top)


class _Reckoning:
    """One estimate; a fragment is reckoned once, wherever it is spread."""

    def __init__(self, variables: Variables, cap: int | None) -> None:
        self._variables, self._cap = variables, cap
        self._known: dict[int, int] = {}

    def of(self, part: Part) -> int:
        known = self._known.get(id(part))
        if known is None:
            known = self._known[id(part)] = self._of(part)
        return known

    def _of(self, part: Part) -> int:
        if any(self._value(condition) is not wanted for condition, wanted in part.when):
            return 0
        inner = part.each + sum(map(self.of, part.inner))
        inner += max((sum(map(self.of, choice)) for choice in part.choices.values()), default=0)
        if part.size is None:
            return part.before + inner

        def given(name: str) -> Any:
            return self._value(part.arguments.get(name))

        offset = given("offset")
        skipped = min(max(offset, 0), MAX_OFFSET) // SKIPPED if isinstance(offset, int) else 0  # refused beyond
        return part.before + skipped + part.size.most(given, self._cap) * inner

    def _value(self, given: Any) -> Any:
        return self._variables.get(given.name) if isinstance(given, Variable) else given


def cost_of(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Cost:
    """The cost of an operation in a validated text."""
    root = schema.get_root_type(operation.operation)
    assert root is not None, "a valid operation has a root"
    reading = _Reading(schema, document)
    top = Part()
    reading.fill(top, operation.selection_set, root)
    if operation.operation is OperationType.MUTATION:
        top.before = WORK * len(operation.selection_set.selections)
    defaults = {
        one.variable.name.value: value_from_ast_untyped(one.default_value)
        for one in operation.variable_definitions or ()
        if one.default_value is not None
    }
    return Cost(top, defaults)


class _Reading:
    """Makes parts of selections."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._known: dict[str, Part] = {}

    def fill(self, part: Part, selections: SelectionSetNode, parent: GraphQLNamedType) -> None:
        """Put what is selected of a type into a part."""
        for selection in selections.selections:
            match selection:
                case FieldNode():
                    self._field(part, selection, parent)
                case InlineFragmentNode():
                    named = selection.type_condition
                    of = parent if named is None else self._schema.type_map[named.name.value]
                    inner = Part(when=_when(selection))
                    self.fill(inner, selection.selection_set, of)
                    _put(part, inner, of, parent)
                case FragmentSpreadNode():
                    spread = Part(when=_when(selection))
                    body, of = self._fragment(selection.name.value)
                    spread.inner.append(body)
                    _put(part, spread, of, parent)

    def _fragment(self, name: str) -> tuple[Part, GraphQLNamedType]:
        of = self._schema.type_map[self._fragments[name].type_condition.name.value]
        if name not in self._known:
            self._known[name] = Part()
            self.fill(self._known[name], self._fragments[name].selection_set, of)
        return self._known[name], of

    def _field(self, part: Part, node: FieldNode, parent: GraphQLNamedType) -> None:
        if node.selection_set is None or node.name.value.startswith("__"):
            return
        field = parent.fields[node.name.value]  # type: ignore[attr-defined]  # of a valid text
        led_to = get_named_type(field.type)
        made = _part(node, field, led_to, parent)
        self.fill(made, node.selection_set, led_to)
        part.inner.append(made)


def _part(node: FieldNode, field: GraphQLField, led_to: GraphQLNamedType, parent: GraphQLNamedType) -> Part:
    when, arguments = _when(node), {one.name.value: _value(one.value) for one in node.arguments or ()}
    size = size_of(field)
    if is_connection(led_to):
        return Part(before=1, size=size or PAGED, arguments=arguments, when=when)
    if is_connection(parent) or is_page_part(led_to):  # the connection counts its rows
        return Part(each=0 if is_page_part(led_to) else 1, when=when)
    if size is not None or _is_list(field):
        return Part(each=1, size=size or UNSAID, arguments=arguments, when=when)
    return Part(before=WORK if is_statistic(led_to) else 0, each=1, when=when)


def is_connection(type_: GraphQLNamedType) -> bool:
    """Whether this is a page of records."""
    return is_object_type(type_) and type_.name.endswith("Connection") and "nodes" in type_.fields


def is_page_part(type_: GraphQLNamedType) -> bool:
    """Whether this belongs to a page and is no record itself."""
    return type_.name == "PageInfo" or (
        type_.name.endswith("Edge") and is_object_type(type_) and "node" in type_.fields
    )


def is_statistic(type_: GraphQLNamedType) -> bool:
    """Whether this counts records instead of showing them."""
    return is_object_type(type_) and type_.name.endswith("Counts") and "total" in type_.fields


def size_of(field: GraphQLField) -> Size | None:
    """How many the field is declared to answer at most; None where it does not say."""
    declared = field.extensions.get("strawberry-definition")
    told = getattr(getattr(declared, "declared", None), "size", None)
    found: Size | None = told or getattr(declared, "metadata", {}).get("size")
    return found


def _put(part: Part, made: Part, of: GraphQLNamedType, parent: GraphQLNamedType) -> None:
    """Add what is selected of a type where another one is asked; types that are not one another exclude each other."""
    if of is not parent and isinstance(of, GraphQLObjectType):
        part.choices.setdefault(of.name, []).append(made)
    else:
        part.inner.append(made)


def _is_list(field: GraphQLField) -> bool:
    of: Any = field.type
    return is_list_type(of.of_type if is_non_null_type(of) else of)


def _when(node: SelectionNode) -> tuple[tuple[Any, bool], ...]:
    wanted = {"include": True, "skip": False}
    return tuple(
        (_value(argument.value), wanted[one.name.value])
        for one in node.directives or ()
        if one.name.value in wanted
        for argument in one.arguments or ()
    )


def _value(node: ValueNode) -> Any:
    """A literal, or the variable that stands there; one within a list counts as a value of it."""
    return Variable(node.name.value) if isinstance(node, VariableNode) else value_from_ast_untyped(node)
