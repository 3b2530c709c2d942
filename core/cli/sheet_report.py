"""What a sheet is, what was found in it and what came of it, shown to the operator. 表格导入报告。"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from linli.core.sheet_imports.applying import Report
from linli.core.sheet_imports.models import SheetImport
from linli.core.sheet_imports.words import RowOutcome
from linli.core.spreadsheets.fields import FIELDS
from linli.core.spreadsheets.findings import Finding, Level
from linli.core.spreadsheets.reading import Recognised

from .language import words
from .messages import note
from .tables import table

SHOWN = 200
"""Findings that are shown; a copy with --annotated has them all."""

_LEVELS = {Level.ERROR: words("error"), Level.WARNING: words("warning"), Level.NOTE: words("note")}


def show_columns(found: Recognised) -> None:
    """What each column was taken for, on stderr."""
    note(words("sheet: {sheet}, header in row {row}", sheet=found.sheet, row=", ".join(map(str, found.header_rows))))
    for column in found.columns:
        field = "-" if column.field is None else f"{FIELDS[column.field].title} {column.field}"
        sure = "" if column.field is None or column.sure else " ?"
        note(f"{column.letter}\t{column.title}\t{field}{sure}")


def show_report(report: Report) -> None:
    """What would come of a sheet."""
    show_findings(report.findings, report.found)
    counts = {outcome: report.outcomes[outcome] for outcome in RowOutcome}
    note(words("rows: {rows}", rows=sum(counts.values())))
    _show_counts(*counts.values())


def show_import(sheet: SheetImport, findings: Sequence[Finding]) -> None:
    """What came of a sheet."""
    show_findings(findings, sheet.found)
    note(words("import: {id}", id=sheet.id))
    _show_counts(sheet.created, sheet.changed, sheet.unchanged, sheet.refused)


def _show_counts(created: int, changed: int, unchanged: int, refused: int) -> None:
    note(
        words(
            "created: {created}, changed: {changed}, unchanged: {unchanged}, refused: {refused}",
            created=created,
            changed=changed,
            unchanged=unchanged,
            refused=refused,
        )
    )


def show_findings(findings: Sequence[Finding], count: int) -> None:
    """Findings row by row, on stdout, without the values."""
    headers = [words("row"), words("column"), words("level"), words("code"), words("problem")]
    rows = [
        (
            str(one.row) if one.row else "",
            "" if one.field is None else FIELDS[one.field].title,
            _LEVELS[one.level],
            one.code,
            one.message,
        )
        for one in findings[:SHOWN]
    ]
    if rows:
        table(headers, rows)
    if count > len(rows):
        note(words("the first {shown} of {count} problems", shown=len(rows), count=count))


def show_list(sheets: Iterable[SheetImport]) -> None:
    """The imports of a district."""
    headers = [words("import"), words("kind"), words("at"), words("state"), words("when")]
    headers += [words("created"), words("changed"), words("refused")]
    rows = [
        (
            str(one.id),
            one.kind,
            one.org.code or one.org.name,
            one.state,
            one.created_at.isoformat(timespec="seconds"),
            str(one.created),
            str(one.changed),
            str(one.refused),
        )
        for one in sheets
    ]
    table(headers, rows)
