"""Tokens: values that nobody else uses, which stand in a statement for what each request gives anew."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

from linli.core import clock

Values = Sequence[Any]
"""What one request gives, in the order in which the tokens were made; then the present instant."""
Make = Callable[[Values], Any]

_FIRST, _LAST = 0xF0000, 0xFFFFD
_SECONDS = 3_000_000_000
_ABOUT_NOW = timedelta(days=1)
_RANDOM = random.SystemRandom()


class NotCompilableError(Exception):
    """Why something is left to the other executor: for developers, and never shown to a client."""


class Whole(UUID):
    """An id that stands for another as it is and in its usual spelling; in any other nobody would know it again."""

    __slots__ = ()

    def _apart(self) -> NoReturn:
        raise NotCompilableError("a resolver takes an id apart")

    hex = bytes = bytes_le = fields = urn = node = property(_apart)
    time = time_low = time_mid = time_hi_version = clock_seq = clock_seq_low = property(_apart)


class Reference(Whole):
    """The id in a column of a row that the statement itself reads; whoever looks at its value cannot be compiled."""

    __slots__ = ()

    def _refuse(self, *_: object) -> NoReturn:
        raise NotCompilableError("a resolver looks at a value of its row")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __hash__ = _refuse


class Day(date):
    """A day that the operation itself names, and not one that Python reckoned from today's."""

    __slots__ = ()


class Moment(datetime):
    """An instant that a client gave; whoever asks what comes before it and what after cannot be compiled."""

    __slots__ = ()

    def _refuse(self, *_: object) -> NoReturn:
        raise NotCompilableError("a resolver looks at an instant that it was given")

    __lt__ = __le__ = __gt__ = __ge__ = _refuse


