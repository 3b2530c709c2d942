"""Column types that mean the same on both engines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import orjson
from tortoise import fields

from ..errors import invalid

if TYPE_CHECKING:
    from tortoise.models import Model

StrT = TypeVar("StrT", str, str | None)

_AT_MOST = "At most {limit} characters"


def _argument(column: str) -> str:
    """A column's name as inputs spell it."""
    first, *more = column.split("_")
    return first + "".join(word.capitalize() for word in more)


class Text(fields.CharField[StrT]):
    """Text of at most `max_length` characters that sorts by code point on both engines.

    PostgreSQL would sort by the server's locale otherwise, and cursors made on one engine would lie on another.
    """

    @overload
    def __init__(self: Text[str], max_length: int, *, null: Literal[False] = False, **kwargs: Any) -> None: ...

    @overload
    def __init__(self: Text[str | None], max_length: int, *, null: Literal[True], **kwargs: Any) -> None: ...

    def __init__(self, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length, **kwargs)  # type: ignore[misc]  # the overloads name the type of self

    def validate(self, value: Any) -> None:
        """Raise ValidationError TOO_LONG, where nobody did before, in words that do not repeat what was given.

        Tortoise quotes the whole text, which may be a name or a password and would stand in the log.
        """
        if isinstance(value, str) and len(value) > self.max_length:
            raise invalid(_argument(self.model_field_name), "TOO_LONG", _AT_MOST, limit=self.max_length)
        super().validate(value)

    class _db_postgres:  # noqa: N801  the name is Tortoise's convention
        def __init__(self, field: Text[Any]) -> None:
            self.field = field

        @property
        def SQL_TYPE(self) -> str:  # noqa: N802
            return f'VARCHAR({self.field.max_length}) COLLATE "C"'


class LongText(fields.TextField):
    """Text of any length; never ordered by."""


InstantT = TypeVar("InstantT", datetime, datetime | None)


class Instant(fields.DatetimeField[InstantT]):
    """An instant, kept in UTC. Filter values are brought to UTC too: SQLite compares instants as text.

    An instant without a zone raises ValueError, when a record is made of it as well: Tortoise would take it for UTC.
    """

    def to_python_value(self, value: Any) -> datetime | None:
        self._check_zone(value)
        return super().to_python_value(value)

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        self._check_zone(value)
        return None if value is None else value.astimezone(UTC)

    def _check_zone(self, value: Any) -> None:
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError(f"{self.model_field_name}: an instant needs a zone: {value}")


def _dumps(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _loads(text: str | bytes) -> Any:
    value = orjson.loads(text)
    # PostgreSQL keeps shorter keys first
    return orjson.loads(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)) if value else value


class Json(fields.JSONField[Any]):
    """A JSON value; keys sorted, so that equal values are equal bytes, and read in that order on both engines.

    For objects and lists; a float of 1e16 or more comes back as a whole number from PostgreSQL.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("encoder", _dumps)
        kwargs.setdefault("decoder", _loads)
        super().__init__(**kwargs)
