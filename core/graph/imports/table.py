"""A file as a table: which delimiter it uses, which columns it has, and its records with their lines."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO

from ...decoding import Decoded
from ...errors import Text, text
from .report import ImportReport

REQUIRED = ("code", "kind", "name", "parent_code")
OPTIONAL = ("valid_from", "lon", "lat", "crs")
SYNONYMS = {"level": "kind"}
DELIMITERS = ",\t;"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its last line in the file and its values by column, without the spaces around them."""

    line: int
    values: dict[str, str]


def records(source: Decoded, report: ImportReport) -> Iterator[Record]:
    """The records of a file; what cannot be read goes to the report. Empty lines are passed over."""
    delimiter = _delimiter(source.text)
    reader = csv.reader(StringIO(source.text, newline=""), delimiter=delimiter, strict=True)
    lines = _lines(reader, report)
    line, header = next(lines, (1, []))
    columns = _columns(header, line, report)
    for line, values in lines if columns else ():
        if line in source.broken:
            report.refuse_row(line, "code", "ENCODING", text("This line is no {found}", found=source.encoding))
        elif len(values) != len(columns or ()):
            found, allowed = len(values), len(columns or ())
            message = text("{found} values where the header has {allowed} columns", found=found, allowed=allowed)
            report.refuse_row(line, "code", "COLUMN_COUNT", message)
        else:
            yield Record(line, dict(zip(columns or (), values, strict=True)))


def _delimiter(text: str) -> str:
    head = text.lstrip("\r\n").partition("\n")[0]
    return max(DELIMITERS, key=lambda delimiter: sum(name in _KNOWN for name in _names(head.split(delimiter))))


_KNOWN = {*REQUIRED, *OPTIONAL, *SYNONYMS}


def _names(values: list[str]) -> list[str]:
    return [value.strip().strip('"').strip().lower() for value in values]


def _lines(reader: Iterator[list[str]], report: ImportReport) -> Iterator[tuple[int, list[str]]]:
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line: int = reader.line_num  # type: ignore[attr-defined]  # csv's reader has it
            report.refuse_row(line, "code", "CSV_SYNTAX", text("This line is no CSV: {reason}", reason=str(error)))
            return
        values = [value.strip() for value in values]
        if any(values):
            yield reader.line_num, values  # type: ignore[attr-defined]  # as above


def _columns(header: list[str], line: int, report: ImportReport) -> tuple[str, ...] | None:
    """The columns by their own names; None, with the reasons in the report, where they will not do."""
    found, before = _names(header), report.problem_count
    for name in found:
        if name not in _KNOWN:
            report.refuse_row(line, name, "COLUMN_UNKNOWN", _unknown(name))
    columns = tuple(SYNONYMS.get(name, name) for name in found)
    for name in REQUIRED:
        if name not in columns:
            report.refuse_row(line, name, "COLUMN_MISSING", text("The column {name} is missing", name=name))
    for name in sorted({name for name in columns if columns.count(name) > 1}):
        report.refuse_row(line, name, "COLUMN_TWICE", text("The column {name} is there twice", name=name))
    return columns if report.problem_count == before else None


def _unknown(name: str) -> Text:
    near = get_close_matches(name, _KNOWN, 1)
    if near:
        return text("There is no column {found}; did you mean {near}?", found=name, near=near[0])
    allowed = "code, level or kind, name, parent_code, valid_from, lon, lat, crs"
    return text("There is no column {found}; there are: {allowed}", found=name, allowed=allowed)
