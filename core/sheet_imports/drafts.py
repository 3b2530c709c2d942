"""What one row of a sheet comes to, before anything is written: findings, and what to enter or change. 行草稿。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.models import Model

from ..errors import FieldProblem, RejectedError, Text, ValidationError
from ..people.models import Person
from ..registry.models import Household, HouseholdMember, Premises, Tenure
from ..spreadsheets.findings import Finding, Level
from .words import RowOutcome


@dataclass(slots=True)
class Someone:
    """A person whom rows speak of: stored already, or entered by an earlier row. `here` is whether the importer's
    place is where the person lives, works, owns or is registered."""

    id: UUID
    values: dict[str, Any]
    stored: Person | None = None
    here: bool = True

    @property
    def name(self) -> str:
        """The name in full."""
        found: str = self.values["name"]
        return found


@dataclass(slots=True)
class Home:
    """Premises that rows speak of; `stored` None for those that an earlier row entered."""

    id: UUID
    org_id: UUID
    values: dict[str, Any]
    stored: Premises | None = None


@dataclass(slots=True)
class NewTenure:
    """A tenure that a row enters: what the rules look at, without what a record costs to make."""

    id: UUID
    premises_id: UUID
    person_id: UUID | None
    kind: str
    share_numerator: int | None
    share_denominator: int | None
    valid_from: datetime
    org_id: UUID | None = None
    evidence: str | None = None
    valid_to: datetime | None = None
    _saved_in_db: bool = False


@dataclass(slots=True)
class NewHousehold:
    """A household that a row enters."""

    id: UUID
    premises_id: UUID
    kind: str
    valid_from: datetime
    valid_to: datetime | None = None


@dataclass(slots=True)
class NewMember:
    """A membership that a row enters."""

    id: UUID
    household_id: UUID
    person_id: UUID
    relation: str
    valid_from: datetime
    valid_to: datetime | None = None


@dataclass(slots=True)
class NewDocument:
    """A document of a person that a row enters; `number` as documents are spelt."""

    id: UUID
    person_id: UUID
    kind: str
    number: str
    country: str | None = None


@dataclass(slots=True)
class Changed:
    """Columns of a record with their new values; `home` is the one that a tenure is of."""

    record: Any
    columns: dict[str, Any]
    home: Home | None = None


@dataclass(slots=True)
class Made:
    """A record that a service entered, or changed where it says what was `before`."""

    model: type[Model]
    id: UUID
    version: int
    person_id: UUID | None = None
    before: Mapping[str, Any] | None = None


@dataclass(slots=True)
class RowDraft:
    """One row: everything in it is written, or nothing where a finding is an error. `meant` is whom it speaks of."""

    row: int
    fields: Mapping[str, int]
    findings: list[Finding] = field(default_factory=list)
    people: list[tuple[Someone, frozenset[str]]] = field(default_factory=list)
    homes: list[tuple[Home, bool]] = field(default_factory=list)
    tenures: list[tuple[Tenure, Home]] = field(default_factory=list)
    households: list[tuple[Household, Home]] = field(default_factory=list)
    members: list[tuple[HouseholdMember, Home]] = field(default_factory=list)
    documents: list[tuple[NewDocument, Someone]] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    skipped: bool = False
    meant: Someone | None = None

    def find(self, level: Level, code: str, message: Text, name: str | None = None) -> None:
        """Note a finding, at the column of a field where the sheet has one."""
        column = None if name is None else self.fields.get(name)
        self.findings.append(Finding(self.row, column, name, level, code, message))

    def refuse(self, code: str, message: Text, name: str | None = None) -> None:
        """Note why the row is not written."""
        self.find(Level.ERROR, code, message, name)

    def rejected(self, error: RejectedError, names: Mapping[str, str], default: str | None = None) -> None:
        """Note what a rule refused; `names` leads from the argument of the API to the field of the sheet."""
        problems: Iterable[FieldProblem]
        if isinstance(error, ValidationError):
            problems = error.problems
        else:
            problems = [FieldProblem(".".join(error.path), error.code, error.message)]
        for problem in problems:
            self.refuse(problem.code, problem.message, names.get(problem.path.partition(".")[0], default))

    @property
    def refused(self) -> bool:
        """Whether nothing of the row is written."""
        return any(one.level == Level.ERROR for one in self.findings)

    @property
    def outcome(self) -> RowOutcome | None:
        """What becomes of the row; None for one that holds no data."""
        if self.skipped:
            return None
        if self.refused:
            return RowOutcome.REFUSED
        entered = (self.people, self.homes, self.tenures, self.households, self.members, self.documents)
        if any(entered) or any(one.before is None for one in self.made):
            return RowOutcome.CREATED
        return RowOutcome.CHANGED if self.changed or self.made else RowOutcome.UNCHANGED
