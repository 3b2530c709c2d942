"""Columns whose values are encrypted at rest, and the blind index by which equal ones are found. 加密列。"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tortoise import fields
from tortoise.models import Model

from .fields import LongText, Text
from .keys import current_keyring

INDEX_CHARACTERS = 64


class Encrypted:
    """An encrypted value as it is stored: opened only by whoever asks for it, and never shown by mistake.

    Make one with `encrypt`; `bound` is the column that it belongs to, `core_person.phone`.
    """

    __slots__ = ("bound", "stored")

    def __init__(self, stored: str, bound: str) -> None:
        self.stored, self.bound = stored, bound

    def decrypt(self) -> str:
        """The value in plain text. Raises TamperedError, MasterKeyError."""
        return current_keyring().decrypt(self.stored, self.bound)

    def __repr__(self) -> str:
        return f"<encrypted {self.bound}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Encrypted) and (self.stored, self.bound) == (other.stored, other.bound)

    def __hash__(self) -> int:
        return hash((self.stored, self.bound))


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
    def binding(self) -> str:
        """What a value is bound to: table and column."""
        return f"{self.model._meta.db_table}.{self.model_field_name}"

    def to_python_value(self, value: Any) -> Encrypted | None:
        return value if value is None or isinstance(value, Encrypted) else Encrypted(value, self.binding)

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Encrypted):
            raise TypeError(f"{self.binding} is encrypted: write encrypt(..), find equals by a BlindIndex")
        if value.bound != self.binding:
            raise ValueError(f"a value of {value.bound} does not open in {self.binding}: encrypt it anew")
        return value.stored


class BlindIndex(Text[Any]):
    """The companion of an EncryptedText: equal values have equal indexes, which tell nothing else. 盲索引。"""

    def __init__(self, max_length: int = INDEX_CHARACTERS, *, null: bool = True, **kwargs: Any) -> None:
        super().__init__(max_length, null=null, **kwargs)  # type: ignore[call-overload]  # null is not a literal here


def encrypt(model: type[Model], column: str, value: str | None) -> Encrypted | None:
    """A value encrypted for a column of a model, in the district that is entered; None stays None."""
    if value is None:
        return None
    bound = _bound(model, column)
    return Encrypted(current_keyring().encrypt(value, bound), bound)


def blind(model: type[Model], column: str, value: str | None) -> str | None:
    """What a value's BlindIndex keeps."""
    return None if value is None else current_keyring().blind(value, _bound(model, column))


def blinds(model: type[Model], column: str, value: str) -> tuple[str, ...]:
    """What the index of an equal value may be, for `.filter(phone_index__in=...)`; more than one while keys rotate."""
    return current_keyring().blinds(value, _bound(model, column))


def decrypted(value: Encrypted | None) -> str | None:
    """The plain text of a value that may be absent."""
    return None if value is None else value.decrypt()


def _bound(model: type[Model], column: str) -> str:
    field = model._meta.fields_map[column]
    if not isinstance(field, EncryptedText):
        raise TypeError(f"{model.__name__}.{column} is no EncryptedText")
    return field.binding
