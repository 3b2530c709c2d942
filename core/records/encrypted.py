"""Columns whose values are encrypted at rest, and the blind index by which equal ones are found. 加密列。"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model
from tortoise.queryset import QuerySet

from .fields import LongText, Text
from .keys import current_keyring

INDEX_CHARACTERS = 64
TAIL_CHARACTERS = 4


class NoRowError(TypeError):
    """An encrypted value was used without saying of which row it is."""


def bound_to(column: str, row: object) -> str:
    """What a value is bound to, so that it opens in no other place: `core_person.phone` and the row's id."""
    return f"{column}|{row}"


class Encrypted:
    """An encrypted value as it is stored: opened only by whoever asks for it, and never shown by mistake.

    Make one with `encrypt`; `column` is the one that it belongs to, `core_person.phone`, and `row` the id of its row.
    A record that is read knows its rows; values read without their record (`.values(..)`) are told by `of(row)`.
    """

    __slots__ = ("column", "row", "stored")

    def __init__(self, stored: str, column: str, row: UUID | None = None) -> None:
        self.stored, self.column, self.row = stored, column, row

    def of(self, row: UUID) -> Encrypted:
        """The same value, known to be of this row."""
        return Encrypted(self.stored, self.column, row)

    def decrypt(self) -> str:
        """The value in plain text. Raises TamperedError, also for a value that is another row's; MasterKeyError."""
        if self.row is None:
            raise NoRowError(f"nobody said of which row this value of {self.column} is: use value.of(row_id)")
        return current_keyring().decrypt(self.stored, bound_to(self.column, self.row))

    def __repr__(self) -> str:
        return f"<encrypted {self.column}>"

    def __eq__(self, other: object) -> bool:
        mine = (self.stored, self.column, self.row)
        return isinstance(other, Encrypted) and mine == (other.stored, other.column, other.row)

    def __hash__(self) -> int:
        return hash((self.stored, self.column, self.row))


class Placed(Encrypted):
    """A value of which `update_row` has seen to it that it goes into its own row alone."""

    __slots__ = ()


if TYPE_CHECKING:

    class _Column(fields.Field[Any], Encrypted):
        """What type checkers are to take it for: in a record its value is an `Encrypted`."""
else:
    _Column = LongText


class EncryptedText(_Column):
    """A text that is encrypted at rest: its Python value is `Encrypted`. Nothing orders or filters by it.

    Where equal values must be found, a companion column keeps the blind index, `phone_index = BlindIndex()`.
    """

    @property
    def place(self) -> str:
        """Table and column."""
        return f"{self.model._meta.db_table}.{self.model_field_name}"

    def to_python_value(self, value: Any) -> Encrypted | None:
        return value if value is None or isinstance(value, Encrypted) else Encrypted(value, self.place)

    def to_db_value(self, value: Any, instance: type[Model] | Model | None) -> str | None:
        """What is stored; refuses what would not open again in the row that it is written into."""
        if value is None:
            return None
        given: Encrypted = self._of_this_column(value)
        if isinstance(instance, Model):
            _check_row(given, instance.pk)
        elif not isinstance(given, Placed):
            raise NoRowError(f"a value of {self.place} opens in one row alone: write it by save() or update_row(..)")
        return given.stored

    def _of_this_column(self, value: Any) -> Encrypted:
        if not isinstance(value, Encrypted):
            raise TypeError(f"{self.place} is encrypted: write encrypt(..), find equals by a BlindIndex")
        if value.column != self.place:
            raise ValueError(f"a value of {value.column} does not open in {self.place}: encrypt it anew")
        return value


class BlindIndex(Text[Any]):
    """The companion of an EncryptedText: equal values have equal indexes, which tell nothing else. 盲索引。"""

    def __init__(self, max_length: int = INDEX_CHARACTERS, *, null: bool = True, **kwargs: Any) -> None:
        super().__init__(max_length, null=null, **kwargs)  # type: ignore[call-overload]  # null is not a literal here


class TailIndex(BlindIndex):
    """The companion of an EncryptedText for its last four letters or digits, `phone_tail = TailIndex()`. 尾号盲索引。

    Equal tails have equal indexes: without the key nothing tells which digits they are, but who shares a tail is seen.
    """


def encrypt(model: type[Model], column: str, value: str | None, row: UUID) -> Encrypted | None:
    """A value encrypted for a column of one row, in the district that is entered; None stays None.

    Whoever creates the row makes its id first: `id = new_id()`.
    """
    if value is None:
        return None
    place = _place(model, column)
    return Encrypted(current_keyring().encrypt(value, bound_to(place, row)), place, row)


async def update_row(rows: QuerySet[Any], row: UUID, **columns: Any) -> int:
    """`rows.filter(id=row).update(**columns)` for columns that may be encrypted; how many rows there were, 0 or 1.

    `rows` may set more conditions, such as the version that was read. Raises ValueError for another row's value.
    """
    return await rows.filter(id=row).update(**{name: _placed(value, row) for name, value in columns.items()})


def blind(model: type[Model], column: str, value: str | None) -> str | None:
    """What a value's BlindIndex keeps."""
    return None if value is None else current_keyring().blind(value, _place(model, column))


def blinds(model: type[Model], column: str, value: str) -> tuple[str, ...]:
    """What the index of an equal value may be, for `.filter(phone_index__in=...)`; more than one while keys rotate."""
    return current_keyring().blinds(value, _place(model, column))


def tail(value: str) -> str:
    """The last four letters or digits of a value, or all where it has fewer: of `138-0000 0011` 0011."""
    plain = unicodedata.normalize("NFKC", value).upper()
    return "".join(sign for sign in plain if sign.isalnum())[-TAIL_CHARACTERS:]


def tail_place(place: str) -> str:
    """What the tail indexes of a column are bound to, so that they equal no index of a whole value of four digits."""
    return f"{place}#tail"


def blind_tail(model: type[Model], column: str, value: str | None) -> str | None:
    """What a value's TailIndex keeps."""
    return None if value is None else current_keyring().blind(tail(value), tail_place(_place(model, column)))


def blind_tails(model: type[Model], column: str, ending: str) -> tuple[str, ...]:
    """What the tail index of a value that ends so may be; more than one while keys rotate."""
    return current_keyring().blinds(tail(ending), tail_place(_place(model, column)))


def decrypted(value: Encrypted | None) -> str | None:
    """The plain text of a value that may be absent."""
    return None if value is None else value.decrypt()


@cache
def encrypted_names(model: type[Model]) -> tuple[str, ...]:
    """The encrypted columns of a model, by their names in it."""
    return tuple(name for name, field in model._meta.fields_map.items() if isinstance(field, EncryptedText))


def _placed(value: Any, row: UUID) -> Any:
    if not isinstance(value, Encrypted):
        return value
    _check_row(value, row)
    return Placed(value.stored, value.column, row)


def _check_row(value: Encrypted, row: object) -> None:
    if value.row is None or value.row != row:
        raise ValueError(f"a value of {value.column} opens in the row alone that it was encrypted for: encrypt it anew")


def _place(model: type[Model], column: str) -> str:
    field = model._meta.fields_map[column]
    if not isinstance(field, EncryptedText):
        raise TypeError(f"{model.__name__}.{column} is no EncryptedText")
    return field.place
