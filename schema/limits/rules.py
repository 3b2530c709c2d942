"""The limits of a text, one small class each: what is counted, what is allowed, and what would fit. 文本限额。"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode

from linli.core.config import Limits
from linli.core.errors import Text, text

from ..problems import ProblemError
from .shapes import Measured, Shape

Definition = OperationDefinitionNode | FragmentDefinitionNode

_MANY = 10**9
"""Fragments in fragments multiply; nobody wants to read a figure of a thousand digits."""


def refused(limit: str, found: int, allowed: int, message: Text, **more: object) -> ProblemError:
    """TOO_COSTLY: which limit, what was found, what is allowed, in figures for programs and in words for people."""
    return ProblemError("TOO_COSTLY", message, limit=limit, found=found, allowed=allowed, **more)


class Rule(ABC):
    """A limit: `name` is that of its setting, and stands in the refusal."""

    name: str

    @abstractmethod
    def told(self, found: int, allowed: int) -> Text:
        """Why more is refused, and what would fit."""

    def check(self, found: int, limits: Limits) -> Iterator[ProblemError]:
        """The refusal, where more was found than is allowed."""
        allowed = getattr(limits, self.name)
        if found > allowed:
            found = min(found, _MANY)
            yield refused(self.name, found, allowed, self.told(found, allowed))


class Tokens(Rule):
    """Words and signs of the text; how many there are is not known, since reading ends at the limit."""

    name = "tokens"

    def told(self, found: int, allowed: int) -> Text:
        return text(
            "The text has more than {allowed} words and signs: send several requests, and values as variables",
            allowed=allowed,
        )


class Operations(Rule):
    """Operations in one text."""

    name = "operations"

    def told(self, found: int, allowed: int) -> Text:
        return text(
            "{found} operations in one text, allowed {allowed}: send the one you mean", found=found, allowed=allowed
        )


class Fragments(Rule):
    """Fragments in one text."""

    name = "fragments"

    def told(self, found: int, allowed: int) -> Text:
        return text(
            "{found} fragments in one text, allowed {allowed}: write small ones where they stand",
            found=found,
            allowed=allowed,
        )


class RootFields(Rule):
    """Root fields of an operation."""

    name = "root_fields"

    def told(self, found: int, allowed: int) -> Text:
        return text(
            "{found} root fields, allowed {allowed}: ask for lists instead, or send several requests",
            found=found,
            allowed=allowed,
        )


class Repeats(Rule):
    """The same place of the answer."""

    name = "repeats"

    def told(self, found: int, allowed: int) -> Text:
        return text(
            "A field is asked for {found} times at one place, allowed {allowed}: ask for it once",
            found=found,
            allowed=allowed,
        )


class ShapeRule(Rule):
    """A limit of what one definition asks for."""

    def found(self, shape: Shape) -> int:
        """The figure that counts."""
        figure: int = getattr(shape, self.name)
        return figure


class Depth(ShapeRule):
    """Levels of fields."""

    name = "depth"

    def told(self, found: int, allowed: int) -> Text:
        return text(
            "Fields stand {found} deep in each other, allowed {allowed}: ask for what is deeper by its id",
            found=found,
            allowed=allowed,
        )


class Fields(ShapeRule):
    """Fields, those of a fragment wherever it stands."""

    name = "fields"

    def told(self, found: int, allowed: int) -> Text:
        return text(
            "{found} fields are selected, allowed {allowed}: send several requests",
            found=found,
            allowed=allowed,
        )


class Aliases(ShapeRule):
    """Fields by other names."""

    name = "aliases"

    def told(self, found: int, allowed: int) -> Text:
        return text(
            "{found} aliases, allowed {allowed}: ask for lists instead, or send several requests",
            found=found,
            allowed=allowed,
        )


class Directives(ShapeRule):
    """Directives."""

    name = "directives"

    def told(self, found: int, allowed: int) -> Text:
        return text(
            "{found} directives, allowed {allowed}: put them on a field that holds the others",
            found=found,
            allowed=allowed,
        )


class Introspections(ShapeRule):
    """Fields that ask for the schema itself."""

    name = "introspections"

    def told(self, found: int, allowed: int) -> Text:
        return text(
            "The schema is asked for {found} times, allowed {allowed}: ask for all of it once and keep it",
            found=found,
            allowed=allowed,
        )


class IntrospectionDepth(ShapeRule):
    """Levels of fields in what asks for the schema itself."""

    name = "introspection_depth"

    def told(self, found: int, allowed: int) -> Text:
        return text(
            "The schema is asked for {found} deep, allowed {allowed}: follow types by their names",
            found=found,
            allowed=allowed,
        )


TOKENS, OPERATIONS, FRAGMENTS, ROOT_FIELDS, REPEATS = Tokens(), Operations(), Fragments(), RootFields(), Repeats()
SHAPES: tuple[ShapeRule, ...] = (
    Depth(),
    Fields(),
    Aliases(),
    Directives(),
    Introspections(),
    IntrospectionDepth(),
)


def too_large(document: DocumentNode, limits: Limits) -> ProblemError | None:
    """Why a text is refused before anybody validates it: the first limit that it goes beyond; None where it fits."""
    return next(_judged(document, limits), None)


def _judged(document: DocumentNode, limits: Limits) -> Iterator[ProblemError]:
    measured = Measured(document)
    yield from OPERATIONS.check(len(measured.operations), limits)
    yield from FRAGMENTS.check(sum(isinstance(one, FragmentDefinitionNode) for one in document.definitions), limits)
    definitions: list[Definition] = [*measured.operations, *measured.fragments.values()]
    for definition in definitions:
        shape = measured.of(definition)
        for rule in SHAPES:
            yield from rule.check(rule.found(shape), limits)
    for operation in measured.operations:
        yield from ROOT_FIELDS.check(measured.root_fields(operation), limits)
    for definition in () if measured.circular else definitions:
        yield from REPEATS.check(measured.repeats(definition), limits)
