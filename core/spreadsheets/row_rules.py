"""Rules between the cells of a row, and between rows: what must be there, and what contradicts something. 行规则。"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from ..errors import Text, text
from ..people import citizen_id
from .documents import Documents
from .field import SheetKind
from .fields import FIELDS
from .findings import Finding, Level
from .places import parts
from .reading import Recognised

_PLACES = {name: f"place.{name}" for name in ("compound", "building", "unit", "floor", "number")}


@dataclass(slots=True)
class Judged:
    """A row while it is judged."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    instead: str | None = None
    """What stood in the column of id numbers and is none."""

    def add(self, column: int | None, key: str | None, level: Level, code: str, message: Text) -> None:
        """Note a finding."""
        self.findings.append(Finding(self.number, column, key, level, code, message))

    def refused(self, key: str) -> bool:
        """Whether a cell of this field was refused."""
        return any(one.field == key and one.level is Level.ERROR for one in self.findings)


class RowRules:
    """The rules of a sheet; remembers in which row an id number was, so that the second one is told."""

    def __init__(self, recognised: Recognised, today: date) -> None:
        self._kind = recognised.kind
        self._columns = {one.field: one.index for one in recognised.columns if one.field}
        self._required = [one.key for one in FIELDS.values() if recognised.kind in one.required]
        self._latest = today + timedelta(days=1)  # somewhere it is tomorrow already
        self._seen: dict[str, int] = {}
        self._documents = Documents(recognised, self._add)

    def judge(self, row: Judged) -> None:
        """Complete the values of a row and note what is wrong between them."""
        self._excuse_months(row)
        if self._kind is SheetKind.PEOPLE:
            self._documents.judge(row)
        if "place.address" in row.values:
            self._address(row)
        for key in self._required:
            if key not in row.values and not row.refused(key):
                self._add(row, key, Level.ERROR, "VALUE_MISSING", text("{title} is missing", title=FIELDS[key].title))
        if "person.idNumber" in row.values:
            self._id_number(row, row.values["person.idNumber"])
        born = row.values.get("person.birthDate")
        if born is not None and born > self._latest:
            del row.values["person.birthDate"]
            self._add(
                row, "person.birthDate", Level.ERROR, "BIRTH_DATE_FUTURE", text("{found} is in the future", found=born)
            )
        start, end = row.values.get("validFrom"), row.values.get("validTo")
        if start is not None and end is not None and end < start:
            self._add(row, "validTo", Level.ERROR, "END_BEFORE_START", text("The end lies before the start"))

    def _excuse_months(self, row: Judged) -> None:
        """A month of birth is no date, and no reason to keep the person out: communities write 出生年月."""
        for at, one in enumerate(row.findings):
            if one.field == "person.birthDate" and one.code == "DATE_INCOMPLETE":
                row.findings[at] = replace(one, level=Level.WARNING)

    def _address(self, row: Judged) -> None:
        """Parts that have no column of their own are taken from the address."""
        if "place.number" in row.values:
            return
        found = parts(row.values["place.address"])
        for name, value in found.items():
            row.values.setdefault(_PLACES[name], value)
        if not found and "place.number" not in self._columns:
            told = text(
                "Building and room cannot be told from this address: write it as {example}", example="3栋2单元501"
            )
            self._add(row, "place.address", Level.WARNING, "ADDRESS_UNCLEAR", told)

    def _id_number(self, row: Judged, number: str) -> None:
        born, gender = row.values.get("person.birthDate"), row.values.get("person.gender")
        if born is not None and born != citizen_id.birth_date(number):
            told = text("The id number names another date of birth")
            self._add(row, "person.birthDate", Level.ERROR, "BIRTH_DATE_DIFFERS", told)
        if gender is not None and (gender == "MALE") != citizen_id.is_male(number):
            told = text("The id number is that of a person of the other gender")
            self._add(row, "person.gender", Level.WARNING, "GENDER_DIFFERS", told)
        if self._kind is not SheetKind.PEOPLE:
            return
        first = self._seen.setdefault(number, row.number)
        if first != row.number:
            told = text("Row {row} has this id number too", row=first)
            self._add(row, "person.idNumber", Level.WARNING, "ID_NUMBER_TWICE", told)

    def _add(self, row: Judged, key: str, level: Level, code: str, message: Text) -> None:
        row.add(self._columns.get(key), key, level, code, message)
