"""What an event's `digest` binds: the plain values and the person as they stand, the person's values by a hash. 承诺。

Version 2 binds the plain values, their salt, the person's id and the hash of what is told of that person. All of these
stay when the person's key is destroyed, so an erasure leaves nothing but the personal values unverifiable. The hash has
a salt of its own that goes with the key: without it short values cannot be guessed. In version 1 the digest was that of
the whole payload under one salt, so that nothing of it could be judged after an erasure.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import orjson

from . import digest

MARK = "2:"
NEWEST = 2


def version_of(kept: str) -> int:
    """The version of a digest. It is part of the envelope, so that the chain covers it."""
    return NEWEST if kept.startswith(MARK) else 1


def of_person(suite: str, salt: str, told: Mapping[str, Any]) -> str:
    """The hash of what an event tells of a person."""
    return digest.hash_text(suite, _list("linli person 2", suite, salt, digest.canonical(told)))


def of_event(suite: str, *, salt: str, plain: str, person_id: object = None, personal: str | None = None) -> str:
    """The digest of version 2; `plain` is canonical JSON, `personal` is from `of_person`.

    43 characters of base64 behind the mark, since the column of the digest has 64. Raises UnknownSuiteError.
    """
    person = None if person_id is None else str(person_id)
    made = bytes.fromhex(digest.hash_text(suite, _list("linli payload 2", suite, salt, person, personal, plain)))
    return MARK + base64.urlsafe_b64encode(made).decode().rstrip("=")


def _list(*texts: str | None) -> str:
    """A list in JSON and not a row of texts with a mark between: nothing can move across its commas."""
    return orjson.dumps(texts).decode()


def joined(personal: str, closed: str) -> str:
    """The column `secret`: the hash, which outlives the key, before what only the key opens."""
    return f"{personal}:{closed}"


def parted(secret: str) -> tuple[str | None, str]:
    """The hash and what the key opens; of version 1 there is no hash."""
    personal, mark, closed = secret.partition(":")
    return (personal, closed) if mark else (None, secret)
