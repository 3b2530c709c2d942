"""How values become JSON in SQL, for each engine: every expression here is the text of a JSON value, never null."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import orjson
from tortoise import fields as columns
from tortoise.fields.base import Field

from linli.core.records.encrypted import EncryptedText

MAX_ARGUMENTS = 90
_LITERAL = re.compile(r"'(?:[^']|'')*'")

BAIL = "\x02"
"""In the place of what GraphQL answers by an error; no JSON text holds it, since it stands there as an escape."""


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def _merged(parts: Sequence[str]) -> list[str]:
    """The parts with literals that follow each other made one."""
    found: list[str] = []
    for part in parts:
        if found and _LITERAL.fullmatch(part) and _LITERAL.fullmatch(found[-1]):
            found[-1] = found[-1][:-1] + part[1:]
        else:
            found.append(part)
    return found


def column_kind(column: Field[object]) -> str | None:
    """What a column holds, as far as its JSON is known here."""
    if isinstance(column, EncryptedText):
        return None
    kinds: tuple[tuple[type, str], ...] = (
        (columns.UUIDField, "uuid"),
        (columns.CharField, "text"),
        (columns.TextField, "text"),
        (columns.BooleanField, "boolean"),
        (columns.IntField, "number"),
        (columns.BigIntField, "number"),
        (columns.DatetimeField, "instant"),
        (columns.DateField, "date"),
        (columns.JSONField, "json"),
    )
    return next((kind for of, kind in kinds if isinstance(column, of)), None)


@cache
def fixed_offset(zone: str) -> int | None:
    """The seconds by which a zone's clocks differ from UTC ever since 1992, where that is always the same."""
    start, known = datetime(1992, 1, 1, tzinfo=UTC), ZoneInfo(zone)
    found = {(start + timedelta(days=days)).astimezone(known).utcoffset() for days in range(0, 80_000, 10)}
    offset = found.pop()
    return int(offset.total_seconds()) if not found and offset is not None else None


class Dialect(ABC):
    """What both engines spell alike, and what each spells in its own way."""

    name: str
    count_more = ""

    @abstractmethod
    def text(self, sql: str) -> str: ...

    @abstractmethod
    def boolean(self, sql: str) -> str: ...

    @abstractmethod
    def instant(self, sql: str, zone: str) -> str: ...

    @abstractmethod
    def date(self, sql: str) -> str: ...

    @abstractmethod
    def local_time(self, sql: str) -> str:
        """Minutes since midnight."""

    @abstractmethod
    def global_id(self, type_name: str, sql: str) -> str: ...

    @abstractmethod
    def cursor(self, name: str, keys: Sequence[tuple[str, str]]) -> str:
        """The cursor of a row; `keys` are the kinds and the SQL of its values."""

    @abstractmethod
    def whole(self, sql: str) -> str:
        """A text as bytes."""

    @abstractmethod
    def joined(self, sql: str, order: str, condition: str) -> str:
        """The texts of rows with commas between; `order` and `condition` may be empty."""

    @abstractmethod
    def least(self, one: str, other: str) -> str: ...

    @abstractmethod
    def raw(self, kind: str | None, sql: str) -> str:
        """A column as it goes into a JSON array from which a record is made."""

    @abstractmethod
    def array(self, parts: Sequence[str]) -> str: ...

    @abstractmethod
    def _concat(self, parts: Sequence[str]) -> str:
        """Texts one after the other, no more than a function takes; null counts as nothing."""

    def concat(self, parts: Sequence[str]) -> str:
        """Texts one after the other, however many; null counts as nothing."""
        merged = _merged(parts)
        if len(merged) <= MAX_ARGUMENTS:
            return self._concat(merged)
        halves = merged[:MAX_ARGUMENTS], merged[MAX_ARGUMENTS:]
        return f"({' || '.join(self.concat(half) for half in halves)})"

    def quoted(self, sql: str) -> str:
        """A value that needs no escapes, in quotes."""
        return self.or_null(self.strict_concat(["'\"'", sql, "'\"'"]))

    def strict_concat(self, parts: Sequence[str]) -> str:
        """Texts one after the other; null where one of them is."""
        return f"({' || '.join(parts)})"

    def or_null(self, sql: str) -> str:
        return f"coalesce({sql}, 'null')"

    def number(self, sql: str, least: int, most: int) -> str:
        whole = f"CASE WHEN {sql} BETWEEN {least} AND {most} THEN CAST({sql} AS TEXT) ELSE '{BAIL}' END"
        return f"CASE WHEN {sql} IS NULL THEN 'null' ELSE {whole} END"

    def small_number(self, sql: str) -> str:
        return f"coalesce(CAST({sql} AS TEXT), 'null')"

    def json(self, sql: str) -> str:
        return f"coalesce(CAST({sql} AS TEXT), 'null')"

    def enum(self, sql: str, names: Mapping[str, str]) -> str:
        """A value of an enum by its stored value."""
        known = " ".join(
            f"WHEN {literal(value)} THEN {literal(orjson.dumps(name).decode())}" for value, name in names.items()
        )
        return f"CASE WHEN {sql} IS NULL THEN 'null' ELSE CASE {sql} {known} ELSE '{BAIL}' END END"


