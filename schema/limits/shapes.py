"""What a text asks for, in figures: counted once per definition, fragments wherever they stand. 操作形状。

A text is measured before it is validated, so nothing here relies on its being valid, nor on its fragments ending.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(frozen=True)
class Shape:
    """Figures of one selection: `depth` in levels of fields, the others in numbers of what stands there."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    introspections: int = 0
    introspection_depth: int = 0

    def __add__(self, other: Shape) -> Shape:
        """Both beside each other."""
        return Shape(
            max(self.depth, other.depth),
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.introspections + other.introspections,
            max(self.introspection_depth, other.introspection_depth),
        )


NOTHING = Shape()


class Measured:
    """The figures of a text's definitions. One fragment is measured once, however often and wherever it is spread."""

    def __init__(self, document: DocumentNode) -> None:
        self.operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        self.fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._known: dict[str, Shape] = {}
        self._open: set[str] = set()
        self.circular = False
        """Whether a fragment was found that spreads itself: the text is not valid."""

    def of(self, definition: OperationDefinitionNode | FragmentDefinitionNode) -> Shape:
        """The figures of an operation, or of a fragment as if it were one."""
        return self._set(definition.selection_set) + Shape(directives=_directives(definition))

    def root_fields(self, operation: OperationDefinitionNode) -> int:
        """How many fields an operation asks the root for, by the names they have in the answer."""
        return len({key for key, _ in _flat([operation.selection_set], self.fragments)})

    def repeats(self, definition: OperationDefinitionNode | FragmentDefinitionNode) -> int:
        """How often the place of the answer that is asked for most often is asked for.

        Validation compares each of these with each. To be asked where `fields` is known to be small, and no fragment
        is circular.
        """
        return self._most([definition.selection_set])

    def _most(self, sets: Iterable[SelectionSetNode]) -> int:
        places: dict[str, list[FieldNode]] = {}
        for key, field in _flat(sets, self.fragments):
            places.setdefault(key, []).append(field)
        most = 0
        for fields in places.values():
            inner = [field.selection_set for field in fields if field.selection_set is not None]
            most = max(most, len(fields), self._most(inner) if inner else 0)
        return most

    def _set(self, selections: SelectionSetNode) -> Shape:
        found = NOTHING
        for selection in selections.selections:
            found += self._one(selection) + Shape(directives=_directives(selection))
        return found

    def _one(self, selection: SelectionNode) -> Shape:
        match selection:
            case FieldNode():
                return self._field(selection)
            case InlineFragmentNode():
                return self._set(selection.selection_set)
            case FragmentSpreadNode():
                return self._fragment(selection.name.value)
        return NOTHING

    def _field(self, field: FieldNode) -> Shape:
        inner = NOTHING if field.selection_set is None else self._set(field.selection_set)
        own = Shape(fields=1, aliases=field.alias is not None and field.alias.value != field.name.value)
        if field.name.value in INTROSPECTION:
            asked = Shape(0, inner.fields, inner.aliases, inner.directives, 1, 1 + inner.depth)
            return own + asked
        deeper = Shape(1 + inner.depth, introspection_depth=inner.introspection_depth)
        return own + inner + deeper

    def _fragment(self, name: str) -> Shape:
        """One that spreads itself ends where it comes again: validation refuses it."""
        if name in self._open:
            self.circular = True
            return NOTHING
        if name not in self.fragments:
            return NOTHING
        if name not in self._known:
            self._open.add(name)
            self._known[name] = self.of(self.fragments[name])
            self._open.remove(name)
        return self._known[name]


def _flat(
    sets: Iterable[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterable[tuple[str, FieldNode]]:
    """The fields that stand at one place of the answer, fragments opened, each of them once."""
    waiting, opened = list(sets), set[str]()
    while waiting:
        for selection in waiting.pop().selections:
            match selection:
                case FieldNode():
                    yield (selection.alias or selection.name).value, selection
                case InlineFragmentNode():
                    waiting.append(selection.selection_set)
                case FragmentSpreadNode() if selection.name.value not in opened:
                    opened.add(selection.name.value)
                    if (fragment := fragments.get(selection.name.value)) is not None:
                        waiting.append(fragment.selection_set)


def _directives(node: SelectionNode | DefinitionNode) -> int:
    return len(getattr(node, "directives", None) or ())
