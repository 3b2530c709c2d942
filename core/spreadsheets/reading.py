"""Telling what a sheet is: its kind, its header, and which column is which field. 表格识别。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from ..errors import FieldProblem, Text, ValidationError, text
from .archives import column_index, column_letters
from .cells import squeezed
from .columns import Heading, Meaning, meaning, normal
from .field import SheetKind
from .fields import FIELDS
from .findings import Finding, Level
from .headers import LOOKED_AT, Header, Line, find_header, missing
from .samples import sample
from .workbooks import Workbook

_AHEAD = LOOKED_AT + 20

Mapped = Mapping[int | str, str | None]
"""What columns are taken for, by index from 0, letter or title; None for not imported."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: index from 0, letter, title (both levels joined by /), and the field it is taken for.

    `sure` is False where somebody should look; `guess` is a field with a heading alike, which is not taken; `unkept`
    means known and not imported. `sample` has up to three values as they are shown, personal and unknown ones masked.
    """

    index: int
    letter: str
    title: str
    field: str | None
    sure: bool
    guess: str | None
    unkept: bool
    sample: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a sheet was recognised as. With an ERROR among `findings` there are no rows to read.

    `header_rows` and `first_row` count from 1 as Excel does; `missing` are the fields that the kind cannot do without.
    """

    workbook: Workbook
    sheet: str
    kind: SheetKind
    header_rows: tuple[int, ...]
    first_row: int
    columns: tuple[Column, ...]
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def readable(self) -> bool:
        """Whether its rows can be read."""
        return all(one.level is not Level.ERROR for one in self.findings)


def recognised(
    workbook: Workbook,
    *,
    sheet: str | None = None,
    kind: SheetKind | None = None,
    mapping: Mapped | None = None,
) -> Recognised:
    """Recognise a sheet: the named one, or the visible one that reads most like a table.

    `mapping` overrides what columns are taken for: by index from 0, letter or title; None for not imported.
    Raises ValidationError SHEET_UNKNOWN, FIELD_UNKNOWN, COLUMN_UNKNOWN.
    """
    name, header, lines, others = _chosen(workbook, sheet, kind)
    taken = header or Header(kind or SheetKind.PEOPLE, (), _no_headings(lines))
    columns = tuple(_columns(taken, lines, mapping or {}))
    fields = {one.field for one in columns if one.field}
    lacking = missing(taken.kind, fields)
    findings = [*_sheet_findings(columns, lacking), *others]
    if header is None and not fields:
        findings = [_of_sheet(Level.ERROR, "NO_HEADER", text("No row reads like a header: say what the columns are"))]
    first = taken.rows[-1] + 1 if taken.rows else 1
    return Recognised(workbook, name, taken.kind, taken.rows, first, columns, lacking, tuple(findings))


def _chosen(
    workbook: Workbook, sheet: str | None, kind: SheetKind | None
) -> tuple[str, Header | None, list[Line], list[Finding]]:
    """The sheet to read, its header and first lines, and what is to be said of the others."""
    names = [one.name for one in workbook.sheets]
    if sheet is not None and sheet not in names:
        message = text("There is no sheet {found}; there are: {allowed}", found=sheet, allowed=", ".join(names))
        raise ValidationError(FieldProblem("sheet", "SHEET_UNKNOWN", message))
    looked = [one for one in names if one == sheet] if sheet is not None else _visible(workbook)
    found = {name: _looked(workbook, name, kind) for name in looked}
    tables = [name for name, (header, _) in found.items() if header is not None]
    name = max(tables, key=lambda one: _weight(workbook, one, found[one][0])) if tables else looked[0]
    header, lines = found[name]
    rest = [one for one in tables if one != name]
    told = text("Only the sheet {sheet} is read; there are also: {others}", sheet=name, others=", ".join(rest))
    return name, header, lines, [_of_sheet(Level.NOTE, "OTHER_SHEETS", told)] if rest else []


def _visible(workbook: Workbook) -> list[str]:
    shown = [one.name for one in workbook.sheets if not one.hidden and one.rows]
    if not shown:
        message = text("There is no visible sheet with anything in it")
        raise ValidationError(FieldProblem("file", "FILE_EMPTY", message))
    return shown


def _weight(workbook: Workbook, name: str, header: Header | None) -> tuple[int, int]:
    """How much a sheet reads like the one that is meant: by its columns, then by its rows."""
    known = sum(meaning(one, header.kind).field is not None for one in header.headings) if header else 0
    return known, next(one.rows for one in workbook.sheets if one.name == name)


def _looked(workbook: Workbook, name: str, kind: SheetKind | None) -> tuple[Header | None, list[Line]]:
    lines = list(islice(workbook.lines(name), _AHEAD))
    return find_header(lines, workbook.merged(name), kind, name), lines


def _no_headings(lines: Sequence[Line]) -> tuple[Heading, ...]:
    return (("",),) * max((len(cells) for _, cells in lines), default=0)