class Sqlite(Dialect):
    """SQLite: what it lacks are functions of ours."""

    name = "sqlite"
    count_more = " LIMIT -1"

    def _concat(self, parts: Sequence[str]) -> str:
        if len(parts) == 1 and _LITERAL.fullmatch(parts[0]):
            return parts[0]
        # the parser's stack holds a hundred entries, and operators between nested texts take more of them
        template = "".join(part[1:-1].replace("%", "%%") if _LITERAL.fullmatch(part) else "%s" for part in parts)
        values = [part for part in parts if not _LITERAL.fullmatch(part)]
        return f"printf('{template}', {', '.join(values)})"

    def text(self, sql: str) -> str:
        return f"json_quote({sql})"

    def boolean(self, sql: str) -> str:
        return f"CASE {sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END"

    def instant(self, sql: str, zone: str) -> str:
        made = f"'\"' || linli_instant({sql}, {literal(zone)}) || '\"'"
        return f"CASE WHEN {sql} IS NULL THEN 'null' ELSE {made} END"

    def date(self, sql: str) -> str:
        return self.quoted(sql)

    def global_id(self, type_name: str, sql: str) -> str:
        return f"('\"' || linli_base64({literal(type_name + ':')} || {sql}) || '\"')"

    def local_time(self, sql: str) -> str:
        return self.quoted(f"CASE WHEN {sql} IS NOT NULL THEN printf('%02d:%02d', {sql} / 60, {sql} % 60) END")

    def cursor(self, name: str, keys: Sequence[tuple[str, str]]) -> str:
        kinds = ",".join(kind if kind in ("instant", "boolean") else "plain" for kind, _ in keys)
        values = ", ".join(sql for _, sql in keys)
        return f"('\"' || linli_key({literal(name)}, {literal(kinds)}, {values}) || '\"')"

    def whole(self, sql: str) -> str:
        return f"CAST({sql} AS BLOB)"

    def joined(self, sql: str, order: str, condition: str) -> str:
        narrowed = f" FILTER (WHERE {condition})" if condition else ""
        return f"group_concat({sql}, ','){narrowed}"

    def least(self, one: str, other: str) -> str:
        return f"min({one}, {other})"

    def raw(self, kind: str | None, sql: str) -> str:
        return sql

    def array(self, parts: Sequence[str]) -> str:
        return f"json_array({', '.join(parts)})"


