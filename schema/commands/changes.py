"""What changed between two schemas, the gravest first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from graphql import GraphQLError, GraphQLSchema, build_schema
from graphql.utilities import BreakingChange, DangerousChange, SchemaChange, find_schema_changes

from linli.core.cli.messages import CommandError
from linli.core.errors import Text

from .texts import words

_WEIGHTS = (words("breaking"), words("dangerous"), words("safe"))


@dataclass(frozen=True)
class Change:
    """One change: whether clients break (0), may be surprised (1), or need not care (2); its name and description."""

    grade: int
    name: str
    description: str

    @property
    def breaks(self) -> bool:
        """Whether operations that were valid no longer are."""
        return self.grade == 0

    @property
    def weight(self) -> Text:
        """The grade in words."""
        return _WEIGHTS[self.grade]


def changes(old: GraphQLSchema, new: GraphQLSchema) -> list[Change]:
    """Every change, the breaking ones first."""
    found = [Change(_grade(it), it.type.name, it.description) for it in find_schema_changes(old, new)]
    return sorted(found, key=lambda change: change.grade)


def read(file: Path) -> GraphQLSchema:
    """The schema in a file; raises CommandError where it holds none."""
    try:
        return build_schema(file.read_text("utf-8"))
    except (GraphQLError, TypeError, UnicodeDecodeError) as error:
        raise CommandError(_no_schema(file, error)) from error


def _no_schema(file: Path, error: GraphQLError | TypeError | UnicodeDecodeError) -> Text:
    places = getattr(error, "locations", None)
    line = f":{places[0].line}" if places else ""
    reason = getattr(error, "message", str(error))
    return words(
        "{place}: no schema: {reason}; expected SDL as `linli schema print` writes it",
        place=f"{file}{line}",
        reason=reason,
    )


def _grade(change: SchemaChange) -> int:
    if isinstance(change, BreakingChange):
        return 0
    return 1 if isinstance(change, DangerousChange) else 2
