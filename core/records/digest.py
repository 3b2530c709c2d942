"""What exactly is hashed: the canonical JSON of a payload, the envelope of an event, and the chain. 摘要与哈希链。"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sm3(data: bytes) -> str:
    made = hashes.Hash(hashes.SM3())
    made.update(data)
    return made.finalize().hex()


SUITE = "SHA-256"
PLAIN = "PLAIN"
HASHES: Mapping[str, Callable[[bytes], str]] = {SUITE: _sha256, "SM3": _sm3}
BY_CRYPTO_SUITE: Mapping[str, str] = {"international": SUITE, "gm": "SM3"}
"""Which hash new events have, by the suite in which the district's values are encrypted."""
GREATEST_INTEGER = 2**53

# Every column of an event but `chain`, which is made of them. In the order of RFC 8785.
ENVELOPE = (
    "actor_id",
    "arrival",
    "at",
    "digest",
    "id",
    "ordinal",
    "org_id",
    "schema_version",
    "sequence",
    "subject_id",
    "subject_type",
    "suite",
    "transaction_id",
    "type",
)


class NotCanonicalError(ValueError):
    """A value has no canonical form here: a float, an integer beyond 2^53, a lone surrogate, an unknown type."""


class UnknownSuiteError(ValueError):
    """A row names a crypto suite that this version does not know."""


def canonical(value: object) -> str:
    """The one text of a JSON value (RFC 8785, JSON Canonicalization Scheme).

    Takes None, booleans, strings, integers within +-2^53, lists, tuples and mappings with string keys. Floats are
    refused: amounts are integers here. Raises NotCanonicalError with the path of what was refused.
    """
    try:
        ordered = _sorted(value)
    except NotCanonicalError:
        ordered = _ordered(value, "$")  # tells where
    try:
        return orjson.dumps(ordered).decode()
    except orjson.JSONEncodeError as error:
        raise NotCanonicalError(str(error)) from error


def _sorted(value: object) -> object:
    """As `_ordered`, without a word about where: nearly every payload is flat, with keys of plain letters."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is dict and all(type(key) is str and key.isascii() for key in value):  # type: ignore[attr-defined]
        return {key: _sorted(value[key]) for key in sorted(value)}  # type: ignore[call-overload,index]
    if kind is int and -GREATEST_INTEGER <= value <= GREATEST_INTEGER:  # type: ignore[operator]
        return value
    if kind is list or kind is tuple:
        return [_sorted(item) for item in value]  # type: ignore[attr-defined]
    return _ordered(value, "$")


def _ordered(value: object, path: str) -> object:
    match value:
        case None | bool() | str():
            return value
        case int():
            if abs(value) > GREATEST_INTEGER:
                raise NotCanonicalError(f"{path}: {value} is beyond 2^53, keep it as a string")
            return value
        case list() | tuple():
            return [_ordered(item, f"{path}[{place}]") for place, item in enumerate(value)]
        case Mapping():
            return {key: _ordered(value[key], f"{path}.{key}") for key in sorted(value, key=_place(path))}
    raise NotCanonicalError(f"{path}: {type(value).__name__} is not allowed; found {value!r}")


def _place(path: str) -> Callable[[object], bytes]:
    """RFC 8785 3.2.3 sorts keys by UTF-16 code units: U+1F600 comes before U+FB33."""

    def place(key: object) -> bytes:
        if not isinstance(key, str):
            raise NotCanonicalError(f"{path}: the key {key!r} is not a string")
        return key.encode("utf-16-be", "surrogatepass")

    return place


def hash_text(suite: str, text: str) -> str:
    """The hash of a text in UTF-8, in hexadecimal. Raises UnknownSuiteError."""
    try:
        make = HASHES[suite]
    except KeyError:
        raise UnknownSuiteError(f"unknown crypto suite {suite!r}, known are {sorted(HASHES)}") from None
    return make(text.encode("utf-8", "surrogatepass"))


def payload_digest(suite: str, salt: str, payload: str) -> str:
    """What binds a payload, given as canonical JSON, to its event without telling it."""
    return hash_text(suite, f"{suite}|{salt}|{payload}")


def opened(suite: str, payload: str) -> str:
    """A stored payload as canonical JSON. Raises UnknownSuiteError."""
    if suite != PLAIN:
        raise UnknownSuiteError(f"unknown payload suite {suite!r}, known is {PLAIN}")
    return payload


def genesis(suite: str, district: str) -> str:
    """What stands before the first event of a district, so that no other district's events can take its place."""
    return hash_text(suite, f"linli events 1|{district}")


def envelope(row: Mapping[str, Any]) -> str:
    """The canonical JSON of an event's columns, whatever the engine's way to give them."""
    # The names stand in canonical order already, and no value nests: that is RFC 8785 without the sorting.
    return orjson.dumps({name: _plain(row[name], instant=name == "at") for name in ENVELOPE}).decode()


def link(previous: str, row: Mapping[str, Any]) -> str:
    """The `chain` of the event that follows the one whose chain is `previous`."""
    return hash_text(row["suite"], f"{previous}|{envelope(row)}")


def _plain(value: Any, *, instant: bool) -> str | int | None:
    if value is None or type(value) is int:
        return value
    return _fixed_width(value) if instant else str(value)


def _fixed_width(at: datetime | str) -> str:
    """UTC with six decimals; a text that is no instant stays as it is, and then matches no chain."""
    try:
        instant = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    except (TypeError, ValueError):
        return str(at)
    if instant.tzinfo is None:
        return str(at)
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
