"""The scalars of the API, each with its specification."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

MAX_SAFE = 2**53

# Outside of these years clocks were not set by zones yet, and databases and calendars cannot answer any more.
FIRST_YEAR, LAST_YEAR = 1901, 2200
YEARS = f"a year from {FIRST_YEAR} to {LAST_YEAR - 1}"

DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)

_SPECIFICATION = "https://scalars.graphql.org/"


def _refuse(name: str, value: object, expected: str) -> GraphQLError:
    return GraphQLError(f"{name} cannot represent {value!r}: expected {expected}")


def _parse_long(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_SAFE:
        raise _refuse("Long", value, "a whole number within 2^53")
    return value


def _parse_datetime(value: Any) -> datetime:
    expected = "RFC 3339 with an offset, such as 2026-03-11T10:00:00+08:00"
    if not isinstance(value, str) or not RFC_3339.fullmatch(value):
        raise _refuse("DateTime", value, expected)
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise _refuse("DateTime", value, expected) from None
    if not FIRST_YEAR < parsed.year < LAST_YEAR:
        raise _refuse("DateTime", value, YEARS)
    return parsed.astimezone(UTC)


def parse_date(value: Any) -> date:
    """The day that "YYYY-MM-DD" names, in the years that calendars know; GraphQLError."""
    expected = "a calendar date such as 2026-03-11"
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise _refuse("Date", value, expected)
    try:
        parsed = date.fromisoformat(value)
    except ValueError:
        raise _refuse("Date", value, expected) from None
    if not FIRST_YEAR <= parsed.year < LAST_YEAR:
        raise _refuse("Date", value, YEARS)
    return parsed


def parse_decimal(value: Any) -> Decimal:
    """A decimal number as it is written, "98.50"; GraphQLError. Never a float, which would not be exact."""
    if not isinstance(value, str) or not DECIMAL.fullmatch(value):
        raise _refuse("Decimal", value, 'a decimal number in quotes such as "98.50"')
    return Decimal(value)


MINUTES_OF_A_DAY = 24 * 60


def parse_local_time(value: Any) -> int:
    """Minutes since midnight of "HH:MM"; "24:00" is the end of the day."""
    expected = "HH:MM, from 00:00 to 24:00"
    if not isinstance(value, str) or len(value) != len("08:30") or value[2] != ":":
        raise _refuse("LocalTime", value, expected)
    hours, minutes = value[:2], value[3:]
    if not (hours.isascii() and hours.isdigit() and minutes.isascii() and minutes.isdigit()):
        raise _refuse("LocalTime", value, expected)
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > MINUTES_OF_A_DAY:  # noqa: PLR2004  minutes of an hour
        raise _refuse("LocalTime", value, expected)
    return total


def format_local_time(minutes: int) -> str:
    """Minutes since midnight as "HH:MM"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


Long = NewType("Long", int)
Fen = NewType("Fen", int)
LocalTime = NewType("LocalTime", int)
JSON = NewType("JSON", object)
GeoJSON = NewType("GeoJSON", object)


def scalars(zone: ZoneInfo) -> dict[object, ScalarDefinition]:
    """The scalars of one schema: instants leave it in the district's zone."""
    return {
        Long: strawberry.scalar(
            name="Long",
            description="A whole number within 2^53. 长整数。",
            specified_by_url=_SPECIFICATION + "chillicream/long.html",
            serialize=_parse_long,
            parse_value=_parse_long,
        ),
        Fen: strawberry.scalar(
            name="Fen",
            description="Money in fen, a hundredth of a yuan, within 2^53. 金额（分）。",
            specified_by_url=_SPECIFICATION + "chillicream/long.html",
            serialize=_parse_long,
            parse_value=_parse_long,
        ),
        Decimal: strawberry.scalar(
            name="Decimal",
            description="A decimal number, written in quotes and never rounded. 十进制数。",
            specified_by_url="https://www.w3.org/TR/xmlschema-2/#decimal",
            serialize=lambda value: format(value, "f"),
            parse_value=parse_decimal,
        ),
        datetime: strawberry.scalar(
            name="DateTime",
            description="An instant: RFC 3339 with offset, answered in the district's zone. 时刻。",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
            serialize=lambda value: value.astimezone(zone).isoformat(),
            parse_value=_parse_datetime,
        ),
        date: strawberry.scalar(
            name="Date",
            description="A calendar date, YYYY-MM-DD. 日期。",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
            serialize=lambda value: value.isoformat(),
            parse_value=parse_date,
        ),
        LocalTime: strawberry.scalar(
            name="LocalTime",
            description="A time of day, HH:MM in the district's zone; 24:00 is allowed as an end. 当地时间。",
            specified_by_url=_SPECIFICATION + "apollographql/localtime-v0.1.html",
            serialize=format_local_time,
            parse_value=parse_local_time,
        ),
        JSON: strawberry.scalar(
            name="JSON",
            description="A JSON value whose JSON Schema is published where it is used. JSON 值。",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
            serialize=lambda value: value,
            parse_value=lambda value: value,
        ),
        GeoJSON: strawberry.scalar(
            name="GeoJSON",
            description="A GeoJSON geometry, Polygon or MultiPolygon, in the datum that is said beside. 边界几何。",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc7946#section-3.1",
            serialize=lambda value: value,
            parse_value=lambda value: value,
        ),
    }


def global_id(type_name: str, id_: UUID) -> str:
    """The opaque id by which a client knows a record."""
    return base64.b64encode(f"{type_name}:{id_}".encode()).decode()


def parse_global_id(value: str) -> tuple[str, UUID] | None:
    """Type name and id in a global id; None when it is not one."""
    try:
        name, _, rest = base64.b64decode(value, validate=True).decode().partition(":")
        return name, UUID(rest)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