class Given(str):
    """A text that a client gave; whoever looks at more than how long it is cannot be compiled."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise NotCompilableError("a resolver looks at a text that it was given")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __getitem__ = __iter__ = _refuse
    __hash__ = _refuse
    casefold = lower = upper = title = capitalize = swapcase = strip = lstrip = rstrip = _refuse
    startswith = endswith = removeprefix = removesuffix = partition = rpartition = split = rsplit = _refuse
    splitlines = find = rfind = index = rindex = count = encode = translate = zfill = _refuse
    isascii = isalnum = isalpha = isdecimal = isdigit = isnumeric = isidentifier = isspace = _refuse
    islower = isupper = istitle = isprintable = _refuse


_EARLIEST = Moment(1950, 1, 1, tzinfo=UTC)


def private(text: str) -> bool:
    """Whether a text holds characters of which tokens for texts are made."""
    return any(_FIRST <= ord(character) <= _LAST for character in text)


class Tokens:
    """The tokens of one statement, and what becomes of values that hold some of them."""

    def __init__(self) -> None:
        self._places: dict[Any, int] = {}
        self._constants: dict[Any, Any] = {}
        self._references: dict[str, str] = {}
        self._nullable: set[str] = set()
        self._dates: set[date] = set()
        self._withheld: set[str] = set()
        self._from = clock.now()
        self._used: set[int] = set()

    def text(self, place: int, length: int) -> str:
        """A text of this length that stands for the value at a place."""
        return Given(self._mark(self._character() * length, place))

    def id(self, place: int) -> UUID:
        """An id that stands for the one at a place."""
        made = Whole(int=_RANDOM.getrandbits(128))
        self._mark(str(made), place)
        return made

    def segment(self, place: int, token: str) -> str:
        """A part of a path that stands for the one at a place."""
        return self._mark(token, place)

    def raw(self, token: str, place: int) -> str:
        """A text that was made of other tokens and stands for the one at a place."""
        return self._mark(token, place)

    def instant(self, place: int | None, real: datetime | None = None) -> datetime:
        """An instant that stands for the one at a place, or for one that is always the same."""
        made = _EARLIEST + timedelta(seconds=_RANDOM.randrange(_SECONDS), microseconds=_RANDOM.randrange(1, 1_000_000))
        if place is None:
            self._constants[made] = real
        else:
            self._places[made] = place
        return made

    def number(self, place: int) -> int:
        """A number that stands for the one at a place."""
        made = _RANDOM.randrange(2**30, 2**31 - 1)
        self._places[made] = place
        return made

    def allow(self, day: date) -> None:
        """A day that a cursor of the operation names; one about now might be today's, and is not told apart."""
        if abs(day - self._from.date()) > _ABOUT_NOW:
            self._dates.add(day)

    def reference(self, sql: str, *, nullable: bool) -> Reference:
        """An id that stands for a column."""
        made = Reference(int=_RANDOM.getrandbits(128))
        self._references[str(made)] = sql
        if nullable:
            self._nullable.add(str(made))
        return made

    def withheld(self) -> UUID:
        """An id in the place of one that is another with the next who asks alike: no statement holds it."""
        made = Reference(int=_RANDOM.getrandbits(128))
        self._withheld.add(str(made))
        return made

    def unknown(self) -> str:
        """A text in the place of one that is another with the next who asks alike: no statement holds it."""
        return Given(self._character())

    def text_of(self, sql: str) -> str:
        """A text that stands for an expression on columns."""
        made = self._character()
        self._references[made] = sql
        return made

    def column(self, value: Any, *, nullable: bool = True) -> str | None:
        """The SQL of the column that a value stands for; where that may be null it must be a look-up's."""
        if not isinstance(value, str | UUID):
            return None
        value = _plain(value)
        if not nullable and str(value) in self._nullable:
            raise NotCompilableError("a list hangs on a column that may be null")
        return self._references.get(str(value))

    def knows(self, value: Any) -> bool:
        """Whether a value is one of these."""
        value = _plain(value)
        return value in self._places or value in self._constants

    def made(self, value: Any) -> Make:
        """How a parameter is made for each request. Raises NotCompilableError for what this cannot know."""
        value = _plain(value)
        if isinstance(value, list | tuple):
            makes = [self.made(one) for one in value]
            return lambda values: [make(values) for make in makes]
        ways: tuple[tuple[type, Callable[[Any], Make]], ...] = (
            (datetime, self._instant),
            (date, self._date),
            (UUID, self._id),
            (str, self._text),
            (bool, _always),
            (int, self._number),
        )
        return next((way(value) for of, way in ways if isinstance(value, of)), _always(value))

    def _date(self, value: date) -> Make:
        if not isinstance(value, Day) and value not in self._dates:
            raise NotCompilableError("a condition rests on today's date")
        return _always(date(value.year, value.month, value.day))

    def _id(self, value: UUID) -> Make:
        if str(value) in self._withheld:
            raise NotCompilableError("a condition rests on the id of a grant")
        place = self._places.get(str(value))
        return _always(value) if place is None else lambda values: UUID(values[place])

    def _number(self, value: int) -> Make:
        place = self._places.get(value)
        return _always(value) if place is None else _at(place)

    def _instant(self, value: datetime) -> Make:
        if value in self._places:
            return _at(self._places[value])
        if value in self._constants:
            return _always(self._constants[value])
        if not self._from <= value <= clock.now():
            raise NotCompilableError("a condition rests on an instant that is not the present")
        return _at(-1)

    def _text(self, value: str) -> Make:
        whole = self._places.get(value)
        if whole is not None:
            return _at(whole)
        if value in self._references or any(one in value for one in self._references):
            raise NotCompilableError("a column stands inside a list or a text")
        if any(one in value for one in self._withheld):
            raise NotCompilableError("a condition rests on the id of a grant")
        parts = self._parted(value)
        if len(parts) == 1:
            if private(value):
                raise NotCompilableError("a text holds private characters")
            return _always(value)
        return lambda values: "".join(part if isinstance(part, str) else str(values[part]) for part in parts)

    def _parted(self, value: str) -> list[str | int]:
        known = [token for token in self._places if isinstance(token, str) and token in value]
        if not known:
            return [value]
        found = re.split("|".join(f"({re.escape(token)})" for token in sorted(known, key=len, reverse=True)), value)
        return [self._places.get(part, part) for part in found if part]

    def _mark(self, token: str, place: int) -> str:
        self._places[token] = place
        return token

    def _character(self) -> str:
        while (code := _RANDOM.randrange(_FIRST, _LAST)) in self._used:
            continue
        self._used.add(code)
        return chr(code)


def _plain(value: Any) -> Any:
    """A value that may be looked at here, in the place of one at which resolvers may not look."""
    if isinstance(value, Reference):
        return UUID(int=value.int)
    return str.__str__(value) if isinstance(value, Given) else value


def _always(value: Any) -> Make:
    return lambda _values: value


def _at(place: int) -> Make:
    return lambda values: values[place]