class Postgres(Dialect):
    """PostgreSQL."""

    name = "postgres"

    def _concat(self, parts: Sequence[str]) -> str:
        return f"concat({', '.join(parts)})"

    def text(self, sql: str) -> str:
        return f"coalesce(to_json({sql})::text, 'null')"

    def quoted(self, sql: str) -> str:
        return f"coalesce('\"' || {sql} || '\"', 'null')"

    def boolean(self, sql: str) -> str:
        return f"coalesce({sql}::text, 'null')"

    def instant(self, sql: str, zone: str) -> str:
        offset = fixed_offset(zone)
        long = _long_instant(sql, zone)
        if offset is None or offset % 60:
            return f"CASE WHEN {sql} IS NULL THEN 'null' ELSE {long} END"
        spelled = f"{'-' if offset < 0 else '+'}{abs(offset) // 3600:02d}:{abs(offset) // 60 % 60:02d}"
        at = f"({sql} AT TIME ZONE 'UTC' + interval '{offset} seconds')"
        quick = f"concat('\"', {_local(at)}, '{spelled}\"')"
        recent = f"CASE WHEN {sql} >= '1992-01-01 00:00:00+00'::timestamptz THEN {quick} ELSE {long} END"
        return f"CASE WHEN {sql} IS NULL THEN 'null' ELSE {recent} END"

    def date(self, sql: str) -> str:
        return self.quoted(f"to_char({sql}, 'YYYY-MM-DD')")

    def global_id(self, type_name: str, sql: str) -> str:
        whole = f"concat({literal(f'{type_name}:')}, {sql})"
        return f"concat('\"', {_encoded(whole)}, '\"')"

    def local_time(self, sql: str) -> str:
        hours, minutes = f"lpad(({sql} / 60)::text, 2, '0')", f"lpad(({sql} % 60)::text, 2, '0')"
        return self.quoted(f"({hours} || ':' || {minutes})")

    def cursor(self, name: str, keys: Sequence[tuple[str, str]]) -> str:
        spelled = {"instant": lambda sql: self.instant(sql, "UTC"), "date": self.date, "uuid": self.quoted}
        values: list[str] = []
        for kind, sql in keys:
            make = spelled.get(kind, self.text if kind == "text" else self.boolean)
            values += [make(sql), "','"]
        head = literal(f"[{orjson.dumps(name).decode()},[")
        whole = _encoded(self.concat([head, *values[:-1], "']]'"]))
        return f"concat('\"', translate({whole}, '+/', '-_'), '\"')"

    def whole(self, sql: str) -> str:
        return f"convert_to({sql}, 'UTF8')"

    def joined(self, sql: str, order: str, condition: str) -> str:
        narrowed = f" FILTER (WHERE {condition})" if condition else ""
        ordered = f" ORDER BY {order}" if order else ""
        return f"string_agg({sql}, ','{ordered}){narrowed}"

    def least(self, one: str, other: str) -> str:
        return f"least({one}, {other})"

    def raw(self, kind: str | None, sql: str) -> str:
        return sql if kind in ("number", "boolean") else f"({sql})::text"

    def array(self, parts: Sequence[str]) -> str:
        return f"json_build_array({', '.join(parts)})::text"


def _encoded(sql: str) -> str:
    """A text in base64, in one line."""
    return f"translate(encode(convert_to({sql}, 'UTF8'), 'base64'), E'\\n', '')"


def _local(at: str) -> str:
    """A local time, its fraction only where it has one, as Python writes it."""
    fraction = f"CASE WHEN {at} = date_trunc('second', {at}) THEN '' ELSE to_char({at}, '.US') END"
    return f"""to_char({at}, 'YYYY-MM-DD"T"HH24:MI:SS'), {fraction}"""


def _long_instant(sql: str, zone: str) -> str:
    at = f"({sql} AT TIME ZONE {literal(zone)})"
    seconds = f"extract(epoch FROM {at} - ({sql} AT TIME ZONE 'UTC'))::int"
    sign = f"CASE WHEN {seconds} < 0 THEN '-' ELSE '+' END"
    pair = "lpad(({})::text, 2, '0')"
    hours, minutes = pair.format(f"abs({seconds}) / 3600"), pair.format(f"abs({seconds}) / 60 % 60")
    odd = f"CASE WHEN {seconds} % 60 <> 0 THEN ':' || {pair.format(f'abs({seconds}) % 60')} ELSE '' END"
    return f"concat('\"', {_local(at)}, {sign}, {hours}, ':', {minutes}, {odd}, '\"')"


DIALECTS: Mapping[str, Dialect] = {"sqlite": Sqlite(), "postgres": Postgres()}