def _columns(header: Header, lines: Sequence[Line], mapping: Mapped) -> Iterator[Column]:
    titles = [_title(heading) for heading in header.headings]
    meant = [meaning(heading, header.kind) if any(heading) else Meaning() for heading in header.headings]
    said = _overridden(mapping, titles)
    chosen = {at: None if key in said.values() else key for at, key in _settled(meant).items()} | said
    first = header.rows[-1] if header.rows else 0
    for index, (title, one) in enumerate(zip(titles, meant, strict=True)):
        key = chosen[index]
        given = _is_given(mapping, index, title)
        cells = [cells[index] for number, cells in lines if number > first and index < len(cells)]
        if not title and key is None and not any(cell != "" for cell in cells):
            continue
        yield Column(
            index=index,
            letter=column_letters(index),
            title=title,
            field=key,
            sure=given or (one.sure and key is not None),
            guess=None if key or given else one.guess or one.field,
            unkept=one.unkept and key is None,
            sample=sample(key, cells),
        )


def _title(heading: Heading) -> str:
    levels = [" ".join(level.split()) for level in heading if level]
    return "/".join(dict.fromkeys(levels))


def _settled(meant: Sequence[Meaning]) -> dict[int, str | None]:
    """One column for each field: the one that is called just so, otherwise the first."""
    order = sorted(range(len(meant)), key=lambda at: (not meant[at].canonical, not meant[at].sure, at))
    taken: dict[str, int] = {}
    for at in order:
        key = meant[at].field
        if key is not None:
            taken.setdefault(key, at)
    return {at: one.field if one.field and taken[one.field] == at else None for at, one in enumerate(meant)}


def _is_given(mapping: Mapped, index: int, title: str) -> bool:
    return any(key in mapping for key in (index, column_letters(index), title))


def _overridden(mapping: Mapped, titles: Sequence[str]) -> dict[int, str | None]:
    """What the mapping says, by index; a field that it gives to a column is no other column's."""
    return {_index(column, titles): _field(key) for column, key in mapping.items()}


def _index(column: int | str, titles: Sequence[str]) -> int:
    spelt = [normal(title) for title in titles]
    if isinstance(column, str) and normal(column) in spelt:
        return spelt.index(normal(column))
    index = column_index(column) if isinstance(column, str) and column.isascii() and column.isalpha() else column
    if not isinstance(index, int) or not 0 <= index < len(titles):
        message = text("There is no column {found}; write its letter or its title", found=column)
        raise ValidationError(FieldProblem("mapping", "COLUMN_UNKNOWN", message))
    return index


def _field(key: str | None) -> str | None:
    if key is None or key in FIELDS:
        return key
    near = get_close_matches(key, FIELDS, 1, 0)[0]
    message = text("There is no field {found}; did you mean {near}?", found=key, near=near)
    raise ValidationError(FieldProblem("mapping", "FIELD_UNKNOWN", message))


def _sheet_findings(columns: Sequence[Column], lacking: Sequence[str]) -> Iterator[Finding]:
    for key in lacking:
        one = FIELDS[key]
        told = text("The column {title} is missing", title=one.title)
        yield Finding(0, None, key, Level.ERROR, "COLUMN_MISSING", told)
    taken = {one.field for one in columns if one.field}
    for column in columns:
        found = _column_finding(column, taken)
        if found is not None:
            level, code, message = found
            yield Finding(0, column.index, column.field, level, code, message)


def _column_finding(column: Column, taken: set[str]) -> tuple[Level, str, Text] | None:
    title = column.title or column.letter
    if column.unkept:
        return Level.NOTE, "COLUMN_NOT_KEPT", text("The column {title} is known and not imported", title=title)
    if column.field is not None:
        if column.sure:
            return None
        return Level.WARNING, "COLUMN_UNSURE", text("The column {title} may mean something else", title=title)
    if column.guess in taken:
        told = text("The column {title} means what another column means: only that one is read", title=title)
        return Level.WARNING, "COLUMN_TWICE", told
    if column.guess is not None:
        near = FIELDS[column.guess].title
        told = text("The column {title} is not known; is it {near}?", title=title, near=near)
        return Level.WARNING, "COLUMN_UNKNOWN", told
    return Level.WARNING, "COLUMN_UNKNOWN", text("The column {title} is not known and not imported", title=title)


def _of_sheet(level: Level, code: str, message: Text) -> Finding:
    return Finding(0, None, None, level, code, message)


def texts_above(recognised: Recognised) -> frozenset[str]:
    """What stands alone in lines above the header: titles of the sheet that a printed page repeats."""
    above: set[str] = set()
    for number, cells in recognised.workbook.lines(recognised.sheet):
        if number >= recognised.first_row:
            break
        filled = [squeezed(cell) for cell in cells if cell != ""]
        above.update(filled if len(filled) == 1 else ())
    return frozenset(above)
